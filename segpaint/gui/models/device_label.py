"""What the open model runs on, and whether it is compiled for it."""

from PySide6.QtCore import Slot

from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.commands.shell import Shell
from segpaint.gui.parts.plain import PlainLabel
from segpaint.studio.studio import Studio

LONG = 12000
"""Milliseconds that the end is shown for: who has waited may look elsewhere."""


class DeviceLabel(PlainLabel):
    """Shows the device and the precision, once the model is loaded, and reports that one was compiled."""

    def __init__(self, studio: Studio, shell: Shell) -> None:
        super().__init__()
        self._studio, self._shell = studio, shell
        studio.runs.model_changed.connect(self._show)
        studio.compiling.changed.connect(self._show)
        studio.compiling.compiled.connect(self._report)
        self._show()

    @Slot()
    def _show(self) -> None:
        runs, compiling = self._studio.runs, self._studio.compiling
        parts = [runs.device.upper(), (runs.precision or "").removeprefix("openvino-")] if runs.is_ready else []
        if compiling.is_busy:
            parts.append("compiling…")
        elif compiling.is_done:
            parts.append("compiled")
        self.setText(", ".join(parts))

    @Slot(object)
    def _report(self, checkpoint: Checkpoint) -> None:
        name = checkpoint.description.name
        self._shell.say(f"{name} is compiled, and makes images about twice as fast from now on", LONG)
