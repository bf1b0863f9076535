"""The filmstrip of earlier results, below the timeline."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, QUrl, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDesktopServices,
    QKeyEvent,
    QPainter,
    QPen,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from segpaint.gui.commands.shell import Shell
from segpaint.gui.history.history_model import SIDE, STARRED, HistoryModel
from segpaint.gui.history.results import compare, delete, restore, star
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.style.theme import SPACE, colors
from segpaint.gui.style.theme_colors import PICTURE, STAR
from segpaint.studio.studio import Studio

MARGIN, BAR = SPACE // 2, 10
ROW = SIDE + 2 * MARGIN
"""Height of a row of thumbnails in pixels; below a single one there is a scroll bar."""
SWITCH = "history"


class Thumbnail(QStyledItemDelegate):
    """Draws a result: its picture, a frame if it is selected, and its star."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(ROW, ROW)

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
    """The thumbnails, newest first, in as many rows as there is height for; the wheel scrolls them."""

    restore_wanted = Signal(Path)
    delete_wanted = Signal()

    def __init__(self, model: HistoryModel) -> None:
        super().__init__(objectName="film")
        self._results = model
        self.setModel(model)
        self.setItemDelegate(Thumbnail(self))
        self.setFlow(QListView.Flow.LeftToRight)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setMinimumHeight(ROW + BAR)
        self.setAccessibleName("History")
        self.activated.connect(self._on_activated)

    @property
    def chosen(self) -> list[Path]:
        """The selected results, in the order of the strip."""
        return [self._results.path(index) for index in sorted(self.selectedIndexes())]

    @Slot(QModelIndex)
    def _on_activated(self, index: QModelIndex) -> None:
        self.restore_wanted.emit(self._results.path(index))

    def sizeHint(self) -> QSize:
        return QSize(ROW, ROW + BAR)

    def resizeEvent(self, event: QResizeEvent) -> None:
        if (several := event.size().height() >= 2 * ROW) is not self.isWrapping():
            self.setWrapping(several)
            never, needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
            self.setVerticalScrollBarPolicy(needed if several else never)
            self.setHorizontalScrollBarPolicy(never if several else needed)
        super().resizeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.isWrapping():
            super().wheelEvent(event)
            return
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
    """Shows the history."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__(objectName="bar")
        self._studio, self._shell = studio, shell
        self.model = HistoryModel(studio.history.folder, self.devicePixelRatio(), self)
        self.film = ResultStrip(self.model)
        self.empty = PlainLabel(
            "Each finished image is kept here, with everything that makes it again.",
            objectName="heading", alignment=Qt.AlignmentFlag.AlignCenter,
        )  # fmt: skip
        self.empty.setMinimumHeight(ROW + BAR)
        in_column(self.film, self.empty, of=self, margins=(SPACE, 0, SPACE, SPACE // 2))
        studio.history.added.connect(self._on_added)
        studio.view.switches.changed.connect(self._on_switch)
        self.film.customContextMenuRequested.connect(self._on_menu)
        self.film.restore_wanted.connect(self._restore)
        self.film.delete_wanted.connect(self._delete)
        self.model.rowsInserted.connect(self._show_emptiness)
        self.model.rowsRemoved.connect(self._show_emptiness)
        self.model.modelReset.connect(self._show_emptiness)
        self._show_emptiness()
        if not studio.view.switches.is_on(SWITCH):
            self.hide()

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key == SWITCH:
            self.setVisible(self._studio.view.switches.is_on(SWITCH))

    @Slot(Path)
    def _on_added(self, path: Path) -> None:
        self.model.add(path)
        if max(bar.value() for bar in (self.film.horizontalScrollBar(), self.film.verticalScrollBar())) < SIDE:
            self.film.scrollToTop()

    @Slot(QPoint)
    def _on_menu(self, place: QPoint) -> None:
        """Offer actions for the selected results."""
        chosen = self.film.chosen
        if not chosen:
            return
        menu, studio, shell = self._shell.menu(), self._studio, self._shell
        if len(chosen) == 1:
            menu.addAction("Restore everything", partial(restore, studio, shell, chosen[0]))
            menu.addAction("Compare with the image shown", partial(compare, studio, shell, chosen[0]))
        elif len(chosen) == 2:
            menu.addAction("Compare the two", partial(compare, studio, shell, chosen[1], chosen[0]))
        menu.addSeparator()
        starred = all(self.model.folder.is_starred(path) for path in chosen)
        change = partial(star, shell, self.model, chosen, on=not starred)
        menu.addAction("Take the star away" if starred else "Star", change)
        menu.addAction("Show in the file manager", partial(_show_file, chosen[0]))
        menu.addSeparator()
        words = f"Delete {len(chosen)} images" if len(chosen) > 1 else "Delete"
        menu.addAction(words, partial(delete, shell, self.model, chosen))
        menu.popup(self.film.viewport().mapToGlobal(place))

    @Slot(Path)
    def _restore(self, path: Path) -> None:
        restore(self._studio, self._shell, path)

    @Slot()
    def _delete(self) -> None:
        delete(self._shell, self.model, self.film.chosen)

    @Slot()
    def _show_emptiness(self) -> None:
        is_empty = self.model.rowCount() == 0
        self.film.setVisible(not is_empty)
        self.empty.setVisible(is_empty)


def _show_file(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
