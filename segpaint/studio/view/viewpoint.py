"""Zoom and place, shared by the panes, so that they always show the same."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QSizeF, Signal

CLOSEST = 64.0
"""Largest zoom, in screen pixels per image pixel."""
MARGIN = 0.02
"""Around a fitted image, as a share of the room there is."""
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
        self._covered = 0.0

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

    def set_covered(self, height: float) -> None:
        """Tell how much of the panes something lies over, in screen pixels from their lower edge."""
        changed, self._covered = height != self._covered, height
        if changed and self.is_fitted:
            self.fit()

    def fit(self) -> None:
        """Show all of the image: in the middle, or as little above it as what is covered asks for."""
        self.is_fitted = True
        self.zoom = self._fitting_zoom()
        middle = QPointF(self.image_size.width() / 2, self.image_size.height() / 2)
        self.centre = middle + QPointF(0, self._rise / self.zoom)
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

    @property
    def _free_height(self) -> float:
        return self._pane_size.height() - self._covered

    @property
    def _rise(self) -> float:
        """By how many screen pixels the fitted image lies above the middle of the pane."""
        lower_edge = self.image_size.height() * self.zoom / 2 + MARGIN * self._free_height
        return max(0.0, lower_edge - (self._free_height - self._pane_size.height() / 2))

    def _fitting_zoom(self) -> float:
        across = self._pane_size.width() / self.image_size.width()
        down = self._free_height / self.image_size.height()
        return max(0.05, (1 - 2 * MARGIN) * min(across, down))
