"""What the words and silences of an SMTP server mean, and what of them may be kept. Nothing is connected."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from complaint_sla.core.masking import masked_emails
from complaint_sla.core.replies import Answer
from complaint_sla.mail.matters import Bound, Phase, fitting
from complaint_sla.mail.servers import SmtpServer
from complaint_sla.wording.screening import plain

# The server ends the conversation, for whatever reason (RFC 5321, 3.8).
CLOSING = 421
# Who we are is in question (RFC 4954, 4 and 6; RFC 3207, 4): an account, its password, how it is given.
_OF_LOGINS = (432, 454, *range(530, 539))

# "5.1.1 No such user", "#5.1.0 Address rejected", qmail's "no such mailbox (#5.1.1)"; not an IP address.
_ENHANCED = re.compile(r"(?:^\W*|#|\()([245]\.[0-9]{1,3}\.[0-9]{1,3})(?!\.?[0-9])", re.MULTILINE)
_LONGEST_TEXT, _LONGEST_JUDGED = 200, 2000
# An address in a reply, and who is named only so that they can be asked.
_NAMED = re.compile(r"[^\s<>\"'=,;:/()\[\]@%]+(?:@|%40)[^\s<>\"',;:/()\[\]@%?&]+[a-z0-9]", re.IGNORECASE)
_TO_BE_ASKED = ("postmaster", "abuse", "support", "help", "helpdesk", "mailer-daemon")


@dataclass(frozen=True)
class Verdict:
    """What a refusal means; of a limit, what it is on."""

    answer: Answer
    bound: Bound | None = None


def judged(phase: Phase, code: int, text: str, recipient: str = "", sender: str = "") -> Verdict:
    """What a refusal means. `code` is the server's, or below 100 for a reply that is none."""
    if code // 100 not in (4, 5):
        # Neither yes nor no. After the text it may have been meant as a yes.
        return Verdict(Answer.UNKNOWN if phase is Phase.TEXT else Answer.SERVER)
    text = text[:_LONGEST_JUDGED]
    found = _ENHANCED.search(text)
    # Neither an address nor a link says anything by its words.
    words = re.sub(r"https?://\S+", "", _NAMED.sub("", text))
    for matter in fitting(phase, code, found[1] if found else "", words):
        if matter.answer is Answer.NO_ADDRESS and not _is_said_of(recipient, phase, text):
            # Of whom, then? Somebody to whom their letters are forwarded, or the sender.
            is_sender = sender.casefold() in _named(text) and sender != ""
            return Verdict(Answer.SENDER if is_sender else Answer.REFUSED)
        return Verdict(matter.answer, matter.bound)
    raise AssertionError(code)


def _is_said_of(recipient: str, phase: Phase, text: str) -> bool:
    """Whether it is this address, and no other, that is not there."""
    named = {one for one in _named(text) if one.partition("@")[0] not in _TO_BE_ASKED}
    if phase is Phase.RCPT:
        return named <= {recipient.casefold()}
    # The address was taken before, and what is behind it may have been asked meanwhile.
    return named == {recipient.casefold()}


def _named(text: str) -> set[str]:
    return {found.replace("%40", "@").casefold() for found in _NAMED.findall(text)}


def is_about_login(code: int) -> bool:
    """Whether a refusal before anybody is named is about our access, and not about whoever comes from here."""
    return code in _OF_LOGINS


def lost(phase: Phase) -> Answer:
    """What it means that the connection broke, or stayed silent, in a phase."""
    if phase in (Phase.CONNECT, Phase.MAIL):
        # The person addressed has not been named yet.
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
