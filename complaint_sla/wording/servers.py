"""The words of errors about a server of PostgreSQL: what its administrator mends, with the statement that does it."""

from __future__ import annotations

from collections.abc import Mapping

from complaint_sla.wording.words import N_

# Errors by their key, as `messages` has them. `problem` is what the server said.
ERRORS: Mapping[str, str] = {
    # as it is set up
    "database-encoding": N_(
        "This database keeps its texts in {encoding}, which can't hold everything that people write. It must be UTF8, and that "
        "is settled when it is made: {create}; then name that one with --db. What is in this one moves there by: {move}."
    ),
    "server-old": N_(
        "The server is PostgreSQL {version}, and this needs {least} or newer. Upgrade the server, or name another with --db."
    ),
    "triggers-off": N_(
        "session_replication_role is {value} for the role {user}: nothing would mind what refers to what. Take that back: ALTER "
        "ROLE … RESET session_replication_role, or where else it is set."
    ),
    "schema-missing": N_(
        "There is no schema {schema}, which is named by the search_path of the role {user} ({path}). Make it, as an "
        "administrator: {cure}; or name another: ALTER ROLE … SET search_path."
    ),
    "schema-closed": N_(
        "The role {user} may not use the schema {schema}, which its search_path names ({path}). Let it, as an administrator: "
        "{cure}."
    ),
    "schema-unnamed": N_(
        "The search_path of the role {user} names no schema ({path}). Name one, as an administrator: {cure}."
    ),
    "schema-quoted": N_(
        "The search_path of the role {user} is one name with a comma in it ({path}), and there is no such schema. Without the "
        "quotes it is a list: {cure}; where it is set for the database or the server, change it there."
    ),
    "schema-owned": N_(
        "The role {user} may not make tables in the schema {schema}. Let it, as an administrator: {grant}; or give it a schema "
        "of its own: CREATE SCHEMA AUTHORIZATION …."
    ),
    "schema-gone": N_(
        "The schema of the tables is not there any more: {problem}. Nothing was changed. See the role's search_path, and who "
        "may use the schema."
    ),
    # who asks
    "server-login": N_(
        "The server does not let this login in: {problem}. Look at the name in the database's URL, and at the password in "
        "PGPASSFILE (~/.pgpass) or PGPASSWORD."
    ),
    "server-database": N_(
        "The server has no such database: {problem}. Name the right one with --db, or make it, as an administrator: CREATE "
        "DATABASE … OWNER … ENCODING 'UTF8' TEMPLATE template0."
    ),
    "server-closed": N_(
        "The server's rules (pg_hba.conf) don't let this machine in: {problem}. Its administrator adds a line for the database, "
        "the role and this address; where it wants encryption, add ?sslmode=require to the URL."
    ),
    "server-tls": N_(
        "The encryption of the connection can't be agreed on: {problem}. Look at sslmode and sslrootcert in the database's URL."
    ),
    "server-options": N_(
        "The server, or a pooler before it, refuses a setting that comes with the connection: {problem}. Take it out of the URL "
        "(options=…) and PGOPTIONS, or let the pooler pass it over (pgbouncer: ignore_startup_parameters)."
    ),
    "server-other": N_(
        "None of the servers that the URL names is of the kind that it asks for (target_session_attrs): {problem}."
    ),
    "server-service": N_("The service that the database's URL or PGSERVICE names is not known: {problem}."),
    # what it takes no more
    "server-standby": N_(
        "{url} is a standby, which only follows another server and takes no writes. Work at the primary: name it with --db, or "
        "all of them with ?target_session_attrs=read-write."
    ),
    "server-read-only": N_(
        "The server takes no writes ({problem}): it is a standby, or set to read only. Work at the primary, or take it back: "
        "ALTER DATABASE … RESET default_transaction_read_only, or of the role."
    ),
    "server-connections": N_(
        "The server takes no more connections: {problem}. Try again; its administrator raises max_connections or the role's "
        "limit, or puts a pooler before it."
    ),
    "server-full": N_(
        "The server is out of what it needs: {problem}. Nothing was changed; tell its administrator."
    ),
    "server-disk": N_(
        "The server's disk is full: {problem}. Nothing was changed; its administrator makes room."
    ),
    "server-memory": N_(
        "The server is out of memory: {problem}. Nothing was changed; its administrator looks at work_mem, "
        "max_locks_per_transaction and who else is there."
    ),
    "server-limit": N_(
        "The server's limit for this login is reached: {problem}. Nothing was changed; its administrator raises it "
        "(temp_file_limit)."
    ),
    "server-disk-fault": N_(
        "The server can't read or write what it keeps: {problem}. Nothing was changed. Its administrator looks into its log, and "
        "brings back the last backup if files are damaged."
    ),
    "server-refuses": N_(
        "The server, or a rule that somebody has given it, refuses that: {problem}. Nothing was changed; its administrator knows "
        "why."
    ),
    "server-starting": N_("The server is just starting or stopping: {problem}. Try again in a minute."),
    "server-cancelled": N_(
        "The server was told to break this off: {problem}. Nothing was changed. If nobody did it by hand, a limit for statements "
        "or transactions is set for this login, at the server or a pooler."
    ),
    "server-lost": N_("The connection to the server was ended: {problem}. Nothing was changed; try again."),
    "commit-unheard": N_(
        "The connection went while the server was told to keep what was done, and it has not answered: look whether it was done "
        "before you do it again."
    ),
    # what is in the way
    "database-contended": N_(
        "Others were in the way each time that this was tried ({problem}), and nothing was changed. Try again; if it stays so, "
        "see who it is: complaint-sla doctor."
    ),
    "read-taken-back": N_(
        "The server ended the reading each time that it was tried: {problem}. A standby does so when it must replay what takes "
        "the rows away: hot_standby_feedback = on lets the primary keep them, max_standby_streaming_delay lets the standby wait; "
        "or read from the primary."
    ),
    # what a hand has done
    "database-altered": N_(
        "The tables are not as this program made them ({names}): somebody has dropped or changed them. Nothing was changed now. "
        "Bring back the last backup, or what was dropped."
    ),
    "database-text": N_(
        "The server can't keep or give a text in its encoding: {problem}. The database must be UTF8; see complaint-sla doctor."
    ),
}
