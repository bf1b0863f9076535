"""Paired sets that a Ray cluster makes: two makers on this machine, one of which is killed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from set_files import SEGPAINT, files, noted

import segpaint
from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.io.image_files import encode_mask
from segpaint.paired import on_ray
from segpaint.paired.on_ray import Room, find_rooms
from segpaint.paired.store import PairedSet

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Ray is in its beginnings there")


@pytest.fixture(scope="module")
def write(tmp_path_factory, tiny_checkpoint, drawn_mask, table):
    """Write a specification of two masks, with so many seeds."""
    folder = tmp_path_factory.mktemp("work")
    (folder / "masks").mkdir()
    for number in range(2):
        moved = np.roll(drawn_mask, number, axis=1)
        (folder / "masks" / f"moved-{number}.png").write_bytes(encode_mask(moved, table))

    def specify(seeds):
        content = {
            "checkpoints": [str(tiny_checkpoint)], "masks": ["masks"], "steps": 1, "seeds": {"count": seeds},
            "subsets": [None, ["body", "heart"]], "validation": 0.5,
        }  # fmt: skip
        path = folder / f"{seeds}.json"
        path.write_text(json.dumps(content))
        return path

    return specify


def wait_until(holds, seconds=120):
    limit = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.02)


@contextmanager
def given_up_after(seconds, see):
    """Let what is not done by then fail, and show what is seen; once more after each minute."""
    seen = []

    def give_up(*_signal):
        seen.append(f"After {seconds} s: {see()}.")
        raise AssertionError(seen[0])

    before = signal.signal(signal.SIGALRM, give_up)
    signal.setitimer(signal.ITIMER_REAL, seconds, 60)
    try:
        yield
    except Exception:  # Ray makes another one of it
        if seen:
            pytest.fail(seen[0])
        raise
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def check_signed_off(folder):
    assert [path.name for path in (folder / ".segpaint").iterdir() if not path.name.startswith(".")] == []


# ---- a cluster of one machine, that thinks it has eight cores


@pytest.fixture(scope="module")
def cluster():
    """Ray on this machine, joined; nothing of it stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_AUTH_MODE", "disabled")
        patch.setenv("RAY_memory_monitor_refresh_ms", "0")  # a full machine is no failure
        yield from joined()


def joined():
    import ray

    before = set(psutil.Process().children(recursive=True))
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as folder:  # short, for sockets
        try:
            ray.init(
                "local", num_cpus=8, include_dashboard=False, object_store_memory=on_ray.STORE,
                log_to_driver=False, logging_level="ERROR", _temp_dir=folder,
            )  # fmt: skip
            ray.cloudpickle.register_pickle_by_value(sys.modules[__name__])
            yield ray
        finally:
            ray.shutdown()
            begun = set(psutil.Process().children(recursive=True)) - before
            for process in psutil.wait_procs(begun, timeout=10)[1]:
                process.kill()


class Beside(on_ray.RayMaker):
    """Writes nothing before another is there; the first to write four hangs in the fourth, after the mask."""

    waits_for_the_disk = True

    def make(self, folder, asking):
        if not self.waits_for_the_disk:
            os.fsync = lambda _file: None
        write, replace, written = PairedSet.write, Path.replace, []

        def beside_another(*words):
            while not written and len(list(folder.glob(".segpaint/maker-*"))) < 3:  # with the one that asks
                if folder.with_name("hangs").exists():
                    break
                time.sleep(0.01)
            written.append(1)
            write(*words)
            with folder.with_name(f"{os.getpid()}.made").open("a") as file:
                file.write(f"{words[1].name}\n")

        def hang(path, target):
            if len(written) == 4 and Path(target).parent.parent.name == "images":
                try:
                    with folder.with_name("hangs").open("x") as file:
                        file.write(f"{os.getpid()}\n")
                    time.sleep(1000)
                except FileExistsError:
                    pass
            return replace(path, target)

        PairedSet.write, Path.replace = beside_another, hang
        return super().make(folder, asking)


