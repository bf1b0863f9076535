"""The list of labels: figures, hints, search, colours, the keyboard."""

import json
import shutil

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QColorDialog

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.labels.palette import OKABE_ITO
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.labels import label_commands
from segpaint.gui.labels.label_list import MANY
from segpaint.gui.parts.last_folder import keep_folder
from segpaint.io.image_files import encode_mask
from segpaint.io.label_tables import read_label_file
from segpaint.studio.document.document import Document

CHANGED = "#123456"


def colors(studio):
    return {label.name: label.color for label in studio.document.table}


def described(folder, target, **changes):
    """A copy of a checkpoint that says something else about itself."""
    shutil.copytree(folder, target)
    path = target / "segpaint.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return target


@pytest.fixture
def forty_labels(tiny_checkpoint, tmp_path):
    """A checkpoint that speaks of many labels, for a window that only lists them."""
    first = json.loads((tiny_checkpoint / "segpaint.json").read_text())["labels"]
    more = [{"index": index, "name": f"Vertebra {index}", "color": "#808080"} for index in range(5, 42)]
    return described(tiny_checkpoint, tmp_path / "forty", labels=first + more)


@pytest.fixture
def doubting_checkpoint(tiny_checkpoint, tmp_path):
    """A checkpoint that knows how large a body and a heart are."""
    usual = {"presence": 1, "centre": [0.5, 0.5], "centre_spread": [0.1, 0.1]}
    statistics = {"body": {**usual, "area": [0.1, 0.2, 0.3]}, "heart": {**usual, "area": [0.02, 0.05, 0.1]}}
    return described(tiny_checkpoint, tmp_path / "doubting", statistics=statistics, pixel_spacing=1.5)


# ---- files


@pytest.mark.parametrize(
    ("command", "dialog"), [("load_colors", "getOpenFileName"), ("save_labels", "getSaveFileName")]
)
def test_a_file_dialog_begins_where_the_last_one_ended(window, monkeypatch, tmp_path, command, dialog):
    keep_folder(window.studio.preferences, tmp_path / "mask.png")
    begun = []
    monkeypatch.setattr(
        f"segpaint.gui.window.window_shell.QFileDialog.{dialog}",
        lambda *args: begun.append(args[2]) or ("", ""),
    )
    window.commands[command].trigger()
    assert begun[0].startswith(str(tmp_path))


# ---- keys


def test_every_swatch_shows_its_key(window):
    rows = window.labels.rows

    def look():
        return {value: row.swatch.grab().toImage() for value, row in rows.items()}

    with_keys = look()
    window.labels.set_keys(())
    without = look()
    assert set(rows) == {1, 2, 4, FREE, BACKGROUND}
    assert [value for value in rows if with_keys[value] == without[value]] == []


# ---- figures


def test_figures_follow_the_hand(window, hand, qtbot, drawn_mask):
    window.studio.document.strokes.replace(drawn_mask, "open")
    rows = window.labels.rows
    qtbot.waitUntil(lambda: rows[1].figure.text() == "23 %")
    assert (rows[4].figure.text(), rows[FREE].figure.text()) == ("7.6 %", "–")
    assert "236 pixels, 23 % of the image; with what lies inside it 305 pixels, 30 %" in rows[1].toolTip()
    window.studio.document.paint_value = FREE
    assert window.labels.summary.text() == "no pixels"
    hand(window, (2, 2))
    free = np.count_nonzero(window.studio.document.mask.values == FREE)
    qtbot.waitUntil(lambda: window.labels.summary.text().startswith(f"{free} pixels · "))
    window.commands["undo"].trigger()
    qtbot.waitUntil(lambda: window.labels.summary.text() == "no pixels")


def test_areas_are_in_millimetres_where_the_spacing_is_known(
    open_window, doubting_checkpoint, drawn_mask, qtbot
):
    window = open_window(doubting_checkpoint)
    window.studio.document.strokes.replace(drawn_mask, "open")
    qtbot.waitUntil(lambda: window.labels.rows[1].figure.text() == "531 mm²")
    assert window.labels.summary.text() == "236 pixels · 531 mm² · 23 %"


# ---- hints


