"""The dialog for animations: their content and speed."""

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QLocale, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QProgressBar,
    QWidget,
)

from segpaint.core.files import with_ending
from segpaint.core.pictures.animation import ENDINGS, Tempo
from segpaint.core.pictures.film import Scene
from segpaint.core.pictures.film_look import Look
from segpaint.gui.files.saving import proposed_stem
from segpaint.gui.parts.layouts import in_column
from segpaint.gui.parts.number_field import NumberField
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.save_question import ask_where
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE
from segpaint.studio.making.film_writer import Film
from segpaint.studio.studio import Studio

SIZES = (512, 768, 1024)
KINDS = "GIF (*.gif);;WebP (*.webp);;MP4 video (*.mp4)"

Source = Callable[[bool, bool], list[Scene]]
"""Makes the scenes, given whether to show the mask and the noisy sample beside the image."""


def film_files(path: Path, kind: str) -> list[Path]:
    """Name the file of an animation: the ending of the chosen kind is appended if it has none."""
    chosen = next((ending for ending in ENDINGS if f"*{ending})" in kind), ENDINGS[0])
    return [with_ending(path, chosen, *ENDINGS)]


class AnimationDialog(QDialog):
    """Exports an animation, and shows the progress.

    Parameters
    ----------
    sources : mapping of str to Source
        The contents to choose from, by name; the first is chosen.
    pictures_per_second : float
        Initial speed.
    beside : bool
        Whether there are masks and samples to show beside the image.
    """

    def __init__(
        self,
        studio: Studio,
        sources: Mapping[str, Source],
        *,
        pictures_per_second: float = 8,
        beside: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, windowTitle="Export an animation")
        self._studio, self._ticket = studio, 0
        self.what = Choice()
        for name, source in sources.items():
            self.what.addItem(name, source)
        self.speed = NumberField(0.2, 30, decimals=1, value=pictures_per_second, suffix=" pictures a second")
        self.hold = NumberField(0, 60, decimals=1, value=2, suffix=" s")
        self.size_box = Choice()
        for size in SIZES:
            self.size_box.addItem(f"{size} pixels", size)
        self.mask_box = QCheckBox("The mask", enabled=beside)
        self.noisy = QCheckBox("The noisy sample", enabled=beside)
        self.smooth = QCheckBox("Enlarge images smoothly", checked=True)
        self.captions = QCheckBox("Write what is seen in a line below", checked=True)
        self.note = QCheckBox("Write on the images what they are", checked=True)
        self.note.setToolTip(
            "SYNTHETIC, EDITED PATIENT IMAGE, or NEAR A PATIENT IMAGE; the metadata of the file hold it anyway"
        )
        self.progress = QProgressBar(textVisible=False, maximum=100, visible=False)
        kept = self.progress.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.progress.setSizePolicy(kept)
        self.said = PlainLabel(wordWrap=True, objectName="heading")
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.export = self.buttons.addButton("Export…", QDialogButtonBox.ButtonRole.ActionRole)
        self.export.setObjectName("primary")
        self._lay_out(beside)
        self.what.currentIndexChanged.connect(self._allow_noisy)
        self.export.clicked.connect(self._ask_path)
        self.buttons.rejected.connect(self.reject)
        studio.films.progressed.connect(self._on_progress)
        studio.films.written.connect(self._on_written)
        studio.films.failed.connect(self._on_failed)
        self.finished.connect(self._give_up)

    def _lay_out(self, beside: bool) -> None:
        form = QFormLayout(horizontalSpacing=2 * SPACE, verticalSpacing=SPACE)
        form.addRow("Show", self.what)
        if beside:
            form.addRow("Beside it", self.mask_box)
            form.addRow("", self.noisy)
        form.addRow("Speed", self.speed)
        form.addRow("Hold the last for", self.hold)
        form.addRow("Height", self.size_box)
        for box in (self.smooth, self.captions, self.note):
            form.addRow("", box)
        parts = form, SPACE, self.said, self.progress, self.buttons
        in_column(*parts, of=self, spacing=SPACE, margins=2 * SPACE)
        self._say("GIF plays everywhere; WebP is sharper; MP4 is smallest.")
        self.setFixedWidth(400)

    def _say(self, words: str) -> None:
        self.said.setText(words)

    @Slot()
    def _allow_noisy(self) -> None:
        # Samples are only available for the steps of one branch.
        self.noisy.setEnabled(self.what.currentIndex() == 0)

    @Slot()
    def _ask_path(self) -> None:
        name = f"{proposed_stem(self._studio)}{ENDINGS[0]}"
        answer = ask_where(self, self._studio.preferences, "Export the animation", name, KINDS, film_files)
        if answer is not None:
            self.export_to(answer[0])

    def export_to(self, path: Path) -> None:
        """Write the chosen animation; the ending of the file names the format."""
        scenes = self.what.currentData()(self.mask_box.isChecked(), self._wants_noisy)
        look = Look(
            size=self.size_box.currentData(),
            smooth=self.smooth.isChecked(),
            captions=self.captions.isChecked(),
            note=self.note.isChecked(),
        )
        pace = Tempo(each=1 / self.speed.value(), hold=self.hold.value())
        self.export.setEnabled(False)
        self.progress.show()
        self._say("Drawing the pictures…")
        self._ticket = self._studio.films.write(Film(scenes, look, pace), path)

    @property
    def _wants_noisy(self) -> bool:
        return bool(self.noisy.isEnabled() and self.noisy.isChecked())

    @Slot(int, float)
    def _on_progress(self, ticket: int, done: float) -> None:
        if ticket == self._ticket:
            self.progress.setValue(round(100 * done))
            if done == 1:
                self._say("Writing the file…")

    @Slot(int, object)
    def _on_written(self, ticket: int, path: Path) -> None:
        if ticket == self._ticket:
            size = QLocale.c().formattedDataSize(path.stat().st_size, 1)
            self._end(f"Saved {path.name} ({size}) in {path.parent}")

    @Slot(int, object)
    def _on_failed(self, ticket: int, error: Exception) -> None:
        if ticket == self._ticket:
            self._end(str(error))

    def _end(self, words: str) -> None:
        self._ticket = 0
        self.progress.hide()
        self.progress.reset()
        self.export.setEnabled(True)
        self._say(words)

    @Slot()
    def _give_up(self) -> None:
        self._studio.films.drop(self._ticket)
