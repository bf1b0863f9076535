"""Attributes of images in a data set: ``attributes.csv``, with a column ``name`` and one for each attribute."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.labels.attributes import Attribute, AttributeTable
from segpaint.core.reading import read_text, reads
from segpaint.training.pairing import stem_of

TABLE = "attributes.csv"


@reads("a table with the column name and one for each attribute", "correct it")
def read_attribute_values(path: Path, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Read the values of some attributes by the names of the images, without an ending.

    Returns
    -------
    dict of str to tuple of str
        In the order of `names`; empty where a value is unknown.

    Raises
    ------
    SegPaintError
        If the table is missing, or lacks one of these columns.
    """
    rows = csv.DictReader(io.StringIO(read_text(path, old=True), newline=""))
    columns = list(rows.fieldnames or ())
    missing = [name for name in names if name not in columns]
    if missing or "name" not in columns:
        raise SegPaintError(
            f"{path} has no column {(missing or ['name'])[0]!r}; it has {', '.join(columns) or 'none'}."
        )
    return {stem_of(row["name"]): tuple((row[name] or "").strip() for name in names) for row in rows}


def attributes_of(values: Iterable[Sequence[str]], names: Sequence[str]) -> tuple[Attribute, ...]:
    """List attributes with all values that occur, in order.

    Parameters
    ----------
    values : iterable of sequence of str
        See `read_attribute_values`.

    Raises
    ------
    SegPaintError
        If an attribute has no value, or too many.
    """
    rows = list(values)
    columns = [sorted({row[column] for row in rows} - {""}) for column in range(len(names))]
    try:
        found = tuple(
            Attribute(name=name, values=tuple(column)) for name, column in zip(names, columns, strict=True)
        )
        AttributeTable(found)
    except ValidationError as error:
        told = ", ".join(
            f"{name} has {len(column)} values" for name, column in zip(names, columns, strict=True)
        )
        raise SegPaintError(
            f"These attributes cannot be trained with: {told}; {first_problem(error)}."
        ) from error
    return found


def encode_values(
    attributes: Sequence[Attribute], values: Mapping[str, Sequence[str]], names: Sequence[str]
) -> NDArray[np.int64]:
    """Encode the values of images as digits, see `segpaint.core.labels.attributes.AttributeTable`.

    Parameters
    ----------
    values : mapping of str to sequence of str
        By stem; an image that is not in it, or a value that no attribute has, is unknown.
    names : sequence of str
        Stems of the images.

    Returns
    -------
    ndarray of int64, shape (images, attributes)
    """
    places = [{value: place for place, value in enumerate(one.values, start=1)} for one in attributes]
    codes = np.zeros((len(names), len(attributes)), np.int64)
    for row, name in enumerate(names):
        for column, value in enumerate(values.get(name, ())):
            codes[row, column] = places[column].get(value, 0)
    return codes
