"""Somebody who does anything, in any order, with a real window."""

from __future__ import annotations

import gc
from collections import Counter
from dataclasses import replace

import numpy as np
import psutil
from PySide6.QtCore import QEvent, QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QColorDialog, QDialog, QMenu, QWidget
from scan_volumes import make_volume

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.operations import GESTURES
from segpaint.core.volumes.planes import Plane
from segpaint.gui.canvas.tool import TOOLS
from segpaint.gui.commands.key_presets import PRESETS
from segpaint.gui.commands.keymap import Keymap
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.opening import open_file, open_folder
from segpaint.gui.files.references import open_image
from segpaint.gui.files.saving import save_to
from segpaint.gui.history import results
from segpaint.gui.labels.label_commands import load_colors, save_labels
from segpaint.gui.making.explore_commands import show_ablations, show_seeds, show_similarities
from segpaint.gui.making.paired_commands import show_dialog
from segpaint.gui.scans import mask_commands, scan_commands
from segpaint.gui.style.theme import Choice
from segpaint.paired.specification import Specification
from segpaint.studio.document.settings import Purpose
from segpaint.studio.scans.scan import Page
from segpaint.studio.view.comparison import Against, Mode

NO_MODIFIER = Qt.KeyboardModifier.NoModifier
MODIFIERS = (
    *[NO_MODIFIER] * 12,
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier,
)
COMMANDS = {
    "undo": 6, "redo": 3, "new": 1, **dict.fromkeys(TOOLS, 2), "history_list": 1,
    "paint_all": 1, "paint_background": 1, "paint_chosen": 1,
    "overlay": 1, "overlay_less": 1, "overlay_more": 1, "labels_outline": 1, "smaller": 1, "larger": 1,
    "next_label": 2, "copy_image": 1, "copy_mask": 2, "paste_mask": 2, "zoom_in": 1, "zoom_out": 1,
    "next_region": 1, "previous_region": 1,
    "previous_label": 2, "swap_label": 1, "fit": 1, "outlines": 1, "findings": 1, "noisy": 1, "smooth": 1,
    "history": 1, "keep": 2, "pin": 2, "generate": 8, "begin_paused": 2, "play": 8, "step": 6, "back": 6,
    "stop": 4, "branch": 5, "follow": 1, "live": 2, "everything": 1, "judge": 1, "judge_drafts": 1, "dice": 2,
    **{f"theme_{choice.value}": 1 for choice in Choice}, "keys": 1, "edit_keys": 1, "about": 1, "card": 1,
    "find_label": 1, "label_color": 1, "safe_colors": 1, "reset_colors": 1, "histogram": 1,
    "window_reset": 1, **{choice.value: 1 for choice in (*Mode, *Against)},
}  # fmt: skip
"""Of the window's commands, those that ask for no file, and how often each is given."""

SCAN_COMMANDS = [row.key for row in (*scan_commands.ROWS, *mask_commands.ROWS) if hasattr(row, "key")]
SCAN_COMMANDS.remove("scan_width")  # asks


