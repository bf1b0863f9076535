"""Folders appear with all that belongs to them, or not at all."""

import errno
import os
import shutil
import stat

import pytest
from faults import Fault, killed_before

from segpaint.core.errors import SegPaintError
from segpaint.core.files import recover
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


# ---- with a file beside it


def write_with_record(place):
    with whole_folder(place / "out", beside={place / "out.json": b"record"}) as unfinished:
        for name in ("a", "b"):
            write_new(unfinished / name, b"1")


def left_in(place):
    """What is there after the next write has swept it."""
    recover(place)
    shutil.rmtree(place / ".out.unfinished", ignore_errors=True)
    return {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}


ALL = {"out/a", "out/b", "out.json"}


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS])
def test_whichever_call_to_the_disk_fails_a_folder_and_its_record_are_both_there_or_neither(
    tmp_path, code, lasting
):
    outcomes = []
    for number in range(1, 80):
        place = tmp_path / str(number)
        place.mkdir()
        failed = False
        with pytest.MonkeyPatch.context() as patch:
            fault = Fault(patch, number, code, lasting)
            try:
                write_with_record(place)
            except SegPaintError:
                failed = True
        found = left_in(place)
        assert found in (set(), ALL), number
        assert failed or found == ALL
        outcomes.append(found == ALL)
        if not fault.happened:
            break
    assert not fault.happened
    assert set(outcomes) == {False, True}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="what is killed is a process of its own, forked")
def test_a_kill_before_any_call_to_the_disk_leaves_a_folder_and_its_record_or_neither(tmp_path):
    outcomes, killed, number = set(), True, 0
    while killed:
        number += 1
        place = tmp_path / str(number)
        place.mkdir()
        killed = killed_before(number, lambda place=place: write_with_record(place))
        found = left_in(place)
        assert found in (set(), ALL), number
        outcomes.add((killed, found == ALL))
    assert outcomes == {(True, False), (True, True), (False, True)}


def test_what_a_killed_program_had_all_but_finished_is_there_and_not_written_over(tmp_path):
    hidden = tmp_path / ".out.unfinished"
    hidden.mkdir()
    (hidden / "a").write_bytes(b"theirs")
    (tmp_path / ".segpaint-journal.segpaint-00000000").write_text('[[".out.unfinished", "out"]]')
    with pytest.raises(SegPaintError, match="exists already"), whole_folder(tmp_path / "out"):
        pass
    assert (tmp_path / "out" / "a").read_bytes() == b"theirs"


def test_a_record_of_before_stays_where_the_folder_cannot_appear(tmp_path, monkeypatch):
    (tmp_path / "out.json").write_bytes(b"before")
    replace = os.replace

    def refused(before, after, **options):
        if str(after).endswith("out"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return replace(before, after, **options)

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(SegPaintError, match=r"cannot be written: Input/output error"):
        write_with_record(tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"out.json": b"before"}
