"""The layout gives: borders are dragged, panels hidden, and both are as before after a restart."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from segpaint.gui.files.references import open_image
from segpaint.paths import find_checkpoint

MIDDLE = 200
"""A place on a long border, in pixels from its end."""


def splitter(window, name):
    return next(one for one in window.splitters if one.name == name)


def drag(window, name, border, by):
    """Drag a border by so many pixels, as a hand does, and return the sizes then."""
    one = splitter(window, name)
    handle = one.handle(border)
    across = one.orientation() is Qt.Orientation.Horizontal
    start = QPoint(1, MIDDLE) if across else QPoint(handle.width() // 2, 1)
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    QTest.mouseMove(handle, start + (QPoint(by, 0) if across else QPoint(0, by)))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, start)
    return one.sizes()


@pytest.mark.parametrize(("name", "border", "by"), [("panes", 1, -90), ("column", 1, -60), ("labels", 1, 20)])
def test_a_dragged_border_is_where_it_was_after_a_restart(open_window, qtbot, name, border, by):
    first = open_window()
    qtbot.waitUntil(lambda: splitter(first, name).sizes()[1] > 0)
    before = splitter(first, name).sizes()
    dragged = drag(first, name, border, by)
    assert dragged[0] == before[0] + by
    assert sum(dragged) == sum(before)
    first.close()
    again = open_window()
    qtbot.waitUntil(lambda: splitter(again, name).sizes() == dragged)
    QTest.mouseDClick(splitter(again, name).handle(border), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: splitter(again, name).sizes() == before)


def test_the_history_has_as_many_rows_as_there_is_room_for(open_window, qtbot):
    window = open_window()
    window.commands["history"].trigger()
    qtbot.waitUntil(lambda: window.history.height() > 40)
    window.history.empty.hide()
    window.history.film.show()  # as if there were results
    qtbot.waitUntil(lambda: not window.history.film.isWrapping())
    qtbot.waitUntil(splitter(window, "history").handle(1).isVisible)
    low = window.history.height()
    drag(window, "history", 1, -150)
    assert window.history.height() == low + 150
    qtbot.waitUntil(window.history.film.isWrapping)


def test_a_wider_window_leaves_the_right_column_as_wide_as_the_user_made_it(open_window, qtbot):
    window = open_window()
    qtbot.waitUntil(lambda: splitter(window, "column").sizes()[1] > 0)
    wide = drag(window, "column", 1, -60)[1]
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: sum(splitter(window, "column").sizes()) > 1200)
    assert splitter(window, "column").sizes()[1] == wide


def test_panes_share_their_width_alike_whatever_is_beside_them(open_window, qtbot):
    window = open_window()
    drag(window, "panes", 1, -90)
    window.commands["side_by_side"].trigger()  # another pane, for which nothing has been chosen
    qtbot.waitUntil(window.side.isVisible)
    widths = splitter(window, "panes").sizes()
    assert max(widths) - min(widths) <= 1


def test_what_does_not_fit_these_parts_is_left_out(open_window, qtbot):
    window = open_window()
    panes = splitter(window, "panes")
    qtbot.waitUntil(lambda: panes.sizes()[1] > 0)
    before = panes.sizes()
    panes.choose({"110": [5, 5], "11": [3, 4], "abc": [1, 2, 3], "111": [0, 0, 0]})
    assert panes.chosen == {}
    assert panes.sizes() == before


PANELS = {
    "tools": "tools", "model": "checkpoints", "labels": "labels", "reference": "reference",
    "request": "request",
}  # fmt: skip


@pytest.mark.parametrize("name", PANELS)
def test_a_panel_is_hidden_and_stays_so(open_window, name):
    first = open_window()
    others = [getattr(first, part) for key, part in PANELS.items() if key != name]
    first.commands[f"panel_{name}"].trigger()
    assert not getattr(first, PANELS[name]).isVisible()
    assert all(other.isVisible() for other in others)
    first.close()
    again = open_window()
    assert not getattr(again, PANELS[name]).isVisible()
    again.commands["reset_layout"].trigger()
    assert getattr(again, PANELS[name]).isVisible()


def test_the_panes_have_the_window_alone_and_give_it_back(open_window):
    window = open_window()
    window.commands["panel_labels"].trigger()
    shown = [window.tools, window.checkpoints, window.reference, window.request]
    wide = window.canvas.width()
    window.commands["panes_alone"].trigger()
    assert not any(part.isVisible() for part in shown)
    assert window.transport.isVisible()
    assert "Panes alone" in window.statusBar().currentMessage()  # and it can be read
    assert window.statusBar().isVisible()
    window.grab()
    assert window.canvas.width() > wide + 100
    window.commands["panes_alone"].trigger()
    assert all(part.isVisible() for part in shown)
    assert not window.labels.isVisible()  # hidden by itself before


def test_the_column_goes_with_its_last_panel(open_window):
    window = open_window()
    wide = window.canvas.width()
    for name in ("model", "labels", "reference", "request"):
        window.commands[f"panel_{name}"].trigger()
    window.grab()
    assert window.canvas.width() > wide + 100


def test_looking_for_a_label_brings_the_list_back(open_window):
    window = open_window()
    window.commands["panel_labels"].trigger()
    window.commands["panes_alone"].trigger()
    window.commands["find_label"].trigger()
    assert window.labels.search.isVisible()


def test_the_tools_fold_into_one_column_where_there_is_the_height(open_window, qtbot):
    window = open_window(size=(1100, 760))
    wide = window.tools.width()
    window.commands["fold_tools"].trigger()
    qtbot.waitUntil(lambda: window.tools.width() < wide - 20)
    window.resize(1100, 560)
    qtbot.waitUntil(lambda: window.tools.width() == wide)


def test_six_labels_are_seen_beside_a_reference(open_window, tmp_path, qtbot):
    window = open_window(find_checkpoint("head-neck-ct-128"), size=(1280, 760))
    path = tmp_path / "reference.png"
    Image.fromarray(np.tile(np.arange(0, 256, 2, dtype=np.uint8), (128, 1))).save(path)
    open_image(window.studio, window.shell, path)
    window.reference.purpose.setCurrentIndex(1)

    def whole_rows():
        rows = window.labels.rows.values()
        return sum(row.visibleRegion().boundingRect().size() == row.size() for row in rows)

    qtbot.waitUntil(lambda: whole_rows() >= 6)
    qtbot.wait(50)
    assert whole_rows() >= 6
