"""The verb `segpaint bench`: measurements of this machine, as ratios within one run."""

from __future__ import annotations

import argparse

from segpaint.core.errors import SegPaintError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", choices=["gui"], help="gui: how long the window's event loop waits")
    parser.add_argument("--seconds", type=float, default=10.0, help="per measurement (default 10)")
    parser.add_argument("--checkpoint", help="name or folder")


def run(arguments: argparse.Namespace) -> None:
    """Measure and print.

    Raises
    ------
    SegPaintError
        If the window does not keep its promise.
    """
    from segpaint.app import bench_window

    if not bench_window(arguments.checkpoint, arguments.seconds):
        raise SegPaintError("The event loop waited longer than 50 ms while the model ran.")
