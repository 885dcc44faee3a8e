"""The plan: readings held against the journal's entries, frozen plans against the readings until then.

What the journal says decides: a reading that a hand has changed is named once, and frozen plans are reckoned without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from complaint_sla.core.chain import UNREADABLE as NO_ENTRY
from complaint_sla.core.chain import read
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.core.figures import PLAN
from complaint_sla.core.frozen import digest
from complaint_sla.core.frozenplan import (
    FrozenPlan,
    Line,
    PinnedFigure,
    Restated,
    each_line,
    lines_of,
    read_content,
)
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.periods import Every, Period, so_far
from complaint_sla.core.plan import Plan
from complaint_sla.core.planchanges import compared, restated
from complaint_sla.core.readings import Reading, ReadingKind, Standing, standing
from complaint_sla.core.scorecard import Closure, PlanOffice, Sight
from complaint_sla.store import archive, books, figures, offices, readings
from complaint_sla.store.house import entry_hash
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import FrozenFigure
from complaint_sla.work.audit.versions import UNREADABLE, of_chain, restates_void
from complaint_sla.work.plans.handed_in import closure_then
from complaint_sla.work.surveys.feed import Fed

Found = Iterator[tuple[str, Difference]]
_KINDS = {
    JournalKind.PLAN_FIGURE: ReadingKind.FIGURE,
    JournalKind.PLAN_AWAITING: ReadingKind.AWAITING,
    JournalKind.PLAN_WITHDRAWN: ReadingKind.WITHDRAWN,
}
_COLUMNS = ("office", "measure", "period", "kind", "n", "d", "dated")


class Readings:
    """Every reading against its entry. `amiss` is what the journal says of those that are otherwise, or not there; None of
    what it says nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.amiss: dict[int, Reading | None] = {}

    def all(self) -> Found:
        codes = {id_: one.code for id_, one in offices.directory(self._session).offices.items()}
        entries = _entries(self._session)
        entry = next(entries, None)
        for row in readings.all_readings(self._session):
            while entry is not None and entry[0] < row["seq"]:
                yield from self._missing(*entry)
                entry = next(entries, None)
            if entry is None or entry[0] != row["seq"]:
                self.amiss[row["seq"]] = None
                yield f"reading {row['seq']}", Difference(Check.READING_SURPLUS, str(row["seq"]))
                continue
            yield from self._held(row, codes.get(row["office_id"]), *entry)
            entry = next(entries, None)
        while entry is not None:
            yield from self._missing(*entry)
            entry = next(entries, None)

    def _missing(self, seq: int, said: Reading | None) -> Found:
        # Of one that can't be read the journal's own audit has spoken.
        self.amiss[seq] = said
        yield f"reading {seq}", Difference(Check.READING_MISSING, str(seq))

    def _held(self, row: Mapping[str, Any], code: str | None, seq: int, said: Reading | None) -> Found:
        if said is None:
            self.amiss[seq] = None
            return
        stored = {**row, "office": code}
        for name in _COLUMNS:
            derived = getattr(said, name)
            if stored[name] != derived:
                self.amiss[seq] = said
                yield f"reading {seq}", Difference(Check.READING, name, stored[name], derived)


def _entries(session: Session) -> Iterator[tuple[int, Reading | None]]:
    """What the journal says of the plan, in order; None for an entry that can't be read."""
    for row in archive.journal(session, _KINDS):
        try:
            yield row["seq"], _said(row["seq"], _KINDS[row["kind"]], read(row["kind"], row["data"]))
        except NO_ENTRY:
            yield row["seq"], None


def _said(seq: int, kind: ReadingKind, said: Mapping[str, Any]) -> Reading:
    where = {name: said[name] for name in ("office", "measure", "period")}
    if kind is not ReadingKind.FIGURE:
        return Reading(seq, **where, kind=kind)
    return Reading(seq, **where, kind=kind, n=said["n"], d=said["d"], dated=date.fromisoformat(said["dated"]))


