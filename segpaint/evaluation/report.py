"""The report of an evaluation, in Markdown."""

import math
from typing import Any

from segpaint.core.requests.faithfulness import POOR
from segpaint.core.words import counted, percentage
from segpaint.evaluation.attribute_response import attribute_report, attributes_in_short
from segpaint.evaluation.downstream.table import CURVES, PAIRS, downstream_in_short, downstream_report
from segpaint.evaluation.edits.table import PICTURE, response_in_short, response_report
from segpaint.evaluation.tables import number, table
from segpaint.evaluation.verdicts import verdict_report

Figures = dict[str, Any]
FEW = 50
"""Number of masks below which the figures are rough."""
SMOOTH = 0.25
"""Power at the finest spatial frequencies, over that of real images, below which noise may be lacking."""
GRAINED = 2
"""Power at the finest spatial frequencies over that of real images, from which it shows as grain."""
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
    alike = figures["diversity"]["similarity"]
    among, floor = real["full mask against training"], real["unseen real against training"]
    return "\n".join(
        [
            f"- Faithfulness: {_faithful_in_short(faithfulness)}.",
            *(
                f"- Faithfulness, judged by {judge}: {_faithful_in_short(seen)}."
                for judge, seen in figures.get("further judges", {}).items()
            ),
            f"- Realism: kernel distance to unseen real slices {number(real['full mask']['kernel'])} "
            "(0: cannot be told apart); between two halves of the training slices "
            f"{number(real['floor']['kernel'])}.",
            f"- Precision {number(among['precision'])} and recall {number(among['recall'])} among "
            f"{counted(real['images'], 'training slice')}; of the real slices of the same masks "
            f"{number(floor['precision'])} and {number(floor['recall'])}.",
            *(_features_in_short(figures["features"]) if "features" in figures else []),
            f"- Diversity: MS-SSIM {number(alike['between seeds'])} between images of one mask "
            f"({counted(alike['pairs'], 'pair')}); between real slices of different patients "
            f"{number(alike['between patients'])}.",
            f"- Copies: distance to the nearest training slice {number(memory['pixels']['ratio'])} of that of "
            f"unseen real slices in pixels, {number(memory['features']['ratio'])} in features (1 or more: no "
            f"copies){_among_patients(memory)}.",
            *(attributes_in_short(figures["attributes"]) if "attributes" in figures else []),
            *(response_in_short(figures["edit response"]) if "edit response" in figures else []),
            *(downstream_in_short(figures["downstream"]) if "downstream" in figures else []),
            *cautions(figures),
        ]
    )


def _faithful_in_short(faithfulness: Figures) -> str:
    mean = faithfulness["mean"]
    lowest = min(faithfulness["labels"].items(), key=lambda item: _or_inf(item[1]["ratio"]))
    return (
        f"mean Dice {number(mean['generated'])} against {number(mean['real'])} on the real slices of the same "
        f"patients (ratio {number(mean['ratio'])}; lowest: {lowest[0]}, {number(lowest[1]['ratio'])})"
    )


def pictures(figures: Figures) -> list[str]:
    """List the pictures that the report shows beside those of every evaluation."""
    edits = bool(figures.get("edit response", {}).get("pictured"))
    return [*([PICTURE] if edits else []), *([CURVES, PAIRS] if "downstream" in figures else [])]


def _among_patients(memory: Figures) -> str:
    """Compare with the training slices themselves, which may be more alike than unseen patients are to them."""
    pixels, features = (memory[name].get("other training patients, ratio") for name in ("pixels", "features"))
    if pixels is None or features is None:
        return ""
    return f"; training slices are at {number(pixels)} and {number(features)} from those of other patients"


def _features_in_short(figures: Figures) -> list[str]:
    made, floor = figures["full mask"], figures["floor"]
    return [
        f"- In the features of {figures['network']}: FID {number(made['fréchet'])} and KID "
        f"{number(made['kernel'])} between {counted(figures['images'], 'image')} and as many real ones, "
        f"and between two halves of the training slices {number(floor['fréchet'])} and "
        f"{number(floor['kernel'])}."
    ]


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
    finest = list(figures["texture"].values())[-1]
    if finest > GRAINED:
        found.append(
            f"- **Caution:** the finest detail has {finest:.1f} times the power of that in real images, which "
            "is grain; `segpaint checkpoint smooth` takes it out."
        )
    if finest < SMOOTH:
        found.append(
            f"- **Caution:** the finest detail has {finest:.2f} times the power of that in real images; where "
            "noise of the scanner is lacking, `segpaint checkpoint noise` adds it."
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
                *_further_judges(figures.get("further judges", {})),
                "![Every label left out in turn](ablation.png)",
                *_blank(figures["blank"]),
                *_realism(figures["realism"]),
                *(_features(figures["features"]) if "features" in figures else []),
                *_texture(figures["texture"]),
                *_memorisation(figures["memorisation"]),
                "![Generated, nearest training slice, real slice of the same mask](nearest.png)",
                *_diversity(figures["diversity"]),
                *(attribute_report(figures["attributes"]) if "attributes" in figures else []),
                *(response_report(figures["edit response"]) if "edit response" in figures else []),
                *(verdict_report(figures["verdicts"]) if "verdicts" in figures else []),
                *(_edits(figures["edits"]) if "edits" in figures else []),
                *(downstream_report(figures["downstream"]) if "downstream" in figures else []),
            ]
        )
        + "\n"
    )


