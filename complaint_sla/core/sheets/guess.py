"""From what was seen of a file to the map that reads it: what is certain, what has to be asked, what is refused.

Nothing is taken for certain that could be two things. What the answers have not settled stands in no map, and so the rows of
which it is true are rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import add
from types import MappingProxyType

from complaint_sla.core.complaints import Status
from complaint_sla.core.errors import BadValue
from complaint_sla.core.sheets.facts import Dates, Seen
from complaint_sla.core.sheets.guessed import File, Guess, Told
from complaint_sla.core.sheets.map import Dates as MapDates
from complaint_sla.core.sheets.map import Era, Order, Repair, Several, SheetMap
from complaint_sla.core.sheets.placing import Placing
from complaint_sla.core.sheets.questions import (
    ALL,
    NO_OUTCOME,
    NOTHING,
    Ask,
    Choice,
    Question,
    era_choices,
    order_choices,
)
from complaint_sla.core.sheets.words import CHOSEN, DATES, TERMS, Known
from complaint_sla.core.titles import Title

NO_ANSWERS: Mapping[str, str] = MappingProxyType({})
# That every cell of a day has been swapped is not asked: it is said by whoever has looked.
SWAPPED = "swapped"
# By settings, the questions that they answer.
_SETTINGS = {
    "swapped": SWAPPED,
    "order": Ask.ORDER.value,
    "two_digits": Ask.TWO_DIGITS.value,
    "office": f"{Ask.ALL_ROWS}:office",
    "outcome": f"{Ask.ALL_ROWS}:outcome",
}

# As many unknown words of a column are asked about; more are a column of something else.
MOST_ASKED = 30
# Nothing else in a cell says that nothing is said.
_DASHES = "-–— "
_YES_NO = (Choice("true", Title("ใช่", "yes"), ("y",)), Choice("false", Title("ไม่ใช่", "no"), ("n", "ไม่")))
_STATUS = (
    Choice("closed", Title("ปิดแล้ว", "closed")),
    Choice("open", Title("ยังไม่ปิด", "open")),
    Choice("withdrawn", Title("ยกเลิก", "withdrawn")),
)


def guess(file: File, seen: Seen, known: Known, answers: Mapping[str, str] = NO_ANSWERS) -> Guess:
    """What can be told of a file by what was seen of it.

    Raises BadValue: `only-counts`, `no-heads`, `no-receipt`, `head-twice`, `dates-swapped`, `sheets-differ`.
    """
    if not seen.sights:
        raise BadValue("only-counts" if seen.only_counts else "no-heads", sheets=_names(seen.passed))
    return _Guessing(file, seen, known, answers).done()


def from_settings(settings: Sequence[str]) -> dict[str, str]:
    """What was said beside the sheet, such as `channel=phone`, as answers to what would be asked."""
    said = {name.strip(): value.strip() for name, _, value in (one.partition("=") for one in settings)}
    answers = {question: said[name] for name, question in _SETTINGS.items() if name in said}
    answers |= {f"{Ask.COLUMN}:{name}": f"{ALL}{said[name]}" for name in (*TERMS, "subject") if name in said}
    return {key: value for key, value in answers.items() if (key, value) != (SWAPPED, "false")}


def answered(before: Guess, question: Question, answer: str) -> Guess:
    """The guess once a question is answered. Raises BadValue for an answer that means nothing, and as `guess` does."""
    given = {**before.answers, question.key: question.meant(answer)}
    return guess(before.file, before.seen, before.known, given)


def taken_back(before: Guess, question: Question) -> Guess:
    """The guess without the answer to a question."""
    given = {key: value for key, value in before.answers.items() if key != question.key}
    return guess(before.file, before.seen, before.known, given)


def _names(names: Iterable[str | None]) -> list[str]:
    return [one for one in names if one is not None]


class _Guessing(Placing):
    """One guess: columns first, then what their cells mean."""

    def done(self) -> Guess:
        sheets = self._sheets()
        self._say(Told.HEADS, rows=self._sight.heads.rows, count=self._sight.rows)
        self._place()
        rest = self._rest()
        dates = self._dates()
        values = self._values()
        self._for_all_rows()
        if rest is not None:
            self._questions.append(rest)
        result = SheetMap(
            columns=self._columns,
            leave_out=tuple(dict.fromkeys(self._left_out)),
            encoding=self._file.encoding,
            separator=self._file.separator,
            sheets=sheets,
            heads=self._sight.heads.rows,
            skip=self._skip(),
            dates=dates,
            values=values,
            default=self._default,
            repair=self._repair(),
        )
        self._tell_columns()
        return Guess(
            self._file,
            self._seen,
            self._known,
            self._answers,
            result,
            tuple(self._questions),
            tuple(self._remarks),
        )

    # Tables.

    def _sheets(self) -> tuple[str, ...] | None:
        """The names of those that are read; None where all are."""
        if self._file.encoding is not None:
            self._say(Told.TEXT, encoding=self._file.encoding, separator=self._file.separator)
        names, passed = _names(self._sight.names), _names(self._seen.passed)
        hidden = _names(self._seen.hidden)
        others = [name for one in self._seen.sights[1:] if one.rows for name in _names(one.names)]
        if others:
            rows = sum(one.rows for one in self._seen.sights[1:])
            said = self._ask(Question(Ask.SHEETS, word=", ".join(others), count=rows))
            if said == "n":
                raise BadValue("sheets-differ", sheets=others, taken=names)
        if names and (len(names) > 1 or passed or hidden):
            self._say(Told.SHEETS, sheets=names)
        if passed:
            self._say(Told.PASSED, sheets=passed)
        if hidden:
            self._say(Told.HIDDEN, sheets=hidden)
        return tuple(names) if passed or hidden or len(self._seen.sights) > 1 else None

    def _skip(self) -> dict[str, str]:
        """Rows that sum up; a beginning that complaints have as well is none to skip by."""
        skip: dict[str, str] = {}
        for (head, begins), count in self._sight.totals.most_common():
            if len(self._sight.under(head)) == 1 and head not in skip and not self._sight.real[head, begins]:
                skip[head] = f"{begins}*"
                self._say(Told.TOTALS, head=head, begins=begins, count=count)
        if self._sight.repeated:
            self._say(Told.REPEATED_HEADS, count=self._sight.repeated)
        return skip

    # What the cells mean.

    def _dates(self) -> MapDates:
        columns = [column for name in DATES if (column := self._column_of(name)) is not None]
        is_swapped = SWAPPED in self._answers
        for one in columns:
            if _looks_swapped(one.dates) and not is_swapped:
                raise BadValue("dates-swapped", head=one.head, cells=one.dates.cells)
        dates: Dates = reduce(add, (one.dates for one in columns), Dates())
        two_digits = self._two_digits(dates)
        order = self._order(dates, two_digits)
        if dates.buddhist or two_digits is Era.BUDDHIST:
            self._say(
                Told.BUDDHIST, count=dates.buddhist + (dates.short if two_digits is Era.BUDDHIST else 0)
            )
        if dates.serials:
            self._say(Told.SERIALS, count=dates.serials)
        return MapDates(order=order, two_digits=two_digits, swapped=is_swapped)

    def _two_digits(self, dates: Dates) -> Era | None:
        if not dates.short:
            return None
        said = self._ask(
            Question(
                Ask.TWO_DIGITS, count=dates.short, example=dates.short_one, choices=era_choices(), default=""
            )
        )
        return Era(said) if said else None

    def _order(self, dates: Dates, two_digits: Era | None) -> Order:
        day_first, month_first = dates.first_past_12 > 0, dates.second_past_12 > 0
        # In the Buddhist Era nobody writes the month first.
        doubt = dates.two_ways + (dates.short_two_ways if two_digits is Era.COMMON else 0)
        buddhist = dates.buddhist > 0 or two_digits is Era.BUDDHIST
        if (
            (day_first and month_first)
            or (month_first and buddhist)
            or (doubt and not (day_first or month_first))
        ):
            said = self._ask(Question(Ask.ORDER, count=doubt, example=dates.two_way, choices=order_choices()))
            return Order(said) if said is not None else Order.DAY_FIRST
        if month_first:
            self._say(Told.MONTH_FIRST, count=dates.second_past_12)
            return Order.MONTH_FIRST
        if dates.first_past_12:
            self._say(Told.DAY_FIRST, count=dates.first_past_12)
        return Order.DAY_FIRST

    def _values(self) -> dict[str, dict[str, str]]:
        return {name: found for name in CHOSEN if (found := self._words(name))}

    def _words(self, name: str) -> dict[str, str]:
        """The words of a column with the keys they mean; those that mean none here are asked about."""
        column = self._column_of(name)
        if column is None:
            return {}
        keys, found, unknown = self._known.keys(name), {}, 0
        if name == "status" and "duplicate_of" not in self._columns:
            # Of what is a duplicate the original has to be named.
            keys = {word: key for word, key in keys.items() if key != Status.DUPLICATE}
        blank = self._sight.rows - column.filled
        for text, count in column.spellings().values():
            if not text.strip(_DASHES):
                blank += count
                continue
            key = self._known.word(name, keys, text)
            if key is not None:
                found[text] = key
                continue
            if unknown < MOST_ASKED:
                said = self._ask(
                    Question(Ask.WORD, name, text, count, choices=self._choices(name), default="")
                )
                if said:
                    found[text] = "" if said == NOTHING else said
            unknown += 1
        if unknown > MOST_ASKED or not column.is_whole:
            self._say(Told.MORE_WORDS, name=name, count=max(unknown - MOST_ASKED, 1))
        if column.faulty or (blank and name in TERMS):
            self._say(Told.EMPTY, name=name, count=column.faulty + (blank if name in TERMS else 0))
        if found:
            self._say(Told.WORDS, name=name, words=found)
        return found

    def _choices(self, name: str) -> tuple[Choice, ...]:
        if name == "status":
            return _STATUS
        if name == "urgent":
            return _YES_NO
        if name in TERMS:
            return tuple(Choice(one.key, one.title, one.also) for one in self._known.terms(name))
        known = self._known.offices if name == "office" else self._known.people
        return tuple(
            Choice(key, Title(names[0], names[-1]), names[1:]) for key, names in known.items() if names
        )

    def _for_all_rows(self) -> None:
        """What no column says: one office, and one outcome for what has ended."""
        if "office" not in self._columns and self._known.offices:
            only = next(iter(self._known.offices)) if len(self._known.offices) == 1 else None
            if only is not None:
                self._default["office"] = only
                self._say(Told.OFFICE, office=only)
            else:
                choices = self._choices("office")
                said = self._ask(
                    Question(Ask.ALL_ROWS, "office", choices=choices, default=self._known.office)
                )
                if said:
                    self._default["office"] = said
        closed, outcome = self._column_of("closed_at"), self._column_of("outcome")
        if closed is not None and closed.dated > (outcome.filled if outcome is not None else 0):
            count = closed.dated - (outcome.filled if outcome is not None else 0)
            said = self._ask(Question(Ask.ALL_ROWS, "outcome", count=count, default=NO_OUTCOME))
            if said:
                self._default["outcome"] = said

    def _repair(self) -> Repair:
        phone, account = self._column_of("phone"), self._column_of("account")
        if phone is not None and phone.short_phones:
            self._say(Told.PHONE_ZERO, count=phone.short_phones)
        if phone is not None and phone.several_phones:
            self._say(Told.SEVERAL_PHONES, count=phone.several_phones)
        if account is not None and account.short_accounts:
            self._say(Told.ACCOUNT_ZEROS, count=account.short_accounts)
        return Repair(
            phone_zero=phone is not None and phone.short_phones > 0,
            account_zeros=account is not None and account.short_accounts > 0,
            several_phones=Several.FIRST if phone is not None and phone.several_phones else None,
        )


def _looks_swapped(dates: Dates) -> bool:
    """Whether a spreadsheet of another country took the day for the month wherever it could, and left the rest as texts."""
    texts = dates.first_past_12 + dates.second_past_12
    return dates.cells > 0 and dates.cells_past_12 == 0 and texts > 0 and dates.others == 0
