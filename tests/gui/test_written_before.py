"""What an earlier version wrote is opened by this one: see tests/written_before/README.md."""

import base64
import hashlib
import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QFileDialog, QMenu
from set_files import pixels, rows

from segpaint.cli import main
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.opening import open_file
from segpaint.gui.history.results import restore
from segpaint.gui.making.paired_commands import show_dialog
from segpaint.gui.window.window_state import last_checkpoint
from segpaint.studio.document.settings import Purpose

BEFORE = Path(__file__).parents[1] / "written_before"
KINDS = ("new", "changed", "branch", "edited", "near", "warm")


@pytest.fixture
def place(tmp_path):
    """A copy of the files that names itself where they named the folder in which they were made."""
    folder = shutil.copytree(BEFORE, tmp_path / "before", ignore=shutil.ignore_patterns("make.py"))
    for path in folder.glob("**/*.*"):
        if path.suffix in (".ini", ".json"):
            path.write_text(path.read_text().replace("/PLACE", folder.as_posix()))
    model = str((folder / "checkpoints" / "tiny").resolve())
    (kept,) = (folder / "work").glob("tiny-*.json")
    kept.rename(kept.with_name(f"tiny-{hashlib.sha256(model.encode()).hexdigest()[:8]}.json"))
    return folder


@pytest.fixture
def reopened(place, open_window, qtbot):
    """A window over these files whose model is loaded."""
    window = open_window(place / "checkpoints" / "tiny", work=place / "work", size=None)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    return window


def request_in(path):
    """What an image or a file holds of a request."""
    if path.suffix == ".json":
        return {name: value for name, value in unpacked(path.read_text()).items() if name != "about"}
    with Image.open(path) as image:
        return unpacked(image.info["SegPaint request"])


def unpacked(text):
    """A request with its pictures as pixels: how a PNG is packed depends on the library that wrote it."""

    def unpack(entries):
        for name in {"mask", "image"} & entries.keys():
            entries[name] = pixels(io.BytesIO(base64.b64decode(entries[name]))).tolist()
        return entries

    return json.loads(text, object_hook=unpack)


# ---- the painted mask


def test_the_mask_and_its_labels_are_as_they_were_left(reopened, place):
    document, rows = reopened.studio.document, reopened.labels.rows
    np.testing.assert_array_equal(document.mask.values, pixels(place / "masks" / "autosaved.png"))
    switches = {
        index: [rows[index].switches[name].isChecked() for name in ("shown", "used", "locked")]
        for index in (1, 2, 4)
    }
    assert switches == {1: [False, True, False], 2: [True, True, True], 4: [True, False, False]}
    assert document.paint_value == 4


def test_the_reference_and_the_settings_are_as_they_were_left(reopened, place):
    document = reopened.studio.document
    settings = document.settings
    assert reopened.reference.name.text() == "real.png"
    np.testing.assert_array_equal(document.reference.image, pixels(place / "masks" / "real.png"))
    np.testing.assert_array_equal(document.reference.mask, pixels(place / "masks" / "real_mask.png"))
    np.testing.assert_array_equal(reopened.image.shown, pixels(place / "masks" / "real.png"))
    assert (settings.purpose, settings.edit_steps, settings.margin) == (Purpose.EDIT, 7, None)
    assert (settings.seed, settings.guidance, document.keeps_seed) == (77, 2.25, False)


# ---- preferences


def test_the_window_is_as_it_was_left(reopened, place):
    commands = reopened.commands
    for key in ("outlines", "history", "judge", "history_list", "polygon", "paint_background"):
        assert commands[key].isChecked(), key
    for key in ("smooth", "follow", "findings", "noisy", "labels_outline", "judge_drafts", "histogram", "live"):
        assert not commands[key].isChecked(), key
    assert commands["theme_dark"].isChecked()
    assert reopened.edits.isVisible()
    assert reopened.history.isVisible()
    assert reopened.height() == 655
    assert reopened.studio.view.overlay.opacity == 0.8
    assert not reopened.gestures.unit.isChecked()
    assert last_checkpoint(reopened.studio.preferences).folder == place / "checkpoints" / "tiny"


def test_the_tool_and_its_options_are_as_they_were_left(reopened):
    settings = reopened.studio.view.tools.settings
    assert reopened.canvas.tool.name == "Polygon"
    assert (settings.size, settings.square, settings.contiguous) == (23, True, False)
    assert (settings.lowest, settings.highest, settings.tolerance) == (30, 200, 40)
    assert (settings.pressure, settings.with_enclosed, settings.takes_range) == (False, True, True)


def test_the_keys_are_as_they_were_chosen(reopened):
    keys = {
        command: [key.toString() for key in reopened.commands[command].shortcuts()]
        for command in ("brush", "dice", "pick", "polygon", "save")
    }
    assert keys == {"brush": ["F2"], "dice": [], "pick": ["P"], "polygon": ["Shift+P"], "save": ["Ctrl+S"]}


