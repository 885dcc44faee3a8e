"""The word to the administrators: whose address on the staff does not exist, who hears instead, and what cures it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlmodel import Session

from complaint_sla.core.roster import Role
from complaint_sla.core.titles import Title
from complaint_sla.store import notices, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Message, Staff
from complaint_sla.work.desk import Desk
from complaint_sla.work.letters.values import Notice, Occasion, head, names

KIND = "addresses"


@dataclass(frozen=True)
class DeadAddress:
    """Somebody on the staff whom no mail reaches, since when, by which words of the server, and who hears instead."""

    email: str
    name: str
    office: Title
    role: Role
    since: datetime
    failure: str
    instead: tuple[str, ...]


@dataclass(frozen=True)
class Addresses(Notice):
    """The addresses of the staff that do not exist, newest first: for whoever administers the program."""

    dead: tuple[DeadAddress, ...]


def due(session: Session, desk: Desk) -> Iterator[Occasion]:
    """Which administrators have not heard of the newest mark; nothing outside working hours.

    Whose own address is dead is not written to.
    """
    if not desk.service.administrators or not desk.service.is_at_work(desk.now, desk.zone):
        return
    directory = offices.directory(session)
    marks = [_mark(person) for person in _dead(directory)]
    if not marks:
        return
    newest = max(marks)
    # If the newest address is cured, the one before it is the newest, and no news. A clock that ran ahead for once must
    # not silence all that comes after.
    told = notices.noticed(session, KIND, newest, max(newest, _text(desk.clock())))
    recipients = [
        one for one in desk.service.administrators if one not in told and _is_reachable(directory, one)
    ]
    yield Occasion(newest, dict.fromkeys(recipients, True))


def written(desk: Desk, message: Message) -> Addresses:
    """The marks as they stand now. One reading transaction."""
    with desk.store.read() as session:
        directory = offices.directory(session)
    dead = tuple(
        DeadAddress(
            email=one.email,
            name=one.name,
            office=directory.title(directory.code(one.office_id)),
            role=Role(one.role),
            since=one.failed_at,
            failure=one.failure or "",
            instead=_instead(desk, directory, one),
        )
        for one in sorted(_dead(directory), key=_mark, reverse=True)
        if one.failed_at is not None
    )
    return Addresses(
        **head(desk, directory, message),
        needed=(
            bool(dead)
            and message.recipient in desk.service.administrators
            and _is_reachable(directory, message.recipient)
        ),
        dead=dead,
    )


def _dead(directory: Directory) -> list[Staff]:
    return [
        one
        for one in directory.staff.values()
        if one.failed_at is not None and one.retired_at is None and one.email in directory.roster.people
    ]


def _mark(person: Staff) -> str:
    assert person.failed_at is not None
    return _text(person.failed_at)


def _text(moment: datetime) -> str:
    """A moment as text that sorts as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _is_reachable(directory: Directory, email: str) -> bool:
    person = directory.person(email)
    return person is None or person.failed_at is None or person.retired_at is not None


def _instead(desk: Desk, directory: Directory, person: Staff) -> tuple[str, ...]:
    """The names of those who hear what was meant for somebody; none if nobody does."""
    role = "owner" if person.role == Role.AGENT else person.role
    found = directory.roster.recipients(role, directory.code(person.office_id), person.email, desk.today)
    return names(directory, found)
