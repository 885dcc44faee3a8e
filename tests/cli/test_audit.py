"""`audit`: silent and 0 when all is in order, a list and 1 when not, in both languages and as one JSON document."""

from __future__ import annotations

import gzip
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Executable, create_engine, func, text, update

from complaint_sla.cli.audit import MOST_SHOWN, SENTENCES
from complaint_sla.core.chain import FORMAT
from complaint_sla.core.differences import Check
from complaint_sla.store import problems
from complaint_sla.store.tables import Complaint, Counter, FrozenFigure
from tests.cli.runner import Keyboard, Program
from tests.conftest import Databases
from tests.store.test_upgrade import RECORD
from tests.work.desks import moment

LATER = "2017-04-02 09:00"

LOOKED_AT = "Looked at: complaints 1, events 3, alerts 6, letters 0, rule books 1, frozen figures {}, entries of the journal {}."


def by_hand(program: Program, statement: Executable) -> None:
    engine = create_engine(program.url)
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def busy(program: Program) -> str:
    program.hire("sup")
    number = program.number("residential", "--customer", "สมชาย ใจดี", "--phone", "0812345678")
    program("sweep", now=LATER)
    program("close", number, "--outcome", "mended", now="2017-04-03 09:00")
    return number


def test_what_is_in_order_ends_with_0_in_both_languages(program: Program, lang: str) -> None:
    busy(program)
    before = program.dump()
    answer = program("audit", lang=lang)
    assert answer.err == ""
    if lang == "en":
        assert answer.out.splitlines() == [
            LOOKED_AT.format(0, 6),
            "Everything is as its events say.",
        ]
    assert program("audit", "--json").json == {
        "books": 1, "complaints": 1, "events": 3, "alerts": 6, "letters": 0, "figures": 0, "entries": 7,
        "against": None, "discrepancies": [],
    }  # fmt: skip
    after = program.dump()
    # Each has left word of itself, and changed nothing else.
    written = after.pop("journal")[len(before.pop("journal")) :]
    assert [json.loads(entry[5]) for entry in written] == [
        {"complaints": 1, "discrepancies": 0, "events": 3, "format": FORMAT}
    ] * 2
    del after["house"], before["house"]
    assert after == before


