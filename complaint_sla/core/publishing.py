"""What it means to put books and plans in force, and what forbids it.

A book that governs a day on which a complaint was received, or a quarter that has ended, decides as it was published: it can
only be followed. What everybody says for its terms may be said otherwise at any time. A plan stands from the first figure that
was entered of a period which it governs; another may follow it in any quarter of which nothing is frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic

from complaint_sla.core.bookfile import Dated, Holidays, by_beginning, clashes, read_book
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, BookFaults, Fault
from complaint_sla.core.plan import Plan, plan_of
from complaint_sla.core.rulebook import Book, Shelf
from complaint_sla.core.rulediff import decide_alike, differences

# The plans that earlier releases shipped, by the digest of their text: each was activity 2.4 alone, in the words that it has
# in the one that ships today.
SHIPPED_BEFORE = frozenset({"82b6af81b8a578ffb4655658e3a16ecc0fafd835aa5fc7207c57db1b0f7d8305"})


class Outcome(StrEnum):
    """What publishing makes of a draft: it follows, takes the place of the one with its id, or changes nothing."""

    NEW = "new"
    REPLACES = "replaces"
    SAME = "same"


@dataclass(frozen=True)
class Step(Generic[Dated]):
    """A draft, and the published one of its id (None if there is none)."""

    draft: Dated
    published: Dated | None
    outcome: Outcome


@dataclass(frozen=True)
class Publication:
    """What becomes of each draft, oldest first, and all that is in force afterwards."""

    books: tuple[Step[Book], ...]
    plans: tuple[Step[Plan], ...]
    shelf: Shelf


def publication(
    published: Shelf | None,
    books: Sequence[Book],
    plans: Sequence[Plan],
    *,
    used: Callable[[Book], tuple[date, date] | None],
    last_received: date,
    over: Collection[Quarter],
    frozen: Collection[Quarter],
    entered: Collection[Quarter],
    holidays: Holidays,
) -> Publication:
    """What publishing these drafts does to what is published (None: nothing is yet, and all days are free).

    `used`: the first and the last local day on which a complaint was received under a published book; only asked for one
    that a draft would replace. `last_received`: the last under any, `date.min` for none. `over`: the quarters that have
    ended, whose target stands by that, frozen or not; `frozen`: those with a frozen figure, whose words stand, too; `entered`:
    those of which figures of the plan were entered, or customers drawn. `holidays` are those with which the drafts were read.
    Raises BookFaults with all that forbids it, each under the id of its draft.
    """
    old_books, old_plans = (published.books, published.plans) if published is not None else ((), ())
    books = [_as_it_decides(draft, old_books, holidays) for draft in books]
    book_steps = _steps(books, old_books, lambda draft, old: same_meaning(draft, old, holidays))
    plan_steps = _steps(plans, old_plans, lambda draft, old: not differences(old, draft))
    all_books, all_plans = _afterwards(old_books, book_steps), _afterwards(old_plans, plan_steps)
    stands = {*over, *frozen}
    book_locks = _locks(published, stands) if published is not None else {}
    faults = [
        *(_refusals(book_steps, all_books, used, last_received, stands, book_locks) if old_books else ()),
        *(_plan_refusals(plan_steps, old_plans, all_plans, frozen, entered) if old_plans else ()),
        *clashes(all_books, all_plans),
    ]
    if not all_books or not (books or plans):
        faults.append(Fault("", "", "fault-no-books"))
    if faults:
        raise BookFaults(tuple(faults))
    return Publication(book_steps, plan_steps, Shelf(by_beginning(all_books), by_beginning(all_plans)))


def same_meaning(draft: Book, published: Book, holidays: Holidays) -> bool:
    """Whether a draft, read with `holidays`, says the same as a published book, which may have been read with others.

    A comment makes no difference, nor does a country's calendar that is known otherwise today.
    """
    return _alike(draft, published, holidays, lambda old, new: not differences(old, new))


def _alike(draft: Book, published: Book, holidays: Holidays, are_alike: Callable[[Book, Book], bool]) -> bool:
    if are_alike(published, draft):
        return True
    try:
        # The first alone would overlook a day that the draft no longer names itself: the book keeps that one, too.
        return are_alike(published, _with_its_holidays(draft, published)) and are_alike(
            read_book(published.text, published.id, holidays), draft
        )
    except BookFaults:
        return False


def _with_its_holidays(draft: Book, published: Book) -> Book:
    return read_book(draft.text, draft.id, lambda *_: published.counting.holidays)


def _as_it_decides(draft: Book, published: Iterable[Book], holidays: Holidays) -> Book:
    """The draft; where it decides as the published book of its id does, with the holidays that this one was resolved to."""
    old = next((one for one in published if one.id == draft.id), None)
    if old is None or not _alike(draft, old, holidays, decide_alike):
        return draft
    return draft if decide_alike(old, draft) else _with_its_holidays(draft, old)


def _steps(
    drafts: Iterable[Dated], published: Iterable[Dated], same: Callable[[Dated, Dated], bool]
) -> tuple[Step[Dated], ...]:
    known = {one.id: one for one in published}
    steps = []
    for draft in sorted(drafts, key=lambda one: one.effective_from):
        old = known.get(draft.id)
        if old is None:
            steps.append(Step(draft, None, Outcome.NEW))
        else:
            steps.append(Step(draft, old, Outcome.SAME if same(draft, old) else Outcome.REPLACES))
    return tuple(steps)


def _afterwards(published: Iterable[Dated], steps: Iterable[Step[Dated]]) -> list[tuple[str, Dated]]:
    """All that would be in force, by id. Drafts come last: of two that clash, the later one is named."""
    changed = {step.draft.id: step.draft for step in steps if step.outcome is not Outcome.SAME}
    kept = [(one.id, one) for one in published if one.id not in changed]
    return kept + list(changed.items())


def _locks(published: Shelf, stands: Iterable[Quarter]) -> dict[str, Quarter]:
    """By id of a book the last quarter it governs whose target stands."""
    books = {}
    for quarter in sorted(stands):
        # What a release without rules has frozen may lie before the first book.
        with suppress(BadValue):
            books.update({book.id: quarter for book, _ in published.within(quarter)})
    return books


def _refusals(
    steps: Iterable[Step[Book]],
    afterwards: Sequence[tuple[str, Book]],
    used: Callable[[Book], tuple[date, date] | None],
    last_received: date,
    frozen: Collection[Quarter],
    locks: Mapping[str, Quarter],
) -> Iterator[Fault]:
    """Why books can't follow or replace. `locks`: as `_locks` has them."""
    last_frozen = max(frozen, default=None)
    last_figure = last_frozen.last_day if last_frozen is not None else date.min
    for step in steps:
        if step.outcome is Outcome.SAME or (step.published and decide_alike(step.published, step.draft)):
            continue
        draft, begins = step.draft, step.draft.effective_from
        taken = {one.effective_from for key, one in afterwards if key != draft.id}
        free = _first_free(max(last_received, last_figure), taken)
        received = used(step.published) if step.published is not None else None
        if received is not None:
            first, last = received
            use = (("value", draft.id), ("first", first), ("last", last), ("free", free))
            yield Fault(draft.id, "id", "fault-used", use)
        elif draft.id in locks:
            lock = (("value", draft.id), ("quarter", locks[draft.id]), ("free", free))
            yield Fault(draft.id, "id", "fault-governs", lock)
        else:
            if begins <= last_received:
                days = (("value", begins), ("last", last_received), ("free", free))
                yield Fault(draft.id, "effective_from", "fault-received", days)
            if begins <= last_figure:
                figure = (("value", begins), ("quarter", last_frozen), ("free", free))
                yield Fault(draft.id, "effective_from", "fault-frozen", figure)


