"""Files dragged over the window, and dropped on it."""

import shutil

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from segpaint.gui.files.drop import Opening, opening_of
from segpaint.io.contents import Content, content_of

BUTTON, KEY = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
ACTIONS = Qt.DropAction.CopyAction | Qt.DropAction.MoveAction


class Drag:
    """Files that are dragged over a window."""

    def __init__(self, window, *urls):
        self.window = window
        self.mime = QMimeData()
        self.mime.setUrls([url if isinstance(url, QUrl) else QUrl.fromLocalFile(str(url)) for url in urls])

    def over(self, widget):
        place = self._place(widget)
        enter = QDragEnterEvent(place, ACTIONS, self.mime, BUTTON, KEY)
        QApplication.sendEvent(self.window, enter)
        move = QDragMoveEvent(place, ACTIONS, self.mime, BUTTON, KEY)
        QApplication.sendEvent(self.window, move)
        return enter.isAccepted() and move.isAccepted()

    def leave(self):
        QApplication.sendEvent(self.window, QDragLeaveEvent())

    def drop(self, widget):
        accepted = self.over(widget)
        event = QDropEvent(QPointF(self._place(widget)), ACTIONS, self.mime, BUTTON, KEY, QEvent.Type.Drop)
        QApplication.sendEvent(self.window, event)
        assert event.isAccepted() == accepted
        if accepted:
            assert event.dropAction() == Qt.DropAction.CopyAction  # so that nobody deletes the file
        return accepted

    def _place(self, widget):
        return widget.mapTo(self.window, QPoint(widget.width() // 2, widget.height() // 2))


@pytest.fixture
def sign(window):
    return window.drops.sign


@pytest.fixture
def image_file(tiny_data):
    return next((tiny_data / "images" / "val").iterdir())


def test_a_mask_is_a_mask_wherever_it_is_dropped(window, mask_file, drawn_mask, sign):
    document = window.studio.document
    for place in (window.canvas, window.image, window.labels):
        window.commands["new"].trigger()
        drag = Drag(window, mask_file)
        assert drag.over(place)
        assert sign.isVisible()
        assert sign.sentence.text() == "Open as mask"
        assert sign.name.text() == mask_file.name
        assert sign.elsewhere.isHidden()  # nothing but a mask, wherever it falls
        assert sign.geometry().center() == window.canvas.mapTo(window, window.canvas.rect().center())
        assert drag.drop(place)
        assert not sign.isVisible()
        np.testing.assert_array_equal(document.mask.values, drawn_mask)


def test_grey_values_are_a_mask_on_the_mask_and_a_reference_on_the_image(
    window, image_file, drawn_mask, tmp_path, sign
):
    document = window.studio.document
    grey = tmp_path / "grey.png"
    Image.fromarray(drawn_mask).save(grey)
    drag = Drag(window, grey)
    drag.over(window.canvas)
    assert (sign.sentence.text(), sign.elsewhere.text()) == ("Open as mask", "On the image: open as reference")
    assert drag.drop(window.canvas)
    np.testing.assert_array_equal(document.mask.values, drawn_mask)
    assert document.reference is None
    drag = Drag(window, image_file)
    assert drag.over(window.image)
    assert (sign.sentence.text(), sign.elsewhere.text()) == ("Open as reference", "On the mask: open as mask")
    assert drag.drop(window.image)
    assert document.reference.name == image_file.name


def test_a_picture_refused_as_a_mask_can_be_used_as_the_reference(window, tmp_path):
    shades = np.arange(32 * 32, dtype=np.uint16).reshape(32, 32) // 4
    Image.fromarray(shades.astype(np.uint8)).save(tmp_path / "slice.png")
    before = window.studio.document.mask.snapshot()
    assert Drag(window, tmp_path / "slice.png").drop(window.canvas)
    assert "it is a picture, not a mask" in window.messages.text.text()
    assert window.messages.offer.text() == "Use it as the reference"
    np.testing.assert_array_equal(window.studio.document.mask.values, before)
    window.messages.offer.click()
    np.testing.assert_array_equal(window.studio.document.reference.image, shades)
    assert "no mask beside it" in window.messages.text.text()  # what comes of it is said after the offer


def test_a_picture_of_any_size_refused_as_a_mask_can_be_opened_as_a_scan(window, qtbot, tmp_path):
    Image.effect_noise((60, 40), 90).save(tmp_path / "screen.png")
    assert Drag(window, tmp_path / "screen.png").drop(window.canvas)
    assert window.messages.other_offer.text() == "Open as a scan"
    window.messages.other_offer.click()
    qtbot.waitUntil(lambda: window.studio.scans.slice is not None)
    assert window.studio.scans.slice.values.shape == (40, 60)


def test_a_folder_with_a_model_opens_it(window, other_checkpoint, tmp_path, sign):
    folder = shutil.copytree(other_checkpoint, tmp_path / "dropped")
    for given in (folder, folder / "segpaint.json"):
        drag = Drag(window, given)
        assert drag.over(window.image)
        assert sign.sentence.text() == "Open this model"
        assert drag.drop(window.image)
        assert window.studio.document.checkpoint.folder == folder


def test_a_result_dragged_from_the_history_is_taken_up_again(window, finish, hand, qtbot):
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    finish(window)
    painted = window.studio.document.mask.snapshot()
    model = window.history.model
    qtbot.waitUntil(lambda: model.rowCount() == 1)
    window.commands["new"].trigger()
    drag = Drag(window)
    drag.mime = model.mimeData([model.index(0)])
    assert drag.drop(window.canvas)
    np.testing.assert_array_equal(window.studio.document.mask.values, painted)


def test_of_several_files_the_first_is_opened_and_that_is_said(window, mask_file, image_file, drawn_mask):
    assert Drag(window, mask_file, image_file).drop(window.canvas)
    np.testing.assert_array_equal(window.studio.document.mask.values, drawn_mask)
    assert window.statusBar().currentMessage() == f"Of 2 files, the first was opened: {mask_file.name}"


def test_what_cannot_be_opened_is_not_taken(window, tmp_path, sign):
    (tmp_path / "text.txt").write_text("words")
    (tmp_path / "broken.png").write_bytes(b"\x89PNG")
    for given in (
        tmp_path / "gone.png", tmp_path / "text.txt", tmp_path / "broken.png", QUrl("https://example.org/a.png")
    ):  # fmt: skip
        assert not Drag(window, given).drop(window.canvas)
        assert not sign.isVisible()


def test_the_sign_goes_with_the_drag(window, mask_file, sign):
    drag = Drag(window, mask_file)
    drag.over(window.canvas)
    drag.leave()
    assert not sign.isVisible()
    np.testing.assert_array_equal(window.studio.document.mask.values, 0)


def test_a_pane_leaves_drops_to_the_window(window):
    for pane in (window.canvas, window.image, window.side.pane):
        assert not pane.acceptDrops()
        assert not pane.viewport().acceptDrops()


@pytest.mark.parametrize(
    ("mode", "content"),
    [("P", Content.MASK), ("1", Content.MASK), ("L", Content.PICTURE), ("RGB", Content.PICTURE),
     ("RGBA", Content.PICTURE), ("I;16", Content.PICTURE)],
)  # fmt: skip
def test_a_file_is_known_by_its_header(tmp_path, mode, content):
    path = tmp_path / "image.png"
    Image.new(mode, (4, 4)).save(path)
    assert content_of(path) is content


@pytest.mark.parametrize("over_image", [False, True])
def test_only_what_can_be_two_things_depends_on_the_place(over_image):
    found = {content: opening_of(content, over_image=over_image) for content in Content}
    assert found == {
        Content.CHECKPOINT: Opening.MODEL, Content.RESULT: Opening.RESULT, Content.MASK: Opening.MASK,
        Content.PICTURE: Opening.REFERENCE if over_image else Opening.MASK, Content.SCAN: Opening.SCAN,
        Content.PROJECT: Opening.PROJECT,
    }  # fmt: skip
