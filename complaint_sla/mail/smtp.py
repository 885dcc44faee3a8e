"""Mail to an SMTP server: a few connections kept open, TLS verified, every failure told apart by its phase.

aiosmtplib is driven command by command: only the phase tells whether a message
is certainly not delivered or may have been. Knows nothing of what it carries.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib.protocol import PERIOD_REGEX, SMTPProtocol, normalize_message_line_endings

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail.replies import CLOSING, Phase, classified, lost, screened
from complaint_sla.mail.servers import Security, SmtpServer

# Seconds after which an unused connection is not trusted any more: firewalls forget a quiet one without
# telling either end, and the next command would hang until the attempt's time is over.
_FRESH = 30.0
# Seconds that a farewell may take; nothing depends on it.
_FAREWELL = 2.0
# "Go on, I listen": the reply to DATA.
_GO_ON = 354


class _RefusedError(Exception):
    """The server's reply was not the one that leads on."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class _UnusableError(Exception):
    """Found out on this side: nothing was asked of the server, or it can't do what we insist on."""


@dataclass(eq=False)
class _Line:
    """One connection. `untidy`: a transaction was broken off, and RSET must come before the next."""

    client: aiosmtplib.SMTP
    transport: asyncio.BaseTransport | None = None
    used_at: float = 0.0
    kept: bool = False
    untidy: bool = False

    def cut(self) -> None:
        # Closing would first send on what still waits to be written, after a time-out the rest of a message
        # that has been given up, and through TLS would wait for the other side's farewell.
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.abort()
        self.client.close()


@dataclass
class _Attempt:
    """How far one sending has come, for those who must judge why it ended."""

    phase: Phase = Phase.CONNECT
    line: _Line | None = None


