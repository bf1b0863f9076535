"""Label tables as files: ``{"modality": "MR", "labels": [{"index": 1, "name": ..., "color": ...}, ...]}``.

Those of other programs are read in `segpaint.io.label_files`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from segpaint.core.errors import SegPaintError, first_problem
from segpaint.core.labels import Label, LabelTable
from segpaint.io.label_files import is_foreign, read_foreign_table


@dataclass(frozen=True)
class LabelFile:
    """What a label file says.

    Attributes
    ----------
    modality : str
        As in DICOM: MR, CT; empty where the file does not tell.
    table : LabelTable
    note : str
        For whoever uses it; empty where there is none.
    """

    modality: str
    table: LabelTable
    note: str = ""


def read_label_file(path: Path) -> LabelFile:
    """Read a label table of any kind, by its ending; a label of index 0, the background, is passed over.

    Raises
    ------
    SegPaintError
        If it is missing or does not describe labels.
    """
    if is_foreign(path):
        return LabelFile("", read_foreign_table(path))
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        labels = [Label(**entry) for entry in content["labels"] if entry["index"] != 0]
        return LabelFile(str(content["modality"]), LabelTable(labels), str(content.get("note", "")))
    except FileNotFoundError:
        raise SegPaintError(f"{path} is missing; it lists the labels of the masks.") from None
    except ValidationError as error:
        raise SegPaintError(f"{path} has a label that is not valid: {first_problem(error)}.") from error
    except SegPaintError as error:
        raise SegPaintError(f"{path} is not valid. {error}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SegPaintError(f"{path} is not a label table: {error}") from error
