"""Chooses the masks of a paired set, with pictures of the first few."""

from enum import Enum
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QPushButton, QWidget
from shiboken6 import isValid

from segpaint.core.errors import SegPaintError
from segpaint.core.words import counted
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.number_field import NumberField, limits
from segpaint.gui.parts.plain import PlainLabel, plain
from segpaint.gui.parts.wheel import EnumChoice
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE
from segpaint.io.image_files import encode_mask
from segpaint.paired.sources import about_passed_over, mask_files, passed_over, spread_masks
from segpaint.paired.specification import Between
from segpaint.paths import example_masks
from segpaint.studio.studio import Studio

THUMBNAIL = 64
SHOWN = 8
PAINTED = Path("painted.png")
LANE = "pictures of masks"


class MaskKind(Enum):
    """The source of the masks."""

    PAINTED = "This mask"
    EXAMPLES = "The model's examples"
    FILES = "Files or a folder"
    BETWEEN = "Between this mask and another"

    def __str__(self) -> str:
        return self.value


class MaskChoice(QWidget):
    """Chooses masks: the painted one, the model's examples, files, or those between it and another one."""

    changed = Signal()
    failed = Signal(object)
    """An exception: one of the files is no mask for this model."""

    def __init__(self, studio: Studio) -> None:
        super().__init__()
        self._studio = studio
        self._checkpoint = studio.document.checkpoint
        self._look = 0
        self.files: list[Path] = []
        self.left: list[Path] = []
        self.other: Path | None = None
        self.kind = EnumChoice(enum_class=MaskKind)
        self.choose_files = QPushButton("Files…")
        self.choose_folder = QPushButton("Folder…")
        self.choose_other = QPushButton("Other mask…")
        for button in (self.choose_files, self.choose_folder, self.choose_other):
            button.setAutoDefault(False)  # Return begins the set
        self.count_box = NumberField(
            *limits(Between, "count"), value=5, suffix=" masks", tip="With the two at the ends"
        )
        self.said = PlainLabel(objectName="heading")
        self.strip = QWidget()
        self._lay_out()
        self.kind.activated.connect(self._on_change)
        self.count_box.valueChanged.connect(self._on_change)
        self.choose_files.clicked.connect(self._ask_files)
        self.choose_folder.clicked.connect(self._ask_folder)
        self.choose_other.clicked.connect(self._ask_other)
        self.refresh()

    def _lay_out(self) -> None:
        self.controls = QWidget()
        buttons = self.choose_files, self.choose_folder, self.choose_other
        parts = self.kind, *buttons, self.count_box, self.said
        in_row(*parts, of=self.controls, stretched=self.said, spacing=SPACE)
        self.thumbnails = [PlainLabel() for _ in range(SHOWN)]
        for thumbnail in self.thumbnails:
            thumbnail.setFixedSize(THUMBNAIL, THUMBNAIL)
        in_row(*self.thumbnails, None, of=self.strip, spacing=SPACE // 2)
        in_column(self.controls, self.strip, of=self, spacing=SPACE)

    # ---- the choice

    def refresh(self) -> None:
        """Follow the open document's model, and its current mask."""
        document = self._studio.document
        if self._checkpoint is not document.checkpoint:
            self.files, self.left, self.other = [], [], None
        self._checkpoint, self._painted = document.checkpoint, document.mask.snapshot()
        self._table = document.table
        self._on_change()

    @property
    def _chosen(self) -> list[Path]:
        """The files that are chosen; none where the painted mask is used."""
        match self.kind.currentEnum():
            case MaskKind.EXAMPLES:
                return example_masks(self._checkpoint.folder)
            case MaskKind.FILES:
                return self.files
            case _:
                return []

    @property
    def count(self) -> int:
        """The number of chosen masks."""
        match self.kind.currentEnum():
            case MaskKind.PAINTED:
                return 1
            case MaskKind.FILES | MaskKind.EXAMPLES:
                return len(self._chosen)
            case _:
                return int(self.count_box.value()) if self.other is not None else 0

    @property
    def masks(self) -> tuple[Path, ...]:
        """For `Specification.masks`."""
        match self.kind.currentEnum():
            case MaskKind.PAINTED:
                return (PAINTED,)
            case _:
                return tuple(self._chosen)

    @property
    def between(self) -> Between | None:
        """For `Specification.between`."""
        if self.kind.currentEnum() is not MaskKind.BETWEEN or self.other is None:
            return None
        return Between(first=PAINTED, second=self.other, count=int(self.count_box.value()))

    def painted_file(self) -> dict[Path, bytes]:
        """Write the painted mask as the file that `masks` and `between` may name."""
        if self.kind.currentEnum() in (MaskKind.FILES, MaskKind.EXAMPLES):
            return {}
        return {PAINTED: encode_mask(self._painted, self._table)}

    # ---- choosing

    @Slot()
    def _ask_files(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Masks", "", "PNG (*.png)")
        if paths:
            self.take_files(tuple(Path(path) for path in paths))

    @Slot()
    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "A folder of masks")
        if folder:
            self.take_files((Path(folder),))

    @Slot()
    def _ask_other(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "The mask to lead to", "", "PNG (*.png)")
        if path:
            self.take_other(Path(path))

    def take_files(self, paths: tuple[Path, ...]) -> None:
        """Choose files, and those in folders."""
        try:
            self.files, self.left = mask_files(paths), passed_over(paths)
        except SegPaintError as error:
            self.failed.emit(error)
        self.kind.setCurrentEnum(MaskKind.FILES)
        self._on_change()

    def take_other(self, path: Path) -> None:
        """Choose the masks between the painted one and another one."""
        self.other = path
        self.kind.setCurrentEnum(MaskKind.BETWEEN)
        self._on_change()

    @Slot()
    def _on_change(self) -> None:
        kind = self.kind.currentEnum()
        for button in (self.choose_files, self.choose_folder):
            button.setVisible(kind is MaskKind.FILES)
        self.choose_other.setVisible(kind is MaskKind.BETWEEN)
        self.count_box.setVisible(kind is MaskKind.BETWEEN)
        self.said.setText(self._words())
        self.said.setToolTip(plain(about_passed_over(self.left) if kind is MaskKind.FILES else ""))
        self._draw()
        self.changed.emit()

    def _words(self) -> str:
        kind = self.kind.currentEnum()
        if kind is MaskKind.FILES:
            left = f", {counted(len(self.left), 'other')} passed over" if self.left else ""
            return counted(len(self.files), "mask") + left if self.files else "none chosen yet"
        if kind is MaskKind.EXAMPLES:
            return counted(len(self._chosen), "mask") if self._chosen else "this model has none"
        if kind is MaskKind.BETWEEN:
            return self.other.name if self.other is not None else "choose where to lead to"
        return ""

    # ---- pictures

    def _draw(self) -> None:
        """Make the pictures on another thread, since slow files and shapes take time."""
        self._look += 1
        look, kind = self._look, self.kind.currentEnum()
        first = self._painted if kind in (MaskKind.PAINTED, MaskKind.BETWEEN) else None
        other = self.other if kind is MaskKind.BETWEEN else None
        spread = partial(spread_masks, first, other, self._chosen, self.count, SHOWN, self._checkpoint)
        self._studio.background.start(
            lambda: spread() if look == self._look else [],
            partial(self._on_looked, look),
            partial(self._on_failed, look),
            lane=LANE,
        )

    def _on_looked(self, look: int, masks: list[NDArray[np.uint8]]) -> None:
        if look != self._look or not isValid(self):  # the dialog may be closed by now
            return
        colors = self._table.colors()
        for place, thumbnail in enumerate(self.thumbnails):
            thumbnail.setVisible(place < len(masks))
            if place < len(masks):
                thumbnail.setPixmap(to_pixmap(colors[masks[place]], THUMBNAIL, self.devicePixelRatio()))

    def _on_failed(self, look: int, error: Exception) -> None:
        if look == self._look:
            self._on_looked(look, [])
            self.failed.emit(error)

    def wait(self) -> None:
        """Wait for pictures that are being made."""
        self._studio.background.flush(LANE)
