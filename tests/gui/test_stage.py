"""The stage: runs in their time, painting on it, scenes, and leaving it."""

import json
import os
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from shells import NotingShell

from segpaint.core.masks.measures import distance_text
from segpaint.core.runs.run_state import RunState
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.stage.stage_keeper import StageKeeper
from segpaint.gui.stage.stage_pointer import NAMED, TRAIL, StagePointer
from segpaint.gui.stage.stage_window import KEYS
from segpaint.io.scene_lists import Scene
from segpaint.studio.view.stage import PACES, Stage, due_step


class Clock:
    """A clock that stands still until it is moved on."""

    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def run(loaded, finish):
    """Make an image in a number of steps."""

    def make(steps=4):
        document = loaded.document
        document.change_settings(replace(document.settings, steps=steps))
        loaded.runs.generate()
        finish(loaded)

    return make


@pytest.fixture
def kept(loaded, qtbot):
    """The keeper of a stage without a window, on a canvas."""
    canvas = Canvas(loaded)
    loaded.view.tools.take("brush")
    canvas.resize(400, 300)
    with qtbot.waitExposed(canvas):
        canvas.show()
    keeper = StageKeeper(loaded, NotingShell(), canvas, canvas)
    yield keeper
    loaded.view.stage.set_on(False)
    canvas.deleteLater()


@pytest.mark.parametrize("seconds", [PACES[0], 8.0])
def test_each_step_is_shown_for_its_share_of_the_time(loaded, run, clock, seconds):
    run(steps=20)
    stage = Stage(loaded.opened, loaded.runs, clock)
    stage.seconds = seconds
    stage.is_on = True
    stage.play()
    shown = []
    for tick in range(401):  # the first only sets the clock
        clock.now = 100 + max(tick - 0.5, 0) * seconds / 400
        stage.tick()
        shown.append(stage.frame.index)
    del shown[0]
    assert shown == sorted(shown)
    assert [shown.count(step) for step in range(20)] == [20] * 20
    assert stage.frame.is_last


def test_the_steps_of_an_edit_share_all_of_the_time(loaded, run, clock, drawn_mask, paint):
    loaded.document.strokes.replace(drawn_mask, "Paint")
    run(steps=20)
    row, column = np.argwhere(drawn_mask == 1)[-1].tolist()
    loaded.document.paint_value = 1
    loaded.view.tools.change(size=1)
    paint((column + 1, row), (column + 1, row))
    run(steps=20)
    first = loaded.runs.trajectory.frames[0].index
    steps = range(first, 20)
    assert first > 0
    stage = Stage(loaded.opened, loaded.runs, clock)
    stage.seconds, stage.is_on = 8.0, True
    made = loaded.runs.branches.current.run
    stage.play()
    assert loaded.runs.branches.current.run == made  # it is played again, not made again
    shown = []
    for tick in range(20 * len(steps) + 1):
        clock.now = 100 + max(tick - 0.5, 0) * 8.0 / (20 * len(steps))
        stage.tick()
        shown.append(stage.frame.index)
    del shown[0]
    assert [shown.count(step) for step in steps] == [20] * len(steps)


def test_no_step_is_shown_before_it_is_there():
    assert due_step(0.0, 8.0, 20) == 0
    assert due_step(7.99, 8.0, 20) == 19
    assert due_step(100.0, 8.0, 20) == 19


def test_a_run_that_is_begun_is_played_and_stays_on_its_last_step(loaded, run, qtbot):
    stage = loaded.view.stage
    stage.set_on(True)
    stage.seconds = 0.5
    run()
    qtbot.waitUntil(lambda: stage.frame is not None and stage.frame.is_last)
    stage.play()
    assert stage.frame is None  # from its beginning
    qtbot.waitUntil(lambda: stage.frame is not None and stage.frame.is_last)
    stage.rest()
    assert stage.frame is None
    assert loaded.runs.state is RunState.FINISHED


