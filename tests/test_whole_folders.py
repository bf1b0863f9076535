"""Folders appear with all that belongs to them, or not at all."""

import stat

import pytest

from segpaint.core.errors import SegPaintError
from segpaint.core.whole_folders import whole_folder, write_new


def test_a_folder_appears_when_all_is_in_it(tmp_path):
    with whole_folder(tmp_path / "out") as unfinished:
        write_new(unfinished / "a", b"1")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out" / "a").read_bytes() == b"1"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "error", [SegPaintError("no"), OSError(28, "No space left on device"), KeyboardInterrupt()]
)
def test_after_an_error_there_is_nothing(tmp_path, error):
    def fail():
        with whole_folder(tmp_path / "out") as unfinished:
            write_new(unfinished / "a", b"1")
            raise error

    with pytest.raises((SegPaintError, KeyboardInterrupt)):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_named_with_the_folder(tmp_path):
    with pytest.raises(SegPaintError, match=r"out cannot be written: No space"), whole_folder(tmp_path / "out"):
        raise OSError(28, "No space left on device")


def test_what_a_killed_program_left_is_removed(tmp_path):
    left = tmp_path / ".out.unfinished"
    left.mkdir()
    (left / "b").write_bytes(b"half")
    with whole_folder(tmp_path / "out") as unfinished:
        write_new(unfinished / "a", b"1")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a"]


@pytest.mark.parametrize("is_file", [False, True], ids=["a folder that holds something", "a file"])
def test_nothing_is_written_over(tmp_path, is_file):
    place = tmp_path / "out"
    if is_file:
        place.write_bytes(b"mine")
    else:
        place.mkdir()
        (place / "a").write_bytes(b"mine")
    with pytest.raises(SegPaintError, match="another folder"), whole_folder(place):
        pass
    assert (place if is_file else place / "a").read_bytes() == b"mine"


def test_a_private_folder_is_its_owners_alone(tmp_path):
    with whole_folder(tmp_path / "out", private=True) as unfinished:
        write_new(unfinished / "a", b"1", private=True)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "out", tmp_path / "out" / "a")]
    assert modes == [0o700, 0o600]
