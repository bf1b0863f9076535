"""The status line: what lies under the pointer."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from segpaint.core.labels.labels import FREE
from segpaint.core.runs.trajectory import Frame
from segpaint.gui.files.references import open_image
from segpaint.gui.window.where_label import WhereLabel
from segpaint.studio.document.where import look_at


@pytest.fixture
def where(studio, qtbot):
    label = WhereLabel(studio)
    qtbot.addWidget(label)
    label.resize(600, 24)
    return label


def test_it_names_position_label_image_and_reference(loaded, shell, where, finish, drawn_mask, tiny_data):
    document = loaded.document
    open_image(loaded, shell, next((tiny_data / "images" / "val").iterdir()))
    document.strokes.replace(drawn_mask, "open")
    document.change_settings(replace(document.settings, edit_steps=2))
    loaded.runs.generate()
    finish(loaded)
    where.point_at(QPointF(15.5, 14.2))
    image, reference = loaded.runs.trajectory.result.noisy[14, 15], document.reference.image[14, 15]
    assert where.text() == f"15, 14   heart   image {image}   reference {reference}"
    where.point_at(QPointF(-0.5, 3))
    assert where.text() == ""
    where.point_at(None)
    assert where.text() == ""


def test_what_is_painted_under_a_pointer_at_rest_is_told(studio, where):
    document = studio.document
    where.point_at(QPointF(3, 3))
    assert where.text().endswith("background")
    document.strokes.replace(np.full((32, 32), FREE, np.uint8), "free")
    assert where.text().endswith("free")


def test_a_model_that_knows_its_spacing_has_millimetres(open_studio, qtbot, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "spaced")
    description = folder / "segpaint.json"
    description.write_text(description.read_text().replace('"pixel_spacing": null', '"pixel_spacing": 1.5'))
    where = WhereLabel(open_studio(folder))
    qtbot.addWidget(where)
    where.point_at(QPointF(10.5, 3))
    assert where.text() == "10, 3   15.0, 4.5 mm   background"


def test_nothing_jumps_whatever_lies_under_the_pointer(studio, where, drawn_mask, table):
    def swatch(x, y, color):
        where.point_at(QPointF(x, y))
        picture = where.grab().toImage()
        middle = picture.height() // 2
        return next(x for x in range(picture.width()) if picture.pixelColor(x, middle).name() == color)

    studio.document.strokes.replace(drawn_mask, "open")
    assert swatch(8, 9, table[1].color) == swatch(15, 14, table[2].color)


@pytest.mark.parametrize("is_last", [False, True])
def test_the_intensity_is_that_of_the_picture_shown(studio, is_last):
    denoised, noisy = np.full((32, 32), 7, np.uint8), np.full((32, 32), 9, np.uint8)
    frame = Frame(1, 3 if is_last else 0, 4, 0, denoised, noisy, 0.1)
    assert look_at(studio.document, frame, 5, 5).image == ((9,) if is_last else (7,))


def test_no_message_of_before_the_window_was_shown_lies_over_it(window):
    assert window.statusBar().currentMessage() == ""
    assert window.where.isVisible()
