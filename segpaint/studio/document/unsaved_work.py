"""The part of a document that is saved between starts: more than its request."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.requests.request import Request
from segpaint.studio.document.document import Document, Reference


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
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    format: Literal[1] = 1
    request: Request
    reference: Reference | None
    paint_value: int
    hidden: tuple[int, ...]
    locked: tuple[int, ...]
    keeps_seed: bool


def work_of(document: Document) -> UnsavedWork:
    """Save a document's current state; the fingerprint of its request is empty, see `Document.draft`."""
    return UnsavedWork(
        request=document.draft("float32"),
        reference=document.reference,
        paint_value=document.paint_value,
        hidden=tuple(index for index in document.table.indices if not document.label_state(index).shown),
        locked=document.locked,
        keeps_seed=document.keeps_seed,
    )


def take_up(document: Document, work: UnsavedWork) -> None:
    """Restore a document as it was saved.

    Raises
    ------
    SegPaintError
        If mask or labels do not fit its checkpoint.
    """
    document.restore(work.request)
    kept, shape = work.reference, document.checkpoint.description.image_shape
    if kept is not None and kept.mask.shape == document.mask.shape and kept.image.shape == shape:
        document.set_reference(kept)
    for index in document.table.indices:
        document.set_label(index, shown=index not in work.hidden, locked=index in work.locked)
    if work.paint_value in (*document.table.indices, BACKGROUND, FREE):
        document.paint_value = work.paint_value
    document.keeps_seed = work.keeps_seed
