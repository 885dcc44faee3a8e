"""Publishing: drafts are put in force, all of them or none; who did it and when stands in the journal.

Only what is published decides anything. A rule book that a complaint has used is followed by another, never replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from sqlmodel import Session

from complaint_sla.bookshelf import Drafts, public_holidays
from complaint_sla.core.bookfile import Dated, digest_of
from complaint_sla.core.calendars import Quarter, local_day
from complaint_sla.core.errors import BadValue
from complaint_sla.core.figures import COMPLAINTS, PLAN
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.periods import Period
from complaint_sla.core.plan import Plan
from complaint_sla.core.publishing import SHIPPED_BEFORE, Outcome, Step, publication
from complaint_sla.core.rulebook import Book, RuleKind, Shelf
from complaint_sla.core.rulediff import RuleChange, differences
from complaint_sla.store import books, figures, movements, readings
from complaint_sla.store.house import has_entry, the_house
from complaint_sla.store.tables import Book as BookRow
from complaint_sla.work import deliveries, journal, people
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import ended

_NOTHING = Drafts()


@dataclass(frozen=True)
class Published:
    """What came of a draft. `differences` are those to what it replaces, or to the book `than` that it follows."""

    kind: RuleKind
    id: str
    effective_from: date | None
    outcome: Outcome
    than: str | None
    differences: tuple[RuleChange, ...]


@dataclass(frozen=True)
class Draft:
    """A text that can be put in force, with the holidays that it was resolved to."""

    kind: RuleKind
    id: str
    text: str
    effective_from: date | None = None
    holidays: Mapping[date, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return digest_of(self.text, self.holidays)


def begin(desk: Desk, drafts: Drafts, shipped: Drafts = _NOTHING) -> list[Draft]:
    """Publishes what the drafts have of each kind of which nothing is in force; what was published. One transaction.

    A plan that none of the drafts is comes from what ships; one in force that an earlier release shipped, word for word, gives
    way to it, whatever of it is frozen: nobody could enter anything under it, and its one activity says the same. Books that
    complaints had pinned before there was a journal are entered there, too, and who and what is there.
    """

    def job(session: Session) -> list[Draft]:
        # Of two who begin at once the second finds everything published.
        the_house(session, lock=True)
        if not has_entry(session, JournalKind.PUBLISHED):
            for row in books.in_force(session, RuleKind.BOOK):
                _enter(session, desk, Draft(RuleKind.BOOK, row.book_id, row.text, _begins(row)), row.digest)
        if not has_entry(session, JournalKind.STOCK_TAKEN):
            people.take_stock(session, desk)
            while deliveries.enter_some(session, desk):
                pass
        missing = {kind for kind in RuleKind if not books.in_force(session, kind)}
        plans = drafts.plans or shipped.plans
        put = [one for one in _each(replace(drafts, plans=plans)) if one.kind in missing]
        put += _renewed(session, shipped)
        for one in put:
            _put(session, desk, one)
        return put

    return desk.store.write(job)


def _renewed(session: Session, shipped: Drafts) -> Iterator[Draft]:
    """The plans that ship today in the place of those that shipped before."""
    today = {plan.id: plan for plan in shipped.plans}
    for row in books.in_force(session, RuleKind.PLAN, lock=True):
        if digest_of(str(row.text), {}) in SHIPPED_BEFORE and row.book_id in today:
            yield _of_plan(today[row.book_id])


def publish(desk: Desk, given: Drafts, *, dry_run: bool = False) -> list[Published]:
    """Puts drafts in force, and says what that changes; with `dry_run` it only says so. One transaction.

    A book that differs by nothing but what everybody says takes the place of one that is in use. Until it ends nothing is
    logged or frozen. Raises BookFaults with all that forbids it.
    """

    def job(session: Session) -> list[Published]:
        drafts = given
        # A quarter that is being frozen by the books of before is frozen before it is looked at.
        movements.hold_figures(session)
        # In one order everywhere: figures, the house, the books.
        the_house(session, lock=True)
        shelf = _in_force(session)
        found = list(_service(session, drafts))
        # Of no draft at all nothing comes, which is refused.
        if drafts.books or drafts.plans or not found:
            last = books.last_receipt(session)
            what = publication(
                shelf,
                drafts.books,
                drafts.plans,
                used=lambda book: _used(session, desk, book),
                last_received=local_day(last, desk.zone) if last is not None else date.min,
                # A quarter that was missed must not be met by what is published afterwards.
                over=set(ended(session, desk)),
                frozen=_frozen(session),
                entered=_entered(session),
                holidays=public_holidays,
            )
            # As they were resolved when they were compared.
            drafts = replace(drafts, books=tuple(step.draft for step in what.books))
            books_found = [_published(RuleKind.BOOK, step, what.shelf.books) for step in what.books]
            found = [
                *books_found,
                *(_published(RuleKind.PLAN, step, what.shelf.plans) for step in what.plans),
                *found,
            ]
        changed = {(one.kind, one.id) for one in found if one.outcome is not Outcome.SAME}
        for draft in _each(drafts):
            if (draft.kind, draft.id) in changed and not dry_run:
                _put(session, desk, draft)
        return found

    return desk.store.rehearse(job) if dry_run else desk.store.write(job)


def _in_force(session: Session) -> Shelf | None:
    """What is in force, held until the transaction ends; None if there is no book yet."""
    if not books.in_force(session, RuleKind.BOOK, lock=True):
        return None
    return replace(books.shelf(session), plans=books.plans(session))


def _frozen(session: Session) -> set[Quarter]:
    """The quarters of which the closure rate or the plan was frozen."""
    return {
        Quarter.parse(quarter)
        for measure in (COMPLAINTS, PLAN)
        for quarter in figures.versions(session, measure)
    }


def _entered(session: Session) -> set[Quarter]:
    """The quarters of which something of the plan was entered."""
    found: set[Quarter] = set()
    for key in readings.entered_periods(session):
        # What a hand has made of one is named by the audit.
        with suppress(BadValue):
            found.update(Period.parse(key).quarters)
    return found


def _used(session: Session, desk: Desk, book: Book) -> tuple[date, date] | None:
    found = books.receipts(session, book)
    return (local_day(found[0], desk.zone), local_day(found[1], desk.zone)) if found is not None else None


def _published(kind: RuleKind, step: Step[Dated], afterwards: Sequence[Dated]) -> Published:
    draft, than = step.draft, step.published
    if than is None:
        earlier = [one for one in afterwards if one.effective_from < draft.effective_from]
        than = earlier[-1] if earlier else None
    changes = differences(than, draft) if than is not None and step.outcome is not Outcome.SAME else ()
    return Published(
        kind, draft.id, draft.effective_from, step.outcome, than.id if than is not None else None, changes
    )


def _service(session: Session, drafts: Drafts) -> Iterator[Published]:
    if drafts.service is None:
        return
    was = books.service(session, public_holidays)
    changes = differences(was, drafts.service[0])
    is_new = not books.in_force(session, RuleKind.SERVICE)
    outcome = Outcome.NEW if is_new else Outcome.REPLACES if changes else Outcome.SAME
    yield Published(RuleKind.SERVICE, books.SERVICE, None, outcome, books.SERVICE, changes)


def _begins(row: BookRow) -> date | None:
    """None of a book that can't be read: that keeps no database from being upgraded, and the audit names it."""
    try:
        return books.book_of(row).effective_from
    except books.UNREADABLE:
        return None


def _each(drafts: Drafts) -> Iterator[Draft]:
    for book in drafts.books:
        yield Draft(RuleKind.BOOK, book.id, book.text, book.effective_from, book.counting.holidays)
    for plan in drafts.plans:
        yield _of_plan(plan)
    if drafts.service is not None:
        yield Draft(RuleKind.SERVICE, books.SERVICE, drafts.service[1])


def _of_plan(plan: Plan) -> Draft:
    return Draft(RuleKind.PLAN, plan.id, plan.text, plan.effective_from)


def _put(session: Session, desk: Desk, draft: Draft) -> None:
    books.put(session, draft.kind, draft.id, draft.digest, draft.text, draft.holidays, desk.now)
    _enter(session, desk, draft, draft.digest)


def _enter(session: Session, desk: Desk, draft: Draft, digest: str) -> None:
    data = {
        "kind": draft.kind.value,
        "id": draft.id,
        "digest": digest,
        "effective_from": draft.effective_from,
    }
    journal.record(session, desk, JournalKind.PUBLISHED, data)
