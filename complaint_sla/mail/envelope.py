"""The envelope of a letter: its headers, and both its forms as parts of one message.

Knows what a letter is made of, not what it is about.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.encoders import encode_base64
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, make_msgid, parseaddr

from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain
from complaint_sla.work.letters.values import Addressed

# RFC 5322 wants CRLF; the older policy leaves headers as they were built.
_POLICY = compat32.clone(linesep="\r\n")
# What stands in a header as it is: nothing that could be folded, decoded or taken for a line's end.
_SIMPLE = re.compile(r"(?!.*=\?)[!-~]+(?: [!-~]+)*")
_SIMPLE_LENGTH = 60


@dataclass(frozen=True)
class Attachment:
    """A file that goes along: its name (ASCII), its type and subtype, and what is in it."""

    name: str
    type: tuple[str, str]
    content: bytes


@dataclass(frozen=True)
class Worded:
    """A letter in words: its subject, the template of its body and what that is given.

    `thread` is the Message-ID that all letters about one thing refer to. `tone` is a colour of the templates.
    """

    subject: str
    template: str
    tone: str
    values: Mapping[str, object]
    thread: str | None = None
    is_pressing: bool = False
    attachments: tuple[Attachment, ...] = ()


def sealed(letter: Addressed, worded: Worded, sender: str, bodies: Mapping[str, str], words: Words) -> bytes:
    """The message, ready to be sent; `bodies` by subtype, the plainest first. The same values give the same bytes."""
    # Base64 cannot hold an underscore, so no part can hold the boundary.
    boundary = f"=_{hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]}"
    text = MIMEMultipart("alternative", boundary, policy=_POLICY)
    for subtype, body in bodies.items():
        text.attach(MIMEText(body, subtype, "utf-8", policy=_POLICY))
    message = text
    if worded.attachments:
        message = MIMEMultipart("mixed", f"{boundary}_files", policy=_POLICY)
        message.attach(text)
        for file in worded.attachments:
            message.attach(_attached(file))
    message["Message-ID"] = plain(letter.message_id)
    message["Date"] = format_datetime(letter.written_at.astimezone(letter.zone))
    _add(message, "From", _person("From", *parseaddr(sender)))
    _add(message, "To", _person("To", letter.name, letter.recipient))
    _add(message, "Subject", header("Subject", worded.subject))
    before = [*([worded.thread] if worded.thread is not None else []), *map(plain, letter.earlier)]
    if before:
        message["In-Reply-To"] = before[-1]
        message["References"] = " ".join(before)
    # RFC 3834, and its like in Exchange: no out-of-office notice answers.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = words.language
    if worded.is_pressing:
        message["Importance"] = "high"
    return message.as_bytes()


def _attached(file: Attachment) -> MIMEBase:
    part = MIMEBase(*file.type, name=file.name, policy=_POLICY)
    part.set_payload(file.content)
    encode_base64(part)
    part.add_header("Content-Disposition", "attachment", filename=file.name)
    return part


def compose_test(recipient: str, sender: str, at: datetime, words: Words) -> bytes:
    """A message that only says that mail arrives."""
    message = MIMEText(
        words("If you can read this, complaint-sla can send mail.") + "\r\n", "plain", "utf-8", policy=_POLICY
    )
    domain = parseaddr(sender)[1].rpartition("@")[2]
    message["Message-ID"] = make_msgid(domain=plain(domain) or "localhost")
    message["Date"] = format_datetime(at)
    _add(message, "From", _person("From", *parseaddr(sender)))
    _add(message, "To", _person("To", "", recipient))
    _add(message, "Subject", header("Subject", words("Test message of complaint-sla")))
    message["Auto-Submitted"] = "auto-generated"
    return message.as_bytes()


def header(name: str, text: str) -> Header | str:
    """A header's value that is read again exactly as it was, spaces included, on as many lines as it needs.

    Control characters are made visible before, so that no value can end its header and begin another.
    """
    visible = plain(text)
    if len(visible) <= _SIMPLE_LENGTH and _SIMPLE.fullmatch(visible):
        return visible
    return Header(visible, "utf-8", header_name=name)


def _add(message: MIMEBase, name: str, value: Header | str) -> None:
    # The type stubs know texts only; this policy takes a Header as it is.
    message[name] = value  # type: ignore[assignment]


def _person(header_name: str, name: str, address: str) -> Header | str:
    encoded = header(header_name, name)
    # An address that no server takes is refused where it is sent; here it must only do no harm.
    address = plain(address)
    if isinstance(encoded, str):
        return formataddr((encoded, address)) if address.isascii() else header(header_name, address)
    encoded.append(f"<{address}>", "us-ascii" if address.isascii() else "utf-8")
    return encoded
