"""Characters that turn the direction of text, or that a screen obeys, are shown by their codes everywhere."""

import json
import re
import shutil

import pytest
from PIL import Image
from PySide6.QtCore import QMetaType, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QMenu, QMessageBox, QTextEdit, QWidget

from segpaint.gui.files.opening import open_file, open_mask
from segpaint.gui.files.references import open_image
from segpaint.gui.labels.label_commands import ask_color
from segpaint.gui.making.explore_commands import ChooseLabels, show_seeds
from segpaint.gui.making.paired_dialog import PairedDialog
from segpaint.gui.models.model_commands import show_card
from segpaint.gui.parts.save_question import may_overwrite

TURNED = "\u202egnp.\u2066\u009b\x1b[31m\u2028"
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.StatusTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
HIDDEN = ("objectName", "styleSheet", "windowFilePath")


@pytest.fixture
def turned(tiny_checkpoint, tmp_path):
    """A checkpoint all of whose texts hold such characters."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path / f"model{TURNED}")
    description = json.loads((folder / "segpaint.json").read_text())
    description["name"], description["modality"] = f"name{TURNED}", f"modality{TURNED}"
    for label in description["labels"]:
        label["name"] += TURNED
    description["statistics"] = {f"{name}{TURNED}": one for name, one in description["statistics"].items()}
    (folder / "segpaint.json").write_text(json.dumps(description))
    (folder / "README.md").write_text(f"# Card {TURNED}\n\nof two lines\n")
    return folder


def texts(owner):
    """Yield all texts of an object and of those in it, with where they are."""
    for part in (owner, *owner.findChildren(QObject)):
        kind = part.metaObject()
        for place in range(kind.propertyCount()):
            known = kind.property(place)
            if known.typeId() == QMetaType.Type.QString.value and known.name() not in HIDDEN:
                yield f"{kind.className()}.{known.name()}", str(known.read(part))
        if isinstance(part, QTextEdit):
            yield "text", part.toPlainText()
        model = part.model() if isinstance(part, QAbstractItemView | QComboBox) else None
        for row in range(model.rowCount() if model is not None else 0):
            for role in ROLES:
                yield f"{kind.className()}, line {row}", str(model.index(row, 0).data(role) or "")


def obeyed(*owners):
    """Find the texts with control characters; Qt's own line separators are none."""
    return [(where, text) for owner in owners for where, text in texts(owner) if CONTROLS.search(text)]


def test_no_control_character_of_a_file_is_shown(open_window, turned, tmp_path, qtbot, drawn_mask, monkeypatch):
    window = open_window(turned)
    studio, shell = window.studio, window.shell
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert any("\\u202e" in text for _, text in texts(window))
    assert obeyed(window) == []
    for suffix, values in (("mask", drawn_mask), ("image", 40 * drawn_mask)):
        Image.fromarray(values).save(tmp_path / f"{suffix}{TURNED}.png")
    mask, image = (tmp_path / f"{suffix}{TURNED}.png" for suffix in ("mask", "image"))
    open_mask(studio, shell, mask)
    open_image(studio, shell, image)
    assert obeyed(window) == []
    open_file(studio, shell, image)
    (mapping,) = (one for one in window.findChildren(QWidget) if type(one).__name__ == "MappingDialog")
    names = tmp_path / "names.txt"
    names.write_text("".join(f'{value} 255 0 0 1 1 1 "a{value}{TURNED[:-1]}"\n' for value in (40, 80, 160)))
    mapping.load_names(names)
    assert "a40" in " ".join(text for _, text in texts(mapping))
    window.commands["generate"].trigger()
    qtbot.waitUntil(lambda: window.history.model.rowCount() > 0, timeout=60_000)
    for menu in window.findChildren(QMenu):
        menu.aboutToShow.emit()
    for sentence in (f"a sentence on {mask.name}", f"a warning on {mask}"):
        shell.say(sentence)
        window.messages.tell(sentence)
        assert obeyed(window) == []
    shown = []
    monkeypatch.setattr(QMessageBox, "exec", lambda box: shown.extend(obeyed(box)))
    may_overwrite(window, [mask, image])
    show_card(studio, shell)
    ask_color(studio, shell)
    series = show_seeds(studio, shell, 2)
    dialogs = [
        ChooseLabels(studio.document.table, studio.document.used, (), window),
        PairedDialog(studio, window),
    ]
    assert obeyed(window, series, mapping, *dialogs) == shown == []
    for dialog in dialogs:
        dialog.deleteLater()
