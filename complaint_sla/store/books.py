"""What has been published: rule books, plans and the service's settings, each as it was then. Only these decide anything."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from complaint_sla.core.bookfile import Holidays, digest_of, read_book
from complaint_sla.core.calendars import Quarter, month_key
from complaint_sla.core.errors import BookRefused, Error, NotPossible
from complaint_sla.core.plan import Plan
from complaint_sla.core.planfile import read_plan
from complaint_sla.core.rulebook import Book, RuleKind, Shelf
from complaint_sla.core.servicefile import ServiceRules, read_service
from complaint_sla.store.tables import Book as BookRow
from complaint_sla.store.tables import Complaint
from complaint_sla.store.types import ByBytes, moment

# What a row that a hand has changed leads to, where it is read.
UNREADABLE = (Error, ValueError, TypeError, AttributeError)
# The settings of the service have no id of their own: there is one of them.
SERVICE = "service"


class _Pinned(dict[str, Book]):
    """A book that is missing is refused where it is asked for: the complaints of the others are none the worse."""

    def __missing__(self, digest: str) -> Book:
        raise BookRefused("book-lost", digest=str(digest)[:12])


def pinned(session: Session, digests: Iterable[str]) -> dict[str, Book]:
    """The books under these digests, in one query. To ask for one that can't be read is BookRefused (`book-lost`)."""
    found = _Pinned()
    # Plans and settings are no books: to read one as if it were costs more than all books together.
    query = select(BookRow).where(col(BookRow.kind).not_in((RuleKind.PLAN, RuleKind.SERVICE)))
    for row in session.exec(query.where(col(BookRow.digest).in_(set(digests)))).all():
        with suppress(*UNREADABLE):
            found[row.digest] = book_of(row)
    return found


def rows(session: Session) -> Sequence[BookRow | None]:
    """Everything that was ever published, as it is kept; None for a row without its key."""
    return session.exec(select(BookRow).order_by(ByBytes(col(BookRow.book_id)), BookRow.digest)).all()


def in_force(session: Session, kind: RuleKind, *, lock: bool = False) -> Sequence[BookRow]:
    """What is in force of a kind; locked, nothing is published and nothing logged under it until the transaction ends."""
    if lock:
        _take_turn(session, "pg_advisory_xact_lock")
    query = select(BookRow).where(BookRow.kind == kind, col(BookRow.replaced_at).is_(None))
    return session.exec(query.order_by(ByBytes(col(BookRow.book_id)))).all()


def _take_turn(session: Session, lock: str) -> None:
    """One publishes, or any number log. Not by locks of rows, for which PostgreSQL wants the right to change them."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(f"SELECT {lock}(hashtext('complaint_sla.books'))")


def ids(session: Session, kind: RuleKind | None = None) -> dict[str, str]:
    """The id of everything that was ever published, or of all of a kind, by digest."""
    query = select(BookRow.digest, BookRow.book_id)
    return dict(session.exec(query if kind is None else query.where(BookRow.kind == kind)).all())


def shelf(session: Session) -> Shelf:
    """The rule books in force. One whose text is not what was published is lost, too, but can still be looked at.

    Raises BookRefused: `no-books-published`, `book-unreadable` if none can be read.
    """
    read, lost = [], []
    for row in in_force(session, RuleKind.BOOK):
        book = None
        with suppress(*UNREADABLE):
            book = book_of(row)
            read.append(book)
        if book is None or book.digest != row.digest:
            # Of a row without its key nothing is there at all, not even its id.
            lost.append(str(getattr(row, "book_id", "?")))
    if not read:
        raise BookRefused("book-unreadable", book=lost[0]) if lost else BookRefused("no-books-published")
    return Shelf(tuple(sorted(read, key=lambda book: book.effective_from)), lost=tuple(lost))


def plans(session: Session) -> tuple[Plan, ...]:
    """The plans in force, oldest first; one that can't be read is left out, and named by the audit."""
    read = []
    for row in in_force(session, RuleKind.PLAN):
        with suppress(*UNREADABLE):
            read.append(plan_of(row))
    return tuple(sorted(read, key=lambda plan: plan.effective_from))


