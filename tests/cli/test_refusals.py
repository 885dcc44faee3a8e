"""What is refused: with the right exit code, the value, the cure, in either language, and nothing changed."""

import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.cli.runner import PATIENCE, PROJECT, SUNDAY, Program, log_command, run, without_mark
from tests.conftest import Databases

GROUPS = "spp-area, key-account, industrial-commercial, residential"
LONG = "ก" * 501
HALF = "\udcff"


def staff_add(**more: str) -> list[str]:
    given = {"name": "N", "office": "MAIN", "role": "agent", **more}
    email = given.pop("email", "new@b.org")
    return ["staff", "add", email, *(part for name, value in given.items() for part in (f"--{name}", value))]


# What is typed, and what the message must name: the value first, then the cure.
BAD_VALUES: list[tuple[list[str], list[str]]] = [
    (log_command("farmers"), ["farmers", GROUPS]),
    (log_command("residential", "--channel", "pigeon"), ["pigeon", "walk-in", "phone"]),
    (log_command("residential", "--category", "noise"), ["noise", "outage", "other"]),
    (log_command("residential", "--office", "NOWHERE"), ["NOWHERE", "MAIN"]),
    (log_command("residential", "--office", "a b"), ["a b"]),
    (log_command("residential", "--owner", "nobody@b.org"), ["nobody@b.org", "sup@example.org"]),
    (log_command("residential", "--owner", "nobody"), ["nobody"]),
    (log_command("residential", "--phone", "12345"), ["12345", "0"]),
    (log_command("residential", "--phone", "08123456789"), ["08123456789"]),
    (log_command("residential", "--account", "12345678901"), ["12345678901", "12"]),
    (log_command("residential", "--email", "a@b@c"), ["a@b@c"]),
    (log_command("residential", "--received-at", "60-03-05"), ["60-03-05", "2560"]),
    (log_command("residential", "--received-at", "2017-02-30"), ["2017-02-30"]),
    (log_command("residential", "--received-at", "2017-03-05 10:01"), ["10:01"]),
    (log_command("residential", "--received-at", "2016-12-31"), []),
    (log_command("residential", "--subject", LONG), ["501", "500"]),
    (log_command("residential", "--subject", "   "), ["subject"]),
    (log_command("residential", "--subject", f"x{HALF}"), ["subject"]),
    (log_command("residential", "--subject", "x\0y"), ["subject"]),
    (log_command("residential", "--subject", "\x1b[2Jx"), ["subject"]),
    (log_command("residential", "--detail", f"x{HALF}"), ["detail"]),
    (log_command("residential", "--detail", "x" * 20_001), ["20001", "20000"]),
    (log_command("residential", "--customer", "\0"), ["customer"]),
    (log_command("residential", "--external-id", "x" * 201), ["201", "200"]),
    (log_command(HALF), [GROUPS]),
    (log_command("residential", "--office", HALF), []),
    (log_command("residential", "--owner", f"{HALF}@b.org"), []),
    (["note", "6003-1", "x", "--kind", "gossip"], ["gossip", "assess, investigate, respond, communicate"]),
    (["note", "6003-1", ""], ["note"]),
    (["note", "6003-1", HALF], ["note"]),
    (["note", HALF, "x"], []),
    (["show", "\0"], []),
    (["find", HALF], []),
    (["find", " "], []),
    (["assign", "6003-1", "nobody@b.org"], ["nobody@b.org", "sup@example.org"]),
    (["transfer", "6003-1", "--office", "NOWHERE", "--reason", "x"], ["NOWHERE", "MAIN"]),
    (["transfer", "6003-1", "--office", "MAIN", "--reason", ""], ["reason"]),
    (["close", "6003-1", "--outcome", "x", "--at", "05/03/2017"], ["05/03/2017", "2017-03-05", "2017-05-03"]),
    (["close", "6003-1", "--outcome", ""], ["outcome"]),
    (["reopen", "6003-1", "--reason", "\x07"], ["reason"]),
    (["reclassify", "6003-1", "--reason", "x"], ["--group"]),
    (["reclassify", "6003-1", "--group", "farmers", "--reason", "x"], ["farmers", GROUPS]),
    (["reclassify", "6003-1", "--category", "noise", "--reason", "x"], ["noise", "outage"]),
    (["reclassify", "6003-1", "--category", "bill", "--reason", "x"], ["8 ", " · 9 "]),
    (["correct", "6003-1", "--json"], ["--help"]),
    (["correct", "6003-1", "--subject", " "], ["subject"]),
    (["correct", "6003-1", "--phone", "08123456"], ["08123456"]),
    (["correct", "6003-1", "--channel", "pigeon"], ["pigeon", "walk-in"]),
    (["correct", "6003-1", "--channel", "PEA"], ["2 1129 PEA Contact Center · 6 "]),
    (["list", "--status", "lost"], ["lost", "open, closed, withdrawn, duplicate"]),
    (["list", "--group", "farmers"], ["farmers", GROUPS]),
    (["list", "--office", "NOWHERE"], ["NOWHERE", "MAIN"]),
    (["list", "--owner", "nobody@b.org"], ["nobody@b.org"]),
    (["list", "--limit", "-1"], ["-1"]),
    (["list", "--limit", "many"], ["many", "--limit"]),
    (["list", "--due-within", "-1"], ["-1"]),
    (["list", "--status", "closed", "--open"], ["--status", "--open"]),
    (["list", "--status", "closed", "--overdue"], ["--status", "--overdue"]),
    (["list", "--mine", "--owner", "sup@example.org"], ["--mine", "--owner"]),
    (["list", "--mine"], ["--as"]),
    (["list", "--category", "noise"], ["noise", "outage"]),
    (["list", "--channel", "pigeon"], ["pigeon", "walk-in"]),
    (["list", "--due", "someday"], ["someday", "2017-03-05"]),
    (["list", "--received-since", "5/3"], ["5/3", "2017-03-05"]),
    (["list", "--silent", "-2"], ["-2"]),
    (["list", "--sort", "size"], ["size", "due, received, touched"]),
    (["list", "--limit", "3", "--all"], ["--limit", "--all"]),
    (["mail", "list", "--limit", "3", "--all"], ["--limit", "--all"]),
    (["journal", "--limit", "3", "--all"], ["--limit", "--all"]),
    (["today", "--office", "NOWHERE"], ["NOWHERE", "MAIN"]),
    (["explain", "--group", "farmers", "--received-at", "2017-03-05"], ["farmers", GROUPS]),
    (["explain", "--group", "residential", "--received-at", "2016-03-05"], []),
    (["report", "2017-Q5"], ["2017-Q5", "2560-Q1"]),
    (["report", "17-Q1"], ["17-Q1"]),
    (["report", "2016-Q4"], []),
    (["report", "2017-Q1", "--office", "NOWHERE"], ["NOWHERE"]),
    (["report", "2017-Q1", "--format", "papyrus"], ["papyrus", "html"]),
    (["report", "2017-Q1", "--format", "html", "--json"], ["--json", "--format html"]),
    (["report", "2017-Q1", "--output", "/nonexistent/q.html"], ["/nonexistent/q.html"]),
    (["office", "add", "a b", "--name-th", "x", "--name-en", "x"], ["a b"]),
    (["office", "add", "X", "--name-th", "x", "--name-en", "x", "--parent", "NOWHERE"], ["NOWHERE", "MAIN"]),
    (["office", "add", "X", "--name-th", "", "--name-en", "x"], ["name"]),
    (["office", "set", "MAIN"], ["--help"]),
    (["office", "set", "NOWHERE", "--name-en", "x"], ["NOWHERE", "MAIN"]),
    (staff_add(email="no-address"), ["no-address"]),
    (staff_add(office="NOWHERE"), ["NOWHERE", "MAIN"]),
    (staff_add(role="king"), ["king", "agent, supervisor, manager"]),
    (staff_add(lang="fr"), ["fr", "th, en"]),
    (staff_add(name="x" * 201), ["201", "200"]),
    (["staff", "set", "sup@example.org"], ["--help"]),
    (["staff", "set", "nobody@b.org", "--name", "x"], ["nobody@b.org"]),
    (
        ["staff", "away", "sup@example.org", "--until", "60-03-09", "--deputy", "sup@example.org"],
        ["60-03-09"],
    ),
    (["staff", "away", "sup@example.org", "--until", "2017-03-04", "--deputy", "sup@example.org"], []),
    (
        ["staff", "away", "sup@example.org", "--until", "2017-03-09", "--deputy", "nobody@b.org"],
        ["nobody@b.org"],
    ),
    (["staff", "retire", "nobody@b.org"], ["nobody@b.org"]),
    (["mail", "test", "no-address"], ["no-address"]),
    (["mail", "show", "first"], ["first"]),
    (["rules", "check", "/nonexistent"], ["/nonexistent"]),
]
BAD_USAGE: list[tuple[list[str], list[str]]] = [
    ([], []),
    (["frobnicate"], ["frobnicate"]),
    (["list", "--frobnicate"], ["--frobnicate", "list --help"]),
    (["list", "too", "much"], ["too much"]),
    (["show"], ["NUMBER"]),
    (["close", "6003-1"], ["--outcome"]),
    (["log"], ["--group"]),
    (["log", "--group", "residential"], ["--channel"]),
    (["log", "--group"], ["--group"]),
    (["log", "--urgent=yes"], ["--urgent"]),
    (["office"], []),
    (["staff", "add", "x@b.org"], ["--name"]),
    (["--lang", "fr", "list"], ["fr", "th, en"]),
    (["--as", "", "list"], ["--as"]),
    (["--db", "nonsense", "list"], ["nonsense", "sqlite:///"]),
    (["--db", "mysql://u:s3cret@h/x", "list"], ["mysql", "postgresql+psycopg://"]),
    (["--rules", "/nonexistent", "rules", "check"], ["/nonexistent"]),
]


