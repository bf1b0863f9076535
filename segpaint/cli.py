"""The command line: one verb per command; without a verb, the window opens."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from segpaint.core.errors import SegPaintError

VERBS = {
    "gui": ("open the window (the default)", "segpaint.verbs.gui"),
    "generate": ("turn masks into images without a window", "segpaint.verbs.generate"),
    "prepare": ("turn a folder of scans into slices to train on", "segpaint.verbs.prepare"),
    "train": ("train a checkpoint on images and masks of your own", "segpaint.verbs.train"),
    "train-segmenter": (
        "train the network that judges a checkpoint's images",
        "segpaint.verbs.train_segmenter",
    ),
    "evaluate": (
        "measure how well a checkpoint follows masks, and how real it looks",
        "segpaint.verbs.evaluate",
    ),
    "checkpoint": ("take in checkpoints that were published elsewhere", "segpaint.verbs.checkpoint"),
    "bench": ("measure speed on this machine", "segpaint.verbs.bench"),
}
"""Each verb's module offers ``add_arguments(parser)`` and ``run(arguments)``, and imports what is
heavy inside `run` alone, so that ``--help`` answers at once."""


def main(words: Sequence[str] | None = None) -> int:
    """Run a command; the entry point of ``segpaint``.

    Returns
    -------
    int
        0, or 2 after an error that the user can mend, which is reported on stderr.
    """
    # torch's threads spin while they wait for each other. Beside any other busy program that made a
    # step 60 times slower; asleep, they cost a little on an idle machine and nothing on a busy one.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    words = list(sys.argv[1:] if words is None else words)
    if not words or words[0] not in (*VERBS, "-h", "--help", "--version"):
        words.insert(0, "gui")
    arguments = _parser(words[0]).parse_args(words)
    try:
        arguments.run(arguments)
    except SegPaintError as error:
        print(f"segpaint: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _parser(chosen: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="segpaint",
        description="Paint an anatomical mask and watch a diffusion model turn it into a medical image.",
        epilog="Without a command the window opens: segpaint [MASK] [--checkpoint NAME_OR_FOLDER]; "
        "see segpaint gui --help.",
    )
    parser.add_argument("--version", action="version", version=f"segpaint {_version()}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for verb, (summary, name) in VERBS.items():
        verb_parser = verbs.add_parser(verb, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if verb == chosen:  # the others' settings would take a while to be read
            module = importlib.import_module(name)
            module.add_arguments(verb_parser)
            verb_parser.set_defaults(run=module.run)
    return parser


def _version() -> str:
    from segpaint import __version__

    return __version__
