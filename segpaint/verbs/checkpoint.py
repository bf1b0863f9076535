"""The verb `segpaint checkpoint`: imports models published elsewhere."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    from segpaint.paths import label_tables

    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    summary = "make a published checkpoint of the method into one of SegPaint's"
    command = actions.add_parser("import", help=summary, description=summary[0].upper() + summary[1:] + ".")
    command.add_argument(
        "source", type=Path, metavar="SRC",
        help="a folder with unet/ in it, or NAME.safetensors or NAME.json with the other beside it",
    )  # fmt: skip
    command.add_argument(
        "--labels", metavar="TABLE",
        help=f"the labels of its masks: a labels.json file, a table of ITK-SNAP, 3D Slicer or BIDS, "
        f"or {' or '.join(label_tables())}; "
        "may be left out if the network sees no mask",
    )  # fmt: skip
    command.add_argument(
        "--out", type=Path, help="folder to write (default: SRC's name, where the window looks by itself)"
    )
    about = command.add_argument_group("the checkpoint")
    about.add_argument("--name", help="what the window calls it (default: the folder's name)")
    about.add_argument("--modality", help="such as MR or CT (default: the label table's)")
    about.add_argument("--licence", default="", help="of the weights")
    about.add_argument(
        "--source", dest="data", default="", help="where its images came from and how to cite them"
    )
    about.add_argument("--pixel-spacing", type=float, help="millimetres per pixel")
    about.add_argument("--no-ablation", action="store_true", help="it was trained on whole masks alone")


def run(arguments: argparse.Namespace) -> None:
    """Import a model."""
    from segpaint.core.diffusion.published import find_published, import_published
    from segpaint.core.labels.labels import LabelTable
    from segpaint.core.terminal import Terminal
    from segpaint.io.label_tables import LabelFile, read_label_file
    from segpaint.paths import find_label_table, user_checkpoints

    if arguments.pixel_spacing is not None and not arguments.pixel_spacing > 0:
        raise SegPaintError(f"--pixel-spacing {arguments.pixel_spacing}: give more than 0.")
    published = find_published(arguments.source)
    labels = LabelFile("", LabelTable(()))
    if arguments.labels is not None:
        labels = read_label_file(find_label_table(arguments.labels))
    place = arguments.source.resolve()
    out = arguments.out or user_checkpoints() / (place.name if place.is_dir() else place.stem)
    checkpoint = import_published(
        published,
        out,
        labels.table,
        name=arguments.name or out.resolve().name,
        modality=arguments.modality or labels.modality or "unknown",
        licence=arguments.licence,
        source=arguments.data,
        pixel_spacing=arguments.pixel_spacing,
        ablation_trained=not arguments.no_ablation,
    )
    description = checkpoint.description
    names = ", ".join(f"{label.index} {label.name}" for label in labels.table) or "none"
    lines = [
        f"Imported to {out}: images of {description.size} x {description.size} pixels, modality "
        f"{description.modality}; labels: {names}."
    ]
    if description.ignores_mask:
        lines.append("This network sees no mask: its images depend on the seed alone.")
    if labels.note:
        lines.append(labels.note)
    if arguments.out is None:
        lines.append("The window offers it in its list of models.")
    else:
        lines.append(f"Open it with: segpaint --checkpoint {out}")
    Terminal().print("\n".join(lines), soft_wrap=True)
