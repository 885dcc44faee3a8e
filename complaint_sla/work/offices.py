"""The tree of offices and the people in it. Whatever changes who hears what is followed by what is still owed.

Each function is one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.people import Record
from complaint_sla.core.plan import plan_of
from complaint_sla.core.roster import Role
from complaint_sla.store import books, complaints, logins, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office, Staff
from complaint_sla.work import journal, people
from complaint_sla.work.alerts import follow, refused
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.complaints import change
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import (
    NAME,
    office_called,
    own_office,
    own_office_meant,
    person_called,
    person_meant,
)


@dataclass(frozen=True)
class OfficeView:
    """An office; `class_` as the plan tells them apart, None where nobody has said it."""

    code: str
    name_th: str
    name_en: str
    parent: str | None
    class_: str | None = None


@dataclass(frozen=True)
class StaffView:
    """A person. Away up to and including the local day `away_until`; `failed_at` marks an address that does not exist.

    `login` is the name under which the system, or the database server, knows them.
    """

    email: str
    name: str
    office: str
    role: str
    lang: str
    away_until: date | None
    deputy: str | None
    retired_at: datetime | None
    failed_at: datetime | None
    failure: str | None
    login: str | None = None


def add_office(
    desk: Desk,
    code: str,
    name_th: str,
    name_en: str,
    parent: str | None = None,
    class_: str | None = None,
) -> OfficeView:
    """Raises BadValue (`bad-code`, `unknown-office`, `unknown-class`), NotPossible (`office-exists`, `no-classes`)."""
    code = fields.code(code)
    names = fields.line("name_th", name_th, NAME), fields.line("name_en", name_en, NAME)

    def job(session: Session) -> OfficeView:
        journal.hold(session)
        directory = offices.directory(session)
        if directory.office(code) is not None:
            raise NotPossible("office-exists", code=code)
        if parent is None and desk.standing.confined:
            raise NotPossible("office-not-yours", office=code, yours=desk.standing.office)
        above = own_office(desk, directory, parent) if parent is not None else None
        office = Office(
            code=code,
            name_th=names[0],
            name_en=names[1],
            parent_id=above.id if above else None,
            class_=_class(session, desk, class_ or ""),
        )
        session.add(office)
        session.flush()
        people.enter_office(session, desk, office, None)
        return OfficeView(code, *names, above.code if above else None, office.class_)

    return desk.store.write(job)


def set_office(
    desk: Desk,
    code: str,
    *,
    name_th: str | None = None,
    name_en: str | None = None,
    parent: str | None = None,
    class_: str | None = None,
) -> OfficeView:
    """Renames an office, moves it or gives it a class; an empty `parent` makes it a root, an empty `class_` takes it away.

    Raises BadValue (`unknown-class`), NotPossible (`office-loop`, `no-classes`).
    """
    if name_th is None and name_en is None and parent is None and class_ is None:
        raise BadValue("nothing-to-set")

    def job(session: Session) -> OfficeView:
        journal.hold(session)
        offices.lock_tree(session)
        directory = offices.directory(session)
        office = own_office(desk, directory, code)
        before = people.office_record(directory, office)
        if name_th is not None:
            office.name_th = fields.line("name_th", name_th, NAME)
        if name_en is not None:
            office.name_en = fields.line("name_en", name_en, NAME)
        if parent is not None:
            above = office_called(directory, parent) if parent.strip() else None
            if above is not None and above.code in directory.roster.below(office.code):
                raise NotPossible("office-loop", code=office.code, parent=above.code)
            office.parent_id = above.id if above else None
        if class_ is not None:
            office.class_ = _class(session, desk, class_)
        session.flush()
        people.enter_office(session, desk, office, before)
        follow.fill_posts(session, desk, everyone=parent is not None)
        return _office_view(offices.directory(session), office)

    return desk.store.write(job)


def _class(session: Session, desk: Desk, text: str) -> str | None:
    """The class of that key in the plan in force; None for none."""
    key = fields.fold(text)
    if not key:
        return None
    plan = plan_of(books.plans(session), Quarter.of(desk.today))
    if plan is None or not plan.classes:
        raise NotPossible("no-classes")
    if key not in plan.classes:
        raise BadValue("unknown-class", value=text, known=plan.classes, plan=plan.id)
    return key


def list_offices(desk: Desk) -> list[OfficeView]:
    """Parents before their children, by code."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        by_code = {office.code: office for office in directory.offices.values()}
        return [_office_view(directory, by_code[code]) for code in directory.roster.tree()]


