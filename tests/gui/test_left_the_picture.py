"""A label that is dragged out of the picture is reported, with the way back."""

import numpy as np
import pytest
from PySide6.QtCore import Qt

ARROW, APPLY = Qt.Key.Key_Right, Qt.Key.Key_Return


@pytest.fixture
def placed(easel, run):
    """A canvas on which a label is about to be moved, and what it reports."""
    document, said = easel.studio.document, []
    values = np.zeros_like(document.mask.values)
    values[10:20, 20:30] = 4
    document.strokes.replace(values, "Draw")
    document.paint_value = 4
    run("transform")
    easel.canvas.told.connect(said.append)
    return said


def move(easel, qtbot, pixels):
    for _ in range(pixels):
        qtbot.keyClick(easel.canvas, ARROW)


@pytest.mark.parametrize(("pixels", "words"), [(40, "{name}"), (7, "50 % of {name}"), (2, "")])
@pytest.mark.parametrize("ends", ["by Return", "by another tool"])
def test_what_leaves_the_picture_is_reported(easel, run, qtbot, placed, pixels, words, ends):
    document = easel.studio.document
    before = document.mask.snapshot()
    move(easel, qtbot, pixels)
    if ends == "by Return":
        qtbot.keyClick(easel.canvas, APPLY)
    else:
        run("brush")
    assert (document.mask.values == 4).sum() == {40: 0, 7: 50, 2: 100}[pixels]
    if words:
        name = document.name_of(4)
        assert placed[-1].startswith(f"{words.format(name=name)} left the picture; Undo brings it back.")
        document.strokes.undo()
        np.testing.assert_array_equal(document.mask.values, before)
    else:
        assert not any("left the picture" in sentence for sentence in placed)
