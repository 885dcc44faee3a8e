"""Erasing the person behind complaints (PDPA, section 33): identity and free texts go, figures and the chain stay.

The hashes of the chain cover personal words by a salted digest only; without word and salt the digest says nothing. What
has ended is erased at once; of what is open it is noted, and done in the transaction that ends it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.chain import UNREADABLE, read
from complaint_sla.core.complaints import ENDS, EventKind, Status
from complaint_sla.core.erasure import LEFT, digest_of_id, is_erased
from complaint_sla.core.errors import NotFound, NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.store import complaints, house, notices, offices, outbox, person
from complaint_sla.store.tables import Complaint, Event
from complaint_sla.store.types import whole
from complaint_sla.work import journal
from complaint_sla.work.casefile import CaseFile
from complaint_sla.work.complaints.view import ComplaintView, view
from complaint_sla.work.desk import Desk

# A summary of the next working day may still name what has ended before a holiday.
_NAMED_AFTER = timedelta(days=7)


class By(StrEnum):
    """What an erasure was asked for by: one number, a person's whole, or the years that complaints are kept."""

    NUMBER = "number"
    PERSON = "person"
    RETENTION = "retention"


@dataclass(frozen=True)
class Copies:
    """What still holds the words of complaints.

    `emptied`: letters in the mail folders of this machine that say nothing any more; `sent`: letters of alerts that are on
    their way or with their readers. Backups and exports were made since the first of them was logged, the last at a moment
    (UTC). `ids`: numbers of complaints of which the other system's number stands in hashed data, as old releases wrote it.
    """

    emptied: int = 0
    sent: int = 0
    backups: int = 0
    last_backup_at: datetime | None = None
    exports: int = 0
    last_export_at: datetime | None = None
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Erased:
    """What came of it: complaints whose person is erased, and those that are open and will be erased at their end."""

    erased: tuple[ComplaintView, ...]
    marked: tuple[ComplaintView, ...]
    copies: Copies


def erase(desk: Desk, number: str, reason: str, *, at_end: bool = False) -> Erased:
    """Erases who complained and in which words; the reason is kept, and must name nobody. One transaction.

    With `at_end` one that is open is erased in the transaction that ends it. Raises NotFound; NotPossible: `erase-open`,
    `erasure-noted`, `nothing-to-erase`.
    """
    wanted, regular = fields.number(number), fields.page("reason", reason)

    def job(session: Session) -> Erased:
        journal.hold(session)
        case = CaseFile.take(session, desk, wanted)
        is_open = case.row.status == Status.OPEN
        if is_open and not at_end:
            raise NotPossible("erase-open", number=case.row.number)
        if is_open and case.row.erase_at_end:
            raise NotPossible("erasure-noted", number=case.row.number)
        if not is_open and not has_words(case):
            raise NotPossible("nothing-to-erase", number=case.row.number)
        return _done(session, desk, [case], regular, By.NUMBER)

    return _written(desk, job)


def erase_all(desk: Desk, numbers: Sequence[str], reason: str | None, by: By) -> Erased:
    """The same for many, all in one transaction: what is open is erased at its end, and what is erased or noted passes.

    Raises NotFound, NotPossible (`record-damaged`).
    """
    regular = fields.page("reason", reason) if reason is not None else None

    def job(session: Session) -> Erased:
        # The journal first, as everywhere; complaints in the order of their ids.
        journal.hold(session)
        found = complaints.with_numbers(session, numbers)
        for number in numbers:
            if number not in found:
                raise NotFound("no-such-complaint", number=number)
        rows = complaints.locked_all(session, [row.id for row in found.values()])
        for row in rows:
            whole(row.number, row)
        cases = [CaseFile(session, desk, row) for row in rows]
        return _done(session, desk, [case for case in cases if _is_due(case)], regular, by)

    return _written(desk, job)


def erase_old(
    desk: Desk, of_groups: Mapping[str, datetime], of_others: datetime | None, most: int
) -> Sequence[str]:
    """Erases what ended before the moment of its group, or of all others, at most so many; their numbers. One transaction."""

    def job(session: Session) -> Erased:
        journal.hold(session)
        rows = person.ended_before(session, of_groups, of_others, most, lock=True)
        cases = []
        for row in rows:
            with desk.apart(row.number):
                whole(row.number, row)
                case = CaseFile(session, desk, row)
                _require_ended(case)
                cases.append(case)
        return _done(session, desk, cases, None, By.RETENTION)

    return [one.number for one in _written(desk, job).erased]


def erase_left_over(desk: Desk, most: int) -> int:
    """Erases what has ended by somebody who may not erase, at most so many; how many. One transaction."""

    def job(session: Session) -> int:
        if not person.any_to_be_erased(session):
            return 0
        journal.hold(session)
        cases = [CaseFile(session, desk, row) for row in person.left_over(session, most)]
        for case in cases:
            with desk.apart(case.row.number, session):
                at_end(case)
        return sum(not case.row.erase_at_end for case in cases)

    erased = desk.store.write(job)
    if erased:
        desk.store.empty_log()
    return erased


def get_ready(session: Session) -> None:
    """Takes the journal in hand before any complaint, where an end may erase: the order of all locks.

    Whoever notes an erasure just then makes two that end it wait for each other at worst, and the server lets one begin anew.
    """
    if person.any_to_be_erased(session):
        journal.hold(session)


