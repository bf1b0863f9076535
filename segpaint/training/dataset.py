"""A folder of image and mask pairs, checked and held in memory.

The layout is that of the published code: ``images/{train,val}/NAME.png``,
``masks/all/{train,val}/NAME.png`` and ``labels.json``. There may be a split ``test``, too. A NAME may be in
folders of its own, such as one for each patient. If some labels were not looked for in some images,
``annotated.csv`` lists those that were. ``attributes.csv`` may list what is known of each image as a whole.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.folders import visible
from segpaint.core.labels.attributes import Attribute
from segpaint.core.labels.counting import count_values
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.reading import read_text, reads
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.io.label_tables import read_label_file
from segpaint.training.attribute_values import TABLE, attributes_of, encode_values, read_attribute_values
from segpaint.training.pairing import IMAGES, PairFiles, Unseen, all_stems, find_pairs, stem_of, unused
from segpaint.training.pngs import counted, dull_images, image_words, read_images, read_masks


@dataclass(frozen=True)
class Pairs:
    """The images and masks of one split.

    Attributes
    ----------
    names : list of str
    images : ndarray of uint8, shape (count, channels, height, width)
    masks : ndarray of uint8, shape (count, height, width)
    annotated : ndarray of bool, shape (count, labels)
        Whether each label, in table order, was looked for in each image.
    attributes : ndarray of int64, shape (count, attributes)
        0 where an attribute is unknown, else one more than the place of its value.
    """

    names: list[str]
    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    annotated: NDArray[np.bool_]
    attributes: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.names)

    @property
    def labelled(self) -> NDArray[np.int64]:
        """The rows of those images in which any label was looked for."""
        return np.flatnonzero(self.annotated.any(axis=1))

    def shown(self, table: LabelTable) -> NDArray[np.bool_]:
        """Find the labels that each mask shows, (count, labels); one inside another shows that one, too."""
        counts = [count_values(mask) for mask in self.masks]
        shown: NDArray[np.bool_] = np.reshape(counts, (-1, 256)) @ table.nesting > 0
        return shown


@dataclass(frozen=True)
class DataSet:
    """A data set to train on.

    Attributes
    ----------
    val : Pairs
        Slices that are not trained on.
    attributes : tuple of Attribute
        Those that are used.
    notes : tuple of str
        What is odd or left out, in sentences to show before anything is trained.
    unseen : {"val", "test"}
        The split that `val` was read from.
    """

    folder: Path
    modality: str
    table: LabelTable
    train: Pairs
    val: Pairs
    notes: tuple[str, ...] = ()
    unseen: Unseen = "val"
    attributes: tuple[Attribute, ...] = ()

    def report(self, console: Console) -> None:
        """Print what is odd, left out or cannot be learnt, before hours are spent on it."""
        unseen = ", ".join(label.name for label in self.never_shown)
        untaught = (f"No training mask shows, so nothing can be learnt of: {unseen}.",) if unseen else ()
        for note in (*self.notes, *untaught):
            console.print(note, markup=False, highlight=False, soft_wrap=True)

    def check_labels(self, checkpoint: Checkpoint) -> None:
        """Refuse a checkpoint of other labels.

        Raises
        ------
        SegPaintError
            If its labels are others.
        """
        if self.table != checkpoint.table:
            raise SegPaintError(
                f"The labels in {self.folder / 'labels.json'} are not those of {checkpoint.folder}; "
                "give the data that the checkpoint was trained on."
            )

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of all images and masks, with their names and labels, in hexadecimal."""
        digest = hashlib.sha256(repr([label.model_dump(exclude={"color"}) for label in self.table]).encode())
        for pairs in (self.train, self.val):
            digest.update(repr(pairs.names).encode())
            for array in (pairs.images, pairs.masks, pairs.annotated):
                digest.update(np.ascontiguousarray(array).data)
            if self.attributes:  # so that data without any keep their digest
                digest.update(np.ascontiguousarray(pairs.attributes).data)
        return digest.hexdigest()

    @property
    def never_shown(self) -> tuple[Label, ...]:
        """The labels that no training mask holds; the network learns nothing of them."""
        shown = self.train.shown(self.table)
        return tuple(label for column, label in enumerate(self.table) if not shown[:, column].any())


