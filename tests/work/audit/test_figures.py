"""Frozen figures are proved: from their text down to the events, and whoever forges them in between is found."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select, update

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.chain import Link
from complaint_sla.core.complaints import Bucket
from complaint_sla.core.differences import Check
from complaint_sla.core.frozen import CaseLine, digest, read_cases, read_content, write_cases, write_content
from complaint_sla.store.tables import Complaint, Customer, Event, FrozenFigure, JournalEntry
from complaint_sla.store.tables import House as HouseRow
from complaint_sla.work import offices
from complaint_sla.work.audit.audit import Audited, audit
from complaint_sla.work.complaints import change as casework
from complaint_sla.work.complaints import erase
from complaint_sla.work.figures import freeze, report
from tests.core.books import read_shelf
from tests.published import publish_shipped
from tests.work.desks import RULES, House, moment, shipped
from tests.work.findings import after, findings

C: Table = Complaint.__table__
E: Table = Event.__table__
F: Table = FrozenFigure.__table__

Q1, Q2 = Quarter(2017, 1), Quarter(2017, 2)
# Of March; the last one was entered after the first freezing. Then those of April.
PROMPT, LATE, OPEN, GONE, ENTERED = (f"C-6003-{serial:05d}" for serial in range(1, 6))
SOON, TARDY, NEVER, SPARED = (f"C-6004-{serial:05d}" for serial in range(1, 5))


@pytest.fixture(scope="module")
def frozen_house(lasting_house: House) -> House:
    """The first quarter frozen and restated twice, the second frozen once; then work went on."""
    house = lasting_house
    offices.add_office(house.desk, "EAST", "ตะวันออก", "East", "MAIN")
    house.hire("sup")
    for _ in range(4):
        house.log(office="MAIN", customer="สมชาย", phone="0812345678")
    casework.do(house.later(days=1), GONE, casework.withdraw("x"))
    house.shut(PROMPT)
    house.at("2017-04-10 10:00")
    house.sweep()
    house.shut(LATE)
    for _ in range(4):
        house.log("spp-area", office="EAST")
    house.shut(SOON)
    casework.do(house.desk, SPARED, casework.withdraw("x"))
    house.at("2017-04-20 10:00")
    house.shut(TARDY)
    house.at("2017-04-26 00:00")
    freeze.freeze_final(house.desk)
    erase.erase(house.later(days=1), PROMPT, "asked for")
    house.log(office="EAST", received_at=moment("2017-03-31 16:00"))
    casework.do(house.later(days=1), LATE, casework.reopen("x"))
    freeze.freeze(house.desk, Q1)
    casework.do(house.later(days=1), OPEN, casework.transfer("EAST", "theirs"))
    freeze.freeze(house.desk, Q1)
    house.at("2017-07-26 00:00")
    freeze.freeze_final(house.desk)
    casework.do(house.later(days=1), SOON, casework.reopen("x"))
    casework.do(house.desk, NEVER, casework.reclassify("x", group="residential"))
    house.shut(OPEN)
    erase.erase(house.desk, GONE, "asked for")
    offices.set_office(house.desk, "EAST", name_en="Elsewhere")
    house.sweep()
    return house


def test_what_was_frozen_is_in_order_however_work_went_on(frozen_house: House) -> None:
    found: list[object] = []
    done: Audited = audit(frozen_house.desk, found.append)
    assert found == []
    assert done.figures == 4
    assert {change.number for change in report.report(frozen_house.desk, Q2).moved} == {SOON, NEVER}
    restated = report.report(frozen_house.desk, Q1).frozen
    assert restated is not None
    assert (restated.version, [change.number for change in restated.changes]) == (3, [OPEN])


# --- What was done by hand is found and named


@dataclass(frozen=True)
class Forgery:
    """What somebody did, and all that must be said of it: (about, check, how the name begins)."""

    what: str
    do: tuple[Any, ...]
    said: tuple[tuple[str, Check, str], ...]


FIRST, SECOND, LAST, LONE = (
    "figure 2017-Q1/1",
    "figure 2017-Q1/2",
    "figure 2017-Q1/3",
    "figure 2017-Q2/1",
)


def of(about: str) -> Any:
    quarter, _, version = about.removeprefix("figure ").partition("/")
    return (F.c.quarter == quarter) & (F.c.version == int(version))


def text_of(about: str, change: Callable[[str], str], *, sealed: bool) -> Callable[[Connection], None]:
    """Changes the text; sealed: and its digest, so that only what it says is wrong."""

    def do(connection: Connection) -> None:
        row = connection.execute(select(F).where(of(about))).mappings().one()
        content = change(row["content"])
        assert content != row["content"]
        values = {"content": content} | ({"digest": digest(content)} if sealed else {})
        connection.execute(update(F).where(of(about)).values(values))

    return do


def says(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def told(**values: object) -> Callable[[str], str]:
    return lambda text: json.dumps(json.loads(text) | values, ensure_ascii=False, indent=2)


def lines_of(about: str, change: Callable[[str], str]) -> Callable[[Connection], None]:
    def do(connection: Connection) -> None:
        cases = connection.execute(select(F.c.cases).where(of(about))).scalar_one()
        assert change(cases) != cases
        connection.execute(update(F).where(of(about)).values(cases=change(cases)))

    return do


def forged(
    about: str, change: Callable[[Sequence[CaseLine]], Sequence[CaseLine]]
) -> Callable[[Connection], None]:
    """A whole new figure of other lines, as somebody with the code would write it."""

    def do(connection: Connection) -> None:
        row = connection.execute(select(F).where(of(about))).mappings().one()
        kept = read_content(row["content"], row["frozen_at"])
        cases = change(read_cases(row["cases"]))
        text = write_cases(cases)
        figure = kept.told_by([case.part for case in cases])
        content = write_content(figure, shipped().zone, kept.ground, text, kept.restated, kept.changes)
        values = {"content": content, "cases": text, "digest": digest(content)}
        connection.execute(update(F).where(of(about)).values(values))

    return do


def without(number: str) -> Callable[[Sequence[CaseLine]], Sequence[CaseLine]]:
    return lambda cases: [case for case in cases if case.number != number]


def other(number: str, **values: Any) -> Callable[[Sequence[CaseLine]], Sequence[CaseLine]]:
    return lambda cases: [replace(case, **values) if case.number == number else case for case in cases]


def counting(number: str, **values: Any) -> Callable[[Sequence[CaseLine]], Sequence[CaseLine]]:
    return lambda cases: [
        replace(case, part=replace(case.part, **values)) if case.number == number else case for case in cases
    ]


def invented(cases: Sequence[CaseLine]) -> Sequence[CaseLine]:
    return [*cases, replace(cases[0], number="C-6004-00099")]


def rewritten(connection: Connection) -> None:
    """A withdrawal made a closing, with every hash after it and the record: nothing but the figure knows."""
    row = connection.execute(select(C).where(C.c.number == SPARED)).mappings().one()
    head = ""
    events = connection.execute(select(E).where(E.c.complaint_id == row["id"]).order_by(E.c.seq)).mappings()
    for one in [dict(event) for event in events]:
        if one["kind"] == "withdrawn":
            one["kind"] = "closed"
        names = (
            "kind",
            "happened_at",
            "recorded_at",
            "actor",
            "system_user",
            "data",
            "words_digest",
            "server_user",
        )
        head = Link(SPARED, one["seq"], *(one[name] for name in names)).hash(head)
        connection.execute(update(E).where(E.c.id == one["id"]).values(kind=one["kind"], hash=head))
    connection.execute(update(C).where(C.c.id == row["id"]).values(status="closed", head=head))


def closing(number: str) -> Any:
    return (
        E.c.complaint_id == select(C.c.id).where(C.c.number == number).scalar_subquery(),
        E.c.kind == "closed",
    )


def removed(number: str) -> tuple[Any, ...]:
    id_ = select(C.c.id).where(C.c.number == number).scalar_subquery()
    mine = [delete(table).where(table.c.complaint_id == id_) for table in (E, Customer.__table__)]
    return (*mine, delete(C).where(C.c.number == number))


FORGERIES = [
    Forgery(
        "the text",
        (text_of(LONE, says('"on_time": 1', '"on_time": 2'), sealed=False),),
        ((LONE, Check.FIGURE_TEXT, ""), (LONE, Check.FIGURE_SUM, "on_time")),
    ),
    Forgery(
        "the text and its digest",
        (text_of(LONE, says('"late": 1', '"late": 0'), sealed=True),),
        ((LONE, Check.FIGURE_SUM, "late"),),
    ),
    Forgery(
        "the rate alone",
        (text_of(LONE, says('"rate": "33.33"', '"rate": "93.33"'), sealed=True),),
        ((LONE, Check.FIGURE_SUM, "rate"),),
    ),
    Forgery(
        "a row alone",
        (text_of(LONE, lambda text: text.replace('"key": "EAST"', '"key": "WEST"', 1), sealed=True),),
        ((LONE, Check.FIGURE_SUM, "by_office EAST"),),
    ),
    Forgery(
        "the target",
        (text_of(LONE, told(target="30", met=True, certain=True, margin=0), sealed=True),),
        ((LONE, Check.FIGURE_SUM, "target"), (LONE, Check.FIGURE_SUM, "met")),
    ),
    Forgery(
        "another measure's name",
        (update(F).where(of(LONE)).values(measure="complaint"),),
        ((LONE, Check.FIGURE_TEXT, ""), (LONE, Check.FIGURE_GONE, "1")),
    ),
    Forgery(
        "a format that nobody knows",
        (text_of(LONE, told(format=99), sealed=True),),
        ((LONE, Check.FIGURE_FORMAT, ""),),
    ),
    Forgery(
        "the digest",
        (update(F).where(of(LONE)).values(digest="0" * 64),),
        ((LONE, Check.FIGURE_TEXT, ""),),
    ),
    Forgery(
        "another quarter's name",
        (update(F).where(of(LONE)).values(quarter="2017-Q3"),),
        (("figure 2017-Q3/1", Check.FIGURE_TEXT, ""), (LONE, Check.FIGURE_GONE, "1")),
    ),
    Forgery(
        "a text that can't be read",
        (text_of(LONE, lambda _: "{", sealed=True),),
        ((LONE, Check.FIGURE_TEXT, ""),),
    ),
    Forgery(
        "a text of nothing",
        (text_of(LONE, lambda _: "[]", sealed=True),),
        ((LONE, Check.FIGURE_TEXT, ""),),
    ),
    Forgery(
        "a line is taken out",
        (lines_of(LONE, lambda text: text.partition("\n")[2]),),
        (
            (LONE, Check.FIGURE_CASES, ""),
            (LONE, Check.FIGURE_SUM, "on_time"),
            (LONE, Check.FIGURE_MISSING, SOON),
        ),
    ),
    Forgery(
        "a line is there twice",
        (lines_of(LONE, lambda text: text.partition("\n")[0] + "\n" + text),),
        ((LONE, Check.FIGURE_CASES, ""),),
    ),
    Forgery(
        "lines that can't be read",
        (lines_of(LONE, lambda text: text.replace('"seq":', '"sec":', 1)),),
        ((LONE, Check.FIGURE_CASES, ""),),
    ),
    Forgery("a case is left out", (forged(LONE, without(SOON)),), ((LONE, Check.FIGURE_MISSING, SOON),)),
    Forgery(
        "the last case is left out", (forged(LONE, without(SPARED)),), ((LONE, Check.FIGURE_MISSING, SPARED),)
    ),
    Forgery(
        "a case counts as in time",
        (forged(LONE, counting(TARDY, bucket=Bucket.ON_TIME)),),
        ((LONE, Check.FIGURE_CASE, f"{TARDY}: bucket"),),
    ),
    *(
        Forgery(
            f"a case of another {name}",
            (forged(LONE, counting(TARDY, **{name: value})),),
            ((LONE, Check.FIGURE_CASE, f"{TARDY}: {name}"),),
        )
        for name, value in (
            ("month", "2017-05"),
            ("office", "MAIN"),
            ("group", "residential"),
            ("rule", "urgent"),
            ("category", "low-voltage"),
            ("channel", "letter"),
        )
    ),
    Forgery(
        "a case before its closing",
        (forged(LONE, other(TARDY, seq=1)),),
        ((LONE, Check.FIGURE_EVENT, TARDY), (LONE, Check.FIGURE_CASE, f"{TARDY}: bucket")),
    ),
    Forgery(
        "a case with another head",
        (forged(LONE, other(TARDY, head="0" * 64)),),
        ((LONE, Check.FIGURE_EVENT, TARDY),),
    ),
    Forgery("a case is made up", (forged(LONE, invented),), ((LONE, Check.FIGURE_EVENT, "C-6004-00099"),)),
    Forgery(
        "its history is rewritten",
        (rewritten,),
        ((LONE, Check.FIGURE_EVENT, SPARED), (LONE, Check.FIGURE_CASE, f"{SPARED}: bucket")),
    ),
    Forgery(
        "a closing is dated back",
        (
            update(E).where(*closing(TARDY)).values(happened_at=moment("2017-04-11 10:00")),
            update(C).where(C.c.number == TARDY).values(closed_at=moment("2017-04-11 10:00")),
        ),
        (
            (LONE, Check.FIGURE_CASE, f"{TARDY}: bucket"),
            (TARDY, Check.HASH, ""),
            (TARDY, Check.EVENT, ""),
            (TARDY, Check.COLUMN, "changed_at"),
            (TARDY, Check.BUCKET, ""),
        ),
    ),
    Forgery(
        "a complaint is deleted",
        removed(SPARED),
        ((LONE, Check.FIGURE_EVENT, SPARED), ("counter 2017-04", Check.COUNTER, "")),
    ),
    Forgery(
        "a version within is deleted",
        (delete(F).where(of(SECOND)),),
        (
            ("figure 2017-Q1", Check.FIGURE_VERSION, "2"),
            (LAST, Check.FIGURE_CHAIN, "newest"),
        ),
    ),
    Forgery(
        "the first version is deleted",
        (delete(F).where(of(FIRST)),),
        (
            ("figure 2017-Q1", Check.FIGURE_VERSION, "1"),
            (SECOND, Check.FIGURE_CHAIN, "newest"),
        ),
    ),
    Forgery(
        "the newest version is deleted",
        (delete(F).where(of(LAST)),),
        ((LONE, Check.FIGURE_CHAIN, "newest"), (LAST, Check.FIGURE_GONE, "3")),
    ),
    Forgery(
        "all versions are deleted",
        (delete(F).where(F.c.quarter == "2017-Q1"),),
        (
            (LONE, Check.FIGURE_CHAIN, "newest"),
            *((f"figure 2017-Q1/{version}", Check.FIGURE_GONE, str(version)) for version in (1, 2, 3)),
        ),
    ),
    Forgery(
        "the moment of freezing",
        (update(F).where(of(LONE)).values(frozen_at=moment("2017-07-01 09:00")),),
        ((LONE, Check.FIGURE_JOURNAL, "frozen_at"),),
    ),
    Forgery(
        "a void one",
        (update(F).where(of(LONE)).values(voided_at=moment("2017-08-09 09:00")),),
        ((LONE, Check.FIGURE_JOURNAL, "voided_at"),),
    ),
    Forgery(
        "the newest version is replaced",
        (text_of(LAST, says('"th": "ตะวันออก"', '"th": "ตะวันตก"'), sealed=True),),
        ((LAST, Check.FIGURE_RESTATED, "office EAST"), (LONE, Check.FIGURE_CHAIN, "newest")),
    ),
    Forgery(
        "the target of the book that it pins",
        (text_of(LONE, told(target="90", target_book=None), sealed=True),),
        ((LONE, Check.FIGURE_SUM, "target"),),
    ),
    Forgery(
        "it was frozen early",
        (text_of(LONE, told(final_at="2017-08-01T00:00:00+07:00"), sealed=True),),
        ((LONE, Check.FIGURE_EARLY, ""),),
    ),
    Forgery(
        "it was frozen before a complaint of it was due",
        (
            text_of(
                LONE,
                told(as_of="2017-04-12T00:00:00+07:00", final_at="2017-04-12T00:00:00+07:00"),
                sealed=True,
            ),
        ),
        (
            (LONE, Check.FIGURE_EARLY, NEVER),
            (LONE, Check.FIGURE_SUM, "certain"),
            (LONE, Check.FIGURE_CASE, f"{NEVER}: bucket"),
        ),
    ),
    Forgery(
        "it was frozen with something pending",
        (forged(LONE, counting(NEVER, bucket=Bucket.PENDING)),),
        ((LONE, Check.FIGURE_EARLY, ""), (LONE, Check.FIGURE_CASE, f"{NEVER}: bucket")),
    ),
    Forgery(
        "a case that may be dated back",
        (forged(LONE, counting(NEVER, redeemable=1)),),
        ((LONE, Check.FIGURE_CASE, f"{NEVER}: redeemable"),),
    ),
    Forgery(
        "another target before",
        (
            text_of(
                LAST,
                told(restated=[{"name": "target", "was": "90", "now": "80", "code": None}]),
                sealed=True,
            ),
        ),
        ((LAST, Check.FIGURE_RESTATED, "target"), (LONE, Check.FIGURE_CHAIN, "newest")),
    ),
    Forgery(
        "a restatement is silent",
        (text_of(SECOND, told(changes=[]), sealed=True),),
        (
            (SECOND, Check.FIGURE_CHANGE, LATE),
            (SECOND, Check.FIGURE_CHANGE, ENTERED),
            (LAST, Check.FIGURE_CHAIN, "before"),
        ),
    ),
    Forgery(
        "a case of the first version counts otherwise",
        (forged(FIRST, counting(LATE, bucket=Bucket.ON_TIME)),),
        (
            (FIRST, Check.FIGURE_CASE, f"{LATE}: bucket"),
            (SECOND, Check.FIGURE_CHANGE, LATE),
            (SECOND, Check.FIGURE_CHAIN, "before"),
        ),
    ),
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=[one.what for one in FORGERIES])
def test_what_was_forged_is_found_and_named(frozen_house: House, forgery: Forgery) -> None:
    found = after(frozen_house, *forgery.do)
    for about, check, name in forgery.said:
        assert any(
            one.about == about and one.check is check and one.name.startswith(name) for one in found
        ), (about, check, name, found)
    # Of nothing else is anything said.
    assert {(one.about, one.check) for one in found} <= {(about, check) for about, check, _ in forgery.said}


def test_who_was_at_it_at_the_very_moment_of_freezing_is_no_fault(house: House) -> None:
    """Recorded a second before, committed a second after: on PostgreSQL the figure did not see it."""
    house.log()
    house.at("2017-04-26 00:00")
    freeze.freeze(house.desk, Q1)
    house.later(seconds=-1)
    house.log(received_at=moment("2017-03-30 10:00"))
    assert findings(house) == []


def test_a_book_that_was_swapped_later_changes_nothing_about_a_frozen_figure(frozen_house: House) -> None:
    """Other text under the same id in the folder, other holidays: complaints and figures hold on to what was used."""
    text = RULES.read_text(encoding="utf-8").replace("days = 25", "days = 3")
    text = text.replace('days = "calendar"', 'days = "calendar"\nholidays = "TH"')
    swapped = read_shelf(
        [("pea-2560.toml", text)], lambda *_: {moment("2017-04-13 00:00").date(): "Songkran"}
    )
    before = [report.report(frozen_house.desk, Q1, version=version).frozen for version in (1, 2, 3)]
    desk = replace(frozen_house.desk, shelf=swapped)
    found: list[object] = []
    audit(desk, found.append)
    assert found == []
    assert [report.report(desk, Q1, version=version).frozen for version in (1, 2, 3)] == before


def test_what_an_older_format_does_not_state_is_no_discrepancy(frozen_house: House) -> None:
    """As if channels had been added since: neither the text nor its lines know of them."""

    def older(connection: Connection) -> None:
        for row in connection.execute(select(F)).mappings().all():
            lines = [json.loads(line) for line in row["cases"].splitlines()]
            for line in lines:
                del line["channel"], line["format"], line["redeemable"]
            cases = "".join(json.dumps(line) + "\n" for line in lines)
            data = json.loads(row["content"])
            del data["by_channel"], data["format"], data["measure"], data["redeemable"]
            del data["book_digests"], data["target_book"], data["before"], data["newest"], data["restated"]
            # Nor was anything reckoned with that may still be dated back.
            rows = [one for name, rows in data.items() if name.startswith("by_") for one in rows]
            for one in (data, *rows):
                one["best"] = one["worst"]
            data["certain"] = data["met"]
            for change in data["changes"]:
                for part in filter(None, (change["was"], change["now"])):
                    del part["channel"], part["redeemable"]
            data["cases"]["digest"] = digest(cases)
            content = json.dumps(data)
            values = {"content": content, "cases": cases, "digest": digest(content)}
            connection.execute(update(F).where(F.c.id == row["id"]).values(values))

        connection.execute(delete(JournalEntry))
        connection.execute(update(HouseRow).values(events=0, head=""))

    after(frozen_house, older)
    # As an upgrade finds it.
    publish_shipped(frozen_house.store)
    assert findings(frozen_house) == []
