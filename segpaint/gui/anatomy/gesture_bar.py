"""The bar in which an anatomy gesture's amount and way are set and its result is shown."""

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QComboBox, QPushButton, QToolButton

from segpaint.core.masks.operations import GESTURES, Unit
from segpaint.gui.commands.shell import Shell
from segpaint.gui.parts.key_bar import KeyBar
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.wheel import Choice, Slider
from segpaint.gui.style.theme import SPACE
from segpaint.studio.document.anatomy import ASK
from segpaint.studio.studio import Studio

WIDEST_WAY = 184
"""Leaves room for the slider in the smallest window, even beside a long file name."""


class GestureBar(KeyBar):
    """Lies over the lower edge of the panes while a gesture is being set."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__(objectName="gesture")
        self._desk, self._shell = studio.anatomy, shell
        self.gesture = Choice(accessibleName="Gesture")
        for key, gesture in GESTURES.items():
            self.gesture.addItem(gesture.name, key)
        self.label = PlainLabel()
        self.way = Choice(accessibleName="In which way")
        self.way.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.way.setMaximumWidth(WIDEST_WAY)
        self.slider = Slider(Qt.Orientation.Horizontal, accessibleName="Amount")
        self.box = NumberField(0, 99, decimals=1, name="Amount")
        self.box.setMinimumWidth(84)
        self.unit = QToolButton(toolTip="Millimetres or pixels", checkable=True)
        self.unit.setChecked(self._desk.wants_millimetres)
        self.outcome = PlainLabel(objectName="heading")
        self.apply = QPushButton("Apply", objectName="primary", toolTip="Keep it as one edit (Return)")
        self.cancel = QPushButton("Cancel", toolTip="Leave the mask as it was (Escape)")
        self._lay_out()
        self.hide()
        self.gesture.activated.connect(self._on_gesture)
        self.way.activated.connect(self._on_way)
        self.slider.valueChanged.connect(self._on_slider)
        self.box.valueChanged.connect(self._on_box)
        self.box.editingFinished.connect(self._show_amount)  # the amount that is taken
        self.unit.toggled.connect(self._on_unit)
        self.apply.clicked.connect(self._desk.apply_change)
        self.cancel.clicked.connect(self._desk.cancel)
        self._desk.begun.connect(self._on_begun)
        self._desk.changed.connect(self._show)
        self._desk.ended.connect(self.hide)
        self._desk.applied.connect(self._on_applied)
        self._desk.failed.connect(shell.warn)

    def _lay_out(self) -> None:
        parts = self.gesture, self.label, self.way, self.slider, self.box, self.unit
        upper = in_row(*parts, stretched=self.slider, spacing=SPACE)
        lower = in_row(self.outcome, self.cancel, self.apply, stretched=self.outcome, spacing=SPACE)
        in_column(upper, lower, of=self, spacing=SPACE, margins=SPACE)

    # ---- display

    @Slot()
    def _on_begun(self) -> None:
        desk = self._desk
        has_amount = desk.gesture.largest > 0
        self.gesture.setCurrentIndex(self.gesture.findData(desk.key))
        self.label.setText(desk.label_name)
        self.label.setVisible(bool(desk.label_name))
        self.way.setVisible(bool(desk.ways))
        self.slider.setVisible(has_amount)
        self.box.setVisible(has_amount)
        is_length = desk.gesture.unit is Unit.LENGTH
        self.unit.setVisible(is_length and has_amount and desk.millimetres is not None)
        self._show_amount()
        self.show()
        self._shell.say("")  # clears the usage of the tool that is interrupted
        self._ask_file()
        if has_amount:
            self.box.setFocus()
            self.box.selectAll()  # what is typed takes the place of the number
        else:
            (self.apply if self.apply.isEnabled() else self.cancel).setFocus()

    @Slot()
    def _show(self) -> None:
        desk = self._desk
        if [self.way.itemText(place) for place in range(self.way.count())] != list(desk.ways):
            self.way.clear()
            self.way.addItems(list(desk.ways))
        self.way.setCurrentText(desk.way_name)
        if self.slider.value() != round(desk.amount * desk.steps):
            self._show_amount()
        self.apply.setEnabled(desk.can_be_applied)
        self.outcome.setText(desk.outcome)

    @Slot()
    def _show_amount(self) -> None:
        desk = self._desk
        if not desk.is_under_way:
            return
        unit = desk.gesture.unit
        with QSignalBlocker(self.slider), QSignalBlocker(self.box):
            self.slider.setRange(int(unit is Unit.NUMBER), round(desk.largest * desk.steps))
            self.slider.setValue(round(desk.amount * desk.steps))
            self.unit.setText("mm" if desk.wants_millimetres else "px")
            self.box.setDecimals(1 if unit is Unit.LENGTH else 0)
            self.box.setSuffix(" %" if unit is Unit.PERCENT else "")
            self.box.setSingleStep(desk.scale / desk.steps)
            self.box.setRange(self.slider.minimum(), self.slider.maximum() / desk.steps * desk.scale)
            self.box.setValue(desk.amount * desk.scale)

    @Slot(str)
    def _on_applied(self, name: str) -> None:
        self._shell.say(f"Applied, and can be undone: {name}")

    # ---- input

    @Slot(int)
    def _on_gesture(self, _place: int) -> None:
        self._desk.begin(self.gesture.currentData())

    @Slot(int)
    def _on_way(self, place: int) -> None:
        self._desk.set_way(self.way.itemText(place))
        self._ask_file()

    def _ask_file(self) -> None:
        """Ask for a file if one is needed; not again while the amount changes."""
        if self._desk.way == ASK:
            path = self._shell.ask_file("The mask to turn into", "Masks (*.png);;All files (*)")
            if path is not None:
                self._desk.add_file(path)

    @Slot(int)
    def _on_slider(self, value: int) -> None:
        if self._desk.is_under_way:  # the hand may still hold the slider when the gesture has ended
            self._desk.set_amount(value / self._desk.steps)
            self._show_amount()

    @Slot(float)
    def _on_box(self, value: float) -> None:
        """Leave the box unchanged, so that the number does not jump during typing."""
        if self._desk.is_under_way:
            self._desk.set_amount(value / self._desk.scale)
            with QSignalBlocker(self.slider):
                self.slider.setValue(round(self._desk.amount * self._desk.steps))

    @Slot(bool)
    def _on_unit(self, millimetres: bool) -> None:
        self._desk.set_millimetres(millimetres)
        self._show_amount()

    def apply_it(self) -> None:
        """Apply the gesture; one that changes nothing stays, and shows why."""
        self._desk.apply_change()

    def leave_it(self) -> None:
        """Cancel the gesture."""
        self._desk.cancel()
