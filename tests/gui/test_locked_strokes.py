"""A stroke that a lock, or the rule of what strokes cover, keeps from changing anything is reported."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

from segpaint.core.masks.paint import PaintOver
from segpaint.gui.files.references import open_image

DRAWN = ("brush", "fill", "rectangle", "ellipse", "lasso", "polygon", "threshold", "wand")
PLACES = ((8, 8), (24, 10), (20, 24))


@pytest.fixture
def said(easel):
    """What the canvas reports, each sentence once."""
    sentences = []
    easel.canvas.told.connect(sentences.append)
    return sentences


def draw(easel, run, hand, qtbot, key, **how):
    run(key)
    if key == "polygon":
        for place in PLACES:
            hand(easel, place)
        qtbot.keyClick(easel.canvas, Qt.Key.Key_Return)
    else:
        hand(easel, *PLACES, **how)


@pytest.mark.parametrize("key", DRAWN)
def test_painting_with_a_locked_label_is_reported_once_by_every_tool(
    easel, run, hand, qtbot, said, key, shell, tiny_data
):
    document = easel.studio.document
    if key in ("threshold", "wand"):
        open_image(easel.studio, shell, tiny_data / "images" / "val" / "val_0.png")
        qtbot.waitUntil(lambda: document.reference is not None)
        document.strokes.replace(np.zeros_like(document.mask.values), "Clear")
    document.paint_value = 4
    document.set_label(4, locked=True)
    before = document.mask.snapshot()
    draw(easel, run, hand, qtbot, key)
    np.testing.assert_array_equal(document.mask.values, before)
    sentence = f"{document.name_of(4)} is locked; unlock it in the list to change it."
    assert said.count(sentence) == 1
    assert said[-1] == sentence


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton])
def test_a_stroke_over_locked_pixels_alone_is_reported(easel, hand, said, button):
    document = easel.studio.document
    document.strokes.replace(np.full_like(document.mask.values, 2), "Fill")
    document.set_label(2, locked=True)
    document.paint_value = 4
    hand(easel, *PLACES, button=button)
    assert said[-1] == f"{document.name_of(2)} is locked; unlock it in the list to change it."


def test_all_locks_in_the_way_are_named(easel, hand, said):
    document = easel.studio.document
    document.strokes.replace(np.full_like(document.mask.values, 2), "Fill")
    for label in (2, 4):
        document.set_label(label, locked=True)
    document.paint_value = 4
    hand(easel, *PLACES)
    assert said[-1] == (
        f"{document.name_of(2)} and {document.name_of(4)} are locked; unlock them in the list to change them."
    )


def test_a_stroke_that_changes_something_or_has_nothing_to_change_reports_nothing(easel, hand, said):
    document = easel.studio.document
    document.paint_value = 2
    hand(easel, (8, 8))
    document.set_label(2, locked=True)
    document.paint_value = 4
    hand(easel, (8, 8), (24, 8))  # over the locked pixels, and beyond
    hand(easel, (23, 8), (24, 8))  # once more, where all is painted already
    assert not any(said)


def test_a_rule_that_keeps_all_is_reported_too(easel, hand, said):
    document = easel.studio.document
    document.strokes.replace(np.full_like(document.mask.values, 2), "Fill")
    easel.studio.view.coverage.set_over(PaintOver.BACKGROUND)
    document.paint_value = 4
    hand(easel, *PLACES)
    assert said[-1] == "Strokes cover background only. Nothing changes here."


@pytest.mark.parametrize("key", ["push", "transform"])
def test_a_locked_label_that_is_dragged_is_reported(easel, run, hand, said, key):
    document = easel.studio.document
    values = np.zeros_like(document.mask.values)
    values[8:22, 8:22] = 4
    document.strokes.replace(values, "Draw")
    document.set_label(4, locked=True)
    document.paint_value = 4
    run(key)
    hand(easel, (20, 15), (24, 15), (28, 15))
    np.testing.assert_array_equal(document.mask.values, values)
    assert said[-1] == f"{document.name_of(4)} is locked; unlock it in the list to change it."
