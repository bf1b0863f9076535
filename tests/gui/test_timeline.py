"""The timeline."""

from dataclasses import dataclass

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from segpaint.gui.commands.actions import Actions
from segpaint.gui.running.step_preview import StepPreview
from segpaint.gui.running.transport_bar import TransportBar
from segpaint.studio.studio import Studio


@dataclass
class Deck:
    """The transport bar with its timeline, without a window."""

    studio: Studio
    transport: TransportBar
    preview: StepPreview


@pytest.fixture
def deck(loaded, shell, qtbot):
    around = QWidget()
    qtbot.addWidget(around)
    bar = TransportBar(loaded, shell, Actions(loaded, shell, around).actions)
    QVBoxLayout(around).addWidget(bar, alignment=Qt.AlignmentFlag.AlignBottom)
    around.resize(1100, 400)
    with qtbot.waitExposed(around):
        around.show()
    return Deck(loaded, bar, StepPreview(bar.timeline, around))


@pytest.fixture
def branched(deck, settings, paint, finish):
    """A deck with a run that has a branch from its sixth step."""
    settings(steps=20)
    runs = deck.studio.runs
    runs.generate()
    finish(deck)
    runs.scrub(5)
    paint((22, 8), (22, 24))
    runs.branch_off()
    finish(deck)
    return deck


def test_a_click_goes_to_a_step_of_any_branch(branched, click_step):
    runs = branched.studio.runs
    parent, child = runs.branches
    click_step(branched, 12, child)
    assert (runs.branches.current, runs.trajectory.cursor) == (child, 12)
    click_step(branched, 3, parent)
    assert (runs.branches.current, runs.trajectory.cursor) == (parent, 3)
    assert branched.transport.counter.text() == "4 / 20"
    click_step(branched, 3, child)  # a step that both share
    assert (runs.branches.current, runs.trajectory.cursor) == (child, 3)


def test_the_pointer_shows_a_step_without_going_there(branched, qtbot):
    runs, timeline = branched.studio.runs, branched.transport.timeline
    cursor = runs.trajectory.cursor
    spot = timeline.spot_at(QPointF(timeline.place_of(runs.branches.current, 8)))
    assert spot.frame.index == 8
    qtbot.mouseMove(timeline, QPoint(3, 3))
    qtbot.mouseMove(timeline, timeline.place_of(runs.branches.current, 8))
    qtbot.waitUntil(branched.preview.isVisible)
    assert "Step 9 of 20" in branched.preview.text.text()
    assert runs.trajectory.cursor == cursor
    timeline.hovered.emit(None)
    assert not branched.preview.isVisible()


def test_it_works_by_keyboard(branched, qtbot):
    runs, timeline = branched.studio.runs, branched.transport.timeline
    parent, child = runs.branches
    timeline.setFocus()
    for key, place in (
        (Qt.Key.Key_Left, (child, 18)),
        (Qt.Key.Key_Home, (child, 0)),
        (Qt.Key.Key_Right, (child, 1)),
        (Qt.Key.Key_Up, (parent, 5)),
        (Qt.Key.Key_Up, (parent, 5)),
        (Qt.Key.Key_End, (parent, 19)),
        (Qt.Key.Key_Down, (child, 1)),
    ):
        qtbot.keyClick(timeline, key)
        assert (runs.branches.current, runs.trajectory.cursor) == place


def drag(widget, place):
    where, button = QPointF(place), Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, widget.mapToGlobal(where), button, button, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def test_dragging_scrubs_the_branch_it_began_on(branched, qtbot):
    runs, timeline = branched.studio.runs, branched.transport.timeline
    child = runs.branches.current
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=timeline.place_of(child, 15))
    for index in (12, 10):
        strayed = timeline.place_of(child, index) + QPoint(0, -index)
        drag(timeline, strayed)
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=timeline.place_of(child, 10))
    assert runs.branches.current is child
    assert runs.trajectory.cursor == 10


def test_every_branch_can_be_reached_by_the_wheel(branched, finish, click_step):
    runs, timeline = branched.studio.runs, branched.transport.timeline
    for _ in range(5):
        runs.scrub(2)
        runs.branch_off()
        finish(branched)
    first = next(iter(runs.branches))
    assert timeline.spot_at(QPointF(timeline.width() / 2, 5)).branch is not first
    for _ in range(10):
        wheel = QWheelEvent(
            QPointF(50, 20), timeline.mapToGlobal(QPointF(50, 20)), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(timeline, wheel)
    click_step(branched, 7, first)
    assert runs.branches.current is first


def test_a_thousand_steps_are_all_within_reach(deck, settings, qtbot, click_step):
    settings(steps=1000)
    runs = deck.studio.runs
    runs.generate()
    qtbot.waitUntil(lambda: runs.trajectory.newest is not None and runs.trajectory.newest.index > 30)
    runs.stop()
    click_step(deck, 17)
    assert abs(runs.trajectory.cursor - 17) <= 1


def test_what_is_drawn_changes_with_the_run(branched):
    timeline = branched.transport.timeline

    def pixels():
        image = timeline.grab().toImage()
        return np.frombuffer(image.constBits(), np.uint8).copy()

    before = pixels()
    branched.studio.runs.scrub(2)
    assert not np.array_equal(before, pixels())
    branched.studio.runs.generate()
    branched.studio.runs.stop()
    assert not np.array_equal(before, pixels())


def test_a_branch_can_be_renamed(branched, shell, click_step):
    shell.answers = ["thicker wall"]
    parent, _ = branched.studio.runs.branches
    click_step(branched, 4, parent, Qt.MouseButton.RightButton)
    menu = QApplication.activePopupWidget()
    assert "Branch off here" in [action.text() for action in menu.actions()]
    menu.actions()[-1].trigger()
    menu.close()
    assert parent.name == "thicker wall"
