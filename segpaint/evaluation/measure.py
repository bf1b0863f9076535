"""Turns an evaluation's images into figures."""

import itertools
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from segpaint.core.diffusion.segmenter import Segmenter
from segpaint.core.labels.labels import BACKGROUND, FREE
from segpaint.core.requests.faithfulness import dice, overlaps
from segpaint.evaluation.batches import EvaluationPlan, ImageBatch, evenly
from segpaint.evaluation.distances import (
    BANDS,
    frechet_distance,
    kernel_distance,
    multiscale_similarity,
    nearest,
    precision_recall,
    spectrum,
    standardised,
)
from segpaint.evaluation.edits.cases import patient_of
from segpaint.training.dataset import DataSet
from segpaint.training.segmenter_training import describe, segment

Images = dict[str, NDArray[np.uint8]]
Figures = dict[str, Any]
OTHERS = 100
"""Training slices, evenly spread, whose distance to those of other patients is measured."""


class Judge:
    """Measures images with a segmenter.

    Parameters
    ----------
    data : DataSet
        Real slices; those of its val split provide the masks.
    """

    def __init__(self, segmenter: Segmenter, device: torch.device, data: DataSet) -> None:
        self.segmenter = segmenter
        self.device = device
        self.data = data
        self.table = data.table

    @property
    def about(self) -> Figures:
        """The shape of the segmenter, and how it was trained, for a report."""
        description = self.segmenter.description
        channels = list(self.segmenter.unet.config.block_out_channels)
        return {"fold": description.space_to_depth, "channels": channels, **description.training}

    def find(self, images: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Find each label, shape (images, labels, height, width)."""
        return segment(self.segmenter, images, self.device)

    def describe(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the segmenter's features, shape (images, features)."""
        return describe(self.segmenter, images, self.device)

    def describe_within(self, images: NDArray[np.uint8], masks: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Compute the segmenter's features of the images and of the labels in them."""
        return describe(self.segmenter, images, self.device, masks)

    @cached_property
    def training_features(self) -> NDArray[np.float32]:
        """The segmenter's features of every training slice, shape (slices, features)."""
        return self.describe(self.data.train.images)

    # ---- faithfulness

    def counts(self, case: ImageBatch, images: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Count the overlaps of labels found in images with a case's masks, shape (images, labels, 3)."""
        masks = self.data.val.masks[case.rows]
        return overlaps(self.table.planes(masks), self.find(images), masks)

    def faithfulness(self, plan: EvaluationPlan, images: Images) -> Figures:
        """Measure each label's Dice with all labels in use, alone, and left out, and on real slices."""
        pairs = self.data.val
        full = self.counts(plan.full, images["full"])
        real = self.counts(plan.full, pairs.images[plan.full.rows])
        labels: dict[str, Figures] = {}
        for column, label in enumerate(self.table):
            asked = plan.full.used[:, column] & (full[:, column, 1] > 0)
            if not asked.any():
                continue
            known = plan.full.used[:, column]
            figures: Figures = {
                "slices": int(asked.sum()),
                "real": _mean(dice(real[asked, column])),
                "generated": _mean(dice(full[asked, column])),
                "real pooled": float(dice(real[known, column].sum(axis=0))),
                "generated pooled": float(dice(full[known, column].sum(axis=0))),
                "real beside": _beside(real[known, column].sum(axis=0)),
                "generated beside": _beside(full[known, column].sum(axis=0)),
            }
            figures["ratio"] = figures["generated"] / figures["real"] if figures["real"] else float("nan")
            if label.index in plan.alone:
                figures.update(self._with_and_without(plan, images, label.index, column))
            labels[label.name] = figures
        means = {
            key: _mean(np.array([label[key] for label in labels.values()])) for key in ("real", "generated")
        }
        outside = pairs.masks[plan.full.rows] == BACKGROUND
        return {
            "labels": labels,
            "mean": {**means, "ratio": means["generated"] / means["real"]},
            "background": {
                "real": _mean(pairs.images[plan.full.rows].mean(axis=1)[outside]),
                "generated": _mean(images["full"].mean(axis=1)[outside]),
            },
        }

    def _with_and_without(self, plan: EvaluationPlan, images: Images, index: int, column: int) -> Figures:
        def scores(case: ImageBatch) -> tuple[float, float]:
            """Average Dice of this label, and of the others that the full mask asks for."""
            counts = self.counts(case, images[case.name])
            asked = plan.shown[index].used & (counts[:, :, 1] > 0)
            asked[:, column] = False
            return _mean(dice(counts[:, column])), _mean(dice(counts)[asked])

        with_it, others = scores(plan.shown[index])
        return {
            "masks": len(plan.shown[index]),
            "same slices, full mask": with_it,
            "alone": scores(plan.alone[index])[0],
            "left out": scores(plan.without[index])[0],
            "others, full mask": others,
            "others, left out": scores(plan.without[index])[1],
        }

    def blank(self, plan: EvaluationPlan, images: Images) -> Figures:
        """Measure how often each label is found in images made without any mask, and in real ones."""

        def shares(planes: NDArray[np.bool_]) -> dict[str, float]:
            found = planes.sum(axis=(-2, -1)) >= 4  # fewer pixels are noise
            return {label.name: float(found[:, column].mean()) for column, label in enumerate(self.table)}

        return {
            "real": shares(self.find(self.data.val.images[plan.blank.rows])),
            "generated": shares(self.find(images["blank"])),
        }

    # ---- realism

    def realism(self, plan: EvaluationPlan, images: Images) -> Figures:
        """Measure realism in the segmenter's standardised features, see `measure_realism`."""
        known = self.training_features
        reference = known[evenly(len(known), 2000)]
        return measure_realism(
            self.data, plan, images, lambda some: standardised(self.describe(some), reference)
        )

    def texture(self, plan: EvaluationPlan, images: Images) -> Figures:
        """Divide the power of generated images by that of their masks' real slices, by spatial frequency."""
        rows = plan.full.rows[: len(plan.blank)]
        ratios = spectrum(images["full"][: len(rows)]) / spectrum(self.data.val.images[rows])
        edges = itertools.pairwise(BANDS)
        return {f"{low:g} to {high:g}": float(ratio) for (low, high), ratio in zip(edges, ratios, strict=True)}

    # ---- memorisation and diversity

    def memorisation(self, plan: EvaluationPlan, images: Images) -> tuple[Figures, NDArray[np.int64]]:
        """Measure distances to the nearest training slice, of generated and of real slices.

        Returns
        -------
        figures : dict
            Medians and their ratio, in pixels (grey levels), in pixels of normalised slices, and in
            standardised features; of generated slices, of unseen ones, and of training slices to those of other
            patients.
        rows : ndarray of int64
            The nearest training slice, in pixels, of each image of the full case's first round.
        """
        train = self.data.train
        rows = plan.full.rows[: len(plan.blank)]
        made, real = images["full"][: len(rows)], self.data.val.images[rows]
        found, in_pixels = nearest(made, train.images)
        known = self.training_features
        features = standardised(known, known)
        of_made, of_real = (
            nearest(standardised(self.describe(some), known), features)[1] for some in (made, real)
        )
        normal, normal_made, normal_real = (_normalised(some) for some in (train.images, made, real))
        figures = {
            "pixels": _ratio(in_pixels, nearest(real, train.images)[1], _to_others(train.names, train.images)),
            "normalised pixels": _ratio(
                nearest(normal_made, normal)[1],
                nearest(normal_real, normal)[1],
                _to_others(train.names, normal),
            ),
            "features": _ratio(of_made, of_real, _to_others(train.names, features)),
        }
        return figures, found

    def diversity(self, plan: EvaluationPlan, images: Images) -> Figures:
        """Measure the spread over seeds for one mask, in grey levels, inside and outside of labels."""
        several = np.stack([images[case.name] for case in plan.seeds]).astype(np.float32)
        spread = several.std(axis=0).mean(axis=1)  # images, height, width
        masks = self.data.val.masks[plan.seeds[0].rows]
        inside = (masks != BACKGROUND) & (masks != FREE)
        figures: Figures = {"inside labels": _mean(spread[inside]), "outside labels": _mean(spread[~inside])}
        figures["labels"] = {
            label.name: _mean(spread[masks == label.index])
            for label in self.table
            if (masks == label.index).any()
        }
        figures["similarity"] = self._similarity(several.astype(np.uint8))
        return figures

    def _similarity(self, several: NDArray[np.uint8]) -> Figures:
        """Compare images of one mask pair by pair, and as many pairs of real slices of different patients.

        Parameters
        ----------
        several : ndarray of uint8, shape (seeds, masks, channels, height, width)
        """
        made = [
            multiscale_similarity(first[mask], second[mask])
            for first, second in itertools.combinations(several, 2)
            for mask in range(several.shape[1])
        ]
        pairs = self.data.val
        patients = [patient_of(name) for name in pairs.names]
        others = [
            rows for rows in itertools.combinations(range(len(pairs)), 2)
            if patients[rows[0]] != patients[rows[1]]
        ]  # fmt: skip
        # Evenly spread pairs would be of the first patients with all others.
        chosen = np.random.default_rng(0).permutation(len(others))[: len(made)]
        real = [
            multiscale_similarity(*(pairs.images[row] for row in others[number])) for number in chosen.tolist()
        ]
        return {
            "between seeds": _mean(np.array(made)),
            "pairs": len(made),
            "between patients": _mean(np.array(real)),
            "real pairs": len(real),
        }


def measure_realism(
    data: DataSet,
    plan: EvaluationPlan,
    images: Images,
    describe: Callable[[NDArray[np.uint8]], NDArray[np.floating]],
) -> Figures:
    """Compare generated with real slices, and halves of real patients with each other.

    Parameters
    ----------
    describe : callable
        Computes the features of images, shape (images, features).

    Returns
    -------
    dict
        The number of "images" in each set, and for each two sets the kernel and Fréchet distances, the
        precision and the recall.
    """
    train, val = data.train, data.val
    rows = plan.full.rows[: len(plan.blank)]
    count = min(len(rows), len(train) // 2)
    # Names begin with the patient, so cutting the sorted names splits at most one patient.
    halves = [half[evenly(len(half), count)] for half in np.array_split(np.argsort(train.names), 2)]
    made, unseen, spread = (
        describe(some)
        for some in (images["full"][:count], val.images[rows[:count]], train.images[evenly(len(train), count)])
    )

    def compare(first: NDArray[np.floating], second: NDArray[np.floating]) -> dict[str, float]:
        precision, recall = precision_recall(first, second)
        return {
            "kernel": kernel_distance(first, second),
            "fréchet": frechet_distance(first, second),
            "precision": precision,
            "recall": recall,
        }

    return {
        "images": int(count),
        "full mask": compare(made, unseen),
        "full mask against training": compare(made, spread),
        "blank mask": compare(describe(images["blank"][:count]), spread),
        "unseen real against training": compare(unseen, spread),
        "floor": compare(*(describe(train.images[half]) for half in halves)),
    }


def _beside(counts: NDArray[np.int64]) -> float:
    """Divide the area found outside of the requested area by the requested area."""
    both, asked, found = counts.tolist()
    return (found - both) / asked if asked else float("nan")


def _ratio(generated: NDArray[np.float32], unseen: NDArray[np.float32], others: NDArray[np.float32]) -> Figures:
    made, real = float(np.median(generated)), float(np.median(unseen))
    among = float(np.median(others)) if len(others) else float("nan")
    return {
        "generated": made, "unseen real": real, "ratio": made / real,
        "other training patients": among, "other training patients, ratio": among / real,
    }  # fmt: skip


def _normalised(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Take mean and contrast out of images: one that is too bright is far from all others."""
    levels = images.astype(np.float32)
    levels -= levels.mean(axis=(1, 2, 3), keepdims=True)
    normalised: NDArray[np.float32] = levels / levels.std(axis=(1, 2, 3), keepdims=True).clip(min=1e-6)
    return normalised


def _to_others(names: Sequence[str], slices: NDArray[np.generic]) -> NDArray[np.float32]:
    """Measure how far training slices are from the nearest of another patient; empty without one."""
    patients = np.array([patient_of(name) for name in names])
    rows = np.unique(np.linspace(0, len(names) - 1, OTHERS).round().astype(np.int64))
    found = [
        nearest(slices[[row]], slices[patients != patients[row]])[1]
        for row in rows
        if (patients != patients[row]).any()
    ]
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def _mean(values: NDArray[np.floating]) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")
