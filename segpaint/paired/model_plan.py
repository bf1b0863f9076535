"""Plans the pairs of one checkpoint: which differ is found once, and each is built when it is asked for."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate, product

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attributes
from segpaint.core.labels.labels import FREE
from segpaint.core.labels.translation import Translation, visible
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Precision, Request
from segpaint.core.requests.sampling import SEEDS
from segpaint.io.sizes import IN_SPECIFICATION
from segpaint.paired.naming import attribute_parts, suffixes
from segpaint.paired.pairs import Pair, Spot
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Seeds, Specification

DIGEST = 16
"""Bytes of a digest of what a model sees."""


@dataclass(frozen=True)
class _Cell:
    """What the pairs of every mask and seed have in common.

    Attributes
    ----------
    suffix : str
        Part of the name.
    sight : bytes
        Stands for the labels that the model follows, and the attributes.
    lookup : bytes
        What it sees of each value of a mask.
    """

    used: tuple[int, ...]
    known: Attributes
    suffix: str
    sight: bytes
    lookup: bytes


class ModelPlan:
    """The plan for one checkpoint; `look_at` every mask before anything else is asked."""

    def __init__(
        self,
        specification: Specification,
        masks: Sequence[NamedMask],
        parts: Sequence[str],
        checkpoint: Checkpoint,
        first: Checkpoint,
        folder: str,
        precision: Precision,
    ) -> None:
        self._specification, self._masks, self._parts = specification, masks, parts
        self._checkpoint, self._folder, self._precision = checkpoint, folder, precision
        self._translation = Translation(first.table, checkpoint.table)
        for known in specification.attributes:
            checkpoint.description.attribute_table.check(known)
        self._cells = self._combine(first)
        self._templates: list[Request] = []
        self._names: list[str] = []
        self._digests: list[bytes] = []
        """Of the masks as the checkpoint gets them."""
        self._kept: list[tuple[int, ...]] = []
        """The cells of each mask that repeat no earlier one; masks that keep the same ones share them."""
        self._shared: dict[tuple[int, ...], tuple[int, ...]] = {}
        self._seen: dict[bytes, tuple[int, int]] = {}
        self._repeats = 0
        self._repeated: tuple[str, str] = "", ""
        self._latest: tuple[int, dict[int, tuple[Request, bytes]]] = -1, {}

    @property
    def _seeds(self) -> Seeds:
        return self._specification.seeds

    def _combine(self, first: Checkpoint) -> list[_Cell]:
        asked, source, table = self._specification, first.table, self._checkpoint.table
        subsets = [source.indices if words is None else source.parse(words) for words in asked.subsets]
        wanted = zip(asked.attributes, attribute_parts(asked.attributes), strict=True)
        cells = []
        for (subset, suffix), (known, named) in product(
            zip(subsets, suffixes(subsets, source), strict=True), wanted
        ):
            used = self._translation.used(subset)
            followed = () if self._checkpoint.description.ignores_mask else used
            lookup = visible(np.arange(256, dtype=np.uint8), followed, table).tobytes()
            sight = repr((followed, sorted(known.items()))).encode()
            cells.append(_Cell(used, known, suffix + named, sight, lookup))
        return cells

    # ---- the one look at every mask

    def look_at(self, name: str, values: NDArray[np.uint8]) -> None:
        """Find the pairs of the next mask that repeat no earlier one.

        Parameters
        ----------
        values : ndarray of uint8, shape (size, size)
            See `fit`.
        """
        if not self._templates:
            self._templates = [self._ask(values, cell) for cell in self._cells]
        content, number = values.tobytes(), len(self._names)
        digests: dict[bytes, bytes] = {}  # many cells look up alike
        kept, repeated = [], []
        for place, cell in enumerate(self._cells):
            if cell.lookup not in digests:
                digests[cell.lookup] = _digest(content.translate(cell.lookup))
            key = _digest(digests[cell.lookup] + cell.sight)
            if key in self._seen:
                repeated.append((place, self._seen[key]))
            else:
                self._seen[key] = number, place
                kept.append(place)
        self._names.append(name)
        self._digests.append(_digest(content))
        self._kept.append(self._shared.setdefault(tuple(kept), tuple(kept)))
        self._repeats += len(repeated) * self._seeds.count
        if repeated and not self._repeated[0]:
            place, earlier = repeated[0]
            self._repeated = self._name(number, 0, place), self._name(earlier[0], 0, earlier[1])

    def fit(self, mask: NamedMask) -> NDArray[np.uint8]:
        """Return a mask in the checkpoint's labels and size; shape (size, size).

        Raises
        ------
        SegPaintError
            If it has another size, and none may be resampled.
        """
        return _fit(mask, self._translation, self._checkpoint, resize=self._specification.resize)

    def _ask(self, values: NDArray[np.uint8], cell: _Cell) -> Request:
        settings = self._specification.model_dump(include={"sampler", "steps", "guidance"})
        request = Request.ask(
            self._checkpoint, values, self._precision, cell.used,
            seed=self._seeds.first, attributes=cell.known, **settings,
        )  # fmt: skip
        request.check_training(self._checkpoint.description)
        return request

    def notes(self) -> list[str]:
        """List what to know of the pairs, once every mask was looked at."""
        self._seen.clear()
        notes = _translation_notes(self._checkpoint, self._translation) if self._names else []
        if self._repeats:
            (name, first), title = self._repeated, self._checkpoint.description.name
            notes.append(
                f"{title}: {self._repeats} would be the same image as another, such as {name} and {first}; "
                "each is made once."
            )
        return notes

    # ---- pairs

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(len(kept) * self._seeds.count for kept in self._kept))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def _find(self, position: int) -> tuple[int, int, int]:
        """Find the mask, the turn of the seed, and the cell of a pair."""
        number = bisect_right(self._ends, position)
        kept = self._kept[number]
        turn, place = divmod(position - self._ends[number] + len(kept) * self._seeds.count, len(kept))
        return number, turn, kept[place]

    def pair(self, position: int) -> Pair:
        """Build a pair."""
        number, turn, cell = self._find(position)
        template, recipe = self._requests(number)[cell]
        request = template.model_copy(update={"seed": self._seed(turn)})
        name = self._name(number, turn, cell)
        return Pair(name, self._checkpoint, self._folder, self._parts[number], request, recipe)

    def sides(self) -> set[tuple[str, str]]:
        """Return the folder, with each split of masks."""
        return {(self._folder, split) for split in self._parts}

    def spot(self, position: int) -> Spot:
        """Return where a pair lies, without building it."""
        number, turn, cell = self._find(position)
        name, recipe = self._name(number, turn, cell), self._recipe(number, cell)
        return Spot(name, self._folder, self._parts[number], recipe)

    def spots(self) -> Iterator[Spot]:
        """Go through the pairs without building them."""
        for number, kept in enumerate(self._kept):
            recipes = {cell: self._recipe(number, cell) for cell in kept}
            for turn in range(self._seeds.count):
                for cell in kept:
                    name = self._name(number, turn, cell)
                    yield Spot(name, self._folder, self._parts[number], recipes[cell])

    def _seed(self, turn: int) -> int:
        return (self._seeds.first + turn) % SEEDS

    def _name(self, number: int, turn: int, cell: int) -> str:
        return f"{self._names[number]}_s{self._seed(turn)}{self._cells[cell].suffix}"

    @cached_property
    def _settings(self) -> list[bytes]:
        exclude = {"mask", "seed"}
        return [template.model_dump_json(exclude=exclude).encode() for template in self._templates]

    def _recipe(self, number: int, cell: int) -> bytes:
        return _digest(self._digests[number] + self._settings[cell])

    def _requests(self, number: int) -> dict[int, tuple[Request, bytes]]:
        """Build the requests of a mask for one seed, which share it, with their recipes.

        Those of the latest mask are kept.
        """
        latest, requests = self._latest
        if latest != number:
            values = np.array(self.fit(self._masks[number]), np.uint8)
            if _digest(values.tobytes()) != self._digests[number]:
                raise SegPaintError(
                    f"The mask {self._names[number]} has changed since the set was opened; open the set again."
                )
            values.flags.writeable = False
            requests = {
                cell: (self._templates[cell].model_copy(update={"mask": values}), self._recipe(number, cell))
                for cell in self._kept[number]
            }
            self._latest = number, requests
        return requests


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=DIGEST).digest()


def _fit(
    mask: NamedMask, translation: Translation, checkpoint: Checkpoint, *, resize: bool
) -> NDArray[np.uint8]:
    values, size = translation.mask(mask.values), checkpoint.description.size
    if values.shape == (size, size):
        return values
    if not resize:
        raise SegPaintError(
            f"The mask {mask.name} has {values.shape[1]} x {values.shape[0]} pixels, and "
            f"{checkpoint.description.name} takes {size} x {size}; it can be resampled to the nearest pixel "
            f"({IN_SPECIFICATION})."
        )
    return np.asarray(Image.fromarray(values).resize((size, size), Image.Resampling.NEAREST))


def _translation_notes(checkpoint: Checkpoint, translation: Translation) -> list[str]:
    title, notes = checkpoint.description.name, []
    if checkpoint.description.ignores_mask:
        return [f"{title} ignores the mask: its images depend on the seed alone."]
    if translation.unknown:
        notes.append(
            f"{title} does not know {', '.join(translation.unknown)}: there its masks hold what lies around "
            f"them or, where nothing does, are free ({FREE})."
        )
    strangers = set(checkpoint.table.indices) - set(translation.by_index.values())
    if strangers:
        names = ", ".join(label.name for label in checkpoint.table if label.index in strangers)
        notes.append(f"The masks say nothing of {names}, so {title} decides where they are.")
    return notes
