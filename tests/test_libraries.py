import subprocess
import sys

import pytest

from segpaint.core.diffusion.libraries import load_libraries

LOADED = """
import sys
from pathlib import Path
from segpaint.core.diffusion.libraries import load_libraries
load_libraries()
assert "torch" not in sys.modules
assert "libtorch_python" in Path("/proc/self/maps").read_text()
import torch
load_libraries()
print(float(torch.ones(3).sum()))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks at what Linux has loaded")
def test_libraries_are_there_before_torch_is_imported():
    done = subprocess.run(
        [sys.executable, "-c", LOADED], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "3.0"


def test_without_torch_nothing_is_loaded(monkeypatch):
    monkeypatch.setattr("segpaint.core.diffusion.libraries.find_spec", lambda _name: None)
    monkeypatch.setattr("segpaint.core.diffusion.libraries.ctypes", None)  # no library is asked for
    load_libraries()
