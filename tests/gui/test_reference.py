"""Opening a real image and editing it."""

import shutil
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from segpaint import open_checkpoint
from segpaint.cli import main
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.requests.origins import WARPS, Counterfactual
from segpaint.core.runs.player import Player
from segpaint.core.runs.run_state import RunState
from segpaint.gui.files.clipboard import copy_image
from segpaint.gui.files.opening import open_file, open_folder
from segpaint.gui.files.reference_panel import ReferencePanel
from segpaint.gui.files.references import open_image
from segpaint.gui.running.image_title import ImageTitle, PatientBadge
from segpaint.gui.running.outdated_badge import OutdatedBadge
from segpaint.gui.running.request_panel import RequestPanel
from segpaint.gui.running.run_label import RunLabel
from segpaint.io.results import read_request, write_result
from segpaint.studio.document.settings import Purpose
from segpaint.studio.document.taking_up import take_up
from segpaint.studio.view.comparison import Against, Mode


@pytest.fixture
def slice_path(tiny_data):
    return tiny_data / "images" / "val" / "val_0.png"


@pytest.fixture
def panel(studio, shell, qtbot):
    panel = ReferencePanel(studio, shell)
    qtbot.addWidget(panel)
    panel.show_reference()
    return panel


@pytest.fixture
def title(loaded, qtbot):
    title = ImageTitle(loaded)
    qtbot.addWidget(title)
    return title


@pytest.fixture
def run_label(loaded, qtbot):
    label = RunLabel(loaded.runs)
    qtbot.addWidget(label)
    return label


@pytest.fixture
def opened(loaded, shell, slice_path):
    open_image(loaded, shell, slice_path)
    return loaded


def test_an_image_of_a_data_set_brings_its_mask(opened, panes, panel, title, slice_path):
    document = opened.document
    mask = np.asarray(Image.open(slice_path.parents[2] / "masks" / "all" / "val" / "val_0.png"))
    np.testing.assert_array_equal(document.mask.values, mask)
    np.testing.assert_array_equal(document.reference.image, np.asarray(Image.open(slice_path)))
    assert document.settings.purpose is Purpose.EDIT
    assert panel.name.text() == "val_0.png"
    assert panel.name.toolTip() == "val_0.png\nIts labels: from masks/all/val/val_0.png."
    assert title.text() == "Reference"
    assert panes.image.hint.isHidden()  # it is shown until something is generated
    document.strokes.undo()
    assert not np.array_equal(document.mask.values, mask)


def test_an_edit_of_the_reference_keeps_what_is_far_from_it(
    opened, settings, paint, finish, panel, title, tiny_engine
):
    runs, document = opened.runs, opened.document
    settings(edit_steps=20, margin=2.0, guidance=1.0)
    document.paint_value = 4
    paint((26, 6))
    runs.generate()
    finish(opened)
    result, reference = runs.trajectory.result.noisy, document.reference.image
    np.testing.assert_array_equal(result[25:], reference[25:])
    assert not np.array_equal(result, reference)
    assert title.text() == "Edited image"
    assert panel.likeness.text().startswith("PSNR")
    assert (runs.request.sampler, runs.request.steps) == ("ddim", 20)
    *_, last = tiny_engine.run(runs.request)
    np.testing.assert_array_equal(to_pixels(last.sample), result)


def test_without_an_edit_the_reference_comes_back(opened, settings, finish, panel):
    settings(edit_steps=10)
    opened.runs.generate()
    finish(opened)
    assert panel.likeness.text() == "identical"


def test_an_edited_image_is_made_again_by_its_request(
    opened, settings, paint, finish, tmp_path, tiny_checkpoint, save
):
    settings(edit_steps=6, margin=None)
    paint((26, 6))
    opened.runs.generate()
    finish(opened)
    save(opened, tmp_path / "edited.png", include_reference=True)
    words = ["generate", "--request", str(tmp_path / "edited.json"), "--checkpoint", str(tiny_checkpoint)]
    assert main([*words, "--out", str(tmp_path / "again"), "--include-reference"]) == 0
    assert (tmp_path / "again" / "edited.png").read_bytes() == (tmp_path / "edited.png").read_bytes()


