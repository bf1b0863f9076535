"""How many steps a draft takes on machines of any speed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.runs.draft_pace import AIM, AT_FIRST, FEWEST, SLACK, DraftPace

step_seconds = st.floats(1e-4, 10)


def test_before_anything_was_measured_a_draft_has_a_few_steps():
    assert DraftPace().steps(20) == AT_FIRST
    assert DraftPace().steps(3) == 3


@given(step_seconds, st.integers(1, 1000))
def test_a_draft_takes_about_half_a_second_wherever_that_is_possible(seconds, most):
    pace = DraftPace()
    for _ in range(5):
        pace.took(seconds)
    steps = pace.steps(most)
    assert 1 <= steps <= most
    if steps > FEWEST:
        # Beyond the slack only by the rounding to whole steps.
        assert steps * seconds <= AIM * SLACK + seconds
    if steps < most:
        assert (steps + 1) * seconds * SLACK >= AIM


@given(st.lists(step_seconds, min_size=1, max_size=30))
def test_one_slow_step_does_not_change_the_number(times):
    pace = DraftPace()
    for seconds in [*times, *[0.05] * 5]:
        pace.took(seconds)
    before = pace.steps(1000)
    pace.took(30.0)
    assert pace.steps(1000) == before


def test_a_machine_keeps_up_if_a_draft_takes_less_than_a_second():
    quick, slow = DraftPace(), DraftPace()
    quick.took(0.05)
    slow.took(2.0)
    assert quick.keeps_up
    assert not slow.keeps_up


@pytest.mark.parametrize(("seconds", "steps"), [(0.1, 2), (0.03, 2), (0.02, 4), (0.001, 4)])
def test_long_steps_are_so_few_that_no_wait_is_felt(seconds, steps):
    pace = DraftPace()
    assert pace.long_steps(20) == 2
    pace.took(seconds)
    assert pace.long_steps(20) == steps
    assert pace.long_steps(1) == 1
    assert pace.keeps_up
