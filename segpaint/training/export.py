"""From a training run to a checkpoint folder: description, statistics, model card."""

import json
import math
from pathlib import Path

import numpy as np

from segpaint.core.diffusion.network_files import write_checkpoint
from segpaint.core.files import write_together
from segpaint.core.requests.checkpoint import Description, LabelStatistics
from segpaint.core.words import counted, percentage
from segpaint.io.image_files import encode_mask
from segpaint.paths import EXAMPLES_FOLDER
from segpaint.training.dataset import DataSet, Pairs
from segpaint.training.trainer import Trainer

AVERAGED = 200
EXAMPLES = 4
IN_WORDS = {"US": "ultrasound", "PT": "PET"}
"""What a card calls a modality of DICOM's, if not by its letters."""


def export(trainer: Trainer, out: Path) -> None:
    """Write the checkpoint folder of a run at its current step, with the averaged weights."""
    settings, data, progress = trainer.settings, trainer.data, trainer.progress
    _, channels, size, _ = data.train.images.shape
    bare = len(data.train) - len(data.train.labelled)
    without_masks = (
        {"images without masks": f"{bare} ({percentage(bare / len(data.train))} of all)"} if bare else {}
    )
    description = Description(
        name=settings.name,
        modality=data.modality,
        size=size,
        channels=channels,
        pixel_spacing=settings.pixel_spacing,
        window=settings.window,
        labels=data.table.labels,
        attributes=data.attributes,
        encoding=settings.encoding,
        space_to_depth=settings.space_to_depth,
        ablation_trained=settings.ablation,
        steps=settings.steps,
        guidance=settings.guidance,
        licence=settings.licence,
        data=settings.source,
        statistics=label_statistics(data.train, data.table.indices, [label.name for label in data.table]),
        training={
            "images": len(data.train.labelled),
            **without_masks,
            "steps": progress.step,
            "batch size": settings.batch_size * trainer.accelerator.num_processes,
            "minutes of computing": round(progress.seconds / 60),
            "prediction": settings.prediction,
            "min-SNR gamma": settings.min_snr_gamma,
            "mask-ablated": settings.ablation,
            **_origin(trainer),
            "settings": json.dumps(settings.model_dump(mode="json")),
            "SHA-256 of the data": data.digest,
        },
    )
    with trainer.averaged() as network:
        parameters = sum(parameter.numel() for parameter in network.parameters())
        card = _card(description, parameters, recent_losses(progress.losses), averaged=settings.average)
        write_checkpoint(out, description, network, dict(trainer.scheduler.config), card)
    _write_examples(data, out)


def _write_examples(data: DataSet, out: Path) -> None:
    """Write a few example masks for the window, from slices not used for training if there are any."""
    pairs = data.val if len(data.val) and len(data.val.labelled) else data.train
    rows = pairs.labelled[np.linspace(0, len(pairs.labelled) - 1, EXAMPLES + 2).round().astype(int)][1:-1]
    write_together(
        {
            out / EXAMPLES_FOLDER / f"{number}.png": encode_mask(pairs.masks[row], data.table)
            for number, row in enumerate(dict.fromkeys(rows.tolist()), start=1)
        }
    )


def _origin(trainer: Trainer) -> dict[str, str]:
    """Describe the origin of a fine-tuned network: its base, the licence, and the labels kept."""
    if trainer.start is None:
        return {}
    description, table = trainer.start.checkpoint.description, trainer.data.table
    known = trainer.start.known(table)
    new = ", ".join(label.name for label in table if label.name not in known) or "none"
    return {
        "fine-tuned from": f"{description.name} ({trainer.start.checkpoint.fingerprint})",
        "licence of its weights": description.licence or "not stated",
        "labels that it knew": ", ".join(known) or "none",
        "labels new to it": new,
    }