def at_end(case: CaseFile) -> None:
    """Erases what has just ended and was to be erased then, within the caller's transaction.

    What only a hand has marked is not erased: the audit names it. Where whoever ends it may not erase, the service does it in
    its next round (`erase_left_over`).
    """
    if not person.may_erase(case.session):
        return
    noted = complaints.events_of_kind(case.session, case.row, EventKind.ERASURE_DUE)
    if not noted:
        return
    by, reason = By.NUMBER, None
    # What a hand has made unreadable is named by the audit, and keeps nobody from being erased.
    with suppress(*UNREADABLE):
        by = By(read(noted[-1].kind, noted[-1].data)["by"])
        reason = json.loads(noted[-1].words or "{}").get("reason")
    _wipe(case, reason, by)
    _recall(case.session, case.desk, [case.row])
    _enter(case.session, case.desk, [case.row.number], by)


def has_words(case: CaseFile) -> bool:
    """Whether anything can be erased of it."""
    return complaints.customer_of(case.session, case.row) is not None or bool(_spoken(case))


def _require_ended(case: CaseFile) -> None:
    """Raises NotPossible (`record-damaged`) where its events do not say that it ended when the row says it did."""
    events = complaints.events_of(case.session, case.row)
    if case.row.closed_at not in {one.happened_at for one in events if one.kind in ENDS}:
        raise NotPossible("record-damaged", about=case.row.number, columns=["closed_at"])


def _is_due(case: CaseFile) -> bool:
    return not case.row.erase_at_end if case.row.status == Status.OPEN else has_words(case)


def _written(desk: Desk, job: Callable[[Session], Erased]) -> Erased:
    erased = desk.store.write(job)
    desk.store.empty_log()
    return erased


def _done(session: Session, desk: Desk, cases: Sequence[CaseFile], reason: str | None, by: By) -> Erased:
    """Erases what has ended of these and notes the others; what else holds the words is looked up meanwhile."""
    ended = [case for case in cases if case.row.status != Status.OPEN]
    still_open = [case for case in cases if case.row.status == Status.OPEN]
    copies = _copies(session, desk, [case.row for case in ended])
    for case in ended:
        _wipe(case, reason, by)
    for case in still_open:
        case.row.erase_at_end = True
        case.record(EventKind.ERASURE_DUE, case.moment(), {"by": by.value}, {"reason": reason})
    if ended:
        _enter(session, desk, [case.row.number for case in ended], by)
    session.flush()
    directory = offices.directory(session)
    views = {case.row.number: view(session, directory, case.row, desk.now) for case in cases}
    return Erased(
        tuple(views[case.row.number] for case in ended),
        tuple(views[case.row.number] for case in still_open),
        copies,
    )


def _wipe(case: CaseFile, reason: str | None, by: By) -> None:
    session, row = case.session, case.row
    customer = complaints.customer_of(session, row)
    if customer is not None:
        session.delete(customer)
    for event in _spoken(case):
        event.words = event.salt = None
    if row.external_id is not None and not is_erased(row.external_id):
        row.external_id = digest_of_id(row.external_id, house.salt(session))
    case.put(LEFT)
    row.erase_at_end = False
    data = {"external_id": row.external_id, "by": by.value}
    case.record(EventKind.ERASED, case.moment(), data, {"reason": reason})


def _spoken(case: CaseFile) -> list[Event]:
    """Events with words that can be erased. Why something was erased is kept."""
    # What has just been recorded counts.
    case.session.flush()
    return [
        event
        for event in complaints.events_of(case.session, case.row)
        if event.words is not None and event.kind != EventKind.ERASED
    ]


def _enter(session: Session, desk: Desk, numbers: Sequence[str], by: By) -> None:
    data = {"numbers": numbers[: journal.MOST_NAMED], "count": len(numbers), "by": by.value}
    journal.record(session, desk, JournalKind.ERASED, data)


# --- what else holds the words


def _copies(session: Session, desk: Desk, rows: Sequence[Complaint]) -> Copies:
    if not rows:
        return Copies()
    emptied, sent = _recall(session, desk, rows)
    since = min(row.recorded_at for row in rows)
    backups = house.entries_since(session, JournalKind.BACKED_UP, since)
    exports = house.entries_since(session, JournalKind.EXPORTED, since)
    return Copies(
        emptied=emptied,
        sent=sent,
        backups=len(backups),
        last_backup_at=backups[-1].recorded_at if backups else None,
        exports=len(exports),
        last_export_at=exports[-1].recorded_at if exports else None,
        ids=_with_ids_for_good(session, rows),
    )


def _recall(session: Session, desk: Desk, rows: Sequence[Complaint]) -> tuple[int, int]:
    """(letters emptied that named these complaints, letters of their alerts that can't be called back).

    Within the transaction, so that whoever is stopped before its end does both again.
    """
    numbers = {row.id: row.number for row in rows}
    of_alerts: dict[str, set[str]] = {}
    for message_id, id_ in outbox.letters_about(session, numbers.keys()):
        of_alerts.setdefault(message_id, set()).add(numbers[id_])
    if desk.recall is None:
        return 0, len(of_alerts)
    may_name = {message_id: set(named) for message_id, named in of_alerts.items()}
    spans = [(row.number, row.received_at, (row.closed_at or desk.now) + _NAMED_AFTER) for row in rows]
    first_at, last_at = min(first for _, first, _ in spans), max(last for _, _, last in spans)
    for message_id, at in notices.notices_between(session, first_at, last_at):
        named = {number for number, first, last in spans if first <= at <= last}
        if named:
            may_name[message_id] = named
    here = desk.recall(may_name)
    return sum(here.values()), len(of_alerts.keys() - here.keys())


def _with_ids_for_good(session: Session, rows: Iterable[Complaint]) -> tuple[str, ...]:
    """Numbers of complaints whose first event holds the other system's number in its hashed data."""
    numbers = {row.id: row.number for row in rows}
    found = []
    for id_, first in complaints.first_events(session, numbers.keys()).items():
        with suppress(*UNREADABLE):
            if read(first.kind, first.data).get("external_id") is not None:
                found.append(numbers[id_])
    return tuple(sorted(found))
