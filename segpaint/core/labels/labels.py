"""Labels, and the ordered table of a checkpoint's labels."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.counting import values_in
from segpaint.core.printable import printable

BACKGROUND = 0
FREE = 255
"""The mask value of a free region, where the model decides."""
FEW = 8
"""Labels that are found faster one by one than by a table of all values."""
Line = Annotated[str, AfterValidator(lambda text: printable(" ".join(text.split()), lines=False))]
"""Text on one line, without spaces around it or control characters, that may be shown anywhere."""
Name = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")]


class Label(BaseModel, frozen=True, extra="forbid"):
    """One class of a mask.

    Attributes
    ----------
    index : int
        The value in a mask, 1 to 254.
    name : str
        In the clinician's words.
    color : str
        "#rrggbb".
    parent : int or None
        Index of the label around this one; a brainstem lies inside the body.
    """

    index: int = Field(ge=1, le=254)
    name: Name
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
        Without the background, which is always 0.

    Raises
    ------
    SegPaintError
        If an index or a name repeats, or a parent is unknown or circular.
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
        """List parent, grandparent and so on, innermost first.

        Raises
        ------
        SegPaintError
            If a parent is unknown or circular.
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
        """List the label itself and all inside it, in table order."""
        column = self.indices.index(index)
        return tuple(one for one in self.indices if self.nesting[one, column])

    @cached_property
    def nesting(self) -> NDArray[np.bool_]:
        """Which labels each mask value belongs to: the label itself, and all around it.

        Returns
        -------
        ndarray of bool, shape (256, labels)
            Labels in table order.
        """
        nesting = np.zeros((256, len(self)), np.bool_)
        columns = {index: column for column, index in enumerate(self.indices)}
        for index in self.indices:
            nesting[index, [columns[around] for around in (index, *self.ancestors(index))]] = True
        return nesting

    def shape_of(self, values: NDArray[np.uint8], index: int) -> NDArray[np.bool_]:
        """Find where a mask has a label, or one inside it; bool, the shape of the mask."""
        family = self.family(index)
        if len(family) > FEW:
            return np.take(self.nesting[:, self.indices.index(index)], values)
        shape: NDArray[np.bool_] = values == family[0]
        for inside in family[1:]:  # comparing is ten times as fast as looking values up
            shape |= values == inside
        return shape

    def planes(self, masks: NDArray[np.uint8]) -> NDArray[np.bool_]:
        """Find where masks have each label, or one inside it.

        Parameters
        ----------
        masks : ndarray of uint8, shape (..., height, width)

        Returns
        -------
        ndarray of bool, shape (..., labels, height, width)
        """
        return np.moveaxis(self.nesting[masks], -1, -3)

    def seen(self, used: Collection[int]) -> NDArray[np.uint8]:
        """Map each mask value to the innermost label in use around it, or to background.

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
        """List each label followed by those inside it."""

        def within(parent: int | None) -> Iterator[Label]:
            for label in self.labels:
                if label.parent == parent:
                    yield label
                    yield from within(label.index)

        return tuple(within(None))

    def unknown(self, mask: NDArray[np.uint8]) -> tuple[int, ...]:
        """Find the mask values that are neither labels of this table nor background nor free."""
        return tuple(sorted(values_in(mask) - {BACKGROUND, FREE, *self.indices}))

    def erased(self) -> NDArray[np.uint8]:
        """Map each mask value to what is left when it is erased: its parent, or background.

        Returns
        -------
        ndarray of uint8, shape (256,)
        """
        lookup = np.zeros(256, np.uint8)
        for label in self.labels:
            lookup[label.index] = label.parent or BACKGROUND
        return lookup

    def colors(self) -> NDArray[np.uint8]:
        """Return the RGB colour of each mask value; background and unknown values are black.

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
        """Return a table with the same labels, some in other colours.

        Parameters
        ----------
        colors : mapping of int to str
            "#rrggbb" by label index; the other labels keep theirs.
        """
        return LabelTable(
            label.model_copy(update={"color": colors.get(label.index, label.color)}) for label in self.labels
        )

    def colors_in(self, other: LabelTable) -> dict[int, str]:
        """Find the colours of these labels in another table, by index of this one.

        Labels match by name, in any case. A label without a namesake matches the other table's label of its
        index, unless that has a namesake here.
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

    def parse(self, words: Iterable[str | int]) -> tuple[int, ...]:
        """Convert names, or indices as numbers or text, to indices in table order.

        Raises
        ------
        SegPaintError
            If a word is neither a name nor an index.
        """
        names = {label.name.casefold(): label.index for label in self.labels}
        chosen: set[int] = set()
        for word in words:
            text = str(word).strip()
            if isinstance(word, str) and text.casefold() in names:
                chosen.add(names[text.casefold()])
            elif text.isdecimal() and int(text) in self:
                chosen.add(int(text))
            else:
                known = ", ".join(f"{label.index} {label.name}" for label in self.labels) or "none"
                raise SegPaintError(f"There is no label {text!r}; this checkpoint has {known}.")
        return tuple(index for index in self.indices if index in chosen)
