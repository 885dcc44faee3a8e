"""Raising alerts: what a complaint's timeline owes by now is written into the ledger, to the people it is owed to.

Nothing is sent here. A sweep raises what has newly become due; every change of a complaint first settles what had
passed, in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from complaint_sla.core.lifecycle import EventKind
from complaint_sla.core.roster import is_nobody
from complaint_sla.core.timeline import Entry, Settlement
from complaint_sla.store import books, complaints, ledger, outbox, people
from complaint_sla.store.ledger import AlertState
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Alert
from complaint_sla.work import redirection
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.desk import PASSING, Desk

# As many complaints as one transaction of a sweep takes: enough that its fixed queries hardly count, and few enough that
# nobody who logs at the same moment has to wait for it.
BATCH = 100


@dataclass
class Tally:
    """What a sweep did: complaints with something due, then rows of the ledger by state."""

    due: int = 0
    alerts: int = 0
    superseded: int = 0
    unalertable: int = 0

    def add(self, other: Tally) -> None:
        self.due += other.due
        self.alerts += other.alerts
        self.superseded += other.superseded
        self.unalertable += other.unalertable

    def count(self, states: Iterable[str]) -> None:
        for state in states:
            self.alerts += state == AlertState.WAITING
            self.superseded += state == AlertState.SUPERSEDED
            self.unalertable += state == AlertState.UNALERTABLE


def sweep(desk: Desk, *, dry_run: bool = False, stopped: Callable[[], bool] = lambda: False) -> Tally:
    """Raises everything that has become due by `desk.now`, and tells those who have taken a post that nobody held.

    `stopped` is asked between batches. One transaction a batch; with `dry_run` one transaction that is rolled back.
    Safe to run anywhere, any number at once. A complaint that can't be settled is set aside until the next sweep.
    """
    tally, aside = Tally(), set[int]()
    if dry_run:
        desk.store.rehearse(lambda session: _sweep_all(session, desk, tally, aside))
        return tally
    with desk.apart("posts"):
        desk.store.write(lambda session: redirection.fill_posts(session, desk))
    while not stopped():
        batch = desk.store.write(lambda session: _sweep_batch(session, desk, aside))
        if batch is None:
            break
        tally.add(batch)
    desk.beat("sweep")
    return tally


def _sweep_all(session: Session, desk: Desk, tally: Tally, aside: set[int]) -> None:
    with desk.apart("posts", session):
        redirection.fill_posts(session, desk)
    while (batch := _sweep_batch(session, desk, aside)) is not None:
        tally.add(batch)


def _sweep_batch(session: Session, desk: Desk, aside: set[int]) -> Tally | None:
    """Settles the next complaints together; where that fails, one after the other. `aside` (ids) are not looked at again."""
    rows = complaints.newly_due(session, desk.now, BATCH, aside)
    if not rows:
        return None
    directory = people.directory(session)
    numbers = {row.id or 0: row.number or f"#{row.id}" for row in rows}
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
    queries, however many complaints. Each complaint with something due gets one `alerts` event.
    """
    tally = Tally()
    if not cases:
        return tally
    session, desk = cases[0].session, cases[0].desk
    pinned = books.pinned(session, {case.row.book for case in cases})
    unheard: dict[int, list[Alert]] = {}
    for alert in ledger.of_complaints(session, [case.id for case in cases], [AlertState.UNALERTABLE]):
        unheard.setdefault(alert.complaint_id, []).append(alert)
    rows: list[dict[str, Any]] = []
    overtaken: list[int] = []
    with session.no_autoflush:
        for case in cases:
            row = case.row
            settlement = case.timeline(pinned[row.book]).settle(row.alerted_through, desk.now)
            row.alerted_through = max(desk.now, row.alerted_through or desk.now)
            row.next_alert_at = settlement.next_at
            if settlement.raised is None:
                continue
            tally.due += 1
            raised = _raise(case, settlement, directory, fate)
            rows += raised
            recipients = {new["recipient"] for new in raised if new["state"] == AlertState.UNALERTABLE}
            overtaken += [
                alert.id or 0 for alert in unheard.get(case.id, ()) if alert.recipient in recipients
            ]
    ledger.set_state(session, overtaken, AlertState.SUPERSEDED, was=AlertState.UNALERTABLE)
    ledger.add(session, rows)
    tally.count(row["state"] for row in rows)
    return tally


