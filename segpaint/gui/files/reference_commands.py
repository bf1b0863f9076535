"""Opening a real image to edit, with its mask."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import has_segmenter
from segpaint.gui.files.mapping_commands import MappingCommands
from segpaint.gui.parts.last_folder import keep_folder, last_folder
from segpaint.gui.parts.size_question import ask_to_fit
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.references import mask_beside, read_reference
from segpaint.io.results import holds_request
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.document.document import Reference


class ReferenceCommands(QObject):
    """What the window does with references.

    Parameters
    ----------
    window : MainWindow
    mapping : MappingCommands
        Reads the masks.
    """

    opened = Signal(Path)
    """A reference was opened from this file."""

    def __init__(self, window: MainWindow, mapping: MappingCommands) -> None:
        super().__init__(window)
        self._window = window
        self._mapping = mapping
        self._session = window.session
        window.commands["open_reference"].triggered.connect(self.open)
        window.reference.open_wanted.connect(self.open)
        window.reference.labels_wanted.connect(self.find_labels)

    @Slot()
    def open(self) -> None:
        """Ask for a real image."""
        start = str(last_folder(self._window.preferences))
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Open a reference: a real image", start, "Images (*.png);;All files (*)"
        )
        if path:
            keep_folder(self._window.preferences, Path(path))
            self.open_image(Path(path))

    @Slot(Path)
    def open_image(self, path: Path, *, fit: Fit | None = None) -> None:
        """Take an image as the reference, with the mask beside it or, where there is none, one to be found."""
        document = self._session.document
        if document is None:
            return
        description, messages = document.checkpoint.description, self._window.messages
        try:
            image = read_reference(path, description.size, description.channels, fit)
            beside = mask_beside(path)
            if beside is not None:
                self._mapping.read(beside, partial(self._with_mask, path, image), fit=fit)
        except WrongSizeError as error:
            ask_to_fit(messages, error, partial(self.open_image, path))
            return
        except SegPaintError as error:
            messages.show_error(error)
            return
        if beside is not None:
            return
        messages.hide()
        if has_segmenter(document.checkpoint.folder):
            messages.ask(
                f"{path.name} has no mask beside it. The model's segmenter can find its labels, or paint them "
                "and press the tick beside the reference.",
                "Find the labels",
                partial(self._session.find_reference_labels, path.name, image),
            )
            self._without_mask(path.name, image)
        else:
            messages.tell(
                f"{path.name} has no mask beside it, and this model has no segmenter to find its labels: paint "
                "them, and press the tick beside the reference."
            )
            self._without_mask(path.name, image)
        self.opened.emit(path)

    def _with_mask(self, path: Path, image: NDArray[np.uint8], mask: NDArray[np.uint8]) -> None:
        document, messages = self._session.document, self._window.messages
        if document is None:
            return
        messages.hide()
        self._session.take_reference(Reference(path.name, image, mask, document.table.indices))
        if holds_request(path):
            messages.tell(f"{path.name} was made by SegPaint: it is synthetic, and shows no patient.")
        self.opened.emit(path)

    def _without_mask(self, name: str, image: NDArray[np.uint8]) -> None:
        document = self._session.document
        if document is not None:
            blank = np.zeros(document.mask.shape, np.uint8)
            self._session.take_reference(Reference(name, image, blank, ()))

    @Slot()
    def find_labels(self) -> None:
        """Let the segmenter find the labels of the reference."""
        document = self._session.document
        if document is None or document.reference is None:
            return
        if not has_segmenter(document.checkpoint.folder):
            self._window.messages.tell("This model has no segmenter; paint the labels, and press the tick.")
            return
        self._session.find_reference_labels(document.reference.name, document.reference.image)
