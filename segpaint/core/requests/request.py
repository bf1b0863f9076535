"""The request: everything that determines one image, as a frozen model."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import (
    BaseModel,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    model_serializer,
    model_validator,
)

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.labels.attributes import Attributes
from segpaint.core.requests.checkpoint import Checkpoint, Description
from segpaint.core.requests.frozen import FrozenMask
from segpaint.core.requests.origins import (
    Counterfactual,
    Origin,
    Revision,
    Similarity,
    Withheld,
    edit_steps,
    is_inverted,
    shows_patient,
)
from segpaint.core.requests.sampling import Guidance, SamplerName, Seed, Steps, find_sampler

Precision = Literal["float32", "bfloat16", "openvino-float32", "openvino-bfloat16"]
"""The type that a network computes in, by torch or by OpenVINO."""
ABOUT = "about"
"""Key of a request file that describes the image beside it."""
NEWER = ("attributes", "few_steps")
"""Fields that the first request files lack."""


class Stage(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """The mask and labels to follow from a step on.

    Attributes
    ----------
    step : int
        The first step that follows the stage.
    used : tuple of int
        Labels in use; the others are ablated.
    mask : ndarray of uint8, shape (height, width)
        Label indices; 255 is a free region. Read-only; in JSON a PNG in base64.
    """

    step: int = Field(ge=0, lt=1000)
    used: tuple[int, ...]
    mask: FrozenMask

    def asks_like(self, other: Stage) -> bool:
        """Check whether another stage has the same mask and labels."""
        return self.used == other.used and np.array_equal(self.mask, other.mask)


MOST_IMAGES = 100_000
"""Images asked for at once: more than a day's work of a fast device."""


def check_count(images: int) -> None:
    """Check, before any of them is planned, that not too many images are asked for at once.

    Raises
    ------
    SegPaintError
        If there are more than `MOST_IMAGES`.
    """
    if images > MOST_IMAGES:
        raise SegPaintError(
            f"That makes {images:,} images, and at most {MOST_IMAGES:,} are planned at once; ask for fewer "
            "seeds or masks, and for the others later."
        )


