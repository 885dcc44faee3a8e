"""How asking stands in every lot, counted from the rows in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
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
    count = _Count(plan, wanted, today)
    for row in surveys.count_requests(session, first, last, fresh, office_ids):
        count.finish(*row)
    for drawn in surveys.count_drawn(session, first, last, fresh, office_ids):
        count.draw(*drawn)
    seeds = surveys.lots(session, {period.key for _, period in wanted}, office_ids)
    return Polls(
        known,
        {
            key: Poll(**one, seeds=(seeds[key].seed,) if key in seeds else ())
            for key, one in count.found.items()
        },
    )


class _Count:
    """Adds up rows by lot: `found` holds the numbers of a poll by their names."""

    def __init__(self, plan: Plan, wanted: Collection[tuple[Quota, Period]], today: date) -> None:
        self.found: dict[LotKey, dict[str, int]] = {}
        self._plan, self._today = plan, today
        self._of_service: dict[str, list[tuple[Quota, Period]]] = {}
        self._of_survey: dict[tuple[str, str], list[tuple[Quota, Period]]] = {}
        for quota, period in wanted:
            self._of_service.setdefault(quota.service, []).append((quota, period))
            self._of_survey.setdefault((quota.survey.key, quota.service), []).append((quota, period))

    def finish(self, office: int, service: str, day: date, is_out: bool, n: int) -> None:
        for quota, period in self._of_service.get(service, ()):
            if not period.first <= day <= period.last:
                continue
            if is_out:
                self._add(office, quota, period, left_out=n)
            else:
                undrawn = n if self._is_fresh(quota, day) else 0
                self._add(office, quota, period, finished=n, undrawn=undrawn)

    def draw(
        self, office: int, service: str, day: date, survey: str, outcome: str | None, n: int, scores: int
    ) -> None:
        for quota, period in self._of_survey.get((survey, service), ()):
            if not period.first <= day <= period.last:
                continue
            is_fresh = self._is_fresh(quota, day)
            # Nobody has asked them, and then it is too late.
            unasked = "waiting" if is_fresh else "not_reached"
            # What a hand has made of an outcome says nothing.
            name = unasked if outcome is None else _NAMES.get(outcome, unasked)
            self._add(office, quota, period, **{name: n}, drawn=n, undrawn=-n if is_fresh else 0)
            if outcome == Outcome.ANSWERED:
                self._add(office, quota, period, scores=scores)

    def _is_fresh(self, quota: Quota, day: date) -> bool:
        return self._today <= quota.last_day(self._plan, day)

    def _add(self, office: int, quota: Quota, period: Period, **more: int) -> None:
        count = self.found.setdefault((office, quota.survey.key, quota.service, period.key), {})
        for name, n in more.items():
            count[name] = count.get(name, 0) + n


_NAMES: Mapping[str, str] = {
    Outcome.ANSWERED: "answered",
    Outcome.REFUSED: "refused",
    Outcome.NOT_REACHED: "not_reached",
    Outcome.TOO_LATE: "late",
}
