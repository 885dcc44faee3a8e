"""The tables of the plan and of its surveys. What each row means; no behaviour."""

from __future__ import annotations

from datetime import date

from sqlalchemy import (
    BigInteger,
    Index,
    UniqueConstraint,
)
from sqlmodel import Field

from complaint_sla.store.schema import Table, partial
from complaint_sla.store.types import Day


class Reading(Table, table=True):
    """A figure of the plan as cards reckon with it: what the entry `seq` of the journal says, beside its letter and words.

    Append-only; of an office, measure and period the last one stands. `period` is 2017-03, 2017-Q1 or 2017.
    """

    __table_args__ = (Index("ix_reading_period", "period", "office_id", "measure"),)
    seq: int = Field(primary_key=True, foreign_key="journal.seq", sa_column_kwargs={"autoincrement": False})
    office_id: int = Field(foreign_key="office.id")
    measure: str
    period: str
    kind: str
    n: int | None = Field(default=None, sa_type=BigInteger)
    d: int | None = Field(default=None, sa_type=BigInteger)
    dated: date | None = Field(default=None, sa_type=Day)


class Request(Table, table=True):
    """A finished request whose customer a survey may ask. `listed` is the number of the journal's entry that brought it.

    `left_out` says why it is not among those that are drawn; None if it is. Name and telephone are emptied once nobody has
    to be asked any more.
    """

    __table_args__ = (
        UniqueConstraint("office_id", "reference"),
        Index("ix_request_finished", "service", "finished_on", "office_id"),
        partial("ix_request_worded", "finished_on", where="name IS NOT NULL OR phone IS NOT NULL"),
    )
    id: int = Field(default=None, primary_key=True)
    office_id: int = Field(foreign_key="office.id")
    reference: str
    service: str
    finished_on: date = Field(sa_type=Day)
    left_out: str | None = None
    name: str | None = None
    phone: str | None = None
    listed: int


class Drawn(Table, table=True):
    """A request that the lot fell on in a survey of the plan; `drawn` is the number of the journal's entry that says so.

    `outcome` is answered (then with a `score` from 1 to 5), refused, not-reached or too-late; None while nobody has it. `asked`
    is the number of the entry that said it last.
    """

    __table_args__ = (
        UniqueConstraint("survey", "request_id"),
        partial("ix_drawn_waiting", "survey", "request_id", where="outcome IS NULL"),
    )
    id: int = Field(default=None, primary_key=True)
    survey: str
    request_id: int = Field(foreign_key="request.id")
    drawn: int
    attempts: int = 0
    outcome: str | None = None
    score: int | None = None
    asked_on: date | None = Field(default=None, sa_type=Day)
    asked: int | None = None


class Lot(Table, table=True):
    """The seed by which requests of a service and period are drawn in a survey; `drawn` as there. Never changed."""

    __table_args__ = (UniqueConstraint("office_id", "survey", "service", "period"),)
    id: int = Field(default=None, primary_key=True)
    office_id: int = Field(foreign_key="office.id")
    survey: str
    service: str
    period: str
    seed: str
    drawn: int


class Listed(Table, table=True):
    """From which day through which the finished requests of a service are all there, by the word of whoever brought them in."""

    __table_args__ = (UniqueConstraint("office_id", "service"),)
    id: int = Field(default=None, primary_key=True)
    office_id: int = Field(foreign_key="office.id")
    service: str
    since: date = Field(sa_type=Day)
    through: date = Field(sa_type=Day)
    listed: int
