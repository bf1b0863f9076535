"""File > Open recent and File > Examples: masks, references, and scans with their pictures."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from segpaint.core.printable import printable
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.opening import open_file, open_mask
from segpaint.gui.files.recents import icon_of, to_icon
from segpaint.gui.files.references import open_image
from segpaint.gui.files.scan_opening import open_scan
from segpaint.gui.parts.plain import plain
from segpaint.paths import example_masks
from segpaint.studio.base.preferences import RecentFile
from segpaint.studio.document.recent import Kind
from segpaint.studio.studio import Studio


def fill_recent(menu: QMenu, studio: Studio, shell: Shell) -> None:
    """List the files opened last."""
    menu.setToolTipsVisible(True)
    for number, file in enumerate(studio.recent.files, start=1):
        path = Path(file.path)
        text = f"&{number % 10} {printable(path.name).replace('&', '&&')}\t{file.kind}"
        action = QAction(icon_of(file), text, menu, toolTip=plain(file.path))
        action.setEnabled(path.exists())
        action.triggered.connect(partial(_open_again, studio, shell, file))
        menu.addAction(action)
    if not menu.isEmpty():
        menu.addSeparator()
        menu.addAction("Clear", studio.recent.clear)


def fill_examples(menu: QMenu, studio: Studio, shell: Shell) -> None:
    """List the example masks of the open model."""
    for path in example_masks(studio.document.checkpoint.folder):
        action = QAction(to_icon(path), printable(path.stem).replace("-", " ").replace("&", "&&"), menu)
        action.triggered.connect(partial(open_mask, studio, shell, path))
        menu.addAction(action)


def _open_again(studio: Studio, shell: Shell, file: RecentFile) -> None:
    openers: dict[Kind, Callable[[Studio, Shell, Path], None]] = {
        Kind.REFERENCE: open_image,
        Kind.SCAN: open_scan,
        Kind.MASK: open_file,
        Kind.PROJECT: open_file,
    }
    openers[Kind(file.kind)](studio, shell, Path(file.path))
