"""Raising alerts: what a complaint's timeline owes by now is written into the ledger, to the people it is owed to.

Nothing is sent here. A sweep raises what has newly become due; every change of a complaint first settles what had
passed, in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from complaint_sla.core import owed
from complaint_sla.core.chain import read
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.healing import healed, is_settled_ahead, rightly_settled
from complaint_sla.core.owed import AlertState, Change, Row
from complaint_sla.store import alerts as ledger
from complaint_sla.store import books, complaints, offices, outbox
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint
from complaint_sla.work import journal
from complaint_sla.work.alerts import follow
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.desk import PASSING, Desk

# As many complaints as one transaction of a sweep takes: enough that its fixed queries hardly count, and few enough that
# nobody who logs at the same moment has to wait for it.
BATCH = 100

# The next complaints to settle, locked: of a session, by a moment, at most so many, without these ids.
NextOf = Callable[[Session, datetime, int, Collection[int]], Sequence[Complaint]]


@dataclass
class Tally:
    """What a sweep did: complaints with something due, then rows of the ledger by state.

    So many complaints with something due were `locked` by others, and are left to the next sweep.
    And what a wrong clock had settled too far and was taken up again: numbers, and the latest moment that it told (UTC).
    """

    due: int = 0
    alerts: int = 0
    superseded: int = 0
    unalertable: int = 0
    locked: int = 0
    healed: list[str] = field(default_factory=list)
    wrong_at: datetime | None = None

    def add(self, other: Tally) -> None:
        self.due += other.due
        self.alerts += other.alerts
        self.superseded += other.superseded
        self.unalertable += other.unalertable
        self.healed += other.healed
        self.wrong_at = max(filter(None, (self.wrong_at, other.wrong_at)), default=None)

    def count(self, states: Iterable[str]) -> None:
        for state in states:
            self.alerts += state == AlertState.WAITING
            self.superseded += state == AlertState.SUPERSEDED
            self.unalertable += state == AlertState.UNALERTABLE


def sweep(desk: Desk, *, dry_run: bool = False, stopped: Callable[[], bool] = lambda: False) -> Tally:
    """Raises everything that has become due by `desk.now`, and tells those who have taken a post that nobody held.

    First it takes up again what a wrong clock had settled beyond `desk.now`. `stopped` is
    asked between batches. One transaction a batch; with `dry_run` one transaction that is rolled back. Safe to run
    anywhere, any number at once. A complaint that can't be settled is set aside until the next sweep.
    """
    tally, aside = Tally(), set[int]()
    if dry_run:
        desk.store.rehearse(lambda session: _sweep_all(session, desk, tally, aside))
        return tally
    _sweep_by(complaints.settled_ahead, desk, tally, aside, stopped)
    with desk.apart("posts"):
        desk.store.write(lambda session: follow.fill_posts(session, desk))
    _sweep_by(complaints.newly_due, desk, tally, aside, stopped)
    while not stopped() and (left := _still_due(desk, aside)):
        # It has come just now, or is in other hands.
        if not _sweep_by(complaints.newly_due, desk, tally, aside, stopped):
            tally.locked = left
            break
    desk.beat("sweep", locked=tally.locked)
    return tally


def _still_due(desk: Desk, aside: set[int]) -> int:
    with desk.store.read() as session:
        return complaints.count_due(session, desk.now, aside)


def _sweep_by(
    next_of: NextOf, desk: Desk, tally: Tally, aside: set[int], stopped: Callable[[], bool]
) -> bool:
    """Whether there was anything to settle."""
    found = False
    while not stopped():
        batch = desk.store.write(lambda session: _sweep_batch(session, desk, aside, next_of))
        if batch is None:
            break
        tally.add(batch)
        found = True
    return found


def _sweep_all(session: Session, desk: Desk, tally: Tally, aside: set[int]) -> None:
    while (batch := _sweep_batch(session, desk, aside, complaints.settled_ahead)) is not None:
        tally.add(batch)
    with desk.apart("posts", session):
        follow.fill_posts(session, desk)
    while (batch := _sweep_batch(session, desk, aside, complaints.newly_due)) is not None:
        tally.add(batch)
    tally.locked = complaints.count_due(session, desk.now, aside)


def _sweep_batch(session: Session, desk: Desk, aside: set[int], next_of: NextOf) -> Tally | None:
    """Settles the next complaints together; where that fails, one after the other. `aside` (ids) are not looked at again."""
    rows = next_of(session, desk.now, BATCH, aside)
    if not rows:
        return None
    directory = offices.directory(session)
    numbers = {row.id: row.number or f"#{row.id}" for row in rows}
    try:
        with session.begin_nested():
            return settle([CaseFile(session, desk, row) for row in rows], directory, AlertState.WAITING)
    except PASSING:
        raise
    except Exception:  # noqa: BLE001 - one of them is broken; the others are raised all the same
        aside.update(numbers)
    tally = Tally()
    for id_, number in numbers.items():
        with desk.apart(number, session):
            case = CaseFile(session, desk, complaints.locked_all(session, [id_])[0])
            tally.add(settle([case], directory, AlertState.WAITING))
    return tally


def settle(cases: Sequence[CaseFile], directory: Directory, fate: AlertState) -> Tally:
    """Accounts for every entry of the complaints' timelines that has passed; the latest gets the state `fate`.

    `fate` is WAITING, or DROPPED where the same transaction ends the complaint or its deadline. A constant number of
    queries, however many complaints. Each complaint with something due gets one `alerts` event. A timeline that a wrong
    clock has settled beyond now is first taken up again where the last right one left it, and the journal says so.
    """
    tally = Tally()
    if not cases:
        return tally
    session, desk = cases[0].session, cases[0].desk
    ahead = [case for case in cases if is_settled_ahead(case.row.alerted_through, desk.now)]
    for case in ahead:
        tally.healed.append(case.row.number)
        tally.wrong_at = max(filter(None, (tally.wrong_at, case.row.alerted_through)))
        _heal(case, directory)
    if tally.wrong_at is not None:
        journal.healed(session, desk, tally.wrong_at, complaints=tally.healed)
    pinned = books.pinned(session, {case.row.book for case in cases})
    unheard: dict[int, list[Row]] = {}
    for alert in ledger.unalertable_of(session, [case.row.id for case in cases]):
        unheard.setdefault(alert.complaint_id, []).append(alert)
    changes: list[Change] = []
    with session.no_autoflush:
        for case in cases:
            row = case.row
            settlement = case.timeline(pinned[row.book]).settle(row.alerted_through, desk.now)
            row.alerted_through = max(desk.now, row.alerted_through or desk.now)
            row.next_alert_at = settlement.next_at
            present = follow.present(case, directory)
            change = owed.raised(present, settlement, unheard.get(case.row.id, ()), fate)
            if change.said is not None:
                case.record(EventKind.ALERTS, desk.now, change.said)
                changes.append(change)
    tally.count(ledger.write(session, *changes))
    tally.due = len(changes)
    for case in ahead:
        # What a right clock had raised may have followed people who are away or in post by the wrong one only.
        follow.redirect(case, directory)
    return tally


def _heal(case: CaseFile, directory: Directory) -> None:
    """Takes back what a wrong clock has raised, and settled, after the last moment that was right."""
    row, session = case.row, case.session
    events = complaints.events_of_kind(session, row, EventKind.ALERTS)
    said = ((one.happened_at, read(one.kind, one.data)) for one in events)
    mine = ((happened_at, data) for happened_at, data in said if data["generation"] == row.generation)
    through = rightly_settled(mine, case.desk.now)
    rows = outbox.with_letters_going(session, ledger.of_all_generations(session, row.id))
    follow.carry_out(case, healed(follow.present(case, directory), rows, through))
    row.alerted_through = through


def begin_timeline(case: CaseFile) -> None:
    """A new generation has raised nothing yet; the next sweep does, from receipt on."""
    book = books.pinned(case.session, [case.row.book])[case.row.book]
    case.row.alerted_through = None
    case.row.next_alert_at = case.timeline(book).first_at()


def replace_timeline(case: CaseFile, directory: Directory) -> None:
    """Another deadline takes the place of this one: what is owed of one that has passed, or of any after it, is told yet."""
    if case.state.is_late(case.moment()):
        settle([case], directory, AlertState.WAITING)
    else:
        end_timeline(case, directory)


def end_timeline(case: CaseFile, directory: Directory) -> None:
    """Accounts for what has passed and drops what nobody has been sent: the complaint ends, or a deadline in time."""
    settle([case], directory, AlertState.DROPPED)
    follow.carry_out(case, owed.ended(follow.rows_of(case)))


def resume_timeline(case: CaseFile, directory: Directory) -> None:
    """Reopened: raises the latest stage passed while it had ended; what was dropped before waits again."""
    settle([case], directory, AlertState.WAITING)
    resumed = owed.resumed(follow.present(case, directory), follow.rows_of(case))
    if resumed.moved:
        follow.carry_out(case, resumed)
        follow.redirect(case, directory)
