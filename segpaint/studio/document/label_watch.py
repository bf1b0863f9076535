"""The state of the open mask's labels: counted during painting, checked for problems during pauses."""

from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.labels.counting import count_values
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument

COUNTING = 100
"""Milliseconds between two counts while the mask changes."""
PAUSE = 300
"""Milliseconds without a change after which the mask is checked."""

Hints = dict[int, tuple[str, ...]]


class LabelWatch(QObject):
    """Watches the labels of the open document."""

    counted = Signal(object)
    """Pixels of every mask value, see `segpaint.core.labels.counting.count_values`."""
    doubted = Signal(object)
    """Hints by label, see `segpaint.core.requests.sanity.find_hints`."""

    def __init__(self, opened: OpenDocument, background: Background) -> None:
        super().__init__()
        self._opened, self._background = opened, background
        self._number = 0  # counts documents, so that hints about a closed one can be ignored
        self._is_doubting = False
        self.counts = count_values(opened.document.mask.values)
        """As last emitted."""
        self._counting = QTimer(self, singleShot=True, interval=COUNTING)
        self._counting.timeout.connect(self.count)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._doubt)
        opened.switched.connect(self._on_document)
        opened.mask_changed.connect(self._on_mask)
        opened.labels_changed.connect(self._pause.start)
        opened.reference_changed.connect(self.count)  # it settles whether pixels have a size in millimetres

    @Slot()
    def begin(self) -> None:
        """Look at the first document; not before the window's first picture, which that would delay."""
        self._pause.start()

    @Slot()
    def count(self) -> None:
        """Count the labels now."""
        self.counts = count_values(self._opened.document.mask.values)
        self.counted.emit(self.counts)

    @Slot()
    def close(self) -> None:
        """Stop watching."""
        self._counting.stop()
        self._pause.stop()
        self._number += 1

    @Slot()
    def _on_document(self) -> None:
        self._counting.stop()
        self._number += 1
        self.count()
        self.doubted.emit({})
        self._pause.start()

    @Slot()
    def _on_mask(self) -> None:
        if not self._counting.isActive():
            self._counting.start()
        self._pause.start()

    @Slot()
    def _doubt(self) -> None:
        if self._is_doubting:
            self._pause.start()  # checking a large mask may take longer than a pause
            return
        from segpaint.core.requests.sanity import find_hints

        self._is_doubting = True
        document = self._opened.document
        find = partial(find_hints, document.mask.snapshot(), document.used, document.checkpoint.description)
        self._background.start(find, partial(self._on_hints, self._number), lane="hints")

    def _on_hints(self, number: int, hints: Hints) -> None:
        self._is_doubting = False
        if number == self._number:
            self.doubted.emit(hints)
