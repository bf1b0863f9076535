"""Live painting: drafts follow the hand, in the real window."""

import time
from itertools import pairwise

import numpy as np
import psutil
import pytest
from PySide6.QtTest import QTest

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.masks.paint import brush
from segpaint.core.runs.draft_pace import WORTH_SHOWING
from segpaint.core.runs.run_state import RunState


@pytest.fixture
def live(window, qtbot):
    """A window that paints live, whose first draft is finished."""
    window.commands["live"].trigger()
    assert window.transport.live.isChecked()
    qtbot.waitUntil(lambda: window.session.state is RunState.FINISHED)
    return window


def shows_the_mask(window, engine):
    """Whether the finished image is that of the mask on the canvas, made again from its request."""
    session = window.session
    np.testing.assert_array_equal(session.request.final.mask, session.document.mask.values)
    *_, last = engine.run(session.request)
    return np.array_equal(session.trajectory.result.noisy, to_pixels(last.sample))


def test_each_stroke_undo_and_switch_makes_a_draft_with_the_same_seed(live, hand, finish, tiny_engine):
    session = live.session
    seen = [session.request]
    for act in (
        lambda: hand(live, (8, 8), (24, 20)),
        live.commands["undo"].trigger,
        lambda: live.labels.rows[1].switches["used"].click(),
        live.commands["dice"].trigger,
    ):
        act()
        assert session.state is RunState.RUNNING
        assert session.branches.current.is_draft
        finish(live)
        assert shows_the_mask(live, tiny_engine)
        seen.append(session.request)
    assert [request.seed for request in seen] == [0, 0, 0, 0, session.document.settings.seed]
    assert seen[3].used == (2, 4)
    assert live.run_label.sentence.startswith("Live: 4 steps")


def test_what_does_not_ask_for_another_image_makes_no_draft(live):
    request = live.session.request
    live.labels.rows[1].switches["shown"].click()
    live.labels.rows[1].switches["locked"].click()
    assert live.session.request is request
    assert live.session.state is RunState.FINISHED


def test_off_a_stroke_makes_nothing(live, hand):
    live.commands["live"].trigger()
    hand(live, (8, 8), (24, 20))
    assert live.session.state is RunState.FINISHED
    assert live.session.is_outdated


def test_a_pause_in_a_stroke_makes_a_draft_too(live, qtbot, hand, finish):
    document = live.session.document
    document.begin_stroke()
    document.paint(_dab(8, 8))
    qtbot.waitUntil(lambda: live.session.state is RunState.RUNNING)
    finish(live)
    assert not live.session.is_outdated
    document.end_stroke("brush")
    assert live.session.state is RunState.FINISHED  # the same mask needs no other draft


def test_the_picture_stays_until_the_draft_is_better_than_noise(live, settings, hand, finish):
    settings(steps=8)
    finish(live)
    shown = []
    live.session.frame_changed.connect(shown.append)
    hand(live, (8, 8), (24, 20))
    finish(live)
    assert shown
    assert all(frame.timestep <= WORTH_SHOWING for frame in shown)
    assert live.session.trajectory.frames[0].timestep > WORTH_SHOWING


def test_stopping_a_draft_shows_what_there_is(live, settings, hand, qtbot):
    settings(steps=8)
    hand(live, (8, 8), (24, 20))
    qtbot.waitUntil(lambda: bool(live.session.trajectory.frames))
    live.commands["stop"].trigger()
    assert live.session.state in (RunState.STOPPED, RunState.FINISHED)
    np.testing.assert_array_equal(live.image.shown, live.session.trajectory.current.picture)


def test_a_warm_draft_begins_with_the_image_before(live, hand, finish, tiny_engine):
    live.commands["live_warm"].trigger()
    before = live.session.trajectory.result.noisy
    hand(live, (8, 8), (24, 20))
    finish(live)
    origin = live.session.request.origin
    assert origin.kind == "warm start"
    np.testing.assert_array_equal(origin.image, before)
    assert live.session.request.steps - origin.step == 4
    assert shows_the_mask(live, tiny_engine)


def test_a_full_run_gives_way_to_a_stroke(live, settings, hand, finish, tiny_engine):
    settings(steps=200)
    live.commands["generate"].trigger()
    hand(live, (8, 8), (24, 20))
    assert live.session.branches.current.is_draft
    live.session.stop()
    settings(steps=4)
    finish(live)
    assert shows_the_mask(live, tiny_engine)


def test_another_model_is_drafted_as_soon_as_it_is_loaded(live, finish, tiny_checkpoint, qtbot):
    live.checkpoints.folder_chosen.emit(tiny_checkpoint)
    assert live.session.request is None
    qtbot.waitUntil(lambda: live.session.state is RunState.FINISHED, timeout=30_000)
    assert live.session.branches.current.is_draft


def test_a_hand_that_never_rests_leaves_no_queue_and_no_memory(live, qtbot, long, finish, tiny_engine):
    """Ten minutes with --long; seconds without."""
    rng = np.random.default_rng(5)
    session, process = live.session, psutil.Process()
    drafts, memory = [], []
    seconds = 600 if long else 6
    end, due = time.monotonic() + seconds, time.monotonic() + seconds / 8
    while time.monotonic() < end:
        _stroke(live, rng)
        drafts.append(session.branches.current.run)
        QTest.qWait(int(rng.integers(0, 60)))
        if time.monotonic() > due:
            due += seconds / 8
            memory.append(process.memory_info().rss)
            finish(live)  # of the newest draft; no other is left to do
            assert len(session.branches) == 1
    finish(live)
    assert len(set(drafts)) > 20
    assert all(later >= earlier for earlier, later in pairwise(drafts))
    assert shows_the_mask(live, tiny_engine)
    settled = memory[len(memory) // 2]
    assert max(memory) - settled < 24 * 2**20, [round(bytes_ / 2**20) for bytes_ in memory]


def _dab(row, column):
    return brush((row, column), (row, column), 5, (32, 32))


def _stroke(window, rng):
    document = window.session.document
    document.paint_value = int(rng.choice([0, 1, 2, 4, 255]))
    document.begin_stroke()
    row, column = rng.uniform(2, 30, 2)
    for _ in range(int(rng.integers(1, 8))):
        row, column = np.clip([row + rng.normal(0, 3), column + rng.normal(0, 3)], 1, 31)
        document.paint(_dab(row, column))
    document.end_stroke("brush")