@pytest.mark.parametrize(
    ("purpose", "way"),
    [
        (Purpose.EDIT, "close-warp"),
        (Purpose.EDIT, "warp"),
        (Purpose.EDIT, "partial-inversion"),
        (Purpose.EDIT, "exact-inversion"),
        (Purpose.EDIT, "inversion"),
        (Purpose.NEAR, "warp"),
    ],
)
def test_the_api_writes_the_same_bytes(
    purpose, way, opened, settings, paint, finish, tmp_path, tiny_checkpoint, save
):
    settings(steps=6, edit_steps=6, margin=2.0, purpose=purpose, way=way)
    paint((26, 6))
    opened.runs.generate()
    finish(opened)
    save(opened, tmp_path / "image.png")
    document, checkpoint = opened.document, open_checkpoint(tiny_checkpoint, "cpu")
    reference, painted = document.reference, document.mask.values
    if purpose is Purpose.EDIT:
        made = checkpoint.edit(reference.image, reference.mask, painted, margin=2.0, way=way, steps=6)
    else:
        made = checkpoint.approach(reference.image, painted, steps=6)
    for path in made.save(tmp_path / "api" / "image.png"):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()


@pytest.mark.parametrize(
    "way", ["close-warp", "detailed-warp", "warp", "partial-inversion", "exact-inversion", "inversion"]
)
def test_an_edit_that_is_taken_up_again_goes_the_same_way(opened, settings, paint, finish, way):
    settings(steps=5, edit_steps=6, sampler="ddpm", margin=2.0, way=way)
    paint((26, 6))
    opened.runs.generate()
    finish(opened)
    asked = opened.runs.request
    settings(steps=9, edit_steps=9, sampler="dpm++", way="partial-inversion" if way in WARPS else "warp")
    take_up(opened.document, asked, "Take up")
    again = opened.document.request(asked.precision)
    assert again.model_dump_json() == asked.model_dump_json()
    assert (again.sampler, again.steps) == (("ddpm", 5) if way in WARPS else ("ddim", 6))


@pytest.mark.parametrize("way", ["exact-inversion", "inversion"])
def test_an_approach_that_is_taken_up_again_goes_the_same_way(opened, settings, finish, way):
    settings(edit_steps=6, purpose=Purpose.NEAR, near_way=way, level=0.5, share=0.25)
    opened.runs.generate()
    finish(opened)
    asked = opened.runs.request
    assert asked.origin.way == way
    settings(edit_steps=9, purpose=Purpose.NEAR, near_way="exact-inversion", level=0.1, share=0.75)
    take_up(opened.document, asked, "Take up")
    assert opened.document.request(asked.precision).model_dump_json() == asked.model_dump_json()


def test_the_ways_of_earlier_versions_are_offered_where_they_are_set(panel, opened, settings):
    def offered():
        return [panel.way.itemData(place) for place in range(panel.way.count())]

    assert offered() == ["close-warp", "partial-inversion"]
    settings(way="inversion")
    assert offered() == ["close-warp", "partial-inversion", "inversion"]
    assert panel.way.currentText() == "From noise, by small steps"
    settings(way="exact-inversion")
    assert panel.way.currentText() == "From its own noise alone"


def test_a_saved_edit_can_be_taken_up_again(opened, shell, run, settings, paint, finish, tmp_path, save):
    settings(edit_steps=6, margin=3.0)
    paint((26, 6))
    run("generate")
    finish(opened)
    save(opened, tmp_path / "edited.png", include_reference=True)
    document = opened.document
    mask = document.mask.snapshot()
    document.set_reference(None)
    assert document.settings.purpose is Purpose.NEW
    run("new")
    open_file(opened, shell, tmp_path / "edited.json")
    np.testing.assert_array_equal(document.mask.values, mask)
    assert (document.settings.purpose, document.settings.margin) == (Purpose.EDIT, 3.0)
    assert document.reference is not None


