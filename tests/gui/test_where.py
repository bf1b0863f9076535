"""The status line: what lies under the pointer."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from segpaint.core.labels.labels import FREE
from segpaint.core.runs.trajectory import Frame
from segpaint.gui.window.controller import Controller
from segpaint.studio.document.where import look_at


def test_it_names_position_label_image_and_reference(window, finish, drawn_mask, tiny_data):
    document = window.session.document
    window.findChild(Controller).references.open_image(next((tiny_data / "images" / "val").iterdir()))
    document.replace_mask(drawn_mask, "open")
    document.change_settings(replace(document.settings, edit_steps=2))
    window.commands["generate"].trigger()
    finish(window)
    window.where.point_at(QPointF(15.5, 14.2))
    image, reference = window.session.trajectory.result.noisy[14, 15], document.reference.image[14, 15]
    assert window.where.text() == f"15, 14   heart   image {image}   reference {reference}"
    window.where.point_at(QPointF(-0.5, 3))
    assert window.where.text() == ""
    window.where.point_at(None)
    assert window.where.text() == ""


def test_what_is_painted_under_a_pointer_at_rest_is_told(window):
    document = window.session.document
    window.where.point_at(QPointF(3, 3))
    assert window.where.text().endswith("background")
    document.replace_mask(np.full((32, 32), FREE, np.uint8), "free")
    assert window.where.text().endswith("free")


def test_a_model_that_knows_its_spacing_has_millimetres(open_window, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "spaced")
    description = folder / "segpaint.json"
    description.write_text(description.read_text().replace('"pixel_spacing": null', '"pixel_spacing": 1.5'))
    window = open_window(folder)
    window.where.point_at(QPointF(10.5, 3))
    assert window.where.text() == "10, 3   15.0, 4.5 mm   background"


def test_nothing_jumps_whatever_lies_under_the_pointer(window, drawn_mask, table):
    def swatch(x, y, color):
        window.where.point_at(QPointF(x, y))
        picture = window.where.grab().toImage()
        middle = picture.height() // 2
        return next(x for x in range(picture.width()) if picture.pixelColor(x, middle).name() == color)

    window.session.document.replace_mask(drawn_mask, "open")
    assert swatch(8, 9, table[1].color) == swatch(15, 14, table[2].color)


@pytest.mark.parametrize("is_last", [False, True])
def test_the_intensity_is_that_of_the_picture_shown(window, is_last):
    denoised, noisy = np.full((32, 32), 7, np.uint8), np.full((32, 32), 9, np.uint8)
    frame = Frame(1, 3 if is_last else 0, 4, 0, denoised, noisy, 0.1)
    assert look_at(window.session.document, frame, 5, 5).image == ((9,) if is_last else (7,))


def test_no_message_of_before_the_window_was_shown_lies_over_it(window):
    assert window.statusBar().currentMessage() == ""
    assert window.where.isVisible()
