"""The text of a rule book → a `Book`, or *every* fault in it, each with file, place and cure.

The format is explained in the README, and by example in `rules/pea-2560.toml`.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import TypeVar
from zoneinfo import ZoneInfo

from complaint_sla.core.calendars import Counting, common_year
from complaint_sla.core.errors import BadValue, BookFaults, Fault
from complaint_sla.core.everyday import EVERYDAY
from complaint_sla.core.plan import Plan
from complaint_sla.core.planfile import is_plan, read_plan
from complaint_sla.core.rulebook import DATED_BACK_DAYS, HANDED_OVER, Book, Rule, Stage, Term
from complaint_sla.core.terms import said
from complaint_sla.core.tomlreader import DAY_NAMES, Table, TableReader, opened, short, within

Dated = TypeVar("Dated", Book, Plan)

# Holidays of a country over whole years, resolved outside the core:
# (country, first year, last year) → day → name. Raises BadValue for a country that it doesn't know.
Holidays = Callable[[str, int, int], Mapping[date, str]]

# Beyond so many the proof would take long, and nobody could read the book aloud.
MOST_COMBINATIONS = 200_000

# What a rule may name.
_TERMS = ("group", "channel", "category")
_ROLE = re.compile(r"(parent:){0,5}(owner|supervisor|manager)")
# As many digits as are printed; `1e-999999999` would be a fraction that fills the memory.
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4})?")


def read_book(text: str, file: str, holidays: Holidays) -> Book:
    """The book in `text`. `file` is only named in faults. Raises BookFaults with all that is wrong."""
    reader, table = opened(text, file)
    book = None if reader.faults else _book(reader, table, text, holidays)
    if book is None or reader.faults:
        raise BookFaults(tuple(reader.faults))
    return book


def _book(reader: TableReader, table: Table, text: str, holidays: Holidays) -> Book | None:
    book_id = reader.key(table, "", "id")
    title = reader.title_of(table, "", "title")
    begins = reader.required(table, "", "effective_from", str)
    effective_from = None if begins is None else reader.day(begins, "effective_from")
    zone = _zone(reader, table)
    counting = _counting(reader, table, holidays, effective_from)
    target = _target(reader, table)
    dated_back_days = reader.optional_number(table, "", "dated_back_days", 0, DATED_BACK_DAYS)
    before = len(reader.faults)
    terms = {name: _terms(reader, table, name) for name in _TERMS}
    rules = _rules(reader, table, terms)
    if len(reader.faults) == before:
        _prove(reader, rules, terms)
    stages = _stages(reader, table, [rule.key for rule in rules])
    reader.nothing_left(table, "")
    if effective_from is None or zone is None or counting is None or target is None:
        return None
    return Book(
        id=book_id,
        title=title,
        effective_from=effective_from,
        zone=zone,
        counting=counting,
        target=target,
        groups=terms["group"],
        channels=terms["channel"],
        categories=terms["category"],
        rules=rules,
        stages=stages,
        digest=digest_of(text, counting.holidays),
        text=text,
        dated_back_days=dated_back_days,
    )


def digest_of(text: str, holidays: Mapping[date, str]) -> str:
    """What a complaint pins: the book's text together with the holidays that it was resolved to."""
    named = {day.isoformat(): name for day, name in sorted(holidays.items())}
    resolved = json.dumps(named, ensure_ascii=False)
    return hashlib.sha256(f"{text}\0{resolved}".encode()).hexdigest()


def _zone(reader: TableReader, table: Table) -> ZoneInfo | None:
    name = reader.required(table, "", "timezone", str)
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        reader.fault("timezone", "fault-zone", value=short(name))
        return None


def _counting(
    reader: TableReader, table: Table, holidays: Holidays, effective_from: date | None
) -> Counting | None:
    place = "counting"
    part = reader.optional(table, "", place, dict, {})
    working = reader.choice(part, place, "days", ("calendar", "working")) == "working"
    last_day = reader.choice(part, place, "last_day_on_holiday", ("keep", "next-working-day"))
    moved = last_day == "next-working-day"
    weekend = _weekend(reader, part)
    country = reader.optional(part, place, "holidays", str, None)
    through = reader.optional_number(part, place, "holidays_through", 1900, None)
    added = {}
    for text, name in reader.optional(part, place, "extra_holidays", dict, {}).items():
        where = f"{place}.extra_holidays.{short(text)}"
        day = reader.day(text, where)
        if not isinstance(name, str) or not name.strip():
            reader.fault(where, "fault-type", value=short(name), wanted="str")
        elif day is not None:
            added[day] = name
    not_off = reader.optional(part, place, "not_holidays", list, [])
    removed = [reader.day(text, f"{place}.not_holidays") for text in not_off]
    reader.nothing_left(part, place)
    if not (working or moved):
        return Counting(weekend=weekend)
    if country is None or through is None:
        missing = "holidays" if country is None else "holidays_through"
        reader.fault(within(place, missing), "fault-holidays-needed")
        return None
    if effective_from is None:
        return None
    last_year = common_year(through)
    if not effective_from.year <= last_year <= effective_from.year + 50:
        reader.fault(within(place, "holidays_through"), "fault-holidays-years", value=through)
        return None
    try:
        resolved = dict(holidays(country, effective_from.year, last_year))
    except BadValue:
        reader.fault(within(place, "holidays"), "fault-country", value=short(country))
        return None
    resolved.update(added)
    for day in removed:
        if day is not None:
            resolved.pop(day, None)
    return Counting(
        working=working,
        move_last_day=moved,
        weekend=weekend,
        holidays=dict(sorted(resolved.items())),
        covers=(date(effective_from.year, 1, 1), date(last_year, 12, 31)),
    )


