"""The rule book as a value: terms, rules, stages, the target, and which book governs a day.

`bookfile` makes one from text. A book never changes; a complaint pins the one that governs its day of
receipt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from fractions import Fraction
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import Counting, Quarter, local_day, midnight
from complaint_sla.core.errors import BadValue, BookRefused
from complaint_sla.core.plan import Plan, plan_of
from complaint_sla.core.titles import Title

# Where a book does not say how many days back a closing may be dated.
DATED_BACK_DAYS = 3


@dataclass(frozen=True)
class Term:
    """A customer group, a channel or a category: a key that is stored, a title that is read, what everybody says for it."""

    key: str
    title: Title
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """What a deadline depends on, and nothing else. `received_at` is an aware moment."""

    received_at: datetime
    group: str
    urgent: bool
    channel: str
    category: str

    def columns(self) -> dict[str, object]:
        """The columns of a complaint that hold them, and the keys under which its first event has them."""
        return dict(vars(self))

    def classified(self) -> dict[str, object]:
        """Those of them that can be given otherwise."""
        return {
            "group": self.group,
            "urgent": self.urgent,
            "channel": self.channel,
            "category": self.category,
        }


@dataclass(frozen=True)
class Rule:
    """`days` for every complaint that all named conditions fit; a condition that is not named fits all."""

    key: str
    title: Title
    days: int
    groups: frozenset[str] | None = None
    channels: frozenset[str] | None = None
    categories: frozenset[str] | None = None
    urgent: bool | None = None

    def fits(self, group: str, urgent: bool, channel: str, category: str) -> bool:
        return (
            (self.groups is None or group in self.groups)
            and (self.urgent is None or urgent is self.urgent)
            and (self.channels is None or channel in self.channels)
            and (self.categories is None or category in self.categories)
        )


@dataclass(frozen=True)
class Stage:
    """A moment at which somebody must hear of a complaint that is still open.

    `offset` counts days from the last good day, as the rule counts them (negative: before); None means on
    receipt. `at` is the local time of day. `repeat_every` repeats it in calendar days. `roles` are `owner`,
    `supervisor`, `manager`, each with up to five `parent:` before it. `level` is the level of escalation,
    None if it is none.
    """

    key: str
    title: Title
    roles: tuple[str, ...]
    offset: int | None
    at: time = time(8)
    repeat_every: int | None = None
    rules: frozenset[str] | None = None
    from_days: int = 0
    level: int | None = None

    def serves(self, rule: str, days: int) -> bool:
        return days >= self.from_days and (self.rules is None or rule in self.rules)


# Beside the stages of the books: the complaint has come from somebody else. No book has a stage of this key.
HANDED_OVER = Stage("handed-over", Title("รับเรื่องต่อ", "Handed over"), ("owner", "supervisor"), offset=0)


@dataclass(frozen=True)
class Book:
    """A rule book in force from the local day `effective_from`.

    `target` is the share to be closed in time (0 to 1). A closing may be dated back by `dated_back_days`, counted as
    the book counts.
    """

    id: str
    title: Title
    effective_from: date
    zone: ZoneInfo
    counting: Counting
    target: Fraction
    groups: tuple[Term, ...]
    channels: tuple[Term, ...]
    categories: tuple[Term, ...]
    rules: tuple[Rule, ...]
    stages: tuple[Stage, ...]
    digest: str
    text: str
    dated_back_days: int = DATED_BACK_DAYS

    def rule_for(self, facts: Facts) -> Rule:
        """The first rule that fits. Raises BadValue for a key that the book doesn't know."""
        for kind in ("group", "channel", "category"):
            key, known = getattr(facts, kind), [term.key for term in self.terms(kind)]
            if key not in known:
                raise BadValue(f"unknown-{kind}", value=key, known=known, book=self.id)
        for rule in self.rules:
            if rule.fits(facts.group, facts.urgent, facts.channel, facts.category):
                return rule
        # Loading proves that it can't happen.
        raise BookRefused("no-rule-fits", book=self.id, group=facts.group)

    def terms(self, kind: str) -> tuple[Term, ...]:
        """Its groups, channels or categories."""
        return {"group": self.groups, "channel": self.channels, "category": self.categories}[kind]

    def rule(self, key: str) -> Rule:
        return next(rule for rule in self.rules if rule.key == key)

    def stage(self, key: str) -> Stage:
        """Raises BookRefused (`no-such-stage`)."""
        for stage in (*self.stages, HANDED_OVER):
            if stage.key == key:
                return stage
        raise BookRefused("no-such-stage", book=self.id, stage=key)

    def dated_back_to(self, now: datetime) -> datetime:
        """The earliest moment (UTC) to which a closing may be dated back at `now`."""
        today = local_day(now, self.zone)
        try:
            day = self.counting.shift(today, -self.dated_back_days)
        except BookRefused:
            # Beyond the calendar nobody knows which days are working ones. So it is stricter, never looser.
            day = today - timedelta(days=self.dated_back_days)
        return midnight(day, self.zone)

    def titled(self, kind: str, key: str) -> Title | None:
        """The title of a group, channel, category, rule or stage; None where the book has none of that key."""
        others: Mapping[str, Iterable[Rule | Stage]] = {
            "rule": self.rules,
            "stage": (*self.stages, HANDED_OVER),
        }
        of_kind: Iterable[Term | Rule | Stage] = others[kind] if kind in others else self.terms(kind)
        return next((one.title for one in of_kind if one.key == key), None)


