"""Training a segmenter, on real images alone where it is to judge made ones."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from segpaint.core.diffusion.device import autocast, faster_precision, training_layout
from segpaint.core.diffusion.segmenter import Segmenter, SegmenterDescription, build_segmenter
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE
from segpaint.core.requests.faithfulness import dice, overlaps
from segpaint.training.augmentation import augment
from segpaint.training.dataset import DataSet, Pairs
from segpaint.training.settings import Augmentation

WARM_UP = 100
WIDTHS = (64, 96, 96)
"""Channels of each level of the usual segmenter, finest first."""
FOLD: Final = 4
"""Image pixels on each side of a pixel of its finest level."""
WIDE = Augmentation(share=0.9, rotation=15, scale=0.2, shift=0.08, elastic=2, brightness=0.25)


@dataclass(frozen=True)
class SegmenterSettings:
    """How to train a segmenter.

    Attributes
    ----------
    steps : int
        Optimizer steps, over which the learning rate falls to 0.
    learning_rate : float
        AdamW's highest.
    noise : float
        Largest standard deviation of the noise added to an image with values in [-1, 1]. With `blur` it
        keeps the segmenter from relying on scanner grain, which a generated image need not have.
    blur : float
        Share of images that are softened, 0 to 1.
    """

    steps: int = 2000
    batch_size: int = 16
    learning_rate: float = 2e-3
    noise: float = 0.08
    blur: float = 0.3
    augmentation: Augmentation = WIDE
    seed: int = 0


def train_segmenter(
    data: DataSet, settings: SegmenterSettings, device: torch.device, segmenter: Segmenter
) -> Iterator[float]:
    """Train a segmenter from `fresh_segmenter` in place, a step at a time, on the train split.

    Yields
    ------
    float
        The loss of each step.
    """
    precision = faster_precision(device)
    optimizer = torch.optim.AdamW(segmenter.parameters(), lr=settings.learning_rate, weight_decay=0.01)
    pairs = data.train
    holding = [
        rows for column in (pairs.shown(data.table) & pairs.annotated).T if len(rows := np.flatnonzero(column))
    ]
    for step in range(settings.steps):
        rng = np.random.default_rng([settings.seed, step])
        for group in optimizer.param_groups:
            warm = min(1.0, (step + 1) / WARM_UP)
            group["lr"] = settings.learning_rate * warm * (1 - step / settings.steps)
        rows = _draw_rows(len(pairs), holding, settings.batch_size, rng)
        images, masks = as_images(pairs.images[rows]), torch.from_numpy(pairs.masks[rows])
        images, masks = augment(images, masks, settings.augmentation, rng)
        images = _worsen(images, settings, rng).to(device)
        planes = torch.from_numpy(data.table.planes(masks.numpy())).float().to(device)
        looked_for = torch.from_numpy(pairs.annotated[rows])[:, :, None, None]
        known = (looked_for & (masks != FREE).unsqueeze(1)).float().to(device)
        with autocast(device, precision):
            logits = segmenter(images)
        loss = _loss(logits, planes, known)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(segmenter.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        yield float(loss.detach())


def fresh_segmenter(
    data: DataSet,
    device: torch.device,
    seed: int,
    widths: tuple[int, ...] = WIDTHS,
    fold: Literal[1, 2, 4, 8] = FOLD,
) -> Segmenter:
    """Build an untrained segmenter for a data set.

    Parameters
    ----------
    widths : tuple of int
        See `segpaint.core.diffusion.segmenter.build_segmenter`.
    fold : {1, 2, 4, 8}
        Image pixels on each side of a pixel of the finest level; 1 is the full resolution.

    Raises
    ------
    SegPaintError
        If its images cannot be halved as often as the network asks, or a width is no multiple of 16.
    """
    torch.manual_seed(seed)
    _, channels, size, _ = data.train.images.shape
    coarsest = fold * 2 ** (len(widths) - 1)
    if size % coarsest:
        raise SegPaintError(
            f"The images in {data.folder} are {size} pixels wide; a segmenter needs a multiple of {coarsest}."
        )
    if not widths or any(width < 16 or width % 16 for width in widths):
        raise SegPaintError(f"A segmenter's widths are multiples of 16; {', '.join(map(str, widths))} are not.")
    description = SegmenterDescription(labels=data.table.labels, channels=channels, space_to_depth=fold)
    segmenter = build_segmenter(description, size, widths).to(device)
    segmenter.to(memory_format=training_layout(device))  # type: ignore[call-overload]
    return segmenter


def dice_on(segmenter: Segmenter, pairs: Pairs, device: torch.device) -> dict[str, float]:
    """Compute each label's mean Dice over the real slices in which it was looked for and found.

    Returns
    -------
    dict of str to float
        By label name, without the labels that no slice holds.
    """
    segmenter.eval()
    planes = segment(segmenter, pairs.images, device)
    counts = overlaps(segmenter.table.planes(pairs.masks), planes, pairs.masks)
    scores = dice(counts)
    means = {}
    for column, label in enumerate(segmenter.table):
        holds = pairs.annotated[:, column] & (counts[:, column, 1] > 0)
        if holds.any():
            means[label.name] = float(scores[holds, column].mean())
    return means


def segment(segmenter: Segmenter, images: NDArray[np.uint8], device: torch.device) -> NDArray[np.bool_]:
    """Find the labels in many images, shape (count, channels, height, width), see `Segmenter.find`."""
    return np.concatenate([segmenter.find(part.to(device)).cpu().numpy() for part in _parts(images)])


def describe(
    segmenter: Segmenter,
    images: NDArray[np.uint8],
    device: torch.device,
    masks: NDArray[np.uint8] | None = None,
) -> NDArray[np.float32]:
    """Compute the features of many images, as `segment` takes them, see `Segmenter.describe`.

    Parameters
    ----------
    masks : ndarray of uint8, shape (images, height, width), optional
        Those of the images, each of whose labels is described, too.
    """
    found, first = [], 0
    for part in _parts(images):
        within = None
        if masks is not None:
            within = torch.from_numpy(segmenter.table.planes(masks[first : first + len(part)])).to(device)
        found.append(segmenter.describe(part.to(device), within).cpu().numpy())
        first += len(part)
    return np.concatenate(found)


def _parts(images: NDArray[np.uint8], size: int = 32) -> Iterator[Tensor]:
    """Convert a few images at a time, since thousands would take four times the memory as floats."""
    for first in range(0, len(images), size):
        yield as_images(images[first : first + size])


def as_images(pixels: NDArray[np.uint8]) -> Tensor:
    """Convert grey levels from 0 to 255 to float32 in [-1, 1]."""
    return torch.from_numpy(pixels).float() / 127.5 - 1


def _draw_rows(
    count: int, holding: list[NDArray[np.int64]], batch_size: int, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Draw half of a batch from all slices and half by label, so that rare labels are seen often, too."""
    balanced = batch_size // 2 if holding else 0
    chosen = [rng.choice(holding[rng.integers(len(holding))]) for _ in range(balanced)]
    return np.array([*rng.integers(count, size=batch_size - balanced), *chosen])


