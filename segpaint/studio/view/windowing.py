"""Window and level: how the panes show intensities. Files and requests do not depend on it."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.pictures.intensities import IntensityWindow
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.scans.scan import Page, Scan


class Windowing(QObject):
    """The window of intensities of reference and images, reset with each new reference.

    It stays while one moves through the slices of a scan.
    """

    changed = Signal()

    def __init__(self, opened: OpenDocument) -> None:
        super().__init__()
        self._opened = opened
        self._image: NDArray[np.uint8] | None = None
        self._scan: Scan | None = None
        self._window = IntensityWindow()
        opened.switched.connect(self._on_reference)
        opened.reference_changed.connect(self._on_reference)
        self._on_reference()

    @property
    def window(self) -> IntensityWindow:
        """The active one."""
        return self._window

    @window.setter
    def window(self, window: IntensityWindow) -> None:
        if window != self._window:
            self._window = window
            self.changed.emit()

    @Slot()
    def reset(self) -> None:
        """Show intensities unchanged."""
        self.window = IntensityWindow()

    @Slot()
    def _on_reference(self) -> None:
        reference = self._opened.document.reference
        image = reference.image if reference is not None else None
        page = self._opened.document.strokes.page
        scan = page.scan if isinstance(page, Page) else None
        is_next_slice = scan is not None and scan is self._scan
        if image is not self._image and not is_next_slice:  # else only its mask has changed, or the slice
            self.reset()
        self._image, self._scan = image, scan
