"""How often the verdict on an edit is right, on pictures whose outcome is known."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from segpaint.core.diffusion.segmenter import Segmenter
from segpaint.core.masks.paint import bounds
from segpaint.core.requests.request import Stage
from segpaint.core.requests.verdict import Outcome
from segpaint.core.words import counted
from segpaint.evaluation.edits.cases import EditCase, patient_of
from segpaint.evaluation.edits.response import over_patients
from segpaint.evaluation.edits.table import interval
from segpaint.evaluation.edits.warps import warp_image, warp_mask
from segpaint.evaluation.tables import table
from segpaint.training.dataset import Pairs
from segpaint.training.segmenter_training import as_images

Figures: TypeAlias = Mapping[str, Any]
Pixels = NDArray[np.uint8]
PATCH = 6
"""Pixels on each side of a patch that is shuffled."""
SHARD = 3
"""Radius in pixels of a piece of a label that is pasted elsewhere."""
SHARDS = 3
AROUND = 4
"""Pixels around an edit in which a picture is damaged."""
FAINT, GRAIN = 6, 60
"""Standard deviations in grey levels of noise that is no damage, and of noise that is."""
VERDICTS = {
    Outcome.FOLLOWED: "followed", Outcome.PARTLY: "in part", Outcome.IGNORED: "not followed",
    Outcome.DAMAGED: "damaged", Outcome.UNKNOWN: "not judged",
}  # fmt: skip
"""How outcomes are named in figures."""


def measure_verdicts(
    cases: Sequence[EditCase], pairs: Pairs, segmenter: Segmenter, advance: Callable[[int], object]
) -> dict[str, Any]:
    """Count the verdicts on pictures whose outcome is known, with intervals over patients.

    Parameters
    ----------
    cases : sequence of EditCase
        Those without a deformation are passed over.
    pairs : Pairs
        The slices of the cases.
    advance : callable
        Receives the number of edits just finished.

    Returns
    -------
    dict
        How many "slices", "patients" and "edits". For each of the "pictures": what it is, its "outcome", how
        many there are, and the "rates" of verdicts. For each of the "verdicts": its "hit" rate, on pictures
        with this outcome, and its rate of a "false alarm", on all others.
    """
    rows: list[dict[str, Any]] = []
    edits = 0
    for case in cases:
        advance(1)
        known = known_outcome(case)
        if known is None:
            continue
        edits += 1
        name, real = pairs.names[case.row], pairs.images[case.row]
        used = tuple(
            index
            for index, annotated in zip(segmenter.table.indices, pairs.annotated[case.row], strict=True)
            if annotated
        )
        device = next(segmenter.parameters()).device
        reference = as_images(real[None]).to(device)
        stage = Stage(step=0, used=used, mask=known.after)
        for what, outcome, picture in known_pictures(known, real):
            image = as_images(picture[None]).to(device)
            verdict = segmenter.judge_edit(image, stage, reference, known.before, used)
            found = Outcome.UNKNOWN if verdict is None else verdict.outcome
            rows.append(
                {"patient": patient_of(name), "slice": name, "picture": what, "outcome": VERDICTS[outcome]}
                | {word: float(found is one) for one, word in VERDICTS.items()}
            )
    return {
        "slices": len({row["slice"] for row in rows}),
        "patients": len({row["patient"] for row in rows}),
        "edits": edits,
        "pictures": [
            _rates([row for row in rows if row["picture"] == what])
            for what in dict.fromkeys(row["picture"] for row in rows)
        ],
        "verdicts": {
            word: {
                "hit": over_patients([row for row in rows if row["outcome"] == word], word),
                "false alarm": over_patients([row for row in rows if row["outcome"] != word], word),
            }
            for word in dict.fromkeys(row["outcome"] for row in rows)
        },
    }


def _rates(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "picture": rows[0]["picture"],
        "outcome": rows[0]["outcome"],
        "count": len(rows),
        "rates": {word: over_patients(rows, word) for word in VERDICTS.values()},
    }


def verdict_report(figures: Figures) -> list[str]:
    """Write the section of the report, as paragraphs of Markdown."""
    rates = [
        [
            row["picture"],
            row["outcome"],
            str(row["count"]),
            *(interval(row["rates"][word]) for word in VERDICTS.values()),
        ]
        for row in figures["pictures"]
    ]
    verdicts = [
        [word, interval(row["hit"]), interval(row["false alarm"])] for word, row in figures["verdicts"].items()
    ]
    return [
        "## Verdicts",
        f"{counted(figures['edits'], 'edit')} of {counted(figures['slices'], 'unseen slice')} of "
        f"{counted(figures['patients'], 'patient')}, each a deformation that is done to the real slice, too. "
        "So it is known what the verdict on each picture should be. Brackets: 95 % intervals, found by drawing "
        "patients.",
        table(["real slice", "should be", "pictures", *VERDICTS.values()], rates),
        "Hit rate: the share of the pictures with this outcome that are judged so. False alarms: the share of "
        "all others that are judged so, too.",
        table(["verdict", "hit rate", "false alarms"], verdicts),
    ]


def known_outcome(case: EditCase) -> EditCase | None:
    """Ask for just what the deformation of an edit does; None if it has none, or changes nothing."""
    if case.sources is None:
        return None
    after = warp_mask(case.before, case.sources)
    return None if np.array_equal(after, case.before) else replace(case, after=after)


def known_pictures(case: EditCase, real: Pixels) -> Iterator[tuple[str, Outcome, Pixels]]:
    """Make pictures of an edit whose outcome is known.

    Parameters
    ----------
    case : EditCase
        From `known_outcome`.
    real : ndarray of uint8, shape (channels, height, width)
        Its slice.

    Yields
    ------
    name : str
        What was done to the slice.
    outcome : Outcome
        What the verdict should be.
    picture : ndarray of uint8, shape (channels, height, width)
    """
    sources = np.asarray(case.sources, np.float64)
    rng = np.random.default_rng([case.row, case.label, int(case.asked.sum())])
    warped = warp_image(real, sources)
    near = ndimage.binary_dilation(case.before != case.after, iterations=AROUND)
    yield "warped alike", Outcome.FOLLOWED, warped
    yield "warped half as far", Outcome.PARTLY, warp_image(real, (np.indices(near.shape) + sources) / 2)
    yield "left as it was", Outcome.IGNORED, real
    yield "left, with faint noise", Outcome.IGNORED, _noisy(real, near, rng, FAINT)
    for name, picture in (
        ("warped, patches shuffled", _shuffled(warped, near, rng)),
        ("warped, shards pasted", _with_shards(warped, case.asked, rng)),
        ("warped, strong noise", _noisy(warped, near, rng, GRAIN)),
    ):
        if not np.array_equal(picture, warped):
            yield name, Outcome.DAMAGED, picture


def _shuffled(image: Pixels, near: NDArray[np.bool_], rng: np.random.Generator) -> Pixels:
    rows, columns = bounds(near)
    corners = [
        (row, column)
        for row in range(rows.start, min(rows.stop, image.shape[1] - PATCH + 1), PATCH)
        for column in range(columns.start, min(columns.stop, image.shape[2] - PATCH + 1), PATCH)
    ]
    shuffled = image.copy()
    for there, number in zip(corners, rng.permutation(len(corners)).tolist(), strict=True):
        here = corners[number]
        shuffled[:, there[0] : there[0] + PATCH, there[1] : there[1] + PATCH] = image[
            :, here[0] : here[0] + PATCH, here[1] : here[1] + PATCH
        ]
    return shuffled


def _with_shards(image: Pixels, label: NDArray[np.bool_], rng: np.random.Generator) -> Pixels:
    """Paste discs from the middle of a label beside it."""
    inside = _inside(label.shape)
    distance = ndimage.distance_transform_edt(~label)
    places = np.argwhere(inside & (distance > 2 * SHARD) & (distance < 8 * SHARD))
    middle = (ndimage.distance_transform_edt(label) * inside).argmax()
    source = np.array(np.unravel_index(middle, label.shape))
    disc = np.argwhere(np.hypot(*np.mgrid[-SHARD : SHARD + 1, -SHARD : SHARD + 1]) <= SHARD) - SHARD
    pasted = image.copy()
    for place in rng.permutation(places)[:SHARDS]:
        there, here = (place + disc).T, (source + disc).T
        pasted[:, there[0], there[1]] = image[:, here[0], here[1]]
    return pasted


def _inside(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    inside = np.zeros(shape, np.bool_)
    inside[SHARD:-SHARD, SHARD:-SHARD] = True
    return inside


def _noisy(image: Pixels, near: NDArray[np.bool_], rng: np.random.Generator, spread: float) -> Pixels:
    noise = rng.normal(0, spread, image.shape) * near
    return np.clip(image + noise, 0, 255).round().astype(np.uint8)
