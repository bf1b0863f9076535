"""Plans the images of a paired set before the first is made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attributes
from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.labels.translation import Translation, visible
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.request import Precision, Request, Stage, check_count
from segpaint.core.requests.sampling import count_seeds
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Specification

LONGEST_SUFFIX = 60
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
    """

    name: str
    checkpoint: Checkpoint
    folder: str
    split: str
    request: Request

    @property
    def place(self) -> Place:
        """The key of the pair, unique in the set."""
        return self.folder, self.name

    @property
    def final(self) -> Request | Stage:
        """What holds the mask that the finished image follows, and its labels in use; no copy of them."""
        return self.request.changes[-1] if self.request.changes else self.request


@dataclass(frozen=True)
class Plan:
    """All pairs in the order they are made, and what to know about them.

    Attributes
    ----------
    notes : tuple of str
        Sentences.
    """

    pairs: tuple[Pair, ...]
    notes: tuple[str, ...]


def plan_pairs(
    specification: Specification,
    masks: Sequence[NamedMask],
    checkpoints: Sequence[Checkpoint],
    precision: Precision,
) -> Plan:
    """Plan the pairs of a set.

    Pairs whose visible mask and seed repeat an earlier pair are skipped and reported.

    Parameters
    ----------
    masks : sequence of NamedMask
        Masks in the first checkpoint's labels and size.
    precision : {"float32", "bfloat16"}

    Raises
    ------
    SegPaintError
        If there are too many pairs, or a setting is out of range. If the first checkpoint lacks a label of a
        subset. If a checkpoint that was trained on whole masks is to leave one out. If a mask has the wrong
        size for another checkpoint.
    """
    source = checkpoints[0].table
    seeds = specification.seeds
    check_count(
        len(checkpoints) * len(masks) * seeds.count * len(specification.subsets) * len(specification.attributes)
    )
    subsets = [source.indices if words is None else source.parse(words) for words in specification.subsets]
    suffixes = _suffixes(subsets, source)
    wanted = list(zip(specification.attributes, _named(specification.attributes), strict=True))
    splits = _splits(len(masks), specification.validation)
    settings = specification.model_dump(include={"sampler", "steps", "guidance"})
    pairs: list[Pair] = []
    notes = [] if "val" in splits or not specification.validation else [
        "There is one mask alone, so nothing is kept to validate with."
    ]  # fmt: skip
    for folder, checkpoint in by_folder(checkpoints).items():
        table = checkpoint.table
        translation = Translation(source, table)
        notes += _translation_notes(checkpoint, translation) if masks else []
        for known, _ in wanted:
            checkpoint.description.attribute_table.check(known)
        fitted = [_fit(mask, translation, checkpoint, resize=specification.resize) for mask in masks]
        seen: dict[tuple[object, ...], str] = {}
        repeated: list[tuple[str, str]] = []
        for mask, values, split in zip(masks, fitted, splits, strict=True):
            requests = []  # one for each subset; the other seeds are copies, which share its mask
            for (subset, suffix), (known, named) in product(zip(subsets, suffixes, strict=True), wanted):
                used = translation.used(subset)
                request = Request.ask(
                    checkpoint, values, precision, used, seed=seeds.first, attributes=known, **settings
                )
                request.check_training(checkpoint.description)
                asked = () if checkpoint.description.ignores_mask else used
                sight = asked, visible(values, asked, table).tobytes(), *sorted(known.items())
                requests.append((request, sight, f"{suffix}{named}"))
            for seed in count_seeds(seeds.first, seeds.count):
                for request, sight, suffix in requests:
                    name, key = f"{mask.name}_s{seed}{suffix}", (seed, *sight)
                    if key in seen:
                        repeated.append((name, seen[key]))
                        continue
                    seen[key] = name
                    seeded = request.model_copy(update={"seed": seed})
                    pairs.append(Pair(name, checkpoint, folder, split, seeded))
        if repeated:
            (name, first), title = repeated[0], checkpoint.description.name
            notes.append(
                f"{title}: {len(repeated)} would be the same image as another, such as {name} and {first}; "
                "each is made once."
            )
    return Plan(tuple(pairs), tuple(notes))


def _splits(count: int, share: float) -> list[str]:
    """Choose the masks to train and to validate with; the latter are evenly spread."""
    wanted = min(max(round(share * count), 1), count - 1) if share else 0
    chosen = {int((place + 0.5) * count / wanted) for place in range(wanted)}
    return ["val" if number in chosen else "train" for number in range(count)]


def by_folder(checkpoints: Sequence[Checkpoint]) -> dict[str, Checkpoint]:
    """Name the folders of the checkpoints within a set; that of the only one has no name."""
    if len(checkpoints) == 1:
        return {"": checkpoints[0]}
    names = [checkpoint.folder.resolve().name for checkpoint in checkpoints]
    return {
        name if names.count(name) == 1 else f"{name}-{names[: place + 1].count(name)}": checkpoint
        for place, (name, checkpoint) in enumerate(zip(names, checkpoints, strict=True))
    }


def _named(asked: Sequence[Attributes]) -> list[str]:
    """Build the part of each name that lists attributes; empty if all are unknown."""
    parts: list[str] = []
    for number, known in enumerate(asked, start=1):
        part = "".join("_" + re.sub(r"[^\w.-]+", "-", f"{name}-{value}") for name, value in known.items())
        if len(part) > LONGEST_SUFFIX or (part in parts and known not in asked[: number - 1]):
            part = f"_attributes{number}"
        parts.append(part)
    return parts


def _suffixes(subsets: Sequence[tuple[int, ...]], table: LabelTable) -> list[str]:
    """Build the part of each name that lists the labels in use; empty if all are."""
    suffixes: list[str] = []
    for number, used in enumerate(subsets, start=1):
        names = {index: re.sub(r"[^\w.-]+", "-", table[index].name) for index in table.indices}
        without = [names[index] for index in table.indices if index not in used]
        if not without:
            suffix = ""
        elif not used:
            suffix = "_blank"
        elif len(without) <= len(used):
            suffix = f"_without-{'-'.join(without)}"
        else:
            suffix = f"_only-{'-'.join(names[index] for index in used)}"
        if len(suffix) > LONGEST_SUFFIX or (suffix in suffixes and used not in subsets[: number - 1]):
            suffix = f"_subset{number}"
        suffixes.append(suffix)
    return suffixes


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
