"""Mail to an SMTP server: a few connections kept open, TLS verified, every failure told apart by its phase.

aiosmtplib's protocol is driven command by command: only the phase tells whether a message is certainly not delivered or may
have been, and each has its time. Time is the event loop's, which no clock that is set can lengthen. Knows nothing of what it
carries.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Awaitable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import aiosmtplib
from aiosmtplib.auth import auth_crammd5_verify, auth_login_encode, auth_plain_encode
from aiosmtplib.esmtp import parse_esmtp_extensions
from aiosmtplib.protocol import PERIOD_REGEX, SMTPProtocol, normalize_message_line_endings

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail import trust
from complaint_sla.mail.gate import Gate
from complaint_sla.mail.matters import Bound, Phase
from complaint_sla.mail.replies import CLOSING, judged, lost, screened
from complaint_sla.mail.servers import Patience, Security, SmtpServer

# Seconds after which an unused connection is not trusted any more: firewalls forget a quiet one without
# telling either end, and the next command would hang until its time is over.
_FRESH = 30.0
# Seconds that a farewell may take; nothing depends on it.
_FAREWELL = 2.0
# "Go on, I listen": the replies to DATA and to AUTH.
_GO_ON, _SAY_MORE = 354, 334
# Bytes that are handed to the network at a time.
_BLOCK = 65536
# What is said of a parameter of MAIL that was offered and is not understood (RFC 5321, 4.1.1.11 and 4.2.2).
_WITHOUT = (500, 501, 504, 555)

Came = TypeVar("Came")


class _RefusedError(Exception):
    """The server's reply was not the one that leads on."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class _UnusableError(Exception):
    """Found out on this side: nothing was asked of the server, or it can't do what we insist on."""


