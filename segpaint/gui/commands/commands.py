"""Every command of the window with its keys, in one table: menus, tooltips, sheet and guide read it."""

from __future__ import annotations

from dataclasses import dataclass

from fonticon_mdi7 import MDI7


@dataclass(frozen=True)
class Command:
    """Something that a menu, a button or a key does.

    Attributes
    ----------
    text : str
        As in a menu.
    keys : tuple of str
        By default, in Qt's notation; the first is shown. Those in force are in a
        `segpaint.gui.commands.keymap.Keymap`.
    icon : str
        A glyph key, or empty.
    hint : str
        What it does, for the tooltip; empty if the text says it.
    group : str
        Where the shortcut sheet lists it.
    together : str
        What the one line says in which the sheet lists it with its like; empty for a line of its own.
    """

    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    hint: str = ""
    group: str = "File"
    together: str = ""


LABEL_KEYS = 9
"""So many labels, from the list's top, have a command each."""

COMMANDS: dict[str, Command] = {
    "new": Command("New blank mask", ("Ctrl+N",), MDI7.file_outline),
    "open": Command("Open mask…", ("Ctrl+O",), MDI7.folder_open_outline, "Open a mask from a PNG file"),
    "open_reference": Command(
        "Open reference…", ("Ctrl+R",), MDI7.image_plus_outline, "Open a real image to edit, or to come near to"
    ),
    "save": Command(
        "Save image…", ("Ctrl+S",), MDI7.content_save_outline,
        "Save the finished image, its mask and its request",
    ),
    "save_mask": Command("Save mask…", ("Ctrl+Shift+S",), "", "Save the mask alone as a palette PNG"),
    "save_labels": Command(
        "Export label table…", (), "",
        "Save the labels with their colours for ITK-SNAP, 3D Slicer or BIDS, or as JSON",
    ),
    "keep": Command(
        "Keep in the history", ("K",), "", "Keep the finished image shown; drafts are not kept by themselves"
    ),
    "animate": Command(
        "Export animation…", ("Ctrl+E",), MDI7.filmstrip, "The steps, or two branches, as GIF, WebP or MP4"
    ),
    "quit": Command("Quit", ("Ctrl+Q",)),
    "undo": Command("Undo", ("Ctrl+Z",), MDI7.undo, group="Edit"),
    "redo": Command("Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), MDI7.redo, group="Edit"),
    "history_list": Command(
        "List of edits", ("Ctrl+Shift+H",), MDI7.format_list_bulleted,
        "All edits of the mask, to go back to any", "Edit",
    ),
    "edit_keys": Command(
        "Keys…", ("Ctrl+K",), MDI7.keyboard_settings_outline,
        "Give commands other keys, or take over those of another program", "Edit",
    ),
    "copy_image": Command(
        "Copy image", ("Ctrl+C",), MDI7.content_copy, "Copy the image looked at to the clipboard", "Edit"
    ),
    "copy_mask": Command("Copy mask", ("Ctrl+Shift+C",), "", "Copy the mask to the clipboard", "Edit"),
    "paste_mask": Command(
        "Paste mask", ("Ctrl+V",), MDI7.content_paste, "Take the mask in the clipboard for this one", "Edit"
    ),
    "brush": Command("Brush", ("B",), MDI7.brush, "Paint with the chosen label", "Paint"),
    "eraser": Command(
        "Eraser", ("E",), MDI7.eraser,
        "Give pixels back to the label around, or to background; also right drag, or Ctrl held", "Paint",
    ),
    "fill": Command("Fill", ("F",), MDI7.format_color_fill, "Fill what has one value", "Paint"),
    "polygon": Command(
        "Polygon", ("P",), MDI7.vector_square, "Click points; Return fills what lies between them", "Paint"
    ),
    "lasso": Command("Lasso", ("L",), MDI7.lasso, "Fill what the pointer runs around", "Paint"),
    "rectangle": Command("Rectangle", ("R",), MDI7.rectangle_outline, "", "Paint"),
    "ellipse": Command("Ellipse", ("C",), MDI7.ellipse_outline, "", "Paint"),
    "threshold": Command(
        "Threshold brush", ("T",), MDI7.contrast_circle,
        "Paint only where the reference's intensity lies in a range", "Paint",
    ),
    "wand": Command(
        "Magic wand", ("Y",), MDI7.magic_staff, "Paint where the reference looks like the pixel clicked on",
        "Paint",
    ),
    "pick": Command(
        "Pick label", ("I",), MDI7.eyedropper, "Paint with the label under the pointer; also Ctrl+Alt+click",
        "Paint",
    ),
    "push": Command("Push", ("G",), MDI7.gesture_swipe_right, "Drag borders along like clay", "Paint"),
    "transform": Command(
        "Move, turn and scale", ("M",), MDI7.cursor_move, "Place the chosen label by handles", "Paint"
    ),
    "paint_all": Command("Over everything", (), "", "Strokes cover whatever is there", "Paint"),
    "paint_background": Command("Over background only", (), "", "Strokes cover no label", "Paint"),
    "paint_chosen": Command("Over what is chosen only", (), "", "Strokes cover what is ticked alone", "Paint"),
    "smaller": Command("Smaller brush", ("[",), group="Paint"),
    "larger": Command("Larger brush", ("]",), group="Paint"),
    "previous_label": Command("Previous label", ("Q",), group="Paint"),
    "next_label": Command("Next label", ("W",), group="Paint"),
    "swap_label": Command("Swap with the last label", ("X",), group="Paint"),
    **{
        f"label_{number}": Command(
            f"Choose label {number}", (str(number),), "", f"Paint with label {number} of the list", "Paint",
            "Choose a label",
        )
        for number in range(1, LABEL_KEYS + 1)
    },
    "find_label": Command("Find a label", ("/", "Ctrl+F"), MDI7.magnify, "Find a label by its name", "Paint"),
    "fit": Command("Fit to window", ("Ctrl+0",), MDI7.fit_to_screen_outline, group="View"),
    "grow": Command("Grow…", ("Ctrl+G",), "", "Grow the chosen label's outline", "Anatomy"),
    "shrink": Command("Shrink…", ("Ctrl+Shift+G",), "", "Shrink the chosen label's outline", "Anatomy"),
    "thicken": Command("Thicken…", ("Ctrl+T",), "", "Thicken a wall inward, outward or both ways", "Anatomy"),
    "smooth_label": Command("Smooth…", ("Ctrl+M",), "", "Smooth the chosen label's outline", "Anatomy"),
    "remove_islands": Command("Remove islands…", (), "", "Remove the small pieces of the label", "Anatomy"),
    "split_islands": Command(
        "One island…", (), "", "Take one piece of the label away, or give it to another", "Anatomy"
    ),
    "fill_holes": Command("Fill holes…", (), "", "Fill gaps in the label, but swallow no other", "Anatomy"),
    "mirror": Command("Mirror…", (), "", "Mirror the label left to right", "Anatomy"),
    "interpolate": Command("Turn into another mask…", (), "", "A mask between this one and another", "Anatomy"),
    "zoom_in": Command("Zoom in", ("Ctrl++", "Ctrl+="), MDI7.magnify_plus_outline, group="View"),
    "zoom_out": Command("Zoom out", ("Ctrl+-",), MDI7.magnify_minus_outline, group="View"),
    "next_region": Command("Next region", ("F6",), "", "Lead the keys to the next part of the window", "View"),
    "previous_region": Command("Previous region", ("Shift+F6",), "", "And to the one before", "View"),
    "overlay": Command("Show the mask", ("S",), MDI7.layers_outline, "Draw the mask, or nothing of it", "View"),
    "overlay_less": Command("Mask more transparent", ("A",), "", "Over a reference", "View"),
    "overlay_more": Command("Mask less transparent", ("D",), "", "Over a reference", "View"),
    "labels_outline": Command(
        "Labels as outlines", (), MDI7.shape_outline,
        "Draw the borders of labels on the canvas, not their areas", "View",
    ),
    "label_color": Command(
        "Colour of the label…", (), MDI7.palette_outline, "Give the chosen label another colour", "View"
    ),
    "safe_colors": Command(
        "Colours for colour-blind eyes", (), "", "Colours that everybody can tell apart, for all labels", "View"
    ),
    "load_colors": Command(
        "Load colours from a label file…", (), "",
        "Take the colours that a table of ITK-SNAP, 3D Slicer or BIDS has for these labels", "View",
    ),
    "reset_colors": Command(
        "The model's own colours", (), "", "Give all labels the colours of the model", "View"
    ),
    "outlines": Command(
        "Outline the mask on the image", ("O",), MDI7.vector_polygon,
        "Draw the borders of the shown labels over the image", "View",
    ),
    "findings": Command(
        "Outline what the segmenter finds", ("Shift+O",), MDI7.vector_difference,
        "Dashed: the labels that the segmenter finds in the image, a model's opinion. "
        "Dotted: where that and the mask disagree", "View",
    ),
    "noisy": Command(
        "Show the noisy sample", ("N",), MDI7.blur,
        "Show the sample itself instead of the network's estimate of the finished image", "View",
    ),
    "smooth": Command("Smooth image", (), "", "Draw enlarged pixels smoothly", "View"),
    "histogram": Command(
        "Window and level", (), MDI7.contrast_box,
        "The intensities of the reference, or of the image, and which of them are spread from black to white",
        "View",
    ),
    "window_reset": Command(
        "Reset window and level", (), MDI7.backup_restore,
        "Show intensities as they are; also a double click on the image with the right button", "View",
    ),
    "history": Command(
        "History", ("H",), MDI7.filmstrip, "Show the earlier results, below the timeline", "View"
    ),
    "theme_system": Command("Follow the system", (), "", "Light or dark, as the system is", "View"),
    "theme_light": Command("Light", (), "", "The light theme", "View"),
    "theme_dark": Command("Dark", (), "", "The dark theme", "View"),
    "pin": Command(
        "Pin this image to compare", ("Ctrl+P",), MDI7.pin_outline,
        "Compare later images with the one pinned, until it is unpinned", "View",
    ),
    "compare_auto": Command(
        "What there is", (), "",
        "Compare with the pinned image, else the parent branch, else the reference; a reference with its mask",
        "View",
    ),
    "compare_pinned": Command("The pinned image", (), "", "Compare with the pinned image alone", "View"),
    "compare_parent": Command("The parent branch", (), "", "Compare with what was branched off from", "View"),
    "compare_reference": Command("The reference", (), "", "Compare with the real image", "View"),
    "compare_mask": Command(
        "The mask", (), "", "Compare with the mask as it is painted, over the reference if there is one", "View"
    ),
    "compare_off": Command("Compare nothing", (), "", "Show the image alone", "View"),
    "side_by_side": Command(
        "Compare side by side", ("Shift+S",), "",
        "Beside the image: what it is compared with", "View",
    ),
    "swipe": Command(
        "Compare by swiping", ("V",), "",
        "Right of the pointer: what the image is compared with", "View",
    ),
    "blink": Command("Compare by blinking", ("Shift+V",), "", "Show the two in turn", "View"),
    "difference": Command("Show the difference", ("Ctrl+D",), "", "Blue darker, orange brighter", "View"),
    "difference_outside": Command(
        "Show the difference outside the edit", ("Ctrl+Shift+D",), "", "Only where the masks agree", "View"
    ),
    "generate": Command(
        "Generate", ("Ctrl+Return",), MDI7.auto_fix, "Turn the mask into an image, from the first step", "Run"
    ),
    "play": Command("Play or pause", ("Space",), MDI7.play, "Play or pause; hold Space and drag to pan", "Run"),
    "begin_paused": Command(
        "Generate step by step", ("Ctrl+Shift+Return",), "", "Start a run and pause after its first step", "Run"
    ),
    "step": Command(
        "One step forward", (".",), MDI7.step_forward,
        "Look at the next step; at the newest, take one more and pause", "Run",
    ),
    "back": Command("One step back", (",",), MDI7.step_backward, "Look at the step before", "Run"),
    "stop": Command("Stop", ("Escape",), MDI7.stop, "Give up the run; what it has shown stays", "Run"),
    "branch": Command(
        "Branch off here", ("Ctrl+B",), MDI7.source_branch,
        "Go on from the step looked at under the mask as it is now, and keep what was there", "Run",
    ),
    "follow": Command(
        "Edits change the run under way", (), "",
        "An edit takes effect from the next step on; off, not before the next run", "Run",
    ),
    "live": Command(
        "Live painting", ("Ctrl+L",), MDI7.lightning_bolt_outline,
        "Each stroke makes a draft at once, with the same seed", "Run",
    ),
    "live_warm": Command(
        "Drafts begin with the last whole image", (), "",
        "What was not touched stays much as it was; off, each draft is made from noise alone", "Run",
    ),
    "judge": Command(
        "Judge each image", (), "",
        "Let the model's segmenter say how well each finished image shows the mask", "Run",
    ),
    "judge_drafts": Command("Judge drafts too", (), "", "Also the images of live painting", "Run"),
    "variation": Command(
        "Variation…", ("Ctrl+Shift+V",), MDI7.view_grid_outline,
        "The mask with many seeds, their mean and their spread", "Explore",
    ),
    "ablation_grid": Command(
        "Ablation grid…", ("Ctrl+Shift+A",), "", "Every subset of a few labels left out, same seed", "Explore"
    ),
    "similarity_strip": Command(
        "Similarity strip", (), "", "From an image of its own to the reference, in eleven steps", "Explore"
    ),
    "paired_set": Command(
        "Paired set…", ("Ctrl+Shift+P",), MDI7.image_multiple_outline,
        "Make many images with their masks, in the background", "Explore",
    ),
    "dice": Command("New seed", ("Shift+D",), MDI7.dice_5_outline, "Draw another seed", "Run"),
    "tour": Command(
        "Tour", (), MDI7.play_circle_outline, "Three stories of a minute each, in a window of their own", "Help"
    ),
    "card": Command("About this model", (), MDI7.card_text_outline, "Show the model card", "Help"),
    "about": Command("About SegPaint", (), MDI7.information_outline, group="Help"),
    "keys": Command("Keyboard shortcuts", ("F1", "?"), MDI7.keyboard_outline, group="Help"),
}  # fmt: skip

POINTER_HINTS = (
    ("Paint", "Right drag, Ctrl + drag", "Erase"),
    ("Paint", "Ctrl + Alt + click", "Pick a label with any tool"),
    ("Paint", "Shift + wheel", "Brush size"),
    ("Paint", "Arrow keys on the mask", "Move by a pixel, with Shift by ten"),
    ("Paint", "Return on the mask", "Press there; held while moving, a stroke"),
    ("View", "Wheel", "Zoom at the pointer"),
    ("View", "Middle drag, Space + drag", "Pan"),
    ("View", "Right drag on the image", "Window, sideways, and level, up and down"),
    ("View", "Right double click on the image", "Reset window and level"),
)
"""What is done with the mouse, or with keys in its place, whatever the keymap: group, gesture, what it does."""
