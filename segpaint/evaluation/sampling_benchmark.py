"""`segpaint bench sample`: how long images take here, against a plain loop over the same weights."""

from __future__ import annotations

import copy
import json
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from rich.table import Table
from scipy import ndimage

from segpaint.core.diffusion.device import faster_precision, pick_device
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.sampler import sample
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.masks.mask import Mask
from segpaint.core.masks.paint import brush, brush_rule
from segpaint.core.requests.checkpoint import Checkpoint, has_segmenter, read_checkpoint
from segpaint.core.requests.compiled_files import is_compiled
from segpaint.core.requests.origins import MARGIN, Counterfactual
from segpaint.core.requests.request import Precision, Request
from segpaint.core.requests.sampling import FEW_STEPS, LONG_THEN_SHORT
from segpaint.core.runs.draft_pace import FEWEST, FEWEST_LONG
from segpaint.core.runs.mailbox import Mailbox
from segpaint.core.runs.messages import Load, StartRun
from segpaint.core.runs.player import Player
from segpaint.core.terminal import Terminal
from segpaint.core.words import percentage
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks

PLAIN, PLAIN_STEPS = "plain: DDIM, float32, no guidance", 50
"""The yardstick: one call of the network a step, as the published pipeline samples."""
COMPILED = ", compiled"
"""What follows the name of a checkpoint whose networks OpenVINO runs."""
MASKS = 3
"""Example masks of a checkpoint, at most."""
BATCH = 8
"""Images that are asked for together, as in a paired set."""

Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Measured:
    """What one way of making an image costs, and how far its images show their masks.

    Attributes
    ----------
    seconds : float
        For one image, the median.
    times_faster : float
        Than the plain loop under the same mask in the same round, the median.
    steps : float
        Denoising steps that were taken, the mean.
    dice : float or None
        Mean Dice of all labels by the checkpoint's segmenter; None without one.
    kept : float or None
        Share of pixels beyond the margin of an edit that equal those of the image before; None without an edit.
    """

    seconds: float
    times_faster: float
    steps: float
    dice: float | None = None
    kept: float | None = None


@dataclass(frozen=True)
class _Run:
    way: str
    seconds: float
    steps: int
    dice: float | None
    kept: float | None = None


def bench_sampling(folders: Iterable[Path], rounds: int, file: Path | None, device: str = "auto") -> None:
    """Measure checkpoints one after the other, and print a table of each; of a compiled one, two.

    The ways of making an image take turns, so that a busy machine slows all of them alike.

    Parameters
    ----------
    folders : iterable of Path
        Checkpoints with example masks.
    rounds : int
        Counted turns, after one that is not counted.
    file : Path, optional
        Gets the figures as JSON.
    device : str
        See `pick_device`.

    Raises
    ------
    SegPaintError
        If a checkpoint has no example masks.
    """
    figures = {}
    for folder in folders:
        checkpoint, place = read_checkpoint(folder), pick_device(device)
        for compiled in (False, True) if place.type == "cpu" and is_compiled(checkpoint) else (False,):
            ways = measure_checkpoint(checkpoint, rounds, device, compiled=compiled)
            note = COMPILED if compiled else ""
            _print(checkpoint.description.name + note, ways)
            figures[folder.name + note] = {way: asdict(measured) for way, measured in ways.items()}
    if file is not None:
        write_atomically(file, json.dumps(figures, indent=2).encode())


def measure_checkpoint(
    checkpoint: Checkpoint, rounds: int, device: str = "auto", *, compiled: bool = False
) -> dict[str, Measured]:
    """Measure every way of making an image with a checkpoint; see `bench_sampling`.

    Parameters
    ----------
    compiled : bool
        Whether its networks are run as they were compiled; the yardstick never is.
    """
    paths = example_masks(checkpoint.folder)[:MASKS]
    if not paths:
        raise SegPaintError(
            f"{checkpoint.folder} has no example masks to measure with; add some to its folder."
        )
    masks = [read_mask(path, checkpoint.table, checkpoint.description.size) for path in paths]
    place = pick_device(device)
    bench = _Bench(Engine(checkpoint, place), faster_precision(place, compiled=compiled))
    runs: list[list[_Run]] = []
    for turn in range(rounds + 1):
        for mask in masks:
            done = bench.turn(mask)
            if turn:
                runs.append(done)
    return {run.way: _summary([turn[place] for turn in runs], runs) for place, run in enumerate(runs[0])}


def _summary(same: Sequence[_Run], turns: Sequence[Sequence[_Run]]) -> Measured:
    plain = [turn[0].seconds for turn in turns]
    dice = [run.dice for run in same if run.dice is not None]
    kept = [run.kept for run in same if run.kept is not None]
    return Measured(
        statistics.median(run.seconds for run in same),
        statistics.median(before / run.seconds for before, run in zip(plain, same, strict=True)),
        statistics.fmean(run.steps for run in same),
        statistics.fmean(dice) if dice else None,
        min(kept) if kept else None,
    )