def test_the_run_can_be_stepped_through_from_its_preparation_on(opened, settings, qtbot):
    settings(edit_steps=8)
    runs = opened.runs
    runs.step()
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 1)
    qtbot.wait(50)
    assert len(runs.trajectory.frames) == 1
    assert runs.state is RunState.PAUSED


def test_stopping_while_the_reference_is_led_back(opened, settings, run_label, qtbot, finish):
    settings(edit_steps=400)
    runs = opened.runs
    told = []
    runs.prepared.connect(told.append)
    runs.generate()
    qtbot.waitUntil(lambda: len(told) > 2)
    assert run_label.sentence.startswith("Leading the reference back to noise")
    runs.stop()
    assert runs.state is RunState.STOPPED
    settings(edit_steps=4)
    runs.generate()
    finish(opened)


def test_the_time_of_a_run_is_told_with_its_preparation_and_without_pauses(
    opened, settings, run_label, qtbot, finish
):
    settings(edit_steps=3)
    runs = opened.runs
    begun = time.monotonic()
    runs.step()
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 1)
    passed = time.monotonic() - begun
    qtbot.wait(500)
    begun = time.monotonic()
    runs.toggle_play()
    finish(opened)
    passed += time.monotonic() - begun
    trajectory = runs.trajectory
    assert 0 < trajectory.preparation < trajectory.duration <= passed
    assert trajectory.duration == trajectory.preparation + sum(frame.seconds for frame in trajectory.frames)
    said = f"{trajectory.duration:.1f} s, {trajectory.preparation:.1f} s of it to noise"
    assert run_label.sentence.startswith(f"Finished in {said}")
    runs.generate()  # the way to noise is known by now
    finish(opened)
    assert runs.trajectory.preparation == 0
    assert "noise" not in run_label.sentence


def test_a_reference_is_led_to_noise_while_nothing_else_is_asked_for(
    opened, settings, paint, finish, qtbot, monkeypatch
):
    turns, work_ahead = [], Player.work_ahead
    monkeypatch.setattr(Player, "work_ahead", lambda player: turns.append(work_ahead(player)) or turns[-1])
    settings(edit_steps=5)
    qtbot.waitUntil(lambda: sum(turns) >= 5 and not turns[-1], timeout=20_000)
    paint((26, 6))
    opened.runs.generate()
    finish(opened)
    assert opened.runs.trajectory.preparation == 0
    assert opened.runs.trajectory.taken == 5


def test_similarity_goes_from_an_image_of_its_own_to_the_reference(opened, settings, finish, title):
    distances, titles = [], []
    for share in (0.0, 0.9, 1.0):
        settings(purpose=Purpose.NEAR, share=share, edit_steps=20, level=0.3, guidance=1.0)
        opened.runs.generate()
        finish(opened)
        result = opened.runs.trajectory.result.noisy.astype(float)
        distances.append(np.abs(result - opened.document.reference.image).mean())
        titles.append(title.text())
    assert distances[2] == 0 < distances[1] < distances[0] / 2
    assert titles[1:] == ["Near a patient's image", "A patient's image, unchanged"]


def test_an_image_without_a_mask_asks_for_one(studio, shell, panel, slice_path, tmp_path):
    shutil.copy(slice_path, tmp_path / "alone.png")
    open_image(studio, shell, tmp_path / "alone.png")
    assert "no segmenter" in shell.warned.pop()
    document = studio.document
    assert document.reference.used == ()
    assert panel.name.toolTip() == "alone.png\nIt has no labels yet."
    document.strokes.replace(np.ones_like(document.mask.values), "painted")
    panel.take.click()
    assert document.reference.mask.all()
    assert document.reference.used == document.used
    assert panel.name.toolTip() == panel.picture.toolTip() == "alone.png\nIts labels: painted here."
    panel.detect.click()
    assert "no segmenter" in shell.warned.pop()


