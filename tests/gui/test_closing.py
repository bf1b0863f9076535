"""Nothing stays of a window that was closed, nor of a document in whose place there is another."""

import gc
import shutil
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QMessageBox

from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.files.opening import open_folder
from segpaint.studio.document import documents
from segpaint.studio.studio import Studio


@pytest.fixture
def open_painted(dressed, tiny_checkpoint, hand, finish, qtbot, tmp_path):
    """Open a window that nobody else holds, paint in it, and have an image made."""

    def open_():
        window = build_window(Studio(read_checkpoint(tiny_checkpoint), tmp_path / "work", "cpu"))
        window.resize(1100, 700)
        window.show()
        hand(window, (10, 10), (20, 20))
        window.commands["generate"].trigger()
        finish(window)
        return window

    return open_


def test_a_closed_window_is_freed_with_all_that_it_showed(open_painted, dressed):
    window = open_painted()
    parts = window, window.studio, window.studio.document, window.studio.document.strokes.stack, window.canvas
    left = {type(part).__name__: weakref.ref(part) for part in parts}
    window.close()
    window.deleteLater()
    del window, parts
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    assert [name for name, part in left.items() if part() is not None] == []


def test_a_document_goes_when_others_are_kept(window, hand, finish, other_checkpoint, monkeypatch):
    monkeypatch.setattr(documents, "MOST", 1)
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    finish(window)
    document = weakref.ref(window.studio.document)
    gc.collect()
    open_folder(window.studio, window.shell, other_checkpoint)
    gc.collect()
    assert document() is None


@pytest.mark.parametrize("tries", [1, 3])
def test_a_window_whose_mask_can_be_kept_at_last_closes_by_itself(
    open_window, hand, monkeypatch, tmp_path, tries
):
    window = open_window()
    shown = []

    def choose(box):
        shown.append(box.text())
        if len(shown) == tries:
            (tmp_path / "work").unlink()  # somebody has made room meanwhile
        next(button for button in box.buttons() if button.text() == "Try again").click()

    monkeypatch.setattr(QMessageBox, "exec", choose)
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    (tmp_path / "work").write_text("in the way of the folder")
    hand(window, (10, 10), (20, 20))
    painted = window.studio.document.mask.snapshot()
    window.close()
    assert len(shown) == tries
    assert not window.isVisible()
    np.testing.assert_array_equal(open_window().studio.document.mask.values, painted)


@pytest.mark.parametrize("answer", ["Stay", "Close all the same"])
def test_a_window_whose_mask_cannot_be_kept_asks_before_it_closes(
    open_window, hand, monkeypatch, tmp_path, answer
):
    window = open_window()
    shown = []

    def choose(box):
        shown.append(box.text())
        next(button for button in box.buttons() if button.text() == answer).click()

    monkeypatch.setattr(QMessageBox, "exec", choose)
    shutil.rmtree(tmp_path / "work", ignore_errors=True)
    (tmp_path / "work").write_text("in the way of the folder")
    hand(window, (10, 10), (20, 20))
    window.close()
    assert len(shown) == 1
    assert "not kept" in shown[0]
    assert window.isVisible() == (answer == "Stay")
    (tmp_path / "work").unlink()
    if answer == "Stay":
        hand(window, (5, 5), (8, 8))
        window.close()
        assert not window.isVisible()
        assert len(shown) == 1
