"""A note on the image that the mask, the reference or its use has changed since it was made."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QWidget
from superqt.utils import QSignalThrottler

from segpaint.core.requests.origins import digest_of
from segpaint.gui.parts.badge import Badge
from segpaint.studio.document.taking_up import purpose_of
from segpaint.studio.studio import Studio
from segpaint.studio.view.patients import mixes, patient_of

PAUSE = 100
"""Milliseconds from a change of the mask until it is compared with that of the image, since masks change far
more often than anybody reads."""


class OutdatedBadge(Badge):
    """Lies on the image pane while it applies."""

    def __init__(self, studio: Studio, pane: QWidget) -> None:
        super().__init__(pane, place=1)
        self._opened, self._runs = studio.opened, studio.runs
        self._soon = QSignalThrottler(QSignalThrottler.EmissionPolicy.Trailing, self)
        self._soon.setTimeout(PAUSE)
        self._soon.triggered.connect(self._show)
        for changed in (
            studio.opened.switched, studio.opened.labels_changed, studio.opened.reference_changed,
            studio.opened.settings_changed, self._runs.frame_changed, self._runs.state_changed,
        ):  # fmt: skip
            changed.connect(self._show)
        studio.opened.mask_changed.connect(self._soon.throttle)
        self._show()

    @Slot()
    def _show(self) -> None:
        shown, reference = self._runs.looked_at, self._opened.document.reference
        if (
            shown is not None
            and reference is not None
            and mixes(patient_of(shown[0]), digest_of(reference.image))
        ):
            self.say("Made from another reference", "Other reference")
            self.setToolTip("This is an image of another patient than the reference")
        elif shown is not None and purpose_of(shown[0]) is not self._opened.document.settings.purpose:
            self.say("Another kind of image", "Other kind")
            self.setToolTip("The image was made before the reference, or what it is for, was changed")
        elif shown is not None and shown[0].attributes != self._opened.document.settings.attributes:
            self.say("Made with other attributes", "Other attributes")
            self.setToolTip("What is asked of the whole image has changed since this run was started")
        else:
            self.say("Made from an earlier mask", "Earlier mask")
            self.setToolTip("The mask or the labels in use have changed since this run was started")
            shown = shown if self._runs.is_outdated else None
        self.setVisible(shown is not None)
