"""The report of an evaluation, in Markdown."""

import math
from typing import Any

from segpaint.core.requests.faithfulness import POOR
from segpaint.core.words import counted, percentage
from segpaint.evaluation.edit_table import response_in_short, response_report
from segpaint.evaluation.tables import number, table

Figures = dict[str, Any]
FEW = 50
"""Number of masks below which the figures are rough."""
COLUMNS = {
    "real": "real",
    "generated": "generated",
    "ratio": "ratio",
    "real, pooled": "real pooled",
    "generated, pooled": "generated pooled",
    "real, beside": "real beside",
    "generated, beside": "generated beside",
}
"""Columns of the table of faithfulness, and where their figures are."""


def summary(figures: Figures) -> str:
    """Write the few figures that matter most, for the model card."""
    faithfulness, real, memory = figures["faithfulness"], figures["realism"], figures["memorisation"]
    mean = faithfulness["mean"]
    lowest = min(faithfulness["labels"].items(), key=lambda item: _or_inf(item[1]["ratio"]))
    return "\n".join(
        [
            f"- Faithfulness: mean Dice {number(mean['generated'])} against {number(mean['real'])} on the "
            f"real slices of the same patients (ratio {number(mean['ratio'])}; lowest: {lowest[0]}, "
            f"{number(lowest[1]['ratio'])}).",
            f"- Realism: kernel distance to unseen real slices {number(real['full mask']['kernel'])} "
            "(0: cannot be told apart); between two halves of the training slices "
            f"{number(real['floor']['kernel'])}.",
            f"- Copies: distance to the nearest training slice {number(memory['pixels']['ratio'])} of that of "
            f"unseen real slices in pixels, {number(memory['features']['ratio'])} in features (1 or more: no "
            "copies).",
            *(response_in_short(figures["edit response"]) if "edit response" in figures else []),
            *cautions(figures),
        ]
    )


def cautions(figures: Figures) -> list[str]:
    """List the reasons not to trust the figures."""
    ceilings = {name: row["real"] for name, row in figures["faithfulness"]["labels"].items()}
    poor = [f"{name} ({number(ceiling)})" for name, ceiling in ceilings.items() if not ceiling >= POOR]
    found = []
    if poor:
        found.append(
            "- **Caution:** even in real slices, the segmenter finds too little of "
            f"{', '.join(poor)}; their ratios, and the mean as far as they enter it, say little."
        )
    if figures["masks"] < FEW:
        found.append(
            f"- **Caution:** {counted(figures['masks'], 'mask is', 'masks are')} few; the figures are rough."
        )
    return found


def report(figures: Figures) -> str:
    """Write the whole report.

    Parameters
    ----------
    figures : dict
        As in the JSON file of `segpaint evaluate`.

    Returns
    -------
    str
        Markdown that refers to the pictures beside it.
    """
    return (
        "\n\n".join(
            [
                f"# Evaluation of {figures['name']}",
                f"Checkpoint `{figures['checkpoint']}` ({figures['fingerprint']}), "
                f"{counted(figures['masks'], 'mask')} of patients it was not trained on "
                f"(split {figures.get('split', 'val')}), {counted(figures['per mask'], 'image')} for each; "
                f"{counted(figures['steps'], 'step')} of `{figures['sampler']}`, "
                f"guidance {figures['guidance']:g}. Made by `segpaint evaluate`; the JSON file holds the "
                "same figures.",
                "## In short",
                summary(figures),
                "![Unseen mask, real slice, five seeds](seeds.png)",
                *_faithfulness(figures["faithfulness"]),
                "![Every label left out in turn](ablation.png)",
                *_blank(figures["blank"]),
                *_realism(figures["realism"]),
                *_texture(figures["texture"]),
                *_memorisation(figures["memorisation"]),
                "![Generated, nearest training slice, real slice of the same mask](nearest.png)",
                *_diversity(figures["diversity"]),
                *(response_report(figures["edit response"]) if "edit response" in figures else []),
                *(_edits(figures["edits"]) if "edits" in figures else []),
            ]
        )
        + "\n"
    )


