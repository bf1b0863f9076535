"""File > Open recent: the masks and references opened last, with pictures."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, Slot
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from segpaint.gui.files.file_commands import FileCommands
from segpaint.gui.files.reference_commands import ReferenceCommands
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.window.main_window import MainWindow
from segpaint.paths import example_masks
from segpaint.studio.document.recent import Kind, RecentFile, RecentFiles

SIDE = 48


class RecentMenu(QObject):
    """Notes what is opened, and offers it again.

    Parameters
    ----------
    window : MainWindow
    files : FileCommands
    references : ReferenceCommands
    """

    def __init__(self, window: MainWindow, files: FileCommands, references: ReferenceCommands) -> None:
        super().__init__(window)
        self._window, self._files, self._references = window, files, references
        self.recent = RecentFiles(window.preferences)
        self.menu = QMenu("Open recent", window)
        self.menu.setToolTipsVisible(True)
        files.opened.connect(self._on_mask)
        references.opened.connect(self._on_reference)
        self.recent.changed.connect(self._fill)
        self.menu.aboutToShow.connect(self._fill)
        self._fill()

    @Slot(Path)
    def _on_mask(self, path: Path) -> None:
        document = self._window.session.document
        if document is not None and not self._has_a_place_of_its_own(path):
            self.recent.add(path, Kind.MASK, _picture(document.table.colors()[document.mask.values]))

    @Slot(Path)
    def _on_reference(self, path: Path) -> None:
        document = self._window.session.document
        if document is not None and document.reference is not None:
            self.recent.add(path, Kind.REFERENCE, _picture(document.reference.image))

    def _has_a_place_of_its_own(self, path: Path) -> bool:
        """Whether it is an example, or lies in the history."""
        document = self._window.session.document
        examples = example_masks(document.checkpoint.folder) if document is not None else []
        return path in examples or self._window.history.history.folder.holds(path)

    @Slot()
    def _fill(self) -> None:
        """Each time it is shown, since files come and go."""
        self.menu.clear()
        for number, file in enumerate(self.recent.files, start=1):
            self.menu.addAction(self._action(number, file))
        self.menu.setEnabled(not self.menu.isEmpty())
        self.menu.addSeparator()
        self.menu.addAction("Clear", self.recent.clear)

    def _action(self, number: int, file: RecentFile) -> QAction:
        path = Path(file.path)
        text = f"&{number % 10} {path.name.replace('&', '&&')}\t{file.kind}"
        action = QAction(_icon(file.picture), text, self.menu, toolTip=file.path)
        action.setEnabled(path.is_file())
        action.triggered.connect(partial(self._open, file))
        return action

    def _open(self, file: RecentFile) -> None:
        if file.kind == Kind.REFERENCE.value:
            self._references.open_image(Path(file.path))
        else:
            self._files.open_file(Path(file.path))


def _picture(pixels: NDArray[np.uint8]) -> str:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    to_pixmap(pixels, SIDE).save(buffer, "PNG")
    return buffer.data().toBase64().toStdString()


def _icon(picture: str) -> QIcon:
    pixmap = QPixmap()
    pixmap.loadFromData(QByteArray.fromBase64(QByteArray(picture.encode())), "PNG")
    return QIcon(pixmap)
