"""A round that nothing happened to, kept as files, for tests that then spoil it."""

from __future__ import annotations

import asyncio
import random
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from support.spoil import Round

from chaos.auditor import Evidence
from chaos.jobs import make
from chaos.plan import Plan
from chaos.rounds import play
from chaos.world import World, until


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    """The data of a round of one job of each kind that matters here; its server has stopped."""
    kept = tmp_path_factory.mktemp("round")

    async def run() -> Evidence:
        world = World()
        try:
            await world.open()
            rng = random.Random(5)
            jobs = tuple(
                make(rng, kind, f"r0-{i}-{kind}", world.truth)
                for i, kind in enumerate(("slow", "flaky", "failing", "dataset", "long"))
            )
            for job in jobs:
                job.settings.pop("retries" if job.kind != "flaky" else "", None)
                job.settings.pop("workers", None)
            jobs[1].settings["retries"] = {"count": 3, "backoff": 0}
            done = await play(world, Plan(0, jobs, (), ()))
            assert not done.problems
            await until(lambda: not world.query("SELECT 1 FROM jobs WHERE NOT settled"), "all settled")
            await asyncio.to_thread(world.first.stop)
            for name, folder in (("data", world.data_dir), ("datachain", world.datachain), ("truth", world.truth)):
                shutil.copytree(folder, kept / name)
            return Evidence(kept / "data", kept / "datachain", kept / "run", jobs)
        finally:
            await world.close()

    return asyncio.run(run())


@pytest.fixture
def spoiled(played: Evidence, tmp_path: Path) -> Round:
    """A copy to spoil. The name says what tests do with it."""
    for folder in (played.data_dir, played.datachain, played.data_dir.parent / "truth"):
        shutil.copytree(folder, tmp_path / folder.name)
    (tmp_path / "run").mkdir()
    jobs = [
        replace(job, truth=tmp_path / "truth" / job.name, acts=list(job.acts), log=dict(job.log)) for job in played.jobs
    ]
    return Round(Evidence(tmp_path / "data", tmp_path / "datachain", tmp_path / "run", jobs))
