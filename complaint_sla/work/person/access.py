"""What is held of one person, over all complaints: found, listed, given out (PDPA, section 30).

The journal says that it was looked at or taken out, and never whose it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.errors import BadValue, NotFound
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.masking import masked_text
from complaint_sla.store import complaints, offices, outbox
from complaint_sla.store.person import count_texts, names_like, of_person
from complaint_sla.store.tables import Complaint, Customer, Event
from complaint_sla.store.types import legible, whole
from complaint_sla.work import journal
from complaint_sla.work.complaints.view import ComplaintView, CustomerView, with_rows
from complaint_sla.work.desk import Desk
from complaint_sla.work.sheets.exchange import values_of
from complaint_sla.work.sheets.rows import COLUMNS
from complaint_sla.work.sheets.writing import new_sheet
from complaint_sla.work.surveys import persons
from complaint_sla.work.surveys.persons import HeldRequest

# By what a person is known, in the order of the options: the column, and the regular form of what is typed.
KNOWN_BY: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "phone": ("phone", fields.phone),
    "account": ("account", fields.account),
    "email": ("email", fields.email),
    "name": ("name_search", lambda text: fields.fold(fields.line("name", text, 200))),
}
# All that is said of a complaint, in lines of moment, kind and words.
SAID = "said"
# As many other names as are offered.
MOST_LIKE = 20


@dataclass(frozen=True)
class Who:
    """A person, `by` a telephone, account, e-mail or name, in its regular form; names are folded."""

    by: str
    value: str


@dataclass(frozen=True)
class Held:
    """What one complaint holds of a person. `letters` of alerts have named it; `erase_at_end`: its erasure is noted."""

    complaint: ComplaintView
    customer: CustomerView
    texts: int
    letters: int
    erase_at_end: bool


@dataclass(frozen=True)
class Found:
    """All complaints of a person, oldest first, and the finished requests of whose surveys they may be asked. `like` are names
    in which the same words stand, with how many each has."""

    held: tuple[Held, ...]
    like: tuple[tuple[str, int], ...] = ()
    requests: tuple[HeldRequest, ...] = ()

    @property
    def numbers(self) -> list[str]:
        return [one.complaint.number for one in self.held]


def person(given: Mapping[str, str | None]) -> Who:
    """Whom one of the options means. Raises BadValue: `person-needed`, `one-of-two`, and as the forms of `fields` do."""
    options = [by for by in KNOWN_BY if given.get(by) is not None]
    if not options:
        raise BadValue("person-needed", known=[f"--{by}" for by in KNOWN_BY])
    if len(options) > 1:
        raise BadValue("one-of-two", one=f"--{options[0]}", two=f"--{options[1]}")
    [by] = options
    return Who(by, KNOWN_BY[by][1](given[by] or ""))


def find(desk: Desk, who: Who) -> Found:
    """What is held of somebody, listed. Names fit as a whole; where others hold the same words, those are told."""
    with desk.store.read() as session:
        rows = _rows(session, who)
        numbers = {row.id: customer for row, customer in rows}
        letters: dict[int, set[str]] = {}
        for message_id, id_ in outbox.letters_about(session, numbers.keys()):
            letters.setdefault(id_, set()).add(message_id)
        texts = count_texts(session, numbers.keys())
        held = tuple(
            Held(
                found,
                _customer(numbers[row.id]),
                texts.get(row.id, 0),
                len(letters.get(row.id, ())),
                row.erase_at_end,
            )
            for row, found in with_rows(session, desk, offices.directory(session), [row for row, _ in rows])
        )
        return Found(held, _like(session, who), tuple(_requests(session, who)))


def show(desk: Desk, who: Who) -> Found:
    """The same, and the journal says that somebody looked."""
    found = find(desk, who)
    data = {"what": "person", "count": len(found.held) + len(found.requests)}
    desk.store.write(lambda session: journal.record(session, desk, JournalKind.CONTACT_READ, data))
    return found


def erase_requests(desk: Desk, who: Who) -> int:
    """Erases a person from the finished requests; of how many. One transaction."""
    return persons.erase(desk, KNOWN_BY[who.by][0], who.value)


def export(desk: Desk, who: Who, path: Path) -> int:
    """Writes all that is held of somebody, whole, to a sheet that nobody else may read; of how many complaints and requests.

    A row holds what `export` writes of a complaint, and what has been said of it. Who worked on it is not the person's. Of a
    finished request its reference stands under the other system's number.
    Raises NotFound (`nobody-held`), BadValue (`unknown-ending`, `file-unwritable`).
    """
    with desk.store.read() as session:
        rows = _rows(session, who)
        requests = _requests(session, who)
        if not rows and not requests:
            raise NotFound("nobody-held", by=f"--{who.by}")
        customers = {row.id: customer for row, customer in rows}
        lines = []
        directory = offices.directory(session)
        for row, found in with_rows(session, desk, directory, [row for row, _ in rows], in_full=True):
            said = _said(desk, row, complaints.events_of(session, row))
            lines.append([*values_of(found, customers[row.id], desk.zone), said])
        lines += map(_line, requests)
    data = {"what": "person", "count": len(lines)}
    with new_sheet(path, (*COLUMNS, SAID)) as write:
        for line in lines:
            write(line)
        # Before the file has its name: what can't be entered is not taken out.
        desk.store.write(lambda session: journal.record(session, desk, JournalKind.EXPORTED, data))
    return len(lines)


def _requests(session: Session, who: Who) -> Sequence[HeldRequest]:
    return persons.held_in(session, KNOWN_BY[who.by][0], who.value)


def _line(one: HeldRequest) -> list[object]:
    """A finished request in the columns of a complaint."""
    values = {
        "office": one.office,
        "external_id": one.reference,
        "category": one.service,
        "closed_at": one.finished_on.isoformat(),
        "customer": one.customer,
        "phone": one.phone,
    }
    return [*(values.get(name) for name in COLUMNS), "\n".join(one.remarks)]


def _rows(session: Session, who: Who) -> Sequence[tuple[Complaint, Customer]]:
    found = of_person(session, KNOWN_BY[who.by][0], who.value)
    for row, customer in found:
        whole(row.number, customer)
    return found


def _customer(one: Customer) -> CustomerView:
    return CustomerView(one.name, one.phone, one.account, one.email)


def _like(session: Session, who: Who) -> tuple[tuple[str, int], ...]:
    if who.by != "name":
        return ()
    found = names_like(session, who.value.split(), MOST_LIKE)
    return tuple((masked_text(name), count) for name, count in found if fields.fold(name) != who.value)


def _said(desk: Desk, row: Complaint, events: Collection[Event]) -> str:
    """Every word that is kept of a complaint, with its moment and kind, a line each."""
    lines = []
    for event in events:
        at = event.happened_at.astimezone(desk.zone).isoformat()
        with legible(row.number):
            kind, words = EventKind(event.kind), json.loads(event.words or "{}")
            lines += [f"{at} {kind.value} {name}: {text}" for name, text in words.items()]
    return "\n".join(lines)
