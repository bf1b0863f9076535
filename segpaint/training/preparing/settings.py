"""What can be set about a preparation, and what is noted of it; reads no volumes, so it loads at once."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from segpaint.io.cases import Axis

RECORD = "prepared.json"
CONTACT = "contact.png"
WINDOWS = {
    "ct-soft": (-160.0, 240.0),
    "ct-brain": (0.0, 80.0),
    "ct-lung": (-1350.0, 150.0),
    "ct-bone": (-500.0, 1300.0),
}
"""The usual windows of CT in Hounsfield units, from black to white."""


class PreparationSettings(BaseModel):
    """How to turn volumes into slices.

    Attributes
    ----------
    axis : {"axial", "coronal", "sagittal"}
        See `segpaint.io.volumes`.
    size : int
        Height and width of the slices in pixels.
    spacing : float or None
        Millimetres per pixel; None for the median of the volumes, or coarser so that all fit.
    window : str, tuple of float, or None
        Intensities that become black and white: a key of `WINDOWS`, "percentiles" of each volume, or
        two numbers. None: ct-soft for CT, percentiles for the rest, and 8-bit pictures as they are.
    crop : {"body", "none"} or None
        Whether the square is centred on the body or on the whole slice, and made to fit it. None:
        the body in volumes, the whole of pictures.
    every : int
        Keep each so manyth slice.
    empty_share : float
        Largest share of a volume's kept slices that hold no label, 0 to 1.
    val_share : float
        Share of the patients whose slices go into val, 0 to 0.9.
    patient : str or None
        A regular expression: what it finds in a case's name tells its patient. None: each case is one.
    modality : str or None
        As in DICOM. None: as the data set says; else CT where intensities reach below -500, or MR.
    channel : str or None
        Of a data set with several, by name or number.
    labels : str or None
        File that names the labels, see `segpaint.io.label_tables`.
    seed : int
        Of the split.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    axis: Axis = "axial"
    size: int = Field(default=128, ge=8, le=4096)
    spacing: float | None = Field(default=None, gt=0)
    window: str | tuple[float, float] | None = None
    crop: Literal["body", "none"] | None = None
    every: int = Field(default=1, ge=1)
    empty_share: float = Field(default=0.1, ge=0, le=1)
    val_share: float = Field(default=0.15, ge=0, le=0.9)
    patient: str | None = None
    modality: str | None = None
    channel: str | None = None
    labels: str | None = None
    seed: int = 0

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
            try:
                re.compile(patient)
            except re.error as error:
                raise ValueError(f"no regular expression: {error}") from error
        return patient


class CaseRecord(BaseModel):
    """What became of a case: its split, how many slices, and the intensities made black and white."""

    split: str
    slices: int
    window: tuple[float, float] | None


class Record(BaseModel):
    """The content of ``prepared.json``.

    Attributes
    ----------
    source : str
        The folder that the data set was made from.
    settings : PreparationSettings
    pixel_spacing : float or None
        Millimetres per pixel, where they are known.
    shares : dict of str to float
        Share of the slices that hold a label, by its name.
    cases : dict of str to CaseRecord
    """

    source: str
    settings: PreparationSettings
    pixel_spacing: float | None
    shares: dict[str, float]
    cases: dict[str, CaseRecord]


def read_record(folder: Path) -> Record | None:
    """What `prepare` noted of a data set folder; None where it did not make it."""
    try:
        return Record.model_validate_json((folder / RECORD).read_bytes())
    except (OSError, ValidationError):
        return None
