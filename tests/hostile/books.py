"""Rule books made to be slow, or to be believed: each text is refused with its faults, or read in a bounded number of steps."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

from complaint_sla.bookshelf import public_holidays
from complaint_sla.core.bookfile import read_book
from complaint_sla.core.errors import BookFaults
from tests.core.books import COUNTING, HEAD, RULES, STAGES, TERMS, small

WORKING = '[counting]\ndays = "working"\nholidays = "{country}"\nholidays_through = {through}\n'


def _many(kind: str, count: int, more: str = "") -> str:
    return "".join(f'[[{kind}]]\nkey = "k{n}"\nth = "ก"\nen = "K"\n{more}\n' for n in range(count))


def _days(days: str) -> str:
    return small(rules=RULES.replace("days = 5", f"days = {days}"))


def _stage(line: str) -> str:
    return small(stages=STAGES.replace("days_after = 1", line))


# By name: a text of about `size` entries or parts. All but those of GOOD must be refused.
BOMBS: Mapping[str, Callable[[int], str]] = {
    "a key of very many parts": lambda size: _days("{ a" + ".a" * size + " = 1 }"),
    "a heading of very many parts": lambda size: small() + "[x" + ".x" * size + "]\n",
    "arrays in arrays": lambda size: _days("[" * size + "]" * size),
    "arrays in arrays, never closed": lambda size: _days("[" * size),
    "tables in tables": lambda size: _days("{a=" * size + "1" + "}" * size),
    "a number of very many digits": lambda size: _days("9" * size),
    "a hexadecimal number": lambda size: _days("0x" + "f" * size),
    "a float of very many digits": lambda size: _days("1." + "1" * size),
    "an exponent": lambda size: _days("1e" + "9" * size),
    "infinity": lambda _: _days("inf"),
    "not a number": lambda _: _days("nan"),
    "days = 10**9": lambda _: _days("1000000000"),
    "days = -1": lambda _: _days("-1"),
    "very many rules": lambda size: small(rules=_many("rule", size, "days = 5")),
    "very many stages": lambda size: small(stages=_many("stage", size, 'days_after = 1\nto = ["owner"]')),
    "very many groups": lambda size: small(terms=_many("group", size) + TERMS),
    "very many unknown keys": lambda size: small() + "\n[y]\n" + "".join(f"k{n} = 1\n" for n in range(size)),
    "very many strange groups in a rule": lambda size: small(
        rules=RULES + "when = { group = [" + '"x",' * size + "] }\n"
    ),
    "very many roles": lambda size: small(
        stages=STAGES.replace('["supervisor"]', "[" + '"king",' * size + "]")
    ),
    "a role far up": lambda size: small(stages=STAGES.replace("supervisor", "parent:" * size + "supervisor")),
    "combinations beyond proof": lambda size: small(
        terms="".join(_many(kind, min(size, 400)) for kind in ("group", "channel", "category")),
        rules="".join(
            f'[[rule]]\nkey = "r{n}"\nth = "ก"\nen = "R"\ndays = 5\n'
            f'when = {{ group = "k{n}", channel = "k{n}", category = "k{n}" }}\n'
            for n in range(min(size, 400))
        )
        + RULES,
    ),
    "very many holidays of a wrong form": lambda size: small(
        counting=COUNTING + "[counting.extra_holidays]\n" + "".join(f'"{n}" = "x"\n' for n in range(size))
    ),
    "holidays of ten thousand years": lambda _: small(counting=WORKING.format(country="TH", through=9999)),
    "holidays of no country": lambda size: small(counting=WORKING.format(country="x" * size, through=2018)),
    "holidays of the library itself": lambda _: small(counting=WORKING.format(country="utils", through=2018)),
    "holidays of a function of the library": lambda _: small(
        counting=WORKING.format(country="country_holidays", through=2018)
    ),
    "holidays of a sum": lambda _: small(counting=WORKING.format(country="HolidaySum", through=2018)),
    "a zone outside its folder": lambda _: small(head=HEAD.replace("Asia/Bangkok", "../../../../etc/passwd")),
    "a zone that is a folder": lambda _: small(head=HEAD.replace("Asia/Bangkok", "Asia")),
    "a zone of a very long name": lambda size: small(head=HEAD.replace("Asia/Bangkok", "x" * size)),
    "a zone with NUL": lambda _: small(head=HEAD.replace("Asia/Bangkok", "Asia\\u0000")),
    "half a character": lambda _: small(head=HEAD.replace("Small", "\\ud800")),
    "an id with a path in it": lambda _: small(head=HEAD.replace('id = "small"', 'id = "../../x"')),
    "a target that fills the memory": lambda size: small(head=HEAD.replace("= 80", f'= "1e-{"9" * size}"')),
    "repeat_every = 0": lambda _: _stage("days_after = 1\nrepeat_every = 0"),
    "repeat_every = -1": lambda _: _stage("days_after = 1\nrepeat_every = -1"),
    "repeat_every = 10**9": lambda _: _stage("days_after = 1\nrepeat_every = 1000000000"),
    "days_before = 10**18": lambda _: _stage("days_before = 1000000000000000000"),
    "an unclosed text": lambda size: small() + 'x = "' + "a" * size,
    "an unclosed long text": lambda size: small() + 'x = """' + "\\n" * size,
    "only line ends": lambda size: "\n" * size,
    "only comments": lambda size: "# x\n" * size,
    "only brackets": lambda size: "[" * size,
    "only quotation marks": lambda size: '"' * size,
    "only dots": lambda size: "." * size,
    "only equals signs": lambda size: "=" * size,
    "nothing": lambda _: "",
    "longer than a book may be": lambda _: small() + "#" * 512_001,
}
# Titles, each put in every place that has one; those that are no line are refused.
TITLES = {
    "a terminal escape": "\\u001b[2J",
    "an 8-bit escape": "\\u009b2J",
    "a line end": "a\\nb",
    "a carriage return": "a\\rBcc: b@example.org",
    "NEL": "a\\u0085b",
    "a line separator": "a\\u2028b",
    "NUL": "a\\u0000b",
    "DEL": "a\\u007fb",
}


def titled(text: str) -> str:
    """A book with this title in every place that has one."""
    return small().replace('en = "', f'en = "{text}').replace('th = "', f'th = "{text}')


def faults_of(text: str) -> int:
    """How many faults the text has; 0 if it is a book."""
    try:
        read_book(text, "hostile.toml", public_holidays)
    except BookFaults as problem:
        return len(problem.faults)
    return 0


def steps_of(call: Callable[[], Any]) -> int:
    """How many lines of Python are run: what a machine's speed and its other work change nothing about."""
    lines = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines
