"""The timeline: every kept step of a run as a thumbnail, a row for each branch."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from segpaint.core.runs.branches import Branch
from segpaint.core.runs.trajectory import Frame
from segpaint.gui.style.pixmaps import to_pixmap
from segpaint.gui.style.theme import SPACE, colors
from segpaint.studio.runs.runs import Runs

HEIGHT = 76
LOWEST = 25
"""Least height of a row; if there is no room for more, the wheel scrolls."""
NARROWEST = 30
"""Least width of a thumbnail, if the height suffices."""
MARGIN = 24
"""Width for the names of the branches."""


@dataclass(frozen=True)
class Spot:
    """A step of a branch on the timeline."""

    branch: Branch
    frame: Frame


class Timeline(QWidget):
    """Shows the branches of the run; a click goes to a step."""

    hovered = Signal(object)
    """The `Spot` under the pointer, or None."""
    menu_wanted = Signal(object, QPoint)
    """A `Spot` and its position on the screen."""

    def __init__(self, runs: Runs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        self._thumbnails: dict[tuple[int, int], QPixmap] = {}
        self._thumbnail_size = 0
        self._first_row = 0
        self.setFixedHeight(HEIGHT)
        self.setMinimumWidth(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Timeline")
        runs.frame_changed.connect(self.update)
        runs.branches_changed.connect(self._on_branches)

    def sizeHint(self) -> QSize:
        return QSize(640, HEIGHT)

    # ---- positions

    def _rows(self) -> list[Branch]:
        """The branches that fit."""
        return list(self._runs.branches)[self._first_row :][: self.height() // LOWEST]

    def _row_height(self) -> float:
        return self.height() / max(1, len(self._rows()))

    def _slot_width(self, branch: Branch) -> float:
        return (self.width() - MARGIN) / branch.request.steps

    def spot_at(self, place: QPointF) -> Spot | None:
        """Find the step shown at a place; beyond the newest step of a branch, the newest."""
        rows = self._rows()
        row = int(place.y() / self._row_height())
        if not 0 <= row < len(rows):
            return None
        branch = rows[row]
        frames = branch.trajectory.frames
        if not frames:
            return None
        index = int((place.x() - MARGIN) / self._slot_width(branch))
        frame = min(frames, key=lambda kept: abs(kept.index - index))
        return Spot(branch, frame)

    def place_of(self, branch: Branch, index: int) -> QPoint:
        """Find the middle of a step's thumbnail."""
        x = MARGIN + (index + 0.5) * self._slot_width(branch)
        return QPointF(x, (self._rows().index(branch) + 0.5) * self._row_height()).toPoint()

    # ---- drawing

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rows, height = self._rows(), self._row_height()
        if rows:
            self._fit_thumbnails(int(min(height - 4, max(self._slot_width(rows[0]) - 3, NARROWEST))))
        for row, branch in enumerate(rows):
            self._draw_row(painter, branch, row * height, height)
        for row, branch in enumerate(rows):
            if branch.parent in rows:
                self._draw_fork(painter, branch, rows.index(branch.parent), row, height)
        if self.hasFocus():
            painter.setPen(QPen(QColor(colors().accent), 1))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _fit_thumbnails(self, size: int) -> None:
        if size != self._thumbnail_size:
            self._thumbnail_size = size
            self._thumbnails.clear()

    def _draw_row(self, painter: QPainter, branch: Branch, top: float, height: float) -> None:
        is_current = branch is self._runs.branches.current
        slot, size = self._slot_width(branch), self._thumbnail_size
        painter.setPen(QColor(colors().text if is_current else colors().faint))
        if len(self._runs.branches) > 1:
            width = MARGIN - SPACE // 2
            name = self.fontMetrics().elidedText(branch.name, Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRectF(0, top, width, height), Qt.AlignmentFlag.AlignCenter, name)
        middle = top + height / 2
        painter.setPen(QPen(QColor(colors().line), 1))
        painter.drawLine(
            QPointF(MARGIN + max(0, branch.fork + 1) * slot, middle), QPointF(self.width() - 2, middle)
        )
        painter.setOpacity(1.0 if is_current else 0.55)
        for frame in self._drawn(branch, slot, size):
            self._draw_thumbnail(painter, frame, MARGIN + frame.index * slot, top, slot, height)
        painter.setOpacity(1.0)
        for change in branch.request.changes:
            if change.step > branch.fork:
                centre = QPointF(MARGIN + change.step * slot, top + 4)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(colors().warning))
                painter.drawEllipse(centre, 2.5, 2.5)
        current = branch.trajectory.current
        if is_current and current is not None:
            self._draw_cursor(painter, current, slot, top, height)

    def _drawn(self, branch: Branch, slot: float, size: int) -> list[Frame]:
        """Choose as many of the branch's own frames as fit side by side, evenly spread, with the newest."""
        own = [frame for frame in branch.trajectory.frames if frame.index > branch.fork]
        every = max(1, round((size + 2) / slot + 0.499))
        chosen = [frame for frame in own if frame.index % every == 0]
        if own and own[-1] not in chosen:
            # It replaces its neighbour instead of covering half of it.
            if chosen and (own[-1].index - chosen[-1].index) * slot < size:
                chosen.pop()
            chosen.append(own[-1])
        return chosen

    def _draw_thumbnail(
        self, painter: QPainter, frame: Frame, left: float, top: float, slot: float, height: float
    ) -> None:
        picture = self._thumbnail(frame)
        size = picture.deviceIndependentSize()
        x = min(max(left + (slot - size.width()) / 2, MARGIN), self.width() - size.width() - 2)
        painter.drawPixmap(QPointF(x, top + (height - size.height()) / 2), picture)

    def _thumbnail(self, frame: Frame) -> QPixmap:
        key = (frame.run, frame.index)
        if key not in self._thumbnails:
            ratio = self.devicePixelRatio()
            self._thumbnails[key] = to_pixmap(frame.picture, self._thumbnail_size, ratio)
        return self._thumbnails[key]

    def _draw_cursor(self, painter: QPainter, frame: Frame, slot: float, top: float, height: float) -> None:
        width = max(slot, self._thumbnail_size + 2.0)
        left = MARGIN + (frame.index + 0.5) * slot - width / 2
        left = min(max(left, MARGIN - 1), self.width() - width - 1)
        if slot < self._thumbnail_size:
            # A thumbnail stands for several steps; the step looked at lies over them.
            self._draw_thumbnail(painter, frame, MARGIN + frame.index * slot, top, slot, height)
        side = self._thumbnail_size + 2
        painter.setPen(QPen(QColor(colors().accent), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(
            QRectF(left + (width - side) / 2, top + (height - side) / 2, side, side).adjusted(1, 1, -1, -1),
            2,
            2,
        )

    def _draw_fork(self, painter: QPainter, branch: Branch, parent: int, row: int, height: float) -> None:
        x = MARGIN + (branch.fork + 1) * self._slot_width(branch)
        is_current = branch is self._runs.branches.current
        color = colors().accent if is_current else colors().faint
        painter.setPen(QPen(QColor(color), 1.5))
        painter.drawLine(QPointF(x, (parent + 0.5) * height), QPointF(x, (row + 0.5) * height))

    @Slot()
    def _on_branches(self) -> None:
        numbers = {branch.run for branch in self._runs.branches}
        self._thumbnails = {key: picture for key, picture in self._thumbnails.items() if key[0] in numbers}
        self._scroll_to_current()
        self.update()

    def _scroll_to_current(self) -> None:
        branches, current = list(self._runs.branches), self._runs.branches.current
        if current is None:
            self._first_row = 0
            return
        room, row = self.height() // LOWEST, branches.index(current)
        self._first_row = min(max(self._first_row, row - room + 1), row)

    # ---- input

    def mousePressEvent(self, event: QMouseEvent) -> None:
        spot = self.spot_at(event.position())
        if spot is None:
            return
        self.go_to(spot)
        if event.button() == Qt.MouseButton.RightButton:
            self.menu_wanted.emit(spot, event.globalPosition().toPoint())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            # The drag stays on the branch where it began.
            current = self._runs.branches.current
            if current is not None and current in self._rows():
                along = QPointF(event.position().x(), self.place_of(current, 0).y())
                spot = self.spot_at(along)
                if spot is not None:
                    self.go_to(spot)
            self.hovered.emit(None)
        else:
            self.hovered.emit(self.spot_at(event.position()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        highest = max(0, len(self._runs.branches) - self.height() // LOWEST)
        rows = -1 if event.angleDelta().y() > 0 else 1
        self._first_row = max(0, min(self._first_row + rows, highest))
        self.update()

    def leaveEvent(self, _event: QEvent) -> None:
        self.hovered.emit(None)

    def go_to(self, spot: Spot) -> None:
        """Look at a step of a branch."""
        self._runs.switch_branch(spot.branch.run)
        self._runs.scrub(spot.frame.index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        runs = self._runs
        match event.key():
            case Qt.Key.Key_Left:
                runs.look_by(-1)
            case Qt.Key.Key_Right:
                runs.look_by(1)
            case Qt.Key.Key_Home:
                runs.scrub(0)
            case Qt.Key.Key_End:
                runs.look_at_newest()
            case Qt.Key.Key_Up | Qt.Key.Key_Down as key:
                self._switch_by(-1 if key == Qt.Key.Key_Up else 1)
            case _:
                super().keyPressEvent(event)

    def _switch_by(self, rows: int) -> None:
        branches = list(self._runs.branches)
        current = self._runs.branches.current
        if current is not None:
            place = max(0, min(branches.index(current) + rows, len(branches) - 1))
            self._runs.switch_branch(branches[place].run)
