"""`person`, `erase`, `retention`: listed first, asked about, and told what still holds the words."""

import json
import stat
from pathlib import Path

import pytest

from complaint_sla.settings import data_folder
from tests.cli.runner import Keyboard, Program
from tests.work.complaints.test_erase import letters

ME = ("--customer", "Malee Jaidee", "--phone", "0812345678", "--email", "malee@example.org")
NUMBER = "C-6003-00001"


@pytest.fixture
def malee(sqlite_program: Program) -> Program:
    """One complaint that has ended and one that is open."""
    sqlite_program.hire("sup")
    sqlite_program.log("residential", *ME, "--urgent", "--external-id", "NID-11005")
    sqlite_program.log("residential", *ME)
    sqlite_program("sweep", now="2017-03-05 10:01")
    sqlite_program("deliver", now="2017-03-05 10:02")
    sqlite_program("close", NUMBER, "--outcome", "told Malee", now="2017-03-06 10:00")
    return sqlite_program


def test_what_is_held_of_a_person_is_listed_masked(malee: Program, lang: str) -> None:
    shown = malee("person", "show", "--phone", "+66812345678", lang=lang, now="2017-03-07 10:00")
    assert NUMBER in shown.out
    assert "08x-xxx-5678" in shown.out
    assert "0812345678" not in shown.out + shown.err
    assert "malee@" not in shown.out
    data = malee("person", "show", "--name", "malee jaidee", "--json", now="2017-03-07 10:00").json
    assert list(data) == ["complaints", "names_like", "requests"]
    assert list(data["complaints"][0]) == [
        *("number", "office", "status", "subject", "received_at", "closed_at"),
        *("customer", "texts", "letters", "erase_at_end"),
    ]
    assert data["complaints"][0]["customer"] == {
        "name": "Malee Jaidee",
        "phone": "08x-xxx-5678",
        "account": None,
        "email": "m…@example.org",
    }
    nobody = malee("person", "show", "--name", "Malee", now="2017-03-07 10:00")
    assert "Malee Jaidee (2)" in nobody.err


def test_it_is_given_out_in_a_file_that_nobody_else_reads(malee: Program, tmp_path: Path) -> None:
    file = tmp_path / "malee.jsonl"
    malee("person", "export", str(file), "--email", "Malee@example.org", now="2017-03-07 10:00")
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert "told Malee" in rows[0]["said"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = malee("journal", now="2017-03-07 10:01").out
    assert "All that is held of a person given out: 2 complaints" in told
    assert "malee" not in told.lower()
    malee("person", "export", str(file), "--email", "other@example.org", code=3, now="2017-03-07 10:00")
    malee(
        "person", "export", str(tmp_path / "m.txt"), "--phone", "0812345678", code=2, now="2017-03-07 10:00"
    )
    malee("person", "export", str(file), code=2, now="2017-03-07 10:00")


def test_nothing_is_erased_without_a_yes(malee: Program) -> None:
    before = malee.dump()
    command = ["person", "erase", "--phone", "0812345678", "--reason", "letter 12"]
    refused = malee(*command, code=2, now="2017-03-07 10:00")
    assert NUMBER in refused.out
    assert "--yes" in refused.err
    assert malee.dump() == before
    for answer, code in (("n", 1), ("y", 0)):
        screen = Keyboard.at(*malee.options("2017-03-07 10:00"), *command)
        screen.expect(NUMBER)
        screen.expect("y/n")
        screen.type(answer)
        assert screen.end() == code
        assert (malee.dump() == before) is (answer == "n")
    malee(*command, "--yes", now="2017-03-07 10:00")
    malee("close", "C-6003-2", "--outcome", "x", now="2017-03-08 10:00")
    malee(*command, "--yes", code=3, now="2017-03-08 10:00")


def test_erasing_tells_what_still_holds_the_words(malee: Program, lang: str) -> None:
    told = malee("erase", NUMBER, "--reason", "letter 12", now="2017-03-07 10:00", lang=lang)
    assert NUMBER in told.out
    # A letter in the mail folder, and backups.
    assert len(told.err.splitlines()) >= 2
    said = letters(data_folder() / "mail")
    assert len(said) == 1
    assert NUMBER not in str(said)
    refused = malee("erase", "C-6003-2", "--reason", "x", code=6, now="2017-03-07 10:00", lang=lang)
    assert "--at-end" in refused.err
    data = malee("erase", "C-6003-2", "--reason", "x", "--at-end", "--json", now="2017-03-07 10:00").json
    assert (data["number"], data["status"], data["erase_at_end"]) == ("C-6003-00002", "open", True)
    ended = malee("close", "C-6003-2", "--outcome", "x", now="2017-03-08 10:00", lang=lang)
    assert "C-6003-00002" in ended.err
    assert malee.show(NUMBER)["external_id"] is None
    malee("audit", now="2017-03-09 10:00")


def test_retention_tells_what_goes_and_when_and_the_service_erases_it(
    sqlite_database: str, tmp_path: Path
) -> None:
    program = Program(sqlite_database)
    sheet = tmp_path / "old.csv"
    sheet.write_text(
        "group,channel,category,subject,customer,received_at,closed_at,outcome\n"
        "residential,phone,outage,dark,Malee,2017-03-05,2017-03-06,mended\n"
        "residential,phone,outage,dim,Somchai,2017-03-05,,\n",
        "utf-8",
    )
    program("import", "--open-too", str(sheet))
    assert "[retention]" in program("retention", "--dry-run").out
    settings = tmp_path / "service.toml"
    settings.write_text("[retention]\nyears = 30\n")
    program("rules", "publish", str(settings))
    assert program("retention", "--dry-run", "--json").json == []
    ahead = program("retention", "--dry-run", "--until", "2590-03-08", "--json").json
    assert [(one["number"], one["goes_on"]) for one in ahead] == [(NUMBER, "2047-03-07")]
    assert "7 Mar 2047" in program("retention", "--dry-run", "--until", "2047-03-08").out
    program("retention", "--until", "2047-03-08", code=2)
    settings.write_text("[retention]\nyears = 1\n")
    program("rules", "publish", str(settings))
    assert NUMBER in program("retention", "--dry-run").out

    assert program("run", "--once", "--json", code=None).json["erased"] == 1

    assert "Malee" not in str(program.dump())
    assert "Somchai" in str(program.dump())
    assert program("retention", "--json").json == {"erased": 0}
    program("audit")
