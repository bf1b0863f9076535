"""The settings of a paired set, as a form."""

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QGridLayout, QWidget
from shiboken6 import isValid

from segpaint.core.requests.sampling import find_sampler
from segpaint.core.words import counted, percentage
from segpaint.gui.making.mask_choice import MaskChoice
from segpaint.gui.making.model_choice import ModelChoice
from segpaint.gui.making.set_form import NAME_WIDTH, SetForm
from segpaint.gui.making.subset_choice import SubsetChoice
from segpaint.gui.parts.layouts import in_row
from segpaint.gui.parts.number_field import NumberField, limits
from segpaint.gui.parts.plain import PlainLabel
from segpaint.gui.parts.wheel import Choice
from segpaint.gui.style.theme import SPACE
from segpaint.paired.outlook import count_differing
from segpaint.paired.specification import Choosing, LayoutName, Seeds, Specification
from segpaint.studio.studio import Studio

LAYOUTS: dict[LayoutName, str] = {
    "published": "images/ and masks/, as segpaint train reads them",
    "nnunet": "nnU-Net, version 2",
    "webdataset": "WebDataset: tar files for PyTorch",
}
CHOSEN_LAYOUTS: dict[LayoutName, str] = {name: words for name, words in LAYOUTS.items() if name != "webdataset"}
"""Those of a set whose pairs are chosen: a tar file is written once, and pairs may be taken back."""
SEED_WIDTH = 120
LANE = "looks ahead"
MOST_COMPARED = 1000
"""Masks, times subsets of labels, that are compared before a set is begun."""


