"""`segpaint prepare`: checks every volume, then writes a data set folder whole or not at all."""

import shutil
from collections import Counter
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image
from pydantic import ValidationError
from rich.console import Console

from segpaint.core.errors import SegPaintError, first_problem, raise_first
from segpaint.core.files import check_writable, encode_png
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.labels.palette import distinct_colors
from segpaint.io.cases import Axis, Source
from segpaint.io.label_tables import encode_labels, read_label_file
from segpaint.io.volume_headers import Volume
from segpaint.io.volumes import check_case, is_picture, read_stack
from segpaint.training.preparing.axes import choose_axis, remark_on_axis
from segpaint.training.preparing.modality import decide_modality, remark_on_shift
from segpaint.training.preparing.overview import LabelCount, draw_contact_sheet
from segpaint.training.preparing.settings import CONTACT, RECORD, CaseRecord, PreparationSettings, Record
from segpaint.training.preparing.slices import (
    Found,
    find_source,
    fitting_spacing,
    look_at,
    resample,
    split_patients,
    window_of,
)
from segpaint.training.progress_bar import ProgressBar


@dataclass(frozen=True)
class SlicePlan:
    """The decisions made before the first slice is cut.

    Attributes
    ----------
    reason : str
        Why the modality was chosen, a clause.
    spacing : float
        Millimetres per pixel, or pixels per pixel of pictures.
    patients, splits : dict
        See `segpaint.training.preparing.slices.split_patients`.
    """

    axis: Axis
    table: LabelTable
    modality: str
    reason: str
    spacing: float
    patients: dict[str, str]
    splits: dict[str, str]
    found: list[Found]


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
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise SegPaintError(f"{out} exists already; choose another folder, or remove it.")
    source = find_source(folder, settings)
    check_writable(out.parent)
    unfinished = out.with_name(f".{out.name}.unfinished")
    with ProgressBar(console=console) as bar:
        plan = _look_through(source, settings, bar)
        _report_remarks(console, plan)
        shutil.rmtree(unfinished, ignore_errors=True)  # of a preparation that was killed
        try:
            record = _cut(unfinished, source, settings, plan, bar)
            if out.exists():
                out.rmdir()
            unfinished.rename(out)
        except OSError as error:
            raise SegPaintError(f"{out} cannot be written: {error.strerror or error}.") from error
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    _tell(console, out, plan, record, settings)


# ---- looking


def _look_through(source: Source, settings: PreparationSettings, bar: ProgressBar) -> SlicePlan:
    volumes = _checked(source)
    axis = choose_axis(volumes.values(), settings.axis)
    named, told = _named(source, settings)
    patients, splits = split_patients([case.name for case in source.cases], settings)
    found = [
        look_at(case, read_stack(case, axis), settings)
        for case in bar.track(source.cases, description="Looking through")
    ]
    for one in found:
        if one.case.name in volumes:
            one.remarks.update(remark_on_axis(volumes[one.case.name], axis, settings.axis))
    values = sorted(frozenset().union(*(one.values for one in found)))
    if not values:
        raise SegPaintError(f"No labels file in {source.folder} holds any label: all their values are 0.")
    numbered = {value: f"label {value}" for value in values}
    table = _coloured(numbered) if named is None else named
    _check_values(found, table, settings.labels or source.folder / "dataset.json")
    modality, reason = _modality(found, source, settings, told)
    for one in found:
        if modality == "CT" and one.intensities.is_shifted:
            one.remarks.update(remark_on_shift(one.case.images[0], settings.window))
    spacing = settings.spacing or fitting_spacing(found, settings.size)
    return SlicePlan(axis, table, modality, reason, spacing, patients, splits, found)


def _checked(source: Source) -> dict[str, Volume]:
    """Check all headers, and return those of the volumes by the case's name."""
    volumes, problems = {}, []
    for case in source.cases:
        try:
            volume = check_case(case)
        except SegPaintError as error:
            problems.append(str(error))
        else:
            if volume is not None:
                volumes[case.name] = volume
    raise_first(problems)
    return volumes


