"""Rule books, settings and sheets: half written, in the wrong place, in the wrong order."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.runner import log_command, run
from tests.mistakes.office import Fate, Office, mistake
from tests.work.sheet_desk import write_csv

RULES, SHEETS = "rules and settings", "sheets"
GOES_ON = (("list",), ("sweep",), ("deliver",), ("show", "6003-1"))


def _with_folder(office: Office, folder: Path) -> str:
    """What is said where the office's folder is that one; all that is owed goes on."""
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("COMPLAINT_SLA_RULES", str(folder))
        said = [office(*command).err for command in GOES_ON]
        assert str(folder) in office("doctor", code=1).out
    assert all(str(folder) in one for one in said)
    return said[0]


@mistake(RULES, Fate.NAMED)
def half_a_rule_book_of_next_year_in_the_folder(office: Office) -> str:
    half = office.write("rules/pea-2561.toml", 'id = "pea-2561"\neffective_from = "2018-01')
    return _with_folder(office, half.parent)


@mistake(RULES, Fate.NAMED)
def a_slip_in_the_settings_of_the_service(office: Office) -> str:
    return _with_folder(office, office.write("rules/service.toml", "silence_minutes = ten\n").parent)


@mistake(RULES, Fate.NAMED)
def settings_saved_in_another_encoding(office: Office) -> str:
    file = office.write("rules/service.toml", "# ชั่วโมงทำการ\nsilence_minutes = 20\n", "cp874")
    return _with_folder(office, file.parent)


@mistake(RULES, Fate.NAMED)
def the_folder_of_rule_books_renamed(office: Office) -> str:
    return _with_folder(office, office.folder / "rulez")


@mistake(RULES, Fate.NAMED)
def a_rule_book_of_ones_own_named_while_logging(office: Office) -> str:
    book = office.draft("mine", "2017-01-01", ("days = 25", "days = 300"))
    with office.clock():
        logged = run(["--rules", str(book.parent), *office.program.options(), *log_command(), "--json"])
    assert logged.json["days"] == 25
    return logged.err


@mistake(RULES, Fate.REFUSED)
def a_rule_book_changed_after_complaints_were_logged_under_it(office: Office) -> str:
    before = office.rows()
    book = office.draft("pea-2560", "2017-01-01", ("days = 25", "days = 26"))
    said = office("rules", "publish", str(book), code=4).err
    assert office.rows() == before
    return said


@mistake(RULES, Fate.REFUSED)
def a_rule_book_for_last_week(office: Office) -> str:
    before = office.rows()
    book = office.draft("late", "2017-03-01", ("days = 25", "days = 26"))
    said = office("rules", "publish", str(book), code=4).err
    assert office.rows() == before
    return said


@mistake(RULES, Fate.REFUSED)
def a_lower_target_laid_beside_a_quarter_that_was_handed_in(office: Office) -> str:
    for number in ("6003-1", "6003-2", "6003-3"):
        office("close", number, "--outcome", "done")
    office.later(days=60)
    office("report", "1/2560", "--freeze", "--clock-is-right")
    before = office.rows()
    target = ("closed_in_time_percent = 80", "closed_in_time_percent = 70")
    said = office("rules", "publish", str(office.draft("low", "2017-03-31", target)), code=4).err
    assert office.rows() == before
    return said


@mistake(RULES, Fate.REFUSED)
def two_administrators_with_a_book_each_for_the_same_day(office: Office) -> str:
    first = office.draft("one", "2018-01-01", ("days = 25", "days = 24"))
    second = office.draft("two", "2018-01-01", ("days = 25", "days = 23"))
    office("rules", "publish", str(first))
    said = office("rules", "publish", str(second), code=4).err
    assert office("rules", "show", "--json", now="2018-01-02").json["id"] == "one"
    return said


@mistake(RULES, Fate.NAMED)
def the_book_of_a_colleague_replaced_before_anybody_used_it(office: Office) -> str:
    office("rules", "publish", str(office.draft("next", "2018-01-01", ("days = 25", "days = 24"))))
    said = office("rules", "publish", str(office.draft("next", "2018-01-01", ("days = 25", "days = 23")))).out
    assert "24 → 23" in said
    assert office("audit", "--json").json["discrepancies"] == []
    return said


@mistake(RULES, Fate.REFUSED)
def a_setting_that_nobody_knows(office: Office) -> str:
    config = office.write("config.toml", 'databse = "x"\n')
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("COMPLAINT_SLA_CONFIG", str(config))
        return office("list", code=2).err


ROW = {"group": "spp-area", "urgent": "false", "channel": "phone", "category": "outage", "subject": "ไฟดับ"}
OPEN = {**ROW, "received_at": "2560-03-04", "closed_at": "", "outcome": ""}
SHUT = {**OPEN, "closed_at": "2560-03-06", "outcome": "แก้ไขแล้ว"}


@mistake(SHEETS, Fate.HEALED)
def two_equal_rows_that_change_places_overnight(office: Office) -> str:
    for rows in ([OPEN, OPEN], [OPEN, SHUT], [SHUT, OPEN]):
        office("import", str(write_csv(office.folder / "night.csv", rows)))
    states = office.sql(
        "select status from complaint where subject = 'ไฟดับ' and month = '2017-03' order by status"
    )
    assert states.count(("closed",)) == 1
    return office("import", str(office.folder / "night.csv")).out


@mistake(SHEETS, Fate.NAMED)
def yesterdays_sheet_read_in_after_todays(office: Office) -> str:
    open_ = {**OPEN, "external_id": "V-1", "status": "open"}
    shut = {**SHUT, "external_id": "V-1", "status": "closed"}
    office("import", str(write_csv(office.folder / "today.csv", [shut])))
    before = office.rows()
    said = office("import", str(write_csv(office.folder / "yesterday.csv", [open_])), code=1)
    assert office.rows() == before
    return said.out + said.err


@mistake(SHEETS, Fate.HEALED)
def a_closing_of_the_day_of_receipt_without_its_time(office: Office) -> str:
    row = {**SHUT, "received_at": "2560-03-06T10:00:00+07:00", "closed_at": "2560-03-06"}
    done = office("import", str(write_csv(office.folder / "day.csv", [row])), "--json").json
    assert (done["logged"], done["rejected"]) == (1, [])
    return f"{done}"


@mistake(SHEETS, Fate.NAMED)
def a_sheet_cut_off_in_the_middle_of_a_line(office: Office) -> str:
    sheet = write_csv(office.folder / "cut.csv", [OPEN, {**OPEN, "subject": "มิเตอร์เสีย"}])
    text = sheet.read_text(encoding="utf-8").rstrip()
    sheet.write_text(text[: text.rindex("2560")], encoding="utf-8")
    done = office("import", str(sheet), code=1)
    return done.out + done.err


@mistake(SHEETS, Fate.NAMED)
def a_sheet_of_the_years_before_the_first_rule_book(office: Office) -> str:
    sheet = write_csv(office.folder / "old.csv", [{**OPEN, "received_at": "2559-03-04"}])
    done = office("import", str(sheet), code=1)
    return done.out + done.err


@mistake(SHEETS, Fate.HEALED)
def the_same_sheet_read_in_twice(office: Office) -> str:
    sheet = str(write_csv(office.folder / "again.csv", [OPEN, SHUT]))
    office("import", sheet)
    before = office.rows()
    said = office("import", sheet).out
    assert office.rows()["complaint"] == before["complaint"]
    return said
