"""Taking a complaint in: what was said is made regular, given its number and deadline, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from complaint_sla.core.calendars import local_day, month_key
from complaint_sla.core.deadlines import Deadline, deadline
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.roster import Roster, is_nobody
from complaint_sla.core.rulebook import Book, Facts, Stage
from complaint_sla.core.terms import key_of
from complaint_sla.store import books, complaints, filing, logins, offices, person
from complaint_sla.store.logins import Elsewhere
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office, Staff
from complaint_sla.work.complaints.filing import Due, Intake, draft, file_all
from complaint_sla.work.complaints.view import ComplaintView, view, views
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import office_called, own_office, own_office_meant, person_called, person_meant

# So long after its end a complaint may still be what its customer calls about.
RECENT = timedelta(days=30)
# Serial numbers are written with at least five digits: C-6003-00001.
SERIAL_DIGITS = 5


@dataclass(frozen=True)
class Logged:
    """What came of logging. `known`: the external id had been logged before, and this is the first one.

    `same_customer` are other open complaints of the same telephone or account, `recent_customer` those that ended in the
    last thirty days; `silent_stages` are the keys of the
    stages that would reach nobody as the offices are staffed today; `elsewhere` is what offices that one does not see have of
    that telephone or account.
    """

    complaint: ComplaintView
    known: bool
    same_customer: tuple[ComplaintView, ...]
    silent_stages: tuple[str, ...]
    all_silent: bool
    elsewhere: tuple[Elsewhere, ...] = ()
    recent_customer: tuple[ComplaintView, ...] = ()


def log(desk: Desk, intake: Intake) -> Logged:
    """Logs a complaint in one transaction.

    Group, channel and category may be said as questions take them (`core.terms`), office and owner by a part of their names.
    Raises BadValue, BookRefused, NotPossible (`record-damaged`, of
    the counter of numbers); nothing is written then.
    """
    intake = _with_what_is_meant(desk, intake).regular()
    due = Deadlines(desk).of(intake)
    try:
        return desk.store.write(lambda session: _log(session, desk, intake, due))
    except IntegrityError:
        # The number was given out before, however often it was tried.
        month = month_key(local_day(due[1].received_at, desk.zone))
        raise NotPossible("record-damaged", about=f"counter {month}", columns=["serial"]) from None


def _with_what_is_meant(desk: Desk, intake: Intake) -> Intake:
    book = governing(desk, desk.now if intake.received_at is None else intake.received_at)
    intake = replace(
        intake,
        group=key_of(book, "group", intake.group),
        channel=key_of(book, "channel", intake.channel),
        category=key_of(book, "category", intake.category),
    )
    if not (intake.office or intake.owner):
        return intake
    with desk.store.read() as session:
        directory = offices.directory(session)
        return replace(
            intake,
            office=own_office_meant(desk, directory, intake.office).code if intake.office else None,
            owner=person_meant(desk, directory, intake.owner).email if intake.owner else None,
        )


def require_unknown_elsewhere(session: Session, desk: Desk, external_ids: Sequence[str]) -> None:
    """Raises NotPossible (`logged-elsewhere`) where an office that one does not see has one of these ids already, though
    it has been erased.
    """
    if desk.standing.confined:
        meant = complaints.as_kept(session, external_ids)
        for one in logins.elsewhere(session, external_ids=meant.keys()):
            raise NotPossible(
                "logged-elsewhere",
                external_id=meant[one.external_id or ""],
                number=one.number,
                office=one.office,
            )


def logged_before(desk: Desk, external_id: str) -> Logged | None:
    """What `log` would answer of an external id that is known. Raises as `log` does for another office's."""
    with desk.store.read() as session:
        return _known(session, desk, offices.directory(session), external_id)


def _known(session: Session, desk: Desk, directory: Directory, external_id: str) -> Logged | None:
    first = complaints.with_external_ids(session, [external_id]).get(external_id)
    if first is not None:
        return Logged(view(session, directory, first, desk.now), True, (), (), False)
    require_unknown_elsewhere(session, desk, [external_id])
    return None


