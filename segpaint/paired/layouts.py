"""Lays a paired set out on the disk, for `segpaint train`, for nnU-Net, version 2, or for WebDataset."""

import csv
import io
import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from segpaint.core.files import encode_png
from segpaint.core.labels.labels import FREE
from segpaint.core.labels.translation import unsure, visible
from segpaint.core.requests.kinds import kind_of
from segpaint.io.label_tables import encode_labels
from segpaint.paired.pairs import Pair, Spot
from segpaint.paired.specification import LayoutName


class Layout(ABC):
    """Places images and masks, and describes them, within the folder of a set.

    Attributes
    ----------
    image_place, mask_place : str
        Relative paths, with a pair's {split} and {name} as placeholders.
    """

    image_place: str
    mask_place: str

    def image(self, pair: Pair | Spot) -> Path:
        """Return the relative path of the image."""
        return Path(pair.folder, self.image_place.format(split=pair.split, name=self.key(pair.name)))

    def mask(self, pair: Pair | Spot) -> Path:
        """Return the relative path of the mask."""
        return Path(pair.folder, self.mask_place.format(split=pair.split, name=self.key(pair.name)))

    def key(self, name: str) -> str:
        """Return what stands for the name of a pair in the names of its files."""
        return name

    def files(self, folder: Path, pair: Pair | Spot) -> tuple[str, str]:
        """Name image and mask in the folder of a set; quicker than paths, for 100,000 of them."""
        key, places = self.key(pair.name), (self.image_place, self.mask_place)
        image, mask = (place.format(split=pair.split, name=key) for place in places)
        within = os.path.join(folder, pair.folder)  # noqa: PTH118
        return os.path.join(within, image), os.path.join(within, mask)  # noqa: PTH118

    def encode_mask(self, pair: Pair) -> bytes:
        """Encode the mask as a grey PNG: other programs turn a palette into colours or shades."""
        return encode_png(Image.fromarray(self.values(pair)))

    @abstractmethod
    def values(self, pair: Pair) -> NDArray[np.uint8]:
        """Return the values of the mask, shape (height, width)."""

    @abstractmethod
    def tables(self, pairs: Sequence[Pair]) -> dict[Path, bytes]:
        """Encode the files that describe pairs of one checkpoint, by relative path."""

    @abstractmethod
    def notes(self, pairs: Sequence[Pair]) -> list[str]:
        """List what to know about pairs of one checkpoint, in sentences."""


class PublishedLayout(Layout):
    """The layout of the published code, see `segpaint.training.dataset`.

    Masks stay as painted. Labels not in use may appear anywhere in the image, so ``annotated.csv`` lists those
    in use, and training takes the others as unknown. Attributes that were asked for are in ``attributes.csv``.
    """

    image_place = "images/{split}/{name}.png"
    mask_place = "masks/all/{split}/{name}.png"

    def values(self, pair: Pair) -> NDArray[np.uint8]:
        """Return the mask as painted."""
        return pair.final.mask

    def tables(self, pairs: Sequence[Pair]) -> dict[Path, bytes]:
        """Encode ``labels.json``, ``annotated.csv`` and, if any were asked for, ``attributes.csv``."""
        description, folder = pairs[0].checkpoint.description, Path(pairs[0].folder)
        annotated = ((f"{pair.name}.png", ";".join(map(str, pair.final.used))) for pair in pairs)
        tables = {
            folder / "labels.json": encode_labels(description.table, description.modality),
            folder / "annotated.csv": _csv(chain([("name", "labels")], annotated)),
        }
        if any(pair.request.attributes for pair in pairs):
            names = [attribute.name for attribute in description.attributes]
            known = ((f"{pair.name}.png", *map(pair.request.attributes.get, names)) for pair in pairs)
            tables[folder / "attributes.csv"] = _csv(chain([("name", *names)], known))
        return tables

    def notes(self, pairs: Sequence[Pair]) -> list[str]:
        """Return nothing, since this layout keeps everything."""
        del pairs
        return []


