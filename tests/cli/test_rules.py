"""Rule books as people use them: drafts in a folder, what is published of them, and what everybody works by."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.runner import PROJECT, Answer, Program, log_command, run

SHIPPED = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")


def draft(folder: Path, id_: str, since: str, *changes: tuple[str, str]) -> Path:
    """A book with the text of the shipped one but for its id, its day and some changes."""
    text = SHIPPED.replace('id = "pea-2560"', f'id = "{id_}"').replace("2017-01-01", since)
    for was, now in changes:
        assert was in text
        text = text.replace(was, now)
    folder.mkdir(exist_ok=True)
    path = folder / f"{id_}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "rules").mkdir()
    return tmp_path / "rules"


def test_publishing_says_what_changes_and_in_which_words(
    sqlite_program: Program, folder: Path, lang: str
) -> None:
    draft(folder, "next", "2017-06-01", ("days = 25", "days = 20"), ("percent = 80", "percent = 85"))
    (folder / "service.toml").write_text("silence_minutes = 30\n", encoding="utf-8")
    publish = ("rules", "publish", str(folder))

    rehearsed = sqlite_program(*publish, "--dry-run", lang=lang)
    told = sqlite_program(*publish, "--json", lang=lang).json

    assert [(one["kind"], one["id"], one["outcome"], one["than"]) for one in told] == [
        ("book", "next", "new", "pea-2560"),
        ("service", "service", "replaces", "service"),
    ]
    said = [difference["message"] for one in told for difference in one["differences"]]
    assert said
    assert all(message in rehearsed.out for message in said)
    assert any("25 → 20" in message for message in said)
    assert any("80 → 85" in message for message in said)
    again = sqlite_program(*publish, "--json").json
    assert [one["outcome"] for one in again] == ["same", "same"]


def test_one_file_can_be_published_alone(sqlite_program: Program, folder: Path) -> None:
    draft(folder, "broken", "2017-06-01", ("days = 25", 'days = "many"'))
    good = draft(folder, "next", "2017-06-01", ("days = 25", "days = 20"))
    sqlite_program("rules", "publish", str(folder), code=4)
    assert [one["id"] for one in sqlite_program("rules", "publish", str(good), "--json").json] == ["next"]
    shown = sqlite_program("rules", "show", now="2017-06-01").out
    assert "next" in shown.splitlines()[0]


def test_where_there_is_nothing_to_publish_that_is_said(sqlite_program: Program, folder: Path) -> None:
    assert "no rule book" in sqlite_program("rules", "publish", str(folder), code=4).err


def test_an_officers_own_folder_gives_no_complaint_its_deadline(
    sqlite_program: Program, folder: Path
) -> None:
    """Once it was enough to name a folder of one's own to have 300 days, pinned for good."""
    draft(folder, "mine", "2017-01-01", ("days = 25", "days = 300"))
    mine = ["--rules", str(folder), *sqlite_program.options(now="2017-03-05 10:00")]

    logged = run([*mine, *log_command("residential"), "--json"])
    explained = run([*mine, "explain", "--group", "residential", "--received-at", "2017-03-05", "--json"])

    assert (logged.json["rule_book"], logged.json["days"]) == ("pea-2560", 25)
    assert "rules publish" in logged.err
    assert explained.json["days"] == 25
    assert run(["--rules", str(folder), "rules", "show", "--json"]).json["id"] == "mine"


HALF = [
    ("half.toml", 'id = "pea-2570"\neffective_from = "2027-01'),
    ("service.toml", "silence_minutes = x\n"),
    ("latin.toml", "title = '\xe9'"),
]


@pytest.mark.parametrize(("name", "text"), HALF)
def test_a_faulty_file_stops_nothing_that_is_owed_and_everybody_hears_of_it(
    sqlite_program: Program, folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, lang: str
) -> None:
    """Half a book of next year once stopped sweep, deliver, run and list for everybody."""
    program = sqlite_program
    (folder / "service.toml").write_text('administrators = ["admin@example.org"]\n', encoding="utf-8")
    program("rules", "publish", str(folder / "service.toml"))
    program.hire("sup")
    number = program.number("residential", "--urgent", now="2017-03-05 10:00")
    (folder / name).write_bytes(text.encode("latin-1"))
    monkeypatch.setenv("COMPLAINT_SLA_RULES", str(folder))

    answers = {
        command: program(*command, now="2017-03-05 10:10", lang=lang)
        for command in (("list",), ("show", number), ("sweep", "--json"), ("deliver", "--json"))
    }

    assert all(str(folder) in answer.err for answer in answers.values())
    assert answers["sweep", "--json"].json["alerts"] == 1
    assert answers["deliver", "--json"].json["sent"] == 1
    doctor = program("doctor", code=1, now="2017-03-05 10:10", lang=lang)
    assert str(folder) in doctor.out
    assert "complaint-sla rules publish" in doctor.out
    rehearsed_round(program)
    told = [one for one in program("mail", "list", "--json").json if one["kind"] == "drafts"]
    assert [one["recipient"] for one in told] == ["admin@example.org"]
    letter = program("mail", "show", str(told[0]["id"]), lang=lang).out
    assert "complaint-sla rules publish" in letter


def rehearsed_round(program: Program) -> Answer:
    return program("run", "--once", "--json")


def test_a_comment_in_the_shipped_book_keeps_nobody_from_logging(
    sqlite_program: Program, folder: Path
) -> None:
    """A release may touch a comment."""
    sqlite_program.number()
    (folder / "pea-2560.toml").write_text("# A word more.\n" + SHIPPED, encoding="utf-8")
    [same] = sqlite_program("rules", "publish", str(folder), "--json").json
    assert same["outcome"] == "same"
    assert json.loads(sqlite_program("audit", "--json").out)["discrepancies"] == []
    assert sqlite_program.number() == "C-6003-00002"
