"""The kind of the image shown: synthetic, real, or a mixture."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel

from segpaint.core.requests.origins import Counterfactual
from segpaint.studio.studio import Studio


class ImageTitle(QLabel):
    """Follows the run and the reference."""

    def __init__(self, studio: Studio) -> None:
        super().__init__(objectName="heading")
        self._studio = studio
        studio.opened.switched.connect(self._show)
        studio.opened.reference_changed.connect(self._show)
        studio.runs.frame_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        request = self._studio.runs.request
        tip = "Made by the model; it shows no patient"
        if self._studio.view.comparison.shows_reference:
            text, tip = "Reference", "Nothing has been generated yet"
        elif request is not None and isinstance(request.origin, Counterfactual):
            text = "Edited image"
            if request.origin.margin is not None:
                far = f"{2 * request.origin.margin:g} pixels"
                tip = f"Synthetic near the edit; further away than {far}, each pixel is the reference's own"
        else:
            text = "Synthetic image"
        self.setText(text)
        self.setToolTip(tip)
