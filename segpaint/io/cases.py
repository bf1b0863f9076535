"""Finds image and label files that belong together in data sets of volumes."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.folders import visible
from segpaint.io.volume_files.file_kinds import Kind, kind_of

Axis = Literal["axial", "coronal", "sagittal", "acquired"]
"""How a volume is cut, see `segpaint.io.volumes`."""
NIFTI = (".nii.gz", ".nii")
SCANS = (*NIFTI, ".seg.nrrd", ".nrrd", ".nhdr", ".mha", ".mhd", ".dcm")
"""Endings of scans and of their labels that are read; a scan may also be a folder of DICOM files."""
VOLUMES = (*SCANS, ".mgz", ".mgh", ".img")
FINAL = Path("labels", "final")
"""Where MONAI Label keeps what was drawn."""
LABELS_BESIDE = re.compile(r"^(.+)[-_](labels?|seg)$")


@dataclass(frozen=True)
class Case:
    """One volume, or one picture, and its labels.

    Attributes
    ----------
    images : tuple of Path
        One file, or one each for red, green and blue.
    labels : Path
        A file, or the folder of the structures.
    ignored : int or None
        The value in `labels` of what nobody labelled.
    channel : int or None
        Which volume of the file is the image, if it holds several in a fourth axis.
    structures : tuple of (int, Path)
        For each value a file of what has it, instead of one file of labels.
    is_test : bool
        Whether the data set keeps it for tests.
    """

    name: str
    images: tuple[Path, ...]
    labels: Path
    ignored: int | None = None
    channel: int | None = None
    structures: tuple[tuple[int, Path], ...] = ()
    is_test: bool = False


@dataclass(frozen=True)
class Source:
    """A data set.

    Attributes
    ----------
    cases : tuple of Case
        Sorted by name.
    labels : dict of int to str, or None
        Names by value, without the background, where known.
    modality : str or None
        "CT" or "MR", where known.
    parents : dict of int to int
        The value of the label that a label lies inside.
    notes : tuple of str
        What is left out, in sentences.
    """

    folder: Path
    cases: tuple[Case, ...]
    labels: dict[int, str] | None = None
    modality: str | None = None
    parents: dict[int, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def nifti_stem(path: Path) -> str | None:
    """Return a file's name without .nii or .nii.gz, or None for a file of another kind."""
    return _stem(path, NIFTI)


def is_scan(path: Path) -> bool:
    """Check whether a path is a scan, not a picture."""
    return path.is_dir() or _stem(path, SCANS) is not None


def _stem(path: Path, endings: tuple[str, ...]) -> str | None:
    ending = next((ending for ending in endings if path.name.lower().endswith(ending)), None)
    return None if ending is None else path.name[: -len(ending)]


def holds_volumes(folder: Path) -> bool:
    """Check whether a folder looks like one that is prepared, and holds no slices yet."""
    places = (folder, folder / "images", *folder.glob("*/segmentations"))
    return (folder / "dataset.json").is_file() or any(niftis(place) for place in places if place.is_dir())


def find_volumes(folder: Path) -> Source:
    """Pair the scans and labels of a folder.

    Pairs are ``images/NAME.nii.gz`` and ``labels/NAME.nii.gz``, or ``NAME.nii.gz`` beside
    ``NAME-labels.nii.gz`` (or ``_labels``, ``_label``, ``_seg``). The endings may be any of `SCANS`, and a scan
    may be a folder ``NAME`` of DICOM files. Of MONAI Label's ``NAME.nii.gz`` with
    ``labels/final/NAME.nii.gz``, those are taken that have labels.

    Raises
    ------
    SegPaintError
        If there are no files, or one has no partner.
    """
    if (folder / FINAL).is_dir():
        return _labelled_in_monai(folder)
    if (folder / "images").is_dir():
        images, labels = _scans(folder / "images"), _scans(folder / "labels")
        place = folder / "labels"
    else:
        images, labels, place = {}, {}, folder
        for stem, path in _scans(folder).items():
            beside = LABELS_BESIDE.match(stem)
            if beside:
                labels[beside[1]] = path
            else:
                images[stem] = path
    if not images and not labels:
        raise SegPaintError(f"{folder} holds nothing to prepare: {_what_else(folder)}.")
    above = folder.parent
    if not labels and ((above / "labels").is_dir() or (above / "dataset.json").is_file()):
        raise SegPaintError(f"{folder} holds images alone, and their labels are beside it; give {above}.")
    alone = [f"{path} has no labels in {place}; add them, or remove it." for path in _without(images, labels)]
    alone += [f"{path} has no image; add it, or remove the labels." for path in _without(labels, images)]
    raise_first(alone)
    return with_left_out(
        Source(folder, tuple(Case(name, (images[name],), labels[name]) for name in sorted(images)))
    )


