"""The log of the service: which rounds are worth a line, that a fault is said once and then counted, and how a line looks."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.mail.delivery import Delivered
from complaint_sla.service.log import Entry, Form, Level, Log, line
from complaint_sla.service.rounds import Round
from complaint_sla.wording import Words
from complaint_sla.wording.messages import reason
from complaint_sla.work.alerts.sweep import Tally
from complaint_sla.work.desk import Aside

BANGKOK = ZoneInfo("Asia/Bangkok")
NOON = datetime(2017, 3, 5, 5, tzinfo=UTC)
AWAY = DatabaseUnusable("database-unreachable", problem="connection refused")


class Watched:
    """A log, and what it said of the rounds: seconds after noon, and the line without its time."""

    def __init__(self, language: str = "en") -> None:
        words = Words(language)
        self.log = Log(words, BANGKOK, lambda problem: reason(words, problem, BANGKOK))
        self.said: list[tuple[float, str]] = []

    def round(self, seconds: float, job: str = "sweep", **what: Any) -> Watched:
        at = NOON + timedelta(seconds=seconds)
        for entry in self.log.done(job, Round(**what), at):
            shown = line(entry, at.astimezone(BANGKOK), Form.TEXT, journald=False)
            self.said.append((seconds, shown.partition(" ")[2]))
        return self


def lines(said: Iterable[tuple[float, str]]) -> list[str]:
    return [shown for _, shown in said]


def test_what_was_done_is_a_line_and_a_quiet_round_is_none() -> None:
    watched = Watched()
    for job in ("sweep", "quarter", "notices", "deliver"):
        watched.round(0, job)
    assert watched.said == []

    watched.round(1, swept=Tally(due=2, alerts=3))
    watched.round(1, "quarter", frozen=1)
    watched.round(1, "notices", posted=4)
    watched.round(1, "deliver", delivered=Delivered(sent=5, retried=1))

    assert lines(watched.said) == [
        "info sweep due=2 raised=3 superseded=0 unalertable=0 locked=0",
        "info quarter frozen=1",
        "info notices written=4",
        "warning deliver sent=5 retried=1 failed=0 dropped=0",
    ]


def test_a_database_that_was_away_is_told_once_and_that_it_is_back() -> None:
    watched = Watched()
    for seconds in (0, 30, 60):
        watched.round(seconds, faults={"sweep": AWAY})
    watched.round(75).round(105)

    assert watched.said == [
        (0, "error sweep The database can't be used: connection refused."),
        (75, "info sweep seconds=75 times=3 back after 75 s"),
    ]


def test_mail_away_for_three_days_is_told_at_growing_intervals_and_by_the_letter_that_leaves() -> None:
    watched = Watched()
    stuck, met = Delivered(retried=1, fault="451 busy at 09:12"), 0
    for minute in range(3 * 24 * 60):
        if minute % 10 == 0:
            met += 1
            stuck.fault = f"451 busy {minute}"
            watched.round(minute * 60, "deliver", delivered=stuck)
        else:
            # Between two tries nothing fails, and nothing leaves either.
            watched.round(minute * 60, "deliver")
    watched.round(3 * 86_400, "deliver", delivered=Delivered(sent=1))

    told = [(at, said) for at, said in watched.said if "rounds=" not in said]
    pauses = [later - earlier for (earlier, _), (later, _) in pairwise(told[:-2])]
    assert pauses == sorted(pauses)
    assert len(told) <= 13
    assert "the same, 2 times since 12:00: Mail can't leave: 451 busy 10" in told[1][1]
    assert "times since 5 Mar 2017 12:00" in told[-3][1]
    assert told[-2][1] == f"info deliver seconds=259200 times={met} mail leaves again after 3 d"
    # Each hour that the service is alive.
    assert len(watched.said) - len(told) == 72


def test_what_others_hold_and_what_was_set_aside_are_faults_that_pass() -> None:
    watched = Watched()
    broken = Aside("C-6003-00001", DatabaseUnusable("database-locked", seconds=60))
    for seconds in (0, 60, 120):
        watched.round(seconds, swept=Tally(locked=seconds + 1), aside=[broken])
    watched.round(180)

    assert [said.partition(" ")[0] for _, said in watched.said] == ["warning", "warning", "info", "info"]
    assert "locked=1 Due, and in other hands: 1" in watched.said[0][1]
    assert "Set aside: C-6003-00001: Somebody else has held" in watched.said[1][1]
    assert watched.said[2][1].endswith("nothing is in other hands any more after 3 min")
    assert watched.said[3][1].endswith("nothing is set aside any more after 3 min")


def test_two_faults_that_take_turns_are_each_told_once() -> None:
    watched = Watched()
    other = DatabaseUnusable("database-unreachable", problem="starting up")
    for seconds in range(0, 240, 30):
        watched.round(seconds, faults={"sweep": other if seconds % 60 else AWAY})
    assert len(watched.said) == 2
    watched.round(240)
    assert watched.said[2:] == [(240, "info sweep seconds=240 times=8 back after 4 min")]


def test_what_is_published_is_named(lang: str) -> None:
    (said,) = lines(Watched(lang).round(0, published=("pea-2570", "service")).said)
    assert said.startswith("info service ")
    assert said.endswith("pea-2570, service")


def test_a_leap_of_the_clock_is_told(lang: str) -> None:
    watched = Watched(lang)
    watched.round(0, leap=timedelta(hours=-7))
    watched.round(60, leap=timedelta(days=3285))
    back, forward = (text for _, text in watched.said if "leap" in text or "seconds=" in text)
    assert "seconds=-25200" in back
    assert "seconds=283824000" in forward
    assert Words(lang)("{n} h", n=7) in back
    assert Words(lang)("{n} d", n=3285) in forward


def test_a_line_of_each_form() -> None:
    entry = Entry(Level.ERROR, "fault", "sweep", {"due": 2}, "no room\nat all for somchai@example.org")
    at = NOON.astimezone(BANGKOK)
    assert line(entry, at, Form.TEXT, journald=False) == (
        "2017-03-05T12:00:00+07:00 error sweep due=2 no room / at all for s…@example.org"
    )
    # journald keeps the time itself, and the level by its number.
    assert line(entry, at, Form.TEXT, journald=True) == ("<3>sweep due=2 no room / at all for s…@example.org")
    assert json.loads(line(entry, at, Form.JSON, journald=False)) == {
        "time": "2017-03-05T12:00:00+07:00",
        "level": "error",
        "job": "sweep",
        "event": "fault",
        "counts": {"due": 2},
        "message": "no room / at all for s…@example.org",
    }
    assert line(entry, at, Form.JSON, journald=True).startswith('<3>{"time"')


@pytest.mark.parametrize("journald", [False, True])
@pytest.mark.parametrize("form", Form)
@given(message=st.text(max_size=2000) | st.text("ก\n\r\x1b\x85\u2028 {}<>", min_size=600, max_size=2000))
def test_whatever_is_said_is_one_line_that_a_pipe_takes_whole(
    form: Form, journald: bool, message: str
) -> None:
    shown = line(Entry(Level.INFO, "remark", message=message), NOON, form, journald=journald)
    assert len(shown.splitlines()) == 1
    assert len(shown.encode()) < 4096
    assert re.match(r"<6>", shown) is not None if journald else shown[0] in "{2"
    if form is Form.JSON:
        assert list(json.loads(shown.removeprefix("<6>"))) == [
            "time", "level", "job", "event", "counts", "message",
        ]  # fmt: skip
