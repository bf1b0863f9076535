"""Paired sets that several processes make: in parts, and in one folder."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from PIL import Image
from set_files import files, make_set, noted, rows

from segpaint.cli import main
from segpaint.core.diffusion import engine as engine_module
from segpaint.core.diffusion import networks as networks_module
from segpaint.core.errors import SegPaintError
from segpaint.io.image_files import encode_mask
from segpaint.paired import claims as claims_module
from segpaint.paired.claims import STALE, Claims, Maker
from segpaint.paired.shards import Shard, chunks, parse_shard
from segpaint.paired.specification import read_specification
from segpaint.paired.store import PairedSet


@pytest.fixture(scope="module")
def work(tmp_path_factory, drawn_mask, table):
    """A folder with two masks."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "masks").mkdir()
    for number in range(2):
        moved = np.roll(drawn_mask, number, axis=1)
        (folder / "masks" / f"moved-{number}.png").write_bytes(encode_mask(moved, table))
    return folder


@pytest.fixture(scope="module")
def specify(work, tiny_checkpoint):
    """Write a specification of 40 pairs; keywords change it."""

    def write(name="set.json", **changes):
        content = {
            "checkpoints": [str(tiny_checkpoint)], "masks": ["masks"], "steps": 1, "seeds": {"count": 10},
            "subsets": [None, ["body", "heart"]], "validation": 0.5, **changes,
        }  # fmt: skip
        (work / name).write_text(json.dumps(content))
        return work / name

    return write


@pytest.fixture(scope="module")
def make(tiny_checkpoint):
    return partial(make_set, tiny_checkpoint)


@pytest.fixture(scope="module")
def whole(specify, make, work):
    """The set, made by one process; copy it before changing it."""
    return make(specify(), work / "whole")


@pytest.fixture(scope="module")
def parts(specify, make, work):
    """Its two parts; copy them before changing them."""
    return [make(specify(), work / f"part{number}", "--shard", f"{number}/2") for number in (1, 2)]


@pytest.fixture
def merge(tmp_path, tiny_checkpoint):
    """Put parts together with the command, and return the folder."""

    def run(*parts, code=0):
        folder = tmp_path / "merged"
        words = ["set", "merge", str(folder), *map(str, parts), f"--checkpoint={tiny_checkpoint}"]
        assert main(words) == code
        return folder

    return run


# ---- parts


@given(count=some.integers(0, 200_000), parts=some.integers(1, 60))
def test_parts_have_every_pair_once(count, parts):
    shares = [chunks(count, Shard(number, parts)) for number in range(1, parts + 1)]
    ends = [(chunk.start, chunk.stop) for share in shares for chunk in share]
    assert [start for start, _ in ends] == [0, *(stop for _, stop in ends)][: len(ends)]
    assert (ends[-1][1] if ends else 0) == count
    assert sorted(chunk for share in shares for chunk in map(tuple, [[c.start, c.stop] for c in share])) == ends
    assert all(0 < stop - start <= 64 for start, stop in ends)
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


ARRAY = {"SLURM_ARRAY_TASK_ID": "13", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "10"}
TASKS = {"SLURM_PROCID": "1", "SLURM_NTASKS": "2"}
RANKS = {"RANK": "2", "WORLD_SIZE": "3"}


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        ("3/16", {}, "3/16"),
        ("1/1", ARRAY, "1/1"),
        ("auto", ARRAY, "4/4"),
        ("auto", {**ARRAY, "SLURM_ARRAY_TASK_ID": "16", "SLURM_ARRAY_TASK_STEP": "2"}, "4/4"),
        ("auto", {"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "50"}, "1/50"),
        ("auto", TASKS, "2/2"),
        ("auto", RANKS, "3/3"),
        ("auto", {**ARRAY, **TASKS}, "8/8"),
        ("auto", {**TASKS, **RANKS}, "3/3"),
        ("auto", {**ARRAY, **TASKS, **RANKS}, "12/12"),
        ("auto", {"RANK": "0", "SLURM_PROCID": "0", "SLURM_NTASKS": "1"}, "1/1"),
    ],
)
def test_a_part_is_given_or_found(text, environment, expected):
    assert str(parse_shard(text, environment)) == expected


