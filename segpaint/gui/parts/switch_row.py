"""Small switches in a row; those for which there is no room are in a menu at its end."""

from collections.abc import Collection, Mapping

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from segpaint.gui.parts.layouts import in_row
from segpaint.gui.style.theme import SPACE, icon

GAP = SPACE // 2


class SwitchRow(QWidget):
    """Shows checkable actions by their icons.

    Parameters
    ----------
    actions : mapping of str to QAction
        By name, the first ones leftmost; the text stands in the menu, the tooltip over the icon.

    Attributes
    ----------
    switches : mapping of str to QAction
        All of them, shown or not.
    """

    def __init__(self, actions: Mapping[str, QAction]) -> None:
        super().__init__()
        self.switches = actions
        self._buttons = {name: self._button(action) for name, action in actions.items()}
        self.more = QToolButton(toolTip="Further switches", iconSize=QSize(18, 18))
        self.more.setAccessibleName("Further switches")
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.more)
        menu.setToolTipsVisible(True)
        self.more.setMenu(menu)
        in_row(*self._buttons.values(), self.more, of=self, spacing=GAP)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton(self, iconSize=QSize(18, 18))
        button.setDefaultAction(action)
        button.setAccessibleName(action.toolTip())
        return button

    @property
    def least(self) -> int:
        """Pixels of width that it needs to show anything."""
        return self.more.sizeHint().width()

    def width_of(self, names: Collection[str]) -> int:
        """Compute the pixels of width of some switches side by side."""
        return sum(self._buttons[name].sizeHint().width() + GAP for name in names) - GAP if names else 0

    def fit(self, names: Collection[str], room: int) -> None:
        """Show these switches, as many as fit side by side; the last ones go into the menu.

        Parameters
        ----------
        room : int
            Pixels of width.
        """
        beside = [name for name in self.switches if name in names]
        within: list[str] = []
        while beside and self.width_of(beside) + (GAP + self.least if within else 0) > room:
            within.insert(0, beside.pop())
        for name, button in self._buttons.items():
            button.setVisible(name in beside)
        menu = self.more.menu()
        if menu.actions() != (wanted := [self.switches[name] for name in within]):
            menu.clear()
            menu.addActions(wanted)
        self.more.setVisible(bool(within))
        is_on = any(action.isChecked() for action in wanted)
        self.more.setIcon(icon(MDI7.dots_horizontal, "accent" if is_on else "text"))
