"""Live painting: drafts follow the hand."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import psutil
import pytest
from PySide6.QtTest import QTest
from scipy.ndimage import distance_transform_edt

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.masks.paint import brush
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.draft_pace import WORTH_SHOWING
from segpaint.core.runs.run_state import RunState


@pytest.fixture
def live(studio, finish):
    """A studio that paints live, whose first draft is finished."""
    studio.live.set_on(True)
    studio.start()
    finish(studio)
    return studio


@pytest.fixture
def live_window(window, finish):
    """A window that does."""
    window.commands["live"].trigger()
    assert window.transport.live.isChecked()
    finish(window.studio)
    return window


@pytest.fixture
def finish(qtbot):
    """Wait for a run to end well."""
    return lambda studio: qtbot.waitUntil(lambda: studio.runs.state is RunState.FINISHED, timeout=30_000)


def change_settings(studio, **changes):
    studio.document.change_settings(replace(studio.document.settings, **changes))


def stroke(studio):
    """Paint a stroke that changes the mask."""
    studio.document.strokes.begin()
    studio.document.paint(brush((8, 8), (20, 24), 5, (32, 32)))
    studio.document.strokes.end("brush")


def shows_the_mask(studio, engine):
    """Whether the finished image is that of the mask painted, made again from its request."""
    runs = studio.runs
    np.testing.assert_array_equal(runs.request.final.mask, studio.document.mask.values)
    *_, last = engine.run(runs.request)
    return np.array_equal(runs.trajectory.result.noisy, to_pixels(last.sample))


def test_each_stroke_undo_and_switch_makes_a_draft_with_the_same_seed(live_window, hand, finish, tiny_engine):
    studio, runs = live_window.studio, live_window.studio.runs
    seen = [runs.request]
    for act in (
        lambda: hand(live_window, (8, 8), (24, 20)),
        live_window.commands["undo"].trigger,
        lambda: live_window.labels.rows[1].switches["used"].click(),
        live_window.commands["dice"].trigger,
    ):
        act()
        assert runs.state is RunState.RUNNING
        assert runs.branches.current.is_draft
        finish(studio)
        assert shows_the_mask(studio, tiny_engine)
        seen.append(runs.request)
    assert [request.seed for request in seen] == [0, 0, 0, 0, studio.document.settings.seed]
    assert seen[3].used == (2, 4)
    assert live_window.run_label.sentence.startswith("Live: 4 steps")


def test_what_does_not_ask_for_another_image_makes_no_draft(live):
    request = live.runs.request
    live.document.set_label(1, shown=False)
    live.document.set_label(1, locked=True)
    assert live.runs.request is request
    assert live.runs.state is RunState.FINISHED


def test_off_a_stroke_makes_nothing(live):
    live.live.set_on(False)
    stroke(live)
    assert live.runs.state is RunState.FINISHED
    assert live.runs.is_outdated


def test_a_pause_in_a_stroke_makes_a_draft_too(live, qtbot, finish):
    document = live.document
    document.strokes.begin()
    document.paint(_dab(8, 8))
    qtbot.waitUntil(lambda: live.runs.state is RunState.RUNNING)
    finish(live)
    assert not live.runs.is_outdated
    document.strokes.end("brush")
    assert live.runs.state is RunState.FINISHED  # the same mask needs no other draft


def test_the_picture_stays_until_the_draft_is_better_than_noise(live, finish):
    change_settings(live, steps=8)
    finish(live)
    shown = []
    live.runs.frame_changed.connect(shown.append)
    stroke(live)
    finish(live)
    assert shown
    assert all(frame.timestep <= WORTH_SHOWING for frame in shown)
    assert live.runs.trajectory.frames[0].timestep > WORTH_SHOWING


def test_stopping_a_draft_shows_what_there_is(live_window, settings, hand, qtbot):
    runs = live_window.studio.runs
    settings(steps=8)
    hand(live_window, (8, 8), (24, 20))
    qtbot.waitUntil(lambda: bool(runs.trajectory.frames))
    live_window.commands["stop"].trigger()
    assert runs.state in (RunState.STOPPED, RunState.FINISHED)
    np.testing.assert_array_equal(live_window.image.shown, runs.trajectory.current.picture)


def test_a_draft_changes_the_image_before_where_something_is_painted(live, finish, tiny_engine):
    before, mask = live.runs.trajectory.result.noisy, live.document.mask.snapshot()
    live.document.strokes.begin()
    live.document.paint(_dab(2, 4))
    live.document.strokes.end("brush")
    finish(live)
    first = live.runs.trajectory.result.noisy
    assert live.runs.request.steps == 4
    far = distance_transform_edt(live.document.mask.values == mask) > 2 * live.runs.request.origin.margin
    assert far.sum() > 100
    assert (first == before)[far].all()
    assert not np.array_equal(first, before)
    assert shows_the_mask(live, tiny_engine)
    live.document.strokes.undo()
    finish(live)
    np.testing.assert_array_equal(live.runs.trajectory.result.noisy, before)  # drafts do not begin with drafts


def test_a_draft_changes_the_finished_image_rather_than_a_draft(live, finish):
    change_settings(live, steps=6)
    live.runs.generate()
    finish(live)
    whole = live.runs.trajectory.result.noisy
    stroke(live)
    finish(live)
    assert live.runs.branches.current.is_draft
    np.testing.assert_array_equal(live.runs.request.origin.image, whole)
    live.runs.generate()
    finish(live)
    np.testing.assert_array_equal(live.runs.request.origin.image, whole)
    assert live.runs.request.steps == 6


def test_where_everything_may_change_each_draft_is_made_from_noise(live, finish):
    live.runs.revising.let_everything_change(True)
    stroke(live)
    finish(live)
    assert live.runs.branches.current.is_draft
    assert live.runs.request.origin is None


def test_a_full_run_gives_way_to_a_stroke(live, finish, tiny_engine):
    change_settings(live, steps=200)
    live.runs.generate()
    stroke(live)
    assert live.runs.branches.current.is_draft
    live.runs.stop()
    change_settings(live, steps=4)
    finish(live)
    assert shows_the_mask(live, tiny_engine)


def test_another_model_is_drafted_as_soon_as_it_is_loaded(live, finish, tiny_checkpoint):
    live.open_checkpoint(read_checkpoint(tiny_checkpoint))
    assert live.runs.request is None
    finish(live)
    assert live.runs.branches.current.is_draft


def test_a_hand_that_never_rests_leaves_no_queue_and_no_memory(live, long, finish, tiny_engine):
    """Counted in strokes, since a busy machine finishes few in any time; ten minutes of them with --long."""
    rng = np.random.default_rng(5)
    runs, process = live.runs, psutil.Process()
    drafts, memory = [], []
    for _ in range(8):
        for _ in range(1500 if long else 15):
            _random_stroke(live, rng)
            drafts.append(runs.branches.current.run)
            QTest.qWait(int(rng.integers(0, 60)))
        finish(live)  # of the newest draft; no other is left to do
        assert len(runs.branches) == 1
        memory.append(process.memory_info().rss)
    finish(live)
    assert len(set(drafts)) > 20
    assert all(later >= earlier for earlier, later in pairwise(drafts))
    assert shows_the_mask(live, tiny_engine)
    settled = memory[len(memory) // 2]
    assert max(memory) - settled < 24 * 2**20, [round(bytes_ / 2**20) for bytes_ in memory]


def _dab(row, column):
    return brush((row, column), (row, column), 5, (32, 32))


def _random_stroke(studio, rng):
    document = studio.document
    document.paint_value = int(rng.choice([0, 1, 2, 4, 255]))
    document.strokes.begin()
    row, column = rng.uniform(2, 30, 2)
    for _ in range(int(rng.integers(1, 8))):
        row, column = np.clip([row + rng.normal(0, 3), column + rng.normal(0, 3)], 1, 31)
        document.paint(_dab(row, column))
    document.strokes.end("brush")
