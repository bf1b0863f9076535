"""The filmstrip of earlier results, below the timeline."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QLabel,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from segpaint.gui.history.history_model import SIDE, STARRED, HistoryModel
from segpaint.gui.style.theme import SPACE, colors
from segpaint.gui.style.theme_colors import PICTURE, STAR
from segpaint.studio.runs.history import History

MARGIN = SPACE // 2


class Thumbnail(QStyledItemDelegate):
    """Draws a result: its picture, a frame where it is chosen, and its star."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(SIDE + 2 * MARGIN, SIDE + 2 * MARGIN)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        rect = QRect(option.rect.topLeft() + QPoint(MARGIN, MARGIN), QSize(SIDE, SIDE))
        picture = index.data(Qt.ItemDataRole.DecorationRole)
        painter.fillRect(rect, QColor(PICTURE))
        if isinstance(picture, QPixmap) and not picture.isNull():
            painter.drawPixmap(rect.topLeft(), picture)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(colors().accent), 2))
            painter.drawRect(rect)
        if index.data(STARRED):
            font = painter.font()
            font.setPixelSize(16)
            painter.setFont(font)
            painter.setPen(QColor(STAR))
            painter.drawText(
                rect.adjusted(0, 0, -3, 0), Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight, "★"
            )


class ResultStrip(QListView):
    """The thumbnails in one row, newest first; the wheel goes along it."""

    restore_wanted = Signal(Path)
    delete_wanted = Signal()

    def __init__(self, model: HistoryModel) -> None:
        super().__init__(objectName="film")
        self.setModel(model)
        self.setItemDelegate(Thumbnail(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFixedHeight(SIDE + 2 * MARGIN + 10)
        self.setAccessibleName("History")
        self.activated.connect(self._on_activated)

    @property
    def chosen(self) -> list[Path]:
        """The results selected, in the order in which they lie."""
        model: HistoryModel = self.model()
        return [model.path(index) for index in sorted(self.selectedIndexes())]

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.restore_wanted.emit(self.model().path(index))

    def wheelEvent(self, event: QWheelEvent) -> None:
        bar = self.horizontalScrollBar()
        delta = event.angleDelta()
        bar.setValue(bar.value() - (delta.x() or delta.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_wanted.emit()
        else:
            super().keyPressEvent(event)


class HistoryStrip(QFrame):
    """Shows the history.

    Parameters
    ----------
    history : History
    """

    menu_wanted = Signal(QPoint)
    """Where on the screen; what it is for is selected."""

    def __init__(self, history: History) -> None:
        super().__init__(objectName="bar")
        self.history = history
        self.model = HistoryModel(history.folder, self.devicePixelRatio(), self)
        self.film = ResultStrip(self.model)
        self.empty = QLabel(
            "Each finished image is kept here, with everything that makes it again.",
            objectName="heading", alignment=Qt.AlignmentFlag.AlignCenter,
        )  # fmt: skip
        self.empty.setFixedHeight(self.film.height())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE, 0, SPACE, SPACE // 2)
        layout.addWidget(self.film)
        layout.addWidget(self.empty)
        history.added.connect(self._on_added)
        self.film.customContextMenuRequested.connect(self._on_menu)
        self.model.rowsInserted.connect(self._show_emptiness)
        self.model.rowsRemoved.connect(self._show_emptiness)
        self.model.modelReset.connect(self._show_emptiness)
        self._show_emptiness()
        self.hide()

    @Slot(Path)
    def _on_added(self, path: Path) -> None:
        self.model.add(path)
        if self.film.horizontalScrollBar().value() < SIDE:
            self.film.scrollToTop()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        if self.film.selectedIndexes():
            self.menu_wanted.emit(self.film.viewport().mapToGlobal(place))

    @Slot()
    def _show_emptiness(self) -> None:
        is_empty = self.model.rowCount() == 0
        self.film.setVisible(not is_empty)
        self.empty.setVisible(is_empty)
