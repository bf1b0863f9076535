"""Whether images show the attributes that were asked for, as a classifier of real images sees it."""

from collections.abc import Callable, Mapping
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
        with torch.inference_mode():
            return np.asarray(self._model(self._standardised(features)).argmax(dim=1).numpy(), np.int64)

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
        By attribute: the "values", and the means over these of "agrees" and "found". Of each value: how many
        images it was "asked" for, the share of them in which the classifier "agrees", how many unseen "real"
        images have it, and the share of these in which it is "found". What cannot be measured is left out.
    """
    figures = {}
    train, val = (describe(pairs.images, pairs.masks) for pairs in (data.train, data.val))
    for column, attribute in enumerate(data.attributes):
        values = data.train.attributes[:, column]
        known = values > 0
        if len(np.unique(values[known])) < len(attribute.values) or len(attribute.values) < 2:
            continue
        classify = Classifier(train[known], values[known] - 1)
        truth, seen = data.val.attributes[:, column] - 1, classify(val)
        rows: dict[str, Any] = {}
        for place, value in enumerate(attribute.values):
            batch = plan.asked[attribute.name, value]
            made = classify(describe(images[batch.name], data.val.masks[batch.rows]))
            real = truth == place
            rows[value] = {
                "asked": len(batch),
                "agrees": float((made == place).mean()),
                "real": int(real.sum()),
                "found": float((seen[real] == place).mean()) if real.any() else float("nan"),
            }
        figures[attribute.name] = {"values": rows} | {
            key: float(np.nanmean([row[key] for row in rows.values()])) for key in ("agrees", "found")
        }
    return figures


def attribute_report(figures: Mapping[str, Any]) -> list[str]:
    """Write the section of the report, as paragraphs of Markdown."""
    rows = []
    for name, attribute in figures.items():
        for value, row in attribute["values"].items():
            rows.append(
                [name, value, str(row["asked"]), number(row["agrees"]), str(row["real"]), number(row["found"])]
            )
        rows.append([name, "**mean**", "", number(attribute["agrees"]), "", number(attribute["found"])])
    return [
        "## Attributes",
        "Each value was asked for with the same unseen masks and the same noise. A classifier of the "
        "segmenter's features, trained on the real training images alone, names the value that it sees. Real "
        "images are those of unseen patients that have the value: as far as the classifier is right about "
        "them, it can be trusted.",
        table(["attribute", "value", "images", "seen in", "real images", "seen in these"], rows),
    ]


def attributes_in_short(figures: Mapping[str, Any]) -> list[str]:
    """Write a line for each attribute, for the model card."""
    return [
        f"- {name}: a classifier of real images sees the value that was asked for in a share of "
        f"{number(one['agrees'])} of the images, and the right one in {number(one['found'])} of unseen real "
        "images."
        for name, one in figures.items()
    ]