def test_what_the_model_never_saw_is_marked_and_nothing_moves(
    open_window, doubting_checkpoint, drawn_mask, qtbot
):
    window = open_window(doubting_checkpoint)
    document, row = window.studio.document, window.labels.rows[2]
    document.strokes.replace(drawn_mask, "open")
    qtbot.waitUntil(lambda: row.figure.text() == "155 mm²")
    qtbot.wait(500)
    assert row.hints == ()
    assert row.mark.isHidden()
    before = [row.name.geometry(), row.figure.geometry(), *(one.geometry() for one in row.switches.values())]
    document.strokes.replace(np.where(drawn_mask == 1, 2, drawn_mask), "large")
    qtbot.waitUntil(lambda: row.mark.isVisible())
    (hint,) = row.hints
    assert hint.startswith("heart covers 30 % of the image; in the training masks it is 2.0 to 10 %.")
    assert hint in row.toolTip()
    after = [row.name.geometry(), row.figure.geometry(), *(one.geometry() for one in row.switches.values())]
    assert before == after
    document.paint_value = 2  # by a key, say, so that nobody points at the mark
    assert window.statusBar().currentMessage() == hint
    row.switches["used"].click()
    qtbot.waitUntil(lambda: row.hints == ())
    row.switches["used"].click()
    qtbot.waitUntil(lambda: row.hints == (hint,))
    document.strokes.undo()
    qtbot.waitUntil(lambda: row.hints == ())


def test_hints_about_a_mask_are_not_shown_beside_another_model_s(
    open_window, doubting_checkpoint, tiny_checkpoint, drawn_mask, qtbot
):
    window = open_window(doubting_checkpoint)
    window.studio.document.strokes.replace(np.where(drawn_mask == 1, 2, drawn_mask), "large")
    qtbot.waitUntil(lambda: window.labels.rows[2].hints != ())
    window.studio.document.set_label(4, used=False)
    window.studio.open_document(Document(read_checkpoint(tiny_checkpoint), drawn_mask))
    qtbot.wait(500)
    assert all(row.hints == () for row in window.labels.rows.values())


# ---- search and the keyboard


def test_few_labels_need_no_search_but_may_have_one(window, qtbot):
    labels = window.labels
    assert len(labels.rows) <= MANY
    assert labels.search.isHidden()
    window.commands["find_label"].trigger()
    assert labels.search.isVisible()
    assert window.focusWidget() is labels.search
    qtbot.keyClicks(labels.search, "bo/")  # the key that began the search is a letter like any other now
    assert labels.search.text() == "bo/"
    qtbot.keyClick(labels.search, Qt.Key.Key_Escape)
    assert labels.search.isHidden()
    assert all(not row.isHidden() for row in labels.rows.values())
    assert window.focusWidget() is window.canvas


def test_labels_are_found_by_name(open_window, forty_labels, qtbot):
    window = open_window(forty_labels)
    window.activateWindow()
    qtbot.waitExposed(window)
    labels, document = window.labels, window.studio.document
    assert labels.search.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(labels.search, "VERTEBRA 1")
    assert [value for value, row in labels.rows.items() if not row.isHidden()] == list(range(10, 20))
    assert labels.nothing.isHidden()
    qtbot.keyClick(labels.search, Qt.Key.Key_Return)
    assert document.paint_value == 10
    assert window.focusWidget() is window.canvas
    assert labels.search.isVisible()
    assert all(not row.isHidden() for row in labels.rows.values())
    window.commands["find_label"].trigger()
    qtbot.keyClicks(labels.search, "no such thing")
    assert labels.nothing.isVisible()
    qtbot.keyClick(labels.search, Qt.Key.Key_Return)
    assert document.paint_value == 10
    qtbot.keyClick(labels.search, Qt.Key.Key_Escape)
    assert labels.nothing.isHidden()


def test_escape_in_the_search_stops_no_run(window, qtbot):
    window.activateWindow()
    qtbot.waitExposed(window)
    window.commands["begin_paused"].trigger()
    qtbot.waitUntil(lambda: window.studio.runs.state is RunState.PAUSED)
    window.commands["find_label"].trigger()
    qtbot.keyClick(window.labels.search, Qt.Key.Key_Escape)
    assert window.studio.runs.state is RunState.PAUSED
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    assert window.studio.runs.state is not RunState.PAUSED


