"""The tour, with tiny models in place of the shipped ones."""

import gc
import random
import shutil
import tempfile
import threading
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from segpaint.core.labels.labels import Label
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.stage.scenes_window import ScenesWindow
from segpaint.gui.tour.beats import Clock, Rest, Say, Story, Tempo
from segpaint.gui.tour.narration_bar import NarrationBar
from segpaint.gui.tour.player import FAREWELL, State
from segpaint.gui.tour.stories import stories, thicker
from segpaint.gui.tour.tour_commands import PAUSED, TourGuide
from segpaint.io.image_files import encode_mask
from segpaint.io.scene_lists import Scene
from segpaint.studio.document.settings import Purpose
from segpaint.studio.studio import Studio
from segpaint.studio.view.comparison import Mode

AT_ONCE = Tempo(per_character=0, least=0, rest=0)
BRISK = Tempo(per_character=0, least=0.02, rest=0.01)
SIZE = 32


def make_checkpoint(folder, labels, mask):
    """A whole checkpoint folder with an untrained network, and an example mask."""
    import torch

    from segpaint.core.diffusion.network import build_network
    from segpaint.core.diffusion.network_files import write_checkpoint
    from segpaint.core.requests.checkpoint import Description

    description = Description(name=folder.name, modality="MR", size=SIZE, labels=labels, space_to_depth=2)
    torch.manual_seed(9)
    network = build_network(
        size=SIZE, channels=1, conditioning_channels=len(labels), space_to_depth=2, widths=(32, 32),
        attention_head_dim=8,
    )  # fmt: skip
    write_checkpoint(folder, description, network, {"prediction_type": "v_prediction"}, "# Tiny\n")
    checkpoint = read_checkpoint(folder)
    (folder / "examples").mkdir()
    (folder / "examples" / "0-blank.png").write_bytes(encode_mask(mask * 0, checkpoint.table))
    (folder / "examples" / "1-whole.png").write_bytes(encode_mask(mask, checkpoint.table))
    return checkpoint


def disc(row, column, radius):
    rows, columns = np.mgrid[:SIZE, :SIZE]
    return (rows - row) ** 2 + (columns - column) ** 2 < radius**2


@pytest.fixture(scope="session")
def heart(tmp_path_factory):
    mask = np.select([disc(16, 16, 5), disc(16, 16, 8)], [1, 2], 0).astype(np.uint8)
    labels = (
        Label(index=1, name="LV cavity", color="#e4572e"),
        Label(index=2, name="LV myocardium", color="#2ca58d"),
    )
    return make_checkpoint(tmp_path_factory.mktemp("stories") / "heart", labels, mask)


@pytest.fixture(scope="session")
def head(tmp_path_factory):
    mask = np.select([disc(16, 8, 3), disc(16, 24, 3), disc(16, 16, 14)], [2, 3, 1], 0).astype(np.uint8)
    labels = (
        Label(index=1, name="body", color="#b08d7a"),
        Label(index=2, name="right parotid", color="#2ca58d", parent=1),
        Label(index=3, name="left parotid", color="#84bc9c", parent=1),
    )
    return make_checkpoint(tmp_path_factory.mktemp("stories") / "head", labels, mask)


@pytest.fixture
def commands(window):
    return window.findChild(TourGuide)


@pytest.fixture
def settle(dressed):
    """Let what was deleted be gone."""

    def run():
        for _ in range(2):
            dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            gc.collect()

    return run


@pytest.fixture
def told(qtbot, commands):
    """Play stories to their end: what was said, and the images of each story as they were finished."""

    def play(stories_):
        tour = commands.play(stories_, AT_ONCE)
        said, images = [], []
        tour.player.said.connect(said.append)

        def keep(state):
            if state is RunState.FINISHED:
                images.append(tour.window.studio.runs.trajectory.result.noisy)

        tour.window.studio.runs.state_changed.connect(keep)
        qtbot.waitUntil(lambda: tour.player.state is State.OVER, timeout=60_000)
        return tour, said, images

    return play


def user_state(window):
    """All that the user would miss."""
    runs = window.studio.runs
    document, branch = window.studio.document, runs.branches.current
    return (
        document.mask.values.tobytes(), document.strokes.stack.count(), document.strokes.stack.index(),
        document.settings, document.used, document.reference, document.paint_value,
        branch.run if branch else None, runs.trajectory.cursor, window.studio.view.comparison.mode,
        window.studio.view.tools.settings.size,
        window.commands["eraser"].isChecked(), window.studio.view.viewpoint.zoom, window.windowTitle(),
    )  # fmt: skip


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# ---- the stories