class SmtpTransport:
    """At most `connections` at a time, kept open between messages, all in one event loop.

    `tls` replaces the default context, which trusts the system's authorities.
    """

    def __init__(self, server: SmtpServer, connections: int = 4, tls: ssl.SSLContext | None = None) -> None:
        self.server = server
        self._tls = tls
        self._free = asyncio.Semaphore(connections)
        self._idle: list[_Line] = []
        self._closed = False

    @property
    def leaves_machine(self) -> bool:
        return not self.server.is_loopback

    async def send(self, recipient: str, message: bytes) -> Reply:
        """Sends one message within `server.timeout` seconds, waiting for a free connection included."""
        if not recipient.isascii() or re.search(r"[\s<>\x00-\x1f\x7f]", recipient) or "@" not in recipient:
            return Reply(Answer.NO_ADDRESS, None, "not an address that SMTP can carry")
        return await self._answered(recipient, message)

    async def check(self) -> Reply:
        """Connects anew, up to the login, and says NOOP."""
        return await self._answered(None, b"")

    async def close(self) -> None:
        """Says QUIT on the connections that nobody uses; those in use are cut when they come back."""
        self._closed = True
        lines, self._idle = self._idle, []
        await asyncio.gather(*(self._farewell(line) for line in lines))

    async def _answered(self, recipient: str | None, message: bytes) -> Reply:
        attempt = _Attempt()
        try:
            async with asyncio.timeout(self.server.timeout), self._free:
                return await self._tried(attempt, recipient, message)
        except TimeoutError:
            waited = f"no answer within {self.server.timeout:g} s ({attempt.phase.value})"
            return Reply(lost(attempt.phase), None, waited)

    async def _tried(self, attempt: _Attempt, recipient: str | None, message: bytes) -> Reply:
        """What goes wrong becomes a reply, except a cancellation, which is also how time runs out."""
        try:
            try:
                return await self._carried(attempt, recipient, message)
            except (_RefusedError, aiosmtplib.SMTPException, OSError) as error:
                if not _is_stale(attempt, error):
                    raise
                # The server has closed a kept connection, as it may at any time. The other kept ones are
                # likely no better, and there is one second try.
                self._cut_all()
                self._cut(attempt)
                attempt.phase = Phase.CONNECT
                return await self._carried(attempt, recipient, message)
        except _RefusedError as error:
            answer = classified(attempt.phase, error.code, error.text)
            if answer in {Answer.LATER, Answer.NO_ADDRESS, Answer.REFUSED} and error.code != CLOSING:
                self._keep(attempt)
            return self._reply(answer, error.code, error.text)
        except aiosmtplib.SMTPResponseException as error:
            # Refused while connecting, or an answer that is not SMTP at all.
            return self._reply(
                classified(attempt.phase, error.code, error.message), error.code, error.message
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            return self._reply(lost(attempt.phase), None, str(error) or type(error).__name__)
        except (_UnusableError, ValueError) as error:
            # ValueError: a host or a sender that can't be written into a command.
            return self._reply(Answer.SERVER, None, str(error))
        finally:
            # Whatever was not put back, by a cancellation too, has been left in mid-sentence.
            self._cut(attempt)

    async def _carried(self, attempt: _Attempt, recipient: str | None, message: bytes) -> Reply:
        line = self._kept() if recipient is not None else None
        attempt.line = line = line or await self._connected(attempt)
        attempt.phase = Phase.MAIL
        client = line.client
        if recipient is None:
            response = await _ask(client, b"NOOP")
        else:
            await _tidy(line)
            sender = f"FROM:<{self.server.sender}>".encode("ascii")
            await _ask(client, b"MAIL", sender)
            line.untidy = True
            attempt.phase = Phase.RCPT
            await _ask(client, b"RCPT", f"TO:<{recipient}>".encode("ascii"))
            attempt.phase = Phase.DATA
            await _ask(client, b"DATA", expected=_GO_ON)
            _write(client, message)
            # From here on the server may have all of it.
            attempt.phase = Phase.TEXT
            response = await _answer(client)
            line.untidy = False
        self._keep(attempt)
        return self._reply(Answer.ACCEPTED, response.code, response.message)

    def _reply(self, answer: Answer, code: int | None, text: str) -> Reply:
        # aiosmtplib gives what is no reply at all a negative code.
        return Reply(answer, code if code and code > 0 else None, screened(text, self.server))

    async def _connected(self, attempt: _Attempt) -> _Line:
        server = self.server
        if server.user is not None and server.password is None:
            raise _UnusableError("a user is set, but no password")
        if self._tls is None and server.security is not Security.PLAIN:
            # Reads the system's list of authorities, some 20 ms: once.
            self._tls = ssl.create_default_context()
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            # Asked for below, where its absence is an error, and after our own greeting.
            start_tls=False,
            tls_context=self._tls,
            # One clock for the whole attempt, in `_answered`.
            timeout=None,
            # aiosmtplib would ask the resolver for one, for seconds where that is slow.
            local_hostname="localhost",
        )
        line = attempt.line = _Line(client)
        await client.connect()
        line.transport = client.transport
        client.local_hostname = _own_name(client.get_transport_info("sockname"))
        await client.ehlo()
        if server.security is Security.STARTTLS:
            await client.starttls()
            line.transport = client.transport
            await client.ehlo()
        if server.user is not None and server.password is not None:
            await self._log_in(client, server.user, server.password)
        return line

    async def _log_in(self, client: aiosmtplib.SMTP, user: str, password: str) -> None:
        """One try with one method: a wrong password tried in three ways locks an account sooner."""
        offered = client.server_auth_methods
        if self.server.security is Security.PLAIN and "cram-md5" in offered:
            await client.auth_crammd5(user, password)
        elif "plain" in offered:
            await client.auth_plain(user, password)
        elif "login" in offered:
            await client.auth_login(user, password)
        elif "cram-md5" in offered:
            await client.auth_crammd5(user, password)
        else:
            raise _UnusableError(
                f"the server offers no login that is known here: {', '.join(offered) or 'none at all'}"
            )

    def _kept(self) -> _Line | None:
        """The kept connection used last, if it is still open and has not been quiet for too long."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.client.is_connected and now - line.used_at < _FRESH:
                line.kept = True
                return line
            line.cut()
        return None

    def _keep(self, attempt: _Attempt) -> None:
        """Keeps the connection for the next message, if it is still open."""
        line = attempt.line
        if line is not None and line.client.is_connected and not self._closed:
            line.used_at = asyncio.get_running_loop().time()
            self._idle.append(line)
            attempt.line = None

    def _cut(self, attempt: _Attempt) -> None:
        line, attempt.line = attempt.line, None
        if line is not None:
            line.cut()

    def _cut_all(self) -> None:
        lines, self._idle = self._idle, []
        for line in lines:
            line.cut()

    async def _farewell(self, line: _Line) -> None:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            async with asyncio.timeout(_FAREWELL):
                await line.client.quit()
        line.cut()


async def _tidy(line: _Line) -> None:
    """Ends what is left of a broken transaction. Raises SMTPServerDisconnected if that is refused."""
    if line.untidy:
        try:
            await _ask(line.client, b"RSET")
        except _RefusedError as error:
            raise aiosmtplib.SMTPServerDisconnected(error.text) from None
        line.untidy = False


async def _ask(client: aiosmtplib.SMTP, *command: bytes, expected: int = 2) -> aiosmtplib.SMTPResponse:
    """The reply to a command. Raises _RefusedError unless it begins with `expected`."""
    return _led_on(await client.execute_command(*command), expected)


def _write(client: aiosmtplib.SMTP, message: bytes) -> None:
    """Hands over the text with its final dot. Raises SMTPServerDisconnected before a byte of it has left."""
    # RFC 5321, 4.5.2: a line that begins with a dot gets a second one.
    text = PERIOD_REGEX.sub(b"..", normalize_message_line_endings(message))
    _protocol(client).write(text + b".\r\n")


async def _answer(client: aiosmtplib.SMTP) -> aiosmtplib.SMTPResponse:
    """The reply to the text. Raises _RefusedError."""
    return _led_on(await _protocol(client).read_response(), 2)


def _led_on(response: aiosmtplib.SMTPResponse, expected: int) -> aiosmtplib.SMTPResponse:
    if not str(response.code).startswith(str(expected)):
        raise _RefusedError(response.code, response.message)
    return response


def _protocol(client: aiosmtplib.SMTP) -> SMTPProtocol:
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    return client.protocol


def _is_stale(attempt: _Attempt, error: Exception) -> bool:
    """Whether a kept connection failed as a new one need not. 421 is how a server ends a quiet one."""
    if attempt.line is None or not attempt.line.kept or attempt.phase is Phase.TEXT:
        return False
    return not isinstance(error, _RefusedError) or (error.code == CLOSING and attempt.phase is Phase.MAIL)


def _own_name(sockname: tuple[str, int] | tuple[str, int, int, int]) -> str:
    """What we call ourselves: our full name if the machine has one, else our address (RFC 5321, 4.1.3)."""
    name = socket.gethostname()
    if "." in name and re.fullmatch(r"[A-Za-z0-9.-]+", name):
        return name
    address = sockname[0].partition("%")[0]
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
