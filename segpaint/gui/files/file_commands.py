"""Opening and saving: masks, results, requests, checkpoints."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QIcon, QPixmap
from PySide6.QtWidgets import QFileDialog, QMenu

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.requests.request import Request
from segpaint.gui.files.mapping_commands import MappingCommands
from segpaint.gui.parts.last_folder import keep_folder, last_folder
from segpaint.gui.parts.size_question import ask_to_fit
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.foreign_masks import PictureError
from segpaint.io.masks import encode_mask, read_mask
from segpaint.io.results import holds_request, read_request
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.paths import example_masks
from segpaint.studio.base.aside import Aside
from segpaint.studio.document.autosave import Autosave
from segpaint.studio.document.document import Document
from segpaint.studio.document.document_cache import DocumentCache
from segpaint.studio.document.unsaved_work import take_up


class FileCommands(QObject):
    """What the File menu and the model list do.

    Parameters
    ----------
    window : MainWindow
    autosave : Autosave
    mapping : MappingCommands
        Reads the masks.
    """

    opened = Signal(Path)
    """A mask or a result was opened from this file."""
    reference_wanted = Signal(Path)
    """What was to be opened as a mask is a picture, and is wanted as the reference."""

    def __init__(self, window: MainWindow, autosave: Autosave, mapping: MappingCommands) -> None:
        super().__init__(window)
        self._window = window
        self._mapping = mapping
        self._session = window.session
        self._autosave = autosave
        self._documents = DocumentCache()
        self._taken_up: tuple[str, Request] | None = None  # file and request not yet compared with the model
        self.examples = QMenu("Examples", window)
        actions = window.commands
        for key, slot in {
            "new": self.new,
            "open": self.open,
            "save": self.save,
            "save_mask": self.save_mask,
            "quit": window.close,
        }.items():
            actions[key].triggered.connect(slot)
        window.checkpoints.folder_chosen.connect(self.open_folder)
        window.checkpoints.other_wanted.connect(self.choose_folder)
        self._session.document_changed.connect(self._on_document)
        self._session.model_changed.connect(self._tell_of_another_model)
        self.writing = Aside(self)
        self.writing.done.connect(self._on_written)
        self.writing.failed.connect(window.messages.show_error)
        window.closing.connect(self.writing.close)
        autosave.saved.connect(self._on_saved)
        autosave.failed.connect(window.messages.show_error)

    @Slot()
    def new(self) -> None:
        """Start from a blank mask; undoable."""
        document = self._session.document
        if document is not None:
            document.replace_mask(document.mask.values * 0, "New mask")

    @Slot()
    def open(self) -> None:
        """Ask for a mask file."""
        kinds = "Masks, results and requests (*.png *.json);;All files (*)"
        start = str(last_folder(self._window.preferences))
        path, _ = QFileDialog.getOpenFileName(self._window, "Open mask", start, kinds)
        if path:
            keep_folder(self._window.preferences, Path(path))
            self.open_file(Path(path))

    def open_file(self, path: Path) -> None:
        """Open a mask, or take up the request of a result; undoable."""
        if holds_request(path):
            self.open_request(path)
        else:
            self.open_mask(path)

    def open_request(self, path: Path) -> bool:
        """Take up mask, labels and settings of a result or a request file; False if that cannot be done."""
        document = self._session.document
        if document is None:
            return False
        try:
            request = read_request(path)
            document.restore(request)
        except SegPaintError as error:
            self._window.messages.show_error(error)
            return False
        self._window.messages.hide()
        self._taken_up = path.name, request
        self._tell_of_another_model()
        self.opened.emit(path)
        return True

    @Slot()
    def _tell_of_another_model(self) -> None:
        """Only when the model is loaded, for the window's thread is not to find out its fingerprint."""
        document = self._session.document
        if self._taken_up is None or document is None or not self._session.is_ready:
            return
        (name, request), self._taken_up = self._taken_up, None
        if request.fingerprint != document.checkpoint.fingerprint:
            self._window.messages.tell(
                f"{name} was made with another model ({request.checkpoint}), so its image will differ."
            )

    def open_mask(self, path: Path, *, fit: Fit | None = None) -> None:
        """Put a mask from a file in place of the one that is open; undoable."""
        try:
            self._mapping.read(path, partial(self._take, path), fit=fit)
        except WrongSizeError as error:
            ask_to_fit(self._window.messages, error, partial(self.open_mask, path))
        except PictureError as error:
            self._window.messages.ask(
                str(error), "Use it as the reference", partial(self.reference_wanted.emit, path)
            )
        except SegPaintError as error:
            self._window.messages.show_error(error)

    def _take(self, path: Path, values: NDArray[np.uint8]) -> None:
        document = self._session.document
        if document is not None:
            self._window.messages.hide()
            document.replace_mask(values, f"Open {path.name}")
            self.opened.emit(path)

    @Slot()
    def save(self) -> None:
        """Ask where, and save image, mask and request."""
        request = self._session.request
        if request is None or self._session.trajectory.result is None:
            self._window.messages.tell("There is no finished image to save yet; generate one first.")
            return
        start = last_folder(self._window.preferences) / f"{request.checkpoint}_{request.seed}.png"
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Save the finished image, its mask and its request", str(start), "PNG (*.png)"
        )
        if path:
            keep_folder(self._window.preferences, Path(path))
            self.save_to(Path(path))

    def save_to(self, path: Path) -> None:
        """Save image, mask and request; a slow disk holds nobody up."""
        try:
            write = self._session.saving(path)
        except SegPaintError as error:
            self._window.messages.show_error(error)
        else:
            self.writing.start(write)

    @Slot()
    def save_mask(self) -> None:
        """Ask where, and save the mask alone."""
        document = self._session.document
        if document is None:
            return
        start = last_folder(self._window.preferences) / "mask.png"
        path, _ = QFileDialog.getSaveFileName(self._window, "Save mask", str(start), "PNG (*.png)")
        if path:
            keep_folder(self._window.preferences, Path(path))
            self.writing.start(partial(_write_mask, Path(path), document.mask.snapshot(), document.table))

    @Slot(object)
    def _on_written(self, files: list[Path]) -> None:
        names = ", ".join(file.name for file in files)
        self._window.statusBar().showMessage(f"Saved {names} in {files[0].parent}", 8000)

    @Slot(Path)
    def open_folder(self, folder: Path) -> None:
        """Open a checkpoint with what was last painted for it, edits and all, or with its first example."""
        try:
            checkpoint = read_checkpoint(folder)
        except SegPaintError as error:
            self._window.messages.show_error(error)
        else:
            self._window.messages.hide()
            self.open_checkpoint(checkpoint)

    def open_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Open a checkpoint that has been looked through."""
        document = self._documents.find(checkpoint) or self._recall(checkpoint)
        self._session.open_document(document)
        self._documents.put(document)
        self._autosave.watch(document)

    def _recall(self, checkpoint: Checkpoint) -> Document:
        """What was painted for a checkpoint before the program was started, or its first example."""
        self._autosave.flush()
        before = self._autosave.recall(checkpoint)
        if before is None:
            return Document(checkpoint, _first_example(checkpoint))
        document = Document(checkpoint, before.request.mask)
        take_up(document, before)
        return document

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a checkpoint folder."""
        start = str(last_folder(self._window.preferences))
        folder = QFileDialog.getExistingDirectory(self._window, "Open a checkpoint folder", start)
        if folder:
            self.open_folder(Path(folder))

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._taken_up = None
        self.examples.clear()
        for path in example_masks(document.checkpoint.folder):
            action = QAction(_thumbnail(path), path.stem.replace("-", " "), self.examples)
            action.triggered.connect(partial(self.open_mask, path))
            self.examples.addAction(action)
        self.examples.setEnabled(not self.examples.isEmpty())

    @Slot()
    def _on_saved(self) -> None:
        self._window.saved.setText(f"mask kept {datetime.now():%H:%M:%S}")


def _write_mask(path: Path, values: NDArray[np.uint8], table: LabelTable) -> list[Path]:
    write_atomically(path, encode_mask(values, table))
    return [path]


def _first_example(checkpoint: Checkpoint) -> NDArray[np.uint8] | None:
    for path in example_masks(checkpoint.folder):
        try:
            return read_mask(path, checkpoint.table, checkpoint.description.size)
        except SegPaintError:  # another model of the same name, with other labels or another size
            return None
    return None


def _thumbnail(path: Path) -> QIcon:
    return QIcon(QPixmap(str(path)).scaled(QSize(48, 48), mode=Qt.TransformationMode.SmoothTransformation))