@pytest.mark.parametrize(
    ("text", "environment", "problem"),
    [
        ("3", {}, "--shard 3: give a part as 3/16, or auto"),
        ("0/4", {}, "part 0 of 4 is none"),
        ("5/4", {}, "part 5 of 4 is none"),
        ("auto", {}, "neither a job of Slurm nor torchrun"),
        ("auto", {"RANK": "two", "WORLD_SIZE": "3"}, "RANK is 'two', which is no number"),
        ("auto", {**ARRAY, "SLURM_ARRAY_TASK_ID": "17"}, "let the array count up"),
        (
            "auto",
            {**ARRAY, "SLURM_ARRAY_TASK_ID": "11", "SLURM_ARRAY_TASK_STEP": "2"},
            "let the array count up",
        ),
    ],
)
def test_what_is_no_part_is_a_sentence(text, environment, problem):
    with pytest.raises(SegPaintError, match=problem):
        parse_shard(text, environment)


def test_a_part_belongs_to_a_set(mask_file, tmp_path, capfd):
    assert main(["generate", str(mask_file), "--shard", "1/2", "--out", str(tmp_path)]) == 2
    assert "--shard belongs to --set" in capfd.readouterr().err


# ---- parts put together


def test_parts_that_are_put_together_are_the_set_of_one_process(whole, parts, merge, capfd):
    made = [len(rows(part)) for part in parts]
    assert made == [16, 24]
    assert files(merge(*parts)) == files(whole)
    assert "40." in capfd.readouterr().err


def test_many_parts_in_the_other_layout_are_so_too(specify, make, merge, tmp_path, capfd, monkeypatch, long):
    if long:
        monkeypatch.setattr(os, "fsync", lambda _file: None)  # see the test of a process that is killed
    path = specify("nnunet.json", layout="nnunet", seeds={"count": 500 if long else 4})
    count = len(rows(one := make(path, tmp_path / "one")))
    parts = [make(path, tmp_path / f"part{number}", "--shard", f"{number}/2") for number in (1, 2)]
    assert f"Pairs in {parts[1]}: {len(rows(parts[1]))} of {count}." in " ".join(capfd.readouterr().err.split())
    assert files(merge(*reversed(parts))) == files(one)


def test_parts_may_share_a_folder_and_come_one_after_the_other(specify, make, tmp_path, whole, monkeypatch):
    for number in (1, 0):
        monkeypatch.setenv("SLURM_ARRAY_TASK_ID", str(number))
        monkeypatch.setenv("SLURM_ARRAY_TASK_COUNT", "2")
        folder = make(specify(), tmp_path / "out", "--shard", "auto")
        json.loads((folder / "manifest.json").read_text())
    assert files(folder) == files(whole)


def test_what_no_part_has_is_reported_and_made_later(parts, make, merge, whole, capfd):
    folder = merge(parts[1])
    told = " ".join(capfd.readouterr().err.split())
    assert f"Pairs in {folder}: 24. No part has 16 others; to make them: segpaint generate --set" in told
    make(folder / "specification.json", folder)
    assert files(folder) == files(whole)


@pytest.mark.parametrize(
    ("harm", "problem"),
    [
        ("image", "is damaged: it is not the file that manifest.csv lists"),
        ("lost", "is damaged: it is not the file that manifest.csv lists"),
        ("mask", "is damaged: it is not the mask of"),
        ("seeds", "is part of another set than {first}: it differs in seeds"),
        ("source", "is part of another set than {first}: its mask"),
        ("row", "was made otherwise than the set asks for"),
        ("no set", "holds no paired set: it lacks specification.json"),
    ],
)
def test_a_damaged_or_foreign_part_is_refused(parts, merge, tmp_path, capfd, harm, problem):
    first, second = parts[0], shutil.copytree(parts[1], tmp_path / "second")
    row = rows(second)[0]
    image, mask = second / row["image"], second / row["mask"]
    if harm == "image":
        image.write_bytes(image.read_bytes()[:-20] + bytes(20))
    elif harm == "lost":
        image.unlink()
    elif harm == "mask":
        Image.fromarray(np.zeros((32, 32), np.uint8)).save(mask)
    elif harm == "seeds":
        path = second / "specification.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), "seeds": {"count": 6}}))
    elif harm == "source":
        Image.fromarray(np.zeros((32, 32), np.uint8)).save(second / "sources" / "moved-1.png")
    elif harm == "row":
        listed = second / "manifest.csv"
        listed.write_text(listed.read_text().replace(row["fingerprint"], "0" * len(row["fingerprint"])))
    else:
        shutil.rmtree(second)
    merge(first, second, code=2)
    told = " ".join(capfd.readouterr().err.split())
    assert problem.format(first=first) in told
    assert str(second) in told


