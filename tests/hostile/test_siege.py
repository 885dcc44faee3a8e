"""Everything that comes out of a house in which every name and every word is hostile."""

import csv
import io
import json
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from email.header import decode_header, make_header
from pathlib import Path

import pytest
from hypothesis import settings

from complaint_sla.core.masking import masked_text
from complaint_sla.wording.screening import plain
from tests.cli.runner import PATIENCE, PROJECT, SUNDAY, Program
from tests.conftest import Databases, OpenPostbox
from tests.hostile import verdicts
from tests.hostile.siege import House, names
from tests.published import rehearse

# Enough for one of each kind twice over; the list as a whole is tried by `python -m tests.hostile`.
SOME = names()[:: 1 if settings.default.max_examples > 1_000 else 9]


def _quoted(name: str) -> str:
    """As a name stands in a header that needs no encoding (RFC 5322, 3.2.4)."""
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def of_names(count: int) -> list[str]:
    return [f"Plain words {n}" for n in range(count)]


@pytest.fixture(scope="module")
def template(
    sqlite_template: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Both houses, built once and copied."""
    found = {}
    for name, words in (("besieged", SOME), ("peaceful", of_names(len(SOME)))):
        folder = tmp_path_factory.mktemp(name)
        shutil.copy(sqlite_template(), folder / "complaints.db")
        House.build(Program(rehearse(f"sqlite:///{folder}/complaints.db")), folder, words)
        found[name] = folder
    return found


@pytest.fixture
def besieged(template: dict[str, Path], tmp_path: Path) -> House:
    return House(
        Program(f"sqlite:///{shutil.copytree(template['besieged'], tmp_path / 'a')}/complaints.db"), SOME
    )


@pytest.fixture
def peaceful(template: dict[str, Path], tmp_path: Path) -> House:
    folder = shutil.copytree(template["peaceful"], tmp_path / "b")
    return House(Program(f"sqlite:///{folder}/complaints.db"), of_names(len(SOME)))


def test_a_letter_has_its_headers_and_parts_and_tags_whatever_stands_in_it(
    besieged: House, peaceful: House, postbox: OpenPostbox
) -> None:
    boxes = [postbox(), postbox()]
    for house, box in zip((besieged, peaceful), boxes, strict=True):
        assert house.letters(box.port)["sent"] == len(SOME) + 1
    hostile, harmless = ({letter.recipients: letter.content for letter in box.received} for box in boxes)
    assert len(hostile) == len(SOME) + 1

    for recipients, content in hostile.items():
        [recipient] = recipients
        message = verdicts.letter(content, recipient)
        bones = verdicts.Skeleton(verdicts.body(message, "html"))
        usual = verdicts.Skeleton(verdicts.body(verdicts.letter(harmless[recipients], recipient), "html"))
        assert bones.bones == usual.bones, recipient
        if recipient == "all@example.org":
            continue
        shown = plain(SOME[int(recipient[1 : recipient.index("@")])])
        # Python's own reader of addresses puts spaces between encoded words; what counts is what they decode to.
        to = re.sub(r"\r\n(?=[ \t])", "", dict(message.raw_items())["To"])
        assert str(make_header(decode_header(to))).rpartition(" <")[0] in (shown, _quoted(shown))
        # The subject of a complaint is shown with what may be somebody's address masked.
        told = masked_text(shown)
        assert f"\r\n{told}\r\n" in verdicts.body(message, "plain").replace("\n", "\r\n").replace(
            "\r\r", "\r"
        )
        assert told in bones.words

    listed = verdicts.document(besieged.program("mail", "list", "--json"))
    for one in listed[::4]:
        shown = verdicts.document(besieged.program("mail", "show", str(one["id"]), "--json", now=SUNDAY))
        message = verdicts.letter(hostile[(one["recipient"],)], one["recipient"])
        assert message["Subject"] == shown["subject"]
        assert verdicts.body(message, "plain").replace("\r\n", "\n") == shown["text"]


def test_a_letter_in_a_folder_is_the_same_and_stays_in_its_folder(
    besieged: House, clean_machine: Path
) -> None:
    assert besieged.program("deliver", "--json", now=SUNDAY).json["sent"] == len(SOME) + 1
    folder = clean_machine / ".local/share/complaint_sla/mail"
    files = list(folder.iterdir())
    assert len(files) == len(SOME) + 1
    for file in files:
        content = file.read_bytes()
        recipient = re.search(
            rb"<([a-z0-9]+@example\.org)>|^To: ([a-z0-9]+@example\.org)", content, re.MULTILINE
        )
        to = b"".join(re.findall(rb"^To:(?:.*\r\n)(?:[ \t].*\r\n)*", content, re.MULTILINE)[0].split())
        assert recipient is not None
        verdicts.letter(content, to.rpartition(b"<")[2].removeprefix(b"To:").rstrip(b">").decode())


def test_a_screen_shows_nothing_that_could_steer_it(besieged: House, lang: str) -> None:
    program = besieged.program
    program("deliver", now=SUNDAY)
    numbers = [one["number"] for one in program("list", "--json", now=SUNDAY).json]
    commands = [
        ["list"],
        ["list", "--overdue"],
        ["staff", "list"],
        ["office", "list"],
        ["mail", "list"],
        ["find", "x"],
    ]
    commands += [["report", "2017-Q1"], ["sweep"], ["deliver"]]
    commands += [["show", number, "--contact"] for number in numbers[::12]]
    commands += [["mail", "show", str(one)] for one in range(1, len(SOME) + 2, 6)]
    for command in commands:
        verdicts.screen(program(*command, now=SUNDAY, lang=lang))
    told = program(
        "log",
        "--group=residential",
        "--channel=phone",
        "--category=outage",
        "--subject=x",
        "--phone=0812345678",
        "--office=MAIN",
        now=SUNDAY,
    )
    verdicts.screen(told)
    assert numbers[0] in told.err or "C-6003" in told.err


def test_a_real_terminal_gets_colours_and_nothing_else(besieged: House) -> None:
    """Colours are the only sequences that the program itself writes."""
    program = besieged.program
    for command in (["list"], ["show", "6003-1"]):
        master, slave = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "complaint_sla", *program.options(SUNDAY), *command],
            cwd=PROJECT,
            env={**os.environ, "TERM": "xterm-256color", "NO_COLOR": "", "FORCE_COLOR": "1"},
            stdout=slave,
            stderr=slave,
        ) as process:
            os.close(slave)
            seen = b""
            try:
                while more := os.read(master, 65536):
                    seen += more
            except OSError:
                pass
            assert process.wait(PATIENCE) == 0
        os.close(master)
        text = re.sub(r"\x1b\[[0-9;]*m", "", seen.decode()).replace("\r\n", "\n")
        assert verdicts.STEERING.search(text) is None, ascii(text)


def test_a_sheet_holds_no_formula_and_is_read_back_as_it_was(
    besieged: House, tmp_path: Path, sqlite_database: str
) -> None:
    program, again = besieged.program, Program(rehearse(sqlite_database))
    for n in range(len(SOME)):
        again.found_office(f"O{n}")
    for ending in (".csv", ".jsonl"):
        file, twice = tmp_path / f"all{ending}", tmp_path / f"again{ending}"
        program("export", str(file), now=SUNDAY)
        if ending == ".csv":
            again("import", str(file), now=SUNDAY)
            verdicts.sheet(file.read_bytes().decode())
        again("export", str(twice), now=SUNDAY)
        assert twice.read_bytes() == file.read_bytes()
    said = {row["subject"] for row in map(json.loads, file.read_text(encoding="utf-8").splitlines())}
    assert said == set(SOME)
    verdicts.sheet(program("list", "--csv", now=SUNDAY).out)
    verdicts.sheet(program("report", "2017-Q1", "--format", "csv", now=SUNDAY).out)


def test_rejected_rows_hold_no_formula_and_are_read_back_as_they_were(
    sqlite_program: Program, tmp_path: Path
) -> None:
    """They are made to be opened in a spreadsheet, and mended there."""
    sheet, rejects = tmp_path / "in.csv", tmp_path / "rejects.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["group", "channel", "category", "received_at", "subject"])
        writer.writerows(["farmers", "phone", "outage", "2017-03-05", word] for word in SOME)

    assert len(
        sqlite_program("import", str(sheet), "--rejects", str(rejects), "--json", now=SUNDAY, code=1).json[
            "rejected"
        ]
    ) == len(SOME)

    rows = verdicts.sheet(rejects.read_bytes().decode())
    assert len(rows) == len(SOME) + 1
    mended = tmp_path / "mended.csv"
    mended.write_bytes(rejects.read_bytes().replace(b"farmers", b"residential").replace(b"\xef\xbb\xbf", b""))
    text = mended.read_text(encoding="utf-8")
    assert "farmers" not in text
    sqlite_program("import", str(mended), now=SUNDAY, code=None)
    original = {
        entry for row in csv.reader(io.StringIO(sheet.read_bytes().decode(), newline="")) for entry in row[4:]
    }
    kept = {one["subject"] for one in sqlite_program("list", "--json", now=SUNDAY).json}
    # What bears an apostrophe before a formula is a guarded cell, wherever it came from.
    assert kept == {
        masked_text(re.sub("^'(?='*[=+\\-@\uff1d\uff0b\uff0d\uff20])", "", one))
        for one in original - {"subject"}
    }


def test_the_report_for_the_browser_has_the_tags_that_it_always_has(besieged: House, peaceful: House) -> None:
    pages = [
        verdicts.Skeleton(house.program("report", "2017-Q1", "--format", "html", now=SUNDAY).out)
        for house in (besieged, peaceful)
    ]

    assert pages[0].bones == pages[1].bones
    for word in SOME:
        assert plain(word).replace(" ๆ", "\u00a0ๆ") in pages[0].words
    assert verdicts.STEERING.search(pages[0].words) is None


def test_json_holds_every_text_as_it_was_said(besieged: House) -> None:
    program = besieged.program
    for command in (
        ["list"],
        ["find", "x"],
        ["staff", "list"],
        ["office", "list"],
        ["mail", "list"],
        ["report", "2017-Q1"],
    ):
        verdicts.document(program(*command, "--json", now=SUNDAY))
    assert {one["subject"] for one in program("list", "--json", now=SUNDAY).json} == set(
        map(masked_text, SOME)
    )
    assert verdicts.document(program("show", "6003-1", "--json"))["subject"] in set(map(masked_text, SOME))


def test_postgresql_keeps_and_shows_the_same_as_sqlite(
    besieged: House, postgresql_databases: Databases, tmp_path: Path
) -> None:
    other = House.build(Program(rehearse(postgresql_databases.migrated())), tmp_path, SOME)
    for command in (
        ["list"],
        ["list", "--json"],
        ["staff", "list"],
        ["office", "list"],
        ["report", "2017-Q1", "--format", "csv"],
        ["find", "%"],
    ):
        ours, theirs = (house.program(*command, now=SUNDAY).out for house in (besieged, other))
        assert ours == theirs, command
    verdicts.stored(other.program.dump())