def _weekend(reader: TableReader, part: Table) -> frozenset[int]:
    """Saturday and Sunday unless the book says otherwise; none for an empty list."""
    weekend = reader.weekdays(part, "counting", "weekend", ("sat", "sun"))
    if len(weekend) == len(DAY_NAMES):
        reader.fault("counting.weekend", "fault-weekend")
        return frozenset()
    return weekend


def _target(reader: TableReader, table: Table) -> Fraction | None:
    part = reader.required(table, "", "target", dict)
    if part is None:
        return None
    value = part.pop("closed_in_time_percent", None)
    reader.nothing_left(part, "target")
    whole = isinstance(value, int) and not isinstance(value, bool)
    text = short(value) if whole or isinstance(value, str) else ""
    if _PERCENT.fullmatch(text) and Fraction(text) <= 100:
        return Fraction(text) / 100
    reader.fault("target.closed_in_time_percent", "fault-target", value=short(value))
    return None


def _terms(reader: TableReader, table: Table, name: str) -> tuple[Term, ...]:
    terms: list[tuple[str, Term]] = []
    silent = set()
    for place, entry in reader.tables(table, name):
        words = reader.texts(entry, place, "also")
        if words is None:
            silent.add(place)
        terms.append((place, Term(reader.key(entry, place), reader.title(entry, place), words or ())))
        reader.nothing_left(entry, place)
    reader.unique([(place, term.key) for place, term in terms])
    taken = _claimed(reader, terms)
    return tuple(
        _spoken(term, EVERYDAY[name].get(term.key, ()), taken) if place in silent else term
        for place, term in terms
    )


def _claimed(reader: TableReader, terms: Sequence[tuple[str, Term]]) -> Mapping[str, str]:
    """Whose each key, title and word is; a word that is another's as well is a fault."""
    taken: dict[str, str] = {}
    for _, term in terms:
        for name in (term.key, term.title.th, term.title.en):
            taken.setdefault(said(name), term.key)
    for place, term in terms:
        for number, word in enumerate(term.also, 1):
            if taken.setdefault(said(word), term.key) != term.key:
                whose = taken[said(word)]
                reader.fault(f"{place}.also[{number}]", "fault-claimed", value=short(word), term=whose)
    return taken


def _spoken(term: Term, everyday: Sequence[str], taken: Mapping[str, str]) -> Term:
    """The term with what everybody says for it, but for what means another one in this book."""
    return replace(term, also=tuple(word for word in everyday if taken.get(said(word), term.key) == term.key))


def _rules(reader: TableReader, table: Table, terms: Mapping[str, tuple[Term, ...]]) -> tuple[Rule, ...]:
    rules, places = [], []
    for place, entry in reader.tables(table, "rule"):
        key = reader.key(entry, place)
        places.append((place, key))
        when = dict(reader.optional(entry, place, "when", dict, {}))
        conditions = {}
        for name in _TERMS:
            if name in when:
                known = [term.key for term in terms[name]]
                conditions[name] = reader.keys(when.pop(name), f"{place}.when.{name}", known)
        urgent = reader.optional(when, f"{place}.when", "urgent", bool, None)
        reader.nothing_left(when, f"{place}.when")
        days = reader.number(entry, place, "days", 1) or 1
        title = reader.title(entry, place)
        reader.nothing_left(entry, place)
        groups, channels, categories = map(conditions.get, _TERMS)
        rules.append(Rule(key, title, days, groups, channels, categories, urgent))
    reader.unique(places)
    return tuple(rules)


def _stages(reader: TableReader, table: Table, rule_keys: list[str]) -> tuple[Stage, ...]:
    stages, places = [], []
    for place, entry in reader.tables(table, "stage"):
        key = reader.key(entry, place)
        places.append((place, key))
        if key == HANDED_OVER.key:
            reader.fault(f"{place}.key", "fault-reserved", value=key)
        title = reader.title(entry, place)
        offset = _offset(reader, entry, place)
        repeat = reader.optional_number(entry, place, "repeat_every", 1, None)
        if repeat is not None and offset is None:
            reader.fault(f"{place}.repeat_every", "fault-repeat-on-receipt")
        at = reader.clock(entry, place, "at", "08:00")
        roles = _roles(reader, entry, place)
        rules = entry.pop("rules", None)
        only = None if rules is None else reader.keys(rules, f"{place}.rules", rule_keys)
        from_days = reader.optional_number(entry, place, "from_days", 0, 0)
        level = reader.optional_number(entry, place, "escalation", 1, None)
        reader.nothing_left(entry, place)
        stages.append(Stage(key, title, roles, offset, at, repeat, only, from_days, level))
    reader.unique(places)
    return tuple(stages)


