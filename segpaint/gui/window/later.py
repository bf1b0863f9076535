"""Imports, after the first picture, what a command opens.

Commands import their dialogs when they are run, so that the window need not wait for them at its start.
Imported by then, a dialog opens at once.
"""

from importlib import import_module

from PySide6.QtCore import QObject, QTimer, Slot

from segpaint.gui.window.main_window import MainWindow

PLAIN = (
    "segpaint.core.masks.measure_table",
    "segpaint.core.requests.made_up",
    "segpaint.core.volumes.placing",
    "segpaint.core.volumes.volume",
    "segpaint.io.annotations",
    "segpaint.io.label_tables",
    "segpaint.io.scene_lists",
    "segpaint.paired.candidates",
    "segpaint.paired.chosen",
    "segpaint.paired.outlook",
    "segpaint.paired.quotas",
)
"""What knows no Qt."""
OWN = (
    "segpaint.gui.commands.key_editor",
    "segpaint.gui.commands.keys_dialog",
    "segpaint.gui.files.mapping_dialog",
    "segpaint.gui.files.mask_reader",
    "segpaint.gui.files.offers_dialog",
    "segpaint.gui.files.scan_masks",
    "segpaint.gui.looking.measures_window",
    "segpaint.gui.making.animation_dialog",
    "segpaint.gui.making.mask_choice",
    "segpaint.gui.making.paired_form",
    "segpaint.gui.making.deck_page",
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
    "segpaint.studio.projects.packing",
    "segpaint.studio.projects.restoring",
    "segpaint.studio.scans.edited_slices",
)
"""Windows, dialogs, and what else may hold classes of Qt's kind."""
LATER = (*PLAIN, *OWN)
"""What is imported inside of the functions that open or use it."""


class Later(QObject):
    """Imports all of it, when it is asked to: what knows no Qt in the background, then the rest here.

    PySide keeps its classes in one table, which it reads for each event without Python's lock. A class that
    another thread enters into it meanwhile may move the table, and the program ends. So no other thread may
    make one, and this one makes those of one module between two events.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._background = window.studio.background
        self._left = list(reversed(OWN))
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._import_next)
        window.closing.connect(self._timer.stop)

    @Slot()
    def start(self) -> None:
        """Begin; slow imports of other rooms that were asked for earlier come first."""
        self._background.start(import_plain, self._go_on, self._go_on, lane="imports")

    def _go_on(self, _failed: Exception | None = None) -> None:
        self._timer.start()

    @Slot()
    def _import_next(self) -> None:
        name = self._left.pop()
        if not self._left:
            self._timer.stop()
        import_module(name)


def import_plain() -> None:
    """Import what knows no Qt, on any thread."""
    for name in PLAIN:
        import_module(name)