class PairedForm(SetForm):
    """Asks for masks, seeds, labels, models, layout.

    Parameters
    ----------
    layouts : mapping of str to str
        Those to choose from, with what describes each.
    """

    def __init__(self, studio: Studio, layouts: Mapping[LayoutName, str] = MappingProxyType(LAYOUTS)) -> None:
        super().__init__()
        self._studio = studio
        self.masks = MaskChoice(studio)
        self.first_seed = NumberField(*limits(Seeds, "first"))
        self.first_seed.setMinimumWidth(SEED_WIDTH)
        self.seed_count = NumberField(*limits(Seeds, "count"), value=4, suffix=" for each mask")
        self.subsets = SubsetChoice()
        self.models = ModelChoice(studio)
        self.sampling = Choice()
        self.layout_box = Choice()
        for name, words in layouts.items():
            self.layout_box.addItem(words, name)
        self.validation = NumberField(
            0, 90, suffix=" % of the masks",
            tip="Their images are kept apart, to validate with; no mask is in both",
        )  # fmt: skip
        self._asked = 0  # the look ahead that is waited for
        self._differing: int | None = None
        self._lay_out()
        for part in (self.masks, self.subsets, self.models):
            part.changed.connect(self._look_ahead)
        self.masks.failed.connect(self.failed)
        for box in (self.first_seed, self.seed_count, self.validation):
            box.valueChanged.connect(self.changed)
        for choice in (self.sampling, self.layout_box):
            choice.activated.connect(self.changed)
        studio.opened.switched.connect(self._take_seed)
        self._take_seed()
        self.refresh()

    def _lay_out(self) -> None:
        seeds = in_row(self.seed_count, PlainLabel("counting up from"), self.first_seed, None, spacing=SPACE)
        validate = in_row(self.validation, None)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * SPACE)
        grid.setVerticalSpacing(2 * SPACE)
        grid.setColumnMinimumWidth(0, NAME_WIDTH)
        grid.setColumnStretch(1, 1)
        rows = {
            "Masks": self.masks, "Seeds": seeds, "Labels in use": self.subsets, "Models": self.models,
            "Sampling": self.sampling, "Layout": self.layout_box, "To validate with": validate,
        }  # fmt: skip
        for row, (words, part) in enumerate(rows.items()):
            name = PlainLabel(words, objectName="heading")
            name.setContentsMargins(0, SPACE // 2, 0, 0)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            if isinstance(part, QWidget):
                grid.addWidget(part, row, 1)
            else:
                grid.addLayout(part, row, 1)

    @Slot()
    def _take_seed(self) -> None:
        self.first_seed.setValue(self._studio.document.settings.seed)

    def refresh(self) -> None:
        """Follow the current state of the open document."""
        document = self._studio.document
        settings = document.settings
        chosen = self.sampling.currentIndex()
        self.sampling.clear()
        title, steps = find_sampler(settings.sampler).title, counted(settings.steps, "step")
        own = f"{title}, {steps}, guidance {settings.guidance:g}"
        known = "".join(f"; {name} {value}" for name, value in settings.attributes.items())
        self.sampling.addItem(f"As set in the window: {own}{known}")
        self.sampling.addItem(f"As each model recommends{known}")
        self.sampling.setCurrentIndex(max(chosen, 0))
        self.models.refresh()
        self.subsets.set_table(document.table)
        self.masks.refresh()

    def set_editable(self, editable: bool) -> None:
        """Allow or forbid changes; the pictures keep their colours."""
        for part in (
            self.masks.controls, self.seed_count, self.first_seed, self.subsets, self.models, self.sampling,
            self.layout_box, self.validation,
        ):  # fmt: skip
            part.setEnabled(editable)

    @property
    def factors(self) -> dict[str, int]:
        """Numbers of masks, seeds and so on, by plural name; their product is the number of images."""
        return {
            "masks": self.masks.count,
            "seeds": int(self.seed_count.value()),
            "subsets of labels": len(self.subsets.subsets),
            "models": len(self.models.folders),
        }

    @property
    def count(self) -> int:
        """The number of images; those that would be the same as another are not counted once they are known."""
        if self._differing is not None:
            return self._differing * int(self.seed_count.value())
        return math.prod(self.factors.values())

    @Slot()
    def _look_ahead(self) -> None:
        """Find out on another thread how many images differ: what a model sees of two masks may be the same."""
        self._asked += 1
        self._differing, factors = None, self.factors
        combinations = factors["masks"] * factors["subsets of labels"]
        if all(factors.values()) and 1 < combinations <= MOST_COMPARED:
            work = partial(self._count, self._asked, self.specification(), self.masks.painted_file())
            self._studio.background.start(work, self._on_counted, self._on_uncounted, lane=LANE)
        self.changed.emit()

    def _count(self, asked: int, wanted: Specification, given: Mapping[Path, bytes]) -> tuple[int, int]:
        """Count, on another thread, unless something else is waited for by now."""
        return asked, count_differing(wanted, given, wanted.folders) if asked == self._asked else 0

    def _on_counted(self, counted_: tuple[int, int]) -> None:
        asked, differing = counted_
        if asked == self._asked and isValid(self):
            self._differing = differing
            self.changed.emit()

    def _on_uncounted(self, _error: Exception) -> None:
        """Leave it to the set that is begun to report what is wrong."""

    @property
    def sentence(self) -> str:
        """The images in words, or what is still to be chosen."""
        factors = self.factors
        for name, count in factors.items():
            if count == 0:
                return "Choose the masks first." if name == "masks" else "Tick one to four labels to leave out."
        product = " × ".join(counted(number, _singular(name), name) for name, number in factors.items())
        same = math.prod(factors.values()) - self.count
        less = f" Less {same:,}, which would be the same image as another: each is made once." if same else ""
        return f"{counted(self.count, 'image')}: {product}.{less}"

    def specification(self, choosing: Choosing | None = None) -> Specification:
        """Build the specification; no factor may be 0."""
        settings = self._studio.document.settings
        own: dict[str, Any] = {}
        if self.sampling.currentIndex() == 0:
            own = {"sampler": settings.sampler, "steps": settings.steps, "guidance": settings.guidance}
        return Specification(
            checkpoints=tuple(str(folder.resolve()) for folder in self.models.folders),
            masks=self.masks.masks,
            between=self.masks.between,
            seeds=Seeds(first=int(self.first_seed.value()), count=int(self.seed_count.value())),
            subsets=self.subsets.subsets,
            attributes=(settings.attributes,),
            resize=True,
            layout=self.layout_box.currentData(),
            validation=self.validation.value() / 100,
            choosing=choosing,
            **own,
        )


def about_set(asked: Specification) -> str:
    """Describe the settings of a set in sentences."""
    names = [path.stem for path in asked.masks]
    parts = [counted(len(names), "mask")] if names else []
    if asked.between is not None:
        parts.append(counted(asked.between.count, "mask") + " between two")
    first, last = asked.seeds.first, asked.seeds.first + asked.seeds.count - 1
    parts.append(f"seed {first}" if first == last else f"seeds {first} to {last}")
    parts.append("all labels" if asked.subsets == (None,) else f"{len(asked.subsets)} subsets of labels")
    parts.append(", ".join(Path(name).name for name in asked.checkpoints))
    sampling = [] if asked.sampler is None else [find_sampler(asked.sampler).title]
    sampling += [] if asked.steps is None else [counted(asked.steps, "step")]
    sampling += [] if asked.guidance is None else [f"guidance {asked.guidance:g}"]
    parts.append(", ".join(sampling) or "as each model recommends")
    parts += [f"{percentage(asked.validation)} of the masks to validate with"] if asked.validation else []
    wanted = f" {counted(asked.choosing.wanted, 'pair')} wanted." if asked.choosing is not None else ""
    return f"Its own settings hold: {'; '.join(parts)}. {LAYOUTS[asked.layout]}.{wanted}"


def _singular(name: str) -> str:
    return name.replace("subsets", "subset") if name.startswith("subsets") else name.removesuffix("s")
