"""Edits unseen slices by gestures, makes their images, and measures how far these follow."""

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from segpaint.core.labels.labels import LabelTable
from segpaint.core.masks.warp import plan_warp
from segpaint.evaluation.edits.cases import EditCase, patient_of
from segpaint.evaluation.edits.making import WAYS, Editor
from segpaint.evaluation.edits.pictures import WANTED, PoorEdit, draw_poorest, poorest
from segpaint.evaluation.edits.response import Find, MadeEdit, Pixels, likeness, responses, summarise
from segpaint.evaluation.edits.warps import warp_image
from segpaint.training.dataset import Pairs

Row = dict[str, Any]
LIKENESS = ("ssim", "bias", "grain")


@dataclass(frozen=True, eq=False)
class MeasuredEdits:
    """The result of `measure_response`.

    Attributes
    ----------
    figures : dict
        For each judge, summaries by label, gesture and amount; for each way, likeness to warped slices.
    rows : list of dict
        Each edit on its own.
    picture : bytes or None
        The worst edits, as a PNG; None if there are no edits.
    """

    figures: dict[str, Any]
    rows: list[Row]
    picture: bytes | None


def measure_response(
    cases: Sequence[EditCase], editor: Editor, judges: Mapping[str, Find], table: LabelTable,
    advance: Callable[[int], object],
) -> MeasuredEdits:  # fmt: skip
    """Measure how far images follow edits, with and without a reference.

    Parameters
    ----------
    cases : sequence of EditCase
        From `segpaint.evaluation.edits.cases.plan_edits`, slice by slice.
    judges : mapping of str to callable
        Each finds all labels of the table in images. The first chooses the worst edits.
    advance : callable
        Receives the number of images just finished.
    """
    rows: list[Row] = []
    poor: list[PoorEdit] = []
    for _, group in itertools.groupby(cases, key=lambda case: case.row):
        some = list(group)
        made = {way: editor(some, way, advance) for way in WAYS}
        for number, case in enumerate(some):
            real = editor.pairs.images[case.row]
            warped = None if case.sources is None else warp_image(real, case.sources)
            images = {way: those[number] for way, those in made.items()}
            edit = MadeEdit(case, real, warped, images, _filled(case, editor.pairs, table))
            row = _row(edit, editor.pairs.names[case.row], judges, table)
            rows.append(row)
            first = row["judges"].get(next(iter(judges)))
            if first is not None:
                poor += [PoorEdit(edit, way, first[way], first.get("ceiling", WANTED)) for way in WAYS]
        poor = poorest(poor)
    picture = draw_poorest(poor, table, next(iter(judges.values()))) if poor else None
    return MeasuredEdits({**_figures(rows, list(judges)), "pictured": len(poor)}, rows, picture)


def _filled(case: EditCase, pairs: Pairs, table: LabelTable) -> Pixels | None:
    """Fill the place of a removed label with nearby tissue: what a judge still finds there is no label."""
    if case.gesture != "remove":
        return None
    known = pairs.annotated[case.row]
    used = [index for index, annotated in zip(table.indices, known, strict=True) if annotated]
    warp = plan_warp((case.before, used), (case.after, used), table, None)
    carried = warp.carry(np.moveaxis(pairs.images[case.row], 0, -1).squeeze())
    return np.moveaxis(np.atleast_3d(carried), -1, 0)


def _row(edit: MadeEdit, name: str, judges: Mapping[str, Find], table: LabelTable) -> Row:
    case = edit.case
    column = table.indices.index(case.label)
    judged = {judge: responses(edit, find, column) for judge, find in judges.items()}
    like = {way: likeness(edit, way) for way in edit.made}
    return {
        "slice": name,
        "patient": patient_of(name),
        "label": table[case.label].name,
        "gesture": case.gesture,
        "amount": case.amount,
        "pixels": int(case.changed.sum()),
        "judges": {judge: shares for judge, shares in judged.items() if shares is not None},
        "likeness": {way: figures for way, figures in like.items() if figures is not None},
    }


def _figures(rows: Sequence[Row], judges: Sequence[str]) -> dict[str, Any]:
    return {
        "slices": len({row["slice"] for row in rows}),
        "patients": len({row["patient"] for row in rows}),
        "edits": len(rows),
        "judges": {judge: _by_judge(rows, judge) for judge in judges},
        "likeness": {way: _likeness(rows, way) for way in WAYS},
    }


def _by_judge(rows: Sequence[Row], judge: str) -> dict[str, Any]:
    seen = [
        {
            "patient": row["patient"],
            "kind": (row["label"], row["gesture"], row["amount"]),
            **row["judges"][judge],
        }
        for row in rows
        if judge in row["judges"]
    ]

    def summary(chosen: Sequence[Row]) -> dict[str, Any]:
        return summarise(chosen, list(WAYS))

    kinds = sorted({row["kind"] for row in seen})
    labels, gestures = (list(dict.fromkeys(kind[part] for kind in kinds)) for part in (0, 1))
    return {
        "warps": summary([row for row in seen if "ceiling" in row]),
        "labels": {name: summary([row for row in seen if row["kind"][0] == name]) for name in labels},
        "gestures": {name: summary([row for row in seen if row["kind"][1] == name]) for name in gestures},
        "kinds": [
            {
                **dict(zip(("label", "gesture", "amount"), kind, strict=True)),
                **summary([row for row in seen if row["kind"] == kind]),
            }
            for kind in kinds
        ],
    }


def _likeness(rows: Sequence[Row], way: str) -> dict[str, Any]:
    some = [row for row in rows if way in row["likeness"]]
    gestures = sorted({row["gesture"] for row in some})
    return {
        **_average_likeness([row["likeness"][way] for row in some]),
        "gestures": {
            name: _average_likeness([row["likeness"][way] for row in some if row["gesture"] == name])
            for name in gestures
        },
    }


def _average_likeness(some: Sequence[Row]) -> dict[str, Any]:
    """Average SSIM and bias, and take the median of the grain, which is a quotient."""
    if not some:
        return {"edits": 0}
    values = {name: np.array([figures[name] for figures in some]) for name in LIKENESS}
    return {
        "edits": len(some),
        "ssim": float(values["ssim"].mean()),
        "bias": float(values["bias"].mean()),
        "grain": float(np.nanmedian(values["grain"])),
    }
