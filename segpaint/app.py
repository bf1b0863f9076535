"""The composition root: the one file that knows everyone."""

from __future__ import annotations

import builtins
import ctypes
import gc
import os
import sys
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import TYPE_CHECKING

from segpaint.core.errors import SegPaintError, explained
from segpaint.paths import DEFAULT_CHECKPOINT, checkpoint_folders, find_checkpoint, resources, user_work

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from segpaint.core.requests.checkpoint import Checkpoint
    from segpaint.gui.window.main_window import MainWindow
    from segpaint.studio.studio import Studio

BEFORE = {
    "PYDANTIC_DISABLE_PLUGINS": "__all__",  # else it reads which plugins each installed package has
    "OPENBLAS_THREAD_TIMEOUT": "4",  # else threads of numpy keep cores busy while they wait
}
"""What libraries look up in the environment while they are imported, unless the user has set it."""
for name, value in BEFORE.items():
    os.environ.setdefault(name, value)


def open_window(checkpoint: str | None, mask: Path | None, device: str) -> None:
    """Open the window and stay until it is closed.

    Parameters
    ----------
    checkpoint : str or None
        Name or folder; if left out, the one that was open last, or else the default one.
    mask : Path or None
        A mask, result, request, or scan to open, or a folder of scans.
    device : str
        See `segpaint.core.diffusion.device.pick_device`.

    Raises
    ------
    SegPaintError
        If there is no display, or no such checkpoint or mask.
    """
    looked_through = _read_checkpoint(checkpoint) if checkpoint is not None else None
    if mask is not None and not mask.exists():
        command = "" if mask.suffix else ", and no command of that name; see segpaint --help"
        raise SegPaintError(f"There is no file {mask}{command}.")
    app = _application()
    from segpaint.studio.studio import Studio

    work = user_work()
    studio = Studio(looked_through or _last_checkpoint(work), work, device, checkpoint_folders())
    window = build_window(studio, mask)
    sys.excepthook = partial(_report, window)
    window.show()
    gc.freeze()  # all this stays, and looking through it once would hold the window
    app.exec()


def _last_checkpoint(work: Path) -> Checkpoint:
    """Return the one that was open when the window was closed, or else the default one."""
    from segpaint.gui.window.window_state import last_checkpoint
    from segpaint.studio.base.preferences import Preferences

    kept = last_checkpoint(Preferences(work / "preferences.ini"))
    return kept or _read_checkpoint(DEFAULT_CHECKPOINT)


def _read_checkpoint(name: str) -> Checkpoint:
    """Read one by its name or folder."""
    from segpaint.core.requests.checkpoint import read_checkpoint

    return read_checkpoint(find_checkpoint(name))


def bench_window(checkpoint: str | None, seconds: float) -> bool:
    """Measure real windows; see `segpaint.gui.bench.latency` and `segpaint.gui.bench.painting`."""
    looked_through = _read_checkpoint(checkpoint or DEFAULT_CHECKPOINT)
    _application()
    from segpaint.gui.bench.latency import run_benchmark
    from segpaint.gui.bench.painting import run_painting_benchmark
    from segpaint.studio.studio import Studio

    def build(work: Path, checkpoint: Checkpoint = looked_through) -> MainWindow:
        return build_window(Studio(checkpoint, work, folders=checkpoint_folders()))

    answers = run_benchmark(build, seconds)
    return run_painting_benchmark(build, seconds) and answers


def bench_start(rounds: int) -> bool:
    """Measure the start of whole processes; see `segpaint.gui.bench.start`."""
    _check_display()
    from segpaint.gui.bench.start import bench_start as measure

    return measure("import sys; from segpaint.app import show_once; show_once(sys.argv[1])", rounds)


def show_once(work: str) -> None:
    """Open the window as for a new user, and close it after its first picture, see `bench_start`."""
    app = _application()
    from segpaint.studio.studio import Studio

    studio = Studio(_last_checkpoint(Path(work)), Path(work), folders=checkpoint_folders())
    window = build_window(studio)
    window.painted.connect(app.quit)
    window.show()
    gc.freeze()
    app.exec()
    sys.stdout.write(f"{time.process_time()}\n")
    sys.stdout.flush()
    window.close()


def bench_live_strokes(folders: Iterable[Path], strokes: int, file: Path | None) -> None:
    """Measure live painting in real windows; see `segpaint.gui.bench.live_strokes`."""
    _application()
    from segpaint.gui.bench.live_strokes import bench_live
    from segpaint.studio.studio import Studio

    bench_live(lambda work, checkpoint: build_window(Studio(checkpoint, work)), folders, strokes, file)


def _application() -> QApplication:
    """The one Qt application, dressed."""
    _check_display()
    gc.disable()  # until the collector takes over: each pass would look through all that is imported by then
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    # PySide puts a function of its own in the place of Python's. It reads the source of every module that is
    # imported afterwards, in search of `__feature__`, which nothing here uses.
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
    from segpaint.gui.style.theme import apply_theme
    from segpaint.studio.base.collector import Collector

    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication(sys.argv[:1])
    Collector(app)
    app.setApplicationName("SegPaint")
    app.setWindowIcon(QIcon(str(resources() / "icon.svg")))
    apply_theme(app)
    return app


def build_window(studio: Studio, mask: Path | None = None) -> MainWindow:
    """Make a window with all its parts connected.

    Parameters
    ----------
    studio : Studio
        Closed with the window.
    mask : Path, optional
        To open in it.
    """
    from segpaint.gui.tour.tour_commands import TourGuide
    from segpaint.gui.window.window_state import WindowState

    window = _build_plain_window(studio)
    WindowState(window)
    TourGuide(window, partial(_build_tour_window, studio.device))
    if mask is not None:
        from segpaint.gui.files.opening import open_file

        open_file(studio, window.shell, mask)
    else:
        from segpaint.gui.files.kept_work import offer_scan
        from segpaint.gui.window.beginning import offer_beginning

        offer_scan(studio, window.shell)
        offer_beginning(window)
    return window


def _build_tour_window(device: str, checkpoint: Checkpoint) -> MainWindow:
    """Make a window like the user's that forgets what is done in it."""
    from segpaint.studio.studio import Studio

    work = TemporaryDirectory(prefix="segpaint-tour-")
    window = _build_plain_window(Studio(checkpoint, Path(work.name), device, checkpoint_folders()))
    window.closing.connect(partial(TemporaryDirectory.cleanup, work))  # which also keeps it until then
    return window


def _build_plain_window(studio: Studio) -> MainWindow:
    """Make a window with all its parts but the tour."""
    from PySide6.QtCore import Qt

    from segpaint.gui.window import rows  # noqa: F401 - fills the table of commands
    from segpaint.gui.window.later import Later
    from segpaint.gui.window.main_window import MainWindow

    window = MainWindow(studio)
    # Queued: whoever else waits for the first picture sees it before torch is imported.
    window.painted.connect(studio.start, Qt.ConnectionType.QueuedConnection)
    window.painted.connect(Later(window).start, Qt.ConnectionType.QueuedConnection)
    window.closing.connect(studio.close)
    return window


def _report(window: MainWindow, kind: type[BaseException], error: BaseException, trace: TracebackType) -> None:
    """Show what nobody foresaw in the window too, not on a stderr that nobody reads."""
    sys.__excepthook__(kind, error, trace)
    window.messages.show_error(explained(error) if isinstance(error, Exception) else error)


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
