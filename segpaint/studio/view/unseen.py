"""Shows what is hidden once it changes, so that nobody changes a mask unseen."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from segpaint.core.labels.counting import values_in
from segpaint.core.masks.mask import Box
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.view.overlay import Overlay


class Unseen(QObject):
    """Follows the mask while all of it or a label is hidden, whatever changes it: a stroke, a gesture, undo.

    Parameters
    ----------
    opened : OpenDocument
    overlay : Overlay
        How the mask lies over the reference; it is no longer hidden, or transparent, once the mask changes.
    """

    mask_shown = Signal()
    """The whole mask was hidden, and is shown again."""
    labels_shown = Signal(object)
    """Labels were hidden, and are shown again; a list of their names."""

    def __init__(self, opened: OpenDocument, overlay: Overlay) -> None:
        super().__init__()
        self._opened, self._overlay = opened, overlay
        self._seen: NDArray[np.uint8] | None = None  # the mask so far, while something is hidden
        self._is_mask_shown, self._names = False, list[str]()
        # What begins a gesture clears the status line, so the report comes after it.
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._report)
        for changed in (overlay.changed, opened.labels_changed, opened.reference_changed, opened.switched):
            changed.connect(self._look)
        opened.mask_changed.connect(self._on_mask)

    @Slot()
    def _look(self) -> None:
        """Begin to follow the mask, or end it."""
        document = self._opened.document
        is_followed = not self._overlay.shows(document) or any(
            not document.label_state(index).shown for index in document.table.indices
        )
        self._seen = document.mask.values.copy() if is_followed else None

    @Slot(object)
    def _on_mask(self, box: Box | None) -> None:
        if self._seen is None:
            return
        document = self._opened.document
        if box is None:  # another page
            self._look()
            return
        old, new = self._seen[box.slices], document.mask.values[box.slices]
        changed = old != new
        if not changed.any():
            return
        values = values_in(old[changed][None]) | values_in(new[changed][None])
        old[:] = new
        hidden = [index for index in document.table.indices if index in values]
        hidden = [index for index in hidden if not document.label_state(index).shown]
        for index in hidden:
            document.set_label(index, shown=True)
            self._names.append(document.name_of(index))
        if not self._overlay.shows(document):
            self._overlay.show()
            self._is_mask_shown = True
        if hidden or self._is_mask_shown:
            self._soon.start()

    @Slot()
    def _report(self) -> None:
        names, self._names = self._names, []
        is_mask_shown, self._is_mask_shown = self._is_mask_shown, False
        if is_mask_shown:
            self.mask_shown.emit()
        elif names:
            self.labels_shown.emit(names)
