"""A quarter's plan as text that is kept for good, and what has changed since it was.

A plan is frozen once for the whole tree of offices: a head (`content`), and a line for each measure at each office that
has figures of its own, with the readings that stood. From these the card of any office of the tree as it was then can be
told again, by the text of the plan and the closure figures that the head names by their digests. It holds no personal data.

Both say their format, and are read for as long as there are offices.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from fractions import Fraction
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.core.figures import PLAN
from complaint_sla.core.frozen import digest
from complaint_sla.core.measures import plain_percent
from complaint_sla.core.plan import Plan
from complaint_sla.core.readings import Reading, ReadingKind, standing
from complaint_sla.core.reckoning import Reckoning
from complaint_sla.core.scorecard import Closure, PlanOffice, Sight, State
from complaint_sla.core.surveys import Poll

# What is written now.
FORMAT = 1


@dataclass(frozen=True)
class PlannedOffice:
    """An office as it stood in the tree; `parent` is a code, `class_` None where nobody had given it one."""

    code: str
    parent: str | None
    th: str
    en: str
    class_: str | None


@dataclass(frozen=True)
class PinnedFigure:
    """A frozen closure figure that a plan stands on, of all offices: n of d closed within the criteria."""

    quarter: str
    version: int
    digest: str
    n: int
    d: int


@dataclass(frozen=True)
class Ground:
    """What a frozen plan stands on, beside its readings.

    `closure` is the figure of the quarter, None where nothing had been received by its end; `target` that which its book
    gave, None where no book was in force. `earlier` are the figures of the year's quarters before it, None where not all of
    them can be told. Of the journal's entries up to `seq`, whose hash is `head`, the readings were taken. `before` is the
    digest of the version that is restated, `newest` that of the figure that was frozen last, of whatever measure and
    quarter; None: there was none.
    """

    plan: str
    plan_digest: str
    hand_in: date
    target: Fraction | None
    closure: PinnedFigure | None
    earlier: tuple[PinnedFigure, ...] | None
    offices: tuple[PlannedOffice, ...]
    seq: int
    head: str
    before: str | None = None
    newest: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A measure at an office: its state, the n and d that were in, and what stood of it from January on, by period; with how
    asking stood where a survey feeds it.

    No readings stand beside what is fed by the tracker, or has the figures of another measure.
    """

    office: str
    measure: str
    state: State
    n: int | None
    d: int | None
    readings: tuple[Reading, ...] = ()
    polls: tuple[tuple[str, Poll], ...] = ()

    @property
    def figure(self) -> str | None:
        """90/95; 3 of what nobody knows the whole; None where none is in."""
        if self.n is None:
            return None
        return str(self.n) if self.d is None else f"{self.n}/{self.d}"


@dataclass(frozen=True)
class Restated:
    """What is otherwise than in an earlier version: the `plan` (id and the beginning of its digest), the day of `hand_in`
    (ISO 8601), the `closure` rate (version, n/d), an `office` (parent, names, class); or a measure at an office: its
    `figure` (n/d), its `state` alone, or the `entry` alone that says the same figure (another letter, another month).

    None: it was not there, or is no more. `states`: was and now, where it has turned.
    """

    name: str
    was: str | None
    now: str | None
    office: str | None = None
    measure: str | None = None
    states: tuple[State, State] | None = None


