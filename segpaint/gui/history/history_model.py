"""The results of the history as a list, newest first; a picture is read when it is first shown."""

from collections import OrderedDict
from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QAbstractListModel, QMimeData, QModelIndex, QObject, QPersistentModelIndex, Qt, QUrl
from PySide6.QtGui import QPixmap

from segpaint.core.errors import SegPaintError
from segpaint.core.printable import printable
from segpaint.core.requests.kinds import about
from segpaint.core.requests.origins import Withheld
from segpaint.core.words import counted
from segpaint.gui.parts.plain import plain
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.io.history_files import HistoryFolder, read_pixels
from segpaint.io.results import read_request

SIDE = 72
"""Width of a thumbnail, in device-independent pixels."""
PICTURES = 400
"""Thumbnails kept in memory: more than any screen shows."""
STARRED = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class HistoryModel(QAbstractListModel):
    """Lists a folder's results.

    Parameters
    ----------
    ratio : float
        Screen pixels per device-independent pixel.
    parent : QObject
        Deletes it: a view must not outlive its model.
    """

    def __init__(self, folder: HistoryFolder, ratio: float, parent: QObject) -> None:
        super().__init__(parent)
        self.folder, self._ratio = folder, ratio
        self._paths = folder.open()[::-1]
        self.pictures: OrderedDict[Path, QPixmap] = OrderedDict()

    def path(self, index: Index) -> Path:
        """Return the file of a result."""
        return self._paths[index.row()]

    def add(self, path: Path) -> None:
        """Put a new result first."""
        self.beginInsertRows(QModelIndex(), 0, 0)
        self._paths.insert(0, path)
        self.endInsertRows()

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove these from the list."""
        for path in paths:
            row = self._paths.index(path)
            self.beginRemoveRows(QModelIndex(), row, row)
            del self._paths[row]
            self.endRemoveRows()
            self.pictures.pop(path, None)

    def put_back(self, paths: Iterable[Path]) -> None:
        """Put these back to their places."""
        self.beginResetModel()
        self._paths = self.folder.in_order({*self._paths, *paths})[::-1]
        self.endResetModel()

    def refresh(self) -> None:
        """Draw again, since stars have changed."""
        if self._paths:
            self.dataChanged.emit(self.index(0), self.index(len(self._paths) - 1), [STARRED])

    # ---- overrides of Qt

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._paths)

    def flags(self, index: Index) -> Qt.ItemFlag:
        return super().flags(index) | Qt.ItemFlag.ItemIsDragEnabled

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        path = self._paths[index.row()]
        match role:
            case Qt.ItemDataRole.DecorationRole:
                return self._picture(path)
            case Qt.ItemDataRole.ToolTipRole:
                return plain(_describe(path))
            case Qt.ItemDataRole.AccessibleTextRole:
                return printable(path.stem)
        return self.folder.is_starred(path) if role == STARRED else None

    def mimeTypes(self) -> list[str]:
        return ["text/uri-list"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(self.path(index))) for index in indexes])
        return data

    def _picture(self, path: Path) -> QPixmap:
        if path not in self.pictures:
            try:
                self.pictures[path] = to_pixmap(read_pixels(path), SIDE, self._ratio)
            except SegPaintError:  # deleted or damaged by another program: an empty place shows that
                self.pictures[path] = QPixmap()
            while len(self.pictures) > PICTURES:
                self.pictures.popitem(last=False)
        self.pictures.move_to_end(path)
        return self.pictures[path]


def _describe(path: Path) -> str:
    try:
        request = read_request(path)
        what = about(request, read_pixels(path)).sentence
    except SegPaintError as error:
        return str(error)
    day, time = path.stem.split()[:2]
    origin = request.origin.settings if isinstance(request.origin, Withheld) else request.origin
    kind = f", {origin.kind}" if origin is not None else ""
    settings = f"seed {request.seed}, {counted(request.steps, 'step')}, guidance {request.guidance:g}{kind}"
    return f"{day}, {time[:5].replace('-', ':')}\n{request.checkpoint}\n{settings}\nSynthetic? {what}"
