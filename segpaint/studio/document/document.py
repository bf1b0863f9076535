"""The open document: a mask with its undo stack, and the settings of labels and request."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.masks.mask import Mask
from segpaint.core.masks.paint import Footprint, PaintOver, brush_rule, eraser_rule
from segpaint.core.printable import printable
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.core.requests.frozen import FrozenImage, FrozenMask
from segpaint.core.requests.origins import WARPS, Counterfactual, Similarity, step_at
from segpaint.core.requests.request import Precision, Request, Stage
from segpaint.core.requests.sampling import FEW_STEPS
from segpaint.studio.document.settings import Purpose, Settings
from segpaint.studio.document.strokes import Strokes


@dataclass(frozen=True)
class LabelState:
    """A label's three switches.

    Attributes
    ----------
    shown : bool
        Drawn on the canvas.
    used : bool
        Part of the conditioning; otherwise the label is ablated.
    locked : bool
        Not painted over.
    """

    shown: bool = True
    used: bool = True
    locked: bool = False


@dataclass(frozen=True)
class Reference:
    """A real image and the mask that describes it.

    Attributes
    ----------
    image : ndarray of uint8, shape (size, size) or (size, size, 3)
    mask : ndarray of uint8, shape (size, size)
    used : tuple of int
        The labels that the mask covers.
    is_resampled : bool
        Whether its file has another size, so that nobody knows how wide its pixels are now.
    pixel_spacing : float or None
        Millimetres of its pixels, where its file gives them; otherwise they are the checkpoint's.
    path : str
        The file that it was opened from; empty if there is none.
    is_found : bool
        Whether a segmenter found its labels.
    labels_from : str
        Where its labels come from, such as "from heart_mask.png", for the user; empty if that is not known.
    is_slice : bool
        Whether it is what a frame holds of a slice, and the path that of the scan.
    made_by : str
        Name of the model that made it from a mask, by its file; empty if it shows a patient, or nobody knows.
    """

    name: str
    image: FrozenImage
    mask: FrozenMask
    used: tuple[int, ...]
    is_resampled: bool = False
    pixel_spacing: float | None = None
    path: str = ""
    is_found: bool = False
    labels_from: str = ""
    is_slice: bool = False
    made_by: str = ""

    @property
    def about_labels(self) -> str:
        """A sentence on where its labels come from; empty if that is not known."""
        if not self.used:
            return "It has no labels yet."
        if self.is_found:
            return "Its labels: found by the model's segmenter."
        return f"Its labels: {self.labels_from}." if self.labels_from else ""

    @property
    def edit(self) -> str:
        """The name of the edit by which its mask replaced the painted one."""
        return printable(f"Open reference {self.name}")

    @cached_property
    def intensities(self) -> NDArray[np.uint8]:
        """The grey values of its pixels; shape (size, size)."""
        return self.image if self.image.ndim == 2 else self.image.mean(axis=2).round().astype(np.uint8)


class Document(QObject):
    """The mask painted for a checkpoint, and the settings of labels and request.

    Parameters
    ----------
    values : ndarray of uint8, shape (size, size), optional
        The mask to begin with; blank if left out.
    """

    labels_changed = Signal()
    settings_changed = Signal()
    paint_value_changed = Signal(int)
    reference_changed = Signal()

    def __init__(self, checkpoint: Checkpoint, values: NDArray[np.uint8] | None = None) -> None:
        description = checkpoint.description
        size = description.size
        super().__init__()
        self.strokes = Strokes(np.zeros((size, size), np.uint8) if values is None else values)
        """The mask itself, with its undo stack."""
        self.checkpoint = checkpoint
        self.table = checkpoint.table
        self.settings = Settings(description.sampler, description.steps, guidance=description.guidance)
        self._labels = {index: LabelState() for index in self.table.indices}
        self._paint_value = self.table.indices[0] if len(self.table) else FREE
        self.last_paint_value = self._paint_value
        """The value painted before another label was chosen."""
        self._reference: Reference | None = None
        self.keeps_seed = True
        """Whether the next request uses the same seed again instead of a new one."""
        self.paint_over = PaintOver.EVERYTHING
        self.chosen: frozenset[int] = frozenset()
        """The mask values that may be painted over, for `PaintOver.CHOSEN`."""

    @property
    def mask(self) -> Mask:
        """The mask being painted."""
        return self.strokes.mask

    # ---- labels

    @property
    def paintable(self) -> tuple[int, ...]:
        """Mask values in the order of the label list: labels below those they lie inside, free, background."""
        return (*(label.index for label in self.table.nested()), FREE, BACKGROUND)

    @property
    def paint_value(self) -> int:
        """The value that the brush paints: a label index, 0 or 255."""
        return self._paint_value

    @paint_value.setter
    def paint_value(self, value: int) -> None:
        if value != self._paint_value:
            self.last_paint_value, self._paint_value = self._paint_value, value
            self.paint_value_changed.emit(value)

    def name_of(self, value: int) -> str:
        """Name a mask value."""
        if value in self.table:
            return self.table[value].name
        return "free" if value == FREE else "background"

    def label_state(self, index: int) -> LabelState:
        """Get the switches of a label."""
        return self._labels[index]

    def set_label(self, index: int, **switches: bool) -> None:
        """Set some of a label's switches by name, see `LabelState`."""
        state = replace(self._labels[index], **switches)
        if state != self._labels[index]:
            self._labels[index] = state
            self.labels_changed.emit()

    def set_colors(self, colors: Mapping[int, str]) -> None:
        """Show labels in these colours; those without one get the checkpoint's.

        Parameters
        ----------
        colors : mapping of int to str
            "#rrggbb" by label index.
        """
        table = self.checkpoint.table.recolored(colors)
        if table != self.table:
            self.table = table
            self.labels_changed.emit()

    @property
    def used(self) -> tuple[int, ...]:
        """The labels in use, in table order."""
        return tuple(index for index, state in self._labels.items() if state.used)

    @property
    def locked(self) -> tuple[int, ...]:
        """The labels that are not painted over."""
        return tuple(index for index, state in self._labels.items() if state.locked)

    # ---- painting

    def set_paint_over(self, over: PaintOver, chosen: Collection[int] = ()) -> None:
        """Set what strokes may cover.

        Parameters
        ----------
        chosen : collection of int
            Mask values, for `PaintOver.CHOSEN`.
        """
        if (over, frozenset(chosen)) != (self.paint_over, self.chosen):
            self.paint_over, self.chosen = over, frozenset(chosen)
            self.labels_changed.emit()

    def rule(self, *, erase: bool = False, label: int | None = None) -> NDArray[np.uint8]:
        """Map each mask value to what a stroke makes of it, see `segpaint.core.masks.paint`; shape (256,).

        Parameters
        ----------
        label : int, optional
            What is painted, or all that is erased; by default the value that the brush paints, or everything.
        """
        painted = self._paint_value if label is None else label
        if not erase:
            return brush_rule(painted, self.locked, self.paint_over.values(self.chosen))
        erasable = self.paint_over.erasable(self.chosen, painted)
        if label is not None:
            erasable = {label} & set(erasable)
        return eraser_rule(self.table, self.locked, erasable)

    def holds(self, value: int, *, erase: bool = False, label: int | None = None) -> bool:
        """Check whether a stroke keeps this mask value, because it is locked or not to be covered."""
        painted = self._paint_value if label is None else label
        wanted = int(self.table.erased()[value]) if erase else painted
        return value in self.locked or int(self.rule(erase=erase, label=label)[value]) != wanted

    def paint(self, footprint: Footprint, *, erase: bool = False, label: int | None = None) -> None:
        """Paint with the current value or a label, or erase; only within a stroke; see `rule`."""
        self.strokes.send_through(footprint, self.rule(erase=erase, label=label))

    # ---- reference

    @property
    def reference(self) -> Reference | None:
        """The real image to edit or to approach."""
        return self._reference

    def set_reference(self, reference: Reference | None) -> None:
        """Replace the reference, or remove it."""
        self._reference = reference
        if reference is None:
            self.change_settings(replace(self.settings, purpose=Purpose.NEW))
        self.reference_changed.emit()

    # ---- request

    def draw_seed(self) -> None:
        """Draw a new random seed."""
        self.change_settings(replace(self.settings, seed=secrets.randbelow(2**31)))

    def change_settings(self, settings: Settings) -> None:
        """Replace the settings of the next request; what the sampler does not take, by the nearest."""
        fitted = settings.fitted(self.settings)
        if fitted != self.settings or fitted != settings:
            self.settings = fitted
            self.settings_changed.emit()

    @property
    def steps(self) -> int:
        """Denoising steps of the next request."""
        return self.settings.edit_steps if self.inverts else self.settings.steps

    def request(self, precision: Precision, most: int | None = None) -> Request:
        """Make the request for the document's current state, with a copy of the mask.

        Parameters
        ----------
        precision : {"float32", "bfloat16"}
        most : int, optional
            Steps at most, for an image that is wanted soon: in few long steps, where the checkpoint can take
            them. By default, sampler and steps are those that are set.

        Raises
        ------
        SegPaintError
            If the checkpoint can no longer be read, see `Checkpoint.fingerprint`.
        """
        draft = self.draft(precision, most)
        return draft.model_copy(update=self.checkpoint.signature(draft.sampler))

    def stage(self, step: int) -> Stage:
        """Copy the current mask and labels, to be followed from a step on."""
        return Stage(step=step, used=self.used, mask=self.mask.snapshot())

    def draft(self, precision: Precision, most: int | None = None) -> Request:
        """Make the request with an empty fingerprint, which may take seconds to compute."""
        sampler, steps = self._pace(most)
        return Request(
            checkpoint=self.checkpoint.folder.resolve().name,
            fingerprint="",
            used=self.used,
            sampler=sampler,
            steps=steps,
            seed=self.settings.seed,
            guidance=self.settings.guidance,
            attributes=self.settings.attributes,
            precision=precision,
            mask=self.mask.snapshot(),
            origin=self._origin(steps),
        )

    def _pace(self, most: int | None) -> tuple[str, int]:
        """Choose sampler and steps, see `request`."""
        steps = self.steps if most is None else most
        if self.inverts:
            return "ddim", steps
        if most is None or not self.drafts_in_few_steps:
            return self.settings.sampler, steps
        return FEW_STEPS.name, max(count for count in FEW_STEPS.counts if count <= min(most, FEW_STEPS.usual))

    @property
    def drafts_in_few_steps(self) -> bool:
        """Whether the checkpoint makes drafts in few long steps, with the guidance that is set."""
        known = FEW_STEPS in self.checkpoint.samplers and not self.inverts
        return known and not FEW_STEPS.hindrance(FEW_STEPS.usual, self.settings.guidance)

    @property
    def pixel_spacing(self) -> float | None:
        """Millimetres per pixel: of the reference, or the checkpoint's; None over one that was resampled."""
        reference = self._reference
        if reference is not None and (reference.is_resampled or reference.pixel_spacing is not None):
            return reference.pixel_spacing
        return self.checkpoint.description.pixel_spacing

    @property
    def is_near(self) -> bool:
        """Whether the next image comes near to the reference."""
        return self._purpose is Purpose.NEAR

    @property
    def inverts(self) -> bool:
        """Whether the next image begins with a reference that is led back to noise."""
        return self.is_near or (self._purpose is Purpose.EDIT and self.settings.way not in WARPS)

    @property
    def _purpose(self) -> Purpose:
        return Purpose.NEW if self._reference is None else self.settings.purpose

    def _origin(self, steps: int) -> Counterfactual | Similarity | None:
        reference, settings = self._reference, self.settings
        if reference is None or self._purpose is Purpose.NEW:
            return None
        if self._purpose is Purpose.EDIT:
            return Counterfactual(
                image=reference.image, mask=reference.mask, used=reference.used, margin=settings.margin,
                way=settings.way, made_by=reference.made_by,
            )  # fmt: skip
        way = settings.near_way
        step = step_at(settings.level, steps, way)
        return Similarity(
            image=reference.image, share=settings.share, step=step, way=way, made_by=reference.made_by
        )
