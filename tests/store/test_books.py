"""What was published, as it is looked up."""

from __future__ import annotations

import pytest

from complaint_sla.core.rulebook import Book
from complaint_sla.store import books
from complaint_sla.store.engine import Store


def test_to_find_the_rule_books_no_plan_is_read_for_one(
    sqlite_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []
    book_of = books.book_of

    def read(row: books.BookRow) -> Book:
        tried.append(row.book_id)
        return book_of(row)

    monkeypatch.setattr(books, "book_of", read)
    store = Store.open(sqlite_database)
    with store.read() as session:
        published = books.ids(session)
        found = books.pinned(session, published)
    store.close()

    assert {"pea-plan-2560", "service"} < set(published.values())
    assert [one.id for one in found.values()] == tried == ["pea-2560"]
