"""One conversation with a mail server, over one connection: what is asked, what is answered, and how long each is waited for."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiosmtplib
from aiosmtplib.auth import auth_crammd5_verify, auth_login_encode, auth_plain_encode
from aiosmtplib.esmtp import parse_esmtp_extensions
from aiosmtplib.protocol import PERIOD_REGEX, SMTPProtocol

from complaint_sla.mail.matters import Phase
from complaint_sla.mail.servers import Patience, Security

# Bytes that are handed to the network at a time.
_BLOCK = 65536


# "Say more": the reply to AUTH.
_SAY_MORE = 334

Came = TypeVar("Came")


class RefusedError(Exception):
    """The server's reply was not the one that leads on."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(code, text)
        self.code = code
        self.text = text


class UnusableError(Exception):
    """Found out on this side: nothing was asked of the server, or it can't do what we insist on."""


class LateError(Exception):
    """No answer within the seconds of this step."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass(eq=False)
class Line:
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
class Attempt:
    """How far one sending has come, for those who must judge why it ended. `is_second`: a kept connection was replaced;
    `reached`: somebody is there, whether they speak or not.
    """

    recipient: str | None
    message: bytes = b""
    phase: Phase = Phase.CONNECT
    line: Line | None = None
    is_second: bool = False
    reached: bool = False


async def within(seconds: float, work: Awaitable[Came]) -> Came:
    """What comes of the work. Raises LateError.

    What has come by the time we look counts: a process that was stopped finds its time over and the answer beside it.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if not task.done():
            raise LateError(seconds)
        return task.result()
    finally:
        task.cancel()


async def greet(line: Line, needs: str) -> None:
    """EHLO, or HELO where that is refused and nothing `needs` what EHLO tells. Raises UnusableError where it is."""
    name = own_name(line)
    try:
        response = await ask(line, b"EHLO", name)
    except RefusedError as error:
        if error.code // 100 != 5:
            raise
        if needs:
            refused = f"the server refuses EHLO, which {needs} needs: {error.code} {error.text}"
            raise UnusableError(refused) from None
        await ask(line, b"HELO", name)
    else:
        line.extensions, line.logins = parse_esmtp_extensions(response.message)


async def log_in(line: Line, user: str, password: str, security: Security) -> None:
    """One try with one method: a wrong password tried in three ways locks an account sooner."""
    offered = line.logins
    ways = ["plain", "login"]
    # Where nothing is encrypted, first that which does not tell the password.
    ways.insert(0 if security is Security.PLAIN else len(ways), "cram-md5")
    match next((way for way in ways if way in offered), None):
        case "plain":
            await ask(line, b"AUTH", b"PLAIN", auth_plain_encode(user, password))
        case "login":
            first, second = auth_login_encode(user, password)
            await ask(line, b"AUTH", b"LOGIN", first, expected=_SAY_MORE)
            await ask(line, second)
        case "cram-md5":
            challenge = await ask(line, b"AUTH", b"CRAM-MD5", expected=_SAY_MORE)
            await ask(line, auth_crammd5_verify(user, password, challenge.message))
        case _:
            known = f"the server offers no login that is known here: {', '.join(offered) or 'none at all'}"
            raise UnusableError(known)


async def tidy(line: Line) -> None:
    """Ends what is left of a broken transaction. Raises SMTPServerDisconnected if that is refused."""
    if line.untidy:
        try:
            await ask(line, b"RSET")
        except RefusedError as error:
            raise aiosmtplib.SMTPServerDisconnected(error.text) from None
        line.untidy = False


async def ask(
    line: Line, *command: bytes, expected: int = 2, seconds: float | None = None
) -> aiosmtplib.SMTPResponse:
    """The reply to a command. Raises RefusedError unless it begins with `expected`, and LateError."""
    asking = line.protocol.execute_command(*command)
    return led_on(await within(seconds or line.patience.command, asking), expected)


async def write(line: Line, attempt: Attempt) -> None:
    """Hands over the text with its final dot. Raises what a server says before it has all of it, and can't have taken."""
    # RFC 5321, 4.5.2: a line that begins with a dot gets a second one.
    text = PERIOD_REGEX.sub(b"..", attempt.message) + b".\r\n"
    protocol = line.protocol
    line.answer = answer = asyncio.ensure_future(protocol.read_response())
    while len(text) > _BLOCK:
        block, text = text[:_BLOCK], text[_BLOCK:]
        protocol.write(block)
        await within(line.patience.block, _room(protocol, answer))
        if answer.done():
            response = answer.result()
            # What is left of the text would be taken for commands.
            line.cut()
            if response.code // 100 not in (4, 5):
                raise aiosmtplib.SMTPServerDisconnected(f"{response.code} in the middle of the text")
            attempt.phase = Phase.TEXT
            raise RefusedError(response.code, response.message)
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


async def answer(line: Line) -> aiosmtplib.SMTPResponse:
    """The reply to the text. Raises RefusedError and LateError."""
    assert line.answer is not None  # noqa: S101 - for the type checker
    answer, line.answer = line.answer, None
    return led_on(await within(line.patience.text, answer), 2)


def led_on(response: aiosmtplib.SMTPResponse, expected: int) -> aiosmtplib.SMTPResponse:
    if not str(response.code).startswith(str(expected)):
        raise RefusedError(response.code, response.message)
    return response


def own_name(line: Line) -> bytes:
    """What we call ourselves: our full name if the machine has one, else our address (RFC 5321, 4.1.3)."""
    name = socket.gethostname()
    if "." in name and re.fullmatch(r"[A-Za-z0-9.-]+", name):
        return name.encode()
    if line.protocol.transport is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    address = line.protocol.transport.get_extra_info("sockname")[0].partition("%")[0]
    return (f"[IPv6:{address}]" if ":" in address else f"[{address}]").encode()
