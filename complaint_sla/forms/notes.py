"""How the figure was counted, in sentences: what activity 2.4 leaves open is said with each figure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from complaint_sla.core.figures import Figure
from complaint_sla.core.rulebook import Book
from complaint_sla.wording import Words
from complaint_sla.wording.screening import plain


def how_it_was_counted(
    figure: Figure, in_force: Sequence[tuple[Book, date]], words: Words
) -> tuple[str, ...]:
    """The notes under the tables. `in_force`: the books of the quarter, each with its last day there."""
    quarter = figure.quarter
    return (
        words(
            "Counted is every complaint received from {first} to {last}, by the local date of receipt; "
            "each stands in exactly one column.",
            first=words.day(quarter.first_day),
            last=words.day(quarter.last_day),
        ),
        words(
            "Percent = in time / (in time + late + overdue); those not yet due and excluded are left out. "
            "Where there is nothing to count, a dash stands: it means no complaints, not missing data."
        ),
        words(
            "Percentages are cut off after two decimals, never rounded up; "
            "the target is held against the exact fraction."
        ),
        *(line for book, last in in_force for line in _counting(book, last, words, alone=len(in_force) == 1)),
        words("The closing of a complaint decides, not the reply to the customer."),
        words("A deadline once missed stays missed: neither reopening nor reclassifying undoes it."),
        *(
            words.plural(
                "A closing may be dated back by {n} day, and not before what was done last.",
                "A closing may be dated back by {n} days, and not before what was done last.",
                days,
            )
            for days in dict.fromkeys(book.dated_back_days for book, _ in in_force)
            if days
        ),
        words(
            "Withdrawn and duplicate complaints are excluded if they ended before the deadline; "
            "after it they count as late."
        ),
        words(
            "The target is that of the rule book in force on {day}: {book}.",
            day=words.day(quarter.last_day),
            book=plain(in_force[-1][0].title.of(words.language)),
        ),
    )


def _counting(book: Book, last: date, words: Words, *, alone: bool) -> tuple[str, ...]:
    days = (
        words("Deadlines count working days; the day of receipt is not counted.")
        if book.counting.working
        else words("Deadlines count calendar days; the day of receipt is not counted.")
    )
    moved = (
        words("A last day that is a holiday moves to the next working day.")
        if book.counting.move_last_day
        else words("A last day that is a holiday stays the last day.")
    )
    # Working days never end on a holiday: nothing to say.
    counted = days if book.counting.working else f"{days} {moved}"
    lines = (counted, _precedence(book, words))
    if alone:
        return lines
    head = words(
        "{book} (received up to {day}):", book=plain(book.title.of(words.language)), day=words.day(last)
    )
    return (f"{head} {' '.join(lines)}",)


def _precedence(book: Book, words: Words) -> str:
    first = book.rules[0]
    if first.urgent and first.groups is None and first.channels is None and first.categories is None:
        return words("An urgent complaint has the urgent deadline, whatever its customer group.")
    return words("The first rule of the book that fits a complaint gives its deadline.")
