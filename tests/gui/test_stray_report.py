"""A note reports what the segmenter has found far off, and names the command that removes it."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QObject, Signal

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.messages import Segmented
from segpaint.studio.runs.reference_desk import ReferenceDesk
from segpaint.studio.scans.page_edits import LANE


def found(size, *, is_scattered):
    mask = np.zeros((size, size), np.uint8)
    mask[4:20, 4:14] = 2
    if is_scattered:
        mask[26:30, 26:30] = 2
    return mask


class Answers(QObject):
    """The answers of a worker."""

    answered = Signal(object)


class Worker:
    """Stands in for the worker's thread, and answers when it is told to."""

    def __init__(self):
        self.answers = Answers()

    def ask(self, message):
        self.image = message.image


@pytest.fixture
def find(window):
    """Find labels in an image, as the segmenter would."""
    studio, worker = window.studio, Worker()
    desk = ReferenceDesk(studio.opened, worker)
    desk.labels_found.connect(studio.reference.labels_found)

    def answer(mask):
        desk.find_labels("case.png", np.zeros(mask.shape, np.uint8))
        worker.answers.answered.emit(Segmented(worker.image, mask))

    return answer


def test_scattered_labels_are_reported_until_the_mask_is_changed(window, find, qtbot):
    document, messages = window.studio.document, window.messages
    find(found(32, is_scattered=True))
    qtbot.waitUntil(messages.isVisible)
    words = messages.text.text()
    assert words.startswith(f"The segmenter finds {document.name_of(2)} in several pieces")
    assert "Anatomy > Remove islands…" in words
    document.paint_value = 2
    window.commands["remove_islands"].trigger()
    window.studio.anatomy.apply()
    assert not (document.mask.values[26:30, 26:30] == 2).any()
    assert not messages.isVisible()


def test_labels_in_one_piece_are_not_reported(window, find, qtbot):
    find(found(32, is_scattered=False))
    said = []
    window.studio.strays.remarked.connect(said.append)
    window.studio.background.flush(LANE)
    qtbot.wait(50)
    assert not said


def test_what_lies_in_pieces_in_an_example_is_not_reported(open_studio, model, qtbot):
    (model / "examples").mkdir()
    Image.fromarray(found(32, is_scattered=True)).save(model / "examples" / "1.png")
    studio, said = open_studio(model), []
    studio.strays.remarked.connect(said.append)
    assert read_checkpoint(model).description.size == 32
    studio.strays.look([found(32, is_scattered=True)])
    studio.background.flush(LANE)
    qtbot.wait(50)
    assert not said


def test_on_all_slices_it_is_counted(studio, qtbot):
    said = []
    studio.strays.remarked.connect(said.append)
    studio.strays.look([found(32, is_scattered=True), found(32, is_scattered=False)])
    qtbot.waitUntil(lambda: said != [])
    assert "on 1 of 2 slices" in said[0]
