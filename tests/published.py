"""What is published in the databases of tests, and databases that are rehearsals."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import create_engine, delete, text, update

from complaint_sla import bookshelf, resources
from complaint_sla.bookshelf import Drafts
from complaint_sla.core.rulebook import Shelf
from complaint_sla.store.engine import Store
from complaint_sla.store.tables import Book, House, JournalEntry
from complaint_sla.work.desk import Desk
from complaint_sla.work.rules import publish

# Before everything that happens in tests, so that no event is one of the future.
BEGINNING = datetime(2016, 12, 31, 17, tzinfo=UTC)


def publish_drafts(store: Store, drafts: Drafts) -> None:
    """The first publication of a database."""
    desk = Desk(store, drafts.shelf, BEGINNING, lambda: BEGINNING, "root", "root")
    publish.begin(desk, drafts)


def publish_shipped(store: Store) -> None:
    publish_drafts(store, bookshelf.drafts(resources.rules()))


def publish_only(store: Store, shelf: Shelf) -> None:
    """As if nothing but these books had ever been published."""

    def forget(session: object) -> None:
        session.execute(delete(Book))  # type: ignore[attr-defined]
        session.execute(delete(JournalEntry))  # type: ignore[attr-defined]
        session.execute(update(House).values(events=0, head=""))  # type: ignore[attr-defined]

    store.write(forget)
    publish_drafts(store, Drafts(shelf.books))


def rehearse(url: str) -> str:
    """Makes a rehearsal of a database, so that `--now` may write into it."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE house SET rehearsal = :yes"), {"yes": True})
    engine.dispose()
    return url
