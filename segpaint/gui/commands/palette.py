"""The command palette: finds any command by its words, and runs it."""

from dataclasses import dataclass

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QSize, Qt, Slot
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from segpaint.gui.commands.actions import Actions
from segpaint.gui.commands.command import COMMANDS, Command, Toggle
from segpaint.gui.commands.key_bindings import KeyBindings
from segpaint.gui.commands.key_sheet import groups
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.plain import plain
from segpaint.gui.style.theme import SPACE, colors
from segpaint.studio.studio import Studio

LINE = Qt.ItemDataRole.UserRole
WIDTH, HEIGHT = 80 * SPACE, 52 * SPACE
ROW_HEIGHT = 28
GROUP_WIDTH = 10 * SPACE
PAGE = 10
"""Lines that Page Up and Page Down skip."""


@dataclass(frozen=True)
class Line:
    """A command as the palette lists it.

    Attributes
    ----------
    command : str
        Its key in `COMMANDS`.
    text : str
        Its title, and whether it is on.
    shortcut : str
        The first active key, formatted for display; empty for none.
    reason : str
        Why it cannot be run now; an empty sentence if it can.
    """

    command: str
    group: str
    text: str
    shortcut: str
    reason: str


class _Painter(QStyledItemDelegate):
    """Draws a line: the group, the text with the reason, and the key at the right."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        line: Line = index.data(LINE)
        scheme, flags = colors(), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        text, aside = (scheme.disabled if line.reason else scheme.text), scheme.faint
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, QColor(scheme.line if line.reason else scheme.primary))
            text = aside = scheme.faint if line.reason else scheme.primary_text
        room = option.rect.adjusted(SPACE, 0, -SPACE, 0)
        painter.setPen(QColor(aside))
        painter.drawText(room, flags, line.group)
        painter.drawText(room, flags | Qt.AlignmentFlag.AlignRight, line.shortcut)
        room.setLeft(room.left() + GROUP_WIDTH)
        room.setRight(room.right() - option.fontMetrics.horizontalAdvance(line.shortcut) - SPACE)
        painter.setPen(QColor(text))
        whole = f"{line.text} – {line.reason}" if line.reason else line.text
        elided = option.fontMetrics.elidedText(whole, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, flags, elided)

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(0, ROW_HEIGHT)


class Palette(QDialog):
    """Lists the commands that contain the typed words, and runs the chosen one. Hidden until it is needed.

    Parameters
    ----------
    actions : Actions
        Invisible ones are not listed.
    parent : QWidget
        The window over which it opens.
    """

    def __init__(self, studio: Studio, actions: Actions, bindings: KeyBindings, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup, windowTitle="Find a command")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMouseReplay)  # the click that closes it must not paint
        self._actions, self._bindings, self._window = actions, bindings, parent
        self._used: list[str] = []  # newest first
        self.search = QLineEdit(placeholderText="Find a command", accessibleName="Find a command")
        self.list = QListWidget(
            frameShape=QFrame.Shape.NoFrame, uniformItemSizes=True, accessibleName="Commands"
        )
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.viewport().setAutoFillBackground(False)
        self.list.setItemDelegate(_Painter(self.list))
        frame = QFrame(objectName="preview")
        in_column(self.search, self.list, of=frame, spacing=SPACE, margins=SPACE)
        in_column(frame, of=self)
        self.search.textChanged.connect(self._show_found)
        self.search.returnPressed.connect(self._run)
        self.list.itemClicked.connect(self._run)
        studio.view.wanted.connect(self._on_wanted)
        studio.closing.connect(self.hide)

    @Slot(str)
    def _on_wanted(self, key: str) -> None:
        if key == "palette":
            self.search.clear()
            self._show_found()
            window = self._window
            self.resize(min(WIDTH, window.width() - 4 * SPACE), min(HEIGHT, window.height() - 12 * SPACE))
            self.move(window.mapToGlobal(QPoint((window.width() - self.width()) // 2, 6 * SPACE)))
            self.show()
            self.search.setFocus()

    @Slot()
    def _show_found(self) -> None:
        """List the commands with all typed words; without any, those used last come first."""
        self.list.clear()
        keys = (key for lines in groups().values() for like in lines.values() for key in like)
        for key in sorted(filter(self._is_listed, keys), key=self._rank):
            line = self._line(COMMANDS[key], self._actions.actions[key])
            item = QListWidgetItem(f"{line.group}: {line.text} {line.shortcut}".rstrip(), self.list)
            item.setData(LINE, line)
            item.setToolTip(plain(line.reason or COMMANDS[key].hint))
        self.list.setCurrentRow(0)

    def _is_listed(self, key: str) -> bool:
        command, action = COMMANDS[key], self._actions.actions.get(key)  # a row may be newer than the window
        there = f"{command.sheet_group} {_name(command)} {command.hint}".casefold()
        words = self.search.text().casefold().split()
        return action is not None and action.isVisible() and all(word in there for word in words)

    def _rank(self, key: str) -> tuple[bool, bool, int]:
        """Return a command's sort key: titles that begin with the typed text come first."""
        typed, title = self.search.text().casefold().strip(), COMMANDS[key].title.casefold()
        used = self._used.index(key) if key in self._used and not typed else len(self._used)
        return not title.startswith(typed), any(word not in title for word in typed.split()), used

    def _line(self, command: Command, action: QAction) -> Line:
        state = ""
        if isinstance(command, Toggle) and (action.isChecked() or not command.choice):
            state = ": on" if action.isChecked() else ": off"
        shortcut, reason = self._bindings.shown(command.key), self._actions.reason(command.key)
        return Line(command.key, command.sheet_group, _name(command) + state, shortcut, reason)

    @Slot()
    def _run(self) -> None:
        item = self.list.currentItem()
        line: Line | None = None if item is None else item.data(LINE)
        if line is not None and not line.reason:
            self._used = [line.command, *(key for key in self._used if key != line.command)]
            self.accept()
            self._actions.actions[line.command].trigger()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key
        moves = {key.Key_Up: -1, key.Key_Down: 1, key.Key_PageUp: -PAGE, key.Key_PageDown: PAGE}
        if event.key() in moves:
            row = self.list.currentRow() + moves[Qt.Key(event.key())]
            self.list.setCurrentRow(min(max(row, 0), self.list.count() - 1))
        else:
            super().keyPressEvent(event)


def _name(command: Command) -> str:
    """Return the title, after the name of the submenu that it needs to be understood."""
    submenu = command.menu.partition("/")[2]
    return f"{submenu} › {command.title}" if submenu else command.title


ROWS = (
    Command(
        key="palette", text="Find a command…", run=lambda studio, _shell: studio.view.wanted.emit("palette"),
        menu="Help", place=102, keys=("Ctrl+Shift+P",), icon=MDI7.text_search,
        hint="Find any command by its words, and run it", group="View",
    ),
)  # fmt: skip
