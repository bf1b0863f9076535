from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from segpaint.io.sizes import Fit, WrongSizeError, fitted

NEAREST = Image.Resampling.NEAREST
SIDES = st.integers(1, 90)


@pytest.mark.parametrize(
    ("width", "height", "ratio", "squeezed"),
    [
        (600, 400, "3:2", "from side to side by 33 %"),
        (400, 600, "2:3", "from top to bottom by 33 %"),
        (517, 253, "2.04:1", "from side to side by 51 %"),
        (253, 517, "1:2.04", "from top to bottom by 51 %"),
    ],
)
def test_it_is_said_what_stretching_would_do(width, height, ratio, squeezed):
    error = WrongSizeError(Path("a.png"), width, height, 128, "it can be resampled")
    square = "the model's images are square"
    assert error.distortion == f"It is {ratio}, and {square}: stretched, it would be squeezed {squeezed}."
    assert error.problem == f"a.png has {width} x {height} pixels, the checkpoint takes 128 x 128."
    assert str(error) == f"{error.problem[:-1]}; it can be resampled (resize=True)."
    assert str(error.by("--resize")) == f"{error.problem[:-1]}; it can be resampled (--resize)."


@pytest.mark.parametrize("height", [512, 508])
def test_nothing_is_said_of_what_nobody_would_see(height):
    assert not WrongSizeError(Path("a.png"), 512, height, 128, "").distortion


@given(SIDES, SIDES, SIDES, st.sampled_from(Fit))
def test_whatever_is_fitted_is_a_square_of_what_was_there(width, height, size, fit):
    square = np.asarray(fitted(Image.new("L", (width, height), 7), size, fit, NEAREST, ground=3))
    assert square.shape == (size, size)
    inside = square == 7
    assert (square[~inside] == 3).all()
    rows, columns = inside.any(axis=1), inside.any(axis=0)
    assert inside.sum() == rows.sum() * columns.sum()
    if fit is Fit.STRETCH:
        assert inside.all()
        return
    assert max(rows.sum(), columns.sum()) == size
    for along, side in ((rows, height), (columns, width)):
        assert abs(along.sum() - max(1, size * side / max(width, height))) <= 0.5
        assert abs(along.argmax() - along[::-1].argmax()) <= 1  # in the middle
