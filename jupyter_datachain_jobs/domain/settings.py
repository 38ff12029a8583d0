"""How a job runs: the run settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RunSettings:
    """What the user chose for a run.

    workers: worker slots that the job occupies, and UDF processes that it may use (>= 1).
    parameters: reach the script as ``datachain.query.params.param(name)``.
    """

    workers: int = 1
    parameters: Mapping[str, str] = field(default_factory=dict)