def _office_view(directory: Directory, office: Office) -> OfficeView:
    parent = directory.code(office.parent_id) if office.parent_id is not None else None
    return OfficeView(office.code, office.name_th, office.name_en, parent, office.class_)


def add_staff(
    desk: Desk,
    email: str,
    name: str,
    office: str,
    role: Role,
    language: str = "th",
    login: str | None = None,
) -> StaffView:
    """A new person; what was owed to a post that nobody held is theirs now.

    Raises BadValue, NotPossible (`person-exists`, `mail-domain`, `login-taken`).
    """
    email, name = fields.email(email), fields.line("name", name, NAME)

    if not desk.service.is_ours(email):
        raise NotPossible("mail-domain", email=email, known=desk.service.mail_domains)

    def job(session: Session) -> StaffView:
        journal.hold(session)
        directory = offices.directory(session)
        if directory.person(email) is not None:
            raise NotPossible("person-exists", email=email)
        where = own_office_meant(desk, directory, office)
        assert where.id is not None
        person = Staff(email=email, name=name, office_id=where.id, role=role.value, language=language)
        _log_in(directory, person, login)
        session.add(person)
        session.flush()
        people.enter_staff(session, desk, JournalKind.STAFF_ADDED, person, None)
        follow.fill_posts(session, desk)
        return _staff_view(offices.directory(session), person)

    return desk.store.write(job)


def set_staff(
    desk: Desk,
    email: str,
    *,
    name: str | None = None,
    office: str | None = None,
    role: Role | None = None,
    language: str | None = None,
    reachable: bool = False,
    back: bool = False,
    login: str | None = None,
) -> StaffView:
    """Changes a person. `reachable` clears the mark of a failed address, `back` ends an absence or a retirement.

    Whoever is `reachable` again is sent what was refused for good, of each open complaint the newest stage. An empty `login`
    takes it off. Raises BadValue, NotPossible (`login-taken`).
    """
    if not (name or office or role or language or reachable or back or login is not None):
        raise BadValue("nothing-to-set")

    def job(session: Session) -> StaffView:
        journal.hold(session)
        directory = offices.directory(session)
        person = directory.person(fields.email(email)) if back else person_called(directory, email)
        if person is None:
            person = person_called(directory, email)
        _require_own(session, desk, directory, person)
        before = people.staff_record(directory, person), person.name
        if name is not None:
            person.name = fields.line("name", name, NAME)
        if office is not None:
            person.office_id = own_office_meant(desk, directory, office).id or 0
        if role is not None:
            person.role = role.value
        if language is not None:
            person.language = language
        if reachable:
            person.failed_at = person.failure = None
        if back:
            person.away_until = person.deputy_id = person.retired_at = None
        if reachable:
            session.flush()
            refused.reach_again(session, desk, person.email)
        _log_in(directory, person, login)
        return _changed(session, desk, JournalKind.STAFF_CHANGED, person, before)

    return desk.store.write(job)


def _require_own(session: Session, desk: Desk, directory: Directory, person: Staff) -> None:
    """Whoever sees a part of the offices changes people of those only, and nobody whom others depend on: what these are owed
    would not follow. Raises NotPossible: `office-not-yours`, `reach-beyond`.
    """
    if desk.standing.confined:
        own_office(desk, directory, directory.code(person.office_id))
        if logins.reaches_beyond(session, person.email):
            raise NotPossible("reach-beyond", email=person.email)


