"""What the service keeps to: when mail may go, who gets the daily summary, how long a silence is normal.

The text of `rules/service.toml` → `ServiceRules`. Unlike a rule book it is read at each start and pinned by nothing: no
deadline and no figure depends on it.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from complaint_sla.core import fields
from complaint_sla.core.bookfile import Holidays
from complaint_sla.core.calendars import midnight
from complaint_sla.core.errors import BadValue, BookFaults
from complaint_sla.core.permissions import EVERYBODY, AccessRole, Permissions, Roles
from complaint_sla.core.roster import Role
from complaint_sla.core.tomlreader import DAY_NAMES, Table, TableReader, opened, short, within

_WORKDAYS = DAY_NAMES[:5]
# Whoever reads changes nothing.
_CHANGERS = tuple(role.value for role in EVERYBODY if role is not AccessRole.READER)


@dataclass(frozen=True)
class DaysOff:
    """The public holidays of a country by year; none without a country. Those of the same country are equal."""

    country: str | None
    holidays: Holidays = field(compare=False)

    def __call__(self, year: int) -> Mapping[date, str]:
        return {} if self.country is None else self.holidays(self.country, year, year)


@dataclass(frozen=True)
class WorkingHours:
    """When mail may be written: on these days of the week (Monday is 0), from `opens` until before `closes`, local.

    `days_off` gives the public holidays of a year.
    """

    weekdays: frozenset[int]
    opens: time
    closes: time
    days_off: Callable[[int], Mapping[date, str]]

    def are_on(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether the office works at `now` (UTC)."""
        local = now.astimezone(zone)
        works = local.weekday() in self.weekdays and local.date() not in self.days_off(local.year)
        return works and self.opens <= local.time() < self.closes


@dataclass(frozen=True)
class DailySummary:
    """What supervisors and managers are told each day: on these days of the week, at the local time `at`.

    `when_nothing`: also where there is nothing to say.
    """

    weekdays: frozenset[int]
    at: time
    roles: tuple[Role, ...]
    when_nothing: bool


@dataclass(frozen=True)
class ReportOrder:
    """Who gets the quarterly report of an office and all below it (None: of all offices), with which files."""

    to: tuple[str, ...]
    office: str | None
    attach: tuple[str, ...]


@dataclass(frozen=True)
class GroupYears:
    """Complaints of a customer group are kept for other `years` than the rest."""

    group: str
    years: int

    @property
    def key(self) -> str:
        return self.group


@dataclass(frozen=True)
class Retention:
    """For so many years after its end it is kept who complained (PDPA, section 37); None: as long as nobody erases it."""

    years: int | None
    groups: tuple[GroupYears, ...] = ()

    def ended_before(self, today: date, zone: ZoneInfo) -> tuple[Mapping[str, datetime], datetime | None]:
        """The moments (UTC) before which a complaint must have ended to be erased on a local day: by group, and of others."""
        of_groups = {one.group: _years_before(today, one.years, zone) for one in self.groups}
        return of_groups, None if self.years is None else _years_before(today, self.years, zone)

    def goes_on(self, group: str, ended_on: date) -> date | None:
        """The first local day on which what ended on a day is erased; None if never."""
        years = next((one.years for one in self.groups if one.group == group), self.years)
        if years is None:
            return None
        day = ended_on + timedelta(days=1)
        if (day.month, day.day) == (2, 29) and not isleap(day.year + years):
            day += timedelta(days=1)
        return day.replace(year=day.year + years)


def _years_before(today: date, years: int, zone: ZoneInfo) -> datetime:
    year = max(today.year - years, 1)
    # A 29 February has no anniversary: what ended on it is kept until the day after.
    day = 28 if (today.month, today.day) == (2, 29) and not isleap(year) else today.day
    return midnight(date(year, today.month, day), zone)


# What may be attached: the full report and the plan's form, each as a file.
ATTACHMENTS = ("report.pdf", "report.xlsx", "report.html", "plan.pdf", "plan.xlsx", "plan.html")


@dataclass(frozen=True)
class ServiceRules:
    """`silence`: after so long without a successful round somebody is warned. `administrators`: e-mail addresses.

    `mail_domains`: people's addresses are of these domains or of one below them; of any where there is none. `contact`:
    where a customer asks, as slips say it.
    """

    silence: timedelta = timedelta(minutes=10)
    administrators: tuple[str, ...] = ()
    mail_domains: tuple[str, ...] = ()
    contact: str | None = None
    working_hours: WorkingHours | None = None
    summary: DailySummary | None = None
    reports: tuple[ReportOrder, ...] = ()
    retention: Retention | None = None
    permissions: Permissions = field(default_factory=Permissions)

    def is_ours(self, email: str) -> bool:
        """Whether mail may be written to an address."""
        domain = email.partition("@")[2].lower()
        return not self.mail_domains or any(
            domain == one or domain.endswith(f".{one}") for one in self.mail_domains
        )

    def is_at_work(self, now: datetime, zone: ZoneInfo) -> bool:
        """Whether mail that is not urgent may be written at `now` (UTC)."""
        return self.working_hours is None or self.working_hours.are_on(now, zone)


def read_service(text: str, file: str, holidays: Holidays) -> ServiceRules:
    """The settings in `text`. `file` is only named in faults. Raises BookFaults with all that is wrong."""
    reader, table = opened(text, file)
    rules = ServiceRules(
        silence=timedelta(minutes=reader.optional_number(table, "", "silence_minutes", 1, 10)),
        administrators=_addresses(reader, table, "", "administrators"),
        mail_domains=_domains(reader, table),
        contact=reader.optional(table, "", "contact", str, None) or None,
        working_hours=_working_hours(reader, table, holidays),
        summary=_summary(reader, table),
        reports=_reports(reader, table),
        retention=_retention(reader, table),
        permissions=_permissions(reader, table),
    )
    reader.nothing_left(table, "")
    for place, email in _told(rules):
        if not rules.is_ours(email):
            reader.fault(place, "fault-domain", value=email, known=", ".join(rules.mail_domains))
    if reader.faults:
        raise BookFaults(tuple(reader.faults))
    return rules