class RuleKind(StrEnum):
    """What can be published: a rule book, an action plan, the settings of the service."""

    BOOK = "book"
    PLAN = "plan"
    SERVICE = "service"


@dataclass(frozen=True)
class Shelf:
    """The books in force or of a folder, oldest first, all of one zone, and the plans, oldest first. Never without a book.

    `lost` are ids of books that are in force and can't be read: no deadline is given while there are any.
    """

    books: tuple[Book, ...]
    plans: tuple[Plan, ...] = ()
    lost: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        return self.books[-1].zone

    @property
    def latest(self) -> Book:
        return self.books[-1]

    def in_force(self, day: date) -> Book:
        """The book that governs a local day. Raises BadValue (`before-first-book`)."""
        for book in reversed(self.books):
            if book.effective_from <= day:
                return book
        first = self.books[0].effective_from
        raise BadValue("before-first-book", day=day, first=first)

    def governing(self, received_at: datetime) -> Book:
        """The book that a complaint received then gets its deadline from.

        Raises as `in_force`, BookRefused (`book-unreadable`).
        """
        self.require_whole()
        return self.in_force(local_day(received_at, self.zone))

    def require_whole(self) -> None:
        """Raises BookRefused (`book-unreadable`) while a book is lost: it might be the one that decides."""
        if self.lost:
            raise BookRefused("book-unreadable", book=self.lost[0])

    def within(self, quarter: Quarter) -> Sequence[tuple[Book, date]]:
        """Each book in force in the quarter, oldest first, with its last day in force there.

        Raises BadValue (`before-first-book`) if there is none.
        """
        result = []
        for book, following in zip(self.books, (*self.books[1:], None), strict=True):
            last = quarter.last_day
            if following is not None and following.effective_from <= last:
                last = following.effective_from - timedelta(days=1)
            if book.effective_from <= last and last >= quarter.first_day:
                result.append((book, last))
        if not result:
            self.in_force(quarter.last_day)
        return result

    def plan_of(self, quarter: Quarter) -> Plan | None:
        """The plan that governs a quarter; None without plans."""
        return plan_of(self.plans, quarter)

    def titles(self, book: str) -> Titles:
        """Titles for a complaint that pinned the book of that id."""
        return Titles(self, *(one for one in self.books if one.id == book))


class Titles:
    """Titles by kind and key: of the books named first, then of the others of a shelf, newest first.

    So a key that a newer book gave up keeps its title.
    """

    def __init__(self, shelf: Shelf, *first: Book) -> None:
        named = {book.id for book in first}
        self._books = (*first, *(book for book in reversed(shelf.books) if book.id not in named))

    def of(self, kind: str, key: str) -> Title:
        """The title of a group, channel, category, rule or stage; the key itself where no book has one."""
        found = (book.titled(kind, key) for book in self._books)
        return next((title for title in found if title is not None), Title(key, key))
