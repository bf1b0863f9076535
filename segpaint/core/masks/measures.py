"""Measures labels of a mask: area, diameters, and the thickness of a wall."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
import skimage
from numpy.typing import NDArray

from segpaint.core.masks.anatomy import Anatomy, Region
from segpaint.core.masks.hollow import hollow

Points = NDArray[np.float64]
"""Rows and columns, shape (points, 2); (0, 0) is the middle of the first pixel."""
SECTORS = 6
"""As in the middle of the left ventricle (Cerqueira et al., "Standardized myocardial segmentation", 2002)."""
FINE = 0.25
"""Pixels between points of a border, at most."""
MIDDLE = 1.25
"""Pixels by which a pixel of a wall may be nearer to one border than to the other, to lie in its middle."""
NEARBY = 3.0
"""Pixels over which thickness is averaged."""
OPPOSITE = -0.5
"""Highest cosine between the ways to the inside and to the outside of a wall."""
SMOOTH, HALF = 2.5, 0.5
"""Pixels by which the steps of a wall's borders are smoothed, and the level of a border that is not."""
SMALLEST_INSIDE = 0.05
"""What a label encloses, at least, as a share of its own pixels, to be a wall: a speck makes none."""


@dataclass(frozen=True)
class Wall:
    """The thickness of a wall, in pixels.

    Attributes
    ----------
    mean, least, most : float
        Along its middle line.
    sectors : tuple of float
        Means of equal parts of the circle around the middle of what it encloses, clockwise from the top; NaN
        where it is open.
    """

    mean: float
    least: float
    most: float
    sectors: tuple[float, ...]


@dataclass(frozen=True)
class Measures:
    """The size of a label, with all labels inside it.

    Attributes
    ----------
    pixels : int
        Its area.
    longest, shortest : float
        Diameters in pixels: the farthest two points of its border, and the narrowest gap that it fits through.
    wall : Wall or None
        None if its own pixels enclose nothing.
    """

    pixels: int
    longest: float
    shortest: float
    wall: Wall | None


def measure(anatomy: Anatomy, sectors: int = SECTORS) -> Measures | None:
    """Measure a label.

    Borders run half-way between pixels in the label and beside it. On rings and around ellipses, the mean of a
    wall and those of its sectors are right within half a pixel, its least and most within three quarters.

    Parameters
    ----------
    anatomy : Anatomy
        The label in its mask.
    sectors : int
        Into how many parts a wall is divided.

    Returns
    -------
    Measures or None
        None if the mask does not have the label.
    """
    shape = anatomy.shape
    if not shape.any():
        return None
    longest, shortest = _diameters(_border(shape))
    return Measures(int(shape.sum()), longest, shortest, _wall(anatomy, sectors))


def _wall(anatomy: Anatomy, sectors: int) -> Wall | None:
    own = anatomy.values == anatomy.label
    inside = hollow(own, anatomy.values, anatomy.surroundings)
    if inside.sum() <= SMALLEST_INSIDE * own.sum():
        return None
    pixels = np.argwhere(own).astype(np.float64)
    inward, outward = (_nearest(_smooth_border(region), pixels) - pixels for region in (inside, own | inside))
    to_inside, to_outside = np.hypot(*inward.T), np.hypot(*outward.T)
    # At the ends of an open wall, the nearest outside is not opposite to the inside.
    are_opposite = (inward * outward).sum(axis=1) <= OPPOSITE * to_inside * to_outside
    is_middle = are_opposite & (np.abs(to_inside - to_outside) <= MIDDLE)
    if not is_middle.any():
        return None
    thickness = _averaged((to_inside + to_outside)[is_middle], pixels[is_middle])
    down, right = (pixels[is_middle] - np.argwhere(inside).mean(axis=0)).T
    turned = np.arctan2(right, -down) % (2 * math.pi)
    part = np.minimum((turned / (2 * math.pi) * sectors).astype(int), sectors - 1)
    means = [
        float(thickness[part == each].mean()) if (part == each).any() else math.nan for each in range(sectors)
    ]
    return Wall(float(thickness.mean()), float(thickness.min()), float(thickness.max()), tuple(means))


