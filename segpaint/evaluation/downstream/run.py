"""Trains segmenters on real slices, on made pairs, and on both, and tests them on unseen patients."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.parts import Parts
from segpaint.core.requests.faithfulness import dice, overlaps
from segpaint.evaluation.downstream.masks import size_of
from segpaint.evaluation.downstream.plan import (
    ARMS,
    COMPARED,
    DownstreamSettings,
    MadePairs,
    arms,
    draw_patients,
    rows_of,
    sizes_of,
    training_patients,
)
from segpaint.evaluation.edits.cases import patient_of
from segpaint.evaluation.edits.response import over_patients_and_seeds
from segpaint.training.dataset import DataSet
from segpaint.training.segmenter_training import SegmenterSettings, fresh_segmenter, segment, train_segmenter

Row = dict[str, Any]
Counts = NDArray[np.int32]
TAIL = 0.1
"""Share of the unseen slices with a label in which its area, or its wall, is the smallest, or the largest."""


def count_steps(data: DataSet, settings: DownstreamSettings) -> int:
    """Count the optimizer steps of all segmenters."""
    sizes = sizes_of(settings.patients, len(training_patients(data)))
    return settings.seeds * len(sizes) * len(ARMS) * settings.steps


def patients_needed(data: DataSet, settings: DownstreamSettings) -> list[str]:
    """List the training patients whose masks become pairs."""
    patients = training_patients(data)
    if settings.every_mask:
        return patients
    largest = sizes_of(settings.patients, len(patients))[-1]
    return sorted({name for seed in range(settings.seeds) for name in draw_patients(patients, largest, seed)})


def measure_downstream(
    data: DataSet, made: Mapping[str, MadePairs], settings: DownstreamSettings, device: torch.device,
    parts: Parts, advance: Callable[[int], object],
) -> dict[str, Any]:  # fmt: skip
    """Measure how much better segmenters are for made pairs, on patients whom none of them has seen.

    Parameters
    ----------
    data : DataSet
        Labels that are not annotated are neither trained nor tested.
    made : mapping of str to MadePairs
        By patient, of `patients_needed`.
    parts : Parts
        Keeps what each segmenter found.
    advance : callable
        Receives the number of optimizer steps just finished.

    Returns
    -------
    dict
        For each number of patients, the Dice of each arm and the differences between arms: their mean, by
        label, and in the tails; each a "value" with its interval from "low" to "high" over patients and seeds.
    """
    patients, tails = training_patients(data), list(find_tails(data))
    sizes = sizes_of(settings.patients, len(patients))
    found: dict[int, list[Row]] = {size: [] for size in sizes}
    counted: dict[int, list[tuple[int, int]]] = {size: [] for size in sizes}
    for seed in range(settings.seeds):
        for size in sizes:
            drawn = draw_patients(patients, size, seed)
            sources = patients if settings.every_mask else drawn
            counts = {
                arm: _tested(arm, part, settings, seed, device, parts, advance)
                for arm, part in arms(data, drawn, sources, made)
            }
            found[size] += _rows(data, counts, seed)
            real, masks = (len(rows_of(data.train, some)) for some in (drawn, sources))
            counted[size].append((real, settings.pairs * masks))
    return {
        "steps": settings.steps,
        "batch size": settings.batch_size,
        "seeds": settings.seeds,
        "pairs": settings.pairs,
        "every mask": settings.every_mask,
        "patients": len({patient_of(name) for name in data.val.names}),
        "slices": len(data.val),
        "tails": [
            {**{key: tail[key] for key in ("label", "measure", "side")}, "slices": len(tail["rows"])}
            for tail in tails
        ],
        "sizes": [
            {
                "patients": size,
                "real slices": float(np.mean([real for real, _ in counted[size]])),
                "made pairs": float(np.mean([pairs for _, pairs in counted[size]])),
                **_summary(data, found[size], tails),
            }
            for size in sizes
        ],
    }


def find_tails(data: DataSet) -> Iterator[dict[str, Any]]:
    """Find the unseen slices in which a label is rare: its area or its wall among the smallest or the largest.

    Yields
    ------
    dict
        The "label", what was measured, "area" or "wall", the "side", and the "rows".
    """
    pairs = data.val
    holds = pairs.annotated & pairs.shown(data.table)
    for column, label in enumerate(data.table):
        sizes = {
            int(row): size_of(Anatomy(pairs.masks[row], data.table, label.index))
            for row in np.flatnonzero(holds[:, column])
        }
        for measure in ("area", "wall"):
            rows = sorted((row for row in sizes if measure in sizes[row]), key=lambda row: sizes[row][measure])
            count = round(TAIL * len(rows))
            if count:
                what = {"label": label.name, "measure": measure}
                yield {**what, "side": "smallest", "rows": sorted(rows[:count])}
                yield {**what, "side": "largest", "rows": sorted(rows[-count:])}


def _tested(
    arm: str, data: DataSet, settings: DownstreamSettings, seed: int, device: torch.device, parts: Parts,
    advance: Callable[[int], object],
) -> Counts:  # fmt: skip
    """Train a segmenter and count what it finds in the unseen slices, or read what was counted before.

    Returns
    -------
    ndarray of int32, shape (slices, labels, 3)
        See `segpaint.core.requests.faithfulness.overlaps`.
    """
    training = SegmenterSettings(steps=settings.steps, batch_size=settings.batch_size, seed=seed)
    mark = hashlib.sha256(f"{data.digest} {training!r}".encode()).hexdigest()[:16]
    name, shape = f"{arm}-{seed}-{mark}", (len(data.val), len(data.table), 3)
    kept = parts.read(name, (*shape[:2], 3 * np.dtype(np.int32).itemsize))
    if kept is not None:
        advance(settings.steps)
        return kept.view(np.int32)
    segmenter = fresh_segmenter(data, device, seed)
    for _loss in train_segmenter(data, training, device, segmenter):
        advance(1)
    segmenter.eval()
    found = segment(segmenter, data.val.images, device)
    counts = overlaps(data.table.planes(data.val.masks), found, data.val.masks).astype(np.int32)
    parts.write(name, counts.view(np.uint8))
    return counts


def _rows(data: DataSet, counts: Mapping[str, Counts], seed: int) -> list[Row]:
    """List the Dice of all arms for each label that an unseen slice holds."""
    scores = {arm: dice(some.astype(np.int64)) for arm, some in counts.items()}
    holds = data.val.annotated & (next(iter(counts.values()))[:, :, 1] > 0)
    return [
        {
            "patient": patient_of(data.val.names[row]), "seed": seed, "row": int(row),
            "label": data.table.labels[column].name, **{arm: float(scores[arm][row, column]) for arm in scores},
        }
        for row, column in np.argwhere(holds)
    ]  # fmt: skip


def _summary(data: DataSet, rows: Sequence[Row], tails: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Average all arms, and the differences between them."""
    held = {row["label"] for row in rows}
    labels = [label.name for label in data.table if label.name in held]
    rare = {(tail["label"], row) for tail in tails for row in tail["rows"]}

    def averages(value: Callable[[Row], float]) -> dict[str, Any]:
        def average(some: Sequence[Row]) -> dict[str, float]:
            return over_patients_and_seeds([{**row, "value": value(row)} for row in some], "value")

        return {
            "mean": average(_over_labels(rows)),
            "tails": average([row for row in rows if (row["label"], row["row"]) in rare]),
            "labels": {name: average([row for row in rows if row["label"] == name]) for name in labels},
            "each tail": [
                average([row for row in rows if row["label"] == tail["label"] and row["row"] in tail["rows"]])
                for tail in tails
            ],
        }

    return {
        "arms": {arm: averages(itemgetter(arm)) for arm in ARMS},
        "differences": [
            {"arm": arm, "against": other, **averages(lambda row, a=arm, b=other: row[a] - row[b])}  # type: ignore[misc]
            for arm, other in COMPARED
        ],
    }


def _over_labels(rows: Sequence[Row]) -> list[Row]:
    """Average over the labels of each slice, so that a slice with many labels counts once."""
    found: dict[tuple[int, int], list[Row]] = {}
    for row in rows:
        found.setdefault((row["seed"], row["row"]), []).append(row)
    return [
        {**some[0], "label": "", **{arm: float(np.mean([row[arm] for row in some])) for arm in ARMS}}
        for some in found.values()
    ]
