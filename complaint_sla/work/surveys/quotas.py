"""Which surveys ask of a request, by the plan of its quarter; each plan is read once."""

from __future__ import annotations

from datetime import date

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotPossible
from complaint_sla.core.plan import Plan
from complaint_sla.core.surveys import Quota, quotas
from complaint_sla.store import books


class Plans:
    """The plans of quarters, within one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[Quarter, tuple[Plan, tuple[Quota, ...]] | None] = {}

    def of(self, finished_on: date) -> tuple[Plan, tuple[Quota, ...]] | None:
        """The plan of a day's quarter with its quotas; None without a plan."""
        quarter = Quarter.of(finished_on)
        if quarter not in self._known:
            try:
                plan = books.plan_in(self._session, quarter)
                self._known[quarter] = plan, quotas(plan)
            except NotPossible:
                self._known[quarter] = None
        return self._known[quarter]

    def quota(self, survey: str, service: str, finished_on: date) -> Quota | None:
        """That of a survey and service; None where a plan has none any more."""
        found = self.of(finished_on)
        mine = found[1] if found is not None else ()
        return next((one for one in mine if (one.survey.key, one.service) == (survey, service)), None)

    def last_day(self, survey: str, service: str, finished_on: date) -> date | None:
        """The last day on which a survey asks of a request; None if it does not."""
        found, quota = self.of(finished_on), self.quota(survey, service, finished_on)
        return quota.last_day(found[0], finished_on) if found is not None and quota is not None else None

    def asking(self, service: str, finished_on: date, today: date) -> set[str]:
        """The surveys that may still ask of a request, or draw it."""
        found = self.of(finished_on)
        if found is None:
            return set()
        plan, mine = found
        return {
            quota.survey.key
            for quota in mine
            if quota.service == service and today <= quota.last_day(plan, finished_on)
        }