def test_arrow_keys_choose_among_the_labels_found(open_window, forty_labels, qtbot):
    window = open_window(forty_labels)
    labels, document = window.labels, window.studio.document
    window.commands["find_label"].trigger()
    qtbot.keyClicks(labels.search, "1")
    qtbot.keyClick(labels.search, Qt.Key.Key_Down)
    visited = []
    for _ in range(4):
        assert window.focusWidget() is labels.rows[document.paint_value]
        visited.append(document.paint_value)
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    assert visited == [10, 11, 12, 13]
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Up)
    assert document.paint_value == 13
    for _ in range(20):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    assert document.paint_value == 41  # "free" has no 1 in its name


def test_arrow_keys_go_on_from_a_row_that_the_search_hides(window, qtbot):
    rows = window.labels.rows
    window.studio.document.paint_value = 2
    rows[2].setFocus()
    window.labels.search.setText("o")  # body and bone, not heart
    qtbot.keyClick(rows[2], Qt.Key.Key_Down)
    assert window.studio.document.paint_value == 4
    qtbot.keyClick(rows[4], Qt.Key.Key_Up)
    assert window.studio.document.paint_value == 1


def test_the_background_is_in_no_row_and_keys_lead_back_to_labels(studio, shell):
    document = studio.document
    document.paint_value = 4
    document.paint_value = BACKGROUND  # as it is picked on the canvas
    COMMANDS["next_label"].run(studio, shell)
    assert document.paint_value == 1
    COMMANDS["swap_label"].run(studio, shell)
    assert document.paint_value == BACKGROUND
    COMMANDS["previous_label"].run(studio, shell)
    assert document.paint_value == FREE


def test_switches_are_reached_and_toggled_by_keys(window, qtbot):
    window.activateWindow()
    qtbot.waitExposed(window)
    document, rows = window.studio.document, window.labels.rows
    taps = []
    window.space.tapped.connect(lambda: taps.append(1))
    rows[1].setFocus()
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert window.focusWidget() is rows[1].switches["shown"]
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Right)
    assert window.focusWidget() is rows[1].switches["used"]
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)
    assert document.used == (2, 4)
    assert not taps
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Down)
    assert window.focusWidget() is rows[2].switches["used"]
    assert document.paint_value == 2
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Left)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Left)
    assert window.focusWidget() is rows[2]
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Space)  # which a row leaves to the run
    assert taps


def test_tab_passes_by_the_current_row_alone(window, qtbot):
    window.activateWindow()
    qtbot.waitExposed(window)
    window.studio.document.paint_value = 2
    rows = window.labels.rows
    rows[2].setFocus()
    for _ in range(len(rows[2].places)):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
    assert not any(window.focusWidget() in row.places for row in rows.values())


# ---- colours


def test_a_colour_is_chosen_seen_and_kept(open_window, drawn_mask, tmp_path, qtbot):
    window = open_window()
    document = window.studio.document
    document.strokes.replace(drawn_mask, "open")
    request, own = document.request("float32"), colors(window.studio)
    qtbot.mouseDClick(window.labels.rows[4].swatch, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QColorDialog)
    assert "bone" in dialog.windowTitle()
    dialog.setCurrentColor(QColor(CHANGED))
    dialog.accept()
    assert colors(window.studio) == own | {"bone": CHANGED}
    assert window.labels.rows[4].swatch.color.name() == CHANGED
    view = window.studio.view.viewpoint
    view.zoom_at(view.centre, 4)
    place = window.canvas.rect().center()
    view.centre = view.centre.__class__(15.5, 29.5)
    view.changed.emit()
    assert window.canvas.grab().toImage().pixelColor(place).name() == CHANGED
    assert window.findings._items[4].pen().color().name() == CHANGED
    path = tmp_path / "mask.png"
    path.write_bytes(encode_mask(document.mask.snapshot(), document.table))
    with Image.open(path) as image:
        assert image.convert("RGB").getpixel((15, 29)) == QColor(CHANGED).getRgb()[:3]
    assert document.request("float32").model_dump_json() == request.model_dump_json()
    window.close()
    assert colors(open_window().studio) == own | {"bone": CHANGED}


def test_a_colour_not_taken_changes_nothing(studio, shell):
    own = colors(studio)
    label_commands.ask_color(studio, shell)
    (dialog,) = shell.opened
    dialog.setCurrentColor(QColor(CHANGED))
    dialog.reject()
    assert colors(studio) == own
    studio.document.paint_value = FREE
    label_commands.ask_color(studio, shell)
    assert "Choose a label first" in shell.said[-1]


