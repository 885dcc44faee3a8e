"""Who is still owed what, after people or places have changed: another office or owner, somebody away, retired or
unreachable, a post filled at last. Nothing is raised here that was not raised before, and nothing owed is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from complaint_sla.core.lifecycle import EventKind, Status
from complaint_sla.core.roster import is_nobody
from complaint_sla.store import complaints, ledger, outbox, people
from complaint_sla.store.ledger import AlertState
from complaint_sla.store.people import Directory
from complaint_sla.store.tables import Alert, Complaint
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.desk import Desk

# As many complaints as are locked and redirected together.
BATCH = 500

OWED = (AlertState.WAITING, AlertState.UNALERTABLE)


def chosen(
    case: CaseFile, directory: Directory, roles: Collection[str], without: Collection[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Whom these roles mean for a complaint today, each with the roles that lead to them; `without` are passed over."""
    row = case.row
    return directory.roster.chosen(
        roles, directory.code(row.office_id), directory.email(row.owner_id), case.desk.today, without
    )


def changeable(session: Session, alerts: Sequence[Alert]) -> list[Alert]:
    """Those rows that are not going out at this moment: a letter that has been handed over keeps its members."""
    letters = {alert.message_id for alert in alerts if alert.message_id is not None}
    loose = outbox.not_handed_over(session, letters)
    return [alert for alert in alerts if alert.message_id is None or alert.message_id in loose]


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
    may_change = {alert.id for alert in changeable(session, [one for one in alerts if one.state in OWED])}
    occurrences: dict[tuple[str, int], list[Alert]] = {}
    for alert in alerts:
        occurrences.setdefault((alert.stage, alert.occurrence), []).append(alert)
    owed = [_owed(case, directory, rows, may_change, failed) for rows in occurrences.values()]
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
    may_change: Collection[int | None],
    failed: Collection[int],
) -> _Owed:
    open_ = [alert for alert in rows if alert.id in may_change]
    roles = dict.fromkeys(
        role for alert in rows if alert in open_ or alert.id in failed for role in alert.roles.split()
    )
    # Whoever could not be reached with this stage once is not tried with it again: the next in line has it.
    without = {alert.recipient for alert in rows if alert.state == AlertState.FAILED}
    now_chosen = chosen(case, directory, roles, without)
    return _Owed({alert.recipient: alert for alert in rows}, open_, now_chosen)


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
            with desk.apart(row.number, session):
                redirect(CaseFile(session, desk, row), directory)


def pass_on(session: Session, desk: Desk, alert_ids: Collection[int]) -> None:
    """What these failed rows were to tell somebody who can't be reached goes to the next in line."""
    directory = people.directory(session)
    alerts = ledger.with_ids(session, alert_ids)
    for row in complaints.locked_all(session, {alert.complaint_id for alert in alerts}):
        mine = {
            alert.id or 0
            for alert in alerts
            if (alert.complaint_id, alert.generation) == (row.id, row.generation)
        }
        if mine:
            with desk.apart(row.number, session):
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
        with desk.apart(row.number, session):
            if any(one.recipient not in chosen(case, directory, one.roles.split()) for one in mine):
                redirect(case, directory)


def is_current(alert: Alert, row: Complaint) -> bool:
    """Whether the deadline that a row speaks of still runs."""
    return row.status == Status.OPEN and alert.generation == row.generation
