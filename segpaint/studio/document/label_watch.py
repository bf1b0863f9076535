"""What the labels of the open mask are like: counted while somebody paints, doubted when they pause."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.labels.areas import count_values
from segpaint.core.requests.checkpoint import Description
from segpaint.core.requests.sanity import find_hints
from segpaint.studio.base.aside import Aside
from segpaint.studio.base.connections import Connections
from segpaint.studio.document.document import Document
from segpaint.studio.runs.session import Session

COUNTING = 100
"""Milliseconds between two counts while the mask changes."""
PAUSE = 300
"""Milliseconds without a change after which the mask is doubted."""

Hints = dict[int, tuple[str, ...]]


class LabelWatch(QObject):
    """Watches the open document.

    Parameters
    ----------
    session : Session
    """

    counted = Signal(object)
    """Pixels of every mask value, see `segpaint.core.labels.areas.count_values`."""
    doubted = Signal(object)
    """Hints by label, see `segpaint.core.requests.sanity.find_hints`."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._document: Document | None = None
        self._heard = Connections()
        self._number = 0  # of the document: hints about one that was closed come too late
        self._is_doubting = False
        self._aside = Aside(self)
        self._aside.done.connect(self._on_hints)
        self._counting = QTimer(self, singleShot=True, interval=COUNTING)
        self._counting.timeout.connect(self._count)
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._doubt)
        session.document_changed.connect(self._on_document)

    @Slot()
    def close(self) -> None:
        """Watch nothing from now on."""
        self._let_go()
        self._aside.close()

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._let_go()
        self._document = document
        self._number += 1
        self._heard.renew((document.mask_changed, self._on_mask), (document.labels_changed, self._on_labels))
        self._count()
        self.doubted.emit({})
        self._pause.start()

    def _let_go(self) -> None:
        self._counting.stop()
        self._pause.stop()
        self._heard.end()
        self._document = None

    @Slot()
    def _on_mask(self) -> None:
        if not self._counting.isActive():
            self._counting.start()
        self._pause.start()

    @Slot()
    def _on_labels(self) -> None:
        self._pause.start()

    @Slot()
    def _count(self) -> None:
        if self._document is not None:
            self.counted.emit(count_values(self._document.mask.values))

    @Slot()
    def _doubt(self) -> None:
        document = self._document
        if self._is_doubting:
            self._pause.start()  # a large mask may take longer than a pause
        elif document is not None:
            self._is_doubting = True
            description = document.checkpoint.description
            self._aside.start(
                partial(_hints, self._number, document.mask.snapshot(), document.used, description)
            )

    @Slot(object)
    def _on_hints(self, found: tuple[int, Hints]) -> None:
        self._is_doubting = False
        number, hints = found
        if number == self._number and self._document is not None:
            self.doubted.emit(hints)


def _hints(
    number: int, values: NDArray[np.uint8], used: tuple[int, ...], description: Description
) -> tuple[int, Hints]:
    return number, find_hints(values, used, description)
