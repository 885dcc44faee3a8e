"""The folder of rule books as a shelf: reads the files, and resolves public holidays where a book counts them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from complaint_sla.core.bookfile import read_shelf
from complaint_sla.core.errors import BadValue
from complaint_sla.core.rulebook import Shelf

# Settings of the service lie beside the books and are no book.
NOT_A_BOOK = "service.toml"


def load(folder: Path) -> Shelf:
    """All books of a folder. Raises BadValue (`rules-unreadable`), BookFaults with every fault of every file."""
    try:
        files = [
            (path.name, path.read_text(encoding="utf-8-sig"))
            for path in sorted(folder.iterdir())
            if path.suffix == ".toml" and path.name != NOT_A_BOOK
        ]
    except (OSError, ValueError) as problem:
        why = problem.strerror if isinstance(problem, OSError) else "not UTF-8"
        raise BadValue("rules-unreadable", folder=folder, problem=why) from None
    return read_shelf(files, public_holidays)


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
    except NotImplementedError:
        raise BadValue("unknown-country", value=country) from None
    names = {}
    for day, name in sorted(english.items()):
        own = native.get(day) or name
        names[day] = name if own == name else f"{own} ({name})"
    return names
