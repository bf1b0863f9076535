"""Zoom and place, shared by the panes, so that they always show the same."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QSizeF, Signal

CLOSEST = 64.0
"""Largest zoom, in screen pixels per image pixel."""
STEP = 1.5
"""Between one zoom of the keyboard and the next."""


class Viewpoint(QObject):
    """Where all panes look.

    While it is fitted, the whole image stays in view whatever the size of the panes.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.image_size = QSizeF(1, 1)
        self.centre = QPointF(0.5, 0.5)
        self.zoom = 1.0
        self.is_fitted = True
        self._pane_size = QSizeF(1, 1)

    def set_image_size(self, width: int, height: int) -> None:
        """Show an image of this size, fitted."""
        self.image_size = QSizeF(width, height)
        self.fit()

    def set_pane_size(self, size: QSizeF) -> None:
        """Tell how much room a pane has; the smallest that was told in the layout counts."""
        self._pane_size = size
        if self.is_fitted:
            self.fit()
        else:
            self.changed.emit()

    def fit(self) -> None:
        """Show all of the image."""
        self.is_fitted = True
        self.centre = QPointF(self.image_size.width() / 2, self.image_size.height() / 2)
        self.zoom = self._fitting_zoom()
        self.changed.emit()

    def zoom_at(self, point: QPointF, factor: float) -> None:
        """Zoom by a factor; the image point under the pointer stays there."""
        zoom = min(max(self.zoom * factor, self._fitting_zoom() / 2), CLOSEST)
        self.centre = point + (self.centre - point) * (self.zoom / zoom)
        self.zoom = zoom
        self.is_fitted = False
        self.changed.emit()

    def zoom_in(self) -> None:
        """Come nearer to what is in the middle."""
        self.zoom_at(self.centre, STEP)

    def zoom_out(self) -> None:
        """Go further away from it."""
        self.zoom_at(self.centre, 1 / STEP)

    def pan(self, by: QPointF) -> None:
        """Move the image by so many screen pixels."""
        self.centre = self.centre - by / self.zoom
        self.is_fitted = False
        self.changed.emit()

    def _fitting_zoom(self) -> float:
        across = self._pane_size.width() / self.image_size.width()
        down = self._pane_size.height() / self.image_size.height()
        return max(0.05, 0.96 * min(across, down))
