"""The reference: a real image to edit, or to approach."""

from dataclasses import replace
from functools import partial
from math import isfinite
from typing import Any

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QGridLayout, QToolButton, QWidget

from segpaint.core.pictures.compare import psnr
from segpaint.core.printable import printable
from segpaint.core.requests.origins import Counterfactual, Way, digest_of
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.references import ask_image, find_labels
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField, limits
from segpaint.gui.parts.plain import ElidingLabel, PlainLabel, plain
from segpaint.gui.parts.slider_field import SliderField
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.document.settings import Purpose
from segpaint.studio.studio import Studio
from segpaint.studio.view.patients import mixes, patient_of

THUMBNAIL = 64
MARGIN_WIDTH = 84
"""Least width of the margin, whose largest ones are longer than the column has room for."""
PURPOSES = {
    Purpose.NEW: ("A new image", "From noise; the reference plays no part"),
    Purpose.EDIT: ("The reference, edited", "The same patient with the anatomy that is painted now"),
    Purpose.NEAR: ("Near the reference", "Between an image of its own and the reference"),
}
WAYS: dict[Way, tuple[str, str]] = {
    "close-warp": (
        "Warp first",
        "The reference is warped to fit the new mask, the last steps make it real again, and its own tissue "
        "stays wherever both agree",
    ),
    "partial-inversion": (
        "From noise",
        "The reference is led back to noise under its own mask, and made anew from that; what was edited "
        "begins with fresh noise",
    ),
}
EARLIER_WAYS: dict[Way, tuple[str, str]] = {
    "detailed-warp": (
        "Warp first, with fine detail alone",
        "As earlier versions did it; coarse shapes are made anew",
    ),
    "warp": ("Warp first, without detail", "As earlier versions did it; all fine detail is made anew"),
    "exact-inversion": (
        "From its own noise alone",
        "As earlier versions did it; what was edited follows the mask less",
    ),
    "inversion": ("From noise, by small steps", "As earlier versions did it; it takes longer"),
}
"""Offered where an old request is taken up."""


