"""Frozen figures, held against the complaints that they list, and each of those against its events until then.

One figure is in memory at a time (a restatement beside the version before it); its complaints come a page at a time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Table
from sqlmodel import Session

from complaint_sla.core.complaints import TOUCHES, Bucket, is_redeemable
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.core.figures import COMPLAINTS, PLAN, Part, about_figure, gathered
from complaint_sla.core.frozen import (
    CHAINED,
    FACTS,
    CaseLine,
    Frozen,
    PinnedBook,
    Restated,
    compared,
    digest,
    each_case,
    figure_json,
    read_content,
    restated,
)
from complaint_sla.core.replay import Replay
from complaint_sla.core.rulebook import Book
from complaint_sla.store import figures
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.store.types import unreadable
from complaint_sla.work.audit.complaints import link_of
from complaint_sla.work.audit.plans import PlanProof
from complaint_sla.work.audit.versions import UNREADABLE, chained, of_chain, restates_void
from complaint_sla.work.complaints.log import serial_of

# As many complaints as are replayed together.
_PAGE = 500
# Who recorded a complaint a moment before the figure was frozen may have committed a moment after, and clocks differ.
_AT_ONCE = timedelta(minutes=10)
# The moments of a figure are what it is told as of, and follow from nothing: in whatever zone.
_MOMENTS = ("as_of", "final_at")
_COUNTS = frozenset(Bucket)
_FIGURE: Table = FrozenFigure.__table__  # type: ignore[attr-defined]
_ANY_ZONE = ZoneInfo("UTC")

Found = Iterator[tuple[str, Difference]]


class Proof:
    """All frozen figures. `books` are those that can be trusted, by digest; `figures` counts what was looked at.

    `latest`: nothing can have been frozen after it; None where any clock may be. Frozen plans are left to `plans`.
    """

    def __init__(
        self, session: Session, books: Mapping[str, Book], latest: datetime | None, plans: PlanProof
    ) -> None:
        self._session = session
        self._plans = plans
        self._latest = latest
        self._books = books
        self.figures = 0

    def all(self) -> Found:
        before: FrozenFigure | None = None
        # The newest that is not void: what the next one restates.
        stands: FrozenFigure | None = None
        self._last = dict(chained(self._session))
        for measure, quarter, version in figures.all_frozen(self._session):
            self.figures += 1
            about = about_figure(measure, quarter, version)
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
                yield about_figure(measure, quarter), Difference(Check.FIGURE_VERSION, str(missing))
            whole = version == expected
            last = before if whole else None
            if measure == PLAN:
                newest = self._last.get((measure, quarter, version))
                found = self._plans.differences(row, stands, last, newest, whole=whole)
            else:
                found = self._figure(row, stands, last, whole=whole)
            yield from ((about, difference) for difference in found)
            before = row
            if row.voided_at is None:
                stands = row
                if self._latest is not None and row.frozen_at > self._latest:
                    yield about, Difference(Check.TO_COME, "frozen_at", row.frozen_at)

    def _figure(
        self, row: FrozenFigure, before: FrozenFigure | None, last: FrozenFigure | None, *, whole: bool
    ) -> Iterator[Difference]:
        """One figure; `before` is the newest before it that stands, if any, and `last` the one just before it, void or not.

        Not `whole`: that one is not there.
        """
        derived = digest(row.content)
        try:
            kept = read_content(row.content, row.frozen_at)
            data = json.loads(row.content)
            cases_digest, count, target_book = (
                data["cases"]["digest"],
                data["cases"]["count"],
                kept.ground.books[-1],
            )
        except DatabaseUnusable as problem:
            yield Difference(Check.FIGURE_FORMAT, "content", problem.values["format"])
            return
        except UNREADABLE:
            yield Difference(Check.FIGURE_TEXT, "content", row.digest, derived)
            return
        about = (data.get("measure", COMPLAINTS), str(kept.figure.quarter), kept.version)
        if derived != row.digest or about != (row.measure, row.quarter, row.version):
            yield Difference(Check.FIGURE_TEXT, "content", row.digest, derived)
        if digest(row.cases) != cases_digest:
            yield Difference(Check.FIGURE_CASES, "cases", cases_digest, digest(row.cases))
        try:
            parts, listed = _listed(row.cases)
        except UNREADABLE:
            yield Difference(Check.FIGURE_CASES, "cases")
            return
        if count != len(listed):
            yield Difference(Check.FIGURE_SUM, "cases", count, len(listed))
        if last is not None and restates_void(kept.ground, row, last):
            before = last
        is_early = kept.figure.as_of < kept.figure.final_at or kept.figure.counts.pending > 0
        if is_early and row.voided_at is None:
            yield Difference(Check.FIGURE_EARLY, "final_at", kept.figure.as_of, kept.figure.final_at)
        yield from self._sums(kept, data, target_book, parts, is_early=is_early)
        if whole:
            yield from _changes(kept, before, row)
            yield from _restated(kept, before, data)
        is_chained = data.get("format", 1) >= CHAINED
        if is_chained:
            newest = self._last.get((row.measure, row.quarter, row.version))
            yield from of_chain(kept.ground, before, newest, whole=whole)
        yield from self._cases(row.cases, kept.figure.as_of, is_chained=is_chained)
        yield from self._missing(kept, listed, row.frozen_at if row.voided_at is None else None)

    def _target(self, book: PinnedBook, stated: Fraction) -> Fraction:
        """That of the book; as it is stated, where the database has no such book that can be trusted."""
        if book.digest is not None:
            found = self._books.get(book.digest)
            return found.target if found is not None else stated
        return {one.id: one.target for one in self._books.values()}.get(book.id, stated)

    def _sums(
        self,
        kept: Frozen,
        data: Mapping[str, Any],
        book: PinnedBook,
        parts: Sequence[Part],
        *,
        is_early: bool,
    ) -> Iterator[Difference]:
        """The figure against its complaints; its target against that of the book that gave it."""
        figure = replace(kept.figure, target=self._target(book, kept.figure.target))
        told = figure_json(replace(kept, figure=figure).told_by(parts), _ANY_ZONE)
        stated = _flat(data)
        wrong = {
            name: value
            for name, value in _flat(told).items()
            # What the format of a figure did not state yet can't be wrong.
            if name.split(" ")[0] in data
            and (name.rpartition(" ")[2] != "redeemable" or "redeemable" in data)
            and name not in (*_MOMENTS, *(["state"] if is_early else []))
            and stated.get(name) != value
        }
        # Where the counts are wrong, so is all that follows from them: rows, sums and rates need not be told, too.
        for name in [name for name in wrong if name in _COUNTS] or wrong:
            yield Difference(Check.FIGURE_SUM, name, stated.get(name), wrong[name])

    def _cases(self, cases: str, as_of: datetime, *, is_chained: bool) -> Iterator[Difference]:
        """Every line against the events of its complaint, up to the one with which it was frozen."""
        lines = each_case(cases)
        while page := list(islice(lines, _PAGE)):
            chains = figures.chains(self._session, [line.number for line in page])
            for line in page:
                yield from self._case(line, chains.get(line.number, ()), as_of, is_chained=is_chained)

    def _case(
        self, line: CaseLine, events: Sequence[Mapping[str, Any]], as_of: datetime, *, is_chained: bool
    ) -> Iterator[Difference]:
        events = [one for one in events if isinstance(one["seq"], int)]
        if not any(one["seq"] == line.seq and one["hash"] == line.head for one in events):
            yield Difference(Check.FIGURE_EVENT, line.number, line.seq)
        links = [link_of(line.number, one) for one in events if one["seq"] <= line.seq]
        replay = Replay(self._books, links)
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
        if not is_chained:
            return
        if state.due_at > as_of:
            yield Difference(Check.FIGURE_EARLY, line.number, as_of, state.due_at)
        elif bucket is line.part.bucket and replay.book is not None:
            touched = max((link.happened_at for link in links if link.kind in TOUCHES), default=None)
            reach = replay.book.dated_back_to(as_of)
            derived = (
                bucket is Bucket.OVERDUE
                and state.breached_at is None
                and is_redeemable(state.due_at, state.changed_at, reach, touched)
            )
            if bool(line.part.redeemable) is not derived:
                yield Difference(
                    Check.FIGURE_CASE, f"{line.number}: redeemable", bool(line.part.redeemable), derived
                )

    def _missing(self, kept: Frozen, listed: set[str], frozen_at: datetime | None) -> Iterator[Difference]:
        """Complaints of the quarter that are not in the list, though they were there when it was made.

        Numbers of a month are given by one transaction after the other: what has a lower one than a listed complaint was
        there for certain, what has a higher one only by its moment of entry; of what a wrong clock has frozen (None), nobody
        knows when that was.
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
            if serial < last or (frozen_at is not None and recorded_at < frozen_at - _AT_ONCE):
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
        except UNREADABLE:
            # That has been said of the version before.
            return
        for old, new in pairs:
            number = (new or old).number  # type: ignore[union-attr]
            changed[number] = (old.part if old else None, new.part if new else None)
    for number in sorted(said.keys() | changed.keys()):
        if said.get(number) != changed.get(number):
            yield Difference(Check.FIGURE_CHANGE, number)


def _restated(kept: Frozen, before: FrozenFigure | None, data: Mapping[str, Any]) -> Iterator[Difference]:
    """What a restatement says is otherwise beside its complaints, against both versions."""
    if data.get("format", 1) < CHAINED:
        return
    expected: Sequence[Restated] = ()
    if before is not None:
        try:
            then = read_content(before.content, before.frozen_at)
        except UNREADABLE:
            # That has been said of the version before.
            return
        figure = kept.figure
        expected = restated(then, figure.target, figure.final_at, kept.ground, _ANY_ZONE)
    said, derived = (
        {(one.name, one.code): _values(one) for one in some} for some in (kept.restated, expected)
    )
    for key in sorted(said.keys() | derived.keys(), key=str):
        if said.get(key) != derived.get(key):
            yield Difference(Check.FIGURE_RESTATED, " ".join(filter(None, key)))


def _values(one: Restated) -> tuple[object, ...]:
    """Was and now; moments whatever their zone."""
    values = (one.was, one.now)
    return (
        values
        if one.name != "final_at"
        else tuple(value and datetime.fromisoformat(value) for value in values)
    )


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
