"""`segpaint bench live`: a scripted hand, and how long its strokes wait for their pictures."""

import gc
import json

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from segpaint.app import build_window
from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.gui.bench.live_strokes import bench_live
from segpaint.studio.studio import Studio


@pytest.fixture(autouse=True)
def _no_window_stays(dressed):
    yield
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    dressed.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert QApplication.topLevelWidgets() == []


def build(work, checkpoint):
    window = build_window(Studio(checkpoint, work, "cpu"))
    window.resize(1100, 700)
    return window


def test_each_stroke_waits_for_its_picture(dressed, distilled_checkpoint, tmp_path, capsys):
    file = tmp_path / "live.json"
    bench_live(build, [distilled_checkpoint], 3, file)
    measured = json.loads(file.read_text())["distilled"]
    assert 0 < measured["median"] <= measured["most"] <= measured["longest"] < 60_000
    assert (measured["sampler"], measured["strokes"]) == ("few", 3)
    assert "Tiny" in capsys.readouterr().out


def test_no_strokes_are_refused(capfd):
    assert main(["bench", "live", "--strokes", "0"]) == 2
    assert "--strokes 0: give 1 or more" in capfd.readouterr().err


def test_strokes_that_change_nothing_are_a_sentence(dressed, distilled_checkpoint, monkeypatch):
    monkeypatch.setattr("segpaint.gui.bench.live_strokes.Strokes.stroke", lambda _self: 0.0)
    with pytest.raises(SegPaintError, match="No stroke changed the mask"):
        bench_live(build, [distilled_checkpoint], 1, None)
