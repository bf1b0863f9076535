"""The window's regions in the order in which Tab and F6 go through them."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QMainWindow, QScrollArea, QWidget

from segpaint.gui.labels.label_list import LabelList
from segpaint.gui.parts.focus_ring import FocusRing
from segpaint.studio.studio import Studio

HOLDERS = (QAbstractSpinBox, QComboBox)
"""Have the focus instead of the field within them."""


class Regions(QObject):
    """Leads the focus through a window.

    Parameters
    ----------
    panes : sequence of QWidget
        Get a ring around them while they have the focus.
    stops : sequence of QWidget
        Where something begins: F6 goes to these.
    parts : sequence of QWidget
        Tab goes through all of them, in this order.
    """

    def __init__(
        self,
        window: QMainWindow,
        studio: Studio,
        labels: LabelList,
        panes: Sequence[QWidget],
        stops: Sequence[QWidget],
        parts: Sequence[QWidget],
    ) -> None:
        super().__init__(window)
        self._window, self._studio, self._labels = window, studio, labels
        self._stops, self._parts = tuple(stops), tuple(parts)
        for area in window.findChildren(QScrollArea):
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies in it scrolls into view by itself
        self.rings = tuple(FocusRing(pane) for pane in panes)
        studio.view.wanted.connect(self._on_wanted)
        studio.opened.switched.connect(self._order)
        self._order()

    @Slot(str)
    def _on_wanted(self, key: str) -> None:
        if key == "next_region":
            self._go(1)
        elif key == "previous_region":
            self._go(-1)

    def _go(self, by: int) -> None:
        focused = self._window.focusWidget()
        ways = [(stop, way) for stop in self._stops if (way := self._way_into(stop)) is not None]
        places = [number for number, (stop, _) in enumerate(ways) if _holds(stop, focused)]
        place = places[0] + by if places else 0
        if ways:
            ways[place % len(ways)][1].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _way_into(self, stop: QWidget) -> QWidget | None:
        """What is focused of a region: the label painted with, or the first that can be."""
        if stop is self._labels:
            row = self._labels.rows.get(self._studio.document.paint_value)
            if row is not None:
                return row
        return next(
            (one for one in self._chain() if _holds(stop, one) and one.isVisible() and one.isEnabled()), None
        )

    @Slot()
    def _order(self) -> None:
        """Anew whenever there are other labels, for what is new comes last."""

        def place(widget: QWidget) -> int:
            return next((n for n, part in enumerate(self._parts) if _holds(part, widget)), len(self._parts))

        for before, after in pairwise(sorted(self._chain(), key=place)):
            QWidget.setTabOrder(before, after)

    def _chain(self) -> list[QWidget]:
        """All that Tab reaches.

        Not by `nextInFocusChain` and `focusProxy`: PySide takes what they return for a child, which it
        then never frees.
        """
        return [
            widget
            for widget in self._window.findChildren(QWidget)
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
            and not isinstance(widget.parent(), HOLDERS)
            and widget.window() is self._window
        ]


def _holds(part: QWidget, widget: QWidget | None) -> bool:
    return widget is not None and (part is widget or part.isAncestorOf(widget))