@dataclass(frozen=True)
class FrozenPlan:
    """A frozen plan read again: `as_of` is the local day of which its states are; `digest` is that of `content`.

    `voided_at`: it does not count, since a clock that ran ahead froze it.
    """

    quarter: Quarter
    version: int
    as_of: date
    final_at: datetime
    frozen_at: datetime
    content: str
    digest: str
    ground: Ground
    restated: tuple[Restated, ...]
    count: int
    lines_digest: str
    voided_at: datetime | None = None

    def had(self, office: str) -> bool:
        """Whether the office was there when the plan was frozen."""
        return any(one.code == office for one in self.ground.offices)

    def sight(
        self, plan: Plan, lines: Iterable[Line], closure: Closure | None, offices: Container[str]
    ) -> Sight:
        """All that the card of these offices followed from; `lines` are theirs."""
        found = list(lines)
        reporting = {one.office for one in found}
        return Sight(
            plan=plan,
            quarter=self.quarter,
            today=self.as_of,
            # Which offices had figures of their own is known: those that have lines.
            offices=tuple(
                PlanOffice(one.code, one.class_, one.class_ is None and one.code not in reporting)
                for one in self.ground.offices
                if one.code in offices
            ),
            readings=standing(reading for one in found for reading in one.readings),
            surveys={(one.office, one.measure, period): poll for one in found for period, poll in one.polls},
            closure=closure,
        )


def lines_of(sight: Sight) -> Iterator[Line]:
    """The lines of a sight of all offices, in no order."""
    reckoning = Reckoning(sight)
    # What there is of a measure at an office, found once: of a nation there are many.
    stood: dict[tuple[str, str], list[Reading]] = {}
    for (office, key, _), reading in sight.readings.items():
        stood.setdefault((office, key), []).append(reading)
    asked: dict[tuple[str, str], list[tuple[str, Poll]]] = {}
    for (office, key, period), poll in sight.surveys.items():
        asked.setdefault((office, key), []).append((period, poll))
    for office, tallies in reckoning.by_office():
        for key, tally in tallies.items():
            measure = reckoning.measures[key].measure
            is_own = not measure.source and measure.same_as is None
            readings = sorted(stood.get((office, key), ()) if is_own else (), key=lambda one: one.period)
            polls = sorted(asked.get((office, key), ()), key=lambda one: one[0])
            yield Line(office, key, tally.state, tally.n, tally.d, tuple(readings), tuple(polls))


def write_lines(lines: Iterable[Line]) -> str:
    """A line of JSON each, by office and measure; the same lines give the same text."""
    return "".join(
        json.dumps(_line_data(one), ensure_ascii=False, separators=(",", ":")) + "\n"
        for one in sorted(lines, key=lambda one: (one.office, one.measure))
    )


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "office": line.office,
        "format": FORMAT,
        "measure": line.measure,
        "state": line.state,
        "n": line.n,
        "d": line.d,
        "readings": [_reading_data(one) for one in line.readings],
    } | ({"polls": {period: asdict(poll) for period, poll in line.polls}} if line.polls else {})


def _reading_data(one: Reading) -> list[object]:
    """Its period and the number of its entry (0: a survey feeds it); of a figure n, d and the day of its letter, too."""
    if one.kind is not ReadingKind.FIGURE:
        return [one.period, one.seq]
    return [one.period, one.seq, one.n, one.d, None if one.dated is None else one.dated.isoformat()]


def each_line(text: str, offices: Collection[str] | None = None) -> Iterator[Line]:
    """The lines of these offices, or of all, one after the other. Raises DatabaseUnusable (`figure-new`)."""
    # What is of others is not even read: of a nation one office is asked for.
    heads = None if offices is None else tuple(_head(one) for one in offices)
    for line in StringIO(text, newline="\n"):
        if heads is None or line.startswith(heads):
            yield _line_of(_known(json.loads(line)))


def _head(office: str) -> str:
    return json.dumps({"office": office}, ensure_ascii=False, separators=(",", ":"))[:-1] + ","


def _line_of(data: Mapping[str, Any]) -> Line:
    office, measure = data["office"], data["measure"]
    readings = tuple(_reading_of(office, measure, *one) for one in data["readings"])
    polls = tuple((period, _poll_of(poll)) for period, poll in data.get("polls", {}).items())
    return Line(office, measure, State(data["state"]), data["n"], data["d"], readings, polls)


def _poll_of(data: Mapping[str, Any]) -> Poll:
    return Poll(**{**data, "seeds": tuple(data["seeds"])})


