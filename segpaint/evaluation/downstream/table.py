"""The part of a report on segmenters that were trained on made pairs."""

from collections.abc import Mapping, Sequence
from typing import Any

from segpaint.core.words import counted
from segpaint.evaluation.downstream.plan import ARMS
from segpaint.evaluation.edits.table import FEW, interval
from segpaint.evaluation.tables import table

Figures = Mapping[str, Any]
CURVES, PAIRS = "downstream.png", "downstream-pairs.png"
BETTER, WORSE, NEITHER = "better", "worse", "no difference shown"
FEW_SEEDS = 3
"""Trainings of each segmenter below which their intervals leave out most of what chance does."""
CIRCULAR = (
    "That segmenter has seen all training patients, so *chosen* is not what a stranger to them would choose. "
    "It also prefers masks that are easy to find, such as large ones."
)


def downstream_in_short(figures: Figures) -> list[str]:
    """Write a line for each number of patients, for the model card."""
    lines = []
    for size in figures["sizes"]:
        arms = size["arms"]
        against = _difference(size, "both", "real")["mean"]
        lines.append(
            f"- A segmenter trained on {counted(size['patients'], 'patient')} finds unseen ones with a mean "
            f"Dice of {interval(arms['real']['mean'])} from real slices alone, "
            f"{interval(arms['synthetic']['mean'])} from made pairs alone, and "
            f"{interval(arms['both']['mean'])} from both: {_words(against)}, {signed(against)}."
        )
    return [*lines, *_caution(figures)]


def downstream_report(figures: Figures) -> list[str]:
    """Write the section of the report, as paragraphs of Markdown."""
    return [
        "## Are segmenters better for made pairs?",
        f"The network of `segpaint train-segmenter` was trained anew, {counted(figures['steps'], 'step')} of "
        f"{counted(figures['batch size'], 'pair')} each time, and tested on "
        f"{counted(figures['slices'], 'unseen slice')} of {counted(figures['patients'], 'patient')}. Each row "
        f"is of {counted(figures['seeds'], 'training')}, with other patients drawn for each. Brackets: 95 % "
        "intervals, found by drawing test patients and trainings.",
        "All get the same number of steps, the same network, and the same augmentation:\n\n"
        + "\n".join(f"- *{arm}*: {what}" for arm, what in ARMS.items()),
        f"Made pairs are of the masks of {_whose(figures)}, {figures['pairs']} for each real slice, varied by "
        "the program's own gestures. Where real slices and made pairs are mixed, half of what is drawn is "
        "real.",
        _protocol(figures),
        "The checkpoint's segmenter chooses the half of the made pairs in which it finds most of the mask. "
        f"{CIRCULAR}",
        "*Rare* masks are edited more: what is larger than in most training masks becomes larger still, what "
        "is smaller becomes smaller, walls thicken or thin, and labels are displaced. *Tails* are the unseen "
        "slices in which a label's area, or its wall, is among the smallest or the largest tenth.",
        f"![Real slices, and the pairs made of their masks]({PAIRS})",
        f"![Dice on unseen patients, by number of training patients]({CURVES})",
        "### Dice on unseen patients",
        _dice(figures),
        "### What the pairs change",
        "Differences of Dice on the same slices; above 0, the first one is better.",
        _differences(figures),
        "### In the tails",
        *_tails(figures),
        "### In words",
        *_conclusions(figures),
        *_caution(figures),
    ]


def _whose(figures: Figures) -> str:
    return "all training patients" if figures["every mask"] else "the available patients alone"


def _protocol(figures: Figures) -> str:
    """Write what the figures are of, and what they are not."""
    seen = "The checkpoint itself has seen all training patients. "
    if figures["every mask"]:
        return seen + (
            "Their masks are used, too, whatever the number of available patients. So this measures what a "
            "finished model adds together with many masks, such as those of another hospital."
        )
    return seen + (
        "So this measures what a finished model adds for somebody who has few labelled scans, and not what can "
        "be gained from these few scans alone."
    )


