"""The options of `segpaint prepare`, which `segpaint train` has too."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from segpaint.core.errors import SegPaintError, first_problem

if TYPE_CHECKING:
    from segpaint.training.preparing.settings import PreparationSettings

OPTIONS = (
    "axis", "size", "spacing", "window", "crop", "every", "empty_share", "val_share", "patient", "modality",
    "channel", "labels",
)  # fmt: skip


def add_preparation_options(parser: argparse._ActionsContainer) -> None:
    """Declare the options; what is not given is None."""
    parser.add_argument("--axis", choices=["axial", "coronal", "sagittal"], help="default axial")
    parser.add_argument("--size", type=int, help="height and width in pixels (default 128)")
    parser.add_argument(
        "--spacing", type=float, metavar="MM",
        help="millimetres per pixel (default: the volumes' median, or coarser so that all fit)",
    )  # fmt: skip
    parser.add_argument(
        "--window", nargs="+", metavar=("LOW", "HIGH"),
        help="intensities made black and white: two numbers, ct-soft, ct-brain, ct-lung, ct-bone, or "
        "percentiles (0.5 and 99.7, of each volume); default ct-soft for CT, percentiles for the rest",
    )  # fmt: skip
    parser.add_argument(
        "--crop", choices=["body", "none"],
        help="fit the square to the largest bright thing and all labels, or to the whole slice (default body)",
    )  # fmt: skip
    parser.add_argument("--every", type=int, metavar="N", help="keep each Nth slice (default 1)")
    parser.add_argument(
        "--empty-share", type=float, metavar="SHARE",
        help="largest share of a volume's slices without any label (default 0.1; 1 keeps all)",
    )  # fmt: skip
    parser.add_argument("--val-share", type=float, metavar="SHARE", help="of the patients (default 0.15)")
    parser.add_argument(
        "--patient", metavar="REGEX",
        help="what it finds in a case's name tells the patient, who is never split (default: each case is one)",
    )  # fmt: skip
    parser.add_argument("--modality", help="as in DICOM: MR, CT (default: what the data set or its values say)")
    parser.add_argument("--channel", metavar="NAME", help="of a data set with several, by name or number")
    parser.add_argument(
        "--labels",
        metavar="TABLE",
        help="names of the labels: labels.json, or a table of ITK-SNAP (.label, .txt), 3D Slicer (.ctbl) "
        "or BIDS (dseg.tsv)",
    )


def given_options(arguments: argparse.Namespace) -> list[str]:
    """Those of the options that were given, as they are typed."""
    return [f"--{name.replace('_', '-')}" for name in OPTIONS if getattr(arguments, name) is not None]


def preparation_settings(arguments: argparse.Namespace) -> PreparationSettings:
    """The settings that the options ask for.

    Raises
    ------
    SegPaintError
        If one is not valid.
    """
    from pydantic import ValidationError

    from segpaint.training.preparing.settings import PreparationSettings

    given: dict[str, Any] = {name: getattr(arguments, name) for name in OPTIONS}
    given = {name: value for name, value in given.items() if value is not None}
    if "window" in given:
        given["window"] = _window(given["window"])
    try:
        return PreparationSettings(seed=arguments.seed, **given)
    except ValidationError as error:
        name, _, problem = first_problem(error).partition(": ")
        raise SegPaintError(f"--{name.partition('.')[0].replace('_', '-')}: {problem}.") from error


def _window(words: list[str]) -> str | tuple[float, float]:
    if len(words) == 1:
        return words[0]
    try:
        low, high = (float(word) for word in words)
    except ValueError as error:
        raise SegPaintError(f"--window {' '.join(words)}: give two numbers, or one name.") from error
    return low, high
