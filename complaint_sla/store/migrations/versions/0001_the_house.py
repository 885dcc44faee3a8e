"""The house: offices and people, books, complaints and their events, the ledger of alerts, the outbox."""

import sqlalchemy as sa
from alembic import op

from complaint_sla.store.types import Moment

revision = "0001_the_house"
down_revision = None
branch_labels = None
depends_on = None


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "book",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("book_id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("holidays", sa.Text(), nullable=False),
        sa.Column("first_used_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_book")),
        sa.UniqueConstraint("book_id", name=op.f("uq_book_book_id")),
    )
    op.create_table(
        "counter",
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_counter")),
    )
    op.create_table(
        "figure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("frozen_at", Moment(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("cases", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure")),
        sa.UniqueConstraint("quarter", "version", name=op.f("uq_figure_quarter_version")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("ran_at", Moment(), nullable=False),
        sa.Column("succeeded_at", Moment(), nullable=True),
        sa.Column("fault", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_heartbeat")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("occasion", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_tried_at", Moment(), nullable=True),
        sa.Column("not_before", Moment(), nullable=False),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("lease_token", sa.String(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("kind", "occasion", "recipient", name=op.f("uq_message_kind_occasion_recipient")),
        sa.UniqueConstraint("message_id", name=op.f("uq_message_message_id")),
    )
    _partial_index("ix_message_pending", "message", ["not_before", "id"], "state IN ('waiting', 'sending')")
    op.create_index("ix_message_recipient", "message", ["recipient", "state"])
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_th", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["office.id"], name=op.f("fk_office_parent_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("code", name=op.f("uq_office_code")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("retired_at", Moment(), nullable=True),
        sa.Column("failed_at", Moment(), nullable=True),
        sa.Column("failure", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["deputy_id"], ["staff.id"], name=op.f("fk_staff_deputy_id_staff")),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_staff_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("group", sa.String(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_search", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("received_at", Moment(), nullable=False),
        sa.Column("recorded_at", Moment(), nullable=False),
        sa.Column("book", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", Moment(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.Column("breached_at", Moment(), nullable=True),
        sa.Column("closed_at", Moment(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", Moment(), nullable=True),
        sa.Column("responded_at", Moment(), nullable=True),
        sa.Column("duplicate_of_id", sa.Integer(), nullable=True),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("alerted_through", Moment(), nullable=True),
        sa.Column("next_alert_at", Moment(), nullable=True),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(status = 'open') = (closed_at IS NULL)", name=op.f("ck_complaint_ended_has_moment")
        ),
        sa.CheckConstraint(
            "status = 'open' OR next_alert_at IS NULL", name=op.f("ck_complaint_ended_is_silent")
        ),
        sa.ForeignKeyConstraint(["book"], ["book.digest"], name=op.f("fk_complaint_book_book")),
        sa.ForeignKeyConstraint(
            ["duplicate_of_id"], ["complaint.id"], name=op.f("fk_complaint_duplicate_of_id_complaint")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_complaint_office_id_office")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_complaint_owner_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
        sa.UniqueConstraint("external_id", name=op.f("uq_complaint_external_id")),
        sa.UniqueConstraint("number", name=op.f("uq_complaint_number")),
    )
    op.create_index("ix_complaint_due_at_id", "complaint", ["due_at", "id"])
    op.create_index(
        "ix_complaint_figure",
        "complaint",
        [
            *("month", "office_id", "group", "rule", "category", "channel"),
            *("status", "breached_at", "closed_at", "due_at"),
        ],
    )
    _partial_index("ix_complaint_next_alert_at", "complaint", ["next_alert_at"], "next_alert_at IS NOT NULL")
    _partial_index("ix_complaint_open_due_at", "complaint", ["due_at", "id"], "status = 'open'")
    op.create_index("ix_complaint_owner_id", "complaint", ["owner_id"])
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("stands_for", sa.Integer(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("roles", sa.String(), nullable=False),
        sa.Column("stage_at", Moment(), nullable=False),
        sa.Column("raised_at", Moment(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_alert_complaint_id_complaint")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_alert_message_id_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sa.UniqueConstraint(
            "complaint_id",
            "generation",
            "stage",
            "occurrence",
            "recipient",
            name=op.f("uq_alert_complaint_id_generation_stage_occurrence_recipient"),
        ),
    )
    _partial_index("ix_alert_message_id", "alert", ["message_id"], "message_id IS NOT NULL")
    _partial_index("ix_alert_unalertable", "alert", ["recipient", "complaint_id"], "state = 'unalertable'")
    _partial_index("ix_alert_waiting", "alert", ["recipient", "complaint_id"], "state = 'waiting'")
    op.create_table(
        "customer",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("name_search", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("account", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_customer_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk_customer")),
    )
    op.create_index("ix_customer_account", "customer", ["account"])
    op.create_index("ix_customer_phone", "customer", ["phone"])
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk_event_complaint_id_complaint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("complaint_id", "seq", name=op.f("uq_event_complaint_id_seq")),
    )
    op.create_index("ix_event_kind_happened_at", "event", ["kind", "happened_at"])
    op.bulk_insert(
        sa.table("office", sa.column("code"), sa.column("name_th"), sa.column("name_en")),
        [{"code": "MAIN", "name_th": "สำนักงานหลัก", "name_en": "Main office"}],
    )
