"""The public API, offered as ``segpaint.open_checkpoint`` and so on; see ``resources/guide/api.md``.

It needs no Qt, and loads torch when an image is first made or judged. Whatever goes wrong raises
`SegPaintError`, whose text is a sentence on what was wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, TypedDict, TypeVar, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.files import with_ending, write_atomically
from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.requests.checkpoint import (
    Checkpoint,
    Description,
    LabelStatistics,
    has_segmenter,
    read_checkpoint,
)
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.made_up import plausible
from segpaint.core.requests.origins import (
    EDIT_STEPS,
    USUAL_WAY,
    Counterfactual,
    Inversion,
    Origin,
    Similarity,
    Way,
    digest_of,
    step_at,
)
from segpaint.core.requests.request import Request
from segpaint.io.history_files import read_pixels
from segpaint.io.image_files import encode_mask
from segpaint.io.masks import read_mask
from segpaint.io.references import read_reference
from segpaint.io.results import Result, maker_of, read_request
from segpaint.io.sizes import Fit
from segpaint.paired.make_set import make_paired_set
from segpaint.paired.make_sweep import make_sweep
from segpaint.paths import checkpoint_folders, example_masks, find_checkpoint

if TYPE_CHECKING:
    from segpaint.core.diffusion.engine import Engine

__all__ = [
    "FREE", "Counterfactual", "Description", "Judgement", "Label", "LabelTable", "OpenCheckpoint", "Preview",
    "Request", "Result", "SegPaintError", "Similarity", "list_checkpoints", "make_paired_set",
    "make_sweep", "open_checkpoint", "read_request",
]  # fmt: skip
Model = TypeVar("Model", bound=BaseModel)


class Settings(TypedDict, total=False):
    """Keywords of all methods that make images; `OpenCheckpoint.request` explains them."""

    used: Iterable[int | str] | None
    sampler: str | None
    steps: int | None
    guidance: float | None
    attributes: Mapping[str, str] | None


@dataclass(frozen=True, eq=False, repr=False)
class Preview:
    """What a denoising step looks like.

    Attributes
    ----------
    index, count : int
        The step, 0 to count - 1, and how many there are.
    denoised : ndarray of uint8, shape (size, size) or (size, size, 3)
        The network's estimate of the finished image; read-only.
    result : Result or None
        The finished image, at the last step.
    """

    index: int
    count: int
    denoised: NDArray[np.uint8]
    result: Result | None


class OpenCheckpoint:
    """A checkpoint that makes images; `open_checkpoint` returns one.

    A mask is an array of whole numbers of the shape (size, size): label indices, 0 for background, 255 (`FREE`)
    where the model decides. An image is an array of uint8 of the shape (size, size), in colour (size, size, 3).

    Attributes
    ----------
    name : str
        Of its folder.
    description : Description
        Among others `modality`, `pixel_spacing` in millimetres, and the recommended `sampler`, `steps` and
        `guidance`.
    labels : LabelTable
        All `Label` objects, in order; in square brackets, the one of an index.
    size : int
        Height and width of masks and images in pixels.
    """

    def __init__(self, checkpoint: Checkpoint, device: str) -> None:
        self._checkpoint, self._device = checkpoint, device
        self.name = checkpoint.folder.resolve().name
        self.description = checkpoint.description
        self.labels = checkpoint.table
        self.size = checkpoint.description.size
        self._makers: dict[str, str] = {}  # by digest, of references that a model made by their files

    @cached_property
    def _engine(self) -> Engine:
        from segpaint.core.diffusion.device import pick_device
        from segpaint.core.diffusion.engine import Engine

        return Engine(self._checkpoint, pick_device(self._device))

    def request(
        self,
        mask: ArrayLike,
        *,
        seed: int = 0,
        used: Iterable[int | str] | None = None,
        sampler: str | None = None,
        steps: int | None = None,
        guidance: float | None = None,
        attributes: Mapping[str, str] | None = None,
        origin: Origin | None = None,
    ) -> Request:
        """Write down what is asked for, without making it yet.

        Parameters
        ----------
        mask : array_like of int, shape (size, size)
        seed : int
            0 or more.
        used : iterable of int or str, optional
            Indices or names of the labels that the mask speaks of; the model decides where the others are.
            None: all of them.
        sampler : {"dpm++", "ddim", "ddpm", "few"}, optional
            "few" takes a checkpoint that was distilled.
        steps : int, optional
            1 to 1000; with "few" 1, 2, 4 or 8.
        guidance : float, optional
            0 to 20, with "few" 1 to 3; 1 is off. What is left out of these three is as recommended.
        attributes : mapping of str to str, optional
            What the image is to show as a whole, such as ``{"pathology": "benign"}``; see
            `description.attributes`. What is left out is unknown.
        origin : Counterfactual or Similarity, optional
            What the image begins with beside noise. If it is led back to noise (`Similarity`, or a way that
            does not warp), the sampler is "ddim", and 16 steps are recommended, or 50 for the way "inversion".
        """
        chosen = (used,) if isinstance(used, str) else used
        indices = None if chosen is None else self.labels.parse(chosen)
        settings = {
            "sampler": sampler, "steps": steps, "guidance": guidance, "seed": seed,
            "attributes": None if attributes is None else dict(attributes),
        }  # fmt: skip
        precision = self._engine.precision
        request = Request.ask(self._checkpoint, mask, precision, indices, origin, **settings)
        self._engine.networks.for_sampler(request.sampler, precision)
        request.check_fit(self.description)
        request.check_training(self.description)
        return request

    def previews(self, request: Request) -> Iterator[Preview]:
        """Make the image of a request a step at a time; the last preview holds the result."""
        request.check_training(self.description)
        self._engine.check(request)
        return self._previews(request)

    def _previews(self, request: Request) -> Iterator[Preview]:
        from segpaint.core.diffusion.pixels import to_pixels

        for step in self._engine.answer(request):
            result = Result(to_pixels(step.sample), request, self.labels) if step.is_last else None
            yield Preview(step.index, step.count, to_pixels(step.denoised), result)

    def make(self, request: Request) -> Result:
        """Make the image of a request, which is the same each time."""
        return next(step.result for step in self.previews(request) if step.result is not None)

    def generate(self, mask: ArrayLike, *, seed: int = 0, **settings: Unpack[Settings]) -> Result:
        """Make an image from a mask; `request` explains the settings."""
        return self.make(self.request(mask, seed=seed, **settings))

    def generate_batch(
        self, masks: Iterable[ArrayLike], *, seeds: Iterable[int] = (0,), **settings: Unpack[Settings]
    ) -> Iterator[Result]:
        """Make an image of each mask with each seed, in this order, the same as `generate` makes.

        Parameters
        ----------
        masks : iterable of array_like of int, shape (size, size)
            An array of the shape (count, size, size) is one, too.
        seeds : iterable of int
        **settings
            See `request`.
        """
        if isinstance(masks, str | PurePath):
            raise SegPaintError(f"{masks} is a path and no masks; read files with read_mask, and give a list.")
        chosen = list(seeds)
        requests = [self.request(mask, seed=seed, **settings) for mask in masks for seed in chosen]
        made = zip(requests, self._engine.make_all(requests), strict=True)
        return (Result(image, request, self.labels) for request, image in made)

    def edit(
        self,
        reference: NDArray[np.uint8] | Result,
        reference_mask: ArrayLike,
        mask: ArrayLike,
        *,
        margin: float | None = 6.0,
        way: Way = USUAL_WAY,
        seed: int = 0,
        **settings: Unpack[Settings],
    ) -> Result:
        """Change the anatomy in a real image: a counterfactual.

        Parameters
        ----------
        reference : ndarray of uint8, or Result
            A patient's image, unless it is a made result, or its file states so, see `read_reference`.
        reference_mask, mask : array_like of int, shape (size, size)
            Where the labels are in the reference, and where they are to be.
        margin : float or None
            Pixels around the edit that may change, 0 to 1000; beyond twice as many, each pixel stays as it is.
            None lets the whole image change.
        way : {"close-warp", "detailed-warp", "warp", "partial-inversion", "exact-inversion", "inversion"}
            Whether the reference is first deformed to fit the new mask, or led back to noise, see
            `Counterfactual`; the next two, and the last two, are those of earlier versions.
        seed, **settings
            See `request`.
        """
        asked = {"mask": self._mask(reference_mask), "margin": margin, "way": way, "used": self.labels.indices}
        origin = _validated(Counterfactual, {**self._begun(reference), **asked})
        return self.make(self.request(mask, seed=seed, origin=origin, **settings))

    def approach(
        self,
        reference: NDArray[np.uint8] | Result,
        mask: ArrayLike,
        *,
        share: float = 0.5,
        level: float = 0.3,
        seed: int = 0,
        **settings: Unpack[Settings],
    ) -> Result:
        """Make an image that is similar to a real one.

        Parameters
        ----------
        reference : ndarray of uint8, or Result
            See `edit`.
        mask : array_like of int, shape (size, size)
        share : float
            0 makes an image of its own, 1 the reference itself.
        level : float
            At which part of the run the reference comes in, 0 to 1. Early it shares shapes, late texture.
        seed, **settings
            See `request`.
        """
        way: Inversion = "exact-inversion"
        step = step_at(level, settings.get("steps") or EDIT_STEPS[way], way)
        asked = {"share": share, "step": step, "way": way}
        origin = _validated(Similarity, {**self._begun(reference), **asked})
        return self.make(self.request(mask, seed=seed, origin=origin, **settings))

    def _begun(self, reference: NDArray[np.uint8] | Result) -> dict[str, object]:
        """Return the image of a reference, and which model made it, as far as that is known."""
        if isinstance(reference, Result):
            made_by = "" if reference.about.shows_patient else reference.request.checkpoint
            return {"image": reference.pixels, "made_by": made_by}
        _refuse_path(reference)
        known = self._makers.get(digest_of(reference), "") if isinstance(reference, np.ndarray) else ""
        return {"image": reference, "made_by": known}

    def judge(self, result: Result) -> Judgement:
        """Compare a result with its mask by the checkpoint's segmenter: a model's opinion."""
        return self._engine.judge(result.pixels, result.request)

    @property
    def statistics(self) -> dict[int, LabelStatistics]:
        """Place and size of the labels in the training masks, by index, as far as they are known."""
        known = self.description.statistics
        return {label.index: known[label.name] for label in self.labels if label.name in known}

    @property
    def can_find_labels(self) -> bool:
        """Whether the checkpoint has a segmenter."""
        return has_segmenter(self._checkpoint.folder)

    def find_labels(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Find a mask for an image by the checkpoint's segmenter: a model's opinion."""
        wanted = self.description.image_shape
        _refuse_path(image)
        if image.dtype != np.uint8 or image.shape != wanted:
            raise SegPaintError(
                f"The image is {image.dtype} of the shape {image.shape}; give uint8 of the shape {wanted}."
            )
        return self._engine.find_mask(image)

    def make_up(self, seed: int = 0, **settings: Unpack[Settings]) -> tuple[Result, NDArray[np.uint8]]:
        """Make up a patient: an image of no mask, and the mask that is found in it, see `plausible`."""
        blank = np.zeros((self.size, self.size), np.uint8)
        settings["used"] = ()
        settings.setdefault("guidance", 1.0)  # a blank mask has nothing to be led away from
        result = self.generate(blank, seed=seed, **settings)
        return result, plausible(self.find_labels(result.pixels), self.description)

    @property
    def examples(self) -> dict[str, NDArray[np.uint8]]:
        """The example masks that come with the checkpoint, by name."""
        return {path.stem: self.read_mask(path) for path in example_masks(self._checkpoint.folder)}

    def read_mask(self, path: str | Path, *, resize: bool = False) -> NDArray[np.uint8]:
        """Read a mask from an 8-bit PNG; one of another size can be resampled to the nearest pixel."""
        return read_mask(Path(path), self.labels, self.size, resize=resize)

    def write_mask(self, path: str | Path, mask: ArrayLike) -> Path:
        """Write a mask as a PNG in the labels' colours; .png is appended to a name that lacks it.

        Returns
        -------
        Path
            The file.
        """
        file = with_ending(Path(path), ".png")
        write_atomically(file, encode_mask(self._mask(mask), self.labels))
        return file

    def read_reference(self, path: str | Path, *, resize: bool = False) -> NDArray[np.uint8]:
        """Read a real image from a PNG, see `segpaint.io.references`; another size can be stretched.

        If the file states that SegPaint made it from a mask, what is made of it shows no patient either.
        """
        fit = Fit.STRETCH if resize else None
        image = read_reference(Path(path), self.size, self.description.channels, fit)
        if made_by := maker_of(Path(path)):
            self._makers[digest_of(image)] = made_by
        return image

    def read_result(self, path: str | Path) -> Result:
        """Read an image that was made by SegPaint, with the request in its PNG.

        A patient's image that it was made from is only there if it was included.
        `Request.with_reference` puts it back.
        """
        result = Result(read_pixels(Path(path)), read_request(Path(path)), self.labels)
        result.request.check_fit(self.description)
        return result

    def _mask(self, mask: ArrayLike) -> NDArray[np.uint8]:
        request = Request.ask(self._checkpoint, mask, "float32")
        request.check_fit(self.description)
        return request.mask


def list_checkpoints() -> list[str]:
    """List the names of the checkpoints that `open_checkpoint` finds: the shipped ones and the user's own."""
    return sorted({folder.name for folder in checkpoint_folders()})


def open_checkpoint(name_or_folder: str | Path, device: str = "auto") -> OpenCheckpoint:
    """Open a checkpoint; its network is loaded when it is first needed.

    Parameters
    ----------
    name_or_folder : str or Path
    device : {"auto", "cpu", "cuda", "mps"}
        Where the network runs; "auto" is the best that there is.
    """
    return OpenCheckpoint(read_checkpoint(find_checkpoint(str(name_or_folder))), device)


def _refuse_path(image: object) -> None:
    if isinstance(image, str | PurePath):
        raise SegPaintError(f"{image} is a path and no image; read it with read_reference, and give that.")


def _validated(kind: type[Model], values: Mapping[str, object]) -> Model:
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        raise SegPaintError(f"{first_problem(error, 'the specification')}.") from error
