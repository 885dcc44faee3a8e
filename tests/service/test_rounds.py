"""One round: each job on its own, each fault in its own heartbeat, in words; and what is broken stops no neighbour."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from complaint_sla.service import rounds
from complaint_sla.service.rounds import PACES
from complaint_sla.store.heartbeats import JOBS
from complaint_sla.work.alerts import sweep
from complaint_sla.work.figures import freeze
from complaint_sla.work.letters import notices
from complaint_sla.work.person import retention
from tests.cli.runner import Program
from tests.work.desks import RULES

WORKING_DAYS = """
[counting]
days = "working"
last_day_on_holiday = "next-working-day"
holidays = "TH"
holidays_through = {through}
"""


def book(folder: Path, id_: str, since: str, through: int) -> None:
    """The shipped book, counting working days up to the end of a year."""
    text = RULES.read_text(encoding="utf-8").replace('id = "pea-2560"', f'id = "{id_}"')
    before, _, rest = text.replace("2017-01-01", since).partition("[counting]")
    after = rest[rest.index("\n[") :]
    (folder / f"{id_}.toml").write_text(
        before + WORKING_DAYS.format(through=through) + after, encoding="utf-8"
    )


def now() -> str:
    return datetime.now().astimezone().isoformat()


def damage(program: Program, statement: str) -> None:
    with closing(sqlite3.connect(program.url.removeprefix("sqlite:///"))) as connection:
        connection.execute(statement)
        connection.commit()


def test_every_job_of_a_heartbeat_has_its_pace() -> None:
    assert tuple(PACES) == JOBS


def test_a_book_whose_calendar_has_ended_keeps_no_mail_and_its_cure_cures(
    sqlite_program: Program, tmp_path: Path
) -> None:
    book(tmp_path, "old", "2017-01-01", 2018)
    (tmp_path / "service.toml").write_text(
        '[summary]\ndays = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]\nat = "00:00"\n'
    )
    sqlite_program.publish(tmp_path)
    sqlite_program.hire("sup")
    sqlite_program.number(now="2018-03-05 10:00")

    first = sqlite_program("run", "--once", "--json").json

    assert (first["alerts"], first["sent"], first["retried"]) == (1, 2, 0)
    assert "the calendar of old ends too soon" in sqlite_program("doctor", code=1).out
    today = datetime.now(UTC).date()
    book(tmp_path, "new", today.isoformat(), today.year + 2)
    sqlite_program("rules", "publish", str(tmp_path / "new.toml"))
    assert sqlite_program("run", "--once", "--json").json["sent"] == 0
    after = sqlite_program("doctor", code=1).out
    assert "the calendar of old ends too soon" not in after
    assert "never run" not in after


@pytest.mark.parametrize("job", JOBS)
def test_a_job_that_fails_keeps_no_other_from_running_and_is_named_in_words(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, job: str, lang: str
) -> None:
    sqlite_program.hire("sup")
    sqlite_program.number("residential", "--urgent", now=now())

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("what a customer said")

    where = {
        "sweep": (sweep, "sweep"),
        "quarter": (freeze, "freeze_final"),
        "retention": (retention, "erase_due"),
        "notices": (notices, "post"),
        "deliver": (rounds, "deliver"),
    }[job]
    with monkeypatch.context() as patched:
        patched.setattr(*where, broken)
        answer = sqlite_program("run", "--once", "--json", lang=lang, code=1)

    assert list(answer.json["faults"]) == [job]
    assert f"`{job}`" in answer.err
    found = sqlite_program("doctor", "--json", code=1).json
    faults = {beat["job"]: beat["fault"] for beat in found["figures"]["beats"]}
    assert faults.pop(job).startswith("RuntimeError (test_rounds.py:")
    assert set(faults) == set(JOBS) - {job}
    assert set(faults.values()) == {None}
    (said,) = [one for one in found["findings"] if f"`{job}` was stopped" in one["text"]]
    assert said["cure"]
    assert "what a customer said" not in json.dumps(found)


def test_a_report_that_cannot_be_written_is_a_finding_of_its_own_and_no_silence(
    sqlite_program: Program, tmp_path: Path
) -> None:
    sqlite_program.hire("sup")
    (tmp_path / "service.toml").write_text('[[report]]\nto = ["a@b.org"]\noffice = "MAIN"\n')
    sqlite_program("rules", "publish", str(tmp_path / "service.toml"))
    sqlite_program("report", "1/2560", "--office", "MAIN", "--email")
    # As if the office were none of those that the figure knows.
    damage(sqlite_program, "UPDATE message SET occasion = '2017-Q1 asked NOWHERE'")

    round_ = sqlite_program("run", "--once", code=1)

    assert "Message 1 can't be written: There is no office NOWHERE" in round_.err
    found = sqlite_program("doctor", "--json", code=1).json["findings"]
    (said,) = [one for one in found if "can't be written" in one["text"]]
    assert said["about"] == "outbox"
    assert said["cure"] == "Mend what it says, then: complaint-sla mail retry 1"
    assert not [one for one in found if one["about"] in {"mail", "service"} and one["wrong"]]
    beats = sqlite_program("doctor", "--json", code=1).json["figures"]["beats"]
    assert [one["succeeded_at"] for one in beats if one["job"] == "deliver"] != [None]


BROKEN = {
    "an owner who is not there": "owner_id = 77",
    "an office that is not there": "office_id = 77",
    "a book that is not there": "book = 'gone'",
    "a day that is none": "due_on = 'garbled'",
    "a last look that is no moment": "alerted_through = 'garbled'",
}


@pytest.mark.parametrize("what", BROKEN)
def test_one_broken_complaint_stops_neither_the_alerts_nor_the_list_nor_doctor(
    sqlite_program: Program, what: str
) -> None:
    sqlite_program.hire("sup")
    broken, sound = sqlite_program.number(), sqlite_program.number()
    damage(sqlite_program, f"UPDATE complaint SET {BROKEN[what]} WHERE number = '{broken}'")
    late = "2017-03-31 09:00"

    swept = sqlite_program("sweep", "--json", now=late, code=None)

    assert (swept.code, swept.json.get("set_aside", [])) in ((0, []), (1, [broken]))
    assert [one["state"] for one in sqlite_program.show(sound)["alerts"]].count("waiting") == 1
    assert sound in sqlite_program("list", now=late, code=None).out
    assert broken in sqlite_program("doctor", now=late, code=1).out
    assert broken in sqlite_program("audit", now=late, code=1).out
    # Tried again each time, and keeps no letter waiting.
    assert sqlite_program("sweep", "--json", now=late, code=None).json["alerts"] == 0
    assert sqlite_program("deliver", "--json", now=late, code=None).json["sent"] == 1


def test_what_was_set_aside_is_raised_by_the_sweep_after_it_was_mended(sqlite_program: Program) -> None:
    sqlite_program.hire("sup")
    number = sqlite_program.number()
    damage(sqlite_program, "UPDATE complaint SET days = 'garbled'")
    assert sqlite_program("sweep", "--dry-run", "--json", now="2017-03-31 09:00", code=1).json["due"] == 0
    assert sqlite_program("sweep", now="2017-03-31 09:00", code=1).err.startswith(f"Set aside: {number}: ")

    damage(sqlite_program, "UPDATE complaint SET days = 25")

    assert sqlite_program("sweep", "--json", now="2017-03-31 09:00").json["alerts"] == 1
    assert "set aside" not in sqlite_program("doctor", code=1).out


def test_a_letter_leaves_out_the_complaint_that_cannot_be_told_and_that_one_waits(
    sqlite_program: Program,
) -> None:
    sqlite_program.hire("sup")
    sqlite_program.number()
    sound = sqlite_program.number()
    late = "2017-03-31 09:00"
    sqlite_program("sweep", now=late)
    damage(sqlite_program, "UPDATE alert SET stage = 'garbled' WHERE complaint_id = 1 AND state = 'waiting'")

    assert sqlite_program("deliver", "--json", now=late).json["sent"] == 1
    refused = sqlite_program("deliver", now=late, code=1).err

    assert "has no stage garbled" in refused
    assert [one["state"] for one in sqlite_program.show(sound)["alerts"]].count("sent") == 1
    assert sqlite_program("audit", now=late, code=1)
