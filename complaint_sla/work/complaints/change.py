"""What happens to a complaint after it was logged: notes, hands, ends, reopenings, other classifications.

An act is a value that says what is done; `do` does it to one complaint, `do_all` to many at once. Each is one transaction
that locks the complaints first, and answers with them as they then stand.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session

from complaint_sla.core import fields
from complaint_sla.core.complaints import EventKind, State, Status, require_reach
from complaint_sla.core.deadlines import deadline
from complaint_sla.core.errors import BadValue, Error, NotPossible, SeveralRefused
from complaint_sla.core.roster import Role
from complaint_sla.core.terms import key_of
from complaint_sla.store import books, complaints, counter, movements, offices
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Complaint, Customer
from complaint_sla.store.types import whole
from complaint_sla.work.alerts import follow, sweep
from complaint_sla.work.casefile import CaseFile, missing
from complaint_sla.work.complaints import erase
from complaint_sla.work.complaints.view import ComplaintView, all_views
from complaint_sla.work.desk import Desk
from complaint_sla.work.whom import office_meant, person_meant


class NoteKind(StrEnum):
    """What a note is about, in the words of ISO 10002:2018."""

    ASSESS = "assess"
    INVESTIGATE = "investigate"
    RESPOND = "respond"
    COMMUNICATE = "communicate"


_NOTED = {
    None: EventKind.NOTED,
    NoteKind.ASSESS: EventKind.ASSESSED,
    NoteKind.INVESTIGATE: EventKind.INVESTIGATED,
    NoteKind.RESPOND: EventKind.RESPONDED,
    NoteKind.COMMUNICATE: EventKind.COMMUNICATED,
}

Change = Callable[[CaseFile, Directory], None]


@dataclass(frozen=True)
class Act:
    """What is done to a complaint in hand; `ends` it, or not."""

    change: Change
    ends: bool = False


@dataclass(frozen=True)
class Done:
    """A complaint as it stands after an act, with the names of its customer, of who owns it, and of who had owned it before."""

    complaint: ComplaintView
    customer: str | None
    owner: str | None
    was: str | None


def do(desk: Desk, number: str, act: Act) -> ComplaintView:
    """Does an act to one complaint. Raises NotFound (`no-such-complaint`), and what forbids the act."""
    return done(desk, [number], act)[0].complaint


def do_all(desk: Desk, numbers: Sequence[str], act: Act) -> list[ComplaintView]:
    """Does one act to each of these complaints, or to none, in their order; a number said twice counts once.

    Raises SeveralRefused with all that forbids it; for a single complaint, as `do` does.
    """
    return [one.complaint for one in done(desk, numbers, act)]


def done(desk: Desk, numbers: Sequence[str], act: Act) -> list[Done]:
    """`do_all`, with what a person is told of each."""
    typed = {fields.number(one): one for one in reversed(numbers)}
    numbers = list(dict.fromkeys(fields.number(one) for one in numbers))

    def job(session: Session) -> list[Done]:
        if act.ends:
            erase.get_ready(session)
        rows, missed = _in_hand(session, numbers)
        refusals: dict[str, Error] = {number: missing(session, desk, typed[number]) for number in missed}
        directory = offices.directory(session)
        # Whoever hands a complaint over may see nothing of it any more.
        customers = complaints.customers_of(session, [row.id for row in rows.values()])
        before = {number: directory.name(row.owner_id) for number, row in rows.items()}
        for number, row in rows.items():
            try:
                whole(number, row)
                act.change(CaseFile(session, desk, row), directory)
            except Error as problem:
                refusals[number] = problem
        if refusals:
            if len(numbers) == 1:
                raise refusals[numbers[0]]
            raise SeveralRefused(len(numbers), list(refusals.values()))
        session.flush()
        return as_done(session, desk, directory, list(rows.values()), customers, before)

    return desk.store.write(job)


def unless_changed(act: Act, seen: Mapping[str, int]) -> Act:
    """The act, refused where somebody has done something to a complaint since it was seen with a chain of that length.

    Alerts that were raised meanwhile are nobody's doing. Raises NotPossible (`changed-since-seen`).
    """

    def change(case: CaseFile, directory: Directory) -> None:
        number, events = case.row.number, case.row.events
        since = (
            counter.done_since(case.session, case.row.id, seen[number]) if events != seen[number] else None
        )
        if since is not None:
            raise NotPossible("changed-since-seen", number=number, kind=since[0], by=since[1])
        act.change(case, directory)

    return replace(act, change=change)


def _in_hand(session: Session, numbers: Sequence[str]) -> tuple[dict[str, Complaint], list[str]]:
    """Those of these complaints that are there, by number, locked; and the numbers of the others. In the order of `numbers`."""
    known = complaints.with_numbers(session, numbers)
    rows = {row.number: row for row in complaints.locked_all(session, [one.id for one in known.values()])}
    return (
        {number: rows[number] for number in numbers if number in rows},
        [number for number in numbers if number not in rows],
    )


def as_done(
    session: Session,
    desk: Desk,
    directory: Directory,
    rows: Sequence[Complaint],
    customers: Mapping[int, Customer],
    before: Mapping[str, str | None],
) -> list[Done]:
    """`before`: the names of those who owned them, by number; whoever owns them now where it says nothing."""
    return [
        Done(
            one,
            # What is erased at its end is so by now.
            customers[row.id].name if row.id in customers and one.subject else None,
            directory.name(row.owner_id),
            before.get(one.number, directory.name(row.owner_id)),
        )
        for one, row in zip(all_views(session, directory, rows, desk.now), rows, strict=True)
    ]


def note(text: str, kind: NoteKind | None = None) -> Act:
    """Adds a note; the first that responds is the response time. Ended complaints take notes too."""
    text = fields.page("note", text)

    def change(case: CaseFile, _: Directory) -> None:
        at = case.moment()
        if kind is NoteKind.RESPOND and case.row.responded_at is None:
            case.row.responded_at = at
        case.record(_NOTED[kind], at, {}, {"note": text})

    return Act(change)


def acknowledge() -> Act:
    """The customer was told that the complaint has been received. Alerts go on. Raises NotPossible if it was done."""

    def change(case: CaseFile, _: Directory) -> None:
        case.require_open()
        if case.row.acknowledged_at is not None:
            raise NotPossible("already-acknowledged", number=case.row.number, at=case.row.acknowledged_at)
        case.row.acknowledged_at = case.moment()
        case.record(EventKind.ACKNOWLEDGED, case.row.acknowledged_at, {})

    return Act(change)


def assign(to: str) -> Act:
    """Makes somebody the owner, who is told unless they did it; what the owner is still owed follows."""

    def change(case: CaseFile, directory: Directory) -> None:
        case.require_open()
        person = person_meant(case.desk, directory, to)
        if case.row.owner_id == person.id:
            raise NotPossible("already-owner", number=case.row.number, owner=person.email)
        give(case, directory, person.id)

    return Act(change)


def give(case: CaseFile, directory: Directory, owner_id: int | None) -> None:
    """Another owner for an open complaint in hand."""
    case.row.owner_id = owner_id
    at = case.moment()
    case.record(EventKind.ASSIGNED, at, {"owner": directory.email(owner_id)})
    follow.hand_over(case, directory, "owner")


def transfer(office: str, reason: str) -> Act:
    """Hands the complaint to another office, which is told, and finds an owner of its own. The deadline stays."""
    reason = fields.page("reason", reason)

    def change(case: CaseFile, directory: Directory) -> None:
        case.require_open()
        row = case.row
        target = office_meant(directory, office)
        assert target.id is not None
        if row.office_id == target.id:
            raise NotPossible("already-there", number=row.number, office=target.code)
        data = {"from": directory.code(row.office_id), "to": target.code, "owner": None}
        row.owner_id = None
        with complaints.moved_last(case.session, row, target.id):
            case.record(EventKind.TRANSFERRED, case.moment(), data, {"reason": reason})
            follow.hand_over(case, directory, Role.SUPERVISOR)

    return Act(change)


def close(outcome: str, at: datetime | None = None) -> Act:
    """Closes with an outcome, now or at an earlier moment, as far back as the book that the complaint has pinned lets it
    be dated, and not before the latest note, assignment, transfer or acknowledgement.

    What was closed in another system is brought by a sheet (`sheets.batches`): there the last change of status or
    deadline is the only limit. Raises NotPossible (`not-open`, `at-…`).
    """
    outcome = fields.page("outcome", outcome)

    def change(case: CaseFile, directory: Directory) -> None:
        case.require_open()
        moment = case.moment(at)
        if at is not None:
            book = books.pinned(case.session, [case.row.book])[case.row.book]
            touched = movements.last_touch(case.session, case.row.id)
            require_reach(moment, book.dated_back_to(case.desk.now), book.dated_back_days, touched)
        end(case, directory, Status.CLOSED, outcome, at)

    return Act(change, ends=True)


def withdraw(reason: str) -> Act:
    """The customer has taken the complaint back. At or after the due moment it still counts as late.

    Raises NotPossible (`not-open`, `has-duplicates`).
    """
    reason = fields.page("reason", reason)

    def change(case: CaseFile, directory: Directory) -> None:
        case.require_open()
        require_no_duplicates(case.session, case.row)
        end(case, directory, Status.WITHDRAWN, reason, None)

    return Act(change, ends=True)


def require_no_duplicates(session: Session, row: Complaint) -> None:
    """Raises NotPossible (`has-duplicates`) where others wait for the answer to this one: withdrawn, it gets none."""
    others = complaints.duplicates_of(session, row.id)
    if others:
        raise NotPossible("has-duplicates", number=row.number, others=list(others))


def end(
    case: CaseFile,
    directory: Directory,
    status: Status,
    words: str,
    at: datetime | None,
    original: Complaint | None = None,
    reason: str | None = None,
) -> None:
    """Ends an open complaint in hand, within the caller's transaction, which has got ready for an erasure.

    Who complained is erased with it, where that is due.
    """
    case.require_open()
    moment = case.moment(at)
    sweep.end_timeline(case, directory)
    case.enter(case.state.ended(status, moment))
    case.row.outcome = words
    if original is not None:
        case.row.duplicate_of_id = original.id
    data = end_data(case.state, original.number if original is not None else None)
    case.record(EventKind(status.value), moment, data, {"outcome": words, "reason": reason})
    # Where the server holds people to an office, they take no words away: the service does, at its next round.
    if case.row.erase_at_end and not case.desk.standing.confined:
        erase.at_end(case)


def end_data(state: State, of: str | None) -> dict[str, object]:
    """What the event of an end says; `of` is the number of a duplicate's original."""
    # What has ended is late or not, whatever the moment.
    return {"on_time": not state.is_late(state.changed_at)} | ({"of": of} if of is not None else {})