class Nnunet(Layout):
    """A raw data set folder of nnU-Net's, see `segpaint.io.nnunet`.

    nnU-Net wants labels that count up from 1, and takes every pixel as known. Free pixels, and those that may
    hold a label left to the model, get the highest value, which it ignores. One image file holds all colours.
    """

    image_place = "imagesTr/{name}_0000.png"
    mask_place = "labelsTr/{name}.png"

    def values(self, pair: Pair) -> NDArray[np.uint8]:
        """Return the labels counted up from 1, and what is to be ignored after them."""
        table, used = pair.checkpoint.table, pair.final.used
        lookup = np.zeros(256, np.uint8)
        lookup[list(table.indices)] = range(1, len(table) + 1)
        lookup[[FREE, *unsure(used, table)]] = len(table) + 1
        values: NDArray[np.uint8] = lookup[visible(pair.final.mask, used, table)]
        return values

    def _ignores(self, pairs: Sequence[Pair]) -> bool:
        """Check whether any mask holds the value that nnU-Net ignores."""
        mask: NDArray[np.uint8] | None = None
        looked_at: set[tuple[int, ...]] = set()
        for pair in pairs:
            final = pair.final
            if final.mask is not mask:  # pairs of one mask follow each other
                mask, looked_at = final.mask, set()
            if final.used not in looked_at:
                looked_at.add(final.used)
                if (self.values(pair) > len(pair.checkpoint.table)).any():
                    return True
        return False

    def tables(self, pairs: Sequence[Pair]) -> dict[Path, bytes]:
        """Encode ``dataset.json`` and, if there are pairs to validate with, ``splits_final.json``."""
        checkpoint, folder = pairs[0].checkpoint, Path(pairs[0].folder)
        description, table = checkpoint.description, checkpoint.table
        labels = {"background": 0, **{label.name: number for number, label in enumerate(table, start=1)}}
        if self._ignores(pairs):
            labels["ignore"] = len(table) + 1
        channels = ["R", "G", "B"] if description.channels == 3 else [description.modality]
        content = {
            "channel_names": {str(number): name for number, name in enumerate(channels)},
            "labels": labels,
            "numTraining": len(pairs),
            "file_ending": ".png",
            "description": f"Synthetic images of {description.name}, made by SegPaint; they show no patient.",
        }
        tables = {folder / "dataset.json": _json(content)}
        if any(pair.split == "val" for pair in pairs):
            fold = {split: [pair.name for pair in pairs if pair.split == split] for split in ("train", "val")}
            tables[folder / "splits_final.json"] = _json([fold])
        return tables

    def notes(self, pairs: Sequence[Pair]) -> list[str]:
        """List the renumbered labels, and which pixels are ignored."""
        table, title, notes = pairs[0].checkpoint.table, pairs[0].checkpoint.description.name, []
        moved = [f"{label.name} {number}" for number, label in enumerate(table, 1) if label.index != number]
        if moved:
            notes.append(
                f"{title}: labels count up from 1 for nnU-Net, so some have new values: {', '.join(moved)}."
            )
        if self._ignores(pairs):
            notes.append(
                f"{title}: pixels that are free, or where a label left to the model may be, have the value "
                f"{len(table) + 1}, which nnU-Net ignores."
            )
        return notes


class WebDataset(PublishedLayout):
    """Tar files that PyTorch reads one after the other, by the library webdataset.

    In each, a pair is ``KEY.image.png``, ``KEY.mask.png``, and ``KEY.json``. The mask is as painted, and the
    JSON file lists the labels in use, for the same reason as in `PublishedLayout`. Until all pairs of a tar
    file are made, image and mask lie beside it, under the same names, see `segpaint.paired.packing`.
    """

    image_place = "{split}/{name}.image.png"
    mask_place = "{split}/{name}.mask.png"

    def key(self, name: str) -> str:
        """Replace dots, since webdataset ends a key at the first; no name holds what stands for them."""
        return name.replace(".", "~")

    def described(self, pair: Pair) -> tuple[str, bytes]:
        """Return the name of the JSON file of a pair within a tar file, and what it holds."""
        request = pair.request
        content = {
            "name": pair.name,
            "kind": kind_of(request).value,
            "used": list(pair.final.used),
            "attributes": request.attributes,
            **request.model_dump(
                mode="json", include={"checkpoint", "fingerprint", "seed", "steps", "sampler", "guidance"}
            ),
        }
        return f"{self.key(pair.name)}.json", _json(content)

    def tables(self, pairs: Sequence[Pair]) -> dict[Path, bytes]:
        """Encode ``labels.json``; all else is in the tar files."""
        description = pairs[0].checkpoint.description
        place = Path(pairs[0].folder) / "labels.json"
        return {place: encode_labels(description.table, description.modality)}


LAYOUTS: dict[LayoutName, Layout] = {
    "published": PublishedLayout(), "nnunet": Nnunet(), "webdataset": WebDataset()
}  # fmt: skip


def _csv(rows: Iterable[Sequence[str | None]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(rows)
    return lines.getvalue().encode()


def _json(content: object) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
