"""The verb `segpaint gui`, the default of `segpaint`."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "mask",
        nargs="?",
        type=Path,
        help="mask (PNG), result, request, project, scan, or folder of scans to open",
    )
    parser.add_argument("--checkpoint", help="name or folder")
    parser.add_argument("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto")


def run(arguments: argparse.Namespace) -> None:
    """Open the window and stay until it is closed."""
    from segpaint.app import open_window

    open_window(arguments.checkpoint, arguments.mask, arguments.device)
