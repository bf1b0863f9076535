"""Keeps the voxels of few scans in memory."""

from segpaint.studio.scans.scan import Scan

MOST = 2
"""Scans whose voxels are kept."""


class OpenScans:
    """Keeps the voxels of the scans that were shown last; undo may still lead to others."""

    def __init__(self) -> None:
        self._scans: list[Scan] = []

    def keep(self, scan: Scan) -> None:
        """Keep the voxels of a scan that is shown, and let those go that were shown before the last ones."""
        self._scans = [*(one for one in self._scans if one is not scan), scan]
        while len(self._scans) > MOST:
            self._scans.pop(0).let_go()
