"""Edits the slices of a scan: each in a frame, as a model sees it, and back at the scan's own resolution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Unpack

import numpy as np
from numpy.typing import NDArray

from segpaint.api import OpenCheckpoint, Settings
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.parts import Parts
from segpaint.core.requests.kinds import About, Kind
from segpaint.core.requests.origins import USUAL_WAY, Counterfactual, Way
from segpaint.core.requests.request import Request
from segpaint.core.volumes.agreement import Agreement, differing, measure_agreement
from segpaint.core.volumes.frame import Frame, Indices
from segpaint.core.volumes.framed import Framed
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.mask_slices import NEARLY_ALL, share_within
from segpaint.core.volumes.placing import place_by_labels, place_in_volume
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.volume import Stored, Values, Volume
from segpaint.io.dicom_out.source import Source
from segpaint.scans.slice_images import Progress, slice_image

Change = Callable[[Indices], Indices] | Mapping[int, Indices]
"""Makes the new mask of a slice from the one before, both within the frame; or the new masks of the slices."""


@dataclass(frozen=True, eq=False)
class EditableScan:
    """One moment of a volume, cut in a plane, for a model to work on.

    Attributes
    ----------
    time : int
        Of several volumes that follow each other, the number, from 0.
    """

    checkpoint: OpenCheckpoint
    volume: Volume
    plane: Plane = Plane.ACQUIRED
    time: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.time < self.volume.voxels.times:
            raise SegPaintError(
                f"{self.volume.name} has no time {self.time + 1}; it has 1 to {self.volume.voxels.times}."
            )

    @property
    def geometry(self) -> Geometry:
        """Of the slices as they are looked at."""
        return self.volume.view(self.plane).seen(self.volume.geometry)

    @property
    def is_models_own(self) -> bool:
        """Whether it is an image that the model itself has made, as large as all of them."""
        size, made_by = self.checkpoint.size, self.volume.made_by
        return made_by == self.checkpoint.name and self.volume.geometry.shape == (1, size, size)

    def cut(self, index: int) -> Values:
        """Return a slice at its own resolution."""
        return self.volume.cut(self.plane, index, self.time)

    def framed(self, index: int, frame: Frame) -> Framed:
        """Return what the model sees of a slice."""
        description = self.checkpoint.description
        return Framed.of(self.cut(index), frame, description.channels, description.window)

    def spacing_in(self, frame: Frame) -> float | None:
        """Compute the millimetres of a pixel in the frame; None if the file does not give them."""
        return frame.step[0] * self.geometry.spacing[1] if self.volume.geometry.is_measured else None

    def frame(self, masks: Mapping[int, Indices]) -> Frame:
        """Lay the frame as the window does, whichever slices are edited; by the masks if it cuts them off.

        Parameters
        ----------
        masks : mapping of int to ndarray of uint8
            All that are known, by slice; may be empty.
        """
        if self.is_models_own:
            rows, columns = self.geometry.shape[1:]
            return Frame.fitting((rows, columns), (1.0, 1.0), self.checkpoint.size, 1.0)
        known = self.checkpoint.statistics
        find = self.checkpoint.find_labels if self.checkpoint.can_find_labels else None
        frame = place_in_volume(self.volume, self.plane, self.checkpoint.description, known, find)
        if share_within(frame, masks.values()) < NEARLY_ALL:
            for index in sorted(masks, key=lambda index: -np.count_nonzero(masks[index])):
                if (found := place_by_labels(frame, masks[index], known)) is not None:
                    return found.aligned()
        return frame

    def find_labels(self, indices: list[int], frame: Frame) -> dict[int, Indices]:
        """Find the masks of some slices by the model's segmenter: a model's opinion."""
        rows, columns = self.geometry.shape[1:]
        return {
            index: frame.put_mask(self.checkpoint.find_labels(self.framed(index, frame).image), (rows, columns))
            for index in indices
        }


@dataclass(frozen=True, eq=False)
class EditedScan:
    """A scan with some slices edited.

    Attributes
    ----------
    values : ndarray, shape (slices, rows, columns) or (slices, rows, columns, 3)
        In the axes of the file; of the source's type.
    before, after : ndarray of uint8, shape (slices, rows, columns)
        The masks, likewise.
    frame : Frame
        Where the model worked.
    requests : dict of int to Request
        By slice, as it is looked at.
    frames : dict of int to Frame
        Where it worked on slices that were edited in other frames.
    agreement : Agreement or None
        Of neighbouring slices, where there are any.
    about : About
        What it is, and how many of its voxels are the patient's.
    finder : str
        The name of the segmenter that found the labels before the edit; empty if hands drew them.
    """

    scan: EditableScan
    values: Values
    before: Indices
    after: Indices
    frame: Frame
    requests: dict[int, Request]
    frames: dict[int, Frame]
    agreement: Agreement | None
    about: About
    finder: str = ""

    @property
    def geometry(self) -> Geometry:
        """Of the values and masks."""
        return self.scan.volume.geometry

    @property
    def stored(self) -> Stored:
        """How the source stored its values."""
        return self.scan.volume.stored

    @property
    def source(self) -> Source | None:
        """The DICOM files that it came from, if it did."""
        return Source.of(self.scan.volume, self.scan.time)

    @property
    def blank(self) -> tuple[int, ...]:
        """The slices of the file that show nothing of the patient, see `Volume.blank`."""
        return tuple(self.scan.volume.blank(self.scan.time))

    @property
    def blank_note(self) -> str:
        """Names these slices in a sentence; empty if there are none."""
        volume = self.scan.volume
        numbers = ", ".join(str(number) for number in sorted(map(volume.number, self.blank)))
        if not numbers:
            return ""
        which = f"Slice {numbers} is" if len(self.blank) == 1 else f"Slices {numbers} are"
        return f"{which} blank: missing or damaged in the source, never edited, and not the patient's."

    @property
    def modality(self) -> str:
        """As in DICOM."""
        return self.scan.volume.modality

    @property
    def labels(self) -> LabelTable:
        """Of the masks."""
        return self.scan.checkpoint.labels

    @property
    def record(self) -> dict[str, object]:
        """What stands beside the requests in a file: plane, time, frame, and the agreement of neighbours."""
        found = self.agreement
        others = {str(index + 1): asdict(frame) for index, frame in self.frames.items()}
        return {
            "plane": self.scan.plane.value,
            "time": self.scan.time + 1,
            "frame": asdict(self.frame),
            **({"frames of other slices": others} if others else {}),
            **({"blank slices": self.blank_note} if self.blank_note else {}),
            "neighbouring slices": None if found is None else asdict(found),
        }

    @property
    def comparison(self) -> str:
        """How much neighbouring slices differ, and did before, in a sentence; empty if there are none."""
        found, unit = self.agreement, f" {self.scan.volume.unit}" if self.scan.volume.unit else ""
        if found is None:
            return ""
        return (
            f"Neighbouring slices differ by {found.after:.3g}{unit} where the edit is; they differed by "
            f"{found.before:.3g}{unit} before."
        )

    def areas(self, label: int) -> dict[int, tuple[float, float]]:
        """Compute the area of a label before and after, in mm2 or in pixels, for each slice that was edited."""
        table = self.scan.checkpoint.labels
        geometry = self.scan.geometry
        pixel = geometry.spacing[1] * geometry.spacing[2] if self.scan.volume.geometry.is_measured else 1.0
        view = self.scan.volume.view(self.scan.plane)
        found = {}
        for index in self.requests:
            was, now = (
                float(np.count_nonzero(table.shape_of(np.asarray(view.apply(mask)[index], np.uint8), label)))
                * pixel
                for mask in (self.before, self.after)
            )
            found[index] = was, now
        return found


class Copies:
    """The values of a scan and its masks, to be changed slice by slice as they are looked at.

    Attributes
    ----------
    values : ndarray, shape (slices, rows, columns) or (slices, rows, columns, 3)
    before, after : ndarray of uint8, shape (slices, rows, columns)
        The masks of the scan and of the edit; blank at first.
    """

    def __init__(self, scan: EditableScan) -> None:
        self._scan, view = scan, scan.volume.view(scan.plane)
        self._values = np.array(scan.volume.voxels.whole(scan.time))
        self._before, self._after = (np.zeros(scan.volume.geometry.shape, np.uint8) for _ in range(2))
        self.values = view.apply(self._values)
        self.before, self.after = (view.apply(mask) for mask in (self._before, self._after))

    def finished(
        self, frame: Frame, requests: dict[int, Request], frames: Mapping[int, Frame] | None = None
    ) -> EditedScan:
        """Return the edited scan, with the requests of its slices and the frames of those that have others."""
        scan, others = self._scan, {index: own for index, own in (frames or {}).items() if own != frame}
        whole, view = scan.volume.voxels.whole(scan.time), scan.volume.view(scan.plane)
        return EditedScan(
            scan, self._values, self._before, self._after, frame, requests, others,
            measure_agreement(view.apply(whole), self.values), _about(scan, whole, self._values),
        )  # fmt: skip


def edit_scan(
    scan: EditableScan,
    masks: Mapping[int, Indices],
    indices: Iterable[int],
    change: Change,
    *,
    frame: Frame | None = None,
    margin: float | None = 6.0,
    way: Way = USUAL_WAY,
    seed: int = 0,
    progress: Progress = lambda _slice, _step, _count: None,
    parts: Parts | None = None,
    **settings: Unpack[Settings],
) -> EditedScan:
    """Edit slices of a scan: the anatomy changes, the patient stays.

    All slices begin with one noise, so that neighbours agree.

    Parameters
    ----------
    masks : mapping of int to ndarray of uint8, shape (rows, columns)
        The labels in the slices; all that are known.
    indices : iterable of int
        The slices to edit.
    change : callable or mapping
    frame : Frame, optional
        Where the model works; placed by the masks by default.
    margin, way, seed, **settings
        See `segpaint.api.OpenCheckpoint.edit`.
    progress : callable
        Gets the slice, the step, and the number of steps.
    parts : Parts, optional
        Keeps each finished slice, and has those that were finished before.

    Raises
    ------
    SegPaintError
        If no mask changes.
    """
    checkpoint, chosen = scan.checkpoint, sorted(indices)
    if frame is None:
        frame = scan.frame(masks)
    made, requests = Copies(scan), {}
    for index, mask in masks.items():
        made.before[index] = made.after[index] = mask
    for index in chosen:
        framed, labels = scan.framed(index, frame), frame.cut_mask(masks[index])
        changed = frame.cut_mask(change[index]) if isinstance(change, Mapping) else change(labels)
        if np.array_equal(changed, labels):
            continue
        used = checkpoint.labels.indices
        origin = Counterfactual(
            image=framed.image, mask=labels, used=used, margin=margin, way=way, made_by=scan.volume.made_by,
        )  # fmt: skip
        requests[index] = checkpoint.request(changed, seed=seed, origin=origin, **settings)
        image = slice_image(checkpoint, index, requests[index], progress, parts)
        made.values[index] = framed.changed(image)
        drawn = framed.drawn(labels, changed, masks[index])
        made.after[index] = change[index] if isinstance(change, Mapping) else drawn
    if not requests:
        spacing = scan.spacing_in(frame)
        wide = "" if spacing is None else f" A pixel of what the model sees is {spacing:.2g} mm wide."
        raise SegPaintError(
            f"The edit changes no mask, so that there is nothing to make; ask for a larger one.{wide}"
        )
    return made.finished(frame, requests)


def _about(scan: EditableScan, before: Values, after: Values) -> About:
    own = ~differing(before, after, 3)
    own[scan.volume.blank(scan.time)] = False
    return about_edit(scan, own)


def about_edit(scan: EditableScan, own: NDArray[np.bool_]) -> About:
    """Describe a scan, or a slice of it, that was edited.

    Parameters
    ----------
    own : ndarray of bool
        What is as it was.
    """
    if scan.volume.made_by:
        return About(Kind.MADE, scan.checkpoint.name, 0, own.size, begun_warm=True)
    return About(Kind.EDITED, scan.checkpoint.name, int(np.count_nonzero(own)), own.size)
