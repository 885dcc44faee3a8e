"""What `demo` plays: reads `sample.toml`, which lies beside this file and holds all of it."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.roster import Role
from complaint_sla.work.complaints.filing import Intake
from complaint_sla.work.offices import OfficeView
from complaint_sla.work.plans.submitted import Submitted

FILE = Path(__file__).with_name("sample.toml")


class Does(StrEnum):
    LOG = "log"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    NOTE = "note"
    ASSESS = "assess"
    INVESTIGATE = "investigate"
    RESPOND = "respond"
    COMMUNICATE = "communicate"
    TRANSFER = "transfer"
    REGROUP = "regroup"
    MAKE_URGENT = "make-urgent"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    DUPLICATE = "duplicate"
    REOPEN = "reopen"
    AWAY = "away"
    # Of the action plan, and its surveys.
    CLASSIFY = "classify"
    ENTER = "enter"
    LIST = "list"
    ANSWER = "answer"


@dataclass(frozen=True)
class Step:
    """At some moment somebody does something to a complaint.

    `case` names the complaint within the sample, `text` is what is said, `to` a person, office, group or case.
    `intake` is of a LOG, `dated` of a CLOSE that is written down later. Of an AWAY, `text` is who is away, `to` the
    deputy and `until` the last day. Of a CLASSIFY, `text` is an office, `to` its class.

    `figures` are of an ENTER; a LIST is of `requests` that were finished `until` a day, drawn
    by the seed in `text`; of an ANSWER, `to` is a request, and `score` what was said, None where nobody was reached.
    """

    at: datetime
    by: str
    does: Does
    case: str = ""
    text: str = ""
    to: str = ""
    intake: Intake | None = None
    dated: datetime | None = None
    until: date | None = None
    figures: tuple[Submitted, ...] = ()
    requests: tuple[Mapping[str, Any], ...] = ()
    score: int | None = None


@dataclass(frozen=True)
class Person:
    """`language` is that of whoever looks at the demo where it is empty."""

    email: str
    name: str
    office: str
    role: Role
    language: str = ""


@dataclass(frozen=True)
class Sample:
    """`standstill` are the first and the last day without a service; `steps` stand in the order of time, before `end`."""

    quarter: Quarter
    end: datetime
    standstill: tuple[date, date]
    offices: tuple[OfficeView, ...]
    staff: tuple[Person, ...]
    steps: tuple[Step, ...]

    def readers(self, language: str) -> frozenset[str]:
        """The addresses of those who get their mail in a language, when that is the language of the demo."""
        return frozenset(person.email for person in self.staff if person.language in ("", language))


def load(zone: ZoneInfo) -> Sample:
    """The sample that ships, its moments in `zone`. A key that is not known is a TypeError: the file is the program's own."""
    content = _local(tomllib.loads(FILE.read_text(encoding="utf-8")), zone)
    offices, staff = [], list[Person]()
    for office in content["office"]:
        people = office.pop("staff")
        offices.append(OfficeView(parent=office.pop("parent", None), **office))
        staff += (Person(office=office["code"], role=Role(one.pop("role")), **one) for one in people)
    steps = [
        Step(one["at"], one["by"], Does.AWAY, text=one["who"], to=one["deputy"], until=one["until"])
        for one in content["absence"]
    ]
    for position, complaint in enumerate(content["complaint"]):
        steps += _course(complaint.pop("key", f"complaint-{position}"), **complaint)
    steps += (
        Step(does=Does.CLASSIFY, text=one.code, to=one.class_ or "", **content["planned"]) for one in offices
    )
    steps += (_letter(**one) for one in content["letter"])
    steps += _asked(**content["survey"])
    return Sample(
        Quarter.parse(content["quarter"]),
        content["end"],
        (content["standstill"]["first"], content["standstill"]["last"]),
        tuple(offices),
        tuple(staff),
        tuple(sorted(steps, key=lambda step: step.at)),
    )


def _letter(at: datetime, by: str, figures: Iterable[Sequence[str]], **said: Any) -> Step:
    """All that is entered of one letter."""
    return Step(at, by, Does.ENTER, figures=tuple(_figure(*one, **said) for one in figures))


def _figure(measure: str, period: str, figure: str | None = None, **said: Any) -> Submitted:
    return Submitted(measure, period, figure, **said)


def _asked(
    at: datetime,
    by: str,
    through: date,
    seed: str,
    requests: Sequence[Mapping[str, Any]],
    answers: Iterable[Mapping[str, Any]],
) -> Iterator[Step]:
    """A list of finished requests, and what those said on whom the lot fell."""
    yield Step(at, by, Does.LIST, text=seed, until=through, requests=tuple(requests))
    for one in answers:
        yield Step(one["at"], by, Does.ANSWER, to=one["reference"], score=one.get("score"))


def _local(value: Any, zone: ZoneInfo) -> Any:
    """The same, with the zone in each moment."""
    if isinstance(value, dict):
        return {key: _local(one, zone) for key, one in value.items()}
    if isinstance(value, list):
        return [_local(one, zone) for one in value]
    return value.replace(tzinfo=zone) if isinstance(value, datetime) else value


def _course(
    case: str,
    received: datetime,
    by: str,
    caller: dict[str, Any],
    steps: Iterable[dict[str, Any]] = (),
    **matter: Any,
) -> Iterator[Step]:
    """A complaint from its receipt on. A step is done by whoever did the one before, unless it says who."""
    yield Step(received, by, Does.LOG, case, intake=Intake(**caller, **matter))
    for step in steps:
        by = step.pop("by", by)
        yield Step(by=by, does=Does(step.pop("does")), case=case, **step)