def test_a_bad_value_is_named_with_its_cure_and_changes_nothing(program: Program, lang: str) -> None:
    program.hire("sup")
    program.number()
    before = program.dump()

    for command, named in BAD_VALUES:
        refused = program(*command, now=SUNDAY, lang=lang, code=2)
        assert refused.out == "", command
        for part in named:
            assert part in refused.err, (command, part, refused.err)
        assert any("ก" <= char <= "๙" for char in refused.err) == (lang == "th"), refused.err

    assert program.dump() == before


def test_wrong_usage_is_told_in_the_persons_language(sqlite_program: Program, lang: str) -> None:
    for command, named in BAD_USAGE:
        refused = run(["--db", sqlite_program.url, "--lang", lang, *command])
        assert refused.code == 2, command
        for part in named:
            assert part in refused.err, (command, part, refused.err)
        assert "s3cret" not in refused.err
        assert "Traceback" not in refused.err


NUMBERED = [
    ["show"], ["explain"], ["note", "x"], ["assign", "sup@example.org"], ["acknowledge"],
    ["transfer", "--office", "MAIN", "--reason", "x"], ["close", "--outcome", "x"], ["reopen", "--reason", "x"],
    ["withdraw", "--reason", "x"], ["duplicate", "--of", "6003-1"], ["reclassify", "--urgent", "--reason", "x"],
    ["correct", "--subject", "x"],
]  # fmt: skip


