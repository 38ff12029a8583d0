"""The table of legal moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_datachain_jobs.domain import FINAL, MEANING, TRANSITIONS, IllegalMove, State, check_move


def test_every_state_has_a_row_and_a_meaning() -> None:
    assert set(TRANSITIONS) == set(State)
    assert set(MEANING) == set(State)


def test_final_states_lead_nowhere_and_all_others_lead_on() -> None:
    for state in State:
        assert bool(TRANSITIONS[state]) is (state not in FINAL)


def test_nothing_starts_in_a_final_state_and_every_final_state_can_be_reached() -> None:
    reached, front = {State.CREATED}, [State.CREATED]
    while front:
        for new in TRANSITIONS[front.pop()] - reached:
            reached.add(new)
            front.append(new)
    assert reached == set(State)


def test_a_stopped_job_always_ends() -> None:
    assert TRANSITIONS[State.CANCELING] == FINAL


@given(st.sampled_from(State), st.sampled_from(State))
def test_check_move_is_the_table(old: State, new: State) -> None:
    if new in TRANSITIONS[old]:
        check_move("a job", old, new)
    else:
        with pytest.raises(IllegalMove) as caught:
            check_move("a job", old, new)
        assert caught.value.code == "illegal_move"
        assert old in caught.value.message
        assert new in caught.value.message
