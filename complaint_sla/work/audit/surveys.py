"""The surveys: every draw again from its seed, and what is stored against what the journal says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Table, select
from sqlmodel import Session

from complaint_sla.core.calendars import local_day
from complaint_sla.core.chain import UNREADABLE
from complaint_sla.core.differences import Check, Difference
from complaint_sla.core.draw import lowest
from complaint_sla.core.journal import JOURNAL, JournalKind
from complaint_sla.core.surveys import NO_ANSWER, Outcome, Quota
from complaint_sla.store.archive import Row
from complaint_sla.store.tables import Drawn, Listed, Lot, Request
from complaint_sla.store.types import unreadable
from complaint_sla.work.surveys.quotas import Plans

Found = Iterator[tuple[str, Difference]]
# Office and reference; office and service; office, survey, service and period; survey, office and reference.
_Key = tuple[str, ...]
_REQUEST: Table = Request.__table__  # type: ignore[attr-defined]
_DRAWN: Table = Drawn.__table__  # type: ignore[attr-defined]
_LISTED: Table = Listed.__table__  # type: ignore[attr-defined]
_LOT: Table = Lot.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class SurveyEntry:
    """What the journal says of a survey, as the entry `seq` of a moment (UTC)."""

    seq: int
    kind: str
    happened_at: datetime
    said: Mapping[str, Any]


@dataclass
class Surveys:
    """What stands by the journal: of each key the columns of its row."""

    requests: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    listed: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    lots: dict[_Key, dict[str, Any]] = field(default_factory=dict)
    drawn: dict[_Key, dict[str, Any]] = field(default_factory=dict)


def of_surveys(
    session: Session, entries: Sequence[SurveyEntry], codes: Mapping[int, str], zone: ZoneInfo
) -> Found:
    """Everything that is wrong with the surveys. `codes` are those of the offices, by id."""
    replay = _Replay(Plans(session), zone)
    for entry in entries:
        try:
            yield from replay.take(entry)
        except UNREADABLE:
            yield JOURNAL, Difference(Check.UNREADABLE, f"{entry.seq} {entry.kind}")
    yield from _compared(session, replay.stands, codes)


class _Replay:
    """The entries once more, in their order."""

    def __init__(self, plans: Plans, zone: ZoneInfo) -> None:
        self.stands = Surveys()
        # By office and service: whoever draws again looks at those of one lot.
        self._there: dict[_Key, dict[str, dict[str, Any]]] = {}
        self._plans, self._zone = plans, zone

    def take(self, entry: SurveyEntry) -> Found:
        match entry.kind:
            case JournalKind.SURVEY_LISTED:
                self._listed(entry)
            case JournalKind.SURVEY_DRAWN:
                yield from self._drawn(entry)
            case _:
                self._asked(entry)

    def _listed(self, entry: SurveyEntry) -> None:
        said, stands = entry.said, self.stands
        for reference, service, finished_on, left_out in said["requests"]:
            one = {
                "service": service,
                "finished_on": date.fromisoformat(finished_on),
                "left_out": left_out,
                "listed": entry.seq,
            }
            stands.requests[said["office"], reference] = one
            self._there.setdefault((said["office"], service), {})[reference] = one
        for service, since in said["services"].items():
            key = said["office"], service
            through = date.fromisoformat(said["through"])
            if key in stands.listed:
                through = max(through, stands.listed[key]["through"])
            stands.listed[key] = {
                "since": date.fromisoformat(since),
                "through": through,
                "listed": entry.seq,
            }

    def _drawn(self, entry: SurveyEntry) -> Found:
        said, stands = entry.said, self.stands
        office, survey = said["office"], said["survey"]
        key = (office, survey, said["service"], said["period"])
        if said["seed"] is not None:
            stands.lots[key] = {"seed": said["seed"], "drawn": entry.seq}
        references = list(said["references"])
        expected = self._lot_falls_on(entry, key, len(references))
        if references != expected:
            about = " ".join(("lot", *key))
            yield (
                about,
                Difference(Check.DRAW, str(entry.seq), ", ".join(references), ", ".join(expected)),
            )
        for reference in references:
            stands.drawn[survey, office, reference] = {
                "drawn": entry.seq,
                "attempts": 0,
                "outcome": None,
                "score": None,
                "asked_on": None,
                "asked": None,
            }

    def _lot_falls_on(self, entry: SurveyEntry, key: _Key, count: int) -> list[str]:
        """Whom it fell on: the lowest tickets among those who were undrawn and could be asked, as many as were owed."""
        office, survey, service, period = key
        today = local_day(entry.happened_at, self._zone)
        through = self.stands.listed[office, service]["through"]
        seed = self.stands.lots[key]["seed"]
        finished = on_the_way = counted = 0
        fresh: list[str] = []
        quota: Quota | None = None
        for reference, one in self._there.get((office, service), {}).items():
            day = one["finished_on"]
            if one["left_out"] is not None or day > through:
                continue
            mine = self._plans.quota(survey, service, day)
            if mine is None or mine.period(day).key != period:
                continue
            quota = mine
            finished += 1
            last = self._plans.last_day(survey, service, day)
            is_fresh = last is not None and today <= last
            there = self.stands.drawn.get((survey, office, reference))
            if there is None:
                fresh += [reference] if is_fresh else []
            elif mine.survey.counts_drawn or there["outcome"] == Outcome.ANSWERED:
                counted += 1
            elif there["outcome"] is None and is_fresh:
                on_the_way += 1
        if quota is None:
            return []
        owed = quota.owed_of(finished) - counted - on_the_way
        return lowest(seed, fresh, max(0, min(count, owed)))

    def _asked(self, entry: SurveyEntry) -> None:
        said = entry.said
        outcome = said["outcome"]
        self.stands.drawn[said["survey"], said["office"], said["reference"]] |= {
            "attempts": said["attempts"],
            "outcome": None if outcome == NO_ANSWER else outcome,
            "score": said["score"],
            "asked_on": date.fromisoformat(said["on"]),
            "asked": entry.seq,
        }


def _compared(session: Session, said: Surveys, codes: Mapping[int, str]) -> Found:
    """The rows of the four tables against what the journal says."""

    def rows_of(table: Table) -> Iterator[Row]:
        yield from cast("Iterable[Row]", session.connection().execute(select(table)).mappings())

    keys: dict[object, _Key] = {}
    requests: dict[_Key, Mapping[str, Any]] = {}
    for row in rows_of(_REQUEST):
        if damaged := unreadable(_REQUEST, row):
            yield f"request #{row['id']}", Difference(Check.RECORD, ", ".join(damaged))
            continue
        keys[row["id"]] = key = codes.get(row["office_id"], "?"), row["reference"]
        requests[key] = row
    yield from _rows("request", said.requests, requests)
    for name, table, stands in (("list", _LISTED, said.listed), ("lot", _LOT, said.lots)):
        there: dict[_Key, Mapping[str, Any]] = {}
        for row in rows_of(table):
            if damaged := unreadable(table, row):
                yield f"{name} #{row['id']}", Difference(Check.RECORD, ", ".join(damaged))
                continue
            rest = ("service",) if name == "list" else ("survey", "service", "period")
            there[(codes.get(row["office_id"], "?"), *(row[one] for one in rest))] = row
        yield from _rows(name, stands, there)
    drawn: dict[_Key, Mapping[str, Any]] = {}
    for row in rows_of(_DRAWN):
        if damaged := unreadable(_DRAWN, row):
            yield f"drawn #{row['id']}", Difference(Check.RECORD, ", ".join(damaged))
            continue
        drawn[(row["survey"], *keys.get(row["request_id"], ("?", f"#{row['request_id']}")))] = row
    yield from _rows("drawn", said.drawn, drawn)


def _rows(
    what: str, said: Mapping[_Key, Mapping[str, Any]], there: Mapping[_Key, Mapping[str, Any]]
) -> Found:
    for key, columns in said.items():
        about = " ".join((what, *key))
        if key not in there:
            yield about, Difference(Check.REGISTER_MISSING, " ".join(key))
            continue
        for name, value in columns.items():
            if there[key][name] != value:
                yield about, Difference(Check.REGISTER, name, there[key][name], value)
    for key in there.keys() - said.keys():
        yield " ".join((what, *key)), Difference(Check.REGISTER_SURPLUS, " ".join(key))
