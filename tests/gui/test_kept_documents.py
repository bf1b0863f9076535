"""Going back to a model finds its document as it was left: mask, edits, labels."""

import json
import shutil
from functools import partial

import numpy as np
import pytest
from PySide6.QtCore import SIGNAL

from segpaint.core.requests.checkpoint import DESCRIPTION
from segpaint.gui.files import opening


@pytest.fixture
def open_folder(window):
    return partial(opening.open_folder, window.studio, window.shell)


def test_edits_are_there_after_a_look_at_another_model(
    window, hand, open_folder, tiny_checkpoint, other_checkpoint
):
    document, commands = window.studio.document, window.commands
    hand(window, (10, 10), (20, 20))
    once = document.mask.snapshot()
    hand(window, (25, 5))
    window.labels.rows[2].switches["locked"].click()
    open_folder(other_checkpoint)
    assert not commands["undo"].isEnabled()
    hand(window, (4, 4))
    open_folder(tiny_checkpoint)
    assert window.studio.document is document
    assert window.canvas.document is document
    assert window.labels.rows[2].switches["locked"].isChecked()
    commands["undo"].trigger()
    np.testing.assert_array_equal(document.mask.values, once)
    commands["undo"].trigger()
    assert not document.mask.values.any()
    assert not commands["undo"].isEnabled()
    commands["redo"].trigger()
    np.testing.assert_array_equal(document.mask.values, once)


def test_what_was_under_way_is_an_edit_of_the_model_left(
    window, hand, open_folder, tiny_checkpoint, other_checkpoint
):
    document = window.studio.document
    hand(window, (10, 10), (20, 20))
    before = document.mask.snapshot()
    window.commands["grow"].trigger()
    assert document.strokes.is_under_way
    grown = document.mask.snapshot()
    assert (grown != before).any()
    open_folder(other_checkpoint)
    open_folder(tiny_checkpoint)
    assert not document.strokes.is_under_way
    np.testing.assert_array_equal(document.mask.values, grown)
    document.strokes.undo()
    np.testing.assert_array_equal(document.mask.values, before)


def test_only_the_document_that_is_open_is_heard(window, hand, open_folder, tiny_checkpoint, other_checkpoint):
    document = window.studio.document
    signals = "labels_changed()", "settings_changed()", "reference_changed()"

    def listeners():
        heard = document.strokes.receivers(SIGNAL("mask_changed(PyObject)"))
        return [heard, *(document.receivers(SIGNAL(signal)) for signal in signals)]

    open_ = listeners()
    assert min(open_) > 0
    for _ in range(2):
        open_folder(other_checkpoint)
        assert listeners() == [0, 0, 0, 0]
        open_folder(tiny_checkpoint)
        assert listeners() == open_


def test_a_model_that_is_another_by_now_gets_a_document_of_its_own(
    studio, shell, tiny_checkpoint, other_checkpoint, tmp_path
):
    folder = tmp_path / "changing"
    shutil.copytree(tiny_checkpoint, folder)
    opening.open_folder(studio, shell, folder)
    document = studio.document
    opening.open_folder(studio, shell, other_checkpoint)
    description = json.loads((folder / DESCRIPTION).read_text())
    description["labels"][0]["name"] = "Renamed"
    (folder / DESCRIPTION).write_text(json.dumps(description))
    opening.open_folder(studio, shell, folder)
    assert studio.document is not document
    assert studio.document.table.indices == document.table.indices
    assert studio.document.name_of(document.table.indices[0]) == "Renamed"
