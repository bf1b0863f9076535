"""Label tables as files: ``{"modality": "MR", "labels": [{"index": 1, "name": ..., "color": ...}, ...]}``.

See `segpaint.io.label_files` for those of other programs.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from segpaint.core.errors import SegPaintError
from segpaint.core.files import write_atomically
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.reading import read_json, reads
from segpaint.io.label_files import WRITERS, is_foreign, read_foreign_table, write_foreign_table

OWN_ENDING = ".json"


@dataclass(frozen=True)
class LabelFile:
    """The content of a label file.

    Attributes
    ----------
    modality : str
        As in DICOM: MR, CT; empty where unknown.
    note : str
        A remark for the reader; may be empty.
    """

    modality: str
    table: LabelTable
    note: str = ""


@reads("a label table", "correct it")
def read_label_file(path: Path) -> LabelFile:
    """Read a label table in the format of its ending; the background, index 0, is skipped.

    Raises
    ------
    SegPaintError
        If it is missing or does not describe labels.
    """
    if is_foreign(path):
        return LabelFile("", read_foreign_table(path))
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("labels"), list):
        raise SegPaintError(f"{path} is not a label table: it has no list of labels.")
    labels = [Label.model_validate(entry) for entry in content["labels"] if entry["index"] != 0]
    if not isinstance(content["modality"], str):
        raise SegPaintError(f"{path} is not a label table: its modality is no text, such as MR.")
    return LabelFile(content["modality"], LabelTable(labels), str(content.get("note", "")))


def write_label_file(path: Path, table: LabelTable, modality: str) -> None:
    """Write a label table in the format of the ending; only .json keeps parents and modality.

    Raises
    ------
    SegPaintError
        If the ending is unknown, or the file cannot be written.
    """
    if path.suffix.lower() == OWN_ENDING:
        write_atomically(path, encode_labels(table, modality))
    elif path.suffix.lower() in WRITERS:
        write_foreign_table(path, table)
    else:
        endings = ", ".join([*WRITERS, OWN_ENDING])
        raise SegPaintError(f"{path}: give a label table one of the endings {endings}.")


def encode_labels(table: LabelTable, modality: str) -> bytes:
    """Encode the content of a ``labels.json``."""
    entries = [label.model_dump(exclude_none=True) for label in table]
    content = json.dumps({"modality": modality, "labels": entries}, indent=2, ensure_ascii=False)
    return f"{content}\n".encode()
