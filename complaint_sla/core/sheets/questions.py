"""What a sheet does not tell by itself, as questions; and what an answer to one means."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from complaint_sla.core import fields
from complaint_sla.core.errors import BadValue
from complaint_sla.core.keyboard import number_in, yes_or_no
from complaint_sla.core.matching import FEWEST_LETTERS
from complaint_sla.core.sheets.map import Era, Order
from complaint_sla.core.sheets.words import form
from complaint_sla.core.titles import Title

# An answer that is a value for all rows, not the head of a column, begins so.
ALL = "="
# That a column is to be left out, or that a word says nothing.
NOTHING = "-"
# Outcomes that the sheet does not have are said not to be there.
NO_OUTCOME = "ไม่ได้บันทึกไว้ในแฟ้มเดิม"


class Ask(StrEnum):
    """What a question is about."""

    SHEETS = "sheets"
    COLUMN = "column"
    ORDER = "order"
    TWO_DIGITS = "two-digits"
    WORD = "word"
    ALL_ROWS = "all-rows"
    REST = "rest"


@dataclass(frozen=True)
class Choice:
    """What can be answered: as it is kept, and as it is read. One that is a column of the sheet bears its head."""

    key: str
    title: Title
    also: tuple[str, ...] = ()
    is_column: bool = False

    @property
    def forms(self) -> list[str]:
        """What means this one when it is typed in full."""
        return [form(one) for one in (self.key.removeprefix(ALL), self.title.th, self.title.en, *self.also)]


@dataclass(frozen=True)
class Question:
    """One question, of one of our columns by its `name`, or of a `word` under it that stands in `count` rows.

    `example` is what a date looks like, `default` what Enter takes; None where an answer is needed. With an empty default the
    rows in question are rejected, or nothing is taken.
    """

    ask: Ask
    name: str = ""
    word: str = ""
    count: int = 0
    example: str = ""
    choices: tuple[Choice, ...] = ()
    default: str | None = None

    @property
    def key(self) -> str:
        """By this the answer to it is kept."""
        return ":".join(filter(None, (self.ask, self.name, self.word)))

    def meant(self, answer: str) -> str:
        """What an answer means, as it is kept. Raises BadValue, as far as it means nothing here."""
        text = " ".join(answer.split())
        if not text:
            if self.default is None:
                raise BadValue("answer-needed")
            return self.default
        if self.ask is Ask.SHEETS:
            return yes_or_no(text)
        if self.ask is Ask.REST:
            return self._left_out(text)
        if self.ask is Ask.ALL_ROWS and self.name == "outcome":
            return fields.page("outcome", answer) if text != NOTHING else ""
        if text == NOTHING and self.name == "owner":
            return NOTHING
        return self._chosen(text)

    def _chosen(self, text: str) -> str:
        number = number_in(text, len(self.choices))
        if number is not None:
            return self.choices[number - 1].key
        found = [one for one in self.choices if form(text) in one.forms]
        if not found and sum(map(str.isalnum, text)) >= FEWEST_LETTERS:
            found = [one for one in self.choices if any(form(text) in known for known in one.forms)]
        if len(found) > 1:
            numbered = [(self.choices.index(one) + 1, one.title) for one in found]
            known = [Title(f"{number} {title.th}", f"{number} {title.en}") for number, title in numbered]
            raise BadValue("ambiguous", value=text, known=known)
        if not found:
            raise BadValue("none-of-them", value=text, n=len(self.choices))
        return found[0].key

    def _left_out(self, text: str) -> str:
        """The numbers of columns that are left out, apart by anything; a dash leaves out all."""
        if text == NOTHING:
            return " ".join(str(number) for number in range(1, len(self.choices) + 1))
        numbers = [number_in(one, len(self.choices)) for one in text.replace(",", " ").split()]
        if None in numbers:
            raise BadValue("none-of-them", value=text, n=len(self.choices))
        return " ".join(map(str, sorted({one for one in numbers if one is not None})))


def order_choices() -> tuple[Choice, ...]:
    """Also as an example of each says it."""
    return (
        Choice(Order.DAY_FIRST, Title("วัน/เดือน/ปี", "day/month/year"), ("d/m", "d/m/y", "dmy")),
        Choice(Order.MONTH_FIRST, Title("เดือน/วัน/ปี", "month/day/year"), ("m/d", "m/d/y", "mdy")),
    )


def era_choices() -> tuple[Choice, ...]:
    return (
        Choice(Era.BUDDHIST, Title("พ.ศ. 25xx", "Buddhist Era, 25xx"), ("พ.ศ.", "พศ", "be", "y", "ใช่")),
        Choice(Era.COMMON, Title("ค.ศ. 20xx", "Common Era, 20xx"), ("ค.ศ.", "คศ", "ce", "ad")),
    )