def test_the_segmenter_finds_the_labels(
    open_studio, shell, learned_checkpoint, tiny_data, slice_path, tmp_path, qtbot
):
    studio = open_studio(learned_checkpoint)
    studio.start()
    shutil.copy(slice_path, tmp_path / "alone.png")
    open_image(studio, shell, tmp_path / "alone.png")
    ((text, _, find),) = shell.offers
    assert "can find its labels" in text
    find()
    document = studio.document
    qtbot.waitUntil(lambda: document.reference.mask.any(), timeout=20_000)
    truth = np.asarray(Image.open(tiny_data / "masks" / "all" / "val" / "val_0.png"))
    assert (document.mask.values == truth).mean() > 0.8
    np.testing.assert_array_equal(document.mask.values, document.reference.mask)
    panel = ReferencePanel(studio, shell)
    qtbot.addWidget(panel)
    panel.show_reference()
    assert panel.name.toolTip().endswith("Its labels: found by the model's segmenter.")
    panel.take.click()
    assert panel.name.toolTip().endswith("Its labels: painted here.")
    assert not document.reference.is_found


def test_the_mask_beside_an_image_is_named_as_where_its_labels_come_from(
    studio, shell, panel, slice_path, tmp_path
):
    shutil.copy(slice_path, tmp_path / "heart.png")
    shutil.copy(slice_path.parents[2] / "masks" / "all" / "val" / "val_0.png", tmp_path / "heart_mask.png")
    open_image(studio, shell, tmp_path / "heart.png")
    assert panel.name.toolTip() == "heart.png\nIts labels: from heart_mask.png."


def test_labels_found_for_a_document_that_was_left_are_not_given_to_the_next(
    open_studio, shell, slice_path, judged_checkpoint, other_checkpoint, qtbot
):
    studio, image = open_studio(judged_checkpoint), np.asarray(Image.open(slice_path))
    studio.reference.find_labels("slice", image)
    open_folder(studio, shell, other_checkpoint)
    before = studio.document.mask.snapshot()
    studio.start()  # so the answer comes after the other model was opened
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert studio.document.reference is None
    np.testing.assert_array_equal(studio.document.mask.values, before)


def test_a_wrong_file_gets_a_sentence_and_another_size_an_offer(studio, shell, tmp_path):
    (tmp_path / "text.png").write_text("no image")
    open_image(studio, shell, tmp_path / "text.png")
    assert "cannot be read" in shell.warned[-1]
    Image.new("L", (64, 64), 90).save(tmp_path / "large.png")
    open_image(studio, shell, tmp_path / "large.png")
    (text, as_scan, _), (_, resample, fit) = shell.offers
    assert "64 x 64" in text
    assert (as_scan, resample) == ("Open as a scan", "Resample")
    fit()
    assert studio.document.reference.image.shape == (32, 32)


def test_the_panel_sets_what_is_made(studio, shell, panel, slice_path, qtbot):
    request, document = RequestPanel(studio), studio.document
    qtbot.addWidget(request)
    open_image(studio, shell, slice_path)
    panel.keep.setChecked(False)
    assert document.settings.margin is None
    panel.keep.setChecked(True)
    panel.margin.setValue(9)
    assert document.settings.margin == 9
    assert document.settings.way == "close-warp"
    assert request.sampler.isEnabled()
    request.steps.setValue(21)
    panel.way.setCurrentIndex(panel.way.findData("partial-inversion"))
    assert document.settings.way == "partial-inversion"
    assert not request.sampler.isEnabled()
    assert request.steps.value() == 16
    assert document.settings.steps == 21
    panel.purpose.setCurrentIndex(panel.purpose.findData(Purpose.NEAR))
    panel.share.setValue(80)
    panel.level.setValue(40)
    settings = document.settings
    assert (settings.purpose, settings.share, settings.level) == (Purpose.NEAR, 0.8, 0.4)
    assert not request.sampler.isEnabled()
    request.steps.setValue(33)
    assert document.settings.edit_steps == 33
    panel.remove.click()
    assert document.settings.purpose is Purpose.NEW
    assert request.sampler.isEnabled()
    assert document.settings.edit_steps == 33


