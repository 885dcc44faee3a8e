"""The folder of rule books: reads the books and plans as a shelf, and the settings of the service that lie beside them.

Resolves public holidays where one of them asks for a country's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path

from complaint_sla.core.bookfile import read_shelf
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue
from complaint_sla.core.rulebook import Plan, Shelf
from complaint_sla.core.servicefile import ServiceRules, read_service
from complaint_sla.resources import rules

# It lies beside the books and is none.
SERVICE = "service.toml"


def load(folder: Path) -> Shelf:
    """All books and plans of a folder. Raises BadValue (`rules-unreadable`), BookFaults with every fault of every file."""
    with _readable(folder):
        files = [
            (path.name, path.read_text(encoding="utf-8-sig"))
            for path in sorted(folder.iterdir())
            if path.suffix == ".toml" and path.name != SERVICE
        ]
    return read_shelf(files, public_holidays)


def plan_of(shelf: Shelf, quarter: Quarter) -> Plan:
    """The plan that governs a quarter: the newest that holds on its last day, else the first.

    Where no plan lies beside the books, those that ship are asked.
    """
    plans = shelf.plans or _shipped_plans()
    return next((one for one in reversed(plans) if one.effective_from <= quarter.last_day), plans[0])


@lru_cache(maxsize=1)
def _shipped_plans() -> tuple[Plan, ...]:
    return load(rules()).plans


def load_service(folder: Path) -> ServiceRules:
    """The settings of the service that lie beside the books; the defaults if there is no such file.

    Raises as `load` does.
    """
    with _readable(folder):
        try:
            text = (folder / SERVICE).read_text(encoding="utf-8-sig")
        except FileNotFoundError:
            return ServiceRules()
    return read_service(text, SERVICE, public_holidays)


@contextmanager
def _readable(folder: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "not UTF-8"
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
