"""Builds the scenes of films of steps or images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.kinds import About, about, sentence_of
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.core.runs.trajectory import Frame


@dataclass(frozen=True)
class Panel:
    """One picture of a scene.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    about : About or None
        What the image is; None for a mask, which is painted by hand.
    full : int
        Of a difference, the grey levels that its strongest colours stand for; else 0.
    """

    name: str
    pixels: NDArray[np.uint8]
    about: About | None = None
    full: int = 0

    @property
    def is_mask(self) -> bool:
        """Whether it is a mask."""
        return self.about is None


@dataclass(frozen=True)
class Scene:
    """The panels shown at one moment.

    Attributes
    ----------
    panels : tuple of Panel
        Panels from left to right, all of one size.
    """

    caption: str
    panels: tuple[Panel, ...]


def timeline(branch: Branch, table: LabelTable, *, mask: bool = False, noisy: bool = False) -> list[Scene]:
    """Build the scenes of a run, step by step.

    Parameters
    ----------
    table : LabelTable
        For the colours of the mask.
    mask, noisy : bool
        Whether to show the mask of each step, and the sample, beside the image.
    """
    scenes = []
    for frame in branch.trajectory.frames:
        panels = [_image_panel("image", branch.request, frame.picture)]
        if noisy:
            panels.insert(0, _image_panel("sample", branch.request, frame.noisy))
        if mask:
            panels.insert(0, _mask_panel(branch.request, frame.index, table))
        scenes.append(Scene(_step(frame), tuple(panels)))
    return scenes


def branch_comparison(branch: Branch, table: LabelTable, *, mask: bool = False) -> list[Scene]:
    """Build the scenes of a branch beside its parent, step by step.

    Parameters
    ----------
    mask : bool
        Whether to show the mask of each beside it.

    Raises
    ------
    ValueError
        If the branch has no parent.
    """
    if branch.parent is None:
        raise ValueError("the branch has no parent to be compared with")
    scenes = []
    for frame in branch.trajectory.frames:
        panels: list[Panel] = []
        for each in (branch.parent, branch):
            if mask:
                panels.append(_mask_panel(each.request, frame.index, table))
            picture = _at(each.trajectory.frames, frame.index).picture
            panels.append(_image_panel(f"branch {each.name}", each.request, picture))
        scenes.append(Scene(_step(frame), tuple(panels)))
    return scenes


def series(images: Sequence[tuple[str, NDArray[np.uint8], Request]]) -> list[Scene]:
    """Build scenes of captioned images, forth and back again.

    Parameters
    ----------
    images : sequence of (str, ndarray of uint8, Request)
    """
    scenes = [Scene(caption, (_image_panel("image", request, pixels),)) for caption, pixels, request in images]
    return scenes + scenes[-2:0:-1]


def thinned(scenes: Sequence[Scene], most: int) -> list[Scene]:
    """Choose at most `most` scenes, evenly spread, with the first and the last."""
    if len(scenes) <= most:
        return list(scenes)
    return [scenes[place] for place in np.linspace(0, len(scenes) - 1, max(most, 2)).round().astype(int)]


def sentence_of_film(scenes: Sequence[Scene]) -> str:
    """Describe what a film shows, see `segpaint.core.requests.kinds.sentence_of`; an image at least."""
    return sentence_of(panel.about for scene in scenes for panel in scene.panels if panel.about is not None)


def _image_panel(name: str, request: Request, pixels: NDArray[np.uint8]) -> Panel:
    return Panel(name, pixels, about(request, pixels))


def _step(frame: Frame) -> str:
    return f"step {frame.index + 1} of {frame.count}"


def _mask_panel(request: Request, step: int, table: LabelTable) -> Panel:
    *_, stage = (stage for stage in request.stages if stage.step <= step)
    return Panel("mask", table.colors()[stage.mask])


def _at(frames: Sequence[Frame], index: int) -> Frame:
    """Find the frame of a step or, if it was thinned out, the one before it."""
    return [frame for frame in frames if frame.index <= index][-1]
