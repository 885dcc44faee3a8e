"""Slips in a path, files moved, backups taken back to the wrong place."""

from __future__ import annotations

import pytest

from complaint_sla.core.errors import DatabaseMoved
from complaint_sla.store.engine import Store
from tests.cli.runner import Program, log_command
from tests.mistakes.office import Fate, Office, mistake

PATHS = "paths"


@mistake(PATHS, Fate.REFUSED)
def a_slip_in_the_name_of_the_database(office: Office) -> str:
    said = Program(f"sqlite:///{office.folder}/typo/complaimts.db")("list", code=5).err
    assert not (office.folder / "typo").exists()
    return said


@mistake(PATHS, Fate.REFUSED)
def a_complaint_logged_on_a_new_machine_without_the_setting(office: Office) -> str:
    return Program(f"sqlite:///{office.folder}/private.db")(*log_command(), code=5).err


@mistake(PATHS, Fate.REFUSED)
def a_file_of_no_bytes_that_a_full_disk_has_left(office: Office) -> str:
    office.file.write_bytes(b"")
    said = office("list", code=5).err
    assert office.file.read_bytes() == b""
    return said


@mistake(PATHS, Fate.REFUSED)
def the_main_file_moved_away_without_its_log(office: Office) -> str:
    store = Store.open(office.program.url)
    office.log()
    log = office.file.with_name("complaints.db-wal")
    assert log.stat().st_size > 0
    kept = log.read_bytes()
    office.file.rename(office.folder / "old.db")
    said = office("list", code=5).err + office("init", code=5).err
    assert log.read_bytes() == kept
    (office.folder / "old.db").rename(office.file)
    store.close()
    assert len(office("list", "--json").json) == 4
    return said


@mistake(PATHS, Fate.REFUSED)
def the_database_moved_while_a_service_has_it_open(office: Office) -> str:
    store = Store.open(office.program.url)
    office.file.rename(office.folder / "old.db")
    with pytest.raises(DatabaseMoved) as moved:
        store.require_same()
    store.close()
    return str(moved.value)


@mistake(PATHS, Fate.REFUSED)
def a_restore_drill_over_the_database_of_a_running_service(office: Office) -> str:
    office("backup", str(office.folder / "b.db"))
    store = Store.open(office.program.url)
    Program(f"sqlite:///{office.folder}/drill.db")("restore", str(office.folder / "b.db"))
    (office.folder / "drill.db").replace(office.file)
    with pytest.raises(DatabaseMoved) as moved:
        store.require_same()
    store.close()
    return str(moved.value)


@mistake(PATHS, Fate.REFUSED)
def a_folder_named_as_the_database(office: Office) -> str:
    return Program(f"sqlite:///{office.folder}")("list", code=5).err


@mistake(PATHS, Fate.REFUSED)
def a_backup_written_over_the_database(office: Office) -> str:
    before = office.rows()
    said = office("backup", str(office.file), code=2).err
    assert office.rows() == before
    return said


@mistake(PATHS, Fate.REFUSED)
def a_backup_taken_back_into_the_database_at_work(office: Office) -> str:
    office("backup", str(office.folder / "b.db"))
    office.log()
    before = office.rows()
    said = office("restore", str(office.folder / "b.db"), code=6).err
    assert office.rows() == before
    return said


@mistake(PATHS, Fate.REFUSED)
def a_file_that_is_no_backup_taken_back(office: Office) -> str:
    file = office.write("notes.txt", "not a backup")
    said = Program(f"sqlite:///{office.folder}/new.db")("restore", str(file), code=2).err
    assert not (office.folder / "new.db").exists()
    return said


@mistake(PATHS, Fate.REFUSED)
def a_rehearsal_set_up_on_the_real_database(office: Office) -> str:
    before = office.rows()
    said = office("init", "--rehearsal", code=6).err
    assert office.rows() == before
    return said


@mistake(PATHS, Fate.REFUSED)
def mail_of_a_rehearsal_sent_by_the_real_server(office: Office) -> str:
    office("backup", str(office.folder / "b.db"))
    copy = Program(f"sqlite:///{office.folder}/copy.db")
    copy("restore", str(office.folder / "b.db"), "--rehearsal")
    with pytest.MonkeyPatch.context() as settings:
        settings.setenv("COMPLAINT_SLA_MAIL", "smtp://mail.example:587")
        return copy("deliver", code=6).err


@mistake(PATHS, Fate.REFUSED)
def a_figure_frozen_into_a_folder_that_is_not_there(office: Office) -> str:
    office.later(days=60)
    freeze = ("report", "1/2560", "--freeze", "--clock-is-right", "--output")
    said = office(*freeze, str(office.folder / "none" / "x.html"), code=2).err
    assert office.rows()["figure"] == []
    return said


@mistake(PATHS, Fate.REFUSED)
def a_figure_frozen_of_an_office_that_is_mistyped(office: Office) -> str:
    office.later(days=60)
    said = office("report", "1/2560", "--freeze", "--clock-is-right", "--office", "NOPE", code=2).err
    assert office.rows()["figure"] == []
    return said
