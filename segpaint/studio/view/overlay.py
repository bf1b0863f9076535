"""How the mask lies over the reference."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.labels.labels import FREE
from segpaint.core.labels.palette import FREE_REGION
from segpaint.studio.document.document import Document

USUAL, STEP = 0.5, 0.1
ABLATED = 0.27
"""Share of its opacity that a label keeps while it is ablated."""


class Overlay(QObject):
    """Opacity of the labels, and whether they are filled or outlined.

    Attributes
    ----------
    opacity : float
        Of a filled label, 0 to 1.
    is_hidden : bool
        Whether nothing of the mask is drawn.
    is_outlined : bool
        Whether borders are drawn instead of areas.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.opacity = USUAL
        self.is_hidden = False
        self.is_outlined = False

    def set_opacity(self, opacity: float) -> None:
        """Set the opacity, limited to 0 to 1."""
        self.opacity = min(max(round(opacity, 2), 0.0), 1.0)
        self.changed.emit()

    def colors(self, document: Document, *, alone: bool = False) -> NDArray[np.uint8]:
        """Colour a document's filled labels: transparent over its reference, opaque without one.

        Parameters
        ----------
        alone : bool
            Whether the mask is shown without the reference, and so opaque.

        Returns
        -------
        ndarray of uint8, shape (256, 4)
            Red, green, blue and opacity of each mask value.
        """
        full = 1.0 if alone or document.reference is None else self.opacity
        colors = np.zeros((256, 4), np.uint8)
        colors[:, :3] = document.table.colors()
        colors[FREE] = *bytes.fromhex(FREE_REGION[1:]), round(255 * full)
        for index in document.table.indices:
            colors[index, 3] = round(255 * full * strength(document, index))
        return colors

    @Slot()
    def less(self) -> None:
        """Reduce the opacity by a step."""
        self.set_opacity(self.opacity - STEP)

    @Slot()
    def more(self) -> None:
        """Increase the opacity by a step."""
        self.set_opacity(self.opacity + STEP)

    @Slot(bool)
    def set_hidden(self, hidden: bool) -> None:
        """Hide the mask, or show it again."""
        self.is_hidden = hidden
        self.changed.emit()

    def shows(self, document: Document) -> bool:
        """Return whether anything of a document's mask can be seen."""
        is_clear = self.opacity == 0 and document.reference is not None and not self.is_outlined
        return not self.is_hidden and not is_clear

    def show(self) -> None:
        """Show the mask, whether it was hidden or fully transparent."""
        self.is_hidden = False
        self.set_opacity(self.opacity or USUAL)

    @Slot(bool)
    def set_outlined(self, outlined: bool) -> None:
        """Draw borders instead of areas, or areas again."""
        self.is_outlined = outlined
        self.changed.emit()


def strength(document: Document, index: int) -> float:
    """Compute how strongly a label is drawn, 0 to 1: 0 while hidden, faintly while ablated."""
    state = document.label_state(index)
    return (1.0 if state.used else ABLATED) * state.shown
