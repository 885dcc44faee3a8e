"""Frozen figures, held against the complaints that they list, and each of those against its events until then.

One figure is in memory at a time (a restatement beside the version before it); its complaints come a page at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlmodel import Session

from complaint_sla.core.complaints import Bucket
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import DatabaseUnusable, Error
from complaint_sla.core.figures import COMPLAINTS, Part, gathered
from complaint_sla.core.frozen import (
    FACTS,
    CaseLine,
    Frozen,
    compared,
    digest,
    each_case,
    figure_json,
    read_content,
)
from complaint_sla.core.replay import Replay
from complaint_sla.core.rulebook import Book
from complaint_sla.store import figures
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.store.types import unreadable
from complaint_sla.work.audit.complaints import link_of
from complaint_sla.work.complaints.log import serial_of

# As many complaints as are replayed together.
_PAGE = 500
# Who recorded a complaint a moment before the figure was frozen may have committed a moment after, and clocks differ.
_AT_ONCE = timedelta(minutes=10)
# What a hand may have made of a text.
_UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, Error)
# The moments of a figure are what it is told as of, and follow from nothing: in whatever zone.
_MOMENTS = ("as_of", "final_at")
_COUNTS = frozenset(Bucket)
_FIGURE: Table = FrozenFigure.__table__  # type: ignore[attr-defined]
_ANY_ZONE = ZoneInfo("UTC")

Found = Iterator[tuple[str, Difference]]


class Proof:
    """All frozen figures. `books` are those that can be trusted, by digest; `figures` counts what was looked at.

    `latest`: nothing can have been frozen after it; None where any clock may be.
    """

    def __init__(self, session: Session, books: Mapping[str, Book], latest: datetime | None) -> None:
        self._session = session
        self._latest = latest
        self._books = books
        self.figures = 0

    def all(self) -> Found:
        before: FrozenFigure | None = None
        # The newest that is not void: what the next one restates.
        stands: FrozenFigure | None = None
        for measure, quarter, version in figures.all_frozen(self._session):
            self.figures += 1
            about = f"figure {quarter}/{version}"
            row = None
            if isinstance(version, int):
                row = figures.frozen(self._session, quarter, version, measure)
            if row is None or unreadable(_FIGURE, vars(row) | {"cases": row.cases}):
                yield about, Difference(Check.FIGURE_TEXT, "content")
                continue
            if before is not None and (before.measure, before.quarter) != (measure, quarter):
                before = stands = None
            expected = before.version + 1 if before is not None else 1
            for missing in range(expected, version):
                yield f"figure {quarter}", Difference(Check.FIGURE_VERSION, str(missing))
            whole = version == expected
            yield from ((about, difference) for difference in self._figure(row, stands, whole=whole))
            before = row
            if row.voided_at is None:
                stands = row
                if self._latest is not None and row.frozen_at > self._latest:
                    yield about, Difference(Check.TO_COME, "frozen_at", row.frozen_at)

    def _figure(self, row: FrozenFigure, before: FrozenFigure | None, *, whole: bool) -> Iterator[Difference]:
        """One figure; `before` is the version that it restates, if any. Not `whole`: the one before it is not there."""
        derived = digest(row.content)
        try:
            kept = read_content(row.content, row.frozen_at)
            data = json.loads(row.content)
            cases_digest, count, book_id = data["cases"]["digest"], data["cases"]["count"], data["books"][-1]
        except DatabaseUnusable as problem:
            yield Difference(Check.FIGURE_FORMAT, "content", problem.values["format"])
            return
        except _UNREADABLE:
            yield Difference(Check.FIGURE_TEXT, "content", row.digest, derived)
            return
        about = (data.get("measure", COMPLAINTS), str(kept.figure.quarter), kept.version)
        if derived != row.digest or about != (row.measure, row.quarter, row.version):
            yield Difference(Check.FIGURE_TEXT, "content", row.digest, derived)
        if digest(row.cases) != cases_digest:
            yield Difference(Check.FIGURE_CASES, "cases", cases_digest, digest(row.cases))
        try:
            parts, listed = _listed(row.cases)
        except _UNREADABLE:
            yield Difference(Check.FIGURE_CASES, "cases")
            return
        if count != len(listed):
            yield Difference(Check.FIGURE_SUM, "cases", count, len(listed))
        yield from self._sums(kept, data, book_id, parts)
        if whole:
            yield from _changes(kept, before, row)
        yield from self._cases(row.cases, kept.figure.as_of)
        yield from self._missing(kept, listed, row.frozen_at)

    def _sums(
        self, kept: Frozen, data: Mapping[str, Any], book_id: str, parts: Sequence[Part]
    ) -> Iterator[Difference]:
        """The figure against its complaints; its target against the last of its books, if complaints have pinned that."""
        targets = {book.id: book.target for book in self._books.values()}
        figure = replace(kept.figure, target=targets.get(book_id, kept.figure.target))
        told = figure_json(replace(kept, figure=figure).told_by(parts), _ANY_ZONE)
        stated = _flat(data)
        wrong = {
            name: value
            for name, value in _flat(told).items()
            # What the format of a figure did not state yet can't be wrong.
            if name.split(" ")[0] in data and name not in _MOMENTS and stated.get(name) != value
        }
        # Where the counts are wrong, so is all that follows from them: rows, sums and rates need not be told, too.
        for name in [name for name in wrong if name in _COUNTS] or wrong:
            yield Difference(Check.FIGURE_SUM, name, stated.get(name), wrong[name])

    def _cases(self, cases: str, as_of: datetime) -> Iterator[Difference]:
        """Every line against the events of its complaint, up to the one with which it was frozen."""
        lines = each_case(cases)
        while page := list(islice(lines, _PAGE)):
            chains = figures.chains(self._session, [line.number for line in page])
            for line in page:
                yield from self._case(line, chains.get(line.number, ()), as_of)

    def _case(
        self, line: CaseLine, events: Sequence[Mapping[str, Any]], as_of: datetime
    ) -> Iterator[Difference]:
        events = [one for one in events if isinstance(one["seq"], int)]
        if not any(one["seq"] == line.seq and one["hash"] == line.head for one in events):
            yield Difference(Check.FIGURE_EVENT, line.number, line.seq)
        replay = Replay(self._books, [link_of(line.number, one) for one in events if one["seq"] <= line.seq])
        state, columns = replay.state, replay.columns()
        # What a broken record, or one whose book was changed, would lead to says nothing; that it is, has been said.
        if state is None or not replay.is_whole or "month" not in columns:
            return
        for name in FACTS:
            stored = getattr(line.part, name)
            if stored not in ("", columns[name]):
                yield Difference(Check.FIGURE_CASE, f"{line.number}: {name}", stored, columns[name])
        if (bucket := state.bucket(as_of)) is not line.part.bucket:
            yield Difference(
                Check.FIGURE_CASE, f"{line.number}: bucket", line.part.bucket.value, bucket.value
            )

    def _missing(self, kept: Frozen, listed: set[str], frozen_at: datetime) -> Iterator[Difference]:
        """Complaints of the quarter that are not in the list, though they were there when it was made.

        Numbers of a month are given by one transaction after the other: what has a lower one than a listed complaint was
        there for certain, what has a higher one only by its moment of entry.
        """
        highest: dict[str, int] = {}
        for number in listed:
            month = number.rpartition("-")[0]
            highest[month] = max(highest.get(month, 0), serial_of(number))
        for number, recorded_at in figures.recorded(self._session, kept.figure.quarter.months):
            if number in listed or not isinstance(number, str) or not isinstance(recorded_at, datetime):
                # What of it can't be read has been said of the complaint.
                continue
            serial, last = serial_of(number), highest.get(number.rpartition("-")[0], 0)
            if serial < last or recorded_at < frozen_at - _AT_ONCE:
                yield Difference(Check.FIGURE_MISSING, number)


def _listed(cases: str) -> tuple[list[Part], set[str]]:
    """The lines counted, and their numbers. Raises ValueError if they are not the numbers of complaints in order."""
    numbers: set[str] = set()

    def parts() -> Iterator[Part]:
        last = ""
        for line in each_case(cases):
            if line.number <= last or not line.number.isprintable() or not isinstance(line.seq, int):
                raise ValueError(line.number)
            last = line.number
            numbers.add(last)
            yield line.part

    return gathered(parts()), numbers


def _changes(kept: Frozen, before: FrozenFigure | None, row: FrozenFigure) -> Iterator[Difference]:
    """What a restatement says has changed, against the lists of both versions; the first one says nothing."""
    said = {change.number: (change.was, change.now) for change in kept.changes}
    changed: dict[str, tuple[Part | None, Part | None]] = {}
    if before is not None:
        try:
            pairs = compared(each_case(before.cases), each_case(row.cases))
        except _UNREADABLE:
            # That has been said of the version before.
            return
        for old, new in pairs:
            number = (new or old).number  # type: ignore[union-attr]
            changed[number] = (old.part if old else None, new.part if new else None)
    for number in sorted(said.keys() | changed.keys()):
        if said.get(number) != changed.get(number):
            yield Difference(Check.FIGURE_CHANGE, number)


def _flat(data: Mapping[str, Any]) -> dict[str, object]:
    """A figure's JSON with a name for each of its values: `rate`, `by_office EAST: rate`."""
    found: dict[str, object] = {}
    for name, value in data.items():
        if name.startswith("by_"):
            for row in value:
                found.update({f"{name} {row['key']}: {key}": one for key, one in row.items()})
        else:
            found[name] = value
    return found
