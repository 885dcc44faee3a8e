"""Letters put into words: a `Letter` becomes the bytes of a message, text and HTML, in its reader's language.

What is said follows from the state at the moment of writing, never from the name of the stage alone: a warning
told after its deadline says how late the complaint is. Knows neither the database nor how mail travels.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import format_datetime, formataddr, make_msgid, parseaddr
from enum import StrEnum
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from complaint_sla.core.rulebook import Title
from complaint_sla.resources import templates
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import masked_phone, plain
from complaint_sla.work.letter import Case, Letter

# Beyond so many, a case gets one line: Gmail cuts a letter off at 102 kB, and nobody reads on before.
DETAILED = 25
# Characters of a complaint's subject that are shown: all of them, and the beginning among many.
_SUBJECT, _SUBJECT_AMONG_MANY = 500, 140

# RFC 5322 wants CRLF; the older policy leaves headers as they were built.
_POLICY = compat32.clone(linesep="\r\n")
# What stands in a header as it is: nothing that could be folded, decoded or taken for a line's end.
_SIMPLE = re.compile(r"(?!.*=\?)[!-~]+(?: [!-~]+)*")
_SIMPLE_LENGTH = 60


class Tone(StrEnum):
    """How pressing a case is at the moment of writing; it chooses the colour and the words."""

    LATE = "late"
    TODAY = "today"
    SOON = "soon"
    NEW = "new"
    ENDED = "ended"


TAGS = {
    Tone.LATE: N_("Overdue"),
    Tone.TODAY: N_("Due today"),
    Tone.SOON: N_("Warning"),
    Tone.NEW: N_("New"),
    Tone.ENDED: N_("Ended"),
}
LABELS = TAGS | {Tone.SOON: N_("Due soon"), Tone.NEW: N_("Received")}
STATUSES = {
    "closed": N_("Closed"),
    "withdrawn": N_("Withdrawn"),
    "duplicate": N_("Duplicate"),
}


@dataclass(frozen=True)
class Told:
    """A case as it is told: its tone, and `days` left until its last good day (negative when late)."""

    case: Case
    days: int
    tone: Tone

    @property
    def is_pressing(self) -> bool:
        return self.tone in {Tone.LATE, Tone.TODAY} or (self.case.urgent and self.tone is not Tone.ENDED)

    @property
    def level(self) -> int | None:
        """The level of escalation, of what is still open."""
        return None if self.tone is Tone.ENDED else self.case.stage.level


def compose(letter: Letter, sender: str, words: Words) -> bytes:
    """The message, ready to be sent. `sender` is an address or `Name <address>`; `words` speaks its reader's language.

    The same letter gives the same bytes. Raises jinja2.TemplateError where a template is broken.
    """
    told = tuple(_told(case, letter) for case in letter.cases)
    # Base64 cannot hold an underscore, so no part can hold the boundary.
    boundary = f"=_{hashlib.sha256(letter.message_id.encode()).hexdigest()[:32]}"
    message = MIMEMultipart("alternative", boundary, policy=_POLICY)
    message["Message-ID"] = plain(letter.message_id)
    message["Date"] = format_datetime(letter.written_at.astimezone(letter.zone))
    _add(message, "From", _person("From", *parseaddr(sender)))
    _add(message, "To", _person("To", letter.name, letter.recipient))
    topic = subject(told, words)
    _add(message, "Subject", header("Subject", topic))
    if len(told) == 1:
        # All letters about one complaint make one conversation, whichever of them arrived.
        thread = f"<{re.sub(r'[^A-Za-z0-9-]', '-', told[0].case.number)}@complaint-sla.invalid>"
        message["In-Reply-To"] = thread
        message["References"] = thread
    # RFC 3834, and its like in Exchange: no out-of-office notice answers.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message["Content-Language"] = words.language
    if any(one.is_pressing for one in told):
        message["Importance"] = "high"
    for ending in ("txt", "html"):
        text = _rendered(letter, told, topic, words, ending)
        message.attach(MIMEText(text, "plain" if ending == "txt" else "html", "utf-8", policy=_POLICY))
    return message.as_bytes()


def subject_of(letter: Letter, words: Words) -> str:
    """The subject of the letter; empty if it is about nothing any more."""
    return subject(tuple(_told(case, letter) for case in letter.cases), words) if letter.cases else ""


def text_of(letter: Letter, words: Words) -> str:
    """The letter's plain text, with newlines as line ends; empty if it is about nothing any more."""
    if not letter.cases:
        return ""
    told = tuple(_told(case, letter) for case in letter.cases)
    return _rendered(letter, told, subject(told, words), words, "txt").replace("\r\n", "\n")


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