def _roles(reader: TableReader, entry: Table, place: str) -> tuple[str, ...]:
    roles = reader.required(entry, place, "to", list)
    if roles is None:
        return ()
    if not roles or not all(isinstance(role, str) and _ROLE.fullmatch(role) for role in roles):
        reader.fault(f"{place}.to", "fault-roles", value=short(roles))
        return ()
    return tuple(dict.fromkeys(roles))


def _offset(reader: TableReader, entry: Table, place: str) -> int | None:
    """Exactly one of `on_receipt`, `days_before`, `days_after`; None is on receipt."""
    given = [name for name in ("on_receipt", "days_before", "days_after") if name in entry]
    if len(given) != 1:
        for name in given:
            del entry[name]
        reader.fault(place, "fault-when", given=given)
        return None
    if given == ["on_receipt"]:
        if reader.optional(entry, place, "on_receipt", bool, None) is False:
            reader.fault(f"{place}.on_receipt", "fault-when", given=given)
        return None
    days = reader.number(entry, place, given[0], 0)
    if days is None:
        return None
    return -days if given == ["days_before"] else days


def _prove(reader: TableReader, rules: tuple[Rule, ...], terms: Mapping[str, tuple[Term, ...]]) -> None:
    """No combination is without a rule, and every rule can match.

    Keys that no rule names behave alike, so one of them stands for all.
    """
    spaces = []
    for name, sets in (
        ("group", [rule.groups for rule in rules]),
        ("channel", [rule.channels for rule in rules]),
        ("category", [rule.categories for rule in rules]),
    ):
        named = frozenset().union(*(keys for keys in sets if keys is not None))
        others = [term.key for term in terms[name] if term.key not in named][:1]
        spaces.append([term.key for term in terms[name] if term.key in named] + others)
    groups, channels, categories = spaces
    if 2 * len(groups) * len(channels) * len(categories) * len(rules) > MOST_COMBINATIONS:
        reader.fault("rule", "fault-combinations", most=MOST_COMBINATIONS)
        return
    matched: set[str] = set()
    uncovered = None
    for group, urgent, channel, category in itertools.product(groups, (False, True), channels, categories):
        rule = next((rule for rule in rules if rule.fits(group, urgent, channel, category)), None)
        if rule is not None:
            matched.add(rule.key)
        elif uncovered is None:
            uncovered = {"group": group, "urgent": urgent, "channel": channel, "category": category}
    if uncovered is not None:
        reader.fault("rule", "fault-uncovered", **uncovered)
    for number, rule in enumerate(rules, 1):
        if rule.key not in matched:
            reader.fault(f"rule[{number}]", "fault-never", value=rule.key)


def read_drafts(
    files: Iterable[tuple[str, str]], holidays: Holidays
) -> tuple[tuple[Book, ...], tuple[Plan, ...]]:
    """Books and plans from (file name, text), each oldest first; there may be none of either kind, as in a single file.

    Raises BookFaults with the faults of all files.
    """
    faults: list[Fault] = []
    books: list[tuple[str, Book]] = []
    plans: list[tuple[str, Plan]] = []
    for file, text in files:
        try:
            if is_plan(text):
                plans.append((file, read_plan(text, file)))
            else:
                books.append((file, read_book(text, file, holidays)))
        except BookFaults as problem:
            faults.extend(problem.faults)
    faults.extend(clashes(books, plans))
    if faults:
        raise BookFaults(tuple(faults))
    return by_beginning(books), by_beginning(plans)


def by_beginning(files: Iterable[tuple[str, Dated]]) -> tuple[Dated, ...]:
    """Books or plans, each with its file, in the order of the days from which they hold."""
    return tuple(sorted((one for _, one in files), key=lambda one: one.effective_from))


def clashes(books: Sequence[tuple[str, Book]], plans: Sequence[tuple[str, Plan]]) -> Iterator[Fault]:
    """Why books and plans, each with its file, can't be in force together.

    Of two that share a day or an id the later file is named, and each that is of another zone than the first.
    """
    yield from _twice(books)
    yield from _twice(plans)
    for file, book in books[1:]:
        if book.zone.key != books[0][1].zone.key:
            zones = (("value", book.zone.key), ("other", books[0][1].zone.key))
            yield Fault(file, "timezone", "fault-zones", zones)


def _twice(files: Sequence[tuple[str, Dated]]) -> Iterator[Fault]:
    for (_, one), (file, two) in itertools.combinations(files, 2):
        if one.id == two.id:
            yield Fault(file, "id", "fault-twice", (("value", two.id),))
        if one.effective_from == two.effective_from:
            day = two.effective_from.isoformat()
            yield Fault(file, "effective_from", "fault-twice", (("value", day),))
