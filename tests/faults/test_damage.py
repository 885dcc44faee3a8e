"""One damaged row stops none of its neighbours: each column of each table, made unreadable one at a time.

There are two worlds in one database. EAST has everything that is damaged: a complaint with its alerts, letters and people,
its rule book and a frozen figure. WEST has a sound complaint whose alert and letter must go out all the same.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.main import get_command

from complaint_sla.cli.main import build
from complaint_sla.store.tables import Table
from complaint_sla.wording import Words
from complaint_sla.work.letters import outbox
from tests.cli.runner import Answer, run
from tests.published import publish_folder, rehearse
from tests.work.desks import RULES, House, moment

LOGGED, FROZEN, TODAY = "2017-03-05 10:00", "2017-05-02 10:00", "2017-05-20 08:30"
BROKEN, SOUND = "C-6003-00001", "C-6005-00001"

GIVEN = "--group residential --channel phone --category outage --subject Dark --phone 0812345678"

# The row of each table that is damaged.
ROWS = {
    "office": "code = 'EAST'",
    "staff": "email = 'east@example.org'",
    "book": "book_id = 'pea-2560'",
    "counter": "month = '2017-03'",
    "complaint": f"number = '{BROKEN}'",
    "customer": "complaint_id = 1",
    "event": "complaint_id = 1 AND seq = 1",
    "message": "recipient = 'east@example.org' AND state = 'waiting'",
    "alert": "recipient = 'east@example.org' AND state = 'waiting'",
    "figure": "version = 1",
    "heartbeat": "job = 'sweep'",
    "house": "id = 1",
    "journal": "seq = 1",
}
# And those that bear upon nothing but the plan: of all that hold figures one at a time is damaged, together with that of
# the others; then what a quarter was handed in by.
ROWS_OF_THE_PLAN = {
    "reading": "period = '2017-Q1'",
    "request": "reference = 'R-1'",
    "drawn": "survey = 'phone'",
    "lot": "survey = 'phone'",
    "listed": "service = 'new-meter'",
}
ROWS_HANDED_IN = {"figure": "measure = 'plan'", "book": "kind = 'plan'"}


def damages() -> Iterator[tuple[str, str, object]]:
    """Nothing, a text that is none of what is kept there, and a number that leads nowhere."""
    for table in Table.metadata.sorted_tables:
        for column in table.columns if table.name not in ROWS_OF_THE_PLAN else ():
            if column.primary_key and column.type.python_type is int:
                # SQLite itself keeps anything but numbers out.
                yield table.name, column.name, 77
                continue
            if not column.nullable:
                yield table.name, column.name, None
            yield table.name, column.name, "garbled"
            if column.foreign_keys and column.type.python_type is int:
                yield table.name, column.name, 77


def rules_of_two_books(folder: Path) -> Path:
    folder.mkdir()
    text = RULES.read_text(encoding="utf-8")
    (folder / "a.toml").write_text(text, encoding="utf-8")
    later = text.replace('id = "pea-2560"', 'id = "later"').replace("2017-01-01", "2017-05-01")
    (folder / "b.toml").write_text(later, encoding="utf-8")
    shutil.copy(RULES.with_name("plan-2560.toml"), folder)
    return folder


class Bureau:
    """The program at one database, in a folder of its own. What goes by `--now` elsewhere goes by the real clock here."""

    def __init__(self, folder: Path) -> None:
        self.file, self.mail = folder / "complaints.db", folder / "mail"
        self.url = f"sqlite:///{self.file}"

    def __call__(self, *arguments: str, now: str = TODAY) -> Answer:
        with pytest.MonkeyPatch.context() as patched:
            patched.setenv("COMPLAINT_SLA_MAIL", f"folder:{self.mail}")
            patched.setattr("complaint_sla.cli.terminal.real_clock", lambda: moment(now))
            return run(["--db", self.url, *arguments])

    def log(self, office: str, now: str) -> None:
        owner = f"clerk-{office.lower()}@example.org"
        answer = self("log", *GIVEN.split(), "--office", office, "--owner", owner, now=now)
        assert answer.code == 0, answer.err


@pytest.fixture(scope="module", autouse=True)
def at_once() -> Iterator[None]:
    """The same commands each time: to make them anew would take longer than the work."""
    commands = get_command(build(Words("en")))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("typer.main.get_command", lambda _: commands)
        patched.setattr("complaint_sla.cli.main.build", lambda _: None)
        yield


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Callable[[], Path]) -> Path:
    """The database before the damage, without the promises that SQLite would hold it to."""
    folder = tmp_path_factory.mktemp("ready")
    bureau = Bureau(folder)
    shutil.copy(sqlite_template(), bureau.file)
    publish_folder(rehearse(bureau.url), rules_of_two_books(folder / "rules"))
    for code in ("EAST", "WEST"):
        name, office = code.lower(), ("--office", code)
        bureau("office", "add", code, "--name-th", code, "--name-en", code, "--parent", "MAIN")
        for email, role in ((name, "supervisor"), (f"clerk-{name}", "agent")):
            bureau("staff", "add", f"{email}@example.org", "--name", email, *office, "--role", role)
    bureau("staff", "away", "east@example.org", "--until", "2017-05-19", "--deputy", "clerk-east@example.org")
    bureau.log("EAST", LOGGED)
    bureau("sweep", now="2017-03-24 08:30")
    bureau("deliver", now="2017-03-24 08:30")
    bureau("sweep", now=FROZEN)
    assert bureau("report", "1/2560", "--freeze", now=FROZEN).code == 0
    letter = ("--source", "374/2560", "--dated", "2017-04-07", "--office", "EAST")
    bureau("plan", "enter", "large-existing", "1/2560", "90/95", *letter, now=FROZEN)
    requests = folder / "requests.csv"
    requests.write_text(
        "office,reference,service,finished_on\nEAST,R-1,new-meter,2017-04-30\n", encoding="utf-8"
    )
    bureau("survey", "import", str(requests), "--through", "2017-05-01", now=FROZEN)
    assert bureau("plan", "freeze", "1/2560", now=FROZEN).code == 0
    bureau.log("WEST", FROZEN)
    house = House(bureau.url, FROZEN)
    outbox.gather(house.desk, "example.org")
    house.close()
    with closing(sqlite3.connect(bureau.file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(
            "UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'"
        )
        connection.commit()
    return bureau.file


@pytest.fixture
def bureau(ready: Path, tmp_path: Path) -> Bureau:
    opened = Bureau(tmp_path)
    shutil.copy(ready, opened.file)
    return opened


def ask(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(query).fetchall()


@pytest.mark.parametrize(("table", "column", "value"), list(damages()))
def test_what_is_damaged_stops_no_neighbour(bureau: Bureau, table: str, column: str, value: object) -> None:
    with closing(sqlite3.connect(bureau.file, isolation_level=None)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = ON")
        row = f'SELECT rowid FROM "{table}" WHERE {ROWS[table]} LIMIT 1'
        changed = connection.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ({row})', [value])
        assert changed.rowcount == 1

    said = {
        name: bureau(*command.split())
        for name, command in {
            "sweep": "sweep --json --clock-is-right",
            "list": "list",
            "show": f"show {SOUND}",
            "show the broken one": f"show {BROKEN}",
            "doctor": "doctor",
            "report": "report 2/2560",
            "report of the frozen quarter": "report 1/2560",
            "deliver": "deliver",
            "audit": "audit",
            "log": f"log {GIVEN} --office WEST",
        }.items()
        # SQLite itself keeps nothing out of these columns: only the way of the alerts and the screen is walked then.
        if value is not None or name in ("sweep", "list", "show", "show the broken one", "deliver")
    }

    for name, answer in said.items():
        about_itself = name == "show the broken one" or (
            name == "report of the frozen quarter" and table in ("figure", "book")
        )
        # While a book that is in force can't be read no deadline is given: it might be the one.
        well = (0, 1, 4) if name == "log" and table == "book" else (0, 1)
        assert answer.code in (range(7) if about_itself else well), f"{name}: {answer.err}"
        assert "Traceback" not in answer.out + answer.err, name
    assert said["show"].code == 0
    assert SOUND in said["list"].out
    raised = f"SELECT stage FROM alert JOIN complaint c ON c.id = complaint_id WHERE number = '{SOUND}'"
    assert ("warning-first",) in ask(bureau.file, raised)
    letters = [letter.read_bytes() for letter in bureau.mail.glob("*.eml")]
    assert any(b"To: west" in letter for letter in letters)


@pytest.mark.parametrize("rows", [ROWS_OF_THE_PLAN, ROWS_HANDED_IN], ids=["figures", "handed in"])
@pytest.mark.parametrize("at", range(9))
def test_what_is_damaged_of_the_plan_is_named_and_stops_nothing_else(
    bureau: Bureau, rows: dict[str, str], at: int
) -> None:
    with closing(sqlite3.connect(bureau.file, isolation_level=None)) as connection:
        for table, where in rows.items():
            columns = [*Table.metadata.tables[table].columns]
            column = columns[at % len(columns)]
            value = 77 if column.primary_key and column.type.python_type is int else "garbled"
            connection.execute("PRAGMA ignore_check_constraints = ON")
            row = f'SELECT rowid FROM "{table}" WHERE {where} LIMIT 1'
            changed = connection.execute(
                f'UPDATE "{table}" SET "{column.name}" = ? WHERE rowid = ({row})', [value]
            )
            assert changed.rowcount == 1

    commands: tuple[str, ...] = ("doctor", "audit", "plan show 1/2560", "plan show 2/2560", "plan due")
    if rows is ROWS_OF_THE_PLAN:
        commands += ("survey list", "survey draw")
    for command in commands:
        answer = bureau(*command.split())
        # What was handed in can't be told by what is damaged of it.
        is_told_by_it = rows is ROWS_HANDED_IN and command.startswith(("plan", "survey"))
        assert answer.code in (range(7) if is_told_by_it else (0, 1)), f"{command}: {answer.err}"
        assert "Traceback" not in answer.out + answer.err, command
        if command == "audit":
            assert answer.code == 1, f"{rows}: {at}"


@pytest.mark.parametrize("change", ["text = 'garbled'", "text = replace(text, 'days = 25', 'days = 24')"])
def test_where_no_book_is_as_it_was_published_letters_go_out_and_no_deadline_is_given(
    bureau: Bureau, change: str
) -> None:
    bureau("sweep")
    with closing(sqlite3.connect(bureau.file)) as connection:
        connection.execute(f"UPDATE book SET {change} WHERE kind = 'book'")
        connection.commit()

    said = {name: bureau(name) for name in ("sweep", "deliver", "list", "doctor", "audit")}

    assert {name for name, answer in said.items() if answer.code not in (0, 1)} == set()
    assert SOUND in said["list"].out
    for name in ("doctor", "audit"):
        assert "later" in said[name].out
    assert bureau("log", *GIVEN.split(), "--office", "WEST").code == 4
    if "garbled" not in change:
        assert any(b"To: west" in letter.read_bytes() for letter in bureau.mail.glob("*.eml"))


@pytest.mark.parametrize("value", ["NULL", "'garbled'", "0"])
def test_a_counter_that_counts_no_more_gives_out_no_number_twice(bureau: Bureau, value: str) -> None:
    with closing(sqlite3.connect(bureau.file)) as connection:
        connection.execute(f"UPDATE counter SET serial = {value}")
        connection.commit()

    answer = bureau("log", *GIVEN.split(), "--office", "WEST")

    assert (answer.code, answer.out) == (6, "")
    assert "counter 2017-05" in answer.err
    assert ask(bureau.file, "SELECT count(*) FROM complaint") == [(2,)]
