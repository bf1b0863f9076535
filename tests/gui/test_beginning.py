"""The first start: three doors, and an image of each model to look at."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.window.beginning import Beginning
from segpaint.io.results import read_request
from segpaint.paths import example_images, find_checkpoint


def beginning(window):
    return next((one for one in window.image.findChildren(Beginning) if one.isVisible()), None)


def test_the_first_start_offers_three_doors_and_the_next_one_none(open_window):
    first = open_window()
    assert [door.text() for door in beginning(first).doors.values()] == [
        "Paint a mask", "Open my scan", "Watch the tour",
    ]  # fmt: skip
    beginning(first).leave.click()
    assert beginning(first) is None
    first.close()
    assert beginning(open_window()) is None


def test_a_window_that_was_only_looked_at_offers_them_again(open_window):
    open_window().close()
    assert beginning(open_window()) is not None


@pytest.mark.parametrize("way", ["paint", "generate", "model", "key"])
def test_whoever_begins_is_left_alone(open_window, qtbot, way, other_checkpoint, drawn_mask):
    window = open_window()
    match way:
        case "paint":
            window.studio.document.strokes.replace(drawn_mask, "Paint")
        case "generate":
            qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
            window.commands["generate"].trigger()
        case "model":
            window.studio.open_checkpoint(read_checkpoint(other_checkpoint))
        case "key":
            qtbot.keyClick(beginning(window).doors["tour"], Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: beginning(window) is None)


def test_a_window_that_is_opened_with_a_mask_has_begun(open_window, mask_file):
    assert beginning(open_window(mask=mask_file)) is None


def test_each_door_leads_somewhere(open_window, monkeypatch):
    window, asked = open_window(), []
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda _parent, title, *_: asked.append(title) or ("", "")
    )
    window.studio.view.wanted.connect(asked.append)
    doors = beginning(window).doors
    doors["open_scan"].click()
    assert len(asked) == 1
    monkeypatch.setattr(
        QFileDialog, "getExistingDirectory", lambda _parent, title, *_: asked.append(title) or ""
    )
    beginning(window).folder.click()
    assert asked[1:] == ["Open a folder of scans"]
    assert beginning(window) is not None  # nothing was chosen
    window.commands["eraser"].trigger()
    doors["paint"].click()
    assert window.commands["brush"].isChecked()
    assert beginning(window) is None


def test_a_low_pane_shows_the_doors_alone(open_window, qtbot):
    window = open_window(size=(1100, 760))
    shown = beginning(window)
    qtbot.waitUntil(shown.shelf.isVisible)
    window.resize(1100, 560)
    window.commands["history"].trigger()
    qtbot.waitUntil(lambda: not shown.shelf.isVisible())
    assert all(door.isVisible() for door in shown.doors.values())


@pytest.mark.parametrize("path", example_images(), ids=lambda path: path.stem)
def test_an_image_of_each_model_is_there_to_look_at(open_window, qtbot, path):
    window = open_window(size=(1280, 760))
    qtbot.waitUntil(beginning(window).shelf.isVisible)
    beginning(window).examples[path.stem].click()
    assert window.studio.document.checkpoint.folder.name == path.stem
    qtbot.waitUntil(lambda: window.studio.runs.looked_at is not None)
    assert window.studio.document.mask.values.any()
    assert not window.messages.isVisible()  # neither of other weights, nor of a model that is missing


def test_the_images_are_of_the_models_as_they_are():
    images = {path.stem: read_request(path) for path in example_images()}
    assert len(images) == 4
    for name, request in images.items():
        assert request.fingerprint == read_checkpoint(find_checkpoint(name)).fingerprint
