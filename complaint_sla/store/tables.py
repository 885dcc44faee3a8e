"""The tables. What each row means; no behaviour.

Moments are aware UTC, days are local to the rule book's zone. Search columns are casefolded. Free text and identity are
personal data: they may be emptied (erasure) without touching figures or the chain of events.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    Index,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlmodel import Field

from complaint_sla.core.titles import Title
from complaint_sla.store.plantables import Drawn, Listed, Lot, Reading, Request
from complaint_sla.store.schema import Table, partial
from complaint_sla.store.types import Day, Moment

# Whoever has these has all of the tables.
__all__ = [
    "ENDED_WITH_WORDS",
    "TO_BE_ERASED",
    "Alert",
    "Book",
    "Complaint",
    "Counter",
    "Customer",
    "Drawn",
    "Entry",
    "Event",
    "FrozenFigure",
    "Heartbeat",
    "House",
    "JournalEntry",
    "Listed",
    "Lot",
    "Message",
    "Office",
    "Reading",
    "Request",
    "Staff",
    "Table",
]  # fmt: skip

# Complaints that are erased once they have ended; those that have ended, and of which something can still be erased.
TO_BE_ERASED = "erase_at_end"
ENDED_WITH_WORDS = "closed_at IS NOT NULL AND (subject <> '' OR outcome IS NOT NULL)"


class Office(Table, table=True):
    """An office in the tree; `class_` as plans tell them apart, None where nobody has said it."""

    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name_th: str
    name_en: str
    parent_id: int | None = Field(default=None, foreign_key="office.id")
    class_: str | None = Field(default=None, sa_column_kwargs={"name": "class"})

    @property
    def title(self) -> Title:
        return Title(self.name_th, self.name_en)


class Staff(Table, table=True):
    """A person. `failed_at` marks an address that does not exist, by the word of the mail server.

    `login` is the name under which the system or the database server knows them; None if they never sit at it.
    """

    __table_args__ = (Index("ix_staff_login", "login", unique=True),)

    id: int | None = Field(default=None, primary_key=True)
    email: str = Field(unique=True)
    name: str
    office_id: int = Field(foreign_key="office.id")
    role: str
    language: str
    away_until: date | None = Field(default=None, sa_type=Day)
    deputy_id: int | None = Field(default=None, foreign_key="staff.id")
    retired_at: datetime | None = Field(default=None, sa_type=Moment)
    failed_at: datetime | None = Field(default=None, sa_type=Moment)
    failure: str | None = None
    login: str | None = None


class House(Table, table=True):
    """One row: what the database is. A `rehearsal` is one for good; `identity` tells it from every other database.

    `events` and `head` are the length and the last hash of the journal. `salt` stands before what is kept as a digest only.
    """

    id: int = Field(primary_key=True)
    rehearsal: bool
    identity: str
    events: int = 0
    head: str = ""
    salt: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Book(Table, table=True):
    """A rule book, an action plan or the service's settings (`kind`) as published: text and holidays never change.

    `book_id` is the id that the text gives itself, `holidays` is JSON, day → name. Until `replaced_at` it is in force.
    """

    __table_args__ = (
        Index(
            "ix_book_in_force",
            *("kind", "book_id"),
            unique=True,
            sqlite_where=text("replaced_at IS NULL"),
            postgresql_where=text("replaced_at IS NULL"),
        ),
    )
    digest: str = Field(primary_key=True)
    kind: str
    book_id: str
    text: str = Field(sa_type=Text)
    holidays: str = Field(sa_type=Text)
    published_at: datetime = Field(sa_type=Moment)
    replaced_at: datetime | None = Field(default=None, sa_type=Moment)


class Counter(Table, table=True):
    """The last serial number given in a month; taken by the transaction that inserts the complaint.

    `head` links the numbers given out, each with the first event of its complaint.
    """

    month: str = Field(primary_key=True)
    serial: int
    head: str = Field(default="", sa_column_kwargs={"server_default": ""})


class Complaint(Table, table=True):
    """A complaint as it stands. `month` is that of receipt (2017-03); `next_alert_at` is empty once it has ended.

    `changed_at` is the last change of status or deadline. `events` and `head` are the length and the last hash of its chain.
    `came_from_id` is the office that handed it over last. `erase_at_end`: who complained is erased once it has ended.
    """

    __table_args__ = (
        CheckConstraint("status = 'open' OR next_alert_at IS NULL", name="ended_is_silent"),
        CheckConstraint("(status = 'open') = (closed_at IS NULL)", name="ended_has_moment"),
        partial("ix_complaint_next_alert_at", "next_alert_at", where="next_alert_at IS NOT NULL"),
        partial(
            "ix_complaint_open_alerted_through",
            "alerted_through",
            where="status = 'open' AND alerted_through IS NOT NULL",
        ),
        partial("ix_complaint_open_due_at", "due_at", "id", where="status = 'open'"),
        # The cohort's figure is one pass over this index, without a look at the rows.
        Index(
            "ix_complaint_figure",
            *("month", "office_id", "group", "rule", "category", "channel"),
            *("status", "breached_at", "closed_at", "due_at"),
        ),
        Index("ix_complaint_due_at_id", "due_at", "id"),
        Index("ix_complaint_owner_id", "owner_id"),
        partial("ix_complaint_erase_at_end", "id", where=TO_BE_ERASED),
        partial("ix_complaint_worded", "closed_at", where=ENDED_WITH_WORDS),
    )
    id: int = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    month: str
    office_id: int = Field(foreign_key="office.id")
    group: str
    urgent: bool
    channel: str
    category: str
    subject: str = Field(sa_type=Text)
    subject_search: str = Field(sa_type=Text)
    detail: str | None = Field(default=None, sa_type=Text)
    status: str
    owner_id: int | None = Field(default=None, foreign_key="staff.id")
    received_at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    book: str = Field(foreign_key="book.digest")
    rule: str
    days: int
    due_on: date = Field(sa_type=Day)
    due_at: datetime = Field(sa_type=Moment)
    generation: int = 1
    changed_at: datetime = Field(sa_type=Moment)
    breached_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str | None = Field(default=None, sa_type=Text)
    acknowledged_at: datetime | None = Field(default=None, sa_type=Moment)
    responded_at: datetime | None = Field(default=None, sa_type=Moment)
    duplicate_of_id: int | None = Field(default=None, foreign_key="complaint.id")
    external_id: str | None = Field(default=None, unique=True)
    alerted_through: datetime | None = Field(default=None, sa_type=Moment)
    next_alert_at: datetime | None = Field(default=None, sa_type=Moment)
    events: int = 0
    head: str = ""
    came_from_id: int | None = Field(default=None, foreign_key="office.id")
    erase_at_end: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class Customer(Table, table=True):
    """Who complained: identity lives here and nowhere else but in the words of events."""

    __table_args__ = (
        Index("ix_customer_phone", "phone"),
        Index("ix_customer_account", "account"),
        Index("ix_customer_email", "email"),
    )
    complaint_id: int = Field(primary_key=True, foreign_key="complaint.id")
    name: str | None = None
    name_search: str | None = None
    phone: str | None = None
    account: str | None = None
    email: str | None = None


class Entry(Table):
    """A link of a chain: append-only. `data` is canonical JSON; `words` is JSON of personal texts, outside the hash but for
    their digest. `server_user` is filled by the database server, never by who writes; None on SQLite."""

    kind: str
    happened_at: datetime = Field(sa_type=Moment)
    recorded_at: datetime = Field(sa_type=Moment)
    actor: str
    system_user: str
    data: str = Field(sa_type=Text)
    words: str | None = Field(default=None, sa_type=Text)
    salt: str | None = None
    words_digest: str | None = None
    hash: str
    server_user: str | None = Field(default=None, sa_column_kwargs={"server_default": FetchedValue()})


class Event(Entry, table=True):
    """What happened to a complaint."""

    __table_args__ = (
        UniqueConstraint("complaint_id", "seq"),
        Index("ix_event_kind_happened_at", "kind", "happened_at"),
    )
    id: int = Field(default=None, primary_key=True)
    complaint_id: int = Field(foreign_key="complaint.id")
    seq: int


class JournalEntry(Entry, table=True):
    """What was done that is no complaint's."""

    __tablename__ = "journal"
    seq: int = Field(primary_key=True)


