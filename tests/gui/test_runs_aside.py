"""A run goes on while other slices are looked at, and its image stays with its slice."""

from dataclasses import replace

import numpy as np
import pytest
from scan_volumes import make_volume

from segpaint.core.runs.run_state import RunState
from segpaint.gui.scans.scan_panel import ScanPanel

OWN, OTHER = 3, 1
"""The slice that a run is begun on, and one that is looked at meanwhile."""


@pytest.fixture
def scan(loaded, settle):
    """A studio with a scan open at `OWN`, whose edits take three steps."""
    loaded.scans.open(make_volume(), "key")
    settle(loaded)
    loaded.document.change_settings(replace(loaded.document.settings, edit_steps=3, way="inversion"))
    return loaded


@pytest.fixture
def go_to(settle):
    def go_to_(studio, index):
        studio.scans.go_to(replace(studio.scans.place, index=index))
        settle(studio)

    return go_to_


@pytest.fixture
def results(qtbot):
    """Wait until nothing is made aside; return what was made, by slice."""

    def wait(studio):
        qtbot.waitUntil(lambda: not studio.aside.is_busy, timeout=30_000)
        return {place.index: made for (place, _), made in studio.scans.scan.results.items()}

    return wait


def alone(studio, qtbot):
    """Make the image of the slice shown, without looking elsewhere."""
    with qtbot.waitSignal(studio.runs.run_finished, timeout=30_000):
        studio.runs.generate()
    return studio.runs.trajectory.result.noisy


def test_the_page_turned_during_a_run_gets_its_image(scan, go_to, results, qtbot):
    scan.document.strokes.replace(np.ones_like(scan.document.mask.values), "Draw")
    seed = scan.document.settings.seed
    expected = alone(scan, qtbot)
    scan.scans.scan.results.clear()
    scan.document.change_settings(replace(scan.document.settings, seed=seed))
    told, added = [], []
    scan.aside.told.connect(told.append)
    scan.history.added.connect(added.append)
    scan.runs.generate()
    go_to(scan, OTHER)
    assert told[0] == f"The run of slice {OWN + 1} goes on; its image comes back with that slice."
    scan.document.strokes.replace(np.full_like(scan.document.mask.values, 2), "Draw")
    assert scan.runs.looked_at is None
    made = results(scan)
    assert list(made) == [OWN]
    assert np.array_equal(made[OWN][1], expected)
    assert told[1] == f"The image of slice {OWN + 1} is finished, and stays with that slice."
    assert scan.runs.looked_at is None
    go_to(scan, OWN)
    assert np.array_equal(scan.runs.trajectory.result.noisy, expected)


def test_a_run_is_shown_again_with_its_slice(scan, go_to, finish):
    scan.runs.begin_paused()
    branch = scan.runs.branches.current
    go_to(scan, OTHER)
    assert (scan.runs.state, scan.runs.request) == (RunState.NONE, None)
    go_to(scan, OWN)
    assert (scan.runs.state, scan.runs.branches.current) == (RunState.PAUSED, branch)
    assert not scan.aside.is_busy
    scan.runs.toggle_play()
    finish(scan)
    assert scan.runs.trajectory.newest.is_last


def test_a_run_whose_place_was_taken_by_another_is_made_later(scan, go_to, results, finish):
    scan.runs.begin_paused()
    request = scan.runs.request
    go_to(scan, OTHER)
    scan.runs.generate()
    finish(scan)
    made = results(scan)
    assert sorted(made) == [OTHER, OWN]
    assert made[OWN][0] == request
    assert scan.runs.request == made[OTHER][0]


@pytest.mark.parametrize("leaves", [False, True])
def test_a_run_whose_frame_is_moved_stays_with_the_frame_that_it_was_begun_in(
    scan, go_to, settle, results, qtbot, leaves
):
    mask = np.zeros_like(scan.document.mask.values)
    mask[8:20, 8:20] = 1
    scan.document.strokes.replace(mask, "Draw")
    desk, before = scan.scans, scan.scans.frame
    shown = desk.slice.image
    scan.runs.generate()
    desk.set_frame(before.moved(4 * before.step[0], 0))
    if leaves:
        go_to(scan, OTHER)
    settle(scan)
    results(scan)
    ((place, frame),) = desk.scan.results
    request, _ = desk.scan.results[place, frame]
    assert (place.index, frame) == (OWN, before)
    assert np.array_equal(request.origin.image, shown)
    assert np.array_equal(request.final.mask, mask)
    assert (scan.runs.request, scan.edited.values) == (None, None)
    scan.document.strokes.undo()
    settle(scan)
    qtbot.waitUntil(lambda: scan.edited.values is not None)  # it can be put back into its slice