def governing(desk: Desk, received_at: datetime) -> Book:
    """The book that governs a receipt. Raises BadValue: `received-in-future`, `before-first-book`."""
    if received_at > desk.now:
        raise BadValue("received-in-future", value=received_at)
    return desk.shelf.governing(received_at)


class Deadlines:
    """The deadlines of many complaints: each is computed once for what it depends on."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[tuple[object, ...], Deadline] = {}

    def of(self, intake: Intake) -> Due:
        """The book that governs the day of receipt, the facts, and the deadline they give.

        Raises BadValue: `received-in-future`, `before-first-book`, an unknown key.
        """
        desk = self._desk
        received_at = desk.now if intake.received_at is None else intake.received_at
        book = governing(desk, received_at)
        day = local_day(received_at, desk.zone)
        facts = Facts(received_at, intake.group, intake.urgent, intake.channel, intake.category)
        key = (book.digest, day, facts.group, facts.urgent, facts.channel, facts.category)
        if key not in self._known:
            self._known[key] = deadline(book, facts)
        return book, facts, self._known[key]


def _log(session: Session, desk: Desk, intake: Intake, due: Due) -> Logged:
    directory = offices.directory(session)
    if intake.external_id is not None:
        known = _known(session, desk, directory, intake.external_id)
        if known is not None:
            return known
    office, owner = places(directory, desk, intake)
    lately = person.lately_of_customer(session, intake.phone, intake.account, desk.now - RECENT)
    same = views(session, desk, directory, lately)
    book = due[0]
    books.hold(session, desk.shelf)
    new = draft(intake, due, (office, owner))
    new.number = number_of(new.month, filing.take_serials(session, new.month, 1))
    file_all(session, desk, [new])
    [row] = complaints.with_ids(session, [new.id])
    stages = [stage for stage in book.stages if stage.serves(row.rule, row.days)]
    silent = _silent_stages(directory.roster, desk, stages, office, owner)
    return Logged(
        view(session, directory, row, desk.now),
        False,
        tuple(one for one in same if one.is_open),
        silent,
        len(silent) == len(stages),
        tuple(
            logins.elsewhere(session, phone=intake.phone, account=intake.account)
            if desk.standing.confined
            else ()
        ),
        tuple(one for one in same if not one.is_open),
    )


def number_of(month: str, serial: int) -> str:
    """C-6003-00001: two digits of the Buddhist year and two of the month of receipt (given as 2017-03), then the serial."""
    year, _, of_year = month.partition("-")
    return f"C-{(int(year) + 543) % 100:02d}{of_year}-{serial:0{SERIAL_DIGITS}d}"


def serial_of(number: str) -> int:
    """0 for what is no number of a complaint, or one that can't have been given out."""
    digits = number.rpartition("-")[2]
    return int(digits) if digits.isdecimal() and len(digits) < 8 else 0


def places(directory: Directory, desk: Desk, intake: Intake) -> tuple[Office, Staff | None]:
    """The office and the owner meant. Raises BadValue: `unknown-office`, `office-needed`, `unknown-person`, `person-retired`."""
    acting = directory.person(desk.actor)
    if intake.office is not None:
        office = own_office(desk, directory, intake.office)
    elif desk.standing.office is not None:
        # Where the server holds them to their office, the claim to be somebody else decides nothing.
        office = office_called(directory, desk.standing.office)
    elif acting is not None and acting.retired_at is None:
        office = directory.offices[acting.office_id]
    elif len(directory.offices) == 1:
        office = next(iter(directory.offices.values()))
    else:
        raise BadValue("office-needed", known=sorted(directory.roster.offices))
    return office, None if intake.owner is None else person_called(directory, intake.owner)


def _silent_stages(
    roster: Roster, desk: Desk, stages: Sequence[Stage], office: Office, owner: Staff | None
) -> tuple[str, ...]:
    """Those of these stages that would reach nobody, as of today."""
    email = owner.email if owner is not None else None
    return tuple(
        stage.key
        for stage in stages
        if all(is_nobody(one) for one in roster.chosen(stage.roles, office.code, email, desk.today))
    )
