"""Brings a database to the head revision, inside the transaction of the connection it is given."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from complaint_sla.store.migrations import HEAD
from complaint_sla.store.tables import Table


def script() -> ScriptDirectory:
    """The revisions of this package."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def migrate(connection: Connection, to: str | None = None) -> None:
    """Applies every revision that is missing, up to one; committed or rolled back with the caller's transaction."""
    revisions = script()

    def upgrade(revision: object, _context: object) -> object:
        # As `alembic.command.upgrade` does it, which wants an ini file.
        return revisions._upgrade_revs(to or HEAD, revision)  # type: ignore[arg-type]  # noqa: SLF001

    with EnvironmentContext(Config(), revisions, fn=upgrade, destination_rev=to or HEAD) as environment:
        environment.configure(
            connection=connection,
            target_metadata=Table.metadata,
            transactional_ddl=True,
            render_as_batch=connection.dialect.name == "sqlite",
        )
        with environment.begin_transaction():
            orphans = _orphans(connection)
            environment.run_migrations()
            # While tables are made anew SQLite minds no references. What dangled before is for the audit to name.
            if not _orphans(connection) <= orphans:
                raise AssertionError("the migration took away what other rows refer to")


def differences(connection: Connection) -> list[str]:
    """The tables and columns of today's schema that are not in the database, or not of their kind."""
    found = compare_metadata(
        MigrationContext.configure(connection, opts={"compare_type": True}), Table.metadata
    )
    named: list[str] = []
    for kind, *what in (one[0] if isinstance(one, list) else one for one in found):
        if kind == "add_table":
            named.append(what[0].name)
        elif kind in ("add_column", "modify_type"):
            named.append(f"{what[1]}.{getattr(what[2], 'name', what[2])}")
    return sorted(named)


def _orphans(connection: Connection) -> set[tuple[object, ...]]:
    """Rows that refer to none, as SQLite sees them; PostgreSQL lets there be none."""
    if connection.dialect.name != "sqlite":
        return set()
    return {tuple(row) for row in connection.exec_driver_sql("PRAGMA foreign_key_check")}
