import subprocess
import sys

import pytest

from segpaint import __version__

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


def test_the_studio_loads_no_widgets():
    _, loaded = run(ROOMS + "assert 'PySide6.QtWidgets' not in sys.modules", "segpaint.studio")
    assert "PySide6" in loaded
    assert not loaded & {"torch", "pyqtgraph", "superqt"}
