"""Imports, after the first picture, what a command opens.

Commands import their dialogs when they are run, so that the window need not wait for them at its start.
Imported in the background by then, a dialog opens at once.
"""

from importlib import import_module

from PySide6.QtCore import QObject, Slot

from segpaint.gui.window.main_window import MainWindow

LATER = (
    "segpaint.core.masks.measure_table",
    "segpaint.core.requests.made_up",
    "segpaint.core.volumes.placing",
    "segpaint.core.volumes.volume",
    "segpaint.gui.commands.key_editor",
    "segpaint.gui.commands.keys_dialog",
    "segpaint.gui.files.mapping_dialog",
    "segpaint.gui.files.mask_reader",
    "segpaint.gui.files.offers_dialog",
    "segpaint.gui.files.scan_masks",
    "segpaint.gui.looking.measures_window",
    "segpaint.gui.making.animation_dialog",
    "segpaint.gui.making.deck_window",
    "segpaint.gui.making.figure_dialog",
    "segpaint.gui.making.match_dialog",
    "segpaint.gui.making.paired_dialog",
    "segpaint.gui.making.series_dialog",
    "segpaint.gui.making.starred_dialog",
    "segpaint.gui.making.sweep_dialog",
    "segpaint.gui.models.card_dialog",
    "segpaint.gui.stage.scenes_window",
    "segpaint.gui.stage.stage_window",
    "segpaint.gui.tour.tour",
    "segpaint.gui.tour.stories",
    "segpaint.gui.tour.story_scene",
    "segpaint.gui.window.about_box",
    "segpaint.gui.window.guide_window",
    "segpaint.io.annotations",
    "segpaint.io.label_tables",
    "segpaint.io.scene_lists",
    "segpaint.studio.projects.packing",
    "segpaint.studio.projects.restoring",
    "segpaint.studio.scans.edited_slices",
)
"""What is imported inside of the functions that open or use it."""


class Later(QObject):
    """Imports all of it in the background, when it is asked to."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._background = window.studio.background

    @Slot()
    def start(self) -> None:
        """Begin; slow imports of other rooms that were asked for earlier come first."""
        self._background.start(import_later, lane="imports")


def import_later() -> None:
    """Import all of it, on any thread."""
    for name in LATER:
        import_module(name)
