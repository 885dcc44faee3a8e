"""Rule books that have been used, as they were when they were first used."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import lru_cache

from sqlmodel import Session, col, select

from complaint_sla.core.bookfile import read_book
from complaint_sla.core.errors import BookRefused, Error
from complaint_sla.core.rulebook import Book, Shelf
from complaint_sla.store.tables import Book as BookRow


def pin(session: Session, book: Book, now: datetime) -> None:
    """Keeps the book's text and holidays for good. Raises BookRefused (`book-changed`) if its id was used with another text."""
    known = session.exec(select(BookRow.digest).where(BookRow.book_id == book.id)).first()
    if known == book.digest:
        return
    if known is not None:
        raise BookRefused("book-changed", book=book.id)
    resolved = {day.isoformat(): name for day, name in book.counting.holidays.items()}
    session.add(
        BookRow(
            digest=book.digest,
            book_id=book.id,
            text=book.text,
            holidays=json.dumps(resolved, ensure_ascii=False),
            first_used_at=now,
        )
    )
    session.flush()


class _Pinned(dict[str, Book]):
    """A book that is missing is refused where it is asked for: the complaints of the others are none the worse."""

    def __missing__(self, digest: str) -> Book:
        raise BookRefused("book-lost", digest=str(digest)[:12])


def pinned(session: Session, digests: Iterable[str]) -> dict[str, Book]:
    """The books under these digests, in one query. To ask for one that can't be read is BookRefused (`book-lost`)."""
    found = _Pinned()
    for row in session.exec(select(BookRow).where(col(BookRow.digest).in_(set(digests)))).all():
        with suppress(Error, ValueError, TypeError, AttributeError):
            found[row.digest] = _book(row.text, row.holidays, row.book_id)
    return found


def rows(session: Session) -> Sequence[BookRow | None]:
    """Every book that has been used, as it is kept; None for one without its key."""
    return session.exec(select(BookRow).order_by(BookRow.book_id)).all()


def ids(session: Session) -> dict[str, str]:
    """The id of every book that has been used, by digest."""
    return dict(session.exec(select(BookRow.digest, BookRow.book_id)).all())


def as_pinned(session: Session, shelf: Shelf) -> Shelf:
    """The shelf, with books that have been used as they were then: a calendar that is resolved otherwise today changes none."""
    pinned_rows = {row.book_id: row for row in session.exec(select(BookRow)).all()}
    used = pinned(session, [row.digest for row in pinned_rows.values()])
    return Shelf(
        tuple(
            used.get(row.digest, book)
            if (row := pinned_rows.get(book.id)) is not None and row.text == book.text
            else book
            for book in shelf.books
        )
    )


def changed(session: Session, books: Iterable[Book]) -> list[str]:
    """The ids of those books that have been used with another text."""
    known = {row.book_id: row.digest for row in session.exec(select(BookRow)).all()}
    return [book.id for book in books if known.get(book.id, book.digest) != book.digest]


@lru_cache(maxsize=64)
def _book(text: str, holidays: str, name: str) -> Book:
    resolved: Mapping[date, str] = {
        date.fromisoformat(day): name for day, name in json.loads(holidays).items()
    }
    return read_book(text, name, lambda _country, _first, _last: resolved)
