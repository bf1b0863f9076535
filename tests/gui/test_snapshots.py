"""The window in each tool and on screens of four sizes, in both themes, as it was last looked at.

Where it is meant to look otherwise, draw the pictures again and look at them:
`pytest tests/gui/test_snapshots.py --draw-snapshots`.
"""

import functools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.filters import gaussian
from skimage.util import view_as_blocks
from snapshots import SIZES

from segpaint.gui.tools.tool_commands import TOOLS

FOLDER = Path(__file__).parent / "snapshots"
THEMES = "dark", "light"
BLOCK = 12
"""Width of the squares that are compared, in pixels; a letter is about as wide."""
FAINT = 12.0
"""Grey levels, on average over a square, that do not count: letters differ a little from place to place."""
SHARE = 0.006
"""Of the squares, how many may differ by more."""


@pytest.fixture(scope="module")
def draw(tmp_path_factory, tiny_checkpoint, drawn_mask):
    """Draw the window in both themes, once for each scaling of the screen; the folder with the pictures."""

    @functools.cache
    def drawn(scaling):
        folder = tmp_path_factory.mktemp("drawn")
        np.save(folder / "mask.npy", drawn_mask)
        image = gaussian(drawn_mask != 0, 3) * 160 + 40
        Image.fromarray(image.astype(np.uint8)).save(folder / "reference.png")
        script = Path(__file__).parent / "snapshots.py"
        environment = {**os.environ, "QT_SCALE_FACTOR": str(scaling)}
        words = [sys.executable, script, folder, tiny_checkpoint, *THEMES]
        subprocess.run(words, env=environment, check=True, timeout=240)
        return folder

    return drawn


def unlike(one, other):
    """The share of squares in which two pictures differ."""
    difference = np.abs(one.astype(float) - other)
    height, width = (length - length % BLOCK for length in difference.shape[:2])
    difference = difference[:height, :width]  # the last pixels of a screen are no whole square
    blocks = view_as_blocks(difference, (BLOCK, BLOCK, 3)).mean(axis=(2, 3, 4, 5)).squeeze()
    return float((blocks > FAINT).mean())


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("scaling", [1, 2])
def test_the_window_looks_as_it_did(theme, scaling, draw, request):
    drawn = sorted(draw(scaling).glob(f"{theme}-*.png"))
    assert len(drawn) == len(TOOLS) + len(SIZES[scaling])
    differing = {}
    for path in drawn:
        pixels = np.asarray(Image.open(path))
        kept = FOLDER / f"{path.stem}-{scaling}x.webp"
        share = unlike(pixels, np.asarray(Image.open(kept).convert("RGB"))) if kept.exists() else 1
        if share > SHARE and request.config.getoption("--draw-snapshots"):
            Image.fromarray(pixels).save(kept, quality=60, method=6)
            share = unlike(pixels, np.asarray(Image.open(kept).convert("RGB")))
        if share > SHARE:
            differing[kept.name] = round(share, 3)
    assert not differing


def test_a_missing_button_would_be_seen():
    before = np.asarray(Image.open(FOLDER / "dark-brush-1x.webp").convert("RGB"))
    after = before.copy()
    after[:, :76] = after[300, 3]  # the strip of tools
    assert unlike(before, after) > SHARE
