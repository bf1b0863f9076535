"""Sweeps: one image before, and one after for each amount of a gesture, as matched pairs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, Field, model_validator

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.amounts import parse_amount
from segpaint.core.masks.doses import DOSES, MILLIMETRES, MOST, PERCENT, DosedGesture, spread_amounts
from segpaint.core.reading import LARGEST_REQUEST, open_picture, read_model, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.kinds import about, about_reference
from segpaint.core.requests.origins import Counterfactual, Revision, shows_patient
from segpaint.core.requests.request import Request
from segpaint.core.words import counted
from segpaint.paired.matched import Side
from segpaint.paired.plan import Place

SWEEPS = Path("sweeps")
MOST_AMOUNTS = 1000
Amount = Annotated[float, Field(ge=-max(MOST.values()), le=max(MOST.values()))]


class Sweep(BaseModel, frozen=True, extra="forbid", arbitrary_types_allowed=True):
    """What a sweep consists of; a file of it lies in the folder, with what is missing of its requests.

    Attributes
    ----------
    checkpoint : str
        Name or folder; see `segpaint.paths.find_offered` for that of a file.
    gesture, label, way : str
        See `segpaint.core.masks.doses.DosedGesture`; the label by its name.
    amounts : tuple of float
        In percent or millimetres; each makes another mask.
    spacing : float or None
        Millimetres of a pixel if the amounts are in millimetres; None if they are in percent.
    request : Request
        Asks for the image before as it is: what is made after differs in the mask alone.
    made_by : Request or None
        What the image before was made by; None if it is a reference.
    """

    format: Literal[1] = 1
    checkpoint: str
    gesture: str
    label: str
    way: str = ""
    amounts: tuple[Amount, ...] = Field(min_length=1, max_length=MOST_AMOUNTS)
    spacing: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    request: Request
    made_by: Request | None = None

    @model_validator(mode="after")
    def _check_way(self) -> Sweep:
        dose = DOSES.get(self.gesture)
        if dose is None or self.way not in (dose.ways or {"": None}):
            raise ValueError(f"names the gesture {self.gesture} {self.way}".rstrip() + ", which is not known")
        if max(map(abs, self.amounts)) > MOST[self.unit]:
            raise ValueError(f"has an amount of more than {MOST[self.unit]:g} {self.unit}")
        return self

    @property
    def unit(self) -> str:
        """The unit of the amounts."""
        return PERCENT if self.spacing is None else MILLIMETRES

    @property
    def origin(self) -> Counterfactual | Revision:
        """The image before, with its mask.

        Raises
        ------
        SegPaintError
            If it is not there.
        """
        origin = self.request.origin
        if not isinstance(origin, Counterfactual | Revision):
            raise SegPaintError("The image that the sweep begins with is missing; begin the sweep anew.")
        return origin

    @property
    def begins_with_patient(self) -> bool:
        """Whether the image before is to be treated as a patient's."""
        return self.made_by is None and shows_patient(self.request.origin)

    @property
    def base(self) -> str:
        """What its names begin with."""
        unit = "" if self.spacing is None else self.unit
        words = (self.request.checkpoint, str(self.request.seed), self.gesture, self.label, self.way, unit)
        return "_".join(re.sub(r"[^\w.]+", "-", word).strip("-.") for word in words if word)

    def withheld(self) -> Sweep:
        """Return the sweep without the reference, which shows a patient."""
        return self.model_copy(update={"request": self.request.withheld()})

    def with_reference(self, image: NDArray[np.uint8]) -> Sweep:
        """Return the sweep with the reference that was withheld."""
        return self.model_copy(update={"request": self.request.with_reference(image)})

    def before(self) -> Side:
        """Return the image before as a side of the pairs."""
        origin = self.origin
        if self.made_by is not None:
            what = about(self.made_by, origin.image)
        else:
            made_by = origin.made_by if isinstance(origin, Counterfactual) else ""
            what = about_reference(self.request.checkpoint, origin.image, made_by)
        return Side(origin.image, origin.mask, origin.used, what, self.made_by)


@dataclass(frozen=True, eq=False)
class SweptPair:
    """One amount of a sweep.

    Attributes
    ----------
    name : str
        Of its files.
    amount : float
        In the sweep's unit.
    """

    name: str
    amount: float
    sweep: Sweep
    checkpoint: Checkpoint
    request: Request

    @property
    def place(self) -> Place:
        """Its key."""
        return "", self.name


@reads("a sweep", "begin it anew, in another folder")
def read_sweep(path: Path) -> Sweep:
    """Read a sweep, whose reference is withheld.

    Raises
    ------
    SegPaintError
        If it cannot be read or is not valid.
    """
    return read_model(path, Sweep, LARGEST_REQUEST)