def test_a_complaint_that_is_not_there_ends_with_3_and_says_how_to_look_for_it(
    program: Program, lang: str
) -> None:
    program.hire("sup")
    program.number()
    before = program.dump()

    for command in NUMBERED:
        for number in ("C-6003-99999", "nonsense"):
            missing = program(command[0], number, *command[1:], now=SUNDAY, lang=lang, code=3)
            assert number in missing.err, command
            assert "complaint-sla find" in missing.err
            assert missing.out == ""
    assert "C-6003-00009" in program("duplicate", "6003-1", "--of", "C-6003-00009", lang=lang, code=3).err

    assert program.dump() == before


def test_names_that_could_steer_a_screen_are_shown_harmless(sqlite_program: Program) -> None:
    evil = "paid\u202e001 LLIB\u2066"
    number = sqlite_program.number(
        "residential", "--subject", evil, "--customer", "a\u202eb", "--phone", "0812345678"
    )
    sqlite_program("note", number, "line\u2028two \u202ex", now=SUNDAY)

    for command in (["list"], ["show", number], ["find", "paid"], ["list", "--owner", "\x1b[2J@b.org"]):
        answer = sqlite_program(*command, now=SUNDAY, code=None)
        for char in "\u202e\u2066\u2028\x1b":
            assert char not in answer.out + answer.err, command
    assert "\\u202e" in sqlite_program("show", number, now=SUNDAY).out
    told = sqlite_program(*log_command("residential", "--phone", "0812345678"), now=SUNDAY)
    assert "\u202e" not in told.err
    assert number in told.err
    # A program gets the text as it is.
    assert sqlite_program.show(number)["subject"] == evil


