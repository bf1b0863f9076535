"""The timeline in the real window."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QInputDialog


@pytest.fixture
def branched(window, hand, settings, finish):
    """A window whose run has a branch from its sixth step."""
    settings(steps=20)
    window.session.generate()
    finish(window)
    window.session.scrub(5)
    hand(window, (22, 8), (22, 24))
    window.commands["branch"].trigger()
    finish(window)
    return window


def test_a_click_goes_to_a_step_of_any_branch(branched, click_step):
    session = branched.session
    parent, child = session.branches
    click_step(branched, 12, child)
    assert (session.branches.current, session.trajectory.cursor) == (child, 12)
    click_step(branched, 3, parent)
    assert (session.branches.current, session.trajectory.cursor) == (parent, 3)
    assert branched.transport.counter.text() == "4 / 20"
    click_step(branched, 3, child)  # a step that both share
    assert (session.branches.current, session.trajectory.cursor) == (child, 3)


def test_the_pointer_shows_a_step_without_going_there(branched, qtbot):
    session, timeline = branched.session, branched.transport.timeline
    cursor = session.trajectory.cursor
    spot = timeline.spot_at(QPointF(timeline.place_of(session.branches.current, 8)))
    assert spot.frame.index == 8
    qtbot.mouseMove(timeline, QPoint(3, 3))
    qtbot.mouseMove(timeline, timeline.place_of(session.branches.current, 8))
    qtbot.waitUntil(branched.preview.isVisible)
    assert "Step 9 of 20" in branched.preview.text.text()
    assert session.trajectory.cursor == cursor
    timeline.hovered.emit(None)
    assert not branched.preview.isVisible()


def test_it_works_by_keyboard(branched, qtbot):
    session, timeline = branched.session, branched.transport.timeline
    parent, child = session.branches
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
        assert (session.branches.current, session.trajectory.cursor) == place


def drag(widget, place):
    where, button = QPointF(place), Qt.MouseButton.LeftButton
    event = QMouseEvent(
        QEvent.Type.MouseMove, where, widget.mapToGlobal(where), button, button, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(widget, event)


def test_dragging_scrubs_the_branch_it_began_on(branched, qtbot):
    session, timeline = branched.session, branched.transport.timeline
    child = session.branches.current
    qtbot.mousePress(timeline, Qt.MouseButton.LeftButton, pos=timeline.place_of(child, 15))
    for index in (12, 10):
        strayed = timeline.place_of(child, index) + QPoint(0, -index)
        drag(timeline, strayed)
    qtbot.mouseRelease(timeline, Qt.MouseButton.LeftButton, pos=timeline.place_of(child, 10))
    assert session.branches.current is child
    assert session.trajectory.cursor == 10


def test_every_branch_can_be_reached_by_the_wheel(branched, finish, click_step):
    session, timeline = branched.session, branched.transport.timeline
    for _ in range(5):
        session.scrub(2)
        session.branch_off()
        finish(branched)
    first = next(iter(session.branches))
    assert timeline.spot_at(QPointF(timeline.width() / 2, 5)).branch is not first
    for _ in range(10):
        wheel = QWheelEvent(
            QPointF(50, 20), timeline.mapToGlobal(QPointF(50, 20)), QPoint(), QPoint(0, 120),
            Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(timeline, wheel)
    click_step(branched, 7, first)
    assert session.branches.current is first


def test_a_thousand_steps_are_all_within_reach(window, settings, qtbot, click_step):
    settings(steps=1000)
    session = window.session
    session.generate()
    qtbot.waitUntil(lambda: session.trajectory.newest is not None and session.trajectory.newest.index > 30)
    window.commands["stop"].trigger()
    click_step(window, 17)
    assert abs(session.trajectory.cursor - 17) <= 1


def test_what_is_drawn_changes_with_the_run(branched):
    timeline = branched.transport.timeline

    def pixels():
        image = timeline.grab().toImage()
        return np.frombuffer(image.constBits(), np.uint8).copy()

    before = pixels()
    branched.session.scrub(2)
    assert not np.array_equal(before, pixels())
    branched.session.generate()
    branched.session.stop()
    assert not np.array_equal(before, pixels())


def test_a_branch_can_be_renamed(branched, qtbot, click_step, monkeypatch):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("thicker wall", True))
    parent, _ = branched.session.branches
    click_step(branched, 4, parent, Qt.MouseButton.RightButton)
    menu = QApplication.activePopupWidget()
    assert branched.commands["branch"] in menu.actions()
    menu.actions()[-1].trigger()
    menu.close()
    assert parent.name == "thicker wall"
