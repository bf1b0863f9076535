"""What segmenters are trained on: which patients, which pairs, how often."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.files import check_writable
from segpaint.evaluation.edits.cases import patient_of
from segpaint.training.dataset import DataSet, Pairs
from segpaint.training.mixing import balanced, joined, taken

ARMS: Mapping[str, str] = {
    "real": "real slices alone",
    "synthetic": "made pairs alone",
    "both": "real slices and made pairs",
    "chosen": "real slices, and the half of the made pairs that the checkpoint's segmenter finds truest",
    "rare": "real slices, and pairs made from masks that were led to what is rare",
}
"""What each segmenter is trained on, by name."""
COMPARED = (
    ("both", "real"), ("synthetic", "real"), ("rare", "real"), ("chosen", "both"), ("rare", "both"),
)  # fmt: skip
"""Which segmenters are compared: each first one against its second one."""


@dataclass(frozen=True)
class DownstreamSettings:
    """How segmenters are trained to measure what made pairs are worth.

    Attributes
    ----------
    folder : Path or None
        Keeps what is finished; None for a folder beside the report.
    patients : tuple of int or None
        Numbers of training patients; None for all.
    seeds : int
        How often each segmenter is trained, each time with other patients.
    steps, batch_size : int
        Optimizer steps of each segmenter, and pairs in each, the same for all.
    pairs : int
        Made pairs for each real slice.
    every_mask : bool
        Whether pairs are made of the masks of all training patients, and not of the available ones alone.
    """

    folder: Path | None = None
    patients: tuple[int | None, ...] = (5, 10, 20, None)
    seeds: int = 3
    steps: int = 500
    batch_size: int = 16
    pairs: int = 2
    every_mask: bool = False


@dataclass(frozen=True, eq=False)
class MadePairs:
    """What a checkpoint makes of a patient's masks.

    Attributes
    ----------
    varied, rare : Pairs
        Pairs of usual and of rare masks.
    scores : ndarray of float64, shape (varied,)
        Mean Dice of each varied pair by the checkpoint's segmenter; NaN where there is nothing to find.
    """

    varied: Pairs
    rare: Pairs
    scores: NDArray[np.float64]


def only_measured(data: DataSet, measured: Sequence[int]) -> DataSet:
    """Take labels that are not measured as not annotated, so that they are neither trained nor tested."""
    train, val = (
        replace(pairs, annotated=pairs.annotated & np.isin(data.table.indices, measured))
        for pairs in (data.train, data.val)
    )
    return replace(data, train=train, val=val)


def check_downstream(data: DataSet, settings: DownstreamSettings) -> None:
    """Check before hours of work that there is somebody to train on, and a place to keep what is finished.

    Raises
    ------
    SegPaintError
        If there is not.
    """
    if not training_patients(data):
        raise SegPaintError(
            f"{data.folder} has no labelled training patient of whom no unseen slice exists; "
            "split the slices by patient, or leave out --downstream."
        )
    if settings.folder is not None:
        check_writable(settings.folder)


def training_patients(data: DataSet) -> list[str]:
    """List the patients with labelled training slices, without any of whom an unseen slice exists."""
    unseen = {patient_of(name) for name in data.val.names}
    names = {patient_of(data.train.names[row]) for row in data.train.labelled}
    return sorted(names - unseen)


def sizes_of(patients: Sequence[int | None], there: int) -> list[int]:
    """Resolve numbers of patients, in order, each once; no more than there are."""
    return sorted({there if count is None else min(count, there) for count in patients})


def draw_patients(patients: Sequence[str], count: int, seed: int) -> list[str]:
    """Draw patients; of one seed, more patients are always the fewer ones and others."""
    order = np.random.default_rng(seed).permutation(len(patients))
    return sorted(patients[place] for place in order[:count])


def rows_of(pairs: Pairs, patients: Sequence[str]) -> NDArray[np.int64]:
    """Find the labelled slices of some patients."""
    wanted = set(patients)
    return np.array([row for row in pairs.labelled if patient_of(pairs.names[row]) in wanted], np.int64)


def arms(
    data: DataSet, patients: Sequence[str], sources: Sequence[str], made: Mapping[str, MadePairs]
) -> Iterator[tuple[str, DataSet]]:
    """List what segmenters are trained on, in the order of `ARMS`.

    Where real slices and made pairs are mixed, the fewer are repeated, so that half of what is drawn is real.

    Parameters
    ----------
    patients : sequence of str
        The available ones; of no others is a real slice used.
    sources : sequence of str
        Those of whose masks pairs are made; of no others is a mask used.
    made : mapping of str to MadePairs
        By patient.
    """
    real = taken(data.train, rows_of(data.train, patients))
    synthetic = joined([made[patient].varied for patient in sources])
    scores = np.concatenate([made[patient].scores for patient in sources])
    # A stable order, so that equal scores are chosen alike each time; NaN comes last.
    best = np.sort(np.argsort(-scores, kind="stable")[: math.ceil(len(scores) / 2)])
    rare = joined([made[patient].rare for patient in sources])
    mixed = {
        "real": (real,),
        "synthetic": (synthetic,),
        "both": (real, synthetic),
        "chosen": (real, taken(synthetic, best)),
        "rare": (real, rare),
    }
    for name in ARMS:  # one after the other, since each is a copy
        yield name, replace(data, train=balanced(mixed[name]))
