"""The sample quarter as a list of steps in the order of time. The same on every run and machine: chance has a seed."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from complaint_sla.cli.sample import stories
from complaint_sla.cli.sample.matters import (
    ASSESSMENTS,
    ESTATE,
    HOME,
    KEY,
    LATE_NOTES,
    ORDINARY,
    RESPONSES,
    TRADE,
    URGENT,
    WITHDRAWALS,
    WRONG_OFFICE,
    Matter,
)
from complaint_sla.cli.sample.offices import (
    BY_CODE,
    CLOSED,
    FIRMS,
    FIRST_NAMES,
    LAST_NAMES,
    OFFICES,
    REGION,
    at_post,
)
from complaint_sla.cli.sample.steps import Does, Step
from complaint_sla.core.calendars import Quarter
from complaint_sla.core.roster import Role
from complaint_sla.work.intake import Intake

QUARTER = Quarter(2017, 1)
# Three weeks after the quarter: some are still open and not yet due, so the figure is provisional.
LAST_DAY = date(2017, 4, 20)
CLOCK_OF_AS_OF = time(9)

# Over the long holiday the service is switched off; its first round afterwards makes up for it.
STANDSTILL = (date(2017, 4, 13), date(2017, 4, 17))

_SEED = 24
_HOW_MANY = 166
# Days of each rule, to plan within; the rule book itself decides.
_DAYS = {ESTATE: 5, KEY: 15, TRADE: 20, HOME: 25}
_URGENT_DAYS = 3
_STORM = (date(2017, 3, 9), date(2017, 3, 11))

_BY_DAY = {"walk-in": 22, "contact-center": 28, "phone": 18, "letter": 4, "email": 5, "pea-voc": 6, "app": 4}
_BY_DAY |= {"line": 5, "facebook": 5, "damrongdhama": 5, "government-1111": 2, "erc": 1}
_AFTER_HOURS = {"contact-center": 60, "app": 10, "line": 15, "facebook": 15}
# Where the industrial estate is, and where work is behind.
_GROUPS = {
    "SIMAHA": {HOME: 44, TRADE: 24, KEY: 12, ESTATE: 20},
    "KABIN": {HOME: 62, TRADE: 24, KEY: 8, ESTATE: 6},
}
_OTHER_GROUPS = {HOME: 68, TRADE: 24, KEY: 8}
_LATE = {"KABIN": 0.17, "SIMAHA": 0.11, "BANSANG": 0.04}
_OTHERS_LATE = 0.085
_FORGOTTEN = 0.018


def steps(zone: ZoneInfo) -> list[Step]:
    """Everything that is done in the quarter and after it, until the last day. Moments are of `zone`."""
    chance = random.Random(_SEED)  # noqa: S311 - plausible, not secret
    found = [*stories.steps(zone), *_Invention(chance, zone).steps()]
    return sorted((step for step in found if step.at < as_of(zone)), key=lambda step: step.at)


def as_of(zone: ZoneInfo) -> datetime:
    """The moment at which the sample ends, and as of which its report is."""
    return datetime.combine(LAST_DAY, CLOCK_OF_AS_OF, zone)


class _Invention:
    """Complaints by chance, in the rhythm in which people complain and offices work."""

    def __init__(self, chance: random.Random, zone: ZoneInfo) -> None:
        self.chance = chance
        self.zone = zone

    def steps(self) -> Iterator[Step]:
        days = [
            QUARTER.first_day + timedelta(days=n)
            for n in range((QUARTER.last_day - QUARTER.first_day).days + 1)
        ]
        for number, day in enumerate(self.chance.choices(days, [_weight(day) for day in days], k=_HOW_MANY)):
            yield from self.course(f"case-{number}", day)

    def pick(self, weights: dict[str, int]) -> str:
        return self.chance.choices(list(weights), list(weights.values()))[0]

    def course(self, case: str, day: date) -> Iterator[Step]:
        """One complaint from its receipt to its end, if it has one."""
        chance = self.chance
        evening = not _is_working(day) or chance.random() < 0.12
        received = self.after_hours(day) if evening else self.office_hour(day)
        channel = self.pick(_AFTER_HOURS if evening else _BY_DAY)
        office = self.pick({one.code: one.share for one in OFFICES if one.share})
        group = self.pick(_GROUPS.get(office, _OTHER_GROUPS))
        urgent = chance.random() < 0.07
        matter = chance.choice([one for one in (URGENT if urgent else ORDINARY) if group in one.groups])
        owner = chance.choice(at_post(office, Role.AGENT))
        by_center = channel in ("contact-center", "app", "facebook", "line")
        logger = chance.choice(at_post(REGION, Role.AGENT)) if by_center else owner
        astray = by_center and office not in ("PRACHIN", "NAYOK") and chance.random() < 0.2
        # Most of them are the office's rather than somebody's.
        owned = chance.random() < 0.3
        to_assign = owned and by_center
        head = (BY_CODE[office].parent if astray else None) or office
        intake = self.intake(matter, group, channel, head, office, owner if owned and not by_center else None)
        yield Step(received, logger, Does.LOG, case, intake=intake)
        first = self.soon(received, urgent=urgent)
        if astray:
            yield Step(first, at_post(head, Role.SUPERVISOR)[0], Does.TRANSFER, case, WRONG_OFFICE, office)
        if to_assign:
            yield Step(
                first + timedelta(minutes=9), at_post(office, Role.SUPERVISOR)[0], Does.ASSIGN, case, to=owner
            )
        if chance.random() < 0.45:
            yield Step(first + timedelta(minutes=20), owner, Does.ACKNOWLEDGE, case)
        end = self.end(received, _URGENT_DAYS if urgent else _DAYS[group], office, urgent=urgent)
        yield from self.work(case, matter, owner, first + timedelta(minutes=30), end, urgent=urgent)

    def intake(
        self, matter: Matter, group: str, channel: str, at: str, place_of: str, owner: str | None
    ) -> Intake:
        chance = self.chance
        place = chance.choice(BY_CODE[place_of].places)
        if group == HOME:
            place = f"ม.{chance.randrange(1, 13)} {place}"
        baht = chance.randrange(24, 96) * (50 if group == HOME else 1_250)
        filled = {"place": place, "n": chance.randrange(3, 10), "baht": f"{baht:,}"}
        name = (
            f"{chance.choice(FIRST_NAMES)} {chance.choice(LAST_NAMES)}"
            if group == HOME
            else chance.choice(FIRMS[group])
        )
        serial = chance.randrange(100_000)
        return Intake(
            group=group,
            channel=channel,
            category=matter.category,
            subject=matter.subject.format(**filled),
            urgent=matter.urgent,
            detail=matter.detail.format(**filled),
            customer=name,
            phone=f"01000{serial:05}" if chance.random() < 0.6 else f"0370{serial:05}",
            account=f"9900000{serial:05}" if chance.random() < 0.75 else None,
            email=f"customer{serial}@example.com" if channel == "email" else None,
            office=at,
            owner=owner,
        )

    def end(self, received: datetime, days: int, office: str, *, urgent: bool) -> datetime | None:
        """When it is closed: mostly in time, some late, a few never."""
        chance, kind = self.chance, self.chance.random()
        late = _LATE.get(office, _OTHERS_LATE)
        if kind < _FORGOTTEN and not urgent:
            return None
        if kind < _FORGOTTEN + late:
            return self.office_hour(
                _working(received.date() + timedelta(days=days + chance.randrange(1, 7)), later=True)
            )
        part = chance.betavariate(1.2, 3.0)
        if urgent:
            return received + timedelta(hours=2) + part * timedelta(days=days - 1)
        # Never on the day of receipt, so that what is done before has its time.
        day = received.date() + timedelta(days=max(1, round(part * days)))
        back = _working(day, later=False)
        return self.office_hour(back if back > received.date() else _working(day, later=True))

    def work(
        self, case: str, matter: Matter, owner: str, begin: datetime, end: datetime | None, *, urgent: bool
    ) -> Iterator[Step]:
        """What the owner does from `begin` on, and the end."""
        chance = self.chance
        until = end or begin + timedelta(days=40)
        if until <= begin:
            until = begin + timedelta(hours=3)
        plan: Sequence[tuple[float, float, Does, str]] = (
            (0.15, 0.1, Does.ASSESS, chance.choice(ASSESSMENTS)),
            (0.33, 0.45, Does.INVESTIGATE, matter.found),
            (0.36, 0.75, Does.RESPOND, chance.choice(RESPONSES)),
            (0.1 if end else 1.0, 0.9, Does.NOTE, chance.choice(LATE_NOTES)),
        )
        for likely, part, does, text in plan:
            if chance.random() < likely:
                at = begin + part * (until - begin)
                if (
                    not urgent
                    and not begin < (at := self.office_hour(_working(at.date(), later=True))) < until
                ):
                    continue
                yield Step(at, owner, does, case, text)
        if end is None:
            return
        if chance.random() < 0.03:
            yield Step(until, owner, Does.WITHDRAW, case, chance.choice(WITHDRAWALS))
            return
        yield Step(
            until, owner, Does.CLOSE, case, matter.outcome.format(baht=f"{chance.randrange(4, 30) * 50:,}")
        )
        if chance.random() < 0.15:
            yield Step(
                until + timedelta(minutes=12), owner, Does.COMMUNICATE, case, "แจ้งผลให้ลูกค้าทราบทางโทรศัพท์แล้ว"
            )

    def office_hour(self, day: date) -> datetime:
        """A moment between half past eight and half past four."""
        return datetime.combine(day, time(8, 30), self.zone) + timedelta(minutes=self.chance.randrange(480))

    def after_hours(self, day: date) -> datetime:
        """A moment when the office is closed, and people are awake."""
        hours = (7, 17, 18, 19, 20, 21) if _is_working(day) else range(7, 22)
        return datetime.combine(day, time(self.chance.choice(hours), self.chance.randrange(60)), self.zone)

    def soon(self, received: datetime, *, urgent: bool) -> datetime:
        """When somebody first looks at it: at once, or when the office opens again."""
        if urgent or (_is_working(received.date()) and 8 <= received.hour < 16):
            return received + timedelta(minutes=self.chance.randrange(5, 40))
        day = _working(received.date() + timedelta(days=received.hour >= 16), later=True)
        return datetime.combine(day, time(8, 35), self.zone) + timedelta(minutes=self.chance.randrange(40))


def _weight(day: date) -> float:
    """How likely a complaint is on a day: fewer on days off, more on Mondays, after storms, and month by month."""
    weight = 1.35 if day.weekday() == 0 else 1.0
    if not _is_working(day):
        weight = 0.3
    if _STORM[0] <= day <= _STORM[1]:
        weight += 0.6
    return weight * (0.95, 0.95, 1.05)[day.month - 1]


def _is_working(day: date) -> bool:
    return day.weekday() < 5 and day not in CLOSED


def _working(day: date, *, later: bool) -> date:
    """The day itself if the office is open, else the next or the last one on which it is."""
    while not _is_working(day):
        day += timedelta(days=1 if later else -1)
    return day
