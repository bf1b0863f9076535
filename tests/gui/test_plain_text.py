"""Names come from strangers' files, and nothing of them is read as HTML."""

import json
import shutil

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QLabel, QMessageBox, QWidget

from segpaint.gui.files.opening import open_file
from segpaint.gui.files.references import open_image
from segpaint.gui.making.explore_commands import ChooseLabels, show_seeds
from segpaint.gui.making.paired_dialog import PairedDialog

TAG = "<img src='/dev/zero'>"
ESCAPED = "&lt;img"


@pytest.fixture
def hostile(tiny_checkpoint, tmp_path):
    """A checkpoint all of whose texts are tags."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path / f"model{TAG[:4]} width=1>")
    description = json.loads((folder / "segpaint.json").read_text())
    description["name"], description["modality"] = f"name{TAG}", f"modality{TAG}"
    for label in description["labels"]:
        label["name"] += TAG
    (folder / "segpaint.json").write_text(json.dumps(description))
    return folder


def rendered(widgets):
    """All texts that Qt would draw as HTML, with a tag of the names still in them."""
    found = []
    for widget in widgets:
        parts = [widget, *widget.findChildren(QWidget)]
        for part in parts:
            if isinstance(part, QLabel) and part.textFormat() != Qt.TextFormat.PlainText:
                found.append(part.text())
            if isinstance(part, QMessageBox):
                found += [part.text(), part.informativeText()]
            found += [part.toolTip(), part.whatsThis()]
            if isinstance(part, QAbstractItemView) and part.model() is not None:
                model = part.model()
                lines = (model.index(line, 0) for line in range(model.rowCount()))
                found += [str(line.data(Qt.ItemDataRole.ToolTipRole) or "") for line in lines]
        found += [
            action.toolTip() for action in widget.findChildren(QAction) if action.toolTip() != action.text()
        ]
    return [text for text in found if "<img" in text]


def test_no_name_is_read_as_html(open_window, hostile, mask_file, tmp_path, qtbot, drawn_mask):
    window = open_window(hostile)
    studio, shell = window.studio, window.shell
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    named = tmp_path / "a<img src='x'>.png"
    Image.fromarray(40 * drawn_mask).save(named)
    open_image(studio, shell, named)
    assert rendered([window]) == []
    open_file(studio, shell, named)
    mapping = [widget for widget in window.findChildren(QWidget) if type(widget).__name__ == "MappingDialog"]
    assert mapping
    for command in ("grow", "cover_chosen", "islands", "generate"):
        if command in window.commands:
            window.commands[command].trigger()
        assert rendered([window]) == [], command
    window.messages.tell(f"a sentence on {named.name}")
    shell.warn(f"a warning on {named.name}")
    series = show_seeds(studio, shell, 2)
    dialogs = [
        ChooseLabels(studio.document.table, studio.document.used, (), window),
        PairedDialog(studio, window),
    ]
    assert rendered([window, series, *mapping, *dialogs]) == []
    for dialog in dialogs:
        dialog.deleteLater()


def test_a_name_is_still_shown_letter_by_letter(open_window, hostile):
    window = open_window(hostile)
    assert f"modality{TAG}" in window.checkpoints.facts.text()
    row = window.labels.rows[1]
    assert ESCAPED in row.toolTip()
