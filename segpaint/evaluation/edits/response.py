"""How far images follow an edit of their mask, beside what is found in a slice that is warped alike."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.metrics import structural_similarity

from segpaint.core.masks.paint import bounds
from segpaint.evaluation.distances import BANDS, spectrum
from segpaint.evaluation.edits.cases import EditCase
from segpaint.evaluation.edits.warps import Region

Pixels = NDArray[np.uint8]
Find: TypeAlias = Callable[[Pixels], NDArray[np.bool_]]
"""Finds labels in images, shape (images, channels, height, width); returns (images, labels, height, width)."""
SEEN = 0.5
"""Share of a label that is found in the real slice, at least, for its removal to be judged."""
NEAR = 2
"""Pixels around an edit in which a picture is compared."""
BOX = 32
"""Pixels on each side, at least, of the square in which grain is compared."""
GRAIN = BANDS.index(0.2)
"""The first band of `segpaint.evaluation.distances.spectrum` that is grain rather than shape."""
ROUNDS = 1000
LEVELS = (2.5, 97.5)


@dataclass(frozen=True, eq=False)
class MadeEdit:
    """An edit with its pictures, all of shape (channels, height, width).

    Attributes
    ----------
    real : ndarray of uint8
        The slice before the edit.
    warped : ndarray of uint8 or None
        The slice deformed as the gesture does; None if no deformation does it.
    made : dict of str to ndarray of uint8
        The images of the edited mask, by the way in which each was made.
    filled : ndarray of uint8 or None
        Where a label is removed: the slice with nearby tissue in its place.
    """

    case: EditCase
    real: Pixels
    warped: Pixels | None
    made: Mapping[str, Pixels]
    filled: Pixels | None = None


def responses(edit: MadeEdit, find: Find, column: int) -> dict[str, float] | None:
    """Measure on which share of an edit's pixels a judge agrees with the edited mask, not with the old one.

    Parameters
    ----------
    column : int
        The label among those that the judge finds.

    Returns
    -------
    dict of str to float or None
        For "unedited", the real slice; "ceiling", the warped one, and "filled", if there are; and each way.
        None if there is nothing to judge, as where a label is removed that the judge does not see.
    """
    case = edit.case
    others = {"ceiling": edit.warped, "filled": edit.filled}
    named = {"unedited": edit.real, **{name: one for name, one in others.items() if one is not None}}
    named |= edit.made
    found = dict(zip(named, find(np.stack(list(named.values())))[:, column], strict=True))
    where = case.changed
    if case.gesture == "remove":
        seen = where & found["unedited"]
        if seen.sum() < SEEN * where.sum():
            return None
        where = seen
    if not where.any():
        return None
    return {name: float((region == case.asked)[where].mean()) for name, region in found.items()}


def likeness(edit: MadeEdit, way: str) -> dict[str, float] | None:
    """Compare a made image with the warped real slice inside the edit.

    Returns
    -------
    dict of str to float or None
        "ssim" (Wang et al., 2004); "bias", made minus real, in grey levels of 255; "grain", the power of the
        made image over that of the real one from 0.2 cycles per pixel. None if no deformation does the edit.
    """
    if edit.warped is None:
        return None
    made, real = (image.astype(np.float64).mean(axis=0) for image in (edit.made[way], edit.warped))
    region = ndimage.binary_dilation(edit.case.before != edit.case.after, iterations=NEAR)
    _, similar = structural_similarity(made, real, data_range=255, full=True)
    box = _box(region)
    power, true = (spectrum(image[box][None, None])[GRAIN:].sum() for image in (made, real))
    return {
        "ssim": float(similar[region].mean()),
        "bias": float((made - real)[region].mean()),
        "grain": float(power / true) if true > 0 else math.nan,
    }


def _box(region: Region) -> tuple[slice, slice]:
    """Find the rows and columns around a region, at least `BOX` of each."""
    found = []
    for part, length in zip(bounds(region), region.shape, strict=True):
        start = max(0, min(part.start, (part.start + part.stop - BOX) // 2))
        found.append(slice(start, min(length, max(part.stop, start + BOX))))
    return found[0], found[1]


def summarise(rows: Sequence[Mapping[str, Any]], ways: Sequence[str]) -> dict[str, Any]:
    """Average the responses of some edits, with intervals over patients.

    Patients are drawn with replacement (Efron's bootstrap, percentiles), since the slices of one are alike.

    Parameters
    ----------
    rows : sequence of mapping
        One an edit: its "patient", and the shares of `responses`.

    Returns
    -------
    dict
        How many "edits", "warps", and "patients"; means of "unedited", "ceiling", and "filled"; for each way
        the mean "response" and its "ratio" to the ceiling, over warps alone, each a "value" with its interval
        from "low" to "high". NaN where there is nothing to average.
    """
    names = sorted({row["patient"] for row in rows})
    warps = [row for row in rows if "ceiling" in row]
    figures: dict[str, Any] = {
        "edits": len(rows),
        "warps": len(warps),
        "patients": len(names),
        "unedited": _mean([row["unedited"] for row in rows]),
        "ceiling": _mean([row["ceiling"] for row in warps]),
        "filled": _mean([row["filled"] for row in rows if "filled" in row]),
    }
    drawn = _drawn(len(names))
    for way in ways:
        response, ratio = _sums(rows, names, way, None), _sums(warps, names, way, "ceiling")
        figures[way] = {
            "response": {"value": _divided(response.sum(axis=0)), **_interval(drawn @ response)},
            "ratio": {"value": _divided(ratio.sum(axis=0)), **_interval(drawn @ ratio)},
        }
    return figures


def over_patients(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, float]:
    """Average a figure of some rows, as "value", with its interval from "low" to "high" over patients."""
    names = sorted({row["patient"] for row in rows})
    sums = _sums(rows, names, key, None)
    return {"value": _divided(sums.sum(axis=0)), **_interval(_drawn(len(names)) @ sums)}


def over_patients_and_seeds(rows: Sequence[Mapping[str, Any]], key: str) -> dict[str, float]:
    """Average a figure of some rows as `over_patients` does, with an interval over patients and seeds.

    Both are drawn with replacement, each by itself, since the rows of a patient are alike, and those of a seed,
    too (the pigeonhole bootstrap of Owen, 2007).

    Parameters
    ----------
    rows : sequence of mapping
        Each with its "patient" and its "seed".
    """
    names, seeds = sorted({row["patient"] for row in rows}), sorted({row["seed"] for row in rows})
    each = [[row for row in rows if row["seed"] == seed] for seed in seeds]
    sums = np.array([_sums(some, names, key, None) for some in each]).reshape(len(seeds), len(names), 2)
    weights = _drawn(len(seeds), 1), _drawn(len(names))
    drawn = np.einsum("rs,rp,spk->rk", *weights, sums)
    return {"value": _divided(sums.sum(axis=(0, 1))), **_interval(drawn)}


def _drawn(count: int, seed: int = 0) -> NDArray[np.float64]:
    """Count how often each of so many patients is drawn in each round, shape (rounds, count)."""
    if not count:
        return np.zeros((ROUNDS, 0))
    likely = np.full(count, 1 / count)
    return np.random.default_rng(seed).multinomial(count, likely, ROUNDS).astype(np.float64)


def _sums(
    rows: Sequence[Mapping[str, Any]], names: Sequence[str], above: str, below: str | None
) -> NDArray[np.float64]:
    """Add up numerators and denominators, or ones, by patient, shape (patients, 2)."""
    sums = np.zeros((len(names), 2))
    for row in rows:
        sums[names.index(row["patient"])] += (row[above], 1 if below is None else row[below])
    return sums


def _divided(sums: NDArray[np.float64]) -> float:
    return float(sums[0] / sums[1]) if sums[1] > 0 else math.nan


def _interval(sums: NDArray[np.float64]) -> dict[str, float]:
    """Find the interval of the quotients that have a denominator; of one patient alone, there is none."""
    some = sums[sums[:, 1] > 0]
    if len(np.unique(some, axis=0)) < 2:
        return {"low": math.nan, "high": math.nan}
    low, high = np.percentile(some[:, 0] / some[:, 1], LEVELS)
    return {"low": float(low), "high": float(high)}


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else math.nan
