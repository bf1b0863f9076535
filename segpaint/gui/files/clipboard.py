"""Copies image and mask to the clipboard, and pastes a mask."""

from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QGuiApplication, QImage

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png
from segpaint.core.requests.kinds import about, about_reference
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.size_question import ask_to_fit
from segpaint.gui.parts.system_clipboard import PNG, put_picture
from segpaint.gui.style.pixmaps import to_image
from segpaint.io.image_files import encode_mask
from segpaint.io.results import encode_described, encode_image
from segpaint.io.sizes import Fit, WrongSizeError
from segpaint.studio.studio import Studio

PASTED = Path("The image in the clipboard")
"""Its name in errors."""
SHOWN = 4000
"""Milliseconds for which the status line shows what was copied or pasted."""


def copy_image(studio: Studio, shell: Shell) -> None:
    """Copy the image looked at: a step of the run or, before there is one, the reference."""
    reference = studio.reference.current
    if studio.runs.looked_at is not None:
        request, frame = studio.runs.looked_at
        pixels = frame.noisy if studio.view.switches.is_on("noisy") else frame.picture
        what = about(request, pixels)
        words = f"Copied PATIENT DATA: {what.sentence}" if what.shows_patient else "Copied the image"
        _copy(shell, pixels, encode_image(pixels, request, is_finished=frame.is_last), words)
    elif reference is not None:
        name = studio.document.checkpoint.folder.resolve().name
        what = about_reference(name, reference.image, reference.made_by)
        if what.shows_patient:
            png, words = encode_png(Image.fromarray(reference.image)), "Copied the reference, a patient's image"
        else:
            png, words = encode_described(reference.image, what), "Copied the reference, which is synthetic"
        _copy(shell, reference.image, png, words)
    else:
        words = "There is no image to copy yet"
        shell.say(words, SHOWN, until=lambda: (studio.runs.looked_at or studio.reference.current) is not None)


def copy_mask(studio: Studio, shell: Shell) -> None:
    """Copy the mask, with the values of its pixels and in its labels' colours."""
    mask, table = studio.document.mask, studio.document.table
    _copy(shell, table.colors()[mask.values], encode_mask(mask.snapshot(), table), "Copied the mask")


def _copy(shell: Shell, pixels: NDArray[np.uint8], png: bytes, words: str) -> None:
    put_picture(to_image(pixels), png)
    shell.say(words, SHOWN)


def paste_mask(studio: Studio, shell: Shell) -> None:
    """Replace the painted mask by the one in the clipboard; a file copied there is opened."""
    data: QMimeData | None = QGuiApplication.clipboard().mimeData()
    files = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()] if data else []
    if data is not None and data.hasFormat(PNG):
        _paste(studio, shell, bytes(data.data(PNG).data()))
    elif files:  # before pixels, since some systems add a file's icon
        open_file(studio, shell, files[0])
    elif data is not None and data.hasImage():
        _paste(studio, shell, _to_png(data.imageData()))
    else:
        shell.say("There is no mask in the clipboard to paste", SHOWN)


def _paste(studio: Studio, shell: Shell, png: bytes, *, fit: Fit | None = None) -> None:
    from segpaint.gui.files.mask_reader import read_into

    try:
        read_into(studio, shell, PASTED, partial(_take, studio, shell), fit=fit, content=png)
    except WrongSizeError as error:
        ask_to_fit(shell, error, partial(_paste, studio, shell, png))
    except SegPaintError as error:
        shell.warn(error)


def _take(studio: Studio, shell: Shell, values: NDArray[np.uint8]) -> None:
    shell.quiet()
    studio.document.strokes.replace(values, "Paste")
    shell.say("Pasted the mask", SHOWN)


def _to_png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())
