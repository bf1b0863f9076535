"""A message that asks for something goes as soon as that is done, and no earlier."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from segpaint.core.errors import SegPaintError
from segpaint.gui.canvas.image_pane import HINT
from segpaint.gui.files.references import open_image
from segpaint.gui.files.saving import ask_where_to_save
from segpaint.gui.making.animation_commands import export_run
from segpaint.gui.making.explore_commands import show_seeds, show_similarities
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.message_bar import MessageBar
from segpaint.studio.document.settings import Purpose


def says(window, words):
    return not window.messages.isHidden() and words in window.messages.text.text()


@pytest.fixture
def alone(tiny_data, tmp_path):
    """A real image without a mask beside it."""
    return shutil.copy(tiny_data / "images" / "val" / "val_0.png", tmp_path / "alone.png")


@pytest.mark.parametrize("end", ["the tick", "another reference", "none"])
def test_a_reference_is_asked_for_its_labels_until_it_has_them(window, alone, end):
    document = window.studio.document
    document.strokes.replace(np.ones_like(document.mask.values), "Paint")
    open_image(window.studio, window.shell, alone)
    assert says(window, "has no mask beside it")
    assert says(window, "Undo brings back what was painted before.")
    document.strokes.replace(np.ones_like(document.mask.values), "Paint")
    document.change_settings(replace(document.settings, margin=3))
    assert says(window, "has no mask beside it")
    if end == "the tick":
        window.reference.take.click()
    else:
        other = None if end == "none" else replace(document.reference, image=document.reference.image.copy())
        document.set_reference(other)
    assert window.messages.isHidden()


def test_an_autosave_that_failed_is_reported_until_one_succeeds(window, hand, tmp_path, qtbot):
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    (tmp_path / "work").write_text("in the way of the folder")
    hand(window, (10, 10), (20, 20))
    qtbot.waitUntil(lambda: says(window, "work"))
    (tmp_path / "work").unlink()
    hand(window, (5, 5), (8, 8))
    qtbot.waitUntil(window.messages.isHidden)


def test_a_reference_to_come_near_to_is_asked_for_until_there_is_one(window, tiny_data):
    studio = window.studio
    assert show_similarities(studio, window.shell) is None
    assert says(window, "Near the reference")
    open_image(studio, window.shell, tiny_data / "images" / "val" / "val_0.png")
    assert show_similarities(studio, window.shell) is None
    studio.document.change_settings(replace(studio.document.settings, purpose=Purpose.NEAR))
    assert window.messages.isHidden()


def test_a_model_that_is_being_loaded_is_waited_for_and_not_longer(open_window, qtbot):
    window = open_window()
    assert show_seeds(window.studio, window.shell, 2) is None
    assert says(window, "as soon as the model is loaded")
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    assert window.messages.isHidden()


@pytest.mark.parametrize("ask", [export_run, ask_where_to_save])
def test_an_image_is_asked_for_until_there_is_one(window, finish, ask):
    ask(window.studio, window.shell)
    assert says(window, "generate")
    window.commands["generate"].trigger()
    finish(window)
    assert window.messages.isHidden()


def test_why_a_run_failed_is_shown_until_another_one_begins(window, hand, finish, qtbot):
    window.commands["generate"].trigger()
    finish(window)
    window.studio.runs.branch_off()
    assert says(window, "go back to an earlier one")
    hand(window, (5, 5), (8, 8))
    window.studio.runs.scrub(1)
    assert says(window, "go back to an earlier one")
    window.studio.runs.branch_off()
    qtbot.waitUntil(window.messages.isHidden)
    finish(window)


def test_a_message_forgets_what_it_waited_for_when_another_one_comes(window):
    done = []
    window.shell.warn("Paint something.", until=lambda: bool(done))
    window.shell.warn(SegPaintError("The disk is full."))
    done.append(True)
    window.studio.changed.emit()
    assert says(window, "The disk is full.")


def test_the_empty_pane_never_asks_for_what_was_done(open_window, qtbot, finish):
    window = open_window()
    hint = window.image.hint
    assert hint.text() == HINT
    assert not hint.isHidden()
    window.commands["generate"].trigger()
    assert window.studio.runs.is_waiting
    assert "Starts when" in window.run_label.sentence
    assert "press Generate" not in hint.text()
    assert "when the model is loaded" in hint.text()
    finish(window)
    assert hint.isHidden()


def test_the_empty_pane_asks_again_when_waiting_is_given_up(open_window):
    window = open_window()
    window.commands["generate"].trigger()
    window.commands["stop"].trigger()
    assert not window.studio.runs.is_waiting
    assert window.image.hint.text() == HINT


@pytest.mark.parametrize("error", [RuntimeError(), KeyError("name"), RuntimeError("a pipe broke")], ids=str)
def test_an_error_without_words_is_called_by_its_kind(window, error):
    window.messages.show_error(error)
    assert says(window, f"Something unforeseen went wrong: {str(error) or 'RuntimeError'}.")


def test_what_is_reported_once_the_window_is_gone_goes_nowhere(open_window, qtbot):
    window = open_window()
    shell = window.shell
    window.close()
    window.deleteLater()
    qtbot.waitUntil(lambda: not isValid(window))
    shell.say("Done.")
    shell.warn("Not done.")
    shell.warn(SegPaintError("The disk is full."))


def test_no_sentence_is_cut_by_its_buttons(qtbot):
    bar, panes, around = MessageBar(), QWidget(), QWidget()
    qtbot.addWidget(around)
    in_column(panes, bar, of=around, stretched=panes)
    sentence = "The file does not give the size of its pixels, and something else is unusual in it."
    bar.ask(sentence, "Give the width…", list, other=("Click on a scale", list))
    around.show()
    for width in (340, 900, 360):
        around.resize(width, 400)
        is_below = width < 900
        qtbot.waitUntil(lambda below=is_below: (bar.offer.y() >= bar.text.geometry().bottom()) is below)
        assert bar.text.height() >= bar.text.heightForWidth(bar.text.width())
        assert bar.height() < 150