def reopen(reason: str) -> Act:
    """Opens an ended complaint again, with its deadline as it was; an owner who has retired since is none.

    Raises NotPossible (`already-open`).
    """
    reason = fields.page("reason", reason)

    def change(case: CaseFile, directory: Directory) -> None:
        state = case.state
        if state.status is Status.OPEN:
            raise NotPossible("already-open", number=case.row.number)
        moment = case.moment()
        case.enter(state.reopened(moment))
        case.row.outcome = None
        case.row.duplicate_of_id = None
        data: dict[str, object] = {"was": state.status.value}
        owner = directory.staff.get(case.row.owner_id or 0)
        if case.row.owner_id is not None and (owner is None or owner.retired_at is not None):
            case.row.owner_id = None
            data["owner"] = None
        case.record(EventKind.REOPENED, moment, data, {"reason": reason})
        sweep.resume_timeline(case, directory)

    return Act(change)


def reclassify(
    reason: str,
    *,
    group: str | None = None,
    urgent: bool | None = None,
    channel: str | None = None,
    category: str | None = None,
) -> Act:
    """Gives another group, urgency, channel or category. The deadline of the book that governs counts from the original receipt.

    Raises BadValue (`nothing-to-reclassify`, unknown keys), NotPossible (`not-open`, `same-classification`).
    """
    reason = fields.page("reason", reason)
    if group is None and urgent is None and channel is None and category is None:
        raise BadValue("nothing-to-reclassify")

    def change(case: CaseFile, directory: Directory) -> None:
        case.require_open()
        row, old = case.row, case.facts
        book = books.pinned(case.session, [row.book])[row.book]
        facts = replace(
            old,
            group=old.group if group is None else key_of(book, "group", group),
            urgent=old.urgent if urgent is None else urgent,
            channel=old.channel if channel is None else key_of(book, "channel", channel),
            category=old.category if category is None else key_of(book, "category", category),
        )
        if facts == old:
            raise NotPossible("same-classification", number=row.number)
        answer = deadline(book, facts)
        state = case.state
        moment = case.moment()
        renewed = state.reclassified(answer.rule.key, answer.due_at, moment)
        if renewed.generation != state.generation:
            sweep.replace_timeline(case, directory)
        case.put(facts.columns() | answer.columns())
        case.enter(renewed)
        data = {
            **facts.classified(),
            **answer.columns(),
            "generation": renewed.generation,
            "was": {**old.classified(), "rule": state.rule, "due_at": state.due_at},
        }
        case.record(EventKind.RECLASSIFIED, moment, data, {"reason": reason})
        if renewed.generation != state.generation:
            sweep.begin_timeline(case)

    return Act(change)
