"""The order of all events is fixed once whoever was writing has ended, of this database and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from complaint_sla.core.errors import NotPossible
from complaint_sla.store import sequence
from complaint_sla.store.engine import Store
from tests.conftest import Databases

WRITES = "UPDATE event SET kind = kind"


@contextmanager
def writing(url: str) -> Iterator[None]:
    """Somebody writes events for as long as this lasts."""
    store = Store.open(url)
    with store.engine.connect() as connection:
        connection.execute(text(WRITES))
        yield
    store.close()


@pytest.mark.postgresql
def test_who_writes_in_this_database_is_waited_for_and_in_a_copy_of_it_not(
    postgresql_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequence, "PATIENCE_SECONDS", 0.2)
    # Of one template: their tables have the same ids.
    url, copy = postgresql_databases.migrated(), postgresql_databases.migrated()
    store = Store.open(url)
    with writing(copy):
        assert store.write(sequence.settled_through) == 0
    with writing(url), pytest.raises(NotPossible, match="events-busy"):
        store.write(sequence.settled_through)
    assert store.write(sequence.settled_through) == 0
    store.close()
