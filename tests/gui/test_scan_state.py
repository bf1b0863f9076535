"""The state of an open scan, without a window: slices as pages of the document's masks."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
from scan_volumes import SHAPE, make_volume

from segpaint.api import open_checkpoint
from segpaint.core.diffusion.engine import Engine
from segpaint.core.errors import SegPaintError
from segpaint.core.pictures.intensities import IntensityWindow
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.origins import digest_of
from segpaint.core.runs.run_state import RunState
from segpaint.core.volumes import placing
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import ArrayVoxels, LazyVoxels
from segpaint.core.volumes.windows import ValueWindow
from segpaint.scans.editing import EditableScan
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.scans.across import masks_across
from segpaint.studio.scans.scan import FramedMask, Page, Place


@pytest.fixture
def work(tmp_path):
    return tmp_path / "work"


@pytest.fixture
def scan(studio, settle):
    """A studio with a scan open, at its fourth slice."""
    studio.scans.open(make_volume(), "key")
    settle(studio)
    return studio


def draw(studio, value, name="Draw"):
    """Paint the whole mask with a value."""
    studio.document.strokes.replace(np.full_like(studio.document.mask.values, value), name)


def go_to(studio, settle, index):
    studio.scans.go_to(replace(studio.scans.place, index=index))
    settle(studio)


def test_a_scan_opens_at_its_middle_with_the_frame_around_the_body(scan):
    desk = scan.scans
    assert desk.place == Place(Plane.ACQUIRED, 3)
    top, bottom, left, right = desk.frame.box
    assert top < 6
    assert bottom > 33
    assert left < 8
    assert right > 41
    reference = scan.document.reference
    assert np.array_equal(reference.image, desk.slice.image)
    assert reference.used == ()
    assert scan.document.settings.purpose is Purpose.EDIT
    assert not scan.document.mask.values.any()


def test_lengths_are_those_of_the_file(scan):
    frame = scan.scans.frame
    assert scan.document.pixel_spacing == pytest.approx(frame.step[0] * 1.0)


def test_every_slice_has_a_mask_of_its_own(scan, settle):
    draw(scan, 1)
    go_to(scan, settle, 5)
    assert not scan.document.mask.values.any()
    draw(scan, 2)
    go_to(scan, settle, 3)
    assert (scan.document.mask.values == 1).all()
    go_to(scan, settle, 5)
    assert (scan.document.mask.values == 2).all()


def test_undo_moves_to_the_slice_that_was_edited(scan, settle):
    draw(scan, 1)
    go_to(scan, settle, 5)
    draw(scan, 2)
    go_to(scan, settle, 0)
    strokes = scan.document.strokes
    assert strokes.stack.undoText() == "Draw, slice 6"
    strokes.undo()
    settle(scan)
    assert scan.scans.place.index == 5
    assert not scan.document.mask.values.any()
    strokes.undo()
    settle(scan)
    assert scan.scans.place.index == 3
    assert not scan.document.mask.values.any()
    assert np.array_equal(scan.document.reference.image, scan.scans.slice.image)
    strokes.redo()
    strokes.redo()
    settle(scan)
    assert scan.scans.place.index == 5
    assert (scan.document.mask.values == 2).all()


def test_to_look_at_another_slice_is_no_edit(scan, settle):
    draw(scan, 1)
    scan.document.strokes.undo()
    go_to(scan, settle, 5)
    assert scan.document.strokes.stack.canRedo()


def test_only_the_slice_wanted_last_stays(scan, settle):
    for index in (0, 1, 2, 4, 5):
        scan.scans.go_to(Place(Plane.ACQUIRED, index))
    settle(scan)
    assert scan.scans.place.index == 5


def test_slices_beyond_the_ends_are_the_last_ones(scan, settle):
    scan.scans.step(100)
    settle(scan)
    assert scan.scans.place.index == 5
    scan.scans.step(-100)
    settle(scan)
    assert scan.scans.place.index == 0


def test_another_plane_shows_the_middle_of_the_frame(scan, settle):
    centre = scan.scans.frame.centre
    scan.scans.set_plane(Plane.SAGITTAL)
    settle(scan)
    assert scan.scans.count == SHAPE[2]
    columns = scan.scans.scan.geometry(Plane.SAGITTAL)
    where = columns.world((scan.scans.place.index, 0, 0))
    assert where[0] == pytest.approx(centre[1], abs=0.6)


def test_every_plane_keeps_its_own_slice(studio, settle):
    studio.scans.open(make_volume(spacing=(1.0, 1.3, 7.0)), "key")
    settle(studio)
    ways = [(Plane.ACQUIRED, 5), (Plane.SAGITTAL, 9), (Plane.CORONAL, 30), (Plane.AXIAL, 1)]
    for plane, index in ways:
        studio.scans.set_plane(plane)
        settle(studio)
        go_to(studio, settle, index)
    for plane, index in [*ways, *reversed(ways)]:
        studio.scans.set_plane(plane)
        settle(studio)
        assert studio.scans.place == Place(plane, index)


def test_times_are_slices_of_their_own(studio, settle):
    studio.scans.open(make_volume(times=3), "key")
    settle(studio)
    draw(studio, 1)
    before = studio.document.reference.image
    studio.scans.set_time(2)
    settle(studio)
    assert not studio.document.mask.values.any()
    assert not np.array_equal(studio.document.reference.image, before)


def test_closing_brings_back_what_was_there_before(studio, settle):
    image = np.full((32, 32), 9, np.uint8)
    studio.document.set_reference(Reference("before", image, np.zeros_like(image), ()))
    draw(studio, 4)
    studio.scans.open(make_volume(), "key")
    settle(studio)
    draw(studio, 1)
    studio.scans.close()
    assert studio.scans.scan is None
    assert studio.document.reference.name == "before"
    assert (studio.document.mask.values == 4).all()
    studio.document.strokes.undo()
    settle(studio)
    assert studio.scans.scan is not None
    assert not studio.document.mask.values.any()


def test_another_reference_leaves_the_scan(scan, settle):
    draw(scan, 1)
    image = np.full((32, 32), 9, np.uint8)
    scan.reference.take(Reference("else", image, np.full_like(image, 2), (2,)))
    assert scan.scans.scan is None
    assert scan.document.reference.name == "else"
    assert (scan.document.mask.values == 2).all()


def test_labels_that_were_found_stay_with_their_slice(scan, settle):
    found = np.zeros((32, 32), np.uint8)
    found[4:20, 4:20] = 2
    scan.reference.take(replace(scan.document.reference, mask=found, used=(1, 2)))
    go_to(scan, settle, 1)
    assert scan.document.reference.used == ()
    go_to(scan, settle, 3)
    assert scan.document.reference.used == (1, 2)
    assert np.array_equal(scan.document.reference.mask, found)


def test_a_moved_frame_takes_masks_along_and_loses_nothing(scan, settle):
    mask = np.zeros((32, 32), np.uint8)
    mask[8:24, 8:24] = 2
    scan.document.strokes.replace(mask, "Draw")
    go_to(scan, settle, 1)
    before = scan.scans.frame
    moved = before.moved(12 * before.step[0], 0)
    scan.scans.set_frame(moved)
    settle(scan)
    go_to(scan, settle, 3)
    assert np.array_equal(scan.document.mask.values[:12, 8:24], mask[12:24, 8:24])
    assert not scan.document.mask.values[12:].any()
    scan.scans.set_frame(before)
    settle(scan)
    assert np.array_equal(scan.document.mask.values, mask)
    scan.document.strokes.undo()
    assert scan.scans.frame == moved
    scan.document.strokes.undo()
    settle(scan)
    assert scan.scans.frame == before
    assert np.array_equal(scan.document.mask.values, mask)


def test_what_a_frame_leaves_behind_comes_back_with_it(scan, settle):
    mask = np.zeros((32, 32), np.uint8)
    mask[4:9, 4:9] = 2
    scan.document.strokes.replace(mask, "Draw")
    before = scan.scans.frame
    scan.scans.set_frame(before.moved(20 * before.step[0], 0))
    settle(scan)
    assert not scan.document.mask.values.any()
    scan.scans.set_frame(before)
    settle(scan)
    assert np.array_equal(scan.document.mask.values, mask)


def test_what_was_erased_stays_erased_when_the_frame_moves(scan, settle):
    mask = np.zeros((32, 32), np.uint8)
    mask[4:9, 4:9] = 2
    scan.document.strokes.replace(mask, "Draw")
    before = scan.scans.frame
    scan.scans.set_frame(before.moved(2 * before.step[0], 0))
    settle(scan)
    scan.document.strokes.replace(np.zeros_like(mask), "Erase")
    scan.scans.set_frame(before)
    settle(scan)
    assert not scan.document.mask.values.any()


def test_a_frame_is_remembered_for_its_series(open_studio, settle, qtbot):
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    moved = studio.scans.frame.moved(3, 4).scaled(1.2)
    studio.scans.set_frame(moved)
    settle(studio)
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert studio.scans.frame == moved
    with qtbot.waitSignal(studio.scans.changed):
        studio.scans.open(make_volume(), "other")
    assert studio.scans.frame != moved


def test_masks_of_all_slices_are_there_after_a_restart(open_studio, settle):
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    draw(studio, 1)
    go_to(studio, settle, 1)
    draw(studio, 2)
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert studio.scans.place == Place(Plane.ACQUIRED, 1)  # where it was left
    assert (studio.document.mask.values == 2).all()
    go_to(studio, settle, 3)
    assert (studio.document.mask.values == 1).all()


def test_a_scan_opens_where_it_was_left_before_another_one(scan, settle, qtbot):
    draw(scan, 1)
    go_to(scan, settle, 5)
    for key, index in {"other": 3, "key": 5}.items():
        with qtbot.waitSignal(scan.scans.changed):
            scan.scans.open(make_volume(), key)
        settle(scan)
        assert scan.scans.place.index == index


def test_the_mask_painted_before_the_scan_is_an_undo_away_after_a_restart(open_studio, settle):
    studio = open_studio()
    draw(studio, 2)
    studio.scans.open(make_volume(), "key")
    settle(studio)
    draw(studio, 1)
    studio = open_studio()
    assert (studio.document.mask.values == 1).all()
    studio.document.strokes.undo()
    assert (studio.document.mask.values == 2).all()


@pytest.mark.parametrize("far", [3, 20])
def test_what_a_frame_leaves_behind_comes_back_after_a_restart(open_studio, settle, far):
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    mask = np.zeros((32, 32), np.uint8)
    mask[4:9, 0:9] = 2
    studio.document.strokes.replace(mask, "Draw")
    before = studio.scans.frame
    studio.scans.set_frame(before.moved(far * before.step[0], 2 * before.step[1]))
    settle(studio)
    cut = studio.document.mask.snapshot()
    for _ in range(2):  # also where nothing was done in between
        studio = open_studio()
        studio.scans.open(make_volume(), "key")
        settle(studio)
        assert np.array_equal(studio.document.mask.values, cut)
    studio.scans.set_frame(before)
    settle(studio)
    assert np.array_equal(studio.document.mask.values, mask)


def test_labels_that_were_erased_from_a_slice_are_an_edit_after_a_restart(open_studio, settle):
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    found = np.zeros((32, 32), np.uint8)
    found[4:20, 4:20] = 2
    studio.reference.take(replace(studio.document.reference, mask=found, used=(1, 2), is_found=True))
    draw(studio, 0, "Erase")
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert not studio.document.mask.values.any()
    assert studio.document.reference.used == (1, 2)
    assert np.array_equal(studio.document.reference.mask, found)
    assert [page.place.index for page in studio.slice_runs.edited] == [3]


def test_damaged_masks_are_put_aside(open_studio, settle, work):
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    draw(studio, 1)
    studio = open_studio()
    (kept,) = (work / "scans").glob("*.json")
    kept.write_text("{")
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert not studio.document.mask.values.any()
    assert list((work / "scans" / "aside").glob("*.json"))


@pytest.mark.parametrize("index", [-1, 6, 10**9])
def test_masks_of_slices_that_a_scan_does_not_have_are_put_aside(open_studio, settle, work, index):
    studio = open_studio()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert studio.scans.count == 6
    draw(studio, 1)
    studio = open_studio()
    (kept,) = (work / "scans").glob("*.json")
    painted = json.loads(kept.read_text())
    painted["slices"][0]["index"] = index
    kept.write_text(json.dumps(painted))
    studio.scans.open(make_volume(), "key")
    settle(studio)
    assert not any(isinstance(page, Page) for page in studio.document.strokes.painted_pages)
    studio.scans.set_plane(Plane.CORONAL)  # across which masks of other planes are drawn
    settle(studio)
    assert masks_across(studio.document.strokes, studio.document.strokes.page) is None
    (aside,) = (work / "scans" / "aside").glob("*.json")
    assert json.loads(aside.read_text()) == painted


def test_a_picture_without_a_size_has_no_millimetres_until_its_width_is_given(studio, settle):
    studio.scans.open(make_volume(is_measured=False), "key")
    settle(studio)
    assert studio.document.pixel_spacing is None
    assert studio.scans.scan.position(studio.scans.place) == ""
    studio.scans.set_width(100)
    step = studio.scans.frame.step[0]
    assert studio.document.pixel_spacing == pytest.approx(step * 100 / SHAPE[2])


def test_what_cannot_be_read_leaves_everything_as_it_was(studio, qtbot):
    def fail(time, index):
        raise SegPaintError("the file is cut off")

    volume = replace(make_volume(), voxels=LazyVoxels(1, SHAPE[0], 1, fail))
    with qtbot.waitSignal(studio.scans.failed) as failed:
        studio.scans.open(volume, "key")
    assert str(failed.args[0]) == "the file is cut off"
    assert studio.scans.scan is None


def test_the_window_of_values_does_not_touch_the_models_image(scan):
    before = scan.document.reference.image
    scan.scans.set_window(ValueWindow(0, 10))
    assert scan.document.reference.image is before


def test_another_model_looks_at_the_same_scan(scan, settle, other_checkpoint):
    scan.scans.step(1)
    settle(scan)
    draw(scan, 1)
    scan.open_checkpoint(read_checkpoint(other_checkpoint))
    settle(scan)
    assert scan.scans.place.index == 4
    assert not scan.document.mask.values.any()
    assert scan.document.reference is not None


def test_another_model_can_be_told_another_width(studio, settle, other_checkpoint):
    studio.scans.open(make_volume(is_measured=False), "key")
    settle(studio)
    studio.scans.set_width(100)
    studio.open_checkpoint(read_checkpoint(other_checkpoint))
    settle(studio)
    assert studio.scans.scan.lacks_size
    assert studio.scans.scan.width(Plane.ACQUIRED) == pytest.approx(100)
    studio.scans.set_width(50)
    assert studio.scans.scan.width(Plane.ACQUIRED) == pytest.approx(50)


def test_results_come_back_with_their_slice(scan, settle, qtbot):
    scan.start()
    qtbot.waitUntil(lambda: scan.runs.is_ready, timeout=30_000)
    with qtbot.waitSignal(scan.runs.run_finished, timeout=30_000):
        scan.runs.generate()
    made = scan.runs.trajectory.result.noisy
    go_to(scan, settle, 1)
    assert scan.runs.looked_at is None
    go_to(scan, settle, 3)
    assert np.array_equal(scan.runs.trajectory.result.noisy, made)


def square(edge):
    mask = np.zeros((32, 32), np.uint8)
    mask[16 - edge : 16 + edge, 16 - edge : 16 + edge] = 1
    return mask


def test_a_mask_is_copied_to_the_next_slice(scan, settle):
    scan.document.strokes.replace(square(5), "Draw")
    scan.slice_masks.copy(1)
    settle(scan)
    assert scan.scans.place.index == 4
    assert np.array_equal(scan.document.mask.values, square(5))
    scan.document.strokes.undo()
    assert not scan.document.mask.values.any()
    assert scan.slice_masks.painted == [3]


def test_a_copied_mask_reports_what_it_replaces_and_one_undo_restores_that(scan, settle):
    told = []
    scan.slice_masks.told.connect(told.append)
    found = square(7)
    scan.scans.scan.labels[Place(Plane.ACQUIRED, 5)] = FramedMask(scan.scans.frame, found, (1,), is_found=True)
    for index, mask in ((2, square(3)), (4, square(4)), (5, found)):
        go_to(scan, settle, index)
        scan.document.strokes.replace(mask, "Draw")
    go_to(scan, settle, 2)
    count = scan.document.strokes.stack.count()
    for _ in range(3):
        scan.slice_masks.copy(1)
        settle(scan)
    assert told == [
        "Copied the mask to slice 4. There was none.",
        "Copied the mask to slice 5. Undo brings back what was painted there.",
        "Copied the mask to slice 6. Undo brings back the labels that were found there.",
    ]
    assert scan.document.strokes.stack.count() == count + 3
    scan.document.strokes.undo()
    assert np.array_equal(scan.document.mask.values, found)
    scan.document.strokes.undo()
    settle(scan)
    assert scan.scans.place.index == 4
    assert np.array_equal(scan.document.mask.values, square(4))


def test_slices_between_two_painted_ones_are_filled(scan, settle, qtbot):
    go_to(scan, settle, 1)
    scan.document.strokes.replace(square(4), "Draw")
    go_to(scan, settle, 5)
    scan.document.strokes.replace(square(10), "Draw")
    go_to(scan, settle, 3)
    with qtbot.waitSignal(scan.opened.pages_changed):
        scan.slice_masks.interpolate()
    assert scan.slice_masks.painted == [1, 2, 3, 4, 5]
    areas = []
    for index in range(1, 6):
        go_to(scan, settle, index)
        areas.append(int(np.count_nonzero(scan.document.mask.values)))
    assert areas == sorted(areas)
    assert areas[0] < areas[2] < areas[4]
    scan.document.strokes.undo()
    assert scan.slice_masks.painted == [1, 5]


def test_labels_are_found_on_all_slices_in_one_edit(open_studio, settle, qtbot, judged_checkpoint):
    studio = open_studio(judged_checkpoint)
    studio.start()
    studio.scans.open(make_volume(), "key")
    settle(studio)
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    edits, found = studio.document.strokes.stack.count(), []
    studio.slice_masks.labels_found.connect(found.extend)
    studio.slice_masks.find_on_all()
    assert studio.slice_masks.is_busy
    qtbot.waitUntil(lambda: not studio.slice_masks.is_busy, timeout=30_000)
    assert studio.slice_masks.done == len(found) == SHAPE[0]
    assert studio.document.strokes.stack.count() == edits + 1
    for index in range(SHAPE[0]):
        go_to(studio, settle, index)
        assert studio.document.reference.used == studio.document.table.indices
        assert np.array_equal(studio.document.reference.mask, studio.document.mask.values)


def test_finding_labels_ends_without_a_change(open_studio, settle, qtbot, judged_checkpoint):
    studio = open_studio(judged_checkpoint)
    studio.scans.open(make_volume(), "key")
    settle(studio)
    studio.slice_masks.find_on_all()
    studio.slice_masks.cancel()
    assert not studio.slice_masks.is_busy
    assert studio.slice_masks.painted == []


def test_the_mask_of_a_whole_scan_is_cut_into_its_slices(scan, settle, qtbot):
    values = np.zeros(SHAPE, np.uint8)
    for index in range(SHAPE[0]):
        values[index, 10:30, 10 : 20 + index] = 2
    with qtbot.waitSignal(scan.opened.edited):
        scan.slice_masks.read(lambda: values, "Open labels")
    frame = scan.scans.frame
    for index in (0, 5):
        go_to(scan, settle, index)
        assert np.array_equal(scan.document.mask.values, frame.cut_mask(values[index]))
        assert scan.document.reference.used == scan.document.table.indices


@pytest.mark.parametrize("is_inside", [True, False])
def test_what_a_mask_has_outside_the_frame_is_reported(scan, settle, qtbot, is_inside):
    frame, values = scan.scans.frame, np.zeros(SHAPE, np.uint8)
    row, column = (round(place) for place in frame.centre)
    values[:, row - 3 : row + 3, column - 3 : column + 3] = 2
    if not is_inside:
        scan.scans.set_frame(frame.moved(frame.side * frame.step[0] / 2, 0))
        settle(scan)
    remarks = []
    scan.slice_masks.remarked.connect(remarks.append)
    with qtbot.waitSignal(scan.opened.edited):
        scan.slice_masks.read(lambda: values, "Open labels")
    qtbot.wait(20)
    assert bool(remarks) is not is_inside
    assert is_inside or "33 % of what the mask labels" in remarks[0]


@pytest.fixture
def measured_checkpoint(judged_checkpoint, tmp_path):
    """A model with a segmenter, and one size of its pixels."""
    folder = shutil.copytree(judged_checkpoint, tmp_path / "measured")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**description, "pixel_spacing": 1.0}))
    return folder


@pytest.fixture
def finder(monkeypatch):
    """Stand in for the search: one look of the segmenter, then a frame that is moved by a pixel."""
    looked = []

    def find(values, frame, model, statistics, segment):
        looked.append(segment(np.zeros((32, 32), np.uint8)))
        return frame.moved(1, 1), looked_at["plausibility"]

    looked_at = {"plausibility": 1.0}
    monkeypatch.setattr(placing, "place_by_segmenter", find)
    return looked_at


def open_measured(open_studio, settle, qtbot, folder):
    studio = open_studio(folder)
    studio.scans.open(make_volume(), "key")
    settle(studio)
    before = studio.scans.frame
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    return studio, before


def test_the_segmenter_lays_the_frame_once_the_model_is_loaded(
    open_studio, settle, qtbot, measured_checkpoint, finder
):
    studio, before = open_measured(open_studio, settle, qtbot, measured_checkpoint)
    qtbot.waitUntil(lambda: studio.scans.frame != before, timeout=10_000)
    settle(studio)
    assert studio.scans.frame == before.moved(1, 1)
    assert not studio.document.strokes.stack.canUndo()


@pytest.mark.parametrize("plane", [Plane.ACQUIRED, Plane.CORONAL])
def test_the_frame_is_that_of_the_command_line(
    open_studio, settle, qtbot, measured_checkpoint, monkeypatch, plane
):
    """Both look for labels, which a stand-in finds away from the middle, on the same slices of the scan."""
    path = measured_checkpoint / "segpaint.json"
    usual = {"presence": 1.0, "area": [0.01, 0.02, 0.04], "centre": [0.5, 0.5], "centre_spread": [0.1, 0.1]}
    path.write_text(json.dumps({**json.loads(path.read_text()), "statistics": {"heart": usual}}))
    monkeypatch.setattr(Engine, "find_mask", lambda _self, image: np.where(image > 250, 2, 0).astype(np.uint8))
    monkeypatch.setattr(placing, "UNSURE", 0.001)
    body = make_volume((6, 90, 100))
    values = body.voxels.whole(0).copy()
    values[4:, 40:50, 14:22] = 3000
    volume = replace(body, voxels=ArrayVoxels(values[None]))
    studio = open_studio(measured_checkpoint)
    studio.scans.open(volume, "key")
    settle(studio)
    studio.scans.step(1)
    settle(studio)
    if plane is not Plane.ACQUIRED:
        studio.scans.set_plane(plane)
        settle(studio)
    body = studio.scans.frame
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    qtbot.waitUntil(lambda: not studio.frames.is_busy, timeout=30_000)
    settle(studio)
    expected = EditableScan(open_checkpoint(measured_checkpoint, "cpu"), volume, plane).frame({})
    assert studio.scans.frame == expected
    assert (expected != body) is (plane is Plane.ACQUIRED)  # the labels are found on slices of this plane alone


def test_a_frame_that_is_painted_in_stays(open_studio, settle, qtbot, measured_checkpoint, finder):
    studio = open_studio(measured_checkpoint)
    studio.scans.open(make_volume(), "key")
    settle(studio)
    draw(studio, 1)
    before = studio.scans.frame
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert not studio.frames.is_busy
    assert studio.scans.frame == before


def test_to_look_for_labels_on_request_is_an_edit_or_a_sentence(
    open_studio, settle, qtbot, measured_checkpoint, finder
):
    finder["plausibility"] = 0.0
    studio, before = open_measured(open_studio, settle, qtbot, measured_checkpoint)
    qtbot.waitUntil(lambda: not studio.frames.is_busy, timeout=10_000)
    assert studio.scans.frame == before
    with qtbot.waitSignal(studio.frames.failed, timeout=10_000) as failed:
        studio.frames.look()
    assert "finds no label" in str(failed.args[0])
    finder["plausibility"] = 1.0
    studio.frames.look()
    qtbot.waitUntil(lambda: studio.scans.frame != before, timeout=10_000)
    settle(studio)
    studio.document.strokes.undo()
    assert studio.scans.frame == before


def test_a_result_leads_to_the_slice_that_it_was_made_from(scan, settle):
    digest = digest_of(scan.document.reference.image)
    go_to(scan, settle, 0)
    scan.scans.seek("another patient's")
    assert scan.scans.place.index == 0
    scan.scans.seek(digest)
    settle(scan)
    assert scan.scans.place.index == 3


def test_the_brightness_of_the_panes_stays_from_slice_to_slice(scan, settle):
    window = IntensityWindow(10, 100)
    scan.view.windowing.window = window
    go_to(scan, settle, 5)
    assert scan.view.windowing.window == window
    scan.scans.close()
    assert scan.view.windowing.window == IntensityWindow()


def test_of_many_scans_only_the_last_ones_stay_in_memory(studio, settle, qtbot):
    for name in ("first", "second", "third"):
        with qtbot.waitSignal(studio.scans.changed):
            studio.scans.open(make_volume(), name)
        settle(studio)
        draw(studio, 1)
    studio.document.strokes.undo()
    studio.document.strokes.undo()
    settle(studio)
    assert studio.scans.scan.key == "second"
    with qtbot.waitSignal(studio.scans.failed) as failed:
        studio.document.strokes.undo()
    assert "open it again" in str(failed.args[0])
    assert not studio.document.mask.values.any()
    assert studio.scans.scan.key == "first"


def test_a_scan_opens_even_if_somebody_moves_on_in_another(scan, settle, qtbot):
    with qtbot.waitSignal(scan.scans.changed):
        scan.scans.open(make_volume((9, 40, 50)), "other")
        scan.scans.step(1)
        scan.scans.step(-2)
    settle(scan)
    assert scan.scans.scan.key == "other"
    assert scan.scans.place.index == 4


@pytest.fixture
def painted(studio, settle):
    """A studio with a scan of many slices, all of which are painted."""
    studio.scans.open(make_volume((30, 40, 50)), "key")
    settle(studio)
    scan = studio.scans.scan
    pages = {Page(scan, Place(Plane.ACQUIRED, index)): square(4 + index % 8) for index in range(30)}
    studio.document.strokes.replace_pages(pages, "Draw all")
    return studio


def test_a_frame_takes_any_number_of_masks_along(painted, settle, qtbot):
    before, shown = painted.scans.frame, painted.document.mask.snapshot()
    moved = before.moved(2 * before.step[0], 0)
    painted.scans.set_frame(before.moved(before.step[0], 0))
    painted.scans.set_frame(moved)  # while the first is under way
    qtbot.waitUntil(lambda: painted.scans.frame == moved)
    settle(painted)
    assert np.array_equal(painted.document.mask.values[:-2], shown[2:])
    while painted.scans.frame != before:
        painted.document.strokes.undo()
    assert np.array_equal(painted.document.mask.values, shown)


def test_what_is_painted_while_masks_are_moved_is_moved_too(painted, settle, qtbot):
    before = painted.scans.frame
    moved = before.moved(3 * before.step[0], 0)
    painted.scans.set_frame(moved)
    draw(painted, 2)
    qtbot.waitUntil(lambda: painted.scans.frame == moved)
    settle(painted)
    assert (painted.document.mask.values[:-3] == 2).all()
    assert not painted.document.mask.values[-3:].any()


def test_sizes_of_the_slice_looked_at_last_are_known_after_a_restart(open_studio, settle):
    studio = open_studio()
    studio.scans.open(make_volume(spacing=(2.0, 2.0, 4.0)), "key")
    settle(studio)
    spacing = studio.document.pixel_spacing
    assert spacing == pytest.approx(2 * studio.scans.frame.step[0])
    assert open_studio().document.pixel_spacing == spacing


def test_a_run_that_is_begun_before_the_slice_is_read_is_for_that_slice(scan, settle, qtbot):
    scan.start()
    qtbot.waitUntil(lambda: scan.runs.is_ready, timeout=30_000)
    scan.scans.step(2)
    scan.runs.generate()
    scan.background.flush("slices")  # the slice arrives before the run can end
    settle(scan)
    qtbot.waitUntil(lambda: scan.runs.state is RunState.FINISHED, timeout=30_000)
    assert scan.scans.place.index == 5
    assert np.array_equal(scan.runs.request.origin.image, scan.scans.slice.image)