def _reading_of(office: str, measure: str, period: str, seq: int, *figure: Any) -> Reading:
    if not figure:
        return Reading(seq, office, measure, period, ReadingKind.AWAITING)
    n, d, dated = figure
    day = None if dated is None else date.fromisoformat(dated)
    return Reading(seq, office, measure, period, ReadingKind.FIGURE, n, d, day)


def _known(data: dict[str, Any]) -> dict[str, Any]:
    """The data, if its format is known."""
    if data["format"] != FORMAT:
        raise DatabaseUnusable("figure-new", format=data["format"], known=FORMAT)
    return data


def write_content(
    quarter: Quarter,
    version: int,
    as_of: datetime,
    final_at: datetime,
    ground: Ground,
    lines: str,
    restated: Sequence[Restated],
    zone: ZoneInfo,
) -> str:
    """The JSON of a frozen plan, moments in `zone`. `lines` is their text."""
    data = {
        "format": FORMAT,
        "measure": PLAN,
        "quarter": str(quarter),
        "version": version,
        "as_of": as_of.astimezone(zone).isoformat(),
        "final_at": final_at.astimezone(zone).isoformat(),
        "plan": {"id": ground.plan, "digest": ground.plan_digest},
        "hand_in": ground.hand_in.isoformat(),
        "closure": None if ground.closure is None else asdict(ground.closure),
        "target": None if ground.target is None else plain_percent(ground.target),
        "earlier": None if ground.earlier is None else [asdict(one) for one in ground.earlier],
        "journal": {"seq": ground.seq, "head": ground.head},
        "before": ground.before,
        "newest": ground.newest,
        "offices": [_office_data(one) for one in ground.offices],
        "restated": [asdict(one) for one in restated],
        "lines": {"count": lines.count("\n"), "digest": digest(lines)},
    }
    return json.dumps(data, ensure_ascii=False, indent=2)


def _office_data(one: PlannedOffice) -> dict[str, Any]:
    return {"code": one.code, "parent": one.parent, "th": one.th, "en": one.en, "class": one.class_}


def read_content(content: str, frozen_at: datetime, voided_at: datetime | None = None) -> FrozenPlan:
    """The frozen plan that was written as `content`. Raises DatabaseUnusable (`figure-new`)."""
    data = _known(json.loads(content))
    closure, target, earlier = (data[name] for name in ("closure", "target", "earlier"))
    return FrozenPlan(
        quarter=Quarter.parse(data["quarter"]),
        version=data["version"],
        # It is written as clocks of the zone show it.
        as_of=datetime.fromisoformat(data["as_of"]).date(),
        final_at=datetime.fromisoformat(data["final_at"]),
        frozen_at=frozen_at,
        content=content,
        digest=digest(content),
        ground=Ground(
            plan=data["plan"]["id"],
            plan_digest=data["plan"]["digest"],
            hand_in=date.fromisoformat(data["hand_in"]),
            target=None if target is None else Fraction(target) / 100,
            closure=None if closure is None else PinnedFigure(**closure),
            earlier=None if earlier is None else tuple(PinnedFigure(**one) for one in earlier),
            offices=tuple(
                PlannedOffice(*(one[name] for name in ("code", "parent", "th", "en", "class")))
                for one in data["offices"]
            ),
            seq=data["journal"]["seq"],
            head=data["journal"]["head"],
            before=data["before"],
            newest=data["newest"],
        ),
        restated=tuple(_restated_of(one) for one in data["restated"]),
        count=data["lines"]["count"],
        lines_digest=data["lines"]["digest"],
        voided_at=voided_at,
    )


_RESTATED = tuple(one.name for one in fields(Restated) if one.name != "states")


def _restated_of(data: Mapping[str, Any]) -> Restated:
    states = data["states"]
    turned = None if states is None else (State(states[0]), State(states[1]))
    return Restated(**{name: data[name] for name in _RESTATED}, states=turned)