class _LateError(Exception):
    """No answer within the seconds of this step."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(eq=False)
class _Line:
    """One connection. `extensions` are what the server offers (RFC 5321, 4.1.1.1), by name in lower case; `letters` are those
    that it has carried. `untidy`: a transaction was broken off, and RSET must come before the next.
    """

    protocol: SMTPProtocol
    patience: Patience
    extensions: dict[str, str] = field(default_factory=dict)
    logins: list[str] = field(default_factory=list)
    letters: int = 0
    used_at: float = 0.0
    kept: bool = False
    untidy: bool = False
    answer: asyncio.Future[aiosmtplib.SMTPResponse] | None = None

    @property
    def is_open(self) -> bool:
        return self.protocol.is_connected

    @property
    def most(self) -> int | None:
        """How many bytes a message may have, if the server says so (RFC 1870: 0 says nothing)."""
        size = self.extensions.get("size", "").strip()
        return int(size) or None if re.fullmatch("[0-9]{1,15}", size) else None

    def cut(self) -> None:
        # Closing would first send on what still waits to be written, after a time-out the rest of a message
        # that has been given up, and through TLS would wait for the other side's farewell.
        if self.answer is not None:
            self.answer.cancel()
        if isinstance(self.protocol.transport, asyncio.WriteTransport):
            self.protocol.transport.abort()


@dataclass
class _Attempt:
    """How far one sending has come, for those who must judge why it ended. `is_second`: a kept connection was replaced;
    `reached`: somebody is there, whether they speak or not.
    """

    recipient: str | None
    message: bytes = b""
    phase: Phase = Phase.CONNECT
    line: _Line | None = None
    is_second: bool = False
    reached: bool = False


class SmtpTransport:
    """At most `connections` at a time, kept open between messages, all in one event loop; fewer where a server takes fewer.

    `tls` replaces the default context. Raises BadValue as `trust.context`.
    """

    def __init__(self, server: SmtpServer, connections: int = 4, tls: ssl.SSLContext | None = None) -> None:
        self.server = server
        self._tls = tls
        if server.authority is not None and server.security is not Security.PLAIN and tls is None:
            # Whoever named it hears at once that it can't be read.
            self._tls = trust.context(server.authority)
        self._gate = Gate(connections)
        self._idle: list[_Line] = []
        self._clocks: set[asyncio.Timeout] = set()
        self._halt: tuple[float, Reply] | None = None
        self._knows_helo_only = False
        self._closed = False

    @property
    def leaves_machine(self) -> bool:
        return not self.server.is_loopback

    async def send(self, recipient: str, message: bytes) -> Reply:
        """Sends one message, as patient at each step as `server.patience` says."""
        if not recipient.isascii() or re.search(r"[\s<>\x00-\x1f\x7f]", recipient) or "@" not in recipient:
            return Reply(Answer.NO_ADDRESS, None, "not an address that SMTP can carry")
        attempt = _Attempt(recipient, normalize_message_line_endings(message))
        return await self._answered(attempt, None, "given up")

    async def check(self) -> Reply:
        """Connects anew, up to the login, and says NOOP; whose certificate it is that is not trusted, is looked up."""
        seconds = self.server.patience.check
        attempt = _Attempt(None)
        waited = f"no answer within {seconds:g} s; a letter is waited for longer"
        reply = await self._answered(attempt, seconds, waited)
        if reply.is_late:
            # Who is not even there is not slow.
            return replace(reply, is_late=attempt.reached)
        if reply.flaw is None:
            return reply
        issuer = screened(await self._issuer(seconds), self.server)
        return replace(reply, issuer=issuer)

    def give_up(self) -> None:
        for clock in self._clocks:
            if not clock.expired():
                clock.reschedule(0.0)

    async def close(self) -> None:
        """Says QUIT on the connections that nobody uses; those in use are cut when they come back."""
        self._closed = True
        lines, self._idle = self._idle, []
        await asyncio.gather(*(self._farewell(line) for line in lines))

    async def _answered(self, attempt: _Attempt, seconds: float | None, otherwise: str) -> Reply:
        """What comes of it within so many seconds, waiting for a free connection included; if nothing, what is said of it."""
        came = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(seconds) as clock:
                self._clocks.add(clock)
                try:
                    return await self._in_turn(attempt, came)
                finally:
                    self._clocks.discard(clock)
        except TimeoutError:
            return Reply(lost(attempt.phase), None, f"{otherwise} ({attempt.phase.value})", is_late=True)

    async def _in_turn(self, attempt: _Attempt, came: float) -> Reply:
        while True:
            await self._gate.enter()
            try:
                if self._halt is not None and self._halt[0] >= came:
                    # Told to somebody else while we waited: it holds for us as well.
                    return self._halt[1]
                reply = await self._tried(attempt)
            finally:
                # Whatever was not put back, by a cancellation too, has been left in mid-sentence.
                self._cut(attempt)
                self._gate.leave()
            if reply is not None:
                return reply
            attempt.phase = Phase.CONNECT

    async def _tried(self, attempt: _Attempt) -> Reply | None:
        """What goes wrong becomes a reply, except a cancellation. None if it is to be tried again, on another connection."""
        try:
            return await self._carried(attempt)
        except (_RefusedError, aiosmtplib.SMTPResponseException) as error:
            # The other is an answer that is not SMTP at all, or a refusal of TLS.
            return self._refused(attempt, *error.args)
        except _LateError as error:
            waited = f"no answer within {error.seconds:g} s ({attempt.phase.value})"
            reply = Reply(lost(attempt.phase), None, waited)
            if reply.answer is Answer.SERVER:
                self._stop_others(reply)
            return reply
        except (aiosmtplib.SMTPException, OSError) as error:
            if self._is_stale(attempt):
                return None
            said = screened(str(error) or type(error).__name__, self.server)
            if attempt.reached and trust.flaw(error) is None:
                said = f"the connection broke ({attempt.phase.value}): {said}"
            return Reply(lost(attempt.phase), None, said, flaw=trust.flaw(error))
        except (_UnusableError, ValueError) as error:
            # ValueError: a host or a sender that can't be written into a command.
            return self._reply(Answer.SERVER, None, str(error))

    def _refused(self, attempt: _Attempt, code: int, text: str) -> Reply | None:
        """What a refusal comes to. None if another connection may bring it further."""
        verdict = judged(attempt.phase, code, text, attempt.recipient or "", self.server.sender)
        line = attempt.line
        if verdict.bound is Bound.CONNECTIONS and self._gate.one_too_many(len(self._idle)):
            return None
        if verdict.bound is Bound.LETTERS and line is not None and line.letters:
            self._gate.letters = line.letters
            return None
        if (
            verdict.bound is None
            and code == CLOSING
            and attempt.phase is Phase.MAIL
            and self._is_stale(attempt)
        ):
            return None
        is_fit = verdict.answer not in (Answer.SERVER, Answer.UNKNOWN) and code != CLOSING
        if is_fit and attempt.phase is not Phase.CONNECT:
            self._keep(attempt)
        most = line.most if line is not None and verdict.answer is Answer.TOO_LARGE else None
        reply = replace(self._reply(verdict.answer, code, text), most=most)
        if verdict.answer is Answer.LIMIT:
            self._stop_others(reply)
        return reply

    def _is_stale(self, attempt: _Attempt) -> bool:
        """Whether a kept connection failed as a new one need not. The other kept ones are likely no better: they are cut."""
        line = attempt.line
        if line is None or not line.kept or attempt.phase is Phase.TEXT or attempt.is_second:
            return False
        lines, self._idle = self._idle, []
        for one in lines:
            one.cut()
        attempt.is_second = True
        return True

    def _stop_others(self, reply: Reply) -> None:
        """Those who wait for a connection hear the same, and the server is left in peace."""
        self._halt = asyncio.get_running_loop().time(), reply

    async def _carried(self, attempt: _Attempt) -> Reply:
        line = self._kept() if attempt.recipient is not None else None
        attempt.line = line = line or await self._connected(attempt)
        attempt.phase = Phase.MAIL
        if attempt.recipient is None:
            response = await _ask(line, b"NOOP")
            self._keep(attempt)
            return self._reply(Answer.ACCEPTED, response.code, response.message)
        size = len(attempt.message)
        if line.most is not None and size > line.most:
            # Known without asking (RFC 1870, 6.1).
            self._keep(attempt)
            return Reply(Answer.TOO_LARGE, None, f"{size} bytes; the server takes {line.most}", line.most)
        await _tidy(line)
        await self._ask_mail(line, size)
        line.untidy = True
        attempt.phase = Phase.RCPT
        await _ask(line, b"RCPT", f"TO:<{attempt.recipient}>".encode("ascii"))
        attempt.phase = Phase.DATA
        await _ask(line, b"DATA", expected=_GO_ON, seconds=line.patience.data)
        await _write(line, attempt)
        response = await _answer(line)
        line.untidy = False
        line.letters += 1
        self._keep(attempt)
        return self._reply(Answer.ACCEPTED, response.code, response.message)

    async def _ask_mail(self, line: _Line, size: int) -> None:
        sender = f"FROM:<{self.server.sender}>".encode("ascii")
        if "size" in line.extensions:
            try:
                await _ask(line, b"MAIL", sender, f"SIZE={size}".encode())
            except _RefusedError as error:
                if error.code not in _WITHOUT:
                    raise
                # It offers what it does not know.
                del line.extensions["size"]
            else:
                return
        await _ask(line, b"MAIL", sender)

    def _reply(self, answer: Answer, code: int | None, text: str) -> Reply:
        # aiosmtplib gives what is no reply at all a negative code.
        return Reply(answer, code if code and code > 0 else None, screened(text, self.server))

    async def _connected(self, attempt: _Attempt) -> _Line:
        server = self.server
        if server.user is not None and server.password is None:
            raise _UnusableError("a user is set, but no password")
        if self._tls is None and server.security is not Security.PLAIN:
            # Reads the system's list of authorities, some 20 ms: once.
            self._tls = trust.context(None)
        line = await self._opened(attempt, self._tls)
        if server.user is not None and server.password is not None:
            await self._log_in(line, server.user, server.password)
        return line

    async def _opened(self, attempt: _Attempt, tls: ssl.SSLContext | None) -> _Line:
        """A connection that is greeted, and secured as it must be."""
        line = await self._dialled(attempt, tls)
        if not self._knows_helo_only:
            try:
                await self._greet(line)
            except aiosmtplib.SMTPServerDisconnected:
                if self._needs:
                    raise
                # There are some that hang up at a word that they don't know (RFC 5321, 3.2).
                line = await self._dialled(attempt, tls)
                await _ask(line, b"HELO", _own_name(line))
                self._knows_helo_only = True
                return line
        else:
            await _ask(line, b"HELO", _own_name(line))
        if self.server.security is Security.STARTTLS:
            if "starttls" not in line.extensions:
                raise _UnusableError("the server offers no STARTTLS")
            assert tls is not None  # noqa: S101 - for the type checker
            secured = line.protocol.start_tls(tls, server_hostname=self.server.host)
            await _within(line.patience.command, secured)
            # What was offered in the clear may have been somebody else's words (RFC 3207, 4.2).
            await self._greet(line)
        return line

    @property
    def _needs(self) -> str:
        """What can't be done without EHLO and what it tells."""
        needed = ["STARTTLS"] if self.server.security is Security.STARTTLS else []
        return " and ".join([*needed, *(["a login"] if self.server.user is not None else [])])

    async def _dialled(self, attempt: _Attempt, tls: ssl.SSLContext | None) -> _Line:
        """A connection on which the server has spoken first."""
        self._cut(attempt)
        server, patience = self.server, self.server.patience
        loop = asyncio.get_running_loop()
        protocol = SMTPProtocol(loop)
        implicit = tls if server.security is Security.TLS else None
        dialling = loop.create_connection(
            lambda: protocol,
            server.host,
            server.port,
            ssl=implicit,
            # One clock for the network and TLS.
            ssl_handshake_timeout=2 * patience.connect if implicit else None,
        )
        try:
            await _within(patience.connect, dialling)
        except OSError as error:
            said = f"Error connecting to {server.host} on port {server.port}: {error}"
            raise aiosmtplib.SMTPConnectError(said) from error
        attempt.reached = True
        attempt.line = line = _Line(protocol, patience)
        greeting = await _within(patience.greeting, protocol.read_response())
        _led_on(greeting, 2)
        return line

    async def _greet(self, line: _Line) -> None:
        """EHLO, or HELO where that is refused and nothing of what EHLO tells is needed. Raises _UnusableError where it is."""
        name = _own_name(line)
        try:
            response = await _ask(line, b"EHLO", name)
        except _RefusedError as error:
            if error.code // 100 != 5:
                raise
            if self._needs:
                refused = f"the server refuses EHLO, which {self._needs} needs: {error.code} {error.text}"
                raise _UnusableError(refused) from None
            await _ask(line, b"HELO", name)
        else:
            line.extensions, line.logins = parse_esmtp_extensions(response.message)

    async def _log_in(self, line: _Line, user: str, password: str) -> None:
        """One try with one method: a wrong password tried in three ways locks an account sooner."""
        offered = line.logins
        ways = ["plain", "login"]
        # Where nothing is encrypted, first that which does not tell the password.
        ways.insert(0 if self.server.security is Security.PLAIN else len(ways), "cram-md5")
        match next((way for way in ways if way in offered), None):
            case "plain":
                await _ask(line, b"AUTH", b"PLAIN", auth_plain_encode(user, password))
            case "login":
                first, second = auth_login_encode(user, password)
                await _ask(line, b"AUTH", b"LOGIN", first, expected=_SAY_MORE)
                await _ask(line, second)
            case "cram-md5":
                challenge = await _ask(line, b"AUTH", b"CRAM-MD5", expected=_SAY_MORE)
                await _ask(line, auth_crammd5_verify(user, password, challenge.message))
            case _:
                known = (
                    f"the server offers no login that is known here: {', '.join(offered) or 'none at all'}"
                )
                raise _UnusableError(known)

    async def _issuer(self, seconds: float) -> str:
        """Who has issued the certificate that the server shows; empty if that can't be found out."""
        attempt = _Attempt(None)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(seconds):
                line = await self._opened(attempt, trust.blind())
                transport = line.protocol.transport
                shown = transport.get_extra_info("ssl_object") if transport is not None else None
                return trust.issuer(shown.getpeercert(binary_form=True) or b"") if shown else ""
        self._cut(attempt)
        return ""

    def _kept(self) -> _Line | None:
        """The kept connection used last, if it is still open and has not been quiet for too long."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.is_open and now - line.used_at < _FRESH:
                line.kept = True
                return line
            line.cut()
        return None

    def _keep(self, attempt: _Attempt) -> None:
        """Keeps the connection for the next message, if it is still open and may carry one more."""
        line = attempt.line
        if line is None or not line.is_open or self._closed:
            return
        if self._gate.letters is not None and line.letters >= self._gate.letters:
            # Nobody waits for the answer.
            line.protocol.write(b"QUIT\r\n")
            assert line.protocol.transport is not None  # noqa: S101 - for the type checker
            line.protocol.transport.close()
        else:
            line.used_at = asyncio.get_running_loop().time()
            self._idle.append(line)
        attempt.line = None

    def _cut(self, attempt: _Attempt) -> None:
        line, attempt.line = attempt.line, None
        if line is not None:
            line.cut()

    async def _farewell(self, line: _Line) -> None:
        with contextlib.suppress(aiosmtplib.SMTPException, _LateError, OSError):
            await _within(_FAREWELL, line.protocol.execute_command(b"QUIT"))
        line.cut()


async def _within(seconds: float, work: Awaitable[Came]) -> Came:
    """What comes of the work. Raises _LateError.

    What has come by the time we look counts: a process that was stopped finds its time over and the answer beside it.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise _LateError(seconds)
        return task.result()
    finally:
        task.cancel()