def test_an_edited_image_is_called_patient_data_and_its_original_stays_unless_chosen(
    window, slice_path, settings, finish, qtbot, monkeypatch, tmp_path
):
    asked, studio = [], window.studio
    badge, words = window.patient_badge, []
    monkeypatch.setattr(window.shell, "say", lambda sentence, *_more: words.append(sentence))
    window.commands["generate"].trigger()
    finish(window)
    assert badge.isHidden()
    window.commands["copy_image"].trigger()
    assert words[-1] == "Copied the image"
    open_image(studio, window.shell, slice_path)
    settings(edit_steps=4, margin=2.0)
    studio.document.strokes.replace(studio.document.mask.values * 0, "new")
    window.commands["generate"].trigger()
    finish(window)
    result, reference = studio.runs.trajectory.result.noisy, studio.document.reference.image
    own = int((result == reference).sum())
    assert badge.isVisible()
    window.commands["copy_image"].trigger()
    assert "PATIENT DATA: PARTLY: a patient's image, edited by the diffusion model" in words[-1]
    assert f"{int(1000 * own / 1024) / 10:g} %" in badge.text()

    def ask(_parent, title, _start, kinds):
        asked.append((title, kinds.split(";;")))
        return str(tmp_path / f"{len(asked)}.png"), asked[-1][1][len(asked) - 1]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    for number, goes_along in ((1, False), (2, True)):
        window.commands["save"].trigger()
        qtbot.waitUntil((tmp_path / f"{number}.json").exists)
        title, kinds = asked[-1]
        assert "PATIENT DATA" in title
        assert "without the patient's original" in kinds[0]
        assert hasattr(read_request(tmp_path / f"{number}.png").origin, "image") is goes_along


def test_a_result_without_its_original_is_taken_up_and_asks_for_it(
    opened, shell, run, settings, paint, finish, tmp_path, save
):
    settings(edit_steps=6, margin=3.0)
    paint((26, 6))
    run("generate")
    finish(opened)
    request = opened.runs.request
    save(opened, tmp_path / "edited.png")
    document, reference = opened.document, opened.document.reference
    open_file(opened, shell, tmp_path / "edited.json")  # the reference is still open
    assert document.request(request.precision).model_dump_json() == request.model_dump_json()
    for other in (None, replace(reference, image=255 - reference.image)):
        document.set_reference(other)
        run("new")
        open_file(opened, shell, tmp_path / "edited.png")
        np.testing.assert_array_equal(document.mask.values, request.mask)
        assert document.reference is None  # never two patients in one image
        assert "open that image as the reference" in shell.warned.pop()
        opened.reference.take(reference)
        assert document.settings.purpose is Purpose.EDIT
        open_file(opened, shell, tmp_path / "edited.png")
        assert document.request(request.precision).model_dump_json() == request.model_dump_json()


def test_the_pane_dims_what_is_old_and_shows_what_is_under_way(opened, panes, panel, settings, finish, qtbot):
    pane, runs = panes.image, opened.runs
    settings(edit_steps=12)
    runs.generate()
    finish(opened)
    assert pane.veiled.isHidden()
    assert panel.likeness.text()
    settings(edit_steps=40)
    seen = []
    runs.prepared.connect(lambda _: seen.append(pane.veiled.text()))
    runs.generate()
    assert not panel.likeness.text()
    qtbot.waitUntil(lambda: len(seen) > 2)
    assert seen[2].endswith("of 40")
    finish(opened)
    assert pane.veiled.isHidden()
    settings(edit_steps=400)
    runs.generate()
    qtbot.waitUntil(lambda: not pane.veiled.isHidden())
    runs.stop()
    qtbot.waitUntil(lambda: "earlier image" in pane.veiled.text())


