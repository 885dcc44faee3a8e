"""The desk at which something is done: which database, which books, who acts, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import local_day
from complaint_sla.core.rulebook import Shelf
from complaint_sla.core.service import ServiceRules
from complaint_sla.store.engine import Store


@dataclass(frozen=True)
class Desk:
    """What every piece of work is given. Each function of `work` runs its own transactions on `store`.

    `now` (UTC) is the moment that the work is done at, and may be rehearsed; `clock` tells the real one, which is kept
    beside it in the record and which leases, retries and heartbeats follow. `actor` is who is said to act, a claim;
    `system_user` is whom the machine knows. `service` is what the service keeps to.
    """

    store: Store
    shelf: Shelf
    now: datetime
    clock: Callable[[], datetime]
    actor: str
    system_user: str
    service: ServiceRules = field(default_factory=ServiceRules)

    @property
    def zone(self) -> ZoneInfo:
        return self.shelf.zone

    @property
    def today(self) -> date:
        """The local day of `now`."""
        return local_day(self.now, self.zone)

    def at(self, now: datetime) -> Desk:
        """The same desk at another moment."""
        return replace(self, now=now)
