"""Image and mask to the clipboard, and a mask from there."""

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QGuiApplication, QImage

from segpaint.core.labels.labels import FREE
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.references import open_image
from segpaint.io.image_files import encode_mask
from segpaint.io.results import REQUEST_KEY

NOISE = np.random.default_rng(1).integers(0, 255, (32, 32, 3), np.uint8)


@pytest.fixture
def clipboard(qapp):
    """The clipboard, emptied."""
    board = QGuiApplication.clipboard()
    board.clear()
    yield board
    board.clear()


def put(clipboard, png=None, image=None, urls=()):
    data = QMimeData()
    if png is not None:
        data.setData("image/png", png)
    if image is not None:
        data.setImageData(image)
    if urls:
        data.setUrls(list(urls))
    clipboard.setMimeData(data)


def pixels(clipboard):
    """What a program sees that takes pixels alone."""
    image = clipboard.image().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def png(clipboard):
    """What a program sees that takes PNG files."""
    return Image.open(io.BytesIO(clipboard.mimeData().data("image/png").data()))


def encode(array):
    buffer = io.BytesIO()
    Image.fromarray(array).save(buffer, "PNG")
    return buffer.getvalue()


def values(studio):
    return studio.document.mask.snapshot()


def test_a_mask_is_copied_and_pasted_as_it_was(studio, run, clipboard, drawn_mask, table):
    document = studio.document
    drawn = drawn_mask.copy()
    drawn[0, :5] = FREE
    document.strokes.replace(drawn, "open")
    run("copy_mask")
    np.testing.assert_array_equal(pixels(clipboard), table.colors()[drawn])
    assert png(clipboard).mode == "P"
    run("new")
    run("paste_mask")
    np.testing.assert_array_equal(values(studio), drawn)
    assert document.strokes.stack.undoText() == "Paste"
    run("undo")
    np.testing.assert_array_equal(values(studio), 0)


def test_a_finished_image_is_copied_with_what_it_says_of_itself(loaded, shell, run, clipboard, finish, paint):
    for key in ("copy_image", "paste_mask"):
        run(key)
    assert clipboard.mimeData() is None
    run("copy_image")
    assert "no image to copy" in shell.said[-1]
    paint((10, 10), (20, 20))
    run("generate")
    finish(loaded)
    result = loaded.runs.trajectory.result
    run("copy_image")
    copied = png(clipboard)
    np.testing.assert_array_equal(np.asarray(copied), result.noisy)
    np.testing.assert_array_equal(pixels(clipboard)[..., 0], result.noisy)
    assert copied.info[REQUEST_KEY] == loaded.runs.request.model_dump_json()
    loaded.runs.scrub(1)
    run("copy_image")
    step = png(clipboard)
    np.testing.assert_array_equal(np.asarray(step), loaded.runs.trajectory.current.denoised)
    assert REQUEST_KEY not in step.info  # it would make the finished image
    assert "shows no patient" in step.info["Synthetic"]
    run("noisy")
    run("copy_image")
    np.testing.assert_array_equal(np.asarray(png(clipboard)), loaded.runs.trajectory.current.noisy)


def test_a_reference_is_copied_without_being_called_synthetic(studio, shell, run, clipboard, tiny_data):
    path = next((tiny_data / "images" / "val").iterdir())
    open_image(studio, shell, path)
    run("copy_image")
    copied = png(clipboard)
    np.testing.assert_array_equal(np.asarray(copied), studio.document.reference.image)
    assert copied.info == {}


COPY_AND_END = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.style.theme import apply_theme
from segpaint.studio.studio import Studio

app = QApplication([])
apply_theme(app)
window = build_window(Studio(read_checkpoint(Path(sys.argv[1])), Path(sys.argv[2]), "cpu"))
window.commands["copy_mask"].trigger()
window.close()
copied = app.clipboard().mimeData()
print(copied.hasImage(), copied.hasFormat("image/png"))
"""


def test_what_is_copied_may_outlive_python(tiny_checkpoint, tmp_path):
    words = [sys.executable, "-c", COPY_AND_END, str(tiny_checkpoint), str(tmp_path / "work")]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout.split()) == (0, ["True", "True"]), ended.stderr


def test_a_grey_image_of_another_program_is_pasted(studio, run, clipboard, drawn_mask):
    drawn = np.ascontiguousarray(drawn_mask)
    put(clipboard, image=QImage(drawn.data, 32, 32, 32, QImage.Format.Format_Grayscale8).copy())
    run("paste_mask")
    np.testing.assert_array_equal(values(studio), drawn)


def test_a_mask_of_another_size_offers_to_resample(studio, shell, run, clipboard, table):
    big = np.zeros((64, 64), np.uint8)
    big[20:40, 20:40] = 4
    put(clipboard, encode_mask(big, table))
    run("paste_mask")
    np.testing.assert_array_equal(values(studio), 0)
    problem, answer, resample = shell.offers[-1]
    assert "64 x 64" in problem
    assert answer == "Resample"
    resample()
    np.testing.assert_array_equal(values(studio), big[1::2, 1::2])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            encode(NOISE),
            "The image in the clipboard",
        ),
        (b"no image", "The image in the clipboard cannot be read as an image"),
    ],
)
def test_what_cannot_be_a_mask_says_so(studio, shell, run, clipboard, content, words):
    put(clipboard, content)
    run("paste_mask")
    assert words in shell.warned[-1]
    np.testing.assert_array_equal(values(studio), 0)


def test_what_unknown_values_mean_is_asked(studio, shell, run, clipboard):
    put(clipboard, encode(np.full((32, 32), 77, np.uint8)))
    run("paste_mask")
    assert isinstance(shell.opened[-1], MappingDialog)
    np.testing.assert_array_equal(values(studio), 0)


def test_words_in_the_clipboard_are_no_mask(studio, shell, run, clipboard):
    clipboard.setText("words")
    run("paste_mask")
    assert "no mask in the clipboard" in shell.said[-1]


def test_a_file_copied_in_a_file_manager_is_opened(studio, run, clipboard, mask_file, drawn_mask):
    put(clipboard, urls=[QUrl.fromLocalFile(str(mask_file))])
    run("paste_mask")
    np.testing.assert_array_equal(values(studio), drawn_mask)


def test_black_and_white_is_pasted_with_a_word_on_what_white_means(studio, shell, run, clipboard):
    put(clipboard, encode(np.where(np.eye(32), 255, 0).astype(np.uint8)))
    run("paste_mask")
    assert "255 stands for a free region" in shell.offers[-1][0]
