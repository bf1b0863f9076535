"""Plans the images of a paired set before the first is made, and builds each when it is asked for."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate, product
from typing import TypeAlias, overload

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attributes
from segpaint.core.labels.labels import FREE
from segpaint.core.labels.translation import Translation, visible
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Precision, Request, check_count
from segpaint.core.requests.sampling import SEEDS
from segpaint.paired.naming import attribute_parts, folders, splits, suffixes
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Seeds, Specification

DIGEST = 16
"""Bytes of a digest of what a model sees."""
Place: TypeAlias = tuple[str, str]
"""The key of a pair: its folder within the set, and its name."""


@dataclass(frozen=True, eq=False)
class Pair:
    """One image of a set, and its mask.

    Attributes
    ----------
    name : str
        Unique within a checkpoint; made of mask, seed and labels, and so the same for other checkpoints.
    folder : str
        Within the set; empty if there is one checkpoint.
    split : {"train", "val"}
    recipe : bytes
        Digest of the request without its seed, which the name states; empty if it is not known.
    """

    name: str
    checkpoint: Checkpoint
    folder: str
    split: str
    request: Request
    recipe: bytes = b""

    @property
    def place(self) -> Place:
        """The key of the pair, unique in the set."""
        return self.folder, self.name


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a pair lies in its set, which is known without its mask and request.

    Attributes
    ----------
    name, folder, split, recipe
        See `Pair`.
    """

    name: str
    folder: str
    split: str
    recipe: bytes

    @property
    def place(self) -> Place:
        """The key of the pair, unique in the set."""
        return self.folder, self.name


class Pairs(Sequence[Pair]):
    """All pairs of a set in the order in which they are made; each is built when it is asked for.

    What is kept is which combinations of mask, labels and attributes differ, some bytes for each, and the mask
    in use. Pairs of one mask share it, so going through them in order is fastest.
    """

    def __init__(self, models: Sequence["_Model"]) -> None:
        self._models = models
        self._ends = list(accumulate(map(len, models)))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> Pair: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Pair]: ...

    def __getitem__(self, place: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(place, slice):
            return Picked(self, range(len(self))[place])
        position = range(len(self))[place]
        number = bisect_right(self._ends, position)
        model = self._models[number]
        return model.pair(position - self._ends[number] + len(model))

    def __iter__(self) -> Iterator[Pair]:
        for model in self._models:
            yield from map(model.pair, range(len(model)))

    def spots(self) -> Iterator[Spot]:
        """Go through all pairs without building them."""
        for model in self._models:
            yield from model.spots()

    def parts(self) -> list[Sequence[Pair]]:
        """Return the pairs of each checkpoint that has any."""
        return [Pairs([model]) for model in self._models if len(model)]


class Picked(Sequence[Pair]):
    """Some of many pairs, which are built when they are asked for.

    Parameters
    ----------
    pairs : sequence of Pair
    positions : sequence of int
        Positions in `pairs`.
    """

    def __init__(self, pairs: Sequence[Pair], positions: Sequence[int]) -> None:
        self._pairs, self._positions = pairs, positions

    def __len__(self) -> int:
        return len(self._positions)

    @overload
    def __getitem__(self, place: int) -> Pair: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Pair]: ...

    def __getitem__(self, place: int | slice) -> Pair | Sequence[Pair]:
        if isinstance(place, slice):
            return Picked(self._pairs, self._positions[place])
        return self._pairs[self._positions[place]]

    def __iter__(self) -> Iterator[Pair]:
        return map(self._pairs.__getitem__, self._positions)


def spots(pairs: Sequence[Pair]) -> Iterator[Spot]:
    """Go through pairs without building those that are not there yet."""
    if isinstance(pairs, Pairs):
        return pairs.spots()
    return (Spot(pair.name, pair.folder, pair.split, pair.recipe) for pair in pairs)


@dataclass(frozen=True)
class Plan:
    """All pairs in the order they are made, and what to know about them.

    Attributes
    ----------
    notes : tuple of str
        Sentences.
    """

    pairs: Pairs
    notes: tuple[str, ...]


def plan_pairs(
    specification: Specification,
    masks: Sequence[NamedMask],
    checkpoints: Sequence[Checkpoint],
    precision: Precision,
) -> Plan:
    """Plan the pairs of a set: look at every mask once, and keep none.

    Pairs whose visible mask and seed repeat an earlier pair are skipped and reported. What is visible depends
    on no seed, so it is compared once for all of them, by digest.

    Parameters
    ----------
    masks : sequence of NamedMask
        Masks in the first checkpoint's labels and size; those of files are read when they are needed.
    precision : {"float32", "bfloat16"}

    Raises
    ------
    SegPaintError
        If there are too many pairs, or a setting is out of range. If the first checkpoint lacks a label of a
        subset. If a checkpoint that was trained on whole masks is to leave one out. If a mask has the wrong
        size for another checkpoint.
    """
    seeds = specification.seeds
    check_count(
        len(checkpoints) * len(masks) * seeds.count * len(specification.subsets) * len(specification.attributes)
    )
    parts = splits(len(masks), specification.validation)
    notes = [] if "val" in parts or not specification.validation else [
        "There is one mask alone, so nothing is kept to validate with."
    ]  # fmt: skip
    models = [
        _Model(specification, masks, parts, checkpoint, checkpoints[0], folder, precision)
        for checkpoint, folder in zip(checkpoints, folders(checkpoints), strict=True)
    ]
    for mask in masks:
        for model in models:
            model.look_at(mask)
    for model in models:
        notes += model.notes()
    return Plan(Pairs(models), tuple(notes))


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


class _Model:
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

    def look_at(self, mask: NamedMask) -> None:
        """Find the pairs of the next mask that repeat no earlier one."""
        values = self._fit(mask)
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
        self._names.append(mask.name)
        self._digests.append(_digest(content))
        self._kept.append(self._shared.setdefault(tuple(kept), tuple(kept)))
        self._repeats += len(repeated) * self._seeds.count
        if repeated and not self._repeated[0]:
            place, earlier = repeated[0]
            self._repeated = self._name(number, 0, place), self._name(earlier[0], 0, earlier[1])

    def _fit(self, mask: NamedMask) -> NDArray[np.uint8]:
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
        notes = _translation_notes(self._checkpoint, self._translation)
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

    def pair(self, position: int) -> Pair:
        """Build a pair."""
        number = bisect_right(self._ends, position)
        kept = self._kept[number]
        turn, place = divmod(position - self._ends[number] + len(kept) * self._seeds.count, len(kept))
        cell = kept[place]
        template, recipe = self._requests(number)[cell]
        request = template.model_copy(update={"seed": self._seed(turn)})
        name = self._name(number, turn, cell)
        return Pair(name, self._checkpoint, self._folder, self._parts[number], request, recipe)

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
            values = np.array(self._fit(self._masks[number]), np.uint8)
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
            '("resize": true).'
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
