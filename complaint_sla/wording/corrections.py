"""What was corrected, in words: each field with what it was and what it is. Contact details are masked unless asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from complaint_sla.core.corrections import Correction, Said, in_data, in_words
from complaint_sla.core.masking import masked
from complaint_sla.core.rulebook import Titles
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import N_, Words

FIELDS: Mapping[str, str] = {
    "subject": N_("subject"),
    "detail": N_("detail"),
    "customer": N_("customer's name"),
    "phone": N_("telephone"),
    "account": N_("contract account"),
    "email": N_("e-mail"),
    "channel": N_("channel"),
    "external_id": N_("id elsewhere"),
}
NOTHING = "–"
# As much of a text as an answer or a message repeats; a history has all of it.
LONGEST = 200


def done(words: Words, titles: Titles, one: Correction) -> str:
    """แก้ไขโทรศัพท์แล้ว: 08x-xxx-5678 → 08x-xxx-5679."""
    return words(
        "{field} corrected: {change}", field=words(FIELDS[one.field]), change=_change(words, titles, one)
    )


def told(words: Words, titles: Titles, data: Mapping[str, Any], spoken: Said, *, contact: bool) -> str:
    """What a history says of a correction, in a line for each field; once the words are erased, which fields they were of."""
    known = {
        one.field: one for one in (*in_data(data), *(in_words(data["fields"], spoken) if spoken else ()))
    }
    return "\n".join(
        words(FIELDS[field])
        + (f": {_change(words, titles, known[field], contact, None)}" if field in known else "")
        for field in data["fields"]
    )


def stands(words: Words, found: Iterable[Correction]) -> str:
    """What stands of these fields, for a message that knows no book."""
    return ", ".join(
        f"{words(FIELDS[one.field])} {shown(words, None, one.field, one.was, contact=False)}" for one in found
    )


def shown(
    words: Words,
    titles: Titles | None,
    field: str,
    value: str | None,
    *,
    contact: bool,
    most: int | None = LONGEST,
) -> str:
    """A value of a field, in one line; without titles a channel by its key."""
    if value is None:
        return NOTHING
    if field == "channel" and titles is not None:
        return plain(titles.of("channel", value).of(words.language))
    line = " ".join((value if contact else str(masked({field: value})[field])).split())
    return plain(line if most is None or len(line) <= most else f"{line[:most]}…")


def _change(
    words: Words, titles: Titles, one: Correction, contact: bool = False, most: int | None = LONGEST
) -> str:
    was, now = (
        shown(words, titles, one.field, value, contact=contact, most=most) for value in (one.was, one.now)
    )
    if was == now:
        # What differs is what the mask hides, or how the lines are broken.
        return words("{value}, otherwise where it is not shown", value=now)
    return f"{was} → {now}"
