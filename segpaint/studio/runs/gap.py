"""Finds moments at which new frames do not delay the user's painting."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.studio.document.open_document import OpenDocument

LATEST = 50
"""Milliseconds after which a gap is found even without a movement."""


class Gap(QObject):
    """Finds the time between a movement that has reached the screen and the next one.

    A frame at any other time would often coincide with a movement, and each would delay the other.
    """

    found = Signal()

    def __init__(self, opened: OpenDocument) -> None:
        super().__init__(opened)
        self._opened = opened
        self._latest = QTimer(self, singleShot=True, interval=LATEST)
        self._latest.timeout.connect(self._end)
        self._painted = QTimer(self, singleShot=True, interval=0)  # fires after pending painting
        self._painted.timeout.connect(self._end)
        opened.mask_changed.connect(self._on_movement)

    @Slot()
    def seek(self) -> None:
        """Emit `found` soon: at once, unless the document is being painted on."""
        if not self._opened.document.strokes.is_under_way:
            self._end()
        elif not self._latest.isActive():
            self._latest.start()

    @Slot()
    def _on_movement(self) -> None:
        if self._latest.isActive():
            self._painted.start()

    @Slot()
    def _end(self) -> None:
        self._latest.stop()
        self._painted.stop()
        self.found.emit()
