"""Putting right what was typed wrongly: words, contact details, the channel, another system's number.

Nothing else follows from it: deadline, group, urgency and receipt stay, and it is no work on the matter. What was typed first
stays in the event, in words that can be erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.complaints import EventKind, State
from complaint_sla.core.corrections import FIELDS, NEEDED, Correction, Said, corrections, data_of, words_of
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.rulebook import Book, Facts
from complaint_sla.core.terms import key_of
from complaint_sla.store import books, complaints, offices
from complaint_sla.store.tables import Complaint, Customer
from complaint_sla.store.types import whole
from complaint_sla.work.casefile import IDENTITY, CaseFile, facts_of, missing, state_of
from complaint_sla.work.complaints.filing import FORMS
from complaint_sla.work.complaints.log import require_unknown_elsewhere
from complaint_sla.work.complaints.view import ComplaintView, view
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Corrected:
    """The complaint as it stands, by whose name, and each field that was put right."""

    complaint: ComplaintView
    customer: str | None
    corrections: tuple[Correction, ...]


@dataclass(frozen=True)
class AsItStands:
    """What can be corrected of a complaint, as it stands, and by what its deadline was given."""

    number: str
    said: Said
    facts: Facts
    state: State
    book: Book

    def regular(self, field: str, text: str) -> str | None:
        """What is kept of a text that is typed for a field; None where nothing is.

        Raises BadValue as the forms do, NotPossible (`not-open`, `channel-decides`).
        """
        if field != "channel":
            return regular(field, text)
        channel = key_of(self.book, field, text)
        if channel != self.facts.channel:
            # Figures are told by it.
            self.state.require_open(self.number)
            rule = self.book.rule_for(replace(self.facts, channel=channel))
            if rule.key != self.state.rule:
                raise NotPossible("channel-decides", number=self.number, channel=channel, days=rule.days)
        return channel


def regular(field: str, text: str) -> str | None:
    """The regular form of a word; None for an empty one of what need not be there. Raises BadValue as the forms do."""
    return FORMS[field](text) if text.strip() or field in NEEDED else None


def correct(desk: Desk, number: str, given: Mapping[str, str], seen: Said | None = None) -> Corrected:
    """Corrects these fields; an empty text takes away what need not be there. One transaction.

    Words and contact details are put right of what has ended, too: no figure knows them, and whoever it was is still to be
    reached. A channel, by which figures are told, only of what is open, and only where no other deadline comes of it.
    `seen` is what somebody had before their eyes: where one of these fields is otherwise by now, nothing is changed.

    Raises BadValue (`nothing-to-correct`, and as the forms do), NotFound, NotPossible: `nothing-corrected`,
    `corrected-meanwhile`, `words-erased`, `not-open`, `channel-decides`, `external-id-taken`, `logged-elsewhere`.
    """
    if not given:
        raise BadValue("nothing-to-correct")
    for name in given.keys() & FORMS.keys():
        # What can't be is refused whatever number it is of.
        regular(name, given[name])

    def job(session: Session) -> Corrected:
        case = CaseFile.take(session, desk, number)
        customer = _customer(session, case.row)
        standing = _standing(session, case.row, customer)
        now = {name: standing.regular(name, given[name]) for name in FIELDS if name in given}
        found = corrections(standing.said, now)
        if not found:
            same = [Correction(name, text, text) for name, text in now.items()]
            raise NotPossible("nothing-corrected", number=standing.number, corrections=same)
        for one in found:
            if seen is not None and one.was != seen[one.field]:
                raise NotPossible("corrected-meanwhile", number=standing.number, corrections=[one])
        changed = {one.field: one.now for one in found}
        _require_free(case, changed.get("external_id"))
        _put(case, customer, changed)
        case.record(EventKind.CORRECTED, case.moment(), data_of(found), words_of(found))
        session.flush()
        complaint = view(session, offices.directory(session), case.row, desk.now)
        return Corrected(complaint, changed.get("customer", standing.said["customer"]), found)

    return desk.store.write(job)


def as_it_stands(desk: Desk, number: str) -> AsItStands:
    """What can be corrected. Raises NotFound, NotPossible (`words-erased`, `record-damaged`)."""
    with desk.store.read() as session:
        row = complaints.with_number(session, fields.number(number))
        if row is None:
            raise missing(session, desk, number)
        whole(row.number, row)
        return _standing(session, row, _customer(session, row))


def _standing(session: Session, row: Complaint, customer: Customer | None) -> AsItStands:
    """Raises NotPossible (`words-erased`): what is gone would come back by a correction."""
    # No complaint was ever logged without a subject.
    if not row.subject:
        raise NotPossible("words-erased", number=row.number)
    said = {
        "subject": row.subject,
        "detail": row.detail,
        **{word: getattr(customer, column, None) for word, column in IDENTITY.items()},
        "external_id": row.external_id,
        "channel": row.channel,
    }
    book = books.pinned(session, [row.book])[row.book]
    return AsItStands(row.number, said, facts_of(row), state_of(row), book)


def _require_free(case: CaseFile, external_id: str | None) -> None:
    if external_id is None:
        return
    other = complaints.with_external_ids(case.session, [external_id]).get(external_id)
    if other is not None:
        raise NotPossible("external-id-taken", value=external_id, number=other.number)
    require_unknown_elsewhere(case.session, case.desk, [external_id])


def _put(case: CaseFile, customer: Customer | None, now: Said) -> None:
    case.put({name: text for name, text in now.items() if name not in IDENTITY})
    if "subject" in now:
        case.row.subject_search = fields.fold(case.row.subject)
    who = {column: now[word] for word, column in IDENTITY.items() if word in now}
    if not who:
        return
    if customer is None:
        customer = Customer(complaint_id=case.row.id)
        case.session.add(customer)
    for column, text in who.items():
        setattr(customer, column, text)
    customer.name_search = fields.fold(customer.name) if customer.name else None


def _customer(session: Session, row: Complaint) -> Customer | None:
    customer = complaints.customer_of(session, row)
    if customer is not None:
        whole(row.number, customer)
    return customer
