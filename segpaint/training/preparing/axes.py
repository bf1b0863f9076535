"""Decides along which axis the volumes of a data set are cut, and reports on oblique ones."""

from collections.abc import Iterable

from segpaint.io.cases import Axis
from segpaint.io.volume_headers import Volume

OBLIQUE = 5.0
"""Degrees from which a volume is oblique: less is how people lie in the scanner."""


def choose_axis(volumes: Iterable[Volume], given: Axis | None) -> Axis:
    """Choose the axis of a whole data set, so that it holds slices of one kind.

    That is the one given. Else it is "acquired" if any volume is oblique and has thick slices, which another
    cut would show as bars, or "axial".
    """
    if given is not None:
        return given
    return "acquired" if any(one.is_thick and one.oblique > OBLIQUE for one in volumes) else "axial"


def remark_on_axis(volume: Volume, axis: Axis, given: Axis | None) -> dict[str, str]:
    """Describe how an oblique volume is cut: a sentence by its kind; nothing of others."""
    if volume.oblique <= OBLIQUE or given == "acquired":
        return {}
    degrees = f"{volume.path} is oblique by {volume.oblique:.0f} degrees"
    if axis == "acquired":
        return {
            "acquired": f"{degrees}. Volumes are cut into the slices that were acquired, as with --axis "
            "acquired; --axis axial cuts along the nearest axis instead."
        }
    advice = " Thick slices may be cut across, into bars; --axis acquired avoids it." if volume.is_thick else ""
    return {"oblique": f"{degrees}. It is cut along its own axis that is nearest to {axis}.{advice}"}