def test_a_patients_old_image_is_called_so_while_it_is_dimmed(opened, panes, title, settings, finish, qtbot):
    badge, runs = PatientBadge(opened, panes.image), opened.runs
    settings(edit_steps=6, margin=2.0)
    opened.document.strokes.replace(opened.document.mask.values * 0, "new")
    runs.generate()
    finish(opened)
    named, noted = title.text(), badge.text()
    assert named == "Edited image"
    assert not badge.isHidden()
    settings(edit_steps=400)
    runs.generate()
    qtbot.waitUntil(lambda: not panes.image.veiled.isHidden())
    opened.view.switches.changed.emit("noisy")
    opened.opened.reference_changed.emit()
    assert (title.text(), badge.text(), badge.isHidden()) == (named, noted, False)
    runs.stop()
    qtbot.waitUntil(lambda: "earlier image" in panes.image.veiled.text())
    assert (title.text(), badge.isHidden()) == (named, False)
    opened.document.set_reference(None)
    settings(steps=4)
    runs.generate()
    finish(opened)
    assert title.text() == "Synthetic image"
    assert badge.isHidden()


def test_on_the_way_no_share_of_the_patients_pixels_is_given(opened, panes, settings, finish, qtbot):
    badge, runs = PatientBadge(opened, panes.image), opened.runs
    settings(edit_steps=4, purpose=Purpose.EDIT)
    runs.begin_paused()
    runs.step()
    qtbot.waitUntil(lambda: runs.trajectory.current is not None)
    assert badge.text() == "Patient data"
    runs.go_on()
    finish(opened)
    assert "%" in badge.text()


def test_no_figure_mixes_two_patients(opened, panel, settings, finish):
    document, comparison = opened.document, opened.view.comparison
    settings(edit_steps=4)
    opened.runs.generate()
    finish(opened)
    assert panel.likeness.text()
    assert comparison.pin()
    comparison.compare_with(Against.REFERENCE)
    assert comparison.other is not None
    other = replace(document.reference, name="another patient", image=255 - document.reference.image)
    document.set_reference(other)
    assert not panel.likeness.text()
    assert comparison.other is None
    assert comparison.mixes_patients
    opened.runs.generate()
    finish(opened)
    assert panel.likeness.text()
    comparison.compare_with(Against.PINNED)
    assert comparison.other is None


def test_an_old_image_stays_the_old_patients_until_a_new_one_is_there(
    opened, panes, title, shell, settings, finish, qtbot
):
    """What is said of the image is said of the one that is shown, not of the run that has no image yet."""
    comparison, pane, runs = opened.view.comparison, panes.image, opened.runs
    old_badge = OutdatedBadge(opened, pane)
    settings(edit_steps=4)
    runs.generate()
    finish(opened)
    edited, old = title.text(), opened.document.reference
    comparison.set_mode(Mode.SWIPE)
    comparison.compare_with(Against.MASK)
    assert comparison.other is not None
    assert old_badge.isHidden()
    opened.reference.take(replace(old, name="another patient", image=255 - old.image))
    assert old_badge.text() == "Made from another reference"
    assert not old_badge.isHidden()
    for against in Against:
        comparison.compare_with(against)
        assert comparison.other is None  # the mask lies over the other patient, too
    settings(edit_steps=400)
    runs.generate()
    qtbot.waitUntil(lambda: not pane.veiled.isHidden())
    for against in Against:
        comparison.compare_with(against)
        panes.comparison.swipe_to(3.0)
        assert comparison.other is None
    copy_image(opened, shell)
    copied = QGuiApplication.clipboard().image()
    assert copied.pixelColor(0, 0).red() == old.image[0, 0]
    opened.opened.reference_changed.emit()
    assert title.text() == edited
    runs.stop()
    qtbot.waitUntil(lambda: "an earlier image" in pane.veiled.text())


