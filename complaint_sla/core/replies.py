"""What came of trying to send one message: the few cases that delivery tells apart."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Answer(StrEnum):
    """ACCEPTED: the server has taken it over. UNKNOWN: it may have; the line broke after the text went out.

    The others are certainly not delivered. LATER: a passing refusal (4xx) or a line that broke before the text was
    complete. SERVER: the server or our access to it is at fault (no connection, TLS, login, MAIL FROM, 5.7.x).
    NO_ADDRESS: there is no such mailbox (5.1.x at RCPT). REFUSED: refused for good for another reason. UNWRITTEN: the
    letter could not be put into words here, and no server was asked.
    """

    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    LATER = "later"
    SERVER = "server"
    NO_ADDRESS = "no-address"
    REFUSED = "refused"
    UNWRITTEN = "unwritten"


@dataclass(frozen=True)
class Reply:
    """`code` is the SMTP code if there was one; `text` says more, in the server's words, without the address."""

    answer: Answer
    code: int | None = None
    text: str = ""
