"""Files dropped on the window are opened; while they hover, it says as what."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from segpaint.gui.files.file_commands import FileCommands
from segpaint.gui.files.reference_commands import ReferenceCommands
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.contents import Content, content_of

TOLD = 8000
"""Milliseconds for which the status bar says that only the first of several was opened."""


class Opening(Enum):
    """As what something is opened; the values are said while it hovers."""

    MASK = "Open as mask"
    REFERENCE = "Open as reference"
    RESULT = "Take up its mask and settings"
    MODEL = "Open this model"


ELSEWHERE = {
    Opening.MASK: "On the image: open as reference",
    Opening.REFERENCE: "On the mask: open as mask",
}
"""What is said beside it of something that can be either."""


def opening_of(content: Content, *, over_image: bool) -> Opening:
    """As what a drop is opened: by what it is or, where that can be two things, by where it falls."""
    match content:
        case Content.CHECKPOINT:
            return Opening.MODEL
        case Content.RESULT:
            return Opening.RESULT
        case Content.PICTURE if over_image:
            return Opening.REFERENCE
        case _:
            return Opening.MASK


class DropSign(QFrame):
    """Lies over the part of the window that a drop would change, and says how."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, objectName="drop")
        self.sentence = QLabel(objectName="sentence", alignment=Qt.AlignmentFlag.AlignCenter)
        self.name = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.elsewhere = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.addStretch(1)
        layout.addWidget(self.sentence)
        layout.addWidget(self.name)
        layout.addWidget(self.elsewhere)
        layout.addStretch(1)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, part: QWidget, opening: Opening, name: str, elsewhere: str) -> None:
        """Show what would happen to a part of the window and, unless that is empty, to another one."""
        self.sentence.setText(opening.value)
        self.name.setText(name)
        self.elsewhere.setText(elsewhere)
        self.elsewhere.setVisible(bool(elsewhere))
        self.setGeometry(part.rect().translated(part.mapTo(self.parentWidget(), QPoint())))
        self.raise_()
        self.show()


@dataclass(frozen=True)
class _Load:
    """What hovers over the window: the first file, what that is, and how many there are."""

    path: Path
    content: Content
    count: int


class DropTarget(QObject):
    """Takes what is dropped on a window.

    Parameters
    ----------
    window : MainWindow
    files : FileCommands
    references : ReferenceCommands
    """

    def __init__(self, window: MainWindow, files: FileCommands, references: ReferenceCommands) -> None:
        super().__init__(window)
        self._window, self._files, self._references = window, files, references
        self._load: _Load | None = None
        self.sign = DropSign(window)
        for pane in (window.canvas, window.image, window.side.pane):
            pane.setAcceptDrops(False)  # a scene would swallow them
            pane.viewport().setAcceptDrops(False)
        window.setAcceptDrops(True)
        window.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        match event:
            case QDragEnterEvent():
                self._load = _look_at(event)
                self._hover(event)
            case QDragMoveEvent():
                self._hover(event)
            case QDropEvent():
                self._drop(event)
            case _ if event.type() == QEvent.Type.DragLeave:
                self._let_go()
            case _:
                return False
        return True

    def _hover(self, event: QDropEvent) -> None:
        load = self._load
        if load is None or self._window.session.document is None:
            event.ignore()
            return
        opening = self._opening(load, event)
        parts = {Opening.REFERENCE: self._window.image, Opening.MODEL: self._window.centralWidget()}
        elsewhere = ELSEWHERE[opening] if load.content is Content.PICTURE else ""
        self.sign.cover(parts.get(opening, self._window.canvas), opening, load.path.name, elsewhere)
        _accept(event)

    def _drop(self, event: QDropEvent) -> None:
        load = self._load
        self._let_go()
        if load is None or self._window.session.document is None:
            event.ignore()
            return
        _accept(event)
        match self._opening(load, event):
            case Opening.MODEL:
                self._files.open_folder(load.path if load.path.is_dir() else load.path.parent)
            case Opening.REFERENCE:
                self._references.open_image(load.path)
            case _:
                self._files.open_file(load.path)
        if load.count > 1:
            self._window.statusBar().showMessage(
                f"Of {load.count} files, the first was opened: {load.path.name}", TOLD
            )

    def _opening(self, load: _Load, event: QDropEvent) -> Opening:
        place = event.position().toPoint()
        over_image = any(
            pane.isVisible() and pane.rect().contains(pane.mapFrom(self._window, place))
            for pane in (self._window.image, self._window.side.pane)
        )
        return opening_of(load.content, over_image=over_image)

    def _let_go(self) -> None:
        self._load = None
        self.sign.hide()


def _look_at(event: QDropEvent) -> _Load | None:
    """What is dragged, if its first file can be opened; what lies elsewhere than on a disk cannot."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    content = content_of(paths[0]) if paths else None
    return _Load(paths[0], content, len(paths)) if content is not None else None


def _accept(event: QDropEvent) -> None:
    """As a copy, lest a file manager take the file away."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