def test_a_first_run_that_ends_before_its_first_step_leaves_the_reference(opened, panes, settings, qtbot):
    settings(edit_steps=400)
    opened.runs.generate()
    qtbot.waitUntil(lambda: not panes.image.veiled.isHidden())
    opened.runs.stop()
    qtbot.waitUntil(lambda: "this is the reference" in panes.image.veiled.text())


def test_a_result_whose_original_was_left_out_is_still_of_its_patient(opened, settings, finish):
    document, comparison, runs = opened.document, opened.view.comparison, opened.runs
    settings(edit_steps=4)
    runs.generate()
    finish(opened)
    runs.show_result(runs.request.withheld(), runs.trajectory.result.noisy, "the history")
    comparison.compare_with(Against.REFERENCE)
    assert comparison.other is not None
    document.set_reference(
        replace(document.reference, name="another patient", image=255 - document.reference.image)
    )
    assert comparison.other is None
    assert comparison.mixes_patients


def test_a_saved_result_is_shown_when_it_is_opened(opened, shell, settings, finish, tmp_path):
    document, runs, saved = opened.document, opened.runs, tmp_path / "edited.png"
    settings(edit_steps=4)
    runs.generate()
    finish(opened)
    edited = runs.trajectory.result.noisy
    write_result(saved, edited, runs.request, document.table)
    settings(purpose=Purpose.NEW)
    runs.generate()
    finish(opened)
    open_file(opened, shell, saved)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, edited)
    assert document.settings.purpose is Purpose.EDIT
    assert isinstance(runs.request.origin, Counterfactual)  # since its reference is open
    document.set_reference(None)
    open_file(opened, shell, saved)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, edited)
    assert "which is not in it" in shell.warned.pop()


def test_a_reference_that_a_result_puts_away_comes_back_with_its_mask(
    opened, shell, settings, finish, tmp_path, run
):
    document, runs, saved = opened.document, opened.runs, tmp_path / "edited.png"
    settings(edit_steps=4)
    runs.generate()
    finish(opened)
    write_result(saved, runs.trajectory.result.noisy, runs.request, document.table)
    other = replace(document.reference, name="another patient", image=255 - document.reference.image)
    document.set_reference(other)
    document.strokes.replace(np.ones_like(document.mask.values), "Paint")
    before = document.mask.snapshot(), document.settings
    open_file(opened, shell, saved)
    assert document.reference is None
    assert document.settings.purpose is Purpose.NEW
    run("undo")
    assert document.reference is other
    assert document.settings == before[1]
    np.testing.assert_array_equal(document.mask.values, before[0])


def test_no_image_is_asked_to_be_an_edit_once_its_reference_is_away(
    opened, shell, settings, finish, tmp_path, run
):
    document, runs, saved = opened.document, opened.runs, tmp_path / "new.png"
    settings(steps=4, purpose=Purpose.NEW)
    runs.generate()
    finish(opened)
    write_result(saved, runs.trajectory.result.noisy, runs.request, document.table)
    settings(purpose=Purpose.EDIT)
    open_file(opened, shell, saved)
    document.set_reference(None)
    run("undo")
    assert document.settings.purpose is Purpose.NEW


def test_an_image_of_another_kind_than_is_asked_for_is_marked(opened, panes, settings, finish):
    badge = OutdatedBadge(opened, panes.image)
    settings(edit_steps=4)
    opened.runs.generate()
    finish(opened)
    assert badge.isHidden()
    for purpose in (Purpose.NEAR, Purpose.NEW):
        settings(purpose=purpose)
        assert badge.text() == "Another kind of image"
        assert not badge.isHidden()
    settings(purpose=Purpose.EDIT)
    assert badge.isHidden()
