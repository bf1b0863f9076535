"""Builds the scenes of films of steps or images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.request import Request
from segpaint.core.runs.branches import Branch
from segpaint.core.runs.trajectory import Frame


@dataclass(frozen=True)
class Panel:
    """One picture of a scene.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    is_mask : bool
        Whether it is painted by hand; everything else is synthetic.
    """

    name: str
    pixels: NDArray[np.uint8]
    is_mask: bool = False


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
        panels = [Panel("image", frame.picture)]
        if noisy:
            panels.insert(0, Panel("sample", frame.noisy))
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
            panels.append(Panel(f"branch {each.name}", _at(each.trajectory.frames, frame.index).picture))
        scenes.append(Scene(_step(frame), tuple(panels)))
    return scenes


def series(images: Sequence[tuple[str, NDArray[np.uint8]]]) -> list[Scene]:
    """Build scenes of captioned images, forth and back again.

    Parameters
    ----------
    images : sequence of (str, ndarray of uint8)
    """
    scenes = [Scene(caption, (Panel("image", pixels),)) for caption, pixels in images]
    return scenes + scenes[-2:0:-1]


def thinned(scenes: Sequence[Scene], most: int) -> list[Scene]:
    """Choose at most `most` scenes, evenly spread, with the first and the last."""
    if len(scenes) <= most:
        return list(scenes)
    return [scenes[place] for place in np.linspace(0, len(scenes) - 1, max(most, 2)).round().astype(int)]


def _step(frame: Frame) -> str:
    return f"step {frame.index + 1} of {frame.count}"


def _mask_panel(request: Request, step: int, table: LabelTable) -> Panel:
    *_, stage = (stage for stage in request.stages if stage.step <= step)
    return Panel("mask", table.colors()[stage.mask], is_mask=True)


def _at(frames: Sequence[Frame], index: int) -> Frame:
    """Find the frame of a step or, if it was thinned out, the one before it."""
    return [frame for frame in frames if frame.index <= index][-1]
