"""What looks the same is found by the same words, however it was typed."""

from alembic import op

from complaint_sla.store.migrations.folded import fold_again

revision = "0005_at_the_counter"
down_revision = "0004_who_did_it"
branch_labels = None
depends_on = None


def upgrade() -> None:
    fold_again(op.get_bind())