def _told(case: Case, letter: Letter) -> Told:
    days = (case.due_on - letter.today).days
    if case.ended_at is not None:
        tone = Tone.ENDED
    elif days < 0:
        tone = Tone.LATE
    elif days == 0:
        tone = Tone.TODAY
    else:
        tone = Tone.NEW if case.stage.offset is None else Tone.SOON
    return Told(case, days, tone)


def subject(told: tuple[Told, ...], words: Words) -> str:
    """The subject of a letter: what is worst in it, and how bad that is."""
    open_ones = [one for one in told if one.tone is not Tone.ENDED] or list(told)
    levels = [one.level for one in open_ones if one.level is not None]
    worst = min(open_ones, key=lambda one: one.days)
    tag = words(TAGS[worst.tone])
    if levels:
        tag = words("Escalation {level}", level=max(levels))
    elif worst.tone is Tone.NEW and worst.case.urgent:
        tag = words("Urgent")
    if len(open_ones) == 1:
        return f"[{tag}] {_about_one(worst, words, bool(levels))}"
    return f"[{tag}] {_about_many(open_ones, words)}"


def _about_one(one: Told, words: Words, escalated: bool) -> str:
    number = plain(one.case.number)
    due = words.day(one.case.due_on)
    match one.tone:
        case Tone.LATE:
            return words.plural(
                "Complaint {number}, {n} day late",
                "Complaint {number}, {n} days late",
                -one.days,
                number=number,
            )
        case Tone.TODAY if escalated:
            return words("Complaint {number}, due today", number=number)
        case Tone.NEW:
            return words.plural(
                "Complaint {number} received, due in {n} day ({due})",
                "Complaint {number} received, due in {n} days ({due})",
                one.days,
                number=number,
                due=due,
            )
        case Tone.SOON:
            return words.plural(
                "Complaint {number} due in {n} day ({due})",
                "Complaint {number} due in {n} days ({due})",
                one.days,
                number=number,
                due=due,
            )
        case _:
            return words("Complaint {number}", number=number)


def _about_many(told: list[Told], words: Words) -> str:
    worst = min(told, key=lambda one: one.days)
    alike = sum(one.tone is worst.tone for one in told)
    if alike == len(told) or worst.tone not in {Tone.LATE, Tone.TODAY}:
        many = words("{count} complaints", count=len(told))
    else:
        many = words("{some} of {count} complaints", some=alike, count=len(told))
    if worst.tone is Tone.LATE:
        return words.plural(
            "{complaints}, the worst {n} day late",
            "{complaints}, the worst {n} days late",
            -worst.days,
            complaints=many,
        )
    if worst.tone in {Tone.SOON, Tone.NEW}:
        return words.plural(
            "{complaints}, the first due in {n} day ({due})",
            "{complaints}, the first due in {n} days ({due})",
            worst.days,
            complaints=many,
            due=words.day(worst.case.due_on),
        )
    return many


def _rendered(letter: Letter, told: tuple[Told, ...], topic: str, words: Words, ending: str) -> str:
    def title(title: Title) -> str:
        # The mark of repetition belongs to the word before it, though a space stands between them.
        return plain(title.of(words.language)).replace(" ๆ", "\u00a0ๆ")

    template = _environment(ending == "html").get_template(f"{'one' if len(told) == 1 else 'many'}.{ending}")
    text = template.render(
        letter=letter,
        subject=topic,
        told=told,
        worst=min(told, key=lambda one: (one.tone is Tone.ENDED, one.days)),
        detailed=DETAILED,
        labels=LABELS,
        statuses=STATUSES,
        title=title,
        words=words,
        # By a name of its own, so that the tools that gather the texts to be translated find the calls.
        plural=words.plural,
        most=_SUBJECT if len(told) == 1 else _SUBJECT_AMONG_MANY,
    )
    return "\r\n".join(text.splitlines()) + "\r\n"


@cache
def _environment(html: bool) -> Environment:
    # One for each form. Were escaping chosen by a file's ending, what both forms import would not be escaped, and
    # Jinja would take it for escaped all the same.
    environment = Environment(
        loader=FileSystemLoader(templates() / "email"),
        autoescape=html,  # noqa: S701 - the other form is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"plain": plain, "shortened": shortened, "cells": cells, "masked": masked_phone}
    return environment


def shortened(text: str, most: int) -> str:
    """At most `most` characters, never cut before a mark that belongs to the one before it."""
    if len(text) <= most:
        return text
    end = most - 1
    while end and unicodedata.category(text[end]) in {"Mn", "Me", "Mc"}:
        end -= 1
    return f"{text[:end].rstrip()}…"


def cells(text: str, width: int) -> str:
    """Padded to `width` cells. Thai vowels and tones above and below a letter have none of their own."""
    taken = sum(unicodedata.category(char) not in {"Mn", "Me", "Cf"} for char in text)
    return text + " " * (width - taken)


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
