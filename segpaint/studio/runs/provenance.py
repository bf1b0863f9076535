"""Checks whether a restored request was made with the open model."""

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.requests.request import Request
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs


class Provenance(QObject):
    """Compares fingerprints once the model is loaded, since the window's thread must not wait for them."""

    differs = Signal(str)
    """A sentence: the request was made with another model."""

    def __init__(self, opened: OpenDocument, runs: Runs) -> None:
        super().__init__()
        self._opened, self._runs = opened, runs
        self._taken: tuple[str, Request] | None = None
        opened.switched.connect(self._forget)
        runs.model_changed.connect(self._compare)

    def take(self, name: str, request: Request) -> None:
        """Compare the model of a request with the open one; messages call the request by this name."""
        self._taken = name, request
        self._compare()

    @Slot()
    def _forget(self) -> None:
        self._taken = None

    @Slot()
    def _compare(self) -> None:
        if self._taken is None or not self._runs.is_ready:
            return
        (name, request), self._taken = self._taken, None
        if request.fingerprint != self._opened.document.checkpoint.fingerprint:
            self.differs.emit(
                f"{name} was made with another model ({request.checkpoint}), so its image will differ."
            )
