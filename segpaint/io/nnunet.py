"""Reads raw data set folders of nnU-Net, version 2.

The format is that of nnU-Net's ``documentation/dataset_format.md``. ``dataset.json`` names channels, labels and
the files' ending; ``imagesTr/NAME_0000.ext`` is a case's first channel, ``labelsTr/NAME.ext`` its labels.
"""

import re
from pathlib import Path
from typing import Any

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.folders import visible
from segpaint.core.reading import read_json, reads
from segpaint.io.cases import NIFTI, Case, Source

IGNORE = "ignore"
"""The name of the value of voxels that nobody labelled."""
ENDINGS = (*NIFTI, ".png")
MR_NAMES = re.compile(r"mri?\b|t1|t2|flair|adc\b|dwi\b|pd\b")


def find_nnunet(folder: Path, channel: str | None = None, *, named: bool = False) -> Source:
    """Find the training cases of a data set folder.

    Parameters
    ----------
    folder : Path
        Holds ``dataset.json``.
    channel : str, optional
        Name or number; needed where a case has several channels.
    named : bool
        Whether to ignore the labels of ``dataset.json``, because they are named elsewhere.

    Raises
    ------
    SegPaintError
        If ``dataset.json`` is not valid or not supported, or a file is missing.
    """
    path = folder / "dataset.json"
    content = _read(path)
    ending = content["file_ending"]
    if ending not in ENDINGS:
        raise SegPaintError(
            f"{path} has the file_ending {ending!r}, which cannot be read; convert them to .nii.gz or .png."
        )
    names = {str(key): str(name) for key, name in content["channel_names"].items()}
    numbers = sorted(names)
    initials = [names[number].upper()[:1] for number in numbers]
    if ending != ".png" or channel is not None or initials != ["R", "G", "B"]:
        numbers = [_channel(path, names, channel)]
    chosen = names[numbers[0]].casefold()
    modality = "CT" if chosen == "ct" else "MR" if MR_NAMES.match(chosen) else None
    ignored = content["labels"].get(IGNORE)
    cases = _cases(folder, ending, numbers, ignored if isinstance(ignored, int) else None)
    return Source(folder, cases, None if named else _labels(path, content["labels"]), modality)


@reads("the description of a data set", "correct it")
def _read(path: Path) -> dict[str, Any]:
    content = read_json(path)
    for key, kind in (("file_ending", str), ("channel_names", dict), ("labels", dict)):
        if not isinstance(content, dict) or not isinstance(content.get(key), kind):
            raise SegPaintError(
                f"{path} has no valid {key!r}, so it is not of nnU-Net's version 2; convert the data set with "
                "nnU-Net's own tools, or put its files into images/ and labels/."
            )
    return dict(content)


def _channel(path: Path, names: dict[str, str], channel: str | None) -> str:
    listed = ", ".join(f"{key} {name}" for key, name in names.items())
    if channel is None:
        if len(names) != 1:
            raise SegPaintError(f"{path} has several channels: {listed}. Choose one with --channel.")
        return next(iter(names))
    for key, name in names.items():
        if channel.casefold() in (key, name.casefold()):
            return key
    raise SegPaintError(f"{path} has no channel {channel!r}; it has {listed}.")


def _labels(path: Path, labels: dict[str, Any]) -> dict[int, str]:
    found: dict[int, str] = {}
    for name, value in labels.items():
        if not isinstance(value, int):
            raise SegPaintError(
                f"{path} gives the label {name!r} the values {value}: regions of several are not understood. "
                "Name each value by itself in a table, and give it with --labels."
            )
        if value in found:
            raise SegPaintError(
                f"{path} gives the value {value} two names, {found[value]!r} and {name!r}; leave one of them "
                "out."
            )
        found[value] = name
    return {value: name for value, name in found.items() if value and name != IGNORE}


def _cases(folder: Path, ending: str, numbers: list[str], ignored: int | None) -> tuple[Case, ...]:
    images, labels = folder / "imagesTr", folder / "labelsTr"
    pattern = re.compile(rf"(.+)_\d{{4}}{re.escape(ending)}")
    files = [path.name for path in visible(images)]
    matches = (pattern.fullmatch(name) for name in files)
    stems = {match[1] for match in matches if match}
    labelled = {path.name.removesuffix(ending) for path in visible(labels, f"*{ending}")}
    if not stems:
        raise SegPaintError(f"{images} holds no files such as NAME_0000{ending}.")
    present, cases, problems = set(files), [], []
    for stem in sorted(stems | labelled):
        wanted = [f"{stem}_{int(number):04d}{ending}" for number in numbers]
        if len(wanted) > 1 and wanted[1] not in present:
            wanted = wanted[:1]  # one file with all three colours
        missing = [images / name for name in wanted if name not in present]
        missing += [] if stem in labelled else [labels / f"{stem}{ending}"]
        if missing:
            problems.append(f"{missing[0]} is missing; add it, or remove the case {stem}.")
        else:
            chosen = tuple(images / name for name in wanted)
            cases.append(Case(stem, chosen, labels / f"{stem}{ending}", ignored))
    raise_first(problems)
    return tuple(cases)