def _by_label(figures: Figures) -> str:
    """Write the table of faithfulness, a label in a row, with the mean as the last."""
    mean = [number(figures["mean"][key]) for key in ("real", "generated", "ratio")]
    rows = [
        [name, str(row["slices"]), *(number(row[key]) for key in COLUMNS.values())]
        for name, row in figures["labels"].items()
    ]
    return table(["label", "slices", *COLUMNS], [*rows, ["**mean**", "", *mean, *[""] * 4]])


def _further_judges(judges: Figures) -> list[str]:
    """Write what other segmenters find in the same images, and what sets these apart from the model's own."""
    if not judges:
        return []
    parts = [
        "A model could come to please its own segmenter, whose opinion chose between settings. Others, trained "
        "apart, judge the same images."
    ]
    for judge, seen in judges.items():
        about = seen["about"]
        fold = "full resolution" if about["fold"] == 1 else f"pixels folded by {about['fold']}"
        parts += [
            f"### Faithfulness, judged by {judge}",
            f"Levels of {', '.join(map(str, about['channels']))} channels, {fold}{_training(about)}.",
            _by_label(seen),
        ]
    return parts


def _training(about: Figures) -> str:
    """Write how a segmenter was trained, as far as its folder holds it."""
    if not {"steps", "batch size", "seed"} <= set(about):
        return ""
    return f"; {counted(about['steps'], 'step')} of {about['batch size']}, seed {about['seed']}"


def _faithfulness(figures: Figures) -> list[str]:
    labels = figures["labels"]
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
        _by_label(figures),
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
    return [
        "## Realism",
        f"Distances between sets of {counted(figures['images'], 'image')} in the standardised features "
        "of the segmenter's coarsest level (mean and deviation of each channel); lower is nearer. The "
        "floor is parted between patients where the slices' names begin with the patient's.",
        "Precision: the share of the first set that lies among the second, nearer to one of its images than "
        "that one's third neighbour. Recall: the share of the second that lies among the first. Both grow "
        "with the number of images, so compare them with the floor. Masks of few patients make few kinds of "
        "images, whose recall among the training slices is low even where they are real.",
        _distances(figures),
    ]


def _features(figures: Figures) -> list[str]:
    return [
        f"The same in the features of `{figures['network']}`, as they are: Fréchet is FID, and kernel is KID. "
        f"Each set has {counted(figures['images'], 'image')}. FID falls as sets grow, so compare it with the "
        "floor, and not with figures of other sizes.",
        _distances(figures),
    ]


def _distances(figures: Figures) -> str:
    names = {
        "full mask": "generated, full masks, to unseen real",
        "full mask against training": "generated, full masks, to training slices",
        "blank mask": "generated, no mask, to training slices",
        "unseen real against training": "unseen real to training slices",
        "floor": "floor: two halves of the training slices",
    }
    keys = ("kernel", "fréchet", "precision", "recall")
    rows = [[text, *(number(figures[key][one]) for one in keys)] for key, text in names.items()]
    return table(["sets", "kernel", "Fréchet", "precision", "recall"], rows)


def _texture(figures: Figures) -> list[str]:
    return [
        "Power of the generated images over that of the real slices of the same masks, by spatial frequency in "
        "cycles per pixel: 1 is as sharp and as grainy as the real ones, less is smoother.",
        table(["band", *figures], [["power", *map(number, figures.values())]]),
    ]


def _memorisation(figures: Figures) -> list[str]:
    keys = ["generated", "unseen real", "ratio", "other training patients", "other training patients, ratio"]
    keys = [key for key in keys if key in figures["pixels"]]
    rows = [[name, *(number(row[key]) for key in keys)] for name, row in figures.items()]
    return [
        "## Copies",
        "Median distance to the nearest training slice (pixels: grey levels; normalised: without the mean and "
        "the contrast of each slice, since one that is too bright is far from all). A ratio near 1 shows that "
        "generated images are no nearer to the training slices than real slices of other patients are. Where "
        "unseen patients happen to be unlike all that were trained on, slices of new patients are nearer than "
        "they; so the distance of training slices to those of other patients stands beside it.",
        table(["in", *keys], rows),
    ]


def _diversity(figures: Figures) -> list[str]:
    rows = [
        ["inside labels", number(figures["inside labels"])],
        ["outside labels", number(figures["outside labels"])],
    ]
    rows += [[name, number(value)] for name, value in figures["labels"].items()]
    alike = figures["similarity"]
    made, real = (number(alike[key]) for key in ("between seeds", "between patients"))
    return [
        "## Diversity",
        "Standard deviation over eight seeds for one mask, in grey levels of 255, averaged over pixels.",
        table(["where", "spread"], rows),
        "Likeness of two images (MS-SSIM, Wang et al. 2003; 1 is the same image), averaged over pairs. Real "
        "slices of different patients are the floor: images of one mask are more alike, since they share it.",
        table(
            ["two", "pairs", "MS-SSIM"],
            [
                ["images of one mask, different seeds", str(alike["pairs"]), made],
                ["real slices, different patients", str(alike["real pairs"]), real],
            ],
        ),
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
