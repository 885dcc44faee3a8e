"""Drawing what is owed: whoever does it and however often, each is drawn once, and the journal says by which seed.

Whoever draws has the journal in hand, so that two at once draw one after the other.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.draw import SEED_BYTES, lowest
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.journal import JournalKind
from complaint_sla.core.periods import Period, within
from complaint_sla.core.plan import Plan
from complaint_sla.core.surveys import Quota, quotas
from complaint_sla.store import books, offices, surveys
from complaint_sla.store.offices import Directory
from complaint_sla.store.tables import Drawn, Lot
from complaint_sla.work import journal
from complaint_sla.work.desk import Desk
from complaint_sla.work.surveys.polls import Polls, polls
from complaint_sla.work.whom import own_office_meant


@dataclass(frozen=True)
class DrawnLot:
    """Who was drawn at once: references in the order of their tickets, of so many `finished` requests of the period."""

    office: str
    survey: str
    service: str
    period: str
    seed: str
    finished: int
    references: tuple[str, ...]


def draw(desk: Desk, seed: str | None = None, office: str | None = None) -> list[DrawnLot]:
    """Draws what is owed at an office and all below it, or at all that whoever sits here sees; a transaction an office.

    A lot that is begun takes `seed`, or one of its own. Raises BadValue (`unknown-office`).
    """
    with desk.store.read() as session:
        directory = offices.directory(session)
        ids = ids_seen(desk, directory, office)
        owing = sorted({lot.office_id for lot in _owing(session, desk.today, ids)})
    drawn: list[DrawnLot] = []
    for id_ in owing:
        drawn += desk.store.write(lambda session, id_=id_: draw_in(session, desk, [id_], seed))  # type: ignore[misc]
    return drawn


def ids_seen(desk: Desk, directory: Directory, office: str | None) -> Collection[int] | None:
    """The ids of an office and all below it; without one those that whoever sits here sees, None for all."""
    if office is not None:
        return directory.ids_below(own_office_meant(desk, directory, office).code)
    if desk.standing.confined and desk.standing.office is not None:
        return directory.ids_below(desk.standing.office)
    return None


def draw_in(session: Session, desk: Desk, office_ids: Collection[int], seed: str | None) -> list[DrawnLot]:
    """Draws what is owed at these offices, within a transaction of the caller's."""
    journal.hold(session)
    directory = offices.directory(session)
    return [
        _drawn(session, desk, directory, lot, seed) for lot in list(_owing(session, desk.today, office_ids))
    ]


@dataclass(frozen=True)
class _Owing:
    """A lot of which more are to be drawn: so many, of those finished from `first` to `last`."""

    office_id: int
    quota: Quota
    period: Period
    finished: int
    missing: int
    first: date
    last: date


def _owing(session: Session, today: date, office_ids: Collection[int] | None) -> Iterator[_Owing]:
    for plan, wanted in _open_lots(session, today):
        found = polls(session, plan, wanted, today, office_ids)
        yield from _missing(plan, wanted, found, today)


def _missing(
    plan: Plan, wanted: Collection[tuple[Quota, Period]], found: Polls, today: date
) -> Iterator[_Owing]:
    for (office_id, service), listed in found.listed.items():
        for quota, period in wanted:
            if quota.service != service:
                continue
            poll = found.of(office_id, quota, period)
            missing = quota.missing(poll)
            if missing:
                first = max(period.first, _first_fresh(plan, quota, period, today))
                yield _Owing(
                    office_id, quota, period, poll.finished, missing, first, min(period.last, listed.through)
                )


def _first_fresh(plan: Plan, quota: Quota, period: Period, today: date) -> date:
    """The first day of a period of whose requests somebody may still be drawn."""
    day = period.first
    while day <= period.last and quota.last_day(plan, day) < today:
        # Where a survey says nothing of days, a whole quarter is over at once.
        day = (
            Quarter.of(day).following.first_day
            if quota.survey.within is None
            else date.fromordinal(today.toordinal() - quota.survey.within)
        )
    return day


def _open_lots(session: Session, today: date) -> Iterator[tuple[Plan, list[tuple[Quota, Period]]]]:
    """The lots of which somebody may still be drawn, with the plan of their quarter, the newest first."""
    quarter = Quarter.of(today)
    seen: set[tuple[str, str, str]] = set()
    while True:
        try:
            plan = books.plan_in(session, quarter)
        except NotPossible:
            return
        wanted = []
        for quota in quotas(plan):
            if quota.last_day(plan, quarter.last_day) < today:
                continue
            for period in within(quota.measure.every, quarter):
                key = quota.survey.key, quota.service, period.key
                if key not in seen:
                    seen.add(key)
                    wanted.append((quota, period))
        if not wanted:
            return
        yield plan, wanted
        quarter = quarter.previous


def _drawn(session: Session, desk: Desk, directory: Directory, lot: _Owing, seed: str | None) -> DrawnLot:
    quota, period = lot.quota, lot.period
    survey, service = quota.survey.key, quota.service
    there = surveys.lots(session, [period.key], [lot.office_id]).get(
        (lot.office_id, survey, service, period.key)
    )
    drawn_by = there.seed if there is not None else seed or secrets.token_hex(SEED_BYTES)
    known = surveys.undrawn(session, (lot.office_id, service), survey, lot.first, lot.last)
    references = lowest(drawn_by, known, lot.missing)
    code = directory.code(lot.office_id)
    data = {
        "office": code,
        "survey": survey,
        "service": service,
        "period": period.key,
        "finished": lot.finished,
        "references": references,
        "seed": drawn_by if there is None else None,
    }
    entry = journal.record(session, desk, JournalKind.SURVEY_DRAWN, data)
    if there is None:
        session.add(
            Lot(
                office_id=lot.office_id,
                survey=survey,
                service=service,
                period=period.key,
                seed=drawn_by,
                drawn=entry,
            )
        )
    for reference in references:
        session.add(Drawn(survey=survey, request_id=known[reference], drawn=entry))
    session.flush()
    return DrawnLot(code, survey, service, period.key, drawn_by, lot.finished, tuple(references))
