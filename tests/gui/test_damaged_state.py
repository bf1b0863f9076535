"""The window opens whatever has become of its own files, reports what it put aside, and goes on keeping."""

import errno
import os
import random
import shutil
from collections import Counter
from dataclasses import dataclass

import numpy as np
import pytest
from damage import damaged

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.origins import Counterfactual
from segpaint.gui.files.kept_work import offer_kept
from segpaint.studio.document.recent import Kind
from segpaint.studio.studio import Studio

REFUSED = {}
"""By number, the files that the system refuses to open, as if they were another user's."""


@pytest.fixture(autouse=True)
def _refused(monkeypatch):
    real = os.open

    def refuse(path, *words, **named):
        if os.path.lexists(path) and os.lstat(path).st_ino in REFUSED:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return real(path, *words, **named)

    monkeypatch.setattr("os.open", refuse)
    yield
    for file in REFUSED.values():
        file.close()
    REFUSED.clear()


@pytest.fixture
def opened(dressed, tmp_path, model):
    """Open a studio, close it again with `close`."""
    studios = []

    def open_(work=tmp_path / "work"):
        studios.append(Studio(read_checkpoint(model), work, "cpu"))
        return studios[-1]

    def close():
        while studios:
            studios.pop().close()

    open_.close = close
    yield open_
    close()


@pytest.fixture
def used(opened, open_window, model, tmp_path, make_request, drawn_mask, mask_file):
    """A folder as weeks of use leave it: every kind of file that the program keeps for itself."""
    image, work = np.zeros((32, 32), np.uint8), tmp_path / "work"
    open_window(model).close()  # which keeps its place, switches and tools
    reference = Counterfactual(image=image + 9, mask=drawn_mask, used=(1, 2))
    for number in range(5):
        studios = opened(), opened()  # the second one works in a folder of its own
        for studio in studios:
            mask = studio.document.mask.snapshot().copy()
            mask[number : number + 3, 5:20] = 2
            studio.document.strokes.replace(mask, "painted")
            studio.autosave.flush()
        history = studios[0].history.folder
        made = [history.add(image + number, make_request(seed=number)) for _ in range(2)]
        made.append(history.add(image + number, make_request(sampler="ddim", origin=reference)))
        history.star(made[:1], on=True)
        history.delete(made[1:2])
        studios[0].recent.add(mask_file, Kind.MASK, "iVBORw0KGgo=")
        studios[0].colors.take({1: "#111111"})
        studios[0].preferences.set("keys/own", {"undo": ["U"]})
        opened.close()
    for place in (work / "aside", work / "aside" / "new", work / "unreadable", work / "history" / "unreadable"):
        place.mkdir(exist_ok=True)
        shutil.copy(next(work.glob("*.json")), place / "mine-1.json")
    return work


def files_of(work):
    """List all files, of second windows too."""
    places = [work, *work.parent.glob(f"{work.name}-*")]
    return sorted(path for place in places for path in place.rglob("*") if path.is_file())


def test_use_leaves_every_kind_of_file(used):
    names = {"/".join(path.relative_to(used.parent).parts[:-1]) + path.suffix for path in files_of(used)}
    assert names == {
        "work", "work.ini", "work.json", "work/earlier.json", "work/aside.json", "work/aside/new.json",
        "work/history.json", "work/history.png", "work/history/references.png", "work/history/deleted.png",
        "work/history/unreadable.json", "work/unreadable.json", "work-2", "work-2.json",
    }  # fmt: skip


# ---- damage


def empty(path):
    path.write_bytes(b"")


def truncated(path):
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def of_random_bytes(path):
    path.write_bytes(random.Random(path.name).randbytes(3000))


def deep(path):
    path.write_bytes(b"[" * 100_000)


def another(path):
    path.write_bytes(damaged(random.Random(path.name), path.read_bytes()))


def a_folder(path):
    path.unlink()
    path.mkdir()


def a_pipe(path):
    path.unlink()
    os.mkfifo(path)


def a_broken_link(path):
    path.unlink()
    path.symlink_to("nowhere")


def unreadable(path):
    # The file is held open, so that a later one does not get its number.
    REFUSED[path.stat().st_ino] = path.open("rb")


POSIX = pytest.mark.skipif(os.name == "nt", reason="of POSIX")
DAMAGES = [
    empty, truncated, of_random_bytes, deep, another, a_folder, pytest.param(a_pipe, marks=POSIX),
    pytest.param(a_broken_link, marks=POSIX),
    unreadable,
]  # fmt: skip


@dataclass(frozen=True)
class Remains:
    """What a damaged file is, wherever it lies."""

    kind: int
    content: bytes

    @classmethod
    def of(cls, path):
        kind = path.lstat().st_mode & 0o170000
        return cls(kind, path.read_bytes() if path.is_file() else b"")


def remains(work):
    places = [work, *work.parent.glob(f"{work.name}-*")]
    return Counter(Remains.of(path) for place in places for path in place.rglob("*"))


def is_kept(path):
    """Whether a file has to be somewhere afterwards; deleted results go for good, and locks hold nothing."""
    return path.name != ".lock" and "deleted" not in path.parts


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_window_opens_with_all_of_its_files_damaged(open_window, opened, used, model, qtbot, damage):
    (own,) = used.glob("*.json")
    preferences, stars = used / "preferences.ini", used / "history" / "stars.json"
    files = files_of(used)
    for path in files:
        damage(path)
    before = Counter(Remains.of(path) for path in files if is_kept(path))
    window = open_window(model)
    qtbot.waitUntil(window.messages.isVisible)
    told = window.messages.text.text()
    assert str(own.parent / "aside") in told
    if damage not in (another,):
        assert "stars of the history" in told
    if damage not in (empty, truncated, another):  # what is left of them is read
        assert "preferences" in told
        assert str(used / "unreadable") in told
    after = remains(used)
    assert before - after == Counter()
    # All is as in a new window, and kept from now on.
    studio = window.studio
    assert not studio.history.folder.is_starred(stars)
    mask = np.full_like(studio.document.mask.values, 4)
    studio.document.strokes.replace(mask, "painted")
    studio.preferences.set("files/folder", "somewhere")
    window.close()
    if damage is not another:
        assert preferences.is_file()
    again = opened()
    assert studio.workplace.is_second or np.array_equal(again.document.mask.values, mask)
    assert again.preferences.chosen.files.folder == "somewhere"
    assert not [sentence for sentence in again.take_problems() if "preferences" in sentence]


@pytest.mark.parametrize("damage", DAMAGES)
def test_each_damaged_file_alone_keeps_no_window_from_opening(opened, shell, used, damage):
    (own,) = used.glob("*.json")
    kinds = {(path.parent, path.suffix): path for path in (*files_of(used), own)}
    for number, path in enumerate(kinds.values()):
        copy = used.parent / f"copy{number}" / "work"
        for place in (used, used.with_name("work-2")):
            shutil.copytree(place, copy.parent / place.name)
        damage(copy.parent / path.relative_to(used.parent))
        shell.quiet()
        studio = opened(copy)
        offer_kept(studio, shell)
        told = " ".join([*shell.warned, *(sentence for sentence, *_ in shell.offers)])
        if path == own and damage not in (another, a_broken_link):  # the last one is as if it were missing
            assert "could not be opened" in told
        if path.name == "stars.json" and damage is not another:
            assert "stars" in told
        if path.suffix != ".json" and path.name != "preferences.ini":
            assert "could not" not in told
        opened.close()
