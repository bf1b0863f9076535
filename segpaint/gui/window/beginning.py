"""What the image pane offers at the first start: three doors, and an image of each model to look at."""

from functools import partial
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QIcon, QKeyEvent
from PySide6.QtWidgets import QCommandLinkButton, QFrame, QLayout, QToolButton, QWidget

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import checkpoint_title
from segpaint.gui.history.results import restore
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel, plain
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE, icon
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.history_files import read_pixels
from segpaint.paths import example_images, find_checkpoint

SIDE = 72
"""Width of an example in pixels."""
BEGUN = "window/begun"
DOORS = (
    ("paint", MDI7.brush, "Paint a mask", "Change the one on the left, then press Generate"),
    (
        "open_scan",
        MDI7.layers_search_outline,
        "Open my scan",
        "A file of NIfTI or DICOM, or a picture: edit a real patient",
    ),
    ("tour", MDI7.play_circle_outline, "Watch the tour", "Three stories of a minute each"),
)


class Door(QCommandLinkButton):
    """One way to begin."""

    def __init__(self, name: str, words: str, glyph: str) -> None:
        super().__init__(name, words)
        self._icon = icon(glyph, "accent")
        self.setIcon(self._icon)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() is QEvent.Type.StyleChange:  # at which Qt puts its own arrow there
            self.setIcon(self._icon)
        return done


class Beginning(QFrame):
    """Covers the image pane until somebody has begun, and never comes back by itself.

    Parameters
    ----------
    window : MainWindow
        With its commands connected.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.image, objectName="beginning")
        self._window, self._studio = window, window.studio
        heading = PlainLabel("Where would you like to begin?", objectName="title")
        self.leave = QToolButton(icon=icon(MDI7.close), toolTip="Begin by yourself", iconSize=QSize(18, 18))
        self.leave.setAccessibleName("Begin by yourself")
        self.leave.clicked.connect(self.end)
        self.doors: dict[str, Door] = {}
        for key, glyph, name, words in DOORS:
            door = Door(name, words, glyph)
            door.clicked.connect(partial(self._go, key))
            self.doors[key] = door
        self.folder = QToolButton(
            text="Or a folder of DICOM…", icon=icon(MDI7.folder_open_outline), iconSize=QSize(18, 18),
            toolTip="Open one of the scans in a folder",
        )  # fmt: skip
        self.folder.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.folder.clicked.connect(partial(self._go, "open_scan_folder"))
        self.examples: dict[str, QToolButton] = {}
        self.shelf = QWidget()
        made = PlainLabel("Or look at what is made already", objectName="heading")
        self._row = in_row(spacing=SPACE)
        in_column(made, self._row, of=self.shelf, spacing=SPACE // 2)
        top = in_row(heading, None, self.leave)
        margins = 2 * SPACE, SPACE, SPACE, SPACE
        rows: list[QWidget | QLayout] = list(self.doors.values())
        rows.insert(list(self.doors).index("open_scan") + 1, in_row(4 * SPACE, self.folder, None))
        in_column(
            top, SPACE, *rows, 2 * SPACE, self.shelf, None, of=self, spacing=SPACE // 2,
            margins=margins,
        )  # fmt: skip
        studio = self._studio
        for begun in (
            studio.opened.mask_changed, studio.opened.reference_changed, studio.opened.switched,
            studio.scans.changed, studio.runs.branches_changed,
        ):  # fmt: skip
            begun.connect(self.end)
        window.image.installEventFilter(self)
        window.painted.connect(self._fill, Qt.ConnectionType.QueuedConnection)  # the window comes first
        self._fit()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
            self._window.canvas.setFocus()
        else:
            super().keyPressEvent(event)

    @Slot()
    def end(self) -> None:
        """Leave the pane to images, also after a restart."""
        if not self.isHidden():
            self._studio.preferences.set(BEGUN, True)
            self.hide()

    @Slot()
    def _fill(self) -> None:
        """Put the images on the shelf."""
        if not self.isHidden():
            for path in example_images():
                self._row.addWidget(self._example(path))
            self._row.addStretch(1)
            self._fit()

    def _fit(self) -> None:
        """Fill the pane, with the examples where there is the height for them."""
        self.setGeometry(self._window.image.rect())
        doors = sum(part.sizeHint().height() + SPACE for part in (*self.doors.values(), self.folder))
        self.shelf.setVisible(bool(self.examples) and self.height() >= doors + SIDE + 14 * SPACE)

    def _example(self, path: Path) -> QWidget:
        """Make the button of an image, with the name of its model below."""
        holder = QWidget()
        button = QToolButton(iconSize=QSize(SIDE, SIDE), objectName="example")
        try:
            button.setIcon(QIcon(to_pixmap(read_pixels(path), SIDE, self.devicePixelRatio())))
            title = checkpoint_title(find_checkpoint(path.stem))
        except SegPaintError:
            holder.hide()  # this model did not come along
            return holder
        button.setToolTip(plain(f"Open an image of {title}, with its mask"))
        button.setAccessibleName(title)
        button.clicked.connect(partial(self._show_example, path))
        name = PlainLabel(title, objectName="figure", wordWrap=True, alignment=Qt.AlignmentFlag.AlignHCenter)
        name.setMinimumWidth(0)
        name.setMaximumWidth(SIDE + SPACE)
        in_column(button, name, None, of=holder, spacing=2)
        self.examples[path.stem] = button
        return holder

    @Slot()
    def _go(self, key: str) -> None:
        if key == "paint":
            self.end()
            self._window.commands["brush"].trigger()
            self._window.canvas.setFocus()
            self._window.shell.say("Paint with the left button, erase with the right one.", 8000)
        else:
            self._window.commands[key].trigger()

    @Slot()
    def _show_example(self, path: Path) -> None:
        self.end()
        restore(self._studio, self._window.shell, path, "the examples")


def offer_beginning(window: MainWindow) -> Beginning | None:
    """Show the three doors at the first start, unless there is something to go on with."""
    studio = window.studio
    is_new = not studio.preferences.chosen.window.begun and not studio.document.strokes.stack.count()
    is_empty = studio.document.reference is None and studio.scans.scan is None
    return Beginning(window) if is_new and is_empty else None