@reads("the image that a sweep begins with", "begin the sweep anew, in another folder")
def read_before(path: Path) -> NDArray[np.uint8]:
    """Read the image before, of the shape (height, width) or (height, width, 3).

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    return np.array(open_picture(path), np.uint8)


@dataclass(frozen=True)
class Spread:
    """The amounts of a sweep, from one to another.

    Attributes
    ----------
    first, last : float
        From ``-MOST[unit]`` to ``MOST[unit]``.
    count : int
        Amounts with these two, from 1 to `MOST_AMOUNTS`.
    unit : str
        `PERCENT` or `MILLIMETRES`.
    """

    first: float = -20.0
    last: float = 20.0
    count: int = 9
    unit: str = PERCENT

    def __post_init__(self) -> None:
        most = MOST[self.unit]
        for amount in (self.first, self.last):
            if not -most <= amount <= most:
                raise SegPaintError(
                    f"An amount of {amount:g} {self.unit} is asked for; give -{most:g} to {most:g}."
                )
        if not 1 <= self.count <= MOST_AMOUNTS:
            raise SegPaintError(f"{self.count} amounts are asked for; give 1 to {MOST_AMOUNTS}.")

    @classmethod
    def parse(cls, first: float | str, last: float | str, count: int) -> Spread:
        """Read the first and the last amount, such as ``"-2 mm"`` or ``20``; without a unit, it is in percent.

        Raises
        ------
        SegPaintError
            If one is no amount, their units differ, or they are too much.
        """
        amounts, units = [], []
        for given in (first, last):
            amount, unit = parse_amount(given) or (0.0, "px") if isinstance(given, str) else (given, PERCENT)
            unit = unit or PERCENT
            if unit not in MOST:
                raise SegPaintError(f"{given!r} is no amount of a sweep; write it as 2mm or 20%.")
            amounts.append(amount)
            units.append(unit)
        if units[0] != units[1]:
            raise SegPaintError(f"The amounts {first} and {last} differ in their units; give both in one.")
        return cls(amounts[0], amounts[1], count, units[0])

    def useful(
        self, gesture: DosedGesture, mask: NDArray[np.uint8], table: LabelTable
    ) -> tuple[list[float], list[float]]:
        """Divide the amounts into those that each make another mask, and those that make one there already.

        Raises
        ------
        SegPaintError
            If the label cannot be changed so, or no amount changes anything.
        """
        seen: set[bytes] = {mask.tobytes()}
        useful: list[float] = []
        same: list[float] = []
        for amount in spread_amounts(self.first, self.last, self.count):
            made = gesture.run(mask, table, amount).tobytes()
            (same if made in seen else useful).append(amount)
            seen.add(made)
        if not useful:
            raise SegPaintError(
                f"No amount changes the mask, for {table[gesture.label].name} is too small; give larger "
                "amounts, or another label."
            )
        return useful, same


def sweep_reference(checkpoint: Checkpoint, request: Request, gesture: DosedGesture, spread: Spread) -> Sweep:
    """Make a sweep of a reference.

    Parameters
    ----------
    request : Request
        An edit of it; its own mask does not matter.

    Raises
    ------
    SegPaintError
        If it is no edit, or see `Spread.useful`.
    """
    origin = request.origin
    if not isinstance(origin, Counterfactual):
        raise SegPaintError("A sweep of a patient's image takes an edit of it; open it as a reference.")
    template = request.model_copy(update={"mask": origin.mask, "changes": ()})
    return _sweep(checkpoint, template, None, gesture, spread)


def sweep_made(
    checkpoint: Checkpoint,
    request: Request,
    image: NDArray[np.uint8],
    gesture: DosedGesture,
    spread: Spread,
    found: NDArray[np.uint8] | None = None,
) -> Sweep:
    """Make a sweep of a made image.

    Parameters
    ----------
    request : Request
        What it was made by.
    image : ndarray of uint8, shape (height, width) or (height, width, 3)
    found : ndarray of uint8, shape (height, width), optional
        The mask that was found in it, if it was made of none.

    Raises
    ------
    SegPaintError
        If it shows a patient, or see `Spread.useful`.
    """
    described = request
    if found is not None:
        known = {"mask": found, "used": checkpoint.table.indices, "changes": ()}
        described = request.model_copy(update=known)
    revision = described.revised(image, described.final.mask)
    return _sweep(checkpoint, revision, request, gesture, spread)


def _sweep(
    checkpoint: Checkpoint, request: Request, made_by: Request | None, gesture: DosedGesture, spread: Spread
) -> Sweep:
    table = checkpoint.table
    useful, _ = spread.useful(gesture, request.mask, table)
    return Sweep(
        checkpoint=str(checkpoint.folder.resolve()), gesture=gesture.key, label=table[gesture.label].name,
        way=gesture.way, amounts=tuple(useful), spacing=gesture.spacing, request=request, made_by=made_by,
    )  # fmt: skip


def plan_sweep(sweep: Sweep, checkpoint: Checkpoint, name: str) -> list[SweptPair]:
    """Plan the pairs of a sweep, in the order of its amounts.

    Parameters
    ----------
    name : str
        What their names begin with.

    Raises
    ------
    SegPaintError
        If the checkpoint lacks the label, or the label cannot be changed so.
    """
    table, origin = checkpoint.table, sweep.origin
    (label,) = table.parse([sweep.label])
    gesture = DosedGesture(sweep.gesture, label, sweep.way, sweep.spacing)
    pairs = []
    for amount in sweep.amounts:
        request = sweep.request.model_copy(update={"mask": gesture.run(origin.mask, table, amount)})
        pairs.append(SweptPair(f"{name}_{amount:+g}", amount, sweep, checkpoint, request))
    return pairs


def about_same(amounts: Sequence[float], label: str, unit: str) -> str:
    """Return a sentence on amounts that are left out; empty if none are."""
    if not amounts:
        return ""
    words = ", ".join(f"{amount:g} {unit}" for amount in amounts)
    return (
        f"{counted(len(amounts), 'amount is', 'amounts are')} left out, for {label} would look as it does, or "
        f"as with another one: {words}."
    )
