"""The specification of a paired set: a file that the window writes and the command reads."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, PlainSerializer, model_validator

from segpaint.core.labels.attributes import Attributes
from segpaint.core.reading import read_model, reads
from segpaint.core.requests.checkpoint import DESCRIPTION
from segpaint.core.requests.request import Precision
from segpaint.core.requests.sampling import Guidance, SamplerName, Seed, Steps

SPECIFICATION = "specification.json"
LayoutName = Literal["published", "nnunet", "webdataset"]
File = Annotated[Path, PlainSerializer(lambda path: path.as_posix(), return_type=str)]


class Between(BaseModel, frozen=True, extra="forbid"):
    """Masks interpolated between two, see `segpaint.core.masks.interpolation`.

    Attributes
    ----------
    first, second : Path
        The two masks, which are included.
    count : int
        Number of masks, with these two.
    """

    first: File
    second: File
    count: int = Field(ge=2, le=1000)


class Seeds(BaseModel, frozen=True, extra="forbid"):
    """Consecutive seeds, see `segpaint.core.requests.sampling.count_seeds`."""

    first: Seed = 0
    count: int = Field(default=1, ge=1, le=1_000_000)


class Choosing(BaseModel, frozen=True, extra="forbid"):
    """How pairs are chosen by eye, see `segpaint.paired.chosen`.

    Attributes
    ----------
    wanted : int
        Number of pairs.
    """

    wanted: int = Field(default=50, ge=1, le=100_000)


class Specification(BaseModel, frozen=True, extra="forbid"):
    """Every combination of checkpoint, mask, seed, subset of labels, and attributes.

    Attributes
    ----------
    checkpoints : tuple of str
        Names or folders; see `segpaint.paths.find_offered` for those of a file. The masks use the labels of
        the first; the others match labels by name.
    masks : tuple of Path
        PNG files, or folders of them. Only a set that is chosen may have none: its candidates are then added.
    subsets : tuple of tuple of str, or None
        Names of labels in use; None stands for all, () for a blank mask.
    attributes : tuple of dict of str to str
        What images are to show as a whole, such as a pathology; each is a further image. {} for unknown.
    sampler, steps, guidance
        None takes each checkpoint's recommendation.
    precision : {"float32", "bfloat16"} or None
        None takes the faster one on the device that begins the set.
    resize : bool
        Whether masks of another size are resampled by the nearest pixel.
    layout : {"published", "nnunet", "webdataset"}
        See `segpaint.paired.layouts`; a set that is chosen has one of the first two.
    validation : float
        Share of the masks to validate with, from 0 to below 1.
    choosing : Choosing or None
        None makes every combination.
    """

    format: Literal[1] = 1
    checkpoints: tuple[str, ...] = Field(min_length=1)
    masks: tuple[File, ...] = ()
    between: Between | None = None
    seeds: Seeds = Seeds()
    subsets: tuple[tuple[str, ...] | None, ...] = Field(default=(None,), min_length=1)
    attributes: tuple[Attributes, ...] = Field(default=({},), min_length=1)
    sampler: SamplerName | None = None
    steps: Steps | None = None
    guidance: Guidance | None = None
    precision: Precision | None = None
    resize: bool = False
    layout: LayoutName = "published"
    validation: float = Field(default=0.0, ge=0, lt=1)
    choosing: Choosing | None = None

    @model_validator(mode="after")
    def _check_masks(self) -> Self:
        if not self.masks and self.between is None and self.choosing is None:
            raise ValueError("names no masks; give masks, or two to go between")
        if self.layout == "webdataset" and self.choosing is not None:
            raise ValueError("packs pairs that are chosen by eye; choose the layout published or nnunet")
        return self

    @property
    def folders(self) -> tuple[Path, ...]:
        """The checkpoints that are named by their folders, not by their names."""
        return tuple(Path(name) for name in self.checkpoints if Path(name).is_absolute())

    def located(self, folder: Path) -> Specification:
        """Return a copy whose relative paths are resolved against a folder."""
        between = self.between
        if between is not None:
            between = between.model_copy(
                update={"first": folder / between.first, "second": folder / between.second}
            )
        return self.model_copy(
            update={
                "masks": tuple(folder / path for path in self.masks),
                "between": between,
                "checkpoints": tuple(
                    str((folder / name).resolve()) if (folder / name / DESCRIPTION).is_file() else name
                    for name in self.checkpoints
                ),
            }
        )


@reads("the specification of a paired set", "correct it")
def read_specification(path: Path) -> Specification:
    """Read a specification, and resolve its paths against the file's folder.

    Raises
    ------
    SegPaintError
        If it cannot be read or is not valid.
    """
    return read_model(path, Specification).located(path.resolve().parent)
