"""PostgreSQL as it is found: whatever somebody has set is set right or refused in words, with the statement that mends it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, create_engine, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from complaint_sla.core.errors import BadValue, DatabaseLocked, DatabaseUnusable, ReadTakenBack
from complaint_sla.store import offices, postgresql, sqlstates
from complaint_sla.store.engine import TRIES, Store
from complaint_sla.store.filing import take_serials
from complaint_sla.store.tables import Office
from complaint_sla.wording import Words
from complaint_sla.wording.messages import message
from tests.cli.runner import LANGUAGES, Program, log_command
from tests.conftest import Databases
from tests.servers.postgres import HOSTILE, PostgresServer

pytestmark = pytest.mark.postgresql

# A pooler's connections are as the database was when they were made, and a pooler takes no options for one.
own_session = pytest.mark.own_session("what a new session is set to")

# What a session is set to by the program itself, and what it is otherwise where this is set as HOSTILE has it.
RELIED_ON = {
    "DateStyle": "ISO",
    "TimeZone": "UTC",
    "client_encoding": "UTF8",
    "statement_timeout": "0",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "2min",
    "row_security": "on",
    "search_path": "public, pg_temp",
}


# What a server's file had better not say: whatever else asks it would notice.
MORE = {
    "synchronous_commit": "off",
    "row_security": "off",
    "quote_all_identifiers": "on",
    "client_encoding": "LATIN1",
}


@pytest.fixture
def administrator(postgresql_database: str) -> Iterator[Connection]:
    """A superuser, connected to the server of a database."""
    engine = create_engine(
        make_url(postgresql_database).set(database="postgres"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def name_of(url: str) -> str:
    return str(make_url(url).database)


def shown(session: Session, name: str) -> str:
    return str(session.connection().execute(text(f"SHOW {name}")).scalar_one())


# --- what is set elsewhere


@own_session
def test_nothing_that_somebody_has_set_is_noticed(
    administrator: Connection, postgresql_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, plain = postgresql_databases.migrated(), postgresql_databases.migrated()
    for name, value in {**HOSTILE, **MORE}.items():
        said = value if name == "search_path" else f"'{value}'"
        administrator.execute(text(f"ALTER DATABASE {name_of(url)} SET {name} = {said}"))
    # And by the session's own surroundings.
    monkeypatch.setenv("PGOPTIONS", "-c lc_messages=C -c timezone=Asia/Kathmandu")
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    monkeypatch.setenv("PGDATESTYLE", "Postgres, MDY")
    answers = []
    for one in (url, plain):
        program = Program(one)
        number = program.log(now=None)["number"]
        program("close", number, "--outcome", "ต่อไฟแล้ว")
        listed = program("list", "--status", "closed", "--json").json
        told = [sorted(one.keys()) for one in listed], [one["subject"] for one in listed]
        answers.append((told, program("audit").code, program("report", "2017-Q1", "--json").json["by_month"]))
    assert answers[0] == answers[1]

    store = Store.open(url)

    def job(session: Session) -> dict[str, str]:
        assert shown(session, "transaction_isolation") == "read committed"
        assert shown(session, "synchronous_commit") == "local"
        return {name: shown(session, name) for name in RELIED_ON}

    with store.read() as session:
        found = {name: shown(session, name) for name in RELIED_ON}
        assert shown(session, "transaction_isolation") == "repeatable read"
        assert shown(session, "transaction_read_only") == "on"
    for one in (found, store.write(job)):
        assert one | {"DateStyle": one["DateStyle"].partition(",")[0]} == RELIED_ON | {
            "search_path": '"public", pg_temp' if '"' in one["search_path"] else "public, pg_temp"
        }
    store.close()


@own_session
def test_a_transaction_leaves_nothing_set_in_its_connection(postgresql_database: str) -> None:
    store = Store.open(postgresql_database)
    store.write(lambda session: take_serials(session, "2017-03", 1))
    with store.read() as session:
        session.connection()
    raw = store.engine.raw_connection()
    cursor = raw.cursor()
    cursor.execute("SELECT count(*) FROM pg_settings WHERE source = 'session'")
    assert cursor.fetchall() == [(0,)]
    cursor.execute("SELECT count(*) FROM pg_prepared_statements")
    assert cursor.fetchall() == [(0,)]
    raw.close()
    store.close()


def test_texts_sort_by_their_bytes_whatever_the_locale(databases: Databases) -> None:
    store = Store.open(databases.migrated())
    codes = ["a-1", "B", "b", "Z", "a1", "ก", "A"]
    store.write(lambda session: session.add_all(Office(code=one, name_th="ก", name_en="x") for one in codes))
    with store.read() as session:
        assert [one.code for one in offices.offices(session)] == sorted([*codes, "MAIN"])
    store.close()


# --- what is refused, with what mends it


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "WIN874", "LATIN1"])
def test_a_database_that_is_not_utf8_is_refused_with_the_statement_that_makes_one(
    postgres_server: PostgresServer, administrator: Connection, postgresql_database: str, encoding: str
) -> None:
    name = f"narrow_{encoding.lower()}"
    # Only PostgreSQL's own locales know them, where a server's are others.
    provider = " LOCALE_PROVIDER libc" if postgres_server.version >= 15 else ""
    locale = f"LC_COLLATE 'C' LC_CTYPE 'C'{provider}"
    administrator.execute(text(f"CREATE DATABASE {name} ENCODING '{encoding}' {locale} TEMPLATE template0"))
    url = make_url(postgresql_database)
    narrow = url.set(database=name).render_as_string(False)
    try:
        for command in (("init",), ("list",), ("doctor",)):
            answer = Program(narrow)(*command, code=5)
            assert encoding in answer.err + answer.out
        with pytest.raises(DatabaseUnusable, match="database-encoding") as refused:
            Store.open(narrow, create=True)
        administrator.execute(text(str(refused.value.values["create"])))
        Program(url.set(database=f"{name}_utf8").render_as_string(False))("init")
    finally:
        for one in (name, f"{name}_utf8"):
            administrator.execute(text(f"DROP DATABASE IF EXISTS {one} WITH (FORCE)"))


# How a role finds a database: what was done to it, and the key of the refusal; None where it is made.
SCHEMAS: dict[str, tuple[str, str | None]] = {
    "a schema that nobody has made": ("ALTER DATABASE {db} SET search_path = complaints", "schema-missing"),
    "no schema": ("ALTER DATABASE {db} SET search_path = ''", "schema-unnamed"),
    "a list in quotes": ("ALTER DATABASE {db} SET search_path = 'complaints, public'", "schema-quoted"),
    "one that others use": (
        "CREATE SCHEMA closed; ALTER DATABASE {db} SET search_path = closed",
        "schema-closed",
    ),
    "one that others made": (
        "CREATE SCHEMA theirs; GRANT USAGE ON SCHEMA theirs TO clerk; ALTER DATABASE {db} SET search_path = theirs",
        "schema-owned",
    ),
    "public, where nobody makes tables": (
        'REVOKE CREATE ON SCHEMA public FROM PUBLIC; ALTER DATABASE {db} SET search_path = "$user", public',
        "schema-owned",
    ),
    "a schema that is not there before one where nobody makes tables": (
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC; ALTER DATABASE {db} SET search_path = complaints, public",
        "schema-missing",
    ),
    "a schema of its own": (
        'CREATE SCHEMA clerk AUTHORIZATION clerk; ALTER DATABASE {db} SET search_path = "$user", public',
        None,
    ),
    "with the catalogue first": (
        "CREATE SCHEMA own AUTHORIZATION clerk; ALTER DATABASE {db} SET search_path = pg_catalog, own",
        None,
    ),
    "a name with capitals": (
        'CREATE SCHEMA "Own, 50%" AUTHORIZATION clerk; ALTER DATABASE {db} SET search_path = "Own, 50%"',
        None,
    ),
}


@own_session
@pytest.mark.parametrize("found", SCHEMAS)
def test_a_schema_that_will_not_do_is_refused_with_what_mends_it(
    administrator: Connection, postgresql_databases: Databases, found: str
) -> None:
    done, key = SCHEMAS[found]
    url = make_url(postgresql_databases.empty())
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    administrator.execute(text("CREATE ROLE clerk LOGIN"))
    clerk = url.set(username="clerk").render_as_string(False)
    try:
        with owner.connect() as connection:
            for statement in done.split("; "):
                connection.exec_driver_sql(statement.format(db=url.database).replace("%", "%%"))
            if key is not None:
                told = Program(clerk)("init", code=5).err
                assert "search_path" in told or "GRANT" in told
                with pytest.raises(DatabaseUnusable, match=key) as refused:
                    Store.open(clerk, create=True)
                cure = str(refused.value.values.get("cure") or refused.value.values["grant"])
                connection.exec_driver_sql(cure)
                if key in ("schema-unnamed", "schema-quoted"):
                    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS complaints AUTHORIZATION clerk")
                    connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO clerk")
        Program(clerk)("init")
        Program(clerk).log(now=None)
    finally:
        with owner.connect() as connection:
            connection.exec_driver_sql("DROP OWNED BY clerk CASCADE")
        owner.dispose()
        administrator.execute(text("DROP ROLE clerk"))


@own_session
def test_tables_of_the_same_names_elsewhere_are_not_taken_for_ours(postgresql_database: str) -> None:
    number = Program(postgresql_database).log(now=None)["number"]
    owner = create_engine(postgresql_database, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for table in ("complaint", "house", "office"):
            connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS kitchen")
            connection.exec_driver_sql(f"CREATE TABLE kitchen.{table} (recipe text)")
        connection.exec_driver_sql(
            f"ALTER DATABASE {name_of(postgresql_database)} SET search_path = kitchen, public"
        )
    owner.dispose()
    assert [one["number"] for one in Program(postgresql_database)("list", "--json").json] == [number]


def test_a_server_that_is_too_old_is_said_so(
    postgresql_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "LEAST", 99)
    told = Program(postgresql_database)("list", code=5).err
    assert "99 or newer" in told


@own_session
def test_rules_that_are_switched_off_are_said_so(administrator: Connection, postgresql_database: str) -> None:
    administrator.execute(
        text(f"ALTER DATABASE {name_of(postgresql_database)} SET session_replication_role = replica")
    )
    assert "replica" in Program(postgresql_database)("list", code=5).err


# --- who is let in


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"username": "nobody"}, "server-login"),
        ({"database": "nowhere"}, "server-database"),
        ({"service": "unknown"}, "server-service"),
        ({"options": "-c nonsense=1"}, "server-options"),
        ({"target_session_attrs": "standby"}, "server-other"),
        ({"host": "/nowhere"}, "database-unreachable"),
    ],
)
def test_whoever_is_not_let_in_is_told_why(
    postgresql_database: str, change: dict[str, str], said: str
) -> None:
    url = make_url(postgresql_database)
    of_url = {name: value for name, value in change.items() if name in ("username", "database")}
    url = url.set(**of_url)  # type: ignore[arg-type]
    url = url.update_query_dict({name: value for name, value in change.items() if name not in of_url})
    with pytest.raises(DatabaseUnusable, match=said):
        Store.open(url.render_as_string(False))


@own_session
def test_options_of_the_url_that_the_server_takes_work(postgresql_database: str) -> None:
    more = "&options=-csearch_path%3Dpublic%20-cdatestyle%3DGerman&sslmode=prefer&target_session_attrs=any"
    program = Program(f"{postgresql_database}{more}")
    number = program.log("residential", now=None)["number"]
    assert [one["number"] for one in program("list", "--json").json] == [number]


@pytest.mark.parametrize(
    ("url", "instead"),
    [
        ("postgresql://app:secret@a:1,b:2/x?sslmode=require", "app:…@/x?host=a:1&host=b:2&sslmode=require"),
        ("postgres://a:5432,b:5433/x", "///x?host=a:5432&host=b:5433"),
    ],
)
def test_several_servers_in_libpqs_form_are_told_in_ours(url: str, instead: str) -> None:
    with pytest.raises(BadValue, match="several-hosts") as refused:
        Store.open(url)
    assert str(refused.value.values["instead"]).endswith(instead)
    assert "secret" not in str(refused.value)


# --- what the server says


def raising(state: str) -> Callable[[Session], None]:
    def job(session: Session) -> None:
        session.connection().exec_driver_sql(
            f"DO $$ BEGIN RAISE EXCEPTION 'so the server says' USING ERRCODE = '{state}'; END $$"
        )

    return job


# An error of each class that there is (Appendix A of the manual), and those that are told apart.
STATES = sorted(
    {
        *(state if len(state) == 5 else f"{state}001" for state in sqlstates.KEYS),
        *(
            sqlstates.LOCKED,
            *sqlstates.PASSING,
            "08006",
            "53000",
            "57000",
            "58030",
            "58P01",
            "F0001",
            "P0001",
            "XX001",
            "XX002",
        ),
    }
)
# Faults of ours, whatever is said: a syntax, a value, a row that refers to none.
BUGS = (
    "42601",
    "22012",
    "23503",
    *(state for state, key in sqlstates.KEYS.items() if key == sqlstates.ALTERED),
)


def test_what_an_administrator_can_mend_is_never_a_bug(postgresql_database: str) -> None:
    store = Store.open(postgresql_database)

    def read(state: str) -> None:
        with store.read() as session:
            raising(state)(session)

    def write(state: str) -> None:
        store.write(raising(state))

    for state in STATES:
        for ask in (read, write):
            if state in BUGS:
                with pytest.raises(DBAPIError):
                    ask(state)
                continue
            with pytest.raises(DatabaseUnusable) as told:
                ask(state)
            assert told.value.exit_code == 5
            is_back = ask is read and state in sqlstates.TAKEN_BACK
            assert isinstance(told.value, ReadTakenBack) is is_back, state
            for language in LANGUAGES:
                said = message(Words(language), told.value, None)
                assert "{" not in said
                assert "so the server says" in said or told.value.key == "database-locked", said
    for state in ("42601", "22012"):
        with pytest.raises(DBAPIError):
            write(state)
    store.close()


@pytest.mark.parametrize("state", sqlstates.PASSING)
def test_what_passes_is_done_again_and_given_up_in_words(postgresql_database: str, state: str) -> None:
    store, tries = Store.open(postgresql_database), []

    def job(session: Session) -> int:
        tries.append(1)
        if len(tries) < TRIES:
            raising(state)(session)
        return len(tries)

    assert store.write(job) == TRIES
    with pytest.raises(DatabaseLocked, match="database-contended"):
        store.write(raising(state))
    store.close()


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        ("DROP TABLE customer CASCADE", ["customer"]),
        ("ALTER TABLE customer DROP COLUMN phone", ["customer.phone"]),
        ("ALTER TABLE customer ALTER phone TYPE integer USING 1", ["customer.phone"]),
        ("DROP TABLE house CASCADE", ["house"]),
    ],
)
def test_tables_that_a_hand_has_changed_are_named(
    postgresql_database: str, damage: str, named: list[str]
) -> None:
    owner = create_engine(postgresql_database, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql(damage)
    owner.dispose()
    told = Program(postgresql_database)("find", "0812345678", code=5).err
    assert f"({', '.join(named)})" in told


@pytest.mark.parametrize(
    "rule",
    [
        "ADD CONSTRAINT theirs CHECK (subject <> 'ไฟดับทั้งหมู่บ้าน')",
        "ADD COLUMN theirs text NOT NULL",
        "ALTER COLUMN detail SET NOT NULL",
    ],
)
def test_what_a_rule_of_somebody_elses_refuses_is_said_so(postgresql_database: str, rule: str) -> None:
    owner = create_engine(postgresql_database, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE complaint {rule}")
    owner.dispose()
    answer = Program(postgresql_database)(*log_command(), code=5)
    assert "somebody has given it" in answer.err


def test_a_commit_that_nobody_answered_is_not_said_to_be_undone(
    administrator: Connection, postgresql_database: str
) -> None:
    store = Store.open(postgresql_database)

    def job(session: Session) -> None:
        take_serials(session, "2017-03", 1)
        session.flush()
        pid = session.connection().execute(text("SELECT pg_backend_pid()")).scalar_one()
        administrator.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    with pytest.raises(DatabaseUnusable, match="commit-unheard"):
        store.write(job)
    # What was kept of it is asked of the database: here, nothing. A connection that has gone is made anew.
    assert store.write(lambda session: take_serials(session, "2017-03", 1)) == 1
    store.close()


@pytest.mark.own_session("a pooler lets in whom it knows")
def test_a_role_without_rights_is_told_so(administrator: Connection, postgresql_database: str) -> None:
    administrator.execute(text("CREATE ROLE stranger LOGIN"))
    try:
        url = make_url(postgresql_database).set(username="stranger").render_as_string(False)
        for command in (("list",), ("init",), ("log", "--subject", "x")):
            assert "complaint-sla roles" in Program(url)(*command, code=5).err
    finally:
        administrator.execute(text("DROP ROLE stranger"))


@own_session
def test_two_offices_in_schemas_of_one_database_know_nothing_of_each_other(
    postgresql_databases: Databases,
) -> None:
    url = postgresql_databases.empty()
    owner = create_engine(url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.exec_driver_sql("CREATE SCHEMA north; CREATE SCHEMA south")
    owner.dispose()
    north, south = (
        Store.open(f"{url}&options=-csearch_path%3D{one}", create=True) for one in ("north", "south")
    )
    assert north.identity != south.identity
    north.write(lambda session: take_serials(session, "2017-03", 5))
    assert south.write(lambda session: take_serials(session, "2017-03", 1)) == 1
    assert {one.server.schema for one in (north, south) if one.server} == {"north", "south"}
    for one in (north, south):
        one.close()