def _addresses(reader: TableReader, table: Table, place: str, name: str) -> tuple[str, ...]:
    found = []
    for number, value in enumerate(reader.optional(table, place, name, list, []), 1):
        try:
            found.append(fields.email(value if isinstance(value, str) else short(value)))
        except BadValue:
            reader.fault(f"{within(place, name)}[{number}]", "fault-email", value=short(value))
    return tuple(dict.fromkeys(found))


def _domains(reader: TableReader, table: Table) -> tuple[str, ...]:
    name, found = "mail_domains", []
    for number, value in enumerate(reader.optional(table, "", name, list, []), 1):
        try:
            found.append(
                fields.email(f"x@{value if isinstance(value, str) else short(value)}").partition("@")[2]
            )
        except BadValue:
            reader.fault(f"{name}[{number}]", "fault-mail-domain", value=short(value))
    return tuple(dict.fromkeys(found))


def _told(rules: ServiceRules) -> Iterator[tuple[str, str]]:
    """Each address that letters go to by these settings, and where it stands."""
    yield from ((f"administrators[{number}]", one) for number, one in enumerate(rules.administrators, 1))
    for number, order in enumerate(rules.reports, 1):
        yield from ((f"report[{number}].to", one) for one in order.to)


def _working_hours(reader: TableReader, table: Table, holidays: Holidays) -> WorkingHours | None:
    place = "working_hours"
    part = reader.optional(table, "", place, dict, None)
    if part is None:
        return None
    weekdays = reader.weekdays(part, place, "days", _WORKDAYS)
    if not weekdays:
        reader.fault(f"{place}.days", "fault-empty")
    opens = reader.clock(part, place, "from", "08:00")
    closes = reader.clock(part, place, "until", "16:30")
    if closes <= opens:
        reader.fault(f"{place}.until", "fault-hours", value=closes.strftime("%H:%M"))
    country = reader.optional(part, place, "holidays", str, None)
    reader.nothing_left(part, place)
    days_off = DaysOff(country, holidays)
    try:
        days_off(2017)
    except BadValue:
        reader.fault(f"{place}.holidays", "fault-country", value=short(country))
    return WorkingHours(weekdays, opens, closes, days_off)


def _summary(reader: TableReader, table: Table) -> DailySummary | None:
    place = "summary"
    part = reader.optional(table, "", place, dict, None)
    if part is None:
        return None
    weekdays = reader.weekdays(part, place, "days", _WORKDAYS)
    at = reader.clock(part, place, "at", "08:00")
    known = [Role.SUPERVISOR.value, Role.MANAGER.value]
    roles = reader.keys(reader.optional(part, place, "to", list, known), f"{place}.to", known) or ()
    when_nothing = reader.optional(part, place, "when_nothing", bool, False)
    reader.nothing_left(part, place)
    return DailySummary(weekdays, at, tuple(role for role in Role if role in roles), when_nothing)


def _retention(reader: TableReader, table: Table) -> Retention | None:
    place = "retention"
    part = reader.optional(table, "", place, dict, None)
    if part is None:
        return None
    years = reader.optional_number(part, place, "years", 1, None)
    of_groups = reader.optional(part, place, "groups", dict, {})
    inner = within(place, "groups")
    groups = [
        GroupYears(key, kept)
        for key in sorted(of_groups)
        if (kept := reader.number(of_groups, inner, key, 1)) is not None
    ]
    if years is None and not groups and not reader.faults:
        reader.fault(f"{place}.years", "fault-missing")
    reader.nothing_left(part, place)
    return Retention(years, tuple(groups))


def _reports(reader: TableReader, table: Table) -> tuple[ReportOrder, ...]:
    if "report" not in table:
        return ()
    orders, offices = [], []
    for place, part in reader.tables(table, "report"):
        to = _addresses(reader, part, place, "to")
        if not to:
            reader.fault(f"{place}.to", "fault-empty")
        office = reader.optional(part, place, "office", str, None)
        files = reader.optional(part, place, "attach", list, list(ATTACHMENTS[:2]))
        attach = reader.keys(files, f"{place}.attach", ATTACHMENTS) if files else None
        reader.nothing_left(part, place)
        code = None if office is None else office.strip().upper()
        orders.append(ReportOrder(to, code, tuple(one for one in ATTACHMENTS if one in (attach or ()))))
        offices.append((place, code or ""))
    for place, code in offices:
        if [other for _, other in offices].count(code) > 1:
            reader.fault(f"{place}.office", "fault-twice", value=code)
    return tuple(orders)


def _permissions(reader: TableReader, table: Table) -> Permissions:
    place = "permissions"
    part = reader.optional(table, "", place, dict, None)
    if part is None:
        return Permissions()
    given: dict[str, Roles] = {}
    for name, shipped in vars(Permissions()).items():
        listed = reader.optional(part, place, name, list, None)
        if listed is None:
            continue
        known = reader.keys(listed, f"{place}.{name}", _CHANGERS)
        given[name] = tuple(role for role in AccessRole if role in known) if known is not None else shipped
    if AccessRole.ADMINISTRATOR not in given.get("publish", (AccessRole.ADMINISTRATOR,)):
        # Every database has somebody who is one; of the others there may be nobody.
        reader.fault(f"{place}.publish", "fault-publish")
    reader.nothing_left(part, place)
    return Permissions(**given)
