"""The examples of the guide's page on Python run as they stand, one after the other, without Qt."""

import os
import re
import subprocess
import sys
from pathlib import Path

from segpaint.io.results import read_request

PAGE = Path(__file__).parent.parent / "resources" / "guide" / "api.md"
WITHOUT_QT = """
import sys

class NoQt:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("PySide6", "shiboken6", "pyqtgraph"):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, NoQt())
try:
    import PySide6
except ModuleNotFoundError:
    pass
else:
    raise SystemExit("Qt can be imported")
exec(compile(sys.stdin.read(), "api.md", "exec"))
"""


def examples(page):
    """The page with everything but its examples blanked, so that errors name the page's own lines."""
    text = page.read_text(encoding="utf-8")
    code = [""] * (text.count("\n") + 1)
    for block in re.finditer(r"^```python\n(.*?)^```$", text, re.M | re.S):
        first = text.count("\n", 0, block.start(1))
        lines = block[1].splitlines()
        code[first : first + len(lines)] = lines
    return "\n".join(code)


def test_the_examples_run_in_a_process_that_cannot_import_qt(tmp_path):
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONWARNINGS": "default"}
    environment.pop("OMP_NUM_THREADS", None)
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT], input=examples(PAGE), cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("True\n") == 2
    assert "There is no label 'liver'; this checkpoint has 1 LV cavity, 2 LV myocardium." in done.stdout
    assert read_request(tmp_path / "images" / "healthy.png").seed == 3
    assert len(list((tmp_path / "my-set" / "images" / "train").glob("*.png"))) == 4
