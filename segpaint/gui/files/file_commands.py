"""The commands of files, the clipboard and references."""

from fonticon_mdi7 import MDI7

from segpaint.gui.commands.command import Command, Submenu
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.clipboard import copy_image, copy_mask, paste_mask
from segpaint.gui.files.opening import ask_mask, ask_scan_mask
from segpaint.gui.files.projects import (
    ask_project,
    ask_where_to_save_project,
    close_project,
    why_not_close,
)
from segpaint.gui.files.recent_menu import fill_examples, fill_recent
from segpaint.gui.files.references import ask_image
from segpaint.gui.files.saving import ask_where_to_save, ask_where_to_save_mask
from segpaint.gui.files.scan_opening import ask_scan, ask_scan_folder
from segpaint.studio.studio import Studio


def new_mask(studio: Studio, _shell: Shell) -> None:
    """Start from a blank mask; undoable."""
    studio.document.strokes.replace(studio.document.mask.values * 0, "New mask")


ROWS = (
    Command(
        key="new", text="New blank mask", run=new_mask, menu="File", place=100,
        keys=("Ctrl+N",), icon=MDI7.file_outline,
    ),
    Submenu(path="File/Examples", place=102, fill=fill_examples),
    Command(
        key="open", text="Open mask…", run=ask_mask, menu="File", place=103,
        keys=("Ctrl+O",), icon=MDI7.folder_open_outline, hint="Open a mask from a PNG file",
    ),
    Command(
        key="open_reference", text="Open reference…", run=ask_image, menu="File", place=104,
        keys=("Ctrl+R",), icon=MDI7.image_plus_outline,
        hint="Open a real image to edit, or to come near to",
    ),
    Command(
        key="open_scan", text="Open scan…", run=ask_scan, menu="File", place=105, keys=("Ctrl+Shift+O",),
        icon=MDI7.layers_outline, hint="Open DICOM, NIfTI, NRRD, MetaImage, TIFF, or a picture of any size",
    ),
    Command(
        key="open_scan_folder", text="Open folder of scans…", run=ask_scan_folder, menu="File", place=106,
        hint="Open one of the series in a folder and below it",
    ),
    Command(
        key="open_scan_mask", text="Open mask of the scan…", run=ask_scan_mask, menu="File", place=107,
        hint="DICOM SEG or RTSTRUCT, NIfTI, NRRD of the open scan: a mask for every slice",
        enabled=lambda studio: "" if studio.scans.scan is not None else "No scan is open",
    ),
    Submenu(path="File/Open recent", place=108, fill=fill_recent),
    Command(
        key="save", text="Save image…", run=ask_where_to_save, menu="File", place=200,
        keys=("Ctrl+S",), icon=MDI7.content_save_outline,
        hint="Save the finished image, its mask and its request",
    ),
    Command(
        key="save_mask", text="Save mask…", run=ask_where_to_save_mask, menu="File", place=201,
        keys=("Ctrl+Shift+S",), hint="Save the mask alone as a palette PNG",
    ),
    Command(
        key="open_project", text="Open project…", run=ask_project, menu="File", place=300,
        hint="Take up work that was saved as a whole: masks, settings, images, and the list of edits",
    ),
    Command(
        key="save_project", text="Save project…", run=ask_where_to_save_project, menu="File", place=301,
        hint="Save all of this work in one file, which is kept up to date from then on",
    ),
    Command(
        key="close_project", text="Close project", run=close_project, menu="File", place=302,
        hint="Go on without saving into the project", enabled=why_not_close,
    ),
    Command(
        key="quit", text="Quit", run=lambda _studio, shell: shell.close(), menu="File", place=400,
        keys=("Ctrl+Q",),
    ),
    Command(
        key="copy_image", text="Copy image", run=copy_image, menu="Edit", place=200,
        keys=("Ctrl+C",), icon=MDI7.content_copy, hint="Copy the image looked at to the clipboard",
    ),
    Command(
        key="copy_mask", text="Copy mask", run=copy_mask, menu="Edit", place=201,
        keys=("Ctrl+Shift+C",), hint="Copy the mask to the clipboard",
    ),
    Command(
        key="paste_mask", text="Paste mask", run=paste_mask, menu="Edit", place=202,
        keys=("Ctrl+V",), icon=MDI7.content_paste, hint="Take the mask in the clipboard for this one",
    ),
)  # fmt: skip
