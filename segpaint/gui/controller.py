"""What the window's commands do."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Slot
from PySide6.QtGui import QAction, QIcon, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import QFileDialog, QMenu

from segpaint.core.checkpoint import Checkpoint, read_checkpoint
from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.labels import FREE
from segpaint.gui.checkpoint_panel import CardDialog
from segpaint.gui.keys_dialog import KeysDialog
from segpaint.gui.main_window import MainWindow
from segpaint.io.masks import WrongSizeError, encode_mask, read_mask
from segpaint.io.results import holds_request, read_request
from segpaint.paths import example_masks
from segpaint.session.autosave import Autosave
from segpaint.session.document import Document


class Controller(QObject):
    """Connects a window's actions to the session, its files and its dialogs.

    Parameters
    ----------
    window : MainWindow
    autosave : Autosave
    """

    def __init__(self, window: MainWindow, autosave: Autosave) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._autosave = autosave
        self._last_value = FREE
        self._value = FREE
        actions = window.commands
        for key, slot in {
            "new": self.new,
            "open": self.open,
            "save": self.save,
            "save_mask": self.save_mask,
            "quit": window.close,
            "undo": self.undo,
            "redo": self.redo,
            "smaller": self.smaller_brush,
            "larger": self.larger_brush,
            "previous_label": partial(self.choose_neighbour, -1),
            "next_label": partial(self.choose_neighbour, 1),
            "swap_label": self.swap_label,
            "fit": window.viewpoint.fit,
            "generate": self._session.generate,
            "play": self._session.toggle_play,
            "step": self._session.step,
            "back": self.look_back,
            "stop": self._session.stop,
            "dice": self.throw_dice,
            "card": self.show_card,
            "keys": self.show_keys,
        }.items():
            actions[key].triggered.connect(slot)
        actions["eraser"].toggled.connect(self._on_eraser)
        actions["outlines"].toggled.connect(window.image.set_outlines)
        actions["noisy"].toggled.connect(window.image.set_noisy)
        actions["smooth"].toggled.connect(window.image.set_smooth)
        for number in range(1, 10):
            QShortcut(QKeySequence(str(number)), window, partial(self.choose_label, number - 1))
        window.request.dice_thrown.connect(self.throw_dice)
        window.checkpoints.card_wanted.connect(self.show_card)
        window.checkpoints.folder_chosen.connect(self.open_folder)
        window.checkpoints.other_wanted.connect(self.choose_folder)
        self._session.document_changed.connect(self._on_document)
        self._session.state_changed.connect(self._show_can_save)
        autosave.saved.connect(self._on_saved)
        autosave.failed.connect(window.messages.show_error)
        self._examples = QMenu("Examples", window)
        self._fill_menus()
        self._show_can_save()

    def _fill_menus(self) -> None:
        bar, actions = self._window.menuBar(), self._window.commands
        layout: dict[str, list[str | QMenu | None]] = {
            "&File": ["new", self._examples, "open", None, "save", "save_mask", None, "quit"],
            "&Edit": ["undo", "redo", None, "brush", "eraser", "smaller", "larger", None,
                      "previous_label", "next_label", "swap_label"],
            "&View": ["fit", None, "outlines", "noisy", "smooth"],
            "&Run": ["generate", "play", "step", "back", "stop", None, "dice"],
            "&Help": ["keys", "card"],
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

    # ---- documents

    @Slot()
    def new(self) -> None:
        """Start from a blank mask; undoable."""
        document = self._session.document
        if document is not None:
            document.replace_mask(document.mask.values * 0, "new mask")

    @Slot()
    def open(self) -> None:
        """Ask for a mask file."""
        kinds = "Masks, results and requests (*.png *.json);;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Open mask", "", kinds)
        if path:
            self.open_file(Path(path))

    def open_file(self, path: Path) -> None:
        """Open a mask, or take up the request of a result; undoable."""
        if holds_request(path):
            self.open_request(path)
        else:
            self.open_mask(path)

    def open_request(self, path: Path) -> None:
        """Take up mask, labels and settings of a result or a request file."""
        document = self._session.document
        if document is None:
            return
        try:
            request = read_request(path)
            document.restore(request)
        except SegPaintError as error:
            self._window.messages.show_error(error)
            return
        self._window.messages.hide()
        if request.fingerprint != document.checkpoint.fingerprint:
            self._window.messages.tell(
                f"{path.name} was made with another model ({request.checkpoint}), so its image will differ."
            )

    def open_mask(self, path: Path, *, resize: bool = False) -> None:
        """Put a mask from a file in place of the one that is open; undoable."""
        document = self._session.document
        if document is None:
            return
        try:
            values = read_mask(path, document.table, document.checkpoint.description.size, resize=resize)
        except WrongSizeError as error:
            sentence = str(error).split(";")[0] + "."
            self._window.messages.ask(
                sentence, "Resample (nearest pixel)", partial(self.open_mask, path, resize=True)
            )
        except SegPaintError as error:
            self._window.messages.show_error(error)
        else:
            self._window.messages.hide()
            document.replace_mask(values, f"open {path.name}")

    @Slot()
    def save(self) -> None:
        """Ask where, and save image, mask and request."""
        request = self._session.request
        if request is None:
            return
        start = f"{request.checkpoint}_{request.seed}.png"
        path, _ = QFileDialog.getSaveFileName(
            self._window, "Save image, mask and request", start, "PNG (*.png)"
        )
        if path:
            self.save_to(Path(path))

    def save_to(self, path: Path) -> None:
        """Save image, mask and request."""
        try:
            written = self._session.save(path)
        except SegPaintError as error:
            self._window.messages.show_error(error)
        else:
            names = ", ".join(file.name for file in written)
            self._window.statusBar().showMessage(f"Saved {names} in {path.parent}", 8000)

    @Slot()
    def save_mask(self) -> None:
        """Ask where, and save the mask alone."""
        document = self._session.document
        if document is None:
            return
        path, _ = QFileDialog.getSaveFileName(self._window, "Save mask", "mask.png", "PNG (*.png)")
        if path:
            try:
                write_atomically(Path(path), encode_mask(document.mask.snapshot(), document.table))
            except SegPaintError as error:
                self._window.messages.show_error(error)

    @Slot(Path)
    def open_folder(self, folder: Path) -> None:
        """Open a checkpoint: with what was last painted for it, or its first example."""
        try:
            checkpoint = read_checkpoint(folder)
        except SegPaintError as error:
            self._window.messages.show_error(error)
        else:
            self._window.messages.hide()
            self.open_checkpoint(checkpoint)

    def open_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Open a checkpoint that has been looked through."""
        self._autosave.flush()
        self._session.open_checkpoint(checkpoint)
        document = self._session.document
        before = self._autosave.recall(checkpoint)
        examples = example_masks(checkpoint.folder.name)
        if document is not None and before is not None:
            document.restore(before)
            document.undo_stack.clear()
        elif document is not None and examples:
            document.replace_mask(read_mask(examples[0], document.table, document.mask.shape[0]), "example")
            document.undo_stack.clear()

    @Slot()
    def choose_folder(self) -> None:
        """Ask for a checkpoint folder."""
        folder = QFileDialog.getExistingDirectory(self._window, "Open a checkpoint folder")
        if folder:
            self.open_folder(Path(folder))

    @Slot(object)
    def _on_document(self, document: Document) -> None:
        self._autosave.watch(document)
        self._value = self._last_value = document.paint_value
        document.paint_value_changed.connect(self._on_value)
        stack, actions = document.undo_stack, self._window.commands
        for key, can in (("undo", stack.canUndo()), ("redo", stack.canRedo())):
            actions[key].setEnabled(can)
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        self._examples.clear()
        for path in example_masks(document.checkpoint.folder.name):
            action = QAction(_thumbnail(path), path.stem.replace("-", " "), self._examples)
            action.triggered.connect(partial(self.open_mask, path))
            self._examples.addAction(action)
        self._examples.setEnabled(not self._examples.isEmpty())

    # ---- painting

    @Slot()
    def undo(self) -> None:
        """Take back the last gesture."""
        if self._session.document is not None:
            self._session.document.undo()

    @Slot()
    def redo(self) -> None:
        """Make it once more."""
        if self._session.document is not None:
            self._session.document.redo()

    @Slot(bool)
    def _on_eraser(self, on: bool) -> None:
        self._window.canvas.is_eraser = on

    @Slot()
    def smaller_brush(self) -> None:
        """Make the brush smaller; large ones faster."""
        size = self._window.canvas.brush_size
        self._window.canvas.set_brush_size(size - max(1, size // 10))

    @Slot()
    def larger_brush(self) -> None:
        """Make the brush larger; large ones faster."""
        size = self._window.canvas.brush_size
        self._window.canvas.set_brush_size(size + max(1, size // 10))

    def choose_label(self, place: int) -> None:
        """Paint with the label in this place of the list."""
        values = list(self._window.labels.rows)
        if self._session.document is not None and place < len(values):
            self._session.document.paint_value = values[place]
            self._window.commands["brush"].setChecked(True)

    def choose_neighbour(self, by: int) -> None:
        """Paint with the label before or after in the list."""
        values = list(self._window.labels.rows)
        if values:
            self.choose_label((values.index(self._value) + by) % len(values))

    @Slot()
    def swap_label(self) -> None:
        """Paint with the label used before."""
        self.choose_label(list(self._window.labels.rows).index(self._last_value))

    @Slot(int)
    def _on_value(self, value: int) -> None:
        self._last_value, self._value = self._value, value

    # ---- running

    @Slot()
    def look_back(self) -> None:
        """Look at the step before the one looked at."""
        self._session.scrub(self._session.trajectory.cursor - 1)

    @Slot()
    def throw_dice(self) -> None:
        """Draw a new seed."""
        if self._session.document is not None:
            self._session.document.draw_seed()

    @Slot()
    def _show_can_save(self) -> None:
        self._window.commands["save"].setEnabled(self._session.trajectory.result is not None)

    # ---- about

    @Slot()
    def show_card(self) -> None:
        """Open the model card."""
        if self._session.document is not None:
            CardDialog(self._session.document.checkpoint, self._window).open()

    @Slot()
    def show_keys(self) -> None:
        """Open the shortcut sheet."""
        KeysDialog(self._window).open()

    @Slot()
    def _on_saved(self) -> None:
        self._window.saved.setText(f"mask kept {datetime.now():%H:%M}")


def _thumbnail(path: Path) -> QIcon:
    return QIcon(QPixmap(str(path)).scaled(QSize(48, 48), mode=Qt.TransformationMode.SmoothTransformation))
