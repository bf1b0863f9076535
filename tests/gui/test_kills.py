"""Killed at any moment, the program has lost at most the last second, mixed nothing, and left nothing over."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from busy import begin_training, number_of
from PIL import Image

from segpaint.core.diffusion.network_files import load_network
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.io.history_files import HistoryFolder, read_pixels
from segpaint.io.results import read_request, reference_beside, write_result
from segpaint.paired.specification import read_specification
from segpaint.paired.store import PairedSet
from segpaint.studio.studio import Studio

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
KILLS = 34
"""Of each of the six kinds with `--long`; one without."""
BLINK = 1.0
"""Seconds of painting that may be lost."""


def kill(what, folder, checkpoint, data, delay):
    """Let a process work, and kill it; the number that it had reached a second earlier."""
    script = Path(__file__).parent / "busy.py"
    words = [sys.executable, script, what, folder, checkpoint, data]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        lines = [process.stdout.readline()]
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        killed = time.monotonic()
        lines += process.stdout.read().splitlines()
    turns = [line.split() for line in lines if len(line.split()) == 2]
    assert turns, "it ended before it was killed"
    return max((int(number) for number, when in turns if float(when) < killed - BLINK), default=0)


def leftovers(folder):
    return [path.name for path in folder.rglob(".*") if "segpaint-" in path.name]


def check_paint(folder, checkpoint, data, reached):
    studio = Studio(read_checkpoint(checkpoint), folder, "cpu")
    try:
        assert not studio.workplace.is_second
        assert number_of(studio.document.mask.values) >= reached
        assert studio.autosave.take_waiting() == []
    finally:
        studio.close()


def check_generate(folder, checkpoint, data, reached):
    studio = Studio(read_checkpoint(checkpoint), folder, "cpu")
    try:
        requests = [read_request(path) for path in studio.history.folder.open()]
        made = [request.seed for request in requests]
        assert made == [number_of(request.mask) for request in requests] == sorted(set(made))
        assert max(made, default=0) >= reached
        assert number_of(studio.document.mask.values) >= reached
        for path in studio.history.folder.open():
            assert read_pixels(path).shape == (32, 32)
    finally:
        studio.close()


def check_save(folder, checkpoint, data, reached):
    request = read_request(folder / "a.png")  # a reader finishes what was interrupted
    assert request.seed == read_request(folder / "a.json").seed == number_of(request.mask) >= reached
    with Image.open(folder / "a_mask.png") as mask:
        np.testing.assert_array_equal(np.asarray(mask), request.mask)
    write_result(folder / "b.png", read_pixels(folder / "a.png"), request, read_checkpoint(checkpoint).table)


def check_star(folder, checkpoint, data, reached):
    history = HistoryFolder(folder)
    deleted = list((folder / "deleted").glob("*.png"))
    paths = history.open()
    assert len(paths) + len(deleted) >= reached
    for path in paths:
        assert read_request(path).origin.image.shape == read_pixels(path).shape
    assert {path.name for path in paths} == {path.name for path in reference_beside(paths[0]).parent.iterdir()}
    stars = json.loads((folder / "stars.json").read_text())
    assert [history.is_starred(path) for path in paths] == [path.name in stars for path in paths]
    assert not any((folder / "deleted").rglob("*.png"))


def check_train(folder, checkpoint, data, reached):
    trainer = begin_training(data)
    trainer.resume(folder)
    assert trainer.progress.step >= reached
    with (folder / "training" / "loss.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["step"]) for row in rows] == list(range(1, trainer.progress.step + 1))
    if (folder / "segpaint.json").exists():
        made = read_checkpoint(folder)
        load_network(made, trainer.accelerator.device)
        assert made.description.training["steps"] in (trainer.progress.step - 1, trainer.progress.step)
        assert f"steps: {made.description.training['steps']}\n" in made.card
    trainer.save(folder)
    from segpaint.training.export import export

    export(trainer, folder)


def check_make_set(folder, checkpoint, data, _reached):
    specification = read_specification(folder / "specification.json")
    with closing(PairedSet(folder, specification, "float32", checkpoints=[checkpoint])) as made:
        whole = len(made.pairs) - len(made.missing)
        images = list((folder / "images").rglob("*.png"))
        masks = list((folder / "masks").rglob("*.png"))
        assert len(images) == len(masks) == whole
        made.sum_up()
    rows = (folder / "manifest.csv").read_text().splitlines()
    assert len(rows) == whole + 1


CHECKS = {
    "paint": check_paint,
    "generate": check_generate,
    "save": check_save,
    "star": check_star,
    "train": check_train,
    "make_set": check_make_set,
}


@pytest.mark.parametrize("what", CHECKS)
def test_a_kill_at_any_moment_loses_no_more_than_the_last_second(
    what, dressed, tiny_checkpoint, tiny_data, tmp_path, long, request
):
    chance = random.Random(f"{what} {request.config.getoption('--seed')}")
    for number in range(KILLS if long else 1):
        # Several kills hit the same files; but a training begins anew each time.
        folder = tmp_path / f"{what}{number if what == 'train' else number // 8}"
        folder.mkdir(exist_ok=True)
        reached = kill(what, folder, tiny_checkpoint, tiny_data, chance.uniform(0, 2.5))
        CHECKS[what](folder, tiny_checkpoint, tiny_data, reached)
        assert leftovers(folder) == []
