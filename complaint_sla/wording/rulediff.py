"""The words of what differs between two rule books, plans or settings: a line each, in the words of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, time, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from complaint_sla.core.measures import plain_percent
from complaint_sla.core.permissions import AccessRole, Action, Permissions
from complaint_sla.core.rulediff import ORDER, RuleChange
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
    "no": N_("number"),
    "by_group": N_("by customer group"),
    "aims": N_("aims"),
    "source": N_("fed by"),
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
_IN_DAYS = frozenset({"days", "repeat_every", "from_days", "dated_back_days"})
# A condition that is not named fits all.
_CONDITIONS = frozenset({"groups", "channels", "categories", "urgent", "rules"})


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
    changed = f"{_shown(words, one.field, one.was)} → {_shown(words, one.field, one.now)}"
    label = "" if one.field in _PLAIN_FIELDS else _field(words, one.field)
    named = words("{what}, {field}", what=what, field=label) if what and label else what or label
    return f"{named}: {_with_unit(words, one.field, changed)}"


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
        if one.name in ("key", "office") or (one.default is not MISSING and value == one.default):
            continue
        shown = _with_unit(words, one.name, _shown(words, one.name, value))
        if one.name == "title":
            unnamed.insert(0, plain(value.of(words.language)))
        elif one.name in _PLAIN_FIELDS:
            unnamed.append(shown)
        else:
            named.append(f"{_field(words, one.name)} {shown}")
    return "; ".join([*unnamed, *named])


def _field(words: Words, name: str) -> str:
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
        return words("all") if name in _CONDITIONS else "–"
    if isinstance(value, (tuple, frozenset)):
        listed = sorted(value) if isinstance(value, frozenset) else value
        between = " – " if name == "covers" else ", "
        return between.join(_shown(words, name, one) for one in listed) or "–"
    if name in _SPOKEN:
        return _SPOKEN[name](words, value)
    if type(value) in _WRITTEN:
        return plain(_WRITTEN[type(value)](words, value))
    return _about(words, value) if is_dataclass(value) else plain(str(value))


def _role(words: Words, role: str) -> str:
    *ups, name = role.split(":")
    said = words(name)
    return words.plural("{role} {n} office up", "{role} {n} offices up", len(ups), role=said) if ups else said


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
    ZoneInfo: lambda _words, zone: zone.key,
    DaysOff: lambda _words, days_off: days_off.country or "–",
    AccessRole: lambda words, role: words(ROLES[role]),
}
