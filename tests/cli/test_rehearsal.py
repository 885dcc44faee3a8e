"""A rehearsal says of everything that leaves it that nothing in it is real; of a real database nothing does."""

from __future__ import annotations

from contextlib import closing
from email import message_from_bytes, policy
from pathlib import Path
from sqlite3 import connect

import pytest
from pypdfium2 import PdfDocument
from python_calamine import CalamineWorkbook

from tests.cli.runner import MARKS, Program, log_command, run

LATER = "2017-05-02 09:00"


def told(program: Program, form: str, file: Path, *more: str) -> str:
    """All that a form of the quarter says, on one line, in Thai."""
    program("report", "1/2560", "--format", form, "--output", str(file), *more, now=LATER, lang="th")
    if form == "pdf":
        pages = PdfDocument(file)
        said = " ".join(page.get_textpage().get_text_range() for page in pages)
        pages.close()
    elif form == "xlsx":
        book = CalamineWorkbook.from_path(file)
        rows = (row for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python())
        said = " ".join(str(cell) for row in rows for cell in row)
    else:
        said = file.read_text(encoding="utf-8")
    return " ".join(said.split())


@pytest.mark.parametrize("more", [(), ("--plan",)])
def test_every_form_of_a_report_is_marked(
    sqlite_program: Program, tmp_path: Path, more: tuple[str, ...]
) -> None:
    mark = MARKS[True]
    forms = ("html", "xlsx", "pdf") if more else ("text", "html", "xlsx", "pdf")
    sqlite_program.number()
    for form in forms:
        said = told(sqlite_program, form, tmp_path / f"r.{form}", *more)
        # What is read out of a PDF has its spaces where the lines were broken.
        assert mark.replace(" ", "") in said.replace(" ", ""), form
    assert sqlite_program("report", "1/2560", "--json", now=LATER).json["rehearsal"] is True


def test_every_letter_is_marked(
    sqlite_program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLAINT_SLA_MAIL", f"folder:{tmp_path / 'mail'}")
    sqlite_program.hire("sup", lang="en")
    sqlite_program.hire("boss", lang="th", role="manager")
    sqlite_program.number("residential", "--urgent", now="2017-03-05 10:00")
    for now in ("2017-03-05 10:01", "2017-03-30 09:00"):
        sqlite_program("sweep", now=now)
        sqlite_program("deliver", now=now)
    letters = [
        message_from_bytes(path.read_bytes(), policy=policy.default)
        for path in (tmp_path / "mail").glob("*.eml")
    ]
    assert len(letters) == 3
    for letter in letters:
        text, page = (letter.get_body((kind,)) for kind in ("plain", "html"))
        assert text is not None
        assert page is not None
        thai = "boss" in letter["To"]
        assert letter["Subject"].startswith("[ซ้อม] " if thai else "[Rehearsal] ")
        assert text.get_content().startswith(MARKS[thai])
        assert MARKS[thai] in page.get_content()


def test_a_real_database_marks_nothing(sqlite_database: str, tmp_path: Path) -> None:
    program = Program(sqlite_database)
    logged = run([*program.options(), *log_command(), "--received-at", "2017-03-05"])
    assert logged.code == 0
    report = program("report", "1/2560", "--format", "html", "--output", str(tmp_path / "r.html"))
    assert "ehearsal" not in logged.out + logged.err + report.err + (tmp_path / "r.html").read_text()
    assert "rehearsal" not in program("report", "1/2560", "--json").json


def test_a_copy_of_a_real_database_can_be_rehearsed_with_and_stays_one(
    sqlite_database: str, tmp_path: Path
) -> None:
    real = Program(sqlite_database)
    real.log(now=None)  # type: ignore[arg-type]
    real("backup", str(tmp_path / "copy.db"))
    copy = Program(f"sqlite:///{tmp_path / 'rehearsed.db'}")
    copy("restore", str(tmp_path / "copy.db"), "--rehearsal")

    copy.number(now="2030-01-01 09:00")
    assert "is real" in real("sweep", now="2030-01-01 09:00", code=6).err
    copy("backup", str(tmp_path / "again.db"))
    third = Program(f"sqlite:///{tmp_path / 'third.db'}")
    third("restore", str(tmp_path / "again.db"))
    assert third.number(now="2030-01-02 09:00") == "C-7301-00002"
    assert "is real, and stays it" in real("init", "--rehearsal", code=6).err


def test_no_restore_makes_a_rehearsal_real_or_what_is_real_a_rehearsal(
    sqlite_database: str, tmp_path: Path
) -> None:
    Program(sqlite_database)("backup", str(tmp_path / "real.db"))
    rehearsed = Program(f"sqlite:///{tmp_path / 'rehearsed.db'}")
    rehearsed("init", "--rehearsal")
    rehearsed("restore", str(tmp_path / "real.db"))
    rehearsed.number(now="2030-01-01 09:00")
    rehearsed("backup", str(tmp_path / "tried.db"))

    other = Program(f"sqlite:///{tmp_path / 'other.db'}")
    other("init")
    for more in (["real.db", "--rehearsal"], ["tried.db"]):
        assert "is real, and stays it" in other("restore", str(tmp_path / more[0]), *more[1:], code=6).err
    assert "is real" in other("sweep", now="2030-01-01 09:00", code=6).err


def test_what_is_refused_leaves_no_database_behind(sqlite_database: str, tmp_path: Path) -> None:
    new = Program(f"sqlite:///{tmp_path / 'new' / 'new.db'}")
    new("init", now="2030-01-01 09:00", code=6)
    Program(sqlite_database)("backup", str(tmp_path / "b.db"))
    refused = new("restore", str(tmp_path / "b.db"), now="2030-01-01 09:00", code=6)
    assert "--now writes into a rehearsal only" in refused.err
    with closing(connect(tmp_path / "b.db")) as damaged:
        damaged.execute("UPDATE book SET published_at = 'yesterday'")
        damaged.commit()
    new("restore", str(tmp_path / "b.db"), code=2)
    assert not list(tmp_path.glob("new/*"))
