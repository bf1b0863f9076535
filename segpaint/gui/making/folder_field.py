"""Asks for the folder of a paired set."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QFileDialog, QLineEdit, QMenu, QPushButton, QWidget

from segpaint.core.printable import printable
from segpaint.gui.making.set_form import NAME_WIDTH
from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.plain import PlainLabel, plain
from segpaint.gui.style.theme import SPACE
from segpaint.paired.specification import SPECIFICATION


class FolderField(QWidget):
    """A line to type into, and a button to choose; aligned with the names of a `PairedForm` above.

    Parameters
    ----------
    known_by : str
        The file that every set of the wanted kind holds.
    offered : callable
        Lists the folders of sets to go on with.
    """

    changed = Signal()

    def __init__(self, known_by: str = SPECIFICATION, offered: Callable[[], Sequence[Path]] = tuple) -> None:
        super().__init__()
        self._known_by, self._offered = known_by, offered
        self.line = QLineEdit(
            placeholderText="an empty folder, or one with a set to go on with", accessibleName="Folder"
        )
        self.choose = QPushButton("Choose…")
        self.choose.setAutoDefault(False)
        self.recent = QPushButton("Unfinished", toolTip="Sets that were left before they were complete")
        self.recent.setAutoDefault(False)
        self.recent.setMenu(QMenu(self.recent, toolTipsVisible=True))
        self.recent.menu().aboutToShow.connect(self._list)
        name = PlainLabel("Folder", objectName="heading")
        name.setFixedWidth(NAME_WIDTH + SPACE)  # the names above have one more space
        in_row(name, self.line, self.recent, self.choose, of=self, stretched=self.line, spacing=SPACE)
        self.line.textChanged.connect(self.changed)
        self.choose.clicked.connect(self._ask)
        self.offer()

    @property
    def path(self) -> Path | None:
        """The folder; None if none is named."""
        text = self.line.text().strip()
        return Path(text).expanduser() if text else None

    @property
    def holds_set(self) -> bool:
        """Whether the folder holds a set already."""
        return self.path is not None and (self.path / self._known_by).is_file()

    def offer(self) -> None:
        """Show whether there are sets to go on with."""
        self.recent.setVisible(bool(self._offered()))

    @Slot()
    def _list(self) -> None:
        menu = self.recent.menu()
        menu.clear()
        for folder in self._offered():
            action = menu.addAction(printable(folder.name).replace("&", "&&"))
            action.setToolTip(plain(str(folder)))
            action.triggered.connect(partial(self.line.setText, str(folder)))

    @Slot()
    def _ask(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "Folder for the set")
        if folder:
            self.line.setText(folder)