def test_one_of_two_makers_is_killed_and_the_set_is_as_if_made_alone(
    cluster, write, tiny_checkpoint, tmp_path, monkeypatch, long
):
    specification, folder, hangs = write(500 if long else 10), tmp_path / "out", tmp_path / "hangs"
    words = {"checkpoints": [tiny_checkpoint], "device": "cpu"}
    alone = tmp_path / "alone"
    if long:  # 2,000 pairs wait for the disk 6,000 times, which took 40 % of the time
        monkeypatch.setattr(os, "fsync", lambda _file: None)
        monkeypatch.setattr(Beside, "waits_for_the_disk", False)
    segpaint.make_paired_set(specification, alone, **words)
    monkeypatch.setattr(on_ray, "RayMaker", Beside)
    told, killed, is_over = [], [], threading.Event()

    def kill():  # for as long as the set is being made, on however slow a machine
        while not is_over.wait(0.02):
            hung = hangs.read_text() if hangs.exists() else ""
            if hung.endswith("\n") and len(noted(folder)) > 3:  # the other one works, too
                killed.append(int(hung))
                os.kill(killed[0], signal.SIGKILL)
                return

    def see():
        makers = len(list(folder.glob(".segpaint/maker-*")))  # with the one that asks
        hung = hangs.read_text().strip() if hangs.exists() else "none"
        return f"{makers} makers, {hung} hung, {killed or 'none'} killed, {len(noted(folder))} pairs made"

    killing = threading.Thread(target=kill, daemon=True)
    with given_up_after(7200 if long else 900, see):
        killing.start()
        try:
            segpaint.make_paired_set(
                specification, folder, ray="auto", progress=lambda *words: told.append(words), **words
            )
        finally:
            is_over.set()
            killing.join()
    assert killed, f"The set was made without a maker that hung in its fourth pair: {see()}."
    assert files(folder) == files(alone)
    made = [path.read_text().splitlines() for path in tmp_path.glob("*.made")]
    assert 3 in map(len, made)  # by the killed one, whose fourth was as good as written
    names = [name for each in made for name in each]
    assert len(set(names)) == len(names)  # none was made twice
    assert sum(finished for _, finished in told) == len(names) + 1
    check_signed_off(folder)
    assert cluster.is_initialized()  # whoever joined it leaves it
    told.clear()
    segpaint.make_paired_set(
        folder / "specification.json", folder, ray="auto", progress=lambda *words: told.append(words), **words
    )
    assert sum(finished for _, finished in told) == 0


class Lost(on_ray.RayMaker):
    """Ends as if its machine had no memory left."""

    def precision(self):
        os._exit(1)


class Failing(on_ray.RayMaker):
    """Finds another folder than the one that asks has."""

    def precision(self):
        return "float32"

    def make(self, folder, asking):
        return super().make(folder / "another", asking)

    def _check_shared(self, folder, asking):
        raise SegPaintError(f"{folder} is not shared.")


@pytest.mark.parametrize(
    ("kind", "problem"),
    [(Lost, r"6 makers were lost one after the other"), (Failing, r"On .*: .*another is not shared\.")],
)
def test_makers_that_cannot_go_on_end_the_set_with_a_sentence(
    cluster, write, tiny_checkpoint, tmp_path, monkeypatch, kind, problem
):
    monkeypatch.setattr(on_ray, "RayMaker", kind)
    with pytest.raises(SegPaintError, match=problem):
        segpaint.make_paired_set(write(1), tmp_path / "out", checkpoints=[tiny_checkpoint], ray="auto")


