"""Puts a picture on the clipboard of the system, in a way that outlives Python."""

from PySide6.QtCore import QMimeData, QStringListModel
from PySide6.QtGui import QGuiApplication, QImage

PNG = "image/png"


def put_picture(image: QImage, png: bytes) -> None:
    """Copy a picture twice: as a file, with its metadata, and as pixels for programs that need them."""
    data = _made_by_qt()
    data.setImageData(image)
    data.setData(PNG, png)
    QGuiApplication.clipboard().setMimeData(data)


def _made_by_qt() -> QMimeData:
    """Make empty clipboard contents in Qt; Python objects could be used after Python has ended, and crash."""
    model = QStringListModel([""])
    data = model.mimeData([model.index(0)])
    data.clear()
    return data
