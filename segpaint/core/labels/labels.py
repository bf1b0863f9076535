"""Labels and the ordered table of them that a checkpoint owns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from segpaint.core.errors import SegPaintError

BACKGROUND = 0
FREE = 255
"""The mask value of a free region: every label is unknown there, the model decides."""
Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]


class Label(BaseModel):
    """One class of a mask.

    Attributes
    ----------
    index : int
        Its value in a mask, 1 to 254.
    name : str
        As the clinician says it.
    color : str
        "#rrggbb".
    parent : int or None
        Index of the label that this one lies inside; a brainstem lies inside the body.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: int = Field(ge=1, le=254)
    name: str = Field(min_length=1)
    color: Color
    parent: int | None = None

    @property
    def rgb(self) -> tuple[int, int, int]:
        """Red, green and blue, each 0 to 255."""
        red, green, blue = bytes.fromhex(self.color[1:])
        return red, green, blue


class LabelTable:
    """The labels of a checkpoint, in order, with their nesting.

    Parameters
    ----------
    labels : iterable of Label
        Without the background, which every mask has as 0.

    Raises
    ------
    SegPaintError
        If an index or a name is used twice, or a parent is unknown or circular.
    """

    def __init__(self, labels: Iterable[Label]) -> None:
        self.labels: tuple[Label, ...] = tuple(labels)
        self._by_index = {label.index: label for label in self.labels}
        if len(self._by_index) != len(self.labels):
            raise SegPaintError("The label table uses an index twice; give each label its own.")
        if len({label.name for label in self.labels}) != len(self.labels):
            raise SegPaintError("The label table uses a name twice; give each label its own.")
        for label in self.labels:
            self.ancestors(label.index)

    def __iter__(self) -> Iterator[Label]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __contains__(self, index: object) -> bool:
        return index in self._by_index

    def __getitem__(self, index: int) -> Label:
        return self._by_index[index]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LabelTable) and self.labels == other.labels

    def __hash__(self) -> int:
        return hash(self.labels)

    @property
    def indices(self) -> tuple[int, ...]:
        """The label indices in table order."""
        return tuple(label.index for label in self.labels)

    def ancestors(self, index: int) -> tuple[int, ...]:
        """Parent, grandparent and so on, innermost first.

        Raises
        ------
        SegPaintError
            If a parent is not in the table, or a label lies inside itself.
        """
        found: list[int] = []
        parent = self._by_index[index].parent
        while parent is not None:
            if parent not in self._by_index:
                raise SegPaintError(
                    f"Label {self._by_index[index].name!r} lies inside label {parent}, "
                    "which the table does not have; correct its parent."
                )
            if parent == index or parent in found:
                raise SegPaintError(
                    f"Label {self._by_index[index].name!r} lies inside itself; correct its parent."
                )
            found.append(parent)
            parent = self._by_index[parent].parent
        return tuple(found)

    def family(self, index: int) -> tuple[int, ...]:
        """The label itself and all that lie inside it, in table order."""
        return tuple(one for one in self.indices if one == index or index in self.ancestors(one))

    @cached_property
    def nesting(self) -> NDArray[np.bool_]:
        """Which labels each mask value shows: the label itself, and all that it lies inside.

        Returns
        -------
        ndarray of bool, shape (256, labels)
            Labels in table order.
        """
        nesting = np.zeros((256, len(self)), np.bool_)
        for column, label in enumerate(self.labels):
            nesting[list(self.family(label.index)), column] = True
        return nesting

    def shape_of(self, values: NDArray[np.uint8], index: int) -> NDArray[np.bool_]:
        """Find where a mask has a label, or one that lies inside it; bool, the shape of the mask."""
        shape: NDArray[np.bool_] = self.nesting[:, self.indices.index(index)][values]
        return shape

    def planes(self, masks: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Find where masks have each label, or one that lies inside it.

        Parameters
        ----------
        masks : ndarray of uint8, shape (..., height, width)

        Returns
        -------
        ndarray of bool, shape (..., labels, height, width)
        """
        return np.moveaxis(self.nesting[masks], -1, -3)

    def seen(self, used: Collection[int]) -> NDArray[np.uint8]:
        """What each mask value is with some labels in use: the innermost of them around it, or background.

        Returns
        -------
        ndarray of uint8, shape (256,)
        """
        lookup = np.zeros(256, np.uint8)
        for label in self.labels:
            around = (label.index, *self.ancestors(label.index))
            lookup[label.index] = next((index for index in around if index in used), BACKGROUND)
        return lookup

    def nested(self) -> tuple[Label, ...]:
        """Each label followed by those that lie inside it, as a list with indents shows them."""

        def within(parent: int | None) -> Iterator[Label]:
            for label in self.labels:
                if label.parent == parent:
                    yield label
                    yield from within(label.index)

        return tuple(within(None))

    def unknown(self, mask: NDArray[np.uint8]) -> tuple[int, ...]:
        """The values of a mask that are neither labels of this table nor background nor free."""
        return tuple(np.setdiff1d(mask, (BACKGROUND, FREE, *self.indices)).tolist())

    def erased(self) -> NDArray[np.uint8]:
        """What each mask value turns into when it is erased: its parent, or background.

        Returns
        -------
        ndarray of uint8, shape (256,)
        """
        lookup = np.zeros(256, np.uint8)
        for label in self.labels:
            lookup[label.index] = label.parent or BACKGROUND
        return lookup

    def colors(self) -> NDArray[np.uint8]:
        """RGB of every mask value; background and unknown values are black.

        Returns
        -------
        ndarray of uint8, shape (256, 3)
        """
        lookup = np.zeros((256, 3), np.uint8)
        for label in self.labels:
            lookup[label.index] = label.rgb
        lookup[FREE] = (128, 128, 128)
        return lookup

    def recolored(self, colors: Mapping[int, str]) -> LabelTable:
        """The same labels, some of them in other colours.

        Parameters
        ----------
        colors : mapping of int to str
            "#rrggbb" by label index; the other labels keep theirs.
        """
        return LabelTable(
            label.model_copy(update={"color": colors.get(label.index, label.color)}) for label in self.labels
        )

    def colors_in(self, other: LabelTable) -> dict[int, str]:
        """The colours that another table has for these labels, by index of this one.

        Labels are the same by name, in upper or lower case; one whose name the other does not have
        is the one of its index there, if that has no namesake here.
        """
        by_name = {label.name.casefold(): label for label in other}
        own = {label.name.casefold() for label in self.labels}
        found = {}
        for label in self.labels:
            match = by_name.get(label.name.casefold())
            if match is None and label.index in other and other[label.index].name.casefold() not in own:
                match = other[label.index]
            if match is not None:
                found[label.index] = match.color
        return found

    def parse(self, words: Sequence[str]) -> tuple[int, ...]:
        """Turn names or numbers, as a user types them, into indices in table order.

        Raises
        ------
        SegPaintError
            If a word is neither a name nor an index of the table.
        """
        names = {label.name.casefold(): label.index for label in self.labels}
        chosen: set[int] = set()
        for word in words:
            word = word.strip()
            if word.casefold() in names:
                chosen.add(names[word.casefold()])
            elif word.isdecimal() and int(word) in self:
                chosen.add(int(word))
            else:
                known = ", ".join(f"{label.index} {label.name}" for label in self.labels) or "none"
                raise SegPaintError(f"There is no label {word!r}; this checkpoint has {known}.")
        return tuple(index for index in self.indices if index in chosen)
