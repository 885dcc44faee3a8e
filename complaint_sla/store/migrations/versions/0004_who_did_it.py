"""Who did it, as the machine and the database server know them; numbers, letters and the journal held together by hashes."""

import secrets

import sqlalchemy as sa
from alembic import op

from complaint_sla.store.migrations.handers import name_handers
from complaint_sla.store.migrations.numbers import link_numbers
from complaint_sla.store.types import Moment

revision = "0004_who_did_it"
down_revision = "0003_the_truth"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _whom_the_server_knows("event", "journal")
    op.add_column("staff", sa.Column("login", sa.String(), nullable=True))
    op.create_index("ix_staff_login", "staff", ["login"], unique=True)
    op.add_column("house", sa.Column("salt", sa.String(), nullable=False, server_default=""))
    op.execute(sa.text("UPDATE house SET salt = :salt").bindparams(salt=secrets.token_hex(16)))
    # As SQL, since Alembic would make SQLite's largest table anew for what SQLite can add to it.
    op.execute(
        "ALTER TABLE complaint ADD COLUMN came_from_id INTEGER"
        " CONSTRAINT fk_complaint_came_from_id_office REFERENCES office (id)"
    )
    op.add_column(
        "complaint",
        sa.Column("erase_at_end", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_customer_email", "customer", ["email"])
    _partial("ix_complaint_erase_at_end", "id", "erase_at_end")
    _partial(
        "ix_complaint_worded", "closed_at", "closed_at IS NOT NULL AND (subject <> '' OR outcome IS NOT NULL)"
    )
    op.add_column("message", sa.Column("digest", sa.String(), nullable=True))
    op.add_column("message", sa.Column("unheard_at", Moment(), nullable=True))
    op.add_column("message", sa.Column("entry", sa.Integer(), nullable=True))
    is_unentered = sa.text("state = 'sent' AND entry IS NULL")
    op.create_index(
        "ix_message_unentered",
        "message",
        ["id"],
        sqlite_where=is_unentered,
        postgresql_where=is_unentered,
    )
    op.add_column("heartbeat", sa.Column("locked", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("counter", sa.Column("head", sa.String(), nullable=False, server_default=""))
    link_numbers(op.get_bind())
    name_handers(op.get_bind())


def _partial(name: str, column: str, where: str) -> None:
    """An index of those complaints only of which `where` is true."""
    condition = sa.text(where)
    op.create_index(name, "complaint", [column], sqlite_where=condition, postgresql_where=condition)


def _whom_the_server_knows(*tables: str) -> None:
    """Filled by the server, not by who writes; SQLite has none."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for table in tables:
        op.add_column(table, sa.Column("server_user", sa.String(), nullable=True))
        # After the column, or the server would put today's user to what others did.
        if is_postgresql:
            op.alter_column(table, "server_user", server_default=sa.text("session_user"))
