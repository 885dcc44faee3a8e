"""`Words`: one language, its catalogue, and how it writes days, moments, quarters and what is left of them.

The source texts are English; `locale/th` holds the Thai. Thai years are of the Buddhist Era (C.E. + 543).
"""

from __future__ import annotations

import gettext
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from complaint_sla.core.calendars import Quarter

LANGUAGES = ("th", "en")
DOMAIN = "complaint_sla"
CATALOGUES = Path(__file__).parent.parent / "locale"


def N_(text: str) -> str:  # noqa: N802 - the name that catalogue tools look for
    """Marks a text for the catalogues where it is defined; it is translated where it is shown."""
    return text


_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
# The full name of May is its short name too, so the short names carry a mark that is not printed.
_SHORT_MONTHS = (
    N_("Jan|short"),
    N_("Feb|short"),
    N_("Mar|short"),
    N_("Apr|short"),
    N_("May|short"),
    N_("Jun|short"),
    N_("Jul|short"),
    N_("Aug|short"),
    N_("Sep|short"),
    N_("Oct|short"),
    N_("Nov|short"),
    N_("Dec|short"),
)
# Stands above every answer of such a database, and on its letters and reports.
REHEARSAL = N_("Rehearsal: nothing here is real.")
# As Python counts them: Monday is 0.
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


class Words:
    """The words of one language. Called with an English text it gives the translation, `{places}` filled."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._catalogue: gettext.NullTranslations = (
            gettext.NullTranslations()
            if language == "en"
            else gettext.translation(DOMAIN, CATALOGUES, [language])
        )

    def __call__(self, text: str, /, **values: object) -> str:
        found = self._catalogue.gettext(text)
        return found.format(**values) if values else found

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """`one` or `many` by the number `n`, which both may show as {n}."""
        return self._catalogue.ngettext(one, many, n).format(n=n, **values)

    def year(self, year: int) -> int:
        from complaint_sla.core.calendars import BUDDHIST_ERA

        return year + BUDDHIST_ERA if self.language == "th" else year

    def day(self, day: date) -> str:
        """31 มี.ค. 2560, or 31 Mar 2017."""
        return f"{day.day} {self.short_month_name(day.month)} {self.year(day.year)}"

    def long_day(self, day: date) -> str:
        """31 มีนาคม 2560, or 31 March 2017."""
        return f"{day.day} {self(_MONTHS[day.month - 1])} {self.year(day.year)}"

    def moment(self, moment: datetime, zone: ZoneInfo) -> str:
        """31 มี.ค. 2560 08:00 น., or 31 Mar 2017 08:00, as clocks in `zone` show it."""
        local = moment.astimezone(zone)
        return self("{day} {clock}", day=self.day(local.date()), clock=f"{local:%H:%M}")

    def month(self, key: str) -> str:
        """มีนาคม 2560, or March 2017, from a key such as 2017-03."""
        year, month = key.split("-")
        return f"{self(_MONTHS[int(month) - 1])} {self.year(int(year))}"

    def month_name(self, number: int) -> str:
        """มีนาคม, or March, for 3."""
        return self(_MONTHS[number - 1])

    def short_month(self, key: str) -> str:
        """มี.ค. 60, or Mar 2017, from a key such as 2017-03."""
        year, month = key.split("-")
        shown = str(self.year(int(year)))
        return f"{self.short_month_name(int(month))} {shown[-2:] if self.language == 'th' else shown}"

    def short_month_name(self, number: int) -> str:
        """มี.ค., or Mar, for 3."""
        return self(_SHORT_MONTHS[number - 1]).partition("|")[0]

    def quarter(self, quarter: Quarter) -> str:
        """ไตรมาสที่ 1/2560, or quarter 1/2017."""
        return self("quarter {number}/{year}", number=quarter.number, year=self.year(quarter.year))

    def time_left(self, due_on: date, today: date) -> str:
        """What is left of a deadline, in days: `in 3 days`, `due today`, `2 days late`."""
        days = (due_on - today).days
        if days > 0:
            return self.plural("in {n} day", "in {n} days", days)
        if days == 0:
            return self("due today")
        return self.plural("{n} day late", "{n} days late", -days)