class ReferencePanel(QWidget):
    """Shows the reference of the open document, and sets its purpose."""

    opened = Signal(QWidget)
    """The user has opened this part of it."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__()
        self._studio = studio
        self.purpose = Choice(toolTip="What Generate makes")
        for purpose, (name, hint) in PURPOSES.items():
            self.purpose.addItem(name, purpose)
            self.purpose.setItemData(self.purpose.count() - 1, hint, Qt.ItemDataRole.ToolTipRole)
        self.picture = PlainLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.picture.setFixedSize(THUMBNAIL, THUMBNAIL)
        self.name = ElidingLabel(elideMode=Qt.TextElideMode.ElideMiddle)
        self.likeness = PlainLabel()
        self.likeness.setToolTip("Peak signal-to-noise ratio of the finished image against the reference")
        self.open = self._button(MDI7.image_plus_outline, "Open a reference…")
        self.detect = self._button(MDI7.auto_fix, "Let the model's segmenter find the reference's labels")
        self.take = self._button(MDI7.check, "The mask painted now is the reference's own")
        self.remove = self._button(MDI7.close, "Put the reference away")
        self.keep = QCheckBox("Keep outside the edit")
        self.keep.setToolTip("Away from what was edited, every pixel is the reference's own")
        self.margin = NumberField(
            *limits(Counterfactual, "margin"), suffix=" px",
            tip="How far around the edit pixels may change; over as many more, the change fades out",
        )  # fmt: skip
        self.margin.setMinimumWidth(MARGIN_WIDTH)
        self.way = Choice(toolTip="How the reference gets its new anatomy")
        for way, words in WAYS.items():
            self._offer(way, *words)
        self.share = SliderField(
            0, 100, name="Similarity", tip="0 shares only the labels in use, 100 is the reference itself"
        )
        self.level = SliderField(
            0, 95, name="From",
            tip="When the reference comes in: early shares coarse shapes, late shares texture",
        )  # fmt: skip
        self._lay_out()
        self.purpose.currentIndexChanged.connect(self._take_purpose)
        self.keep.toggled.connect(self._take_margin)
        self.margin.valueChanged.connect(self._take_margin)
        self.way.currentIndexChanged.connect(self._take_way)
        self.share.valueChanged.connect(partial(self._take_percent, "share"))
        self.level.valueChanged.connect(partial(self._take_percent, "level"))
        self.open.clicked.connect(partial(ask_image, studio, shell))
        self.detect.clicked.connect(partial(find_labels, studio, shell))
        self.take.clicked.connect(self._take_mask)
        self.remove.clicked.connect(self._remove)
        opened = studio.opened
        for change in (opened.switched, opened.settings_changed):
            change.connect(self.show_reference)
        opened.reference_changed.connect(self._on_reference)
        for change in (studio.runs.state_changed, studio.runs.frame_changed, studio.runs.branches_changed):
            change.connect(self._show_likeness)

    def _offer(self, way: Way, name: str, hint: str) -> None:
        self.way.addItem(name, way)
        self.way.setItemData(self.way.count() - 1, hint, Qt.ItemDataRole.ToolTipRole)

    def _button(self, glyph: str, tooltip: str) -> QToolButton:
        button = QToolButton(icon=icon(glyph), toolTip=tooltip, iconSize=QSize(18, 18))
        button.setAccessibleName(tooltip)
        button.setMinimumHeight(3 * SPACE)  # a long name beside the picture must not squash it
        return button

    def _lay_out(self) -> None:
        buttons = self.detect, self.take, self.remove, self.open
        heading = in_row(PlainLabel("Reference", objectName="heading"), None, *buttons, spacing=SPACE // 2)
        named = in_row(self.name, self.likeness, stretched=self.name, spacing=SPACE)
        words = in_column(None, named, self.purpose, None, spacing=SPACE // 2)
        self.shown, self.edit, self.near = QWidget(self), QWidget(self), QWidget(self)
        in_row(self.picture, words, of=self.shown, stretched=words)
        kept = in_row(self.keep, self.margin, stretched=self.keep)
        in_column(self.way, kept, of=self.edit, spacing=SPACE // 2)
        near = QGridLayout(self.near)
        near.setContentsMargins(0, 0, 0, 0)
        for row, (name, field) in enumerate((("Similarity", self.share), ("From", self.level))):
            near.addWidget(PlainLabel(name), row, 0)
            near.addWidget(field, row, 1)
        in_column(heading, self.shown, self.edit, self.near, of=self, spacing=SPACE // 2)

    @Slot()
    def _on_reference(self) -> None:
        was_hidden = self.shown.isHidden()
        self.show_reference()
        if was_hidden and not self.shown.isHidden():
            self.opened.emit(self.shown)

    @Slot()
    def show_reference(self) -> None:
        """Show the reference of the open document, or that there is none."""
        reference, settings = self._studio.document.reference, self._studio.document.settings
        purpose = settings.purpose
        for part in (self.shown, self.detect, self.take, self.remove):
            part.setVisible(reference is not None)
        self.edit.setVisible(purpose is Purpose.EDIT)
        self.near.setVisible(purpose is Purpose.NEAR)
        with (
            QSignalBlocker(self.purpose), QSignalBlocker(self.keep), QSignalBlocker(self.margin),
            QSignalBlocker(self.share), QSignalBlocker(self.level), QSignalBlocker(self.way),
        ):  # fmt: skip
            self.purpose.setCurrentIndex(self.purpose.findData(purpose))
            if self.way.findData(settings.way) < 0:
                self._offer(settings.way, *EARLIER_WAYS[settings.way])
            self.way.setCurrentIndex(self.way.findData(settings.way))
            self.keep.setChecked(settings.margin is not None)
            self.margin.setEnabled(settings.margin is not None)
            if settings.margin is not None:
                self.margin.setValue(settings.margin)
            self.share.setValue(round(100 * settings.share))
            self.level.setValue(round(100 * settings.level))
        if reference is not None:
            self.name.setText(reference.name)
            lines = reference.name, reference.about_labels
            about = plain("\n".join(printable(line, lines=False) for line in lines if line))
            self.name.setToolTip(about)
            self.picture.setToolTip(about)
            self.picture.setPixmap(to_pixmap(reference.image, THUMBNAIL, self.devicePixelRatio()))
        self._show_likeness()

    @Slot()
    def _show_likeness(self) -> None:
        result, reference = self._studio.runs.trajectory.result, self._studio.document.reference
        patient = patient_of(self._studio.runs.request)
        if result is None or reference is None or patient is None or mixes(patient, digest_of(reference.image)):
            self.likeness.clear()
            return
        decibels = psnr(result.noisy, reference.image)
        self.likeness.setText(f"PSNR {decibels:.1f} dB" if isfinite(decibels) else "identical")

    def _take(self, **change: Any) -> None:
        """Change one setting; the others may be finer than their fields show."""
        document = self._studio.document
        document.change_settings(replace(document.settings, **change))

    @Slot()
    def _take_purpose(self) -> None:
        self._take(purpose=self.purpose.currentData())
        for part in (self.edit, self.near):
            if not part.isHidden():
                self.opened.emit(part)

    @Slot()
    def _take_margin(self) -> None:
        self._take(margin=self.margin.value() if self.keep.isChecked() else None)

    @Slot()
    def _take_way(self) -> None:
        self._take(way=self.way.currentData())

    def _take_percent(self, name: str, percent: int) -> None:
        self._take(**{name: percent / 100})

    @Slot()
    def _take_mask(self) -> None:
        document = self._studio.document
        if document.reference is not None:
            mask = document.mask.snapshot()
            painted = replace(
                document.reference, mask=mask, used=document.used, is_found=False, labels_from="painted here"
            )
            document.set_reference(painted)

    @Slot()
    def _remove(self) -> None:
        self._studio.document.set_reference(None)
