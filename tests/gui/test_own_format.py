"""A format, defined here alone, is offered by the dialogs, and read by window and command line."""

import io

import numpy as np
import pytest
from PIL import Image

from segpaint.cli import main
from segpaint.gui.files import opening, saving
from segpaint.io.image_files import FORMATS, ImageFormat, register_format


def read(content):
    return Image.fromarray(np.load(io.BytesIO(content), allow_pickle=False))


def write(values, _table):
    buffer = io.BytesIO()
    np.save(buffer, values)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def own_format():
    register_format(ImageFormat("NumPy array", ".npy", read, write))
    yield
    del FORMATS[".npy"]


def test_the_command_line_reads_it(drawn_mask, tiny_checkpoint, tmp_path):
    np.save(tmp_path / "drawn.npy", drawn_mask)
    words = ["generate", str(tmp_path / "drawn.npy"), "--checkpoint", str(tiny_checkpoint), "--out"]
    assert main([*words, str(tmp_path / "made"), "--device", "cpu"]) == 0
    assert (tmp_path / "made" / "drawn.png").is_file()


def test_the_window_opens_and_saves_it(studio, shell, drawn_mask, tmp_path):
    np.save(tmp_path / "drawn.npy", drawn_mask)
    shell.answers = [tmp_path / "drawn.npy", (tmp_path / "again.npy", "")]
    opening.ask_mask(studio, shell)
    np.testing.assert_array_equal(studio.document.mask.values, drawn_mask)
    saving.ask_where_to_save_mask(studio, shell)
    studio.background.flush("files")
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), drawn_mask)
    assert "*.npy" in shell.asked[0]
    assert "NumPy array (*.npy)" in shell.asked[1]


def test_a_damaged_file_is_a_sentence(studio, shell, tmp_path):
    (tmp_path / "broken.npy").write_bytes(b"nothing")
    opening.open_file(studio, shell, tmp_path / "broken.npy")
    assert "broken.npy cannot be read as an image: it is damaged" in shell.warned[0]
