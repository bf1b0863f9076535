"""Paired sets at an address: the same files as in a folder, whoever makes them, whenever a maker is killed."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import fsspec
import pytest
from filelock import FileLock
from fsspec.implementations.memory import MemoryFileSystem
from set_files import SEGPAINT, files, make_set, specify_set

from segpaint import make_paired_set
from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.paired import tars
from segpaint.paired.locks import LOCK
from segpaint.paired.remote_set import OLD, PREFIX, RemoteSet
from segpaint.paired.specification import SPECIFICATION
from segpaint.paired.store import PairedSet

PAIRS = 20
FOLDERS = ("images", "masks", "train", "val")
TAR = 6
"""Pairs of a tar file, so that those of the two parts, of 8 and 12, share some."""


class Killed(BaseException):
    """The end of a process."""


class Frail(MemoryFileSystem):
    """A store in memory whose n-th change is cut short, when whoever asks for it is killed."""

    protocol = "frail"
    left = -1
    error = Killed

    def _change(self, path, content):
        if Frail.left == 0:
            raise Frail.error("the line is dead")
        Frail.left -= 1
        if Frail.left == 0:
            if content is not None:
                super().pipe_file(path, content[: len(content) // 2])
            raise Frail.error("the line is dead")

    def pipe_file(self, path, value, mode="overwrite", **options):
        self._change(path, value)
        super().pipe_file(path, value, mode, **options)

    def put_file(self, lpath, rpath, **options):
        self._change(rpath, Path(lpath).read_bytes())
        MemoryFileSystem().pipe_file(rpath, Path(lpath).read_bytes())

    def rm_file(self, path):
        self._change(path, None)
        super().rm_file(path)


@pytest.fixture(scope="module", autouse=True)
def small_tars():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tars, "PAIRS", TAR)
        patch.setattr(os, "fsync", lambda _file: None)
        yield


@pytest.fixture(autouse=True)
def store(tmp_path, monkeypatch):
    """Stores in memory that are empty, one of them frail, and a place for working folders."""
    fsspec.register_implementation("frail", Frail, clobber=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "working"))
    (tmp_path / "working").mkdir()
    memory = MemoryFileSystem()
    memory.store.clear()
    Frail.left, Frail.error = -1, Killed
    return memory


@pytest.fixture(scope="module")
def specify(tmp_path_factory, tiny_checkpoint, drawn_mask, table):
    """Write a specification of 20 pairs; keywords change it."""
    folder = tmp_path_factory.mktemp("work")
    return specify_set(folder, tiny_checkpoint, drawn_mask, table, seeds={"count": 5}, precision="float32")


@pytest.fixture(scope="module")
def make(tiny_checkpoint):
    return partial(make_set, tiny_checkpoint)


@pytest.fixture(scope="module")
def wholes(specify, make, tmp_path_factory):
    """The files of the set that one process makes in a folder, in each layout."""
    place = tmp_path_factory.mktemp("whole")
    return {
        layout: files(make(specify(f"{layout}.json", layout=layout), place / layout))
        for layout in ("published", "nnunet", "webdataset")
    }


@pytest.fixture
def made(monkeypatch):
    """The names of all pairs that are made, in order."""
    names, write = [], PairedSet.write

    def note(self, pair, *words):
        names.append(pair.name)
        write(self, pair, *words)

    monkeypatch.setattr(PairedSet, "write", note)
    return names


def stored(address):
    """The content of every file at an address."""
    place, root = fsspec.core.url_to_fs(address)
    return {Path(path).relative_to(root): place.cat_file(path) for path in place.find(root)}


def said(capfd):
    return " ".join(capfd.readouterr().err.split())


def named(whole, *parts):
    """One of some files, whose path has all of these parts."""
    return min(path for path in whole if all(part in path.as_posix() for part in parts))


# ---- the same files


@pytest.mark.parametrize("layout", ["published", "nnunet", "webdataset"])
def test_a_set_at_an_address_has_the_files_of_one_in_a_folder(layout, specify, make, wholes, capfd, tmp_path):
    make(specify(f"{layout}.json", layout=layout), "memory://bucket/set")
    assert stored("memory://bucket/set") == wholes[layout]
    assert f"Pairs in memory://bucket/set: {PAIRS}." in said(capfd)
    assert list((tmp_path / "working").iterdir()) == []


@pytest.mark.parametrize("layout", ["published", "webdataset"])
@pytest.mark.parametrize("order", [(1, 2), (2, 1)], ids=str)
def test_parts_at_one_address_become_one_set(layout, order, specify, make, wholes, capfd, made):
    path = specify(f"{layout}.json", layout=layout)
    first, last = (["--shard", f"{number}/2"] for number in order)
    make(path, "memory://set", *first)
    assert f"Pairs in memory://set: {len(made)} of {PAIRS}." in said(capfd)
    assert {path.parts[0] for path in stored("memory://set")} <= {SPECIFICATION, "sources", *FOLDERS}
    make(path, "memory://set", *last)
    assert f"Pairs in memory://set: {PAIRS} of {PAIRS}." in said(capfd)
    assert stored("memory://set") == wholes[layout]
    assert len(made) == len(set(made)) == PAIRS
    make(path, "memory://set", *first)  # again, after all
    assert stored("memory://set") == wholes[layout]
    assert len(made) == PAIRS


def test_an_address_may_be_a_folder_of_this_machine(specify, make, wholes, tmp_path):
    make(specify("published.json", layout="published"), f"file://{tmp_path}/far/set")
    assert files(tmp_path / "far" / "set") == wholes["published"]


def test_the_public_api_takes_an_address_and_reports_the_progress_of_a_part(specify, tiny_checkpoint, wholes):
    counts = []
    for shard in ("2/2", "1/2"):
        told = []
        make_paired_set(
            specify("published.json", layout="published"), "memory://api/", checkpoints=[tiny_checkpoint],
            device="cpu", shard=shard, progress=lambda _name, finished, told=told: told.append(finished),
        )  # fmt: skip
        counts.append(sum(told))
    assert stored("memory://api") == wholes["published"]
    assert counts == [12, 8]


# ---- kills, and what else interrupts


@pytest.fixture(scope="module")
def changes(specify, make):
    """How many changes of a store make a set there, in each layout."""
    fsspec.register_implementation("frail", Frail, clobber=True)
    most, counts = 10**6, {}
    for layout in ("published", "webdataset"):
        Frail.left = most
        make(specify(f"{layout}.json", layout=layout), f"frail://{layout}")
        counts[layout] = most - Frail.left
    Frail.left = -1
    MemoryFileSystem.store.clear()
    return counts


@pytest.mark.parametrize("layout", ["published", "webdataset"])
@pytest.mark.parametrize("share", [0.0, 0.03, 0.4, 0.75, 0.9, 0.97, 1.0])
def test_a_killed_maker_goes_on_and_makes_nothing_twice(layout, share, specify, make, wholes, made, changes):
    path = specify(f"{layout}.json", layout=layout)
    Frail.left = 1 + round(share * (changes[layout] - 1))
    with pytest.raises(Killed):
        make(path, "frail://set")
    assert stored("frail://set") != wholes[layout]
    Frail.left = -1
    make(path, "frail://set")
    assert stored("frail://set") == wholes[layout]
    assert PAIRS <= len(made) <= PAIRS + 1  # the one under way
    assert len(set(made)) == PAIRS


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL there")
def test_a_process_that_is_killed_loses_nothing(specify, make, wholes, tiny_checkpoint, tmp_path):
    out, path = tmp_path / "far", specify("published.json", layout="published")
    words = ["generate", "--set", path, "--out", f"file://{out}", f"--checkpoint={tiny_checkpoint}"]
    command = [sys.executable, "-c", SEGPAINT, *map(str, words), "--device", "cpu"]
    with subprocess.Popen(command, env={**os.environ, "TMPDIR": str(tmp_path / "working")}) as process:
        limit = time.monotonic() + 120
        while len(list(out.glob("images/*/*.png"))) < 5:
            assert process.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
    before = {image: image.stat().st_mtime_ns for image in sorted(out.glob("images/*/*.png"))}
    assert len(before) < PAIRS
    make(path, f"file://{out}")
    assert files(out) == wholes["published"]
    changed = [image for image, time_of in before.items() if image.stat().st_mtime_ns != time_of]
    assert len(changed) <= 1  # the one under way


def test_a_store_that_fails_is_a_sentence_and_the_same_command_goes_on(specify, make, wholes, made, capfd):
    path = specify("published.json", layout="published")
    Frail.left, Frail.error = 20, OSError
    make(path, "frail://set", code=2)
    assert "frail://set cannot be written: the line is dead; mend this, and give the same" in said(capfd)
    Frail.left = -1
    make(path, "frail://set")
    assert stored("frail://set") == wholes["published"]
    assert len(made) == PAIRS + 1


def test_ctrl_c_shows_how_many_pairs_are_there(specify, make, wholes, capfd):
    path = specify("published.json", layout="published")
    Frail.left, Frail.error = 25, KeyboardInterrupt
    make(path, "frail://set", code=130)
    begun = [name for name in stored("frail://set") if name.parts[0] == "images"]
    assert f"Stopped: {len(begun) - 1} of {PAIRS} pairs are in frail://set; the same command" in said(capfd)
    Frail.left = -1
    make(path, "frail://set")
    assert stored("frail://set") == wholes["published"]


def test_working_folders_that_killed_makers_left_are_removed(specify, make, tmp_path):
    left, held, fresh = (tmp_path / "working" / f"{PREFIX}{name}" for name in ("left", "held", "fresh"))
    for folder in (left, held, fresh):
        folder.mkdir()
        (folder / "image.png").write_bytes(b"1")
    with FileLock(held / LOCK):
        for folder in (left, held):
            os.utime(folder, (time.time() - 2 * OLD,) * 2)
        make(specify("few.json", seeds={"count": 1}), "memory://set")
    assert sorted((tmp_path / "working").iterdir()) == [fresh, held]


# ---- damage


@pytest.mark.parametrize("harm", ["cut image", "lost image", "cut mask", "lost mask"])
def test_a_damaged_pair_alone_is_made_again(harm, specify, make, wholes, made, store):
    path, whole = specify("published.json", layout="published"), wholes["published"]
    make(path, "memory://set")
    made.clear()
    place = f"/set/{named(whole, 'images/' if 'image' in harm else 'masks/', 's3_').as_posix()}"
    if "lost" in harm:
        store.rm_file(place)
    else:
        store.pipe_file(place, store.cat_file(place)[:100])
    make(path, "memory://set")
    assert stored("memory://set") == whole
    assert len(made) == 1


@pytest.mark.parametrize("harm", ["cut", "lost"])
def test_a_damaged_tar_file_is_made_again(harm, specify, make, wholes, made, store):
    path, whole = specify("webdataset.json", layout="webdataset"), wholes["webdataset"]
    make(path, "memory://set")
    made.clear()
    if harm == "cut":
        store.pipe_file("/set/train/000000.tar", store.cat_file("/set/train/000000.tar")[:-3000])
    else:
        store.rm_file("/set/train/000000.tar")
    make(path, "memory://set")
    assert stored("memory://set") == whole
    assert len(made) == TAR if harm == "lost" else 0 < len(made) < TAR


def test_a_damaged_pair_of_another_part_is_named(specify, make, wholes, made, store, capfd):
    path, whole = specify("published.json", layout="published"), wholes["published"]
    make(path, "memory://set", "--shard", "1/2")
    damaged = next(name for name in stored("memory://set") if name.parts[0] == "images")
    store.pipe_file(f"/set/{damaged.as_posix()}", b"none")
    make(path, "memory://set", "--shard", "2/2", code=2)
    assert f"memory://set/{damaged.as_posix()}, its mask, or the tar file that holds" in said(capfd)
    assert Path("manifest.csv") not in stored("memory://set")
    make(path, "memory://set")
    assert stored("memory://set") == whole
    assert len(made) == PAIRS + 1


def test_a_beginning_that_was_cut_short_is_gone_on_with(specify, make, wholes, store):
    path, whole = specify("published.json", layout="published"), wholes["published"]
    source = named(whole, "sources/")
    store.pipe_file(f"/set/{source.as_posix()}", whole[source])
    store.pipe_file(f"/set/{SPECIFICATION}", whole[Path(SPECIFICATION)][:50])
    make(path, "memory://set")
    assert stored("memory://set") == whole


# ---- what others do there


def test_a_second_maker_of_the_same_part_is_found_out(specify, make, wholes, store, made, capfd, monkeypatch):
    path, whole = specify("published.json", layout="published"), wholes["published"]
    adopt = RemoteSet.adopt

    def beside_another(self, pair, image):
        if len(made) == 3:
            own = self.layout.image(pair)
            store.pipe_file(f"/set/{own.as_posix()}", whole[own])
        adopt(self, pair, image)

    monkeypatch.setattr(RemoteSet, "adopt", beside_another)
    make(path, "memory://set", code=2)
    assert "was just made by another process, too. Let only one process make a set at an address" in said(capfd)
    monkeypatch.undo()
    assert len(made) == 3


def test_pairs_that_another_packs_meanwhile_are_fetched_from_the_tar_file(specify, make, wholes, monkeypatch):
    path, whole = specify("webdataset.json", layout="webdataset"), wholes["webdataset"]
    make(path, "memory://set", "--shard", "1/2")
    make(path, "memory://other")
    other, get, done = stored("memory://other"), MemoryFileSystem.get_file, []

    def packed_first(self, rpath, lpath, **options):
        if rpath.endswith(".image.png") and not done:
            done.append(rpath)
            for name in [path for path in self.find("/set") if path.endswith(".png") and "sources" not in path]:
                self.rm_file(name)
            for name, content in other.items():
                self.pipe_file(f"/set/{name.as_posix()}", content)
        get(self, rpath, lpath, **options)

    monkeypatch.setattr(MemoryFileSystem, "get_file", packed_first)
    make(path, "memory://set", "--shard", "1/2")
    assert done
    assert stored("memory://set") == whole


def test_an_address_with_other_files_or_another_set_is_refused(specify, make, store, capfd):
    store.pipe_file("/strange/scan.nii", b"1")
    make(specify(), "memory://strange", code=2)
    assert "memory://strange holds other files, such as scan.nii" in said(capfd)
    store.pipe_file("/masks/sources/moved-0.png", b"1")
    make(specify(), "memory://masks", code=2)
    assert "memory://masks holds other files, such as sources/moved-0.png" in said(capfd)
    make(specify("few.json", seeds={"count": 1}), "memory://set")
    before = stored("memory://set")
    make(specify("two.json", seeds={"count": 2}), "memory://set", code=2)
    assert "memory://set holds another set than the one asked for; choose another address" in said(capfd)
    assert stored("memory://set") == before
    assert stored("memory://strange") == {Path("scan.nii"): b"1"}


def test_no_name_at_an_address_leads_out_of_the_working_folder(specify, make, wholes, store, tmp_path):
    path = specify("published.json", layout="published")
    make(path, "memory://set")
    hostile = "/set/sources/../../../stolen.png"
    store.store[hostile] = store.store[f"/set/{named(wholes['published'], 'sources/').as_posix()}"]
    make(path, "memory://set")
    assert hostile in store.find("/set")
    assert list(tmp_path.rglob("stolen.png")) == []


# ---- what is refused


@pytest.mark.parametrize(
    ("address", "options", "problem"),
    [
        ("s3://bucket/set", [], "s3://bucket/set needs another library: Install s3fs to access S3."),
        ("nowhere://set", [], "nowhere://set cannot be reached: Protocol not known: nowhere."),
        ("s3:/bucket", [], "s3:/bucket is no address; give one such as s3://bucket/folder"),
        ("memory://a*", [], "memory://a* is no address"),
        ("memory://set", ["--ray", "auto"], "--ray needs a folder that its machines share, and memory"),
        ("memory://set", ["--shard", "1/2"], 'name it in the specification: "precision": "float32"'),
    ],
)
def test_what_does_not_work_with_an_address_is_a_sentence(
    address, options, problem, specify, make, capfd, monkeypatch, tmp_path
):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    monkeypatch.chdir(tmp_path)
    make(specify("any.json", precision=None), address, *options, code=2)
    assert problem in said(capfd)
    assert [path.name for path in tmp_path.iterdir()] == ["working"]


def test_without_fsspec_a_sentence_names_what_to_install(specify, make, capfd, monkeypatch):
    monkeypatch.setitem(sys.modules, "fsspec.core", None)
    make(specify(), "memory://set", code=2)
    assert "memory://set needs fsspec, which is missing; install segpaint[remote]." in said(capfd)


def test_an_address_is_for_sets_alone(specify, mask_file, tmp_path, capfd, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(["generate", str(mask_file), "--out", "memory://set"]) == 2
    assert "--out memory://set is an address, which belongs to --set" in said(capfd)
    assert main(["set", "merge", "whole", "memory://one", "memory://two"]) == 2
    assert "memory://one is an address, and parts are put together in folders" in said(capfd)
    with pytest.raises(SegPaintError, match="is an address, and a folder is needed here"):
        make_paired_set(specify(), Path("s3://bucket/set"), device="cpu")
    assert [path.name for path in tmp_path.iterdir()] == ["working"]


def test_fsspec_is_loaded_for_an_address_alone():
    code = (
        "import sys, segpaint.verbs.generate, segpaint.paired.make_set, segpaint.paired.remote_set as remote\n"
        "assert 'fsspec' not in sys.modules\n"
        "remote.Address('memory://set')\n"
        "assert 'fsspec' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
