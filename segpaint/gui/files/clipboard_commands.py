"""Image and mask to the clipboard, and a mask from there."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QObject, QStringListModel, Slot
from PySide6.QtGui import QGuiApplication, QImage

from segpaint.core.errors import SegPaintError
from segpaint.gui.files.file_commands import FileCommands
from segpaint.gui.files.mapping_commands import MappingCommands
from segpaint.gui.parts.size_question import ask_to_fit
from segpaint.gui.style.pixmaps import to_image
from segpaint.gui.window.main_window import MainWindow
from segpaint.io.masks import encode_mask
from segpaint.io.results import encode_image
from segpaint.io.sizes import Fit, WrongSizeError

PNG = "image/png"
PASTED = Path("The image in the clipboard")
"""What errors call it."""
TOLD = 4000
"""Milliseconds for which the status bar says what was copied or pasted."""


class ClipboardCommands(QObject):
    """What the Edit menu does with the clipboard.

    What is copied lies there twice: as the PNG file that File > Save would write, and as pixels for
    programs that take nothing else.

    Parameters
    ----------
    window : MainWindow
    files : FileCommands
    mapping : MappingCommands
        Reads the masks.
    """

    def __init__(self, window: MainWindow, files: FileCommands, mapping: MappingCommands) -> None:
        super().__init__(window)
        self._window, self._files, self._mapping = window, files, mapping
        self._session = window.session
        for key, slot in {
            "copy_image": self.copy_image,
            "copy_mask": self.copy_mask,
            "paste_mask": self.paste_mask,
        }.items():
            window.commands[key].triggered.connect(slot)

    @Slot()
    def copy_image(self) -> None:
        """Copy the image looked at: a step of the run or, before there is one, the reference."""
        session = self._session
        frame, request, document = session.trajectory.current, session.request, session.document
        if frame is not None and request is not None:
            is_noisy = self._window.commands["noisy"].isChecked()
            pixels = frame.noisy if is_noisy else frame.picture
            self._copy(pixels, encode_image(pixels, request, is_finished=frame.is_last), "Copied the image")
        elif document is not None and document.reference is not None:
            pixels = document.reference.image
            buffer = io.BytesIO()
            Image.fromarray(pixels).save(buffer, "PNG")
            self._copy(pixels, buffer.getvalue(), "Copied the reference")
        else:
            self._tell("There is no image to copy yet")

    @Slot()
    def copy_mask(self) -> None:
        """Copy the mask, each value of its pixels and in its labels' colours."""
        document = self._session.document
        if document is not None:
            mask, table = document.mask.values, document.table
            self._copy(table.colors()[mask], encode_mask(document.mask.snapshot(), table), "Copied the mask")

    def _copy(self, pixels: NDArray[np.uint8], png: bytes, words: str) -> None:
        data = _made_by_qt()
        data.setImageData(to_image(pixels))
        data.setData(PNG, png)
        QGuiApplication.clipboard().setMimeData(data)
        self._tell(words)

    @Slot()
    def paste_mask(self) -> None:
        """Put the mask in the clipboard in place of the one painted; a file copied there is opened."""
        data: QMimeData | None = QGuiApplication.clipboard().mimeData()
        files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()] if data else []
        if data is not None and data.hasFormat(PNG):
            self._paste(bytes(data.data(PNG).data()))
        elif files:  # before pixels, for some systems put a file's icon there, too
            self._files.open_file(files[0])
        elif data is not None and data.hasImage():
            self._paste(_to_png(data.imageData()))
        else:
            self._tell("There is no mask in the clipboard to paste")

    def _paste(self, png: bytes, *, fit: Fit | None = None) -> None:
        messages = self._window.messages
        try:
            self._mapping.read(PASTED, self._take, fit=fit, content=png)
        except WrongSizeError as error:
            ask_to_fit(messages, error, partial(self._paste, png))
        except SegPaintError as error:
            messages.show_error(error)

    def _take(self, values: NDArray[np.uint8]) -> None:
        if self._session.document is not None:
            self._window.messages.hide()
            self._session.document.replace_mask(values, "Paste")
            self._tell("Pasted the mask")

    def _tell(self, words: str) -> None:
        self._window.statusBar().showMessage(words, TOLD)


def _made_by_qt() -> QMimeData:
    """Empty contents for the clipboard; it may outlive Python, and would crash on what Python has made."""
    model = QStringListModel([""])
    data = model.mimeData([model.index(0)])
    data.clear()
    return data


def _to_png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())