def _raise(
    case: CaseFile, settlement: Settlement, directory: Directory, fate: AlertState
) -> list[dict[str, Any]]:
    """The rows for what has passed, and the event that says so."""
    raised = settlement.raised
    assert raised is not None
    roles = dict.fromkeys(role for entry in reversed(settlement.passed) for role in entry.stage.roles)
    chosen = redirection.chosen(case, directory, roles)
    rows = [_row(case, raised, recipient, why, fate) for recipient, why in chosen.items()]
    superseded: list[dict[str, object]] = []
    for entry in settlement.superseded:
        meant = redirection.chosen(case, directory, entry.stage.roles)
        rows += [_row(case, entry, *one, AlertState.SUPERSEDED) for one in meant.items()]
        superseded.append(_entry_data(entry) | {"recipients": _people(meant)})
    case.record(
        EventKind.ALERTS,
        case.desk.now,
        {
            "generation": case.row.generation,
            "fate": fate.value,
            "raised": _entry_data(raised),
            "superseded": superseded,
            "recipients": _people(chosen),
        },
    )
    return rows


def _entry_data(entry: Entry) -> dict[str, object]:
    return {
        "stage": entry.stage.key,
        "occurrence": entry.occurrence,
        "stands_for": entry.stands_for,
        "stage_at": entry.moment.isoformat(),
    }


def _people(chosen: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {recipient: list(roles) for recipient, roles in chosen.items()}


def _row(
    case: CaseFile, entry: Entry, recipient: str, roles: Sequence[str], fate: AlertState
) -> dict[str, Any]:
    """A row of the ledger; owed to a role that nobody fills it is unalertable instead of waiting."""
    if fate is AlertState.WAITING and is_nobody(recipient):
        fate = AlertState.UNALERTABLE
    return {
        "complaint_id": case.id,
        "generation": case.row.generation,
        "stage": entry.stage.key,
        "occurrence": entry.occurrence,
        "stands_for": entry.stands_for,
        "recipient": recipient,
        "roles": " ".join(roles),
        "stage_at": entry.moment,
        "raised_at": case.desk.now,
        "urgent": case.row.urgent,
        "state": fate.value,
        "message_id": None,
    }


def begin_timeline(case: CaseFile) -> None:
    """A new generation has raised nothing yet; the next sweep does, from receipt on."""
    book = books.pinned(case.session, [case.row.book])[case.row.book]
    case.row.alerted_through = None
    case.row.next_alert_at = case.timeline(book).first_at()


def end_timeline(case: CaseFile, directory: Directory) -> None:
    """Accounts for what has passed and drops what nobody has been sent: the complaint or its deadline ends."""
    settle([case], directory, AlertState.DROPPED)
    case.session.flush()
    owed = ledger.of_complaints(case.session, [case.id], redirection.OWED, lock=True)
    unsent = redirection.changeable(case.session, owed)
    outbox.dissolve(case.session, {alert.message_id for alert in unsent if alert.message_id is not None})
    for state in redirection.OWED:
        ids = [alert.id or 0 for alert in unsent if alert.state == state]
        ledger.set_state(case.session, ids, AlertState.DROPPED, was=state)


def resume_timeline(case: CaseFile, directory: Directory) -> None:
    """Reopened: raises the latest stage passed while it had ended; what was dropped before waits again.

    Of what was dropped each recipient gets back the newest, unless something newer is owed or went out to them.
    """
    settle([case], directory, AlertState.WAITING)
    case.session.flush()
    newest: dict[str, Alert] = {}
    for alert in ledger.of_generation(case.session, case.row):
        if alert.state != AlertState.SUPERSEDED:
            newest[alert.recipient] = alert
    again = [alert for alert in newest.values() if alert.state == AlertState.DROPPED]
    if not again:
        return
    for alert in again:
        alert.message_id = None
        alert.state = AlertState.UNALERTABLE if is_nobody(alert.recipient) else AlertState.WAITING
    case.record(
        EventKind.ALERTS,
        case.desk.now,
        {
            "generation": case.row.generation,
            "resumed": [
                {"stage": alert.stage, "occurrence": alert.occurrence, "recipient": alert.recipient}
                for alert in again
            ],
        },
    )
    case.session.flush()
    redirection.redirect(case, directory)
