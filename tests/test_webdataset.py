"""Sets in tar files: what the library webdataset reads of them, and that any maker makes the same."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import threading
from contextlib import closing
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
import webdataset
from PIL import Image
from set_files import files, make_set, pixels, rows, specify_set

from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.io.results import read_request
from segpaint.paired import store, tars
from segpaint.paired.specification import Specification, read_specification
from segpaint.paired.store import PairedSet
from segpaint.paired.tars import Tars

PAGE = Path(__file__).parent.parent / "resources" / "guide" / "pairs.md"
SPLITS = {"train": 20, "val": 20}


@pytest.fixture(scope="module", autouse=True)
def small_tars():
    """Eight pairs in a tar file, so that a set of 40 has six: two of them shorter."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tars, "PAIRS", 8)
        yield


@pytest.fixture(scope="module")
def specify(tmp_path_factory, tiny_checkpoint, drawn_mask, table):
    """Write a specification of 40 pairs; keywords change it."""
    folder = tmp_path_factory.mktemp("work")
    return specify_set(
        folder,
        tiny_checkpoint,
        drawn_mask,
        table,
        named="moved.{}.png",
        seeds={"count": 10},
        layout="webdataset",
    )


@pytest.fixture(scope="module")
def make(tiny_checkpoint):
    return partial(make_set, tiny_checkpoint)


@pytest.fixture(scope="module")
def whole(specify, make, tmp_path_factory):
    """The set, made by one process; copy it before changing it."""
    return make(specify(), tmp_path_factory.mktemp("whole") / "whole")


@pytest.fixture(scope="module")
def loose(specify, make, tmp_path_factory):
    """The same pairs as files of their own, by split and name without dots."""
    folder = make(specify("published.json", layout="published"), tmp_path_factory.mktemp("loose") / "loose")
    return folder, {row["name"]: row for row in rows(folder)}


def shards(folder, split):
    return sorted(str(path) for path in (folder / split).glob("*.tar"))


def read_by_library(test):
    """Mark a test whose files webdataset leaves to the collector, which Python warns of."""
    for one in ("ignore:unclosed file:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"):
        test = pytest.mark.filterwarnings(one)(test)
    return test


# ---- what reads it


@read_by_library
def test_webdataset_reads_every_pair_bit_for_bit(whole, loose):
    folder, listed = loose
    names = set()
    for split, count in SPLITS.items():
        found = list(webdataset.WebDataset(shards(whole, split), shardshuffle=False).decode("l8"))
        assert len(found) == count
        for pair in found:
            about = pair["json"]
            row = listed[about["name"]]
            assert pair["__key__"] == about["name"].replace(".", "~")
            assert row["split"] == split
            for part in ("image", "mask"):
                np.testing.assert_array_equal(pair[f"{part}.png"], pixels(folder / row[part]))
            assert about["kind"] == "made"
            assert (str(about["seed"]), about["fingerprint"]) == (row["seed"], row["fingerprint"])
            assert about["used"] == ([1, 2] if "without" in about["name"] else [1, 2, 4])
            names.add(about["name"])
    assert names == set(listed)


@read_by_library
def test_the_bytes_of_each_file_are_those_of_the_file_by_itself(whole, loose):
    folder, listed = loose
    raw = [pair for split in SPLITS for pair in webdataset.WebDataset(shards(whole, split), shardshuffle=False)]
    for pair in raw:
        row = listed[json.loads(pair["json"])["name"]]
        assert pair["image.png"] == (folder / row["image"]).read_bytes()
        assert pair["mask.png"] == (folder / row["mask"]).read_bytes()


@read_by_library
def test_a_loader_of_pytorch_shares_the_files_among_two_processes(whole, loose):
    data = (
        webdataset.WebDataset(shards(whole, "train"), shardshuffle=False, empty_check=False)
        .decode("torchl8")
        .to_tuple("__key__", "image.png", "mask.png")
    )
    # spawn, since this process has threads
    loader = torch.utils.data.DataLoader(data, batch_size=4, num_workers=2, multiprocessing_context="spawn")
    folder, listed = loose
    found = {key: (image, mask) for batch in loader for key, image, mask in zip(*batch, strict=True)}
    expected = {name.replace(".", "~") for name, row in listed.items() if row["split"] == "train"}
    assert set(found) == expected
    for key, parts in found.items():
        row = listed[key.replace("~", ".")]
        for name, part in zip(("image", "mask"), parts, strict=True):
            np.testing.assert_array_equal(part.numpy(), pixels(folder / row[name]))


