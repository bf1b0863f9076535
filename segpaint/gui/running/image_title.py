"""What the image pane shows: something synthetic, something real, or something of both."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel

from segpaint.core.requests.origins import Counterfactual
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session


class ImageTitle(QLabel):
    """Follows the session."""

    def __init__(self, session: Session) -> None:
        super().__init__(objectName="heading")
        self._session = session
        self._heard = Connections()
        session.document_changed.connect(self._on_document)
        session.frame_changed.connect(self._show)
        self._show()

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._heard.renew((document.reference_changed, self._show))
        self._show()

    @Slot()
    def _show(self) -> None:
        request, document = self._session.request, self._session.document
        tip = "Made by the model; it shows no patient"
        if self._session.trajectory.current is None and document is not None and document.reference is not None:
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
