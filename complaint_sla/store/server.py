"""What a database on a server is found to be: its encoding, its schemas, whether it is a standby, before anything is kept there.

Where it can't be used as it is, the refusal bears the statement that mends it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from complaint_sla.core.errors import DatabaseUnusable
from complaint_sla.store.postgresql import quoted

ENCODING = "UTF8"
# By these tables a schema is known to be ours.
OURS = {"alembic_version", "complaint"}
# Everybody's schema, in which PostgreSQL before 15 let everybody make tables.
_EVERYBODYS = "public"
_OF_THE_ROLE = "$user"

_LOOK = text("""
SELECT current_setting('server_encoding') AS encoding, current_database()::text AS database, current_user::text AS "user",
       session_user::text AS login, current_setting('search_path') AS path, current_schemas(false)::text[] AS schemas,
       pg_is_in_recovery() AS is_standby, current_setting('synchronous_commit') = 'off' AS is_hasty,
       current_setting('session_replication_role') AS replication
""")
_TABLES = text("""
SELECT nspname::text, relname::text FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = ANY(:schemas) AND relkind IN ('r', 'p')
""")
_THERE = text("SELECT nspname::text FROM pg_namespace WHERE nspname = ANY(:names)")
_MAY_CREATE = text("SELECT has_schema_privilege(oid, 'CREATE') FROM pg_namespace WHERE nspname = :schema")


@dataclass(frozen=True)
class Premises:
    """A database of a server as whoever is connected finds it.

    `path` is the search path as it is set; `tables` are those of each of the `schemas` on it that there are, in its order.
    """

    encoding: str
    database: str
    user: str
    login: str
    path: str
    schemas: Sequence[str]
    is_standby: bool
    is_hasty: bool
    replication: str
    tables: Mapping[str, set[str]]

    @property
    def named(self) -> list[str]:
        """The schemas that the search path names, whether they are there or not."""
        found = re.findall(r'"((?:[^"]|"")*)"|([^",\s]+)', self.path)
        return [quoted_.replace('""', '"') if quoted_ else plain.lower() for quoted_, plain in found]

    @property
    def home(self) -> str | None:
        """The schema of our tables; None if there are none."""
        return next((one for one in self.schemas if self.tables[one] >= OURS), None)


def look(connection: Connection) -> Premises:
    """Raises DatabaseUnusable: `database-encoding`, `triggers-off`."""
    row = connection.execute(_LOOK).one()
    if row.encoding != ENCODING:
        raise DatabaseUnusable(
            "database-encoding",
            encoding=row.encoding,
            # With a locale of the old encoding it could not be made.
            create=f"CREATE DATABASE {quoted(f'{row.database}_utf8')} OWNER {quoted(row.user)} ENCODING 'UTF8' "
            f"LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
            move=f"pg_dump --encoding=UTF8 {row.database} | psql {row.database}_utf8",
        )
    if row.replication != "origin":
        # What refers to what would not be minded.
        raise DatabaseUnusable("triggers-off", value=row.replication, user=row.user)
    # What is PostgreSQL's own nobody keeps anything in.
    schemas = [one for one in row.schemas if not one.startswith("pg_") and one != "information_schema"]
    tables: dict[str, set[str]] = {schema: set() for schema in schemas}
    for schema, name in connection.execute(_TABLES, {"schemas": schemas}):
        tables[schema].add(name)
    return Premises(**{**row._mapping, "schemas": schemas}, tables=tables)  # noqa: SLF001 - public, despite its name


def place(connection: Connection, found: Premises, *, create: bool) -> str:
    """The schema of our tables, or the one where they would be.

    Raises DatabaseUnusable: `schema-missing`, `schema-closed` and, where they are to be made there, `schema-owned`.
    """
    if found.home is not None:
        return found.home
    named = [one for one in found.named if one != _OF_THE_ROLE]
    first = named[0] if named else None
    if not found.schemas:
        _refuse(connection, found, first)
    # As PostgreSQL itself passes over those that are not there.
    schema = found.schemas[0]
    if create and not connection.execute(_MAY_CREATE, {"schema": schema}).scalar():
        if first is not None and first not in found.schemas:
            _refuse(connection, found, first)
        grant = f"GRANT CREATE ON SCHEMA {quoted(schema)} TO {quoted(found.user)}"
        raise DatabaseUnusable("schema-owned", schema=schema, user=found.user, grant=grant)
    return schema


def _refuse(connection: Connection, found: Premises, schema: str | None) -> None:
    # A role that was given no schema keeps its own: the way back to one that is there.
    schema = schema or _EVERYBODYS
    values = {"schema": schema, "user": found.user, "path": found.path or '""'}
    put = f"ALTER ROLE {quoted(found.user)} IN DATABASE {quoted(found.database)} SET search_path = "
    if "," in schema:
        # A list that was quoted as a whole is one name.
        cure = put + ", ".join(quoted(one.strip(' "')) for one in schema.split(","))
        raise DatabaseUnusable("schema-quoted", **values, cure=cure)
    if connection.execute(_THERE, {"names": [schema]}).first() is None:
        cure = f"CREATE SCHEMA {quoted(schema)} AUTHORIZATION {quoted(found.user)}"
        raise DatabaseUnusable("schema-missing", **values, cure=cure)
    if schema in found.named:
        cure = f"GRANT USAGE, CREATE ON SCHEMA {quoted(schema)} TO {quoted(found.user)}"
        raise DatabaseUnusable("schema-closed", **values, cure=cure)
    raise DatabaseUnusable("schema-unnamed", **values, cure=put + quoted(schema))