@read_by_library
def test_the_example_of_the_guide_runs(whole):
    (code,) = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    asked = "my-set/train/{000000..000099}.tar"
    assert code.count(asked) == 1
    names = {}
    exec(code.replace(asked, f"{whole}/train/{{000000..000002}}.tar"), names)  # noqa: S102
    assert names["free"].shape == names["image"].shape == (32, 32)
    assert not names["free"].any()
    assert names["about"]["used"] == [1, 2]


def test_a_set_of_tar_files_holds_no_other_pairs_and_states_where_they_are(whole, loose):
    assert {path.name for split in SPLITS for path in (whole / split).iterdir()} == {
        f"{number:06}.tar" for number in range(3)
    }
    _, listed = loose
    for row in rows(whole):
        name, split = row["name"].replace(".", "~"), row["split"]
        assert row["image"] == f"{split}/{name}.image.png"
        assert row["mask"] == f"{split}/{name}.mask.png"
        assert row["sha256"] == listed[row["name"]]["sha256"]
    assert json.loads((whole / "labels.json").read_text())["modality"] == "MR"
    with Image.open(whole / "contact.png") as sheet:
        assert sheet.info["Synthetic"].endswith("shows no patient")


def test_tar_files_have_no_time_and_no_owner(whole):
    with tarfile.open(whole / "train" / "000000.tar") as tar:
        members = tar.getmembers()
        assert {(one.mtime, one.uid, one.gid, one.uname, one.gname, one.mode) for one in members} == {
            (0, 0, 0, "", "", 0o644)
        }
        assert [one.name.split(".", 1)[1] for one in members] == ["image.png", "mask.png", "json"] * 8
        request = read_request("a.png", tar.extractfile(members[0]).read())
    assert request.seed == 0


@read_by_library
def test_a_name_may_be_long_and_of_any_script(specify, make, tmp_path, drawn_mask):
    masks = tmp_path / "masks"
    masks.mkdir()
    name = "心脏" * 20 + "v1.2"
    Image.fromarray(drawn_mask).save(masks / f"{name}.png")
    path = specify("long.json", masks=[str(masks)], seeds={"count": 1}, validation=0)
    folder = make(path, tmp_path / "out")
    found = list(webdataset.WebDataset(shards(folder, "train"), shardshuffle=False).decode("l8"))
    assert [pair["json"]["name"] for pair in found] == [f"{name}_s0", f"{name}_s0_without-bone"]


# ---- who makes it


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2)])
def test_parts_are_put_together_and_made_one_after_the_other(
    specify, make, whole, tiny_checkpoint, tmp_path, order
):
    parts = [make(specify(), tmp_path / f"part{number}", "--shard", f"{number}/3") for number in order]
    assert any(shards(part, "train") for part in parts)
    assert any(list(part.glob("val/*.image.png")) for part in parts)  # of a tar file that two parts share
    merged = tmp_path / "merged"
    words = ["set", "merge", str(merged), *map(str, parts), f"--checkpoint={tiny_checkpoint}"]
    assert main(words) == 0
    assert files(merged) == files(whole)
    for number in order:
        folder = make(specify(), tmp_path / "one", "--shard", f"{number}/3")
    assert files(folder) == files(whole)


def test_parts_are_packed_while_they_are_put_together(specify, whole, tiny_checkpoint, tmp_path, monkeypatch):
    merged, most, adopt = tmp_path / "merged", [], PairedSet.adopt

    def counted(*words):
        adopt(*words)
        most.append(len(list(merged.glob("*/*.image.png"))))

    monkeypatch.setattr(PairedSet, "adopt", counted)
    assert main(["set", "merge", str(merged), str(whole), f"--checkpoint={tiny_checkpoint}"]) == 0
    assert (len(most), max(most)) == (40, 8)
    assert files(merged) == files(whole)


