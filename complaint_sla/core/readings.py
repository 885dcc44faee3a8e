"""Readings: what somebody has entered of a measure in a period, each with its letter; and what stands of them.

They are append-only. The last one of a measure and period stands, the earlier ones are its history; a withdrawn one
leaves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from complaint_sla.core.errors import BadValue
from complaint_sla.core.measures import Kind
from complaint_sla.core.plan import PlannedMeasure
from complaint_sla.core.planfile import HIGHEST_MEAN, LOWEST_MEAN


class ReadingKind(StrEnum):
    """What a reading says: here is the figure; we wait for somebody; there is none after all."""

    FIGURE = "figure"
    AWAITING = "awaiting"
    WITHDRAWN = "withdrawn"


class Reading(NamedTuple):
    """A reading as cards reckon with it. `seq` is the number of its entry in the journal, `office` a code, `period` a key.

    `n` of `d` as the kind of the measure means them; `d` is None for a count of which nobody knows the whole. `dated` is
    the local day that its letter bears. A tuple, for a card of a nation's year is made of a million.
    """

    seq: int
    office: str
    measure: str
    period: str
    kind: ReadingKind
    n: int | None = None
    d: int | None = None
    dated: date | None = None


# By office, measure and period.
Standing = Mapping[tuple[str, str, str], Reading]


def standing(readings: Iterable[Reading]) -> dict[tuple[str, str, str], Reading]:
    """What stands of readings, in whatever order they come."""
    found: dict[tuple[str, str, str], Reading] = {}
    withdrawn = set()
    for one in readings:
        key = one[1:4]
        if found.setdefault(key, one)[0] < one[0]:
            found[key] = one
        if one.kind is ReadingKind.WITHDRAWN:
            withdrawn.add(key)
    for key in withdrawn:
        if found[key].kind is ReadingKind.WITHDRAWN:
            del found[key]
    return found


# A figure as it is typed is short: whatever is longer was never counted.
MOST = 10**12
# 11,969: a comma that parts no thousands was meant for something else, such as 90,95 for 90/95.
_WRITTEN = re.compile(r"[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+")


def figure(measure: PlannedMeasure, text: str | None) -> tuple[int, int | None]:
    """n and d of a figure as it is typed: `90/95`, for a mean `862/200` (sum/answers), for a count `3` or `3/14`, nothing for
    what is done. Raises BadValue: `figure-percent`, `figure-of-what`, `figure-too-many`, `figure-mean`, `figure-done`,
    `figure-missing`, `bad-figure`.
    """
    key = measure.key
    if measure.kind is Kind.DONE:
        if text is not None:
            raise BadValue("figure-done", value=text, measure=key)
        return 1, 1
    if text is None:
        raise BadValue("figure-missing", measure=key, kind=measure.kind)
    plain = text.translate(_DIGITS)
    if "%" in plain or "." in plain:
        raise BadValue("figure-percent", value=text, measure=key, kind=measure.kind)
    parts = [one.strip() for one in plain.split("/")]
    if len(parts) > 2 or not all(map(_WRITTEN.fullmatch, parts)):
        raise BadValue("bad-figure", value=text, measure=key, kind=measure.kind)
    parts = [one.replace(",", "") for one in parts]
    # A number of thousands of digits is not even read.
    if any(len(one.lstrip("0")) > len(str(MOST)) - 1 for one in parts):
        raise BadValue("bad-figure", value=text, measure=key, kind=measure.kind)
    n, d = int(parts[0]), int(parts[1]) if len(parts) == 2 else None
    if d is None:
        if measure.kind is not Kind.COUNT:
            raise BadValue("figure-of-what", value=text, measure=key, kind=measure.kind)
        return n, None
    if measure.kind is Kind.MEAN:
        if not LOWEST_MEAN * d <= n <= HIGHEST_MEAN * d:
            raise BadValue("figure-mean", value=text, n=n, d=d, least=LOWEST_MEAN * d, most=HIGHEST_MEAN * d)
    elif n > d:
        raise BadValue("figure-too-many", value=text, n=n, d=d)
    return n, d


_DIGITS = {0x0E50 + digit: str(digit) for digit in range(10)} | {
    0xFF0C: ",", 0x2044: "/", 0xFF0F: "/", 0xFF05: "%",
}  # fmt: skip
