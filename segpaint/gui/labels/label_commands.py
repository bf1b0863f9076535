"""The commands of labels: choosing one, their colours, the label table as a file."""

from functools import partial
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog

from segpaint.core.errors import SegPaintError
from segpaint.core.files import with_ending
from segpaint.core.labels.color_vision import colors_for_everybody
from segpaint.core.labels.labels import LabelTable
from segpaint.gui.commands.command import Command, Submenu
from segpaint.gui.commands.key_commands import LABEL_KEYS
from segpaint.gui.commands.shell import Shell
from segpaint.studio.document.document import Document
from segpaint.studio.studio import Studio

COLORS = "View/Label colours"
"""The menu of colours, which every label's row opens, too."""
TABLES = "Label tables (*.label *.txt *.ctbl *.tsv *.csv *.json);;All files (*)"
KINDS = {
    "ITK-SNAP (*.label)": ".label",
    "3D Slicer (*.ctbl)": ".ctbl",
    "BIDS (*dseg.tsv)": "_dseg.tsv",
    "JSON, as segpaint train reads it (*.json)": ".json",
}
"""Kinds in the file dialog, and the ending added to a name without one."""
SHOWN = 8000
"""Milliseconds for which the status line shows the result."""


# ---- choosing one


def choose_value(studio: Studio, value: int) -> None:
    """Paint with a mask value; the eraser is replaced by the brush."""
    studio.document.paint_value = value
    if studio.view.tools.tool == "eraser":
        studio.view.tools.take("brush")


def choose_label(place: int, studio: Studio, _shell: Shell) -> None:
    """Paint with the value at this place of the list."""
    values = studio.document.paintable
    if place < len(values):
        choose_value(studio, values[place])


def choose_neighbour(by: int, studio: Studio, _shell: Shell) -> None:
    """Paint with the previous or next value of the list, which wraps around."""
    values = studio.document.paintable
    choose_value(studio, values[(values.index(studio.document.paint_value) + by) % len(values)])


# ---- colours


def ask_color(studio: Studio, shell: Shell) -> None:
    """Ask for another colour of the label that is painted with."""
    document = studio.document
    if document.paint_value not in document.table:
        shell.say("Choose a label first: free regions and the background keep their colours", SHOWN)
        return
    label = document.table[document.paint_value]
    dialog = shell.open(partial(QColorDialog, QColor(label.color)))
    dialog.setWindowTitle(f"Colour of {label.name}")
    dialog.colorSelected.connect(partial(_take_color, studio, document, label.index))


def _take_color(studio: Studio, document: Document, index: int, color: QColor) -> None:
    if document is studio.document:
        studio.colors.take({index: color.name()})


def take_safe_colors(studio: Studio, _shell: Shell) -> None:
    """Give the labels colours that people with colour blindness can distinguish."""
    studio.colors.take(colors_for_everybody(studio.document.table))


def reset_colors(studio: Studio, _shell: Shell) -> None:
    """Show labels in the checkpoint's own colours."""
    studio.colors.reset()


def ask_colors(studio: Studio, shell: Shell) -> None:
    """Ask for a label table to take colours from."""
    path = shell.ask_file("Load colours from a label file", TABLES)
    if path is not None:
        load_colors(studio, shell, path)


def load_colors(studio: Studio, shell: Shell, path: Path) -> None:
    """Take the colours that a label table has for labels of the same name, or else of the same index."""
    from segpaint.io.label_tables import read_label_file

    table = studio.document.table
    try:
        colors = table.colors_in(read_label_file(path).table)
    except SegPaintError as error:
        shell.warn(error)
        return
    if colors:
        studio.colors.take(colors)
        shell.say(f"Took {len(colors)} of {len(table)} colours from {path.name}", SHOWN)
    else:
        shell.warn(f"{path.name} has none of these labels, so no colour was taken.")


# ---- the table as a file


def ask_where_to_save_labels(studio: Studio, shell: Shell) -> None:
    """Ask where, and save the label table in the colours shown."""
    name = f"{studio.document.checkpoint.folder.resolve().name}.label"
    answer = shell.ask_where("Export label table", name, ";;".join(KINDS), _label_files)
    if answer is not None:
        save_labels(studio, shell, answer[0])


def _label_files(path: Path, kind: str) -> list[Path]:
    from segpaint.io.label_files import WRITERS
    from segpaint.io.label_tables import OWN_ENDING

    return [with_ending(path, KINDS.get(kind, OWN_ENDING), *WRITERS, OWN_ENDING)]


def save_labels(studio: Studio, shell: Shell, path: Path) -> None:
    """Save the label table in the colours shown, in the format of the file's ending."""
    document = studio.document
    write = partial(_write, path, document.table, document.checkpoint.description.modality)
    studio.background.start(write, partial(_report, shell), shell.warn)


def _write(path: Path, table: LabelTable, modality: str) -> Path:
    from segpaint.io.label_tables import write_label_file

    write_label_file(path, table, modality)
    return path


def _report(shell: Shell, path: Path) -> None:
    shell.say(f"Exported the label table: {path}", SHOWN)


ROWS = (
    Command(
        key="previous_label", text="Previous label", run=partial(choose_neighbour, -1), menu="Edit", place=400,
        keys=("Q",), group="Paint",
    ),
    Command(
        key="next_label", text="Next label", run=partial(choose_neighbour, 1), menu="Edit", place=401,
        keys=("W",), group="Paint",
    ),
    Command(
        key="swap_label", text="Swap with the last label", menu="Edit", place=402, keys=("X",), group="Paint",
        run=lambda studio, _shell: choose_value(studio, studio.document.last_paint_value),
    ),
    *(
        Command(
            key=f"label_{number}", text=f"Choose label {number}", run=partial(choose_label, number - 1),
            keys=(str(number),), hint=f"Paint with label {number} of the list", group="Paint",
            together="Choose a label",
        )
        for number in range(1, LABEL_KEYS + 1)
    ),
    Command(
        key="find_label", text="Find a label", menu="Edit", place=403, keys=("/", "Ctrl+F"),
        run=lambda studio, _shell: studio.view.wanted.emit("find_label"),
        icon=MDI7.magnify, hint="Find a label by its name", group="Paint",
    ),
    Submenu(path=COLORS, place=204),
    Command(
        key="label_color", text="Colour of the label…", run=ask_color, menu=COLORS, place=100,
        icon=MDI7.palette_outline, hint="Give the chosen label another colour",
    ),
    Command(
        key="safe_colors", text="Colours for colour-blind eyes", run=take_safe_colors, menu=COLORS, place=101,
        hint="Colours that everybody can tell apart, for all labels",
    ),
    Command(
        key="load_colors", text="Load colours from a label file…", run=ask_colors, menu=COLORS, place=102,
        hint="Take the colours that a table of ITK-SNAP, 3D Slicer or BIDS has for these labels",
    ),
    Command(
        key="reset_colors", text="The model's own colours", run=reset_colors, menu=COLORS, place=103,
        hint="Give all labels the colours of the model",
    ),
    Command(
        key="save_labels", text="Export label table…", run=ask_where_to_save_labels, menu="File", place=202,
        hint="Save the labels with their colours for ITK-SNAP, 3D Slicer or BIDS, or as JSON",
    ),
)  # fmt: skip
