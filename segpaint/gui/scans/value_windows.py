"""The windows of values that are offered for a scan."""

from segpaint.core.volumes.presets import CT, Preset
from segpaint.core.volumes.windows import ValueWindow, presets_of
from segpaint.studio.studio import Studio

AIR = -500
"""HU below which a value is air, and no other modality's."""


def offered(studio: Studio) -> list[tuple[str, ValueWindow]]:
    """List names and windows: of the file, of the modality, and of the model's training images."""
    scan, description, shown = studio.scans.scan, studio.document.checkpoint.description, studio.scans.slice
    if scan is None:
        return []
    modality = scan.volume.modality
    presets = presets_of(scan.volume)
    if not modality and shown is not None and shown.values.min() < AIR:  # most NIfTI files do not name it
        presets = (*presets, *CT.values())
        modality = "CT"
    found = [(_name(preset), ValueWindow.of(preset)) for preset in presets]
    if description.window is not None and description.modality == modality:
        found.append(("The model's", ValueWindow(*description.window)))
    first = scan.first_window
    if first is not None and all(window != first for _, window in found):
        found.insert(0, ("As at first", first))
    return found


def _name(preset: Preset) -> str:
    return preset.name or f"W {preset.width:g}  L {preset.level:g}"
