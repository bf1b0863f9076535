"""A volume that is open, with all that is kept for its slices."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Description
from segpaint.core.requests.origins import digest_of
from segpaint.core.requests.request import Request
from segpaint.core.volumes.frame import Frame
from segpaint.core.volumes.mask_slices import moved_mask
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.windows import ValueWindow, window_of
from segpaint.core.words import counted
from segpaint.studio.document.document import Reference

if TYPE_CHECKING:
    from segpaint.core.volumes.geometry import Geometry
    from segpaint.core.volumes.volume import Values, Volume

Image = NDArray[np.uint8]
MOST_SENTENCES = 3
MOST_IMAGES = 512
"""Slices of which the model's image is kept, so that undo has it at once."""


@dataclass(frozen=True)
class Place:
    """Which slice: of a plane, from its first one on, at a time."""

    plane: Plane
    index: int
    time: int = 0


@dataclass(frozen=True)
class FramedMask:
    """A mask, the frame that it fills, the labels that it covers, and whether a segmenter found them."""

    frame: Frame
    mask: Image
    used: tuple[int, ...] = ()
    is_found: bool = False

    def within(self, frame: Frame) -> Image:
        """Return the mask as another frame shows it."""
        return self.mask if frame == self.frame else moved_mask(self.mask, self.frame, frame)


