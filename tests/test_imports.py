import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from segpaint import __version__
from segpaint.app import BEFORE
from segpaint.core.slow_imports import SLOW
from segpaint.gui.window.later import LATER, PLAIN

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
MODULES = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(*sys.modules)
"""
WINDOW = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from pathlib import Path
from tempfile import TemporaryDirectory
import segpaint.app as app
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paths import DEFAULT_CHECKPOINT, find_checkpoint
own = app._application()
from segpaint.studio.studio import Studio
with TemporaryDirectory() as folder:
    studio = Studio(read_checkpoint(find_checkpoint(DEFAULT_CHECKPOINT)), Path(folder))
    window = app.build_window(studio)
    loaded = []
    window.painted.connect(lambda: loaded.extend(sys.modules) or own.quit())
    window.show()
    own.exec()
    window.close()
    print(*loaded)
"""
"""Opens the window, and prints what is loaded when its first picture is drawn."""
PLUGIN = """
class plugin:
    new_schema_validator = staticmethod(lambda *_: (None, None, None))
"""
LIBRARIES = {
    "segpaint", "numpy", "PIL", "PySide6", "shiboken6", "shibokensupport", "signature_bootstrap",
    "pyqtgraph", "colorama", "superqt", "qtpy", "pygments", "packaging", "fonticon_mdi7",
    "pydantic", "pydantic_core", "annotated_types", "typing_extensions", "typing_inspection",
    "filelock", "platformdirs", "scipy", "cython_runtime", "skimage", "lazy_loader",
}  # fmt: skip
"""What the window's first picture is made with; of scipy and skimage, what loads the rest when it is used."""
TELL = "\nimport sys; print(*(name for name in sys.modules if '.' not in name), file=sys.stderr)"


@functools.cache
def run(code, *words):
    """Run code in a fresh interpreter, the same code once: what it printed, and the modules it loaded."""
    command = [sys.executable, "-c", code + TELL, *words]
    fresh = {name: value for name, value in os.environ.items() if name not in BEFORE}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=fresh)
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
    loaded = set(run(WINDOW)[0].split())
    assert {"numpy", "pyqtgraph", "superqt"} <= loaded
    assert not loaded & {*SLOW, "scipy.spatial", "scipy.stats", "torch"}
    used = {
        part
        for file in (ROOT / "segpaint" / "core").rglob("*.py")
        for part in re.findall(r"\b((?:scipy|skimage)\.[a-z]+)\.\w+\(", file.read_text())
    }
    assert used <= set(SLOW)


def test_the_window_loads_what_it_opens_later_after_its_first_picture():
    """Half of its own modules, and what few of them need."""
    loaded = set(run(WINDOW)[0].split())
    assert not loaded & {*LATER, "numpy.ma"}
    # what opens scans, and what checks or makes a mask that is there
    of_scans = {f"segpaint.core.volumes.{name}" for name in ("volume", "geometry", "framed", "placing")}
    assert not loaded & {*of_scans, "segpaint.core.requests.sanity", "segpaint.core.masks.cleaning"}
    assert not {name for name in loaded if name.startswith(("segpaint.paired.", "segpaint.evaluation."))}
    projects = {name for name in loaded if name.startswith("segpaint.studio.projects.")}
    assert projects == {"segpaint.studio.projects.project_desk"}
    assert {"segpaint.gui.window.main_window", "segpaint.gui.tour.tour_commands"} <= loaded
    loaded = set(run(MODULES, *LATER)[0].split())
    rooms = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for file in (ROOT / "segpaint" / "gui").rglob("[!_]*.py")
        if file.parent.name != "bench"
    }
    assert rooms <= loaded | set(run(WINDOW)[0].split())


def test_what_is_loaded_beside_the_window_knows_no_qt():
    """A class of Qt's kind that another thread makes may end the program."""
    assert "PySide6" not in run(MODULES, *PLAIN)[1]


def test_no_other_library_is_loaded_before_the_first_picture():
    """Each costs the start time, by itself and by what it loads."""
    loaded = {name.partition(".")[0] for name in run(WINDOW)[0].split()}
    others = {name for name in loaded - sys.stdlib_module_names if not name.startswith("_")}
    assert others - {"coverage", "$coverage"} <= LIBRARIES  # which measures the tests, children included


def test_what_libraries_look_up_is_set_before_they_are_loaded():
    """And what the user has set stays."""
    code = "import os, sys\nos.environ['{}'] = 'own'\nimport segpaint.app as app\n"
    shown = "print(*sys.modules, *(os.environ[name] for name in app.BEFORE))"
    for name in BEFORE:
        loaded = run(code.format(name) + shown)[0].split()
        assert not {"numpy", "pydantic"} & set(loaded)
        assert loaded[-len(BEFORE) :] == ["own" if one == name else BEFORE[one] for one in BEFORE]


def test_the_window_loads_no_plugins_of_pydantic(tmp_path):
    """To find them, pydantic reads a file of every installed package."""
    package = tmp_path / "plugged-1.dist-info"
    package.mkdir()
    (package / "METADATA").write_text("Metadata-Version: 2.1\nName: plugged\nVersion: 1\n")
    (package / "entry_points.txt").write_text("[pydantic]\nplugged = plugged:plugin\n")
    (tmp_path / "plugged.py").write_text(PLUGIN)
    assert "plugged" not in run(f"import sys; sys.path.append({str(tmp_path)!r})\n{WINDOW}")[0].split()


def test_the_studio_loads_no_widgets():
    _, loaded = run(ROOMS + "assert 'PySide6.QtWidgets' not in sys.modules", "segpaint.studio")
    assert "PySide6" in loaded
    assert not loaded & {"torch", "pyqtgraph", "superqt"}


def test_openvino_is_imported_without_what_reports_that_to_its_makers(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    code = (
        "from segpaint.core.diffusion.compiled import import_openvino; import_openvino().Core()\n"
        "import sys, threading\n"
        "from openvino.frontend.pytorch.ts_decoder import TorchScriptPythonDecoder\n"
        "print(sys.modules['openvino_telemetry'], threading.active_count())"
    )
    assert run(code)[0] == "None 1\n"
    assert list(tmp_path.iterdir()) == []
