"""The relay, which repeats the signals of the open document."""

from PySide6.QtCore import QMetaObject, QObject, Signal, Slot

from segpaint.studio.document.document import Document


class OpenDocument(QObject):
    """Holds the open document and repeats its signals, so that others need to connect only once.

    A document outlives being open, and an undo stack emits a signal when it is destroyed. Only the relay
    connects to documents, and only while they are open.

    Parameters
    ----------
    document : Document
        The first one.
    """

    switching = Signal(object)
    """Another `Document` is about to be opened and can be prepared."""
    switched = Signal(object)
    """Another `Document` is open."""
    mask_changed = Signal(object)
    stroke_ended = Signal()
    page_turned = Signal()
    pages_changed = Signal()
    context_restored = Signal(object)
    edited = Signal(int)
    """The undo stack is at another index: an edit was made, undone or redone."""
    labels_changed = Signal()
    settings_changed = Signal()
    paint_value_changed = Signal(int)
    reference_changed = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._connections: list[QMetaObject.Connection] = []
        self._connect(document)

    def switch(self, document: Document) -> None:
        """Open another document; a stroke in the one before ends."""
        self.document.strokes.end()
        self.close()
        self.switching.emit(document)
        self._connect(document)
        self.switched.emit(document)

    @Slot()
    def close(self) -> None:
        """Stop repeating signals."""
        for connection in self._connections:
            QObject.disconnect(connection)
        self._connections = []

    def _connect(self, document: Document) -> None:
        self.document = document
        strokes = document.strokes
        self._connections = [
            signal.connect(own)
            for signal, own in (
                (strokes.mask_changed, self.mask_changed),
                (strokes.stroke_ended, self.stroke_ended),
                (strokes.page_turned, self.page_turned),
                (strokes.pages_changed, self.pages_changed),
                (strokes.context_restored, self.context_restored),
                (strokes.stack.indexChanged, self.edited),
                (document.labels_changed, self.labels_changed),
                (document.settings_changed, self.settings_changed),
                (document.paint_value_changed, self.paint_value_changed),
                (document.reference_changed, self.reference_changed),
            )
        ]
