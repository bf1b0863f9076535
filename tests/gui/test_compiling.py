"""Help > Compile this model: in a process of its own, after which the worker uses what was compiled."""

import sys

import numpy as np
import psutil
import pytest

from segpaint.core.requests.compiled_files import HINTS
from segpaint.core.runs.run_state import RunState
from segpaint.gui.commands.command import COMMANDS
from segpaint.gui.files.opening import open_folder
from segpaint.studio.runs import compiling, worker

BUSY = """
import os, pathlib, signal, sys, time
if {deaf}:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
pathlib.Path({path!r}).write_text(str(os.getpid()))
time.sleep(600)
"""
DAMAGED = """
import sys
from pathlib import Path
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.compiled_files import MANY_STEPS, compiled_folder
folder = compiled_folder(read_checkpoint(Path(sys.argv[1])))
folder.mkdir(parents=True)
(folder / MANY_STEPS).write_text("no model")
"""
WITHOUT_OPENVINO = """
import sys
print("something of a library", file=sys.stderr)
print("segpaint: OpenVINO is not installed — get it.", file=sys.stderr)
sys.exit(2)
"""


@pytest.fixture(autouse=True)
def _apart(tmp_path, monkeypatch):
    """Let no other test use what is compiled here."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def stand_in(monkeypatch):
    """Let another program stand in for the command."""

    def put(code):
        monkeypatch.setattr(compiling, "COMMAND", (sys.executable, "-c", code))

    return put


@pytest.fixture
def begin_busy(stand_in, tmp_path, qtbot):
    """Begin with a process that never ends by itself, and return it."""

    def begin(studio, *, deaf=False):
        path = tmp_path / "pid"
        stand_in(BUSY.format(path=str(path), deaf=deaf))
        studio.compiling.start()
        qtbot.waitUntil(lambda: path.exists() and path.read_text() != "", timeout=30_000)
        return psutil.Process(int(path.read_text()))

    return begin


def reason(studio):
    return COMMANDS["compile"].enabled(studio)


def test_what_is_compiled_makes_the_next_image_and_nothing_is_lost(window, hand, finish, qtbot):
    studio, runs, document = window.studio, window.studio.runs, window.studio.document
    said = window.statusBar().currentMessage
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    finish(window)
    mask, shown, kept = document.mask.snapshot(), runs.looked_at, runs.trajectory.taken
    results = window.history.model
    qtbot.waitUntil(lambda: results.rowCount() == 1)
    assert window.device.text() == f"CPU, {runs.precision}"
    window.commands["compile"].trigger()
    assert window.device.text().endswith("compiling…")
    assert said() == "Tiny is being compiled, which takes some seconds…"
    assert not window.commands["compile"].isEnabled()
    assert reason(studio) == "It is under way"
    qtbot.waitUntil(lambda: not studio.compiling.is_busy, timeout=120_000)
    assert said() == "Tiny is compiled, and makes images about twice as fast from now on"
    assert window.messages.isHidden()
    assert runs.precision in HINTS
    assert window.device.text() == f"CPU, {runs.precision.removeprefix('openvino-')}, compiled"
    assert reason(studio) == "The model is compiled already"
    np.testing.assert_array_equal(document.mask.values, mask)
    assert runs.looked_at is shown
    assert (runs.trajectory.taken, runs.state, results.rowCount()) == (kept, RunState.FINISHED, 1)
    hand(window, (4, 24), (12, 24))  # changes the image made before, and no other one
    window.commands["generate"].trigger()
    finish(window)
    request, _ = runs.looked_at
    assert request.precision in HINTS
    np.testing.assert_array_equal(request.origin.image, shown[1].noisy)


def test_from_a_step_taken_before_a_branch_goes_on(loaded, paint, settings, finish, qtbot):
    settings(steps=6)
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    loaded.compiling.start()
    qtbot.waitUntil(lambda: not loaded.compiling.is_busy, timeout=120_000)
    runs.scrub(2)
    paint((3, 6), (3, 12))
    with qtbot.assertNotEmitted(runs.failed):
        runs.branch_off()
        finish(loaded)
    assert len(runs.branches) == 2
    assert runs.request.precision not in HINTS  # the first steps were taken so
    with qtbot.waitSignal(runs.run_finished, timeout=30_000):
        loaded.document.draw_seed()
        runs.generate()
    assert runs.request.precision in HINTS


def test_a_failure_is_shown_in_the_words_of_the_process_and_leaves_the_model(window, stand_in, qtbot):
    stand_in(WITHOUT_OPENVINO)
    before = window.studio.runs.precision
    window.commands["compile"].trigger()
    qtbot.waitUntil(window.messages.isVisible, timeout=30_000)
    assert window.messages.text.text() == "OpenVINO is not installed — get it."
    assert window.statusBar().currentMessage() == ""
    assert window.commands["compile"].isEnabled()
    assert window.device.text() == f"CPU, {before}"


@pytest.mark.parametrize(
    ("code", "part"),
    [("raise KeyError('x')", "KeyError: 'x'"), ("import os; os.kill(os.getpid(), 9)", "crashed")],
    ids=["error", "killed"],
)
def test_another_end_is_put_into_a_sentence(loaded, stand_in, qtbot, code, part):
    stand_in(code)
    with qtbot.waitSignal(loaded.compiling.failed, timeout=30_000) as heard:
        loaded.compiling.start()
    sentence = str(heard.args[0])
    assert sentence.startswith(f"{loaded.document.checkpoint.folder} could not be compiled (")
    assert part in sentence
    assert not loaded.compiling.is_busy


def test_a_process_that_cannot_begin_is_reported(loaded, monkeypatch, tmp_path, qtbot):
    monkeypatch.setattr(compiling, "COMMAND", (str(tmp_path / "nothing"),))
    with qtbot.waitSignal(loaded.compiling.failed, timeout=30_000) as heard:
        loaded.compiling.start()
    assert "could not be compiled" in str(heard.args[0])
    assert not loaded.compiling.is_busy


@pytest.mark.parametrize("deaf", [False, True])
def test_closing_the_window_ends_the_process(window, begin_busy, monkeypatch, qtlog, deaf):
    monkeypatch.setattr(compiling, "PATIENCE", 300)
    process = begin_busy(window.studio, deaf=deaf)
    window.close()
    assert not process.is_running()
    window.deleteLater()
    assert [record.message for record in qtlog.records] == []


@pytest.mark.skipif(sys.platform == "win32", reason="a process has no niceness there")
def test_the_process_gives_way_to_the_window(loaded, begin_busy, qtbot, monkeypatch):
    nicer = min(psutil.Process().nice() + 3, 19)
    monkeypatch.setattr(worker, "NICENESS", nicer)
    process = begin_busy(loaded)
    qtbot.waitUntil(lambda: process.nice() == nicer)


def test_only_one_is_compiled_at_a_time(loaded, begin_busy, stand_in):
    process = begin_busy(loaded)
    stand_in(WITHOUT_OPENVINO)
    loaded.compiling.start()
    assert process.is_running()
    assert [child.pid for child in psutil.Process().children() if child.pid == process.pid] == [process.pid]


def test_a_model_that_was_left_meanwhile_is_reported_and_the_open_one_stays(
    loaded, stand_in, other_checkpoint, shell, qtbot
):
    stand_in("")
    left = loaded.document.checkpoint
    loaded.compiling.start()
    with qtbot.waitSignal(loaded.compiling.compiled, timeout=30_000) as heard:
        open_folder(loaded, shell, other_checkpoint)
    assert heard.args == [left]
    qtbot.waitUntil(lambda: loaded.runs.is_ready, timeout=30_000)
    assert loaded.document.checkpoint.folder == other_checkpoint


def test_what_was_compiled_and_cannot_be_run_is_reported_and_the_model_runs_as_before(
    loaded, stand_in, finish, qtbot
):
    stand_in(DAMAGED)
    before = loaded.runs.precision
    with qtbot.waitSignal(loaded.compiling.failed, timeout=60_000) as heard:
        loaded.compiling.start()
    assert "cannot be run; the model runs as before" in str(heard.args[0])
    assert not loaded.compiling.is_busy
    assert loaded.runs.precision == before
    assert reason(loaded) == ""
    loaded.runs.generate()
    finish(loaded)


def test_the_same_image_is_made_again_in_the_precision_of_now(loaded, finish):
    loaded.runs.generate()
    finish(loaded)
    made, before = loaded.runs.request, loaded.runs.precision
    assert loaded.runs.revising.request(before) is made
    now = next(each for each in HINTS if each != before)
    assert loaded.runs.revising.request(now) == made.model_copy(update={"precision": now})


def test_it_cannot_be_compiled_before_the_model_is_loaded(studio):
    assert reason(studio) == "The model is not loaded yet"


def test_without_openvino_it_cannot_be_compiled(loaded, monkeypatch):
    assert reason(loaded) == ""
    monkeypatch.setattr(loaded.compiling, "is_possible", False)
    assert "pip install 'segpaint[openvino]'" in reason(loaded)


def test_on_another_device_than_a_processor_it_is_not_compiled(loaded, monkeypatch):
    monkeypatch.setattr(loaded.runs, "device", "cuda")
    assert reason(loaded) == "The model runs on CUDA, and compiling is for processors alone"


def test_a_model_that_ignores_the_mask_is_not_compiled(open_studio, maskless_checkpoint, qtbot):
    studio = open_studio(maskless_checkpoint)
    studio.start()
    qtbot.waitUntil(lambda: studio.runs.is_ready, timeout=30_000)
    assert "ignores the mask" in reason(studio)
