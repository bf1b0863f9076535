import errno
import os

import numpy as np
import pytest
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically, write_together
from segpaint.core.labels.labels import FREE
from segpaint.io.results import read_request, write_result


@pytest.fixture
def pixels():
    return np.random.default_rng(5).integers(0, 256, (32, 32), np.uint8)


@pytest.fixture
def full_disk(monkeypatch):
    """Switch on a disk that fills up while the n-th file is being written."""

    def fill_up(after):
        written = 0

        def fsync(_descriptor):
            nonlocal written
            written += 1
            if written > after:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", fsync)

    return fill_up


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_image_mask_and_request_are_written_together(make_request, table, pixels, tmp_path):
    request = make_request()
    written = write_result(tmp_path / "deep" / "heart.png", pixels, request, table)
    assert [path.name for path in written] == ["heart.png", "heart_mask.png", "heart.json"]
    assert names(tmp_path / "deep") == ["heart.json", "heart.png", "heart_mask.png"]
    with Image.open(written[0]) as image:
        assert image.mode == "L"
        assert np.array_equal(np.asarray(image), pixels)
    with Image.open(written[1]) as mask:
        assert np.array_equal(np.asarray(mask), request.mask)


def test_a_colour_image_stays_in_colour(make_request, table, tmp_path):
    pixels = np.random.default_rng(5).integers(0, 256, (32, 32, 3), np.uint8)
    image, *_ = write_result(tmp_path / "a.png", pixels, make_request(), table)
    with Image.open(image) as read:
        assert np.array_equal(np.asarray(read), pixels)


def test_the_mask_is_a_palette_image_in_the_colours_of_the_labels(make_request, table, pixels, tmp_path):
    mask = np.zeros((32, 32), np.uint8)
    mask[:8], mask[8:16] = 2, FREE
    _, path, _ = write_result(tmp_path / "a.png", pixels, make_request(mask=mask), table)
    with Image.open(path) as read:
        assert read.mode == "P"
        assert np.array_equal(np.asarray(read), mask)
        assert read.convert("RGB").getpixel((0, 0)) == table[2].rgb


def test_an_image_says_that_it_is_synthetic_and_how_it_was_made(make_request, table, pixels, tmp_path):
    request = make_request(seed=42)
    image, *_ = write_result(tmp_path / "a.png", pixels, request, table)
    with Image.open(image) as read:
        assert read.info["Synthetic"].startswith("YES")
        assert read.info["Software"].startswith("SegPaint")
    assert read_request(image).model_dump_json() == request.model_dump_json()


def test_the_same_result_is_the_same_bytes(make_request, table, pixels, tmp_path):
    for name in ("once", "again"):
        write_result(tmp_path / name / "a.png", pixels, make_request(), table)
    for name in names(tmp_path / "once"):
        assert (tmp_path / "once" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_full_disk_leaves_nothing_half_written(make_request, table, pixels, tmp_path, full_disk, after):
    full_disk(after)
    with pytest.raises(SegPaintError, match="No space left on device"):
        write_result(tmp_path / "a.png", pixels, make_request(), table)
    assert names(tmp_path) == []


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_full_disk_leaves_older_results_whole(make_request, table, pixels, tmp_path, full_disk, after):
    paths = write_result(tmp_path / "a.png", pixels, make_request(), table)
    before = {path: path.read_bytes() for path in paths}
    full_disk(after)
    with pytest.raises(SegPaintError, match=r"a.*\.(png|json) cannot be written"):
        write_result(tmp_path / "a.png", 255 - pixels, make_request(seed=9), table)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_new_result_replaces_an_older_one(make_request, table, pixels, tmp_path):
    write_result(tmp_path / "a.png", pixels, make_request(), table)
    write_result(tmp_path / "a.png", 255 - pixels, make_request(seed=9), table)
    assert read_request(tmp_path / "a.json").seed == 9
    assert len(names(tmp_path)) == 3


def test_a_folder_that_cannot_be_written_is_told_in_a_sentence(make_request, table, pixels, tmp_path):
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file" / "a.png", tmp_path / "file" / "deeper" / "a.png"):
        with pytest.raises(SegPaintError, match="cannot be written"):
            write_result(place, pixels, make_request(), table)
    assert (tmp_path / "file").read_text() == "in the way"
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_told_in_a_sentence(make_request, table, pixels, tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SegPaintError, match="Permission denied"):
            write_result(tmp_path / "a.png", pixels, make_request(), table)
        assert names(tmp_path) == []
    finally:
        tmp_path.chmod(0o700)


def test_a_folder_in_the_way_of_one_file_keeps_the_others_from_being_written(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(SegPaintError, match="cannot be written"):
        write_together({tmp_path / "a": b"new", tmp_path / "b": b"new"})
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names(tmp_path) == ["a", "b"]


def test_an_interrupted_writing_leaves_nothing(tmp_path, monkeypatch):
    def interrupt(_descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_atomically(tmp_path / "a", b"new")
    assert names(tmp_path) == []
