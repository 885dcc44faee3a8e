"""People and offices, and what two do at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from complaint_sla.core.calendars import Quarter
from complaint_sla.core.errors import Error, NotPossible
from complaint_sla.work import offices
from complaint_sla.work.complaints import change
from complaint_sla.work.figures.freeze import freeze
from tests.mistakes.office import Fate, Office, mistake

PEOPLE = "people and two at once"


@mistake(PEOPLE, Fate.NAMED)
def a_circle_of_offices_made_by_hand(office: Office) -> str:
    for code in ("A", "B"):
        office.program.found_office(code)
    office.sql("update office set parent_id = (select id from office where code = 'B') where code = 'A'")
    office.sql("update office set parent_id = (select id from office where code = 'A') where code = 'B'")
    for command in (("list", "--office", "A"), ("report", "1/2560", "--office", "A"), ("office", "list")):
        office(*command)
    assert office("audit", code=1).out
    return office("doctor", code=1).out


@mistake(PEOPLE, Fate.REFUSED)
def an_office_put_below_itself(office: Office) -> str:
    office.program.found_office("A")
    return office("office", "set", "MAIN", "--parent", "A", code=6).err


@mistake(PEOPLE, Fate.REFUSED)
def two_offices_moved_below_each_other_at_once(office: Office) -> str:
    for code in ("A", "B"):
        office.program.found_office(code)
    desks = [office.desk(), office.desk()]

    def move(desk_and_codes: tuple[object, str, str]) -> str:
        desk, code, parent = desk_and_codes
        try:
            offices.set_office(desk, code, parent=parent)  # type: ignore[arg-type]
        except Error as problem:
            return problem.key
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(move, [(desks[0], "A", "B"), (desks[1], "B", "A")]))
    assert said == ["", "office-loop"]
    return said[1]


@mistake(PEOPLE, Fate.REFUSED)
def two_who_freeze_one_quarter_at_once(office: Office) -> str:
    for number in ("6003-1", "6003-2", "6003-3"):
        office("close", number, "--outcome", "done")
    office.later(days=60)
    desks = [office.desk(), office.desk()]

    def frozen(desk: object) -> str:
        try:
            freeze(desk, Quarter(2017, 1))  # type: ignore[arg-type]
        except NotPossible as problem:
            return problem.key
        return ""

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(frozen, desks))
    assert said == ["", "nothing-to-restate"]
    assert office.sql("select count(*) from figure") == [(1,)]
    return said[1]


@mistake(PEOPLE, Fate.HEALED)
def a_complaint_reopened_whose_owner_has_retired(office: Office) -> str:
    owner = office.program.hire("clerk", "agent")
    office("assign", "6003-1", owner)
    office("close", "6003-1", "--outcome", "done")
    office("staff", "retire", owner)
    said = office("reopen", "6003-1", "--reason", "dark again")
    assert office("show", "6003-1", "--json").json["owner"] is None
    return said.out + said.err


@mistake(PEOPLE, Fate.HEALED)
def a_breached_complaint_given_an_easier_deadline_before_anybody_heard(office: Office) -> str:
    office.later(days=3)
    change.do(office.desk(), "6003-3", change.reclassify("not so urgent", urgent=False))
    office("run", "--once")
    letters = [one for one in office("mail", "list", "--json").json if one["kind"] == "alerts"]
    told = office("mail", "show", str(max(one["id"] for one in letters)), lang="en").out
    return next(line for line in told.splitlines() if "Deadline missed: 8 Mar" in line)


@mistake(PEOPLE, Fate.HEALED)
def an_urgent_complaint_handed_to_an_office_that_nobody_told(office: Office) -> str:
    office.program.found_office("NORTH")
    north = office.program.hire("north", office="NORTH")
    office("transfer", "6003-3", "--office", "NORTH", "--reason", "their line")
    office("run", "--once")
    assert north in {one["recipient"] for one in office("mail", "list", "--json").json}
    return f"a letter to {north}"


@mistake(PEOPLE, Fate.HEALED)
def an_absence_that_nobody_ended(office: Office) -> str:
    deputy = office.program.hire("deputy", "agent")
    office("staff", "away", "sup@example.org", "--until", "2017-03-08", "--deputy", deputy)
    office.later(days=2)
    office("run", "--once", code=None)
    owed = office.sql("select distinct recipient from alert where state = 'waiting'")
    assert (deputy,) not in owed
    return "letters go to the one who is back"
