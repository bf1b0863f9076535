"""Reads raw data set folders of nnU-Net, and of the Medical Segmentation Decathlon.

The format of version 2 is that of nnU-Net's ``documentation/dataset_format.md``. ``dataset.json`` names
channels, labels and the files' ending; ``imagesTr/NAME_0000.ext`` is a case's first channel,
``labelsTr/NAME.ext`` its labels. In version 1 and in the Decathlon, ``dataset.json`` lists the files. There a
file may hold all channels, in a fourth axis.
"""

import re
from pathlib import Path, PurePosixPath
from typing import Any

from segpaint.core.errors import SegPaintError, raise_first
from segpaint.core.folders import visible
from segpaint.core.reading import read_json, reads
from segpaint.io.cases import NIFTI, Case, Source, nifti_stem
from segpaint.io.modality_names import modality_in
from segpaint.io.nnunet_labels import NamedValues, ignored_value, read_names

ENDINGS = (*NIFTI, ".nrrd", ".mha", ".png")
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
    names, labels = content["channel_names"], content["labels"]
    numbers = sorted(names, key=int)
    initials = [names[number].upper()[:1] for number in numbers]
    if content.get("file_ending") != ".png" or channel is not None or initials != ["R", "G", "B"]:
        numbers = [_channel(path, names, channel)]
    chosen = names[numbers[0]].casefold()
    modality = modality_in(chosen) or ("MR" if MR_NAMES.match(chosen) else None)
    ignored = ignored_value(labels)
    if "file_ending" in content:
        cases = _cases(folder, "Tr", content["file_ending"], numbers, ignored)
        if any(visible(folder / "labelsTs")):
            cases += _cases(folder, "Ts", content["file_ending"], numbers, ignored)
            _check_names(folder, cases)
    else:
        cases = _listed(path, content["training"], int(numbers[0]), len(names), ignored)
    meanings = NamedValues() if named or not labels else read_names(path, labels)
    names_of_values = None if named or not labels else meanings.names
    return Source(folder, cases, names_of_values, modality, meanings.parents)


@reads("the description of a data set", "correct it")
def _read(path: Path) -> dict[str, Any]:
    """Read what version 2 needs, or version 1; only the latter has no ``file_ending``."""
    content = read_json(path)
    if isinstance(content, dict) and isinstance(content.get("training"), list) and "file_ending" not in content:
        given = content.get("channel_names", content.get("modality"))
        labels = content.get("labels", {})
        content = {"training": content["training"], "channel_names": _by_number(given), "labels": labels}
        kinds: dict[str, type] = {"labels": dict}
    else:
        kinds = {"file_ending": str, "channel_names": dict, "labels": dict}
    for key, kind in kinds.items():
        if not isinstance(content, dict) or not isinstance(content.get(key), kind):
            raise SegPaintError(
                f"{path} has no valid {key!r}, so it is not of nnU-Net's version 2; convert the data set with "
                "nnU-Net's own tools, or put its files into images/ and labels/."
            )
    if content.get("file_ending", ENDINGS[0]) not in ENDINGS:
        raise SegPaintError(
            f"{path} has the file_ending {content['file_ending']!r}, which cannot be read; convert them to "
            ".nii.gz or .png."
        )
    names = {str(key): str(name) for key, name in content["channel_names"].items()}
    if not names or not all(key.isdecimal() and len(key) <= 4 for key in names):
        raise SegPaintError(f"{path} must number its channels, such as {{'0': 'T1'}}; it has {names}.")
    return {**content, "channel_names": names}


def _by_number(channels: Any) -> dict[str, Any]:
    """Number channels that may be given as one name, as a list, or not at all."""
    if isinstance(channels, dict) and channels:
        return channels
    listed = channels if isinstance(channels, list) and channels else [channels or "unknown"]
    return {str(number): name for number, name in enumerate(listed)}


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