def _plan_refusals(
    steps: Iterable[Step[Plan]],
    before: Sequence[Plan],
    afterwards: Sequence[tuple[str, Plan]],
    frozen: Collection[Quarter],
    entered: Collection[Quarter],
) -> Iterator[Fault]:
    """Why plans can't follow or replace: one that is used stands, and a quarter that is frozen keeps the one it has."""
    plans = by_beginning(afterwards)
    for step in steps:
        if step.outcome is Outcome.SAME:
            continue
        draft, old = step.draft, step.published
        stands = _last_governed(before, old, frozen) if old is not None else None
        used = _last_governed(before, old, entered) if old is not None else None
        taken = _last_governed(plans, draft, frozen)
        since = old.effective_from if old is not None else date.min
        free = _first_free_quarter(frozen, since, {one.effective_from for one in plans if one.id != draft.id})
        if stands is not None:
            lock = (("value", draft.id), ("quarter", stands), ("free", free))
            yield Fault(draft.id, "id", "fault-governs", lock)
        elif used is not None:
            use = (("value", draft.id), ("quarter", used), ("free", free))
            yield Fault(draft.id, "id", "fault-plan-used", use)
        elif taken is not None:
            figure = (("value", draft.effective_from), ("quarter", taken), ("free", free))
            yield Fault(draft.id, "effective_from", "fault-plan-frozen", figure)


def _last_governed(plans: Sequence[Plan], one: Plan, quarters: Iterable[Quarter]) -> Quarter | None:
    """The last of some quarters that a plan governs among others."""
    return max((quarter for quarter in quarters if plan_of(plans, quarter) is one), default=None)


def _first_free_quarter(frozen: Collection[Quarter], since: date, taken: Collection[date]) -> date:
    """The first day of a quarter after the last that is frozen and after a day, on which no other plan begins."""
    quarter = max((*(one.following for one in frozen), Quarter.of(since).following))
    while quarter.first_day in taken:
        quarter = quarter.following
    return quarter.first_day


def _first_free(last: date, taken: Collection[date]) -> date:
    free = last + timedelta(days=1)
    while free in taken:
        free += timedelta(days=1)
    return free
