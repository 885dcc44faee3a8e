"""Rule books for tests: the shipped one, and small ones of which a test shows what matters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays as public_holidays

from complaint_sla.core.bookfile import Holidays, read_book, read_drafts
from complaint_sla.core.calendars import parse_moment
from complaint_sla.core.errors import BadValue, BookFaults
from complaint_sla.core.rulebook import Book, Facts, Shelf

BANGKOK = ZoneInfo("Asia/Bangkok")
SHIPPED = Path(__file__).parents[2] / "rules" / "pea-2560.toml"

HEAD = """
id = "small"
effective_from = "2017-01-01"
timezone = "Asia/Bangkok"
title = { th = "เล็ก", en = "Small" }
target = { closed_in_time_percent = 80 }
"""
COUNTING = """
[counting]
days = "calendar"
"""
TERMS = """
[[group]]
key = "home"
th = "บ้าน"
en = "Home"
[[group]]
key = "works"
th = "โรงงาน"
en = "Works"
[[channel]]
key = "phone"
th = "โทรศัพท์"
en = "Telephone"
[[category]]
key = "outage"
th = "ไฟฟ้าดับ"
en = "Outage"
[[category]]
key = "bill"
th = "ค่าไฟ"
en = "Bill"
"""
RULES = """
[[rule]]
key = "all"
th = "ทั้งหมด"
en = "All"
days = 5
"""
STAGES = """
[[stage]]
key = "overdue"
th = "เกินกำหนด"
en = "Overdue"
days_after = 1
to = ["supervisor"]
"""


def small(
    *,
    head: str = HEAD,
    counting: str = COUNTING,
    terms: str = TERMS,
    rules: str = RULES,
    stages: str = STAGES,
) -> str:
    """The text of a small book in which a test puts its own part."""
    return "\n".join((head, counting, terms, rules, stages))


def no_holidays(country: str, first: int, last: int) -> Mapping[date, str]:
    return {}


@cache
def thai_holidays(country: str, first: int, last: int) -> Mapping[date, str]:
    """The public holidays that the program will know, from the library that it will ask."""
    try:
        return dict(public_holidays.country_holidays(country, years=range(first, last + 1)))
    except NotImplementedError:
        raise BadValue("unknown-country", value=country) from None


def book(text: str, holidays: Holidays = no_holidays) -> Book:
    return read_book(text, "small.toml", holidays)


def read_shelf(files: Iterable[tuple[str, str]], holidays: Holidays) -> Shelf:
    """The books and plans of (file name, text), as if they were in force."""
    return Shelf(*read_drafts(files, holidays))


@cache
def shipped() -> Book:
    return read_book(SHIPPED.read_text("utf-8"), SHIPPED.name, no_holidays)


def faults_of(text: str, holidays: Holidays = no_holidays) -> list[tuple[str, str]]:
    """(place, key) of each fault; none if the book is accepted."""
    try:
        book(text, holidays)
    except BookFaults as refused:
        assert refused.exit_code == 4
        assert all(fault.file == "small.toml" for fault in refused.faults)
        return [(fault.place, fault.key) for fault in refused.faults]
    return []


def at(text: str) -> datetime:
    """A moment as people at the office write it."""
    return parse_moment(text, BANGKOK)


def facts(
    received: str,
    group: str = "residential",
    *,
    urgent: bool = False,
    channel: str = "phone",
    category: str = "outage",
) -> Facts:
    return Facts(at(received), group, urgent, channel, category)
