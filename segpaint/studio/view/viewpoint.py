"""Zoom and place, shared by the panes, so that they always show the same."""

from PySide6.QtCore import QObject, QPointF, QSizeF, Signal

CLOSEST = 64.0
"""Largest zoom, in screen pixels per image pixel."""
MARGIN = 0.02
"""Space around a fitted image, as a share of the available space."""
STEP = 1.5
"""Factor between two zooms of the keyboard."""


class Viewpoint(QObject):
    """The place and zoom of all panes.

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
        """Set the size of a pane; the smallest in the layout counts."""
        self._pane_size = size
        if self.is_fitted:
            self.fit()
        else:
            self.changed.emit()

    def set_covered(self, height: float) -> None:
        """Set how much of the panes is covered, in screen pixels from their lower edge."""
        changed, self._covered = height != self._covered, height
        if changed and self.is_fitted:
            self.fit()

    def fit(self) -> None:
        """Show all of the image: in the middle, or just high enough above what covers it."""
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
        """Zoom in on the middle."""
        self.zoom_at(self.centre, STEP)

    def zoom_out(self) -> None:
        """Zoom out from the middle."""
        self.zoom_at(self.centre, 1 / STEP)

    def pan(self, by: QPointF) -> None:
        """Move the image, in screen pixels."""
        self.centre = self.centre - by / self.zoom
        self.is_fitted = False
        self.changed.emit()

    @property
    def _free_height(self) -> float:
        return self._pane_size.height() - self._covered

    @property
    def _rise(self) -> float:
        """Compute by how many screen pixels the fitted image lies above the middle of the pane."""
        lower_edge = self.image_size.height() * self.zoom / 2 + MARGIN * self._free_height
        return max(0.0, lower_edge - (self._free_height - self._pane_size.height() / 2))

    def _fitting_zoom(self) -> float:
        across = self._pane_size.width() / self.image_size.width()
        down = self._free_height / self.image_size.height()
        return max(0.05, (1 - 2 * MARGIN) * min(across, down))
