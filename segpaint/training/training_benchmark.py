"""`segpaint bench train`: how much faster this project's training loop is than a plain one, and why."""

import copy
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from rich.table import Table
from torch.nn import functional

from segpaint.core.diffusion.device import autocast, faster_precision, training_layout
from segpaint.core.diffusion.network import Network
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.requests.request import Precision
from segpaint.core.terminal import Terminal
from segpaint.io.image_files import open_image
from segpaint.training.augmentation import augment
from segpaint.training.dataset import DataSet, Pairs, read_data_set
from segpaint.training.objective import encode_batch
from segpaint.training.pairing import find_pairs
from segpaint.training.settings import TrainingSettings
from segpaint.training.trainer import Trainer

DRAWN = 64
"""Slices drawn if no data is given."""


class PlainLoop:
    """A typical training loop: decode, add noise, squared error, AdamW.

    Parameters
    ----------
    network : Network
        A copy of it is trained.
    trainer : Trainer
        Provides data, encoder, scheduler, batch size and device.
    decode : bool
        Whether to decode each PNG anew in each step, instead of keeping the images in memory.
    precision : {"float32", "bfloat16"}
    """

    def __init__(
        self,
        network: Network,
        trainer: Trainer,
        *,
        decode: bool = False,
        layout: torch.memory_format = torch.contiguous_format,
        precision: Precision = "float32",
    ) -> None:
        # Rebuilt around the U-Net, since the trainer's own network carries the trainer's precision.
        self._network = Network(copy.deepcopy(network.unet), network.space_to_depth)
        self._network.to(memory_format=layout)  # type: ignore[call-overload]
        self._trainer = trainer
        self._decode = decode
        self._files = [pair for pair in find_pairs(trainer.data.folder) if pair.split == "train"]
        self._precision = precision
        self._optimizer = torch.optim.AdamW(self._network.parameters(), lr=1e-4)
        self._rng = np.random.default_rng(0)

    def step(self) -> None:
        """Train on one batch."""
        trainer, network = self._trainer, self._network
        pairs, device = trainer.data.train, network.device
        rows = self._rng.choice(len(pairs), trainer.settings.batch_size)
        pixels, masks = self._read(rows) if self._decode else (pairs.images[rows], pairs.masks[rows])
        images = (torch.from_numpy(pixels).float() / 127.5 - 1).to(device)
        conditioning = encode_batch(trainer.encoder, masks, pairs.annotated[rows]).to(device)
        noise = torch.randn_like(images)
        timesteps = torch.randint(
            0, trainer.scheduler.config.num_train_timesteps, (len(images),), device=device
        )
        noisy = trainer.scheduler.add_noise(images, noise, timesteps)
        with autocast(device, self._precision):
            output = network(noisy, timesteps, conditioning)
        loss = functional.mse_loss(output.float(), noise)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self._optimizer.step()
        self._optimizer.zero_grad()
        float(loss.detach())  # waits for the device, as printing the loss does

    def _read(self, rows: NDArray[np.int64]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        files = [self._files[row] for row in rows]
        images = [np.atleast_3d(_pixels(pair.image)) for pair in files]
        masks = [_pixels(pair.mask) for pair in files]
        return np.ascontiguousarray(np.moveaxis(np.stack(images), -1, 1)), np.stack(masks)


def bench_training(folder: Path | None, rounds: int, settings: TrainingSettings) -> float:
    """Measure the loops and print a table.

    The loops take turns, a step each, so that a busy machine slows all of them alike.

    Parameters
    ----------
    folder : Path, optional
        A data set; without it, slices are drawn.
    rounds : int
        Counted steps of each loop, after one that is not counted.

    Returns
    -------
    float
        The speed relative to the plain loop's, the median over the rounds.
    """
    with tempfile.TemporaryDirectory() as drawn:
        data = read_data_set(folder) if folder is not None else _draw(Path(drawn))
        trainer = Trainer(data, settings)
        network = trainer.accelerator.unwrap_model(trainer.network)
        precision = faster_precision(network.device)
        layout = training_layout(network.device)
        plain: dict[str, PlainLoop] = {
            "plain: float32, each PNG decoded anew": PlainLoop(network, trainer, decode=True),
            "images kept in memory": PlainLoop(network, trainer),
            f"and {precision}": PlainLoop(network, trainer, precision=precision),
        }
        if layout == torch.channels_last:
            plain["and channels innermost"] = PlainLoop(network, trainer, precision=precision, layout=layout)
        loops: dict[str, Callable[[], object]] = {name: loop.step for name, loop in plain.items()}
        loops["segpaint train: all that, ablation, augmentation, averaging"] = trainer.train_step
        seconds: dict[str, list[float]] = {name: [] for name in loops}
        for turn in range(rounds + 1):
            for name, step in loops.items():
                begun = time.perf_counter()
                step()
                if turn:
                    seconds[name].append(time.perf_counter() - begun)
        parts = _parts(trainer)
    return _print(seconds, parts, settings.batch_size)


def _parts(trainer: Trainer) -> dict[str, float]:
    """Measure the seconds of a step's parts outside of the network."""
    pairs, settings = trainer.data.train, trainer.settings
    rng = np.random.default_rng(0)
    rows = rng.choice(len(pairs), settings.batch_size)
    images, masks = (
        torch.from_numpy(pairs.images[rows]).float() / 127.5 - 1,
        torch.from_numpy(pairs.masks[rows]),
    )
    parameters = trainer.network.parameters
    parts: dict[str, Callable[[], object]] = {
        "augmentation": lambda: augment(images, masks, settings.augmentation, rng),
        "encoding the masks": lambda: encode_batch(trainer.encoder, pairs.masks[rows], pairs.annotated[rows]),
        "averaging the weights": lambda: trainer.ema.step(parameters()),
    }
    seconds = {}
    for name, part in parts.items():
        times = []
        for _ in range(5):
            begun = time.perf_counter()
            part()
            times.append(time.perf_counter() - begun)
        seconds[name] = statistics.median(times)
    return seconds


def _print(seconds: dict[str, list[float]], parts: dict[str, float], batch_size: int) -> float:
    console = Terminal(stderr=False)
    first = next(iter(seconds.values()))
    table = Table("training loop", "s/step", "images/s", "times faster", title=f"Batches of {batch_size}")
    ratio = 1.0
    for name, times in seconds.items():
        middle = statistics.median(times)
        ratio = statistics.median(before / now for before, now in zip(first, times, strict=True))
        table.add_row(name, f"{middle:.3f}", f"{batch_size / middle:.1f}", f"{ratio:.2f}")
    console.print(table)
    whole = statistics.median(list(seconds.values())[-1])
    for name, part in parts.items():
        console.print(f"{name}: {1000 * part:.0f} ms, {100 * part / whole:.1f} % of a step", highlight=False)
    console.print("The rest is the network, forward and back, and its optimizer.")
    return ratio


def _draw(folder: Path) -> DataSet:
    """Draw smooth random slices with one label, as PNG files and in memory."""
    table = LabelTable((Label(index=1, name="bright", color="#ffffff"),))
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.standard_normal((DRAWN, 1, 8, 8), np.float32))
    fields = functional.interpolate(coarse, (128, 128), mode="bicubic", align_corners=False)
    images = ((fields.clamp(-2, 2) + 2) * 63.75).byte().numpy()
    masks = (images[:, 0] > 140).astype(np.uint8)
    names = [f"{number}.png" for number in range(DRAWN)]
    for place, arrays in (("images/train", images[:, 0]), ("masks/all/train", masks)):
        (folder / place).mkdir(parents=True)
        for name, array in zip(names, arrays, strict=True):
            Image.fromarray(array).save(folder / place / name)
    pairs = Pairs(names, images, masks, np.ones((DRAWN, 1), np.bool_), np.zeros((DRAWN, 0), np.int64))
    none = Pairs([], images[:0], masks[:0], pairs.annotated[:0], pairs.attributes[:0])
    return DataSet(folder, "drawn", table, pairs, none)


def _pixels(path: Path) -> NDArray[np.uint8]:
    return np.array(open_image(path))
