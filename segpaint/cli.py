"""The command line: one verb per command; without a verb, the window opens."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from segpaint import __version__
from segpaint.core.errors import SegPaintError, explaining
from segpaint.core.interrupts import interruptible
from segpaint.core.printable import printable

VERBS = {
    "gui": "open the window (the default)",
    "generate": "turn masks into images without a window",
    "edit": "edit the anatomy in a scan, slice by slice",
    "sweep": "make matched pairs: an image before, and one after for each amount of a gesture",
    "segment": "find the labels in a scan",
    "prepare": "turn a folder of scans into slices to train on",
    "train": "train a checkpoint on images and masks of your own",
    "train-segmenter": "train the network that judges a checkpoint's images",
    "distill": "train a network that makes a checkpoint's images in one to eight steps",
    "evaluate": "measure how well a checkpoint follows masks, and how real it looks",
    "checkpoint": "take in checkpoints that were published elsewhere",
    "set": "put parts of a paired set together",
    "bench": "measure speed on this machine",
    "desktop": "put the program into the menu of a Linux desktop, and open its projects by double click",
    "doctor": "report versions, device, checkpoints and folders, for a report of a problem",
}
"""The module of each in `segpaint.verbs` offers ``add_arguments(parser)`` and ``run(arguments)``. It imports
what is heavy inside `run` alone, so that ``--help`` answers at once."""


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
    # Pydantic looks through all installed packages for plugins, which takes a fortieth of the window's start.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    words = list(sys.argv[1:] if words is None else words)
    if not words or words[0] not in (*VERBS, "-h", "--help", "--version"):
        words.insert(0, "gui")
    arguments = _parser(words[0]).parse_args(words)
    try:
        with interruptible(), explaining():
            arguments.run(arguments)
    except SegPaintError as error:
        print(f"segpaint: {printable(str(_for_command(error)), lines=False)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def _for_command(error: SegPaintError) -> SegPaintError:
    """Name an option where an error names what Python takes."""
    from segpaint.io.sizes import IN_COMMAND, IN_PYTHON, WrongSizeError

    return error.by(IN_COMMAND) if isinstance(error, WrongSizeError) and error.asked == IN_PYTHON else error


def _parser(chosen: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="segpaint",
        description="Paint an anatomical mask and watch a diffusion model turn it into a medical image.",
        epilog="Without a command the window opens: segpaint [MASK] [--checkpoint NAME_OR_FOLDER]; "
        "see segpaint gui --help.",
    )
    parser.add_argument("--version", action="version", version=f"segpaint {__version__}")
    verbs = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for verb, summary in VERBS.items():
        verb_parser = verbs.add_parser(verb, help=summary, description=summary[0].upper() + summary[1:] + ".")
        if verb == chosen:  # the others' settings would take a while to be read
            module = importlib.import_module(f"segpaint.verbs.{verb.replace('-', '_')}")
            module.add_arguments(verb_parser)
            verb_parser.set_defaults(run=module.run)
    return parser
