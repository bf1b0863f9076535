"""Finds cases whose labels are one file for each structure, in the layout of TotalSegmentator.

A case is a folder with its image, ``ct.nii.gz`` or ``mri.nii.gz``, and for each structure a file of zeros and
ones, ``segmentations/NAME.nii.gz``.
"""

from pathlib import Path

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.folders import visible
from segpaint.io.cases import Case, Source, niftis, with_left_out
from segpaint.io.modality_names import modality_in

SEGMENTATIONS = "segmentations"


def holds_structures(folder: Path) -> bool:
    """Check whether a folder, or one in it, has labels by structure."""
    return bool(_case_folders(folder))


def find_structures(folder: Path) -> Source:
    """Find the cases, and number the structures of all of them by the order of their names.

    Raises
    ------
    SegPaintError
        If a case has no image, or several.
    """
    images: dict[Path, Path] = {}
    problems = []
    for place in _case_folders(folder):
        found = niftis(place)
        if len(found) == 1:
            images[place] = next(iter(found.values()))
        else:
            held = f"several images, {', '.join(sorted(found))}" if found else "no image, such as ct.nii.gz"
            problems.append(f"{place} holds {held}, beside {SEGMENTATIONS}; it needs one.")
    raise_first(problems)
    files = {place: niftis(place / SEGMENTATIONS) for place in images}
    names = sorted({name for found in files.values() for name in found})
    if not names:
        raise SegPaintError(f"{folder} holds no NIfTI file in any folder {SEGMENTATIONS}.")
    values = {name: value for value, name in enumerate(names, start=1)}
    cases = tuple(
        Case(
            place.name,
            (image,),
            place / SEGMENTATIONS,
            structures=tuple((values[name], path) for name, path in sorted(files[place].items())),
        )
        for place, image in images.items()
    )
    kinds = {modality_in(path.name) for path in images.values()}
    labels = {value: name.replace("_", " ") for name, value in values.items()}
    return with_left_out(Source(folder, cases, labels, modality=kinds.pop() if len(kinds) == 1 else None))


def _case_folders(folder: Path) -> list[Path]:
    return [place for place in (folder, *visible(folder)) if (place / SEGMENTATIONS).is_dir()]
