"""Erasing the person behind a complaint: nothing of them is left, and every figure and hash still holds."""

import sqlite3
from pathlib import Path

import pytest

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import NotFound, NotPossible
from complaint_sla.work.complaints import change, erase, look
from complaint_sla.work.figures import freeze, report
from tests.work import desks
from tests.work.desks import House, verify_chains

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


def logged(house: House) -> str:
    return house.log(
        subject="ไฟดับบ้านสมศรี",
        detail="สมชาย แจ้งว่า",
        customer="สมชาย ใจดี",
        phone="0812345678",
        account="020012345678",
        email="somchai@example.org",
    )


def ended(house: House) -> str:
    number = logged(house)
    change.note(house.desk, number, "โทรกลับแล้ว", change.NoteKind.RESPOND)
    change.close(house.desk, number, "ซ่อมแล้วที่บ้านสมศรี")
    change.reopen(house.desk, number, "ลูกค้าขอ")
    change.close(house.desk, number, "ซ่อมแล้วที่บ้านสมศรี")
    return number


def dump(house: House) -> str:
    with house.store.read() as session:
        connection = session.connection()
        tables = ("complaint", "customer", "event", "alert", "message", "figure")
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
    assert look.search(house.desk, "0812345678") == []
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
    change.note(house.desk, number, "สมชาย โทรมาอีก")
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
