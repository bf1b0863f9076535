"""What the next request is made with: sampler, steps, guidance, seed."""

from __future__ import annotations

from dataclasses import replace

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSignalBlocker, QSize, Signal, Slot
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from segpaint.gui.style.theme import SPACE, icon
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document, Purpose

SAMPLERS = {
    "dpm++": ("DPM-Solver++ (2M)", "Good images in 10 to 30 steps"),
    "ddim": ("DDIM", "Deterministic; 50 steps and more"),
    "ddpm": ("DDPM", "Adds noise at every step; 250 to 1000 steps"),
}


class RequestPanel(QWidget):
    """Edits a document's settings."""

    dice_thrown = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._heard = Connections()
        self.sampler = QComboBox(toolTip="How the noise is removed")
        for key, (name, hint) in SAMPLERS.items():
            self.sampler.addItem(name, key)
            self.sampler.setItemData(self.sampler.count() - 1, hint, 3)
        self.steps = QSpinBox(minimum=1, maximum=1000, toolTip="Denoising steps: more are finer and slower")
        self.guidance = QDoubleSpinBox(
            minimum=0, maximum=20, singleStep=0.25, decimals=2,
            toolTip="How hard the image is pulled towards the mask; 1 is off, 2 is strong, and costs double",
        )  # fmt: skip
        self.seed = QSpinBox(minimum=0, maximum=2**31 - 1, toolTip="The same seed and mask make the same image")
        self.seed.setButtonSymbols(QAbstractSpinBox.ButtonSymbols.NoButtons)
        self.dice = QToolButton(icon=icon(MDI7.dice_5_outline), toolTip="Draw another seed")
        self.lock = QToolButton(
            icon=icon(MDI7.lock_outline), checkable=True,
            toolTip="Keep the seed; off, each new run draws another",
        )  # fmt: skip
        for button in (self.dice, self.lock):
            button.setIconSize(QSize(18, 18))
        seed_row = QHBoxLayout()
        seed_row.setSpacing(SPACE // 2)
        seed_row.addWidget(self.seed, 1)
        seed_row.addWidget(self.dice)
        seed_row.addWidget(self.lock)
        form = QGridLayout()
        form.setHorizontalSpacing(SPACE)
        form.setVerticalSpacing(SPACE // 2)
        form.setColumnStretch(1, 1)
        fields = {"Sampler": self.sampler, "Steps": self.steps, "Guidance": self.guidance, "Seed": self.seed}
        for row, (name, field) in enumerate(fields.items()):
            caption = QLabel(name)
            caption.setBuddy(field)
            form.addWidget(caption, row, 0)
            if field is self.seed:
                form.addLayout(seed_row, row, 1)
            else:
                form.addWidget(field, row, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(QLabel("Request", objectName="heading"))
        layout.addLayout(form)
        self.sampler.currentIndexChanged.connect(self._take)
        self.steps.valueChanged.connect(self._take)
        self.guidance.valueChanged.connect(self._take)
        self.seed.valueChanged.connect(self._take)
        self.lock.toggled.connect(self._on_lock)
        self.dice.clicked.connect(self.dice_thrown)

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Edit this document's settings from now on."""
        self._document = document
        self._heard.renew((document.settings_changed, self._show))
        description = document.checkpoint.description
        self.guidance.setEnabled(description.ablation_trained and not description.ignores_mask)
        self._show()

    @Slot()
    def _show(self) -> None:
        if self._document is None:
            return
        settings = self._document.settings
        with QSignalBlocker(self.sampler), QSignalBlocker(self.steps):
            edits = settings.purpose is not Purpose.NEW
            self.sampler.setCurrentIndex(self.sampler.findData("ddim" if edits else settings.sampler))
            self.sampler.setEnabled(not edits)
            self.steps.setValue(settings.edit_steps if edits else settings.steps)
        with QSignalBlocker(self.guidance), QSignalBlocker(self.seed), QSignalBlocker(self.lock):
            self.guidance.setValue(settings.guidance)
            self.seed.setValue(settings.seed)
            self.lock.setChecked(self._document.keeps_seed)

    @Slot()
    def _take(self) -> None:
        if self._document is None:
            return
        settings = replace(self._document.settings, guidance=self.guidance.value(), seed=self.seed.value())
        if settings.purpose is Purpose.NEW:
            settings = replace(settings, sampler=self.sampler.currentData(), steps=self.steps.value())
        else:
            settings = replace(settings, edit_steps=self.steps.value())
        self._document.change_settings(settings)

    @Slot(bool)
    def _on_lock(self, on: bool) -> None:
        if self._document is not None:
            self._document.keeps_seed = on