def faulty_books(folder: Path) -> Path:
    text = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    text = text.replace("days = 25", "days = 0").replace('"Asia/Bangkok"', '"Asia/Atlantis"')
    (folder / "broken.toml").write_text(text.replace("effective_from", "effective"), encoding="utf-8")
    (folder / "other.toml").write_text("id = ", encoding="utf-8")
    return folder


def drafts_are_used_by(books: Path) -> list[list[str]]:
    commands = (["rules", "check"], ["rules", "publish"])
    return [
        *([*command, str(books)] for command in commands),
        *(["--rules", str(books), *one] for one in commands),
    ]


def test_a_broken_rule_book_ends_with_4_and_every_fault_is_listed(
    program: Program, tmp_path: Path, lang: str
) -> None:
    books = tmp_path / "books"
    books.mkdir()
    faulty_books(books)
    before = program.dump()

    for command in drafts_are_used_by(books):
        refused = run([*program.options(lang=lang), *command])
        assert refused.code == 4
        assert refused.out == ""
        for part in ("broken.toml", "Asia/Atlantis", "effective_from", "effective:", "days", "other.toml"):
            assert part in refused.err, (part, refused.err)
        assert len(refused.err.splitlines()) >= 6

    assert program.dump() == before


def test_faults_of_the_service_s_settings_are_listed_like_those_of_books(
    program: Program, tmp_path: Path, lang: str
) -> None:
    books = tmp_path / "books"
    shutil.copytree(PROJECT / "rules", books)
    (books / "service.toml").write_text('silence_minutes = 0\n[summary]\nto = ["agent"]', encoding="utf-8")
    before = program.dump()

    for command in drafts_are_used_by(books):
        refused = run([*program.options(lang=lang), *command])
        assert (refused.code, refused.out) == (4, "")
        for part in ("service.toml", "silence_minutes", "summary.to", "agent"):
            assert part in refused.err

    assert program.dump() == before


def test_a_book_that_was_used_can_not_be_changed(program: Program, tmp_path: Path) -> None:
    program.number()
    text = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")
    (tmp_path / "pea-2560.toml").write_text(text.replace("days = 25", "days = 24"), encoding="utf-8")
    before = program.dump()

    refused = program("rules", "publish", str(tmp_path), now=SUNDAY, code=4)

    for part in ("pea-2560", "another id", "6 Mar 2017"):
        assert part in refused.err
    # Laid into a folder it changes nothing either.
    assert (
        program("--rules", str(tmp_path), *log_command(), "--json", now=SUNDAY).json["due_on"] == "2017-03-30"
    )
    assert program.dump()["book"] == before["book"]


def test_the_shipped_book_is_in_order() -> None:
    assert run(["rules", "check"]).out.startswith("pea-2560: in order. 5 rules, 8 stages")
    shown = run(["--rules", str(PROJECT / "rules"), "rules", "show"]).out
    for part in ("residential", "25 days", "escalation-weekly", "then every 7 days", "80 %"):
        assert part in shown


def test_a_database_that_can_not_be_reached_ends_with_5(tmp_path: Path, lang: str) -> None:
    (tmp_path / "text.db").write_text("this is no database, " * 100)
    (tmp_path / "file").write_text("")
    for url in (
        "postgresql+psycopg://u:s3cret@127.0.0.1:1/none",
        f"sqlite:///{tmp_path}/text.db",
        f"sqlite:///{tmp_path}/file/x.db",
        f"sqlite:///{tmp_path}",
    ):
        for command in (["list"], log_command(), ["init"], ["run", "--once"]):
            refused = run(["--db", url, "--lang", lang, *command])
            assert refused.code == 5, (url, command, refused)
            assert "s3cret" not in refused.err
            assert refused.out == ""