class _Bench:
    def __init__(self, engine: Engine, precision: Precision) -> None:
        self.engine = engine
        self.precision = precision
        self.plain = copy.deepcopy(engine.network).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        self.judges = has_segmenter(engine.checkpoint.folder)
        self._references = 0
        self._frames = Mailbox(lambda: None)
        self._player = Player(self._frames, lambda _answer: None, lambda _checkpoint: engine)
        self._player.ask(Load(engine.checkpoint))
        long = FEW_STEPS in engine.checkpoint.samplers
        self.hasty = (FEW_STEPS.name, FEWEST_LONG) if long else (None, FEWEST)
        self.long = [count for count in FEW_STEPS.counts if count > FEWEST_LONG] if long else []

    def turn(self, mask: Image) -> list[_Run]:
        """Make an image of a mask in every way, once each."""
        size = len(mask)
        finished = self._ask(mask)
        made, whole = self._timed("finished", finished, finished.steps)
        draft = self._ask(mask, *self.hasty)
        runs = [self._plain(mask), whole, self._shown(finished)]
        runs.append(self._timed("draft", draft, draft.steps)[1])
        for count in self.long:
            asked = self._ask(mask, FEW_STEPS.name, count)
            runs.append(self._timed(f"finished in {count} long steps", asked, count)[1])
        if self.long:
            asked = self._ask(mask, LONG_THEN_SHORT.name)
            runs.append(self._timed("finished in long, then short steps", asked, asked.steps)[1])
        for name, changed in (("a dab", _dab(mask)), ("a label grown", _grown(mask, size // 40))):
            for kind, like in (("edit", finished), ("edit, draft", draft)):
                steps = like.steps
                signed = {"sampler": like.sampler, "steps": steps, "few_steps": like.few_steps}
                revised = finished.revised(made, changed, quick=like is draft)
                request = revised.model_copy(update=signed)
                image, run = self._timed(f"{kind}: {name}", request, steps)
                runs.append(replace(run, kept=_kept(made, image, mask != changed)))
        return [*runs, *self._led_to_noise(made, mask), self._batch(mask)]

    def _led_to_noise(self, made: Image, mask: Image) -> list[_Run]:
        """Edit an image as one of a patient; the first edit finds its way to noise, the next one knows it."""
        reference, checkpoint = made.copy(), self.engine.checkpoint
        self._references += 1
        reference[0, 0] = self._references % 256  # another one, whose way to noise is not known yet
        origin = Counterfactual(
            image=reference, mask=mask, used=checkpoint.table.indices, way="partial-inversion"
        )
        runs = []
        for name, changed in (("first", _grown(mask, len(mask) // 40)), ("next", _dab(mask))):
            request = Request.ask(checkpoint, changed, self.precision, origin=origin)
            image, run = self._timed(f"edit from noise: the {name}", request, request.steps)
            runs.append(replace(run, kept=_kept(reference, image, mask != changed)))
        return runs

    def _ask(self, mask: Image, sampler: str | None = None, steps: int | None = None) -> Request:
        return Request.ask(self.engine.checkpoint, mask, self.precision, sampler=sampler, steps=steps)

    def _timed(self, way: str, request: Request, count: int) -> tuple[Image, _Run]:
        begun = time.perf_counter()
        steps = list(self.engine.run(request))
        image = to_pixels(steps[-1].sample)
        seconds = time.perf_counter() - begun
        shown = len(steps) < count  # the image that a revision begins with, before its first step
        return image, _Run(way, seconds, len(steps) - shown, self._dice(image, request))

    def _shown(self, request: Request) -> _Run:
        """Make an image as the window does: each step becomes a frame."""
        begun, taken = time.perf_counter(), 0
        self._player.ask(StartRun(1, request, paused=False))
        while self._player.take_turn():
            taken += len(self._frames.take())
        return _Run("finished, every step shown", time.perf_counter() - begun, taken, None)

    def _plain(self, mask: Image) -> _Run:
        engine, asked = self.engine, self._ask(mask)
        begun = time.perf_counter()
        *_, last = sample(
            self.plain,
            build_scheduler(engine.networks.scheduler_config, "ddim", PLAIN_STEPS),
            engine.encoder(torch.tensor(mask).unsqueeze(0), engine.encoder.used(asked.used)),
            channels=engine.checkpoint.description.channels,
            seed=asked.seed,
        )
        image = to_pixels(last.sample)
        return _Run(PLAIN, time.perf_counter() - begun, PLAIN_STEPS, self._dice(image, asked))

    def _batch(self, mask: Image) -> _Run:
        asked = self._ask(mask)
        begun = time.perf_counter()
        made = list(self.engine.make_all(asked.model_copy(update={"seed": seed}) for seed in range(BATCH)))
        return _Run(f"finished, one of {BATCH}", (time.perf_counter() - begun) / len(made), asked.steps, None)

    def _dice(self, image: Image, request: Request) -> float | None:
        found = self.engine.judge(image, request).dice if self.judges else {}
        return statistics.fmean(found.values()) if found else None


def _kept(before: Image, after: Image, edited: NDArray[np.bool_]) -> float:
    far = ndimage.distance_transform_edt(~edited) > 2 * MARGIN
    return float((after == before)[far].mean()) if far.any() else 1.0


def _dab(mask: Image) -> Image:
    """Paint the innermost label of a mask over the top of its border."""
    label = int(mask.max())
    rows, columns = np.nonzero(mask == label)
    top = (int(rows[0]), int(columns[0]))
    changed = Mask(mask)
    changed.paint(brush(top, top, len(mask) // 12, changed.shape), brush_rule(label))
    return changed.snapshot()


def _grown(mask: Image, pixels: int) -> Image:
    """Grow the innermost label of a mask on all sides."""
    label = int(mask.max())
    changed = mask.copy()
    changed[ndimage.binary_dilation(mask == label, iterations=max(1, pixels))] = label
    return changed


def _print(name: str, ways: dict[str, Measured]) -> None:
    table = Table("image", "seconds", "times faster", "steps", "Dice", "kept", title=name)
    for way, measured in ways.items():
        table.add_row(
            way,
            f"{measured.seconds:.2f}",
            f"{measured.times_faster:.1f}",
            f"{measured.steps:.0f}",
            "" if measured.dice is None else f"{measured.dice:.2f}",
            "" if measured.kept is None else percentage(measured.kept),
        )
    Terminal(stderr=False).print(table)
