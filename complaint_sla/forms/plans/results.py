"""What a cell of the plan's form says of a measure: n of d with its value, month by month; in words what is not in, whom one
waits for, what is not needed; and the letters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from complaint_sla.core.complaints import Bucket
from complaint_sla.core.figures import Counts
from complaint_sla.core.masking import masked_text
from complaint_sla.core.measures import Kind, plain_least, printed
from complaint_sla.core.periods import Every, Period, so_far
from complaint_sla.core.plan import Activity, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind
from complaint_sla.core.scorecard import ActivityLine, MeasureLine, PeriodLine, Sight, State, value_of
from complaint_sla.forms.document import DASH
from complaint_sla.forms.plans.demands import title_of
from complaint_sla.forms.plans.form import Line, Result, Told
from complaint_sla.forms.report import BUCKETS, Names
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain

# Whatever follows the bar is for translators: in Thai a number is told with what it counts.
OF = N_("{part} of {whole}|customers")
ALONE = N_("{n}|customers")
# As many offices as a cell names.
MOST = 3


@dataclass(frozen=True)
class Letter:
    """What the journal says of a reading: the letter that proves a figure, or whom one waits for; the local day of entry, how
    many days after it was due a figure first came in, and what was noted."""

    source: str = ""
    whom: str = ""
    entered_on: date | None = None
    late_days: int = 0
    note: str = ""


class Teller:
    """Tells the measures of a card. `letters` are by the number of the reading."""

    def __init__(
        self,
        sight: Sight,
        lines: Sequence[ActivityLine],
        letters: Mapping[int, Letter],
        names: Names,
        words: Words,
    ) -> None:
        self.sight, self.letters, self.names, self.words = sight, letters, names, words
        self.by_key = {one.measure.key: (line.activity, one) for line in lines for one in line.measures}

    def quarter(self, line: ActivityLine, title: str) -> Result:
        states = {one.state for one in line.measures}
        if states == {State.NOT_APPLICABLE}:
            return Result(title, (self._otherwise(line.activity),))
        told = tuple(self._uncounted(one) if one.measure.source else self._told(one) for one in line.measures)
        common = {one.letters for one in told}
        if len(told) > 1 and len(common) == 1:
            return Result(title, tuple(replace(one, letters=()) for one in told), common.pop())
        return Result(title, told)

    def year(self, line: ActivityLine, title: str) -> Result:
        if {one.state for one in line.measures} == {State.NOT_APPLICABLE}:
            return Result(title, (self._otherwise(line.activity),))
        return Result(title, tuple(self._so_far(one) for one in line.measures if not one.measure.source))

    def _otherwise(self, activity: Activity) -> Told:
        words = self.words
        said = activity.otherwise.of(words.language) if activity.otherwise is not None else DASH
        return Told(activity.key, "", said=(plain(said),))

    def _uncounted(self, line: MeasureLine) -> Told:
        """Of the complaints, whose tables tell the rest: why fewer count than were received."""
        closure, counts = self.sight.closure, Counts()
        for office in self.sight.offices if closure is not None else ():
            assert closure is not None  # noqa: S101 - for the type checker
            counts = counts.plus(closure.by_office.get(office.code, Counts()))
        lines = tuple(
            Line(self.words(BUCKETS[bucket]), f"{n:,}", n)
            for bucket in (Bucket.PENDING, Bucket.EXCLUDED)
            if (n := counts.of_bucket(bucket))
        )
        return Told(line.measure.key, "", lines, (*self._of_offices(line),))

    def _told(self, line: MeasureLine) -> Told:
        measure = line.measure
        done = measure.kind is Kind.DONE
        return Told(
            measure.key,
            title_of(measure, self.words),
            lines=() if done else tuple(self._figures(line)),
            said=(
                *(self._of_done(line) if done else ()),
                *self._needed(line),
                *self._of_offices(line),
                *self._entered_late(line),
                *self._other_whole(line),
                *self._asked(line),
                *self._noted(line),
            ),
            letters=tuple(self._letters(line)),
        )

    # Figures.

    def _figures(self, line: MeasureLine) -> Iterator[Line]:
        measure = line.measure
        if line.state is State.NOT_APPLICABLE:
            yield Line("", DASH)
            return
        is_one = len(line.periods) == 1
        for period in line.periods:
            yield self._period(line, period, "" if is_one else self._label(period.period))
        if not is_one and not measure.latest and line.n is not None:
            yield self.figure(measure, self.words("Total"), line.n, line.d, is_sum=True)

    def _period(self, line: MeasureLine, period: PeriodLine, label: str) -> Line:
        if period.n is None:
            return Line(label, self._not_in(period))
        # What several offices counted together is held against nothing: each has its own least value.
        below = period.met is False and line.offices is None
        found = self.figure(line.measure, label, period.n, period.d, below=below)
        if period.missing and len(self.sight.offices) > 1:
            missing = self.words.plural("{n} office not in", "{n} offices not in", period.missing)
            found = replace(found, text=f"{found.text}; {missing}", remark=missing)
        return found

    def figure(
        self,
        measure: PlannedMeasure,
        label: str,
        n: int,
        d: int | None,
        *,
        below: bool = False,
        is_sum: bool = False,
    ) -> Line:
        """n of d as it is read: a share with its percentage, a mean with what it is of, a count."""
        words = self.words
        if d == 0:
            # There was none, which is neither good nor bad.
            return Line(label, DASH, n, d, is_sum=is_sum)
        value: Fraction | Decimal | None = None
        if d is None:
            text = _unbarred(words(ALONE, n=f"{n:,}"))
        elif measure.kind is Kind.MEAN:
            value = Decimal(printed(measure.kind, Fraction(n, d)) or 0)
            text = words("{value} ({n} points of {d} answers)", value=value, n=f"{n:,}", d=f"{d:,}")
        else:
            text = _unbarred(words(OF, part=f"{n:,}", whole=f"{d:,}"))
            if measure.kind is Kind.SHARE:
                value = Fraction(n, d)
                text = words("{share}, {rate} %", share=text, rate=printed(measure.kind, value))
        said = ""
        if below and measure.least is not None:
            # Where there were fewer, all of them were asked for.
            few = measure.kind is Kind.COUNT and d is not None and d < measure.least
            least = Fraction(d or 0) if few else measure.least
            said = words("below {n}", n=plain_least(measure.kind, least))
            text = words("{figure}, {below}", figure=text, below=said)
        return Line(label, text, n, d, value, said, is_sum=is_sum)

    def _not_in(self, period: PeriodLine) -> str:
        """Of one office with whom it waits for; of several only that none is in."""
        waited = self._awaiting(period.reading)
        return waited or self._due(period.due_on)

    def _due(self, due_on: date) -> str:
        day = self._day(due_on)
        if self.sight.today > due_on:
            return self.words("not in, was due {day}", day=day)
        return self.words("not in, due {day}", day=day)

    def _awaiting(self, reading: Reading | None) -> str:
        if reading is None or reading.kind is not ReadingKind.AWAITING:
            return ""
        letter = self.letters.get(reading.seq, Letter())
        day = self._day(letter.entered_on) if letter.entered_on is not None else DASH
        return self.words("awaiting {whom} since {day}", whom=plain(letter.whom) or DASH, day=day)

    # What is done, or has to be.

    def _of_done(self, line: MeasureLine) -> Iterator[str]:
        words = self.words
        if line.state in (State.NOT_APPLICABLE, State.NOT_NEEDED) or line.offices is not None:
            return
        for period in line.periods:
            day = self._day(period.due_on)
            reading = period.reading
            if period.n is None:
                late = self.sight.today > period.due_on
                if late and line.state is State.MISSED:
                    yield words("not done, was due {day}", day=day)
                waited = self._awaiting(reading)
                if waited:
                    yield waited
                elif line.state is not State.MISSED and not (line.measure.when_missed and not line.causes):
                    yield self._due(period.due_on)
            elif reading is not None and reading.dated is not None and reading.dated > period.due_on:
                dated = self._day(reading.dated)
                yield words("done, dated {dated}; was due {day}", dated=dated, day=day)
            else:
                yield words("done")

    def _needed(self, line: MeasureLine) -> Iterator[str]:
        words, measure = self.words, line.measure
        if not measure.when_missed:
            return
        sections = ", ".join(
            dict.fromkeys(plain(self.by_key[key][0].no) for key in measure.when_missed if key in self.by_key)
        )
        if line.causes:
            causes = "; ".join(self._cause(key) for key in line.causes if key in self.by_key)
            yield words("demanded because: {causes}", causes=causes)
        elif line.state is State.NOT_NEEDED:
            yield words("not needed: nothing missed in {sections}", sections=sections)
        elif line.state is State.PENDING:
            yield words("demanded only if something is missed in {sections}", sections=sections)

    def _cause(self, key: str) -> str:
        """What was missed, and by how much; where others make up for the offices that missed it, which."""
        words = self.words
        activity, line = self.by_key[key]
        title = f"{plain(activity.no)} {title_of(line.measure, words)}"
        least = line.measure.least
        if line.measure.source and self.sight.closure is not None:
            least = self.sight.closure.target
        if line.state is not State.MISSED or line.n is None or not least:
            return f"{title}: {self._named(line.missed_at)}" if line.missed_at else title
        value = printed(line.measure.kind, value_of(line.measure, line.n, line.d)) or f"{line.n:,}"
        below = words("below {n}", n=plain_least(line.measure.kind, least))
        return words("{title} {value}, {below}", title=title, value=value, below=below)

    # Several offices.

    def _of_offices(self, line: MeasureLine) -> Iterator[str]:
        words = self.words
        if line.offices is not None and line.offices[1]:
            n, of = line.offices
            yield words("{n} of {of} offices", n=n, of=of)
        if line.missed_at:
            yield words("missed at: {offices}", offices=self._named(line.missed_at))
        if line.open_at:
            yield words("not in from: {offices}", offices=self._named(line.open_at))

    def _named(self, codes: Sequence[str]) -> str:
        names = ", ".join(self.names.of("office", code) for code in codes[:MOST])
        more = len(codes) - MOST
        return names if more <= 0 else self.words("{names} and {n} more", names=names, n=more)

    # Letters and notes.

    def _letters(self, line: MeasureLine) -> Iterator[str]:
        """Each letter once; of several, of which month each is."""
        found: dict[str, list[str]] = {}
        for period in line.periods:
            reading = period.reading
            if reading is None or reading.kind is not ReadingKind.FIGURE or period.n is None:
                continue
            letter = self.letters.get(reading.seq)
            if letter is None or not letter.source:
                continue
            day = self._day(reading.dated) if reading.dated is not None else DASH
            said = self.words("by letter {source} of {day}", source=plain(letter.source), day=day)
            found.setdefault(said, []).append(self._label(period.period))
        for said, labels in found.items():
            yield said if len(found) == 1 else f"{', '.join(labels)}: {said}"

    def _entered_late(self, line: MeasureLine) -> Iterator[str]:
        words = self.words
        late = []
        for period, letter in self._written(line):
            if letter.late_days and period.n is not None:
                said = words.plural("{n} day", "{n} days", letter.late_days)
                late.append(said if len(line.periods) == 1 else f"{self._label(period.period)} {said}")
        if late:
            yield words("entered late: {periods}", periods=", ".join(late))

    def _noted(self, line: MeasureLine) -> Iterator[str]:
        for period, letter in self._written(line):
            if letter.note:
                note = plain(masked_text(letter.note))
                yield note if len(line.periods) == 1 else f"{self._label(period.period)}: {note}"

    def _written(self, line: MeasureLine) -> Iterator[tuple[PeriodLine, Letter]]:
        for period in line.periods:
            if period.reading is not None and (letter := self.letters.get(period.reading.seq)) is not None:
                yield period, letter

    def _asked(self, line: MeasureLine) -> Iterator[str]:
        """How many of those drawn have answered, where a survey feeds the figure."""
        words, poll = self.words, line.survey
        if poll is None or not poll.drawn:
            return
        yield words("answered {n} of {drawn} drawn", n=f"{poll.answered:,}", drawn=f"{poll.drawn:,}")
        others = ((words("refused"), poll.refused), (words("not reached"), poll.not_reached))
        if some := ", ".join(f"{what} {n:,}" for what, n in others if n):
            yield some

    def _other_whole(self, line: MeasureLine) -> Iterator[str]:
        key = line.measure.same_whole
        if line.other_whole is None or key not in self.by_key or line.d is None:
            return
        activity, _ = self.by_key[key]
        yield self.words(
            "{n}; {no} counts {other}", n=f"{line.d:,}", no=plain(activity.no), other=f"{line.other_whole:,}"
        )

    # So far in the year.

    def _so_far(self, line: MeasureLine) -> Told:
        measure = line.measure
        title = title_of(measure, self.words)
        if measure.kind is Kind.DONE:
            return self._done_so_far(line, title)
        if line.year is None:
            return Told(measure.key, title, said=(self.words("not in"),))
        return Told(measure.key, title, lines=(self.figure(measure, "", *line.year),))

    def _done_so_far(self, line: MeasureLine, title: str) -> Told:
        """Period by period; of the only one what the quarter says."""
        measure, sight = line.measure, self.sight
        periods = so_far(measure.every, sight.quarter)
        if len(periods) == 1:
            return replace(self._told(line), letters=())
        offices = [one.code for one in sight.reporting()]
        lines = []
        for period in periods:
            done = sum(self._is_done(code, measure, period) for code in offices)
            text = self.words("not in")
            if done:
                text = (
                    self.words("done")
                    if len(offices) == 1
                    else self.words.plural("done at {n} office", "done at {n} offices", done)
                )
            lines.append(Line(self._label(period), text))
        return Told(measure.key, title, lines=tuple(lines))

    def _is_done(self, code: str, measure: PlannedMeasure, period: Period) -> bool:
        reading = self.sight.readings.get((code, measure.fed_by, period.key))
        if reading is None or reading.kind is not ReadingKind.FIGURE:
            return False
        until = self.sight.hand_in if measure.every is Every.YEAR else None
        return until is None or reading.dated is None or reading.dated <= until

    def _day(self, day: date) -> str:
        """In one piece: lines are broken around it."""
        return self.words.day(day).replace(" ", "\N{NO-BREAK SPACE}")

    def _label(self, period: Period) -> str:
        match period.every:
            case Every.MONTH:
                return self.words.short_month(period.key)
            case Every.QUARTER:
                return self.words.quarter(period.quarter)
        return str(self.words.year(period.first.year))


def _unbarred(text: str) -> str:
    return text.partition("|")[0]
