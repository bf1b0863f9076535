"""Does one thing over and over until it is killed, and prints the number and the time of each turn.

`python busy.py WHAT FOLDER CHECKPOINT DATA`, see `test_kills.py`.
"""

import itertools
import sys
import time
from pathlib import Path

import numpy as np

from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.io.results import read_request

BITS = 16


def numbered(number):
    """A mask that holds a number in the pixels of its first row."""
    mask = np.zeros((32, 32), np.uint8)
    mask[8:20, 8:20] = 2
    mask[0, :BITS] = [number >> bit & 1 for bit in range(BITS)]
    return mask


def number_of(mask):
    return sum(int(pixel) << bit for bit, pixel in enumerate(mask[0, :BITS]))


def report(number):
    print(number, time.monotonic(), flush=True)  # noqa: T201 - for the test


def paint(folder, checkpoint, _data):
    from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

    from segpaint.studio.studio import Studio

    app = QCoreApplication([])
    studio = Studio(read_checkpoint(checkpoint), folder, "cpu")
    first = number_of(studio.document.mask.values) + 1
    for number in itertools.count(first):
        studio.document.strokes.replace(numbered(number), "Brush")
        report(number)
        wait = QEventLoop()
        QTimer.singleShot(15, wait.quit)
        wait.exec()
    app.quit()


def generate(folder, checkpoint, _data):
    from dataclasses import replace

    from PySide6.QtCore import QCoreApplication

    from segpaint.studio.studio import Studio

    app = QCoreApplication([])
    studio = Studio(read_checkpoint(checkpoint), folder, "cpu")
    studio.start()
    numbers = itertools.count(number_of(studio.document.mask.values) + 1)

    def begin():
        number = next(numbers)
        studio.document.strokes.replace(numbered(number), "Brush")
        studio.document.change_settings(replace(studio.document.settings, seed=number, steps=2))
        studio.runs.generate()

    def on_added(path):
        report(read_request(path).seed)
        begin()

    studio.history.added.connect(on_added)
    begin()
    app.exec()


def save(folder, checkpoint, _data):
    from segpaint.api import open_checkpoint

    opened = open_checkpoint(checkpoint, "cpu")
    for number in itertools.count(1):
        opened.generate(numbered(number), seed=number, steps=1).save(folder / "a.png")
        report(number)


def star(folder, checkpoint, _data):
    from segpaint.api import open_checkpoint
    from segpaint.core.requests.origins import Similarity
    from segpaint.io.history_files import HistoryFolder

    opened, history = open_checkpoint(checkpoint, "cpu"), HistoryFolder(folder)
    image = np.full((32, 32), 9, np.uint8)
    origin = Similarity(image=image, share=0.5, step=0)
    for number in itertools.count(1):
        path = history.add(image, opened.request(numbered(number), seed=number, origin=origin))
        history.star([path], on=True)
        history.delete([path])
        history.take_back([path])
        history.star([path], on=number % 2 == 1)
        report(number)


def begin_training(data):
    from segpaint.training.dataset import read_data_set
    from segpaint.training.settings import TrainingSettings
    from segpaint.training.trainer import Trainer

    settings = TrainingSettings(
        name="tiny", widths=(32, 32), attention_head_dim=8, batch_size=2, warmup_steps=1, steps=2
    )
    return Trainer(read_data_set(data), settings)


def train(folder, _checkpoint, data):
    from segpaint.training.export import export

    trainer = begin_training(data)
    for number in itertools.count(1):
        trainer.progress.losses.append((number, trainer.train_step(), 0.0))
        trainer.save(folder)
        export(trainer, folder)
        report(number)


def make_set(folder, checkpoint, _data):
    from segpaint.api import make_paired_set
    from segpaint.io.image_files import encode_mask

    mask = folder.with_suffix(".png")
    mask.write_bytes(encode_mask(numbered(3), read_checkpoint(checkpoint).table))
    specification = {
        "checkpoints": [str(checkpoint)], "masks": [str(mask)], "steps": 1, "seeds": {"count": 400},
    }  # fmt: skip
    make_paired_set(specification, folder, device="cpu", progress=lambda _name, finished: report(finished))


if __name__ == "__main__":
    what, *places = sys.argv[1:]
    globals()[what](*map(Path, places))