def _modality(
    found: list[Found], source: Source, settings: PreparationSettings, told: str | None
) -> tuple[str, str]:
    """Decide what the images are, and why, see `decide_modality`."""
    names = {"--modality": settings.modality, str(settings.labels): told, "the data set": source.modality}
    if is_picture(source.cases[0]) and not any(names.values()):
        return "OT", "DICOM's name for any other kind, because these are pictures"
    return decide_modality({one.case.images[0]: one.intensities for one in found}, names)


def _named(source: Source, settings: PreparationSettings) -> tuple[LabelTable | None, str | None]:
    """Get the labels that a table or the data set names, and the modality given by the table."""
    if settings.labels is not None:
        file = read_label_file(Path(settings.labels))
        return file.table, file.modality
    if source.labels is None:
        return None, None
    try:
        return _coloured(source.labels), None
    except ValidationError as error:
        path = source.folder / "dataset.json"
        raise SegPaintError(f"{path} has a label that is not valid: {first_problem(error)}.") from error


def _coloured(names: dict[int, str]) -> LabelTable:
    colors = distinct_colors(len(names))
    return LabelTable(
        Label(index=value, name=names[value], color=color)
        for value, color in zip(sorted(names), colors, strict=True)
    )


def _check_values(found: list[Found], table: LabelTable, teller: Path | str) -> None:
    strangers = {one.case.labels: one.values - set(table.indices) for one in found}
    raise_first(
        [
            f"{path} holds the value {min(unnamed)}, which {teller} does not name."
            for path, unnamed in strangers.items()
            if unnamed
        ]
    )


# ---- cutting


def _cut(out: Path, source: Source, settings: PreparationSettings, plan: SlicePlan, bar: ProgressBar) -> Record:
    """Write all slices and their record."""
    pixels: Counter[int] = Counter()
    slices: Counter[int] = Counter()
    pairs: list[tuple[Path, Path]] = []
    cases: dict[str, CaseRecord] = {}
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
            pairs.append(pair)
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
    table = _shown(plan.table, set(pixels))
    _write(out / "labels.json", encode_labels(table, plan.modality))
    counts = {label.index: LabelCount(pixels[label.index], slices[label.index] / len(pairs)) for label in table}
    pictures = is_picture(source.cases[0])
    sides = {one.sides for one in plan.found}
    draw_contact_sheet(out / CONTACT, pairs, table, counts, sides.pop() if len(sides) == 1 else None)
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
    counts = {split: [one for one in record.cases.values() if one.split == split] for split in ("train", "val")}
    for split, cases in counts.items():
        patients = len({plan.patients[name] for name, one in record.cases.items() if one.split == split})
        say(f"{split}: {sum(one.slices for one in cases)} slices of {len(cases)} cases of {patients} patients")
    if len(plan.splits) == 1:
        say("There is one patient alone, so val stays empty: slices of one body are too alike to test with.")
    unit = "times a pixel's own size" if record.pixel_spacing is None else "mm"
    say(f"{plan.modality}, {settings.size} x {settings.size} pixels of {plan.spacing:.3g} {unit}")
    cut = [one.case.name for one in plan.found if _is_cut(one, plan, settings)]
    if cut:
        say(f"Cases too large, and cut at the edges: {len(cut)}, such as {cut[0]}. A larger --spacing helps.")
    shares = sorted(record.shares.items(), key=lambda item: -item[1])
    told = ", ".join(f"{name} {share:.0%}" for name, share in shares)
    say(f"Labels, with the share of slices that hold them: {told}")
    unseen = [label.name for label in plan.table if label.name not in record.shares]
    if unseen:
        say(f"Labels that no slice holds, left out: {', '.join(unseen)}")
    say(f"Look at {out / CONTACT} before you train: are sides, shades and outlines right?")


def _is_cut(one: Found, plan: SlicePlan, settings: PreparationSettings) -> bool:
    longest = max(length * step for length, step in zip(one.extent, one.spacing, strict=True))
    return longest > (settings.size + 1) * plan.spacing
