"""The settings of the next request: sampler, steps, guidance, seed."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Qt, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QGridLayout, QToolButton, QWidget

from segpaint.core.requests.request import Request
from segpaint.core.requests.sampling import Sampler, find_sampler
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField, limits
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.studio import Studio

SEED_WIDTH, SHORT_WIDTH = 96, 58
"""Least width of the seed, whose largest ones are longer than the column has room for, and of short numbers."""


class RequestPanel(QWidget):
    """Edits the settings of the open document."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self.sampler = Choice(toolTip="How the noise is removed")
        self.steps = NumberField(*limits(Request, "steps"), tip="Denoising steps: more are finer and slower")
        self.guidance = NumberField(
            *limits(Request, "guidance"), step=0.25, decimals=2,
            tip="How hard the image is pulled towards the mask; 1 is off, 2 is strong, and costs double",
        )  # fmt: skip
        self.seed = NumberField(*limits(Request, "seed"), tip="The same seed and mask make the same image")
        self.seed.setMinimumWidth(SEED_WIDTH)
        for short in (self.steps, self.guidance):
            short.setMinimumWidth(SHORT_WIDTH)
        self.seed.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.dice = QToolButton(icon=icon(MDI7.dice_5_outline), toolTip="Draw another seed")
        self.lock = QToolButton(
            icon=icon(MDI7.lock_outline), checkable=True,
            toolTip="Keep the seed; off, each new run draws another",
        )  # fmt: skip
        for button in (self.dice, self.lock):
            button.setIconSize(QSize(18, 18))
        seed_row = in_row(self.seed, self.dice, self.lock, stretched=self.seed, spacing=SPACE // 2)
        form = QGridLayout()
        form.setHorizontalSpacing(SPACE)
        form.setVerticalSpacing(SPACE // 2)
        for column in (1, 3):
            form.setColumnStretch(column, 1)
        # The short fields share a row, since the column has to show the labels, too.
        rows = (
            (("Sampler", self.sampler),),
            (("Steps", self.steps), ("Guidance", self.guidance)),
            (("Seed", self.seed),),
        )
        for row, fields in enumerate(rows):
            for place, (name, field) in enumerate(fields):
                caption = PlainLabel(name)
                caption.setBuddy(field)
                form.addWidget(caption, row, 2 * place)
                wide = 3 if len(fields) == 1 else 1
                if field is self.seed:
                    form.addLayout(seed_row, row, 1, 1, wide)
                else:
                    form.addWidget(field, row, 2 * place + 1, 1, wide)
        in_column(PlainLabel("Request", objectName="heading"), form, of=self)
        self.sampler.currentIndexChanged.connect(self._take_sampler)
        self.steps.valueChanged.connect(self._take_steps)
        self.guidance.valueChanged.connect(partial(self._take, "guidance"))
        self.seed.valueChanged.connect(partial(self._take, "seed"))
        self.lock.toggled.connect(self._on_lock)
        self.dice.clicked.connect(self._draw_seed)
        studio.opened.switched.connect(self._show)
        studio.opened.settings_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        document = self._studio.document
        settings, description = document.settings, document.checkpoint.description
        with QSignalBlocker(self.sampler), QSignalBlocker(self.steps):
            self._offer(document.checkpoint.samplers, settings.sampler)
            inverts = document.inverts
            self.sampler.setCurrentIndex(self.sampler.findData("ddim" if inverts else settings.sampler))
            self.sampler.setEnabled(not inverts)
            self.steps.setValue(document.steps)
        with QSignalBlocker(self.guidance), QSignalBlocker(self.seed), QSignalBlocker(self.lock):
            self.guidance.setValue(settings.guidance)
            self.guidance.setEnabled(description.ablation_trained and not description.ignores_mask)
            self.seed.setValue(settings.seed)
            self.lock.setChecked(document.keeps_seed)

    def _offer(self, samplers: Sequence[Sampler], current: str) -> None:
        """List the samplers of the open checkpoint, and the one that is set, which it may lack."""
        if all(sampler.name != current for sampler in samplers):
            samplers = [find_sampler(current), *samplers]
        names = [sampler.name for sampler in samplers]
        if names == [self.sampler.itemData(place) for place in range(self.sampler.count())]:
            return
        self.sampler.clear()
        for sampler in samplers:
            self.sampler.addItem(sampler.title, sampler.name)
            self.sampler.setItemData(self.sampler.count() - 1, sampler.hint, Qt.ItemDataRole.ToolTipRole)

    def _take(self, name: str, value: Any) -> None:
        """Change one setting; the others may be finer than their fields show."""
        document = self._studio.document
        document.change_settings(replace(document.settings, **{name: value}))

    @Slot()
    def _take_sampler(self) -> None:
        self._take("sampler", self.sampler.currentData())

    @Slot(object)
    def _take_steps(self, steps: int) -> None:
        self._take("edit_steps" if self._studio.document.inverts else "steps", steps)

    @Slot(bool)
    def _on_lock(self, on: bool) -> None:
        self._studio.document.keeps_seed = on

    @Slot()
    def _draw_seed(self) -> None:
        self._studio.document.draw_seed()
