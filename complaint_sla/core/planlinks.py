"""Measures of a plan that name others: whether those are there, and can be what they are named for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from complaint_sla.core.measures import Kind
from complaint_sla.core.plan import PlannedMeasure
from complaint_sla.core.tomlreader import TableReader, short, within

# Each with its place.
Placed = Sequence[tuple[str, PlannedMeasure]]


def check_links(reader: TableReader, measures: Placed) -> None:
    """Every fault in what measures name."""
    # Of a key that is there twice the first: that it is has been said.
    by_key = {one.key: one for _, one in reversed(measures)}
    for place, one in measures:
        for name, key in _named(one):
            where = within(place, name)
            if key == one.key:
                reader.fault(where, "fault-itself", value=key)
            elif key not in by_key:
                known = [other.key for _, other in measures if other.key != one.key]
                reader.fault(where, "fault-choice", value=short(key), known=known)
            elif name == "same_as":
                _same_as(reader, where, one, by_key[key])
            elif name == "same_whole" and {one.kind, by_key[key].kind} != {Kind.SHARE}:
                reader.fault(where, "fault-same-whole", value=key)
            elif name not in ("same_as", "same_whole"):
                _when_missed(reader, where, by_key[key])
        if one.when_missed and one.kind is not Kind.DONE:
            reader.fault(within(place, "when_missed"), "fault-when-missed-kind")
        if one.same_as and one.survey:
            reader.fault(within(place, "same_as"), "fault-same-as-survey", value=one.survey)
    _one_draws(reader, measures)


def _named(one: PlannedMeasure) -> Iterator[tuple[str, str]]:
    """Which key stands where."""
    if one.same_as is not None:
        yield "same_as", one.same_as
    if one.same_whole is not None:
        yield "same_whole", one.same_whole
    for number, key in enumerate(one.when_missed, 1):
        yield f"when_missed[{number}]", key


def _same_as(reader: TableReader, where: str, one: PlannedMeasure, other: PlannedMeasure) -> None:
    if other.same_as or other.source or other.survey:
        reader.fault(where, "fault-same-as-fed", value=other.key)
    elif (other.kind, other.every, other.latest) != (one.kind, one.every, one.latest):
        reader.fault(where, "fault-same-as", value=other.key)


def _when_missed(reader: TableReader, where: str, other: PlannedMeasure) -> None:
    if other.when_missed:
        reader.fault(where, "fault-when-missed", value=other.key)
    elif not other.is_judged:
        reader.fault(where, "fault-when-missed-shown", value=other.key)


def _one_draws(reader: TableReader, measures: Placed) -> None:
    """How many are drawn of a survey's customers of a service is said once, or nobody could say whose number holds."""
    drawing: dict[tuple[str, str], str] = {}
    means: dict[tuple[str, str | None], str] = {}
    for place, one in measures:
        if one.survey is None:
            continue
        if one.kind is Kind.MEAN:
            before = means.setdefault((one.survey, one.service), one.key)
        elif one.service is not None:
            before = drawing.setdefault((one.survey, one.service), one.key)
        else:
            continue
        if before != one.key:
            reader.fault(place, "fault-survey-twice", value=before)
