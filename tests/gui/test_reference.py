"""Opening a real image and editing it, in the real window."""

import shutil
import time

import numpy as np
import pytest
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.runs.run_state import RunState
from segpaint.gui.window.controller import Controller
from segpaint.studio.document.document import Purpose


@pytest.fixture
def references(window):
    return window.findChild(Controller).references


@pytest.fixture
def slice_path(tiny_data):
    return tiny_data / "images" / "val" / "val_0.png"


@pytest.fixture
def opened(window, references, slice_path):
    references.open_image(slice_path)
    return window


def change(window, **changes):
    from dataclasses import replace

    document = window.session.document
    document.change_settings(replace(document.settings, **changes))


def test_an_image_of_a_data_set_brings_its_mask(opened, slice_path):
    document = opened.session.document
    mask = np.asarray(Image.open(slice_path.parents[2] / "masks" / "all" / "val" / "val_0.png"))
    np.testing.assert_array_equal(document.mask.values, mask)
    np.testing.assert_array_equal(document.reference.image, np.asarray(Image.open(slice_path)))
    assert document.settings.purpose is Purpose.EDIT
    assert opened.reference.name.text() == "val_0.png"
    assert opened.image_title.text() == "Reference"
    assert opened.image.hint.isHidden()  # it is shown until something is generated
    document.undo()
    assert not np.array_equal(document.mask.values, mask)


def test_an_edit_of_the_reference_keeps_what_is_far_from_it(opened, hand, finish, tiny_engine):
    session = opened.session
    change(opened, edit_steps=20, margin=2.0, guidance=1.0)
    session.document.paint_value = 4
    hand(opened, (26, 6))
    opened.commands["generate"].trigger()
    finish(opened)
    result, reference = session.trajectory.result.noisy, session.document.reference.image
    np.testing.assert_array_equal(result[25:], reference[25:])
    assert not np.array_equal(result, reference)
    assert opened.image_title.text() == "Edited image"
    assert opened.reference.likeness.text().startswith("PSNR")
    assert (session.request.sampler, session.request.steps) == ("ddim", 20)
    *_, last = tiny_engine.run(session.request)
    np.testing.assert_array_equal(to_pixels(last.sample), result)


def test_without_an_edit_the_reference_comes_back(opened, finish):
    change(opened, edit_steps=10)
    opened.commands["generate"].trigger()
    finish(opened)
    assert opened.reference.likeness.text() == "identical"


def test_an_edited_image_is_made_again_by_its_request(opened, hand, finish, tmp_path, tiny_checkpoint, save):
    change(opened, edit_steps=6, margin=None)
    hand(opened, (26, 6))
    opened.commands["generate"].trigger()
    finish(opened)
    save(opened, tmp_path / "edited.png")
    words = ["generate", "--request", str(tmp_path / "edited.json"), "--checkpoint", str(tiny_checkpoint)]
    assert main([*words, "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "edited.png").read_bytes() == (tmp_path / "edited.png").read_bytes()


def test_a_saved_edit_can_be_taken_up_again(opened, hand, finish, tmp_path, save):
    change(opened, edit_steps=6, margin=3.0)
    hand(opened, (26, 6))
    opened.commands["generate"].trigger()
    finish(opened)
    files = opened.findChild(Controller).files
    save(opened, tmp_path / "edited.png")
    mask = opened.session.document.mask.snapshot()
    opened.session.document.set_reference(None)
    assert opened.session.document.settings.purpose is Purpose.NEW
    opened.commands["new"].trigger()
    files.open_file(tmp_path / "edited.json")
    document = opened.session.document
    np.testing.assert_array_equal(document.mask.values, mask)
    assert (document.settings.purpose, document.settings.margin) == (Purpose.EDIT, 3.0)
    assert document.reference is not None


def test_the_run_can_be_stepped_through_from_its_preparation_on(opened, qtbot):
    change(opened, edit_steps=8)
    session = opened.session
    session.step()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 1)
    qtbot.wait(50)
    assert len(session.trajectory.frames) == 1
    assert session.state is RunState.PAUSED


def test_stopping_while_the_reference_is_led_back(opened, qtbot, finish):
    change(opened, edit_steps=400)
    session = opened.session
    told = []
    session.prepared.connect(told.append)
    session.generate()
    qtbot.waitUntil(lambda: len(told) > 2)
    assert opened.run_label.sentence.startswith("Leading the reference back to noise")
    session.stop()
    assert session.state is RunState.STOPPED
    change(opened, edit_steps=4)
    session.generate()
    finish(opened)


def test_the_time_of_a_run_is_told_with_its_preparation_and_without_pauses(opened, qtbot, finish):
    change(opened, edit_steps=3)
    session = opened.session
    begun = time.monotonic()
    session.step()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 1)
    passed = time.monotonic() - begun
    qtbot.wait(500)
    begun = time.monotonic()
    session.toggle_play()
    finish(opened)
    passed += time.monotonic() - begun
    trajectory = session.trajectory
    assert 0 < trajectory.preparation < trajectory.duration <= passed
    assert trajectory.duration == trajectory.preparation + sum(frame.seconds for frame in trajectory.frames)
    said = f"{trajectory.duration:.1f} s, {trajectory.preparation:.1f} s of it to noise"
    assert opened.run_label.sentence.startswith(f"Finished in {said}")
    session.generate()  # the way to noise is known by now
    finish(opened)
    assert session.trajectory.preparation == 0
    assert "noise" not in opened.run_label.sentence


