"""The part of a document that is saved between starts: more than its request."""

import base64
import re
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.label_mapping import Rgb
from segpaint.core.labels.labels import BACKGROUND, FREE, Label
from segpaint.core.reading import (
    LARGEST_REQUEST,
    decode,
    open_regular,
    parse_json,
    read_bytes,
    read_model,
    reads,
)
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.frozen import FrozenMask
from segpaint.core.requests.request import Request
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.taking_up import Terms


class UnsavedWork(BaseModel):
    """A document as it is saved.

    Attributes
    ----------
    request : Request
        Mask, labels in use and settings.
    reference : Reference or None
        Whether or not the request begins with it.
    paint_value : int
        The value that is painted: a label index, 0 or 255.
    hidden, locked : tuple of int
        Labels that are not drawn, and those that are not painted over.
    folder : str
        The checkpoint's folder; empty in files of older versions.
    beneath : ndarray of uint8 or None
        The mask that comes back when the scan is closed, while a slice is painted on.
    labels : tuple of Label
        The checkpoint's labels, which name the mask's values wherever it is opened.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    format: Literal[1] = 1
    request: Request
    reference: Reference | None
    paint_value: int
    hidden: tuple[int, ...]
    locked: tuple[int, ...]
    keeps_seed: bool
    folder: str = ""
    labels: tuple[Label, ...] = ()
    beneath: FrozenMask | None = None


@reads("unsaved work", "it is put aside")
def read_work(path: Path) -> UnsavedWork:
    """Read a document as it was saved.

    Raises
    ------
    SegPaintError
        If the file is missing or damaged.
    """
    return read_model(path, UnsavedWork, LARGEST_REQUEST)


def work_of(document: Document) -> UnsavedWork:
    """Save a document's current state, without a preview that was not applied.

    The fingerprint of its request is empty, see `Document.draft`.
    """
    strokes = document.strokes
    return UnsavedWork(
        request=document.draft("float32").model_copy(update={"mask": strokes.painted}),
        reference=document.reference,
        paint_value=document.paint_value,
        hidden=tuple(index for index in document.table.indices if not document.label_state(index).shown),
        locked=document.locked,
        keeps_seed=document.keeps_seed,
        folder=str(document.checkpoint.folder.resolve()),
        labels=document.checkpoint.table.labels,
        beneath=None if strokes.page is None else strokes.on_page(None),
    )


MASK = re.compile(rb'"mask":\s*"([A-Za-z0-9+/=]+)"')


def is_unsaved_work(path: Path) -> bool:
    """Check whether a JSON file is a document that was saved by itself, whole or damaged."""
    if path.suffix != ".json":
        return False
    try:
        return begins_as_work(path)
    except SegPaintError:
        return False


@reads("unsaved work")
def begins_as_work(path: Path) -> bool:
    """Check the first bytes of a file for those of unsaved work.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    with open_regular(path, LARGEST_REQUEST) as file:
        return b'"request":' in file.read(200)


@reads("unsaved work", "the file stays there")
def salvage(path: Path) -> tuple[bytes, dict[int | Rgb, str]]:
    """Get the mask out of a saved document that may be damaged, or from another version.

    Returns
    -------
    bytes
        The mask as a PNG.
    dict of int to str
        The names of its labels, as far as they are known.

    Raises
    ------
    SegPaintError
        If there is no whole mask in it.
    """
    content = read_bytes(path, LARGEST_REQUEST)
    try:
        (mask,) = MASK.findall(content)[:1]  # the first one is the painted one
        png = base64.b64decode(mask, validate=True)
    except ValueError as error:
        raise SegPaintError(f"No mask can be read from {path}; the file stays there.") from error
    try:
        names = {entry["index"]: str(entry["name"]) for entry in parse_json(decode(content))["labels"]}
    except (ValueError, KeyError, TypeError):
        names = {}
    return png, names


def check_meaning(work: UnsavedWork, checkpoint: Checkpoint) -> None:
    """Check that saved masks mean the same with a checkpoint's labels.

    Raises
    ------
    SegPaintError
        If mask or labels do not fit, or a value of the masks has another name by now.
    """
    work.request.check_fit(checkpoint.description)
    masks = [stage.mask for stage in work.request.stages]
    if work.reference is not None:
        masks.append(work.reference.mask)
    if work.beneath is not None:
        masks.append(work.beneath)
    values = {value for mask in masks for value in np.unique(mask).tolist()}
    names = {label.index: label.name for label in checkpoint.table}
    for label in work.labels:
        now = names.get(label.index, "unknown")
        if label.index in values and label.name != now:
            raise SegPaintError(f"Its value {label.index} was called {label.name}, and is {now} by now.")


def recall(document: Document, work: UnsavedWork) -> None:
    """Restore all but the mask of a document as it was saved; nothing of it is an edit to undo.

    Raises
    ------
    SegPaintError
        If mask or labels do not fit its checkpoint.
    """
    Terms.asked_by(work.request, document).replace_in(document, Terms.of(document))
    kept, shape = work.reference, document.checkpoint.description.image_shape
    if kept is not None and kept.mask.shape == document.mask.shape and kept.image.shape == shape:
        document.set_reference(kept)
    recall_switches(document, work)
    document.keeps_seed = work.keeps_seed


def recall_switches(document: Document, work: UnsavedWork) -> None:
    """Restore which labels are hidden and locked, and which one is painted."""
    for index in document.table.indices:
        document.set_label(index, shown=index not in work.hidden, locked=index in work.locked)
    if work.paint_value in (*document.table.indices, BACKGROUND, FREE):
        document.paint_value = work.paint_value
