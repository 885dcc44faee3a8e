"""The ways a finished message leaves: into a folder, or to an SMTP server. None of them reads its words."""

from __future__ import annotations

from collections.abc import Awaitable
from pathlib import Path
from typing import Protocol, TypeVar

from complaint_sla.core.replies import Reply
from complaint_sla.mail.folder import FolderTransport
from complaint_sla.mail.servers import SmtpServer

Made = TypeVar("Made")


class Transport(Protocol):
    """One way out. What goes wrong on the way is a `Reply`, never an exception."""

    @property
    def leaves_machine(self) -> bool:
        """Whether what is sent can reach somebody else: False for a folder and for loopback."""
        ...

    async def send(self, recipient: str, message: bytes) -> Reply:
        """Hands over one message for one address."""
        ...

    async def check(self) -> Reply:
        """Whether a message could be sent now, without sending one: ACCEPTED if so."""
        ...

    def give_up(self) -> None:
        """Ends every `send` now, with what is known of it by then."""
        ...

    async def close(self) -> None:
        """Ends politely what is kept open. Nothing is sent afterwards."""
        ...


def open_transport(target: SmtpServer | Path, connections: int = 4) -> Transport:
    """The way to `target`, at most `connections` at a time. Nothing is connected or created before its use."""
    if isinstance(target, Path):
        return FolderTransport(target)
    # aiosmtplib costs 75 ms, which a command that mails into a folder need not pay.
    from complaint_sla.mail.smtp import SmtpTransport

    return SmtpTransport(target, connections)


async def closing(transport: Transport, work: Awaitable[Made]) -> Made:
    """What comes of the work, with the transport closed afterwards."""
    try:
        return await work
    finally:
        await transport.close()
