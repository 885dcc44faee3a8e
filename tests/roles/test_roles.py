"""Roles on PostgreSQL with real logins: each does the day's work through the program, and no more, however it is tried."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege

from complaint_sla.mail.delivery import PostOffice
from complaint_sla.mail.transports import open_transport
from complaint_sla.service.rounds import Rounds
from complaint_sla.store.tables import Table
from complaint_sla.wording import Words
from complaint_sla.work.person import retention
from tests.cli.runner import SUNDAY, Program, log_command
from tests.conftest import Databases
from tests.roles.acts import FORGED, acts, tried
from tests.roles.logins import LETTER, Logins
from tests.servers.postgres import PostgresServer
from tests.work.desks import House

pytestmark = pytest.mark.postgresql
MONDAY = "2017-03-06 10:00"
FIGURE = {"measure": "large-new", "period": "1/2560", "n": 1, "d": 2, "source": "x", "dated": "2017-03-01"}


@pytest.fixture(scope="module")
def center(postgres_server: PostgresServer, request: pytest.FixtureRequest) -> Iterator[Logins]:
    """One call center for all that changes nothing, or that nobody else looks at."""
    name = postgres_server.create(request.getfixturevalue("postgresql_template")())
    at = Logins.open(postgres_server.url(name))
    yield at
    at.drop()
    postgres_server.drop(name)


def test_each_act_of_a_wrong_role_is_refused_by_the_program_and_by_the_database(center: Logins) -> None:
    before = center.owner.dump()
    let_pass = [one for one in (tried(center, act) for act in acts(center)) if not one.held]
    assert let_pass == []
    assert center.owner.dump() == before


def test_the_roles_are_of_every_table_and_are_made_again_without_harm(center: Logins) -> None:
    held = center.sql(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
        f"AND has_table_privilege('{center.prefix}_reader', oid, 'SELECT')"
    )
    assert {name for (name,) in held} == {*Table.metadata.tables, "alembic_version"}
    malee = center.login("malee")
    center.sql(f"GRANT DELETE ON event TO {center.prefix}_officer; GRANT DELETE ON figure TO {malee}, PUBLIC")
    center.sql(
        f"GRANT UPDATE (content) ON figure TO {malee}; GRANT UPDATE ON SEQUENCE event_id_seq TO {malee}"
    )
    center.install()
    held = center.sql(
        f"SELECT has_table_privilege('{center.prefix}_officer', 'event', 'DELETE'), "
        f"has_table_privilege('{malee}', 'figure', 'DELETE'), "
        f"has_column_privilege('{malee}', 'figure', 'content', 'UPDATE'), "
        f"has_sequence_privilege('{malee}', 'event_id_seq', 'UPDATE')"
    )
    assert held == [(False,) * 4]
    assert "PREFIX" in center.owner("roles", "--prefix", "PREFIX", code=2).err


def test_what_the_settings_give_out_is_held_by_the_database_too(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    at = Logins.open(postgresql_databases.migrated())
    settings = tmp_path / "service.toml"
    given = (
        '[permissions]\nclose = ["supervisor"]\npeople = ["officer"]\n[[report]]\nto = ["report@example.org"]'
    )
    settings.write_text(given, encoding="utf-8")
    assert "complaint-sla roles" in at.owner("rules", "publish", str(settings), now=SUNDAY).err
    at.install()

    assert "that is for supervisors" in at.program("malee")("close", at.number, "--outcome", "x", code=6).err
    forged = FORGED.format(more="", values="").replace("'noted'", "'closed'")
    with pytest.raises(InsufficientPrivilege, match="complaint_sla_close"):
        at.sql(f"{forged} WHERE number = '{at.number}'", "malee")
    at.program("malee")("note", at.number, "x", now=SUNDAY)
    at.program("malee")("report", "2017-Q1", "--email", now=SUNDAY)
    [letter] = [one for one in at.program("malee")("mail", "list", "--json").json if one["kind"] == "report"]
    assert "a part of them" in at.program("malee")("mail", "show", str(letter["id"]), code=6).err
    at.program("somsri")("close", at.number, "--outcome", "x", now=SUNDAY)
    at.program("malee")("staff", "set", "somsri@example.org", "--name", "S")
    at.drop()


def test_an_officer_does_the_day_and_sees_the_own_office_and_those_below(center: Logins) -> None:
    malee, anong, prasit = map(center.program, ("malee", "anong", "prasit"))

    logged = malee(*log_command(), "--office", "BELOW", "--phone", "0812345678", "--json", now=SUNDAY)
    number = logged.json["number"]
    assert f"At another office: {center.other}, PRACHIN" in logged.err
    for command in (
        ["note", number, "x", "--kind", "respond"],
        ["acknowledge", number],
        ["assign", number, "malee@example.org"],
        ["reclassify", number, "--urgent", "--reason", "x"],
        ["correct", number, "--subject", "y", "--phone", "", "--email", "a@b.org", "--channel", "line"],
    ):
        malee(*command, now=SUNDAY)
    # A letter that holds complaints of two offices is on its way, and one of these ends.
    center.owner("transfer", center.other, "--office", "BELOW", "--reason", "x", now=SUNDAY)
    center.owner("transfer", center.other, "--office", "PRACHIN", "--reason", "x", now=SUNDAY)
    center.program("robot")("sweep", now=MONDAY)
    malee("close", number, "--outcome", "x", now=MONDAY)
    malee("reopen", number, "--reason", "x", now=MONDAY)

    numbers = {one["number"] for one in malee("list", "--json").json}
    morning = malee("today", "--json").json
    assert (morning["office"], morning["open"]["count"]) == ("BANSANG", len(numbers))
    assert numbers == {center.number, center.gone, center.other, number}
    assert {one["number"] for one in prasit("list", "--json").json} >= {center.number, center.other, number}
    assert malee("list", "--office", "PRACHIN", code=6).err.startswith(
        "Error: PRACHIN is not within your offices"
    )

    # Handed over, it can still be seen where it came from, and is worked on where it is.
    malee("transfer", number, "--office", "PRACHIN", "--reason", "x", now=MONDAY)
    assert malee("show", number, "--json").json["office"] == "PRACHIN"
    assert "handed over to PRACHIN" in malee("note", number, "x", now=MONDAY, code=6).err
    # Many at once are done to none where one of them is not one's own.
    before = malee("show", center.number, "--json").json["events"]
    refused = malee("note", center.number, number, center.other, "x", now=MONDAY, code=6).err
    assert "of 3 complaints 2 can't be changed so" in refused
    assert "handed over to PRACHIN" in refused
    assert malee("show", center.number, "--json").json["events"] == before
    anong("note", number, "x", now=MONDAY)
    anong("close", number, "--outcome", "x", now=MONDAY)
    assert center.program("auditor")("audit", "--json").json["discrepancies"] == []


def test_what_another_office_has_is_told_by_number_and_office_and_logged_once(
    center: Logins, tmp_path: Path
) -> None:
    malee, suda = center.program("malee"), center.program("suda")
    known = ("--account", "020012345678", "--email", "nok@example.com", "--external-id", "VOC-7")
    theirs = suda(*log_command(), *known, "--json", now=SUNDAY)
    number = theirs.json["number"]

    for text in ("020012345678", "Nok@example.com", "VOC-7", number):
        found = malee("find", text, "--json")
        assert found.json == []
        assert found.err == f"At another office: {number}, PRACHIN\n"
    assert malee("find", "5678", "--json").err == ""
    refused = malee(*log_command(), "--external-id", "VOC-7", now=SUNDAY, code=6)
    assert f"{number} at PRACHIN" in refused.err
    given = ("correct", center.number, "--external-id", "VOC-7")
    assert f"{number} at PRACHIN" in malee(*given, now=SUNDAY, code=6).err
    row = {"group": "residential", "channel": "phone", "category": "outage", "subject": "x"}
    sheet = tmp_path / "sheet.jsonl"
    rows = [{"external_id": id_, "received_at": "2017-03-05 09:00", **row} for id_ in ("VOC-7", "VOC-8")]
    sheet.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    taken = malee("import", str(sheet), "--json", now=SUNDAY, code=1).json
    assert (taken["logged"], len(taken["rejected"])) == (1, 1)
    # Handed over, it is ended where it is, by a sheet too.
    mine = malee("list", "--json").json
    number = next(one["number"] for one in mine if one["external_id"] == "VOC-8")
    malee("transfer", number, "--office", "PRACHIN", "--reason", "x", now=SUNDAY)
    ended = rows[1] | {"status": "closed", "closed_at": "2017-03-05 10:00", "outcome": "x"}
    sheet.write_text(json.dumps(ended), encoding="utf-8")
    [rejected] = malee("import", str(sheet), "--json", now=MONDAY, code=1).json["rejected"]
    assert "not within your offices" in str(rejected)
    # What has been erased there does not come back here.
    center.owner("withdraw", theirs.json["number"], "--reason", "x", now=MONDAY)
    center.owner("erase", theirs.json["number"], "--reason", "x", now=MONDAY)
    refused = malee(*log_command(), "--external-id", "VOC-7", now=MONDAY, code=6)
    assert f"{theirs.json['number']} at PRACHIN" in refused.err
    assert suda("import", str(sheet), "--json", now=MONDAY).json["closed"] == 1


def test_figures_are_of_the_own_offices_or_are_not_given(center: Logins) -> None:
    malee, auditor = center.program("malee"), center.program("auditor")

    mine = malee("report", "2017-Q1", "--json").json
    assert mine["office"] == "BANSANG"
    # What counts otherwise since is told to whoever sees all.
    assert mine == auditor("report", "2017-Q1", "--office", "BANSANG", "--json").json | {"moved": []}
    assert "not within your offices" in malee("report", "2017-Q1", "--office", "MAIN", code=6).err
    for command in (["audit"], ["export", "never.csv"], ["backup", "never.db"]):
        assert "a part of them" in malee(*command, code=6).err
    assert not Path("never.csv").exists()


def test_an_officer_enters_the_plan_of_the_own_offices_and_sees_no_other(
    center: Logins, tmp_path: Path
) -> None:
    malee, anong, auditor = map(center.program, ("malee", "anong", "auditor"))
    entered = ("plan", "enter", "large-existing", "1/2560")
    later = {"now": "2017-04-10 10:00"}

    malee(*entered, "90/95", *LETTER, "--office", "BELOW", **later)
    assert (
        malee(*entered, "91/95", *LETTER, "--office", "BELOW", "--json", **later).json["replaces"]["n"] == 90
    )
    malee(*entered, "--awaiting", "x", **later)
    malee(*entered, "--withdraw", **later)
    assert "not within" in malee(*entered, "1/1", *LETTER, "--office", "PRACHIN", code=6, **later).err

    def offices(who: Program) -> set[str]:
        return {one["office"] for one in who("plan", "due", "--json", **later).json}

    assert (offices(malee), offices(anong)) == ({"BANSANG", "BELOW"}, {"PRACHIN"})
    # Who is no officer of any office sees all.
    assert offices(auditor) == {"BANSANG", "BELOW", "PRACHIN"}
    assert malee("plan", "show", "1/2560", "--json", **later).json["office"] == "BANSANG"
    assert auditor("plan", "show", "1/2560", "--json", **later).json["office"] is None
    assert "91" in malee("journal", "--office", "BELOW").out
    # A sheet of another office's figures is no way around.
    rows = [{"office": office, **FIGURE} for office in ("BELOW", "PRACHIN", None)]
    sheet = tmp_path / "figures.jsonl"
    sheet.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    taken = malee("plan", "import", str(sheet), "--json", code=1, **later).json
    assert (taken["entered"], [one["error"] for one in taken["rejected"]]) == (2, ["office-not-yours"])
    out = tmp_path / "out.jsonl"
    malee("plan", "export", str(out), "1/2560", **later)
    given = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert {one["office"] for one in given} == {"BANSANG", "BELOW"}
    assert (
        "not within"
        in malee("plan", "export", str(out), "1/2560", "--office", "PRACHIN", code=6, **later).err
    )
    assert auditor("audit", "--json").json["discrepancies"] == []


def test_an_officer_asks_customers_of_the_own_offices_and_sees_no_other(center: Logins) -> None:
    malee, anong, robot, auditor = map(center.program, ("malee", "anong", "robot", "auditor"))
    later = {"now": "2017-03-07 10:00"}
    rows = "".join(f"B-{number},new-meter,2017-03-0{number},x,081234567{number}\n" for number in range(1, 7))
    listed = f"reference,service,finished_on,customer,phone\n{rows}".encode()

    through = ("survey", "import", "-", "--through", "2017-03-06", "--json")
    taken = malee(*through, "--office", "BELOW", stdin=listed, **later).json
    assert (taken["listed"], taken["complete"]) == (6, ["BELOW"])
    # As they are, for the roles that are no program.
    assert malee(*through, "--office", "BELOW", stdin=listed, **later).json["unchanged"] == 6
    assert "not within" in malee(*through, "--office", "PRACHIN", stdin=listed, code=6, **later).err

    def calls(who: Program) -> list[dict[str, str]]:
        found: list[dict[str, str]] = who("survey", "list", "--json", **later).json
        return [one for one in found if one["survey"] == "phone"]

    assert {one["office"] for one in calls(malee)} == {"BANSANG", "BELOW"}
    assert {one["office"] for one in calls(anong)} == {"PRACHIN"}
    assert {one["office"] for one in calls(auditor)} == {"BANSANG", "BELOW", "PRACHIN"}
    first, second, *_ = (one["reference"] for one in calls(malee) if one["office"] == "BELOW")
    malee("survey", "record", first, "5", "--survey", "phone", "--remark", "x", **later)
    malee("survey", "record", second, "--refused", "--survey", "phone", **later)
    assert "no finished request" in malee("survey", "record", "PRACHIN", "5", code=3, **later).err
    assert malee("survey", "list", "--contact", "--json", **later).json[0]["phone"] == "0812345678"
    assert "officer" in auditor("survey", "record", first, "5", code=6, **later).err
    # The service draws for whoever was left until it was too late, and forgets who they were.
    robot("run", "--once", code=None)
    # What was said goes by the service's hand, too, and nobody's name on the staff does.
    with pytest.raises(InsufficientPrivilege):
        center.sql("UPDATE journal SET words = 'y', salt = 'y' WHERE kind = 'survey-asked'", "robot")
    empties = "UPDATE journal SET words = NULL, salt = NULL WHERE words IS NOT NULL RETURNING kind"
    assert center.sql(empties, "robot") == [("survey-asked",)]
    assert center.sql("SELECT 1 FROM request WHERE name IS NOT NULL OR phone IS NOT NULL") == []
    assert auditor("audit", "--json").json["discrepancies"] == []


def test_a_supervisor_looks_after_the_people_of_the_own_offices(center: Logins) -> None:
    somsri = center.program("somsri")

    somsri("office", "add", "NEW", "--name-th", "x", "--name-en", "x", "--parent", "BELOW")
    somsri("office", "set", "NEW", "--name-en", "y")
    assert "not within" in somsri("office", "set", "PRACHIN", "--name-en", "y", code=6).err
    somsri("staff", "add", "new@example.org", "--name", "N", "--office", "NEW", "--role", "agent")
    somsri("staff", "set", "new@example.org", "--role", "supervisor")
    somsri(
        "staff",
        "away",
        "new@example.org",
        "--until",
        "2017-03-09",
        "--deputy",
        "malee@example.org",
        now=SUNDAY,
    )
    somsri("staff", "retire", "new@example.org", now=SUNDAY)
    assert "not within" in somsri("staff", "set", "suda@example.org", "--name", "x", code=6).err
    # Whoever owns a complaint elsewhere takes more with them than can be seen from here.
    center.owner("assign", center.other, "malee@example.org", now=SUNDAY)
    assert "other offices" in somsri("staff", "set", "malee@example.org", "--name", "x", code=6).err
    center.owner("assign", center.other, "anong@example.org", now=SUNDAY)


def test_a_reader_sees_all_and_leaves_a_trace_where_that_is_due(center: Logins, tmp_path: Path) -> None:
    auditor = center.program("auditor")

    for command in (
        ["list"],
        ["today"],
        ["show", center.other],
        ["report", "2017-Q1"],
        ["audit"],
        ["doctor"],
        ["mail", "list"],
    ):
        auditor(*command, code=None if command == ["doctor"] else 0)
    auditor("export", str(tmp_path / "all.csv"))
    auditor("show", center.number, "--contact")
    auditor("backup", str(tmp_path / "copy.db"))
    traces = center.sql(
        "SELECT kind FROM journal WHERE server_user = '" + center.login("auditor") + "' ORDER BY seq"
    )
    assert {kind for (kind,) in traces} >= {"exported", "contact-read"}


def test_the_service_does_its_rounds_and_administrators_the_rest(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    at = Logins.open(postgresql_databases.migrated())
    boss = at.program("boss")
    # A standstill of weeks after the quarter: everything is due at once.
    robot = House(at.program("robot").url, "2017-07-30")
    office = PostOffice(open_transport(tmp_path / "mail"), "sla@example.org", cache(Words))
    done = asyncio.run(Rounds(robot.desk, office).round())
    robot.close()

    assert (done.faults, done.aside, done.swept.due) == ({}, [], 3)
    assert done.delivered.sent > 0
    assert boss("report", "2017-Q2", "--json").json["version"] == 1

    boss("close", at.number, "--outcome", "x")
    boss("report", "2017-Q1", "--freeze")
    letter = ("--source", "374/2560", "--dated", "2017-07-03", "--office", "MAIN")
    boss("plan", "enter", "large-existing", "2017-Q1", "90/95", *letter)
    # The service had frozen it before.
    assert boss("plan", "freeze", "2017-Q1", "--json").json["version"] == 2
    boss("erase", at.number, "--reason", "x")
    settings = tmp_path / "service.toml"
    settings.write_text("silence_minutes = 20", encoding="utf-8")
    boss("rules", "publish", str(settings))
    boss("staff", "set", "malee@example.org", "--login", "")
    assert "No office is known" in at.program("malee")("list", code=6).err
    assert boss("audit", "--json").json["discrepancies"] == []
    at.drop()


def test_what_is_to_be_erased_at_its_end_is_erased_by_the_service_after_an_officer_ended_it(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    at = Logins.open(postgresql_databases.migrated())
    at.program("boss")("erase", at.number, "--reason", "x", "--at-end", now=SUNDAY)
    at.program("malee")("close", at.number, "--outcome", "x", now=SUNDAY)
    assert at.program("auditor")("show", at.number, "--json").json["customer"] is not None

    robot = House(at.program("robot").url, "2017-03-06")
    assert retention.erase_due(robot.desk) == 1
    robot.close()
    assert at.program("auditor")("show", at.number, "--json").json["customer"] is None
    assert at.program("boss")("audit", "--json").json["discrepancies"] == []
    at.drop()


def test_what_an_officer_makes_old_by_hand_is_not_erased_by_the_service(
    postgresql_databases: Databases, tmp_path: Path
) -> None:
    at = Logins.open(postgresql_databases.migrated())
    settings = tmp_path / "service.toml"
    settings.write_text("[retention]\nyears = 1", encoding="utf-8")
    at.owner("rules", "publish", str(settings), now=SUNDAY)
    at.program("malee")("close", at.number, "--outcome", "x", now=SUNDAY)
    at.sql(f"UPDATE complaint SET closed_at = '2010-01-01' WHERE number = '{at.number}'", "malee")

    robot = House(at.program("robot").url, "2017-03-06")
    desk = robot.desk.renewed()
    assert retention.erase_due(desk) == 0
    assert [one.about for one in desk.aside] == [at.number]
    robot.close()
    assert at.program("auditor")("show", at.number, "--json").json["customer"] is not None
    at.drop()


def test_whoever_owns_the_tables_and_may_make_no_roles_makes_the_walls_anew(
    postgresql_databases: Databases,
) -> None:
    at = Logins.open(postgresql_databases.migrated())
    owner = at.login("owner")
    at.sql(f"CREATE ROLE {owner} LOGIN; GRANT CREATE ON SCHEMA public TO {owner}")
    for name in (*Table.metadata.tables, "alembic_version"):
        at.sql(f"ALTER TABLE {name} OWNER TO {owner}")
    at.install()
    at.sql(at.program("owner")("roles", "--prefix", at.prefix).out, "owner")
    assert at.sql(
        "SELECT DISTINCT proowner::regrole::text FROM pg_proc WHERE proname LIKE 'complaint\\_sla\\_%'"
    ) == [(owner,)]
    assert len(at.program("malee")("list", "--json").json) == 2
    at.sql(f"REASSIGN OWNED BY {owner} TO CURRENT_USER; DROP OWNED BY {owner}; DROP ROLE {owner}")
    at.drop()


def test_a_letter_of_two_offices_is_written_anew_when_a_part_of_it_was_set_free(
    postgresql_databases: Databases,
) -> None:
    """Whoever ends a complaint breaks up the letter that waits with it, and sees a part of what it held."""
    at = Logins.open(postgresql_databases.migrated())
    at.owner("staff", "add", "head@example.org", "--name", "H", "--office", "MAIN", "--role", "manager")
    service = House(at.url, "2017-05-02")
    service.sweep()
    service.gather()
    at.program("malee")("close", at.number, "--outcome", "x", now="2017-05-02")
    service.gather()
    service.close()

    [(waiting, lost)] = at.sql(
        "SELECT count(*) FILTER (WHERE message.state = 'waiting'), count(*) FILTER (WHERE message.state = 'dissolved') "
        "FROM alert JOIN message ON message.id = alert.message_id "
        "WHERE alert.state = 'waiting' AND alert.recipient = 'head@example.org'"
    )
    assert (waiting > 0, lost) == (True, 0)
    at.drop()
