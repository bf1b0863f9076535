"""Makes the slice shown as it is saved: with its edit, at its own resolution."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Description
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.request import Request
from segpaint.studio.base.background import Background
from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.scans.kept_results import KeptResults
from segpaint.studio.scans.scan import Image, Slice
from segpaint.studio.scans.scan_desk import ScanDesk

if TYPE_CHECKING:
    from segpaint.core.volumes.volume import Values

LANE = "edited slices"


class EditedSight(QObject):
    """Holds the pixels of the slice shown with the last edit that was made of it in its frame."""

    changed = Signal()

    def __init__(
        self, opened: OpenDocument, desk: ScanDesk, results: KeptResults, background: Background
    ) -> None:
        super().__init__()
        self._opened, self._desk, self._background = opened, desk, background
        self._made: tuple[Slice, Image] | None = None  # of which slice and image the values are, or will be
        self._values: Values | None = None
        for change in (desk.slice_changed, desk.frame_changed, results.changed):
            change.connect(self._look)

    @property
    def values(self) -> Values | None:
        """The edited slice; None if the slice shown was not edited in its frame."""
        shown = self._desk.slice
        return self._values if shown is not None and self._made is not None and self._made[0] is shown else None

    @Slot()
    def _look(self) -> None:
        shown = self._desk.slice
        made = shown.page.scan.result(shown.page.place, shown.frame) if shown is not None else None
        if shown is None or made is None:
            self._take(None, None)
        elif self._made is None or self._made[0] is not shown or self._made[1] is not made[1]:
            looked_at = shown, made[1]
            self._take(looked_at, None)
            work = partial(_edited, shown, *made, self._opened.document.checkpoint.description)
            self._background.start(work, partial(self._on_edited, looked_at), lane=LANE)

    def _on_edited(self, made: tuple[Slice, Image], values: Values | None) -> None:
        if made is self._made:
            self._take(made, values)

    def _take(self, made: tuple[Slice, Image] | None, values: Values | None) -> None:
        is_other = values is not None or self._values is not None
        self._made, self._values = made, values
        if is_other:
            self.changed.emit()


def _edited(shown: Slice, request: Request, pixels: Image, description: Description) -> Values | None:
    """Put an image back into its slice; None if it was not edited from that."""
    from segpaint.core.volumes.framed import Framed

    framed = Framed.of(shown.values, shown.frame, description.channels, description.window)
    with suppress(SegPaintError):  # the reference of another slice
        request = request.with_reference(framed.image)
    origin = request.origin
    if not isinstance(origin, Counterfactual) or not np.array_equal(origin.image, framed.image):
        return None
    return framed.changed(pixels)
