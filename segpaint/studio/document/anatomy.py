"""Anatomy gestures: the mask shows them while they are set, and keeps them when they are applied."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE
from segpaint.core.masks.amounts import Change
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import count_islands
from segpaint.core.masks.interpolation import Way
from segpaint.core.masks.operations import GESTURES, Gesture, Unit
from segpaint.core.words import counted
from segpaint.paths import example_masks
from segpaint.studio.base.background import Background
from segpaint.studio.base.preferences import Preferences
from segpaint.studio.document.document import Document
from segpaint.studio.document.done_gestures import DoneGestures
from segpaint.studio.document.gesture_change import describe_change
from segpaint.studio.document.gesture_maker import Asked, GestureMaker, Made
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.document.roads import Roads

FIRST_AMOUNTS = {Unit.LENGTH: 3.0, Unit.NUMBER: 1.0, Unit.PERCENT: 50.0}
"""Large enough for a change that is seen, and judged in an edited image (see
`segpaint.core.requests.verdict.THINNEST`); lengths in pixels."""
STEPS = 2
"""Amounts that a slider offers per pixel of a length."""
IN_MILLIMETRES = "gestures/millimetres"
OF_REFERENCE = "the reference's mask"
ASK = "a file…"
NOT_YET = "{name} was not worked out yet, so the mask is as before it. Begin it again, and wait for the result."


class AnatomyDesk(QObject):
    """Sets one gesture at a time on the chosen label.

    Attributes
    ----------
    key : str
        The current gesture, see `segpaint.core.masks.operations.GESTURES`; empty if there is none.
    amount : float
        In pixels, if it is a length.
    largest : float
        The largest amount that can be set.
    ways : dict of str to object
        The ways in which it can be done, by name.
    way_name : str
        The chosen one; empty if there are none.
    outcome : str
        The result, in a sentence.
    done : DoneGestures
        Those that were applied.
    wants_millimetres : bool
        Whether lengths are shown in millimetres if the pixel size is known.
    """

    begun = Signal()
    """The mask shows a gesture to be set: the first, another one, or the same on another label."""
    changed = Signal()
    """The mask shows the gesture as set."""
    ended = Signal()
    """The gesture is over, applied or not."""
    applied = Signal(str)
    """The name of the edit that was made."""
    failed = Signal(object)
    """What is wrong: an error, or a sentence."""

    def __init__(self, opened: OpenDocument, background: Background, preferences: Preferences) -> None:
        super().__init__()
        self._opened, self._preferences = opened, preferences
        self.key, self.amount, self.largest, self.way_name, self.outcome = "", 0.0, 0.0, "", ""
        self.ways: dict[str, object] = {}
        self.wants_millimetres = preferences.chosen.gestures.millimetres
        self._roads = Roads(background)
        self._roads.found.connect(self._on_road)
        self._set_before: dict[str, tuple[float, str]] = {}  # last amount and way, by gesture
        self._pieces = 0
        self.done = DoneGestures()
        self._shown: Made | None = None
        self._maker = GestureMaker(background)
        self._maker.made.connect(self._show)
        self._then: Callable[[], object] | None = None  # once what is set is shown
        self._begun_at = 0  # number of edits when the gesture began
        # A slider moves faster than a large mask can be changed.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.preview)
        self._ended = QTimer(self, singleShot=True, interval=0)
        self._ended.timeout.connect(self._report)
        opened.stroke_ended.connect(self._on_end)
        opened.paint_value_changed.connect(self._on_label)
        opened.labels_changed.connect(self._soon.start)  # a lock may have changed
        opened.switched.connect(self._on_document)

    # ---- what is set

    @property
    def is_under_way(self) -> bool:
        """Whether a gesture is being set."""
        return bool(self.key)

    @property
    def gesture(self) -> Gesture:
        """The current gesture."""
        return GESTURES[self.key]

    @property
    def label_name(self) -> str:
        """The label that is changed; empty if it is the whole mask."""
        document = self._opened.document
        return "" if self.gesture.unit is Unit.PERCENT else document.name_of(document.paint_value)

    @property
    def way(self) -> object:
        """One of the values of `ways`, or None."""
        return self.ways.get(self.way_name)

    @property
    def millimetres(self) -> float | None:
        """Millimetres per pixel, if known."""
        return self._opened.document.pixel_spacing

    @property
    def in_millimetres(self) -> bool:
        """Whether the amount is shown in millimetres."""
        return self.gesture.unit is Unit.LENGTH and self.millimetres is not None and self.wants_millimetres

    @property
    def scale(self) -> float:
        """The number shown for an amount of 1."""
        return (self.millimetres or 1.0) if self.in_millimetres else 1.0

    @property
    def steps(self) -> int:
        """How many amounts a slider offers from one whole number to the next."""
        return STEPS if self.gesture.unit is Unit.LENGTH else 1

    @property
    def amount_text(self) -> str:
        """The amount in words, in the displayed unit; a length to the tenth."""
        if self.gesture.unit is Unit.LENGTH:
            return f"{round(self.amount * self.scale, 1):g} {'mm' if self.in_millimetres else 'px'}"
        return f"{self.amount:g}" + (" %" if self.gesture.unit is Unit.PERCENT else "")

    @property
    def changes_something(self) -> bool:
        """Whether the mask differs from its state before the gesture."""
        strokes = self._opened.document.strokes
        return strokes.before is not None and not np.array_equal(strokes.before, strokes.mask.values)

    @property
    def can_be_applied(self) -> bool:
        """Whether it changes something, as far as is known."""
        return self._maker.is_busy or self.changes_something

    # ---- setting it

    def begin(self, key: str) -> None:
        """Set this gesture on the chosen label."""
        self.cancel()
        document, gesture = self._opened.document, GESTURES[key]
        document.strokes.begin(gesture.name, is_preview=True, settle=self._settle)
        self._begun_at = document.strokes.stack.index()
        self.key, self.outcome = key, ""
        self._roads.begin(document.strokes.before)
        self._pieces = self._count(document) if gesture.unit is Unit.NUMBER else 0
        self.largest = self._pieces if gesture.unit is Unit.NUMBER else gesture.largest
        self.ways = dict(self._find_ways(document, gesture))
        amount, way = self._set_before.get(key, (FIRST_AMOUNTS[gesture.unit], ""))
        self.way_name = way if way in self.ways else next(iter(self.ways), "")
        self.amount = self._allowed(amount)
        self.preview()
        self.begun.emit()

    def set_amount(self, amount: float) -> None:
        """Set the amount: a length as it is, anything else rounded to a whole number."""
        self.amount = self._allowed(amount)
        self._soon.start()

    def set_way(self, name: str) -> None:
        """Set the way in which it is done, by its name."""
        self.way_name = name
        self._roads.look_again(self.way)
        self.preview()

    def add_file(self, path: Path) -> None:
        """Offer a file's mask as a target shape, and choose it."""
        self.ways = {path.name: path, **{name: way for name, way in self.ways.items() if name != path.name}}
        self.set_way(path.name)

    def set_millimetres(self, wanted: bool) -> None:
        """Show lengths in millimetres, or in pixels."""
        self.wants_millimetres = wanted
        self._preferences.set(IN_MILLIMETRES, wanted)
        if self.is_under_way:
            self.preview()

    def _allowed(self, amount: float) -> float:
        """Find the nearest amount that there is; a length need not be a whole number of pixels."""
        if self.gesture.unit is Unit.LENGTH:
            return min(max(amount, 0.0), self.largest)
        least = int(self.gesture.unit is Unit.NUMBER)
        return float(min(max(round(amount), least), max(round(self.largest), least)))

    @Slot()
    def preview(self) -> None:
        """Show the gesture as set in the mask: a large one follows when the gesture is made."""
        document = self._opened.document
        before = document.strokes.before
        if not self.is_under_way or before is None:
            return
        gesture, way = self.gesture, self.way
        if gesture.unit is Unit.PERCENT:
            way = self._road(document, way)
        label, locked = document.paint_value, frozenset(document.locked)
        title = gesture.edit.format(
            label=document.name_of(label), amount=self.amount_text, way=self.way_name
        )  # fmt: skip
        if gesture.unit is not Unit.PERCENT and label not in document.table:
            document.strokes.rename(title)
            self._report_outcome(document, before)
            return
        if gesture.unit is Unit.LENGTH:
            self._set_before[self.key] = self.amount, self.way_name
        change = self._described(gesture)
        asked = Asked(gesture, label, locked, self.amount, way, before, document.table, title, change)
        if self._shown is not None and self._shown.asked == asked:
            self._maker.forget()
            self._show(replace(self._shown, asked=asked))
            return
        self._maker.ask(asked)
        if self._maker.is_busy and self._shown is None:
            self.outcome = "Working out the result…"
            self.changed.emit()

    @Slot(object)
    def _show(self, made: Made) -> None:
        strokes = self._opened.document.strokes
        if not self.is_under_way or strokes.before is not made.asked.before:
            return
        self._shown = made
        strokes.reshape(made.values)
        strokes.rename(made.asked.title)
        self._report_outcome(self._opened.document, made.asked.before, made.hindrance)
        if not self._maker.is_busy and self._then is not None:
            then, self._then = self._then, None
            then()

    def _report_outcome(self, document: Document, before: NDArray[np.uint8], hindrance: str = "") -> None:
        self.outcome = self._outcome(document, before, self.gesture, hindrance)
        self.changed.emit()

    @Slot()
    def apply(self) -> None:
        """Keep the result as set, as one edit."""
        if self.is_under_way:
            if self._soon.isActive():
                self.preview()
            self._when_shown(self._opened.document.strokes.end)

    @Slot()
    def apply_change(self) -> None:
        """Keep the result as set; a gesture that changes nothing stays, and shows why."""
        self.preview()  # of the amount that was typed last
        self._when_shown(self._end_changed)

    def _end_changed(self) -> None:
        if self.changes_something:
            self._opened.document.strokes.end()

    def _when_shown(self, then: Callable[[], object]) -> None:
        if self._maker.is_busy:
            self._then = then
        else:
            then()

    def _settle(self) -> bool:
        """Show the gesture as set, if that can be done at once; or else report that it is left."""
        if self._soon.isActive():
            self.preview()
        if self._maker.is_busy:
            self.failed.emit(NOT_YET.format(name=self.gesture.name))
        return not self._maker.is_busy

    @Slot()
    def cancel(self) -> None:
        """Restore the mask."""
        if self.is_under_way:
            self._opened.document.strokes.cancel()

    def _described(self, gesture: Gesture) -> Change:
        """Describe the gesture as set, as manifests do."""
        name = f"{gesture.name.lower()} {self.way_name}".strip()
        if not gesture.largest or gesture.unit is Unit.NUMBER:
            return Change(name, self.label_name)
        amount, _, unit = self.amount_text.partition(" ")
        return Change(name, self.label_name, float(amount), unit)

    # ---- what can be set

    @staticmethod
    def _find_ways(document: Document, gesture: Gesture) -> Mapping[str, object]:
        if gesture.unit is Unit.NUMBER:
            others = [label for label in document.table.nested() if label.index != document.paint_value]
            return {
                "goes": None,
                **{f"becomes {label.name}": label.index for label in others},
                "becomes free": FREE,
            }
        if gesture.unit is Unit.PERCENT:
            examples = {path.stem: path for path in example_masks(document.checkpoint.folder)}
            reference = {} if document.reference is None else {OF_REFERENCE: OF_REFERENCE}
            return {**reference, **examples, ASK: ASK}
        return gesture.ways

    @staticmethod
    def _count(document: Document) -> int:
        if document.paint_value not in document.table:
            return 0
        return count_islands(Anatomy(document.mask.values, document.table, document.paint_value))

    def _road(self, document: Document, target: object) -> Way | None:
        """Find the way to the chosen target mask; None while it is not known."""
        if target != ASK:
            reference = document.reference
            known = reference.mask if target == OF_REFERENCE and reference is not None else None
            self._roads.look(target, known, document.table)
        road = self._roads.to(target)
        return road if isinstance(road, Way) else None

    @Slot(object)
    def _on_road(self, road: Way | SegPaintError) -> None:
        if self.is_under_way:
            if isinstance(road, SegPaintError):
                self.failed.emit(road)
            self.preview()

    # ---- what comes of it

    def _outcome(self, document: Document, before: NDArray[np.uint8], gesture: Gesture, hindrance: str) -> str:
        if gesture.unit is Unit.PERCENT:
            if self.way == ASK:
                return "Choose the mask to turn into."
            road = self._roads.to(self.way)
            if not isinstance(road, Way):
                return "Looking at the mask to turn into…" if road is None else "This is no mask to turn into."
            changed = int(np.count_nonzero(document.mask.values != before))
            return counted(changed, "pixel changes", "pixels change")
        is_whole = gesture.unit is Unit.NUMBER and self._pieces == 1
        return describe_change(document, before, self.millimetres, hindrance, is_whole=is_whole)

    # ---- the document

    @Slot()
    def _on_document(self) -> None:
        self._on_end()
        self._ended.stop()

    @Slot()
    def _on_end(self) -> None:
        """Handle the end of the stroke, whatever ended it."""
        self._soon.stop()
        self._maker.forget()
        if self.is_under_way:
            if self._shown is not None:
                asked = self._shown.asked
                self.done.note(asked.before, self._shown.values, asked.change)
            self.key, self._shown, self._then = "", None, None
            self._roads.begin(None)
            self._ended.start()
            self.ended.emit()

    @Slot()
    def _report(self) -> None:
        """Report that the gesture was applied, perhaps by a tool or a stroke; it may already be undone."""
        stack = self._opened.document.strokes.stack
        if not self.is_under_way and stack.index() > self._begun_at:
            self.applied.emit(stack.text(self._begun_at))

    @Slot()
    def _on_label(self) -> None:
        """Switch to the newly chosen label, unless the gesture changes the whole mask."""
        if self.is_under_way and self.gesture.unit is not Unit.PERCENT:
            self.begin(self.key)
