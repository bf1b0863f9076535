"""Going back in a run, editing, and going on: in the real window, bit for bit."""

import numpy as np
import pytest

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.samplers import SAMPLERS
from segpaint.core.runs import branches, player
from segpaint.core.runs.run_state import RunState

STEPS = 12

samplers = pytest.mark.parametrize("sampler", SAMPLERS)


@pytest.fixture
def made_again(tiny_engine):
    """The finished image of a request, made from its first step on."""

    def make(request):
        *_, last = tiny_engine.run(request)
        return to_pixels(last.sample)

    return make


@pytest.fixture
def begun(window, qtbot, settings, hand):
    """A window whose run waits after a step."""

    def begin(steps_taken, **changes):
        settings(**{"steps": STEPS, **changes})
        hand(window, (10, 10), (14, 14))
        session = window.session
        session.begin_paused()
        for taken in range(1, steps_taken + 1):
            if taken > 1:
                session.step()
            qtbot.waitUntil(lambda taken=taken: len(session.trajectory.frames) == taken)
        return session

    return begin


@samplers
def test_a_branch_with_nothing_changed_is_the_identical_image(window, qtbot, settings, finish, sampler):
    settings(steps=STEPS, sampler=sampler)
    session = window.session
    session.generate()
    finish(window)
    parent = session.trajectory.frames
    for index in (0, 5, STEPS - 2):
        session.scrub(index)
        session.branch_off()
        finish(window)
        for frame, other in zip(session.trajectory.frames, parent, strict=True):
            np.testing.assert_array_equal(frame.noisy, other.noisy)
            np.testing.assert_array_equal(frame.denoised, other.denoised)
    assert session.request.changes == ()
    assert len(session.branches) == 4


@samplers
def test_an_edit_before_going_on_makes_a_branch_that_its_request_makes_again(
    window, hand, settings, finish, made_again, sampler
):
    settings(steps=STEPS, sampler=sampler)
    session = window.session
    hand(window, (10, 10), (14, 14))
    session.generate()
    finish(window)
    first = session.trajectory.result.noisy
    session.scrub(4)
    hand(window, (22, 8), (22, 24))
    window.commands["play"].trigger()
    finish(window)
    second = session.trajectory.result.noisy
    assert not np.array_equal(first, second)
    assert [change.step for change in session.request.changes] == [5]
    np.testing.assert_array_equal(second, made_again(session.request))
    child, parent = session.branches.current, session.branches.current.parent
    assert (child.name, parent.name, child.fork) == ("B", "A", 4)
    session.switch_branch(parent.run)
    np.testing.assert_array_equal(session.trajectory.result.noisy, first)
    np.testing.assert_array_equal(first, made_again(session.request))


def test_an_edit_while_the_run_plays_is_followed_from_the_next_step_on(
    window, qtbot, hand, settings, finish, made_again
):
    settings(steps=200)
    session = window.session
    session.generate()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) > 3)
    hand(window, (10, 10), (14, 14))
    qtbot.waitUntil(lambda: len(session.request.changes) == 1)
    window.labels.rows[2].switches["used"].click()
    qtbot.waitUntil(lambda: not session.is_outdated)
    session.document.undo()
    finish(window)
    assert not session.is_outdated
    assert len(session.branches) == 1
    assert len(session.request.changes) >= 2
    np.testing.assert_array_equal(session.trajectory.result.noisy, made_again(session.request))


def test_an_edit_while_the_run_waits_is_followed_when_it_goes_on(begun, window, hand, finish, made_again):
    session = begun(3)
    hand(window, (22, 8), (22, 24))
    window.commands["play"].trigger()
    finish(window)
    assert [change.step for change in session.request.changes] == [3]
    np.testing.assert_array_equal(session.trajectory.result.noisy, made_again(session.request))


def test_edits_can_be_kept_for_the_next_run(begun, window, hand, finish):
    session = begun(3)
    session.follows_edits = False
    hand(window, (22, 8), (22, 24))
    window.commands["back"].trigger()
    window.commands["play"].trigger()
    finish(window)
    assert session.request.changes == ()
    assert session.is_outdated
    assert len(session.branches) == 1


