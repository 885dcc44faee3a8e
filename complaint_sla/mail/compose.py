"""Letters put into words: what the outbox hands out becomes the bytes of a message, text and HTML, in its reader's language.

Knows neither the database nor how mail travels.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from complaint_sla.core.masking import masked_phone
from complaint_sla.core.replies import Answer
from complaint_sla.core.titles import Title
from complaint_sla.mail import alert_letter
from complaint_sla.mail.envelope import Worded, sealed
from complaint_sla.mail.room import Room
from complaint_sla.resources import templates
from complaint_sla.wording import N_, Words
from complaint_sla.wording.matters import matter
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import padded, shortened
from complaint_sla.wording.words import REHEARSAL
from complaint_sla.work.letters.alert_letter import Letter

if TYPE_CHECKING:
    from complaint_sla.work.letters.notices import AnyNotice

WHOLE = Room()
# Above what had to be written otherwise after a copy may have arrived.
REPLACES = N_("This message replaces an earlier one that may have reached you.")
# The ending of a template, and the subtype of the part that it makes.
_FORMS = {"txt": "plain", "html": "html"}


def compose(letter: Letter | AnyNotice, sender: str, words: Words, room: Room = WHOLE) -> bytes:
    """The message, ready to be sent. `sender` is an address or `Name <address>`; `words` speaks its reader's language.

    The same letter in the same room gives the same bytes. Raises jinja2.TemplateError where a template is broken.
    """
    worded = _worded(letter, words, room)
    if worded is None:
        raise ValueError("a letter about nothing")
    bodies = {
        subtype: _rendered(letter, worded, words, ending)
        for ending, subtype in _FORMS.items()
        if room.html or ending == "txt"
    }
    return sealed(letter, worded, sender, bodies, words)


def subject_of(letter: Letter | AnyNotice, words: Words) -> str:
    """The subject of the letter; empty if it is about nothing any more."""
    worded = _worded(letter, words)
    return worded.subject if worded is not None else ""


def text_of(letter: Letter | AnyNotice, words: Words) -> str:
    """The letter's plain text, with newlines as line ends; empty if it is about nothing any more."""
    worded = _worded(letter, words)
    return _rendered(letter, worded, words, "txt").replace("\r\n", "\n") if worded is not None else ""


def _worded(letter: Letter | AnyNotice, words: Words, room: Room = WHOLE) -> Worded | None:
    if isinstance(letter, Letter):
        worded = alert_letter.worded(letter, words, room)
    else:
        # What notices need, no alert waits for.
        from complaint_sla.mail import summary_letter

        worded = summary_letter.worded(letter, words)
        if worded.attachments and not room.files:
            worded = _without_files(worded, words)
    if worded is None or not letter.rehearsal:
        return worded
    return replace(worded, subject=words("[Rehearsal] {subject}", subject=worded.subject))


def _without_files(worded: Worded, words: Words) -> Worded:
    """With the names of the files, and why they don't go along; the letter says by which command they are made."""
    before = cast("list[str]", worded.values["missing"])
    missing = [f"{one.name}: {matter(words, Answer.TOO_LARGE)}" for one in worded.attachments]
    return replace(
        worded, attachments=(), values={**worded.values, "files": [], "missing": [*before, *missing]}
    )


def _rendered(letter: Letter | AnyNotice, worded: Worded, words: Words, ending: str) -> str:
    def title(title: Title) -> str:
        # The mark of repetition belongs to the word before it, though a space stands between them.
        return plain(title.of(words.language)).replace(" ๆ", "\u00a0ๆ")

    text = (
        _environment(ending == "html")
        .get_template(f"{worded.template}.{ending}")
        .render(
            letter=letter,
            subject=worded.subject,
            tone=worded.tone,
            title=title,
            words=words,
            # By a name of its own, so that the tools that gather the texts to be translated find the calls.
            plural=words.plural,
            rehearsal=words(REHEARSAL) if letter.rehearsal else "",
            replaces=words(REPLACES) if letter.earlier else "",
            **worded.values,
        )
    )
    if ending == "txt":
        above = [REPLACES] * bool(letter.earlier) + [REHEARSAL] * letter.rehearsal
        text = "".join(f"{words(line)}\n\n" for line in reversed(above)) + text
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
    environment.filters |= {"plain": plain, "shortened": shortened, "padded": padded, "masked": masked_phone}
    return environment
