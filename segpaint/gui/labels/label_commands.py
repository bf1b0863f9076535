"""What is done with the list of labels: finding one, colours, the label table as a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QFileDialog, QMenu

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.color_vision import colors_for_everybody
from segpaint.core.labels.labels import LabelTable
from segpaint.gui.parts.last_folder import keep_folder, last_folder
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.label_tables import read_label_file, write_label_file
from segpaint.studio.base.aside import Aside
from segpaint.studio.document.document import Document
from segpaint.studio.document.label_colors import LabelColors
from segpaint.studio.document.label_watch import LabelWatch

KINDS = {
    "ITK-SNAP (*.label)": ".label",
    "3D Slicer (*.ctbl)": ".ctbl",
    "BIDS (*dseg.tsv)": "_dseg.tsv",
    "JSON, as segpaint train reads it (*.json)": ".json",
}
"""What a file dialog offers, and how a name ends that was given without an ending."""
SHOWN = 8000
"""Milliseconds for which the status bar tells what was done."""


class LabelCommands(QObject):
    """Keeps the list of labels up to date, and does what its menus offer.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._coloring: tuple[Document, int] | None = None
        self.colors = LabelColors(window.session, window.preferences)
        self.watch = LabelWatch(window.session)
        self._writing = Aside(self)
        self.menu = QMenu("Label colours", window)
        actions, labels = window.commands, window.labels
        for key in ("label_color", "safe_colors", "load_colors", "reset_colors"):
            self.menu.addAction(actions[key])
        for key, slot in {
            "find_label": labels.begin_search,
            "label_color": self.ask_color,
            "safe_colors": self.take_safe_colors,
            "load_colors": self.ask_file,
            "reset_colors": self.colors.reset,
            "save_labels": self.ask_where,
        }.items():
            actions[key].triggered.connect(slot)
        labels.told.connect(self._tell)
        labels.left.connect(window.canvas.setFocus)
        labels.color_wanted.connect(self._ask_color_of)
        labels.menu_wanted.connect(self._show_menu)
        self.watch.counted.connect(labels.show_counts)
        self.watch.doubted.connect(labels.show_hints)
        self._writing.done.connect(self._on_written)
        self._writing.failed.connect(window.messages.show_error)
        window.closing.connect(self.watch.close)
        window.closing.connect(self._writing.close)

    # ---- colours

    @Slot()
    def ask_color(self) -> None:
        """Ask for another colour of the label that is painted with."""
        document = self._session.document
        if document is None:
            return
        index = document.paint_value
        if index not in document.table:
            self._tell("Choose a label first: free regions and the background keep their colours")
            return
        label = document.table[index]
        dialog = QColorDialog(QColor(label.color), self._window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(f"Colour of {label.name}")
        self._coloring = document, index
        dialog.finished.connect(self._on_color)
        dialog.open()

    @Slot(int)
    def _ask_color_of(self, index: int) -> None:
        document = self._session.document
        if document is not None:
            document.paint_value = index
            self.ask_color()

    @Slot()
    def _on_color(self) -> None:
        color, coloring, self._coloring = self.sender().selectedColor(), self._coloring, None
        if color.isValid() and coloring is not None and coloring[0] is self._session.document:
            self.colors.take({coloring[1]: color.name()})

    @Slot()
    def take_safe_colors(self) -> None:
        """Give the labels colours that everybody can tell apart."""
        document = self._session.document
        if document is not None:
            self.colors.take(colors_for_everybody(document.table))

    @Slot()
    def ask_file(self) -> None:
        """Ask for a label table to take colours from."""
        kinds = "Label tables (*.label *.txt *.ctbl *.tsv *.json);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(
            self._window,
            "Load colours from a label file",
            str(last_folder(self._window.preferences)),
            kinds,
        )
        if path:
            keep_folder(self._window.preferences, Path(path))
            self.load_colors(Path(path))

    def load_colors(self, path: Path) -> None:
        """Take the colours that a label table has for labels of the same name, or else of the same index."""
        document = self._session.document
        if document is None:
            return
        try:
            colors = document.table.colors_in(read_label_file(path).table)
        except SegPaintError as error:
            self._window.messages.show_error(error)
            return
        if colors:
            self.colors.take(colors)
            self._tell(f"Took {len(colors)} of {len(document.table)} colours from {path.name}")
        else:
            self._window.messages.tell(f"{path.name} has none of these labels, so no colour was taken.")

    @Slot(int, QPoint)
    def _show_menu(self, value: int, place: QPoint) -> None:
        document = self._session.document
        if document is not None:
            document.paint_value = value
            self.menu.popup(place)

    # ---- the table as a file

    @Slot()
    def ask_where(self) -> None:
        """Ask where, and save the label table in the colours shown."""
        document = self._session.document
        if document is None:
            return
        start = last_folder(self._window.preferences) / f"{document.checkpoint.folder.resolve().name}.label"
        path, kind = QFileDialog.getSaveFileName(
            self._window, "Export label table", str(start), ";;".join(KINDS)
        )
        if path:
            keep_folder(self._window.preferences, Path(path))
            self.save_labels(Path(path) if Path(path).suffix else Path(path + KINDS[kind]))

    def save_labels(self, path: Path) -> None:
        """Save the label table in the colours shown, in the format that the ending names."""
        document = self._session.document
        if document is not None:
            modality = document.checkpoint.description.modality
            self._writing.start(partial(_write, path, document.table, modality))

    @Slot(object)
    def _on_written(self, path: Path) -> None:
        self._tell(f"Exported the label table: {path}")

    @Slot(str)
    def _tell(self, sentence: str) -> None:
        self._window.statusBar().showMessage(sentence, SHOWN)


def _write(path: Path, table: LabelTable, modality: str) -> Path:
    write_label_file(path, table, modality)
    return path