def test_a_heart_grows_thick(told, heart, head):
    tour, said, images = told(stories(heart, head)[:1])
    document = tour.window.studio.document
    first = np.asarray(document.mask.values)
    assert document.strokes.stack.count() == 3
    areas = [(first == 2).sum()]
    for _ in range(3):
        document.strokes.undo()
        areas.append((document.mask.values == 2).sum())
    assert areas == sorted(areas, reverse=True)
    assert len(set(areas)) == 4
    assert len(images) == 4
    assert tour.window.studio.view.comparison.mode is Mode.SWIPE
    np.testing.assert_array_equal(tour.window.studio.view.comparison.other.pixels, images[0])
    assert document.settings.seed == 0
    assert said[-1] == FAREWELL
    tour.window.close()


def test_a_gland_disappears(told, heart, head):
    tour, _, images = told(stories(heart, head)[1:2])
    document = tour.window.studio.document
    assert document.mask.values[16, 24] == 255  # free at last
    document.strokes.undo()
    assert document.mask.values[16, 24] == 1  # given to the body before
    assert not (document.mask.values == 3).any()
    assert document.used == (1, 2, 3)
    assert len({image.tobytes() for image in images}) == len(images) == 4
    assert tour.window.studio.view.comparison.mode is Mode.SIDE
    np.testing.assert_array_equal(tour.window.studio.view.comparison.other.pixels, images[2])
    tour.window.close()


def test_the_same_patient_comes_nearer(told, heart, head):
    tour, _, images = told(stories(heart, head)[2:])
    document = tour.window.studio.document
    assert document.settings.purpose is Purpose.NEAR
    patient, *others = images
    np.testing.assert_array_equal(document.reference.image, patient)
    assert len(others) == 5
    distances = [np.abs(image.astype(float) - patient).mean() for image in others]
    assert distances[-1] < 0.5 * distances[0]
    tour.window.close()


def test_all_stories_follow_each_other(told, heart, head):
    tour, said, images = told(stories(heart, head))
    assert len(images) == 4 + 4 + 6
    assert not any("skipped" in sentence for sentence in said)
    assert tour.bar.toggle.text() == "Again"
    tour.window.close()


def test_a_story_without_its_model_is_skipped_with_a_sentence(told, heart):
    tour, said, _ = told(stories(heart, None)[:2])
    assert any("skipped: the model head-neck-ct-128 is not installed" in sentence for sentence in said)
    tour.window.close()


def test_without_any_model_there_is_a_sentence_alone(window, commands):
    assert commands.play(stories(None, None)) is None
    assert "needs the models that come with SegPaint" in window.messages.text.text()


def test_a_model_with_other_labels_is_skipped_with_a_sentence(told, heart):
    tour, said, _ = told(stories(heart, heart)[1:2])
    assert "skipped: There is no label 'left parotid'" in said[0]
    tour.window.close()


def test_a_wall_thickens_on_both_sides_and_leaves_a_cavity():
    mask = np.select([disc(16, 16, 1), disc(16, 16, 4)], [1, 2], 0).astype(np.uint8)
    grown = thicker(mask, 2, 1, 1)
    assert not grown[mask == 1].any()
    wide = np.select([disc(16, 16, 5), disc(16, 16, 8)], [1, 2], 0).astype(np.uint8)
    grown = thicker(wide, 2, 1, 1)
    assert grown[wide == 1].any()
    assert grown[wide == 0].any()
    assert not grown[wide == 2].any()


# ---- how they are told


def test_a_sentence_stays_until_it_can_be_read():
    tempo = Tempo()
    assert tempo.reading("Short.") == 2.5
    assert tempo.reading("x" * 100) == pytest.approx(6)


def test_a_clock_stands_still_while_a_story_waits(qtbot):
    clock = Clock()
    clock.start()
    clock.stop()
    before = clock.now
    qtbot.wait(20)
    assert clock.now == before


def test_a_click_in_the_window_lets_the_story_wait(commands, heart, head, qtbot):
    tour = commands.play(stories(heart, head), BRISK)
    handle = tour.window.windowHandle()
    QTest.mouseClick(handle, Qt.MouseButton.LeftButton, pos=tour.bar.mapTo(tour.window, QPoint(40, 40)))
    assert tour.player.state is State.PLAYING
    canvas = tour.window.canvas
    QTest.mouseClick(handle, Qt.MouseButton.MiddleButton, pos=canvas.mapTo(tour.window, QPoint(40, 40)))
    assert tour.player.state is State.WAITING
    assert "The story waits; press Play to go on" in tour.bar.title.text()
    said = []
    tour.player.said.connect(said.append)
    qtbot.wait(150)
    assert said == []
    tour.bar.toggle.click()
    qtbot.waitUntil(lambda: len(said) > 1, timeout=10_000)
    tour.window.commands["outlines"].trigger()
    assert tour.player.state is State.WAITING
    tour.window.close()