def _check_names(folder: Path, cases: tuple[Case, ...]) -> None:
    tested = {case.name for case in cases if case.is_test}
    twice = tested.intersection(case.name for case in cases if not case.is_test)
    if twice:
        raise SegPaintError(
            f"{folder} has the case {min(twice)} in imagesTr and in imagesTs; rename or remove one of them."
        )


def _cases(folder: Path, part: str, ending: str, numbers: list[str], ignored: int | None) -> tuple[Case, ...]:
    """Find the cases to train on, "Tr", or to test with, "Ts"; the latter need not all have labels."""
    images, labels, is_test = folder / f"images{part}", folder / f"labels{part}", part == "Ts"
    pattern = re.compile(rf"(.+)_\d{{4}}{re.escape(ending)}")
    files = [path.name for path in visible(images)]
    matches = (pattern.fullmatch(name) for name in files)
    stems = {match[1] for match in matches if match}
    labelled = {path.name.removesuffix(ending) for path in visible(labels, f"*{ending}")}
    if not stems:
        raise SegPaintError(f"{images} holds no files such as NAME_0000{ending}.")
    present, cases, problems = set(files), [], []
    for stem in sorted(labelled if is_test else stems | labelled):
        wanted = [f"{stem}_{int(number):04d}{ending}" for number in numbers]
        if len(wanted) > 1 and wanted[1] not in present:
            wanted = wanted[:1]  # one file with all three colours
        missing = [images / name for name in wanted if name not in present]
        missing += [] if stem in labelled else [labels / f"{stem}{ending}"]
        if missing:
            problems.append(f"{missing[0]} is missing; add it, or remove the case {stem}.")
        else:
            chosen = tuple(images / name for name in wanted)
            cases.append(Case(stem, chosen, labels / f"{stem}{ending}", ignored, is_test=is_test))
    raise_first(problems)
    return tuple(cases)


def _listed(
    path: Path, entries: list[Any], number: int, channels: int, ignored: int | None
) -> tuple[Case, ...]:
    """Find the cases that a ``dataset.json`` lists, each as ``{"image": …, "label": …}``."""
    cases: dict[str, Case] = {}
    problems = []
    for entry in entries:
        try:
            case = _listed_case(path, entry, number, channels, ignored)
        except SegPaintError as error:
            problems.append(str(error))
        else:
            if case.name in cases:
                problems.append(f"{path} lists two images of the name {case.name}; give each its own.")
            cases[case.name] = case
    raise_first(problems)
    if not cases:
        raise SegPaintError(f"{path} lists no images to train on.")
    return tuple(cases[name] for name in sorted(cases))


def _listed_case(path: Path, entry: Any, number: int, channels: int, ignored: int | None) -> Case:
    image, label = (_inside(path, entry, key) for key in ("image", "label"))
    name = nifti_stem(image) or ""
    channel = number if channels > 1 else None
    by_channel = image.with_name(f"{name}_{number:04d}{image.name.removeprefix(name)}")
    if not image.exists() and by_channel.exists():  # version 1 lists cases, not channels
        image, channel = by_channel, None
    missing = [file for file in (image, label) if not file.exists()]
    if missing:
        raise SegPaintError(f"{missing[0]} is missing, which {path} lists; add it, or leave it out.")
    return Case(name, (image,), label, ignored, channel)


def _inside(path: Path, entry: Any, key: str) -> Path:
    """Find a listed file, which must be a NIfTI file in the folder of the list."""
    listed = entry.get(key) if isinstance(entry, dict) else None
    relative = PurePosixPath(str(listed).replace("\\", "/"))
    if not isinstance(listed, str) or nifti_stem(path.with_name(relative.name)) is None:
        raise SegPaintError(f"{path} lists for training {entry!r:.200}, which names no NIfTI file as {key!r}.")
    if relative.is_absolute() or ".." in relative.parts or ":" in relative.parts[0]:
        raise SegPaintError(f"{path} lists {listed}, which is not in its folder; move it there.")
    return path.parent / relative
