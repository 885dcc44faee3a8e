"""The folder of drafts: reads rule books, plans and the service's settings from files. What counts is what was published.

Resolves public holidays where one of them asks for a country's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from pathlib import Path

from complaint_sla.core.bookfile import read_drafts
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, BookFaults, BookRefused, Fault
from complaint_sla.core.plan import Plan
from complaint_sla.core.rulebook import Book, Shelf
from complaint_sla.core.servicefile import ServiceRules, read_service
from complaint_sla.files import text
from complaint_sla.resources import rules

# It lies beside the books and is none.
SERVICE = "service.toml"


@dataclass(frozen=True)
class Drafts:
    """What files hold that can be published: books and plans, oldest first; the settings of the service with their text.

    None where there is no such file.
    """

    books: tuple[Book, ...] = ()
    plans: tuple[Plan, ...] = ()
    service: tuple[ServiceRules, str] | None = None

    @property
    def shelf(self) -> Shelf:
        """As if they were in force. Raises BookRefused (`no-books-published`) where there is no book."""
        if not self.books:
            raise BookRefused("no-books-published")
        return Shelf(self.books, self.plans)


def drafts(path: Path) -> Drafts:
    """Everything in a folder, or in one file. Raises BadValue (`rules-unreadable`), BookFaults with every fault of every file."""
    with _readable(path):
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        texts = {one.name: text(one) for one in files if one.suffix == ".toml" or one == path}
    settings = texts.pop(SERVICE, None)
    faults: list[Fault] = []
    found, service = Drafts(), None
    try:
        if texts or settings is None:
            found = Drafts(*read_drafts(list(texts.items()), public_holidays))
    except BookFaults as problem:
        faults.extend(problem.faults)
    try:
        service = None if settings is None else (read_service(settings, SERVICE, public_holidays), settings)
    except BookFaults as problem:
        faults.extend(problem.faults)
    if faults:
        raise BookFaults(tuple(faults))
    return replace(found, service=service)


def plan_of(shelf: Shelf, quarter: Quarter) -> Plan:
    """The plan that governs a quarter; where none has been published, those that ship are asked."""
    plan = shelf.plan_of(quarter) or shipped().shelf.plan_of(quarter)
    assert plan is not None  # noqa: S101 - one ships
    return plan


@lru_cache(maxsize=1)
def shipped() -> Drafts:
    """What ships with the program."""
    return drafts(rules())


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else str(problem)
        raise BadValue("rules-unreadable", folder=folder, problem=why) from None


@lru_cache(maxsize=8)
def public_holidays(country: str, first: int, last: int) -> Mapping[date, str]:
    """Public holidays with their names in both languages. Raises BadValue (`unknown-country`).

    Days in lieu are computed for years to come; days that a cabinet announces can't be: a book names those itself.
    """
    # 145 ms, which books that count calendar days need not pay.
    import holidays

    years = range(first, last + 1)
    try:
        english = holidays.country_holidays(country, years=years, language="en_US")
        native = holidays.country_holidays(country, years=years, language=english.default_language)
    except (NotImplementedError, TypeError):
        # The library also finds names of its own that are no country, and can't count their days.
        raise BadValue("unknown-country", value=country) from None
    names = {}
    for day, name in sorted(english.items()):
        own = native.get(day) or name
        names[day] = name if own == name else f"{own} ({name})"
    return names
