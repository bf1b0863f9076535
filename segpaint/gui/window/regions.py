"""The window's regions in the order in which Tab and F6 go through them."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QScrollArea, QWidget

from segpaint.gui.parts.focus_ring import FocusRing
from segpaint.gui.tools.tool_strip import ToolStrip
from segpaint.gui.window.main_window import MainWindow

HOLDERS = (QAbstractSpinBox, QComboBox)
"""Have the focus instead of the field within them."""


class Regions(QObject):
    """Leads the focus through a window.

    Parameters
    ----------
    window : MainWindow
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        panes = (window.canvas, window.image, window.side.pane)
        tools = window.findChild(ToolStrip)
        # Tab goes through all of them; F6 only to those where something begins.
        self._stops: tuple[QWidget, ...] = (
            *panes, tools, window.checkpoints, window.labels, window.request, window.transport, window.history
        )  # fmt: skip
        self._parts: tuple[QWidget, ...] = (
            window.messages, *panes, tools,
            window.options_bar, window.over, window.run_label.parentWidget(), window.checkpoints, window.labels,
            window.reference, window.request, window.transport, window.history,
        )  # fmt: skip
        for area in window.findChildren(QScrollArea):
            area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what lies in it scrolls into view by itself
        self.rings = tuple(FocusRing(pane) for pane in panes)
        window.commands["next_region"].triggered.connect(self.go_on)
        window.commands["previous_region"].triggered.connect(self.go_back)
        window.session.document_changed.connect(self._order)
        self._order()

    @Slot()
    def go_on(self) -> None:
        """Focus the region after the one that has the focus."""
        self._go(1)

    @Slot()
    def go_back(self) -> None:
        """Focus the region before."""
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
        document = self._window.session.document
        if (
            stop is self._window.labels
            and document is not None
            and document.paint_value in self._window.labels.rows
        ):
            return self._window.labels.rows[document.paint_value]
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
