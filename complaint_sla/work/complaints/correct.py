"""Putting right what was typed wrongly: words, contact details, the channel, another system's number.

Nothing else follows from it: deadline, group, urgency and receipt stay, and it is no work on the matter. What was typed first
stays in the event, in words that can be erased.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.complaints import EventKind
from complaint_sla.core.corrections import FIELDS, NEEDED, Correction, Said, corrections, data_of, words_of
from complaint_sla.core.errors import BadValue, NotPossible
from complaint_sla.core.terms import key_of
from complaint_sla.store import books, complaints, offices
from complaint_sla.store.tables import Complaint, Customer
from complaint_sla.store.types import whole
from complaint_sla.work.casefile import IDENTITY, CaseFile, missing
from complaint_sla.work.complaints.filing import FORMS
from complaint_sla.work.complaints.log import require_unknown_elsewhere
from complaint_sla.work.complaints.view import ComplaintView, view
from complaint_sla.work.desk import Desk


@dataclass(frozen=True)
class Corrected:
    """The complaint as it stands, and each field that was put right."""

    complaint: ComplaintView
    corrections: tuple[Correction, ...]


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
    regular = {name: _regular(name, text) for name, text in given.items() if name in FORMS}

    def job(session: Session) -> Corrected:
        case = CaseFile.take(session, desk, number)
        row = case.row
        customer = _customer(session, row)
        was = _standing(row, customer)
        now: dict[str, str | None] = dict(regular)
        if "channel" in given:
            now["channel"] = _channel(case, given["channel"])
        found = corrections(was, now)
        if not found:
            same = [Correction(name, was[name], was[name]) for name in FIELDS if name in now]
            raise NotPossible("nothing-corrected", number=row.number, corrections=same)
        for one in found:
            if seen is not None and one.was != seen[one.field]:
                raise NotPossible("corrected-meanwhile", number=row.number, corrections=[one])
        _require_free(case, {one.field: one.now for one in found}.get("external_id"))
        _put(case, customer, {one.field: one.now for one in found})
        case.record(EventKind.CORRECTED, case.moment(), data_of(found), words_of(found))
        session.flush()
        return Corrected(view(session, offices.directory(session), row, desk.now), found)

    return desk.store.write(job)


def as_it_stands(desk: Desk, number: str) -> tuple[str, dict[str, str | None]]:
    """The number of a complaint, and what can be corrected of it. Raises as `correct`."""

    with desk.store.read() as session:
        row = complaints.with_number(session, fields.number(number))
        if row is None:
            raise missing(session, desk, number)
        whole(row.number, row)
        return row.number, _standing(row, _customer(session, row))


def _standing(row: Complaint, customer: Customer | None) -> dict[str, str | None]:
    """What can be corrected, as it stands. Raises NotPossible (`words-erased`): what is gone would come back by it."""
    # No complaint was ever logged without a subject.
    if not row.subject:
        raise NotPossible("words-erased", number=row.number)
    return {
        "subject": row.subject,
        "detail": row.detail,
        **{word: getattr(customer, column, None) for word, column in IDENTITY.items()},
        "external_id": row.external_id,
        "channel": row.channel,
    }


def _regular(name: str, text: str) -> str | None:
    return FORMS[name](text) if text.strip() or name in NEEDED else None


def _channel(case: CaseFile, answer: str) -> str:
    """The channel that is meant, where the deadline stays by it."""
    row = case.row
    book = books.pinned(case.session, [row.book])[row.book]
    channel = key_of(book, "channel", answer)
    if channel != row.channel:
        case.require_open()
        rule = book.rule_for(replace(case.facts, channel=channel))
        if rule.key != row.rule:
            raise NotPossible("channel-decides", number=row.number, channel=channel, days=rule.days)
    return channel


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