def read_data_set(
    folder: Path,
    unlabelled: Path | None = None,
    unseen: Unseen = "val",
    attributes: Sequence[str | Attribute] = (),
) -> DataSet:
    """Read a data set folder whole and check it before anything is trained.

    Parameters
    ----------
    unlabelled : Path, optional
        A folder of PNG images without masks, used for training as well. No label counts as looked for
        in them.
    unseen : {"val", "test"}
        The split to read beside train; the other one is left alone.
    attributes : sequence of str or Attribute
        Columns of ``attributes.csv`` to use; by name alone, with the values that the training images have.

    Raises
    ------
    SegPaintError
        If a file is missing, unreadable, unlike the rest, or without its pair, or if no mask holds
        any of the labels.
    """
    if not folder.is_dir():
        raise SegPaintError(f"There is no folder {folder}.")
    if not (folder / "labels.json").is_file():
        raise SegPaintError(
            f"{folder} has no labels.json, so it is no data set of slices; "
            "segpaint prepare makes one from scans."
        )
    labels = read_label_file(folder / "labels.json")
    table = labels.table
    if not len(table):
        raise SegPaintError(f"{folder / 'labels.json'} lists no label; it needs one or more.")
    listed = folder / "annotated.csv"
    annotated = read_annotated(listed, table) if listed.exists() else {}
    pairs = find_pairs(folder, unseen)
    _check_annotated(listed, set(annotated), all_stems(folder))
    image_paths, mask_paths = [pair.image for pair in pairs], [pair.mask for pair in pairs]
    images, masks = read_images(image_paths), read_masks(mask_paths, table)
    _, height, width = images[0].shape
    raise_first(
        [
            f"{mask_path} is {mask.shape[1]} x {mask.shape[0]} pixels, and its image {image_path} {width} x "
            f"{height}; all images and masks must have one size."
            for image_path, mask_path, mask in zip(image_paths, mask_paths, masks, strict=True)
            if mask.shape != (height, width)
        ]
    )
    if height != width:
        raise SegPaintError(
            f"The images in {folder} are {width} x {height} pixels; crop or pad them, and their masks, "
            "to squares."
        )
    chosen_attributes, values = _attributes(folder, attributes, pairs)
    every_label = np.ones(len(table), np.bool_)
    rows = {name: [row for row, pair in enumerate(pairs) if pair.split == name] for name in ("train", unseen)}
    train, val = (
        Pairs(
            [pairs[row].name for row in chosen],
            np.array([images[row] for row in chosen], np.uint8),
            np.array([masks[row] for row in chosen], np.uint8),
            np.array([annotated.get(stem_of(pairs[row].name), every_label) for row in chosen], np.bool_),
            encode_values(chosen_attributes, values, [stem_of(pairs[row].name) for row in chosen]),
        )
        for chosen in rows.values()
    )
    dull, shared = dull_images(image_paths, images), _shared(train, val, unseen)
    if len(dull) == len(images):
        raise SegPaintError(f"{dull[0]} All images are so; there is nothing to learn from.")
    data = DataSet(
        folder, labels.modality, table, train, val, (*unused(folder), *counted(dull), *shared), unseen,
        chosen_attributes,
    )  # fmt: skip
    if len(data.never_shown) == len(table):
        raise SegPaintError(
            f"No mask in {folder / 'masks' / 'all' / 'train'} holds any of the labels that "
            f"{folder / 'labels.json'} lists; the values of the masks must be the indices of the labels."
        )
    return data if unlabelled is None else _with_unlabelled(data, unlabelled)


def _attributes(
    folder: Path, wanted: Sequence[str | Attribute], pairs: Sequence[PairFiles]
) -> tuple[tuple[Attribute, ...], dict[str, tuple[str, ...]]]:
    """Read the attributes to use, and their values by image."""
    if not wanted:
        return (), {}
    names = [one if isinstance(one, str) else one.name for one in wanted]
    values = read_attribute_values(folder / TABLE, names)
    trained = {stem_of(pair.name) for pair in pairs if pair.split == "train"}
    found = attributes_of([row for name, row in values.items() if name in trained], names)
    given = {one.name: one for one in wanted if isinstance(one, Attribute)}
    return tuple(given.get(one.name, one) for one in found), values


def _shared(train: Pairs, other: Pairs, split: str) -> list[str]:
    """Describe how many images of another split are trained on as well, so that they prove nothing."""
    known = {image.tobytes(): name for image, name in zip(train.images, train.names, strict=True)}
    both = [name for image, name in zip(other.images, other.names, strict=True) if image.tobytes() in known]
    if not both:
        return []
    return [f"Images of {split} that are in train, too: {len(both)}, such as {both[0]}. They prove nothing."]


def _with_unlabelled(data: DataSet, folder: Path) -> DataSet:
    paths = [path for path in visible(folder, "**/*") if path.suffix.lower() in IMAGES]
    if not paths:
        raise SegPaintError(f"{folder} holds no PNG images; --unlabelled takes a folder with some in it.")
    images, train = np.array(read_images(paths), np.uint8), data.train
    if images.shape[1:] != train.images.shape[1:]:
        raise SegPaintError(
            f"The images in {folder} are {image_words(images[0])}, and those in {data.folder} "
            f"{image_words(train.images[0])}; make them alike."
        )
    both = Pairs(
        [*train.names, *(path.name for path in paths)],
        np.concatenate([train.images, images]),
        np.concatenate([train.masks, np.zeros((len(paths), *train.masks.shape[1:]), np.uint8)]),
        np.concatenate([train.annotated, np.zeros((len(paths), len(data.table)), np.bool_)]),
        np.concatenate([train.attributes, np.zeros((len(paths), len(data.attributes)), np.int64)]),
    )
    left = [path for path in visible(folder, "**/*") if path.is_file() and path not in paths]
    notes = [f"{folder}: files that are not used: {len(left)}, such as {left[0].name}."] if left else []
    notes += counted(dull_images(paths, list(images)))
    return replace(data, train=both, notes=(*data.notes, *notes))


@reads("a table with the columns name and labels, such as 'a.png,1;2'", "correct it")
def read_annotated(path: Path, table: LabelTable) -> dict[str, NDArray[np.bool_]]:
    """Read which labels, in table order, were looked for in which images, by their names without an ending.

    Raises
    ------
    SegPaintError
        If the table is missing or of another kind.
    """
    rows = csv.DictReader(io.StringIO(read_text(path, old=True), newline=""))
    return {
        stem_of(row["name"]): np.isin(table.indices, [int(word) for word in row["labels"].split(";") if word])
        for row in rows
    }


def _check_annotated(path: Path, listed: set[str], names: set[str]) -> None:
    strangers, unlisted = listed - names, names - listed
    if strangers and unlisted:  # one row too many and one too few: most likely a misspelt name
        raise SegPaintError(
            f"{path} names {min(strangers)!r}, which is no image here, and leaves out {min(unlisted)!r}; "
            "correct the name."
        )
