"""What stands before the command, and what the environment and the file say instead of it."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from complaint_sla import __version__
from complaint_sla.cli.main import COMMANDS
from tests.cli.runner import LANGUAGES, MARKS, PROJECT, SUNDAY, Program, log_command, real, run
from tests.conftest import Databases

BOOK = (PROJECT / "rules" / "pea-2560.toml").read_text(encoding="utf-8")


def in_force(*options: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = run([*options, "doctor", "--json"]).json["settings"]
    return found


@pytest.mark.parametrize(
    ("name", "option", "values"),
    [
        ("db", "--db", ["sqlite:///{}/a.db", "sqlite:///{}/b.db", "sqlite:///{}/c.db"]),
        ("rules", "--rules", ["{}/a", "{}/b", "{}/c"]),
        ("as", "--as", ["a@b.org", "b@b.org", "c@b.org"]),
        ("lang", "--lang", ["en", "th", "en"]),
        ("mail", None, ["folder:{}/a", "folder:{}/b", ""]),
        ("mail_from", None, ["a@b.org", "b@b.org", ""]),
        ("mail_ca", None, ["{}/a.pem", "{}/b.pem", ""]),
    ],
)
def test_an_option_beats_the_environment_and_the_environment_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, option: str | None, values: list[str]
) -> None:
    if "th" not in LANGUAGES and name == "lang":
        pytest.skip("There is no Thai catalogue yet")
    for folder in "abc":
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "pea-2560.toml").write_text(BOOK, encoding="utf-8")
    values = [value.format(tmp_path) for value in values]
    config = tmp_path / "config.toml"
    config.write_text(f'db = "sqlite:///{tmp_path}/d.db"\n' if name != "db" else "", encoding="utf-8")
    with config.open("a") as file:
        file.write(f'{name} = "{values[0]}"\n')
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", str(config))

    assert in_force()[name] == {"value": values[0], "source": str(config)}
    variable = f"COMPLAINT_SLA_{name.upper()}"
    monkeypatch.setenv(variable, values[1])
    assert in_force()[name] == {"value": values[1], "source": variable}
    if option is not None:
        assert in_force(option, values[2])[name] == {"value": values[2], "source": option}
        assert in_force(f"{option}={values[2]}")[name] == {"value": values[2], "source": option}


def test_without_settings_the_defaults_are_in_force_and_said_to_be(clean_machine: Path) -> None:
    found = in_force()

    assert list(found) == ["db", "rules", "lang", "as", "mail", "mail_from"]
    assert {name: one["source"] for name, one in found.items()} == dict.fromkeys(found, "default") | {
        "lang": "LANG"
    }
    assert found["db"]["value"].startswith(f"sqlite:///{clean_machine}")


def test_init_creates_the_database_and_says_what_to_do_next(empty_database: str) -> None:
    program = Program(empty_database)

    said = program("init").out
    again = program("init", "--json").json

    assert "complaint-sla staff add" in said
    assert "Published: pea-2560, pea-plan-2560, service" in said
    assert (bool(again["database"]), again["published"]) == (True, [])
    assert program("list", "--json").json == []
    assert program("audit", "--json").json["discrepancies"] == []


def test_init_publishes_the_drafts_that_are_named_or_makes_nothing(
    sqlite_databases: Databases, tmp_path: Path
) -> None:
    program, draft = Program(sqlite_databases.empty()), tmp_path / "other.toml"
    draft.write_text("id = ", encoding="utf-8")
    assert "other.toml" in program("--rules", str(tmp_path), "init", code=4).err
    assert not Path(program.url.removeprefix("sqlite:///")).exists()

    draft.write_text(BOOK.replace('"pea-2560"', '"other"').replace("days = 25", "days = 7"), encoding="utf-8")
    # Where no plan is named, there is the one that ships.
    made = program("--rules", str(tmp_path), "init", "--rehearsal", "--json").json
    assert made["published"] == ["other", "pea-plan-2560"]

    # What lies in a folder decides nothing from now on, whoever names it.
    draft.write_text("id = ", encoding="utf-8")
    found = program("--rules", str(tmp_path), *log_command(), "--json", now=SUNDAY).json
    assert (found["rule_book"], found["due_on"]) == ("other", "2017-03-12")


@pytest.mark.parametrize(
    "now",
    [
        "2017-03-05T10:00:00+07:00", "2017-03-05T03:00:00Z", "2017-03-05 10:00", "2560-03-05T10:00", "๒๕๖๐-๐๓-๐๕ ๑๐:๐๐",
        "2017-03-04T22:00-0500", "2560-3-5 10:00",
    ],
)  # fmt: skip
def test_a_moment_is_iso_8601_in_either_era_and_of_the_books_zone(sqlite_program: Program, now: str) -> None:
    assert sqlite_program.log(now=now)["received_at"] == "2017-03-05T10:00:00+07:00"


@pytest.mark.parametrize(
    ("now", "cure"),
    [
        ("60-03-05 10:00", "2560 or 2017"),
        ("17-03-05", "2560 or 2017"),
        ("5/3/2017", "2017-03-05, 2017-05-03"),
        ("2017-13-01", "2017-03-05"),
        ("2017-02-29", "28 days"),
        ("last week", "5/3/2560 10:00"),
        ("2017", "5/3/2560 10:00"),
        ("", "5/3/2560 10:00"),
    ],
)
def test_what_is_no_moment_is_refused(program: Program, now: str, cure: str) -> None:
    before = program.dump()

    refused = program(*log_command(), now=now, code=2)

    assert now in refused.err
    assert cure in refused.err
    assert program.dump() == before


def test_the_29th_of_february_exists_in_the_buddhist_year_that_is_a_leap_year(
    sqlite_program: Program,
) -> None:
    found = sqlite_program("explain", "--group", "residential", "--received-at", "2563-02-29", "--json").json

    assert found["received_at"] == "2020-02-29T00:00:00+07:00"
    refused = sqlite_program("explain", "--group", "residential", "--received-at", "2560-02-29", code=2)
    assert "2560-02-29" in refused.err


def test_both_eras_are_read_wherever_a_date_is(sqlite_program: Program) -> None:
    sqlite_program.hire("sup")
    sqlite_program.hire("dep")
    number = sqlite_program.number("residential", "--received-at", "2560-03-01")

    closed = sqlite_program(
        "close", number, "--outcome", "x", "--at", "2560-03-04 08:00", "--json", now=SUNDAY
    ).json
    away = ["staff", "away", "sup@example.org", "--deputy", "dep@example.org", "--json"]
    left = sqlite_program(*away, "--until", "2560-03-09", now="2560-03-05").json
    quarters = {
        sqlite_program("report", text, "--json").json["quarter"] for text in ("2017-Q1", "2560-Q1", "1/2560")
    }

    assert closed["received_at"] == "2017-03-01T00:00:00+07:00"
    assert closed["closed_at"] == "2017-03-04T08:00:00+07:00"
    assert left["away_until"] == "2017-03-09"
    assert quarters == {"2017-Q1"}


def test_the_record_keeps_the_real_moment_beside_the_rehearsed_one(program: Program) -> None:
    number = program.number()
    program("note", number, "x", now="2017-03-06")

    for event in program.show(number)["events"]:
        assert event["happened_at"].startswith("2017-03-0")
        assert event["recorded_at"] >= "2026"


LEAVING = ["smtps://u@mail.example.org:465", "smtp://mail.example.org:587", "smtp+plain://192.0.2.1:2525"]
STAYING = ["folder:mail", "smtp+plain://127.0.0.1:1", "smtps://localhost:1", "smtp+plain://[::1]:1"]
WRITING = [
    log_command(), ["queue"], ["note", "6003-1", "x"], ["assign", "6003-1", "sup@example.org"], ["acknowledge", "6003-1"],
    ["transfer", "6003-1", "--office", "OTHER", "--reason", "x"], ["close", "6003-1", "--outcome", "x"],
    ["reopen", "6003-1", "--reason", "x"], ["withdraw", "6003-1", "--reason", "x"],
    ["duplicate", "6003-1", "--of", "6003-2"], ["reclassify", "6003-1", "--urgent", "--reason", "x"], ["sweep"],
    ["correct", "6003-1", "--subject", "y"],
    ["deliver"], ["mail", "retry"], ["mail", "test", "a@b.org"],
    ["office", "add", "X", "--name-th", "x", "--name-en", "x"], ["office", "set", "MAIN", "--name-en", "x"],
    ["staff", "add", "x@b.org", "--name", "x", "--office", "MAIN", "--role", "agent"],
    ["staff", "set", "sup@example.org", "--name", "x"], ["staff", "retire", "sup@example.org"],
    ["staff", "away", "sup@example.org", "--until", "2017-05-05", "--deputy", "sup@example.org"],
    ["rules", "publish"], ["erase", "6003-1", "--reason", "x"], ["import", "{sheet}"], ["report", "2017-Q1", "--freeze"],
    ["survey", "import", "{sheet}", "--through", "2017-03-01"], ["survey", "draw"], ["survey", "record", "1", "5"],
    ["survey", "list", "--contact"], ["person", "show", "--name", "x"], ["person", "export", "{new}", "--name", "x"],
    ["retention"], ["person", "erase", "--name", "x", "--reason", "x", "--yes"],
    ["plan", "enter", "voc-summary", "1/2560", "--source", "x", "--dated", "2017-03-01"], ["plan", "import", "{figures}"],
]  # fmt: skip
READING = [
    ["list"], ["today"], ["find", "x"], ["show", "6003-1"], ["explain", "6003-1"], ["report", "2017-Q1"],
    ["staff", "list"], ["office", "list"], ["mail", "list"], ["sweep", "--dry-run"], ["audit"],
    ["rules", "publish", "--dry-run"], ["import", "{sheet}", "--dry-run"], ["backup", "{new}"], ["export", "{new}"],
    ["retention", "--dry-run"], ["journal"], ["plan", "show", "1/2560"], ["plan", "due"],
    ["plan", "import", "{figures}", "--dry-run"], ["plan", "export", "{new}", "1/2560"], ["survey", "list"],
]  # fmt: skip
# They make a database; and these have something to say where there is none.
MAKING = {"init", "restore", "demo"}
WITHOUT = {"rules check": 0, "rules show": 5, "doctor": 5, "help": 0, "completion bash": 0}


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Files that commands name: a sheet that is there, and what is to be written."""
    folder = tmp_path / "files"
    folder.mkdir()
    row = {"group": "residential", "channel": "phone", "category": "outage", "subject": "x"}
    (folder / "in.jsonl").write_text(json.dumps(row | {"received_at": "2017-03-05 09:00"}), encoding="utf-8")
    (folder / "figures.jsonl").write_text('{"measure": "voc-summary", "period": "1/2560", "awaiting": "x"}')
    return {
        "sheet": str(folder / "in.jsonl"),
        "figures": str(folder / "figures.jsonl"),
        "new": str(folder / "new.csv"),
    }