def test_a_story_that_somebody_changed_begins_again(commands, heart, head, qtbot):
    tour = commands.play(stories(heart, head), BRISK)
    studio = tour.window.studio
    qtbot.waitUntil(lambda: studio.document.strokes.stack.count() == 2, timeout=20_000)
    tour.player.wait()
    studio.document.strokes.replace(studio.document.mask.values * 0, "mischief")
    tour.player.play()
    qtbot.waitUntil(lambda: studio.document.mask.values.any())
    qtbot.waitUntil(lambda: studio.document.strokes.stack.count() == 3, timeout=20_000)
    tour.window.close()


def test_a_run_paused_by_the_user_goes_on_with_the_story(commands, heart, head, qtbot):
    tour = commands.play(stories(heart, head), BRISK)
    runs = tour.window.studio.runs
    qtbot.waitUntil(lambda: runs.state is RunState.RUNNING, timeout=20_000)
    tour.player.wait()
    runs.pause()
    qtbot.waitUntil(lambda: runs.state is RunState.PAUSED or runs.trajectory.result is not None)
    tour.player.play()
    qtbot.waitUntil(lambda: runs.document.strokes.stack.count() == 1, timeout=20_000)
    tour.window.close()


def test_back_and_next_go_from_story_to_story(commands, heart, head, qtbot):
    tour = commands.play(stories(heart, head), BRISK)
    assert tour.bar.dots.text() == "● ○ ○"
    tour.bar.next.click()
    assert tour.player.place == 1
    assert tour.bar.dots.text() == "○ ● ○"
    said = []
    tour.player.said.connect(said.append)
    qtbot.waitUntil(lambda: len(said) >= 3, timeout=20_000)
    tour.bar.back.click()
    assert tour.player.place == 1
    tour.bar.back.click()
    assert tour.player.place == 0
    tour.bar.next.click()
    tour.bar.next.click()
    assert not tour.bar.next.isEnabled()
    tour.window.close()


def test_what_fails_ends_its_story_alone(told, heart, head):
    def fail(stage, checkpoint):
        stage.open(checkpoint, ["LV cavity"])
        yield Say("It begins well.")
        yield Rest(1)
        stage.take_as_reference("nothing yet")

    tour, said, images = told([Story("broken", "Broken", "heart", heart, fail), *stories(heart, head)[:1]])
    assert "This story is skipped: There is no finished image" in said[1]
    assert len(images) == 4
    tour.window.close()


# ---- as scenes of the stage


@pytest.fixture
def on_stage(window, commands, heart, head, tmp_path):
    """Open the stage, and fill its list with a story, a mask, and another story; returns its keeper."""
    commands.list_stories = lambda: stories(heart, head)
    np.testing.assert_array_equal(window.studio.document.mask.values, 0)
    mask = tmp_path / "mask.png"
    mask.write_bytes(encode_mask(disc(16, 16, 5).astype(np.uint8), window.studio.document.table))
    stage = window.studio.view.stage
    stage.set_on(True)
    stage.scenes = (
        Scene(story="thick-heart", caption="It grows"),
        Scene(file=str(mask)),
        Scene(story="no-gland"),
    )
    return window.stage


def tours():
    return [
        widget for widget in QApplication.topLevelWidgets() if widget.windowTitle() == "SegPaint: tour"
        and widget.isVisible()
    ]  # fmt: skip


def press(tour, key):
    QTest.keyClick(tour.windowHandle(), key)


def test_a_story_is_a_scene_that_fills_the_stage(window, on_stage, qtbot):
    stage, state = window.studio.view.stage, user_state(window)
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    (tour,) = tours()
    assert tour.isFullScreen()
    assert tour.geometry() == on_stage.stage.geometry()
    assert tour.menuBar().isHidden()
    assert tour.statusBar().isHidden()
    assert tour.findChild(NarrationBar).title.text() == "It grows"
    assert (stage.title, stage.story) == ("It grows", "thick-heart")
    said = []
    tour.findChild(NarrationBar)._player.said.connect(said.append)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    press(tour, Qt.Key.Key_Space)
    assert tour.findChild(NarrationBar)._player.state is State.WAITING
    press(tour, Qt.Key.Key_Space)
    assert tour.findChild(NarrationBar)._player.state is State.PLAYING
    canvas, before = tour.canvas, tour.studio.document.strokes.stack.index()
    QTest.mouseClick(tour.windowHandle(), Qt.MouseButton.LeftButton, pos=canvas.mapTo(tour, QPoint(60, 60)))
    press(tour, Qt.Key.Key_B)
    assert tour.findChild(NarrationBar)._player.state is State.PLAYING  # what is done does not reach it
    assert tour.studio.document.strokes.stack.index() == before
    press(tour, Qt.Key.Key_Escape)
    assert not stage.is_on
    assert on_stage.stage is None
    assert tours() == []
    assert user_state(window) == state


