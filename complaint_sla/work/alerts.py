"""Raising alerts: what a complaint's timeline owes by now is written into the ledger, to the people it is owed to.

Nothing is sent here. A sweep raises what has newly become due; every change of a complaint first settles what had
passed, in the transaction of the change.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from complaint_sla.core.lifecycle import EventKind, Status
from complaint_sla.core.roster import is_nobody
from complaint_sla.core.timeline import Entry, Settlement
from complaint_sla.store import books, complaints, heartbeats, ledger, outbox, people
from complaint_sla.store.ledger import AlertState
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Alert, Complaint
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.desk import Desk

# As many complaints as one transaction of a sweep takes: large enough that its fixed queries don't count.
BATCH = 500

OWED = (AlertState.WAITING, AlertState.UNALERTABLE)


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

    `stopped` is asked between batches. One transaction a batch; with `dry_run` one transaction that is rolled back. Safe to run anywhere, any number at once.
    """
    tally = Tally()
    if dry_run:
        desk.store.rehearse(lambda session: _sweep_all(session, desk, tally))
        return tally
    desk.store.write(lambda session: fill_posts(session, desk))
    while not stopped():
        batch = desk.store.write(lambda session: _sweep_batch(session, desk))
        if batch is None:
            break
        tally.add(batch)
    desk.store.write(lambda session: heartbeats.beat(session, "sweep", desk.clock(), None))
    return tally


def _sweep_all(session: Session, desk: Desk, tally: Tally) -> None:
    fill_posts(session, desk)
    while (batch := _sweep_batch(session, desk)) is not None:
        tally.add(batch)