async def _tidy(line: _Line) -> None:
    """Ends what is left of a broken transaction. Raises SMTPServerDisconnected if that is refused."""
    if line.untidy:
        try:
            await _ask(line, b"RSET")
        except _RefusedError as error:
            raise aiosmtplib.SMTPServerDisconnected(error.text) from None
        line.untidy = False


async def _ask(
    line: _Line, *command: bytes, expected: int = 2, seconds: float | None = None
) -> aiosmtplib.SMTPResponse:
    """The reply to a command. Raises _RefusedError unless it begins with `expected`, and _LateError."""
    asking = line.protocol.execute_command(*command)
    return _led_on(await _within(seconds or line.patience.command, asking), expected)


async def _write(line: _Line, attempt: _Attempt) -> None:
    """Hands over the text with its final dot. Raises what a server says before it has all of it, and can't have taken."""
    # RFC 5321, 4.5.2: a line that begins with a dot gets a second one.
    text = PERIOD_REGEX.sub(b"..", attempt.message) + b".\r\n"
    protocol = line.protocol
    line.answer = answer = asyncio.ensure_future(protocol.read_response())
    while len(text) > _BLOCK:
        block, text = text[:_BLOCK], text[_BLOCK:]
        protocol.write(block)
        await _within(line.patience.block, _room(protocol, answer))
        if answer.done():
            response = answer.result()
            # What is left of the text would be taken for commands.
            line.cut()
            if response.code // 100 not in (4, 5):
                raise aiosmtplib.SMTPServerDisconnected(f"{response.code} in the middle of the text")
            attempt.phase = Phase.TEXT
            raise _RefusedError(response.code, response.message)
    # From here on the server may have all of it.
    attempt.phase = Phase.TEXT
    protocol.write(text)


