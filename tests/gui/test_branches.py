"""Going back in a run, editing, and going on: bit for bit."""

import numpy as np
import pytest

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.requests.sampling import SAMPLERS
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
def begun(loaded, qtbot, settings, paint):
    """A studio whose run waits after a step."""

    def begin(steps_taken, **changes):
        settings(**{"steps": STEPS, **changes})
        paint((10, 10), (14, 14))
        runs = loaded.runs
        runs.begin_paused()
        for taken in range(1, steps_taken + 1):
            if taken > 1:
                runs.step()
            qtbot.waitUntil(lambda taken=taken: len(runs.trajectory.frames) == taken)
        return runs

    return begin


@samplers
def test_a_branch_with_nothing_changed_is_the_identical_image(loaded, qtbot, settings, finish, sampler):
    settings(steps=STEPS, sampler=sampler)
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    parent = runs.trajectory.frames
    for index in (0, 5, STEPS - 2):
        runs.scrub(index)
        runs.branch_off()
        finish(loaded)
        for frame, other in zip(runs.trajectory.frames, parent, strict=True):
            np.testing.assert_array_equal(frame.noisy, other.noisy)
            np.testing.assert_array_equal(frame.denoised, other.denoised)
    assert runs.request.changes == ()
    assert len(runs.branches) == 4


@samplers
def test_an_edit_before_going_on_makes_a_branch_that_its_request_makes_again(
    loaded, run, paint, settings, finish, made_again, sampler
):
    settings(steps=STEPS, sampler=sampler)
    runs = loaded.runs
    paint((10, 10), (14, 14))
    runs.generate()
    finish(loaded)
    first = runs.trajectory.result.noisy
    runs.scrub(4)
    paint((22, 8), (22, 24))
    run("play")
    finish(loaded)
    second = runs.trajectory.result.noisy
    assert not np.array_equal(first, second)
    assert [change.step for change in runs.request.changes] == [5]
    np.testing.assert_array_equal(second, made_again(runs.request))
    child, parent = runs.branches.current, runs.branches.current.parent
    assert (child.name, parent.name, child.fork) == ("B", "A", 4)
    runs.switch_branch(parent.run)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, first)
    np.testing.assert_array_equal(first, made_again(runs.request))


def test_an_edit_while_the_run_plays_is_followed_from_the_next_step_on(
    window, qtbot, hand, settings, finish, made_again
):
    settings(steps=200)
    runs = window.studio.runs
    runs.generate()
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) > 3)
    hand(window, (10, 10), (14, 14))
    qtbot.waitUntil(lambda: len(runs.request.changes) == 1)
    window.labels.rows[2].switches["used"].click()
    qtbot.waitUntil(lambda: not runs.is_outdated)
    window.studio.document.strokes.undo()
    finish(window)
    assert not runs.is_outdated
    assert len(runs.branches) == 1
    assert len(runs.request.changes) >= 2
    np.testing.assert_array_equal(runs.trajectory.result.noisy, made_again(runs.request))


def test_an_edit_while_the_run_waits_is_followed_when_it_goes_on(begun, loaded, run, paint, finish, made_again):
    runs = begun(3)
    paint((22, 8), (22, 24))
    run("play")
    finish(loaded)
    assert [change.step for change in runs.request.changes] == [3]
    np.testing.assert_array_equal(runs.trajectory.result.noisy, made_again(runs.request))


def test_an_edit_at_an_earlier_step_of_a_waiting_run_makes_a_branch(
    begun, loaded, run, paint, qtbot, finish, made_again
):
    runs = begun(5)
    runs.scrub(2)
    paint((22, 8), (22, 24))
    qtbot.wait(100)  # the edit could reach the run meanwhile
    run("play")
    finish(loaded)
    assert [branch.name for branch in runs.branches] == ["A", "B"]
    assert [change.step for change in runs.request.changes] == [3]
    assert runs.branches.current.parent.request.changes == ()
    np.testing.assert_array_equal(runs.trajectory.result.noisy, made_again(runs.request))


def test_edits_can_be_kept_for_the_next_run(begun, loaded, run, paint, finish):
    runs = begun(3)
    runs.follows_edits = False
    paint((22, 8), (22, 24))
    run("back")
    run("play")
    finish(loaded)
    assert runs.request.changes == ()
    assert runs.is_outdated
    assert len(runs.branches) == 1


