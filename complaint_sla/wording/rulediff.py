"""The words of what differs between two rule books, plans or settings: a line each, in the words of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.measures import Kind, plain_percent
from complaint_sla.core.periods import Every
from complaint_sla.core.permissions import AccessRole, Action, Permissions
from complaint_sla.core.plan import Due, PlannedMeasure
from complaint_sla.core.rulediff import ORDER, Least, RuleChange
from complaint_sla.core.servicefile import DaysOff
from complaint_sla.core.titles import Title
from complaint_sla.wording.access import ACTIONS, ROLES
from complaint_sla.wording.screening import plain
from complaint_sla.wording.words import N_, WEEKDAYS, Words

# Whose entry or which part a difference is of; the fields of `counting` say themselves what they are of.
_KINDS: Mapping[str, str] = {
    "rule": N_("rule"),
    "stage": N_("stage"),
    "group": N_("group"),
    "channel": N_("channel"),
    "category": N_("category"),
    "activity": N_("activity"),
    "measure": N_("measure"),
    "service": N_("kind of service"),
    "survey": N_("survey"),
    "report": N_("report of"),
    "working_hours": N_("working hours"),
    "summary": N_("daily summary"),
    "retention": N_("retention"),
    "permissions": N_("who may"),
    "counting": "",
}
# What is not here is shown under its own name.
_FIELDS: Mapping[str, str] = {
    # of a book
    "title": N_("title"),
    "effective_from": N_("in force from"),
    "zone": N_("time zone"),
    "target": N_("target"),
    "dated_back_days": N_("a closing may be dated back by"),
    "working": N_("days counted"),
    "move_last_day": N_("a last day that is no working day"),
    "weekend": N_("weekend"),
    "covers": N_("calendar known"),
    # of a rule or a stage
    "groups": N_("customer groups"),
    "channels": N_("channels"),
    "categories": N_("complaint categories"),
    "urgent": N_("urgent complaints"),
    "roles": N_("to"),
    "at": N_("time of day"),
    "repeat_every": N_("repeated every"),
    "rules": N_("for the rules"),
    "from_days": N_("for deadlines from"),
    "level": N_("level of escalation"),
    # of a group, a channel or a category
    "also": N_("also called"),
    # of a plan
    "perspective": N_("perspective"),
    "due": N_("due"),
    "hand_in": N_("form handed in"),
    "classes": N_("classes of offices"),
    "gathering": N_("only gathering those below"),
    "remind_days": N_("in the daily summary before it is due"),
    # of an activity
    "no": N_("number"),
    "headings": N_("headings"),
    "notes": N_("notes"),
    "by_parent": N_("asked of the office above"),
    "only_for": N_("only for the classes"),
    "otherwise": N_("said of the others"),
    "with_previous": N_("on the page of the one before"),
    "measures": N_("measures"),
    "by_group": N_("by customer group"),
    "aims": N_("aims"),
    # of a measure
    "kind": N_("kind"),
    "least": N_("least value"),
    "every": N_("each"),
    "latest": N_("only the newest counts"),
    "source": N_("fed by"),
    "survey": N_("survey"),
    "service": N_("kind of service"),
    "same_as": N_("figures of"),
    "when_missed": N_("only if one is missed of"),
    "same_whole": N_("of as many as"),
    # of a survey
    "within": N_("asked within"),
    "attempts": N_("attempts"),
    "counts_drawn": N_("a form that was sent counts"),
    # of the service
    "silence": N_("normal silence"),
    "administrators": N_("administrators"),
    "mail_domains": N_("domains of people's addresses"),
    "contact": N_("where customers ask"),
    "working_hours": N_("working hours"),
    "summary": N_("daily summary"),
    "retention": N_("retention"),
    "years": N_("kept for years"),
    "group": N_("group"),
    "weekdays": N_("days of the week"),
    "opens": N_("from"),
    "closes": N_("until"),
    "days_off": N_("off on public holidays of"),
    "when_nothing": N_("also with nothing to say"),
    "to": N_("to"),
    "office": N_("office"),
    "attach": N_("attached"),
    # of who may
    **{action: ACTIONS[Action(action)] for action in vars(Permissions())},
}
# These say what they are: "rule key-account: 15 → 12 days", "stage overdue: 1 day after → 2 days after".
_PLAIN_FIELDS = frozenset({"days", "offset", "name"})
_IN_DAYS = frozenset({"days", "repeat_every", "from_days", "dated_back_days", "remind_days", "within"})
# A condition that is not named fits all.
_CONDITIONS: Mapping[str, frozenset[str]] = {
    "rule": frozenset({"groups", "channels", "categories", "urgent"}),
    "stage": frozenset({"rules"}),
    "activity": frozenset({"only_for"}),
}
KINDS_OF_MEASURES: Mapping[Kind, str] = {
    Kind.SHARE: N_("share"),
    Kind.MEAN: N_("mean"),
    Kind.COUNT: N_("count"),
    Kind.DONE: N_("to be done"),
}
PERIODS: Mapping[Every, str] = {
    Every.MONTH: N_("month"),
    Every.QUARTER: N_("quarter"),
    Every.YEAR: N_("year"),
}


def line(words: Words, one: RuleChange) -> str:
    """A difference in one line: what it is of, what was, what is now."""
    what = _what(words, one)
    if one.field == ORDER:
        if one.now is None:
            return words("{what} now stands first", what=what)
        return words("{what} now stands after {key}", what=what, key=plain(str(one.now)))
    if not one.field:
        entry = one.now if one.was is None else one.was
        if one.kind == "holiday":
            text = (
                N_("holiday added: {day}, {name}")
                if one.was is None
                else N_("holiday removed: {day}, {name}")
            )
            return words(text, day=_holiday(words, one.key), name=plain(str(entry)))
        text = N_("a new {what}: {about}") if one.was is None else N_("{what} removed: {about}")
        return words(text, what=what, about=_about(words, entry))
    changed = " → ".join(_side(words, one, value) for value in (one.was, one.now))
    label = "" if one.field in _PLAIN_FIELDS else labelled(words, one.field)
    named = words("{what}, {field}", what=what, field=label) if what and label else what or label
    return f"{named}: {_with_unit(words, one.field, changed)}"


def _side(words: Words, one: RuleChange, value: object) -> str:
    if value is None and one.field in _CONDITIONS.get(one.kind, ()):
        return words("all")
    return _shown(words, one.field, value)


def when(words: Words, offset: int | None, repeat_every: int | None = None) -> str:
    """When a stage is raised; `offset` in days from the last good day, None on receipt."""
    if offset is None:
        at = words("on receipt")
    elif offset < 0:
        at = words.plural("{n} day before", "{n} days before", -offset)
    elif offset == 0:
        at = words("on the last day")
    else:
        at = words.plural("{n} day after", "{n} days after", offset)
    return words("{when}, then every {n} days", when=at, n=repeat_every) if repeat_every else at


def due(words: Words, found: Due, *, short: bool = False) -> str:
    """By when something of a period is to be in; `short` where a period stands beside it."""
    if found.on is not None:
        return words.day(found.on) if short else words.long_day(found.on)
    if found.months:
        if short:
            return words.plural("{n} month later", "{n} months later", found.months)
        return words.plural("{n} month after the period", "{n} months after the period", found.months)
    if short:
        return words.plural("{n} day later", "{n} days later", found.days)
    return words.plural("{n} day after the period", "{n} days after the period", found.days)


def _what(words: Words, one: RuleChange) -> str:
    if one.kind == "holiday":
        return words("holiday {day}", day=_holiday(words, one.key))
    kind = _KINDS.get(one.kind, one.kind)
    key = words("all offices") if one.key == "*" else plain(one.key)
    return " ".join(part for part in (words(kind) if kind else "", key) if part)


def _holiday(words: Words, key: str) -> str:
    return words.long_day(date.fromisoformat(key))


def _about(words: Words, entry: Any) -> str:
    """An entry as a whole: its title, then what it says beyond what goes without saying."""
    unnamed: list[str] = []
    named: list[str] = []
    for one in fields(entry):
        value = getattr(entry, one.name)
        goes_without = one.name != "due" and one.default is not MISSING and value == one.default
        if one.name in ("key", "office") or goes_without:
            continue
        if isinstance(entry, PlannedMeasure) and one.name == "least":
            value = Least(entry.kind, value)
        shown = _with_unit(words, one.name, _shown(words, one.name, value))
        if one.name == "title":
            unnamed.insert(0, plain(value.of(words.language)))
        elif one.name in _PLAIN_FIELDS:
            unnamed.append(shown)
        else:
            named.append(f"{labelled(words, one.name)} {shown}")
    return "; ".join([*unnamed, *named])


def labelled(words: Words, name: str) -> str:
    """The name of a field."""
    return words(_FIELDS[name]) if name in _FIELDS else name


def _with_unit(words: Words, name: str, shown: str) -> str:
    if name in _IN_DAYS:
        return words.plural("{n} day", "{n} days", 1) if shown == "1" else words("{n} days", n=shown)
    if name == "target":
        return f"{shown} %"
    return words("{n} minutes", n=shown) if name == "silence" else shown


def _shown(words: Words, name: str, value: Any) -> str:
    """A value of the field `name`, without its unit."""
    if name == "offset":
        return when(words, value)
    if value is None:
        return "–"
    if isinstance(value, (tuple, frozenset)):
        listed = sorted(value) if isinstance(value, frozenset) else value
        between = " – " if name == "covers" else ", "
        return between.join(_shown(words, name, one) for one in listed) or "–"
    if name in _SPOKEN:
        return _SPOKEN[name](words, value)
    if type(value) in _WRITTEN:
        return plain(_WRITTEN[type(value)](words, value))
    return _entry(words, value) if is_dataclass(value) else plain(str(value))


def _entry(words: Words, value: Any) -> str:
    """One of several with its key, or a part of a whole."""
    key = getattr(value, "key", None)
    return f"{plain(str(key))} ({_about(words, value)})" if key is not None else _about(words, value)


def _role(words: Words, role: str) -> str:
    *ups, name = role.split(":")
    said = words(name)
    return words.plural("{role} {n} office up", "{role} {n} offices up", len(ups), role=said) if ups else said


def _least(one: Least) -> str:
    if one.written is None:
        return "–"
    return f"{one.written} %" if one.kind is Kind.SHARE else one.written


# Of fields whose values have words of their own.
_SPOKEN: Mapping[str, Callable[[Words, Any], str]] = {
    "roles": _role,
    "weekend": lambda words, day: words(WEEKDAYS[day]),
    "weekdays": lambda words, day: words(WEEKDAYS[day]),
    "working": lambda words, it: words("working days") if it else words("calendar days"),
    "move_last_day": lambda words, it: (
        words("moves to the next working day") if it else words("stays the last day")
    ),
}
_WRITTEN: Mapping[type, Callable[[Words, Any], str]] = {
    # Both, as a change of the other language would not be seen.
    Title: lambda _words, title: f"{title.th} / {title.en}",
    bool: lambda words, it: words("yes") if it else words("no"),
    date: lambda words, day: words.long_day(day),
    time: lambda _words, at: f"{at:%H:%M}",
    timedelta: lambda _words, span: str(span // timedelta(minutes=1)),
    Fraction: lambda _words, share: plain_percent(share),
    Least: lambda _words, least: _least(least),
    Due: due,
    Kind: lambda words, kind: words(KINDS_OF_MEASURES[kind]),
    Every: lambda words, every: words(PERIODS[every]),
    ZoneInfo: lambda _words, zone: zone.key,
    DaysOff: lambda _words, days_off: days_off.country or "–",
    AccessRole: lambda words, role: words(ROLES[role]),
}