def test_the_stage_begins_with_a_story_that_is_listed_first(window, on_stage, qtbot):
    stage = window.studio.view.stage
    stage.set_on(False)
    assert tours() == []
    stage.set_on(True)
    (tour,) = tours()
    assert tour.isFullScreen()
    assert tour.geometry() == on_stage.stage.geometry()
    assert (stage.title, stage.story) == ("It grows", "thick-heart")
    press(tour, Qt.Key.Key_Escape)
    assert not stage.is_on
    assert tours() == []


def test_one_leads_from_stories_to_masks_and_back(window, on_stage, qtbot):
    stage = window.studio.view.stage
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    press(tours()[0], Qt.Key.Key_PageDown)
    assert tours() == []
    assert stage.is_on
    assert window.studio.document.mask.values.any()
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    (second,) = tours()
    assert (stage.story, second.findChild(NarrationBar).title.text()) == ("no-gland", "A gland disappears")
    press(second, Qt.Key.Key_Left)
    assert tours() == []
    second = None
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Left)
    (first,) = tours()
    first.close()  # by itself, as a window manager would
    assert stage.story == ""
    assert stage.is_on
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Escape)
    assert not stage.is_on


def test_a_story_that_cannot_be_played_is_reported_and_the_others_follow(
    window, commands, on_stage, heart, qtbot
):
    stage = window.studio.view.stage
    stage.scenes = Scene(story="of-tomorrow"), Scene(story="no-gland"), Scene(story="thick-heart")
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    assert "this version does not know" in window.messages.text.text()
    commands.list_stories = lambda: stories(heart, None)
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    assert "needs the models that come with SegPaint: head-neck" in window.messages.text.text()
    assert (stage.story, tours()) == ("", [])
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    assert len(tours()) == 1


def test_a_story_takes_the_place_of_an_open_tour_and_of_the_last_story(window, commands, on_stage, heart, head):
    commands.play(stories(heart, head), BRISK)
    window.studio.view.stage.scene_wanted.emit(1)
    (tour,) = tours()
    assert tour.isFullScreen()
    window.studio.view.stage.play_story("no-gland")
    (tour,) = tours()
    assert [story.key for story in tour.findChild(NarrationBar)._player.stories] == ["no-gland"]
    window.studio.view.stage.set_on(False)
    assert tours() == []


def test_a_story_on_the_stage_ends_with_its_last_sentence(window, commands, on_stage, heart, qtbot):
    short = Story("thick-heart", "Short", "heart", heart, lambda *_: iter([Say("All of it.")]))
    commands.list_stories = lambda: [short]
    qtbot.keyClick(on_stage.stage, Qt.Key.Key_Right)
    (tour,) = tours()
    bar = tour.findChild(NarrationBar)
    qtbot.waitUntil(lambda: bar._player.state is State.OVER, timeout=20_000)
    assert bar.sentence.text() == "All of it."
    assert bar.title.text() == "The end"


def test_stories_are_added_in_the_window_of_scenes(window, commands):
    listing = ScenesWindow(window.studio, window.shell, window)
    assert not listing.story.isHidden()
    for action in listing.story.menu().actions()[::-1]:
        action.trigger()
    scenes = window.studio.view.stage.scenes
    assert [(scene.story, scene.caption) for scene in scenes] == [
        (story.key, story.title) for story in stories(None, None)[::-1]
    ]
    listing.list.insertItem(2, listing.list.takeItem(0))
    assert window.studio.view.stage.scenes[-1] == scenes[0]


# ---- what it leaves behind


def test_escape_ends_the_tour(window, commands, heart, head, qtbot, settle):
    widgets = set(QApplication.topLevelWidgets())
    tour = commands.play(stories(heart, head), BRISK)
    with qtbot.waitActive(tour.window):
        tour.window.activateWindow()
    ended = []
    tour.ended.connect(partial(ended.append, True))
    qtbot.keyClick(tour.window.canvas, Qt.Key.Key_Escape)
    assert ended
    del tour
    settle()
    assert set(QApplication.topLevelWidgets()) == widgets


