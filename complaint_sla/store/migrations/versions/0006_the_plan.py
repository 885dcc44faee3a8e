"""The whole plan: what was entered of its measures, and the surveys that feed some of them."""

import sqlalchemy as sa
from alembic import op

from complaint_sla.store.types import Day

revision = "0006_the_plan"
down_revision = "0005_at_the_counter"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("office", sa.Column("class", sa.String(), nullable=True))
    op.create_table(
        "reading",
        sa.Column(
            "seq",
            sa.Integer(),
            sa.ForeignKey("journal.seq", name=op.f("fk_reading_seq_journal")),
            nullable=False,
            autoincrement=False,
        ),
        _office("reading"),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=True),
        sa.Column("d", sa.BigInteger(), nullable=True),
        sa.Column("dated", Day(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_reading")),
    )
    op.create_index("ix_reading_period", "reading", ["period", "office_id", "measure"])
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        _office("request"),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("finished_on", Day(), nullable=False),
        sa.Column("left_out", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("office_id", "reference", name=op.f("uq_request_office_id_reference")),
    )
    op.create_index("ix_request_finished", "request", ["service", "finished_on", "office_id"])
    worded = sa.text("name IS NOT NULL OR phone IS NOT NULL")
    op.create_index(
        "ix_request_worded", "request", ["finished_on"], sqlite_where=worded, postgresql_where=worded
    )
    op.create_table(
        "drawn",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("survey", sa.String(), nullable=False),
        sa.Column(
            "request_id",
            sa.Integer(),
            sa.ForeignKey("request.id", name=op.f("fk_drawn_request_id_request")),
            nullable=False,
        ),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("asked_on", Day(), nullable=True),
        sa.Column("asked", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drawn")),
        sa.UniqueConstraint("survey", "request_id", name=op.f("uq_drawn_survey_request_id")),
    )
    waiting = sa.text("outcome IS NULL")
    op.create_index(
        "ix_drawn_waiting",
        "drawn",
        ["survey", "request_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_table(
        "lot",
        sa.Column("id", sa.Integer(), nullable=False),
        _office("lot"),
        sa.Column("survey", sa.String(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("drawn", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint(
            "office_id", "survey", "service", "period", name=op.f("uq_lot_office_id_survey_service_period")
        ),
    )
    op.create_table(
        "listed",
        sa.Column("id", sa.Integer(), nullable=False),
        _office("listed"),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("since", Day(), nullable=False),
        sa.Column("through", Day(), nullable=False),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listed")),
        sa.UniqueConstraint("office_id", "service", name=op.f("uq_listed_office_id_service")),
    )


def _office(table: str) -> sa.Column[int]:
    key = sa.ForeignKey("office.id", name=op.f(f"fk_{table}_office_id_office"))
    return sa.Column("office_id", sa.Integer(), key, nullable=False)
