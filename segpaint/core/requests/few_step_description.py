"""Reads what a network for few steps states of itself."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from segpaint.core.reading import read_model, reads
from segpaint.core.requests.scan_noise import ScanNoiseFigures


class FewStepDescription(BaseModel, frozen=True, extra="forbid"):
    """Where a network for few steps comes from; the file ``few_steps.json``.

    Attributes
    ----------
    teacher : str
        The fingerprint of the checkpoint that it was distilled from.
    scan_noise : ScanNoiseFigures or None
        What noise of scans it leaves out, as that of its teacher.
    training : dict
        Figures of the training, for the reader.
    """

    format: Literal[1] = 1
    teacher: str
    scan_noise: ScanNoiseFigures | None = None
    training: dict[str, float | int | str] = {}


@reads("the description of a network for few steps", "distil it again with segpaint distill")
def read_few_step_description(path: Path) -> FewStepDescription:
    """Read where a network for few steps comes from.

    Raises
    ------
    SegPaintError
        If the file is missing or not valid.
    """
    return read_model(path, FewStepDescription)