def test_there_is_one_tour_at_a_time(commands, heart, head):
    tour = commands.play(stories(heart, head), BRISK)
    assert commands.play(stories(heart, head), BRISK) is tour
    tour.window.close()


def test_the_tour_is_offered_by_the_users_window_alone(window, commands, heart, head):
    assert window.commands["tour"].isVisible()
    tour = commands.play(stories(heart, head), BRISK)
    assert not tour.window.commands["tour"].isVisible()
    tour.window.close()


def test_the_users_run_waits_and_goes_on_from_where_it_was(
    window, commands, heart, head, qtbot, settings, finish
):
    settings(steps=400)
    runs = window.studio.runs
    runs.generate()
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) > 3)
    run = runs.branches.current.run
    tour = commands.play(stories(heart, head), BRISK)
    qtbot.waitUntil(lambda: runs.state is RunState.PAUSED)
    assert window.messages.text.text() == PAUSED
    taken = runs.trajectory.taken
    qtbot.waitUntil(lambda: tour.window.studio.runs.trajectory.result is not None, timeout=20_000)
    assert runs.trajectory.taken == taken
    tour.window.close()
    assert window.messages.isHidden()
    finish(window)
    assert runs.branches.current.run == run
    assert len(runs.trajectory.frames) == 400


def test_a_run_that_the_user_paused_stays_paused(window, commands, heart, head, qtbot):
    window.studio.runs.begin_paused()
    qtbot.waitUntil(lambda: len(window.studio.runs.trajectory.frames) == 1)
    tour = commands.play(stories(heart, head), BRISK)
    tour.window.close()
    qtbot.wait(50)
    assert window.studio.runs.state is RunState.PAUSED
    assert len(window.studio.runs.trajectory.frames) == 1


def test_closing_the_users_window_ends_the_tour(window, commands, heart, head, qtbot):
    tour = commands.play(stories(heart, head), BRISK)
    qtbot.waitUntil(lambda: tour.window.studio.runs.is_ready, timeout=20_000)
    ended = []
    tour.ended.connect(partial(ended.append, True))
    window.close()
    assert ended


def test_nothing_starts_once_the_studio_is_closed(qapp, tiny_checkpoint, tmp_path):
    studio = Studio(read_checkpoint(tiny_checkpoint), tmp_path, "cpu")
    studio.close()
    studio.start()  # the window was drawn, but that was heard of too late
    del studio
    gc.collect()  # a thread that runs on would end the whole program here


def test_a_closed_studio_writes_nothing_more(qapp, tiny_checkpoint, tmp_path):
    work = tmp_path / "of a tour"
    studio = Studio(read_checkpoint(tiny_checkpoint), work, "cpu")
    studio.preferences.set("gestures/millimetres", False)
    studio.close()
    shutil.rmtree(work)
    del studio
    gc.collect()
    QApplication.processEvents()
    assert not work.exists()


def test_interrupted_at_any_moment_it_leaves_everything_as_it_was(
    window, commands, heart, head, hand, finish, qtbot, settle, tmp_path, tmp_path_factory, monkeypatch, long
):
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    hand(window, (10, 10), (20, 20))
    window.studio.runs.generate()
    finish(window)
    window.commands["pin"].trigger()
    window.commands["blink"].trigger()
    window.studio.runs.scrub(2)
    window.studio.document.set_label(2, used=False)
    qtbot.wait(600)  # until all of that is kept on the disk
    state, kept, threads = user_state(window), files(tmp_path), threading.active_count()
    widgets = set(QApplication.topLevelWidgets())  # the menus of the window among them
    chance = random.Random(4)
    for _ in range(25 if long else 10):
        tour = commands.play(stories(heart, head), BRISK)
        player = tour.player
        if chance.random() < 0.6:
            qtbot.waitUntil(lambda tour=tour: tour.window.studio.runs.is_ready, timeout=20_000)
        for _ in range(chance.randrange(4)):
            qtbot.wait(chance.randrange(120))
            chance.choice([player.toggle, player.skip, player.go_back, tour.window.studio.runs.generate])()
        qtbot.wait(chance.randrange(200))
        tour.window.close()
        del tour, player
        settle()
        assert set(QApplication.topLevelWidgets()) == widgets
    assert threading.active_count() <= threads
    assert list(temporary.iterdir()) == []
    assert user_state(window) == state
    assert files(tmp_path) == kept
