"""`segpaint bench set`: what a large paired set costs to plan, and how fast a set of tiny images is made."""

from __future__ import annotations

import json
import tempfile
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import Label
from segpaint.core.requests.checkpoint import Description, read_checkpoint
from segpaint.core.terminal import Terminal
from segpaint.io.image_files import encode_mask
from segpaint.io.masks import read_mask
from segpaint.paired.plan_cost import PlanCost, measure_plan
from segpaint.paired.specification import Seeds, Specification
from segpaint.paths import example_masks

SEEDS = 100
"""Images of each mask in the plan."""
LIMIT = 5.0
"""Seconds of the processor from opening a set to its first pair, at most: the clock measures the disk, too."""
TINY = 32
"""Height and width of the images that are made."""


@dataclass(frozen=True)
class MakingCost:
    """How fast a set of tiny images is made.

    Attributes
    ----------
    images : int
    alone, together : float
        Images a second, made one at a time, and in batches where these change no bit.
    times_faster : float
        The latter against the former.
    network : float
        Images a second that the network alone makes in batches, with nothing written.
    batch : int
        Images in a batch; 1 where no batch is faster without changing a bit.
    reopening : float
        Seconds to open the finished set again, and to find that nothing is missing.
    """

    images: int
    alone: float
    together: float
    times_faster: float
    network: float
    batch: int
    reopening: float


def bench_sets(folder: Path, pairs: int, images: int, file: Path | None, device: str = "auto") -> bool:
    """Measure, and print two tables.

    Parameters
    ----------
    folder : Path
        The checkpoint whose size and labels the plan has; its example masks are moved to make others.
    pairs : int
        Pairs of the plan, `SEEDS` of each mask.
    images : int
        Images that are made.
    file : Path, optional
        Gets the figures as JSON.
    device : str
        See `segpaint.core.diffusion.device.pick_device`.

    Returns
    -------
    bool
        Whether the first pair comes within `LIMIT`.

    Raises
    ------
    SegPaintError
        If the checkpoint cannot be read, or has no labels and masks.
    """
    with tempfile.TemporaryDirectory(prefix="segpaint-bench-") as name:
        planned = _plan(folder, pairs, Path(name))  # first: a process inherits the most memory of its parent
        made = _make(images, Path(name), device)
    if file is not None:
        content = {"plan": asdict(planned), "making": asdict(made)}
        write_atomically(file, json.dumps(content, indent=2).encode())
    _print(folder.resolve().name, planned, made)
    return planned.processor <= LIMIT


