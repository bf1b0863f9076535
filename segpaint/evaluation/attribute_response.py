"""Whether images show the attributes that were asked for, as a classifier of real images sees it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from segpaint.evaluation.batches import EvaluationPlan
from segpaint.evaluation.tables import number, table
from segpaint.training.dataset import DataSet

Describe = Callable[[NDArray[np.uint8], NDArray[np.uint8]], NDArray[np.floating]]
"""Computes features of images, shape (images, features), from the images and their masks."""
DECAY = 0.03
"""Weight of the squared coefficients beside the mean cross-entropy, for standardised features."""
ROUNDS = 100
SHARES = ("agrees", "above", "own", "found", "ranked")


class Classifier:
    """Multinomial logistic regression that counts every value alike, however rare it is.

    Parameters
    ----------
    features : ndarray, shape (images, features)
    values : ndarray of int64, shape (images,)
        Places of the values of an attribute, each of which occurs.
    """

    def __init__(self, features: NDArray[np.floating], values: NDArray[np.int64]) -> None:
        self._mean, self._spread = features.mean(axis=0), features.std(axis=0) + 1e-6
        known, wanted = self._standardised(features), torch.from_numpy(values)
        counts = torch.bincount(wanted).double()
        error = nn.CrossEntropyLoss(weight=len(values) / (len(counts) * counts))
        self._model = nn.Linear(features.shape[1], len(counts), dtype=torch.float64)
        nn.init.zeros_(self._model.weight)
        nn.init.zeros_(self._model.bias)
        optimizer = torch.optim.LBFGS(self._model.parameters(), max_iter=ROUNDS, line_search_fn="strong_wolfe")

        def loss() -> torch.Tensor:
            optimizer.zero_grad()
            found: torch.Tensor = error(self._model(known), wanted) + DECAY * self._model.weight.square().sum()
            found.backward()  # type: ignore[no-untyped-call]
            return found

        optimizer.step(loss)  # type: ignore[no-untyped-call]

    def __call__(self, features: NDArray[np.floating]) -> NDArray[np.int64]:
        """Find the place of the likeliest value of each image."""
        places: NDArray[np.int64] = self.odds(features).argmax(axis=1)
        return places

    def odds(self, features: NDArray[np.floating]) -> NDArray[np.float64]:
        """Compute the log-odds of each value against all others, shape (images, values)."""
        with torch.inference_mode():
            share = self._model(self._standardised(features)).log_softmax(dim=1)
            return np.asarray((share - torch.log(-torch.expm1(share.clamp(max=-1e-12)))).numpy())

    def _standardised(self, features: NDArray[np.floating]) -> torch.Tensor:
        return torch.from_numpy((features - self._mean) / self._spread).double()


def measure_attributes(
    data: DataSet, plan: EvaluationPlan, images: Mapping[str, NDArray[np.uint8]], describe: Describe
) -> dict[str, Any]:
    """Train a classifier of each attribute on real training images, and let it look at the others.

    Parameters
    ----------
    images : mapping of str to ndarray of uint8
        Those of `plan.asked`, by the names of the batches.

    Returns
    -------
    dict
        By attribute: the "values", and the means over these of all shares. Of each value: how many images it
        was "asked" for, and the share of them in which the classifier "agrees". The share "own" is of those
        images alone whose mask is of a patient who has the value. The share "above": of two images of one mask
        and one noise, the one for which the value was asked for has the higher odds of it. Likewise how many
        unseen "real" images have it, the share of these in which it is "found", and the share "ranked": of
        two of them, one with the value and one without, the former has the higher odds. What cannot be
        measured is left out, or not a number.
    """
    figures = {}
    train, val = (describe(pairs.images, pairs.masks) for pairs in (data.train, data.val))
    for column, attribute in enumerate(data.attributes):
        values = data.train.attributes[:, column]
        known = values > 0
        if len(np.unique(values[known])) < len(attribute.values) or len(attribute.values) < 2:
            continue
        classify = Classifier(train[known], values[known] - 1)
        truth, odds = data.val.attributes[:, column] - 1, classify.odds(val)
        batches = [plan.asked[attribute.name, value] for value in attribute.values]
        made = [classify.odds(describe(images[batch.name], data.val.masks[batch.rows])) for batch in batches]
        rows = {
            value: _of_value(place, made, truth[batches[place].rows], odds, truth)
            for place, value in enumerate(attribute.values)
        }
        figures[attribute.name] = {"values": rows} | {
            key: _mean([row[key] for row in rows.values()]) for key in SHARES
        }
    return figures


def _of_value(
    place: int,
    made: Sequence[NDArray[np.float64]],
    patients: NDArray[np.int64],
    real: NDArray[np.float64],
    truth: NDArray[np.int64],
) -> dict[str, Any]:
    """Measure how one value is seen, see `measure_attributes`.

    Parameters
    ----------
    made : sequence of ndarray, shape (images, values)
        The odds of images, by the value that was asked for; the same masks in the same order.
    patients : ndarray of int64, shape (images,)
        The values that the patients of these masks have.
    real : ndarray, shape (unseen, values)
        The odds of real images, whose values are `truth`.
    """
    asked, has = made[place], truth == place
    agrees, found = asked.argmax(axis=1) == place, real.argmax(axis=1) == place
    others = [odds[:, place] for other, odds in enumerate(made) if other != place]
    return {
        "asked": len(asked),
        "agrees": float(agrees.mean()),
        "of patients with it": int((patients == place).sum()),
        "own": _mean(agrees[patients == place]),
        "above": float(np.mean([asked[:, place] > other for other in others])),
        "real": int(has.sum()),
        "found": _mean(found[has]),
        "ranked": _mean(real[has, place][:, None] > real[(truth >= 0) & ~has, place]),
    }


def _mean(values: Sequence[float] | NDArray[np.generic]) -> float:
    """Average what there is; nothing has no mean."""
    known = np.asarray(values, float)
    return float(np.nanmean(known)) if np.isfinite(known).any() else float("nan")


def attribute_report(figures: Mapping[str, Any]) -> list[str]:
    """Write the section of the report, as paragraphs of Markdown."""
    rows = []
    for name, attribute in figures.items():
        for value, row in [*attribute["values"].items(), ("**mean**", attribute)]:
            counts = [str(row.get(key, "")) for key in ("asked", "of patients with it", "real")]
            shares = [number(row[key]) for key in SHARES]
            rows.append([name, value, counts[0], *shares[:2], counts[1], shares[2], counts[2], *shares[3:]])
    return [
        "## Attributes",
        "Each value was asked for with the same unseen masks and the same noise. A classifier of the "
        "segmenter's features, trained on the real training images alone, names the value that it sees. Real "
        "images are those of unseen patients that have the value: as far as the classifier is right about "
        "them, it can be trusted.",
        "It also sees the shapes that the mask asks for, which may be those of one value alone. So *above* "
        "compares two images of one mask and one noise: of how many is the one that was asked for the value "
        "nearer to it, in the classifier's eyes, than the one that was asked for another? *Ranked* is the same "
        "of two real images, which differ in shape, too. *Its own patients* are those who have the value.",
        table(
            [
                "attribute",
                "value",
                "images",
                "seen in",
                "above",
                "of its own patients",
                "seen in these",
                "real images",
                "seen in these",
                "ranked",
            ],
            rows,
        ),
    ]


def attributes_in_short(figures: Mapping[str, Any]) -> list[str]:
    """Write a line for each attribute, for the model card."""
    return [
        f"- {name}: a classifier of real images sees the value that was asked for in a share of "
        f"{number(one['agrees'])} of the images, in {number(one['own'])} where the mask's patient has it, and "
        f"the right one in {number(one['found'])} of unseen real images. Of two images of one mask, the one "
        f"that was asked for a value is nearer to it in {number(one['above'])}; of two real ones, the one that "
        f"has it in {number(one['ranked'])}."
        for name, one in figures.items()
    ]
