"""Window and level: how intensities are shown in the panes. No file and no request knows of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.pictures.intensities import IntensityWindow
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document


class Windowing(QObject):
    """The window through which reference and images are looked at, whole again with each other reference."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._document: Document | None = None
        self._heard = Connections()
        self._image: NDArray[np.uint8] | None = None
        self._window = IntensityWindow()

    @property
    def window(self) -> IntensityWindow:
        """The one in force."""
        return self._window

    @window.setter
    def window(self, window: IntensityWindow) -> None:
        if window != self._window:
            self._window = window
            self.changed.emit()

    @Slot()
    def reset(self) -> None:
        """Show intensities as they are."""
        self.window = IntensityWindow()

    @Slot(object)
    def set_document(self, document: Document) -> None:
        """Heed this document's reference from now on."""
        self._document = document
        self._heard.renew((document.reference_changed, self._on_reference))
        self._on_reference()

    @Slot()
    def _on_reference(self) -> None:
        reference = self._document.reference if self._document is not None else None
        image = reference.image if reference is not None else None
        if image is not self._image:  # else only its mask is another
            self._image = image
            self.reset()
