"""How asking stands in every lot, counted from the rows in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from sqlmodel import Session

from complaint_sla.core.periods import Period
from complaint_sla.core.plan import Plan
from complaint_sla.core.surveys import Outcome, Poll, Quota
from complaint_sla.store import surveys
from complaint_sla.store.tables import Listed

# Office, survey, service, period.
LotKey = tuple[int, str, str, str]


@dataclass(frozen=True)
class Polls:
    """`listed` says by office and service what lists are in, `by_lot` how asking stands."""

    listed: Mapping[surveys.Place, Listed] = field(default_factory=dict)
    by_lot: Mapping[LotKey, Poll] = field(default_factory=dict)

    def of(self, office_id: int, quota: Quota, period: Period) -> Poll:
        return self.by_lot.get((office_id, quota.survey.key, quota.service, period.key), Poll())


def polls(
    session: Session,
    plan: Plan,
    wanted: Collection[tuple[Quota, Period]],
    today: date,
    office_ids: Collection[int] | None,
) -> Polls:
    """Of these quotas in these periods, as of a local day. Three queries; one where no list is in."""
    known = surveys.listed(session, office_ids)
    if not known or not wanted:
        return Polls(known)
    first = min(period.first for _, period in wanted)
    last = max(period.last for _, period in wanted)
    # What was finished before cannot be asked any more by a survey that says of how many days.
    fresh = today - timedelta(days=max((quota.survey.within or 0 for quota, _ in wanted), default=0))
    by_service: dict[str, list[tuple[Quota, Period]]] = {}
    by_survey: dict[tuple[str, str], list[tuple[Quota, Period]]] = {}
    for quota, period in wanted:
        by_service.setdefault(quota.service, []).append((quota, period))
        by_survey.setdefault((quota.survey.key, quota.service), []).append((quota, period))
    found: dict[LotKey, _Count] = {}

    def count(office: int, quota: Quota, period: Period) -> _Count:
        return found.setdefault((office, quota.survey.key, quota.service, period.key), _Count())

    for office, service, day, is_out, n in surveys.count_requests(session, first, last, fresh, office_ids):
        for quota, period in by_service.get(service, ()):
            if period.first <= day <= period.last:
                can_be_drawn = not is_out and today <= quota.last_day(plan, day)
                count(office, quota, period).finish(n, is_out=is_out, can_be_drawn=can_be_drawn)
    for office, service, day, survey, outcome, n, scores in surveys.count_drawn(
        session, first, last, fresh, office_ids
    ):
        for quota, period in by_survey.get((survey, service), ()):
            if period.first <= day <= period.last:
                count(office, quota, period).draw(
                    n, outcome, scores, is_fresh=today <= quota.last_day(plan, day)
                )
    seeds = surveys.lots(session, {period.key for _, period in wanted}, office_ids)
    return Polls(
        known,
        {
            key: replace(one.poll, seed=seeds[key].seed if key in seeds else None)
            for key, one in found.items()
        },
    )


class _Count:
    """A poll that is being counted."""

    def __init__(self) -> None:
        self.poll = Poll()

    def finish(self, n: int, *, is_out: bool, can_be_drawn: bool) -> None:
        one = self.poll
        self.poll = replace(
            one,
            finished=one.finished + (0 if is_out else n),
            left_out=one.left_out + (n if is_out else 0),
            undrawn=one.undrawn + (n if can_be_drawn else 0),
        )

    def draw(self, n: int, outcome: str | None, scores: int, *, is_fresh: bool) -> None:
        one = self.poll
        # Nobody has asked them, and then it is too late.
        unasked = "waiting" if is_fresh else "not_reached"
        # What a hand has made of an outcome says nothing.
        name = _NAMES.get(outcome, unasked) if outcome is not None else unasked
        self.poll = replace(
            one,
            **{name: getattr(one, name) + n},
            drawn=one.drawn + n,
            undrawn=one.undrawn - (n if is_fresh else 0),
            scores=one.scores + (scores if outcome == Outcome.ANSWERED else 0),
        )


_NAMES: Mapping[str, str] = {
    Outcome.ANSWERED: "answered",
    Outcome.REFUSED: "refused",
    Outcome.NOT_REACHED: "not_reached",
    Outcome.TOO_LATE: "late",
}
