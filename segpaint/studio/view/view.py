"""How the window shows things: zoom, opacity, intensities, comparison, tools, switches."""

from PySide6.QtCore import QObject, Signal

from segpaint.studio.document.open_document import OpenDocument
from segpaint.studio.runs.runs import Runs
from segpaint.studio.view.comparison import Comparison
from segpaint.studio.view.coverage import Coverage
from segpaint.studio.view.measuring import Measuring
from segpaint.studio.view.options import ToolOptions
from segpaint.studio.view.overlay import Overlay
from segpaint.studio.view.stage import Stage
from segpaint.studio.view.switches import Switches
from segpaint.studio.view.unseen import Unseen
from segpaint.studio.view.viewpoint import Viewpoint
from segpaint.studio.view.windowing import Windowing


class View(QObject):
    """Holds the state of the display, without widgets."""

    wanted = Signal(str)
    """A part of the window must come to the front: the key of the command that requested it."""

    def __init__(self, opened: OpenDocument, runs: Runs) -> None:
        super().__init__()
        self.viewpoint = Viewpoint()
        self.overlay = Overlay()
        self.unseen = Unseen(opened, self.overlay)
        self.windowing = Windowing(opened)
        self.tools = ToolOptions(self.viewpoint)
        self.measuring = Measuring()
        self.coverage = Coverage(opened)
        self.switches = Switches()
        self.stage = Stage(opened, runs)
        self.comparison = Comparison(opened, runs, self.overlay, self.windowing)