def test_somebody_elses_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE invoices (id INTEGER)")
    connection.close()

    for command in (["list"], ["init"]):
        refused = run(["--db", f"sqlite:///{path}", *command])
        assert refused.code == 5
        assert "invoices" in refused.err
        assert "--db" in refused.err
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("invoices",)]
    connection.close()


def test_a_database_of_a_newer_program_is_left_alone(databases: Databases) -> None:
    from sqlalchemy import create_engine, text

    url = databases.migrated()
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999_the_future'"))
    engine.dispose()

    for command in (["list"], ["init"], log_command()):
        refused = run(["--db", url, *command])
        assert refused.code == 5
        assert "9999_the_future" in refused.err
        assert "Upgrade the program" in refused.err


def test_a_bug_is_told_in_a_line_and_written_to_a_file_without_anybodys_words(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, clean_machine: Path, lang: str
) -> None:
    who = "Somying, " + "08" + "12345678"

    def broken(*_: object) -> None:
        raise RuntimeError(f"it concerns {who}")

    monkeypatch.setattr("complaint_sla.work.complaints.log.log", broken)
    before = sqlite_program.dump()

    answer = sqlite_program(
        *log_command("residential", "--phone", "0812345678"), now=SUNDAY, lang=lang, code=70
    )

    [file] = (clean_machine / ".local/state/complaint_sla").glob("bug-*.txt")
    details = file.read_text(encoding="utf-8")
    assert str(file) in answer.err
    assert len(answer.err.splitlines()) == 1
    assert answer.out == ""
    assert "RuntimeError" in answer.err
    assert "RuntimeError" in details
    assert "in broken" in details
    for printed in (answer.err, details):
        assert "0812345678" not in printed
        assert "Somying" not in printed
    assert "Traceback" not in answer.err
    assert sqlite_program.dump() == before


def test_a_bug_is_still_told_where_no_file_can_be_written(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr("complaint_sla.work.complaints.look.search", lambda *_, **__: 1 // 0)

    answer = sqlite_program("find", "x", code=70)

    assert "ZeroDivisionError" in answer.err
    assert "above" in answer.err


@pytest.mark.parametrize("command", [["list"], ["list", "--json"], ["rules", "show", "--json"], ["--help"]])
def test_a_reader_who_has_had_enough_is_no_failure(sqlite_program: Program, command: list[str]) -> None:
    sqlite_program.number()
    process = sqlite_program.spawn(*command)
    assert process.stdout is not None
    process.stdout.close()

    _, err = process.communicate(timeout=PATIENCE)

    assert (process.returncode, without_mark(err)) == (0, "")


def test_a_full_disk_behind_the_output_is_told(sqlite_program: Program) -> None:
    sqlite_program.number()
    for command in (["list"], ["list", "--json"]):
        with Path("/dev/full").open("w") as full:
            process = sqlite_program.spawn(*command, stdout=full)
            _, err = process.communicate(timeout=PATIENCE)

        assert process.returncode == 2
        assert "No space left" in err
        assert "Traceback" not in err


def test_a_report_that_can_not_be_written_leaves_what_was_there(
    sqlite_program: Program, tmp_path: Path
) -> None:
    target = tmp_path / "q.html"
    sqlite_program("report", "2017-Q1", "--output", str(target))
    good = target.read_bytes()

    for refused in (
        sqlite_program("report", "1/2560", "--output", str(tmp_path), code=2),
        sqlite_program("report", "1/2560", "--output", str(target / "x.html"), code=2),
        sqlite_program("report", "1/2560", "--output", "", code=2),
    ):
        assert "can't be written" in refused.err

    assert target.read_bytes() == good
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".q")] == []


def test_nobody_is_asked_where_nobody_can_answer(sqlite_program: Program) -> None:
    process = sqlite_program.spawn("log", stdin=subprocess.PIPE)

    _, err = process.communicate("residential\n", timeout=PATIENCE)

    assert process.returncode == 2
    assert "--group is missing" in err
