"""Looks through all volumes, and decides how they become slices before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem, raise_first
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.labels.palette import distinct_colors
from segpaint.io.cases import Axis, Source
from segpaint.io.label_tables import read_label_file
from segpaint.io.modality_names import modality_of_files
from segpaint.io.volume_headers import Volume
from segpaint.io.volumes import check_case, is_picture, read_stack
from segpaint.training.preparing.axes import choose_axis, remark_on_axis
from segpaint.training.preparing.modality import decide_modality, remark_on_shift
from segpaint.training.preparing.settings import PreparationSettings
from segpaint.training.preparing.slices import (
    Found,
    check_sizes,
    fitting_spacing,
    look_at,
    remark_on_shades,
    split_patients,
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
    looked_for : dict of str to list of int
        The labels that were looked for in a case, by its name, where those are not all.
    notes : tuple of str
        What is left out, in sentences.
    """

    axis: Axis
    table: LabelTable
    modality: str
    reason: str
    spacing: float
    patients: dict[str, str]
    splits: dict[str, str]
    found: list[Found]
    looked_for: dict[str, list[int]]
    notes: tuple[str, ...]


def make_plan(source: Source, settings: PreparationSettings, bar: ProgressBar) -> SlicePlan:
    """Look through all cases of a data set, and decide how to cut them.

    Raises
    ------
    SegPaintError
        If a file is faulty, a value has no name, the modality is in doubt, or a slice would fill the memory or
        show nothing.
    """
    volumes = _checked(source)
    axis = choose_axis(volumes.values(), settings.axis)
    named, told = _named(source, settings)
    patients, splits = split_patients(source.cases, settings)
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
    looked_for = _looked_for(source)
    for one in found:
        one.remarks.update(remark_on_shades(one, settings, modality))
        if one.case.name in looked_for:
            present = f"{len(looked_for[one.case.name])} of the {len(table)} structures"
            one.remarks["structures"] = f"{one.case.labels} has {present}; the others count as not looked for."
    if all("dull" in one.remarks for one in found):
        raise SegPaintError(f"{found[0].remarks['dull']} All are so: there is nothing to learn from.")
    spacing = settings.spacing or fitting_spacing(found, settings.size)
    check_sizes(found, spacing)
    return SlicePlan(axis, table, modality, reason, spacing, patients, splits, found, looked_for, source.notes)


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


def _looked_for(source: Source) -> dict[str, list[int]]:
    """Find the cases that lack the files of some structures, with the values of those that they have."""
    present = {case.name: sorted(value for value, _ in case.structures) for case in source.cases}
    most = {value for values in present.values() for value in values}
    return {name: values for name, values in present.items() if len(values) < len(most)}


def _modality(
    found: list[Found], source: Source, settings: PreparationSettings, told: str | None
) -> tuple[str, str]:
    """Decide what the images are, and why, see `decide_modality`."""
    names = {"--modality": settings.modality, str(settings.labels): told, "the data set": source.modality}
    if is_picture(source.cases[0]) and not any(names.values()):
        return "OT", "DICOM's name for any other kind, because these are pictures"
    measured = {one.case.images[0]: one.intensities for one in found}
    return decide_modality(measured, names, modality_of_files(source.folder, measured))


def _named(source: Source, settings: PreparationSettings) -> tuple[LabelTable | None, str | None]:
    """Get the labels that a table or the data set names, and the modality given by the table."""
    if settings.labels is not None:
        file = read_label_file(Path(settings.labels))
        return file.table, file.modality
    if source.labels is None:
        return None, None
    try:
        return _coloured(source.labels, source.parents), None
    except ValidationError as error:
        path = source.folder / "dataset.json"
        raise SegPaintError(f"{path} has a label that is not valid: {first_problem(error)}.") from error


def _coloured(names: dict[int, str], parents: Mapping[int, int] = MappingProxyType({})) -> LabelTable:
    colors = distinct_colors(len(names))
    return LabelTable(
        Label(index=value, name=names[value], color=color, parent=parents.get(value))
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
