"""Anatomy gestures: shown on the canvas while they are being set, and kept when they are applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtWidgets import QFileDialog

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.gestures import islands
from segpaint.core.masks.interpolation import Way
from segpaint.core.masks.operations import GESTURES, Gesture, Unit
from segpaint.gui.parts.last_folder import keep_folder, last_folder
from segpaint.gui.tools.tool_commands import TOOLS
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks
from segpaint.studio.base.aside import Aside
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document

FIRST_AMOUNT = 2.0
"""Pixels, so that something is seen at once."""
HALF_WAY = 50.0
TOLD = 6000
"""Milliseconds for which the status bar says what was applied."""
IN_MILLIMETRES = "gestures/millimetres"
OF_REFERENCE = "the reference's mask"
ASK = "a file…"


@dataclass(frozen=True)
class _Road:
    """A way from a mask to the one that was chosen to turn into, or why there is none."""

    way: object
    before: NDArray[np.uint8]
    road: Way | SegPaintError


def _look_ahead(
    way: object, before: NDArray[np.uint8], known: NDArray[np.uint8] | None, table: LabelTable
) -> _Road:
    """Read a mask, if it is not known, and find the way to it; in a large one that takes half a second."""
    try:
        target = known if known is not None else read_mask(Path(str(way)), table, len(before))
    except SegPaintError as error:
        return _Road(way, before, error)
    return _Road(way, before, Way(before, target, table))


class GestureCommands(QObject):
    """Connects the commands of the Anatomy menu and the bar in which their gestures are set.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._document: Document | None = None
        self._heard = Connections()
        self._key = ""
        self._roads: dict[object, Way | SegPaintError | None] = {}  # None while it is being looked for
        self._lengths: dict[str, tuple[float, str]] = {}  # amount and way set last, by gesture
        self._pieces = 0
        self._begun_at = 0  # so many edits were made when the gesture began
        self.bar = window.gestures
        self.bar.unit.setChecked(window.preferences.chosen.gestures.millimetres)
        # A slider moves faster than a large mask is changed.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.preview)
        self._ended = QTimer(self, singleShot=True, interval=0)
        self._ended.timeout.connect(self._tell)
        self._aside = Aside(self)
        self._aside.done.connect(self._on_road)
        for key in GESTURES:
            window.commands[key].triggered.connect(partial(self.begin, key))
        for key in TOOLS:  # as in Krita, whoever takes up a tool has done with what is pending
            window.commands[key].triggered.connect(self.apply)
        self.bar.gesture_chosen.connect(self.begin)
        self.bar.changed.connect(self._soon.start)
        self.bar.way_chosen.connect(self._on_way)
        self.bar.applied.connect(self.apply)
        self.bar.cancelled.connect(self.cancel)
        self.bar.unit.toggled.connect(partial(window.preferences.set, IN_MILLIMETRES))
        window.canvas.share_keys_with(self.bar)
        window.session.document_changed.connect(self._on_document)
        window.session.closing.connect(self._let_go)
        window.session.closing.connect(self._aside.close)

    @property
    def is_under_way(self) -> bool:
        """Whether a gesture is being set."""
        return bool(self._key)

    @Slot(str)
    def begin(self, key: str, _checked: bool = False) -> None:
        """Set this gesture, by the key of its command, on the label that is chosen."""
        document = self._document
        if document is None:
            return
        self.cancel()
        gesture = GESTURES[key]
        name = "" if gesture.unit is Unit.PERCENT else document.name_of(document.paint_value)
        document.begin_stroke(gesture.name)
        self._begun_at = document.undo_stack.index()
        self._key, self._roads = key, {}
        first = {Unit.LENGTH: FIRST_AMOUNT, Unit.NUMBER: 1.0, Unit.PERCENT: HALF_WAY}[gesture.unit]
        amount, way = self._lengths.get(key, (first, ""))
        spacing = document.checkpoint.description.pixel_spacing
        self._pieces = self._count(document) if gesture.unit is Unit.NUMBER else 0
        largest = self._pieces if gesture.unit is Unit.NUMBER else gesture.largest
        self.bar.show_gesture(key, self._ways(document, gesture), largest, amount, spacing)
        self.bar.take_way(way)
        self.bar.show_label(name)
        self.bar.show()
        self._window.statusBar().clearMessage()  # how the tool is used that waits now
        self._window.canvas.put_pointer_away()
        self._on_way()
        self.bar.take_focus()

    @Slot()
    def preview(self) -> None:
        """Show on the canvas what is set."""
        document = self._document
        if not self.is_under_way or document is None or document.before_stroke is None:
            return
        before, gesture, way = document.before_stroke, GESTURES[self._key], self.bar.chosen_way
        if gesture.unit is Unit.PERCENT:
            way = self._road(document, before, way)
        if gesture.unit is Unit.PERCENT or document.paint_value in document.table:
            amount = self.bar.amount
            if gesture.unit is Unit.LENGTH:
                self._lengths[self._key] = amount, self.bar.way.currentText()
            anatomy = Anatomy(before, document.table, document.paint_value, document.locked)
            document.reshape(gesture.run(anatomy, amount, way))
        document.name_stroke(
            gesture.edit.format(
                label=document.name_of(document.paint_value),
                amount=self.bar.amount_text,
                way=self.bar.way.currentText(),
            )
        )
        self.bar.apply.setEnabled(not np.array_equal(before, document.mask.values))
        self.bar.outcome.setText(self._outcome(document, before, gesture))

    @Slot()
    def apply(self) -> None:
        """Keep what is shown, as one edit."""
        if self.is_under_way and self._document is not None:
            if self._soon.isActive():
                self.preview()
            self._document.end_stroke()

    @Slot()
    def cancel(self) -> None:
        """Leave the mask as it was."""
        if self.is_under_way and self._document is not None:
            self._document.cancel_stroke()

    # ---- what can be set

    def _ways(self, document: Document, gesture: Gesture) -> Mapping[str, object]:
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
        return int(islands(Anatomy(document.mask.values, document.table, document.paint_value)).max())

    @Slot()
    def _on_way(self) -> None:
        """Ask for a file where one is wanted; not again while the amount changes."""
        if self.bar.chosen_way == ASK:
            start = str(last_folder(self._window.preferences))
            path, _ = QFileDialog.getOpenFileName(
                self._window, "The mask to turn into", start, "Masks (*.png);;All files (*)"
            )
            if path:
                keep_folder(self._window.preferences, Path(path))
                self.bar.add_way(Path(path).name, Path(path))
        if isinstance(self._roads.get(self.bar.chosen_way), SegPaintError):
            del self._roads[self.bar.chosen_way]  # it may have been mended since
        self.preview()

    def _road(self, document: Document, before: NDArray[np.uint8], way: object) -> Way | None:
        """The way to the mask that was chosen to turn into; None while it is not known."""
        if way != ASK and way not in self._roads:
            self._roads[way] = None
            reference = document.reference
            known = reference.mask if way == OF_REFERENCE and reference is not None else None
            self._aside.start(partial(_look_ahead, way, before, known, document.table))
        road = self._roads.get(way)
        return road if isinstance(road, Way) else None

    @Slot(object)
    def _on_road(self, found: _Road) -> None:
        document = self._document
        if document is not None and document.before_stroke is found.before:
            self._roads[found.way] = found.road
            if isinstance(found.road, SegPaintError):
                self._window.messages.show_error(found.road)
            self.preview()

    # ---- what comes of it

    def _outcome(self, document: Document, before: NDArray[np.uint8], gesture: Gesture) -> str:
        values, label = document.mask.values, document.paint_value
        if gesture.unit is Unit.PERCENT:
            if self.bar.chosen_way == ASK:
                return "Choose the mask to turn into."
            road = self._roads.get(self.bar.chosen_way)
            if not isinstance(road, Way):
                return "Looking at the mask to turn into…" if road is None else "This is no mask to turn into."
            return f"{np.count_nonzero(values != before):,} pixels change"
        name = document.name_of(label)
        if label not in document.table:
            return f"Choose a label in the list: {name} has no shape of its own."
        if label in document.locked:
            return f"{name} is locked; unlock it in the list to change it."
        first, then = (np.count_nonzero(document.table.shape_of(one, label)) for one in (before, values))
        if not first:
            return f"{name} has no pixels yet; paint it first."
        if gesture.unit is Unit.NUMBER and self._pieces == 1:
            return f"{name} is in one piece, so there is no island to take."
        if np.array_equal(before, values):
            locked = ", ".join(document.name_of(other) for other in document.locked)
            return f"Nothing changes; locked: {locked}." if locked else "Nothing changes."
        spacing = document.checkpoint.description.pixel_spacing
        area = f"{first:,} → {then:,} px"
        if spacing is not None:
            area = f"{first * spacing**2:,.0f} → {then * spacing**2:,.0f} mm²"
        return f"{name}: {area}, {(then - first) / first:+.0%}".replace("%", " %")

    # ---- the document

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._let_go()
        self._document = document
        self._heard.renew(
            (document.stroke_ended, self._on_end),
            (document.paint_value_changed, self._on_label),
            (document.labels_changed, self._soon.start),  # a lock may have come or gone
        )

    @Slot()
    def _let_go(self) -> None:
        self._heard.end()
        self._document = None
        self._on_end()
        self._ended.stop()

    @Slot()
    def _on_end(self) -> None:
        """The stroke is over, by whoever."""
        self._soon.stop()
        if self.is_under_way:
            self._key = ""
            self._ended.start()
            self.bar.hide()
            self._window.canvas.setFocus()

    @Slot()
    def _tell(self) -> None:
        """Say that it was applied, if it was: a tool or a stroke does so, too. It may be undone by now."""
        stack = self._document.undo_stack if self._document is not None else None
        if stack is not None and not self.is_under_way and stack.index() > self._begun_at:
            name = stack.text(self._begun_at)
            self._window.statusBar().showMessage(f"Applied, and can be undone: {name}", TOLD)

    @Slot()
    def _on_label(self) -> None:
        """Change the label that is chosen now instead, unless it is the whole mask that changes."""
        if self.is_under_way and GESTURES[self._key].unit is not Unit.PERCENT:
            self.begin(self._key)
