"""What is still owed follows the people: the core's `owed`, carried out on the rows of the ledger."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

from sqlmodel import Session

from complaint_sla.core import handover, owed
from complaint_sla.core.calendars import local_day, midnight
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.owed import AlertState, Change, Chosen, Present, Row
from complaint_sla.core.roster import is_nobody, role_and_office
from complaint_sla.store import alerts, complaints, offices, outbox
from complaint_sla.store.offices import Directory
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.desk import Desk

# As many complaints as are locked and redirected together.
BATCH = 500


def present(case: CaseFile, directory: Directory) -> Present:
    """The complaint's present deadline, with the people of today."""
    row, today = case.row, case.desk.today
    office, owner = directory.code(row.office_id), directory.email(row.owner_id)

    def choose(roles: Collection[str], without: Collection[str]) -> Chosen:
        return directory.roster.chosen(roles, office, owner, today, without)

    return Present(row.id, row.generation, row.urgent, case.desk.now, choose)


def rows_of(case: CaseFile) -> list[Row]:
    """The rows of all deadlines, oldest first; they and their letters stay as they are until the transaction ends."""
    return outbox.with_letters_held(case.session, alerts.of_all_generations(case.session, case.row.id))


def carry_out(case: CaseFile, change: Change) -> None:
    """Writes down what the core has decided for a complaint."""
    outbox.dissolve(case.session, change.broken)
    alerts.write(case.session, change)
    if change.said is not None:
        case.record(EventKind.ALERTS, case.desk.now, change.said)
    case.session.flush()


def redirect(case: CaseFile, directory: Directory, *, failed: Collection[int | None] = ()) -> None:
    """Lets what is still owed follow the people; what was owed by the rows `failed` goes to the next in line."""
    carry_out(case, owed.redirected(present(case, directory), rows_of(case), failed))


def hand_over(case: CaseFile, directory: Directory, role: str) -> None:
    """Another owner, or (`role` is the supervisor) another office: what is owed follows, and whoever has it now is told."""
    row, now, by = case.row, case.desk.now, case.desk.actor
    carry_out(case, handover.overtaken(rows_of(case), role))
    redirect(case, directory)
    if role == "owner" and directory.email(row.owner_id) == by:
        return
    pressing = handover.is_pressing(
        urgent=row.urgent, breached_at=row.breached_at, due_at=row.due_at, now=now
    )
    carry_out(case, handover.told(present(case, directory), rows_of(case), role, pressing=pressing, by=by))


def fill_posts(session: Session, desk: Desk, *, everyone: bool = False) -> None:
    """Turns what was owed to a role that nobody filled over to whoever fills it now, `everyone`: or another role now.

    So too what a sweep wrote down for somebody who was retiring at that moment, and what waits for those who stood in
    during an absence that is over.
    """
    unfilled = alerts.roles_unfilled(session)
    retired = alerts.retired_waiting(session)
    returned = _returned(session, desk)
    if not unfilled and not retired and not returned:
        return
    directory = offices.directory(session)
    for recipient in unfilled:
        role, office = role_and_office(recipient)
        found = directory.roster.recipients(role, office, None, desk.today)
        if everyone or not any(is_nobody(one) for one in found):
            follow(session, desk, directory, recipient)
    for recipient in retired:
        follow(session, desk, directory, recipient)
    for email, day in returned:
        stood_in = directory.roster.hearing_for(email, day)
        back_at = midnight(day + timedelta(days=1), desk.zone)
        _redirect_all(session, desk, directory, alerts.complaints_waiting(session, stood_in, back_at))


def _returned(session: Session, desk: Desk) -> list[tuple[str, date]]:
    """Who is back from an absence during which something was raised that still waits; with its last local day.

    Handings-over may wait for months: they are turned over on the first day back.
    """
    returned = offices.returned(session, desk.today)
    since = desk.today - timedelta(days=1)
    if returned and (oldest := alerts.oldest_pressing_at(session)) is not None:
        since = min(since, local_day(oldest, desk.zone))
    return [(email, day) for email, day in returned if day >= since]


def follow(session: Session, desk: Desk, directory: Directory, recipient: str) -> None:
    """Redirects everything that is still owed to one recipient."""
    _redirect_all(session, desk, directory, alerts.complaints_owing(session, recipient))


def _redirect_all(session: Session, desk: Desk, directory: Directory, ids: Sequence[int]) -> None:
    for start in range(0, len(ids), BATCH):
        for row in complaints.locked_all(session, ids[start : start + BATCH]):
            with desk.apart(row.number, session):
                redirect(CaseFile(session, desk, row), directory)


def pass_on(session: Session, desk: Desk, rows: Sequence[Row]) -> None:
    """What these failed rows were to tell somebody who can't be reached goes to the next in line."""
    directory = offices.directory(session)
    for one in complaints.locked_all(session, {row.complaint_id for row in rows}):
        mine = {row.id for row in rows if row.complaint_id == one.id}
        with desk.apart(one.number, session):
            redirect(CaseFile(session, desk, one), directory, failed=mine)


def passed_on_once(session: Session, desk: Desk, rows: Sequence[Row]) -> list[Row]:
    """Of these rows of a letter, those of which the next in line is to hear as well, where everybody's letters are held up."""
    directory = offices.directory(session)
    found: list[Row] = []
    for one in complaints.locked_all(session, {row.complaint_id for row in rows}):
        case = CaseFile(session, desk, one)
        mine = [row for row in rows if row.complaint_id == one.id]
        with desk.apart(one.number, session):
            found += owed.passed_on_once(present(case, directory), rows_of(case), mine)
    return found


def tell_again(session: Session, desk: Desk, recipient: str, ids: Sequence[int]) -> None:
    """What failed to reach somebody waits for them again, of each of these complaints the newest stage."""
    directory = offices.directory(session)
    for start in range(0, len(ids), BATCH):
        for row in complaints.locked_all(session, ids[start : start + BATCH]):
            with desk.apart(row.number, session):
                case = CaseFile(session, desk, row)
                carry_out(case, owed.forgiven(present(case, directory), rows_of(case), recipient))


def arrived(session: Session, desk: Desk, rows: Sequence[Row]) -> None:
    """A letter was taken with these rows: whoever fills a role has been told what had reached nobody there."""
    unheard = {row.complaint_id for row in alerts.unalertable_of(session, {row.complaint_id for row in rows})}
    # Complaints before their rows, as everybody else locks them.
    found = complaints.locked_all(session, unheard)
    alerts.write(session, owed.answered(rows, AlertState.SENT))
    directory = offices.directory(session) if found else None
    for row in found:
        with desk.apart(row.number, session):
            assert directory is not None
            redirect(CaseFile(session, desk, row), directory)


def straighten(session: Session, desk: Desk, message_id: int) -> None:
    """After a refused letter: what it held for somebody whom it no longer concerns goes where it belongs.

    While a letter is going out, its members can't follow a transfer or an end; this makes up for it.
    """
    rows = alerts.of_message(session, message_id)
    alerts.write(session, owed.outlived(rows))
    directory = offices.directory(session)
    for one in complaints.locked_all(session, {row.complaint_id for row in rows}):
        case = CaseFile(session, desk, one)
        mine = [row for row in rows if row.complaint_id == one.id]
        with desk.apart(one.number, session):
            if owed.is_misplaced(present(case, directory), mine):
                redirect(case, directory)