def test_space_makes_an_image_of_another_mask(loaded, run, paint, finish):
    run()
    before = loaded.runs.request
    loaded.view.tools.take("brush")
    paint((20, 20), (24, 24))
    loaded.view.stage.set_on(True)
    loaded.view.stage.play()
    finish(loaded)
    assert loaded.runs.request is not before


def test_painting_on_the_stage_paints_the_mask_there(kept, loaded, qtbot):
    loaded.view.stage.set_on(True)
    stage = kept.stage
    stage.resize(900, 700)
    before = loaded.document.mask.snapshot()
    to_screen = stage._to_screen
    points = [to_screen.map(QPoint(column, 20)) for column in (8, 14)]
    qtbot.mousePress(stage, Qt.MouseButton.LeftButton, pos=points[0])
    qtbot.mouseMove(stage, points[1])
    qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=points[1])
    changed = np.argwhere(loaded.document.mask.values != before)
    assert abs(changed[:, 0].mean() - 20) < 1.5
    assert abs(changed[:, 1].mean() - 11) < 1.5
    assert stage.pointer.name == loaded.document.table[loaded.document.paint_value].name
    assert stage.pointer.trail
    assert not stage.grab().isNull()


def test_the_picture_is_named_as_what_it_is(kept, loaded, run, qtbot):
    stage = loaded.view.stage
    stage.set_on(True)
    stage.seconds = 0.5
    assert (kept.stage.mark, kept.stage.caption) == ("", "")
    run(steps=2)
    qtbot.waitUntil(lambda: stage.frame is not None and stage.frame.is_last)
    assert (kept.stage.mark, kept.stage.caption) == ("SYNTHETIC", "step 2 of 2")
    assert not kept.stage.grab().isNull()


def test_the_ruler_shows_its_length_over_mask_and_image(kept, loaded, run, qtbot):
    stage = loaded.view.stage
    stage.set_on(True)
    stage.seconds = 0.5
    window = kept.stage
    window.resize(900, 700)
    assert window.length == ""
    loaded.view.tools.take("ruler")
    without = window.grab().toImage()
    loaded.view.measuring.lay_ruler(((4, 4), (20, 12)))
    assert window.length == distance_text((4, 4), (20, 12), loaded.document.pixel_spacing)
    assert window.grab().toImage() != without
    run(steps=2)
    qtbot.waitUntil(lambda: stage.frame is not None and stage.frame.is_last)
    points = [window.rect().center() + QPoint(0, down) for down in (-100, 100)]
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=points[0])
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=points[1])
    assert stage.frame is not None  # measuring leaves the image where it is
    (top, left), (bottom, right) = loaded.view.measuring.ends
    assert right == pytest.approx(left)
    assert window.length == distance_text((top, left), (bottom, right), loaded.document.pixel_spacing)
    measured = window.grab().toImage()
    loaded.view.tools.take("brush")
    assert window.length == ""
    assert window.grab().toImage() != measured


@pytest.mark.parametrize("end", [(16, 16), (31, 31), (0, 31), (31, 0)])
def test_the_length_and_the_name_of_what_is_painted_keep_apart(kept, loaded, paint, end):
    loaded.view.stage.set_on(True)
    window = kept.stage
    window.resize(700, 700)
    paint((4, 4), (4, 8))
    loaded.view.measuring.lay_ruler(((8, 8), end))
    row, column = end
    window.pointer.move(QPointF(column, row))
    assert window.pointer.name
    name, length = window.name_place, window.length_place
    assert not name.isEmpty()
    assert not length.isEmpty()
    assert not name.intersects(length)
    for place in (name, length):
        assert QRectF(window.rect()).contains(place)


@pytest.mark.parametrize("leave", ["escape", "close", "again"])
def test_the_stage_is_always_left_and_changes_nothing(kept, loaded, run, qtbot, leave):
    run()
    document, viewpoint = loaded.document, loaded.view.viewpoint
    before = document.mask.snapshot(), document.settings, viewpoint.zoom, loaded.runs.request
    loaded.view.stage.set_on(True)
    stage = kept.stage
    for key in (Qt.Key.Key_Space, Qt.Key.Key_Up, Qt.Key.Key_M):
        qtbot.keyClick(stage, key)
    match leave:
        case "escape":
            qtbot.keyClick(stage, Qt.Key.Key_Escape)
        case "close":
            stage.close()
        case "again":
            loaded.view.stage.set_on(False)
    assert kept.stage is None
    assert not loaded.view.stage.is_on
    np.testing.assert_array_equal(document.mask.values, before[0])
    assert (document.settings, viewpoint.zoom, loaded.runs.request) == before[1:]