# ---- one folder


@pytest.fixture
def claims(tmp_path):
    """Sign makers on to a folder; all sign off at the end."""
    begun = []

    def begin():
        one = Claims(tmp_path / "claims")
        one.begin()
        begun.append(one)
        return one

    yield begin
    for one in begun:
        one.end()
    assert list((tmp_path / "claims").iterdir()) == []


def leave(claims, name, maker, age):
    """Leave a claim and a sign of life of another maker, so many seconds old."""
    for path in (claims._folder / name, claims._folder / f"maker-{maker.token}"):
        path.write_text(maker.model_dump_json())
        os.utime(path, (time.time() - age, time.time() - age))


def ended_process():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_is_claimed_is_claimed_by_one(claims):
    first, second = claims(), claims()
    assert first.others()
    assert first.take("a") is True
    assert second.take("a") is False
    assert second.take("b") is True
    first.give_back("a")
    assert second.take("a") is True
    first.end()
    assert not second.others()


@pytest.mark.skipif(sys.platform == "win32", reason="there, age alone decides")
def test_a_claim_of_a_process_of_this_machine_that_has_ended_is_taken_over_at_once_and_by_one(claims):
    first, second = claims(), claims()
    leave(first, "a.1", first.maker.model_copy(update={"token": "dead", "process": ended_process()}), age=0)
    assert first.take("a") is None
    assert second.take("a") is False
    first.give_back("a")
    assert second.take("a") is True
    first.end()
    assert not second.others()


@pytest.mark.parametrize(("age", "taken"), [(STALE / 2, False), (STALE + 60, None)])
def test_a_claim_of_another_machine_is_taken_over_after_a_while_without_a_sign_of_life(claims, age, taken):
    one = claims()
    maker = Maker(token="far", machine="elsewhere", process=1)  # noqa: S106
    leave(one, "a.1", maker, age)
    assert one.take("a") is taken
    (one._folder / "a.1").unlink(missing_ok=True)
    (one._folder / "maker-far").unlink(missing_ok=True)


def test_a_sign_of_life_keeps_an_old_claim(claims):
    one = claims()
    maker = Maker(token="far", machine="elsewhere", process=1)  # noqa: S106
    leave(one, "a.1", maker, STALE + 60)
    os.utime(one._folder / "maker-far")
    assert one.take("a") is False
    for name in ("a.1", "maker-far"):
        (one._folder / name).unlink()


def test_a_maker_gives_signs_of_life(claims, monkeypatch):
    monkeypatch.setattr(claims_module, "BEAT", 0.01)
    one = claims()
    path = one._folder / f"maker-{one.maker.token}"
    os.utime(path, (0, 0))
    limit = time.monotonic() + 20
    while path.stat().st_mtime == 0:
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_the_window_and_the_command_do_not_work_on_one_folder(specify, tmp_path):
    specification = read_specification(specify())
    words = tmp_path / "out", specification, "float32", None, specification.folders
    for first, second in ((True, False), (False, True), (False, False)):
        with closing(PairedSet(*words, shared=first)), pytest.raises(SegPaintError, match="is working on"):
            PairedSet(*words, shared=second)
    with closing(PairedSet(*words, shared=True)), closing(PairedSet(*words, shared=True)) as second:
        assert len(second.missing) == 40


def test_many_may_begin_a_set_at_once(specify, tmp_path, drawn_mask):
    masks = tmp_path / "many"
    masks.mkdir()
    for number in range(20):
        Image.fromarray(np.roll(drawn_mask, number, axis=0)).save(masks / f"{number}.png")
    specification = read_specification(specify("many.json", masks=[str(masks)], seeds={"count": 1}))

    def open_set(_number):
        return PairedSet(tmp_path / "out", specification, "float32", None, specification.folders, shared=True)

    with ThreadPoolExecutor(4) as pool:
        opened = list(pool.map(open_set, range(4)))
    assert [len(one.missing) for one in opened] == [40] * 4
    for one in opened:
        one.close()


