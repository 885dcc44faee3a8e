"""Where commands write: never over what the office lives on, under whichever name it is given, nor through a link."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.runner import Program, dump, run
from tests.published import rehearse
from tests.test_docs import commands
from tests.test_docs import program as documented

SHEET = "group,channel,category,subject,received_at\nnobody,phone,outage,x,2017-03-05\n"
# Every command that writes a file, by the option or argument that names it.
OUTPUTS = {
    ("report", "output"): ("report", "1/2560", "--format", "csv", "--output"),
    ("doctor", "output"): ("doctor", "--format", "json", "--output"),
    ("export", "file"): ("export",),
    ("import", "rejects"): ("import", "sheet.csv", "--rejects"),
    ("import", "save_map"): ("import", "sheet.csv", "--guess", "--save-map"),
    ("plan import", "rejects"): ("plan", "import", "sheet.csv", "--rejects"),
    ("plan export", "file"): ("plan", "export", "FILE", "1/2560"),
    ("survey import", "rejects"): ("survey", "import", "listed.csv", "--through", "2017-03-01", "--rejects"),
    ("backup", "file"): ("backup",),
    ("person export", "file"): ("person", "export", "--phone", "0812345678"),
}
# What is read, and the folder that the demo makes for itself.
INPUTS = {
    ("import", "file"), ("plan import", "file"), ("restore", "file"), ("audit", "against"),
    ("import", "file"), ("survey import", "file"), ("restore", "file"), ("audit", "against"),
    ("import", "map_file"), ("import", "check_map"),
    ("rules check", "folder"), ("rules publish", "path"), ("demo", "folder"),
}  # fmt: skip


def into(command: tuple[str, ...], name: str) -> list[str]:
    """The command with the file that it is to write, which stands last unless it says where."""
    return [name if part == "FILE" else part for part in command] if "FILE" in command else [*command, name]


@pytest.fixture
def office(sqlite_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """A rehearsal in a file that by its name could be a sheet, with its letters and its drafts of rules beside it."""
    home = tmp_path / "office"
    home.mkdir()
    shutil.move(sqlite_database.removeprefix("sqlite:///"), home / "office.csv")
    monkeypatch.chdir(home)
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", "folder:letters")
    monkeypatch.setenv("COMPLAINT_SLA_RULES", str(home / "rules"))
    shutil.copytree(Path(__file__).parents[2] / "rules", home / "rules")
    Path("letters").mkdir()
    Path("letters/one.eml").write_text("Subject: x\n\n")
    Path("sheet.csv").write_text(SHEET)
    Path("listed.csv").write_text("reference,service,finished_on\n1,nothing,2017-03-01\n")
    program = Program(rehearse(f"sqlite:///{home}/office.csv"))
    program.number()
    return program


def digests(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith("-shm")
    }


def test_no_output_takes_the_place_of_what_the_office_lives_on(office: Program, tmp_path: Path) -> None:
    home, away = tmp_path / "office", tmp_path / "away"
    away.mkdir()
    Path("../beside").symlink_to(home)
    for index, kept in enumerate(("office.csv", "letters/one.eml", "rules/pea-2560.toml", "sheet.csv")):
        (away / f"link-{index}.csv").symlink_to(home / kept)
        if kept != "sheet.csv":
            (away / f"twin-{index}.csv").hardlink_to(home / kept)
    (away / "lost.csv").symlink_to(away / "nowhere")
    names = [
        *(f"office.csv{ending}" for ending in ("", "-wal", "-shm", "-journal")),
        *(f"{place}office.csv" for place in ("./", f"{home}/", "../beside/", "letters/../")),
        *map(str, sorted(away.iterdir())),
        "letters/one.eml", "rules/pea-2560.toml", "letters", "/dev/null",
    ]  # fmt: skip
    with closing(sqlite3.connect("office.csv")) as holding:
        # Somebody has it open: its log and its index are there.
        holding.execute("SELECT count(*) FROM office").fetchone()
        before, inside = digests(tmp_path), dump(office.url)
        for command in OUTPUTS.values():
            for name in names:
                refused = office(*into(command, name), code=2)
                assert Path(name).name in refused.err, (command, name, refused.err)
        assert digests(tmp_path) == before
    assert dump(office.url) == inside
    assert Path("/dev/null").is_char_device()


def test_every_command_that_writes_a_file_is_held_to_it() -> None:
    named = {
        (name, option.name)
        for name, command in commands(documented("en"))
        for option in command.params
        if type(option.type).__name__ in ("Path", "TyperPath")
    }
    assert named - INPUTS == set(OUTPUTS)


def test_what_lists_cases_is_its_owners_alone(office: Program, tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        for command, name in (
            (OUTPUTS["report", "output"], "report.csv"),
            (("report", "1/2560", "--output"), "report.html"),
            (OUTPUTS["export", "file"], "all.csv"),
            (OUTPUTS["import", "rejects"], "rejects.csv"),
            (OUTPUTS["backup", "file"], "backup.db"),
            (OUTPUTS["plan export", "file"], "figures.csv"),
        ):
            Path(name).touch(0o666) if name != "backup.db" else None
            office(*into(command, name), code=None)
            assert Path(name).stat().st_mode & 0o777 == 0o600, name
        # The form to be signed names no case, and what is monitored another user collects.
        office("report", "1/2560", "--plan", "--output", "plan.html")
        office(*OUTPUTS["doctor", "output"], "doctor.json", code=1)
        for name in ("plan.html", "doctor.json"):
            assert Path(name).stat().st_mode & 0o777 == 0o644, name
    finally:
        os.umask(before)
    assert list(tmp_path.rglob("*.part")) == []


def test_the_standard_output_is_no_file_and_is_written_to(office: Program) -> None:
    process = office.spawn("report", "1/2560", "--format", "csv", "--output", "/dev/stdout")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "2560" in out or "2017" in out


def test_settings_that_cannot_be_read_make_no_output_of_a_database(
    office: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text("broken")
    monkeypatch.setenv("COMPLAINT_SLA_CONFIG", str(tmp_path / "config.toml"))
    assert run(["doctor", "--format", "json", "--output", "office.csv"]).code == 2
    assert dump(office.url)["complaint"]
