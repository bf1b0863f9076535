"""A window with the scenes of the stage: in order, with captions, in a file if they are saved."""

from functools import partial
from pathlib import Path

from fonticon_mdi7 import MDI7
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QWidget,
)

from segpaint.core.errors import SegPaintError
from segpaint.core.printable import printable
from segpaint.gui.commands.shell import Shell
from segpaint.gui.files.recents import SIDE, to_icon
from segpaint.gui.parts.layouts import in_column, in_row
from segpaint.gui.parts.plain import PlainLabel, plain
from segpaint.gui.parts.screens import resize_within_screen
from segpaint.gui.style.theme import SPACE, icon
from segpaint.io.image_files import patterns
from segpaint.io.scene_lists import LONGEST, MOST, SUFFIX, Scene, read_scenes, write_scenes
from segpaint.studio.studio import Studio

SIZE = 520, 480
KIND = f"Scenes (*{SUFFIX})"
FILE, STORY = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
EXPLAINED = (
    "The stage begins with the first of these, and Right and Left lead through them. Drag results of the "
    "history or files into the list, and click a caption twice to change it. A story of the tour plays by "
    "itself. Without any scene, the starred results are the scenes, oldest first."
)


class SceneList(QListWidget):
    """Scenes that are dragged into order; files are dropped on it."""

    def __init__(self) -> None:
        super().__init__()
        self.setIconSize(QSize(SIDE, SIDE))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setAccessibleName("Scenes")

    @property
    def scenes(self) -> tuple[Scene, ...]:
        """All of them, in order."""
        items = (self.item(row) for row in range(self.count()))
        return tuple(
            Scene(file=item.data(FILE), story=item.data(STORY), caption=item.text().strip()[:LONGEST])
            for item in items
        )

    def add(self, scene: Scene) -> None:
        """Add a scene at the end, unless there are very many."""
        if self.count() >= MOST:
            return
        shown = icon(MDI7.play_circle_outline) if scene.story else to_icon(scene.path)
        item = QListWidgetItem(shown, scene.caption)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        item.setData(FILE, scene.file)
        item.setData(STORY, scene.story)
        item.setToolTip(plain(scene.file or "A story of the tour"))
        self.addItem(item)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        if not event.mimeData().hasUrls():
            super().dropEvent(event)
            return
        for url in event.mimeData().urls():
            if url.isLocalFile():
                path = Path(url.toLocalFile())
                self.add(Scene(file=str(path), caption=caption_of(path)))
        event.acceptProposedAction()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove()
        else:
            super().keyPressEvent(event)

    @Slot()
    def remove(self) -> None:
        """Take the chosen scenes out of the list; their files stay."""
        for item in self.selectedItems():
            self.takeItem(self.row(item))


class ScenesWindow(QDialog):
    """Edits the scenes of the stage.

    Attributes
    ----------
    said : PlainLabel
        Where the list was saved, until it is changed.
    """

    def __init__(self, studio: Studio, shell: Shell, parent: QWidget) -> None:
        super().__init__(parent, windowTitle="Scenes of the stage")
        self._studio, self._shell, self._stage = studio, shell, studio.view.stage
        resize_within_screen(self, *SIZE)
        self.list = SceneList()
        self.add = QPushButton("Add a file…")
        self.starred = QPushButton("Add starred results")
        self.story = QPushButton("Add a story")
        self.remove = QPushButton("Remove")
        self.open_list = QPushButton("Open a list…")
        self.save_list = QPushButton("Save the list…")
        self.said = PlainLabel(objectName="heading", wordWrap=True)
        self.said.hide()
        for button in (self.add, self.starred, self.story, self.remove, self.open_list, self.save_list):
            button.setAutoDefault(False)
        self.add.clicked.connect(self._ask_file)
        self.starred.clicked.connect(self._add_starred)
        self.remove.clicked.connect(self.list.remove)
        self.open_list.clicked.connect(self._ask_list)
        self.save_list.clicked.connect(self._ask_where)
        stories = QMenu(self.story)
        for key, title in self._stage.list_stories().items():
            stories.addAction(title, partial(self.list.add, Scene(story=key, caption=title)))
        self.story.setMenu(stories)
        changes = in_row(self.add, self.starred, self.story, self.remove, None, spacing=SPACE)
        files = in_row(None, self.open_list, self.save_list, spacing=SPACE)
        words = PlainLabel(EXPLAINED, wordWrap=True)
        rows = words, self.list, changes, files, self.said
        in_column(*rows, of=self, stretched=self.list, spacing=SPACE, margins=SPACE)
        self.story.setVisible(not stories.isEmpty())
        for scene in self._stage.scenes:
            self.list.add(scene)
        model = self.list.model()
        for change in (model.rowsInserted, model.rowsRemoved, model.rowsMoved, model.dataChanged):
            change.connect(self._take)
        self._show()

    @Slot()
    def _take(self, *_changed: QModelIndex | QPersistentModelIndex | int) -> None:
        """Give the stage what the list shows."""
        self._stage.scenes = self.list.scenes
        self.said.hide()  # it was about another list
        self._show()

    def _show(self) -> None:
        self.save_list.setEnabled(self.list.count() > 0)
        self.remove.setEnabled(self.list.count() > 0)

    @Slot()
    def _ask_file(self) -> None:
        path = self._shell.ask_file("Add a scene", f"Results, requests and masks ({patterns()} *.json)")
        if path is not None:
            self.list.add(Scene(file=str(path), caption=caption_of(path)))

    @Slot()
    def _add_starred(self) -> None:
        folder, there = self._studio.history.folder, {scene.file for scene in self.list.scenes}
        starred = [path for path in folder.open() if folder.is_starred(path)]
        if not starred:
            self._shell.warn("No result is starred: mark some in the history first.")
        for path in starred:
            if str(path) not in there:
                self.list.add(Scene(file=str(path), caption=caption_of(path)))

    @Slot()
    def _ask_list(self) -> None:
        path = self._shell.ask_file("Open a list of scenes", KIND)
        if path is None:
            return
        try:
            scenes = read_scenes(path)
        except SegPaintError as error:
            self._shell.warn(error)
            return
        self.list.clear()
        for scene in scenes:
            self.list.add(scene)

    @Slot()
    def _ask_where(self) -> None:
        answer = self._shell.ask_where(
            "Save the scenes", f"stage{SUFFIX}", KIND, lambda path, _: [scenes_file(path)]
        )
        if answer is None:
            return
        try:
            write_scenes(answer[0], self.list.scenes)
        except SegPaintError as error:
            self._shell.warn(error)
        else:
            self.said.setText(f"Saved {answer[0].name} in {answer[0].parent}")
            self.said.show()


def caption_of(path: Path) -> str:
    """Make a caption from the name of a file, such as an example."""
    return printable(path.stem.lstrip("0123456789-_ ").replace("-", " ").replace("_", " "))[:LONGEST]


def scenes_file(path: Path) -> Path:
    """Give a file the ending of lists of scenes."""
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name.removesuffix(".json") + SUFFIX)
