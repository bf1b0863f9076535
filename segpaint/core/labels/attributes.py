"""Attributes of a whole image, such as its pathology, beside the mask; like labels they can be left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints, model_validator

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Line

Value = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Attributes = dict[Value, Value]
"""The known values by the names of their attributes; an attribute that is left out is unknown."""
MOST_COMBINATIONS = 1000
"""Combinations of values that a network tells apart; each has a vector of its own."""


class Attribute(BaseModel, frozen=True, extra="forbid"):
    """One property of a whole image.

    Attributes
    ----------
    name : str
        In the clinician's words, such as "pathology".
    values : tuple of str
        The values that it may have, such as "benign" and "malignant".
    """

    name: Value
    values: tuple[Value, ...] = Field(min_length=1, max_length=50)

    @model_validator(mode="after")
    def _check_values(self) -> Attribute:
        if len({value.casefold() for value in self.values}) < len(self.values):
            raise ValueError("lists a value twice")
        return self


class AttributeTable:
    """The attributes of a checkpoint, in order.

    Each combination of values has a number, in which every attribute is a digit: 0 where it is unknown, else
    one more than the place of its value. So 0 is the image of which nothing is known.

    Parameters
    ----------
    attributes : sequence of Attribute

    Raises
    ------
    SegPaintError
        If two have one name, or there are more than `MOST_COMBINATIONS`.
    """

    def __init__(self, attributes: Sequence[Attribute]) -> None:
        self.attributes = tuple(attributes)
        if len({one.name.casefold() for one in self.attributes}) < len(self.attributes):
            raise SegPaintError("Two attributes have the same name.")
        if self.combinations > MOST_COMBINATIONS:
            raise SegPaintError(
                f"The attributes have {self.combinations:,} combinations of values, and at most "
                f"{MOST_COMBINATIONS:,} are told apart; leave one out."
            )

    @property
    def combinations(self) -> int:
        """The number of combinations, in which each attribute may also be unknown."""
        count = 1
        for attribute in self.attributes:
            count *= len(attribute.values) + 1
        return count

    def number(self, known: Mapping[str, str]) -> int:
        """Return the number of a combination.

        Raises
        ------
        SegPaintError
            If an attribute or a value is not in the table.
        """
        self.check(known)
        return self.join([_digit(attribute, known) for attribute in self.attributes])

    def join(self, digits: Sequence[int]) -> int:
        """Return the number of a combination from its digits."""
        number = 0
        for attribute, digit in zip(self.attributes, digits, strict=True):
            number = number * (len(attribute.values) + 1) + int(digit)
        return number

    def known(self, number: int) -> Attributes:
        """Return the known values of a combination; the inverse of `number`."""
        known = {}
        for attribute in reversed(self.attributes):
            number, digit = divmod(number, len(attribute.values) + 1)
            if digit:
                known[attribute.name] = attribute.values[digit - 1]
        return dict(reversed(known.items()))

    def check(self, known: Mapping[str, str]) -> None:
        """Check that all names and values are in the table.

        Raises
        ------
        SegPaintError
            If one is not.
        """
        values = {attribute.name: attribute.values for attribute in self.attributes}
        for name, value in known.items():
            if name not in values:
                there = f"it knows {', '.join(values)}" if values else "it knows none"
                raise SegPaintError(f"This checkpoint knows no attribute {name}; {there}.")
            if value not in values[name]:
                raise SegPaintError(
                    f"This checkpoint knows no {name} {value}; give one of "
                    f"{', '.join(values[name])}, or leave it out."
                )


def parse_attributes(words: Sequence[str]) -> Attributes:
    """Read values such as "pathology=benign".

    Raises
    ------
    SegPaintError
        If a word is none, or an attribute is given twice.
    """
    known: Attributes = {}
    for word in words:
        name, is_given, value = (part.strip() for part in word.partition("="))
        if not (name and is_given and value):
            raise SegPaintError(f"“{word}” gives no value to an attribute; write it as pathology=benign.")
        if name in known:
            raise SegPaintError(f"The attribute {name} is given twice; give one value.")
        known[name] = value
    return known


def _digit(attribute: Attribute, known: Mapping[str, str]) -> int:
    value = known.get(attribute.name)
    return 0 if value is None else attribute.values.index(value) + 1