@pytest.mark.skipif(sys.platform == "win32", reason="there, locks are of another kind")
def test_a_file_system_without_locks_will_do(specify, tmp_path, monkeypatch):
    import fcntl

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    specification = read_specification(specify())
    words = tmp_path / "out", specification, "float32", None, specification.folders
    with closing(PairedSet(*words, shared=True)) as made:
        for pair in made.pairs[:2]:
            made.write(pair, np.zeros((32, 32), np.uint8))
    with closing(PairedSet(*words, shared=True)) as made:
        assert len(made.missing) == 38
    with pytest.raises(SegPaintError, match="cannot be locked: No locks available"):
        PairedSet(*words)


BESIDE = """
import sys, time
from pathlib import Path
from segpaint.cli import main
from segpaint.paired.store import PairedSet
write, replace, written = PairedSet.write, Path.replace, []
folder = Path(sys.argv[1])
def beside_another(*words):
    while not written and len(list(folder.glob(".segpaint/maker-*"))) < 2:
        time.sleep(0.01)
    written.append(1)
    write(*words)
def hang(path, target):
    while len(written) == 4 and Path(target).parent.parent.name == "images":
        folder.with_name("hangs").touch()
        time.sleep(0.01)
    return replace(path, target)
PairedSet.write, Path.replace = beside_another, hang
sys.exit(main(sys.argv[2:]))
"""
"""Writes nothing before another is there, and hangs in the middle of its fourth pair: after the mask."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL")
def test_two_processes_share_a_folder_and_one_is_killed(
    specify, make, whole, tiny_checkpoint, tmp_path, work, monkeypatch, long
):
    path, folder, beside = specify(), tmp_path / "out", BESIDE
    if long:
        # 2,000 pairs wait for the disk 6,000 times, which took 40 % of the time.
        monkeypatch.setattr(os, "fsync", lambda _file: None)
        beside = f"import os; os.fsync = lambda _file: None\n{BESIDE}"
        path = specify("long.json", seeds={"count": 500})
        whole = make(path, work / "long")
    words = ["generate", "--set", path, "--out", folder, "--device", "cpu", f"--checkpoint={tiny_checkpoint}"]

    def wait_for(pattern):
        while not list(tmp_path.glob(pattern)):
            assert other.poll() is None, other.stderr.read()
            time.sleep(0.02)

    def kill():
        wait_for("hangs")
        other.send_signal(signal.SIGKILL)
        other.wait()

    with subprocess.Popen([sys.executable, "-c", beside, folder, *words], stderr=subprocess.PIPE) as other:
        try:
            wait_for("out/.segpaint/pairs-*")
            killing = threading.Thread(target=kill)
            killing.start()
            make(path, folder)
            killing.join()
        finally:
            other.kill()
        assert other.returncode == -signal.SIGKILL
    assert files(folder) == files(whole)
    makers = [len(path.read_text().splitlines()) for path in folder.glob(".segpaint/.whole-*")]
    assert sorted(makers) == [3, len(rows(whole)) - 3]
    assert len(noted(folder)) == len(set(noted(folder)))  # none was made twice
    assert [path.name for path in (folder / ".segpaint").iterdir() if not path.name.startswith(".")] == []


# ---- batches


def test_every_image_of_a_set_is_the_same_in_a_batch_as_alone(specify, make, tmp_path, monkeypatch):
    """Bit for bit: batches are tried first, and those that change a bit are not used."""
    calls, loop = [], engine_module.sample
    monkeypatch.setattr(
        engine_module,
        "sample",
        lambda *given, **named: calls.append(len(named["seed"])) or loop(*given, **named),
    )
    path = specify("batches.json", precision="bfloat16", seeds={"count": 5})
    together = make(path, tmp_path / "together")
    monkeypatch.setattr(networks_module, "find_batch_sizes", lambda *_: ())
    batches, calls[:] = list(calls), []
    alone = make(path, tmp_path / "alone")
    assert sum(batches) == sum(calls) == 20
    assert set(calls) == {1}
    assert files(together) == files(alone)
