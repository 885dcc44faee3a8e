"""Erasing the person behind a complaint: nothing of them is left, and every figure and hash still holds."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlmodel import select, update

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import BadValue, NotFound, NotPossible
from complaint_sla.core.roster import Role
from complaint_sla.core.servicefile import DailySummary, ServiceRules
from complaint_sla.mail.delivery import PostOffice, deliver
from complaint_sla.mail.folder import FolderTransport, take_back
from complaint_sla.store.tables import Complaint, Event, JournalEntry
from complaint_sla.wording import Words
from complaint_sla.work.alerts.sweep import sweep
from complaint_sla.work.complaints import change, duplicates, erase, log, look
from complaint_sla.work.complaints.erase import By
from complaint_sla.work.desk import Desk
from complaint_sla.work.figures import freeze, report
from complaint_sla.work.letters import notices
from complaint_sla.work.sheets.exchange import export, import_file
from tests.servers.postgres import PostgresServer
from tests.work import desks
from tests.work.desks import DOMAIN, House, verify_chains
from tests.work.findings import findings
from tests.work.sheet_desk import GOOD, write_csv

NID = "NID-1100500123456"

PERSONAL = (
    "สมชาย",
    "0812345678",
    "020012345678",
    "somchai@example.org",
    "ไฟดับบ้านสมศรี",
    "โทรกลับแล้ว",
    "ซ่อมแล้วที่บ้านสมศรี",
    "ลูกค้าขอ",
)


def logged(house: House, **more: Any) -> str:
    return house.log(
        **more,
        subject="ไฟดับบ้านสมศรี",
        detail="สมชาย แจ้งว่า",
        customer="สมชาย ใจดี",
        phone="0812345678",
        account="020012345678",
        email="somchai@example.org",
    )


def ended(house: House) -> str:
    number = logged(house)
    change.do(house.desk, number, change.note("โทรกลับแล้ว", change.NoteKind.RESPOND))
    change.do(house.desk, number, change.close("ซ่อมแล้วที่บ้านสมศรี"))
    change.do(house.desk, number, change.reopen("ลูกค้าขอ"))
    change.do(house.desk, number, change.close("ซ่อมแล้วที่บ้านสมศรี"))
    return number


def journal_of(house: House) -> list[dict[str, Any]]:
    """What the journal says of erasures."""
    with house.store.read() as session:
        found = session.exec(select(JournalEntry.data).where(JournalEntry.kind == "erased")).all()
    return [{key: value for key, value in json.loads(one).items() if key != "format"} for one in found]


def dump(house: House) -> str:
    with house.store.read() as session:
        connection = session.connection()
        tables = ("complaint", "customer", "event", "alert", "message", "figure", "journal")
        return "\n".join(
            str(tuple(row)) for table in tables for row in connection.exec_driver_sql(f"SELECT * FROM {table}").all()
        )  # fmt: skip


def test_nothing_of_the_person_is_left_in_the_database(house: House) -> None:
    house.hire("sup")
    number = ended(house)
    assert all(text in dump(house) for text in PERSONAL)

    [erased] = erase.erase(house.desk, number, "ตามคำขอของเจ้าของข้อมูล").erased

    assert not [text for text in PERSONAL if text in dump(house)]
    assert (erased.subject, erased.detail, erased.outcome) == ("", None, None)
    assert look.search(house.desk, "0812345678").first == ()
    shown = look.show(house.desk, number)
    assert shown.events[-1].kind == "erased"


def test_the_chain_and_the_figures_stay_as_they_were(house: House) -> None:
    number = ended(house)
    before = desks.figure(house.desk, Quarter(2017, 1)).counts
    house.at("2017-04-26 00:00")
    frozen = freeze.freeze(house.desk, Quarter(2017, 1))

    erase.erase(house.desk, number, "asked for")

    assert verify_chains(house.store) > 5
    assert desks.figure(house.desk, Quarter(2017, 1)).counts == before
    again = report.report(house.desk, Quarter(2017, 1), version=1).frozen
    assert again is not None
    assert again.content == frozen.content
    assert report.report(house.desk, Quarter(2017, 1)).moved == ()


def test_an_open_complaint_an_erased_one_and_none_are_refused(house: House) -> None:
    number = logged(house)
    with pytest.raises(NotPossible, match="erase-open"):
        erase.erase(house.desk, number, "x")
    with pytest.raises(NotFound):
        erase.erase(house.desk, "C-6003-00099", "x")
    house.shut(number)
    erase.erase(house.desk, number, "x")
    with pytest.raises(NotPossible, match="nothing-to-erase"):
        erase.erase(house.desk, number, "x")
    # What is said of it afterwards can be erased in its turn.
    change.do(house.desk, number, change.note("สมชาย โทรมาอีก"))
    erase.erase(house.desk, number, "x")
    assert "สมชาย" not in dump(house)


def test_nothing_is_left_in_the_file_either(small_house: House) -> None:
    house = small_house
    number = ended(house)
    erase.erase(house.desk, number, "asked for")
    assert house.store.engine.url.database is not None
    path = Path(house.store.engine.url.database)
    house.close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM event").fetchone()[0] > 3
    connection.close()
    left = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not [text for text in PERSONAL if text.encode() in left]


# --- what is open


def a_sheet_ends_it(house: House, number: str, folder: Path) -> None:
    """As the nightly sheet of the other system does."""
    row = {"external_id": NID, "received_at": "2017-03-05T10:00:00+07:00", "subject": "ไฟดับบ้านสมศรี"}
    row |= {"closed_at": "2017-03-06T09:00:00+07:00", "outcome": "ซ่อมแล้วที่บ้านสมศรี"}
    done = import_file(house.desk, write_csv(folder / "sheet.csv", [GOOD | row]))
    assert (done.closed, done.rejected) == (1, ())


ENDS: dict[str, Callable[[House, str, Path], object]] = {
    "close": lambda house, number, _: change.do(house.desk, number, change.close("ซ่อมแล้วที่บ้านสมศรี")),
    "withdraw": lambda house, number, _: change.do(house.desk, number, change.withdraw("ลูกค้าขอ")),
    "duplicate": lambda house, number, _: duplicates.mark(house.desk, number, house.log()),
    "import": a_sheet_ends_it,
}


@pytest.mark.parametrize("end", ENDS)
def test_what_is_open_is_erased_by_whatever_ends_it(house: House, end: str, tmp_path: Path) -> None:
    house.hire("sup")
    number = logged(house, external_id=NID)
    change.do(house.desk, number, change.note("โทรกลับแล้ว"))
    noted = erase.erase(house.later(days=2), number, "letter 12", at_end=True)
    assert ([one.number for one in noted.marked], noted.erased) == ([number], ())
    assert (house.complaint(number).erase_at_end, look.show(house.desk, number).complaint.subject) == (
        True,
        "ไฟดับบ้านสมศรี",
    )
    assert journal_of(house) == []
    with pytest.raises(NotPossible, match="erasure-noted"):
        erase.erase(house.desk, number, "x", at_end=True)

    ENDS[end](house, number, tmp_path)

    assert not [text for text in (*PERSONAL, NID) if text in dump(house)]
    kinds = [one.kind for one in house.events(number)]
    assert (kinds[-1], kinds.count("erasure-due"), house.complaint(number).erase_at_end) == (
        "erased",
        1,
        False,
    )
    assert look.show(house.desk, number).events[-1].words == {"reason": "letter 12"}
    assert journal_of(house) == [{"numbers": [number], "count": 1, "by": "number"}]
    assert findings(house) == []
    change.do(house.later(days=1), number, change.reopen("out again"))
    change.do(house.later(days=1), number, change.close("mended"))
    assert look.show(house.desk, number).complaint.outcome == "mended"
    assert findings(house) == []


def test_what_a_hand_has_marked_or_made_unreadable_is_not_erased_unasked_and_keeps_nobody_from_it(
    small_house: House,
) -> None:
    house = small_house
    marked, broken = logged(house), logged(house)
    erase.erase(house.desk, broken, "x", at_end=True)
    house.store.write(
        lambda session: (
            session.execute(update(Complaint).where(Complaint.number == marked).values(erase_at_end=True)),
            session.execute(update(Event).where(Event.kind.in_(("erasure-due", "logged"))).values(data="{")),
        )
    )
    house.shut(marked)
    house.shut(broken)
    assert (house.complaint(marked).subject, house.complaint(broken).subject) == ("ไฟดับบ้านสมศรี", "")
    erase.erase(house.desk, marked, "asked for")
    assert not [text for text in PERSONAL if text in dump(house)]


# --- the number of the other system


def test_the_other_systems_number_is_left_as_a_digest_that_its_sheet_still_finds(
    house: House, tmp_path: Path
) -> None:
    number = logged(house, external_id=NID)
    # Equal in their receipt, and told apart by what became of them: their numbers are made of the words.
    twins = [GOOD, GOOD | {"closed_at": "2017-03-05T12:00:00+07:00", "outcome": "done"}]
    sheet = write_csv(tmp_path / "twins.csv", twins)
    house.at("2017-03-06 10:00")
    assert import_file(house.desk, sheet).logged == 2
    one = look.search(house.desk, NID).first
    assert [found.number for found in one] == [number]
    for each in (number, "C-6003-00002"):
        house.shut(each)
    erased = erase.erase_all(house.desk, [number, "C-6003-00002", "C-6003-00003"], "asked for", By.PERSON)

    assert [one.external_id for one in erased.erased] == [None] * 3
    assert erased.copies.ids == ()
    assert NID not in dump(house)
    assert "row-" not in dump(house)
    digests = {house.complaint(one.number).external_id for one in erased.erased}
    assert len(digests) == 3
    assert all(one.startswith("erased:") for one in digests)
    for searched in (NID, *digests):
        assert look.search(house.desk, searched).first == ()
    export(house.desk, tmp_path / "all.csv")
    assert "erased:" not in (tmp_path / "all.csv").read_text("utf-8")
    assert findings(house) == []
    # What the other system says of them again is known, and changes nothing.
    before = dump(house)
    again = log.log(house.desk, log.Intake("residential", "phone", "outage", "ไฟดับ", external_id=NID))
    assert (again.known, again.complaint.number) == (True, number)
    assert import_file(house.desk, sheet).logged == 0
    assert dump(house) == before


def test_no_number_of_another_system_may_look_like_one_that_was_erased(house: House) -> None:
    with pytest.raises(BadValue, match="erased-id"):
        house.log(external_id="erased:12")


# --- letters


def letters(folder: Path) -> dict[str, str]:
    """What each letter in a folder says, by its subject."""
    found = {}
    for path in folder.glob("*.eml"):
        letter = message_from_bytes(path.read_bytes(), policy=default)
        found[str(letter["Subject"])] = "\n".join(
            part.get_content() for part in letter.walk() if part.get_content_maintype() == "text"
        )
    return found


def deliver_into(house: House, folder: Path) -> Desk:
    """Letters and summaries by now go into a folder; a desk from which they can be taken back."""
    summary = DailySummary(frozenset(range(7)), time(8), (Role.SUPERVISOR,), when_nothing=False)
    desk = replace(
        house.desk,
        service=ServiceRules(summary=summary),
        recall=lambda may_name: take_back([folder], may_name, "Emptied", "It is gone."),
    )
    sweep(desk)
    notices.post(desk, DOMAIN)
    office = PostOffice(FolderTransport(folder), "sla@example.org", Words)
    asyncio.run(deliver(desk, office))
    return desk


def test_letters_in_the_mail_folder_that_name_it_say_nothing_any_more(house: House, tmp_path: Path) -> None:
    house.hire("sup")
    first, other = logged(house), house.log(subject="สายขาด")
    house.at("2017-04-01 09:00")
    desk = deliver_into(house, tmp_path)
    house.at("2017-04-10 09:00")
    desk = deliver_into(house, tmp_path)
    assert {number in text for number in (first, other) for text in letters(tmp_path).values()} == {True}
    house.shut(first)
    house.later(days=8)
    # Too late to name it.
    deliver_into(house, tmp_path)
    count, after = len(letters(tmp_path)), letters(tmp_path)
    names = [text for text in after.values() if first in text]

    erased = erase.erase(desk, first, "asked for")

    left = [path.read_bytes() for path in tmp_path.glob("*.eml")]
    assert erased.copies.emptied == len(names) > 2
    assert erased.copies.sent == 0
    assert len(left) >= count > len(names)
    assert first not in str(letters(tmp_path))
    assert "ไฟดับบ้านสมศรี" not in str(letters(tmp_path))
    assert other in str(letters(tmp_path))
    assert sum(b"It is gone." in one for one in left) == len(names)
    assert all(b"Message-ID" in one and b"sup@example.org" in one for one in left)
    assert findings(house) == []


def test_letters_that_have_left_are_counted(house: House) -> None:
    house.hire("sup")
    number = ended(house)
    change.do(house.later(days=40), number, change.reopen("x"))
    house.sweep()
    house.post()
    house.shut(number)
    erased = erase.erase(house.desk, number, "asked for")
    assert (erased.copies.emptied, erased.copies.sent) == (0, 1)


def test_whoever_is_stopped_between_the_letters_and_the_database_does_both_again(
    house: House, tmp_path: Path
) -> None:
    house.hire("sup")
    number = logged(house)
    house.at("2017-04-01 09:00")
    desk = deliver_into(house, tmp_path)
    house.shut(number)
    before = dump(house)

    def stopped(may_name: Mapping[str, Collection[str]]) -> Mapping[str, bool]:
        assert desk.recall is not None
        desk.recall(may_name)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        erase.erase(replace(desk, recall=stopped), number, "asked for")
    assert dump(house) == before
    erase.erase(desk, number, "asked for")
    assert not [text for text in PERSONAL if text in dump(house) + str(letters(tmp_path))]


# --- two at once


@pytest.mark.postgresql
def test_an_end_that_meets_an_erasure_waits_for_it_and_both_are_done(
    postgresql_database: str,
) -> None:
    house = House(postgresql_database)
    numbers = [logged(house) for _ in range(6)]
    for number in numbers[:3]:
        erase.erase(house.desk, number, "x", at_end=True)
    house.shut(numbers[3])

    def end(number: str) -> None:
        house.shut(number)

    def erase_them(_: str) -> None:
        erase.erase_all(house.desk, numbers, "x", By.PERSON)

    with ThreadPoolExecutor(4) as pool:
        doing = [pool.submit(end, number) for number in numbers[:3]] + [pool.submit(erase_them, "")]
        for one in doing:
            one.result(60)
    states = [(house.complaint(number).status, house.complaint(number).erase_at_end) for number in numbers]
    assert states == [("closed", False)] * 4 + [("open", True)] * 2
    assert [house.complaint(number).subject for number in numbers[:4]] == [""] * 4
    assert findings(house) == []
    house.close()


# --- what PostgreSQL keeps


@pytest.mark.postgresql
def test_postgresqls_files_hold_the_words_until_its_tables_are_written_anew(
    postgres_server: PostgresServer, postgresql_database: str
) -> None:
    house = House(postgresql_database)
    number = ended(house)
    owner = create_engine(house.store.engine.url, isolation_level="AUTOCOMMIT")

    def run(statement: str) -> Any:
        with owner.connect() as connection:
            found = connection.exec_driver_sql(statement)
            return found.scalar() if found.returns_rows else None

    def left() -> list[str]:
        run("CHECKPOINT")
        oid = run("SELECT oid FROM pg_database WHERE datname = current_database()")
        folder = postgres_server.home / "data" / "base" / str(oid)
        held = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
        return [text for text in PERSONAL if text.encode() in held]

    erase.erase(house.desk, number, "asked for")
    assert left()
    run(house.store.CLEARING)
    assert left() == []
    owner.dispose()
    house.close()
