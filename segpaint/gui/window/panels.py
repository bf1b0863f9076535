"""The panels of the window, which are hidden one by one or all at once."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from segpaint.gui.parts.splitter import Splitter
from segpaint.gui.tools.tool_strip import ToolStrip
from segpaint.studio.studio import Studio

ALONE, FOLDED, COLUMN = "panes_alone", "fold_tools", "panel_column"
"""Keys of the switches that hide all panels, fold the tools, and show the right column."""


def panel_switch(name: str) -> str:
    """Return the key of the switch that shows a panel."""
    return f"panel_{name}"


STATUS = panel_switch("status")


class Panels(QObject):
    """Shows each panel while its switch is on, and none while the panes are to be alone.

    Parameters
    ----------
    panels : mapping of str to QWidget
        By their names, see `panel_switch`.
    tools : ToolStrip
        To be folded.
    column : QWidget
        Holds some of the panels, and hides with the last of them.
    splitters : sequence of Splitter
        Go back to their own rule at *Reset the layout*.
    """

    def __init__(
        self,
        studio: Studio,
        panels: Mapping[str, QWidget],
        tools: ToolStrip,
        column: QWidget,
        splitters: Sequence[Splitter],
    ) -> None:
        super().__init__(column)
        self._switches, self._tools, self._column = studio.view.switches, tools, column
        self._panels = {panel_switch(name): panel for name, panel in panels.items()}
        self._splitters = tuple(splitters)
        self._switches.changed.connect(self._on_switch)
        studio.view.wanted.connect(self._on_wanted)
        self._show()

    @Slot(str)
    def _on_switch(self, key: str) -> None:
        if key in self._panels or key in (ALONE, COLUMN):
            self._show()
        elif key == FOLDED:
            self._tools.fold(self._switches.is_on(FOLDED))

    @Slot(str)
    def _on_wanted(self, key: str) -> None:
        if key == "find_label":
            self._switches.set(ALONE, False)
            self._switches.set(COLUMN, True)
            self._switches.set(panel_switch("labels"), True)
        elif key == "reset_layout":
            for key in (*self._panels, COLUMN):
                self._switches.set(key, True)
            self._switches.set(ALONE, False)
            self._switches.set(FOLDED, False)
            for splitter in self._splitters:
                splitter.reset()

    def _show(self) -> None:
        alone = self._switches.is_on(ALONE)
        for key, panel in self._panels.items():
            stays = key == STATUS or self._column.isAncestorOf(panel)  # the line shows how they come back
            panel.setVisible(self._switches.is_on(key) and (stays or not alone))
        held = [key for key, panel in self._panels.items() if self._column.isAncestorOf(panel)]
        shown = self._switches.is_on(COLUMN) and any(self._switches.is_on(key) for key in held)
        self._column.setVisible(shown and not alone)
