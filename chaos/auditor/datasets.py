"""DataChain's database: every dataset version is complete or gone, and its job's row is final."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from chaos.jobs import Job
from jupyter_datachain_jobs.results.catalog import STATUS

from .evidence import Evidence

#: `datachain.data_storage.JobStatus`
JOB_STATUS = {4: "RUNNING", 5: "COMPLETE", 6: "FAILED", 8: "CANCELED"}


def datasets(evidence: Evidence) -> Iterator[tuple[str, str]]:
    """(job's name, what is wrong)."""
    path = evidence.datachain / ".datachain" / "db"
    if not path.exists():
        return
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)
    try:
        for job in evidence.jobs:
            if job.id in evidence.rows:
                yield from ((job.name, what) for what in _row(connection, evidence, job))
                if job.dataset:
                    yield from ((job.name, what) for what in _versions(connection, evidence, job))
    finally:
        connection.close()


def _row(connection: sqlite3.Connection, evidence: Evidence, job: Job) -> Iterator[str]:
    row = evidence.rows[job.id]
    if not row["settled"]:
        yield "its end was never told to DataChain"
        return
    found = connection.execute("SELECT status FROM jobs WHERE id = ?", (job.id,)).fetchone()
    if found is None:
        # Before its first attempt DataChain need not know it, nor where the start failed.
        if row["started_at"] is not None:
            yield "DataChain has no row of it"
    elif row["attempt"] and JOB_STATUS.get(found[0], found[0]) != row["state"]:
        yield f"DataChain says {JOB_STATUS.get(found[0], found[0])}, and we {row['state']}"


def _versions(connection: sqlite3.Connection, evidence: Evidence, job: Job) -> Iterator[str]:
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE ? ESCAPE '\\'",
            ("ds\\_%" + job.dataset.replace("_", "\\_") + "\\_%",),
        )
    }
    query = (
        "SELECT dv.version, dv.status, dv.num_objects FROM datasets_versions dv "
        "JOIN datasets d ON d.id = dv.dataset_id WHERE d.name = ?"
    )
    complete = 0
    for version, status, count in connection.execute(query, (job.dataset,)).fetchall():
        table = f"ds_local_local_{job.dataset}_{version.replace('.', '_')}"
        if STATUS.get(status) != "COMPLETE":
            yield f"version {version} of {job.dataset} is {STATUS.get(status, status)}"
        elif table not in tables:
            yield f"version {version} of {job.dataset} is complete and has no rows"
        else:
            rows = connection.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]
            if not rows == count == job.rows:
                yield f"version {version} of {job.dataset} has {rows} rows, says {count}, and should have {job.rows}"
            complete += 1
        tables.discard(table)
    for table in tables:
        yield f"{table} belongs to no version"
    if evidence.rows[job.id]["state"] == "COMPLETE" and not complete:
        yield f"{job.dataset} is missing, and the job is COMPLETE"
