"""Pictures of a training run: sample grids and the loss curve."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin

from segpaint.core.diffusion.device import faster_precision
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.sampler import sample
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.files import encode_png, write_atomically
from segpaint.core.pictures.compare import in_color
from segpaint.core.requests.sampling import FEW_STEPS
from segpaint.training.objective import encode_batch
from segpaint.training.trainer import Trainer

COLUMNS = 6
MIXED = "PARTLY: real slices of patients lie beside images made by a diffusion model"


@dataclass(frozen=True)
class _Row:
    """A row of samples: how they are made, of which seed, and whether without a mask."""

    sampler: str
    steps: int
    seed: int
    is_blank: bool = False


def draw_samples(trainer: Trainer, path: Path) -> None:
    """Write a grid: real slices, their masks, two samples for each, and unconditional samples."""
    steps, seed = trainer.settings.steps, trainer.settings.seed
    masked = [_Row("dpm++", steps, each) for each in (seed, seed + 1)]
    _draw_grid(trainer, path, [*masked, _Row("dpm++", steps, seed, is_blank=True)])


def draw_few_steps(trainer: Trainer, path: Path) -> None:
    """Write a grid: real slices, their masks, and samples in each number of steps, the fewest first."""
    counts, seed = FEW_STEPS.counts, trainer.settings.seed
    _draw_grid(trainer, path, [_Row(FEW_STEPS.name, steps, seed) for steps in counts])


def _draw_grid(trainer: Trainer, path: Path, rows: Sequence[_Row]) -> None:
    pairs = trainer.data.val if len(trainer.data.val) else trainer.data.train
    known = pairs.labelled if len(pairs.labelled) else np.arange(len(pairs))
    chosen = known[np.linspace(0, len(known) - 1, min(COLUMNS, len(known))).round().astype(int)]
    masks, used = pairs.masks[chosen], pairs.annotated[chosen]
    real = [in_color(np.moveaxis(image, 0, -1).squeeze()) for image in pairs.images[chosen]]
    lines = [real, list(trainer.data.table.colors()[masks])]
    with trainer.averaged() as network:
        for row in rows:
            *_, last = sample(
                network,
                build_scheduler(trainer.scheduler.config, row.sampler, row.steps),
                encode_batch(trainer.encoder, masks, np.zeros_like(used) if row.is_blank else used),
                channels=pairs.images.shape[1],
                seed=row.seed,
                guidance=trainer.settings.guidance,
                precision=faster_precision(network.device),
            )
            lines.append([in_color(to_pixels(image[None])) for image in last.sample])
    write_atomically(path, encode_mixed(np.concatenate([np.concatenate(line, axis=1) for line in lines])))


def encode_mixed(pixels: NDArray[np.uint8]) -> bytes:
    """Encode a picture in which real slices lie beside generated ones as a PNG, which states so."""
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Synthetic", MIXED)
    return encode_png(Image.fromarray(np.ascontiguousarray(pixels)), pnginfo=notes)


def draw_losses(losses: list[tuple[int, float, float]], path: Path) -> None:
    """Write the loss curve, logarithmic, training and validation."""
    width, height, left, top, right, bottom = 768, 400, 70, 20, 20, 40
    picture = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(14)
    values = [value for _, *pair in losses for value in pair if value > 0]
    if values:
        last = max(step for step, _, _ in losses)
        low, high = math.log10(min(values)) - 0.02, math.log10(max(values)) + 0.02

        def place(step: int, value: float) -> tuple[float, float]:
            share = (math.log10(value) - low) / (high - low)
            return left + step / last * (width - left - right), height - bottom - share * (
                height - top - bottom
            )

        for power in np.linspace(low, high, 5):
            y = place(0, 10**power)[1]
            pen.line([(left, y), (width - right, y)], fill="#dddddd")
            pen.text((left - 8, y), f"{10**power:.4f}", fill="#444444", font=font, anchor="rm")
        for share in np.linspace(0, 1, 6):
            x = left + share * (width - left - right)
            pen.text((x, height - bottom + 8), f"{share * last:,.0f}", fill="#444444", font=font, anchor="mt")
        for column, color, name in ((1, "#4477aa", "training"), (2, "#ee6677", "unseen images")):
            points = [place(row[0], row[column]) for row in losses if row[column] > 0]
            pen.line(points, fill=color, width=2)
            pen.text((width - right - 4, top + 18 * column), name, fill=color, font=font, anchor="rm")
    write_atomically(path, encode_png(picture))
