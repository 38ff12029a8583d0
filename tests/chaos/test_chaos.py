"""A few rounds of the fault suite; `make chaos N=200` runs many."""

from __future__ import annotations

import secrets

import pytest

from chaos import plan, suite

#: A round of this seed for each group of faults: servers, supervisors, users, a full disk.
SEED = 173


@pytest.mark.parametrize(
    ("seed", "numbers"),
    [(SEED, (0, 3, 4, 6, 10, 15, 42, 64)), (secrets.randbelow(1_000_000), (0, 1))],
    ids=["chosen", "random"],
)
def test_no_rule_is_broken(seed: int, numbers: tuple[int, ...]) -> None:
    outcome = suite.run(seed, numbers)
    print(outcome.report())
    assert not outcome.violations, outcome.report()
    assert outcome.rounds == len(numbers)
    assert outcome.jobs.total() == outcome.states.total()


def test_a_seed_says_everything(tmp_path: object) -> None:
    first, again = (plan.plan(7, 3, tmp_path) for _ in range(2))  # type: ignore[arg-type]
    assert first == again
    assert plan.plan(7, 4, tmp_path) != first  # type: ignore[arg-type]
