"""Imports libraries that no first picture of the window needs, before they are needed.

``import scipy`` and ``import skimage`` load a part of theirs when it is first used, which would hold a stroke
for a tenth of a second.
"""

from importlib import import_module

SLOW = (
    "scipy.ndimage",
    "scipy.optimize",
    "scipy.spatial",
    "skimage.color",
    "skimage.draw",
    "skimage.filters",
    "skimage.measure",
    "skimage.morphology",
    "skimage.segmentation",
)
"""The parts of libraries that are used by core."""


def import_slow() -> None:
    """Import all of them, on any thread."""
    for name in SLOW:
        import_module(name)
