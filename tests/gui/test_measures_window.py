"""The window with the sizes of labels."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

from segpaint.gui.looking.measures_window import MeasuresWindow
from segpaint.gui.parts.screens import screen_of
from segpaint.studio.document.document import Reference


@pytest.fixture
def sizes(window, qtbot, drawn_mask):
    window.studio.document.strokes.replace(drawn_mask, "Draw")
    window.commands["sizes"].trigger()
    found = window.findChild(MeasuresWindow)
    qtbot.waitUntil(lambda: found.table.rowCount() > 0, timeout=10_000)
    return found


def cells(sizes):
    table = sizes.table
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]


def test_sizes_follow_the_mask(window, sizes, qtbot, drawn_mask):
    assert {row[1] for row in cells(sizes)} == {"mask"}
    before = cells(sizes)
    smaller = drawn_mask.copy()
    smaller[: len(smaller) // 2] = 0
    window.studio.document.strokes.replace(smaller, "Cut")
    qtbot.waitUntil(lambda: cells(sizes) != before, timeout=10_000)
    window.studio.document.strokes.replace(np.zeros_like(drawn_mask), "Clear")
    qtbot.waitUntil(lambda: not sizes.empty.isHidden(), timeout=10_000)
    assert sizes.table.isHidden()
    assert not sizes.copy.isEnabled()


def test_the_reference_is_measured_beside_the_mask(window, sizes, qtbot, drawn_mask):
    image = np.full(drawn_mask.shape, 90, np.uint8)
    window.studio.document.set_reference(Reference("real", image, drawn_mask[::-1].copy(), (1, 2, 4)))
    qtbot.waitUntil(lambda: {row[1] for row in cells(sizes)} == {"mask", "reference"}, timeout=10_000)
    document = window.studio.document
    document.set_reference(replace(document.reference, mask=np.zeros_like(drawn_mask)))
    qtbot.waitUntil(lambda: any(row[1:3] == ["reference", "–"] for row in cells(sizes)), timeout=10_000)


def test_edits_are_undone_and_done_again_while_the_sizes_are_in_front(window, sizes, qtbot, drawn_mask):
    mask, control = window.studio.document.mask, Qt.KeyboardModifier.ControlModifier
    sizes.activateWindow()
    sizes.table.setFocus()
    qtbot.waitUntil(lambda: sizes.isActiveWindow())
    qtbot.keyClick(sizes.table, Qt.Key.Key_Z, control)
    assert not np.array_equal(mask.values, drawn_mask)
    qtbot.keyClick(sizes.table, Qt.Key.Key_Y, control)
    np.testing.assert_array_equal(mask.values, drawn_mask)
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow())
    qtbot.keyClick(window, Qt.Key.Key_Z, control)  # as ever
    assert not np.array_equal(mask.values, drawn_mask)


@pytest.fixture
def wall():
    """A ring, whose wall is measured by many sectors."""
    rows, columns = np.ogrid[-16:16, -16:16]
    far = np.hypot(rows + 0.5, columns + 0.5)
    mask = np.zeros((32, 32), np.uint8)
    mask[far < 14], mask[far < 8] = 1, 2
    return mask


def test_the_window_opens_as_wide_as_its_table_and_within_the_screen(window, qtbot, wall):
    window.studio.document.strokes.replace(wall, "Draw")
    window.commands["sizes"].trigger()
    sizes = window.findChild(MeasuresWindow)
    room = screen_of(sizes).availableGeometry()
    sizes.setGeometry(room.right() - 300, 40, 300, 300)  # as if larger letters filled it
    qtbot.waitUntil(lambda: sizes.table.rowCount() > 0, timeout=10_000)
    columns = sizes.table.horizontalHeader().length()
    assert columns < room.width()
    qtbot.waitUntil(lambda: sizes.table.viewport().width() >= columns)
    assert room.contains(sizes.geometry())
    sizes.resize(700, 300)
    before = cells(sizes)
    window.studio.document.strokes.replace(wall * (wall < 2), "Cut")
    qtbot.waitUntil(lambda: cells(sizes) != before, timeout=10_000)
    assert sizes.width() == 700  # the size is the user's


def test_what_is_copied_is_the_table(sizes):
    sizes.copy.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert [line.split("\t") for line in lines[1:]] == cells(sizes)
    assert lines[0].startswith("label\tin the\tarea, ")


def test_a_closed_window_measures_nothing_and_opens_anew(window, sizes, qtbot, drawn_mask):
    before = cells(sizes)
    sizes.close()
    window.studio.document.strokes.replace(np.where(drawn_mask == 1, drawn_mask, 0), "Keep one")
    sizes.measure()
    qtbot.wait(50)
    assert cells(sizes) == before
    window.commands["sizes"].trigger()
    assert window.findChildren(MeasuresWindow) == [sizes]
    qtbot.waitUntil(lambda: cells(sizes) != before, timeout=10_000)