def test_similarity_goes_from_an_image_of_its_own_to_the_reference(opened, finish):
    distances = []
    for share in (0.0, 1.0):
        change(opened, purpose=Purpose.NEAR, share=share, edit_steps=20, level=0.3, guidance=1.0)
        opened.commands["generate"].trigger()
        finish(opened)
        result = opened.session.trajectory.result.noisy.astype(float)
        distances.append(np.abs(result - opened.session.document.reference.image).mean())
    assert distances[1] < distances[0] / 2
    assert opened.image_title.text() == "Synthetic image"


def test_an_image_without_a_mask_asks_for_one(window, references, slice_path, tmp_path):
    alone = shutil.copy(slice_path, tmp_path / "alone.png")
    references.open_image(tmp_path / "alone.png")
    assert alone.exists()
    assert "no segmenter" in window.messages.text.text()
    document = window.session.document
    assert document.reference.used == ()
    document.replace_mask(np.ones_like(document.mask.values), "painted")
    window.reference.take.click()
    assert document.reference.mask.all()
    assert document.reference.used == document.used
    references.find_labels()
    assert "no segmenter" in window.messages.text.text()


def test_the_segmenter_finds_the_labels(open_window, tiny_checkpoint, tiny_data, slice_path, tmp_path, qtbot):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "judged")
    words = ["train-segmenter", str(tiny_data), "--checkpoint", str(folder)]
    assert main([*words, "--steps", "120", "--batch-size", "6"]) == 0
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.session.is_ready, timeout=30_000)
    shutil.copy(slice_path, tmp_path / "alone.png")
    window.findChild(Controller).references.open_image(tmp_path / "alone.png")
    assert "can find its labels" in window.messages.text.text()
    window.messages.offer.click()
    document = window.session.document
    qtbot.waitUntil(lambda: document.reference.mask.any(), timeout=20_000)
    truth = np.asarray(Image.open(tiny_data / "masks" / "all" / "val" / "val_0.png"))
    assert (document.mask.values == truth).mean() > 0.8
    np.testing.assert_array_equal(document.mask.values, document.reference.mask)


def test_labels_found_for_a_document_that_was_left_are_not_given_to_the_next(
    window, slice_path, other_checkpoint
):
    session = window.session
    image = np.asarray(Image.open(slice_path))
    session.find_reference_labels("slice", image)
    window.findChild(Controller).files.open_folder(other_checkpoint)
    before = session.document.mask.snapshot()
    session.segmented.emit(image, np.full_like(before, 4))  # the answer was on its way
    assert session.document.reference is None
    np.testing.assert_array_equal(session.document.mask.values, before)


def test_a_wrong_file_gets_a_sentence_and_another_size_an_offer(window, references, tmp_path):
    (tmp_path / "text.png").write_text("no image")
    references.open_image(tmp_path / "text.png")
    assert "cannot be read" in window.messages.text.text()
    Image.new("L", (64, 64), 90).save(tmp_path / "large.png")
    references.open_image(tmp_path / "large.png")
    assert "64 x 64" in window.messages.text.text()
    window.messages.offer.click()
    assert window.session.document.reference.image.shape == (32, 32)


def test_the_panel_sets_what_is_made(opened):
    panel, document = opened.reference, opened.session.document
    panel.keep.setChecked(False)
    assert document.settings.margin is None
    panel.keep.setChecked(True)
    panel.margin.setValue(9)
    assert document.settings.margin == 9
    panel.purpose.setCurrentIndex(panel.purpose.findData(Purpose.NEAR))
    panel.share.setValue(80)
    panel.level.setValue(40)
    settings = document.settings
    assert (settings.purpose, settings.share, settings.level) == (Purpose.NEAR, 0.8, 0.4)
    assert not opened.request.sampler.isEnabled()
    opened.request.steps.setValue(33)
    assert document.settings.edit_steps == 33
    panel.remove.click()
    assert document.settings.purpose is Purpose.NEW
    assert opened.request.sampler.isEnabled()
    assert document.settings.edit_steps == 33
