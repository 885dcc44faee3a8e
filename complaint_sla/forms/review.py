"""What a reader asks next, put into the document of a quarter: tables and charts beside its figure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.figures import Counts, Part
from complaint_sla.core.frozen import Change, Restated
from complaint_sla.core.review import AgeBand, Concern, Course, Notable, Pace, PastQuarter, Review
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import (
    DASH,
    AgeBar,
    AgeBars,
    Cases,
    Cell,
    Column,
    Document,
    Row,
    Table,
    Trend,
    TrendPoint,
)
from complaint_sla.forms.report import BUCKETS, Names, share_in_time
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain

# Beyond so many lines nobody reads a list on paper; the sheet of cases has them all.
MOST_LINES = 60
# And so many are read at the head of a page.
MOST_RESTATED = 8

CONCERNS = {
    Concern.RECLASSIFIED: N_("Late, and reclassified"),
    Concern.MOVED_OUT: N_("Given more time on the last days"),
    Concern.REOPENED: N_("Reopened"),
    Concern.ENTERED_LATE: N_("Entered late"),
    Concern.DATED_BACK: N_("Ended before the deadline, recorded after it"),
    Concern.LAST_MINUTE: N_("Withdrawn on the last days"),
    Concern.HANDED_ON: N_("Transferred on the last days"),
    Concern.OF_ANOTHER: N_("Duplicate of another customer's"),
}
CAUSES = {
    "logged": N_("entered since"),
    "closed": N_("closed"),
    "withdrawn": N_("withdrawn"),
    "duplicate": N_("duplicate"),
    "reopened": N_("reopened"),
    "reclassified": N_("reclassified"),
    "corrected": N_("corrected"),
    "transferred": N_("transferred"),
}


class Reviewer:
    """Puts a review into words; an office without title shows its code."""

    def __init__(self, review: Review, shelf: Shelf, offices: Mapping[str, Title], words: Words) -> None:
        self.review = review
        self.zone = shelf.zone
        self.names = Names(shelf, review.figure.quarter, offices, words)
        self.words = words

    def added(self, document: Document) -> Document:
        """The document of the same quarter and office, with its review."""
        review, words = self.review, self.words
        tables = (self.register(), self.pace(), self.ages(), self.quarters(), self.notable())
        return replace(
            document,
            further=(*document.further, *(table for table in tables if table is not None)),
            trend=Trend(
                words("Closed in time, by quarter"),
                tuple(
                    TrendPoint(
                        f"{past.quarter.number}/{words.year(past.quarter.year)}",
                        past.counts,
                        past.target,
                        past.is_final,
                    )
                    for past in review.quarters
                ),
                words("Quarter"),
                words("Closed in time, %"),
                words("Target, %"),
                words("Provisional"),
            )
            if len(review.quarters) > 1
            else None,
            ages=AgeBars(
                words("What is open today, by age"),
                tuple(AgeBar(self.age(band), band.count - band.late, band.late) for band in review.ages),
                words("Days since receipt"),
                words("Not yet due"),
                words("Overdue"),
            )
            if any(band.count for band in review.ages)
            else None,
        )

    def register(self) -> Table:
        words, register = self.words, self.review.register
        lines = (
            Row("brought_forward", (words("Brought forward"), register.brought_forward)),
            Row("received", (words("Received"), register.received)),
            Row("reopened", (words("Reopened"), register.reopened)),
            Row("closed", (words("Closed"), -register.closed)),
            Row("withdrawn", (words("Withdrawn"), -register.withdrawn)),
            Row("duplicate", (words("Duplicate of another"), -register.duplicate)),
            Row("carried_forward", (words("Carried forward"), register.carried_forward), is_total=True),
        )
        return Table(
            "register",
            words("Register of the quarter")
            if register.balances
            else words("Register of the quarter: IT DOES NOT BALANCE, run `complaint-sla audit`"),
            (Column("title", words("Complaints"), "left"), Column("count", words("Number"), "right")),
            lines,
        )

    def pace(self) -> Table | None:
        words, review = self.words, self.review
        lines = (
            ("answering", words("Answered"), review.answering),
            ("closing", words("Closed"), review.closing),
        )
        if not any(pace.count for _, _, pace in lines):
            return None
        return Table(
            "pace",
            words("How long it took, in days from receipt"),
            (
                Column("title", words("Complaints"), "left"),
                Column("count", words("Number"), "right"),
                Column("median", words("Half of them within"), "right"),
                Column("ninetieth", words("Nine of ten within"), "right"),
                Column("half", words("≤ 50 % of the time"), "right"),
                Column("whole", words("≤ 100 %"), "right"),
                Column("double", words("≤ 200 %"), "right"),
            ),
            tuple(Row(key, (title, *_pace_cells(pace))) for key, title, pace in lines),
        )

    def ages(self) -> Table | None:
        words, bands = self.words, self.review.ages
        count, late = (
            sum(values) for values in zip(*((band.count, band.late) for band in bands), strict=True)
        )
        if not count:
            return None
        return Table(
            "age",
            words("What is open today, by age"),
            (
                Column("title", words("Days since receipt"), "left"),
                Column("count", words("Open"), "right"),
                Column("late", words("Overdue"), "right"),
            ),
            (
                *(Row(self.age(band), (self.age(band), band.count, band.late)) for band in bands),
                Row("", (words("Total"), count, late), is_total=True),
            ),
        )

    def age(self, band: AgeBand) -> str:
        if band.up_to is None:
            return self.words("more than {n}", n=band.over)
        return self.words("up to {n}", n=band.up_to)

    def quarters(self) -> Table:
        words, review = self.words, self.review
        year = review.figure.quarter.year
        so_far = words("Year {year} so far", year=words.year(year))
        return Table(
            "quarters",
            words("The last quarters, and the year so far"),
            (
                Column("title", words("Quarter"), "left"),
                Column("received", words("All received"), "right"),
                Column("share", words("In time"), "right"),
                Column("rate", words("Percent"), "right"),
                Column("target", words("Target"), "right"),
                Column("state", words("State"), "left"),
            ),
            (
                *(self.past(one) for one in review.quarters),
                Row(str(year), (so_far, *self.figures(review.year), None, ""), is_total=True),
            ),
        )

    def past(self, past: PastQuarter) -> Row:
        title = self.words.quarter(past.quarter)
        return Row(str(past.quarter), (title, *self.figures(past.counts), past.target, self.state(past)))

    def figures(self, counts: Counts) -> tuple[Cell, Cell, Cell]:
        share = share_in_time(counts, self.words)
        return counts.received or None, share.of, counts.rate

    def state(self, past: PastQuarter) -> str:
        words = self.words
        if past.version is not None:
            return words("frozen, version {n}", n=past.version)
        return words("final") if past.is_final else words("provisional")

    def notable(self) -> Table | None:
        """What keeps the figure honest."""
        words, notable = self.words, self.review.notable
        if not notable:
            return None
        return Table(
            "notable",
            words("To look at before this figure is handed in"),
            (
                Column("concern", words("Why"), "left"),
                Column("number", words("No."), "left"),
                Column("office", words("Office"), "left"),
                Column("at", words("Happened"), "left"),
                Column("recorded_at", words("Recorded"), "left"),
            ),
            _cut([self.notable_row(one) for one in notable], words),
        )

    def notable_row(self, one: Notable) -> Row:
        words = self.words
        return Row(
            f"{one.concern} {one.number}",
            (
                words(CONCERNS[one.concern]),
                one.number,
                self.names.of("office", one.office),
                words.moment(one.at, self.zone),
                words.moment(one.recorded_at, self.zone),
            ),
        )


def _pace_cells(pace: Pace) -> tuple[Cell, ...]:
    shares = (Fraction(within, pace.count) if pace.count else None for within in pace.within)
    return (pace.count or None, _days(pace.median), _days(pace.ninetieth), *shares)


def _days(span: timedelta | None) -> Decimal | None:
    """Days with one decimal, cut off."""
    if span is None:
        return None
    days = Decimal(span // timedelta(microseconds=1)) / Decimal(86_400_000_000)
    return days.quantize(Decimal("0.1"), ROUND_DOWN)


def case_sheet(
    cases: Sequence[Course], quarter: Quarter, shelf: Shelf, offices: Mapping[str, Title], words: Words
) -> Cases:
    """Every complaint of the quarter, for forms that people sort and filter. Days and moments are local."""
    names = Names(shelf, quarter, offices, words)
    return Cases(
        words("Cases"),
        (
            Column("number", words("No."), "left"),
            Column("office", words("Office"), "left"),
            Column("group", words("Customer group"), "left"),
            Column("urgent", words("Urgent"), "left"),
            Column("rule", words("Rule"), "left"),
            Column("category", words("Type of complaint"), "left"),
            Column("channel", words("Channel"), "left"),
            Column("received_at", words("Received"), "left"),
            Column("due_on", words("Due"), "left"),
            Column("ended_at", words("Ended"), "left"),
            Column("days", words("Days taken"), "right"),
            Column("bucket", words("Counts as"), "left"),
        ),
        [
            (
                case.number,
                names.of("office", case.part.office),
                names.of("group", case.part.group),
                words("yes") if case.urgent else None,
                names.of("rule", case.part.rule),
                names.of("category", case.part.category),
                names.of("channel", case.part.channel),
                _local(case.received_at, shelf.zone),
                case.due_on,
                _local(case.closed_at, shelf.zone) if case.closed_at else None,
                _days(case.closed_at - case.received_at) if case.closed_at else None,
                words(BUCKETS[case.part.bucket]),
            )
            for case in cases
        ],
    )


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    """A moment as sheets hold it: what clocks in the zone show, to the minute, and no zone."""
    return moment.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def changes_table(changes: Sequence[Change], title: str, words: Words) -> Table:
    """What counts otherwise than in a frozen figure, and why."""
    rows = [
        Row(
            change.number,
            (
                change.number,
                _counted(change.was, words),
                _counted(change.now, words),
                ", ".join(words(CAUSES[kind]) for kind in change.why if kind in CAUSES),
            ),
        )
        for change in changes
    ]
    return Table(
        "changes",
        title,
        (
            Column("number", words("No."), "left"),
            Column("was", words("Counted then"), "left"),
            Column("now", words("Counts now"), "left"),
            Column("why", words("Why"), "left"),
        ),
        _cut(rows, words),
    )


def restated_text(restated: Sequence[Restated], zone: ZoneInfo, words: Words) -> str:
    """What is otherwise than in a frozen figure beside its complaints: the target first, of many offices some."""
    lines = [_restated_line(one, zone, words) for one in restated]
    if len(lines) > MOST_RESTATED:
        lines[MOST_RESTATED:] = [words("… and {n} more", n=len(lines) - MOST_RESTATED)]
    return "; ".join(lines)


def _restated_line(one: Restated, zone: ZoneInfo, words: Words) -> str:
    was, now = (plain(value) if value is not None else DASH for value in (one.was, one.now))
    match one.name:
        case "target":
            return words("Target: {was} → {now}", was=was, now=now)
        case "books":
            return words("Rule books: {was} → {now}", was=was, now=now)
        case "final_at":
            was, now = (words.moment(datetime.fromisoformat(value), zone) for value in (was, now))
            return words("Final from: {was} → {now}", was=was, now=now)
    return words("Office {code}: {was} → {now}", code=plain(one.code or ""), was=was, now=now)


def _cut(rows: Sequence[Row], words: Words) -> tuple[Row, ...]:
    """The first of many rows, and how many more there are."""
    if len(rows) <= MOST_LINES:
        return tuple(rows)
    more = words("… and {n} more", n=len(rows) - MOST_LINES)
    return (*rows[:MOST_LINES], Row("", (more, *(None for _ in rows[0].cells[1:]))))


def _counted(part: Part | None, words: Words) -> str | None:
    return None if part is None else f"{words(BUCKETS[part.bucket])} ({plain(part.office)})"
