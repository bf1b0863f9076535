"""Decides along which axis the volumes of a data set are cut, and reports on those that are not axial."""

from collections.abc import Iterable

from nibabel.orientations import io_orientation

from segpaint.io.cases import Axis
from segpaint.io.volume_headers import Volume
from segpaint.io.volumes import PLANES

OBLIQUE = 5.0
"""Degrees from which a volume is oblique: less is how people lie in the scanner."""


def choose_axis(volumes: Iterable[Volume], given: Axis | None) -> Axis:
    """Choose the axis of a whole data set, so that it holds slices of one kind.

    That is the one given. Else it is "acquired" if any volume has thick slices that are oblique, or not axial:
    another cut would show them as bars. Else it is "axial".
    """
    if given is not None:
        return given
    return "acquired" if any(one.is_thick and _lies_otherwise(one, "axial") for one in volumes) else "axial"


def remark_on_axis(volume: Volume, axis: Axis, given: Axis | None) -> dict[str, str]:
    """Describe how a volume is cut that is oblique, or cut across its slices: a sentence by its kind."""
    is_oblique, oblique = volume.oblique > OBLIQUE, f"is oblique by {volume.oblique:.0f} degrees"
    if axis == "acquired":
        if given == "acquired" or not (is_oblique or (volume.is_thick and _is_cut_across(volume, "axial"))):
            return {}
        what = oblique if is_oblique else "has thick slices, not axial ones"
        return {
            "acquired": f"{volume.path} {what}. Volumes are cut into the slices that were acquired, as with "
            "--axis acquired; --axis axial cuts along the nearest axis instead."
        }
    advice = " Thick slices may be cut across, into bars; --axis acquired avoids it." if volume.is_thick else ""
    if is_oblique:
        return {
            "oblique": f"{volume.path} {oblique}. It is cut along its own axis that is nearest to "
            f"{axis}.{advice}"
        }
    if volume.is_thick and _is_cut_across(volume, axis):
        return {
            "across": f"{volume.path} has thick slices, which --axis {axis} cuts across, into bars; --axis "
            "acquired avoids it."
        }
    return {}


def _lies_otherwise(volume: Volume, axis: Axis) -> bool:
    return volume.oblique > OBLIQUE or _is_cut_across(volume, axis)


def _is_cut_across(volume: Volume, axis: Axis) -> bool:
    """Check whether the slices that were acquired lie across those of an axis of the patient."""
    return int(io_orientation(volume.affine)[volume.acquired, 0]) != PLANES.index(axis)
