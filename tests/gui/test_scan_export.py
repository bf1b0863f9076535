"""Edited slices are saved inside their scan."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import SimpleITK
from dicom_files import write_stack
from PIL import Image
from scan_volumes import make_volume

from segpaint.core.volumes.volume import ArrayVoxels
from segpaint.gui.scans.export_commands import (
    IN_STUDY,
    NIFTI,
    NOBODYS,
    PNG,
    export,
    needs_changed_slice,
    needs_edited_slice,
)
from segpaint.gui.scans.scan_panel import ScanPanel
from segpaint.io.volume_files.opening import find_offers


@pytest.fixture
def edit(studio, qtbot):
    """Open a volume, and edit some of its slices by a square."""
    usual = studio

    def edit_(volume, indices, other=None):
        studio = other or usual
        studio.start()
        qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
        desk = studio.scans
        if desk.scan is None or desk.scan.volume is not volume:
            desk.open(volume, "key")
        for index in indices:
            qtbot.waitUntil(lambda: desk.slice is not None and not desk.is_reading)
            desk.step(index - desk.place.index)
            qtbot.waitUntil(lambda index=index: desk.slice.page.place.index == index and not desk.is_reading)
            square = np.zeros(studio.document.mask.shape, np.uint8)
            square[10:18, 12:20] = 1
            studio.document.strokes.replace(square, "Draw")
            studio.document.change_settings(replace(studio.document.settings, edit_steps=3, margin=1.0))
            with qtbot.waitSignal(studio.runs.run_finished, timeout=30_000):
                studio.runs.generate()

    return edit_


def saved(shell, qtbot):
    qtbot.waitUntil(lambda: any(line.startswith("Saved") for line in shell.said), timeout=30_000)
    return shell.said[-1]


def test_edited_slices_go_back_and_all_else_stays(studio, shell, edit, tmp_path, qtbot):
    volume = make_volume()
    edit(volume, (2, 3))
    assert needs_edited_slice(studio) == ""
    shell.answers.append((tmp_path / "heart.nii.gz", NIFTI))
    export(studio, shell)
    report = saved(shell, qtbot)
    assert "of the voxels are the patient's" in report
    assert "Neighbouring slices differ by" in report
    made = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "heart.nii.gz")))
    before = volume.voxels.whole(0)
    assert made.dtype == before.dtype
    changed = (made != before).any(axis=(1, 2))
    assert changed.tolist() == [False, False, True, True, False, False]
    mask = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "heart-mask.nii.gz")))
    assert (mask[2] == 1).any()
    assert not mask[[0, 1, 4, 5]].any()
    record = json.loads((tmp_path / "heart.json").read_text())
    assert (record["kind"], list(record["slices"])) == ("edited", ["3", "4"])


def test_slices_that_were_edited_before_the_frame_was_moved_go_back_in_their_own_frame(
    studio, shell, edit, tmp_path, qtbot
):
    volume = make_volume()
    edit(volume, (2,))
    first = studio.scans.frame
    studio.scans.set_frame(first.moved(1.0, 0.0))
    qtbot.waitUntil(lambda: studio.scans.frame != first and not studio.scans.is_reading)
    edit(volume, (3,))
    shell.answers.append((tmp_path / "heart.nii.gz", NIFTI))
    export(studio, shell)
    saved(shell, qtbot)
    made = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "heart.nii.gz")))
    assert (made != volume.voxels.whole(0)).any(axis=(1, 2)).tolist() == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    mask = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(tmp_path / "heart-mask.nii.gz")))
    square = np.zeros((first.side, first.side), np.uint8)
    square[10:18, 12:20] = 1
    np.testing.assert_array_equal(mask[2], first.put_mask(square, mask[2].shape))
    np.testing.assert_array_equal(mask[3], first.moved(1.0, 0.0).put_mask(square, mask[3].shape))
    record = json.loads((tmp_path / "heart.json").read_text())
    assert list(record["slices"]) == ["3", "4"]
    assert record["frames of other slices"]["3"]["centre"] == list(first.centre)


def test_the_whole_slice_shows_what_is_saved(studio, shell, edit, run, tmp_path, qtbot):
    volume = make_volume()
    panel = ScanPanel(studio)
    qtbot.addWidget(panel)
    panel.resize(320, 500)
    edit(volume, (2,))
    qtbot.waitUntil(lambda: studio.edited.values is not None)
    original = studio.scans.slice.values
    shell.answers.append((tmp_path / "out", NIFTI))
    export(studio, shell)
    saved(shell, qtbot)
    written = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(tmp_path / "out.nii.gz"))[2]
    assert not np.array_equal(written, original)
    assert np.array_equal(panel.view.values, written)
    edited = panel.view.grab().toImage()
    assert not panel.original.isHidden()
    panel.original.click()
    assert panel.view.values is original
    assert panel.view.grab().toImage() != edited
    run("slice_original")
    assert not panel.original.isChecked()
    qtbot.waitUntil(lambda: panel.view.grab().toImage() == edited)
    studio.scans.step(1)
    qtbot.waitUntil(lambda: studio.scans.slice.page.place.index == 3)
    assert panel.view.values is studio.scans.slice.values
    assert panel.original.isHidden()


@pytest.mark.parametrize("kind", [np.int16, np.uint8, np.float32])
def test_the_slice_shown_is_saved_as_png_with_its_mask(studio, shell, edit, tmp_path, qtbot, kind):
    volume = make_volume()
    values = volume.voxels.whole(0)
    values = (values - values.min() if kind is np.uint8 else values * 1.0).clip(None, 255).astype(kind)
    volume = replace(volume, voxels=ArrayVoxels(values[None]))
    edit(volume, (1, 2))
    shell.answers.append((tmp_path / "out.png", PNG))
    export(studio, shell)
    assert saved(shell, qtbot).startswith("Saved out-slice-3.png, out-slice-3_mask.png, out-slice-3.json")
    with Image.open(tmp_path / "out-slice-3.png") as written:
        pixels, notes = np.array(written), written.info
    assert pixels.dtype == (np.uint8 if kind is np.uint8 else np.uint16)
    qtbot.waitUntil(lambda: studio.edited.values is not None)
    meaning = re.fullmatch(r"pixel (?:\* (\S+) )?(\S+) is the scan's value", notes["Values"])
    step, offset = (float(meaning[1] or 1), float(meaning[2])) if meaning else (1, 0)
    assert np.allclose(
        pixels * step + offset, studio.edited.values, atol=0.51 * step if kind is np.float32 else 0
    )
    assert notes["Synthetic"].startswith("PARTLY")
    own = int(notes["Patient pixels"].split()[0])
    assert own == np.count_nonzero(studio.edited.values == values[2])
    with Image.open(tmp_path / "out-slice-3_mask.png") as mask:
        assert set(np.unique(mask)) == {0, 1}
        assert mask.size == (values.shape[2], values.shape[1])
    record = json.loads((tmp_path / "out-slice-3.json").read_text())
    assert list(record["slices"]) == ["3"]
    assert not any("image" in request.get("origin", {}) for request in record["slices"].values())


def test_it_can_be_saved_as_soon_as_a_slice_was_edited(studio, edit):
    reasons = []
    studio.changed.connect(lambda: reasons.append(needs_edited_slice(studio)))
    edit(make_volume(), (2,))
    assert reasons[-1] == ""


@pytest.mark.parametrize("finds", [False, True])
def test_a_segmentation_states_whether_a_segmenter_found_its_labels(
    open_studio, judged_checkpoint, shell, edit, tmp_path, qtbot, finds
):
    import pydicom

    studio = open_studio(judged_checkpoint)
    place = write_stack(tmp_path / "stack", make_volume().voxels.whole(0), spacing=(1.0, 1.0, 4.0))
    volume = find_offers(place).offers[0].open()
    if finds:
        studio.start()
        qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
        studio.scans.open(volume, "key")
        qtbot.waitUntil(lambda: studio.scans.slice is not None)
        reference = studio.document.reference
        studio.reference.find_labels(reference.name, reference.image)
        qtbot.waitUntil(lambda: studio.document.reference.is_found, timeout=30_000)
    edit(volume, (3,), studio)
    shell.answers.append((tmp_path / "out", NOBODYS))
    export(studio, shell)
    saved(shell, qtbot)
    (segment, *_) = pydicom.dcmread(tmp_path / "out" / "mask.dcm").SegmentSequence
    assert segment.SegmentAlgorithmType == ("SEMIAUTOMATIC" if finds else "MANUAL")


def test_nothing_is_saved_before_something_was_edited(studio, shell, qtbot):
    assert "No scan is open" in needs_edited_slice(studio)
    studio.scans.open(make_volume(), "key")
    qtbot.waitUntil(lambda: studio.scans.slice is not None)
    assert "No slice was edited yet" in needs_edited_slice(studio)


@pytest.mark.parametrize(("kind", "is_known"), [(NOBODYS, False), (IN_STUDY, True)])
def test_dicom_becomes_dicom(studio, shell, edit, tmp_path, qtbot, kind, is_known):
    import pydicom

    values = make_volume().voxels.whole(0)
    place = write_stack(tmp_path / "stack", values, spacing=(1.0, 1.0, 4.0))
    edit(find_offers(place).offers[0].open(), (1,))
    shell.answers.append((tmp_path / "out", kind))
    export(studio, shell)
    saved(shell, qtbot)
    assert shell.asked[-1].startswith(NOBODYS)
    files = [pydicom.dcmread(path) for path in sorted((tmp_path / "out").glob("0*.dcm"))]
    assert len(files) == len(values)
    assert {data.SyntheticData for data in files} == {"YES"}
    assert (str(files[0].PatientName) == "Doe^Jane") is is_known
    assert (tmp_path / "out" / "mask.dcm").is_file()


def test_a_folder_with_files_is_not_replaced(studio, shell, edit, tmp_path, qtbot):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "note.txt").touch()
    edit(make_volume(), (2,))
    shell.answers.append((tmp_path / "out", NOBODYS))
    export(studio, shell)
    qtbot.waitUntil(lambda: bool(shell.warned))
    assert "out" in shell.warned[-1]
    assert shell.said[-2:] == ["Putting the edited slices back into the scan…", ""]  # it no longer goes on
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["note.txt"]


def test_all_changed_slices_are_edited_alike(studio, shell, edit, qtbot):
    edit(make_volume(), (2,))
    assert studio.slice_runs.edited[0].place.index == 2
    square = studio.document.mask.snapshot()
    page = studio.document.strokes.page
    others = {replace(page, place=replace(page.place, index=index)): square for index in (3, 4)}
    studio.document.strokes.replace_pages(others, "Draw")
    assert needs_changed_slice(studio) == ""
    studio.slice_runs.start()
    assert needs_changed_slice(studio) == "It is under way"
    assert studio.slice_runs.words == "Editing slice 3, 1 of 3"
    qtbot.waitUntil(lambda: not studio.slice_runs.is_busy, timeout=30_000)
    results = {place.index: request for (place, _), (request, _) in page.scan.results.items()}
    assert sorted(results) == [2, 3, 4]
    assert len({request.seed for request in results.values()}) == 1
    studio.scans.step(1)
    qtbot.waitUntil(lambda: studio.scans.slice.page.place.index == 3 and studio.runs.looked_at is not None)
    assert studio.runs.looked_at[0] is results[3]


def test_work_on_slices_ends_when_it_is_given_up(studio, shell, edit, qtbot):
    edit(make_volume(), (2,))
    page, square = studio.document.strokes.page, studio.document.mask.snapshot()
    others = {replace(page, place=replace(page.place, index=index)): square for index in range(6)}
    studio.document.strokes.replace_pages(others, "Draw")
    studio.slice_runs.start()
    studio.slice_runs.cancel()
    assert not studio.slice_runs.is_busy
    assert needs_changed_slice(studio) == ""
