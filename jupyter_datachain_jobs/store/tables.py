"""The tables as the code uses them; `migrations/` builds them, and a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

#: INTEGER PRIMARY KEY in SQLite (an alias of the row id), BIGSERIAL elsewhere.
_Key = BigInteger().with_variant(Integer, "sqlite")

#: Times are whole microseconds since the epoch, UTC: exact, sortable, and the same in every database.
_Time = BigInteger

jobs = Table(
    "jobs",
    metadata,
    Column("number", _Key, primary_key=True, autoincrement=True),
    Column("id", String(36), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("cluster", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("script_path", Text, nullable=False),
    Column("script_location", Text, nullable=False),
    Column("script_sha256", String(64), nullable=False),
    Column("script_size", Integer, nullable=False),
    Column("workers", Integer, nullable=False),
    Column("priority", Integer, nullable=False, server_default="5"),
    Column("rank", BigInteger, nullable=False, server_default="0"),
    Column("not_before", _Time),
    Column("resumed_from", String(36)),
    Column("settings", JSON, nullable=False),
    Column("created_at", _Time, nullable=False),
    Column("queued_at", _Time),
    Column("started_at", _Time),
    Column("finished_at", _Time),
    Column("cancel_requested_at", _Time),
    Column("exit_code", Integer),
    Column("log_size", BigInteger),
    Column("error", JSON(none_as_null=True)),
    Column("progress", JSON(none_as_null=True)),
    Column("report", JSON(none_as_null=True)),
    Column("claim", String(36)),
    Column("settled", Boolean, nullable=False),
    Index("jobs_by_seq", "seq"),
    Index("jobs_by_state", "state", "number"),
    Index("jobs_in_queue", "state", "rank", "number"),
    Index("jobs_by_owner", "owner", "state"),
    Index("jobs_by_due", "not_before"),
    Index("jobs_by_script", "script_path", "number"),
    Index("jobs_unsettled", "settled", "number"),
)

moves = Table(
    "moves",
    metadata,
    Column("number", _Key, primary_key=True, autoincrement=True),
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("old", String(16)),
    Column("new", String(16), nullable=False),
    Column("at", _Time, nullable=False),
    Column("reason", Text),
    Index("moves_by_job", "job_id", "number"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("job_id", String(36), ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("queued_at", _Time),
    Column("claimed_at", _Time, nullable=False),
    Column("started_at", _Time),
    Column("ended_at", _Time),
    Column("exit_code", Integer),
    Column("reason", Text),
    Column("error", JSON(none_as_null=True)),
    Column("log_size", BigInteger),
    Column("report", JSON(none_as_null=True)),
)

#: How long the newest successful runs of each script took, in seconds, oldest first. Outlives the jobs themselves.
runtimes = Table(
    "runtimes",
    metadata,
    Column("script_path", Text, primary_key=True),
    Column("seconds", JSON, nullable=False),
)

#: Deleted jobs, so that a client that was away learns of them when it resumes from a sequence number.
deleted = Table(
    "deleted",
    metadata,
    Column("job_id", String(36), primary_key=True),
    Column("seq", BigInteger, nullable=False, index=True),
)

#: Servers that claim jobs. `beat` grows while one lives; others watch it change on their own clock.
dispatchers = Table(
    "dispatchers",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("beat", BigInteger, nullable=False),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("since", _Time, nullable=False),
)

counters = Table(
    "counters",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("value", BigInteger, nullable=False),
)
