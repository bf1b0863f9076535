"""The commands of anatomy gestures."""

from segpaint.gui.commands.command import Command


def _gesture(key: str, text: str, place: int, hint: str, *keys: str) -> Command:
    return Command(
        key=key, text=text, run=lambda studio, _shell: studio.anatomy.begin(key), menu="Anatomy",
        place=place, keys=keys, hint=hint,
    )  # fmt: skip


ROWS = (
    _gesture("grow", "Grow…", 100, "Grow the chosen label's outline", "Ctrl+G"),
    _gesture("shrink", "Shrink…", 101, "Shrink the chosen label's outline", "Ctrl+Shift+G"),
    _gesture("thicken", "Thicken…", 102, "Thicken a wall inward, outward or both ways", "Ctrl+T"),
    _gesture("smooth_label", "Smooth…", 103, "Smooth the chosen label's outline", "Ctrl+M"),
    _gesture("remove_islands", "Remove islands…", 200, "Remove the small pieces of the label"),
    _gesture("split_islands", "One island…", 201, "Take one piece of the label away, or give it to another"),
    _gesture("fill_holes", "Fill holes…", 202, "Fill gaps in the label, but swallow no other"),
    _gesture("mirror", "Mirror…", 302, "Mirror the label left to right"),
    _gesture("interpolate", "Turn into another mask…", 400, "A mask between this one and another"),
)
"""Among the menu's other entries are two tools, which shape a label by hand."""
