"""Mail to an SMTP server: a few connections kept open, TLS verified, every failure told apart by its phase.

aiosmtplib's protocol is driven command by command: only the phase tells whether a message is certainly not delivered or may
have been, and each has its time. Time is the event loop's, which no clock that is set can lengthen. Knows nothing of what it
carries.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from dataclasses import replace

import aiosmtplib
from aiosmtplib.protocol import SMTPProtocol, normalize_message_line_endings

from complaint_sla.core.replies import Answer, Reply
from complaint_sla.mail import trust
from complaint_sla.mail.conversation import (
    Attempt,
    LateError,
    Line,
    RefusedError,
    UnusableError,
    answer,
    ask,
    greet,
    led_on,
    log_in,
    own_name,
    tidy,
    within,
    write,
)
from complaint_sla.mail.gate import Gate
from complaint_sla.mail.matters import Bound, Phase
from complaint_sla.mail.replies import CLOSING, judged, lost, screened
from complaint_sla.mail.servers import Security, SmtpServer

# Seconds after which an unused connection is not trusted any more: firewalls forget a quiet one without
# telling either end, and the next command would hang until its time is over.
_FRESH = 30.0
# Seconds that a farewell may take; nothing depends on it.
_FAREWELL = 2.0
# "Go on, I listen": the reply to DATA.
_GO_ON = 354
# What is said of a parameter of MAIL that was offered and is not understood (RFC 5321, 4.1.1.11 and 4.2.2).
_WITHOUT = (500, 501, 504, 555)


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
        self._idle: list[Line] = []
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
        attempt = Attempt(recipient, normalize_message_line_endings(message))
        return await self._answered(attempt, None, "given up")

    async def check(self) -> Reply:
        """Connects anew, up to the login, and says NOOP; whose certificate it is that is not trusted, is looked up."""
        seconds = self.server.patience.check
        attempt = Attempt(None)
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

    async def _answered(self, attempt: Attempt, seconds: float | None, otherwise: str) -> Reply:
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

    async def _in_turn(self, attempt: Attempt, came: float) -> Reply:
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

    async def _tried(self, attempt: Attempt) -> Reply | None:
        """What goes wrong becomes a reply, except a cancellation. None if it is to be tried again, on another connection."""
        try:
            return await self._carried(attempt)
        except (RefusedError, aiosmtplib.SMTPResponseException) as error:
            # The other is an answer that is not SMTP at all, or a refusal of TLS.
            return self._refused(attempt, *error.args)
        except LateError as error:
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
        except (UnusableError, ValueError) as error:
            # ValueError: a host or a sender that can't be written into a command.
            return self._reply(Answer.SERVER, None, str(error))

    def _refused(self, attempt: Attempt, code: int, text: str) -> Reply | None:
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

    def _is_stale(self, attempt: Attempt) -> bool:
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

    async def _carried(self, attempt: Attempt) -> Reply:
        line = self._kept() if attempt.recipient is not None else None
        attempt.line = line = line or await self._connected(attempt)
        attempt.phase = Phase.MAIL
        if attempt.recipient is None:
            response = await ask(line, b"NOOP")
            self._keep(attempt)
            return self._reply(Answer.ACCEPTED, response.code, response.message)
        size = len(attempt.message)
        if line.most is not None and size > line.most:
            # Known without asking (RFC 1870, 6.1).
            self._keep(attempt)
            return Reply(Answer.TOO_LARGE, None, f"{size} bytes; the server takes {line.most}", line.most)
        await tidy(line)
        await self._ask_mail(line, size)
        line.untidy = True
        attempt.phase = Phase.RCPT
        await ask(line, b"RCPT", f"TO:<{attempt.recipient}>".encode("ascii"))
        attempt.phase = Phase.DATA
        await ask(line, b"DATA", expected=_GO_ON, seconds=line.patience.data)
        await write(line, attempt)
        response = await answer(line)
        line.untidy = False
        line.letters += 1
        self._keep(attempt)
        return self._reply(Answer.ACCEPTED, response.code, response.message)

    async def _ask_mail(self, line: Line, size: int) -> None:
        sender = f"FROM:<{self.server.sender}>".encode("ascii")
        if "size" in line.extensions:
            try:
                await ask(line, b"MAIL", sender, f"SIZE={size}".encode())
            except RefusedError as error:
                if error.code not in _WITHOUT:
                    raise
                # It offers what it does not know.
                del line.extensions["size"]
            else:
                return
        await ask(line, b"MAIL", sender)

    def _reply(self, answer: Answer, code: int | None, text: str) -> Reply:
        # aiosmtplib gives what is no reply at all a negative code.
        return Reply(answer, code if code and code > 0 else None, screened(text, self.server))

    async def _connected(self, attempt: Attempt) -> Line:
        server = self.server
        if server.user is not None and server.password is None:
            raise UnusableError("a user is set, but no password")
        if self._tls is None and server.security is not Security.PLAIN:
            # Reads the system's list of authorities, some 20 ms: once.
            self._tls = trust.context(None)
        line = await self._opened(attempt, self._tls)
        if server.user is not None and server.password is not None:
            await log_in(line, server.user, server.password, server.security)
        return line

    async def _opened(self, attempt: Attempt, tls: ssl.SSLContext | None) -> Line:
        """A connection that is greeted, and secured as it must be."""
        line = await self._dialled(attempt, tls)
        if not self._knows_helo_only:
            try:
                await greet(line, self._needs)
            except aiosmtplib.SMTPServerDisconnected:
                if self._needs:
                    raise
                # There are some that hang up at a word that they don't know (RFC 5321, 3.2).
                line = await self._dialled(attempt, tls)
                await ask(line, b"HELO", own_name(line))
                self._knows_helo_only = True
                return line
        else:
            await ask(line, b"HELO", own_name(line))
        if self.server.security is Security.STARTTLS:
            if "starttls" not in line.extensions:
                raise UnusableError("the server offers no STARTTLS")
            assert tls is not None  # noqa: S101 - for the type checker
            secured = line.protocol.start_tls(tls, server_hostname=self.server.host)
            await within(line.patience.command, secured)
            # What was offered in the clear may have been somebody else's words (RFC 3207, 4.2).
            await greet(line, self._needs)
        return line

    @property
    def _needs(self) -> str:
        """What can't be done without EHLO and what it tells."""
        needed = ["STARTTLS"] if self.server.security is Security.STARTTLS else []
        return " and ".join([*needed, *(["a login"] if self.server.user is not None else [])])

    async def _dialled(self, attempt: Attempt, tls: ssl.SSLContext | None) -> Line:
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
            await within(patience.connect, dialling)
        except OSError as error:
            said = f"Error connecting to {server.host} on port {server.port}: {error}"
            raise aiosmtplib.SMTPConnectError(said) from error
        attempt.reached = True
        attempt.line = line = Line(protocol, patience)
        greeting = await within(patience.greeting, protocol.read_response())
        led_on(greeting, 2)
        return line

    async def _issuer(self, seconds: float) -> str:
        """Who has issued the certificate that the server shows; empty if that can't be found out."""
        attempt = Attempt(None)
        with contextlib.suppress(Exception):
            async with asyncio.timeout(seconds):
                line = await self._opened(attempt, trust.blind())
                transport = line.protocol.transport
                shown = transport.get_extra_info("ssl_object") if transport is not None else None
                return trust.issuer(shown.getpeercert(binary_form=True) or b"") if shown else ""
        self._cut(attempt)
        return ""

    def _kept(self) -> Line | None:
        """The kept connection used last, if it is still open and has not been quiet for too long."""
        now = asyncio.get_running_loop().time()
        while self._idle:
            line = self._idle.pop()
            if line.is_open and now - line.used_at < _FRESH:
                line.kept = True
                return line
            line.cut()
        return None

    def _keep(self, attempt: Attempt) -> None:
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

    def _cut(self, attempt: Attempt) -> None:
        line, attempt.line = attempt.line, None
        if line is not None:
            line.cut()

    async def _farewell(self, line: Line) -> None:
        with contextlib.suppress(aiosmtplib.SMTPException, LateError, OSError):
            await within(_FAREWELL, line.protocol.execute_command(b"QUIT"))
        line.cut()