def _sweep_batch(session: Session, desk: Desk) -> Tally | None:
    rows = complaints.newly_due(session, desk.now, BATCH)
    if not rows:
        return None
    cases = [CaseFile(session, desk, row) for row in rows]
    tally = settle(cases, people.directory(session), AlertState.WAITING)
    session.flush()
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
            overtaken += [alert.id or 0 for alert in unheard.get(case.id, ()) if alert.recipient in recipients]
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
    chosen = _chosen(case, directory, roles)
    rows = [_row(case, raised, recipient, why, fate) for recipient, why in chosen.items()]
    for entry in settlement.superseded:
        rows += [
            _row(case, entry, recipient, why, AlertState.SUPERSEDED)
            for recipient, why in _chosen(case, directory, entry.stage.roles).items()
        ]
    case.record(
        EventKind.ALERTS,
        case.desk.now,
        {
            "generation": case.row.generation,
            "fate": fate.value,
            "raised": _entry_data(raised),
            "superseded": [_entry_data(entry) for entry in settlement.superseded],
            "recipients": {recipient: list(why) for recipient, why in chosen.items()},
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


def _chosen(
    case: CaseFile, directory: Directory, roles: Collection[str], without: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    row = case.row
    return directory.roster.chosen(
        roles, directory.code(row.office_id), directory.email(row.owner_id), case.desk.today, without
    )


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
    owed = ledger.of_complaints(case.session, [case.id], OWED, lock=True)
    unsent = _changeable(case.session, owed)
    outbox.dissolve(case.session, {alert.message_id for alert in unsent if alert.message_id is not None})
    for state in OWED:
        ids = [alert.id or 0 for alert in unsent if alert.state == state]
        ledger.set_state(case.session, ids, AlertState.DROPPED, was=state)


def _changeable(session: Session, alerts: Sequence[Alert]) -> list[Alert]:
    """Those rows that are not going out at this moment: a letter that has been handed over keeps its members."""
    letters = {alert.message_id for alert in alerts if alert.message_id is not None}
    loose = outbox.not_handed_over(session, letters)
    return [alert for alert in alerts if alert.message_id is None or alert.message_id in loose]


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
    redirect(case, directory)


@dataclass
class _Owed:
    """One occurrence of one stage of which something is owed: all its rows, and those that may still be changed.

    `chosen` is who should have it now, with the roles that led to them.
    """

    rows: dict[str, Alert]
    open: list[Alert]
    chosen: dict[str, tuple[str, ...]]

    @property
    def leaving(self) -> list[Alert]:
        return [alert for alert in self.open if alert.recipient not in self.chosen]


def redirect(case: CaseFile, directory: Directory, *, failed: Collection[int] = ()) -> bool:
    """Lets what is still owed follow the people: another office or owner, somebody away, retired, newly in post.

    `failed` are ids of rows whose recipients can't be reached; what they were owed goes to the next in line. Whether
    anything changed. One `alerts` event says what.
    """
    session = case.session
    if case.row.status != Status.OPEN:
        return False
    alerts = ledger.of_generation(session, case.row)
    changeable = {alert.id for alert in _changeable(session, [one for one in alerts if one.state in OWED])}
    occurrences: dict[tuple[str, int], list[Alert]] = {}
    for alert in alerts:
        occurrences.setdefault((alert.stage, alert.occurrence), []).append(alert)
    owed = [_owed(case, directory, rows, changeable, failed) for rows in occurrences.values()]
    # Only letters that lose somebody are broken up; the others keep their place and their pauses.
    outbox.dissolve(
        session, {alert.message_id for what in owed for alert in what.leaving if alert.message_id is not None}
    )
    changes: list[dict[str, object]] = []
    told: set[str] = set()
    # Newest first: whoever has a later stage is not told an earlier one again.
    for what in reversed(owed):
        change = _redirect(case, what, told)
        if change is not None:
            changes.insert(0, change)
        told.update(one.recipient for one in what.rows.values() if one.state in (*OWED, AlertState.SENT))
    if changes:
        case.record(
            EventKind.ALERTS, case.desk.now, {"generation": case.row.generation, "redirected": changes}
        )
        session.flush()
    return bool(changes)


def _owed(
    case: CaseFile,
    directory: Directory,
    rows: Sequence[Alert],
    changeable: Collection[int | None],
    failed: Collection[int],
) -> _Owed:
    open_ = [alert for alert in rows if alert.id in changeable]
    roles = dict.fromkeys(
        role for alert in rows if alert in open_ or alert.id in failed for role in alert.roles.split()
    )
    # Whoever could not be reached with this stage once is not tried with it again: the next in line has it.
    without = {alert.recipient for alert in rows if alert.state == AlertState.FAILED}
    chosen = _chosen(case, directory, roles, without)
    return _Owed({alert.recipient: alert for alert in rows}, open_, chosen)


def _redirect(case: CaseFile, what: _Owed, told: Collection[str]) -> dict[str, object] | None:
    pattern = next(iter(what.rows.values()))
    changed = bool(what.leaving)
    for alert in what.leaving:
        alert.state = AlertState.SUPERSEDED
        alert.message_id = None
    for recipient, roles in what.chosen.items():
        known = what.rows.get(recipient)
        state = AlertState.UNALERTABLE if is_nobody(recipient) else AlertState.WAITING
        if known is not None:
            # What led to somebody else leads here now, and may lead further.
            known.roles = " ".join(dict.fromkeys((*known.roles.split(), *roles)))
            has_it = known.state in (*OWED, AlertState.SENT) or recipient in told
            if not has_it:
                known.state, known.message_id = state, None
                changed = True
        else:
            if recipient in told:
                state = AlertState.SUPERSEDED
            what.rows[recipient] = Alert(
                complaint_id=case.id,
                generation=case.row.generation,
                stage=pattern.stage,
                occurrence=pattern.occurrence,
                stands_for=pattern.stands_for,
                recipient=recipient,
                roles=" ".join(roles),
                stage_at=pattern.stage_at,
                raised_at=case.desk.now,
                urgent=case.row.urgent,
                state=state,
            )
            case.session.add(what.rows[recipient])
            changed = True
    if not changed:
        return None
    return {
        "stage": pattern.stage,
        "occurrence": pattern.occurrence,
        "recipients": {recipient: list(roles) for recipient, roles in what.chosen.items()},
    }


def fill_posts(session: Session, desk: Desk, *, everyone: bool = False) -> None:
    """Turns what was owed to a role that nobody filled over to whoever fills it now, `everyone`: or another role now.

    So too what a sweep wrote down for somebody who was retiring at that moment.
    """
    unfilled = ledger.roles_unfilled(session)
    retired = ledger.retired_waiting(session)
    if not unfilled and not retired:
        return
    directory = people.directory(session)
    for recipient in unfilled:
        role, _, office = recipient.partition(":")[2].partition("@")
        found = directory.roster.recipients(role, office, None, desk.today)
        if everyone or not any(is_nobody(one) for one in found):
            follow(session, desk, directory, recipient)
    for recipient in retired:
        follow(session, desk, directory, recipient)


def follow(session: Session, desk: Desk, directory: Directory, recipient: str) -> None:
    """Redirects everything that is still owed to one recipient."""
    ids = ledger.complaints_owing(session, recipient, OWED)
    for start in range(0, len(ids), BATCH):
        for row in complaints.locked_all(session, ids[start : start + BATCH]):
            redirect(CaseFile(session, desk, row), directory)


def pass_on(session: Session, desk: Desk, alert_ids: Collection[int]) -> None:
    """What these failed rows were to tell somebody who can't be reached goes to the next in line."""
    directory = people.directory(session)
    alerts = ledger.with_ids(session, alert_ids)
    for row in complaints.locked_all(session, {alert.complaint_id for alert in alerts}):
        mine = {alert.id or 0 for alert in alerts if (alert.complaint_id, alert.generation) == (row.id, row.generation)}
        if mine:
            redirect(CaseFile(session, desk, row), directory, failed=mine)


def straighten(session: Session, desk: Desk, alerts: Sequence[Alert]) -> None:
    """After a refused letter: what it held for somebody whom it no longer concerns goes where it belongs.

    While a letter is going out, its members can't follow a transfer or an end; this makes up for it.
    """
    directory = people.directory(session)
    by_complaint: dict[int, list[Alert]] = {}
    for alert in alerts:
        by_complaint.setdefault(alert.complaint_id, []).append(alert)
    for row in complaints.locked_all(session, by_complaint.keys()):
        case = CaseFile(session, desk, row)
        mine = by_complaint[case.id]
        over = [one.id or 0 for one in mine if not is_current(one, row)]
        ledger.set_state(session, over, AlertState.DROPPED)
        ledger.detach(session, over)
        if any(one.recipient not in _chosen(case, directory, one.roles.split()) for one in mine):
            redirect(case, directory)


def is_current(alert: Alert, row: Complaint) -> bool:
    """Whether the deadline that a row speaks of still runs."""
    return row.status == Status.OPEN and alert.generation == row.generation
