"""Takes up an earlier request in a document: mask, labels, settings, and reference, as one edit."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from segpaint.core.requests.origins import (
    Counterfactual,
    CounterfactualSettings,
    Similarity,
    SimilaritySettings,
    Withheld,
    digest_of,
    is_inverted,
    level_at,
    way_of,
)
from segpaint.core.requests.request import Request
from segpaint.studio.document.document import Document, Reference
from segpaint.studio.document.past_edit import Beside
from segpaint.studio.document.settings import Purpose, Settings


@dataclass(frozen=True, eq=False)
class Terms:
    """What the next request of a document depends on, beside the mask.

    Attributes
    ----------
    used : frozenset of int
        The labels in use.
    settings, keeps_seed, reference
        See `Document`.
    """

    used: frozenset[int]
    settings: Settings
    keeps_seed: bool
    reference: Reference | None

    @classmethod
    def of(cls, document: Document) -> Terms:
        """Get those of a document as it is now."""
        return cls(frozenset(document.used), document.settings, document.keeps_seed, document.reference)

    @classmethod
    def asked_by(cls, request: Request, document: Document) -> Terms:
        """Get those under which a document would make the same request.

        Raises
        ------
        SegPaintError
            If its mask or labels do not fit the document's checkpoint.
        """
        request.check_fit(document.checkpoint.description)
        final, reference = request.final, document.reference
        settings = asked_settings(request, document.settings)
        match request.origin:
            case Counterfactual() as origin:
                reference = _reference(document, origin, origin.mask, origin.used)
            case Similarity() as origin:
                reference = _reference(document, origin, final.mask, final.used)
            case Withheld():
                reference = None  # what is open is another patient's
                settings = replace(settings, purpose=Purpose.NEW)
        return cls(frozenset(final.used), settings, True, reference)

    def differ_from(self, other: Terms) -> bool:
        """Check whether anything is different."""
        return (
            self.reference is not other.reference
            or (self.used, self.settings, self.keeps_seed) != (other.used, other.settings, other.keeps_seed)
        )  # fmt: skip

    def replace_in(self, document: Document, before: Terms) -> None:
        """Apply what differs from the terms before; the rest stays as the user has set it meanwhile."""
        for index in self.used ^ before.used:
            document.set_label(index, used=index in self.used)
        if self.reference is not before.reference:
            document.set_reference(self.reference)
        new, old = self.settings, before.settings
        changed = {
            field.name: getattr(new, field.name)
            for field in fields(Settings)
            if getattr(new, field.name) != getattr(old, field.name)
        }
        if document.reference is None:
            changed["purpose"] = Purpose.NEW
        if self.keeps_seed is not before.keeps_seed:
            document.keeps_seed = self.keeps_seed
        document.settings = replace(document.settings, **changed)
        document.settings_changed.emit()


def asked_settings(request: Request, settings: Settings) -> Settings:
    """Return settings as a request asks for them, whether or not its reference is withheld."""
    settings = replace(
        settings, seed=request.seed, guidance=request.guidance, attributes=request.attributes,
        purpose=Purpose.NEW,
    )  # fmt: skip
    origin = request.origin
    match origin.settings if isinstance(origin, Withheld) else origin:
        case CounterfactualSettings(margin=margin, way=way):
            settings = replace(settings, purpose=Purpose.EDIT, margin=margin, way=way)
        case SimilaritySettings(share=share, step=step, way=way):
            level = level_at(step, request.steps, way)
            settings = replace(settings, purpose=Purpose.NEAR, share=share, level=level, near_way=way)
    if is_inverted(origin):
        return replace(settings, edit_steps=request.steps)
    return replace(settings, sampler=request.sampler, steps=request.steps)


def purpose_of(request: Request) -> Purpose:
    """Find what an image was asked for."""
    origin = request.origin
    match origin.settings if isinstance(origin, Withheld) else origin:
        case CounterfactualSettings():
            return Purpose.EDIT
        case SimilaritySettings():
            return Purpose.NEAR
    return Purpose.NEW


class _Turn:
    """Applies the terms of a request along with its mask, and takes them back."""

    def __init__(self, document: Document, before: Terms, after: Terms, along: Beside | None = None) -> None:
        self._document: Document = weakref.proxy(document)  # see `UndoStack`
        self._before, self._after, self._along = before, after, along

    def redo(self) -> None:
        self._after.replace_in(self._document, self._before)
        if self._along is not None:
            self._along.redo()

    def undo(self) -> None:
        self._before.replace_in(self._document, self._after)
        if self._along is not None:
            self._along.undo()


def take_up(
    document: Document, request: Request, name: str, along: Beside | None = None, *, alone: bool = False
) -> Request:
    """Take up an earlier request, so that the next one makes the same image; undone in one step.

    Without the reference that it was made from, it has none; it gets the one that is open if that is the same.

    Parameters
    ----------
    name : str
        Of the edit.
    along : Beside, optional
        What is undone and redone with it, if it changes anything.
    alone : bool
        Whether a reference that is open, and has no part in the request, goes as long as this is not undone.

    Returns
    -------
    Request
        With the reference, if that is known.

    Raises
    ------
    SegPaintError
        If its mask or labels do not fit the checkpoint.
    """
    withheld, reference = request.origin, document.reference
    if isinstance(withheld, Withheld) and reference and digest_of(reference.image) == withheld.digest:
        request = request.with_reference(reference.image)
    before, after = Terms.of(document), Terms.asked_by(request, document)
    if alone and way_of(request.origin) is None:
        after = replace(after, reference=None)
    is_other = after.differ_from(before) or not np.array_equal(document.mask.values, request.final.mask)
    turn = _Turn(document, before, after, along) if is_other else None
    document.strokes.replace(request.final.mask, name, turn)
    return request


def take_over(document: Document, after: Terms, mask: NDArray[np.uint8], name: str) -> None:
    """Take over terms and a mask in one edit."""
    before = Terms.of(document)
    document.strokes.replace(mask, name, _Turn(document, before, after))


def _reference(
    document: Document, origin: Counterfactual | Similarity, mask: NDArray[np.uint8], used: tuple[int, ...]
) -> Reference:
    """Make a reference of an origin's image; one that is open already keeps its name."""
    now, made_by = document.reference, origin.made_by
    if now is None or not np.array_equal(now.image, origin.image):
        known = "from the request"
        return Reference("of the request", origin.image, mask, used, labels_from=known, made_by=made_by)
    if now.used == used and np.array_equal(now.mask, mask) and now.made_by == made_by:
        return now
    return replace(now, mask=mask, used=used, made_by=made_by)
