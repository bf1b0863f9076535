"""The verb `segpaint prepare`: turns a folder of scans into slices for `segpaint train`."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.training.options import add_options
    from segpaint.training.preparing.settings import PreparationSettings

    parser.add_argument(
        "source", type=Path, metavar="SRC",
        help="data set folder of nnU-Net, the Decathlon, TotalSegmentator or MONAI Label, or scans: "
        "images/ and labels/ with the same names, or NAME.nii.gz beside NAME-labels.nii.gz",
    )  # fmt: skip
    parser.add_argument("--out", type=Path, required=True, help="folder to make")
    parser.add_argument(
        "--like", type=Path, metavar="DATA",
        help="cut scans without labels as this prepared data set was, for segpaint train --unlabelled; other "
        "options are those of DATA",
    )  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the split into train, val and test (default 0)")
    add_options(parser, PreparationSettings)


def run(arguments: argparse.Namespace) -> None:
    """Prepare a data set, or scans without labels."""
    if arguments.like is not None:
        from segpaint.core.terminal import Terminal
        from segpaint.training.preparing.unlabelled import prepare_unlabelled

        prepare_unlabelled(arguments.source, arguments.out, arguments.like, Terminal())
        return
    from segpaint.training.preparing.options import preparation_settings

    settings = preparation_settings(arguments)

    from segpaint.core.terminal import Terminal
    from segpaint.training.preparing.prepare import prepare

    prepare(arguments.source, arguments.out, settings, Terminal())
