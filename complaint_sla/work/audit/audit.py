"""The self-audit: what is stored against what follows from events and pinned books, from first principles.

It finds what was changed by hand, in whatever table; not an adversary who has the code and writes a whole new chain.
One reading transaction, which sees one state of the database however long it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session

from complaint_sla.core.anchor import Anchor
from complaint_sla.core.chain import next_number_head
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.doubt import DRIFT
from complaint_sla.store import archive, offices
from complaint_sla.store.archive import Page
from complaint_sla.store.types import unreadable
from complaint_sla.work.audit import house
from complaint_sla.work.audit.against import Against, Held, require_own
from complaint_sla.work.audit.complaints import Comparison, Filed, Registers
from complaint_sla.work.audit.figures import Proof
from complaint_sla.work.audit.journal import Journal
from complaint_sla.work.audit.letters import Letters
from complaint_sla.work.audit.plans import PlanProof, Readings
from complaint_sla.work.audit.rules import Rules
from complaint_sla.work.audit.surveys import of_surveys
from complaint_sla.work.complaints.log import number_of, serial_of
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Discrepancy:
    """Something that is not as it must be: about which complaint (by number) or register, and what of it.

    `stored` and `derived` are codes, numbers, days and moments (UTC); personal texts are only said to differ.
    """

    about: str
    check: Check
    name: str
    stored: object
    derived: object


@dataclass
class Audited:
    """What was looked at, and how many discrepancies were found."""

    books: int = 0
    complaints: int = 0
    events: int = 0
    alerts: int = 0
    letters: int = 0
    figures: int = 0
    entries: int = 0
    discrepancies: int = 0
    against: Held | None = None


def audit(
    desk: Desk,
    found: Callable[[Discrepancy], None],
    progress: Callable[[int, int], None] | None = None,
    anchor: Anchor | None = None,
    against: tuple[Connection, Path] | None = None,
) -> Audited:
    """Looks at everything; each discrepancy is handed to `found` as it turns up, so that none has to be kept.

    An `anchor` that was mailed has to be one of those that the journal holds. `against` is an older backup, and the file
    that errors name. `progress` is told after each page how many complaints of how many have been looked at. Raises
    BadValue (`backup-of-another`).
    """
    with desk.store.read() as session:
        one = _Audit(session, desk, progress, anchor, against)
        for about, difference in one.all():
            one.done.discrepancies += 1
            found(
                Discrepancy(about, difference.check, difference.name, difference.stored, difference.derived)
            )
        return one.done


Found = Iterator[tuple[str, Difference]]
# Of a month of which there is nothing.
_NONE = (0, 0, "")


class _Audit:
    def __init__(
        self,
        session: Session,
        desk: Desk,
        progress: Callable[[int, int], None] | None,
        anchor: Anchor | None,
        against: tuple[Connection, Path] | None,
    ) -> None:
        self.session = session
        if against is not None:
            require_own(session.connection(), *against)
        self.backup = against[0] if against is not None else None
        self.journal = Journal(session, anchor)
        self.now = desk.now
        self.zone = desk.zone
        # A rehearsal may have been played at any time.
        self.latest = None if desk.store.is_rehearsal else max(desk.now, desk.clock()) + DRIFT
        self.progress = progress
        self.done = Audited()
        directory = offices.directory(session)
        self.circles = directory.roster.circles()
        self.registers = Registers(
            {id_: one.code for id_, one in directory.offices.items()},
            {id_: one.email for id_, one in directory.staff.items()},
            {},
            self._hesitated,
        )
        # How many complaints of each month there are, the highest serial among them, and the head of their links.
        self.months: dict[str, tuple[int, int, str]] = {}
        # Months of which the first event of some complaint is wrong, which has been said.
        self.unsure: set[object] = set()
        self.digests: set[str] = set()

    def all(self) -> Found:
        yield from self.journal.all()
        self.done.entries = self.journal.entries
        yield from self._books()
        yield from house.of_people(self.session, self.journal)
        for circle in self.circles:
            yield "offices", Difference(Check.CIRCLE, ", ".join(circle))
        yield from self._complaints()
        yield from self._numbers()
        yield from self._letters()
        yield from self._figures()
        yield from house.of_letters(self.session, self.journal)
        yield from house.of_events(self.session, self.journal)
        yield from of_surveys(self.session, self.journal.surveys, self.registers.offices, self.zone)
        yield from self._against()

    # --- what was published

    def _books(self) -> Found:
        rules = Rules(self.session, self.journal)
        yield from rules.all()
        self.done.books = rules.books
        self.digests = rules.digests
        self.registers = replace(self.registers, books=rules.trusted)

    # --- every complaint

    def _complaints(self) -> Found:
        total = archive.count(self.session) if self.progress is not None else 0
        for page in archive.pages(self.session):
            self.done.complaints += len(page.complaints)
            self.done.events += sum(map(len, page.events.values()))
            self.done.alerts += sum(map(len, page.alerts.values()))
            yield from self._page(page)
            if self.progress is not None:
                self.progress(self.done.complaints, total)

    def _page(self, page: Page) -> Found:
        for row in page.complaints:
            id_ = row["id"]
            filed = Filed(
                row,
                page.events.get(id_, ()),
                page.alerts.get(id_, ()),
                page.customers.get(id_, ()),
                page.originals.get(row["duplicate_of_id"]),
            )
            number = str(row["number"])
            if damaged := unreadable(archive.COMPLAINT, row):
                self.unsure.add(row["month"])
                yield number, Difference(Check.RECORD, ", ".join(damaged))
                continue
            try:
                one = Comparison(filed, self.registers, self.now, self.latest)
            except Exception as problem:  # noqa: BLE001 - whatever a hand has made of one, the others are looked at
                self.unsure.add(row["month"])
                yield number, Difference(Check.RECORD, type(problem).__name__)
                continue
            if row["book"] not in self.digests:
                self.digests.add(row["book"])
                yield f"book {row['book']}", Difference(Check.BOOK, row["book"])
            yield from ((row["number"], difference) for difference in one.differences)
            if not one.is_begun:
                self.unsure.add(row["month"])
            month = (one.replay.month if one.replay.state is not None else None) or row["month"]
            count, highest, head = self.months.get(month, _NONE)
            # The order of the ids is that of the numbers: both are taken by whoever holds the counter.
            head = next_number_head(head, one.number, one.first)
            self.months[month] = (count + 1, max(highest, serial_of(one.number)), head)
        there = {row["id"] for row in page.complaints}
        tables = {"event": page.events, "alert": page.alerts, "customer": page.customers}
        for table, by_complaint in tables.items():
            for id_ in by_complaint.keys() - there:
                yield f"complaint #{id_}", Difference(Check.ORPHAN, table, len(by_complaint[id_]))

    # --- the numbers that were given out

    def _numbers(self) -> Found:
        counters = archive.counters(self.session)
        for month in sorted(counters.keys() | self.months.keys()):
            count, highest, head = self.months.get(month, _NONE)
            if count != highest:
                for first, last in self._gaps(month, highest):
                    names = (number_of(month, first), number_of(month, last))
                    yield " – ".join(dict.fromkeys(names)), Difference(Check.NUMBERS, month)
            counter, linked = counters.get(month, (0, ""))
            if counter != highest:
                yield f"counter {month}", Difference(Check.COUNTER, month, counter, highest)
            elif linked != head and count == highest and month not in self.unsure:
                yield f"counter {month}", Difference(Check.GIVEN, month)

    def _gaps(self, month: str, highest: int) -> Iterator[tuple[int, int]]:
        """The runs of serials up to `highest` that no complaint of the month has."""
        given = bytearray(highest + 2)
        given[highest + 1] = 1
        for number in archive.numbers_of_month(self.session, month):
            serial = serial_of(number)
            if serial <= highest:
                given[serial] = 1
        first = given.find(0, 1)
        while first != -1:
            end = given.find(1, first)
            yield first, end - 1
            first = given.find(0, end)

    # --- letters

    def _letters(self) -> Found:
        # What a clock that ran ahead has sent is in order, once it has been found out.
        proof = Letters(self.session, None if self.journal.is_healed else self.latest)
        yield from proof.all()
        self.done.letters = proof.letters

    def _hesitated(self, recipient: str) -> bool:
        return recipient in self._refused

    @cached_property
    def _refused(self) -> set[str]:
        # Asked of few alerts, if of any.
        return archive.hesitated(self.session)

    # --- what was entered of the plan, and the figures that were frozen

    def _figures(self) -> Found:
        entered = Readings(self.session)
        yield from entered.all()
        plans = PlanProof(self.session, entered.amiss)
        proof = Proof(self.session, self.registers.books, self.latest, plans)
        named = set()
        for about, difference in proof.all():
            named.add(about)
            yield about, difference
        self.done.figures = proof.figures
        yield from house.of_figures(self.session, self.journal, named)

    # --- what stands in an older backup

    def _against(self) -> Found:
        if self.backup is None:
            return
        older = Against(self.session.connection(), self.backup)
        yield from older.all()
        self.done.against = older.done