def test_each_model_has_colours_of_its_own(studio, shell, tiny_checkpoint, tmp_path):
    own = colors(studio)
    twin = read_checkpoint(shutil.copytree(tiny_checkpoint, tmp_path / "twin"))
    studio.colors.take({1: CHANGED})
    studio.open_checkpoint(twin)
    assert colors(studio) == own
    label_commands.take_safe_colors(studio, shell)
    assert set(colors(studio).values()) == set(OKABE_ITO[:3])
    studio.open_checkpoint(read_checkpoint(tiny_checkpoint))
    assert colors(studio) == own | {"body": CHANGED}
    label_commands.reset_colors(studio, shell)
    assert colors(studio) == own
    studio.open_checkpoint(twin)
    assert set(colors(studio).values()) == set(OKABE_ITO[:3])


@pytest.mark.parametrize("kept", [{"tiny": 5}, {"tiny": {"body": "red", "heart": 7, "liver": CHANGED}}])
def test_preferences_that_make_no_sense_change_no_colour(studio, kept, tiny_checkpoint):
    studio.preferences.set("labels/colors", kept)
    studio.open_checkpoint(read_checkpoint(tiny_checkpoint))
    assert studio.document.table == studio.document.checkpoint.table


def test_the_menu_of_a_row_is_that_of_its_label(window):
    row = window.labels.rows[4]
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(3, 3), row.mapToGlobal(QPoint(3, 3)))
    QApplication.sendEvent(row, event)
    menu = QApplication.activePopupWidget()
    assert window.studio.document.paint_value == 4
    assert window.commands["label_color"] in menu.actions()
    menu.close()


@pytest.mark.parametrize("name", ["a.label", "a.ctbl", "a_dseg.tsv", "a.json"])
def test_a_table_is_exported_and_its_colours_loaded_again(studio, shell, tmp_path, name, qtbot):
    own = colors(studio)
    studio.colors.take({2: CHANGED})
    label_commands.save_labels(studio, shell, tmp_path / name)
    qtbot.waitUntil(lambda: bool(shell.said))
    assert name in shell.said[0]
    saved = read_label_file(tmp_path / name).table
    assert {label.name: label.color for label in saved} == own | {"heart": CHANGED}
    label_commands.reset_colors(studio, shell)
    label_commands.load_colors(studio, shell, tmp_path / name)
    assert colors(studio) == own | {"heart": CHANGED}
    assert shell.said[-1] == f"Took 3 of 3 colours from {name}"


def test_what_cannot_be_exported_or_loaded_is_said(studio, shell, tmp_path, qtbot):
    label_commands.save_labels(studio, shell, tmp_path / "a.csv")
    qtbot.waitUntil(lambda: bool(shell.warned))
    assert "give a label table one of the endings .label" in shell.warned[0]
    (tmp_path / "a.tsv").write_text("index\tname\n77\tliver\n")
    label_commands.load_colors(studio, shell, tmp_path / "a.tsv")
    assert "a.tsv has none of these labels" in shell.warned[1]
    (tmp_path / "b.tsv").write_text("nonsense")
    label_commands.load_colors(studio, shell, tmp_path / "b.tsv")
    assert "b.tsv, line 1" in shell.warned[2]


@pytest.mark.parametrize("height", [600, 640, 700, 760, 1000])
def test_no_row_is_cut_in_a_low_window(open_window, forty_labels, hand, qtbot, height):
    window = open_window(forty_labels, size=(1024, height))
    (area,) = {row.parentWidget().parentWidget().parentWidget() for row in window.labels.rows.values()}
    seen = area.viewport()

    def shown():
        places = [(row, row.mapTo(seen, QPoint(0, 0)).y()) for row in window.labels.rows.values()]
        return [(row, top) for row, top in places if top + row.height() > 0 and top < seen.height()]

    def are_whole():
        return all(top >= 0 and top + row.height() <= seen.height() for row, top in shown())

    qtbot.waitUntil(are_whole)
    assert len(shown()) >= 3
    window.studio.document.paint_value = 17
    qtbot.waitUntil(lambda: any(row.value == 17 for row, _ in shown()))
    assert are_whole()
    area.verticalScrollBar().triggerAction(area.verticalScrollBar().SliderAction.SliderSingleStepAdd)
    assert are_whole()
