"""The oracle of the campaign sees what it is there to see: each way of losing an alert, done by hand."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from tests.conftest import Databases
from tests.faults.bureau import Bureau, bureau_at

FALSEHOODS = {
    "DELETE FROM alert": "missing",
    "UPDATE alert SET state = 'dropped', message_id = NULL": "reached nobody",
    "UPDATE alert SET state = 'waiting', message_id = NULL": "never came to rest",
    "UPDATE message SET state = 'dissolved'": "is called dissolved",
    "UPDATE message SET state = 'sending'": "never came to rest",
    "UPDATE message SET message_id = '<another@sla.example.org>'": "nobody knows of",
    "UPDATE alert SET state = 'superseded'": "came, and its members are called",
    "UPDATE alert SET occurrence = 2": "too many",
    "UPDATE complaint SET number = 'C-6001-99999'": "told",
}


@pytest.fixture
def bureau(sqlite_databases: Databases) -> Iterator[Bureau]:
    with bureau_at(sqlite_databases.migrated()) as bureau:
        bureau.urgent_matter()
        bureau.survive()
        yield bureau


def look(bureau: Bureau) -> str:
    bureau.oracle.check(bureau.house.clock.at, bureau.received(), bureau.open)
    return "\n".join(bureau.oracle.problems)


def test_a_day_without_faults_has_no_problems(bureau: Bureau) -> None:
    assert look(bureau) == ""
    count = bureau.oracle.count()
    assert (count.due, count.queued, count.delivered, count.doubled, count.lost) == (1, 1, 1, 0, 0)


@pytest.mark.parametrize("falsehood", FALSEHOODS)
def test_what_is_told_falsely_is_seen(bureau: Bureau, falsehood: str) -> None:
    with bureau.house.store.engine.begin() as connection:
        connection.execute(text(falsehood))
    assert FALSEHOODS[falsehood] in look(bureau)


def test_a_letter_that_never_came_is_lost(bureau: Bureau) -> None:
    bureau.box.received.clear()
    assert "is called sent" in look(bureau)
    assert bureau.oracle.count().lost == 1


def test_a_letter_that_comes_again_under_another_id_is_seen(bureau: Bureau) -> None:
    with bureau.house.store.engine.begin() as connection:
        connection.execute(text("UPDATE message SET message_id = '<a@b>'"))
    bureau.box.received.append(bureau.box.received[0])
    assert "nobody knows of" in look(bureau)


@pytest.mark.parametrize(
    "otherwise", [{"numbers": frozenset({"C-6003-77777"})}, {"digest": "of other bytes"}]
)
def test_a_letter_that_comes_again_with_other_members_or_words_is_seen(
    bureau: Bureau, otherwise: dict[str, Any]
) -> None:
    from dataclasses import replace

    first = bureau.received()[0]
    bureau._arrived.append(replace(first, **otherwise))
    assert "came twice and differs" in look(bureau)
    assert bureau.oracle.count().doubled == 1
