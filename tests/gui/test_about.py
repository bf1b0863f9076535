"""The box that shows what the program is copies a report of how it stands."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from segpaint.core.errors import SegPaintError
from segpaint.diagnosis import Finding
from segpaint.gui.window import about_box
from segpaint.gui.window.about_box import AboutBox


@pytest.fixture
def diagnosed(monkeypatch):
    """The reports asked for: whether each was to hold a self-test."""
    asked = []

    def diagnose(*, self_test):
        asked.append(self_test)
        return iter([Finding("SegPaint", "stands well")])

    monkeypatch.setattr(about_box, "diagnose", diagnose)
    return asked


def click(window, words):
    window.commands["about"].trigger()
    box = window.findChild(AboutBox)
    button = next(one for one in box.findChildren(QPushButton) if words in one.text())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(("words", "self_test"), [("report", False), ("self-test", True)])
def test_a_report_is_copied_and_shown_to_be(window, qtbot, diagnosed, words, self_test):
    QGuiApplication.clipboard().setText("from before")
    click(window, words)
    assert "Looking at this installation" in window.statusBar().currentMessage()
    qtbot.waitUntil(lambda: "Copied a report" in window.statusBar().currentMessage())
    assert QGuiApplication.clipboard().text() == "SegPaint: stands well\n"
    assert diagnosed == [self_test]


def test_a_report_that_fails_leaves_the_clipboard_and_shows_why(window, qtbot, monkeypatch):
    def diagnose(*, self_test):
        raise SegPaintError("The device is gone.")

    monkeypatch.setattr(about_box, "diagnose", diagnose)
    QGuiApplication.clipboard().setText("from before")
    click(window, "report")
    qtbot.waitUntil(lambda: "The device is gone." in window.messages.text.text())
    assert QGuiApplication.clipboard().text() == "from before"
    assert not window.statusBar().currentMessage()
