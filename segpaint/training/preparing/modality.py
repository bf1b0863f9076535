"""Decides whether volumes are CT or MR by their intensities, and asks where both are likely."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.hounsfield import LOWEST_OF_MR, has_air_and_tissue
from segpaint.core.words import percentage

CLIPPED = (-500.0, -10.0)
"""Where programs cut off the air of a CT."""
CLIPPED_SHARE = 0.01
"""Of voxels that are the lowest value exactly, from which a CT was clipped there."""
SHIFT = 1024.0
"""What scanners add to Hounsfield units, so that no value is negative."""
SOFT = (SHIFT - 150, SHIFT + 150)
"""Fat, water and soft tissue of a CT that is shifted."""
TISSUE, SOFT_OF_TISSUE, SOFT_OF_ALL = 600.0, 0.6, 0.02
"""Above this value, at least this share of a shifted CT is soft tissue, which is this share of all voxels."""
AIR, AIR_OF_ALL, SOFT_OF_BODY = 150.0, 0.02, 0.35
"""Below this value is air, at least this share of all voxels; so much of the rest is soft tissue."""
BETWEEN, MOST_BETWEEN = (450.0, 850.0), 0.25
"""Denser than lung and lighter than fat is little of a CT's body; the shades of MR have no such gap."""
MOST_SAMPLES = 2_000_000
GUESS = (
    "Caution: this is a guess, for nothing names it. Give --modality if it is another, such as CT whose values "
    "were clipped at 0 or rescaled, or PET (PT)"
)


@dataclass(frozen=True)
class Intensities:
    """What the intensities of a volume are like.

    Attributes
    ----------
    lowest, highest : float
        Of the finite ones.
    at_lowest : float
        Share of the voxels that have the lowest value exactly, 0 to 1.
    is_shifted : bool
        Whether they look like a CT's that are stored with 1024 added.
    has_air_and_tissue : bool
        Whether air and soft tissue have the values of a CT. A few dark voxels, or the phases of an MR, do not
        make one.
    """

    lowest: float
    highest: float
    at_lowest: float
    is_shifted: bool
    has_air_and_tissue: bool

    @property
    def is_clipped(self) -> bool:
        """Whether they look like a CT's whose air was cut off."""
        return CLIPPED[0] <= self.lowest <= CLIPPED[1] and self.at_lowest >= CLIPPED_SHARE


def measure_intensities(images: NDArray[np.float32] | NDArray[np.uint8]) -> Intensities:
    """Measure the intensities of a stack; at least one must be finite."""
    step = max(1, round((images.size / MOST_SAMPLES) ** (1 / 3)))
    some = images[::step, ::step, ::step]
    lowest = float(np.nanmin(images))
    return Intensities(
        lowest,
        float(np.nanmax(images)),
        float((some == lowest).mean()),
        _is_shifted(some),
        has_air_and_tissue(some),
    )


def _is_shifted(images: NDArray[np.float32] | NDArray[np.uint8]) -> bool:
    soft = ((images >= SOFT[0]) & (images < SOFT[1])).mean()
    tissue, body = (images > TISSUE).mean(), (images >= BETWEEN[0]).mean()
    between = ((images >= BETWEEN[0]) & (images < BETWEEN[1])).mean()
    air = (images < AIR).mean()
    is_soft = soft >= max(SOFT_OF_ALL, SOFT_OF_TISSUE * tissue, SOFT_OF_BODY * (1 - air))
    return bool(is_soft and between <= MOST_BETWEEN * body and air >= AIR_OF_ALL)


def decide_modality(
    measured: Mapping[Path, Intensities], names: Mapping[str, str | None], of_files: str | None = None
) -> tuple[str, str]:
    """Decide what volumes are, and why.

    Parameters
    ----------
    measured : mapping of Path to Intensities
    names : mapping of str to str or None
        What each source names, the first one first.
    of_files : str or None
        What the names of the files hold, which counts unless the intensities are surely a CT's.

    Returns
    -------
    modality : str
        "CT" or "MR", or what is named.
    reason : str
        A clause that begins with "because", with a caution if it is a guess.

    Raises
    ------
    SegPaintError
        If nobody names it, and a volume may be a CT that is clipped or stored with 1024 added, or may be none.
    """
    for source, name in names.items():
        if name:
            return (name.upper() if name.upper() in ("CT", "MR") else name), f"because {source} names it"
    path, least = min(measured.items(), key=lambda item: item[1].lowest)
    is_ct = any(seen.lowest < LOWEST_OF_MR and seen.has_air_and_tissue for seen in measured.values())
    if of_files and not is_ct:
        return of_files, "because the names of the files hold it"
    doubts = [_doubt(path, seen) for path, seen in measured.items() if seen.is_shifted or not is_ct]
    _ask([doubt for doubt in doubts if doubt])
    if is_ct:
        return "CT", f"because intensities reach down to {least.lowest:.4g} in {path}"
    reason = f"because no intensity is as low as a CT's air; the lowest is {least.lowest:.4g} in {path}"
    return "MR", f"{reason}. {GUESS}"


def remark_on_shift(path: Path, window: str | tuple[float, float] | None) -> dict[str, str]:
    """Describe what is done about a CT that is stored with 1024 added: a sentence by its kind."""
    given = isinstance(window, tuple)
    done = "The numbers of --window are taken as stored." if given else "Its window is shifted as far."
    return {"shifted": f"{path} looks like a CT that is stored with {SHIFT:.0f} added. {done}"}


def _ask(doubts: list[str]) -> None:
    if doubts:
        others = f" So do others: {len(doubts) - 1}." if len(doubts) > 1 else ""
        raise SegPaintError(f"{doubts[0]}{others} Name what it is: --modality CT or --modality MR.")


def _doubt(path: Path, seen: Intensities) -> str:
    if seen.is_clipped:
        return (
            f"{path} looks like a CT that is clipped: {percentage(seen.at_lowest)} of its voxels have exactly "
            f"its lowest value, {seen.lowest:.4g}."
        )
    if seen.is_shifted:
        return (
            f"{path} looks like a CT that is stored with {SHIFT:.0f} added: most of what is brighter than air "
            f"lies within 150 of {SHIFT:.0f}."
        )
    if seen.lowest < LOWEST_OF_MR:
        return (
            f"{path} reaches down to {seen.lowest:.4g}, as a CT does, but too few of its voxels are as dark as "
            "air, or have the values of soft tissue."
        )
    return ""