def _worsen(images: Tensor, settings: SegmenterSettings, rng: np.random.Generator) -> Tensor:
    """Soften some images and add noise to all, each by a random amount."""
    soft = functional.avg_pool2d(functional.pad(images, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    share = rng.random(len(images)) * (rng.random(len(images)) < settings.blur)
    images = torch.lerp(images, soft, torch.from_numpy(share).float()[:, None, None, None])
    spread = torch.from_numpy(rng.uniform(0, settings.noise, len(images))).float()
    grain = torch.from_numpy(rng.standard_normal(images.shape, np.float32))
    return images + spread[:, None, None, None] * grain


def _loss(logits: Tensor, planes: Tensor, known: Tensor) -> Tensor:
    """Add cross-entropy and soft Dice (Milletari et al., arXiv 1606.04797) over the known labels."""
    entropy = functional.binary_cross_entropy_with_logits(logits, planes, reduction="none")
    entropy = (entropy * known).sum() / known.sum().clamp(min=1)
    likely = torch.sigmoid(logits) * known
    asked = planes * known
    both, total = (likely * asked).sum((0, 2, 3)), likely.sum((0, 2, 3)) + asked.sum((0, 2, 3))
    overlap = (2 * both + 1) / (total + 1)
    # One stray pixel of a label that no image of the batch holds would cost a full loss.
    present = asked.sum((0, 2, 3)) > 0
    return entropy + ((1 - overlap) * present).sum() / present.sum().clamp(min=1)