def _averaged(values: NDArray[np.float64], pixels: Points) -> NDArray[np.float64]:
    """Average over pixels nearby, so that no step of a border counts alone."""
    near = scipy.spatial.KDTree(pixels).query_ball_point(pixels, NEARBY)
    return np.array([values[places].mean() for places in near])


def _nearest(border: Points, pixels: Points) -> Points:
    """Find the point of a border that is nearest to each pixel."""
    _, places = scipy.spatial.KDTree(border).query(pixels)
    nearest: Points = border[places]
    return nearest


def _border(region: Region) -> Points:
    """List points, close to each other, half-way between the pixels of a region and those beside it."""
    return _traced(np.pad(region.astype(float), 1), HALF) - 1


def _smooth_border(region: Region) -> Points:
    """List points, close to each other, on the borders of a region without their steps.

    Each connected piece is blurred, and its borders run at the level where they enclose its area. At half the
    height, small discs would shrink.
    """
    pieces, _ = scipy.ndimage.label(region)
    room = math.ceil(4 * SMOOTH)  # beyond it, the blur is nothing
    borders = []
    for number, box in enumerate(scipy.ndimage.find_objects(pieces), start=1):
        piece = np.pad((pieces[box] == number).astype(float), room)
        heights = scipy.ndimage.gaussian_filter(piece, SMOOTH)
        level = _level_around(heights, int(piece.sum()))
        borders.append(_traced(heights, level) - room + (box[0].start, box[1].start))
    return np.concatenate(borders)


def _level_around(heights: NDArray[np.float64], area: int) -> float:
    """Find the level whose lines enclose an area: by whole pixels, then by a small step of Newton's."""
    beside = math.ceil(math.sqrt(area))
    ranks = np.array([max(area - beside, 0), area - 1, area, area + beside])
    falling = -np.partition(-heights.ravel(), ranks)[ranks]
    level, slope = falling[1:3].mean(), (falling[3] - falling[0]) / (ranks[3] - ranks[0])
    lines = skimage.measure.find_contours(heights, level)
    finer = level + slope * (area - sum(_enclosed(line) for line in lines))
    return float(np.clip(finer, falling[3], (falling[0] + level) / 2))  # there are lines, whatever the shape


def _enclosed(line: Points) -> float:
    """Return the area that a closed line goes around: negative around a hole."""
    rows, columns = line.T
    return float(rows[1:] @ columns[:-1] - rows[:-1] @ columns[1:]) / 2


def _traced(heights: NDArray[np.float64], level: float) -> Points:
    return np.concatenate([_fine(line) for line in skimage.measure.find_contours(heights, level)])


def _fine(line: Points) -> Points:
    """Add points between those of a line, so that none is far from the next."""
    steps = np.diff(line, axis=0)
    between = math.ceil(float(np.hypot(*steps.T).max()) / FINE)
    shares = np.arange(between)[:, None, None] / between
    fine: Points = (line[None, :-1] + shares * steps[None]).reshape(-1, 2)
    return fine


def _diameters(border: Points) -> tuple[float, float]:
    """Find the longest and the shortest distance between two parallel lines that touch a border."""
    hull = border[scipy.spatial.ConvexHull(border).vertices]
    longest = float(scipy.spatial.distance.pdist(hull).max())
    sides = np.roll(hull, -1, axis=0) - hull
    across = np.stack([-sides[:, 1], sides[:, 0]], axis=1) / np.hypot(*sides.T)[:, None]
    extents = hull @ across.T
    return longest, float((extents.max(axis=0) - extents.min(axis=0)).min())


def distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the distance between two points, given by row and column, in their unit."""
    return math.hypot(second[0] - first[0], second[1] - first[1])


def distance_text(first: tuple[float, float], second: tuple[float, float], spacing: float | None) -> str:
    """Write the distance between two points.

    Parameters
    ----------
    first, second : tuple of float
        Row and column in pixels.
    spacing : float or None
        Millimetres per pixel; None if they are unknown.
    """
    pixels = distance(first, second)
    if spacing is None:
        return f"{pixels:.1f} pixels"
    return f"{pixels * spacing:.1f} mm ({pixels:.1f} pixels)"
