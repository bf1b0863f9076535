"""The verb `segpaint set`: puts parts of a paired set together."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.paired.address import place_of

    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    summary = "put parts of a paired set, each made in a folder of its own, together"
    command = actions.add_parser("merge", help=summary, description=summary[0].upper() + summary[1:] + ".")
    command.add_argument("out", type=place_of, metavar="OUT", help="an empty folder, or one with the same set")
    command.add_argument(
        "parts", type=place_of, nargs="+", metavar="PART", help="a folder of generate --set --shard"
    )
    command.add_argument(
        "--checkpoint", action="append", metavar="CHECKPOINT",
        help="a folder that the set may use, and again for each other",
    )  # fmt: skip


def run(arguments: argparse.Namespace) -> None:
    """Put parts together."""
    from segpaint.core.errors import SegPaintError
    from segpaint.core.terminal import Terminal
    from segpaint.core.words import counted
    from segpaint.paired.merging import merge_sets
    from segpaint.paths import find_checkpoint
    from segpaint.training.progress_bar import ProgressBar

    for place in (arguments.out, *arguments.parts):
        if isinstance(place, str):
            raise SegPaintError(
                f"{place} is an address, and parts are put together in folders. Parts that are made at one "
                "address become one set by themselves; copy others into folders."
            )
    console = Terminal()
    given = [find_checkpoint(name) for name in arguments.checkpoint or ()]
    with ProgressBar(console=console) as bar:
        task = bar.add_task("", total=None)
        merged = merge_sets(
            arguments.out,
            arguments.parts,
            given,
            lambda name, finished: bar.update(task, description=name, advance=finished),
        )
    line = f"Pairs in {arguments.out}: {merged.pairs}."
    if merged.missing:
        line += (
            f" No part has {counted(merged.missing, 'other')}; to make them: segpaint generate --set "
            f"{arguments.out / 'specification.json'} --out {arguments.out}"
        )
    console.print(line, soft_wrap=True)
