"""The last result of each slice is there again when its scan is opened another day."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scan_volumes import SHAPE, make_volume

from segpaint.core.requests.kinds import Kind
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import ArrayVoxels
from segpaint.studio.scans import kept_results
from segpaint.studio.scans.edited_slices import edited_slices
from segpaint.studio.scans.scan import FramedMask

PLACES = 3, 4
"""Slices that are edited; the first of them is shown when the scan is opened."""


@pytest.fixture
def kept(tmp_path):
    """Return the files of the kept results."""
    return lambda: sorted((tmp_path / "work" / "scans" / "results").glob("*/*.png"))


@pytest.fixture
def open_scan(settle):
    def open_(studio, volume=None, key="key"):
        studio.scans.open(volume or make_volume(), key)
        settle(studio)
        studio.background.flush(kept_results.LANE)

    return open_


@pytest.fixture
def made(loaded, open_scan, settle, qtbot):
    """What two slices were edited into, by their indices; the studio is still open."""
    studio = loaded
    open_scan(studio)
    studio.document.change_settings(replace(studio.document.settings, edit_steps=3))
    for index in PLACES:
        studio.scans.go_to(replace(studio.scans.place, index=index))
        settle(studio)
        studio.document.strokes.replace(np.full_like(studio.document.mask.values, 1), "Draw")
    studio.slice_runs.start()
    qtbot.waitUntil(lambda: not studio.slice_runs.is_busy, timeout=30_000)
    studio.background.flush(kept_results.LANE)
    return {place.index: result for (place, _), result in studio.scans.scan.results.items()}


@pytest.fixture
def opened_again(made, open_studio, open_scan, qtbot):
    """Open a scan in another session."""

    def open_(volume=None, key="key", at=PLACES[-1]):
        studio = open_studio()
        open_scan(studio, volume, key)
        studio.scans.go_to(replace(studio.scans.place, index=at))
        qtbot.waitUntil(lambda: studio.document.strokes.page.place.index == at)
        studio.background.flush(kept_results.LANE)
        qtbot.wait(20)  # the answers of the background
        return studio

    return open_


def test_each_slice_finds_its_result_again_with_its_request(made, opened_again):
    studio = opened_again()
    results = {place.index: result for (place, _), result in studio.scans.scan.results.items()}
    assert set(results) == set(PLACES)
    for index, (request, pixels) in results.items():
        assert np.array_equal(pixels, made[index][1])
        assert request.model_dump_json() == made[index][0].model_dump_json()
    assert studio.runs.request is results[PLACES[-1]][0]
    assert np.array_equal(studio.runs.trajectory.result.noisy, made[PLACES[-1]][1])
    assert studio.runs.branches.current.source == f"slice {PLACES[-1] + 1}"
    gathered = edited_slices(studio.scans, studio.document.strokes)  # they can be saved without being looked at
    assert set(gathered.images) == set(PLACES)


def test_the_slice_that_is_shown_first_has_its_result(made, opened_again):
    studio = opened_again(at=PLACES[0])
    assert np.array_equal(studio.runs.trajectory.result.noisy, made[PLACES[0]][1])


def test_files_are_private_marked_and_without_the_original(made, kept):
    files = kept()
    assert len(files) == len(PLACES)
    for path in files:
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.parent.stat().st_mode & 0o777 == 0o700
        with Image.open(path) as image:
            assert image.info["Kind"] == Kind.EDITED.value
            assert "Patient pixels" in image.info
            assert '"withheld"' in image.info["SegPaint request"]


@pytest.mark.parametrize("other", ["scan", "version", "frame"])
def test_no_result_of_other_pixels_is_shown(made, opened_again, settle, qtbot, other):
    volume = make_volume()
    if other == "version":
        values = np.stack([volume.cut(Plane.ACQUIRED, index, 0) for index in range(SHAPE[0])])
        values[:, 20, 20] += 700
        volume = replace(volume, voxels=ArrayVoxels(values[None]))
    studio = opened_again(volume, "another" if other == "scan" else "key")
    if other == "frame":
        frame = studio.scans.frame
        assert studio.scans.scan.results
        studio.scans.set_frame(frame.moved(1.0, 0.0))
        settle(studio)
        gathered = edited_slices(studio.scans, studio.document.strokes)  # in the frame that they were made in
        assert {within for within, *_ in gathered.images.values()} == {frame}
    else:
        assert studio.scans.scan.results == {}
        assert studio.runs.request is None


def test_results_of_an_earlier_frame_come_back_to_be_saved(made, loaded, settle, opened_again):
    frame = loaded.scans.frame
    loaded.scans.set_frame(frame.moved(1.0, 0.0))
    settle(loaded)
    studio = opened_again()
    assert studio.scans.frame == frame.moved(1.0, 0.0)
    gathered = edited_slices(studio.scans, studio.document.strokes)
    assert set(gathered.images) == set(PLACES)
    assert {within for within, *_ in gathered.images.values()} == {frame}


def test_labels_that_were_erased_from_another_slice_are_saved_with_it(made, loaded):
    scan, found = loaded.scans.scan, np.full_like(loaded.document.mask.values, 2)
    scan.labels[replace(loaded.scans.place, index=1)] = FramedMask(loaded.scans.frame, found, (2,))
    gathered = edited_slices(loaded.scans, loaded.document.strokes)
    assert list(gathered.masks) == [1]
    assert np.array_equal(gathered.masks[1], found)


def test_results_that_an_earlier_version_kept_come_back(made, opened_again, kept):
    for path in kept():
        path.rename(path.with_name(" ".join(path.stem.split()[:2]) + path.suffix))
    assert {place.index for place, _ in opened_again().scans.scan.results} == set(PLACES)


def test_damaged_results_are_put_aside(made, opened_again, kept):
    for path in kept():
        path.write_bytes(path.read_bytes()[:60])
    studio = opened_again()
    assert studio.scans.scan.results == {}
    assert {path.parent.name for path in kept()} == {"aside"}


def test_the_oldest_results_go_once_there_are_too_many(loaded, open_scan, settle, qtbot, kept, monkeypatch):
    monkeypatch.setattr(kept_results, "MOST", 2)
    studio = loaded
    open_scan(studio)
    studio.document.change_settings(replace(studio.document.settings, edit_steps=2))
    for index in (1, 2, 3):
        studio.scans.go_to(replace(studio.scans.place, index=index))
        settle(studio)
        studio.document.strokes.replace(np.full_like(studio.document.mask.values, 1), "Draw")
    studio.slice_runs.start()
    qtbot.waitUntil(lambda: not studio.slice_runs.is_busy, timeout=30_000)
    studio.background.flush(kept_results.LANE)
    assert {path.name.split()[0] for path in kept()} == {"acquired-2-0", "acquired-3-0"}


def test_results_of_a_second_window_are_taken_over(made, kept, tmp_path):
    second = tmp_path / "second"
    (tmp_path / "work" / "scans").rename(second)
    (second / "scans").mkdir()
    (second / "results").rename(second / "scans" / "results")
    kept_results.KeptResults.adopt(second, tmp_path / "work")
    assert len(kept()) == len(PLACES)
    assert all(path.parent.stat().st_mode & 0o777 == 0o700 for path in kept())
