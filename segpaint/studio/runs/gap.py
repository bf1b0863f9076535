"""A moment in which a hand that paints does not wait for what else is to be shown."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.studio.base.connections import Connections
from segpaint.studio.document.edited_mask import EditedMask

LATEST = 50
"""Milliseconds after which a gap is found even if the hand keeps still."""


class Gap(QObject):
    """Finds the time between a movement of the hand that is on the screen and the next one.

    A frame that came at any time would often meet a movement, and each would wait for the other.
    """

    found = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._heard = Connections()
        self._latest = QTimer(self, singleShot=True, interval=LATEST)
        self._latest.timeout.connect(self._end)
        self._painted = QTimer(self, singleShot=True, interval=0)  # fires when what was asked for is painted
        self._painted.timeout.connect(self._end)

    def seek(self, document: EditedMask | None) -> None:
        """Have `found` emitted soon: at once, unless this document is being painted on."""
        if document is None or not document.is_stroking:
            self._end()
        elif not self._latest.isActive():
            self._latest.start()
            self._heard.renew((document.mask_changed, self._on_movement))

    @Slot()
    def _on_movement(self) -> None:
        self._painted.start()

    @Slot()
    def _end(self) -> None:
        self._heard.end()
        self._latest.stop()
        self._painted.stop()
        self.found.emit()
