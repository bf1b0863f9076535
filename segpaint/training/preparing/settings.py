"""The settings and the record of a preparation; reads no volumes, so it loads fast."""

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, field_validator

from segpaint.core.errors import SegPaintError
from segpaint.core.reading import LARGEST_RECORD, read_model, reads
from segpaint.core.requests.sampling import Seed
from segpaint.core.volumes.presets import CT
from segpaint.io.cases import Axis
from segpaint.training.options import option

RECORD = "prepared.json"
CONTACT = "contact.png"
LONGEST_EXPRESSION = 1000
WINDOWS = {f"ct-{name}": (preset.lowest, preset.highest) for name, preset in CT.items()}
"""The usual CT windows in Hounsfield units, from black to white."""


class PreparationSettings(BaseModel, frozen=True, extra="forbid"):
    """How to turn volumes into slices.

    Attributes
    ----------
    axis : {"axial", "coronal", "sagittal", "acquired"} or None
        See `segpaint.io.volumes`. None: see `segpaint.training.preparing.axes.choose_axis`.
    size, spacing, every, empty_share, val_share, test_share, patient, channel
        See the help of each.
    window : str, tuple of float, or None
        Intensities that become black and white: a key of `WINDOWS`, "percentiles" of each volume, or
        two numbers. None: ct-soft for CT, percentiles for the rest, and 8-bit pictures unchanged.
    crop : {"body", "none"} or None
        Whether the square is centred on the body or on the whole slice, and made to fit it. None:
        the body in volumes, the whole of pictures.
    modality : str or None
        As in DICOM. None: from the data set; else CT where intensities reach below -500, or MR.
    labels : str or None
        File that names the labels, see `segpaint.io.label_tables`.
    seed : int
        Of the random split.
    """

    axis: Axis | None = option(
        None,
        "acquired: the file's own slices (default: axial; acquired if any of thick slices is oblique)",
    )
    size: int = option(128, "height and width in pixels (default {})", ge=8, le=4096)
    spacing: float | None = option(
        None, "millimetres per pixel (default: the volumes' median, or coarser so that all fit)",
        metavar="MM", gt=0,
    )  # fmt: skip
    window: str | tuple[float, float] | None = option(
        None, "intensities made black and white: two numbers, ct-soft, ct-brain, ct-lung, ct-bone, or "
        "percentiles (0.5 and 99.7, of each volume); default ct-soft for CT, percentiles for the rest",
        metavar=["LOW", "HIGH"],
    )  # fmt: skip
    crop: Literal["body", "none"] | None = option(
        None, "fit the square to the largest bright thing and all labels, or to the whole slice (default body)"
    )
    every: int = option(1, "keep each Nth slice (default {})", metavar="N", ge=1)
    empty_share: float = option(
        0.1, "largest share of a volume's slices without any label (default {}; 1 keeps all)",
        metavar="SHARE", ge=0, le=1,
    )  # fmt: skip
    val_share: float = option(0.15, "of the patients (default {})", metavar="SHARE", ge=0, le=0.9)
    test_share: float | None = option(
        None, "of the patients, for segpaint evaluate --split test alone (default: 0.1 of ten patients or "
        "more, unless the data set has test cases itself)", metavar="SHARE", ge=0, le=0.9,
    )  # fmt: skip
    patient: str | None = option(
        None, "what it finds in a case's name tells the patient, who is never split (default: each case is "
        "one)", metavar="REGEX",
    )  # fmt: skip
    modality: str | None = option(None, "as in DICOM: MR, CT (default: what the data set or its values say)")
    channel: str | None = option(None, "of a data set with several, by name or number", metavar="NAME")
    labels: str | None = option(
        None, "names of the labels: labels.json, or a table of ITK-SNAP (.label, .txt), 3D Slicer (.ctbl) "
        "or BIDS (dseg.tsv)", metavar="TABLE",
    )  # fmt: skip
    seed: Seed = 0

    @field_validator("window")
    @classmethod
    def _known(cls, window: str | tuple[float, float] | None) -> str | tuple[float, float] | None:
        if isinstance(window, str) and window not in (*WINDOWS, "percentiles"):
            raise ValueError(f"give two numbers, or one of {', '.join((*WINDOWS, 'percentiles'))}")
        if isinstance(window, tuple) and not window[0] < window[1]:
            raise ValueError("the first number must be the lower one")
        return window

    @field_validator("patient")
    @classmethod
    def _expression(cls, patient: str | None) -> str | None:
        if patient is not None:
            if len(patient) > LONGEST_EXPRESSION:  # of a damaged record, it would take long to be understood
                raise ValueError(f"has more than {LONGEST_EXPRESSION} characters")
            try:
                re.compile(patient)
            except re.error as error:
                raise ValueError(f"no regular expression: {error}") from error
        return patient


class CaseRecord(BaseModel):
    """The outcome of a case.

    Attributes
    ----------
    slices : int
        How many there are.
    window : tuple of float, or None
        The intensities made black and white.
    axis : {"axial", "coronal", "sagittal", "acquired"} or None
        How it was cut; None of pictures.
    remarks : list of str
        What was unusual in its files, and what was done about it.
    """

    split: str
    slices: int
    window: tuple[float, float] | None
    axis: Axis | None = None
    remarks: list[str] = []


class Record(BaseModel):
    """The content of ``prepared.json``.

    Attributes
    ----------
    source : str
        The folder that the data set was made from.
    pixel_spacing : float or None
        Millimetres per pixel, where they are known.
    shares : dict of str to float
        Share of the slices that hold each label, 0 to 1, by its name.
    cases : dict of str to CaseRecord
        By the case's name.
    """

    source: str
    settings: PreparationSettings
    pixel_spacing: float | None
    shares: dict[str, float]
    cases: dict[str, CaseRecord]

    def fixed_window(self, modality: str) -> tuple[float, float] | None:
        """Return the window that all images have by its values; None if each was stretched by itself."""
        chosen, windows = self.settings.window, {case.window for case in self.cases.values()}
        is_fixed = modality == "CT" if chosen is None else chosen != "percentiles"
        return windows.pop() if is_fixed and len(windows) == 1 else None


def read_record(folder: Path) -> Record | None:
    """Read what `prepare` recorded of a data set folder; None if it did not make the folder."""
    try:
        return read_prepared(folder / RECORD)
    except SegPaintError:
        return None


@reads("the record of a preparation", "prepare the data set again")
def read_prepared(path: Path) -> Record:
    """Read the record of a preparation.

    Raises
    ------
    SegPaintError
        If the file is missing or damaged.
    """
    return read_model(path, Record, LARGEST_RECORD)
