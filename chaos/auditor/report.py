"""All rules, over all jobs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .datasets import datasets
from .evidence import Evidence, Violation
from .files import files
from .history import history
from .leftovers import leftovers
from .verdict import verdict

__all__ = ["audit", "leftovers"]


def audit(evidence: Evidence) -> list[Violation]:
    """Every rule that does not hold, but for those of `leftovers`: what is left may need a moment to go."""
    evidence.read()
    found = list(_complete(evidence))
    for job in evidence.jobs:
        if job.id not in evidence.rows:
            continue
        for rule in (history, verdict, files):
            found += [Violation(kind, job.name, what) for kind, what in rule(evidence, job)]
    found += [Violation("dataset", name, what) for name, what in datasets(evidence)]
    return found


def _complete(evidence: Evidence) -> Iterator[Violation]:
    """Submitted is recorded, and recorded is submitted; nothing holds a slot."""
    for job in evidence.jobs:
        if job.id not in evidence.rows:
            yield Violation("lost_job", job.name, f"submitted as {job.id or '(no answer)'}, and not in the database")
    names = Counter(row["name"] for row in evidence.rows.values())
    for name, count in names.items():
        if count > 1:
            yield Violation("doubled_job", name, f"is in the database {count} times")
    known = {job.id for job in evidence.jobs}
    for job_id, row in evidence.rows.items():
        if job_id not in known:
            yield Violation("unknown_job", row["name"], f"{job_id} was submitted by nobody")
        if row["state"] in ("INIT", "RUNNING", "CANCELING"):
            yield Violation("slot", row["name"], f"holds {row['workers']} worker slots in {row['state']}")
