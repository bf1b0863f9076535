"""A note on the image that the mask has changed since it was made."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget
from superqt.utils import QSignalThrottler

from segpaint.gui.parts.badge import Badge
from segpaint.studio.studio import Studio

PAUSE = 100
"""Milliseconds from a change of the mask until it is compared with that of the image, since masks change far
more often than anybody reads."""


class OutdatedBadge(Badge):
    """Lies on the image pane while it applies."""

    def __init__(self, studio: Studio, pane: QWidget) -> None:
        super().__init__(pane, place=1)
        self.say("Made from an earlier mask", "Earlier mask")
        self._runs = studio.runs
        self._soon = QSignalThrottler(QSignalThrottler.EmissionPolicy.Trailing, self)
        self._soon.setTimeout(PAUSE)
        self._soon.triggered.connect(self._show)
        self.setToolTip("The mask or the labels in use have changed since this run was started")
        for changed in (
            studio.opened.switched, studio.opened.labels_changed,
            self._runs.frame_changed, self._runs.state_changed,
        ):  # fmt: skip
            changed.connect(self._show)
        studio.opened.mask_changed.connect(self._soon.throttle)
        self._show()

    @Slot()
    def _show(self) -> None:
        self.setVisible(self._runs.trajectory.current is not None and self._runs.is_outdated)
