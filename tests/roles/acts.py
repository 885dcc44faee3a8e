"""What somebody with a login of the wrong role tries, by the program and, going round it, with SQL of their own."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg

from tests.cli.runner import SUNDAY
from tests.roles.logins import LETTER, Logins

# An event as a hand would forge it.
FORGED = (
    "INSERT INTO event (complaint_id, seq, kind, happened_at, recorded_at, actor, system_user, data, hash{more}) "
    "SELECT id, 99, 'noted', now(), now(), 'x', 'x', '{{}}', 'x'{values} FROM complaint"
)
# A figure as a hand would forge it.
READING = (
    "INSERT INTO reading (seq, office_id, measure, period, kind, n, d, dated) "
    "SELECT 1, id, 'large-new', '2017-Q1', 'figure', 1, 1, '2017-03-01' FROM office WHERE code = '{office}'"
)


@dataclass(frozen=True)
class Act:
    """`who` tries `what`; a command of the program, None where it has none for that; and the SQL that would do it."""

    who: str
    what: str
    command: tuple[str, ...] | None
    sql: str


@dataclass(frozen=True)
class Verdict:
    """What became of it; empty for what was let pass."""

    act: Act
    program: str
    database: str

    @property
    def held(self) -> bool:
        return bool(self.program and self.database)


def acts(at: Logins) -> list[Act]:
    """`mine` is a complaint of the officer's office, `other` one of another, `gone` one that was handed over to that."""
    mine, other, gone = at.number, at.other, at.gone
    here, mail = "(SELECT id FROM office WHERE code = 'BANSANG')", "malee@example.org"
    theirs = "(SELECT id FROM office WHERE code = 'PRACHIN')"
    letter = LETTER
    freeze, own = ("report", "2017-Q1", "--freeze"), "WHERE login = session_user"
    return [
        Act("auditor", "a reader writes a note", ("note", mine, "x"), FORGED.format(more="", values="")),
        Act(
            "auditor",
            "a reader ends a complaint",
            ("withdraw", mine, "--reason", "x"),
            "UPDATE complaint SET status = 'withdrawn', closed_at = now()",
        ),
        Act(
            "auditor",
            "a reader enters in the journal what nobody did",
            ("staff", "retire", mail),
            "INSERT INTO journal (seq, kind, happened_at, recorded_at, actor, system_user, data, hash) "
            "VALUES (999, 'staff-retired', now(), now(), 'x', 'x', '{}', 'x')",
        ),
        Act(
            "auditor",
            "a reader enters a figure of the plan",
            ("plan", "enter", "large-new", "1/2560", "1/2", "--source", "x", "--dated", "2017-03-01"),
            READING.format(office="BANSANG"),
        ),
        Act(
            "malee",
            "an officer enters another office's figure",
            ("plan", "enter", "voc-summary", "1/2560", *letter, "--office", "PRACHIN"),
            READING.format(office="PRACHIN"),
        ),
        Act(
            "malee",
            "an officer says in the journal what another office has entered",
            ("plan", "enter", "voc-summary", "1/2560", *letter, "--office", "PRACHIN"),
            "INSERT INTO journal (seq, kind, happened_at, recorded_at, actor, system_user, data, hash) "
            """VALUES (999, 'plan-figure', now(), now(), 'x', 'x', '{"office": "PRACHIN"}', 'x')""",
        ),
        Act(
            "malee",
            "an officer changes a figure that was entered",
            ("report", "2017-Q1", "--freeze"),
            "UPDATE reading SET n = 91",
        ),
        Act(
            "malee",
            "an officer takes a figure away that was entered",
            ("report", "2017-Q1", "--freeze"),
            "DELETE FROM reading",
        ),
        Act(
            "malee",
            "an officer reads another office's figures",
            ("plan", "show", "1/2560", "--office", "PRACHIN"),
            f"SELECT n FROM reading WHERE office_id = {theirs}",
        ),
        Act(
            "malee",
            "an officer reads whom another office asks",
            ("plan", "show", "1/2560", "--office", "PRACHIN"),
            f"SELECT name, phone FROM request WHERE office_id = {theirs} UNION "
            "SELECT survey, '' FROM drawn JOIN request ON request_id = request.id "
            f"WHERE office_id = {theirs}",
        ),
        Act(
            "malee",
            "an officer puts another customer in the place of one",
            ("report", "2017-Q1", "--freeze"),
            "UPDATE request SET name = 'friend', phone = '0899999999'",
        ),
        Act(
            "robot",
            "the service enters a figure of the plan",
            ("plan", "enter", "voc-summary", "1/2560", *letter),
            READING.format(office="BANSANG"),
        ),
        Act("malee", "an officer freezes a figure", freeze, "INSERT INTO figure SELECT * FROM figure"),
        Act(
            "malee",
            "an officer changes a frozen figure",
            freeze,
            "UPDATE figure SET content = replace(content, '80', '99')",
        ),
        Act("malee", "an officer deletes the frozen figures", freeze, "DELETE FROM figure"),
        Act(
            "malee", "an officer erases a customer", ("erase", mine, "--reason", "x"), "DELETE FROM customer"
        ),
        Act(
            "malee",
            "an officer corrects another office's complaint",
            ("correct", other, "--phone", "0899999999"),
            f"UPDATE customer SET phone = '0899999999' WHERE complaint_id = {at.id_of(other)}",
        ),
        Act(
            "malee",
            "an officer corrects what they handed over",
            ("correct", gone, "--subject", "x"),
            f"UPDATE complaint SET subject = 'x' WHERE number = '{gone}'",
        ),
        Act(
            "auditor",
            "a reader corrects a telephone number",
            ("correct", mine, "--phone", "0899999999"),
            "UPDATE customer SET phone = '0899999999'",
        ),
        Act(
            "malee",
            "an officer takes words out of an event",
            ("erase", mine, "--reason", "x"),
            "UPDATE event SET words = NULL, salt = NULL",
        ),
        Act(
            "malee",
            "an officer deletes the newest event",
            ("erase", mine, "--reason", "x"),
            "DELETE FROM event",
        ),
        Act(
            "malee",
            "an officer deletes a complaint",
            ("erase", mine, "--reason", "x"),
            "DELETE FROM complaint",
        ),
        Act("malee", "an officer deletes an alert that is owed", ("mail", "retry"), "DELETE FROM alert"),
        Act(
            "malee",
            "an officer puts other rules in force",
            ("rules", "publish"),
            "UPDATE book SET text = replace(text, 'days = 25', 'days = 250')",
        ),
        Act(
            "malee",
            "an officer makes themselves a supervisor",
            ("staff", "set", mail, "--role", "supervisor"),
            f"UPDATE staff SET role = 'supervisor' {own}",
        ),
        Act(
            "malee",
            "an officer moves themselves to the head office",
            ("staff", "set", mail, "--office", "MAIN"),
            f"UPDATE staff SET office_id = (SELECT id FROM office WHERE code = 'MAIN') {own}",
        ),
        Act(
            "malee",
            "an officer reads another office's complaint",
            ("show", other),
            f"SELECT subject FROM complaint WHERE number = '{other}'",
        ),
        Act(
            "malee",
            "an officer reads who complained elsewhere",
            ("show", other, "--contact"),
            f"SELECT phone FROM customer WHERE complaint_id IN (SELECT id FROM complaint WHERE number = '{other}')"
            f" OR complaint_id = {at.id_of(other)}",
        ),
        Act(
            "malee",
            "an officer reads the events of another office",
            ("show", other),
            f"SELECT words FROM event WHERE complaint_id = {at.id_of(other)}",
        ),
        Act(
            "malee",
            "an officer takes another office's complaint",
            ("transfer", other, "--office", "BANSANG", "--reason", "x"),
            f"UPDATE complaint SET office_id = {here} WHERE id = {at.id_of(other)}",
        ),
        Act(
            "malee",
            "an officer says that another's complaint came from here",
            ("show", other),
            f"UPDATE complaint SET came_from_id = {here} WHERE id = {at.id_of(other)}",
        ),
        Act(
            "malee",
            "an officer writes to what they handed over",
            ("note", gone, "x"),
            f"UPDATE complaint SET outcome = 'x' WHERE number = '{gone}'",
        ),
        Act(
            "malee",
            "an officer writes into the chain of what they handed over",
            ("note", gone, "x"),
            FORGED.format(more="", values="") + f" WHERE number = '{gone}'",
        ),
        Act(
            "malee",
            "an officer changes the number and receipt of a complaint",
            ("erase", mine, "--reason", "x"),
            f"UPDATE complaint SET received_at = now() WHERE number = '{mine}'",
        ),
        Act(
            "malee",
            "an officer says in whose name the server wrote",
            ("init",),
            FORGED.format(more=", server_user", values=", 'boss'") + f" WHERE number = '{mine}'",
        ),
        Act(
            "malee",
            "an officer notes that somebody is to be erased",
            ("erase", mine, "--reason", "x", "--at-end"),
            FORGED.format(more="", values="").replace("'noted'", "'erasure-due'")
            + f" WHERE number = '{mine}'",
        ),
        Act(
            "malee",
            "an officer has the service erase somebody",
            ("erase", mine, "--reason", "x", "--at-end"),
            f"UPDATE complaint SET erase_at_end = true WHERE number = '{mine}'",
        ),
        Act(
            "malee",
            "an officer enters in the journal what nobody did",
            ("init",),
            "INSERT INTO journal (seq, kind, happened_at, recorded_at, actor, system_user, data, hash) "
            "VALUES (999, 'restored', now(), now(), 'x', 'x', '{}', 'x')",
        ),
        Act(
            "malee",
            "an officer puts an alert into a letter of others",
            ("mail", "retry"),
            "INSERT INTO alert (complaint_id, generation, stage, occurrence, stands_for, recipient, roles, stage_at, "
            "raised_at, urgent, state, message_id) SELECT id, 1, 'x', 1, 1, 'x', 'x', now(), now(), false, 'waiting', 1 "
            f"FROM complaint WHERE number = '{mine}'",
        ),
        Act(
            "malee",
            "an officer says that a report was sent",
            ("deliver",),
            "INSERT INTO message (kind, occasion, recipient, message_id, state, created_at, attempts, not_before) "
            "VALUES ('report', '2017-Q1 asked *', 'x@example.org', 'x', 'sent', now(), 1, now())",
        ),
        Act(
            "malee", "an officer does the service's rounds", ("sweep",), "UPDATE message SET state = 'failed'"
        ),
        Act(
            "malee",
            "an officer copies all",
            ("backup", "never.db"),
            "SELECT 1 FROM complaint HAVING count(*) > 3",
        ),
        Act(
            "malee",
            "an officer takes the walls down",
            ("init",),
            "ALTER TABLE complaint DISABLE ROW LEVEL SECURITY",
        ),
        Act("malee", "an officer becomes the owner", ("init",), "SET SESSION AUTHORIZATION postgres"),
        Act(
            "somsri",
            "a supervisor takes the login of another",
            ("staff", "set", mail, "--login", "x"),
            f"UPDATE staff SET login = 'x' WHERE email = '{mail}'",
        ),
        Act(
            "somsri",
            "a supervisor hires into an office above",
            ("staff", "add", "x@b.org", "--name", "x", "--office", "MAIN", "--role", "manager"),
            "INSERT INTO staff (email, name, office_id, role, language) SELECT 'x@b.org', 'x', id, 'manager', 'th' "
            "FROM office WHERE code = 'MAIN'",
        ),
        Act(
            "somsri",
            "a supervisor moves themselves to the head office",
            ("staff", "set", "somsri@example.org", "--office", "MAIN"),
            f"UPDATE staff SET office_id = (SELECT id FROM office WHERE code = 'MAIN') {own}",
        ),
        Act(
            "somsri",
            "a supervisor puts another office under theirs",
            ("office", "set", "PRACHIN", "--parent", "BANSANG"),
            f"UPDATE office SET parent_id = {here} WHERE code = 'PRACHIN'",
        ),
        Act(
            "robot",
            "the service closes a complaint's words up",
            ("close", mine, "--outcome", "x"),
            "UPDATE event SET words = '{}'",
        ),
        Act("robot", "the service changes a figure", ("rules", "publish"), "UPDATE figure SET content = 'x'"),
        Act("robot", "the service publishes", ("rules", "publish"), "DELETE FROM book"),
        Act(
            "robot",
            "the service deletes the journal",
            ("erase", mine, "--reason", "x"),
            "DELETE FROM journal",
        ),
        Act(
            "boss",
            "an administrator says in whose name the server wrote",
            None,
            FORGED.format(more=", server_user", values=", 'malee'"),
        ),
        Act(
            "boss",
            "an administrator says it afterwards",
            None,
            "UPDATE event SET server_user = 'malee'",
        ),
        Act(
            "boss",
            "an administrator says it afterwards of the journal",
            None,
            "UPDATE journal SET server_user = 'malee'",
        ),
        Act("stranger", "somebody without a role reads", ("list",), "SELECT * FROM complaint"),
    ]


def tried(at: Logins, act: Act) -> Verdict:
    program = "has no such command"
    if act.command is not None:
        answer = at.program(act.who)(*act.command, now=SUNDAY, code=None)
        # The server turns away who has no role before the program can ask what they are.
        refused = answer.code == (5 if act.who == "stranger" else 6)
        program = answer.err.removeprefix("Error: ").strip() if refused else ""
    try:
        changed = at.sql(act.sql, act.who)
    except psycopg.Error as problem:
        refused = isinstance(problem, psycopg.errors.InsufficientPrivilege)
        return Verdict(act, program, str(problem).partition("\n")[0] if refused else "")
    return Verdict(act, program, "" if changed else "no row is theirs")