def test_the_pace_is_changed_by_keys_and_keys_are_shown(kept, loaded, qtbot):
    stage = loaded.view.stage
    stage.set_on(True)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Up)
    assert stage.seconds == 8
    for _ in PACES:
        qtbot.keyClick(kept.stage, Qt.Key.Key_Down)
    assert stage.seconds == PACES[0]
    kept.stage._key = ""
    qtbot.keyClick(kept.stage, Qt.Key.Key_M)
    assert kept.stage._key == ""
    loaded.view.switches.set(KEYS, True)
    qtbot.keyClick(kept.stage, Qt.Key.Key_M)
    assert kept.stage._key == "M"


def test_starred_results_are_scenes(kept, loaded, run, paint, qtbot):
    folder, document = loaded.history.folder, loaded.document
    loaded.view.tools.take("brush")
    masks = []
    for row in (8, 24):
        paint((row, 8), (row, 20))
        run(steps=1)
        masks.append(document.mask.snapshot())
        qtbot.waitUntil(lambda: len(folder.open()) == len(masks))
    paint((16, 16), (18, 18))
    work = document.mask.snapshot()
    loaded.view.stage.set_on(True)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Right)
    folder.star(folder.open(), on=True)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Right)
    np.testing.assert_array_equal(document.mask.values, masks[0])
    for _ in range(2):
        qtbot.keyClick(kept.stage, Qt.Key.Key_Right)
    np.testing.assert_array_equal(document.mask.values, masks[1])
    qtbot.keyClick(kept.stage, Qt.Key.Key_Left)
    np.testing.assert_array_equal(document.mask.values, masks[0])
    qtbot.keyClick(kept.stage, Qt.Key.Key_Escape)
    sentence, answer, bring_back = kept._shell.offers[-1]
    assert (sentence, answer) == ("The stage has taken up scenes in place of your mask.", "Bring it back")
    bring_back()
    np.testing.assert_array_equal(document.mask.values, work)


def test_a_scene_is_called_by_its_file_unless_it_lies_in_the_history(kept, loaded, run, qtbot, tmp_path):
    folder = loaded.history.folder
    run(steps=1)
    qtbot.waitUntil(lambda: len(folder.open()) == 1)
    (result,) = folder.open()
    mine = tmp_path / "thick heart.png"
    mine.write_bytes(result.read_bytes())
    loaded.view.stage.scenes = (Scene(file=str(mine)), Scene(file=str(result)))
    loaded.view.stage.set_on(True)
    assert loaded.runs.branches.current.source == "thick heart.png"
    qtbot.keyClick(kept.stage, Qt.Key.Key_Right)
    assert loaded.runs.branches.current.source == "the history"


def test_without_scenes_the_stage_itself_shows_that_there_are_none(kept, loaded, qtbot):
    loaded.view.stage.set_on(True)
    qtbot.waitUntil(lambda: kept.stage.size() == screen_of(kept.stage).size())
    without = kept.stage.grab().toImage()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(kept.stage, key)
        assert "There are no scenes" in kept.stage.notice
        assert kept.stage.grab().toImage() != without
    assert kept._shell.warned == []
    qtbot.waitUntil(lambda: kept.stage.notice == "", timeout=10_000)
    assert kept.stage.grab().toImage() == without