def _plan(folder: Path, pairs: int, place: Path) -> PlanCost:
    checkpoint = read_checkpoint(folder)
    size, table = checkpoint.description.size, checkpoint.table
    known = [read_mask(path, table, size) for path in example_masks(folder)]
    first = known[0] if known else _drawn(size, table.indices)
    masks = place / "masks"
    masks.mkdir()
    seeds = min(SEEDS, pairs)
    for number in range(max(pairs // seeds, 1)):
        moved = np.roll(first, divmod(number, size), axis=(0, 1))
        (masks / f"moved-{number}.png").write_bytes(encode_mask(moved, table))
    asked = Specification(checkpoints=(str(folder.resolve()),), masks=(masks,), seeds=Seeds(count=seeds))
    path = place / "plan.json"
    path.write_text(asked.model_dump_json(), encoding="utf-8")
    return measure_plan(path, place / "planned", [folder])


def _drawn(size: int, indices: tuple[int, ...]) -> NDArray[np.uint8]:
    """Draw a disc for each label, each inside the one before."""
    rows, columns = np.mgrid[:size, :size]
    mask = np.zeros((size, size), np.uint8)
    for number, index in enumerate(indices):
        radius = size * 0.45 * (1 - number / (len(indices) + 1))
        mask[(rows - size / 2) ** 2 + (columns - size / 2) ** 2 < radius**2] = index
    return mask


def _make(images: int, place: Path, device: str) -> MakingCost:
    # Here, so that the process that plans is begun by a small one.
    from segpaint.core.diffusion.device import faster_precision, pick_device
    from segpaint.core.diffusion.engine import Engine
    from segpaint.paired.making import produce
    from segpaint.paired.store import PairedSet

    folder, precision = _tiny_checkpoint(place / "tiny"), faster_precision(pick_device(device))
    checkpoint = read_checkpoint(folder)
    mask = place / "mask.png"
    mask.write_bytes(encode_mask(_drawn(TINY, checkpoint.table.indices), checkpoint.table))
    seeds = Seeds(count=images)
    asked = Specification(checkpoints=(str(folder),), masks=(mask,), seeds=seeds, steps=4)

    def timed(out: Path, chunk: int) -> float:
        with closing(PairedSet(out, asked, precision, checkpoints=[folder])) as made:
            begun = time.perf_counter()
            produce(made, device, lambda _name, _finished: None, chunk)
            return images / (time.perf_counter() - begun)

    timed(place / "warm", 8)  # chooses kernels, and loads libraries
    alone, together = timed(place / "alone", 1), timed(place / "together", 64)
    begun = time.perf_counter()
    with closing(PairedSet(place / "together", asked, precision, checkpoints=[folder])) as made:
        reopening = time.perf_counter() - begun
        requests = [pair.request for pair in made.pairs]
    engine = Engine(checkpoint, pick_device(device))
    batch = engine.count_together(requests)
    begun = time.perf_counter()
    for _ in engine.make_all(requests):
        pass
    network = images / (time.perf_counter() - begun)
    return MakingCost(images, alone, together, together / alone, network, batch, reopening)


def _tiny_checkpoint(folder: Path) -> Path:
    """Write a checkpoint with an untrained network."""
    import torch

    from segpaint.core.diffusion.network import build_network
    from segpaint.core.diffusion.network_files import write_checkpoint

    labels = (
        Label(index=1, name="body", color="#cc8844"),
        Label(index=2, name="heart", color="#dd3333", parent=1),
    )
    description = Description(name="Tiny", modality="MR", size=TINY, labels=labels, space_to_depth=2, steps=4)
    torch.manual_seed(0)
    network = build_network(
        size=TINY, channels=1, conditioning_channels=len(labels), space_to_depth=2, widths=(32, 32),
        attention_head_dim=8,
    )  # fmt: skip
    config = {"_class_name": "DDPMScheduler", "prediction_type": "v_prediction"}
    write_checkpoint(folder, description, network, config, "# Tiny\n\nAn untrained network to measure with.\n")
    return folder


def _print(name: str, planned: PlanCost, made: MakingCost) -> None:
    console = Terminal(stderr=False)
    table = Table("", "", title=f"A plan of {planned.pairs:,} pairs, {planned.masks:,} masks: {name}")
    if planned.memory is not None and planned.memory_before is not None:
        table.add_row("memory in all, without torch", f"{planned.memory:.0f} MiB")
        table.add_row("of that, for the set", f"{planned.memory - planned.memory_before:.0f} MiB")
    table.add_row("opening the folder, with its masks", f"{planned.opening:.2f} s")
    table.add_row("from there to the first pair", f"{planned.first:.3f} s")
    table.add_row(f"of both, by the processor (at most {LIMIT:g} s)", f"{planned.processor:.2f} s")
    table.add_row("all pairs by name", f"{planned.names:.2f} s")
    table.add_row("all pairs with their requests", f"{planned.walk:.2f} s")
    table.add_row("times faster than a request for each", f"{planned.times_faster:.1f}")
    console.print(table)
    table = Table("", "", title=f"A set of {made.images:,} images of {TINY} x {TINY}, by a tiny network")
    table.add_row("one at a time", f"{made.alone:.1f} images/s")
    table.add_row(f"in batches of {made.batch}", f"{made.together:.1f} images/s")
    table.add_row("times faster", f"{made.times_faster:.2f}")
    table.add_row("the network alone, nothing written", f"{made.network:.1f} images/s")
    table.add_row("opening the finished set again", f"{made.reopening:.2f} s")
    console.print(table)
