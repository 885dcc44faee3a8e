"""A timeline that a wrong clock has settled too far is taken up again where the last right one left it.

Every raise leaves an event, so that nothing after the last event that has happened by now was raised rightly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from complaint_sla.core.doubt import is_ahead
from complaint_sla.core.owed import AlertState, Change, Present, Row, named, owed_to


class Settled:
    """Up to which moments one generation's timeline has been settled, as its `alerts` events say, one after the other."""

    def __init__(self) -> None:
        self._moments: list[datetime] = []

    def take(self, happened_at: datetime, said: Mapping[str, Any]) -> None:
        """The next event: when it happened (UTC), and its data."""
        if "healed" in said:
            through = said["healed"]["through"]
            self._moments = self._until(None if through is None else datetime.fromisoformat(through))
        if "raised" in said:
            self._moments.append(happened_at)

    def rightly(self, now: datetime) -> datetime | None:
        """The last of them that had come by `now`; None if there is none, and all is raised anew from receipt on."""
        return max(self._until(now), default=None)

    def _until(self, last: datetime | None) -> list[datetime]:
        return [] if last is None else [moment for moment in self._moments if moment <= last]


def rightly_settled(events: Iterable[tuple[datetime, Mapping[str, Any]]], now: datetime) -> datetime | None:
    """Up to where the generation of these `alerts` events was settled by a clock that was right, as of `now`."""
    settled = Settled()
    for happened_at, said in events:
        settled.take(happened_at, said)
    return settled.rightly(now)


def is_settled_ahead(through: datetime | None, now: datetime) -> bool:
    """Whether a clock that was wrong, or is, settled a timeline up to `through`."""
    return through is not None and is_ahead(through, now)


def healed(present: Present, rows: Sequence[Row], through: datetime | None) -> Change:
    """The clock was wrong: all that was raised after `through` is taken back, but what was sent or is going out.

    `rows`, oldest stage first, each with what is `handed_over`; those of earlier deadlines and of handings-over stay.
    Whoever loses one is owed again what they were owed before it, be it of an earlier deadline or a handing-over:
    a wrong row may have overtaken that.
    """
    early = [row for row in rows if _is_early(present, row, through)]
    gone = [row for row in early if row.state != AlertState.SENT and not row.handed_over]
    losers = {row.recipient for row in gone}
    mine = [row for row in rows if row.runs and row.recipient in losers and row not in early]
    newest = {row.recipient: row for row in mine if row.is_of_timeline}
    overtaken = (AlertState.SUPERSEDED, AlertState.DROPPED)
    again = [row for row in newest.values() if row.state in overtaken]
    # That it was handed over, unless a stage is told rather than that, or may have been.
    handings_over = (row for row in mine if not row.is_of_timeline)
    news = {row.recipient: row for row in sorted(handings_over, key=_which)}
    again += [
        row
        for row in news.values()
        if row.state == AlertState.SUPERSEDED
        and row.recipient in present.choose(row.roles, ())
        and not _is_told(newest.get(row.recipient), row.raised_at)
    ]
    healing = {
        "through": None if through is None else through.isoformat(),
        "taken_back": [_named(present, row) for row in gone],
        "again": [_named(present, row) for row in again],
    }
    return Change(
        moved=tuple((row, row.becomes(owed_to(row.recipient))) for row in again),
        gone=tuple(gone),
        broken=frozenset(row.message_id for row in gone if row.message_id is not None),
        said={"generation": present.generation, "healed": healing},
    )


def _is_early(present: Present, row: Row, through: datetime | None) -> bool:
    is_present = row.generation == present.generation and row.is_of_timeline
    return is_present and (through is None or row.stage_at > through)


def _which(news: Row) -> tuple[int, int]:
    """Of two handings-over at whatever moments of whatever clocks the later one."""
    return news.generation, news.occurrence


def _is_told(newest: Row | None, since: datetime) -> bool:
    """Whether the newest stage that somebody has is still owed to them, or was raised `since` a moment."""
    return newest is not None and (newest.state != AlertState.SENT or newest.raised_at >= since)


def _named(present: Present, row: Row) -> dict[str, object]:
    return {**named(present, row), "recipient": row.recipient}
