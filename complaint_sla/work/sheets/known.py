"""What the database knows of the rows of a batch: the complaints that they speak of, and what has been said of those."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain, count

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.complaints import EventKind, Status
from complaint_sla.core.sheets.alike import alike
from complaint_sla.store import complaints
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint, Customer, Event
from complaint_sla.work.sheets.agreement import corrected, differences, is_same
from complaint_sla.work.sheets.equals import known_ids, matched
from complaint_sla.work.sheets.rows import End, Statement, id_of


class Known:
    """Complaints by external id and by number. `numbers` are those of the sheet, with what stands for them here."""

    def __init__(self, session: Session, directory: Directory, numbers: Mapping[str, str]) -> None:
        self._session = session
        self._directory = directory
        self._numbers = numbers
        self.by_id: dict[str, Complaint] = {}
        self.by_number: dict[str, Complaint] = {}
        self._customers: dict[int, Customer] = {}
        self._firsts: dict[int, Event] = {}
        self._corrections: dict[int, Sequence[Event]] = {}
        # Ends that complaints have had: kind, moment, outcome; None for words that have been erased.
        self._former: dict[int, list[tuple[str, datetime, str | None]]] = {}
        # By an external id that is not known: what was received at the same moment, under one that is like it.
        self._alike: dict[str, list[Complaint]] = {}

    def look_up(self, statements: Sequence[Statement]) -> Sequence[Statement]:
        """Finds what is known of these; they come back with the ids of the complaints that they speak of."""
        ids = {one.id for one in statements if one.base is None}
        numbers = {one.number for one in statements if one.number is not None and not one.named}
        for one in statements:
            if one.end is not None and one.end.of is not None:
                ids.add(one.end.of)
                number = fields.number(one.end.of)
                numbers.add(self._numbers.get(number, number))
        self.by_id = complaints.with_external_ids(self._session, ids)
        self.by_number = complaints.with_numbers(self._session, numbers)
        equals: dict[str, list[Statement]] = {}
        for one in statements:
            if one.base is not None and self._numbered(one) is None:
                equals.setdefault(one.base, []).append(one)
        of_bases = known_ids({base: len(rows) for base, rows in equals.items()}, self._find)
        self._lock([one for one in statements if one.end is not None], of_bases)
        self._look_for_alike([one for one in statements if one.named and one.id not in self.by_id])
        found = [
            row.id for row in (*self.by_id.values(), *self.by_number.values(), *chain(*self._alike.values()))
        ]
        self._customers = complaints.customers_of(self._session, found)
        settled: dict[tuple[int, int], Statement] = {}
        taken = {one.id for one in statements if one.base is None}
        for base, rows in equals.items():
            known = [self.by_id[id_] for id_ in of_bases[base]]
            # Of one that has been erased the row has no more than a digest.
            given = {self.by_id[id_].id: id_ for id_ in of_bases[base]}
            free = (id_of(base, ordinal) for ordinal in count(1))
            unused = (id_ for id_ in free if id_ not in self.by_id and id_ not in taken)
            for one, row in matched(rows, known, self._ended_like, self._agrees):
                id_ = next(unused) if row is None else given[row.id]
                settled[one.row.place] = one.settled(id_)
        statements = [settled.get(one.row.place, one) for one in statements]
        self._firsts |= complaints.first_events(
            self._session,
            [
                row.id
                for one in statements
                if (row := self.row_of(one)) is not None
                if differences(one, row, self._directory, self._customers.get(row.id), None)
            ],
        )
        return statements

    def _look_for_alike(self, unknown: Sequence[Statement]) -> None:
        moments = {one.intake.received_at for one in unknown if one.intake.received_at is not None}
        of_keys: dict[tuple[datetime, str], list[int]] = {}
        for id_, name, at in complaints.named_at(self._session, moments):
            of_keys.setdefault((at, alike(name)), []).append(id_)
        if not of_keys:
            return
        ids = {one.id: of_keys.get((one.intake.received_at, alike(one.id)), []) for one in unknown}  # type: ignore[arg-type]
        rows = {row.id: row for row in complaints.with_ids(self._session, {*chain(*ids.values())})}
        self._alike = {name: [rows[id_] for id_ in of] for name, of in ids.items() if of}

    def like(self, one: Statement) -> Complaint | None:
        """The complaint under another external id that a spreadsheet may have made this one of, as all else is the same."""
        return next((row for row in self._alike.get(one.id, ()) if self._agrees(one, row)), None)

    def _find(self, ids: Collection[str]) -> Collection[str]:
        found = complaints.with_external_ids(self._session, ids)
        self.by_id |= found
        return found.keys()

    def _lock(self, ending: Sequence[Statement], of_bases: Mapping[str, Sequence[str]]) -> None:
        """Whatever these may end; what they are by now is put on the rows found."""
        rows = [row for one in ending if (row := self.row_of(one)) is not None]
        bases = {one.base for one in ending} & of_bases.keys()
        rows += [self.by_id[id_] for base in bases for id_ in of_bases[base or ""]]
        complaints.locked_all(self._session, {row.id for row in rows if row.status == Status.OPEN})

    def row_of(self, one: Statement) -> Complaint | None:
        """The complaint that a statement speaks of."""
        return self._numbered(one) or self.by_id.get(one.id)

    def _numbered(self, one: Statement) -> Complaint | None:
        """What was logged here without an external id, exported and imported again, is known by number and receipt."""
        same = self.by_number.get(one.number) if one.number is not None and not one.named else None
        said = one.intake
        if same is None or not is_same(same.received_at, said.received_at):
            return None
        wanted = {"channel": said.channel, "subject": said.subject, "external_id": None}
        receipt = {name: getattr(same, name) for name in wanted}
        if receipt == wanted:
            return same
        # The sheet may have been written before something was corrected.
        for event in reversed(self._corrections_of(same)):
            receipt |= {each.field: each.was for each in corrected(event) if each.field in wanted}
            if receipt == wanted:
                return same
        return None

    def _corrections_of(self, row: Complaint) -> Sequence[Event]:
        """In their order."""
        if row.id not in self._corrections:
            self._corrections[row.id] = complaints.events_of_kind(self._session, row, EventKind.CORRECTED)
        return self._corrections[row.id]

    def differing(self, one: Statement, row: Complaint) -> list[str]:
        """The columns that were never so."""
        customer = self._customers.get(row.id)
        differing = differences(one, row, self._directory, customer, None)
        if differing and row.id not in self._firsts:
            self._firsts |= complaints.first_events(self._session, [row.id])
        first = self._firsts.get(row.id)
        return differing and differences(
            one, row, self._directory, customer, first, self._corrections_of(row)
        )

    def _agrees(self, one: Statement, row: Complaint) -> bool:
        return not self.differing(one, row)

    def _ended_like(self, row: Complaint, end: End) -> bool:
        """The same, whatever it is a duplicate of."""
        return stands(row, end) or self.said_before(row, end)

    def said_before(self, row: Complaint, end: End) -> bool:
        """Whether the complaint has ended like this before, and has been reopened since."""
        # Logged, ended, reopened.
        if end.at > row.changed_at or row.events < 3:
            return False
        if row.id not in self._former:
            self._former[row.id] = [
                (event.kind, event.happened_at, json.loads(event.words)["outcome"] if event.words else None)
                for event in complaints.events_of(self._session, row)
                if event.kind in set(Status)
            ]
        return any(
            kind == end.status and is_same(at, end.at) and outcome in (end.outcome, None)
            for kind, at, outcome in self._former[row.id]
        )


def stands(row: Complaint, end: End) -> bool:
    # An outcome that has been erased can't be compared.
    is_so = row.status == end.status and is_same(row.closed_at, end.at)
    return is_so and row.outcome in (end.outcome, None, "")