class Message(Table, table=True):
    """A letter of the outbox. `waiting` was never handed over, `sending` perhaps was, `dissolved` certainly was not.

    Alerts' letters have a fresh `occasion` each; others (summary, quarter) are unique on kind, occasion and recipient.
    Moments but `created_at` and `unheard_at` follow the real clock. `digest` is that of the bytes that go out, or may have
    arrived, under its Message-ID, until the answer is known; they were written as things stood at `unheard_at`, which
    stays where a copy, perhaps an earlier one, may have arrived. `entry` is the number of the journal's entry that holds
    what was sent.
    """

    __table_args__ = (
        UniqueConstraint("kind", "occasion", "recipient"),
        partial("ix_message_pending", "not_before", "id", where="state IN ('waiting', 'sending')"),
        Index("ix_message_recipient", "recipient", "state"),
        partial("ix_message_unentered", "id", where="state = 'sent' AND entry IS NULL"),
    )
    id: int = Field(default=None, primary_key=True)
    kind: str
    occasion: str
    recipient: str
    message_id: str = Field(unique=True)
    state: str
    created_at: datetime = Field(sa_type=Moment)
    attempts: int = 0
    first_tried_at: datetime | None = Field(default=None, sa_type=Moment)
    not_before: datetime = Field(sa_type=Moment)
    lease_until: datetime | None = Field(default=None, sa_type=Moment)
    lease_token: str | None = None
    sent_at: datetime | None = Field(default=None, sa_type=Moment)
    answer: str | None = None
    error: str | None = None
    digest: str | None = None
    unheard_at: datetime | None = Field(default=None, sa_type=Moment)
    entry: int | None = None


