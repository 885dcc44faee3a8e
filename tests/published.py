"""What is published in the databases of tests, and databases that are rehearsals."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, delete, text, update
from sqlmodel import Session

from complaint_sla import bookshelf, resources
from complaint_sla.bookshelf import Drafts
from complaint_sla.core.rulebook import RuleKind, Shelf
from complaint_sla.store import books
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Book, House, JournalEntry
from complaint_sla.work import people
from complaint_sla.work.desk import Desk
from complaint_sla.work.rules import publish

# Before everything that happens in tests, so that no event is one of the future.
BEGINNING = datetime(2016, 12, 31, 17, tzinfo=UTC)


def publish_drafts(store: Store, drafts: Drafts) -> None:
    """The first publication of a database."""
    desk = Desk(store, drafts.shelf, BEGINNING, lambda: BEGINNING, "root", "root")
    publish.begin(desk, drafts, bookshelf.drafts(resources.rules()))


def publish_shipped(store: Store) -> None:
    publish_drafts(store, bookshelf.drafts(resources.rules()))


def publish_only(store: Store, shelf: Shelf) -> None:
    """As if nothing but these books had ever been published."""
    _publish_nothing_but(store, Drafts(shelf.books))


def publish_folder(url: str, folder: Path) -> None:
    """As if nothing but what this folder holds had ever been published."""
    store = Store.open(url)
    _publish_nothing_but(store, bookshelf.drafts(folder))
    store.close()


def _publish_nothing_but(store: Store, drafts: Drafts) -> None:
    def forget(session: Session) -> None:
        session.execute(delete(Book))
        session.execute(delete(JournalEntry))
        session.execute(update(House).values(events=0, head=""))

    store.write(forget)
    publish_drafts(store, drafts)


def make_rehearsal(url: str) -> str:
    """Makes a database for what is played by another clock than the real one, with the shipped rules published."""
    store = Store.open(url, create=True, rehearsal=True)
    publish_shipped(store)
    store.close()
    return url


def publish_anyway(store: Store, shelf: Shelf) -> None:
    """Puts books in force beside those that are, as no rule would let anybody: a hand, or a release without rules."""
    desk = Desk(store, shelf, BEGINNING, lambda: BEGINNING, "root", "root")

    def put(session: Session) -> None:
        known = {row.digest for row in books.in_force(session, RuleKind.BOOK)}
        for book in shelf.books:
            if book.digest not in known:
                holidays = book.counting.holidays
                draft = publish.Draft(RuleKind.BOOK, book.id, book.text, book.effective_from, holidays)
                publish._put(session, desk, draft)

    store.write(put)


def rehearse(url: str) -> str:
    """Makes a rehearsal of a database, so that `--now` may write into it; of one with a journal, it takes stock anew."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE house SET rehearsal = :yes"), {"yes": True})
    engine.dispose()
    store = Store.open(url)
    desk = Desk(store, Shelf((), ()), BEGINNING, lambda: BEGINNING, "root", "root")
    store.write(lambda session: people.take_stock(session, desk))
    store.close()
    return url