class Request(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """Everything that determines one image.

    Attributes
    ----------
    checkpoint, fingerprint : str
        Name of the checkpoint's folder, and `Checkpoint.fingerprint`.
    mask : ndarray of uint8, shape (height, width)
        See `Stage`.
    used : tuple of int
        Labels in use; the others are ablated.
    few_steps : str
        `Checkpoint.few_steps`, if that network makes the image; otherwise empty.
    sampler : {"dpm++", "ddim", "ddpm", "few", "relay"}
        A name of `segpaint.core.requests.sampling.find_sampler`.
    steps : int
        Denoising steps.
    seed : int
        Seed of all random numbers.
    guidance : float
        1 is off.
    precision : {"float32", "bfloat16", "openvino-float32", "openvino-bfloat16"}
        Precision of the network, and what computes it other than torch; both affect the last digit.
    attributes : dict of str to str
        What the image is to show as a whole, such as a pathology; what is left out is unknown.
    changes : tuple of Stage
        Edits during the run, or at the start of a branch.
    origin : Counterfactual, Similarity, WarmStart, Revision, Withheld or None
        Start other than noise. `Withheld` stands for a reference that is not in the file.
    """

    format: Literal[1] = 1
    checkpoint: str
    fingerprint: str
    few_steps: str = ""
    used: tuple[int, ...]
    sampler: SamplerName = "dpm++"
    steps: Steps = 20
    seed: Seed = 0
    guidance: Guidance = 1.0
    precision: Precision = "float32"
    mask: FrozenMask
    attributes: Attributes = {}
    changes: tuple[Stage, ...] = ()
    origin: Origin | None = None

    @model_validator(mode="before")
    @classmethod
    def _drop_about(cls, values: Any) -> Any:
        """Leave out the description of an image, see `segpaint.core.requests.kinds`."""
        if isinstance(values, dict):
            return {name: value for name, value in values.items() if name != ABOUT}
        return values

    @model_serializer(mode="wrap")
    def _leave_out(self, dump: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what is newer than the first files where it is empty, so that they stay as they were."""
        values: dict[str, Any] = dump(self)
        return {name: value for name, value in values.items() if name not in NEWER or value}

    @model_validator(mode="after")
    def _check_changes(self) -> Self:
        steps = [0, *(change.step for change in self.changes), self.steps]
        if any(before >= after for before, after in itertools.pairwise(steps)):
            raise ValueError("has changes that are not in order or beyond its steps")
        return self

    @model_validator(mode="after")
    def _check_sampler(self) -> Self:
        sampler = find_sampler(self.sampler)
        hindrance = sampler.hindrance(self.steps, self.guidance)
        if hindrance:
            raise ValueError(f"names the sampler {sampler.title}, which {hindrance}")
        return self

    @model_validator(mode="after")
    def _check_origin(self) -> Self:
        if is_inverted(self.origin) and self.sampler != "ddim":
            raise ValueError("must have the sampler ddim, the one that can be run backwards")
        if self.origin is not None and getattr(self.origin, "step", 0) >= self.steps:
            raise ValueError("begins at a step beyond its last")
        return self

    @classmethod
    def ask(
        cls,
        checkpoint: Checkpoint,
        mask: ArrayLike,
        precision: Precision,
        used: Sequence[int] | None = None,
        origin: Origin | None = None,
        **settings: object,
    ) -> Request:
        """Make a request to a checkpoint, which recommends all settings that are None or left out.

        Parameters
        ----------
        mask : array_like of int, shape (height, width)
        precision, used, origin
            See `Request`; all labels are in use if `used` is None.
        **settings
            Sampler, steps, seed, guidance, and attributes.

        Raises
        ------
        SegPaintError
            If a setting is out of its range, or the mask holds other values than integers from 0 to 255, or is
            the path of one.
        """
        if isinstance(mask, str | PurePath):
            raise SegPaintError(f"{mask} is a path and no mask; read it with read_mask, and give that.")
        description = checkpoint.description
        values: dict[str, object] = description.model_dump(include={"sampler", "steps", "guidance"})
        inverted = is_inverted(origin)
        if inverted:
            values |= {"sampler": "ddim", "steps": edit_steps(origin)}
        given = {name: value for name, value in settings.items() if value is not None}
        values |= given
        try:
            if "sampler" in given and "steps" not in given and not inverted:
                values["steps"] = description.steps_with(str(given["sampler"]))
            return cls.model_validate(
                {
                    "checkpoint": checkpoint.folder.resolve().name,
                    **checkpoint.signature(str(values["sampler"])),
                    "used": checkpoint.table.indices if used is None else used,
                    "precision": precision,
                    "mask": mask,
                    "origin": origin,
                    **values,
                }
            )
        except ValidationError as error:
            where, _, problem = first_problem(error, "the request").partition(": ")
            raise SegPaintError(f"{where} {values.get(where, '')}".strip() + f": {problem}.") from error

    def check_training(self, description: Description) -> None:
        """Check that the checkpoint was trained on what is asked for.

        Raises
        ------
        SegPaintError
            If labels are left out, or guidance is on, and the network never saw a mask without labels.
        """
        if description.ablation_trained or description.ignores_mask:
            return
        left = [label.name for label in description.table if label.index not in self.used]
        asked = f"leave out {', '.join(left)}" if left else f"use guidance {self.guidance:g}"
        if left or self.guidance != 1:
            raise SegPaintError(
                f"{description.name} was trained on whole masks alone, so it cannot {asked}; use every label, "
                "and guidance 1."
            )

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The first stage, and one for each change."""
        return (Stage(step=0, used=self.used, mask=self.mask), *self.changes)

    @property
    def final(self) -> Stage:
        """The last stage."""
        return self.stages[-1]

    def changed(self, stage: Stage) -> Request:
        """Return the request with another stage, which replaces all later changes."""
        if stage.step == 0:
            return self.model_copy(update={"used": stage.used, "mask": stage.mask, "changes": ()})
        kept = tuple(change for change in self.changes if change.step < stage.step)
        earlier = self.model_copy(update={"changes": kept})
        if stage.asks_like(earlier.final):
            return earlier
        return self.model_copy(update={"changes": (*kept, stage)})

    def revised(self, image: NDArray[np.uint8], mask: ArrayLike, *, quick: bool = False) -> Request:
        """Ask for the image that this request made to be changed where its mask is, and nowhere else.

        Parameters
        ----------
        image : ndarray of uint8, shape (height, width) or (height, width, 3)
            The image made.
        mask : array_like of int, shape (height, width)
            See `Stage`.
        quick : bool
            See `Revision`.

        Raises
        ------
        SegPaintError
            If the image shows a patient, or the mask holds other values than integers from 0 to 255.
        """
        if shows_patient(self.origin):
            raise SegPaintError(
                "Only an image that was made from a mask can be revised, and this one shows a patient; edit "
                "its reference instead."
            )
        origin = Revision(image=image, mask=self.final.mask, used=self.final.used, quick=quick, close=True)
        values = dict(self) | {"used": self.final.used, "mask": mask, "changes": (), "origin": origin}
        try:
            return Request.model_validate(values)
        except ValidationError as error:
            where, _, problem = first_problem(error, "the request").partition(": ")
            raise SegPaintError(f"{where}: {problem}.") from error

    def withheld(self) -> Request:
        """Return the request without its reference, if that shows a patient."""
        if isinstance(self.origin, Counterfactual | Similarity) and self.origin.shows_patient:
            return self.model_copy(update={"origin": Withheld.of(self.origin)})
        return self

    def with_reference(self, image: NDArray[np.uint8]) -> Request:
        """Return the request with the reference that was withheld.

        Raises
        ------
        SegPaintError
            If it is another image.
        """
        if isinstance(self.origin, Withheld):
            return self.model_copy(update={"origin": self.origin.filled(image)})
        return self

    def check_fit(self, description: Description) -> None:
        """Check that a checkpoint can answer the request.

        Raises
        ------
        SegPaintError
            If the mask or reference has another size, or a label or an attribute is unknown.
        """
        size, table = description.size, description.table
        description.attribute_table.check(self.attributes)
        for stage in self.stages:
            if stage.mask.shape != (size, size):
                height, width = stage.mask.shape
                raise SegPaintError(
                    f"The mask has {width} x {height} pixels, the checkpoint takes {size} x {size}; "
                    "resample it to the nearest pixel, or open the checkpoint that it belongs to."
                )
            unknown = sorted({*table.unknown(stage.mask), *stage.used} - set(table.indices))
            if unknown:
                raise SegPaintError(
                    f"The mask or the labels in use name labels that this checkpoint does not know: {unknown}; "
                    "open the checkpoint that they belong to."
                )
        origin = None if isinstance(self.origin, Withheld) else self.origin
        if origin is not None and origin.image.shape != description.image_shape:
            raise SegPaintError(
                f"The reference has the shape {origin.image.shape}, images of the checkpoint have "
                f"{description.image_shape}; resample it, or open the checkpoint that it belongs to."
            )
