"""Which person or office is meant: by the address or the code in full, or as people type them, by a part of the name."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue, Error
from complaint_sla.core.matching import ME, meant
from complaint_sla.core.titles import Title
from complaint_sla.store import offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Office, Staff
from complaint_sla.work.desk import Desk

# The longest name of a person or an office.
NAME = 200


def office_called(directory: Directory, code: str) -> Office:
    """Raises BadValue (`unknown-office`), naming those that exist."""
    office = directory.office(fields.code(code))
    if office is None:
        raise BadValue("unknown-office", value=code, known=sorted(directory.roster.offices))
    return office


def own_office(desk: Desk, directory: Directory, code: str) -> Office:
    """As `office_called`; one that whoever sits here does not see is NotPossible (`office-not-yours`)."""
    return _own(desk, directory, office_called(directory, code))


def office_meant(directory: Directory, text: str) -> Office:
    """An office by its code, or by a part of its code or of one of its names where that is but one's.

    Raises BadValue: `unknown-office`, as `fields.line` does, `ambiguous` with the code and the name of each that it may be.
    """
    text = fields.line("office", text, NAME)
    if (exactly := directory.office(text.upper())) is not None:
        return exactly
    known = sorted(directory.offices.values(), key=lambda one: one.code)
    found = meant(text, [(one.code, (one.name_th, one.name_en)) for one in known])
    if len(found) > 1:
        raise _ambiguous(text, [(one.code, one.name_th, one.name_en) for one in known if one.code in found])
    if not found:
        raise BadValue("unknown-office", value=text, known=[one.code for one in known])
    return office_called(directory, found[0])


def code_meant(desk: Desk, text: str) -> str:
    """The code of the office that `office_meant` finds."""
    with desk.store.read() as session:
        return office_meant(offices.directory(session), text).code


def address_meant(desk: Desk, text: str) -> str:
    """The address of the person whom `person_meant` finds."""
    with desk.store.read() as session:
        return person_meant(desk, offices.directory(session), text).email


def own_office_meant(desk: Desk, directory: Directory, text: str) -> Office:
    """As `office_meant`; one that whoever sits here does not see is NotPossible (`office-not-yours`)."""
    return _own(desk, directory, office_meant(directory, text))


def person_known(directory: Directory, email: str) -> Staff:
    """Somebody who is or was on the staff. Raises BadValue (`unknown-person`), naming those who are."""
    person = directory.person(fields.email(email))
    if person is None:
        raise _unknown(directory, email)
    return person


def person_called(directory: Directory, email: str) -> Staff:
    """Somebody still on the staff. Raises BadValue: `unknown-person`, `person-retired`."""
    return _still_here(person_known(directory, email), email)


def person_meant(desk: Desk, directory: Directory, text: str, *, or_retired: bool = False) -> Staff:
    """Somebody by an address in full, by a part of address or name where that is but one's, or by `me`: whoever acts.

    Who has retired is meant by their whole address only, and where `or_retired`. Raises BadValue: `unknown-person`,
    `nobody-acts`, `person-retired`, `ambiguous` with the address and the name of each that it may be.
    """
    text = fields.line("email", text, fields.ADDRESS)
    is_me = text.casefold() == ME
    person = directory.person(desk.actor if is_me else text.lower())
    if person is None and is_me:
        raise BadValue("nobody-acts", value=desk.actor)
    if person is None:
        active = [one for one in directory.staff.values() if one.retired_at is None]
        found = [] if _is_address(text) else meant(text, [(one.email, (one.name,)) for one in active])
        if len(found) > 1:
            raise _ambiguous(text, [(one.email, one.name, one.name) for one in active if one.email in found])
        if not found:
            raise _unknown(directory, text)
        person = person_known(directory, found[0])
    return person if or_retired else _still_here(person, text)


def nearly_acting(desk: Desk) -> list[str] | None:
    """The addresses that are like that of whoever acts, the likest first; None where they are on the staff, or nobody is."""
    with desk.store.read() as session:
        known = [one.email for one in offices.directory(session).staff.values()]
    return None if desk.actor in known or not known else get_close_matches(desk.actor, known)


def _own(desk: Desk, directory: Directory, office: Office) -> Office:
    if desk.standing.office is not None:
        desk.standing.require_within(office.code, directory.roster.below(desk.standing.office))
    return office


def _still_here(person: Staff, text: str) -> Staff:
    if person.retired_at is not None:
        raise BadValue("person-retired", value=text)
    return person


def _is_address(text: str) -> bool:
    try:
        fields.email(text)
    except Error:
        return False
    return True


def _unknown(directory: Directory, text: str) -> Error:
    active = [one.email for one in directory.staff.values() if one.retired_at is None]
    return BadValue("unknown-person", value=text, known=sorted(active))


def _ambiguous(text: str, known: Sequence[tuple[str, str, str]]) -> Error:
    """Of keys, each with its name in Thai and in English."""
    return BadValue(
        "ambiguous", value=text, known=[Title(f"{key} ({th})", f"{key} ({en})") for key, th, en in known]
    )