def slip(path: Path) -> list[Path]:
    """A folder that is not there: what is there."""
    del path
    return []


def emptied(path: Path) -> list[Path]:
    """A file of no bytes, as a full disk or a crash leaves it."""
    path.parent.mkdir()
    path.touch()
    return [path]


def moved_alone(path: Path) -> list[Path]:
    """The file was moved, its write-ahead log was not."""
    path.parent.mkdir()
    log = path.with_name(f"{path.name}-wal")
    log.write_bytes(b"what was committed")
    return [log]


@pytest.mark.parametrize("left", [slip, emptied, moved_alone])
def test_no_command_but_those_that_are_to_makes_a_database(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    places: dict[str, str],
    left: Callable[[Path], list[Path]],
) -> None:
    (tmp_path / "mail").mkdir()
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"folder:{tmp_path}/mail")
    every = [*WRITING, *READING, ["run"], ["run", "--once"], ["roles"], *map(str.split, WITHOUT)]
    assert {command[0] for command in every} == set(COMMANDS) - MAKING
    program = Program(f"sqlite:///{tmp_path}/there/complaints.db")
    there = {path: path.read_bytes() for path in left(tmp_path / "there" / "complaints.db")}
    before = sorted(tmp_path.rglob("*"))

    for command in every:
        code = WITHOUT.get(" ".join(command), 5)
        said = program(*(part.format(**places) for part in command), code=code)
        if code == 5:
            told = said.out if command == ["doctor"] else said.err

            assert told == said.out + said.err, command
            # `doctor` breaks its lines, by how long the folder's name is.
            told = " ".join(told.split())
            assert "write-ahead log" in told if left is moved_alone else "complaint-sla init" in told

    assert sorted(tmp_path.rglob("*")) == before
    assert {path: path.read_bytes() for path in there} == there


