"""What a checkpoint holds of the noise in scans."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator


class ScanNoiseFigures(BaseModel, frozen=True, extra="forbid"):
    """What noise of the scanner a network leaves out of its images.

    Attributes
    ----------
    gains : tuple of float
        Amplitudes by spatial frequency, evenly from 0 to 0.5 cycles per pixel and more, relative to the
        largest.
    strengths : tuple of float
        Standard deviations by grey level, evenly from black to white, in grey levels.
    """

    gains: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(min_length=2, max_length=256)
    strengths: tuple[Annotated[float, Field(ge=0, le=255)], ...] = Field(min_length=2, max_length=256)

    @field_validator("gains")
    @classmethod
    def _some(cls, gains: tuple[float, ...]) -> tuple[float, ...]:
        if not any(gains):
            raise ValueError("are all 0, which is no noise; leave scan_noise out")
        return gains
