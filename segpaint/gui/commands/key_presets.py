"""Keys as in other popular programs.

`Preset.keys` holds a program's own keys for the same actions. `Preset.moved` holds new keys for our commands
whose default keys are needed for that; all others keep their defaults. Sources:

- napari: the Labels layer in ``src/napari/utils/shortcuts.py``, explained in
  https://napari.org/stable/howtos/layers/labels.html;
- ITK-SNAP: ``GUI/Qt/Windows/MainImageWindow.ui`` and ``.cxx`` of its repository, and its own list of shortcuts,
  ``ProgramData/HTMLHelp/Shortcuts.html``;
- 3D Slicer: https://slicer.readthedocs.io/en/latest/user_guide/modules/segmenteditor.html and
  https://slicer.readthedocs.io/en/latest/user_guide/user_interface.html; digits choose the effects in the order
  of ``qMRMLSegmentEditorWidget``: Threshold, Paint, Draw, Erase, Level tracing, Grow from seeds, Fill between
  slices, Margin, Hollow, Smoothing;
- Krita: ``krita/krita.action`` and ``plugins/tools/*.action`` of its repository, explained in
  https://docs.krita.org/en/reference_manual/tools.html.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from segpaint.gui.commands.command import COMMANDS, LABEL_KEYS

Keys: TypeAlias = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Preset:
    """Keys of another program.

    Attributes
    ----------
    note : str
        A sentence for users who choose it.
    keys : mapping of str to tuple of str
        The program's keys for the same action, by command.
    moved : mapping of str to tuple of str
        New keys of commands whose defaults the program uses otherwise.
    """

    note: str
    keys: Keys = field(default_factory=dict)
    moved: Keys = field(default_factory=dict)

    def keys_of(self, command: str) -> tuple[str, ...]:
        """Get the keys of a command."""
        return {**self.moved, **self.keys}.get(command, COMMANDS[command].keys)


_LABELS_WITH_ALT = {f"label_{number}": (f"Alt+{number}",) for number in range(1, LABEL_KEYS + 1)}
_DIGITS = "Digits choose tools there, so labels are chosen with Alt and a digit."

PRESETS: dict[str, Preset] = {
    "SegPaint": Preset("The keys that SegPaint comes with."),
    "napari": Preset(
        f"As in napari's Labels layer. {_DIGITS}",
        keys={
            "eraser": ("1", "E"),
            "brush": ("2", "P"),
            "polygon": ("3",),
            "fill": ("4", "F"),
            "pick": ("5", "L"),
            "transform": ("7",),
            "smaller": ("[",),
            "larger": ("]",),
            "previous_label": ("-",),
            "next_label": ("=",),
            "swap_label": ("X",),
            "overlay": ("V",),
            "fit": ("Ctrl+R",),
        },
        moved={
            **_LABELS_WITH_ALT,
            "lasso": ("Shift+L",),
            "swipe": ("W",),
            "open_reference": ("Ctrl+Shift+R",),
        },
    ),
    "ITK-SNAP": Preset(
        f"As in ITK-SNAP. {_DIGITS}",
        keys={
            "polygon": ("3",),
            "brush": ("4",),
            "smaller": ("-",),
            "larger": ("=",),
            "previous_label": (",", "<"),
            "next_label": (".", ">"),
            "overlay_less": ("A",),
            "overlay_more": ("D",),
            "overlay": ("S",),
            "fit": ("Ctrl+F",),
            "undo": ("Ctrl+Z",),
            "save_mask": ("Ctrl+S",),
        },
        moved={
            **_LABELS_WITH_ALT,
            "step": ("Ctrl+.",),
            "back": ("Ctrl+,",),
            "find_label": ("/",),
            "save": ("Ctrl+Shift+S",),
        },
    ),
    "3D Slicer": Preset(
        f"As in 3D Slicer's Segment Editor and slice views. {_DIGITS}",
        keys={
            "threshold": ("1",),
            "brush": ("2",),
            "polygon": ("3",),
            "eraser": ("4",),
                "wand": ("5",),  # level tracing, which also selects what looks like the pixel pointed at
            "smaller": ("-",),
            "larger": ("+",),
            "previous_label": ("Q",),
            "next_label": ("W",),
            "undo": ("Z", "Ctrl+Z"),
            "redo": ("Y", "Ctrl+Shift+Z", "Ctrl+Y"),
            "grow": ("8",),
            "smooth_label": ("0",),
            "overlay": ("G",),
            "fit": ("R",),
        },
        moved={
            **_LABELS_WITH_ALT,
            "push": ("Shift+G",),
            "rectangle": ("Shift+R",),
        },
    ),
    "Krita": Preset(
        "As in Krita, whose rectangle and ellipse tools paint, too.",
        keys={
            "brush": ("B",),
            "eraser": ("E",),
            "fill": ("F",),
            "pick": ("P",),
            "rectangle": ("Shift+R",),
            "ellipse": ("Shift+J",),
            "transform": ("Ctrl+T",),
            "smaller": ("[",),
            "larger": ("]",),
            "swap_label": ("X",),
            "undo": ("Ctrl+Z",),
        },
        moved={
            "thicken": ("Ctrl+Shift+T",),
            "polygon": ("Shift+P",),
        },
    ),
}  # fmt: skip
"""By name, as shown and saved; the first is the default."""
