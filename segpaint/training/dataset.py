"""A folder of image and mask pairs, checked and held in memory.

The layout is that of the published code: ``images/{train,val}/NAME.png`` and
``masks/all/{train,val}/NAME.png``, beside them ``labels.json`` and, if some labels were not looked
for in some images, ``annotated.csv``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from segpaint.core.errors import SegPaintError
from segpaint.core.labels import LabelTable
from segpaint.io.label_tables import read_label_file


@dataclass(frozen=True)
class Pairs:
    """The images and masks of one split.

    Attributes
    ----------
    names : list of str
    images : ndarray of uint8, shape (count, channels, height, width)
    masks : ndarray of uint8, shape (count, height, width)
    annotated : ndarray of bool, shape (count, labels)
        Which labels, in table order, were looked for in each image.
    """

    names: list[str]
    images: NDArray[np.uint8]
    masks: NDArray[np.uint8]
    annotated: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True)
class DataSet:
    """A data set to train on."""

    folder: Path
    modality: str
    table: LabelTable
    train: Pairs
    val: Pairs


def read_data_set(folder: Path) -> DataSet:
    """Read a data set folder whole and check it before anything is trained.

    Raises
    ------
    SegPaintError
        If a file is missing, unreadable, of another size than the rest, or without its pair.
    """
    labels = read_label_file(folder / "labels.json")
    table = labels.table
    annotated = _read_annotated(folder / "annotated.csv", table)
    splits = {name: _read_split(folder, name, table, annotated) for name in ("train", "val")}
    names = {name for split in splits.values() for name in split.names}
    strangers, unlisted = set(annotated) - names, names - set(annotated)
    if strangers and unlisted:  # a row too many and one too few is a slip of the pen
        raise SegPaintError(
            f"{folder / 'annotated.csv'} names {min(strangers)!r}, which is no image here, and leaves out "
            f"{min(unlisted)!r}; correct the name."
        )
    sizes = {split.images.shape[1:] for split in splits.values() if len(split)}
    if len(sizes) > 1:
        raise SegPaintError(f"The train and val images in {folder} differ in size; make them equal.")
    if not len(splits["train"]):
        raise SegPaintError(f"{folder / 'images' / 'train'} holds no PNG images to train on.")
    _, _, height, width = splits["train"].images.shape
    if height != width:
        raise SegPaintError(
            f"The images in {folder} are {width} x {height} pixels; crop or pad them, and their masks, "
            "to squares."
        )
    return DataSet(folder, labels.modality, table, splits["train"], splits["val"])


def _read_annotated(path: Path, table: LabelTable) -> dict[str, NDArray[np.bool_]]:
    if not path.exists():
        return {}
    try:
        with path.open(newline="") as file:
            return {
                row["name"]: np.isin(table.indices, [int(word) for word in row["labels"].split(";") if word])
                for row in csv.DictReader(file)
            }
    except (OSError, KeyError, AttributeError, ValueError) as error:
        raise SegPaintError(
            f"{path} is not a table with the columns name and labels, such as 'a.png,1;2': {error}"
        ) from error


def _read_split(folder: Path, split: str, table: LabelTable, annotated: dict[str, NDArray[np.bool_]]) -> Pairs:
    image_folder, mask_folder = folder / "images" / split, folder / "masks" / "all" / split
    names = sorted(path.name for path in image_folder.glob("*.png"))
    unpaired = set(names) ^ {path.name for path in mask_folder.glob("*.png")}
    if unpaired:
        name = min(unpaired)
        has, lacks = (image_folder, mask_folder) if name in names else (mask_folder, image_folder)
        raise SegPaintError(f"{has / name} has no partner {lacks / name}; add it or remove the first.")
    images = [_read_image(image_folder / name) for name in names]
    masks = [_read_mask(mask_folder / name, table) for name in names]
    for name, image, mask in zip(names, images, masks, strict=True):
        if image.shape != images[0].shape or mask.shape != images[0].shape[1:]:
            raise SegPaintError(
                f"{image_folder / name} is {image.shape[-1]} x {image.shape[-2]} pixels and its mask "
                f"{mask.shape[1]} x {mask.shape[0]}, where {names[0]} is {images[0].shape[-1]} x "
                f"{images[0].shape[-2]}; all images and masks must have one size."
            )
    looked_for = np.ones((len(names), len(table)), np.bool_)
    for row, name in enumerate(names):
        if name in annotated:
            looked_for[row] = annotated[name]
    return Pairs(names, np.array(images), np.array(masks), looked_for)


def _open(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            image.load()
        return image
    except (OSError, UnidentifiedImageError, SyntaxError) as error:
        raise SegPaintError(f"{path} cannot be read as a PNG: {error}") from error


def _read_image(path: Path) -> NDArray[np.uint8]:
    image = _open(path)
    if image.mode not in ("L", "RGB"):
        raise SegPaintError(f"{path} is of mode {image.mode}; images are 8-bit grey or RGB.")
    pixels = np.asarray(image)
    return pixels[None] if pixels.ndim == 2 else np.moveaxis(pixels, -1, 0)


def _read_mask(path: Path, table: LabelTable) -> NDArray[np.uint8]:
    image = _open(path)
    if image.mode not in ("L", "P"):
        raise SegPaintError(f"{path} is of mode {image.mode}; a mask has one 8-bit value per pixel.")
    mask = np.asarray(image)
    unknown = np.setdiff1d(mask, (0, *table.indices))
    if len(unknown):
        raise SegPaintError(f"{path} holds the value {unknown[0]}, which labels.json does not list.")
    return mask