def _dice(figures: Figures) -> str:
    labels = _labels(figures)
    rows = [
        [
            str(size["patients"]),
            arm,
            str(_pairs(size, arm)),
            *(interval(size["arms"][arm]["labels"][name]) for name in labels),
            interval(size["arms"][arm]["mean"]),
            interval(size["arms"][arm]["tails"]),
        ]
        for size in figures["sizes"]
        for arm in ARMS
    ]
    return table(["patients", "trained on", "pairs", *labels, "mean", "tails"], rows)


def _pairs(size: Figures, arm: str) -> int:
    """Count the different pairs that a segmenter is trained on, on average."""
    real, made = float(size["real slices"]), float(size["made pairs"])
    return round({"real": real, "synthetic": made, "chosen": real + made / 2}.get(arm, real + made))


def _differences(figures: Figures) -> str:
    labels = _labels(figures)
    rows = [
        [
            str(size["patients"]),
            f"{row['arm']} − {row['against']}",
            *(signed(row["labels"][name]) for name in labels),
            signed(row["mean"]),
            signed(row["tails"]),
        ]
        for size in figures["sizes"]
        for row in size["differences"]
    ]
    return table(["patients", "difference", *labels, "mean", "tails"], rows)


def _tails(figures: Figures) -> list[str]:
    if not figures["tails"]:
        return ["There are too few unseen slices for any."]
    rows = [
        [
            str(size["patients"]),
            f"{tail['label']}, {tail['side']} {tail['measure']}",
            str(tail["slices"]),
            *(interval(size["arms"][arm]["each tail"][place]) for arm in ("real", "both", "rare")),
            signed(_difference(size, "rare", "both")["each tail"][place]),
        ]
        for size in figures["sizes"]
        for place, tail in enumerate(figures["tails"])
    ]
    return [table(["patients", "tail", "slices", "real", "both", "rare", "rare − both"], rows)]


def _conclusions(figures: Figures) -> list[str]:
    """List what is better and what is worse, by an interval without 0, and how much shows no difference."""
    found: dict[str, list[str]] = {words: [] for words in (BETTER, WORSE, NEITHER)}
    for size in figures["sizes"]:
        for row in size["differences"]:
            for where, one in (("on average", row["mean"]), ("in the tails", row["tails"])):
                found[_words(one)].append(
                    f"{row['arm']} against {row['against']} with {counted(size['patients'], 'patient')}, "
                    f"{where} ({signed(one)})"
                )
    lines = [
        f"- {words[0].upper()}{words[1:]}: {'; '.join(some) or 'nothing'}." for words, some in found.items()
    ]
    compared = sum(map(len, found.values()))
    return [
        "\n".join(lines),
        f"Of {counted(compared, 'comparison')}, one in twenty would show a difference by chance, and more "
        "where test patients are few.",
    ]


def _words(found: Figures) -> str:
    """Name a difference: better or worse where its interval excludes 0."""
    if found["low"] > 0:
        return BETTER
    if found["high"] < 0:
        return WORSE
    return NEITHER


def _caution(figures: Figures) -> list[str]:
    found = []
    if figures["patients"] < FEW:
        found.append(
            f"- **Caution:** segmenters are tested on {counted(figures['patients'], 'patient')} alone; their "
            "intervals are too narrow."
        )
    if figures["seeds"] < FEW_SEEDS:
        found.append(
            f"- **Caution:** {counted(figures['seeds'], 'training')} of each segmenter cannot show how much "
            "differs by chance from training to training; the intervals leave that out."
        )
    return found


def signed(figures: Figures) -> str:
    """Write a difference with its interval, if it has one."""
    value, low, high = (figures[key] for key in ("value", "low", "high"))
    if value != value:
        return "–"
    return f"{value:+.3f}" if low != low else f"{value:+.3f} [{low:+.3f}, {high:+.3f}]"


def _labels(figures: Figures) -> Sequence[str]:
    return list(figures["sizes"][0]["arms"]["real"]["labels"])


def _difference(size: Figures, arm: str, other: str) -> Figures:
    return next(row for row in size["differences"] if (row["arm"], row["against"]) == (arm, other))
