import re
import subprocess
import sys
from pathlib import Path

import pytest

from segpaint import __version__
from segpaint.core.slow_imports import SLOW

ROOT = Path(__file__).parents[1]

HELP = """
import sys
from segpaint.cli import main
try:
    main(sys.argv[1:])
except SystemExit as stop:
    assert stop.code == 0, stop.code
"""
ROOMS = """
import importlib, pkgutil, sys
for package in map(importlib.import_module, sys.argv[1:]):
    names = [name for _, name, _ in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
    assert len(names) > 1, names
    for name in names:
        importlib.import_module(name)
"""
TELL = "\nimport sys; print(*(name for name in sys.modules if '.' not in name), file=sys.stderr)"


def run(code, *words):
    """Run code in a fresh interpreter: what it printed, and the modules it loaded."""
    command = [sys.executable, "-c", code + TELL, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout, set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["generate", "--help"],
        ["train", "--help"],
        ["prepare", "--help"],
        ["edit", "--help"],
        ["segment", "--help"],
        ["checkpoint", "import", "--help"],
        ["checkpoint", "export", "--help"],
    ],
    ids=str,
)
def test_help_loads_neither_torch_nor_qt(words):
    printed, loaded = run(HELP, *words)
    assert "segpaint" in printed
    assert not loaded & {"torch", "PySide6", "diffusers", "numpy", "pyqtgraph", "nibabel"}


def test_help_shows_every_verb():
    printed, _ = run(HELP, "--help")
    for verb in ("gui", "generate", "prepare", "train", "train-segmenter", "evaluate", "checkpoint", "bench"):
        assert verb in printed


def test_the_version_is_told():
    printed, _ = run(HELP, "--version")
    assert printed.strip() == f"segpaint {__version__}"


def test_no_module_below_the_studio_loads_qt():
    _, loaded = run(ROOMS, "segpaint.core", "segpaint.io", "segpaint.paired", "segpaint.training")
    assert {"numpy", "torch"} <= loaded
    assert not loaded & {"PySide6", "shiboken6", "pyqtgraph", "superqt"}


def test_the_window_loads_parts_of_scipy_and_skimage_after_its_first_picture():
    """They take half a second; what is used of them is imported in the background then."""
    parts = "segpaint.app, segpaint.studio.studio, segpaint.gui.window.rows, segpaint.gui.window.main_window"
    printed, _ = run(f"import sys, {parts}\nprint(*sys.modules)")
    loaded = set(printed.split())
    assert {"numpy", "pyqtgraph", "superqt"} <= loaded
    assert not loaded & {*SLOW, "scipy.spatial", "scipy.stats", "torch"}
    used = {
        part
        for file in (ROOT / "segpaint" / "core").rglob("*.py")
        for part in re.findall(r"\b((?:scipy|skimage)\.[a-z]+)\.\w+\(", file.read_text())
    }
    assert used <= set(SLOW)


def test_the_studio_loads_no_widgets():
    _, loaded = run(ROOMS + "assert 'PySide6.QtWidgets' not in sys.modules", "segpaint.studio")
    assert "PySide6" in loaded
    assert not loaded & {"torch", "pyqtgraph", "superqt"}
