"""Gives a picture its size by two points whose distance is known."""

from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.scale import End, width_by_scale
from segpaint.studio.scans.scan_desk import ScanDesk

USUAL = 10.0
"""Millimetres that are offered at first: a centimetre of a ruler."""


class Scale(QObject):
    """Holds the two ends of a length on the slice until it is applied or left.

    Attributes
    ----------
    is_on : bool
        Whether the ends are being chosen.
    ends : tuple
        None, one, or both of them: row and column on the slice.
    millimetres : float
        Between them.
    is_given : bool
        Whether somebody has given that, rather than what is offered.
    """

    changed = Signal()

    def __init__(self, desk: ScanDesk) -> None:
        super().__init__()
        self._desk = desk
        self._plane = Plane.ACQUIRED
        self.is_on = False
        self.ends: tuple[End, ...] = ()
        self.millimetres, self.is_given = USUAL, False
        desk.changed.connect(self.leave)
        desk.moved.connect(self._on_moved)

    def begin(self) -> None:
        """Let the ends be chosen, from the first one on."""
        scan = self._desk.scan
        if scan is not None and scan.lacks_size:
            self.is_on, self.ends, self._plane = True, (), self._desk.place.plane
            self.is_given = False
            self.changed.emit()

    @Slot()
    def leave(self) -> None:
        """Give it up; the picture stays as it was."""
        if self.is_on:
            self.is_on, self.ends = False, ()
            self.changed.emit()

    def put(self, row: float, column: float) -> None:
        """Choose the first end, or the second one."""
        if self.is_on and len(self.ends) < 2:
            self.ends = (*self.ends, self._within(row, column))
            self.changed.emit()

    def move(self, number: int, row: float, column: float) -> None:
        """Move an end, the first (0) or the second (1)."""
        if self.is_on:
            place = self._within(row, column)
            self.ends = tuple(place if which == number else end for which, end in enumerate(self.ends))
            self.changed.emit()

    def set_millimetres(self, millimetres: float) -> None:
        """Set the distance of the ends."""
        self.millimetres, self.is_given = millimetres, True
        self.changed.emit()

    @property
    def width(self) -> float | None:
        """Millimetres of the whole slice, or None until both ends are chosen.

        Raises
        ------
        SegPaintError
            If both ends lie on the same pixel, or no patient is as wide.
        """
        scan = self._desk.scan
        if scan is None or len(self.ends) < 2:
            return None
        first, second = self.ends
        columns = scan.geometry(self._plane).shape[2]
        return width_by_scale((first, second), self.millimetres, scan.spacing(self._plane), columns)

    @property
    def is_sound(self) -> bool:
        """Whether it can be applied."""
        try:
            return self.width is not None
        except SegPaintError:
            return False

    def apply(self) -> None:
        """Give the picture its size, as far as the ends make sense."""
        width = self.width if self.is_sound else None
        if width is not None:
            self._desk.set_width(width)

    def _within(self, row: float, column: float) -> End:
        scan = self._desk.scan
        if scan is None:
            return row, column
        _, rows, columns = scan.geometry(self._plane).shape
        return min(max(row, -0.5), rows - 0.5), min(max(column, -0.5), columns - 0.5)

    @Slot()
    def _on_moved(self) -> None:
        if self._desk.place.plane is not self._plane:
            self.leave()
