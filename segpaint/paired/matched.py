"""Lays matched pairs out on the disk: the same anatomy but for an edit, before (a) and after (b).

Of each pair, a folder of them holds two images and two masks, aligned to the pixel, and what differs:
``a/NAME.png``, ``b/NAME.png``, ``masks/a/NAME.png``, ``masks/b/NAME.png``, ``difference/NAME.png``,
``masks/difference/NAME.png``, and ``requests/NAME.json``, a request file that makes ``b/NAME.png`` again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as dataclass_field
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image
from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass as checked

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png
from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.amounts import Change
from segpaint.core.masks.warp import edited_pixels
from segpaint.core.pictures.compare import alike, signed_difference
from segpaint.core.reading import LARGEST_REQUEST, read_json, reads
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.kinds import About, Kind
from segpaint.core.requests.origins import CounterfactualSettings, Revision, Withheld, digest_of
from segpaint.core.requests.request import ABOUT, Request
from segpaint.io.results import encode_described, encode_image

REQUESTS = Path("requests")
CHANGED = 255
"""The value of ``masks/difference`` where the two masks differ; elsewhere it is 0."""


@checked(frozen=True, kw_only=True)
class MatchedRow:
    """A matched pair, a row of `manifest.csv`.

    Attributes
    ----------
    name : str
        Of its files.
    kind_a, kind_b : str
        "patient", "made", "edited", or "near".
    patient_pixels_a, patient_pixels_b : str
        How many pixels are a patient's, such as ``1024 of 1024``; empty if that is not known.
    gesture : str
        How the mask was changed, such as "grow", if one gesture did; empty otherwise.
    label : str
        The label that was changed; of hands, all whose pixels changed, separated by semicolons.
    amount : float or None
        Of the gesture, see `segpaint.core.masks.doses`.
    unit : str
        Of the amount: "%", "mm", or "px".
    mask_changed : int
        Pixels in which the masks differ.
    image_changed : float
        Share of all pixels in which the images differ, 0 to 1.
    reach : float
        Pixels from the edit up to which the image was allowed to change; 0 if nothing was held.
    changed_outside : float or None
        Share of the pixels farther off in which the images differ; None if there are none.
    dice : float or None
        Mean Dice of the labels in use that the mask of b shows, as the segmenter finds them.
    verdict : str
        The segmenter's opinion of the edit; empty if there is none.
    checkpoint, fingerprint, seed
        See `segpaint.core.requests.request.Request`; of b.
    sha256_a, sha256_b : str
        Digests of the images' files.
    """

    name: str
    kind_a: str
    kind_b: str
    patient_pixels_a: str
    patient_pixels_b: str
    gesture: str
    label: str
    amount: float | None
    unit: str = ""
    mask_changed: Annotated[int, Field(ge=0)]
    image_changed: Annotated[float, Field(ge=0, le=1)]
    reach: Annotated[float, Field(ge=0)]
    changed_outside: float | None
    dice: float | None
    verdict: str
    checkpoint: str
    fingerprint: str
    seed: int
    sha256_a: str
    sha256_b: str


_ROW = TypeAdapter(MatchedRow)


@dataclass(frozen=True, eq=False)
class Side:
    """One of the two images of a matched pair.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    mask : ndarray of uint8, shape (height, width)
        What it was made from, or what describes it.
    used : tuple of int
        The labels that the mask speaks of.
    about : About
        What it is.
    request : Request or None
        What it was made by; None for a patient's image, or if that is not known.
    """

    pixels: NDArray[np.uint8]
    mask: NDArray[np.uint8]
    used: tuple[int, ...]
    about: About
    request: Request | None = None

    @cached_property
    def file(self) -> bytes:
        """The image as a PNG, which states what it is."""
        if self.request is None:
            return encode_described(self.pixels, self.about)
        return encode_image(self.pixels, self.request)


@dataclass(frozen=True, eq=False)
class MatchedPair:
    """Two images of one anatomy, before and after an edit.

    Attributes
    ----------
    a, b : Side
        Before and after.
    table : LabelTable
        The labels of both masks.
    change : Change or None
        The one gesture that has changed the mask; None if a hand did, or several.
    judgement : Judgement or None
        A segmenter's opinion of b.
    """

    a: Side
    b: Side
    table: LabelTable
    change: Change | None = None
    judgement: Judgement | None = dataclass_field(default=None, repr=False)

    def __post_init__(self) -> None:
        shapes = {side.pixels.shape[:2] for side in (self.a, self.b)} | {self.a.mask.shape, self.b.mask.shape}
        if len(shapes) > 1:
            raise SegPaintError(
                "The two images and their masks differ in size, so they cannot be laid over each other; make "
                "both with one model."
            )
        if self.b.request is None:
            raise SegPaintError("What the image after was made by is not known; generate it here.")

    @property
    def shows_patient(self) -> bool:
        """Whether one of the two is to be treated as a patient's data."""
        return self.a.about.shows_patient or self.b.about.shows_patient

    @property
    def seed(self) -> int:
        """The seed of b."""
        return self._request.seed

    def row(self, name: str) -> MatchedRow:
        """Measure the pair."""
        a, b, request = self.a, self.b, self._request
        first, second = alike(a.pixels, b.pixels)
        differs: NDArray[np.bool_] = np.asarray(first != second)
        changed: NDArray[np.bool_] = differs if differs.ndim == 2 else np.any(differs, axis=2)
        reach = self._reach()
        edited = edited_pixels((a.mask, a.used), (b.mask, b.used), self.table)
        outside = ~edited
        if edited.any():
            outside = scipy.ndimage.distance_transform_edt(outside) > reach
        change = self.change or Change("", ";".join(self.changed_labels))
        judged = self.judgement
        return MatchedRow(
            name=name, kind_a=a.about.word, kind_b=b.about.word, patient_pixels_a=_patients(a.about),
            patient_pixels_b=_patients(b.about), gesture=change.gesture, label=change.label,
            amount=change.amount, unit=change.unit, mask_changed=int(np.count_nonzero(a.mask != b.mask)),
            image_changed=float(changed.mean()), reach=reach,
            changed_outside=float(changed[outside].mean()) if outside.any() else None,
            dice=None if judged is None else judged.mean,
            verdict="" if judged is None or judged.verdict is None else judged.verdict.outcome.value,
            checkpoint=request.checkpoint, fingerprint=request.fingerprint, seed=request.seed,
            sha256_a=hashlib.sha256(a.file).hexdigest(), sha256_b=hashlib.sha256(b.file).hexdigest(),
        )  # fmt: skip

    def files(self, row: MatchedRow) -> dict[Path, bytes]:
        """Encode all files of the pair, by their paths in the folder."""
        a, b = self.a, self.b
        contents = [
            a.file,
            b.file,
            *(encode_png(Image.fromarray(side.mask)) for side in (a, b)),
            encode_png(Image.fromarray(signed_difference(a.pixels, b.pixels))),
            encode_png(Image.fromarray(np.where(a.mask != b.mask, np.uint8(CHANGED), np.uint8(0)))),
            self._record(row),
        ]
        return dict(zip(matched_files(row.name), contents, strict=True))

    @property
    def _request(self) -> Request:
        if self.b.request is None:
            raise ValueError("b was made by nothing")
        return self.b.request

    def _record(self, row: MatchedRow) -> bytes:
        """Encode the request of b, with what describes the pair where request files describe their image."""
        before = self.a.request
        told: dict[str, Any] = {
            "pair": asdict(row),
            "a": self.a.about.as_dict(),
            "b": self.b.about.as_dict(),
            "request of a": None if before is None else before.withheld().model_dump(mode="json"),
        }
        content = {ABOUT: told, **self._request.withheld().model_dump(mode="json")}
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    def _reach(self) -> float:
        """Find how far from the edit b was allowed to differ from a; 0 if it was not made from a."""
        origin = self._request.origin
        settings = origin.settings if isinstance(origin, Withheld) else origin
        if not isinstance(settings, CounterfactualSettings | Revision) or settings.margin is None:
            return 0.0
        begun = origin.digest if isinstance(origin, Withheld) else digest_of(origin.image)  # type: ignore[union-attr]
        return 2 * settings.margin if begun == digest_of(self.a.pixels) else 0.0

    @property
    def changed_labels(self) -> list[str]:
        """The names of the labels whose own pixels differ."""
        before, after = self.a.mask, self.b.mask
        return [label.name for label in self.table if ((before == label.index) != (after == label.index)).any()]


def matched_files(name: str) -> list[Path]:
    """List the files of a pair within the folder: a, b, their masks, both differences, and the request."""
    places = ("a", "b", "masks/a", "masks/b", "difference", "masks/difference")
    return [*(Path(place, f"{name}.png") for place in places), REQUESTS / f"{name}.json"]


@reads("the record of a matched pair", "delete it, and make the pair again")
def read_row(path: Path) -> MatchedRow:
    """Read the row of a pair from its request file.

    Raises
    ------
    SegPaintError
        If it cannot be read, or describes no pair.
    """
    content = read_json(path, LARGEST_REQUEST)
    told = content.get(ABOUT) if isinstance(content, Mapping) else None
    if not isinstance(told, Mapping) or "pair" not in told:
        raise SegPaintError(f"{path} describes no matched pair.")
    return replace(_ROW.validate_python(told["pair"]), name=path.stem)


def _patients(about: About) -> str:
    return f"0 of {about.pixels}" if about.kind is Kind.MADE else about.counted
