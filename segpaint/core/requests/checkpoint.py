"""Reads and checks checkpoint folders.

A checkpoint is a folder with ``segpaint.json``, ``unet/`` and ``scheduler/`` as diffusers writes them, and a
model card ``README.md``. Weights are safetensors; pickled weights can run any code, so they are refused.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover
from segpaint.core.folders import visible
from segpaint.core.labels.attributes import Attribute, AttributeTable
from segpaint.core.labels.labels import Label, LabelTable, Line, Name
from segpaint.core.reading import open_regular, read_model, read_text, reads
from segpaint.core.requests.few_step_description import read_few_step_description
from segpaint.core.requests.sampling import (
    DISTILLED,
    SAMPLERS,
    Guidance,
    Sampler,
    SamplerName,
    Steps,
    recommended_steps,
)
from segpaint.core.requests.scan_noise import ScanNoiseFigures

DESCRIPTION = "segpaint.json"
CARD = "README.md"
SEGMENTER = "segmenter/segmenter.json"
FEW_STEPS_FOLDER = "few_steps"
FEW_STEPS_FILES = ("few_steps.json", "config.json", "model.safetensors", "pace.safetensors")
"""Teacher, configuration and weights of a network that takes long steps, see `segpaint distill`."""
NETWORK_CONFIG = "unet/config.json"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
SCHEDULER_CONFIG = "scheduler/scheduler_config.json"
LABELS = "labels.json"
PIPELINE = "pipeline.py"
PIPELINE_INDEX = "model_index.json"
"""Labels, code, and content of a checkpoint that diffusers loads, see `segpaint checkpoint export`."""
LARGEST_WEIGHTS = 16 * 2**30
"""Bytes of the weights."""
PICKLED = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


class LabelStatistics(BaseModel, frozen=True, extra="forbid"):
    """Place and size of a label in the training masks that have it.

    Attributes
    ----------
    presence : float
        Share of the masks annotated for the label that have it, 0 to 1.
    area : tuple of float
        5th, 50th and 95th percentile of its area as a share of the image.
    centre : tuple of float
        Mean row and column of its centre of mass, as shares of height and width, 0 to 1.
    centre_spread : tuple of float
        Standard deviation of the centre, likewise.
    """

    presence: float
    area: tuple[float, float, float]
    centre: tuple[float, float]
    centre_spread: tuple[float, float]


class Description(BaseModel, frozen=True, extra="forbid"):
    """The content of ``segpaint.json``.

    Attributes
    ----------
    name : str
        Title in the window.
    modality : str
        As in DICOM: MR, CT.
    size : int
        Height and width of its images in pixels.
    channels : int
        1 grey, 3 colour.
    pixel_spacing : float or None
        Millimetres per pixel; None if unknown or not uniform.
    window : tuple of float or None
        The values that its training images show as black and as white, in HU for CT; None if each image was
        stretched by itself, see `segpaint.core.pictures.intensities.PERCENTILES`.
    attributes : tuple of Attribute
        Properties of a whole image that can be asked for beside the mask.
    encoding : str
        See `segpaint.core.diffusion.conditioning.Encoder`.
    space_to_depth : int
        See `segpaint.core.diffusion.network.fold`.
    grain_gains : tuple of float
        Gains by spatial frequency that take out what the network leaves of noise, see
        `segpaint.core.diffusion.grain.GrainFilter`; empty if its images are taken as they are.
    scan_noise : ScanNoiseFigures or None
        What noise of scans the network leaves out, which is then added to its images, see
        `segpaint.core.diffusion.scan_noise.ScanNoise`.
    ablation_trained : bool
        Whether labels can be left out.
    sampler, steps, guidance
        The recommended settings.
    licence, data : str
        Licence of the weights; origin of the training images, and how to cite them.
    statistics : dict
        Statistics by label name.
    training : dict
        Figures of the training run, for the reader.
    """

    format: Literal[1] = 1
    name: Line
    modality: Line
    size: int = Field(ge=8, le=4096)
    channels: Literal[1, 3] = 1
    pixel_spacing: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    window: tuple[float, float] | None = None
    labels: tuple[Label, ...]
    attributes: tuple[Attribute, ...] = ()
    encoding: Literal["signed", "index_255", "none"] = "signed"
    space_to_depth: Literal[1, 2, 4, 8] = 1
    grain_gains: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(default=(), max_length=256)
    scan_noise: ScanNoiseFigures | None = None
    ablation_trained: bool = True
    sampler: SamplerName = "dpm++"
    steps: Steps = 20
    guidance: Guidance = 1.0
    licence: str = ""
    data: str = ""
    statistics: dict[Name, LabelStatistics] = {}
    training: dict[str, float | int | str | bool] = {}

    @field_validator("labels")
    @classmethod
    def _consistent(cls, labels: tuple[Label, ...]) -> tuple[Label, ...]:
        try:
            LabelTable(labels)
        except SegPaintError as error:
            raise ValueError(str(error)) from error
        return labels

    @field_validator("attributes")
    @classmethod
    def _distinct(cls, attributes: tuple[Attribute, ...]) -> tuple[Attribute, ...]:
        try:
            AttributeTable(attributes)
        except SegPaintError as error:
            raise ValueError(str(error)) from error
        return attributes

    @property
    def table(self) -> LabelTable:
        """The labels with their nesting."""
        return LabelTable(self.labels)

    @property
    def attribute_table(self) -> AttributeTable:
        """The attributes with the numbers of their combinations."""
        return AttributeTable(self.attributes)

    @property
    def image_shape(self) -> tuple[int, ...]:
        """Shape of its images: (size, size), or (size, size, 3) in colour."""
        return (self.size, self.size) if self.channels == 1 else (self.size, self.size, 3)

    def steps_with(self, sampler: str) -> int:
        """Return the recommended steps with a sampler, by its name.

        Raises
        ------
        ValueError
            If there is no such sampler.
        """
        return recommended_steps(sampler, self.sampler, self.steps)

    def doubt(self, modality: str) -> str:
        """Report in a sentence that images of a modality are strange to it; empty if it is that, or unknown."""
        if not (modality and self.modality) or modality == self.modality:
            return ""
        return (
            f"This is {modality}, and the model was trained on {self.modality}: it will not know what it sees."
        )

    @property
    def ignores_mask(self) -> bool:
        """Whether the network sees no mask, so that images depend on the seed alone."""
        return self.encoding == "none"


@dataclass(frozen=True)
class Checkpoint:
    """A checked checkpoint folder, without its weights."""

    folder: Path
    description: Description

    @cached_property
    def fingerprint(self) -> str:
        """First 16 hexadecimal digits of a SHA-256 over all that determines its images.

        The first access reads all weights, so it must not be on the window's thread.

        Raises
        ------
        SegPaintError
            If a file cannot be read.
        """
        digest = hashlib.sha256()
        for name in (NETWORK_CONFIG, WEIGHTS, SCHEDULER_CONFIG):
            add_to_digest(self.folder / name, digest)
        names = {"labels", "encoding", "space_to_depth"}
        if self.description.attributes:  # so that checkpoints without any keep their fingerprints
            names.add("attributes")
        if self.description.grain_gains:
            names.add("grain_gains")
        if self.description.scan_noise:
            names.add("scan_noise")
        meaning = self.description.model_dump(mode="json", include=names)
        digest.update(json.dumps(meaning, sort_keys=True).encode())
        return digest.hexdigest()[:16]

    @cached_property
    def few_steps(self) -> str:
        """First 16 hexadecimal digits of a SHA-256 over the network for few steps; empty if there is none.

        The first access reads all its weights, as that of the fingerprint does.

        Raises
        ------
        SegPaintError
            If a file cannot be read.
        """
        if not has_few_steps(self.folder):
            return ""
        digest = hashlib.sha256()
        for name in FEW_STEPS_FILES[1:]:
            add_to_digest(self.folder / FEW_STEPS_FOLDER / name, digest)
        noise = read_few_step_description(self.folder / FEW_STEPS_FOLDER / FEW_STEPS_FILES[0]).scan_noise
        if noise:  # so that those without any keep their digests
            digest.update(noise.model_dump_json().encode())
        return digest.hexdigest()[:16]

    def finished(self, **changes: object) -> "Checkpoint":
        """Return the same weights whose images are finished in another way.

        Parameters
        ----------
        **changes
            Fields of the description: `grain_gains`, `scan_noise`.
        """
        return Checkpoint(self.folder, self.description.model_copy(update=changes))

    @property
    def samplers(self) -> tuple[Sampler, ...]:
        """The samplers that make its images, in the order shown to the user."""
        distilled = DISTILLED.values() if has_few_steps(self.folder) else ()
        return (*distilled, *SAMPLERS.values())

    def signature(self, sampler: str) -> dict[str, str]:
        """Return what a request states of the weights that a sampler calls, by the names of its fields."""
        few_steps = self.few_steps if sampler in DISTILLED else ""
        return {"fingerprint": self.fingerprint, "few_steps": few_steps}

    @property
    def table(self) -> LabelTable:
        """The labels with their nesting."""
        return self.description.table

    @property
    def card(self) -> str:
        """The model card in Markdown; empty if there is none."""
        path = self.folder / CARD
        return read_card(path) if path.exists() else ""


def read_checkpoint(folder: Path) -> Checkpoint:
    """Read and check a checkpoint folder, without its weights.

    Raises
    ------
    SegPaintError
        If the folder or one of its files is missing, unreadable or pickled.
    """
    if not folder.is_dir():
        raise SegPaintError(f"There is no checkpoint folder {folder}.")
    recover(folder)
    refuse_pickled(folder)
    if not (folder / DESCRIPTION).is_file() and visible(folder, "**/*.safetensors"):
        labels = "" if is_pipeline(folder) else " --labels TABLE"
        raise SegPaintError(
            f"{folder} lacks {DESCRIPTION}, so it is no checkpoint of SegPaint's yet; import it first: "
            f"segpaint checkpoint import {folder}{labels}"
        )
    if not (folder / DESCRIPTION).is_file():
        raise SegPaintError(
            f"{folder} is no checkpoint, for it has no {DESCRIPTION}; give a folder that segpaint train wrote."
        )
    for name in (NETWORK_CONFIG, WEIGHTS, SCHEDULER_CONFIG):
        if not (folder / name).is_file():
            raise SegPaintError(f"The checkpoint {folder} lacks the file {name}; get it again, whole.")
    return Checkpoint(folder, read_description(folder / DESCRIPTION))


def refuse_pickled(path: Path) -> None:
    """Refuse a file, or a folder, with pickled weights.

    Raises
    ------
    SegPaintError
        If there are any.
    """
    for file in (path, *visible(path, "**/*")):
        if file.suffix in PICKLED and file.is_file():
            raise SegPaintError(
                f"{file} holds pickled weights, which can run any code when they are read; "
                "convert them to safetensors."
            )


def has_segmenter(folder: Path) -> bool:
    """Check whether a checkpoint folder holds a segmenter, without reading it."""
    return (folder / SEGMENTER).is_file()


def has_few_steps(folder: Path) -> bool:
    """Check whether a checkpoint folder holds a network for few steps, without reading it."""
    return all((folder / FEW_STEPS_FOLDER / name).is_file() for name in FEW_STEPS_FILES)


def is_pipeline(folder: Path) -> bool:
    """Check whether a folder holds a pipeline of diffusers with its own code, without reading it."""
    return (folder / PIPELINE).is_file() and (folder / PIPELINE_INDEX).is_file()


def checkpoint_title(folder: Path) -> str:
    """Return a checkpoint's name, or the folder's if that cannot be read."""
    try:
        return read_description(folder / DESCRIPTION).name
    except SegPaintError:
        return folder.name


@reads("a file of a checkpoint", "get the checkpoint again, whole")
def add_to_digest(path: Path, digest: "hashlib._Hash") -> None:
    """Add the content of a file to a digest.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    with open_regular(path, LARGEST_WEIGHTS) as file:
        hashlib.file_digest(file, lambda: digest)


@reads("the card of a checkpoint", "save it as text in UTF-8")
def read_card(path: Path) -> str:
    """Read a model card; one that is not in UTF-8 is read as Windows' old code page.

    Raises
    ------
    SegPaintError
        If it is no text.
    """
    return read_text(path, old=True)


@reads("the description of a checkpoint", "get the checkpoint again, whole")
def read_description(path: Path) -> Description:
    """Read the description of a checkpoint.

    Raises
    ------
    SegPaintError
        If it is missing or not valid.
    """
    return read_model(path, Description)
