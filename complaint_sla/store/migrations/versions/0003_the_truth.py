"""The office's truth stands in its database: what it is, its books as published, its own journal."""

import uuid

import sqlalchemy as sa
from alembic import op

from complaint_sla.store.types import Moment

revision = "0003_the_truth"
down_revision = "0002_the_measures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    house = op.create_table(
        "house",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rehearsal", sa.Boolean(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house")),
    )
    # Whatever was there before was used for real; a new one is told what it is by whoever makes it.
    op.bulk_insert(
        house, [{"id": 1, "rehearsal": False, "identity": uuid.uuid4().hex, "events": 0, "head": ""}]
    )
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("system_user", sa.String(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("salt", sa.String(), nullable=True),
        sa.Column("words_digest", sa.String(), nullable=True),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    # Books that complaints have pinned are in force; plans and settings were in no database yet.
    with op.batch_alter_table("book") as book:
        book.add_column(sa.Column("kind", sa.String(), nullable=False, server_default="book"))
        book.add_column(sa.Column("replaced_at", Moment(), nullable=True))
        book.alter_column("first_used_at", new_column_name="published_at")
        book.drop_constraint(op.f("uq_book_book_id"), type_="unique")
    with op.batch_alter_table("book") as book:
        book.alter_column("kind", server_default=None)
    in_force = sa.text("replaced_at IS NULL")
    op.create_index(
        "ix_book_in_force",
        "book",
        ["kind", "book_id"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
    op.add_column("figure", sa.Column("voided_at", Moment(), nullable=True))
    is_settled = sa.text("status = 'open' AND alerted_through IS NOT NULL")
    op.create_index(
        "ix_complaint_open_alerted_through",
        "complaint",
        ["alerted_through"],
        sqlite_where=is_settled,
        postgresql_where=is_settled,
    )
    op.add_column("heartbeat", sa.Column("machine", sa.String(), nullable=True))
