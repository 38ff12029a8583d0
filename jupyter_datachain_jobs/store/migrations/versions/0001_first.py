"""The first schema: jobs, moves, attempts, deletions, dispatchers, counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_key = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "jobs",
        sa.Column("number", _key, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("cluster", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("script_path", sa.Text, nullable=False),
        sa.Column("script_location", sa.Text, nullable=False),
        sa.Column("script_sha256", sa.String(64), nullable=False),
        sa.Column("script_size", sa.Integer, nullable=False),
        sa.Column("workers", sa.Integer, nullable=False),
        sa.Column("settings", sa.JSON, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("queued_at", sa.BigInteger),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.Column("cancel_requested_at", sa.BigInteger),
        sa.Column("exit_code", sa.Integer),
        sa.Column("log_size", sa.BigInteger),
        sa.Column("error", sa.JSON),
        sa.Column("progress", sa.JSON),
        sa.Column("report", sa.JSON),
        sa.Column("claim", sa.String(36)),
        sa.Column("settled", sa.Boolean, nullable=False),
    )
    op.create_index("jobs_by_seq", "jobs", ["seq"])
    op.create_index("jobs_by_state", "jobs", ["state", "number"])
    op.create_index("jobs_by_script", "jobs", ["script_path", "number"])
    op.create_index("jobs_unsettled", "jobs", ["settled", "number"])
    op.create_table(
        "moves",
        sa.Column("number", _key, primary_key=True, autoincrement=True),
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("old", sa.String(16)),
        sa.Column("new", sa.String(16), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text),
    )
    op.create_index("moves_by_job", "moves", ["job_id", "number"])
    op.create_table(
        "attempts",
        sa.Column("job_id", sa.String(36), sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("attempt", sa.Integer, primary_key=True),
        sa.Column("claimed_at", sa.BigInteger, nullable=False),
        sa.Column("started_at", sa.BigInteger),
        sa.Column("ended_at", sa.BigInteger),
        sa.Column("exit_code", sa.Integer),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "deleted",
        sa.Column("job_id", sa.String(36), primary_key=True),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_deleted_seq", "deleted", ["seq"])
    op.create_table(
        "dispatchers",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("pid", sa.Integer, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
    )
    counters = op.create_table(
        "counters",
        sa.Column("name", sa.String(32), primary_key=True),
        sa.Column("value", sa.BigInteger, nullable=False),
    )
    op.bulk_insert(counters, [{"name": "seq", "value": 0}])


def downgrade() -> None:
    for table in ("counters", "dispatchers", "deleted", "attempts", "moves", "jobs"):
        op.drop_table(table)
