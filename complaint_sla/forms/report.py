"""Makes the document of a quarter: the facts, tables and sentences that a closure rate is handed in with.

What could mislead a reader's eye (control and direction marks in names) is made visible here, for all forms.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Bucket
from complaint_sla.core.figures import Counts, Figure
from complaint_sla.core.measures import Mark, percent, plain_percent
from complaint_sla.core.rulebook import Shelf, Titles
from complaint_sla.core.titles import Title
from complaint_sla.forms.document import (
    COUNTED,
    DASH,
    Bar,
    Bars,
    Column,
    Document,
    Fact,
    Gauge,
    Outlook,
    Result,
    Row,
    Share,
    Table,
)
from complaint_sla.forms.notes import how_it_was_counted
from complaint_sla.wording import N_, Words
from complaint_sla.wording.screening import plain

BUCKETS = {
    Bucket.ON_TIME: N_("Closed in time"),
    Bucket.LATE: N_("Closed late"),
    Bucket.OVERDUE: N_("Open, overdue"),
    Bucket.PENDING: N_("Open, not yet due"),
    Bucket.EXCLUDED: N_("Excluded"),
}
# Whether the target is safe. While the quarter runs, the bounds know of complaints that have come in, not of those that
# may: nothing is settled yet.
STILL_RUNNING = N_("Open: the quarter is still running.")
CERTAINTY = {
    None: N_("Open: it depends on what is not yet due, or may still be dated back."),
    True: N_("The target is safe, unless something closed is reopened."),
    False: N_("The target is lost, even if all that may still be dated back by hand is."),
}
NOT_THERE_THEN = N_("The office was founded after this figure was frozen: it has no complaints in it.")


def quarter_document(figure: Figure, shelf: Shelf, offices: Mapping[str, Title], words: Words) -> Document:
    """The report of `figure`. `shelf` has the books of its quarter; an office without title shows its code.

    Raises BadValue (`before-first-book`) if no book was in force in the quarter.
    """
    return _Writer(figure, shelf, offices, words).document()


class _Writer:
    """What every part of the report is made from."""

    def __init__(self, figure: Figure, shelf: Shelf, offices: Mapping[str, Title], words: Words) -> None:
        self.figure = figure
        self.zone = shelf.zone
        self.words = words
        self.in_force = tuple(shelf.within(figure.quarter))
        self.names = Names(shelf, figure.quarter, offices, words)

    def document(self) -> Document:
        figure, words, buckets = self.figure, self.words, self.buckets()
        groups = self.breakdown("group", words("By customer group"), words("Customer group"), figure.by_group)
        months = self.breakdown("month", words("By month of receipt"), words("Month"), figure.by_month)
        rules = self.breakdown("rule", words("By rule"), words("Rule"), figure.by_rule)
        # The worst first: there something can be done. Where there is nothing to judge, there is nothing to do.
        worst_first = tuple(
            sorted(
                figure.by_office, key=lambda row: (row[1].rate is None, row[1].rate or 0, -row[1].received)
            )
        )
        offices = self.breakdown("office", words("By office, worst first"), words("Office"), worst_first)
        categories = self.breakdown(
            "category", words("By type of complaint"), words("Type of complaint"), figure.by_category
        )
        channels = self.breakdown("channel", words("By channel"), words("Channel"), figure.by_channel)
        return Document(
            language=words.language,
            as_of=figure.as_of,
            heading=words("Complaint-handling report, {quarter}", quarter=words.quarter(figure.quarter)),
            is_final=figure.is_final,
            state=words("Final") if figure.is_final else words("Provisional"),
            facts=self.facts(),
            result=self.result(),
            outlook=self.outlook(),
            legend=tuple((row.key, str(row.cells[0])) for row in buckets.rows if not row.is_total),
            gauge=self.gauge(),
            bars=Bars(
                words("Complaints by customer group"),
                tuple(
                    Bar(self.title("group", key), counts, share_in_time(counts, words))
                    for key, counts in figure.by_group
                ),
            ),
            buckets=buckets,
            breakdowns=(months, groups, rules, offices, categories, channels),
            counted_title=words("In the rate"),
            summary_title=words("Summary"),
            charts_title=words("Charts"),
            tables_title=words("Tables"),
            total=self.row("", words("Total"), figure.counts, is_total=True),
            notes_title=words("How it was counted"),
            notes=how_it_was_counted(figure, self.in_force, words),
            signatures=(words("Prepared by"), words("Reviewed by"), words("Approved by")),
        )

    def facts(self) -> tuple[Fact, ...]:
        figure, words = self.figure, self.words
        final_at = words.moment(figure.final_at, self.zone)
        state = (
            words("Final since {moment}", moment=final_at)
            if figure.is_final
            else words("Provisional; final from {moment}", moment=final_at)
        )
        first, last = figure.quarter.first_day, figure.quarter.last_day
        books = [plain(book.title.of(words.language)) for book, _ in self.in_force]
        return (
            Fact("office", words("Office"), self.scope()),
            Fact(
                "period",
                words("Period of receipt"),
                words("{first} to {last}", first=words.long_day(first), last=words.long_day(last)),
            ),
            Fact("book", words("Rule book"), "; ".join(books)),
            Fact("state", words("State"), state),
            Fact("as_of", words("As of"), words.moment(figure.as_of, self.zone)),
        )

    def scope(self) -> str:
        if len(self.figure.by_office) == 1:
            return self.title("office", self.figure.by_office[0][0])
        if self.figure.office is None:
            return self.words("All offices")
        return self.words(
            "{office} and all offices below it", office=self.title("office", self.figure.office)
        )

    def result(self) -> Result:
        figure, words = self.figure, self.words
        counts, met = figure.counts, figure.met
        if met is None:
            title = words("Not stated")
            text = (
                words("No complaint of the quarter can be judged yet: neither met nor missed.")
                if counts.received
                else words("No complaints: neither met nor missed.")
            )
        elif met:
            title, text = words("According to plan"), words("The target is met.")
        else:
            title, text = words("Not according to plan"), words("The target is missed.")
        return Result(
            heading=words("Result of the quarter"),
            title=words("Closed in time"),
            share=share_in_time(counts, self.words),
            target_title=words("Target"),
            target=words("Not less than {n} percent", n=plain_percent(figure.target)),
            mark=Mark.of(met),
            mark_title=title,
            mark_text=" ".join(
                [
                    text if figure.is_final or met is None else words("{text} Provisional.", text=text),
                    *margin(figure, words),
                ]
            ),
        )

    def outlook(self) -> Outlook | None:
        figure, words, counts = self.figure, self.words, self.figure.counts
        if figure.is_final and not counts.redeemable:
            return None
        whole = counts.denominator + counts.pending
        return Outlook(
            title=words("What it can still become"),
            worst_title=words("If every open one not yet due is closed late"),
            worst=share_of(counts.on_time, whole, self.words),
            best_title=words(
                "If every open one not yet due is closed in time, and all that may still be dated back is"
            )
            if counts.redeemable
            else words("If every open one not yet due is closed in time"),
            best=share_of(counts.on_time + counts.pending + counts.redeemable, whole, self.words),
            certain=figure.certain,
            text=certainty(figure, words),
        )

    def gauge(self) -> Gauge:
        counts = self.figure.counts
        return Gauge(
            title=self.words("Closed in time, against the target"),
            rate=counts.rate,
            worst=counts.worst if counts.pending or counts.redeemable else None,
            best=counts.best if counts.pending or counts.redeemable else None,
            target=self.figure.target,
            target_text=self.words("Target {n}", n=plain_percent(self.figure.target)),
        )

    def buckets(self) -> Table:
        words, counts = self.words, self.figure.counts
        meanings = {
            Bucket.ON_TIME: words("closed before the deadline passed"),
            Bucket.LATE: words("ended, but a deadline had passed"),
            Bucket.OVERDUE: words("open, and a deadline has passed"),
            Bucket.PENDING: words("not in the rate yet"),
            Bucket.EXCLUDED: words("withdrawn or duplicate before the deadline"),
        }
        total = Row("received", (words("Total received"), counts.received or None, ""), is_total=True)
        return Table(
            "bucket",
            words("Where each complaint counts"),
            (
                Column("title", words("Complaints"), "left"),
                Column("count", words("Number"), "right"),
                Column("meaning", words("Meaning"), "left"),
            ),
            (
                *(
                    Row(
                        one.value,
                        (words(BUCKETS[one]), counts.of_bucket(one) if counts.received else None, meaning),
                    )
                    for one, meaning in meanings.items()
                ),
                total,
            ),
        )

    def breakdown(self, key: str, title: str, of: str, parts: tuple[tuple[str, Counts], ...]) -> Table:
        # Of the many kinds of complaints and channels most have none in a quarter.
        lists_used = key in ("category", "channel")
        rows = [self.row(part, self.title(key, part), counts) for part, counts in parts]
        return Table(
            key,
            title,
            self.columns(of),
            (*rows, self.row("", self.words("Total"), self.figure.counts, is_total=True)),
            is_repetition=(key == "office" and len(rows) < 2)
            or (lists_used and not self.figure.counts.received),
            lists_used=lists_used,
        )

    def columns(self, of: str) -> tuple[Column, ...]:
        words = self.words
        return (
            Column("title", of, "left"),
            Column("received", words("All received"), "right"),
            Column("on_time", words("In time"), "right"),
            Column("late", words("Late"), "right"),
            Column("overdue", words("Overdue"), "right"),
            Column("pending", words("Not yet due"), "right"),
            Column("excluded", words("Excluded"), "right"),
            Column("share", words("Result"), "right"),
            Column("rate", words("Percent"), "right"),
        )

    def row(self, key: str, title: str, counts: Counts, *, is_total: bool = False) -> Row:
        numbers = tuple(getattr(counts, name) for name in COUNTED)
        share = share_in_time(counts, self.words)
        # A row of zeros means "no complaints", which the plan's form writes as a dash.
        cells = numbers if counts.received else (None,) * len(numbers)
        return Row(key, (title, *cells, share.of, counts.rate), counts, is_total)

    def title(self, kind: str, key: str) -> str:
        if kind == "month":
            return self.words.month(key)
        title = self.names.of(kind, key)
        # A rule with its days, unless the books of the quarter give different ones.
        days = {rule.days for book, _ in self.in_force for rule in book.rules if rule.key == key}
        if kind != "rule" or len(days) != 1:
            return title
        within = self.words.plural("within {n} day", "within {n} days", days.pop())
        return self.words("{rule}: {within}", rule=title, within=within)


class Names:
    """What keys and codes are called in the report of a quarter: by its newest book before all others."""

    def __init__(self, shelf: Shelf, quarter: Quarter, offices: Mapping[str, Title], words: Words) -> None:
        self._titles = Titles(shelf, *(book for book, _ in reversed(shelf.within(quarter))))
        self._offices = offices
        self._language = words.language
        self._known: dict[tuple[str, str], str] = {}

    def of(self, kind: str, key: str) -> str:
        """The title of an office, or of what a book names."""
        if (kind, key) not in self._known:
            title = (
                self._offices.get(key, Title(key, key)) if kind == "office" else self._titles.of(kind, key)
            )
            self._known[kind, key] = plain(title.of(self._language))
        return self._known[kind, key]


def share_of(part: int, whole: int, words: Words) -> Share:
    if not whole:
        return Share(None, None, DASH)
    of = words("{part} of {whole}", part=f"{part:,}", whole=f"{whole:,}")
    rate = percent(Fraction(part, whole))
    return Share(of, rate, words("{share}, {rate} %", share=of, rate=rate))


def share_in_time(counts: Counts, words: Words) -> Share:
    return share_of(counts.numerator, counts.denominator, words)


def margin(figure: Figure, words: Words) -> Iterator[str]:
    """By how many cases the target is missed or safe, as a sentence; none for 0 of 0, or where it is just met."""
    by = figure.margin
    if by is not None and by < 0:
        yield words("{n} more in time would have met it.", n=-by)
    elif by:
        yield words("It would be met with {n} fewer in time.", n=by)


def certainty(figure: Figure, words: Words) -> str:
    """Whether the target can still be reached, or missed."""
    return words(CERTAINTY[figure.certain] if figure.has_ended else STILL_RUNNING)
