"""The three kinds of result: made from a mask, edited from a patient's image, or near to one."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.origins import (
    Counterfactual,
    CounterfactualSettings,
    Similarity,
    Withheld,
    shows_patient,
)
from segpaint.core.requests.request import Request


class Kind(Enum):
    """What an image is; the values stand in files."""

    MADE = "made"
    """Made from a mask; no patient is in it."""
    EDITED = "edited"
    """A patient's image, changed; most of it may still be the patient's."""
    NEAR = "near"
    """A made image that was led towards a patient's."""


NOTES = {Kind.MADE: "SYNTHETIC", Kind.EDITED: "EDITED PATIENT IMAGE", Kind.NEAR: "NEAR A PATIENT IMAGE"}
"""What is written on pictures."""
PATIENT = "patient"
"""Stands in files in place of a kind, for a patient's image of which no pixel was changed."""
SYNTHETIC, KIND = "Synthetic", "Kind"
"""Names of the marks in files, for `About.sentence` and `About.word`."""
MADE_BY = re.compile(r"YES: made by the diffusion model (.+?) from a mask(?:[ ;].*)?")
"""`About.sentence` of one made image."""


@dataclass(frozen=True)
class About:
    """What an image is, for its title, its file and its film.

    Attributes
    ----------
    model : str
        Name of the model that made or changed it.
    own : int or None
        Number of pixels that equal the patient's; None if the patient's image is not at hand.
    pixels : int
        Number of all pixels.
    begun_warm : bool
        Whether a made image began with an earlier one.
    """

    kind: Kind
    model: str
    own: int | None
    pixels: int
    begun_warm: bool = False

    @property
    def shows_patient(self) -> bool:
        """Whether it is to be treated as a patient's data."""
        return self.kind is not Kind.MADE

    @property
    def is_unchanged(self) -> bool:
        """Whether it is a patient's image as it was."""
        return self.shows_patient and self.own == self.pixels

    @property
    def word(self) -> str:
        """What it is, as it stands in files: the value of its kind, or `PATIENT`."""
        return PATIENT if self.is_unchanged else self.kind.value

    @property
    def share(self) -> str:
        """The share of the patient's pixels, rounded down, so that 100 % is all of them."""
        return "" if self.own is None else f"{math.floor(1000 * self.own / self.pixels) / 10:g} %"

    @property
    def counted(self) -> str:
        """The number of the patient's pixels, as it stands in files; empty if it is not known."""
        return "" if self.own is None else f"{self.own} of {self.pixels}"

    @property
    def sentence(self) -> str:
        """The answer to whether the image is synthetic, with the reason."""
        shows_none = self.kind is Kind.MADE and not self.begun_warm
        return f"{self.answer}: {self.reason}{'; shows no patient' if shows_none else ''}"

    @property
    def answer(self) -> str:
        """Whether the image is synthetic, in a word."""
        return "YES" if self.kind is Kind.MADE else "NO" if self.is_unchanged else "PARTLY"

    @property
    def reason(self) -> str:
        """What the image is, and by which model."""
        if self.kind is Kind.MADE:
            earlier = " and an earlier image" if self.begun_warm else ""
            return f"made by the diffusion model {self.model} from a mask{earlier}"
        if self.is_unchanged:
            return f"a patient's image; the diffusion model {self.model} changed none of its pixels"
        what = (
            f"a patient's image, edited by the diffusion model {self.model}"
            if self.kind is Kind.EDITED
            else f"made by the diffusion model {self.model}, and led towards a patient's image"
        )
        counted = (
            f"{self.counted} pixels ({self.share}) equal the patient's"
            if self.own is not None
            else "how many of its pixels equal the patient's is not known"
        )
        return f"{what}; {counted}"

    def as_dict(self) -> dict[str, object]:
        """Describe it for a JSON file."""
        return {
            "kind": self.word,
            "synthetic": self.sentence,
            "pixels": self.pixels,
            "patient_pixels": 0 if self.kind is Kind.MADE else self.own,
        }


def about(request: Request, pixels: NDArray[np.uint8]) -> About:
    """Find out what an image is.

    Parameters
    ----------
    request : Request
        What the image was made by; for a step of a run, the run's.
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    """
    whole = pixels.shape[0] * pixels.shape[1]
    kind = kind_of(request)
    match request.origin:
        case Counterfactual(image=reference) | Similarity(image=reference) if shows_patient(request.origin):
            return About(kind, request.checkpoint, _equal(pixels, reference), whole)
        case Withheld() if shows_patient(request.origin):
            return About(kind, request.checkpoint, None, whole)
        case origin:
            return About(kind, request.checkpoint, 0, whole, begun_warm=origin is not None)


def about_reference(model: str, pixels: NDArray[np.uint8], made_by: str = "") -> About:
    """Describe a reference as it was.

    Parameters
    ----------
    model : str
        Name of the model that changed nothing of it.
    pixels : ndarray of uint8, shape (height, width) or (height, width, 3)
    made_by : str
        Name of the model that made it from a mask; empty if it is a patient's.
    """
    whole = pixels.shape[0] * pixels.shape[1]
    return About(Kind.MADE, made_by, 0, whole) if made_by else About(Kind.EDITED, model, whole, whole)


def maker_in(marks: Mapping[str, str]) -> str:
    """Find which model made an image from a mask, by what its file states.

    Parameters
    ----------
    marks : mapping of str to str
        Texts of the file, among others `SYNTHETIC` and perhaps `KIND`.

    Returns
    -------
    str
        The model's name; empty if the file states another thing, or nothing: then it may show a patient.
    """
    found = MADE_BY.fullmatch(marks.get(SYNTHETIC, ""))
    return found[1] if found and marks.get(KIND, Kind.MADE.value) == Kind.MADE.value else ""


def kind_of(request: Request) -> Kind:
    """Name the kind of result that a request makes."""
    if not shows_patient(request.origin):
        return Kind.MADE
    match request.origin:
        case Counterfactual() | Withheld(settings=CounterfactualSettings()):
            return Kind.EDITED
    return Kind.NEAR


def sentence_of(parts: Iterable[About]) -> str:
    """Describe whether images that are shown together are synthetic, with what each kind of them is.

    Of images of one kind, the one with the most pixels of a patient stands for all.

    Parameters
    ----------
    parts : iterable of About
        One at least.
    """
    order = [Kind.EDITED.value, Kind.NEAR.value, Kind.MADE.value, PATIENT]
    most: dict[tuple[int, str, bool], About] = {}
    for part in parts:
        key = order.index(part.word), part.model, part.begun_warm
        most[key] = max(most.get(key, part), part, key=lambda one: one.own or 0)
    found = [most[key] for key in sorted(most)]
    if len(found) == 1:
        return found[0].sentence
    answers = {part.answer for part in found}
    answer = answers.pop() if len(answers) == 1 else "PARTLY"
    return f"{answer}: {'; and '.join(part.reason for part in found)}"


def _equal(pixels: NDArray[np.uint8], reference: NDArray[np.uint8]) -> int | None:
    """Count the pixels that equal the reference's in all channels."""
    if pixels.shape != reference.shape:
        return None
    same = pixels == reference
    return int(np.count_nonzero(same if same.ndim == 2 else same.all(axis=2)))
