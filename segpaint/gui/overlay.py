"""How the mask lies over the reference."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

STEP = 0.1


class Overlay(QObject):
    """Opacity of the labels, and whether they are filled or outlined.

    Attributes
    ----------
    opacity : float
        Of a filled label, 0 to 1.
    is_hidden : bool
        Nothing of the mask is drawn.
    is_outlined : bool
        Borders instead of areas.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.opacity = 0.5
        self.is_hidden = False
        self.is_outlined = False

    def set_opacity(self, opacity: float) -> None:
        """Set the opacity, cut off at 0 and 1."""
        self.opacity = min(max(round(opacity, 2), 0.0), 1.0)
        self.changed.emit()

    @Slot()
    def less(self) -> None:
        """Let more of the reference through."""
        self.set_opacity(self.opacity - STEP)

    @Slot()
    def more(self) -> None:
        """Let less of the reference through."""
        self.set_opacity(self.opacity + STEP)

    @Slot(bool)
    def set_hidden(self, hidden: bool) -> None:
        """Draw nothing of the mask, or all of it again."""
        self.is_hidden = hidden
        self.changed.emit()

    @Slot(bool)
    def set_outlined(self, outlined: bool) -> None:
        """Draw borders instead of areas, or areas again."""
        self.is_outlined = outlined
        self.changed.emit()
