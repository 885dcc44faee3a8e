"""What an import changes, quarter by quarter, and whom the next sweep writes to because of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from sqlmodel import Session

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.complaints import Bucket
from complaint_sla.store import figures
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures.cohort import first_served, is_final


@dataclass
class Effect:
    """What batches have come to: new complaints by quarter and by where they count, known ones that were ended by quarter.

    `people` are owed at the next sweep what new complaints have come to by now, of each so many; of so many complaints
    somebody is (`told`).
    """

    new: Counter[tuple[Quarter, Bucket]] = field(default_factory=Counter)
    ended: Counter[Quarter] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    told: int = 0

    def add(self, other: Effect) -> None:
        self.new += other.new
        self.ended += other.ended
        self.people += other.people
        self.told += other.told

    def count(self, *buckets: Bucket) -> int:
        """Of the new ones."""
        return sum(count for (_, bucket), count in self.new.items() if bucket in buckets)


@dataclass(frozen=True)
class OfQuarter:
    """Of a quarter: how many complaints are new, of these in time, late, open, and in no figure; how many known ones were
    `ended`.

    `restated`: its figure is frozen, and would be restated as this version. `waits`: it is final, and a person has to
    freeze it. `has_ended` is said of the quarter.
    """

    quarter: Quarter
    received: int
    in_time: int
    late: int
    open: int
    excluded: int
    ended: int
    has_ended: bool
    restated: int | None = None
    waits: bool = False


def by_quarter(session: Session, desk: Desk, effect: Effect) -> Iterator[OfQuarter]:
    """The quarters that an import has changed, in their order, as they are now that it has."""
    touched = sorted({quarter for quarter, _ in effect.new} | effect.ended.keys())
    past = {one for one in touched if one.last_day < desk.today}
    known = figures.versions(session) if past else {}
    waiting = _waiting(session, desk, past, known)
    for quarter in touched:
        of = {bucket: effect.new[quarter, bucket] for bucket in Bucket}
        yield OfQuarter(
            quarter,
            received=sum(of.values()),
            in_time=of[Bucket.ON_TIME],
            late=of[Bucket.LATE] + of[Bucket.OVERDUE],
            open=of[Bucket.PENDING] + of[Bucket.OVERDUE],
            excluded=of[Bucket.EXCLUDED],
            ended=effect.ended[quarter],
            has_ended=quarter in past,
            restated=figures.last_version(session, str(quarter)) + 1 if str(quarter) in known else None,
            waits=quarter in waiting,
        )


def _waiting(session: Session, desk: Desk, past: set[Quarter], known: Mapping[str, int]) -> set[Quarter]:
    unfrozen = {one for one in past if str(one) not in known}
    if not unfrozen or desk.standing.confined:
        return set()
    first = first_served(session, desk)
    return {one for one in unfrozen if first is None or one < first if is_final(session, desk, one)}