@dataclass(eq=False)
class Scan:
    """A volume in the window.

    Attributes
    ----------
    key : str
        Identifies the series when it is opened again; holds no name.
    path : str
        The file or folder that it was opened from; empty if nobody knows it.
    before : Reference or None
        The reference that was open before the scan.
    window, first_window : ValueWindow or None
        The values that are shown as black and white, now and at first.
    frames : dict
        One for each plane that was looked at.
    labels : dict
        What is known to be on a slice of the scan itself.
    painted : dict
        Masks as they were painted, before the frame was moved away from them.
    is_sized : bool
        Whether the user gave the size of its pixels, which the file does not give.
    left_at : dict
        The slice looked at last, for each plane that was left.
    reported : set
        Damaged slices that were reported, by time and index in the file.
    results : dict
        The last image made for a slice in a frame, with its request; the newest last.
    images : OrderedDict
        What the model sees of a slice in a frame.
    """

    volume: Volume
    key: str
    before: Reference | None = None
    path: str = ""
    window: ValueWindow | None = None
    first_window: ValueWindow | None = None
    frames: dict[Plane, Frame] = field(default_factory=dict)
    labels: dict[Place, FramedMask] = field(default_factory=dict)
    painted: dict[Place, FramedMask] = field(default_factory=dict)
    results: dict[tuple[Place, Frame], tuple[Request, Image]] = field(default_factory=dict)
    images: OrderedDict[tuple[Place, Frame], Image] = field(default_factory=OrderedDict)
    left_at: dict[Plane, int] = field(default_factory=dict)
    is_sized: bool = False
    reported: set[tuple[int, int]] = field(default_factory=set)

    @cached_property
    def digest(self) -> str:
        """A SHA-256 of its shape and the values of its middle slice, which is read for it.

        Raises
        ------
        SegPaintError
            If that slice cannot be read.
        """
        volume = self.volume
        middle = np.ascontiguousarray(volume.cut(Plane.ACQUIRED, volume.count(Plane.ACQUIRED) // 2))
        head = repr((volume.geometry.shape, middle.dtype.str)).encode()
        return hashlib.sha256(head + middle.tobytes()).hexdigest()

    def geometry(self, plane: Plane) -> Geometry:
        """Describe the volume as a plane shows it: slices, rows, and columns of that."""
        return self.volume.view(plane).seen(self.volume.geometry)

    def has_slice(self, place: Place) -> bool:
        """Check whether there is such a slice, at whatever time."""
        return 0 <= place.index < self.volume.count(place.plane)

    def spacing(self, plane: Plane) -> tuple[float, float]:
        """Measure the millimetres between rows, and between columns, of a plane's slices."""
        _, rows, columns = self.geometry(plane).spacing
        return rows, columns

    def crossing(self, place: Place, frame: Frame, plane: Plane) -> Place:
        """Find the slice of a plane that goes through the middle of a frame on a slice of another one."""
        where = self.geometry(place.plane).world((place.index, *frame.centre))
        return Place(plane, round(float(self.geometry(plane).index(where)[0])), place.time)

    @property
    def is_measured(self) -> bool:
        """Whether it is known how large pixels are."""
        return self.volume.geometry.is_measured

    @property
    def lacks_size(self) -> bool:
        """Whether its file does not give how large pixels are."""
        return self.is_sized or not self.is_measured

    def width(self, plane: Plane) -> float:
        """Measure how many millimetres wide the slices of a plane are."""
        return self.volume.width(plane)

    def set_width(self, plane: Plane, millimetres: float) -> None:
        """Set how wide the slices of a plane are, for files that do not give it."""
        self.is_sized = True
        self.volume = self.volume.with_width(plane, millimetres)

    def keep_image(self, place: Place, frame: Frame, image: Image) -> None:
        """Keep what the model sees; the oldest of too many goes."""
        self.images[place, frame] = image
        self.images.move_to_end((place, frame))
        while len(self.images) > MOST_IMAGES:
            self.images.popitem(last=False)

    def shows(self, reference: Reference | None) -> bool:
        """Check whether a reference is what the model sees of a slice."""
        return reference is not None and any(image is reference.image for image in self.images.values())

    def place_of(self, digest: str) -> Place | None:
        """Find the slice whose image in the frame of now has a digest."""
        for (place, frame), image in self.images.items():
            if self.frames[place.plane] == frame and digest_of(image) == digest:
                return place
        return None

    def result(self, place: Place, frame: Frame) -> tuple[Request, Image] | None:
        """Return the last image made for a slice in a frame, and its request; None if there is none.

        Files hold results without the patient's image. It is put back as soon as what the model sees is known.
        """
        made, image = self.results.get((place, frame)), self.images.get((place, frame))
        if made is None or image is None:
            return made
        request, pixels = made
        with suppress(SegPaintError):  # made from another image
            request = request.with_reference(image)
        return request, pixels

    def for_another_model(self, before: Reference | None) -> Scan:
        """Return the same volume, shown as it is, without what was made with a model.

        Parameters
        ----------
        before : Reference or None
            That of the other model.
        """
        return Scan(self.volume, self.key, before, self.path, window=self.window, is_sized=self.is_sized)

    def let_go(self) -> None:
        """Drop the voxels, which may fill the memory; masks, results, and what the model saw stay."""
        from segpaint.core.volumes.volume import LazyVoxels

        closed = LazyVoxels(self.volume.voxels.times, self.volume.geometry.shape[0], 0, self._read_closed)
        self.volume = replace(self.volume, voxels=closed)

    def _read_closed(self, _time: int, _index: int) -> Values:
        raise SegPaintError(f"{self.volume.name} was closed meanwhile; open it again to see its slices.")

    def new_damage(self) -> list[str]:
        """Return what was found wrong with slices since it was asked last, a few sentences at most."""
        found = [one for one in list(self.volume.damaged) if one not in self.reported]
        self.reported.update(found)
        sentences = [self.volume.remark_on(one) for one in found[:MOST_SENTENCES]]
        if more := found[MOST_SENTENCES:]:
            sentences.append(f"So {'is' if len(more) == 1 else 'are'} {counted(len(more), 'more slice')}.")
        return sentences

    def position(self, place: Place) -> str:
        """Name a slice's place along its axis, such as "H 12.5 mm"; empty where the file does not give it."""
        geometry = self.geometry(place.plane)
        if not (geometry.is_placed and geometry.is_measured):
            return ""
        axis = geometry.patient_axes[0]
        middle = (place.index, (geometry.shape[1] - 1) / 2, (geometry.shape[2] - 1) / 2)
        along = float(geometry.world(middle)[axis])
        side = (("R", "L"), ("A", "P"), ("F", "H"))[axis][int(along >= 0)]
        return f"{side} {abs(along):.1f} mm"


@dataclass(frozen=True)
class Page:
    """A slice of a scan, as a page of the document's masks."""

    scan: Scan
    place: Place

    def __str__(self) -> str:
        plane = "" if self.place.plane is Plane.ACQUIRED else f"{self.place.plane.value} "
        time = f" at time {self.place.time + 1}" if self.scan.volume.voxels.times > 1 else ""
        return f"{plane}slice {self.place.index + 1}{time}"


class LoosePage:
    """A page of a mask that belongs to no scan."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True, eq=False)
class Slice:
    """A slice that was read.

    Attributes
    ----------
    values : ndarray, shape (rows, columns) or (rows, columns, 3)
    image : ndarray of uint8
        What the model sees of it in the frame.
    window : ValueWindow
        The one to show it in at first.
    """

    page: Page
    values: Values
    frame: Frame
    image: Image
    window: ValueWindow


def read_slice(page: Page, frame: Frame | None, description: Description, *, is_first: bool = False) -> Slice:
    """Read a slice, and cut out what the model sees. Takes long for some files.

    Parameters
    ----------
    frame : Frame or None
        None to lay one over the body on the middle slice of the plane.
    is_first : bool
        Whether the nearest slice is read instead of a damaged one, which shows no body.

    Raises
    ------
    SegPaintError
        If it cannot be read.
    """
    from segpaint.core.volumes.framed import Framed
    from segpaint.core.volumes.placing import nearest_whole, place_in_volume

    scan, place = page.scan, page.place
    if is_first:
        whole = nearest_whole(scan.volume, place.plane, place.index, place.time)
        page = Page(scan, place := replace(place, index=whole))
    values = scan.volume.cut(place.plane, place.index, place.time)
    if frame is None:
        frame = place_in_volume(scan.volume, place.plane, description)
    framed = Framed.of(values, frame, description.channels, description.window)
    framed.image.flags.writeable = False
    window = scan.first_window or first_window(scan.volume, values, description)
    return Slice(page, values, frame, framed.image, window)


def first_window(volume: Volume, values: Values, description: Description) -> ValueWindow:
    """Choose the window of the file or, where it gives none and has the model's values, the model's."""
    learned = description.window
    is_unknown = not volume.modality and not volume.presets
    if is_unknown and learned is not None and values.min() < learned[0]:
        return ValueWindow(*learned)
    return window_of(volume, values)


def body_frame(scan: Scan, plane: Plane, values: Values, description: Description) -> Frame:
    """Lay a frame over the body on a slice, or around all of it where sizes are not known."""
    from segpaint.core.volumes.placing import place_by_body

    return place_by_body(values, scan.spacing(plane), description, is_measured=scan.is_measured).aligned()
