"""What came of trying to send one message: the few cases that delivery tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """ACCEPTED: the server has taken it over. UNKNOWN: it may have; the line broke after the text went out.

    The others are certainly not delivered, and say whose matter it is. LATER: this address takes none for now (mailbox full,
    greylisted), or the line broke before the text was complete. LIMIT: so many connections, letters on one, letters in a
    while: nobody is at fault, and what is put off waits together. SERVER: the server or our access to it is at fault (no
    connection, TLS, login, a full queue, 5.7.x). SENDER: we may not send as the address that is set. TOO_LARGE: the letter
    is, for this server or this mailbox. REFUSED: this letter as it is, or for a reason that names nobody: it waits.
    NO_ADDRESS: surely there is no such mailbox. UNWRITTEN: the letter could not be put into words here, and no server was
    asked.
    """

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    LATER = "later"
    LIMIT = "limit"
    SERVER = "server"
    SENDER = "sender"
    TOO_LARGE = "too-large"
    REFUSED = "refused"
    NO_ADDRESS = "no-address"
    UNWRITTEN = "unwritten"


@dataclass(frozen=True)
class Reply:
    """`code` is the SMTP code if there was one; `text` says more, in the server's words, without the address.

    `most` is how many bytes a letter may have where the server has said so. `flaw` is what is wrong with a certificate that
    proves nothing (`mail.trust.Flaw`), and `issuer` whose it is. `is_late`: whoever was asked did not answer in the time that
    the asker had.
    """

    answer: Answer
    code: int | None = None
    text: str = ""
    most: int | None = None
    flaw: str | None = None
    issuer: str = ""
    is_late: bool = False
