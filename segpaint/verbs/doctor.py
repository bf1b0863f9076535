"""The verb `segpaint doctor`: reports how the program stands on this machine."""

import argparse

from segpaint.core.errors import SegPaintError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--no-self-test", action="store_true", help="make no image")


def run(arguments: argparse.Namespace) -> None:
    """Print the findings as they come."""
    from segpaint.core.terminal import Terminal
    from segpaint.diagnosis import as_text, diagnose

    console, bad = Terminal(stderr=False), 0
    for finding in diagnose(self_test=not arguments.no_self_test):
        console.print(as_text([finding]), end="", soft_wrap=True)
        bad += not finding.is_well
    if bad:
        raise SegPaintError("What is marked with ! keeps the program from working; report it with these lines.")
