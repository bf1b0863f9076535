"""The verb `segpaint segment`: finds the labels in a scan, without a window."""

from __future__ import annotations

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.scans.options import add_scan_options

    add_scan_options(parser)


def run(arguments: argparse.Namespace) -> None:
    """Find the labels of a scan."""
    from segpaint.core.terminal import Terminal
    from segpaint.scans.options import check_format, check_frame, chosen_slices, opened
    from segpaint.scans.writing import check_free, mask_file, mask_format, stem_of, write_mask

    console = Terminal()

    def say(line: str) -> None:
        console.print(line, soft_wrap=True)

    scan = opened(arguments, say)
    kind = arguments.format or mask_format(arguments.image, scan.volume, say)
    path = mask_file(arguments.out, stem_of(arguments.image), kind)
    check_free([path], overwrite=arguments.overwrite)
    indices = chosen_slices(arguments, scan, say)
    check_format(kind, indices)
    frame = scan.frame({})
    check_frame(scan, frame, say)
    masks = scan.find_labels(indices, frame)
    write_mask(path, scan, masks)
    for label in scan.checkpoint.labels:
        count = sum(label.index in mask for mask in masks.values())
        say(f"{label.name}: found in {count} of {len(masks)} slices.")
    say(f"Written to {path}. It is a model's opinion: look at it before you use it.")
