"""The card of the plan on a screen: activities with their marks, below them their measures, aligned by cells."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress

from complaint_sla.cli.terminal import Terminal
from complaint_sla.core.calendars import local_day
from complaint_sla.core.chain import UNREADABLE
from complaint_sla.core.masking import masked_text
from complaint_sla.core.measures import Kind, Mark
from complaint_sla.core.readings import ReadingKind
from complaint_sla.core.scorecard import ActivityLine, MeasureLine, PeriodLine, State
from complaint_sla.wording import plans as wording
from complaint_sla.wording import surveys
from complaint_sla.wording.nearest import listed
from complaint_sla.wording.screening import plain
from complaint_sla.wording.width import cells_wide, cut, padded, wrapped
from complaint_sla.work.chronicle import EntryView
from complaint_sla.work.desk import Desk
from complaint_sla.work.plans.card import Card

_STYLES = {Mark.ACCORDING: "green", Mark.NOT_ACCORDING: "bold red", Mark.NOT_STATED: "yellow"}
_STATE_STYLES = {State.MET: "green", State.MISSED: "bold red", State.MISSING: "red"}
# So many entries of a measure's history.
MOST_ON_SCREEN = 50
_INDENT = "    "
# Between columns.
_GAP = "  "


def drawn(terminal: Terminal, desk: Desk, found: Card) -> list[str]:
    drawing = _Drawing(terminal, desk, found)
    lines = [*drawing.head()]
    for one in found.activities:
        lines += ["", *drawing.activity(one)]
    if found.history is not None:
        lines += ["", *drawing.history(found.history)]
    return [line.rstrip() for line in lines]


class _Drawing:
    def __init__(self, terminal: Terminal, desk: Desk, found: Card) -> None:
        self._words, self._screen = terminal.words, terminal.screen
        self._desk, self._card = desk, found
        every = [line for one in found.activities for line in one.measures]
        self._figures = {id(line): self._figure(line) for line in every}
        self._targets = {id(line): wording.target(self._words, line.measure) for line in every}
        self._widths = [
            max(map(cells_wide, texts.values()), default=0) for texts in (self._figures, self._targets)
        ]
        months = [wording.period(self._words, one.period.key) for line in every for one in line.periods]
        self._months = max(map(cells_wide, months), default=0)

    def _figure(self, line: MeasureLine) -> str:
        if line.measure.kind is Kind.DONE and line.offices is not None:
            # How many offices have done it is said beside it.
            return ""
        return wording.figure(self._words, line.measure, line.n, line.d)

    def head(self) -> Iterator[str]:
        words, found = self._words, self._card
        yield self._screen.painted(
            cut(plain(found.plan.title.of(words.language)), self._screen.width), "bold"
        )
        where = words("all offices")
        if found.office is not None and found.title is not None:
            where = f"{found.office} {plain(found.title.of(words.language))}"
        if found.frozen is not None and found.frozen.voided_at is not None:
            state = words("void: a clock that ran ahead had frozen it before its time")
        elif found.version is not None:
            state = words("handed in, version {version}", version=found.version)
        elif found.is_final:
            state = words("Final")
        else:
            state = words(
                "provisional until {day}", day=words.day(local_day(found.final_at, self._desk.zone))
            )
        yield from self._wrapped(f"{words.quarter(found.quarter)} · {where} · {state}")

    def activity(self, one: ActivityLine) -> Iterator[str]:
        """Its title in as many lines as it takes beside the mark, and its measures."""
        words, screen = self._words, self._screen
        mark = words(wording.MARKS[one.mark])
        title = f"{plain(one.activity.no)} {plain(one.activity.title.of(words.language))}"
        room = screen.width - cells_wide(mark) - len(_GAP)
        yield (
            screen.painted(padded(cut(title, room), room), "bold")
            + _GAP
            + screen.painted(mark, _STYLES[one.mark])
        )
        if {line.state for line in one.measures} == {State.NOT_APPLICABLE} and one.activity.otherwise:
            yield from self._wrapped(plain(one.activity.otherwise.of(words.language)), "  ")
            return
        for line in one.measures:
            yield from self._measure(line)

    def _measure(self, line: MeasureLine) -> Iterator[str]:
        words, screen, measure = self._words, self._screen, line.measure
        yield cut(f"  {measure.key}{_GAP}{plain(measure.title.of(words.language))}", screen.width)
        cells = _INDENT + _GAP.join(
            padded(texts[id(line)], width)
            for texts, width in zip((self._figures, self._targets), self._widths, strict=True)
        )
        state = self._state(line)
        style = _STATE_STYLES.get(line.state, "")
        if cells_wide(cells) + len(_GAP) + cells_wide(state) <= screen.width:
            yield cells + _GAP + screen.painted(state, style)
        else:
            yield cells
            yield from (screen.painted(part, style) for part in self._wrapped(state, _INDENT))
        for said in self._beside(line):
            yield from self._wrapped(said, _INDENT)
        several = len(line.periods) > 1
        if several and any(one.n is not None or one.reading is not None for one in line.periods):
            for one in line.periods:
                yield from self._period(line, one)
        elif not several:
            for one in line.periods:
                yield from self._wrapped(self._letter(one), _INDENT)

    def _state(self, line: MeasureLine) -> str:
        words = self._words
        if line.offices is not None and line.state is not State.NOT_APPLICABLE:
            of = words("{n} of {of} offices", n=line.offices[0], of=line.offices[1])
            return f"{of} · {words(wording.STATES[line.state])}"
        if line.state is State.AWAITING and len(line.periods) == 1:
            return self._awaiting(line.periods[0]) or words(wording.STATES[line.state])
        if line.state is State.PENDING and line.due_on >= self._desk.today:
            return words("due {day}", day=words.day(line.due_on))
        if line.state is State.MISSED and line.measure.kind is Kind.DONE:
            return words("not done by {day}", day=words.day(line.due_on))
        if line.state is State.MISSING:
            first = min((one.due_on for one in line.periods if one.missing), default=line.due_on)
            return words("overdue since {day}", day=words.day(first))
        return wording.state(words, line.state, line.margin)

    def _beside(self, line: MeasureLine) -> Iterator[str]:
        """What a reader of the figure has to know."""
        words = self._words
        if line.measure.same_as is not None:
            yield words("entered once, as {measure}", measure=line.measure.same_as)
        if line.survey is not None:
            yield surveys.told(words, line.survey)
        if line.causes:
            yield words("demanded because of: {causes}", causes=", ".join(line.causes))
        if line.missed_at:
            yield words("missed at: {offices}", offices=listed(words, line.missed_at, many=True))
        if line.open_at:
            yield words("not in from: {offices}", offices=listed(words, line.open_at, many=True))
        if line.other_whole is not None:
            d = "–" if line.d is None else f"{line.d:,}"
            no = self._no_of(line.measure.same_whole or "")
            yield words("note: {d} here; {no} counts {other}", d=d, no=no, other=f"{line.other_whole:,}")
        if line.year is not None and self._card.quarter.number > 1:
            year = wording.figure(words, line.measure, *line.year)
            yield words("since January: {figure}", figure=year)

    def _period(self, line: MeasureLine, one: PeriodLine) -> Iterator[str]:
        words = self._words
        month = padded(wording.period(words, one.period.key), self._months)
        if one.n is None:
            said = self._awaiting(one) or words.time_left(one.due_on, self._desk.today)
            yield from self._wrapped(f"{month}{_GAP}{said}", _INDENT)
            return
        figure = wording.figure(words, line.measure, one.n, one.d)
        parts = [figure]
        if one.met is False:
            parts.append(words("below the target"))
        if one.missing and not one.reading and len(self._card.written) == 0 and line.open_at:
            parts.append(words.plural("{n} office not in", "{n} offices not in", one.missing))
        yield from self._wrapped(f"{month}{_GAP}{' · '.join(parts)}", _INDENT)
        yield from self._wrapped(self._letter(one), _INDENT + " " * (self._months + len(_GAP)))

    def _letter(self, one: PeriodLine) -> str:
        """In which letter it stands, and how it came in."""
        words = self._words
        written = self._card.written.get(one.reading.seq) if one.reading is not None else None
        if one.reading is None or written is None or one.reading.kind is not ReadingKind.FIGURE:
            return ""
        parts = []
        # What a hand has made unreadable is named by the audit.
        with suppress(*UNREADABLE):
            parts.append(wording.letter(words, written.entry))
        if written.late_days:
            parts.append(words.plural("entered {n} day late", "entered {n} days late", written.late_days))
        if written.corrections:
            parts.append(words.plural("corrected once", "corrected {n} times", written.corrections))
        return " · ".join(parts)

    def _awaiting(self, one: PeriodLine) -> str:
        written = self._card.written.get(one.reading.seq) if one.reading is not None else None
        if written is None or one.reading is None or one.reading.kind is not ReadingKind.AWAITING:
            return ""
        whom = (written.entry.said or {}).get("whom")
        since = local_day(written.entry.happened_at, self._desk.zone)
        return wording.awaiting(self._words, str(whom) if whom is not None else None, since)

    def _no_of(self, key: str) -> str:
        return next((plain(activity.no) for activity, one in self._card.plan.measures if one.key == key), key)

    def history(self, entries: Sequence[EntryView]) -> Iterator[str]:
        """All that was entered, oldest first: when, by whom, what, and the remark made on it."""
        words = self._words
        yield self._screen.painted(words("Entered"), "bold")
        if not entries:
            yield "  " + words("Nothing.")
        # Of a region there are thousands: whoever sits at a screen sees the last ones.
        shown = entries if self._screen.height is None else entries[-MOST_ON_SCREEN:]
        if len(shown) < len(entries):
            yield "  " + words("{n} before these: --json", n=len(entries) - len(shown))
        for one in shown:
            at = words.moment(one.happened_at, self._desk.zone)
            said = one.said or {}
            office = f"{plain(str(said.get('office')))} · " if self._card.office != said.get("office") else ""
            yield from self._wrapped(f"{at}{_GAP}{office}{plain(one.actor)}", "  ")
            for measured in (
                line.measure for activity in self._card.activities for line in activity.measures
            ):
                told = f"{self._period_of(said)}{_GAP}{wording.entry(words, measured, one)}"
                yield from self._wrapped(told, _INDENT)
            if "note" in one.words:
                yield from self._wrapped(plain(masked_text(str(one.words["note"]))), _INDENT)

    def _period_of(self, said: Mapping[str, object]) -> str:
        with suppress(*UNREADABLE):
            return wording.period(self._words, str(said["period"]))
        return wording.NONE

    def _wrapped(self, text: str, indent: str = "") -> list[str]:
        room = self._screen.width - cells_wide(indent)
        if not text:
            return []
        return [indent + part for part in ([text] if cells_wide(text) <= room else wrapped(text, room))]
