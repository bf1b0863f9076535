"""What the window's commands do, and the menus that list them."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QInputDialog, QMenu

from segpaint.core.runs.branches import Branch
from segpaint.gui.anatomy.gesture_commands import GestureCommands
from segpaint.gui.canvas.keyboard_hand import KeyboardHand
from segpaint.gui.commands.key_commands import KeyCommands
from segpaint.gui.files.clipboard_commands import ClipboardCommands
from segpaint.gui.files.drop import DropTarget
from segpaint.gui.files.file_commands import FileCommands
from segpaint.gui.files.mapping_commands import MappingCommands
from segpaint.gui.files.recent_menu import RecentMenu
from segpaint.gui.files.reference_commands import ReferenceCommands
from segpaint.gui.history.edit_commands import EditCommands
from segpaint.gui.history.history_commands import HistoryCommands
from segpaint.gui.labels.label_commands import LabelCommands
from segpaint.gui.looking.view_commands import ViewCommands
from segpaint.gui.making.animation_commands import AnimationCommands
from segpaint.gui.making.explore_commands import ExploreCommands
from segpaint.gui.making.paired_commands import PairedCommands
from segpaint.gui.models.card_dialog import CardDialog
from segpaint.gui.running.timeline import Spot
from segpaint.gui.tools.over_button import OVER
from segpaint.gui.tools.tool_commands import TOOLS, ToolCommands
from segpaint.gui.window.about_box import AboutBox
from segpaint.gui.window.main_window import MainWindow
from segpaint.gui.window.regions import Regions
from segpaint.gui.window.theme_commands import ThemeCommands
from segpaint.studio.document.autosave import Autosave


class Controller(QObject):
    """Connects a window's actions; those of files and of painting have rooms of their own.

    Parameters
    ----------
    window : MainWindow
    autosave : Autosave
    """

    def __init__(self, window: MainWindow, autosave: Autosave) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self.mapping = MappingCommands(window)
        self.files = FileCommands(window, autosave, self.mapping)
        self.edits = EditCommands(window)
        self.tools = ToolCommands(window)
        self.gestures = GestureCommands(window)
        self.labels = LabelCommands(window)
        self.views = ViewCommands(window)
        self.hand = KeyboardHand(window.canvas)
        self.regions = Regions(window)
        self.references = ReferenceCommands(window, self.mapping)
        self.files.reference_wanted.connect(self.references.open_image)
        self.recent = RecentMenu(window, self.files, self.references)
        self.drops = DropTarget(window, self.files, self.references)
        self.clipboard = ClipboardCommands(window, self.files, self.mapping)
        self.animations = AnimationCommands(window)
        self.explore = ExploreCommands(window, self.animations)
        self.history = HistoryCommands(window, self.files)
        self.paired = PairedCommands(window, window.checkpoints.folders)
        self.themes = ThemeCommands(window)
        actions = window.commands
        for key, slot in {
            "fit": window.viewpoint.fit,
            "zoom_in": window.viewpoint.zoom_in,
            "zoom_out": window.viewpoint.zoom_out,
            "generate": self._session.generate,
            "play": self._session.toggle_play,
            "begin_paused": self._session.begin_paused,
            "step": self._session.step,
            "back": self.look_back,
            "stop": self._session.stop,
            "branch": self._session.branch_off,
            "dice": self.throw_dice,
            "card": self.show_card,
            "about": self.show_about,
        }.items():
            actions[key].triggered.connect(slot)
        actions["outlines"].toggled.connect(window.image.set_outlines)
        actions["noisy"].toggled.connect(window.image.set_noisy)
        actions["smooth"].toggled.connect(window.image.set_smooth)
        actions["smooth"].toggled.connect(window.side.pane.set_smooth)
        actions["follow"].toggled.connect(self._set_follow)
        actions["findings"].toggled.connect(window.findings.set_shown)
        actions["findings"].triggered.connect(self._explain_findings)
        actions["judge"].toggled.connect(window.judging.set_on)
        actions["judge_drafts"].toggled.connect(window.judging.set_judges_drafts)
        actions["live"].toggled.connect(window.live.set_on)
        actions["live_warm"].toggled.connect(window.live.set_warm)
        window.request.dice_thrown.connect(self.throw_dice)
        window.checkpoints.card_wanted.connect(self.show_card)
        window.transport.timeline.menu_wanted.connect(self.show_branch_menu)
        self._fill_menus()
        self.keys = KeyCommands(window)  # last, for it looks at the menus

    def _fill_menus(self) -> None:
        bar, actions = self._window.menuBar(), self._window.commands
        layout: dict[str, list[str | QMenu | None]] = {
            "&File": ["new", self.files.examples, "open", "open_reference",
                      self.recent.menu, None,
                      "save", "save_mask", "save_labels", "animate", "keep", None, "quit"],
            "&Edit": ["undo", "redo", "history_list", None,
                      "copy_image", "copy_mask", "paste_mask", None,
                      self._tools_menu(), self._over_menu(), "smaller", "larger", None,
                      "previous_label", "next_label", "swap_label", "find_label", None, "edit_keys"],
            "&Anatomy": ["grow", "shrink", "thicken", "smooth_label", None,
                         "remove_islands", "split_islands", "fill_holes", None,
                         "transform", "push", "mirror", None, "interpolate"],
            "&View": ["fit", "zoom_in", "zoom_out", "history", None,
                      "overlay", "overlay_less", "overlay_more", "labels_outline", self.labels.menu, None,
                      "outlines", "findings", "noisy", "smooth", None,
                      "histogram", "window_reset", None,
                      "pin", self.views.menu, "compare_off", "side_by_side", "swipe", "blink", "difference",
                      "difference_outside", None, "next_region", "previous_region", self.themes.menu],
            "&Run": ["generate", "begin_paused", "play", "step", "back", "stop", None,
                     "branch", "follow", None, "live", "live_warm", None,
                     "judge", "judge_drafts", None, "dice"],
            "E&xplore": ["variation", "ablation_grid", "similarity_strip", None, "paired_set"],
            "&Help": ["tour", "keys", "card", None, "about"],
        }  # fmt: skip
        for title, entries in layout.items():
            menu = bar.addMenu(title)
            for entry in entries:
                if entry is None:
                    menu.addSeparator()
                elif isinstance(entry, QMenu):
                    menu.addMenu(entry)
                else:
                    menu.addAction(actions[entry])

    def _tools_menu(self) -> QMenu:
        menu = QMenu("Tool", self._window)
        for key in TOOLS:
            menu.addAction(self._window.commands[key])
        return menu

    def _over_menu(self) -> QMenu:
        menu = QMenu("Strokes cover", self._window)
        for key in OVER:
            menu.addAction(self._window.commands[key])
        menu.addMenu(self._window.over.chosen)
        return menu

    @Slot()
    def look_back(self) -> None:
        """Look at the step before the one looked at."""
        self._session.look_by(-1)

    @Slot(bool)
    def _explain_findings(self, wanted: bool) -> None:
        """Say why nothing is outlined, where nothing is."""
        if wanted:
            self._window.statusBar().showMessage(self._window.judging.obstacle, 6000)

    @Slot(bool)
    def _set_follow(self, follow: bool) -> None:
        self._session.follows_edits = follow

    @Slot(object, QPoint)
    def show_branch_menu(self, spot: Spot, place: QPoint) -> None:
        """Offer what can be done with a branch and the step clicked on, which is looked at by then."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self._window.commands["branch"])
        menu.addAction(f"Rename branch {spot.branch.name}…", partial(self._ask_name, spot.branch))
        menu.popup(place)

    def _ask_name(self, branch: Branch) -> None:
        name, given = QInputDialog.getText(
            self._window, "Rename branch", "Name of the branch", text=branch.name
        )
        if given and name.strip():
            self._session.rename_branch(branch.run, name.strip())

    @Slot()
    def throw_dice(self) -> None:
        """Draw a new seed."""
        if self._session.document is not None:
            self._session.document.draw_seed()

    @Slot()
    def show_card(self) -> None:
        """Open the model card."""
        if self._session.document is not None:
            CardDialog(self._session.document.checkpoint, self._window).open()

    @Slot()
    def show_about(self) -> None:
        """Say what this program is, and which version."""
        AboutBox(self._window).open()