def test_an_unfinished_branch_goes_on_where_it_was_left(begun, window, qtbot, hand, finish, made_again):
    session = begun(6)
    first = session.branches.current.run
    session.scrub(2)
    session.branch_off()
    finish(window)
    second = session.branches.current.run
    session.switch_branch(first)
    assert session.state is RunState.PAUSED
    assert [frame.index for frame in session.trajectory.frames] == [0, 1, 2, 3, 4, 5]
    assert session.trajectory.cursor == 2  # where it was left
    session.look_at_newest()
    window.commands["step"].trigger()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 7)
    window.commands["play"].trigger()
    finish(window)
    np.testing.assert_array_equal(session.trajectory.result.noisy, made_again(session.request))
    session.switch_branch(second)
    assert session.state is RunState.FINISHED


def test_a_branch_from_before_its_parent_began_is_the_grandparents(begun, window, finish):
    session = begun(6)
    session.branch_off()
    finish(window)
    child = session.branches.current
    session.scrub(1)
    session.branch_off()
    finish(window)
    assert session.branches.current.parent is child.parent
    assert session.branches.current.fork == 1


def test_nothing_can_be_branched_off_the_last_step(window, finish):
    session, errors = window.session, []
    session.failed.connect(errors.append)
    session.generate()
    finish(window)
    session.branch_off()
    assert len(session.branches) == 1
    assert "go back to an earlier one" in str(errors[0])


def test_a_new_run_and_another_checkpoint_forget_the_branches(begun, window, qtbot, finish):
    session = begun(6)
    session.branch_off()
    finish(window)
    session.generate()
    finish(window)
    assert [branch.name for branch in session.branches] == ["A"]
    session.open_checkpoint(session.document.checkpoint)
    assert len(session.branches) == 0
    qtbot.waitUntil(lambda: session.is_ready, timeout=30_000)


def test_branches_of_a_thousand_steps_are_exact_within_a_small_budget(
    window, qtbot, settings, finish, made_again, monkeypatch
):
    monkeypatch.setattr(player, "STEP_BUDGET", 200_000)
    monkeypatch.setattr(branches, "BUDGET", 60_000)
    settings(steps=1000, sampler="ddpm")
    session = window.session
    session.generate()
    finish(window, timeout=120_000)
    frames = session.trajectory.frames
    assert len(frames) < 60
    assert (frames[0].index, frames[-1].index) == (0, 999)
    straight = session.trajectory.result.noisy
    session.scrub(707)
    assert session.trajectory.cursor <= 707
    session.branch_off()
    finish(window, timeout=120_000)
    np.testing.assert_array_equal(session.trajectory.result.noisy, straight)


def test_two_hundred_branches_from_random_steps(window, qtbot, settings, finish):
    settings(steps=8)
    session, errors = window.session, []
    session.failed.connect(errors.append)
    session.generate()
    finish(window)
    chance = np.random.default_rng(0)
    runs = [session.branches.current.run]
    for _ in range(200):
        session.switch_branch(int(chance.choice(runs)))
        session.scrub(int(chance.integers(7)))
        session.document.set_label(int(chance.choice([1, 2, 4])), used=bool(chance.random() < 0.5))
        if not session.trajectory.current.is_last:
            session.branch_off()
            runs.append(session.branches.current.run)
        if chance.random() < 0.3:
            qtbot.wait(2)
    session.toggle_play()
    qtbot.waitUntil(lambda: session.state is not RunState.RUNNING, timeout=20_000)
    assert errors == []
    assert len(session.branches) == len(runs)


def test_play_at_the_end_of_a_finished_branch_keeps_the_branches(begun, window, qtbot, finish):
    session = begun(3)
    session.scrub(0)
    session.branch_off()
    finish(window)
    assert len(session.branches) == 2
    window.commands["play"].trigger()
    qtbot.wait(50)
    assert len(session.branches) == 2
    assert session.state is RunState.FINISHED
