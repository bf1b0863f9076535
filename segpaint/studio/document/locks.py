"""Which locks keep a stroke from changing anything, and the sentence about them."""

from collections.abc import Collection

from segpaint.core.words import enumerated
from segpaint.studio.document.document import Document


def locked_sentence(document: Document, labels: Collection[int]) -> str:
    """Report in a sentence which labels are locked, in the order of the list; empty if there are none."""
    names = [document.name_of(value) for value in document.paintable if value in labels]
    if len(names) < 2:
        return "".join(f"{name} is locked; unlock it in the list to change it." for name in names)
    return f"{enumerated(names)} are locked; unlock them in the list to change them."


def locks_against(
    document: Document, values: Collection[int], *, erase: bool = False, label: int | None = None
) -> set[int]:
    """Find the locked labels for whose sake a stroke keeps pixels of these values.

    Parameters
    ----------
    values : collection of int
        What the mask holds under the stroke.
    label : int, optional
        What is painted, or all that is erased; by default the value that the brush paints, or everything.
    """
    painted, erased = document.paint_value if label is None else label, document.table.erased()
    if erase and label is not None:
        values = {label} & set(values)
    wanted = {value: int(erased[value]) if erase else painted for value in values}
    return {
        lock for lock in document.locked
        if any(new != value and lock in (value, new) for value, new in wanted.items())
    }  # fmt: skip
