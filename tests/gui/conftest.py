"""A real window on the tiny checkpoint, checked for leaks when a test is done."""

import functools
import gc
import os
import shutil
import sys
import threading
from dataclasses import dataclass, replace
from itertools import pairwise

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QEvent, QPoint, QRunnable, Qt, QThread
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QSplitter
from shells import NotingShell
from shiboken6 import Shiboken, isValid

from segpaint.app import build_window
from segpaint.core.masks.paint import brush
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.canvas.canvas import Canvas
from segpaint.gui.canvas.image_pane import ImagePane
from segpaint.gui.canvas.side_pane import SidePane
from segpaint.gui.commands.command import COMMANDS, Toggle
from segpaint.gui.files.saving import save_to
from segpaint.gui.looking.comparison import ComparisonView
from segpaint.gui.looking.windowing_badge import WindowingBadge
from segpaint.gui.style.theme import Choice, apply_theme, theme
from segpaint.gui.window import rows  # noqa: F401 - fills the table of commands
from segpaint.paths import checkpoint_folders
from segpaint.studio.base.collector import Collector
from segpaint.studio.runs import worker
from segpaint.studio.studio import Studio


@pytest.fixture(scope="session", autouse=True)
def _traced_threads():
    """Let coverage see the threads that Qt starts: Python hands its trace function to its own threads alone."""
    for kind in (*QThread.__subclasses__(), *QRunnable.__subclasses__()):
        if "run" in vars(kind):
            kind.run = _traced(kind.run)


def _traced(run):
    @functools.wraps(run)
    def traced(self):
        if (trace := threading.gettrace()) is not None:
            sys.settrace(trace)
        run(self)

    return traced


class _ElsewhereFinder:
    """Finds nothing, but notes which of our modules other threads import."""

    def __init__(self):
        self.names, self._own = set(), threading.get_ident()

    def find_spec(self, name, _path=None, _target=None):
        if threading.get_ident() != self._own and name.startswith("segpaint."):
            self.names.add(name)


@pytest.fixture(scope="session")
def _elsewhere():
    finder = _ElsewhereFinder()
    sys.meta_path.insert(0, finder)
    yield finder
    sys.meta_path.remove(finder)


@pytest.fixture(autouse=True)
def _no_class_of_qt_from_another_thread(_elsewhere):
    """Let no other thread make a class of Qt's kind, which may end the program; see `Later`."""
    yield
    names, _elsewhere.names = _elsewhere.names, set()  # a fault is that of this test alone
    for name in names & sys.modules.keys():
        classes = [one for one in vars(sys.modules[name]).values() if isinstance(one, type)]
        own = [one for one in classes if one.__module__ == name]
        assert not any(issubclass(one, Shiboken.Object) for one in own), name


@pytest.fixture(scope="session", autouse=True)
def _no_nicer_thread():
    """Let the worker's thread be no nicer: beside another process of tests, it would hardly get a turn."""
    if hasattr(os, "getpriority"):
        worker.NICENESS = os.getpriority(os.PRIO_PROCESS, 0)


@pytest.fixture(scope="session")
def dressed(qapp, tiny_checkpoint):
    """Dress the application, and keep what is there by now out of the collections that end each test."""
    apply_theme(qapp)
    Collector(qapp)
    gc.collect()
    gc.freeze()
    yield qapp
    # The offscreen clipboard outlives Python, and what Python has put into it must not.
    qapp.clipboard().clear()