def _faithfulness(figures: Figures) -> list[str]:
    labels = figures["labels"]
    mean = figures["mean"]
    first = [
        [name, str(row["slices"]), *(number(row[key]) for key in COLUMNS.values())]
        for name, row in labels.items()
    ]
    first.append(["**mean**", "", *map(number, (mean["real"], mean["generated"], mean["ratio"]))] + [""] * 4)
    outside = figures["background"]
    keys = ("same slices, full mask", "alone", "left out", "others, full mask", "others, left out")
    second = [
        [name, str(row["masks"]), *(number(row[key]) for key in keys)]
        for name, row in labels.items()
        if keys[0] in row
    ]
    return [
        "## Faithfulness",
        "A segmenter trained on real slices alone looks for each label. Its Dice on the real slices is the "
        "ceiling; the ratio says how much of it the generated images reach. Means are over slices that hold "
        "the label; pooled: over all pixels of all slices, also those where the label is rightly absent.",
        "Beside: what is found of a label where the mask says that it is not, over the area asked for.",
        table(["label", "slices", *COLUMNS], first),
        f"Mean grey level where the mask is background: {number(outside['generated'])} of 255, in the real "
        f"slices {number(outside['real'])}.",
        "What ablation costs: a label alone in the mask; and left out, when the model decides where it goes "
        "and the others should stay as they were. All of it on the same few masks.",
        table(
            ["label", "masks", "full mask", "alone", "left out", "others, full mask", "others, it left out"],
            second,
        ),
    ]


def _blank(figures: Figures) -> list[str]:
    rows = [
        [name, number(figures["real"][name]), number(share)] for name, share in figures["generated"].items()
    ]
    return [
        "## Without any mask",
        "Share of images in which the segmenter finds each label.",
        table(["label", "real", "generated"], rows),
    ]


def _realism(figures: Figures) -> list[str]:
    names = {
        "full mask": "generated, full masks, to unseen real",
        "blank mask": "generated, no mask, to training slices",
        "unseen real against training": "unseen real to training slices",
        "floor": "floor: two halves of the training slices",
    }
    rows = [
        [text, number(figures[key]["kernel"]), number(figures[key]["fréchet"])] for key, text in names.items()
    ]
    return [
        "## Realism",
        f"Distances between sets of {counted(figures['images'], 'image')} in the standardised features "
        "of the segmenter's coarsest level (mean and deviation of each channel); lower is nearer. The "
        "floor is parted between patients where the slices' names begin with the patient's.",
        table(["sets", "kernel", "Fréchet"], rows),
    ]


def _texture(figures: Figures) -> list[str]:
    return [
        "Power of the generated images over that of the real slices of the same masks, by spatial frequency in "
        "cycles per pixel: 1 is as sharp and as grainy as the real ones, less is smoother.",
        table(["band", *figures], [["power", *map(number, figures.values())]]),
    ]


def _memorisation(figures: Figures) -> list[str]:
    rows = [
        [name, *(number(figures[name][key]) for key in ("generated", "unseen real", "ratio"))]
        for name in ("pixels", "features")
    ]
    return [
        "## Copies",
        "Median distance to the nearest training slice (pixels: grey levels). A ratio near 1 says that "
        "generated images are no nearer to the training slices than real slices of other patients are.",
        table(["in", "generated", "unseen real", "ratio"], rows),
    ]


def _diversity(figures: Figures) -> list[str]:
    rows = [
        ["inside labels", number(figures["inside labels"])],
        ["outside labels", number(figures["outside labels"])],
    ]
    rows += [[name, number(value)] for name, value in figures["labels"].items()]
    return [
        "## Diversity",
        "Standard deviation over eight seeds for one mask, in grey levels of 255, averaged over pixels.",
        table(["where", "spread"], rows),
    ]


def _edits(figures: Figures) -> list[str]:
    decibels = sorted(figures["psnr"])
    shares = [f"{share:g}" for share in figures["shares"]]
    return [
        "## Editing real slices",
        f"{counted(figures['slices'], 'unseen slice')}, led back to noise under their own masks and sampled "
        f"again: PSNR {decibels[len(decibels) // 2]:.1f} dB at the median, {decibels[0]:.1f} dB at the lowest.",
        "Mean distance to the reference, in grey levels of 255, by similarity; it fell from each to the next "
        f"in {percentage(figures['falling'])} of the slices.",
        table(["similarity", *shares], [["distance", *map(number, figures["distance"])]]),
    ]


def _or_inf(value: float) -> float:
    return math.inf if math.isnan(value) else value
