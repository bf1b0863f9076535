"""The bar in which an anatomy gesture is set: by how much, in which way; and what comes of it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
)

from segpaint.core.masks.operations import GESTURES, Unit
from segpaint.gui.style.theme import SPACE

APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
WIDEST_WAY = 184
"""So that even the smallest window has room for the slider, however long a file's name is."""
STEPS = 2
"""Of a slider, to a pixel."""


class GestureBar(QFrame):
    """Lies over the lower edge of the panes while a gesture is under way."""

    changed = Signal()
    """Another amount is set."""
    way_chosen = Signal()
    gesture_chosen = Signal(str)
    """The key of another gesture."""
    applied = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__(objectName="gesture")
        self._millimetres: float | None = None
        self._unit = Unit.LENGTH
        self.gesture = QComboBox(accessibleName="Gesture")
        for key, gesture in GESTURES.items():
            self.gesture.addItem(gesture.name, key)
        self.label = QLabel()
        self.way = QComboBox(accessibleName="In which way")
        self.way.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.way.setMaximumWidth(WIDEST_WAY)
        self.slider = QSlider(Qt.Orientation.Horizontal, accessibleName="Amount")
        self.box = QDoubleSpinBox(minimum=0, singleStep=0.5, accessibleName="Amount")
        self.box.setMinimumWidth(84)
        self.unit = QToolButton(toolTip="Millimetres or pixels", checkable=True)
        self.outcome = QLabel(objectName="heading")
        self.apply = QPushButton("Apply", objectName="primary", toolTip="Keep it as one edit (Return)")
        self.cancel = QPushButton("Cancel", toolTip="Leave the mask as it was (Escape)")
        self._lay_out()
        self.hide()
        self.gesture.activated.connect(self._on_gesture)
        self.way.activated.connect(self.way_chosen)
        self.slider.valueChanged.connect(self._on_slider)
        self.box.valueChanged.connect(self._on_box)
        self.box.editingFinished.connect(self._on_typed)
        self.unit.toggled.connect(self._on_unit)
        self.apply.clicked.connect(self.applied)
        self.cancel.clicked.connect(self.cancelled)

    def _lay_out(self) -> None:
        upper, lower = QHBoxLayout(), QHBoxLayout()
        for widget in (self.gesture, self.label, self.way, self.slider, self.box, self.unit):
            upper.addWidget(widget, int(widget is self.slider))
        lower.addWidget(self.outcome, 1)
        lower.addWidget(self.cancel)
        lower.addWidget(self.apply)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        for row in (upper, lower):
            row.setSpacing(SPACE)
            layout.addLayout(row)

    # ---- what it shows

    def show_gesture(
        self, key: str, ways: Mapping[str, object], largest: float, amount: float, millimetres: float | None
    ) -> None:
        """Set another gesture from now on.

        Parameters
        ----------
        key : str
            Of its command.
        ways : mapping of str to object
            In which it can be done.
        largest, amount : float
            The largest amount, and the one to begin with; lengths in pixels.
        millimetres : float or None
            Per pixel, where they are known.
        """
        gesture = GESTURES[key]
        self._millimetres, self._unit = millimetres, gesture.unit
        self.gesture.setCurrentIndex(self.gesture.findData(key))
        with QSignalBlocker(self.way):
            self.way.clear()
            for name, way in ways.items():
                self.way.addItem(name, way)
        self.way.setVisible(bool(ways))
        for part in (self.slider, self.box):
            part.setVisible(gesture.largest > 0)
        self.unit.setVisible(gesture.unit is Unit.LENGTH and gesture.largest > 0 and millimetres is not None)
        with QSignalBlocker(self.slider):
            # Of what has no length, each step is one.
            self.slider.setRange(int(gesture.unit is Unit.NUMBER), round(largest * self._steps))
        self._show_amount(amount)

    def show_label(self, name: str) -> None:
        """Name what is changed."""
        self.label.setText(name)
        self.label.setVisible(bool(name))

    def add_way(self, name: str, way: object) -> None:
        """Offer another way, and take it."""
        with QSignalBlocker(self.way):
            for place in reversed(range(self.way.count())):
                if self.way.itemData(place) == way:
                    self.way.removeItem(place)
            self.way.insertItem(0, name, way)
            self.way.setCurrentIndex(0)

    def take_way(self, name: str) -> None:
        """Take one of the ways by its name, if there is such a one."""
        if self.way.findText(name) >= 0:
            self.way.setCurrentText(name)

    def take_focus(self) -> None:
        """Let the keys come to the amount or, where there is none, to what can be pressed."""
        if not self.box.isHidden():
            self.box.setFocus()
        else:
            (self.apply if self.apply.isEnabled() else self.cancel).setFocus()

    @property
    def amount(self) -> float:
        """In pixels, if it is a length."""
        return self.slider.value() / self._steps

    @property
    def amount_text(self) -> str:
        """The amount in words, in the unit that is shown; a length to the tenth."""
        if self._unit is Unit.LENGTH:
            return f"{round(self.amount * self._scale, 1):g} {'mm' if self._in_millimetres else 'px'}"
        return f"{self.amount:g}" + (" %" if self._unit is Unit.PERCENT else "")

    @property
    def chosen_way(self) -> object:
        """One of the ways given, or None."""
        return self.way.currentData()

    @property
    def _steps(self) -> int:
        return STEPS if self._unit is Unit.LENGTH else 1

    @property
    def _in_millimetres(self) -> bool:
        return self._unit is Unit.LENGTH and self._millimetres is not None and self.unit.isChecked()

    @property
    def _scale(self) -> float:
        """What is shown for a pixel."""
        return self._millimetres if self._in_millimetres else 1.0

    def _show_amount(self, amount: float) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.box):
            self.slider.setValue(round(amount * self._steps))
            self.unit.setText("mm" if self.unit.isChecked() else "px")
            self.box.setDecimals(1 if self._unit is Unit.LENGTH else 0)
            self.box.setSuffix(" %" if self._unit is Unit.PERCENT else "")
            self.box.setSingleStep(self._scale / self._steps)
            self.box.setRange(self.slider.minimum(), self.slider.maximum() / self._steps * self._scale)
            self.box.setValue(self.amount * self._scale)

    # ---- the hand

    @Slot(int)
    def _on_gesture(self, _place: int) -> None:
        self.gesture_chosen.emit(self.gesture.currentData())

    @Slot(int)
    def _on_slider(self, _value: int) -> None:
        self._show_amount(self.amount)
        self.changed.emit()

    @Slot(float)
    def _on_box(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round(value / self._scale * self._steps))
        self.changed.emit()

    @Slot()
    def _on_typed(self) -> None:
        """Show the amount that is taken, which is a step of the slider."""
        self._show_amount(self.amount)

    @Slot(bool)
    def _on_unit(self, _millimetres: bool) -> None:
        self._show_amount(self.amount)

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key is meant for it, even if it is some command's."""
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        return self.isVisible() and plain and event.key() in (*APPLY, Qt.Key.Key_Escape)

    def key(self, event: QKeyEvent) -> None:
        """A key that it wanted went down."""
        (self.applied if event.key() in APPLY else self.cancelled).emit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and self.wants(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self.wants(event):
            self.key(event)
        else:
            super().keyPressEvent(event)