def test_leaving_brings_back_the_image_beside_the_mask(kept, loaded, run, paint, finish, qtbot):
    folder, document = loaded.history.folder, loaded.document
    loaded.view.tools.take("brush")
    for row, count in ((8, 1), (24, 2)):
        paint((row, 8), (row, 20))
        run(steps=1)
        qtbot.waitUntil(lambda count=count: len(folder.open()) == count)
    folder.star(folder.open()[:1], on=True)
    mask, image = document.mask.snapshot(), loaded.runs.trajectory.result.noisy
    loaded.view.stage.set_on(True)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Right)
    assert not np.array_equal(loaded.runs.trajectory.result.noisy, image)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Space)  # made anew, to be played
    finish(loaded)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Escape)
    kept._shell.offers[-1][2]()
    np.testing.assert_array_equal(document.mask.values, mask)
    np.testing.assert_array_equal(loaded.runs.trajectory.result.noisy, image)
    assert not loaded.runs.is_outdated


def test_where_no_image_was_shown_none_is_after_the_scenes(kept, loaded, run, paint, finish, qtbot):
    folder = loaded.history.folder
    run(steps=1)
    qtbot.waitUntil(lambda: len(folder.open()) == 1)
    folder.star(folder.open(), on=True)
    loaded.runs.leave()
    loaded.view.tools.take("brush")
    paint((8, 8), (8, 20))
    loaded.view.stage.set_on(True)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Right)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Space)
    finish(loaded)
    qtbot.keyClick(kept.stage, Qt.Key.Key_Escape)
    kept._shell.offers[-1][2]()
    assert loaded.runs.branches.current is None


def test_runs_of_the_stage_are_not_kept_by_themselves(kept, loaded, run, paint, finish, qtbot):
    folder = loaded.history.folder
    loaded.view.tools.take("brush")
    paint((8, 8), (8, 20))
    loaded.document.change_settings(replace(loaded.document.settings, steps=40))
    loaded.runs.generate()
    loaded.view.stage.set_on(True)
    finish(loaded)  # begun before, so it is work
    qtbot.waitUntil(lambda: len(folder.open()) == 1)
    paint((20, 8), (20, 20))
    run(steps=1)
    loaded.background.flush("history")
    assert len(folder.open()) == 1
    assert loaded.history.add()  # unless one asks for it
    qtbot.waitUntil(lambda: len(folder.open()) == 2)
    loaded.view.stage.set_on(False)
    paint((24, 8), (24, 20))
    run(steps=1)
    qtbot.waitUntil(lambda: len(folder.open()) == 3)


def test_the_trail_fades_and_the_name_goes(clock):
    pointer = StagePointer(clock)
    pointer.move(QPointF(1, 1))
    pointer.paint("heart")
    clock.now += TRAIL / 2
    pointer.move(QPointF(2, 2))
    assert [round(fresh, 2) for fresh, _ in pointer.trail] == [0.5, 1.0]
    assert pointer.name == "heart"
    clock.now += NAMED
    assert pointer.trail == []
    assert pointer.name == ""
    pointer.move(None)
    assert pointer.place is None


TWO_SCREENS = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
app = QApplication([])
from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.style.theme import apply_theme
from segpaint.studio.studio import Studio
apply_theme(app)
window = build_window(Studio(read_checkpoint(Path(sys.argv[1])), Path(sys.argv[2]), "cpu"))
window.show()
window.commands["stage"].trigger()
stage = window.stage.stage
print(screen_of(window).name(), screen_of(stage).name(), stage.geometry().getRect())
window.commands["stage"].trigger()
print(window.stage.stage)
window.close()
"""


def test_the_stage_fills_the_second_screen_and_leaves_the_window_on_the_first(tiny_checkpoint, tmp_path):
    screens = [
        {"name": name, "x": x, "y": 0, "width": 1280, "height": 800, "logicalDpi": 96, "dpr": 1}
        for name, x in (("desk", 0), ("wall", 1280))
    ]
    (tmp_path / "screens.json").write_text(json.dumps({"screens": screens}))
    environment = {**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={tmp_path / 'screens.json'}"}
    command = [sys.executable, "-c", textwrap.dedent(TWO_SCREENS), str(tiny_checkpoint), str(tmp_path / "work")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["desk wall (1280, 0, 1280, 800)", "None"]
