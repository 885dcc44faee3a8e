"""What was entered of the plan is held against the journal, and frozen plans against what had been entered by then."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, insert, select, text, update

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.frozen import digest
from complaint_sla.store.tables import Book, FrozenFigure, JournalEntry, Reading
from complaint_sla.work import offices
from complaint_sla.work.figures import freeze as closure
from complaint_sla.work.plans import freezing
from tests.work.desks import House
from tests.work.findings import after, findings
from tests.work.plans.figures import enter

R: Table = Reading.__table__
F: Table = FrozenFigure.__table__
J: Table = JournalEntry.__table__
B: Table = Book.__table__

Q1 = Quarter(2017, 1)
PLAN, LAST = F.c.measure == "plan", F.c.version == 2


@pytest.fixture(scope="module")
def house(lasting_house: House) -> House:
    """The first quarter frozen, and restated after a correction; then one more figure came in."""
    house = lasting_house
    offices.add_office(house.desk, "BANSANG", "บ้านสร้าง", "Ban Sang", "MAIN")
    house.log(office="BANSANG")
    house.shut("C-6003-00001")
    house.at("2017-04-10 09:00")
    enter(house, "large-existing", "1/2560", "90/95")
    enter(house, "voc-summary", "1/2560", awaiting="กฟก.1", note="x")
    closure.freeze_final(house.at("2017-05-01 00:00"))
    freezing.freeze_final(house.desk)
    house.at("2017-05-12 09:00")
    enter(house, "large-existing", "1/2560", "91/95")
    freezing.freeze(house.desk, Q1)
    enter(house, "large-existing", "1/2560", "92/95")
    return house


def checks(house: House, *changes: Any) -> set[str]:
    return {f"{one.about}: {one.check.value}" for one in after(house, *changes)}


def test_all_is_in_order(house: House) -> None:
    assert findings(house) == []


def test_whatever_column_of_a_reading_is_changed_is_named(house: House) -> None:
    with house.store.read() as session:
        seq = session.execute(select(R.c.seq).where(R.c.n == 90)).scalar_one()
    changed = {
        "office_id": 1,
        "measure": "large-new",
        "period": "2017-Q2",
        "kind": "awaiting",
        "n": 95,
        "d": 96,
        "dated": None,
    }
    assert changed.keys() == {column.name for column in R.columns} - {"seq"}
    for column, value in changed.items():
        # The journal decides: what was frozen by it is in order.
        assert checks(house, update(R).where(R.c.seq == seq).values({column: value})) == {
            f"reading {seq}: reading"
        }
    assert checks(house, delete(R).where(R.c.seq == seq)) == {f"reading {seq}: missing-reading"}
    made = {"seq": 1, "office_id": 2, "measure": "large-existing", "period": "2017-Q1", "kind": "withdrawn"}
    assert checks(house, insert(R).values(made)) == {"reading 1: surplus-reading"}


def test_a_changed_byte_of_a_frozen_plan_is_named(house: House) -> None:
    first = (PLAN, F.c.version == 1)
    with house.store.read() as session:
        content, cases = session.execute(select(F.c.content, F.c.cases).where(*first)).one()
    forged = content.replace('"version": 1', '"version": 1 ', 1)
    for values, said in (
        ({"content": forged}, "figure-text"),
        ({"content": "{"}, "figure-text"),
        ({"content": content.replace('"format": 1', '"format": 99', 1)}, "figure-format"),
        ({"cases": cases.replace('"n":90', '"n":91', 1)}, "plan-lines"),
        ({"cases": "x" + cases}, "plan-lines"),
        ({"digest": "0" * 64}, "figure-text"),
        ({"quarter": "2017-Q2"}, "figure-text"),
        ({"version": 7}, "figure-text"),
        ({"measure": "mine"}, "figure-text"),
        ({"frozen_at": house.clock.at}, "figure-journal"),
        ({"voided_at": house.clock.at}, "figure-journal"),
    ):
        found = checks(house, update(F).where(*first).values(values))
        assert said in {one.rpartition(" ")[2] for one in found}, (values, found)
    assert "plan 2017-Q1/2: figure-gone" in checks(house, delete(F).where(PLAN, LAST))
    assert "plan 2017-Q1: figure-version" in checks(house, delete(F).where(*first))


def forge(cases: Any, **heads: Any) -> Any:
    """Makes version 2 anew with other lines or another head, and its digests and its entry in the journal as they have to be."""

    def act(connection: Connection) -> None:
        row = connection.execute(select(F).where(PLAN, LAST)).mappings().one()
        lines = cases(row["cases"])
        data: dict[str, Any] = json.loads(row["content"])
        data |= {name: change(data[name]) for name, change in heads.items()}
        data["lines"] = {"count": lines.count("\n"), "digest": digest(lines)}
        content = json.dumps(data, ensure_ascii=False, indent=2)
        made = {"content": content, "cases": lines, "digest": digest(content)}
        connection.execute(update(F).where(PLAN, LAST).values(made))

    return act


def same(value: Any) -> Any:
    return value


def test_a_plan_that_is_forged_with_all_its_digests_is_not_what_had_been_entered(house: House) -> None:
    def of(found: set[str]) -> set[str]:
        return {one.rpartition(" ")[2] for one in found if one.startswith("plan 2017-Q1/2")}

    def other(**more: Any) -> Any:
        return lambda old: {**old, **more}

    for forged, said in (
        (forge(lambda cases: cases.replace('"n":91', '"n":94').replace(",91,95", ",94,95")), "plan-line"),
        (forge(lambda cases: cases.replace('"state":"missing"', '"state":"met"', 1)), "plan-line"),
        (forge(lambda cases: "".join(cases.splitlines(keepends=True)[1:])), "plan-line"),
        (forge(same, journal=other(seq=3)), "plan-entry"),
        (forge(same, plan=other(digest="0" * 64)), "plan-text"),
        (forge(same, plan=other(id="mine")), "plan-text"),
        (forge(same, closure=other(version=2)), "plan-closure"),
        (forge(same, closure=other(n=0)), "figure-sum"),
        (forge(same, hand_in=lambda _: "2017-04-29"), "figure-sum"),
        (forge(same, as_of=lambda _: "2017-04-30T23:59:59+07:00"), "figure-early"),
        (forge(same, before=lambda _: None), "figure-chain"),
        (forge(same, newest=lambda _: None), "figure-chain"),
        (forge(same, restated=lambda _: []), "figure-restated"),
        (forge(same, offices=lambda old: old[:1]), "plan-line"),
    ):
        assert said in of(checks(house, forged)), said


def test_the_plan_the_closure_rate_and_the_journal_under_a_frozen_plan_are_held(house: House) -> None:
    byte = update(B).where(B.c.kind == "plan").values(text=B.c.text + " ")
    assert {"plan 2017-Q1/1: plan-text", "plan 2017-Q1/2: plan-text"} <= checks(house, byte)
    gone = delete(F).where(F.c.measure == "complaints")
    assert {"plan 2017-Q1/1: plan-closure", "plan 2017-Q1/2: plan-closure"} <= checks(house, gone)
    with house.store.read() as session:
        query = select(J.c.seq, J.c.data).where(J.c.kind == "plan-figure").order_by(J.c.seq)
        seq, data = session.execute(query).first() or (0, "")
    said: Mapping[str, Any] = json.loads(data)
    other = json.dumps({**said, "n": 80})
    found = checks(house, update(J).where(J.c.seq == seq).values(data=other))
    assert {"journal: hash", f"reading {seq}: reading", "plan 2017-Q1/1: plan-line"} <= found


def test_the_words_of_a_note_can_go_and_what_was_frozen_stays(house: House) -> None:
    emptied = update(J).where(J.c.kind == "plan-awaiting").values(words=None)
    assert not {one for one in checks(house, emptied) if one.startswith(("reading", "plan"))}


def test_rows_that_are_none_are_named_and_stop_nothing(house: House) -> None:
    if house.store.is_postgresql:
        return
    for column in ("measure", "period", "kind", "n", "d", "dated"):
        wrong = text(f"UPDATE reading SET {column} = 'garbled' WHERE n = 90")
        assert {one.rpartition(" ")[2] for one in checks(house, wrong)} == {"reading"}
