"""The text of an action plan → a `Plan`, or *every* fault in it, each with file, place and cure.

It lies beside the rule books; the format is explained by example in `rules/plan-2560.toml`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from complaint_sla.core.errors import BookFaults
from complaint_sla.core.measures import Kind
from complaint_sla.core.periods import Every
from complaint_sla.core.plan import (
    FIGURES_DUE,
    HAND_IN,
    REMIND_DAYS,
    Activity,
    Due,
    Plan,
    PlannedMeasure,
    Service,
    Survey,
)
from complaint_sla.core.titles import Title
from complaint_sla.core.tomlreader import Table, TableReader, opened, short, within

# What a measure may be fed by, beside who enters it.
COMPLAINTS = "complaints"
# How a measure that the tracker feeds is called where the plan does not say it.
CLOSED_IN_TIME = Title("ปิดได้ตามเกณฑ์", "Closed within the criteria")
LOWEST_MEAN, HIGHEST_MEAN = 1, 5
MOST_COUNTED = 1_000_000

_ACTIVITY = re.compile(r"^\s*\[\[\s*activity\s*\]\]", re.MULTILINE)
_DUE = re.compile(r"([1-9][0-9]{0,2}) (day|month)s?")
_NUMBER = re.compile(r"[0-9]{1,3}(\.[0-9]{1,4})?")
_KINDS = ("share", "mean", "count", "done")
Names = Mapping[str, Service | Survey]


def is_plan(text: str) -> bool:
    """Whether the text is that of a plan: only a plan has activities."""
    return _ACTIVITY.search(text) is not None


def read_plan(text: str, file: str) -> Plan:
    """The plan in `text`. `file` is only named in faults. Raises BookFaults with all that is wrong."""
    reader, table = opened(text, file)
    plan = None if reader.faults else _Reading(reader, table).plan(text)
    if plan is None or reader.faults:
        raise BookFaults(tuple(reader.faults))
    return plan


class _Reading:
    """The parts of a plan, of which the later ones name keys of the earlier ones."""

    def __init__(self, reader: TableReader, table: Table) -> None:
        self._reader = reader
        self._table = table
        self._due = FIGURES_DUE
        self._classes: tuple[str, ...] = ()
        self._services: dict[str, Service] = {}
        self._surveys: dict[str, Survey] = {}

    def plan(self, text: str) -> Plan | None:
        reader, table = self._reader, self._table
        plan_id = reader.key(table, "", "id")
        begins = reader.required(table, "", "effective_from", str)
        effective_from = None if begins is None else reader.day(begins, "effective_from")
        title = reader.title_of(table, "", "title")
        perspective = reader.title_of(table, "", "perspective") if "perspective" in table else None
        self._due = self._when(table, "", "due", FIGURES_DUE)
        hand_in = self._when(table, "", "hand_in", HAND_IN, only_after=True)
        self._classes = reader.texts(table, "", "classes") or ()
        gathering = self._of_classes(table, "", "gathering") or frozenset()
        remind_days = reader.optional_number(table, "", "remind_days", 0, REMIND_DAYS)
        self._services = {key: self._service(key, one) for key, one in self._named(table, "services")}
        self._surveys = {key: self._survey(key, one) for key, one in self._named(table, "surveys")}
        activities = [
            (place, self._activity(entry, place)) for place, entry in reader.tables(table, "activity")
        ]
        reader.nothing_left(table, "")
        reader.unique((place, one.key) for place, one in activities)
        measures = [
            (f"{place}.measures[{number}]", one)
            for place, activity in activities
            for number, one in enumerate(activity.measures, 1)
        ]
        reader.unique((place, one.key) for place, one in measures)
        self._names_known([*measures])
        if effective_from is None:
            return None
        return Plan(
            id=plan_id,
            title=title,
            effective_from=effective_from,
            perspective=perspective,
            activities=tuple(one for _, one in activities),
            text=text,
            due=self._due,
            hand_in=hand_in,
            classes=self._classes,
            gathering=gathering,
            remind_days=remind_days,
            services=tuple(self._services.values()),
            surveys=tuple(self._surveys.values()),
        )

    def _named(self, table: Table, name: str) -> list[tuple[str, Table]]:
        """Tables by their keys."""
        found = []
        for key, entry in self._reader.optional(table, "", name, dict, {}).items():
            where = within(name, short(key))
            if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", key):
                self._reader.fault(where, "fault-key", value=short(key))
            elif isinstance(entry, dict):
                found.append((key, dict(entry)))
            else:
                self._reader.fault(where, "fault-type", value=short(entry), wanted="table")
        return found

    def _service(self, key: str, entry: Table) -> Service:
        return Service(key, self._reader.whole_title(entry, within("services", key)))

    def _survey(self, key: str, entry: Table) -> Survey:
        reader, place = self._reader, within("surveys", key)
        survey = Survey(
            key=key,
            within=reader.optional_number(entry, place, "within", 1, None),
            attempts=reader.optional_number(entry, place, "attempts", 1, None),
            counts_drawn=reader.choice(entry, place, "counts", ("answers", "drawn")) == "drawn",
            title=reader.title(entry, place),
        )
        reader.nothing_left(entry, place)
        return survey

    def _when(self, table: Table, place: str, name: str, default: Due, *, only_after: bool = False) -> Due:
        """`10 days`, `1 month` (after the period), or a day."""
        text = self._reader.optional(table, place, name, str, None)
        if text is None:
            return default
        if (found := _DUE.fullmatch(text)) is not None:
            number = int(found[1])
            return Due(days=number) if found[2] == "day" else Due(months=number)
        if only_after or not text[:1].isdigit():
            self._reader.fault(within(place, name), "fault-due", value=short(text))
            return default
        day = self._reader.day(text, within(place, name))
        return default if day is None else Due(on=day)

    def _of_classes(self, table: Table, place: str, name: str) -> frozenset[str] | None:
        if name not in table:
            return None
        listed = table.pop(name)
        return self._reader.keys(listed, within(place, name), self._classes)

    def _activity(self, entry: Table, place: str) -> Activity:
        reader = self._reader
        measures = tuple(
            self._measure(measure, where) for where, measure in reader.tables(entry, "measures", place)
        )
        # What the tracker feeds may go without words of its own.
        has_words = {"th", "en"} & entry.keys() or not any(one.source == COMPLAINTS for one in measures)
        activity = Activity(
            key=reader.key(entry, place),
            no=reader.required(entry, place, "no", str) or "",
            title=reader.title(entry, place) if has_words else measures[0].title,
            measures=measures,
            headings=self._titles(entry, place, "heading"),
            notes=self._titles(entry, place, "notes"),
            by_parent=reader.choice(entry, place, "by", ("office", "parent")) == "parent",
            only_for=self._of_classes(entry, place, "only_for"),
            otherwise=self._title_if(entry, place, "otherwise"),
            with_previous=bool(reader.optional(entry, place, "with_previous", bool, False)),
            by_group=self._title_if(entry, place, "by_group"),
            urgent=self._title_if(entry, place, "urgent"),
            aims=self._titles(entry, place, "aims"),
        )
        reader.nothing_left(entry, place)
        return activity

    def _titles(self, entry: Table, place: str, name: str) -> tuple[Title, ...]:
        if name not in entry:
            return ()
        return tuple(
            self._reader.whole_title(one, where) for where, one in self._reader.tables(entry, name, place)
        )

    def _title_if(self, entry: Table, place: str, name: str) -> Title | None:
        return self._reader.title_of(entry, place, name) if name in entry else None

    def _measure(self, entry: Table, place: str) -> PlannedMeasure:
        reader = self._reader
        key = reader.key(entry, place)
        source = reader.optional(entry, place, "from", str, "")
        if source not in ("", COMPLAINTS):
            reader.fault(within(place, "from"), "fault-choice", value=short(source), known=[COMPLAINTS])
        kind, least = self._least(entry, place, is_fed=bool(source))
        survey = self._one_of(entry, place, "survey", self._surveys)
        service = self._one_of(entry, place, "service", self._services)
        measure = PlannedMeasure(
            key=key,
            title=self._measure_title(entry, place, source, survey, service),
            kind=kind,
            least=least,
            every=Every(reader.choice(entry, place, "every", ("quarter", "month", "year"))),
            due=self._measure_due(entry, place, survey),
            latest=bool(reader.optional(entry, place, "latest", bool, False)),
            source=source,
            survey=survey,
            service=service,
            same_as=reader.optional(entry, place, "same_as", str, None),
            when_missed=reader.texts(entry, place, "when_missed") or (),
            same_whole=reader.optional(entry, place, "same_whole", str, None),
        )
        reader.nothing_left(entry, place)
        return measure

    def _measure_due(self, entry: Table, place: str, survey: str | None) -> Due:
        """Of what a survey asks, once its days are over."""
        found = self._surveys.get(survey or "")
        default = Due(days=found.within) if found is not None and found.within else self._due
        return self._when(entry, place, "due", default)

    def _measure_title(
        self, entry: Table, place: str, source: str, survey: str | None, service: str | None
    ) -> Title:
        """Its own, or that of its service or its survey."""
        if not ({"th", "en"} & entry.keys()):
            if source == COMPLAINTS:
                return CLOSED_IN_TIME
            named = self._services.get(service or "") or self._surveys.get(survey or "")
            if named is not None:
                return named.title
        return self._reader.title(entry, place)

    def _one_of(self, entry: Table, place: str, name: str, known: Mapping[str, object]) -> str | None:
        value = self._reader.optional(entry, place, name, str, None)
        if value is not None and value not in known:
            self._reader.fault(within(place, name), "fault-choice", value=short(value), known=list(known))
            return None
        return value

    def _least(self, entry: Table, place: str, *, is_fed: bool) -> tuple[Kind, Fraction | None]:
        """Exactly one of the kinds; none where the tracker has a target of its own."""
        given = [name for name in _KINDS if name in entry]
        if is_fed and not given:
            return Kind.SHARE, None
        if len(given) != 1 or is_fed:
            for name in given:
                del entry[name]
            self._reader.fault(place, "fault-one-kind", given=given, known=list(_KINDS))
            return Kind.SHARE, Fraction(0)
        kind = Kind(given[0])
        value = entry.pop(given[0])
        least = _least_of(kind, value)
        if least is None:
            self._reader.fault(within(place, given[0]), f"fault-{kind.value}", value=short(value))
        return kind, least or Fraction(0)

    def _names_known(self, measures: list[tuple[str, PlannedMeasure]]) -> None:
        """Measures that name others: those are there, and not of other periods where figures are shared."""
        by_key = {one.key: one for _, one in measures}
        for place, one in measures:
            for name, keys in (
                ("same_as", [one.same_as] if one.same_as else []),
                ("same_whole", [one.same_whole] if one.same_whole else []),
                ("when_missed", list(one.when_missed)),
            ):
                for key in keys:
                    other = by_key.get(key)
                    where = within(place, name)
                    known = [known for known in by_key if known != one.key]
                    if other is None or other.key == one.key:
                        self._reader.fault(where, "fault-choice", value=short(key), known=known)
                    elif name == "same_as" and (other.kind, other.every) != (one.kind, one.every):
                        self._reader.fault(where, "fault-same-as", value=key)
                    elif name == "same_as" and (other.same_as or other.source or other.survey):
                        self._reader.fault(where, "fault-same-as-fed", value=key)
                    elif name == "when_missed" and other.when_missed:
                        self._reader.fault(where, "fault-when-missed", value=key)
            if one.when_missed and one.kind is not Kind.DONE:
                self._reader.fault(within(place, "when_missed"), "fault-when-missed-kind")


def _least_of(kind: Kind, value: object) -> Fraction | None:
    """None for what is no least value of the kind. A number with a point is written as text, so that none is inexact."""
    if kind is Kind.DONE:
        return Fraction(1) if value is True else None
    if isinstance(value, bool):
        return None
    if kind is Kind.COUNT:
        return Fraction(value) if isinstance(value, int) and 1 <= value <= MOST_COUNTED else None
    text = str(value) if isinstance(value, int | str) else ""
    if not _NUMBER.fullmatch(text):
        return None
    number = Fraction(text)
    if kind is Kind.MEAN:
        return number if LOWEST_MEAN <= number <= HIGHEST_MEAN else None
    return number / 100 if number <= 100 else None
