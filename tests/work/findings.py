"""What the audit finds in a house, for tests that ask whether all is in order or what was found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection
from sqlmodel import Session

from complaint_sla.store.engine import Store
from complaint_sla.work.audit.audit import Discrepancy, audit
from tests.work.desks import House


def findings(house: House) -> list[Discrepancy]:
    found: list[Discrepancy] = []
    audit(house.desk, found.append)
    return found


class Rehearsed(Store):
    """A store that is read within a transaction of somebody else, who will take it back."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection.engine)
        self.connection = connection

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.connection) as session:
            yield session


def after(house: House, *changes: Any) -> list[Discrepancy]:
    """What the audit finds after these statements, which are taken back."""
    with house.store.engine.connect() as connection, connection.begin() as transaction:
        for change in changes:
            if callable(change):
                change(connection)
            else:
                connection.execute(change)
        found: list[Discrepancy] = []
        audit(replace(house.desk, store=Rehearsed(connection)), found.append)
        transaction.rollback()
    return found
