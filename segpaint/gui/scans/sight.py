"""Where the pixels of a slice lie on the screen."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF

from segpaint.core.volumes.frame import Frame

Edges = tuple[float, float, float, float]


def edges_around(shape: tuple[int, int], frame: Frame | None) -> Edges:
    """Find the first and last row and column of a slice and its frame together."""
    top, bottom, left, right = frame.box if frame is not None else (0.0, 0.0, 0.0, 0.0)
    return min(-0.5, top), max(shape[0] - 0.5, bottom), min(-0.5, left), max(shape[1] - 0.5, right)


@dataclass(frozen=True)
class Sight:
    """Maps rows and columns of a slice to points of a widget.

    Attributes
    ----------
    origin : QPointF
        Where the upper left corner of the first pixel lies.
    across, down : float
        Width of a column and height of a row, which differ where pixels are not square.
    """

    origin: QPointF
    across: float
    down: float

    @classmethod
    def fitting(
        cls, edges: Edges, spacing: tuple[float, float], room: QSizeF, margin: float, zoom: float,
        centre: QPointF,
    ) -> "Sight":  # fmt: skip
        """Fit a part of a slice, or more than that, into a widget, in true proportions.

        Parameters
        ----------
        edges : tuple of float
            First and last row, first and last column of what is fitted, see `edges_around`.
        spacing : tuple of float
            Millimetres between rows, and between columns.
        margin : float
            Around what is fitted.
        zoom : float
            How many times larger than fitted.
        centre : QPointF
            Which part of it is in the middle, as shares of width and height.
        """
        top, bottom, left, right = edges
        wide, tall = (right - left) * spacing[1], (bottom - top) * spacing[0]
        scale = zoom * max(1e-6, min((room.width() - 2 * margin) / wide, (room.height() - 2 * margin) / tall))
        middle = QPointF(room.width() / 2, room.height() / 2)
        origin = middle - QPointF(centre.x() * wide * scale, centre.y() * tall * scale)
        origin -= QPointF((left + 0.5) * spacing[1] * scale, (top + 0.5) * spacing[0] * scale)
        return cls(origin, spacing[1] * scale, spacing[0] * scale)

    def point(self, row: float, column: float) -> QPointF:
        """Find the point of a place; (0, 0) is the middle of the first pixel."""
        return self.origin + QPointF((column + 0.5) * self.across, (row + 0.5) * self.down)

    def place(self, point: QPointF) -> tuple[float, float]:
        """Find the row and column at a point."""
        offset = point - self.origin
        return offset.y() / self.down - 0.5, offset.x() / self.across - 0.5

    def rect(self, top: float, bottom: float, left: float, right: float) -> QRectF:
        """Find the rectangle between places."""
        return QRectF(self.point(top, left), self.point(bottom, right))

    def rect_of(self, frame: Frame) -> QRectF:
        """Find the rectangle of a frame."""
        return self.rect(*frame.box)
