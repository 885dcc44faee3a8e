"""The whole form of the plan as a neutral document: what it says on which page, and nothing of how it looks.

The columns are those of the original: activity with its criteria and aims, period, target, result of the quarter, result so
far, and the mark. A mark is a sign that is text: it can be copied, read aloud and printed in black.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from complaint_sla.core.measures import Mark
from complaint_sla.forms.plan import Achieved, Criteria, Sign

SIGNS = {Mark.ACCORDING: "\N{CHECK MARK}", Mark.NOT_ACCORDING: "\N{BALLOT X}", Mark.NOT_STATED: ""}


@dataclass(frozen=True)
class Line:
    """What is in of a period: `text` says it whole; n, d and `value` are the same as numbers, None where none is.

    `below` is said where this figure alone misses the least value, even if the whole quarter reaches it; `remark` is what is
    not in of it. Both stand in `text`, too.
    """

    label: str
    text: str
    n: int | None = None
    d: int | None = None
    value: Fraction | Decimal | None = None
    below: str = ""
    remark: str = ""
    is_sum: bool = False


@dataclass(frozen=True)
class Told:
    """What a cell tells of one measure: its figures, in words what is not a figure, and the letters that prove them."""

    key: str
    title: str
    lines: tuple[Line, ...] = ()
    said: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """A cell of results. `letters` are those that all its measures have in common. `achieved`: of the complaints, whose
    tables stand in it."""

    title: str
    told: tuple[Told, ...] = ()
    letters: tuple[str, ...] = ()
    achieved: Achieved | None = None


@dataclass(frozen=True)
class PlanRow:
    """An activity. `headings` stand above it where a part of the plan begins."""

    key: str
    headings: tuple[str, ...]
    activity: str
    criteria: tuple[Criteria, ...]
    notes_title: str
    notes: tuple[str, ...]
    aims_title: str
    aims: tuple[str, ...]
    period: str
    target: tuple[str, ...]
    quarter: Result
    year: Result
    mark: Mark
    sign: str
    mark_title: str


@dataclass(frozen=True)
class WholeForm:
    """The form as of `as_of` (UTC). `legend` has sign and words of each mark; `pages` the rows, as the document divides them.

    `state` is one word or two for the head, `foot` the whole of it: version, as of, fingerprint. `numbers` are what n, d and
    value are called where each has a column of its own.
    """

    language: str
    as_of: datetime
    heading: str
    perspective: str
    quarter: str
    is_final: bool
    state: str
    foot: str
    columns: tuple[str, str, str, str, str, str]
    numbers: tuple[str, str, str]
    legend: tuple[tuple[str, str], ...]
    pages: tuple[tuple[PlanRow, ...], ...]
    notes: tuple[str, ...]
    signs: tuple[Sign, ...]

    @property
    def rows(self) -> tuple[PlanRow, ...]:
        return tuple(row for page in self.pages for row in page)
