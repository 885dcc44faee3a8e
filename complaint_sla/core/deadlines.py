"""A deadline is a pure function of the rule book and the facts, and can say how it came about.

Source: activity 2.4 of the 2560 action plan; Civil and Commercial Code 193/3 (the day of receipt is not
counted) and 193/8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from complaint_sla.core.calendars import CountedDay, Counting, DayKind, local_day, midnight
from complaint_sla.core.errors import BookRefused
from complaint_sla.core.rulebook import Book, Facts, Rule


@dataclass(frozen=True)
class Deadline:
    """`due_on` is the last local day on which closing is in time, `due_at` (UTC) the first moment after."""

    rule: Rule
    received_on: date
    due_on: date
    due_at: datetime
    counting: Counting

    def columns(self) -> dict[str, object]:
        """The columns of a complaint that hold it."""
        rule = self.rule
        return {"rule": rule.key, "days": rule.days, "due_on": self.due_on, "due_at": self.due_at}

    def trail(self) -> tuple[CountedDay, ...]:
        """Every day from the day of receipt to the last good one: counted under which number, or why not."""
        return (
            CountedDay(self.received_on, DayKind.RECEIPT),
            *self.counting.after(self.received_on, self.rule.days),
        )


def stated(said: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a deadline as an event's data has them. Raises KeyError, TypeError, ValueError for what is none."""
    return {
        "rule": said["rule"],
        "days": said["days"],
        "due_on": date.fromisoformat(said["due_on"]),
        "due_at": datetime.fromisoformat(said["due_at"]),
    }


def deadline(book: Book, facts: Facts) -> Deadline:
    """The deadline of a complaint. Raises BadValue: unknown key; BookRefused: beyond the book's calendar."""
    return _due(book, book.rule_for(facts), local_day(facts.received_at, book.zone))


def _due(book: Book, rule: Rule, received_on: date) -> Deadline:
    due_on = book.counting.last_of(received_on, rule.days)
    return Deadline(rule, received_on, due_on, midnight(due_on + timedelta(days=1), book.zone), book.counting)


def latest_due_at(book: Book, received_on: date) -> datetime:
    """The latest `due_at` (UTC) that the book can give to a complaint received on that day or before.

    Where the book's calendar ends too soon, what was received on the last days that it can reckon with counts: later
    complaints were refused. Raises BookRefused if it can reckon with no day of the year before, by no rule.
    """
    found: list[datetime] = []
    refused: BookRefused | None = None
    for rule in book.rules:
        for back in range(366):
            try:
                found.append(_due(book, rule, received_on - timedelta(days=back)).due_at)
                break
            except BookRefused as problem:
                refused = problem
    if refused is not None and not found:
        raise refused
    return max(found)
