"""Checks that a training goes on with the data and the settings that it was begun with."""

from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attribute
from segpaint.core.labels.labels import Label
from segpaint.core.requests.checkpoint import DESCRIPTION, read_checkpoint
from segpaint.training.dataset import DataSet
from segpaint.training.options import flags
from segpaint.training.pngs import image_words
from segpaint.training.settings import LEARNING, NETWORK, TrainingSettings

CHANGEABLE = (
    "name",
    "licence",
    "source",
    "pixel_spacing",
    "window",
    "steps",
    "guidance",
    "anneal",
    "augmentation",
)
"""Settings that may change between resumptions: the checkpoint's description, when to end, and augmentation.
The latter may change since a network imitates what it sees: it should end on images nearly unchanged."""


class DataRecord(BaseModel, frozen=True):
    """What the state of a run keeps of its data.

    Attributes
    ----------
    channels, size : int
        Of the images, in pixels.
    modality : str
        Empty in states of older versions.
    digest : str
        See `segpaint.training.dataset.DataSet.digest`; empty in states of older versions.
    """

    labels: tuple[Label, ...]
    attributes: tuple[Attribute, ...] = ()
    channels: int
    size: int
    modality: str = ""
    digest: str = ""


def record_of(data: DataSet) -> DataRecord:
    """Describe a data set for the state of a run."""
    _, channels, size, _ = data.train.images.shape
    return DataRecord(
        labels=data.table.labels, attributes=data.attributes, channels=channels, size=size,
        modality=data.modality, digest=data.digest,
    )  # fmt: skip


def check_settings(saved: dict[str, Any], settings: TrainingSettings, out: Path) -> None:
    """Refuse settings that a run cannot go on with.

    Parameters
    ----------
    saved : dict
        The progress from the run's state.

    Raises
    ------
    SegPaintError
        If a setting differs that may not change; the error names the option and both values.
    """
    now, before = settings.model_dump(mode="json"), _with_defaults(saved["settings"])
    changed = [name for name in now if name not in CHANGEABLE and now[name] != before[name]]
    if changed:
        told = "; ".join(
            f"{_option(name)} {_value(name, before[name])}, not {_value(name, now[name])}"
            for name in sorted(changed)
        )
        raise SegPaintError(
            f"The training in {out} was begun with other settings: {told}. Resume it with the same ones."
        )


def check_data(saved: dict[str, Any], data: DataSet, out: Path) -> None:
    """Refuse data that a run cannot go on with: the network would mix up the labels, or what it makes.

    Raises
    ------
    SegPaintError
        If the labels, the modality, or the size or channels of the images are not those that the run was begun
        with.
    """
    before = _data_before(saved, out)
    if before is None:
        return
    old, new = ({(one.index, one.name, one.parent) for one in table} for table in (before.labels, data.table))
    if old != new or [one.index for one in before.labels] != list(data.table.indices):
        raise SegPaintError(
            f"The training in {out} was begun with the labels {_listed(before.labels)}, and "
            f"{data.folder / 'labels.json'} lists {_listed(data.table.labels)}. Give the same labels, or begin "
            "another training with --init-from."
        )
    if before.attributes != data.attributes:
        told = [
            ", ".join(one.name for one in known) or "none" for known in (before.attributes, data.attributes)
        ]
        raise SegPaintError(
            f"The training in {out} was begun with other attributes or values: {told[0]}, not {told[1]}. Give "
            "the same ones, or begin another training with --init-from."
        )
    images, modality = image_words(data.train.images[0]), before.modality or data.modality
    begun = image_words(np.empty((before.channels, before.size, before.size), np.uint8))
    if (images, data.modality) != (begun, modality):
        raise SegPaintError(
            f"The training in {out} was begun with {modality} images, {begun}, and those in {data.folder} are "
            f"{data.modality}, {images}; give the same ones, or begin another training with --init-from."
        )


def has_changed(saved: dict[str, Any], data: DataSet) -> bool:
    """Check whether images or masks are known to be others than those that a run was last saved with."""
    digest = saved.get("data", {}).get("digest", "")
    return bool(digest) and digest != data.digest


def _data_before(saved: dict[str, Any], out: Path) -> DataRecord | None:
    """Read what the run was begun with; a state of an older version lacks it, its checkpoint does not."""
    if "data" in saved:
        return DataRecord.model_validate(saved["data"])
    if (out / DESCRIPTION).is_file():
        description = read_checkpoint(out).description
        return DataRecord.model_validate(
            description.model_dump(include={"labels", "attributes", "channels", "size", "modality"})
        )
    return None


def _with_defaults(saved: dict[str, Any]) -> dict[str, Any]:
    """Complete saved settings: a setting newer than the state had its default then."""
    return {name: saved.get(name, field.default) for name, field in TrainingSettings.model_fields.items()}


def _option(name: str) -> str:
    typed = {"init_from": "--init-from", "unlabelled": "--unlabelled", "seed": "--seed"}
    return {**typed, **flags(TrainingSettings, NETWORK), **flags(TrainingSettings, LEARNING)}.get(name, name)


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):  # an option without a value
        return "left out" if value == TrainingSettings.model_fields[name].default else "given"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value) or "none"


def _listed(labels: tuple[Label, ...]) -> str:
    inside = {label.index: f" inside {label.parent}" if label.parent else "" for label in labels}
    return ", ".join(f"{label.index} {label.name}{inside[label.index]}" for label in labels)