def plan_under(session: Session, digest: str) -> Plan | None:
    """The plan that was published under a digest; None where there is none, or a hand has made something else of it."""
    row = session.get(BookRow, digest)
    with suppress(*UNREADABLE):
        if row is not None and digest_of(row.text, {}) == digest:
            return plan_of(row)
    return None


def plan_in(session: Session, quarter: Quarter) -> Plan:
    """The plan that governs a quarter: the newest that holds on its last day. Raises NotPossible (`no-plan`)."""
    begun = [one for one in plans(session) if one.effective_from <= quarter.last_day]
    if not begun:
        raise NotPossible("no-plan", quarter=str(quarter))
    return begun[-1]


def service(session: Session, holidays: Holidays) -> ServiceRules:
    """The settings of the service in force; the defaults where none were published, or what was can't be read."""
    for row in in_force(session, RuleKind.SERVICE):
        with suppress(*UNREADABLE):
            return read_service(row.text, row.book_id, holidays)
    return ServiceRules()


def hold(session: Session, shelf: Shelf) -> None:
    """Keeps the books in force what they are until the transaction ends.

    Raises NotPossible (`books-changed`) if they are others than those of the shelf by now.
    """
    _take_turn(session, "pg_advisory_xact_lock_shared")
    # Whoever had to wait for a publication sees with this look what it has put there.
    query = select(BookRow.digest).where(BookRow.kind == RuleKind.BOOK, col(BookRow.replaced_at).is_(None))
    found = session.exec(query).all()
    if set(found) != {book.digest for book in shelf.books}:
        raise NotPossible("books-changed")


def put(
    session: Session,
    kind: RuleKind,
    id_: str,
    digest: str,
    text: str,
    holidays: Mapping[date, str],
    now: datetime,
) -> None:
    """Puts a text in force, in the place of the one of its kind and id."""
    mine = (col(BookRow.kind) == kind, col(BookRow.book_id) == id_, col(BookRow.replaced_at).is_(None))
    session.connection().execute(update(BookRow).where(*mine).values(replaced_at=now))
    known = session.get(BookRow, digest)
    if known is not None:
        # It was in force once before.
        known.published_at, known.replaced_at = now, None
    else:
        resolved = {day.isoformat(): name for day, name in holidays.items()}
        session.add(
            BookRow(
                digest=digest,
                kind=kind.value,
                book_id=id_,
                text=text,
                holidays=json.dumps(resolved, ensure_ascii=False),
                published_at=now,
            )
        )
    session.flush()


def receipts(session: Session, book: Book) -> tuple[datetime, datetime] | None:
    """The first and the last moment of receipt of the complaints under a book, with whatever words; None for none."""
    # From either end of the months a step or two: only the rows of two months are read.
    month = col(Complaint.month)
    texts = select(BookRow.digest).where(BookRow.kind == RuleKind.BOOK, BookRow.book_id == book.id)
    mine = (col(Complaint.book).in_(texts), month >= month_key(book.effective_from))
    ends = [select(end(month)).where(*mine).scalar_subquery() for end in (func.min, func.max)]
    at = col(Complaint.received_at)
    query = select(func.min(at), func.max(at)).where(*mine, month.in_(ends))
    first, last = map(moment, session.exec(query).one())
    return None if first is None or last is None else (first, last)


def last_receipt(session: Session) -> datetime | None:
    """The last moment of receipt of all complaints; None if there are none."""
    newest = select(func.max(col(Complaint.month))).scalar_subquery()
    query = select(func.max(col(Complaint.received_at))).where(Complaint.month == newest)
    return moment(session.exec(query).one())


def book_of(row: BookRow) -> Book:
    """The rule book as it was published. Raises one of UNREADABLE."""
    return _book(row.text, row.holidays, row.book_id)


def plan_of(row: BookRow) -> Plan:
    """The plan as it was published. Raises one of UNREADABLE."""
    return _plan(row.text, row.book_id)


@lru_cache(maxsize=16)
def _plan(text: str, name: str) -> Plan:
    return read_plan(text, name)


@lru_cache(maxsize=64)
def _book(text: str, holidays: str, name: str) -> Book:
    resolved: Mapping[date, str] = {
        date.fromisoformat(day): name for day, name in json.loads(holidays).items()
    }
    return read_book(text, name, lambda _country, _first, _last: resolved)
