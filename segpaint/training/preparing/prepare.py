"""`segpaint prepare`: checks every volume, then writes a data set folder whole or not at all."""

import csv
from collections import Counter
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console

from segpaint.core.errors import SegPaintError
from segpaint.core.files import encode_png
from segpaint.core.labels.labels import LabelTable
from segpaint.core.whole_folders import whole_folder
from segpaint.core.words import counted, percentage
from segpaint.io.cases import Source
from segpaint.io.label_tables import encode_labels
from segpaint.io.volumes import is_picture, read_stack
from segpaint.training.preparing.overview import LabelCount, Sides, draw_contact_sheet
from segpaint.training.preparing.plan import SlicePlan, make_plan
from segpaint.training.preparing.settings import CONTACT, RECORD, CaseRecord, PreparationSettings, Record
from segpaint.training.preparing.slices import (
    Found,
    find_source,
    resample,
    window_of,
)
from segpaint.training.progress_bar import ProgressBar


def prepare(folder: Path, out: Path, settings: PreparationSettings, console: Console) -> None:
    """Turn a folder of volumes into a data set folder, and report on it.

    Parameters
    ----------
    folder : Path
        See `segpaint.training.preparing.slices.find_source`.
    out : Path
        The folder to make; it appears only when it is complete.
    console : Console
        For progress and summary.

    Raises
    ------
    SegPaintError
        If `out` exists or cannot be written, or a volume is faulty.
    """
    with whole_folder(out) as unfinished, ProgressBar(console=console) as bar:
        source = find_source(folder, settings)
        plan = make_plan(source, settings, bar)
        _report_remarks(console, plan)
        record = _cut(unfinished, source, settings, plan, bar)
    _tell(console, out, plan, record, settings)


# ---- cutting


def _cut(out: Path, source: Source, settings: PreparationSettings, plan: SlicePlan, bar: ProgressBar) -> Record:
    """Write all slices and their record."""
    pixels: Counter[int] = Counter()
    slices: Counter[int] = Counter()
    pairs: list[tuple[Path, Path, Sides]] = []
    cases: dict[str, CaseRecord] = {}
    annotated: list[tuple[str, str]] = []
    for one in bar.track(plan.found, description="Cutting slices"):
        stack, name = read_stack(one.case, plan.axis), one.case.name
        window = window_of(stack, one, settings, plan.modality)
        split = plan.splits[plan.patients[name]]
        for index in one.kept:
            image, mask = resample(stack, one, index, window, plan.spacing, settings.size)
            file = f"{name}.png" if is_picture(one.case) else f"{name}_{index:04d}.png"
            pair = out / "images" / split / file, out / "masks" / "all" / split / file
            _write(pair[0], encode_png(Image.fromarray(image.squeeze(-1) if image.shape[-1] == 1 else image)))
            # Grey, for other programs turn a palette into colours or shades.
            _write(pair[1], encode_png(Image.fromarray(mask)))
            pairs.append((*pair, one.sides))
            if name in plan.looked_for:
                annotated.append((file, ";".join(map(str, plan.looked_for[name]))))
            found = np.bincount(mask.ravel(), minlength=256)
            pixels.update({value: int(found[value]) for value in np.flatnonzero(found).tolist()})
            slices.update(np.flatnonzero(found).tolist())
        axis = None if is_picture(one.case) else plan.axis
        remarks = list(one.remarks.values())
        cases[name] = CaseRecord(split=split, slices=len(one.kept), window=window, axis=axis, remarks=remarks)
    if not any(case.split == "train" and case.slices for case in cases.values()):
        raise SegPaintError(
            f"No slice of {source.folder} is left to train on: none of the patients for training has a slice "
            "with a label. Try another --seed, or keep empty slices with --empty-share 1."
        )
    if annotated:
        with (out / "annotated.csv").open("w", newline="") as rows:
            csv.writer(rows).writerows([("name", "labels"), *annotated])
    table = _shown(plan.table, set(pixels))
    _write(out / "labels.json", encode_labels(table, plan.modality))
    counts = {label.index: LabelCount(pixels[label.index], slices[label.index] / len(pairs)) for label in table}
    pictures = is_picture(source.cases[0])
    draw_contact_sheet(out / CONTACT, pairs, table, counts)
    record = Record(
        source=str(source.folder.resolve()),
        settings=settings,
        pixel_spacing=None if pictures else round(plan.spacing, 4),
        shares={label.name: round(counts[label.index].slices, 4) for label in table},
        cases=cases,
    )
    _write(out / RECORD, (record.model_dump_json(indent=2) + "\n").encode())
    return record


def _shown(table: LabelTable, values: set[int]) -> LabelTable:
    """Leave out labels that no mask holds, unless one that is held lies inside them."""
    return LabelTable(label for label in table if values.intersection(table.family(label.index)))


def _write(path: Path, content: bytes) -> None:
    # Files need not be written atomically: the folder gets its name when all are there.
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


# ---- reporting


def _report_remarks(console: Console, plan: SlicePlan) -> None:
    """Print the modality, and one remark of each kind with the number of others."""
    for note in plan.notes:
        _print(console, note)
    _print(console, f"The modality is {plan.modality}, {plan.reason}.")
    alike: dict[str, list[str]] = {}
    for one in plan.found:
        for kind, sentence in one.remarks.items():
            alike.setdefault(kind, []).append(sentence)
    for first, *others in alike.values():
        more = f" {RECORD} lists {len(others)} more of this kind." if others else ""
        _print(console, first + more)


def _print(console: Console, line: str) -> None:
    console.print(line, markup=False, highlight=False, soft_wrap=True)


def _tell(console: Console, out: Path, plan: SlicePlan, record: Record, settings: PreparationSettings) -> None:
    say = partial(_print, console)
    for split in ("train", "val", "test"):
        cases = [one for one in record.cases.values() if one.split == split]
        if split == "test" and not cases:
            continue
        patients = len({plan.patients[name] for name, one in record.cases.items() if one.split == split})
        slices = counted(sum(one.slices for one in cases), "slice")
        say(f"{split}: {slices} of {counted(len(cases), 'case')} of {counted(patients, 'patient')}")
    if len(plan.splits) == 1:
        say("There is one patient alone, so val stays empty: slices of one body are too alike to test with.")
    unit = "times a pixel's own size" if record.pixel_spacing is None else "mm"
    say(f"{plan.modality}, {settings.size} x {settings.size} pixels of {plan.spacing:.3g} {unit}")
    cut = [one.case.name for one in plan.found if _is_cut(one, plan, settings)]
    if cut:
        say(f"Cases too large, and cut at the edges: {len(cut)}, such as {cut[0]}. A larger --spacing helps.")
    shares = sorted(record.shares.items(), key=lambda item: -item[1])
    told = ", ".join(f"{name} {percentage(share)}" for name, share in shares)
    say(f"Labels, with the share of slices that hold them: {told}")
    unseen = [label.name for label in plan.table if label.name not in record.shares]
    if unseen:
        say(f"Labels that no slice holds, left out: {', '.join(unseen)}")
    say(f"Look at {out / CONTACT} before you train: are sides, shades and outlines right?")


def _is_cut(one: Found, plan: SlicePlan, settings: PreparationSettings) -> bool:
    longest = max(length * step for length, step in zip(one.extent, one.spacing, strict=True))
    return longest > (settings.size + 1) * plan.spacing
