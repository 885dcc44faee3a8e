"""What the words and silences of an SMTP server mean, and what of them may be kept. Nothing is connected."""

from __future__ import annotations

import base64
import re
from enum import Enum

from complaint_sla.core.masking import masked_emails
from complaint_sla.core.replies import Answer
from complaint_sla.mail.servers import SmtpServer
from complaint_sla.wording.screening import plain

# The server ends the conversation, for whatever reason (RFC 5321, 3.8).
CLOSING = 421
# "Authentication required", "mechanism too weak", "credentials invalid", "encryption required" (RFC 4954, 6),
# which some servers give without 5.7.x.
_ACCESS_CODES = frozenset({530, 534, 535, 538})
# A bad *sender*, which Postfix tells only at RCPT (RFC 3463, 3.2): it says nothing of the person addressed.
_SENDER_DETAILS = frozenset({7, 8})

# "5.1.1 No such user", "#5.1.0 Address rejected", qmail's "no such mailbox (#5.1.1)"; not an IP address.
_ENHANCED = re.compile(r"(?:^\W*|#)([245])\.([0-9]{1,3})\.([0-9]{1,3})(?!\.?[0-9])")
_LONGEST_TEXT = 200


class Phase(Enum):
    """How far an attempt has come: connecting (up to the login), MAIL, RCPT, DATA, and the text itself."""

    CONNECT = "connecting"
    MAIL = "MAIL"
    RCPT = "RCPT"
    DATA = "DATA"
    TEXT = "text"


# The person addressed has not been named yet, so nothing that goes wrong is held against them.
_NOBODYS = (Phase.CONNECT, Phase.MAIL)


def classified(phase: Phase, code: int, text: str) -> Answer:
    """What a refusal means. `code` is the server's, or below 100 for a reply that is none."""
    if phase in _NOBODYS:
        return Answer.SERVER
    if code == CLOSING:
        return Answer.LATER
    kind = code // 100
    if kind == 5:
        return _for_good(phase, code, text)
    if kind == 4:
        return Answer.LATER
    # Neither yes nor no. After the text it may have been meant as a yes.
    return Answer.UNKNOWN if phase is Phase.TEXT else Answer.SERVER


def _for_good(phase: Phase, code: int, text: str) -> Answer:
    """What a 5xx means. 550 alone can be anybody's fault: no mailbox, relaying denied, a policy."""
    subject, detail = _enhanced(text)
    if subject == 7 or code in _ACCESS_CODES:
        return Answer.SERVER
    if phase is Phase.RCPT and subject == 1:
        return Answer.SERVER if detail in _SENDER_DETAILS else Answer.NO_ADDRESS
    return Answer.REFUSED


def _enhanced(text: str) -> tuple[int, int]:
    """Subject and detail of the status code 5.subject.detail (RFC 3463) in a reply; zeros without one."""
    match = _ENHANCED.search(text)
    return (int(match[2]), int(match[3])) if match and match[1] == "5" else (0, 0)


def lost(phase: Phase) -> Answer:
    """What it means that the connection broke, or stayed silent, in a phase."""
    if phase in _NOBODYS:
        return Answer.SERVER
    return Answer.UNKNOWN if phase is Phase.TEXT else Answer.LATER


def screened(text: str, server: SmtpServer) -> str:
    """A server's words as they may be kept: one line of at most 200 characters, no secret, no address."""
    for secret in _secrets(server):
        text = text.replace(secret, "…")
    one_line = " ".join(re.split(r"[\r\n\t ]+", text.strip()))
    masked = plain(masked_emails(one_line))
    return masked if len(masked) <= _LONGEST_TEXT else f"{masked[: _LONGEST_TEXT - 1]}…"


def _secrets(server: SmtpServer) -> list[str]:
    """The password as it is, and as AUTH sends it, which a puzzled server may quote."""
    if not server.password:
        return []
    password = server.password.encode()
    user = (server.user or "").encode()
    sent = (b"\0" + user + b"\0" + password, password)
    # The longer first: its end is the shorter's.
    return [*(base64.b64encode(form).decode() for form in sent), server.password]