class RandomUser:
    """Acts by chance, always the same for one seed as long as the window answers alike.

    Parameters
    ----------
    window : MainWindow
    seed : int
    masks, images, checkpoints : sequence of Path
        To open now and then; some of the masks may hold what has to be mapped.
    folder : Path
        To save into.
    open_second : callable
        Opens another window on the same data folder.
    """

    def __init__(self, window, seed, *, masks, images, checkpoints, folder, open_second):
        self.window, self.studio, self.shell = window, window.studio, window.shell
        self.rng = np.random.default_rng(seed)
        self.masks, self.images, self.checkpoints, self.folder = masks, images, checkpoints, folder
        self.open_second, self.second = open_second, None
        self.sets = 0
        self.done = Counter()
        self.memory = []
        actions = {
            self.paint: 30, self.set_tool: 4, self.make_gesture: 5, self.use_list_of_edits: 2,
            self.use_labels: 5,
            self.scrub: 8, self.switch: 6, self.set_request: 6, self.give_command: 60,
            self.press_key: 6, self.zoom: 3, self.resize: 2, self.rewind_and_paint: 4,
            self.open_mask: 2, self.map_labels: 2,
            self.open_reference: 1, self.set_purpose: 3, self.explore: 2, self.use_history: 4,
            self.close_dialogs: 6, self.save: 1, self.answer: 2, self.wait: 12, self.switch_branch: 3,
            self.point: 6, self.make_paired_set: 1, self.tour: 0.3, self.change_keys: 2, self.set_window: 4,
            self.open_scan: 2, self.use_scan: 16,
            self.drop: 2, self.open_recent: 1, self.paint_by_keys: 4, self.use_second_window: 1,
        }  # fmt: skip
        self.actions = list(actions)
        self.chances = np.array(list(actions.values())) / sum(actions.values())

    def act(self, times):
        """Do so many things, each of them at least once; the window must be sound after each."""
        first = list(self.rng.permutation(self.actions))
        for number in range(times):
            action = first.pop() if first else self.actions[self.rng.choice(len(self.actions), p=self.chances)]
            action()
            self.done[action.__name__] += 1
            self.look()
            if number % max(1, times // 20) == 0:
                self.close_dialogs()
                self.close_second()
                if self.rng.random() < 0.5:
                    self.open_model()
                QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
                gc.collect()
                self.memory.append(psutil.Process().memory_info().rss)

    def look(self):
        """Make sure that what the window shows fits together."""
        document, branches = self.studio.document, self.studio.runs.branches
        assert set(np.unique(document.mask.values)) <= {0, FREE, *document.table.indices}
        branch = branches.current
        assert (branch is None) == (len(branches) == 0)
        if branch is not None:
            assert branch in list(branches)
            assert branch.trajectory.cursor < branch.request.steps
        assert len(branches) <= 400
        desk, page = self.studio.scans, document.strokes.page
        assert (desk.scan is not None) == isinstance(page, Page)
        assert self.window.scan.isHidden() or desk.scan is not None
        if desk.scan is not None:
            assert desk.scan is page.scan
            assert 0 <= page.place.index < desk.scan.volume.count(page.place.plane)

    # ---- painting

    def paint(self):
        viewport = self.window.canvas.viewport()
        button = self.rng.choice([1, 1, 1, 2, 4])
        modifier = self.pick(MODIFIERS)
        button = Qt.MouseButton(int(button))
        place = self.place_on(self.window.canvas)
        QTest.mousePress(viewport, button, modifier, place)
        for _ in range(int(self.rng.integers(0, 5))):
            place += QPoint(*(int(value) for value in self.rng.normal(0, 30, 2)))
            QTest.mouseMove(viewport, place)
        if self.rng.random() < 0.1:
            self.give_command()  # in the middle of a stroke
        QTest.mouseRelease(viewport, button, modifier, place)

    def set_tool(self):
        switches = ("square", "pressure", "fills_loops", "sphere", "on_screen", "contiguous", "takes_range")
        changes = [
            {"size": int(self.rng.integers(1, 60))},
            {"tolerance": int(self.rng.integers(0, 100))},
            *({name: bool(self.rng.random() < 0.5)} for name in switches),
        ]
        self.studio.view.tools.change(**self.pick(changes))
        if self.rng.random() < 0.2:
            self.pick(self.menu("Chosen")).trigger()

    def make_gesture(self):
        bar = self.window.gestures
        key = self.pick([key for key in GESTURES if key != "interpolate"])
        if self.studio.document.reference is not None and self.rng.random() < 0.2:
            key = "interpolate"  # towards the reference's mask, for no file can be asked for here
        self.window.commands[key].trigger()
        for _ in range(int(self.rng.integers(0, 4))):
            bar.slider.setValue(int(self.rng.integers(0, bar.slider.maximum() + 1)))
            QTest.qWait(int(self.rng.integers(0, 5)))
        self.pick([bar.apply.click, bar.cancel.click, lambda: None])()

    def use_list_of_edits(self):
        view = self.window.edits.view
        view.setCurrentIndex(view.model().index(int(self.rng.integers(0, view.model().rowCount())), 0))

    def paint_by_keys(self):
        QTest.keyPress(self.window.canvas, Qt.Key.Key_Return)
        for _ in range(int(self.rng.integers(0, 6))):
            arrow = self.pick([Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right])
            QTest.keyClick(self.window.canvas, arrow, self.pick(list(MODIFIERS)))
        QTest.keyRelease(self.window.canvas, Qt.Key.Key_Return)

    def rewind_and_paint(self):
        self.scrub()
        self.paint()
        self.window.commands[str(self.rng.choice(["play", "branch", "step"]))].trigger()

    def switch(self):
        row = self.pick([row for row in self.window.labels.rows.values() if row.switches])
        if row is not None:
            self.pick(list(row.switches.values())).click()

    def use_labels(self):
        labels = self.window.labels
        row = self.pick(list(labels.rows.values()))
        match int(self.rng.integers(0, 6)):
            case 0:
                self.window.commands["find_label"].trigger()
                QTest.keyClicks(labels.search, self.pick(["b", "heart", "zz"]))
                QTest.keyClick(
                    labels.search, self.pick([Qt.Key.Key_Return, Qt.Key.Key_Escape, Qt.Key.Key_Down])
                )
            case 1:
                QTest.keyClick(
                    row, self.pick([Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Tab])
                )
            case 2:
                row.menu_wanted.emit(row.value, row.mapToGlobal(QPoint(3, 3)))
            case 3:
                QTest.mouseDClick(row.swatch, Qt.MouseButton.LeftButton)
                for dialog in self.window.findChildren(QColorDialog):
                    dialog.setCurrentColor(QColor(*self.rng.integers(0, 256, 3).tolist()))
                    dialog.accept()
            case 4:
                save_labels(self.studio, self.shell, self.folder / "labels.ctbl")
            case _:
                load_colors(self.studio, self.shell, self.folder / "labels.ctbl")

    # ---- scans

    def open_scan(self):
        volume = make_volume(
            self.pick([(6, 40, 50), (1, 60, 45), (9, 30, 30)]), times=self.pick([1, 1, 3]),
            is_measured=bool(self.rng.random() < 0.8),
        )  # fmt: skip
        self.studio.scans.open(volume, self.pick(["one", "two"]))

    def use_scan(self):
        desk, view = self.studio.scans, self.window.scan.view
        if desk.scan is None:
            return
        match int(self.rng.integers(0, 8)):
            case 0:
                desk.set_plane(self.pick(list(Plane)))
            case 1:
                desk.set_time(int(self.rng.integers(0, 3)))
            case 2 | 3:
                button = Qt.MouseButton(int(self.rng.choice([1, 1, 2, 4])))
                QTest.mousePress(view, button, NO_MODIFIER, self.place_on(view))
                QTest.mouseMove(view, self.place_on(view))
                QTest.mouseRelease(view, button, NO_MODIFIER, self.place_on(view))
            case 4:
                desk.set_width(int(self.rng.integers(20, 200)))
            case 5:
                keys = [key for key in SCAN_COMMANDS if self.window.commands[key].isEnabled()]
                self.window.commands[self.pick(keys)].trigger()
            case _:
                desk.step(int(self.rng.integers(-3, 4)))

    # ---- runs

    def give_command(self):
        keys = [key for key in COMMANDS if self.window.commands[key].isEnabled()]
        weights = np.array([COMMANDS[key] for key in keys], float)
        self.window.commands[str(self.rng.choice(keys, p=weights / weights.sum()))].trigger()

    def press_key(self):
        key = self.pick(
            [
                Qt.Key.Key_Space, Qt.Key.Key_Period, Qt.Key.Key_Comma, *range(49, 53),
                Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Backspace, Qt.Key.Key_Left, Qt.Key.Key_Down,
            ]
        )  # fmt: skip
        QTest.keyClick(self.window.canvas, Qt.Key(int(key)))

    def change_keys(self):
        keymap = Keymap(self.pick(list(PRESETS)))
        for _ in range(2):  # which may well be given twice, or to whom Space is
            key = self.pick(["1", "Space", ".", "Ctrl+K, 1"])
            keymap = keymap.change(self.pick(list(COMMANDS)), (key,))
        self.window.keys.set_keymap(keymap)

    def scrub(self):
        timeline = self.window.transport.timeline
        button = Qt.MouseButton.LeftButton if self.rng.random() < 0.95 else Qt.MouseButton.RightButton
        QTest.mouseClick(timeline, button, NO_MODIFIER, self.place_on(timeline))

    def switch_branch(self):
        branch = self.pick(list(self.studio.runs.branches))
        if branch is not None:
            self.studio.runs.switch_branch(branch.run)

    def set_request(self):
        document = self.studio.document
        changes = [
            {"steps": int(self.rng.integers(1, 12))},
            {"sampler": str(self.rng.choice(["dpm++", "ddim", "ddpm"]))},
            {"guidance": float(self.rng.choice([0.0, 1.0, 1.5, 4.0]))},
            {"seed": int(self.rng.integers(0, 100))},
            {"edit_steps": int(self.rng.integers(1, 8))},
            {"margin": self.pick([None, 0.0, 3.0])},
            {"way": str(self.rng.choice(["warp", "inversion"]))},
            {"share": float(self.rng.random()), "level": float(self.rng.uniform(0, 0.95))},
        ]
        document.change_settings(replace(document.settings, **self.pick(changes)))

    # ---- looking

    def zoom(self):
        pane = self.pick([self.window.canvas, self.window.image])
        place = QPointF(self.place_on(pane))
        turn = QPoint(0, int(self.rng.choice([-240, -120, 120, 240])))
        modifier = [NO_MODIFIER, Qt.KeyboardModifier.ShiftModifier][int(self.rng.random() < 0.3)]
        event = QWheelEvent(
            place, pane.mapToGlobal(place), QPoint(), turn, Qt.MouseButton.NoButton, modifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(pane.viewport(), event)

    def point(self):
        pane = self.pick([self.window.canvas, self.window.image])
        QTest.mouseMove(pane.viewport(), self.place_on(pane))

    def set_window(self):
        if self.rng.random() < 0.5:
            viewport = self.pick([self.window.image, self.window.side.pane]).viewport()
            button = Qt.MouseButton.RightButton
            QTest.mousePress(viewport, button, NO_MODIFIER, self.place_on(viewport))
            QTest.mouseMove(viewport, self.place_on(viewport))
            QTest.mouseRelease(viewport, button, NO_MODIFIER, self.place_on(viewport))
        else:
            display = self.window.display
            slider = self.pick([display.opacity, display.histogram.lowest, display.histogram.highest])
            slider.setValue(int(self.rng.integers(slider.minimum(), slider.maximum() + 1)))

    def resize(self):
        self.window.resize(int(self.rng.integers(880, 1500)), int(self.rng.integers(560, 1000)))

    def wait(self):
        QTest.qWait(int(self.rng.integers(0, 60)))

    # ---- files and dialogs

    def open_mask(self):
        open_file(self.studio, self.shell, self.pick(self.masks))

    def map_labels(self):
        dialogs = [one for one in self.window.findChildren(MappingDialog) if one.isVisible()]
        if not dialogs:
            # This has to be mapped, until that is remembered.
            open_file(self.studio, self.shell, self.masks[-1])
            return
        dialog = dialogs[0]
        for row in dialog.rows:
            if self.rng.random() < 0.5:
                row.target.setCurrentIndex(int(self.rng.integers(0, row.target.count())))
        dialog.remember.setChecked(bool(self.rng.random() < 0.5))
        self.pick([dialog.open_button, dialog.cancel]).click()

    def drop(self):
        """Drag something over the window, and perhaps drop it there."""
        mime = QMimeData()
        given = self.pick([*self.masks, *self.images, self.folder, self.pick(self.checkpoints)])
        mime.setUrls([QUrl.fromLocalFile(str(given)), QUrl("https://example.org/image.png")])
        place, copy = self.place_on(self.window), Qt.DropAction.CopyAction
        left = Qt.MouseButton.LeftButton
        for kind in (QDragEnterEvent, QDragMoveEvent):
            QApplication.sendEvent(self.window, kind(place, copy, mime, left, NO_MODIFIER))
        end = QDropEvent(QPointF(place), copy, mime, left, NO_MODIFIER)
        QApplication.sendEvent(self.window, end if self.rng.random() < 0.8 else QDragLeaveEvent())

    def open_recent(self):
        action = self.pick([action for action in self.menu("Open recent") if not action.isSeparator()])
        if action is not None:
            action.trigger()

    def open_reference(self):
        open_image(self.studio, self.shell, self.pick(self.images))

    def open_model(self):
        open_folder(self.studio, self.shell, self.pick(self.checkpoints))

    def set_purpose(self):
        panel = self.window.reference
        if self.rng.random() < 0.2:
            panel.remove.click()
        else:
            panel.purpose.setCurrentIndex(panel.purpose.findData(self.pick(list(Purpose))))

    def save(self):
        save_to(self.studio, self.shell, self.folder / "saved.png")

    def answer(self):
        messages = self.window.messages
        offers = [button for button in (messages.offer, messages.other_offer) if button.isVisible()]
        if offers:
            self.pick(offers).click()
        else:
            messages.hide()

    def explore(self):
        used = self.studio.document.used
        match int(self.rng.integers(0, 3)):
            case 0:
                show_seeds(self.studio, self.shell, int(self.rng.integers(2, 5)))
            case 1 if used:
                show_ablations(self.studio, self.shell, list(used[:2]))
            case _:
                show_similarities(self.studio, self.shell)

    def use_history(self):
        film, model = self.window.history.film, self.window.history.model
        if not model.rowCount():
            return
        film.clearSelection()
        for row in {int(self.rng.integers(0, model.rowCount())) for _ in range(2)}:
            film.selectionModel().select(model.index(row), QItemSelectionModel.SelectionFlag.Select)
        match int(self.rng.integers(0, 5)):
            case 0:
                results.restore(self.studio, self.shell, film.chosen[0])
            case 1:
                results.compare(self.studio, self.shell, film.chosen[0])
            case 2:
                results.star(self.shell, model, film.chosen, on=bool(self.rng.random() < 0.5))
            case 3:
                results.delete(self.shell, model, film.chosen)
            case _:
                film.customContextMenuRequested.emit(film.rect().center())

    def make_paired_set(self):
        production = self.studio.paired
        if self.studio.runs.is_ready and not production.is_active:
            show_dialog(self.studio, self.shell)
            masks = tuple(self.masks[: int(self.rng.integers(1, 3))])
            self.sets += 1
            production.start(
                self.folder / f"set{self.sets}",
                Specification(
                    checkpoints=(str(self.pick(self.checkpoints)),), masks=masks,
                    seeds={"count": int(self.rng.integers(1, 4))}, steps=int(self.rng.integers(1, 4)),
                ),
            )  # fmt: skip
        else:
            self.pick([production.pause, production.resume, production.cancel])()

    def tour(self):
        if QApplication.activeModalWidget() is None:
            self.window.commands["tour"].trigger()
            QTest.qWait(int(self.rng.integers(0, 200)))
        for other in QApplication.topLevelWidgets():
            if isinstance(other, type(self.window)) and other not in (self.window, self.second):
                other.close()

    def use_second_window(self):
        """Open one, or do something in it, or close it."""
        if self.second is None:
            self.second = self.open_second()
            assert self.second.studio.workplace.is_second
            return
        window, studio = self.second, self.second.studio
        match int(self.rng.integers(0, 4)):
            case 0:
                viewport = window.canvas.viewport()
                QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, NO_MODIFIER, self.place_on(viewport))
            case 1 if studio.runs.is_ready:
                window.commands["generate"].trigger()
            case 2:
                window.activateWindow()
            case _:
                self.close_second()

    def close_second(self):
        """Close the other window, if there is one."""
        if self.second is not None:
            self.second.close()
            self.second.deleteLater()
            self.second = None

    def close_dialogs(self):
        popup = QApplication.activePopupWidget()
        while popup is not None:
            popup.close()
            popup = QApplication.activePopupWidget()
        for dialog in self.window.findChildren(QDialog):
            if dialog.isVisible():
                dialog.close()

    # ---- chance

    def pick(self, options):
        """One of some options, or None where there are none."""
        return options[int(self.rng.integers(0, len(options)))] if options else None

    def menu(self, title):
        """The actions of a menu within another one, which opens for it."""
        menu = next(menu for menu in self.window.findChildren(QMenu) if menu.title() == title)
        menu.parent().aboutToShow.emit()
        return menu.actions()

    def place_on(self, widget: QWidget):
        return QPoint(int(self.rng.integers(0, widget.width())), int(self.rng.integers(0, widget.height())))
