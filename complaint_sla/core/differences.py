"""What an audit looks at, and what it says of a thing that is not as it must be."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Check(StrEnum):
    """What is looked at, and found to be otherwise than it must be."""

    BOOK = "book"
    BOOK_MISSING = "missing-book"
    PUBLISHED = "published"
    IN_FORCE = "in-force"
    RECORD = "record"
    LENGTH = "length"
    HEAD = "head"
    MISSING = "missing-event"
    HASH = "hash"
    WORDS = "words"
    UNREADABLE = "unreadable"
    NEWER = "newer"
    ORDER = "order"
    EVENT = "event"
    STAGES = "stages"
    UNRAISED = "unraised"
    TO_COME = "to-come"
    COLUMN = "column"
    TEXT = "text"
    ERASED = "erased"
    NOT_ERASED = "not-erased"
    BUCKET = "bucket"
    ALERT = "alert"
    LETTER = "letter"
    LETTER_STATE = "letter-state"
    LETTER_EMPTY = "letter-empty"
    ALERT_MISSING = "missing-alert"
    ALERT_SURPLUS = "surplus-alert"
    NUMBERS = "numbers"
    COUNTER = "counter"
    GIVEN = "given"
    REGISTER = "register"
    REGISTER_MISSING = "register-missing"
    REGISTER_SURPLUS = "register-surplus"
    LETTERS = "letters"
    LETTER_SURPLUS = "surplus-letter"
    ANCHORED = "anchored"
    ANCHOR = "anchor"
    CIRCLE = "circle"
    ORPHAN = "orphan"
    FIGURE_VERSION = "figure-version"
    FIGURE_FORMAT = "figure-format"
    FIGURE_TEXT = "figure-text"
    FIGURE_CASES = "figure-cases"
    FIGURE_SUM = "figure-sum"
    FIGURE_CHANGE = "figure-change"
    FIGURE_CASE = "figure-case"
    FIGURE_EVENT = "figure-event"
    FIGURE_MISSING = "figure-missing"
    FIGURE_EARLY = "figure-early"
    FIGURE_CHAIN = "figure-chain"
    FIGURE_RESTATED = "figure-restated"
    FIGURE_GONE = "figure-gone"
    FIGURE_SURPLUS = "figure-surplus"
    FIGURE_JOURNAL = "figure-journal"
    READING = "reading"
    READING_MISSING = "missing-reading"
    READING_SURPLUS = "surplus-reading"
    PLAN_LINES = "plan-lines"
    PLAN_LINE = "plan-line"
    PLAN_TEXT = "plan-text"
    PLAN_ENTRY = "plan-entry"
    PLAN_CLOSURE = "plan-closure"
    DRAW = "draw"
    # Held against an older backup.
    BACKUP_HOUSE = "backup-house"
    BACKUP_EVENT = "backup-event"
    BACKUP_NUMBER = "backup-number"
    BACKUP_COUNTER = "backup-counter"
    BACKUP_LETTER = "backup-letter"
    BACKUP_ALERT = "backup-alert"
    BACKUP_FIGURE = "backup-figure"
    BACKUP_BOOK = "backup-book"


@dataclass(frozen=True, slots=True)
class Difference:
    """`name` says of what: a column, an event, an alert. Personal texts stand in none of the three."""

    check: Check
    name: str
    stored: object = None
    derived: object = None
