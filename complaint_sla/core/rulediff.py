"""Two rule books, plans or settings of the service → all in which they differ in meaning, as values.

It goes by the fields of what it compares, so that one which is new is compared as well. `wording` has the words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from difflib import SequenceMatcher
from fractions import Fraction
from typing import Any, TypeVar

from complaint_sla.core.calendars import Counting
from complaint_sla.core.measures import Kind, plain_least
from complaint_sla.core.plan import Due, Plan, PlannedMeasure
from complaint_sla.core.rulebook import Book
from complaint_sla.core.servicefile import ReportOrder, ServiceRules
from complaint_sla.core.titles import Title

Compared = TypeVar("Compared", Book, Plan, ServiceRules)

# A comment, or the order of keys in the text, decides nothing.
_MEANINGLESS = frozenset({"digest", "text"})

# The field that decides nothing: what everybody says for a term.
SAID = "also"

# What a list or table of these names holds.
KINDS: Mapping[str, str] = {
    "rules": "rule",
    "stages": "stage",
    "groups": "group",
    "channels": "channel",
    "categories": "category",
    "holidays": "holiday",
    "activities": "activity",
    "measures": "measure",
    "services": "service",
    "surveys": "survey",
    "reports": "report",
}
# The field of a difference that is no field of what differs: where an entry stands among the others.
ORDER = "order"


@dataclass(frozen=True)
class Least:
    """A measure's least value, which means nothing without its kind."""

    kind: Kind
    value: Fraction | None

    @property
    def written(self) -> str | None:
        """As in its file: 80 (per cent), 4.31, 3; None where what feeds the measure has its own."""
        return "0" if self.value == 0 else plain_least(self.kind, self.value)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One thing that was and is otherwise now.

    `kind` and `key` name the entry (rule, stage, holiday …), or `kind` a part (counting …); both are empty for the whole.
    `field` is what differs in it; it is empty where the entry itself came (`was` is None) or went (`now` is None).
    For the field `order` both are the key of the entry before it, None for the first place.
    """

    kind: str
    key: str
    field: str
    was: object
    now: object


def differences(old: Compared, new: Compared) -> tuple[RuleChange, ...]:
    """All that differs, in the order of the fields; empty if and only if both mean the same."""
    return tuple(_of_fields("", "", old, new))


def decide_alike(old: Compared, new: Compared) -> bool:
    """Whether nothing is decided otherwise: they mean the same, but for what everybody says."""
    return all(one.field == SAID for one in differences(old, new))


def _of_fields(kind: str, key: str, old: Any, new: Any) -> Iterator[RuleChange]:
    for one in fields(old):
        was, now = getattr(old, one.name), getattr(new, one.name)
        if one.name in _MEANINGLESS or was == now:
            continue
        if isinstance(old, PlannedMeasure) and one.name == "least":
            was, now = Least(old.kind, was), Least(new.kind, now)
        yield from _of_values(kind, key, one.name, was, now)


def _of_values(kind: str, key: str, name: str, old: Any, new: Any) -> Iterator[RuleChange]:
    if _is_listed(old) and _is_listed(new):
        yield from _of_entries(KINDS.get(name, name), f"{key}/" if key else "", old, new)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_days(KINDS.get(name, name), old, new)
    elif isinstance(old, Counting) and isinstance(new, Counting):
        yield from (one for one in _of_fields(name, key, old, new) if not _out_of_reach(one, old, new))
    elif _is_part(old) and type(old) is type(new):
        yield from _of_fields(name, key, old, new)
    else:
        yield RuleChange(kind, key, name, old, new)


def _out_of_reach(one: RuleChange, old: Counting, new: Counting) -> bool:
    """Whether a holiday went only because the calendar no longer reaches its day; of that `covers` tells."""
    if one.kind != "holiday" or one.now is not None or old.covers == new.covers:
        return False
    return new.covers is None or not new.covers[0] <= date.fromisoformat(one.key) <= new.covers[1]


def _is_part(value: object) -> bool:
    """Whether it is told field by field. A title is one value in two languages; of a due day, too, one field alone says all."""
    return is_dataclass(value) and not isinstance(value, Title | Due | Least) and not callable(value)


def _is_listed(value: object) -> bool:
    """Whether it is a list of entries that have a key each."""
    return isinstance(value, tuple) and all(
        isinstance(one, ReportOrder) or hasattr(one, "key") for one in value
    )


def _key(entry: Any) -> str:
    return (entry.office or "*") if isinstance(entry, ReportOrder) else entry.key


def _of_entries(kind: str, above: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> Iterator[RuleChange]:
    was, now = ({_key(one): one for one in entries} for entries in (old, new))
    for key, entry in was.items():
        if key not in now:
            yield RuleChange(kind, above + key, "", entry, None)
    moved = _moved([key for key in was if key in now], [key for key in now if key in was])
    for key, entry in now.items():
        if key not in was:
            yield RuleChange(kind, above + key, "", None, entry)
            continue
        yield from _of_fields(kind, above + key, was[key], entry)
        if key in moved:
            yield RuleChange(kind, above + key, ORDER, *moved[key])


def _moved(old: list[str], new: list[str]) -> dict[str, tuple[str | None, str | None]]:
    """Which of the same keys stand elsewhere, as few as will do: after which one each stood and stands, None for none."""
    stayed: set[str] = set()
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        stayed.update(old[block.a : block.a + block.size])
    before, after = (dict(zip(keys, [None, *keys], strict=False)) for keys in (old, new))
    return {key: (before[key], after[key]) for key in new if key not in stayed and before[key] != after[key]}


def _of_days(kind: str, old: Mapping[date, str], new: Mapping[date, str]) -> Iterator[RuleChange]:
    for day in sorted({*old, *new}):
        was, now = old.get(day), new.get(day)
        if was != now:
            yield RuleChange(kind, day.isoformat(), "name" if was and now else "", was, now)