def open_set(path, folder):
    specification = read_specification(path)
    return closing(PairedSet(folder, specification, "float32", checkpoints=specification.folders, shared=True))


def test_tar_files_are_written_as_soon_as_they_are_whole(specify, make, whole, tmp_path, monkeypatch):
    written, write = [], PairedSet.write

    def stop_late(made, pair, *words):
        if len(written) == 30:
            raise KeyboardInterrupt
        written.append(pair.name)
        write(made, pair, *words)

    folder = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(PairedSet, "write", stop_late)
        make(specify(), folder, code=130)
    there = [path.relative_to(folder).as_posix() for path in folder.glob("*/*.tar")]
    assert sorted(there) == [*(f"train/{number:06}.tar" for number in range(3)), "val/000000.tar"]
    assert len(list(folder.glob("*/*.image.png"))) == 30 - 28
    assert len(rows(folder)) == 30
    make(specify(), folder)
    assert files(folder) == files(whole)


def test_a_set_in_tar_files_is_opened_without_reading_them(specify, whole, tmp_path, monkeypatch):
    folder = shutil.copytree(whole, tmp_path / "out")
    monkeypatch.setattr(tars, "read_index", None)
    monkeypatch.setattr(store, "read_request", None)
    with open_set(specify(), folder) as made:
        assert len(made.missing) == 0
        assert made.digests == {("", row["name"]): bytes.fromhex(row["sha256"]) for row in rows(whole)}


def test_one_that_nobody_noted_is_read(specify, whole, tmp_path):
    folder = shutil.copytree(whole, tmp_path / "out")
    shutil.rmtree(folder / ".segpaint")
    with open_set(specify(), folder) as made:
        assert len(made.missing) == 0
        made.sum_up()
    assert files(folder) == files(whole)


