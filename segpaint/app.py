"""The composition root: the one file that knows everyone."""

from __future__ import annotations

import ctypes
import os
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import Checkpoint, read_checkpoint
from segpaint.paths import DEFAULT_CHECKPOINT, checkpoint_folders, find_checkpoint, resources, user_work

if TYPE_CHECKING:
    from PySide6.QtCore import QCoreApplication

    from segpaint.gui.window.main_window import MainWindow
    from segpaint.studio.base.preferences import Preferences
    from segpaint.studio.runs.session import Session


def open_window(checkpoint: str | None, mask: Path | None, device: str) -> None:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    checkpoint : str or None
        Name or folder; if left out, the one that was open last, or else the default one.
    mask : Path or None
        A mask, result or request to open.
    device : str
        See `segpaint.core.diffusion.device.pick_device`.

    Raises
    ------
    SegPaintError
        If there is no display, or no such checkpoint or mask.
    """
    looked_through = read_checkpoint(find_checkpoint(checkpoint)) if checkpoint is not None else None
    if mask is not None and not mask.is_file():
        command = "" if mask.suffix else ", and no command of that name; see segpaint --help"
        raise SegPaintError(f"There is no file {mask}{command}.")
    app = _application()
    from segpaint.studio.runs.session import Session

    work = user_work()
    window = build_window(Session(device), looked_through or _last_checkpoint(work), mask, work)
    sys.excepthook = partial(_report, window)
    window.show()
    app.exec()


def _last_checkpoint(work: Path) -> Checkpoint:
    """The one that was open when the window was closed, or else the default one."""
    from segpaint.gui.window.window_state import last_checkpoint

    return last_checkpoint(_preferences(work)) or read_checkpoint(find_checkpoint(DEFAULT_CHECKPOINT))


def _preferences(work: Path) -> Preferences:
    from segpaint.studio.base.preferences import Preferences

    return Preferences(work / "preferences.ini")


def bench_window(checkpoint: str | None, seconds: float) -> bool:
    """Measure real windows; see `segpaint.gui.bench.latency` and `segpaint.gui.bench.painting`."""
    looked_through = read_checkpoint(find_checkpoint(checkpoint or DEFAULT_CHECKPOINT))
    _application()
    from segpaint.gui.bench.latency import run_benchmark
    from segpaint.gui.bench.painting import run_painting_benchmark

    answers = run_benchmark(lambda session, work: build_window(session, looked_through, None, work), seconds)
    return (
        run_painting_benchmark(lambda session, made, work: build_window(session, made, None, work), seconds)
        and answers
    )


def _application() -> QCoreApplication:
    """The one Qt application, dressed."""
    _check_display()
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from segpaint.gui.style.theme import apply_theme

    app = QApplication.instance() or QApplication(sys.argv[:1])
    app.setApplicationName("SegPaint")
    app.setWindowIcon(QIcon(str(resources() / "icon.svg")))
    apply_theme(app)
    return app


def build_window(session: Session, checkpoint: Checkpoint, mask: Path | None, work: Path) -> MainWindow:
    """Make a window with all its parts connected.

    Parameters
    ----------
    session : Session
        Closed with the window.
    checkpoint : Checkpoint
        To open first.
    mask : Path or None
        To open in it.
    work : Path
        Folder in which unsaved work, the history and the preferences are kept.
    """
    from segpaint.gui.tour.tour_commands import TourCommands
    from segpaint.gui.window.window_state import WindowState

    window = _build_plain_window(session, checkpoint, mask, work)
    WindowState(window)
    TourCommands(window, partial(_build_tour_window, session.wanted_device))
    return window


def _build_tour_window(device: str, checkpoint: Checkpoint) -> MainWindow:
    """A window like the user's that forgets what is done in it."""
    from segpaint.studio.runs.session import Session

    work = TemporaryDirectory(prefix="segpaint-tour-")
    window = _build_plain_window(Session(device), checkpoint, None, Path(work.name))
    window.closing.connect(partial(TemporaryDirectory.cleanup, work))  # which also keeps it until then
    return window


def _build_plain_window(session: Session, checkpoint: Checkpoint, mask: Path | None, work: Path) -> MainWindow:
    """A window with all its parts but the tour."""
    from PySide6.QtCore import Qt

    from segpaint.gui.window.controller import Controller
    from segpaint.gui.window.main_window import MainWindow
    from segpaint.studio.document.autosave import Autosave
    from segpaint.studio.runs.history import History

    autosave = Autosave(work)
    history = History(session, work / "history")
    window = MainWindow(session, checkpoint_folders(), history, _preferences(work))
    controller = Controller(window, autosave)
    # Queued: whoever else waits for the first picture sees it before torch is imported.
    window.painted.connect(session.start, Qt.ConnectionType.QueuedConnection)
    window.closing.connect(autosave.close)
    window.closing.connect(session.close)
    controller.files.open_checkpoint(checkpoint)
    if mask is not None:
        controller.files.open_file(mask)
    return window


def _report(window: MainWindow, kind: type[BaseException], error: BaseException, trace: TracebackType) -> None:
    """Show what nobody foresaw in the window too, not on a stderr that nobody reads."""
    sys.__excepthook__(kind, error, trace)
    window.messages.show_error(error)


def _check_display() -> None:
    """Qt would abort without a word to the user, so look before it does."""
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise SegPaintError(
            "There is no display to open a window on. Start it from a desktop, or use "
            "'segpaint generate', which needs none."
        )
    if os.environ.get("DISPLAY") and not os.environ.get("WAYLAND_DISPLAY") and not _x11_answers():
        raise SegPaintError(f"The display {os.environ['DISPLAY']} does not answer; is it running?")
    needed = ["libEGL.so.1", "libglib-2.0.so.0", "libxkbcommon.so.0", "libdbus-1.so.3", "libfontconfig.so.1"]
    if not os.environ.get("WAYLAND_DISPLAY"):
        needed.append("libxcb-cursor.so.0")
    for library in needed:
        try:
            ctypes.CDLL(library)
        except OSError:
            raise SegPaintError(
                f"Qt needs the system library {library}, which is missing; "
                "the README lists the packages to install."
            ) from None


def _x11_answers() -> bool:
    """Whether the X server that DISPLAY names can be reached, as far as can be found out."""
    try:
        x11 = ctypes.CDLL("libX11.so.6")
    except OSError:
        return True
    x11.XOpenDisplay.restype = ctypes.c_void_p
    display = x11.XOpenDisplay(None)
    if display:
        x11.XCloseDisplay(ctypes.c_void_p(display))
    return bool(display)
