"""What is guessed of a sheet: its map as far as it is settled, what is certain, and what is open. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from complaint_sla.core.sheets.facts import Seen
from complaint_sla.core.sheets.map import Encoding, SheetMap
from complaint_sla.core.sheets.questions import (
    Question,
)
from complaint_sla.core.sheets.words import Known


class Told(StrEnum):
    """What is taken for certain, and said."""

    TEXT = "text"
    SHEETS = "sheets"
    PASSED = "passed"
    HIDDEN = "hidden"
    HEADS = "heads"
    COLUMN = "column"
    LEFT_OUT = "left-out"
    ID_REPEATED = "id-repeated"
    ID_RUNS = "id-runs"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"
    BUDDHIST = "buddhist"
    SERIALS = "serials"
    WORDS = "words"
    MORE_WORDS = "more-words"
    EMPTY = "empty"
    OFFICE = "office"
    TOTALS = "totals"
    REPEATED_HEADS = "repeated-heads"
    PHONE_ZERO = "phone-zero"
    SEVERAL_PHONES = "several-phones"
    ACCOUNT_ZEROS = "account-zeros"
    NAMELESS = "nameless"


@dataclass(frozen=True)
class Remark:
    """One thing that is taken for certain, with the values it speaks of."""

    told: Told
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class File:
    """What was found of the file itself: of a text its encoding and what parts its columns."""

    encoding: Encoding | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Guess:
    """The map as far as it is settled, the questions that are still open, in their order, and what is certain."""

    file: File
    seen: Seen
    known: Known
    answers: Mapping[str, str]
    map: SheetMap
    questions: tuple[Question, ...]
    remarks: tuple[Remark, ...]

    @property
    def rows(self) -> int:
        """How many rows the map is for."""
        return self.seen.sights[0].rows