@pytest.mark.postgresql
def test_an_empty_database_of_postgresql_is_none_either(postgresql_databases: Databases) -> None:
    program = Program(postgresql_databases.empty())
    for command in (["list"], log_command(), ["run", "--once"]):
        assert "complaint-sla init" in program(*command, code=5).err
    program("init")
    program("list")


def test_where_the_log_was_left_alone_nobody_makes_a_new_database_either(tmp_path: Path) -> None:
    path = tmp_path / "there" / "complaints.db"
    [log] = moved_alone(path)
    backup = tmp_path / "backup.db"
    Program(f"sqlite:///{tmp_path}/other.db")("init")
    Program(f"sqlite:///{tmp_path}/other.db")("backup", str(backup))

    for command in (["init"], ["restore", str(backup)]):
        assert "write-ahead log" in Program(f"sqlite:///{path}")(*command, code=5).err
    assert (path.exists(), log.read_bytes()) == (False, b"what was committed")


def test_now_writes_into_nothing_that_is_real(
    database: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = Program(database)
    program.hire("sup")
    program.log(now=None)
    before = program.dump()

    # However harmless the mail; of which only what sends any could know.
    sending = [["deliver"], ["sweep"], ["mail", "test", "a@b.org"]]
    for mail, commands in ((f"folder:{tmp_path}/mail", WRITING), (STAYING[1], sending)):
        monkeypatch.setenv("COMPLAINT_SLA_MAIL", mail)
        for command in commands:
            refused = program(*(part.format(**places) for part in command), now="2030-01-01", code=6)
            assert refused.out == "", command
            for part in ("--now", "init --rehearsal", "restore FILE --rehearsal"):
                assert part in refused.err, command
    number = program("list", "--json").json[0]["number"]
    for command in READING:
        Path(places["new"]).unlink(missing_ok=True)
        program(
            *(number if part == "6003-1" else part.format(**places) for part in command), now="2030-01-01"
        )

    after = program.dump()
    # What was given out has left its trace, at the moment of the real clock.
    traces = [entry for entry in after.pop("journal") if entry not in before["journal"]]
    assert {entry[0] for entry in traces} == {"backed-up", "exported"}
    # As a moment or as a text; a digest may hold the four figures by chance.
    assert not any(year in str(entry) for entry in traces for year in ("(2030,", "2030-01-01", "2029-12-31"))
    del after["house"], before["house"], before["journal"]
    assert after == before


@pytest.mark.parametrize("mail", LEAVING)
def test_a_rehearsals_mail_leaves_by_no_server_elsewhere(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, mail: str
) -> None:
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", mail)
    sqlite_program.hire("sup")
    sqlite_program(*log_command("residential", "--urgent"), now=SUNDAY)
    sqlite_program("sweep", now=SUNDAY)
    before = sqlite_program.dump()

    for command, now in (
        (["deliver"], SUNDAY),
        (["run", "--once"], None),
        (["mail", "test", "a@b.org"], None),
    ):
        assert "folder:" in sqlite_program(*command, now=now, code=6).err

    assert sqlite_program.dump() == before


def test_a_rehearsal_says_so_beside_every_answer_and_a_real_one_says_nothing(
    sqlite_databases: Databases, lang: str
) -> None:
    urls = {made: sqlite_databases.empty() for made in (True, False)}
    for rehearsal, url in urls.items():
        Program(url)("init", *(["--rehearsal"] if rehearsal else []))
        for command in (["list"], ["list", "--json"], ["doctor"], log_command()):
            said = run(["--db", url, "--lang", lang, *command], marked=True)
            assert [line in MARKS for line in said.err.splitlines()].count(True) == rehearsal, command
            assert not any(mark in said.out for mark in MARKS)
    assert "--rehearsal" in Program(urls[False])("init", "--rehearsal", code=6).err


@pytest.mark.parametrize("mail", STAYING)
def test_a_folder_and_loopback_stay_on_this_machine(
    sqlite_program: Program, monkeypatch: pytest.MonkeyPatch, mail: str, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", mail)

    sqlite_program("deliver", now=SUNDAY)


def test_the_service_refuses_a_rehearsed_clock(sqlite_program: Program) -> None:
    for command in (["run"], ["run", "--once"]):
        assert "--now" in sqlite_program(*command, now=SUNDAY, code=6).err


def test_the_version_is_told(sqlite_program: Program) -> None:
    assert run(["--version"]).out == f"complaint-sla {__version__}\n"
    assert run(["--version"]).code == 0
    assert real("--version").out == f"complaint-sla {__version__}\n"


def test_the_language_is_that_of_the_option_the_variable_the_file_or_the_locale(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "th" not in LANGUAGES:
        pytest.skip("There is no Thai catalogue yet")

    def thai(*options: str) -> bool:
        answer = run([*options, "show"])
        assert answer.code == 2
        return any("ก" <= char <= "๙" for char in answer.err)

    assert not thai()
    assert thai("--lang", "th")
    assert thai("--lang=th")
    monkeypatch.setenv("LANG", "th_TH.TIS-620")
    assert thai()
    # As gettext has it.
    monkeypatch.setenv("LC_MESSAGES", "en_US.UTF-8")
    assert not thai()
    monkeypatch.setenv("LC_ALL", "th_TH.UTF-8")
    assert thai()
    monkeypatch.setenv("LANGUAGE", "de:en_GB:th")
    assert not thai()
    monkeypatch.setenv("LANGUAGE", "th:en")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert thai()
    monkeypatch.setenv("LC_ALL", "C")
    assert not thai()
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name)
    assert thai()
    monkeypatch.setenv("COMPLAINT_SLA_LANG", "en")
    assert not thai()
    monkeypatch.delenv("COMPLAINT_SLA_LANG")
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text('lang = "th"\n')
    assert thai()


def test_json_means_one_document_on_stdout_in_either_language(program: Program, lang: str) -> None:
    program.hire("sup")
    number = program.number("residential", "--urgent", "--phone", "0812345678")
    commands = [
        [*log_command("residential", "--phone", "0812345678")], ["list"], ["find", "0812345678"], ["show", number],
        ["explain", number], ["note", number, "x"], ["acknowledge", number], ["assign", number, "sup@example.org"],
        ["sweep", "--dry-run"], ["sweep"], ["deliver"], ["mail", "list"], ["mail", "retry"], ["office", "list"],
        ["staff", "list"], ["rules", "check"], ["rules", "show"], ["report", "2017-Q1"], ["init"],
        ["reclassify", number, "--no-urgent", "--reason", "x"], ["correct", number, "--phone", ""],
        ["close", number, "--outcome", "x"],
        ["reopen", number, "--reason", "x"], ["duplicate", number, "--of", "6003-2"],
        ["reopen", number, "--reason", "x"],
        ["withdraw", "6003-2", "--reason", "x"], ["mail", "test", "a@b.org"],
    ]  # fmt: skip
    for command in commands:
        answer = program(*command, "--json", now=SUNDAY, lang=lang)
        assert json.loads(answer.out) is not None, command
        assert answer.out.endswith("\n")


def test_a_terminal_without_thai_gets_escapes_and_no_crash(sqlite_program: Program) -> None:
    number = sqlite_program.number("residential", "--subject", "ไฟดับ")

    answer = real("--db", sqlite_program.url, "show", number, environment={"PYTHONIOENCODING": "ascii"})

    assert answer.code == 0
    assert "\\u0e44\\u0e1f" in answer.out
    assert "PYTHONIOENCODING" not in os.environ


def test_reading_with_now_says_that_it_is_no_look_back_only_before_what_was_recorded(
    sqlite_program: Program, lang: str
) -> None:
    number = sqlite_program.number()
    sqlite_program("note", number, "x", now="2017-03-06 09:00")
    said = {"en": "--now is no look back", "th": "--now ไม่ใช่การย้อนดูอดีต"}[lang]
    for command in (["list", "--json"], ["find", "ไฟ"], ["show", number], ["report", "1/2560"]):
        before = sqlite_program(*command, now="2017-03-06 08:59", lang=lang)
        assert before.err.startswith(said), command
        assert said not in before.out
        for now in ("2017-03-06 09:00", None):
            assert said not in sqlite_program(*command, now=now, lang=lang).err
    assert said not in sqlite_program("note", number, "x", now="2017-03-05 12:00", lang=lang).err


def test_days_are_typed_as_people_write_them_wherever_one_is_asked(sqlite_program: Program) -> None:
    """Words such as yesterday are of the moment at which the command acts."""
    sup, nok = sqlite_program.hire("sup"), sqlite_program.hire("nok", "agent")
    now, received = "6/3/2560 09:00", "2017-03-05T14:00:00+07:00"
    number = ""
    for typed in ("เมื่อวาน 14:00", "5/3/2560 14:00", "5 มี.ค. 2560 14.00 น.", "yesterday 14:00"):
        found = sqlite_program.log("residential", "--received-at", typed, now=now)
        assert found["received_at"] == received
        number = found["number"]
        of_case = ("explain", "--group", "residential", "--received-at", typed, "--json")
        assert sqlite_program(*of_case, now=now).json["received_at"] == received
    closed = sqlite_program("close", number, "--outcome", "x", "--at", "08:30", "--json", now=now).json
    assert closed["closed_at"] == "2017-03-06T08:30:00+07:00"
    away = ("staff", "away", nok, "--until", "พรุ่งนี้", "--deputy", sup, "--json")
    assert sqlite_program(*away, now=now).json["away_until"] == "2017-03-07"
    assert sqlite_program("journal", "--since", "today", now=now).out
    assert "มี 28 วัน" in sqlite_program("--lang", "th", "journal", "--since", "29/2/2560", code=2).err


def test_an_acting_address_that_nobody_has_is_said_once_and_taken_all_the_same(
    sqlite_program: Program, lang: str
) -> None:
    assert sqlite_program("office", "list", acting="typo@example.org").err == ""
    sqlite_program.hire("typist")
    asked = {"en": "Did you mean typist@example.org?", "th": "หมายถึง typist@example.org หรือไม่"}[lang]
    number = sqlite_program.number()
    for acting, said in (
        ("typst@example.org", asked),
        ("boss@other.net", "boss@other.net"),
        ("typist@example.org", ""),
        ("night shift", ""),
    ):
        answer = sqlite_program("note", number, "x", acting=acting, lang=lang, now="2017-03-06 09:00")
        assert (answer.err.strip() == "") is (said == ""), answer.err
        assert answer.err.count(said) == 1 or not said
        assert sqlite_program.show(number)["events"][-1]["actor"] == acting
        assert (
            sqlite_program("list", acting=acting, lang=lang, now="2017-03-06 09:00").err.count("example.org")
            == 0
        )