def _opened(row: FrozenFigure) -> tuple[FrozenPlan | None, list[Line] | None, list[Difference]]:
    """A plan and its lines, None of what can't be read; and what is wrong with their texts."""
    derived = digest(row.content)
    try:
        kept = read_content(row.content, row.frozen_at)
        is_itself = (PLAN, str(kept.quarter), kept.version) == (row.measure, row.quarter, row.version)
    except DatabaseUnusable as problem:
        return None, None, [Difference(Check.FIGURE_FORMAT, "content", problem.values["format"])]
    except UNREADABLE:
        return None, None, [Difference(Check.FIGURE_TEXT, "content", row.digest, derived)]
    wrong = []
    if derived != row.digest or not is_itself:
        wrong.append(Difference(Check.FIGURE_TEXT, "content", row.digest, derived))
    if digest(row.cases) != kept.lines_digest:
        wrong.append(Difference(Check.PLAN_LINES, "lines"))
    try:
        lines = list(each_line(row.cases))
    except UNREADABLE:
        return kept, None, wrong or [Difference(Check.PLAN_LINES, "lines")]
    if kept.count != len(lines):
        wrong.append(Difference(Check.FIGURE_SUM, "lines", kept.count, len(lines)))
    return kept, lines, wrong


class PlanProof:
    """Frozen plans, one after the other. `amiss` as `Readings` found it, which is asked first."""

    def __init__(self, session: Session, amiss: Mapping[int, Reading | None]) -> None:
        self._session = session
        self._amiss = amiss
        self._directory: Directory = offices.directory(session)

    def differences(
        self,
        row: FrozenFigure,
        before: FrozenFigure | None,
        last: FrozenFigure | None,
        newest: str | None,
        *,
        whole: bool,
    ) -> Iterator[Difference]:
        """One plan; `before` is the newest before it that stands, if any, and `last` the one just before it, void or not.
        `newest` is the digest of the figure that was frozen before it. Not `whole`: the one just before it is not there."""
        kept, lines, problems = _opened(row)
        yield from problems
        if kept is None or lines is None:
            return
        if last is not None and restates_void(kept.ground, row, last):
            before = last
        yield from of_chain(kept.ground, before, newest, whole=whole)
        if entry_hash(self._session, kept.ground.seq) != kept.ground.head:
            yield Difference(Check.PLAN_ENTRY, str(kept.ground.seq))
        closure, problems = self._closure(kept)
        yield from problems
        plan = books.plan_under(self._session, kept.ground.plan_digest)
        if plan is None or plan.id != kept.ground.plan:
            yield Difference(Check.PLAN_TEXT, kept.ground.plan_digest[:12])
            return
        hand_in = plan.hand_in.of(Period.of_quarter(kept.quarter))
        if hand_in != kept.ground.hand_in:
            yield Difference(Check.FIGURE_SUM, "hand_in", kept.ground.hand_in, hand_in)
        if kept.as_of <= hand_in and row.voided_at is None:
            yield Difference(Check.FIGURE_EARLY, "final_at", kept.as_of, hand_in)
        yield from self._lines(kept, plan, closure, lines, is_closed=not problems)
        if whole:
            yield from _restated(kept, plan, lines, before)

    def _closure(self, kept: FrozenPlan) -> tuple[Closure | None, list[Difference]]:
        """The closure rate that it stands on, and what is wrong with that."""
        ground = kept.ground
        pinned = (*([ground.closure] if ground.closure is not None else []), *(ground.earlier or ()))
        wrong = [
            Difference(Check.PLAN_CLOSURE, f"{one.quarter}/{one.version}", one.digest)
            for one in pinned
            if not self._is_there(one)
        ]
        if wrong:
            return None, wrong
        try:
            closure = closure_then(self._session, kept, None)
        except UNREADABLE:
            return None, [Difference(Check.PLAN_CLOSURE, f"{kept.quarter}", "?")]
        stated = (
            ground.target,
            *((ground.closure.n, ground.closure.d) if ground.closure is not None else ()),
        )
        if closure is not None:
            total = closure.total
            told = (
                closure.target,
                *((total.numerator, total.denominator) if ground.closure is not None else ()),
            )
            if told != stated:
                wrong.append(Difference(Check.FIGURE_SUM, "closure", str(stated), str(told)))
        return closure, wrong

    def _is_there(self, one: PinnedFigure) -> bool:
        row = figures.frozen(self._session, one.quarter, one.version)
        return row is not None and row.digest == one.digest

    def _lines(
        self, kept: FrozenPlan, plan: Plan, closure: Closure | None, lines: list[Line], *, is_closed: bool
    ) -> Iterator[Difference]:
        """Every line against what the entries until then give."""
        parents = {one.parent for one in kept.ground.offices}
        sight = Sight(
            plan=plan,
            quarter=kept.quarter,
            today=kept.as_of,
            offices=tuple(
                PlanOffice(one.code, one.class_, one.code in parents) for one in kept.ground.offices
            ),
            readings=self._stood(kept, lines),
            closure=closure,
        )
        fed = {measure.key for _, measure in plan.measures if measure.source}
        said, derived = (
            {(one.office, one.measure): one for one in some} for some in (lines, lines_of(sight))
        )
        for key in sorted(said.keys() | derived.keys()):
            if key[1] in fed and not is_closed:
                # What is wrong with the closure rate has been said.
                continue
            one, other = said.get(key), derived.get(key)
            name = f"{key[1]} {key[0]}"
            if one is None or other is None:
                yield Difference(Check.PLAN_LINE, name, one and one.state.value, other and other.state.value)
                continue
            for what in ("state", "n", "d", "readings"):
                stored, found = getattr(one, what), getattr(other, what)
                if stored != found:
                    values = (None, None) if what == "readings" else (stored, found)
                    yield Difference(Check.PLAN_LINE, f"{name}: {what}", *values)

    def _stood(self, kept: FrozenPlan, lines: list[Line]) -> Standing:
        """What stood by the journal when it was frozen. What a survey had fed is as the plan has it: that is proved there."""
        periods = {one.key for every in Every for one in so_far(every, kept.quarter)}
        seq = kept.ground.seq
        found = [
            one
            for one in readings.of_periods(self._session, self._directory, periods, None, seq)
            if one.seq not in self._amiss
        ]
        found += [
            one
            for one in self._amiss.values()
            if one is not None and one.seq <= seq and one.period in periods
        ]
        polls = {(one.office, one.measure, period): poll for one in lines for period, poll in one.polls}
        fed = {
            (one.office, one.measure, one.period): one
            for line in lines
            for one in line.readings
            if not one.seq
        }
        return Fed(polls, fed).over(standing(found))


def _restated(
    kept: FrozenPlan, plan: Plan, lines: list[Line], before: FrozenFigure | None
) -> Iterator[Difference]:
    """What a restatement says is otherwise, against both versions; the first one says nothing."""
    derived: list[Restated] = []
    if before is not None:
        try:
            then = read_content(before.content, before.frozen_at)
            was = list(each_line(before.cases))
        except UNREADABLE:
            # That has been said of the version before.
            return
        derived += restated(then.ground, kept.ground)
        derived += (one for one, _, _ in compared(plan, kept.quarter, kept.ground.hand_in, was, lines))
    said = {(one.name, one.office, one.measure): one for one in kept.restated}
    there = {(one.name, one.office, one.measure): one for one in derived}
    for key in sorted(said.keys() | there.keys(), key=str):
        # One that was entered anew with the same words is left out.
        is_left_out = key[0] == "entry" and key not in said
        if said.get(key) != there.get(key) and not is_left_out:
            yield Difference(Check.FIGURE_RESTATED, " ".join(filter(None, key)))
