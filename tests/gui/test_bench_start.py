"""`segpaint bench start`: whole processes, and how long each takes to its first picture."""

import pytest

from segpaint import app
from segpaint.core.errors import SegPaintError
from segpaint.gui.bench import start
from segpaint.gui.bench.start import bench_start


def test_a_window_is_measured_against_a_bare_one(capsys):
    assert app.bench_start(1) in (True, False)
    printed = capsys.readouterr().out
    assert "a bare window" in printed
    assert "SegPaint's" in printed


@pytest.fixture
def bare(monkeypatch):
    """Let a bare window take exactly a second."""
    monkeypatch.setattr(start, "BARE", "print(1.0)")


def test_a_slow_start_is_found(bare, capsys):
    assert bench_start("print(2.0)", 1)
    assert not bench_start("print(2.1)", 1)
    assert "times the bare one" in capsys.readouterr().out


def test_a_process_without_a_picture_is_an_error(bare):
    with pytest.raises(SegPaintError, match="without a picture"):
        bench_start("import sys; sys.exit(3)", 1)