def test_ctrl_c_ends_ray_and_all_makers_and_the_same_command_goes_on(write, tiny_checkpoint, tmp_path):
    specification, folder = write(2000), tmp_path / "out"
    command = [
        sys.executable, "-c", SEGPAINT, "generate", "--set", specification, "--out", folder, "--ray", "local",
        "--device", "cpu", f"--checkpoint={tiny_checkpoint}",
    ]  # fmt: skip
    environment = {**os.environ, "RAY_memory_monitor_refresh_ms": "0"}
    begun = []
    with subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as asking:
        try:
            wait_until(lambda: len(noted(folder)) > 3 or asking.poll() is not None)
            begun = psutil.Process(asking.pid).children(recursive=True)
            os.killpg(asking.pid, signal.SIGINT)  # as a terminal does: to all
            told = " ".join(asking.communicate(timeout=120)[1].split())
        finally:
            if asking.poll() is None:
                begun = psutil.Process(asking.pid).children(recursive=True)
                asking.kill()
            left = psutil.wait_procs(begun, timeout=10)[1]
            for process in left:
                process.kill()
    assert left == []
    assert asking.returncode == 130
    made = len(set(noted(folder)))
    assert 3 < made < 8000
    assert f"Stopped: {made} of 8,000 pairs are in {folder}; the same command goes on." in told
    check_signed_off(folder)
    assert len((folder / "manifest.csv").read_text().splitlines()) == made + 1


# ---- without a cluster


def node(name, alive=True, **resources):
    return {"NodeID": name, "Alive": alive, "Resources": {"memory": 1e9, **resources}}


@pytest.mark.parametrize(
    ("nodes", "device", "rooms"),
    [
        ([node("a", CPU=2.0)], "auto", [("a", 1, 2, 0)]),
        ([node("a", CPU=9.0), node("b", CPU=1.0)], "auto", [("a", 2, 4, 0), ("b", 1, 1, 0)]),
        ([node("head"), node("lost", alive=False, CPU=4.0), node("a", CPU=4.0)], "auto", [("a", 1, 4, 0)]),
        ([node("a", CPU=64.0, GPU=8.0), node("b", CPU=16.0)], "auto", [("a", 8, 4, 1)]),
        ([node("a", CPU=2.0, GPU=4.0)], "cuda", [("a", 4, 0, 1)]),
        ([node("a", CPU=8.0, GPU=1.0)], "cpu", [("a", 2, 4, 0)]),
        ([], "auto", []),
    ],
)
def test_a_cluster_has_a_maker_for_each_gpu_or_for_every_four_cores(nodes, device, rooms):
    assert find_rooms(nodes, device) == [Room(*room) for room in rooms]


def test_a_folder_that_another_machine_does_not_share_is_refused(write, tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(on_ray, "SEEN", 0.0)
    asking = on_ray.Maker(token="far", machine="elsewhere pid:[1]", process=1)  # noqa: S106
    problem = on_ray.RayMaker("cpu", [tiny_checkpoint]).make(tmp_path / "out", asking)
    assert "is not the folder that elsewhere has under this name; give one on a disk that all" in problem
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--ray", "nonsense"], "--ray nonsense: give auto, local, or host and port, as in 10.0.0.1:6379."),
        (["--ray", "127.0.0.1:1"], "nothing answers there"),
        (["--ray", "local", "--shard", "1/2"], "--ray shares the whole set out by itself; leave --shard out."),
    ],
)
def test_a_cluster_that_cannot_make_a_set_gets_a_sentence(
    write, tmp_path, capfd, monkeypatch, options, problem
):
    monkeypatch.setattr("ray.is_initialized", lambda: False)  # whatever other tests have joined
    assert main(["generate", "--set", str(write(1)), "--out", str(tmp_path / "out"), *options]) == 2
    assert problem in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_ray_belongs_to_a_set_and_may_not_be_installed(write, mask_file, tmp_path, capfd, monkeypatch):
    assert main(["generate", str(mask_file), "--ray", "auto", "--out", str(tmp_path)]) == 2
    assert "--ray belongs to --set" in capfd.readouterr().err
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(SegPaintError, match=r"install segpaint\[ray\]"):
        segpaint.make_paired_set(write(1), tmp_path / "out", ray="auto")