def test_a_paused_run_is_shown_again_with_its_frame(scan, settle, finish):
    scan.runs.begin_paused()
    branch, frame = scan.runs.branches.current, scan.scans.frame
    scan.scans.set_frame(frame.moved(3.0, 0.0))
    settle(scan)
    assert (scan.runs.state, scan.runs.request) == (RunState.NONE, None)
    scan.document.strokes.undo()
    settle(scan)
    assert (scan.runs.state, scan.runs.branches.current) == (RunState.PAUSED, branch)
    scan.runs.toggle_play()
    finish(scan)
    assert list(scan.scans.scan.results) == [(scan.scans.place, frame)]


def test_a_finished_image_leaves_with_its_frame_and_comes_back_with_it(scan, settle, finish):
    mask = np.zeros_like(scan.document.mask.values)
    mask[8:20, 8:20] = 1
    scan.document.strokes.replace(mask, "Draw")
    scan.runs.generate()
    finish(scan)
    request, image = scan.runs.request, scan.runs.trajectory.result.noisy
    scan.scans.set_frame(scan.scans.frame.moved(3.0, 0.0))
    settle(scan)
    assert (scan.runs.state, scan.runs.request) == (RunState.NONE, None)
    scan.document.strokes.undo()
    settle(scan)
    assert scan.runs.request == request
    assert np.array_equal(scan.runs.trajectory.result.noisy, image)


def test_a_stopped_run_is_not_played_on_in_another_frame(scan, settle, finish, qtbot):
    scan.runs.begin_paused()
    qtbot.waitUntil(lambda: scan.runs.trajectory.newest is not None, timeout=30_000)
    scan.runs.stop()
    scan.scans.set_frame(scan.scans.frame.moved(3.0, 0.0))
    settle(scan)
    scan.runs.toggle_play()
    finish(scan)
    assert np.array_equal(scan.runs.request.origin.image, scan.scans.slice.image)


def test_a_run_that_is_begun_before_the_moved_frame_is_read_is_for_that_frame(scan, settle, finish):
    frame = scan.scans.frame.moved(3.0, 0.0)
    scan.scans.set_frame(frame)
    scan.runs.generate()
    scan.background.flush("slices")  # the slice arrives before the run can end
    settle(scan)
    finish(scan)
    assert list(scan.scans.scan.results) == [(scan.scans.place, frame)]
    assert np.array_equal(scan.runs.request.origin.image, scan.scans.slice.image)


def test_a_newer_image_of_the_slice_is_not_replaced(scan, go_to, results, finish):
    scan.runs.begin_paused()
    go_to(scan, OTHER)
    scan.runs.begin_paused()  # takes the place of the first
    go_to(scan, OWN)
    scan.document.draw_seed()
    scan.runs.generate()
    finish(scan)
    newest = scan.runs.request
    assert results(scan)[OWN][0] == newest


def test_work_aside_is_named_and_can_be_given_up(scan, go_to, results, qtbot):
    panel = ScanPanel(scan)
    scan.runs.begin_paused()
    qtbot.waitUntil(lambda: scan.runs.trajectory.newest is not None)
    go_to(scan, OTHER)
    assert panel.progress.words.text() == f"Paused: slice {OWN + 1}, step 1 of 3"
    panel.progress.cancel.click()
    assert panel.progress.isHidden()
    assert results(scan) == {}
    go_to(scan, OWN)
    assert scan.runs.request is None
    panel.deleteLater()


def test_another_model_ends_what_was_put_aside(scan, go_to, other_checkpoint, qtbot):
    from segpaint.core.requests.checkpoint import read_checkpoint

    scan.runs.begin_paused()
    go_to(scan, OTHER)
    scan.open_checkpoint(read_checkpoint(other_checkpoint))
    assert not scan.aside.is_busy
    qtbot.waitUntil(lambda: scan.runs.is_ready, timeout=30_000)
