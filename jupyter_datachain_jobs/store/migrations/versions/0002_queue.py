"""The queue: ranks, retries, what each attempt came to, and how long scripts run."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("jobs", sa.Column("priority", sa.Integer, nullable=False, server_default="5"))
    op.add_column("jobs", sa.Column("rank", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("jobs", sa.Column("not_before", sa.BigInteger))
    op.add_column("jobs", sa.Column("resumed_from", sa.String(36)))
    op.create_index("jobs_in_queue", "jobs", ["state", "rank", "number"])
    op.create_index("jobs_by_owner", "jobs", ["owner", "state"])
    op.create_index("jobs_by_due", "jobs", ["not_before"])
    op.add_column("attempts", sa.Column("queued_at", sa.BigInteger))
    op.add_column("attempts", sa.Column("error", sa.JSON(none_as_null=True)))
    op.add_column("attempts", sa.Column("log_size", sa.BigInteger))
    op.add_column("attempts", sa.Column("report", sa.JSON(none_as_null=True)))
    op.create_table(
        "runtimes",
        sa.Column("script_path", sa.Text, primary_key=True),
        sa.Column("seconds", sa.JSON, nullable=False),
    )
