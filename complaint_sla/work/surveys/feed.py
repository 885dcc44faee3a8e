"""The figures that surveys give: of each measure and period of which the lists are complete and everybody is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Period, so_far
from complaint_sla.core.plan import Plan, PlannedMeasure
from complaint_sla.core.readings import Reading, ReadingKind, Standing
from complaint_sla.core.surveys import Poll, Quota, fed_measures
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Listed
from complaint_sla.work.surveys.polls import Polls, polls

# Office, measure and period.
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Fed:
    """What surveys say: how asking stands for each measure and period that they feed, and the figures that are in."""

    polls: Mapping[Key, Poll] = field(default_factory=dict)
    figures: Mapping[Key, Reading] = field(default_factory=dict)

    def over(self, typed: Standing) -> Standing:
        """What stands: of what a survey feeds its figure, else what was typed.

        What was typed before the first list came stands where the lists have nothing.
        """
        if not self.polls:
            return typed
        found = dict(typed)
        for key, poll in self.polls.items():
            there = found.get(key)
            if poll.is_empty and there is not None and there.kind is ReadingKind.FIGURE:
                continue
            found.pop(key, None)
            if key in self.figures:
                found[key] = self.figures[key]
        return found


def fed(
    session: Session,
    plan: Plan,
    directory: Directory,
    quarter: Quarter,
    today: date,
    office_ids: Collection[int] | None,
) -> Fed:
    """From January to the end of a quarter, as of a local day, at these offices."""
    wanted: dict[tuple[str, str, str], tuple[Quota, Period]] = {}
    measures = []
    for measure, mine in fed_measures(plan):
        periods = so_far(measure.every, quarter)
        measures.append((measure, mine, periods))
        for quota in mine:
            for period in periods:
                for lot in _lots(quota, period):
                    wanted[quota.survey.key, quota.service, lot.key] = quota, lot
    found = polls(session, plan, list(wanted.values()), today, office_ids)
    by_key: dict[Key, Poll] = {}
    figures: dict[Key, Reading] = {}
    for id_ in {office_id for office_id, _ in found.listed}:
        office = _Office(directory.code(id_), id_, found, today)
        for measure, mine, periods in measures:
            for period in periods:
                poll = office.poll(mine, period)
                if poll is None:
                    continue
                key = office.code, measure.key, period.key
                by_key[key] = poll
                if (figure := office.figure(measure, mine, period, poll)) is not None:
                    figures[key] = Reading(0, *key, ReadingKind.FIGURE, *figure)
    return Fed(by_key, figures)


def begins_by(listed: Listed | None, period: Period) -> bool:
    """Whether lists are in that begin before a period is over."""
    return listed is not None and listed.since <= period.last


def _lots(quota: Quota, period: Period) -> Iterator[Period]:
    """The lots in which requests of a period take part."""
    day = period.first
    while day <= period.last:
        lot = quota.period(day)
        yield lot
        day = date.fromordinal(lot.last.toordinal() + 1)


@dataclass(frozen=True)
class _Office:
    code: str
    id_: int
    found: Polls
    today: date

    def listed(self, quota: Quota) -> Listed | None:
        return self.found.listed.get((self.id_, quota.service))

    def poll(self, mine: Collection[Quota], period: Period) -> Poll | None:
        """How asking stands; None where no survey feeds the period."""
        if not any(begins_by(self.listed(quota), period) for quota in mine):
            return None
        parts = [self.found.of(self.id_, quota, lot) for quota in mine for lot in _lots(quota, period)]
        total = parts[0]
        for one in parts[1:]:
            total = total.plus(one)
        return total

    def figure(
        self, measure: PlannedMeasure, mine: Collection[Quota], period: Period, poll: Poll
    ) -> tuple[int, int] | None:
        """n and d, once the lists are complete and all that is owed is there, or the days are over."""
        if not all(self._is_settled(quota, lot) for quota in mine for lot in _lots(quota, period)):
            return None
        quota = next(iter(mine))
        if measure.kind is not Kind.MEAN:
            return quota.counted(poll), poll.finished
        # Forms come back when they do: the figure is of those that were there when it was due.
        if quota.survey.counts_drawn and poll.waiting and self.today <= measure.due.of(period):
            return None
        return poll.scores, poll.answered

    def _is_settled(self, quota: Quota, lot: Period) -> bool:
        listed = self.listed(quota)
        is_complete = listed is not None and listed.since <= lot.first and lot.last <= listed.through
        return is_complete and quota.is_settled(self.found.of(self.id_, quota, lot))
