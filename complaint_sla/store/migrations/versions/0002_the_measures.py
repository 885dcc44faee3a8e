"""The measures: a frozen figure says of which one it is. Until now there was only the closure rate."""

import sqlalchemy as sa
from alembic import op

revision = "0002_the_measures"
down_revision = "0001_the_house"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("figure") as figure:
        figure.add_column(sa.Column("measure", sa.String(), nullable=False, server_default="complaints"))
        figure.drop_constraint(op.f("uq_figure_quarter_version"), type_="unique")
        figure.create_unique_constraint(
            op.f("uq_figure_measure_quarter_version"), ["measure", "quarter", "version"]
        )
    with op.batch_alter_table("figure") as figure:
        figure.alter_column("measure", server_default=None)
