import subprocess
import sys

import pytest

from segpaint.core.diffusion import libraries
from segpaint.studio import studio as studio_module

WATCHED = """
import os, sys, threading, time
from pathlib import Path
from PySide6.QtWidgets import QApplication
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.studio import studio as room
from segpaint.studio.runs import worker

app = QApplication([])
studio = room.Studio(read_checkpoint(Path(sys.argv[1])), Path(sys.argv[2]))
load, loaded, seen = room.load_libraries, [], {}

def load_libraries():
    load()
    maps = Path("/proc/self/maps").read_text()
    loaded.extend(name for name in ("libtorch_cpu", "libtorch_python") if name in maps)

def niceness(thread):
    return os.getpriority(os.PRIO_PROCESS, thread)

def watch(event, words):
    # A library of Python's has its file beside its name.
    if event == "import" and words[1] is not None and threading.current_thread() is not threading.main_thread():
        thread = threading.get_native_id()
        seen[words[0]] = list(loaded), niceness(thread), thread

room.load_libraries = load_libraries
sys.addaudithook(watch)
assert "torch" not in sys.modules
studio.start()
ends = time.monotonic() + 100
while not studio.runs.is_ready and time.monotonic() < ends:
    app.processEvents()
    time.sleep(0.005)
assert studio.runs.is_ready
assert {"torch._C", "scipy.ndimage._nd_image", "safetensors._safetensors_rust"} <= seen.keys()
for name, (before, _, _) in seen.items():
    assert before == ["libtorch_cpu"], name
usual = niceness(threading.main_thread().native_id)
for name, (_, found, _) in seen.items():
    assert found == usual, name
assert niceness(seen["torch._C"][2]) == usual + worker.NICENESS
studio.close()
"""
"""Loads a model in a studio, and looks at each library that another thread imports."""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at what Linux has loaded")
def test_no_import_holds_the_window_while_libraries_are_loaded(tiny_checkpoint, tmp_path):
    """Nor while a thread of lower priority waits for its turn with Python's lock."""
    command = [sys.executable, "-c", WATCHED, str(tiny_checkpoint), str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("there", [True, False])
def test_libraries_that_cannot_be_found_are_left_to_the_import(monkeypatch, tmp_path, there):
    class Found:
        origin = str(tmp_path / "torch" / "__init__.py")

    monkeypatch.setattr(libraries, "find_spec", lambda _name: Found if there else None)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    libraries.load_libraries()


def test_a_model_is_loaded_though_its_libraries_could_not_be_loaded_ahead(studio, qtbot, monkeypatch):
    def fail():
        raise OSError("no such library")

    monkeypatch.setattr(studio_module, "load_libraries", fail)
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