def _log_in(directory: Directory, person: Staff, login: str | None) -> None:
    """Under which name the system knows somebody; whoever retires keeps it, and nobody else gets it."""
    if login is None:
        return
    login = fields.line("login", login, NAME) if login.strip() else None
    holder = next((one for one in directory.staff.values() if login is not None and one.login == login), None)
    if holder is not None and holder.id != person.id:
        raise NotPossible("login-taken", login=login, email=holder.email)
    person.login = login


def away(desk: Desk, email: str, until: date, deputy: str) -> StaffView:
    """Away up to and including a local day; the deputy hears what is meant for them. Raises BadValue, NotPossible."""

    def job(session: Session) -> StaffView:
        journal.hold(session)
        directory = offices.directory(session)
        person, stand_in = person_called(directory, email), person_meant(desk, directory, deputy)
        _require_own(session, desk, directory, person)
        if until < desk.today:
            raise BadValue("day-passed", value=until)
        if person.id == stand_in.id:
            raise NotPossible("own-deputy", email=person.email)
        before = people.staff_record(directory, person), person.name
        person.away_until, person.deputy_id = until, stand_in.id
        return _changed(session, desk, JournalKind.STAFF_AWAY, person, before)

    return desk.store.write(job)


def retire(desk: Desk, email: str, to: str | None = None) -> StaffView:
    """Takes a person off the staff, handing their open complaints to `to`.

    Raises NotPossible (`owns-complaints`), naming them, where there are some and nobody to take them.
    """

    def job(session: Session) -> StaffView:
        journal.hold(session)
        directory = offices.directory(session)
        person = person_called(directory, email)
        assert person.id is not None
        _require_own(session, desk, directory, person)
        owned = complaints.open_of_owner(session, person.id, lock=True)
        heir = person_meant(desk, directory, to) if to is not None else None
        if heir is not None and heir.id == person.id:
            raise NotPossible("own-heir", email=person.email)
        if owned and heir is None:
            raise NotPossible("owns-complaints", email=person.email, numbers=[row.number for row in owned])
        before = people.staff_record(directory, person), person.name
        person.retired_at = desk.now
        session.flush()
        directory = offices.directory(session)
        for row in owned:
            change.give(CaseFile(session, desk, row), directory, heir.id if heir else None)
        return _changed(session, desk, JournalKind.STAFF_RETIRED, person, before)

    return desk.store.write(job)


def _changed(
    session: Session, desk: Desk, kind: JournalKind, person: Staff, before: tuple[Record, str]
) -> StaffView:
    """Lets what is owed follow: to this person's stand-in or successor, and to posts that are filled now."""
    session.flush()
    people.enter_staff(session, desk, kind, person, before)
    directory = offices.directory(session)
    follow.follow(session, desk, directory, person.email)
    follow.fill_posts(session, desk)
    return _staff_view(directory, person)


def list_staff(desk: Desk, *, retired: bool = False) -> list[StaffView]:
    """Everybody on the staff, by office and e-mail; `retired` ones only if asked for."""
    with desk.store.read() as session:
        directory = offices.directory(session)
        found = [
            _staff_view(directory, person)
            for person in directory.staff.values()
            if retired or person.retired_at is None
        ]
    return sorted(found, key=lambda person: (person.office, person.email))


def _staff_view(directory: Directory, person: Staff) -> StaffView:
    return StaffView(
        email=person.email,
        name=person.name,
        office=directory.code(person.office_id),
        role=person.role,
        lang=person.language,
        away_until=person.away_until,
        deputy=directory.email(person.deputy_id),
        retired_at=person.retired_at,
        failed_at=person.failed_at,
        failure=person.failure,
        login=person.login,
    )