@pytest.mark.own_session("what a new session is set to")
def test_where_nothing_may_be_written_an_audit_leaves_no_word_and_says_none(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Program(databases.migrated())
    before = program.dump()
    # At another time than the real one, in earnest.
    assert program("audit", now="2040-01-01 10:00").code == 0
    # By somebody who may only read.
    if databases.engine == "postgresql":
        (name,) = program_database(program.url)
        by_hand(program, text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    else:
        monkeypatch.setattr(problems, "LOCK_SECONDS", 0)
        holder = sqlite3.connect(program.url.removeprefix("sqlite:///"), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
    answer = program("audit")
    assert (answer.code, answer.err) == (0, "")
    assert program.dump() == before
    if databases.engine == "sqlite":
        holder.close()


def program_database(url: str) -> tuple[str]:
    engine = create_engine(url)
    with engine.connect() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar_one()
    engine.dispose()
    return (name,)


def test_what_was_changed_by_hand_is_named_and_ends_with_1(program: Program, lang: str) -> None:
    number = busy(program)
    by_hand(program, update(Complaint).values(closed_at=moment("2017-03-20 10:00")))
    by_hand(program, update(Counter).values(serial=3))
    answer = program("audit", lang=lang, code=1)
    assert f"{number}: " in answer.out
    assert "closed_at" in answer.out
    if lang == "en":
        counter = (
            "3 numbers were given out, the highest in use is 1: complaints are missing, or it was changed"
        )
        assert answer.out.splitlines() == [
            f"{number}: closed_at is 2017-03-20 10:00:00+07:00, its events say 2017-04-03 09:00:00+07:00",
            f"counter 2017-03: {counter}",
            LOOKED_AT.format(0, 6),
            "2 discrepancies.",
        ]
    found = program("audit", "--json", lang=lang, code=1).json["discrepancies"]
    assert [(one["about"], one["check"], one["name"]) for one in found] == [
        (number, "column", "closed_at"),
        ("counter 2017-03", "counter", "2017-03"),
    ]
    assert found[0]["stored"] == "2017-03-20T10:00:00+07:00"
    assert found[0]["derived"] == "2017-04-03T09:00:00+07:00"
    assert all(one["message"] for one in found)


def test_the_list_is_cut_and_json_has_all_of_it(sqlite_program: Program) -> None:
    for _ in range(MOST_SHOWN // 10 + 1):
        sqlite_program.number("residential")
    by_hand(
        sqlite_program,
        update(Complaint).values(
            urgent=True,
            channel="x",
            category="x",
            days=1,
            generation=2,
            rule="x",
            month="x",
            external_id=Complaint.number,
            subject="SECRET",
            acknowledged_at=Complaint.received_at,
            responded_at=Complaint.received_at,
        ),
    )
    answer = sqlite_program("audit", code=1)
    found = sqlite_program("audit", "--json", code=1).json["discrepancies"]
    assert len(answer.out.splitlines()) == MOST_SHOWN + 3
    assert f"… and {len(found) - MOST_SHOWN} more; --json lists them all." in answer.out
    assert "SECRET" not in answer.out + str(found)


def test_what_was_put_in_by_hand_can_not_steer_the_screen(sqlite_program: Program) -> None:
    number = sqlite_program.number("residential")
    by_hand(sqlite_program, update(Complaint).values(channel="\x1b[2Jx\n{derived}"))
    answer = sqlite_program("audit", code=1)
    assert "\x1b" not in answer.out
    assert answer.out.startswith(rf"{number}: channel is \x1b[2Jx\n{{derived}}, its events say phone")


def test_every_check_has_its_sentence() -> None:
    assert SENTENCES.keys() == set(Check)


@pytest.mark.parametrize("json", [(), ("--json",)])
def test_a_new_database_is_in_order(empty_database: str, json: tuple[str, ...]) -> None:
    Program(empty_database)("init")
    assert Program(empty_database)("audit", *json).out


def test_at_a_terminal_a_bar_shows_how_far_it_has_come(sqlite_program: Program) -> None:
    sqlite_program.number("residential")
    keyboard = Keyboard.at("--db", sqlite_program.url, "audit")
    assert "1/1" in keyboard.expect("Everything is as its events say.")
    assert keyboard.end() == 0


def test_frozen_figures_are_looked_at_and_a_forged_one_is_named(program: Program, lang: str) -> None:
    number = busy(program)
    program("report", "1/2560", "--freeze", now="2017-05-02 09:00")
    assert program("audit", "--json").json["figures"] == 1
    by_hand(
        program, update(FrozenFigure).values(cases=func.replace(FrozenFigure.cases, '"late"', '"on_time"'))
    )
    answer = program("audit", lang=lang, code=1)
    assert "figure 2017-Q1/1: " in answer.out
    if lang == "en":
        assert answer.out.splitlines()[-3:] == [
            f"figure 2017-Q1/1: complaint {number}: bucket is frozen as on_time, its events until then say late",
            LOOKED_AT.format(1, 8),
            "4 discrepancies.",
        ]
    checks = {one["check"] for one in program("audit", "--json", code=1).json["discrepancies"]}
    assert checks == {"figure-cases", "figure-sum", "figure-case"}


def test_a_backup_is_held_against_the_database(program: Program, tmp_path: Path, lang: str) -> None:
    number = busy(program)
    backup = tmp_path / "backup.db"
    program("backup", str(backup))
    program.number("spp-area", now=LATER)
    answer = program("audit", "--against", str(backup), lang=lang)
    with closing(sqlite3.connect(backup)) as connection:
        (entries,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    if lang == "en":
        head, rest = answer.out.splitlines()[1].split(": ")
        assert head == "Held against the backup"
        assert rest.startswith(f"complaints 1, events 3, entries of the journal {entries}, letters 0, ")
    held = {"complaints": 1, "events": 3, "entries": entries, "letters": 0, "figures": 0, "books": 3}
    assert program("audit", "--against", str(backup), "--json").json["against"] == held
    with closing(sqlite3.connect(backup)) as connection, connection:
        connection.execute("UPDATE event SET hash = 'x' WHERE seq = 3")
        connection.execute("UPDATE counter SET serial = 9")
    said = program("audit", "--against", str(backup), lang=lang, code=1).out
    assert number in said
    if lang == "en":
        assert said.splitlines()[:2] == [
            "counter 2017-03: 9 numbers of 2017-03 had been given out by the backup; here it is 1",
            f"{number}: event 3 stands in the backup; here it is missing, or another one",
        ]


def test_a_backup_that_is_none_of_this_database_is_refused(
    sqlite_program: Program, empty_database: str, tmp_path: Path, lang: str
) -> None:
    sqlite_program.number("residential")
    before = sqlite_program.dump()
    other, backup = Program(empty_database), tmp_path / "backup.db"
    other("init")
    other("backup", str(backup))
    refused = sqlite_program("audit", "--against", str(backup), lang=lang, code=2)
    assert str(backup) in refused.err
    assert refused.out == ""
    old = tmp_path / "old.db"
    old.write_bytes(gzip.decompress(RECORD.read_bytes()))
    assert "init" in sqlite_program("audit", "--against", str(old), lang=lang, code=5).err
    assert (
        str(tmp_path) in sqlite_program("audit", "--against", str(tmp_path / "none"), lang=lang, code=2).err
    )
    assert sqlite_program.dump() == before
