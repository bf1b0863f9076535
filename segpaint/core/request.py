"""The request: everything that determines one image, frozen."""

from __future__ import annotations

import base64
import io
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer

from segpaint.core.checkpoint import Description
from segpaint.core.errors import SegPaintError

Precision = Literal["float32", "bfloat16"]
SamplerName = Literal["dpm++", "ddim", "ddpm"]


def _read_mask(value: Any) -> NDArray[np.uint8]:
    if isinstance(value, str):
        try:
            with Image.open(io.BytesIO(base64.b64decode(value))) as image:
                value = np.asarray(image.convert("L"))
        except OSError as error:
            raise ValueError("is not a PNG in base64") from error
    try:
        mask = np.array(value, np.uint8)
    except (TypeError, OverflowError) as error:
        raise ValueError("holds something else than label indices") from error
    if mask.ndim != 2:
        raise ValueError("has not two dimensions")
    mask.flags.writeable = False
    return mask


def _write_mask(mask: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(mask).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


FrozenMask = Annotated[
    NDArray[np.uint8], BeforeValidator(_read_mask), PlainSerializer(_write_mask, return_type=str)
]


class Request(BaseModel):
    """Everything that determines one image.

    Attributes
    ----------
    checkpoint, fingerprint : str
        Name of the checkpoint's folder, and what identifies its content.
    mask : ndarray of uint8, shape (height, width)
        Label indices; 255 is a free region. Read-only; in JSON a PNG in base64.
    used : tuple of int
        The labels in use; the others are ablated.
    sampler : {"dpm++", "ddim", "ddpm"}
    steps : int
        Denoising steps.
    seed : int
        Of all random numbers.
    guidance : float
        1 is off.
    precision : {"float32", "bfloat16"}
        Of the network; it shows in the last digit.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    format: Literal[1] = 1
    checkpoint: str
    fingerprint: str
    used: tuple[int, ...]
    sampler: SamplerName = "dpm++"
    steps: int = Field(default=20, ge=1, le=1000)
    seed: int = Field(default=0, ge=0, lt=2**63)
    guidance: float = Field(default=1.0, ge=0, le=20)
    precision: Precision = "float32"
    mask: FrozenMask

    def check_fit(self, description: Description) -> None:
        """Make sure that a checkpoint can answer it.

        Raises
        ------
        SegPaintError
            If the mask has another size, or labels that the checkpoint does not know.
        """
        size, table = description.size, description.table
        if self.mask.shape != (size, size):
            height, width = self.mask.shape
            raise SegPaintError(
                f"The request's mask has {width} x {height} pixels, the checkpoint takes {size} x {size}; "
                "open it with the checkpoint that it was made with."
            )
        unknown = sorted({*table.unknown(self.mask), *self.used} - set(table.indices))
        if unknown:
            raise SegPaintError(
                f"The request names labels that this checkpoint does not know: {unknown}; "
                "open it with the checkpoint that it was made with."
            )
