"""The part of a report on how far images follow edits."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from segpaint.core.words import counted
from segpaint.evaluation.tables import number, table

Figures = Mapping[str, Any]
FEW = 10
"""Patients below which an interval is too narrow."""
TITLES = {
    "mask": "from the mask", "reference": "with the reference, from noise",
    "warp first": "with the reference, warped first",
}  # fmt: skip
"""How the ways of `segpaint.evaluation.edits.making.WAYS` are named; others have their own name."""
PICTURE = "edits.png"


def response_in_short(figures: Figures) -> list[str]:
    """Write a line for each judge, for the model card."""
    lines = [
        line
        for judge, seen in figures["judges"].items()
        for line in (_followed(judge, seen, _ways(figures)), _removed(judge, seen, _ways(figures)))
        if line
    ]
    if figures["patients"] < FEW:
        lines.append(
            f"- **Caution:** the edits are of {counted(figures['patients'], 'patient')} alone; their "
            "intervals are too narrow."
        )
    return lines


def _followed(judge: str, seen: Figures, ways: Sequence[str]) -> str:
    warps = seen["warps"]
    if not warps["edits"]:
        return ""
    parts = [
        f"{title(way)} {number(warps[way]['response']['value'])} (ratio {interval(warps[way]['ratio'])})"
        for way in ways
    ]
    return (
        f"- Edits, judged by {judge}: it agrees with {number(warps['ceiling'])} of what a gesture changes in "
        f"real slices that are warped alike, and in images {', '.join(parts)}; "
        f"{counted(warps['edits'], 'edit')} of {counted(warps['patients'], 'patient')}."
    )


def _removed(judge: str, seen: Figures, ways: Sequence[str]) -> str:
    row = seen["gestures"].get("remove")
    if row is None:
        return ""
    parts = [f"{title(way)} {interval(row[way]['response'])}" for way in ways]
    return (
        f"- Removed labels that {judge} no longer finds: {', '.join(parts)} of their pixels, and "
        f"{number(row['filled'])} where nearby tissue fills their place in the real slice; "
        f"{counted(row['edits'], 'edit')} of {counted(row['patients'], 'patient')}."
    )


def response_report(figures: Figures) -> list[str]:
    """Write the section of the report, as paragraphs of Markdown."""
    parts = [
        "## Following edits",
        f"{counted(figures['edits'], 'edit')} of {counted(figures['slices'], 'unseen mask')} of "
        f"{counted(figures['patients'], 'patient')}, by the program's own gestures. The amount is a share of "
        "the label's diameter; of its thickness, where a wall thickens or thins.",
        "*Response*: of the pixels that the label gains or loses, the share on which a segmenter agrees with "
        "the edited mask. *Unedited*: the same in the real slice as it was. *Ceiling*: the same in the real "
        "slice, deformed as the gesture does. *Ratio*: response over ceiling, where there is one. A removal is "
        "judged only where the segmenter sees the label in the real slice. Its ceiling is the real slice with "
        "nearby tissue in the label's place: what the segmenter still finds there, it finds by position alone. "
        "Brackets: 95 % intervals, found by "
        "drawing patients.",
    ]
    for judge, seen in figures["judges"].items():
        rows = [(_kind(row), row) for row in seen["kinds"]]
        parts += [
            f"### Judged by {judge}",
            _table("gesture", [("**all warps**", seen["warps"]), *seen["gestures"].items()], figures),
            _table("label", list(seen["labels"].items()), figures),
            _table("label, gesture, amount", rows, figures),
        ]
    likeness = [
        [title(way), gesture, str(row["edits"]), *(number(row[key]) for key in ("ssim", "bias", "grain"))]
        for way, all_of_it in figures["likeness"].items()
        if all_of_it["edits"]
        for gesture, row in (("**all**", all_of_it), *all_of_it["gestures"].items())
    ]
    parts += [
        "### Inside the edit",
        "Compared with the warped real slice, in the edit and 2 pixels around it. SSIM: 1 is the same picture; "
        "an image from the mask alone is another picture. Bias: made minus real, in grey levels of 255. Grain: "
        "the power from 0.2 cycles per pixel over that of the real slice, at the median.",
        table(["made", "gesture", "edits", "SSIM", "bias", "grain"], likeness),
    ]
    if figures["pictured"]:
        parts.append(f"![The edits that fall short most]({PICTURE})")
    return parts


def _table(head: str, rows: Sequence[tuple[str, Figures]], figures: Figures) -> str:
    ways = _ways(figures)
    heads = [head, "edits", "patients", "unedited", "ceiling"]
    for way in ways:
        heads += [title(way), "ratio"]
    lines = []
    for name, row in rows:
        ceiling = row["ceiling"] if row["warps"] else row["filled"]
        line = [name, str(row["edits"]), str(row["patients"]), number(row["unedited"]), number(ceiling)]
        for way in ways:
            line += [interval(row[way]["response"]), interval(row[way]["ratio"])]
        lines.append(line)
    return table(heads, lines)


def _kind(row: Figures) -> str:
    amount = f", {100 * row['amount']:.0f} %" if row["amount"] else ""
    return f"{row['label']}: {row['gesture']}{amount}"


def _ways(figures: Figures) -> list[str]:
    return list(figures["likeness"])


def title(way: str) -> str:
    """Name the way in which an edit became an image."""
    return TITLES.get(way, way)


def interval(figures: Figures) -> str:
    """Write a value with its interval, if it has one."""
    value, low, high = (figures[key] for key in ("value", "low", "high"))
    return number(value) if math.isnan(low) else f"{value:.2f} [{low:.2f}, {high:.2f}]"