def label_statistics(pairs: Pairs, indices: tuple[int, ...], names: list[str]) -> dict[str, LabelStatistics]:
    """Measure area and place of each label over the masks in which it was looked for and found."""
    statistics = {}
    height, width = pairs.masks.shape[1:]
    for column, (index, name) in enumerate(zip(indices, names, strict=True)):
        planes = pairs.masks[pairs.annotated[:, column]] == index
        planes_with = planes[planes.any(axis=(1, 2))]
        if not len(planes_with):
            continue
        area = planes_with.mean(axis=(1, 2))
        rows = (planes_with.mean(axis=2) * (np.arange(height) + 0.5)).mean(axis=1) / area / height
        columns = (planes_with.mean(axis=1) * (np.arange(width) + 0.5)).mean(axis=1) / area / width
        low, middle, high = np.percentile(area, [5, 50, 95])
        statistics[name] = LabelStatistics(
            presence=_short(len(planes_with) / len(planes)),
            area=(_short(low), _short(middle), _short(high)),
            centre=(_short(rows.mean()), _short(columns.mean())),
            centre_spread=(_short(rows.std()), _short(columns.std())),
        )
    return statistics


def _short(value: float) -> float:
    return round(float(value), 5)


def recent_losses(losses: list[tuple[int, float, float]], steps: int = AVERAGED) -> tuple[float, float]:
    """Average the training loss over at least the last `steps`, and get the last validation loss.

    Parameters
    ----------
    losses : list of (step, mean training loss since the row before, validation loss)
    """
    total, weight, validation = 0.0, 0, losses[-1][2] if losses else 0.0
    for row in range(len(losses) - 1, -1, -1):
        if weight >= steps:
            break
        length = losses[row][0] - (losses[row - 1][0] if row else 0)
        total, weight = total + length * losses[row][1], weight + length
    return total / max(1, weight), validation


def _card(description: Description, parameters: int, last: tuple[float, float], *, averaged: bool) -> str:
    labels = "\n".join(
        f"| {label.index} | {label.name} | {100 * description.statistics[label.name].area[1]:.1f} % |"
        if label.name in description.statistics
        else f"| {label.index} | {label.name} | never seen |"
        for label in description.labels
    )
    images = IN_WORDS.get(description.modality, description.modality)
    asked = "".join(f"\n- {one.name}: {', '.join(one.values)}, or unknown" for one in description.attributes)
    attributes = f"\nAttributes of the whole image that can be asked for:\n{asked}\n" if asked else ""
    known = description.pixel_spacing
    spacing = f"{known:g} mm wide" if known else "of no fixed size: the training images had different ones"
    train, val = last
    kept = "averaged over the training" if averaged else "those of the last step"
    unseen = "without unseen images to compare" if math.isnan(val) else f"on unseen images {val:.4f}"
    facts = "\n".join(f"- {key}: {value}" for key, value in description.training.items())
    return f"""# {description.name}

Paints {description.size} x {description.size} {images} images from masks. Everything it
makes is unfit for diagnosis, and an image that it edits stays a patient's. It knows what its training images
showed and nothing else: other scanners, views or diseases, and masks unlike those it was trained on, are
beyond it.

One pixel is {spacing}.

Recommended: {counted(description.steps, "step")} of `{description.sampler}`, guidance {description.guidance:g}.

| index | label | typical area |
|---|---|---|
{labels}
{attributes}
## Data

{description.data or "Not stated."}

Licence of the weights: {description.licence or "not stated"}.

## Training

{facts}
- parameters: {parameters:,}
- training loss, averaged over the last {AVERAGED} steps or all, {train:.4f}; {unseen}

Made by `segpaint train`; method: Konz et al., "Anatomically-Controllable Medical Image Generation with
Segmentation-Guided Diffusion Models", MICCAI 2024 (arXiv 2402.05210). Encoding `{description.encoding}`,
weights in half precision, {kept}.

![samples](samples.png)

Rows: real slice, its mask, two samples for that mask, and a sample without any mask; slices of patients
that were not trained on, if the data set has any.

![loss](loss.png)
"""