def test_a_label_has_the_colour_that_was_chosen(reopened):
    colors = reopened.studio.document.table.colors()
    assert QColor(*colors[2].tolist()).name() == "#123456"
    assert QColor(*colors[1].tolist()).name() == "#cc8844"


def test_the_meaning_of_a_foreign_mask_is_remembered(reopened, place):
    open_file(reopened.studio, reopened.shell, place / "masks" / "foreign.png")
    assert reopened.findChild(MappingDialog) is None
    told = np.array([0, 2, 1, 0, 4])[pixels(place / "masks" / "own.png")]
    np.testing.assert_array_equal(reopened.studio.document.mask.values, told)


def test_recent_files_are_listed_and_opened(reopened, place):
    menu = next(menu for menu in reopened.findChildren(QMenu) if menu.title() == "Open recent")
    menu.parent().aboutToShow.emit()
    entries = [action for action in menu.actions() if "\t" in action.text()]
    assert [entry.text() for entry in entries] == [
        "&1 own.png\tmask", "&2 real.png\treference", "&3 foreign.png\tmask"
    ]  # fmt: skip
    assert not any(entry.icon().isNull() for entry in entries)
    entries[0].trigger()
    np.testing.assert_array_equal(reopened.studio.document.mask.values, pixels(place / "masks" / "own.png"))


def test_dialogs_begin_in_the_folder_of_the_last_file(reopened, place, monkeypatch):
    asked = []
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *words: (asked.append(words[2]), ("", ""))[1])
    reopened.commands["open"].trigger()
    assert asked == [str(place / "masks")]


# ---- results


def test_the_history_holds_each_result_and_its_star(reopened, place):
    model = reopened.history.model
    paths = [model.path(model.index(row)) for row in range(model.rowCount())]
    assert paths == sorted((place / "work" / "history").glob("*.png"), reverse=True)
    assert len(paths) == 7
    assert [model.folder.is_starred(path) for path in paths] == [False] * 6 + [True]
    for path in paths:
        assert restore(reopened.studio, reopened.shell, path)
        np.testing.assert_array_equal(reopened.image.shown, pixels(path))
        assert unpacked(reopened.studio.runs.request.model_dump_json()) == request_in(path)
    assert reopened.messages.isHidden()


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_brings_back_its_mask_and_settings(reopened, place, kind):
    document = reopened.studio.document
    content = json.loads((place / "results" / f"{kind}.json").read_text())
    final = [content, *content["changes"]][-1]
    for name in (f"{kind}.png", f"{kind}.json"):
        reopened.commands["new"].trigger()
        open_file(reopened.studio, reopened.shell, place / "results" / name)
        assert reopened.messages.isHidden()  # it would be told that another model made it
        np.testing.assert_array_equal(document.mask.values, pixels(place / "results" / f"{kind}_mask.png"))
        assert list(document.used) == final["used"]
        assert (document.settings.seed, document.settings.guidance) == (content["seed"], content["guidance"])
        assert document.steps == content["steps"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_request_is_made_again_and_written_as_it_was(place, kind):
    words = [
        "--checkpoint",
        str(place / "checkpoints" / "tiny"),
        "--device",
        "cpu",
        "--out",
        str(place / "again"),
        "--include-reference",
    ]
    assert main(["generate", "--request", str(place / "results" / f"{kind}.json"), *words]) == 0
    assert pixels(place / "again" / f"{kind}.png").shape == (32, 32)
    for name in (f"{kind}.png", f"{kind}.json"):
        assert request_in(place / "again" / name) == request_in(place / "results" / name)


# ---- paired sets


@pytest.mark.parametrize(("layout", "there", "planned"), [("published", 4, 4), ("nnunet", 2, 12)])
def test_a_set_is_gone_on_with(place, layout, there, planned):
    folder = place / "sets" / layout
    written = {path: path.read_bytes() for path in folder.glob("*/**/*.png")}
    before = rows(folder)
    assert len(before) == there
    words = ["--set", str(folder / "specification.json"), "--out", str(folder), "--device", "cpu"]
    assert main(["generate", *words, "--checkpoint", str(place / "checkpoints" / "tiny")]) == 0
    assert {path: path.read_bytes() for path in written} == written
    after = rows(folder)
    assert len(after) == planned
    newer = {key: "" for key in after[0] if key not in before[0]}  # columns, which say nothing of an older set
    assert [row for row in after if {key: row[key] for key in before[0]} in before] == [
        {**row, **newer} for row in before
    ]
    assert all((folder / row[key]).is_file() for row in after for key in ("image", "mask"))


def test_the_window_goes_on_with_a_set(reopened, place):
    dialog = show_dialog(reopened.studio, reopened.shell)
    dialog.folder.line.setText(str(place / "sets" / "nnunet"))
    assert dialog.start.text() == "Go on"
    assert dialog.start.isEnabled()
    dialog.close()