async def _room(protocol: SMTPProtocol, answer: asyncio.Future[Any]) -> None:
    """Waits until there is room for more, or an answer before its time."""
    room: asyncio.Future[Any] = asyncio.ensure_future(protocol._drain_helper())  # noqa: SLF001 - the library's own way to wait for it
    try:
        await asyncio.wait([room, answer], return_when=asyncio.FIRST_COMPLETED)
        if room.done():
            room.result()
    finally:
        room.cancel()


async def _answer(line: _Line) -> aiosmtplib.SMTPResponse:
    """The reply to the text. Raises _RefusedError and _LateError."""
    assert line.answer is not None  # noqa: S101 - for the type checker
    answer, line.answer = line.answer, None
    return _led_on(await _within(line.patience.text, answer), 2)


def _led_on(response: aiosmtplib.SMTPResponse, expected: int) -> aiosmtplib.SMTPResponse:
    if not str(response.code).startswith(str(expected)):
        raise _RefusedError(response.code, response.message)
    return response


def _own_name(line: _Line) -> bytes:
    """What we call ourselves: our full name if the machine has one, else our address (RFC 5321, 4.1.3)."""
    name = socket.gethostname()
    if "." in name and re.fullmatch(r"[A-Za-z0-9.-]+", name):
        return name.encode()
    if line.protocol.transport is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    address = line.protocol.transport.get_extra_info("sockname")[0].partition("%")[0]
    return (f"[IPv6:{address}]" if ":" in address else f"[{address}]").encode()