@pytest.fixture
def model(tiny_checkpoint, tmp_path):
    """A checkpoint that a test may move, damage, or delete."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "models" / "mine")


@pytest.fixture
def open_window(dressed, tiny_checkpoint, tmp_path):
    """Open windows; each must be gone, with its thread, when the test ends."""
    windows = []

    def open_(folder=tiny_checkpoint, mask=None, work=tmp_path / "work", size=(1100, 700)):
        QCursor.setPos(-100, -100)  # else the window would open under where the test before has pointed
        window = build_window(Studio(read_checkpoint(folder), work, "cpu", folders=checkpoint_folders()), mask)
        windows.append(window)
        if size is not None:
            window.resize(*size)
        window.show()
        return window

    threads = threading.active_count()
    yield open_
    for window in filter(isValid, windows):
        window.close()
        window.deleteLater()
    windows.clear()
    window = None
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    theme().choose(Choice.SYSTEM)
    assert QApplication.topLevelWidgets() == []
    assert threading.active_count() <= threads


@pytest.fixture
def open_studio(dressed, tiny_checkpoint, tmp_path):
    """Open a studio as after a restart, when the one before is closed."""
    opened = []

    def open_(folder=tiny_checkpoint):
        while opened:
            opened.pop().close()
        opened.append(Studio(read_checkpoint(folder), tmp_path / "work", "cpu", [tiny_checkpoint]))
        return opened[0]

    yield open_
    for studio in opened:
        studio.close()


@pytest.fixture
def studio(open_studio):
    """All state of the program without a window; its model is not loaded unless `studio.start` is called."""
    return open_studio()


@pytest.fixture
def shell():
    """What handlers need of a window, without one."""
    shell = NotingShell()
    yield shell
    for dialog in filter(isValid, shell.opened):
        dialog.close()
        dialog.deleteLater()


@pytest.fixture
def loaded(studio, qtbot):
    """A studio whose model is loaded."""
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    return studio


@pytest.fixture
def painted(studio, qtbot):
    """A studio whose model is loaded, with a painted mask, for images of one step."""
    document = studio.document
    document.strokes.begin()
    document.paint(brush((10, 10), (20, 20), 5, document.mask.shape))
    document.strokes.end("brush")
    document.change_settings(replace(document.settings, steps=1))
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    return studio


@pytest.fixture
def settle(qtbot):
    """Wait until the slice that is wanted is shown."""

    def wait(studio):
        desk = studio.scans
        qtbot.waitUntil(
            lambda: (
                desk.slice is not None
                and desk.slice.page == studio.document.strokes.page
                and desk.slice.page.place == desk.place
                and desk.slice.frame == desk.frame
                and not desk.is_reading
            )
        )

    return wait


@pytest.fixture
def run(studio, shell):
    """Run a command without a window, as its menu would: not while it is disabled; a toggle is turned."""

    def run_(key):
        command = COMMANDS[key]
        if not command.enabled(studio):
            command.run(studio, shell, *([not command.is_on(studio)] if isinstance(command, Toggle) else []))

    return run_


@pytest.fixture
def window(open_window, qtbot):
    """A window whose model is loaded."""
    window = open_window()
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    return window


@pytest.fixture
def hand(qtbot):
    """Paints on a window, or on an easel: a stroke through mask pixels, given as (column, row)."""

    def point(owner, pixel):
        canvas, view = owner.canvas, owner.studio.view.viewpoint
        x = canvas.width() / 2 + (pixel[0] + 0.5 - view.centre.x()) * view.zoom
        y = canvas.height() / 2 + (pixel[1] + 0.5 - view.centre.y()) * view.zoom
        return QPoint(round(x), round(y))

    def stroke(owner, *pixels, button=Qt.MouseButton.LeftButton, modifier=Qt.KeyboardModifier.NoModifier):
        viewport = owner.canvas.viewport()
        qtbot.mousePress(viewport, button, modifier, point(owner, pixels[0]))
        for pixel in pixels[1:]:
            qtbot.mouseMove(viewport, point(owner, pixel))
        qtbot.mouseRelease(viewport, button, modifier, point(owner, pixels[-1]))

    return stroke


@pytest.fixture
def paint(studio):
    """Paint without a window: a stroke of the brush through mask pixels, given as (column, row)."""

    def stroke(*pixels):
        document = studio.document
        document.strokes.begin()
        for start, end in pairwise([pixels[0], *pixels]):
            document.paint(brush(start[::-1], end[::-1], studio.view.tools.settings.size, document.mask.shape))
        document.strokes.end("Brush")

    return stroke


@dataclass
class Easel:
    """A canvas with its studio; `hand` paints on it."""

    studio: Studio
    canvas: Canvas


@pytest.fixture
def easel(studio, qtbot):
    """A canvas without a window, with the brush in use."""
    QCursor.setPos(-100, -100)  # as for a window
    studio.view.tools.take("brush")
    canvas = Canvas(studio)
    canvas.resize(450, 450)
    with qtbot.waitExposed(canvas):
        canvas.show()
    yield Easel(studio, canvas)
    canvas.deleteLater()


@dataclass
class Panes:
    """What shows images, as it is named in a window."""

    image: ImagePane
    side: SidePane
    comparison: ComparisonView
    windowing_badge: WindowingBadge


@pytest.fixture
def panes(loaded):
    """The panes of images without a window, and what lies on them."""
    around = QSplitter()
    image, side = ImagePane(loaded), SidePane(loaded)
    around.addWidget(image)
    around.addWidget(side)
    yield Panes(image, side, ComparisonView(loaded, image, side), WindowingBadge(loaded, image))
    around.deleteLater()


@pytest.fixture
def finish(qtbot):
    """Wait for a run of a window, or of a studio, to end well."""

    def wait(owner, timeout=30_000):
        runs = getattr(owner, "studio", owner).runs
        qtbot.waitUntil(lambda: runs.state is RunState.FINISHED, timeout=timeout)

    return wait


@pytest.fixture
def save(qtbot, shell):
    """Save the finished image of a window, or of a studio, and wait until the files are there."""

    def write(owner, path, **options):
        save_to(getattr(owner, "studio", owner), shell, path, **options)
        qtbot.waitUntil(lambda: any(path.name in sentence for sentence in shell.said))

    return write


@pytest.fixture
def settings(request):
    """Change what the next request is made with, of the window or, in a test that has none, of the studio.

    The steps of an edit are those of one that is led back to noise, so setting them chooses that way.
    """
    name = "window" if "window" in request.fixturenames else "studio"
    owner = request.getfixturevalue(name)

    def change(**changes):
        document = getattr(owner, "studio", owner).document
        way = {"way": "partial-inversion"} if "edit_steps" in changes else {}
        document.change_settings(replace(document.settings, **{**way, **changes}))

    return change


@pytest.fixture
def click_step(qtbot):
    """Click on a step in the timeline, of the branch looked at or of another."""

    def click(window, index, branch=None, button=Qt.MouseButton.LeftButton):
        timeline = window.transport.timeline
        place = timeline.place_of(branch or window.studio.runs.branches.current, index)
        qtbot.mouseClick(timeline, button, pos=place)

    return click