class Alert(Table, table=True):
    """The ledger: who is owed which occurrence of which stage. `roles` led to the recipient, separated by spaces."""

    __table_args__ = (
        UniqueConstraint("complaint_id", "generation", "stage", "occurrence", "recipient"),
        partial("ix_alert_waiting", "recipient", "complaint_id", where="state = 'waiting'"),
        partial("ix_alert_unalertable", "recipient", "complaint_id", where="state = 'unalertable'"),
        # Without the rows that never were in a letter, which are many: no query that looks for those may take it.
        partial("ix_alert_message_id", "message_id", where="message_id IS NOT NULL"),
    )
    id: int = Field(default=None, primary_key=True)
    complaint_id: int = Field(foreign_key="complaint.id")
    generation: int
    stage: str
    occurrence: int
    stands_for: int
    recipient: str
    roles: str
    stage_at: datetime = Field(sa_type=Moment)
    raised_at: datetime = Field(sa_type=Moment)
    urgent: bool
    state: str
    message_id: int | None = Field(default=None, foreign_key="message.id")


class FrozenFigure(Table, table=True):
    """A measure's figure of a quarter as it was handed in: never changed, only followed by the next `version`.

    `measure` is the key that plans know it by; `content` is the JSON that is printed, `cases` one line of JSON for each
    complaint of the quarter, by number; `digest` is the SHA-256 of `content`, which holds that of `cases`. `voided_at`: a
    clock that ran ahead had frozen it before its time, and it does not count.
    """

    __tablename__ = "figure"
    __table_args__ = (UniqueConstraint("measure", "quarter", "version"),)
    id: int = Field(default=None, primary_key=True)
    measure: str
    quarter: str
    version: int
    frozen_at: datetime = Field(sa_type=Moment)
    content: str = Field(sa_type=Text)
    cases: str = Field(sa_type=Text)
    digest: str
    voided_at: datetime | None = Field(default=None, sa_type=Moment)


class Heartbeat(Table, table=True):
    """When a job of the service last ran and last succeeded, by the real clock; `fault` says what stopped it.

    Beside when the clock was last believed (no job) stands what the `machine` had counted then: its start, and the seconds.
    `locked`: so many complaints were in other hands when it last ran.
    """

    job: str = Field(primary_key=True)
    ran_at: datetime = Field(sa_type=Moment)
    succeeded_at: datetime | None = Field(default=None, sa_type=Moment)
    fault: str | None = None
    machine: str | None = None
    locked: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