def find_scans(folder: Path) -> tuple[Case, ...]:
    """List the scans of a folder, or of its ``images``, without looking for labels.

    Raises
    ------
    SegPaintError
        If there are none.
    """
    place = folder / "images" if (folder / "images").is_dir() else folder
    found = _scans(place)
    if not found:
        raise SegPaintError(f"{place} holds no scans: NIfTI, NRRD, MetaImage, or folders of DICOM files.")
    return tuple(Case(name, (path,), path) for name, path in sorted(found.items()))


def with_left_out(source: Source) -> Source:
    """Add a note on the volumes that lie in the folder of a source, and are not used."""
    used = {path for case in source.cases for path in (*case.images, case.labels)}
    used |= {path for case in source.cases for _, path in case.structures}
    found = (path for path in visible(source.folder, "**/*") if path.name.lower().endswith(VOLUMES))
    left = [path for path in found if path.is_file() and used.isdisjoint((path, *path.parents))]
    if not left:
        return source
    first = left[0].relative_to(source.folder)
    note = f"{source.folder}: volumes that are not used: {len(left)}, such as {first}."
    return replace(source, notes=(*source.notes, note))


def _labelled_in_monai(folder: Path) -> Source:
    """Pair what MONAI Label's server has stored; what is not labelled yet is left out."""
    labels = niftis(folder / FINAL)
    images = niftis(folder / "images" if (folder / "images").is_dir() else folder)
    raise_first([f"{path} has no image; add it, or remove the labels." for path in _without(labels, images)])
    if not labels:
        raise SegPaintError(f"{folder / FINAL} holds no NIfTI files: nothing is labelled yet.")
    left = _without(images, labels)
    cases = tuple(Case(name, (images[name],), labels[name]) for name in sorted(labels))
    if not left:
        return Source(folder, cases)
    note = f"Images without labels in {folder / FINAL} are left out: {len(left)}, such as {left[0]}."
    return Source(folder, cases, notes=(note,))


def _what_else(folder: Path) -> str:
    """Guess why a folder without volumes was given."""
    if (folder / "imagesTr").is_dir():
        return "it looks like nnU-Net's, but dataset.json is missing"
    if (folder / "labels.json").is_file() and (folder / "images").is_dir():
        return "it holds slices already; give it to segpaint train"
    return (
        "no dataset.json of nnU-Net, no images/ and labels/ with scans, and no scans with their labels beside "
        "them (NAME.nii.gz, NAME-labels.nii.gz)"
    )


def _without(files: dict[str, Path], partners: dict[str, Path]) -> list[Path]:
    return [path for name, path in sorted(files.items()) if name not in partners]


def _scans(folder: Path) -> dict[str, Path]:
    """Find the scans in a folder by their names without ending: files, and folders of DICOM files."""
    found: dict[str, Path] = {}
    for path in visible(folder):
        stem = path.name if path.is_dir() and _holds_dicom(path) else _stem(path, SCANS)
        if stem is not None and stem in found:
            raise SegPaintError(f"{folder} holds {found[stem].name} and {path.name}; keep one of them.")
        if stem is not None:
            found[stem] = path
    return found


def _holds_dicom(folder: Path) -> bool:
    """Check whether the first file in a folder is a DICOM picture or something like it."""
    first = next((path for path in visible(folder) if path.is_file()), None)
    return first is not None and kind_of(first) is Kind.DICOM


def niftis(folder: Path) -> dict[str, Path]:
    """Find the NIfTI files in a folder by their names without ending."""
    stems = ((nifti_stem(path), path) for path in visible(folder))
    return {stem: path for stem, path in stems if stem is not None}
