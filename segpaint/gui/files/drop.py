"""Opens files dropped on the window; while they hover, it shows what they would be opened as."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QGraphicsView, QMainWindow, QWidget

from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.opening import open_file, open_folder
from segpaint.gui.files.references import open_image
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.parts.layouts import OF_STYLE, in_column
from segpaint.gui.parts.plain import PlainLabel
from segpaint.io.contents import Content, content_of
from segpaint.studio.studio import Studio

SHOWN = 8000
"""Milliseconds for which the status bar shows that only the first of several was opened."""


class Opening(Enum):
    """What a file is opened as; the values are shown while it hovers."""

    MASK = "Open as mask"
    REFERENCE = "Open as reference"
    RESULT = "Take up its mask and settings"
    MODEL = "Open this model"
    PROJECT = "Open this project"
    SCAN = "Open as scan"
    SCAN_MASK = "Open as mask of the scan"


ELSEWHERE = {Opening.MASK: "On the image: open as reference", Opening.REFERENCE: "On the mask: open as mask"}
"""Shown in addition for files that can be either."""


def opening_of(content: Content, *, over_image: bool, over_mask_of_scan: bool = False) -> Opening:
    """Choose what a drop is opened as: by its content or, if that is ambiguous, by its place."""
    match content:
        case Content.SCAN:
            return Opening.SCAN_MASK if over_mask_of_scan else Opening.SCAN
        case Content.CHECKPOINT:
            return Opening.MODEL
        case Content.PROJECT:
            return Opening.PROJECT
        case Content.RESULT:
            return Opening.RESULT
        case Content.PICTURE if over_image:
            return Opening.REFERENCE
        case _:
            return Opening.MASK


class DropSign(QFrame):
    """Lies over the part of the window that a drop would change, and shows how."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, objectName="drop")
        self._window = window
        self.sentence = PlainLabel(objectName="sentence", alignment=Qt.AlignmentFlag.AlignCenter)
        self.name = PlainLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.elsewhere = PlainLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        in_column(None, self.sentence, self.name, self.elsewhere, None, of=self, margins=OF_STYLE)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def cover(self, part: QWidget, opening: Opening, name: str, elsewhere: str) -> None:
        """Show what would happen to a part of the window and, if `elsewhere` is given, to another one."""
        self.sentence.setText(opening.value)
        self.name.setText(name)
        self.elsewhere.setText(elsewhere)
        self.elsewhere.setVisible(bool(elsewhere))
        self.setGeometry(part.rect().translated(part.mapTo(self._window, QPoint())))
        self.raise_()
        self.show()


@dataclass(frozen=True)
class _Load:
    """The dragged files: the first one, its content, and how many there are."""

    path: Path
    content: Content
    count: int


class DropTarget(QObject):
    """Opens what is dropped on a window.

    Parameters
    ----------
    images : sequence of QGraphicsView
        Panes on which a picture is opened as the reference; the sign covers the first one.
    """

    def __init__(
        self,
        window: QMainWindow,
        studio: Studio,
        shell: Shell,
        canvas: QGraphicsView,
        images: Sequence[QGraphicsView],
    ) -> None:
        super().__init__(window)
        self._window, self._studio, self._shell = window, studio, shell
        self._canvas, self._images = canvas, images
        self._load: _Load | None = None
        self.sign = DropSign(window)
        for pane in (canvas, *images):
            pane.setAcceptDrops(False)  # else its scene would receive them
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
        if load is None:
            event.ignore()
            return
        opening = self._opening(load, event)
        whole = self._window.centralWidget()
        parts = dict.fromkeys((Opening.MODEL, Opening.PROJECT, Opening.SCAN), whole)
        parts[Opening.REFERENCE] = self._images[0]
        elsewhere = ELSEWHERE[opening] if load.content is Content.PICTURE else ""
        self.sign.cover(parts.get(opening) or self._canvas, opening, load.path.name, elsewhere)
        _accept(event)

    def _drop(self, event: QDropEvent) -> None:
        load = self._load
        self._let_go()
        if load is None:
            event.ignore()
            return
        _accept(event)
        match self._opening(load, event):
            case Opening.MODEL:
                folder = load.path if load.path.is_dir() else load.path.parent
                open_folder(self._studio, self._shell, folder)
            case Opening.SCAN:
                open_scan(self._studio, self._shell, load.path)
            case Opening.SCAN_MASK:
                from segpaint.gui.files.scan_masks import open_scan_mask

                open_scan_mask(self._studio, self._shell, load.path)
            case Opening.REFERENCE:
                open_image(self._studio, self._shell, load.path)
            case _:
                open_file(self._studio, self._shell, load.path)
        if load.count > 1:
            sentence = f"Of {load.count} files, the first was opened: {load.path.name}"
            self._shell.say(sentence, SHOWN)

    def _opening(self, load: _Load, event: QDropEvent) -> Opening:
        place = event.position().toPoint()
        over_image = any(
            pane.isVisible() and pane.rect().contains(pane.mapFrom(self._window, place))
            for pane in self._images
        )
        canvas, has_scan = self._canvas, self._studio.scans.scan is not None
        over_mask = has_scan and canvas.rect().contains(canvas.mapFrom(self._window, place))
        is_file = load.path.is_file()
        return opening_of(load.content, over_image=over_image, over_mask_of_scan=over_mask and is_file)

    def _let_go(self) -> None:
        self._load = None
        self.sign.hide()


def _look_at(event: QDropEvent) -> _Load | None:
    """Inspect the drag; None if its first file cannot be opened, for example since it is not on a disk."""
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    content = content_of(paths[0]) if paths else None
    return _Load(paths[0], content, len(paths)) if content is not None else None


def _accept(event: QDropEvent) -> None:
    """Accept it as a copy, so that a file manager does not remove the file."""
    event.setDropAction(Qt.DropAction.CopyAction)
    event.accept()