@pytest.mark.parametrize(
    "harm", ["lost", "cut", "an image", "a mask", "unpacked", "unpacked in part", "no tar"]
)
def test_what_a_tar_file_has_lost_is_made_again_and_nothing_else(
    specify, make, whole, tmp_path, monkeypatch, harm
):
    folder, expected = shutil.copytree(whole, tmp_path / "out"), 0
    tar = folder / "train" / "000001.tar"
    content = tar.read_bytes()
    index = tars.read_index(tar)
    if harm == "lost":
        tar.unlink()
        expected = 8
    elif harm == "cut":
        start, size = list(index.values())[-3]
        tar.write_bytes(content[: start + size // 2])
        expected = 8
    elif harm in ("an image", "a mask"):
        start, size = list(index.values())[3 if harm == "an image" else 4]
        tar.write_bytes(content[:start] + bytes(size) + content[start + size :])
        expected = 1
    elif harm == "no tar":
        tar.write_bytes(b"nothing" * 100)
        expected = 8
    else:  # somebody unpacked it; or a maker was killed before it removed the pairs' own files
        with tarfile.open(tar) as packed:
            packed.extractall(tar.parent, filter="data")
        for path in tar.parent.glob("*.json"):
            path.unlink()
        if harm == "unpacked":
            tar.unlink()
        else:
            next(tar.parent.glob("*.mask.png")).unlink()
    made, write = [], PairedSet.write
    monkeypatch.setattr(PairedSet, "write", lambda *words: made.append(1) or write(*words))
    make(specify(), folder)
    assert len(made) == expected
    assert files(folder) == files(whole)


def test_an_image_that_is_changed_before_it_is_packed_is_not_packed(specify, tmp_path):
    folder = tmp_path / "out"
    with open_set(specify(), folder) as made:
        for pair in list(made.missing):
            if pair.split == "val":
                made.write(pair, np.full((32, 32), len(made.digests), np.uint8))
        image = next((folder / "val").glob("*.image.png"))
        image.write_bytes(image.read_bytes() + b"x")
        with pytest.raises(SegPaintError, match=f"{image.name} or its mask was changed"):
            made.sum_up()
    assert not shards(folder, "val") or image.exists()


HANGS = """
import sys, time
from pathlib import Path
from segpaint.cli import main
from segpaint.paired import tars
from segpaint.paired.store import PairedSet
tars.PAIRS = 8
folder, write, replace, unlink = Path(sys.argv[1]), PairedSet.write, Path.replace, Path.unlink
at, written = sys.argv[2], []
def beside_another(*words):
    while not written and len(list(folder.glob(".segpaint/maker-*"))) < 2:
        time.sleep(0.01)
    written.append(1)
    write(*words)
def hang():
    folder.with_name("hangs").touch()
    while True:
        time.sleep(0.01)
def renamed(path, target):
    if at == "before" and str(target).endswith(".tar"):
        hang()
    return replace(path, target)
def removed(path, **words):
    if at == "after" and path.name.endswith(".mask.png"):
        hang()
    return unlink(path, **words)
PairedSet.write, Path.replace, Path.unlink = beside_another, renamed, removed
sys.exit(main(sys.argv[3:]))
"""
"""Hangs before its first tar file has its name, or after it has removed one file of a pair that is in it."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
@pytest.mark.parametrize("at", ["before", "after"])
def test_two_processes_share_a_folder_and_one_is_killed_as_it_packs(
    specify, make, whole, tiny_checkpoint, tmp_path, at
):
    path, folder = specify(), tmp_path / "out"
    words = ["generate", "--set", path, "--out", folder, "--device", "cpu", f"--checkpoint={tiny_checkpoint}"]

    def wait_for(pattern):
        while not list(tmp_path.glob(pattern)):
            if other.poll() is not None:
                return
            threading.Event().wait(0.02)

    def kill():
        wait_for("hangs")
        other.send_signal(signal.SIGKILL)
        other.wait()

    with subprocess.Popen([sys.executable, "-c", HANGS, folder, at, *words], stderr=subprocess.PIPE) as other:
        try:
            wait_for("out/.segpaint/pairs-*")
            killing = threading.Thread(target=kill)
            killing.start()
            make(path, folder)
            killing.join()
        finally:
            other.kill()
        assert other.returncode == -signal.SIGKILL, other.stderr.read()
    make(path, folder)
    assert files(folder) == files(whole)
    assert [path.name for path in (folder / ".segpaint").iterdir() if not path.name.startswith(".")] == []


# ---- what is refused, and what it costs


def test_pairs_that_are_chosen_are_not_packed(specify):
    path = specify("chosen.json", choosing={"wanted": 3})
    with pytest.raises(SegPaintError, match="chosen by eye; choose the layout published or nnunet"):
        read_specification(path)


def test_every_pair_of_a_large_set_is_in_one_tar_file(tiny_checkpoint, drawn_mask, monkeypatch):
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.paired.plan import plan_pairs
    from segpaint.paired.sources import NamedMask

    monkeypatch.setattr(tars, "PAIRS", 1000)
    masks = [NamedMask(f"mask{number}", np.roll(drawn_mask, number, axis=1)) for number in range(10)]
    asked = Specification(checkpoints=("tiny",), masks=("a",), seeds={"count": 10_000}, validation=0.2)
    pairs = plan_pairs(asked, masks, [read_checkpoint(tiny_checkpoint)], "float32").pairs
    planned = Tars(pairs)
    assert [tar.path.as_posix() for tar in planned.over()] == [
        *(f"train/{number:06}.tar" for number in range(80)),
        *(f"val/{number:06}.tar" for number in range(20)),
    ]
    assert sorted(position for tar in planned.over() for position in tar.positions) == list(range(100_000))
    assert all(len(tar.positions) == 1000 for tar in planned.over())
    assert all(pairs.spot(tar.positions[7]).split == tar.path.parent.name for tar in planned.over())
    assert [tar.path.name for tar in planned.over(range(990, 1010))] == ["000000.tar", "000001.tar"]


def test_a_tar_file_with_too_many_members_is_refused(tmp_path):
    path = tmp_path / "many.tar"
    path.write_bytes(b"".join(tars.tar_bytes((f"{number}.json", b"{}") for number in range(25))))
    with pytest.raises(SegPaintError, match=r"many\.tar .*it has more than 24 members"):
        tars.read_index(path)
