"""The verb `segpaint checkpoint`: imports, exports and compiles models, and finishes their images."""

import argparse
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.verbs import checkpoint_compile, checkpoint_finish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", required=True)
    _add_import(actions)
    _add_export(actions)
    checkpoint_finish.add_smooth(actions)
    checkpoint_finish.add_noise(actions)
    checkpoint_compile.add_compile(actions)


def _add_import(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from segpaint.paths import label_tables

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
    command.set_defaults(action=_import)


def _add_export(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    summary = "write a checkpoint as a folder to publish, which others use without SegPaint"
    command = actions.add_parser("export", help=summary, description=summary[0].upper() + summary[1:] + ".")
    command.add_argument("checkpoint", metavar="CHECKPOINT", help="name or folder")
    command.add_argument(
        "--diffusers", action="store_true", required=True, help="the form: one that the library diffusers loads"
    )
    command.add_argument("--out", type=Path, metavar="FOLDER", required=True, help="folder to write; a new one")
    command.add_argument(
        "--dataset", action="append", default=[], metavar="OWNER/NAME",
        help="its training data on the hub, for the card; again for each other",
    )  # fmt: skip
    command.add_argument(
        "--with-pictures", action="store_true",
        help="take pictures, evaluation and example masks along, which show the training data: patients",
    )  # fmt: skip
    command.set_defaults(action=_export)


def run(arguments: argparse.Namespace) -> None:
    """Import, export or compile a model, or change how its images are finished."""
    arguments.action(arguments)


def _export(arguments: argparse.Namespace) -> None:
    from segpaint.core.diffusion.hub import export_for_diffusers
    from segpaint.core.requests.checkpoint import LABELS, PIPELINE, read_checkpoint
    from segpaint.core.terminal import Terminal
    from segpaint.io.label_tables import encode_labels
    from segpaint.paths import find_checkpoint, read_resource

    checkpoint = read_checkpoint(find_checkpoint(arguments.checkpoint))
    description, out = checkpoint.description, arguments.out
    files = {
        PIPELINE: read_resource(f"hub/{PIPELINE}").encode(),
        LABELS: encode_labels(description.table, description.modality),
    }
    export_for_diffusers(checkpoint, out, files, datasets=arguments.dataset, pictures=arguments.with_pictures)
    lines = [f"Exported to {out}. README.md shows how diffusers loads it; read that before you publish it."]
    if not description.licence:
        lines.append("The checkpoint states no licence: state one in README.md.")
    if arguments.with_pictures:
        lines.append("Its pictures show images and masks of the training data: publish them only if you may.")
    else:
        lines.append("Pictures stayed behind, since they show the training data; --with-pictures takes them.")
    Terminal().print("\n".join(lines), soft_wrap=True)


def _import(arguments: argparse.Namespace) -> None:
    from segpaint.core.diffusion.hub import is_exported
    from segpaint.core.diffusion.published import find_published, import_published
    from segpaint.core.labels.labels import LabelTable
    from segpaint.core.terminal import Terminal
    from segpaint.io.label_tables import LabelFile, read_label_file
    from segpaint.paths import find_label_table

    if arguments.pixel_spacing is not None and not arguments.pixel_spacing > 0:
        raise SegPaintError(f"--pixel-spacing {arguments.pixel_spacing}: give more than 0.")
    if is_exported(arguments.source):
        _take_back(arguments)
        return
    published = find_published(arguments.source)
    labels = LabelFile("", LabelTable(()))
    if arguments.labels is not None:
        labels = read_label_file(find_label_table(arguments.labels))
    out = _out(arguments)
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
    lines.append(_where(arguments, out))
    Terminal().print("\n".join(lines), soft_wrap=True)


def _take_back(arguments: argparse.Namespace) -> None:
    """Import a checkpoint that SegPaint exported; it describes itself."""
    from segpaint.core.diffusion.hub import import_exported
    from segpaint.core.terminal import Terminal

    names = ("labels", "name", "modality", "licence", "source", "pixel_spacing", "no_ablation")
    values = {**vars(arguments), "source": arguments.data}
    for name in names:
        if values[name] not in (None, "", False):
            raise SegPaintError(f"{arguments.source} describes itself; leave --{name.replace('_', '-')} out.")
    out = _out(arguments)
    description = import_exported(arguments.source, out).description
    lines = [f"Imported to {out}: {description.name}, as it was exported.", _where(arguments, out)]
    Terminal().print("\n".join(lines), soft_wrap=True)


def _out(arguments: argparse.Namespace) -> Path:
    from segpaint.paths import user_checkpoints

    place = arguments.source.resolve()
    return Path(arguments.out or user_checkpoints() / (place.name if place.is_dir() else place.stem))


def _where(arguments: argparse.Namespace, out: Path) -> str:
    if arguments.out is None:
        return "The window offers it in its list of models."
    return f"Open it with: segpaint --checkpoint {out}"
