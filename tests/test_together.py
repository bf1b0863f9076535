"""Files that belong together appear together or not at all, whatever fails or kills the program."""

import contextlib
import errno
import json
import os
import stat
from pathlib import Path

import pytest
from faults import Fault, killed_before

from segpaint.core import leftovers
from segpaint.core.errors import SegPaintError
from segpaint.core.files import make_private, put_aside, recover, with_ending, write_atomically, write_together

ERRORS = (errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS)
JOURNAL = ".segpaint-journal.segpaint-00000000"
NAMES = ("a.png", "a_mask.png", "deep/a.json")


def write(folder, content):
    write_together({folder / name: content + name.encode() for name in NAMES})


def read(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes().removesuffix(
            path.relative_to(folder).as_posix().encode()
        )
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize("lasting", [False, True])
@pytest.mark.parametrize("code", ERRORS)
@pytest.mark.parametrize("with_older", [False, True])
def test_whichever_call_to_the_disk_fails_nothing_is_mixed_or_left(tmp_path, code, lasting, with_older):
    outcomes = set()
    for number in range(1, 60):
        folder = tmp_path / str(number)
        folder.mkdir()
        if with_older:
            write(folder, b"old")
        before = read(folder)
        failed = False
        with pytest.MonkeyPatch.context() as patch:
            fault = Fault(patch, number, code, lasting)
            try:
                write(folder, b"new")
            except SegPaintError:
                failed = True
        for place in (folder, folder / "deep"):
            recover(place)
        after = read(folder)
        whole = dict.fromkeys(NAMES, b"new")
        assert after in (before, whole), (number, after)
        assert failed or after == whole
        outcomes.add(after == whole)
        if not fault.happened:
            break
    else:
        pytest.fail("the writing never came to its end")
    assert outcomes == {False, True}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="what is killed is a process of its own, forked")
def test_a_kill_before_any_call_to_the_disk_leaves_all_or_nothing(tmp_path):
    outcomes, number = [], 0
    while not outcomes or outcomes[-1] is not None:
        number += 1
        folder = tmp_path / str(number)
        folder.mkdir()
        write(folder, b"old")
        killed = killed_before(number, lambda folder=folder: write(folder, b"new"))
        for place in (folder / "deep", folder):  # a reader may begin with either
            recover(place)
        after = read(folder)
        assert after in (dict.fromkeys(NAMES, b"old"), dict.fromkeys(NAMES, b"new")), (number, after)
        outcomes.append(after[NAMES[0]] == b"new" if killed else None)
    assert {False, True} <= set(outcomes)


def test_a_file_that_somebody_still_writes_is_not_swept(tmp_path):
    name, file = leftovers.create(tmp_path / "a", 0o600)
    with file:
        recover(tmp_path)
        assert name.exists()
    recover(tmp_path)
    assert not name.exists()


def test_only_leftovers_are_swept(tmp_path):
    others = [".a.0123abcd", "a.segpaint-0123abcd", ".a.segpaint-0123abcd.png"]
    for name in (*others, ".a.segpaint-0123abcd"):
        (tmp_path / name).write_text("")
    with contextlib.suppress(AttributeError):
        os.mkfifo(tmp_path / ".pipe.segpaint-0123abcd")
    write_atomically(tmp_path / "b", b"")
    kept = {path.name for path in tmp_path.iterdir() if not path.is_fifo()}
    assert kept == {*others, "b"}
    recover(tmp_path, own=True)
    assert not (tmp_path / ".a.0123abcd").exists()


def test_a_journal_that_was_never_finished_moves_nothing(tmp_path):
    (tmp_path / ".a.segpaint-00000000").write_text("new")
    (tmp_path / "a").write_text("old")
    (tmp_path / JOURNAL).write_text(json.dumps([[".a.segpaint-00000000", "a"]])[:-1])
    recover(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old"}


@pytest.mark.parametrize(
    "move", [("b", "a"), (".b.segpaint-00000000", "../a"), ("../.b.segpaint-00000000", "a")]
)
def test_a_journal_of_somebody_else_moves_nothing_but_leftovers(tmp_path, move):
    folder = tmp_path / "theirs"
    folder.mkdir()
    for place in (folder, tmp_path):
        for name in ("a", "b", ".b.segpaint-00000000"):
            (place / name).write_text(name)
    (folder / JOURNAL).write_text(json.dumps([move]))
    recover(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"a": "a", "b": "b"}
    assert (tmp_path / "a").read_text() == "a"


@pytest.mark.skipif(os.name == "nt", reason="permissions of POSIX")
def test_what_may_hold_a_patient_is_its_owners_alone(tmp_path):
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "work" / "deep" / "a", b"", private=True)
        write_atomically(tmp_path / "open" / "a", b"")
        (tmp_path / "old").mkdir(0o755)
        make_private(tmp_path / "old")
        (tmp_path / "strict").write_bytes(b"")
        (tmp_path / "strict").chmod(0o400)
        write_atomically(tmp_path / "strict", b"new")
    finally:
        os.umask(before)
    modes = {
        path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")
    }
    assert modes == {
        "work": 0o700, "work/deep": 0o700, "work/deep/a": 0o600, "open": 0o755, "open/a": 0o644,
        "old": 0o700, "strict": 0o400,
    }  # fmt: skip


def test_an_ending_is_appended_and_nothing_is_cut_off():
    given = ["a", "heart_1.5T", "a.PNG", "a.jpg", ".png", "a.png"]
    named = [with_ending(Path("x", name), ".png").name for name in given]
    assert named == ["a.png", "heart_1.5T.png", "a.PNG", "a.jpg.png", ".png.png", "a.png"]
    assert with_ending(Path("clip.WebP"), ".gif", ".webp").name == "clip.WebP"
    assert with_ending(Path("clip.v2"), ".gif", ".webp").name == "clip.v2.gif"


@pytest.mark.parametrize("name", ["", ".", "a\0b"])
def test_what_is_no_name_gets_a_sentence(tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SegPaintError, match=r"no name of a file|cannot be written"):
        write_together({with_ending(Path(name), ".png"): b""})
    assert list(tmp_path.iterdir()) == []


def test_files_put_aside_never_meet(tmp_path):
    names = []
    for content in "ab":
        (tmp_path / "a.json").write_text(content)
        names.append(put_aside(tmp_path / "a.json", tmp_path / "aside"))
    assert [path.read_text() for path in names] == ["a", "b"]
