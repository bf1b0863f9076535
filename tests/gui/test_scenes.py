"""The scenes of the stage: a list with captions, in a file if it is saved."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from shells import NotingShell

from segpaint.core.errors import SegPaintError
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.stage.scenes_window import ScenesWindow, caption_of
from segpaint.gui.stage.stage_keeper import StageKeeper
from segpaint.io.image_files import encode_mask
from segpaint.io.scene_lists import Scene, read_scenes, write_scenes
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose


class AskedShell(NotingShell):
    """Answers dialogs with a file."""

    answer = None

    def ask_file(self, _title, _kinds):
        return self.answer

    def ask_where(self, _title, _name, kinds, naming):
        return naming(self.answer, kinds)[0], kinds


@pytest.fixture
def shell():
    return AskedShell()


@pytest.fixture
def keeper(studio, shell, qtbot):
    canvas = Canvas(studio)
    qtbot.addWidget(canvas)
    keeper = StageKeeper(studio, shell, canvas, canvas)
    yield keeper
    studio.view.stage.set_on(False)


@pytest.fixture
def scenes(studio, shell, qtbot):
    canvas = Canvas(studio)
    qtbot.addWidget(canvas)
    yield ScenesWindow(studio, shell, canvas)
    canvas.close()  # which holds the window, and is held here until then


def captions(window):
    return [scene.caption for scene in window.list.scenes]


def test_a_list_and_its_files_can_be_moved_together(tmp_path):
    inside, outside = tmp_path / "talk" / "a.png", tmp_path / "b.png"
    inside.parent.mkdir()
    scenes = (Scene(file=str(inside), caption="before"), Scene(file=str(outside)))
    write_scenes(tmp_path / "talk" / "my.scenes.json", scenes)
    assert read_scenes(tmp_path / "talk" / "my.scenes.json") == scenes
    (tmp_path / "talk").rename(tmp_path / "moved")
    moved = read_scenes(tmp_path / "moved" / "my.scenes.json")
    assert [scene.path for scene in moved] == [tmp_path / "moved" / "a.png", outside]


def test_stories_are_kept_in_lists_and_lists_without_them_are_still_opened(tmp_path):
    kept = Scene(story="thick-heart", caption="It grows"), Scene(file=str(tmp_path / "a.png"))
    write_scenes(tmp_path / "new.scenes.json", kept)
    assert read_scenes(tmp_path / "new.scenes.json") == kept
    old = {"format": 1, "scenes": [{"file": "a.png", "caption": ""}, {"file": "a.png", "caption": "Before"}]}
    (tmp_path / "old.scenes.json").write_text(json.dumps(old))
    assert [scene.caption for scene in read_scenes(tmp_path / "old.scenes.json")] == ["", "Before"]
    for wrong in ({"caption": "Nothing"}, {"file": "a.png", "story": "thick-heart"}):
        (tmp_path / "bad.scenes.json").write_text(json.dumps({"scenes": [wrong]}))
        with pytest.raises(SegPaintError, match="names a file and a story, or neither"):
            read_scenes(tmp_path / "bad.scenes.json")


def test_without_a_tour_no_stories_are_offered(scenes):
    assert scenes.story.isHidden()


def test_a_list_that_is_none_is_refused_with_its_name(tmp_path, scenes, shell):
    (tmp_path / "bad.scenes.json").write_text(json.dumps({"scenes": [{"film": "a.png"}]}))
    with pytest.raises(SegPaintError, match=r"bad\.scenes"):
        read_scenes(tmp_path / "bad.scenes.json")
    shell.answer = tmp_path / "bad.scenes.json"
    scenes.open_list.click()
    assert "bad.scenes.json" in str(shell.warned[-1])


def test_the_stage_leads_through_the_list_with_its_captions(
    keeper, studio, shell, mask_file, drawn_mask, qtbot
):
    blank = studio.document.mask.snapshot()
    studio.view.stage.scenes = (Scene(file=str(mask_file), caption="A heart"), Scene(file="/nowhere.png"))
    studio.view.stage.set_on(True)
    np.testing.assert_array_equal(studio.document.mask.values, drawn_mask)
    assert studio.view.stage.title == "A heart"
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Right)
    assert "nowhere.png" in str(shell.warned[-1])
    np.testing.assert_array_equal(studio.document.mask.values, drawn_mask)
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Escape)
    assert studio.view.stage.title == ""
    sentence, _, bring_back = shell.offers[-1]
    assert "taken up scenes" in sentence
    bring_back()
    np.testing.assert_array_equal(studio.document.mask.values, blank)


def test_a_scene_that_cannot_be_shown_is_reported_on_the_stage_itself(
    keeper, studio, shell, mask_file, drawn_mask, tmp_path, qtbot
):
    (tmp_path / "broken.png").write_bytes(b"no picture")
    folder = tmp_path / "Miller"
    studio.view.stage.scenes = (
        Scene(file=str(mask_file), caption="A heart"),
        Scene(file=str(folder / "nowhere.png"), caption="A tumour"),
        Scene(file=str(folder / "nowhere.json"), caption="A request"),
        Scene(file=str(tmp_path / "broken.png"), caption="A picture"),
        Scene(story="unheard-of", caption="A story"),
    )
    studio.view.stage.set_on(True)
    stage = keeper.stage
    assert stage.notice == ""
    quiet = stage.grab().toImage()
    for sentence in ("no file nowhere.png", "no file nowhere.json", "broken.png", "a story that this version"):
        stage.notice = ""
        shell.quiet()
        qtbot.keyClick(stage, Qt.Key.Key_Right)
        assert sentence in stage.notice
        assert "Miller" not in stage.notice  # before an audience
        assert stage.grab().toImage() != quiet
        assert shell.warned  # with its folder and details, for later
        assert studio.view.stage.title == "A heart"  # as long as that is what is seen
        np.testing.assert_array_equal(studio.document.mask.values, drawn_mask)
    assert stage._forget_notice.isActive()


def test_the_first_scene_is_reported_before_the_stage_is_seen(keeper, studio, tmp_path):
    studio.view.stage.scenes = (Scene(file=str(tmp_path / "nowhere.png"), caption="A tumour"),)
    studio.view.stage.set_on(True)
    assert keeper.stage.notice == "There is no file nowhere.png."
    assert studio.view.stage.title == ""


@pytest.mark.parametrize("name", ["nowhere.png", "nowhere.json", ""])
def test_a_first_scene_that_cannot_be_shown_leaves_the_open_patient_unseen(
    keeper, studio, mask_file, drawn_mask, tmp_path, qtbot, name
):
    document = studio.document
    document.strokes.replace(drawn_mask[::-1], "painted")
    open_mask = document.mask.snapshot()
    pixels = np.full(document.mask.shape, 90, np.uint8)
    document.set_reference(Reference("Miller", pixels, open_mask, document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT))
    failing = Scene(file=str(tmp_path / name)) if name else Scene(story="unheard-of")
    studio.view.stage.scenes = (failing, Scene(file=str(mask_file)))
    studio.view.stage.set_on(True)
    stage = keeper.stage
    assert stage.notice
    stage.notice = ""  # as some seconds later
    assert stage.mark == ""
    seen = stage.grab().toImage()
    assert {seen.pixelColor(stage.width() // 2, row).value() for row in range(100, 300)} == {0}
    assert stage.is_covered
    qtbot.mouseClick(stage, Qt.MouseButton.LeftButton, pos=stage.rect().center())
    np.testing.assert_array_equal(document.mask.values, open_mask)  # nobody paints unseen
    qtbot.keyClick(stage, Qt.Key.Key_Right)
    assert not stage.is_covered
    np.testing.assert_array_equal(document.mask.values, drawn_mask)


def test_what_is_asked_about_a_scene_is_shown_on_the_stage_and_answered_in_the_window(
    keeper, studio, shell, table, tmp_path
):
    large = np.zeros((studio.document.mask.shape[0] * 2, studio.document.mask.shape[1] * 2), np.uint8)
    (tmp_path / "large.png").write_bytes(encode_mask(large, table))
    studio.view.stage.scenes = (Scene(file=str(tmp_path / "large.png")),)
    studio.view.stage.set_on(True)
    assert keeper.stage.notice == shell.offers[-1][0].replace(f"{tmp_path}/", "")


def test_the_ruler_goes_with_the_anatomy_it_lay_on(keeper, studio, mask_file, qtbot):
    studio.view.tools.take("ruler")
    sketch = keeper.parent().sketch
    studio.view.stage.scenes = (Scene(file=str(mask_file)),)
    studio.view.stage.set_on(True)
    studio.view.measuring.lay_ruler(((4, 4), (20, 12)))
    assert sketch.handle_at(QPointF(4, 4)) is not None
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Right)
    assert studio.view.measuring.ends is None
    assert sketch.handle_at(QPointF(4, 4)) is None
    studio.view.tools.take("brush")  # the canvas goes before the studio


def test_a_mask_is_a_scene_by_itself_whatever_reference_is_open(keeper, studio, shell, mask_file, qtbot):
    document = studio.document
    pixels = np.full(document.mask.shape, 90, np.uint8)
    document.set_reference(Reference("Miller", pixels, document.mask.snapshot(), document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT))
    before = document.settings
    studio.view.stage.set_on(True)
    assert keeper.stage.mark == "PATIENT IMAGE"
    studio.view.stage.scenes = (Scene(file=str(mask_file)),)
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Right)
    assert keeper.stage.mark == ""
    assert document.settings.purpose is Purpose.NEW
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Escape)
    shell.offers[-1][2]()
    assert document.settings == before
    assert document.reference is not None


def test_the_stage_begins_with_the_first_scene_and_not_with_the_open_patient(
    keeper, studio, shell, mask_file, drawn_mask, qtbot
):
    document = studio.document
    pixels, mask = np.full(document.mask.shape, 90, np.uint8), document.mask.snapshot()
    document.set_reference(Reference("Miller", pixels, mask, document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT))
    before = document.settings
    studio.view.stage.scenes = (Scene(file=str(mask_file), caption="First"), Scene(file=str(mask_file)))
    marks = []

    def watch():
        if keeper.stage is not None and keeper.stage.isVisible():
            marks.append(keeper.stage.mark)

    studio.view.stage.changed.connect(watch)
    studio.changed.connect(watch)
    studio.view.stage.set_on(True)
    assert set(marks) == {""}
    assert studio.view.stage.title == "First"
    np.testing.assert_array_equal(document.mask.values, drawn_mask)
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Left)  # there is none before it
    assert studio.view.stage.title == "First"
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Escape)
    shell.offers[-1][2]()
    np.testing.assert_array_equal(document.mask.values, mask)
    assert document.settings == before


def test_a_mask_scene_is_as_opaque_as_without_a_reference(keeper, studio, mask_file, qtbot):
    document = studio.document
    studio.view.stage.scenes = (Scene(file=str(mask_file)),)
    studio.view.stage.set_on(True)
    keeper.stage.resize(400, 400)
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Right)
    alone = keeper.stage.grab().toImage()
    pixels = np.full(document.mask.shape, 90, np.uint8)
    document.set_reference(Reference("Miller", pixels, document.mask.snapshot(), document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT))
    studio.view.stage.rest()
    assert keeper.stage.grab().toImage() != alone  # over the reference
    qtbot.keyClick(keeper.stage, Qt.Key.Key_Left)
    assert keeper.stage.grab().toImage() == alone


def test_the_pace_is_as_before(open_studio, shell, qtbot):
    first = open_studio()
    canvas = Canvas(first)
    qtbot.addWidget(canvas)
    StageKeeper(first, shell, canvas, canvas)
    first.view.stage.set_on(True)
    first.view.stage.change_pace(1)
    slower = first.view.stage.seconds
    first.view.stage.set_on(False)
    again = open_studio()
    assert again.view.stage.seconds != slower
    other = Canvas(again)
    qtbot.addWidget(other)
    StageKeeper(again, shell, other, other)
    assert again.view.stage.seconds == slower


def test_scenes_are_added_named_ordered_and_removed(scenes, studio, shell, mask_file, tmp_path):
    shell.answer = mask_file
    scenes.add.click()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "2-thick-wall.png")), QUrl("https://example.org/a.png")])
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    scenes.list.dropEvent(QDropEvent(QPointF(5, 5), actions, data, buttons, keys))
    assert captions(scenes) == [caption_of(mask_file), "thick wall"]
    scenes.list.item(0).setText("  Healthy ")
    assert [scene.caption for scene in studio.view.stage.scenes] == ["Healthy", "thick wall"]
    scenes.list.insertItem(1, scenes.list.takeItem(0))
    assert [scene.caption for scene in studio.view.stage.scenes] == ["thick wall", "Healthy"]
    scenes.list.item(0).setSelected(True)
    scenes.remove.click()
    assert [scene.path for scene in studio.view.stage.scenes] == [mask_file]


def test_a_list_is_saved_and_opened_again(scenes, studio, shell, mask_file, tmp_path):
    scenes.starred.click()
    assert "starred" in shell.warned[-1]
    assert not scenes.save_list.isEnabled()
    scenes.list.add(Scene(file=str(mask_file), caption="First"))
    shell.answer = tmp_path / "talk.json"
    scenes.save_list.click()
    assert (tmp_path / "talk.scenes.json").exists()
    assert scenes.said.text() == f"Saved talk.scenes.json in {tmp_path}"
    assert not scenes.said.isHidden()
    assert shell.said == []
    kept = studio.view.stage.scenes
    scenes.list.clear()
    assert scenes.said.isHidden()
    assert studio.view.stage.scenes == ()
    shell.answer = tmp_path / "talk.scenes.json"
    scenes.open_list.click()
    assert studio.view.stage.scenes == kept