def test_a_branch_of_a_finished_run_is_never_called_finished_before_it_is(loaded, settings, finish):
    settings(steps=STEPS)
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    seen = []
    runs.branches_changed.connect(lambda: seen.append((runs.state, runs.trajectory.result)))
    runs.scrub(4)
    runs.branch_off()
    finish(loaded)
    assert seen == [(RunState.PAUSED, None)]


def test_an_unfinished_branch_goes_on_where_it_was_left(begun, loaded, run, qtbot, paint, finish, made_again):
    runs = begun(6)
    first = runs.branches.current.run
    runs.scrub(2)
    runs.branch_off()
    finish(loaded)
    second = runs.branches.current.run
    runs.switch_branch(first)
    assert runs.state is RunState.PAUSED
    assert [frame.index for frame in runs.trajectory.frames] == [0, 1, 2, 3, 4, 5]
    assert runs.trajectory.cursor == 2  # where it was left
    runs.look_at_newest()
    run("step")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 7)
    run("play")
    finish(loaded)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, made_again(runs.request))
    runs.switch_branch(second)
    assert runs.state is RunState.FINISHED


def test_a_branch_from_before_its_parent_began_is_the_grandparents(begun, loaded, finish):
    runs = begun(6)
    runs.branch_off()
    finish(loaded)
    child = runs.branches.current
    runs.scrub(1)
    runs.branch_off()
    finish(loaded)
    assert runs.branches.current.parent is child.parent
    assert runs.branches.current.fork == 1


def test_nothing_can_be_branched_off_the_last_step(loaded, finish):
    runs, errors = loaded.runs, []
    runs.failed.connect(errors.append)
    runs.generate()
    finish(loaded)
    runs.branch_off()
    assert len(runs.branches) == 1
    assert "go back to an earlier one" in str(errors[0])


def test_a_new_run_and_another_checkpoint_forget_the_branches(begun, loaded, qtbot, finish):
    runs = begun(6)
    runs.branch_off()
    finish(loaded)
    runs.generate()
    finish(loaded)
    assert [branch.name for branch in runs.branches] == ["A"]
    loaded.open_checkpoint(loaded.document.checkpoint)
    assert len(runs.branches) == 0
    qtbot.waitUntil(lambda: runs.is_ready, timeout=30_000)


def test_branches_of_a_thousand_steps_are_exact_within_a_small_budget(
    loaded, qtbot, settings, finish, made_again, monkeypatch
):
    monkeypatch.setattr(player, "STEP_BUDGET", 200_000)
    monkeypatch.setattr(branches, "BUDGET", 60_000)
    settings(steps=1000, sampler="ddpm")
    runs = loaded.runs
    runs.generate()
    finish(loaded, timeout=120_000)
    frames = runs.trajectory.frames
    assert len(frames) < 60
    assert (frames[0].index, frames[-1].index) == (0, 999)
    straight = runs.trajectory.result.noisy
    runs.scrub(707)
    assert runs.trajectory.cursor <= 707
    runs.branch_off()
    finish(loaded, timeout=120_000)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, straight)


def test_two_hundred_branches_from_random_steps(window, qtbot, settings, finish):
    settings(steps=8)
    runs, errors = window.studio.runs, []
    runs.failed.connect(errors.append)
    runs.generate()
    finish(window)
    chance = np.random.default_rng(0)
    begun = [runs.branches.current.run]
    for _ in range(200):
        runs.switch_branch(int(chance.choice(begun)))
        runs.scrub(int(chance.integers(7)))
        window.studio.document.set_label(int(chance.choice([1, 2, 4])), used=bool(chance.random() < 0.5))
        if not runs.trajectory.current.is_last:
            runs.branch_off()
            begun.append(runs.branches.current.run)
        if chance.random() < 0.3:
            qtbot.wait(2)
    runs.toggle_play()
    qtbot.waitUntil(lambda: runs.state is not RunState.RUNNING, timeout=20_000)
    assert errors == []
    assert len(runs.branches) == len(begun)


def test_play_at_the_end_of_a_finished_branch_keeps_the_branches(begun, loaded, run, qtbot, finish):
    runs = begun(3)
    runs.scrub(0)
    runs.branch_off()
    finish(loaded)
    assert len(runs.branches) == 2
    run("play")
    qtbot.wait(50)
    assert len(runs.branches) == 2
    assert runs.state is RunState.FINISHED
