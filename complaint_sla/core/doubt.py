"""When a clock is to be doubted, and who decides: the heartbeats of the service, and witnesses beside them. Pure rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from complaint_sla.core.errors import NotPossible

# Clocks of machines that share a database differ by less.
DRIFT = timedelta(minutes=5)
# The longest normal standstill: an office's machine is switched off over a long weekend. What a clock that is ahead by
# less has done heals, as all of it does.
STANDSTILL = timedelta(days=4)
# Witnesses tell the hour: a greeting may be slow to come, and mail servers keep their clocks loosely.
TOLERANCE = timedelta(hours=1)


@dataclass(frozen=True)
class Statement:
    """What `by` says the time is (UTC). One that reads the very clock in doubt is not `independent`: it can only contradict.

    One that has only `counted` on from a moment that was believed lets a clock pass, and proves nothing.
    """

    by: str
    at: datetime
    independent: bool = True
    counted: bool = False


def is_ahead(moment: datetime, now: datetime) -> bool:
    """Whether no right clock can have told this moment by `now`."""
    return moment > now + DRIFT


def doubt(now: datetime, beats: Iterable[datetime]) -> datetime | None:
    """The heartbeat beside which `now` needs a witness; None while all is normal, and where nothing has ever run.

    One that lies ahead, or the newest if that is longer ago than any normal standstill.
    """
    newest = max(beats, default=None)
    if newest is None or (not is_ahead(newest, now) and now - newest <= STANDSTILL):
        return None
    return newest


def decide(now: datetime, beat: datetime, statements: Iterable[Statement]) -> Statement | None:
    """Lets `now` pass if the first who can say confirms it; later ones are not asked. Who proved it; None: nobody did.

    Raises NotPossible: `clock-contradicted` at the first that says otherwise; `clock-unconfirmed`, if nobody can say, of
    a clock that is ahead. One that is behind passes then: the heartbeat may be what a wrong clock has left, and what a
    round takes back because of that comes again at its time. What does not come again needs proof.
    """
    for one in statements:
        if one.counted and beat > now:
            # It counts from what the heartbeats told, and knows no more than they do.
            continue
        if abs(one.at - now) > TOLERANCE:
            raise NotPossible("clock-contradicted", now=now, beat=beat, by=one.by, at=one.at)
        if one.independent:
            return None if one.counted else one
    if beat <= now:
        raise NotPossible("clock-unconfirmed", now=now, beat=beat)
    return None
