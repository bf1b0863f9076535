import io

import pytest
from rich.console import Console

from segpaint.core.errors import SegPaintError
from segpaint.training import progress_bar
from segpaint.training.progress_bar import ProgressBar


def run(monkeypatch, *, terminal, seconds):
    clock = [0.0]
    monkeypatch.setattr(progress_bar.time, "monotonic", lambda: clock[0])
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    bar = ProgressBar(console=console, get_time=lambda: clock[0], auto_refresh=False)
    task = bar.add_task("training", total=100)
    for done in range(int(seconds / 10)):
        clock[0] += 10
        if done % 2:
            bar.advance(task)
        else:
            bar.update(task, advance=1)
    return console.file.getvalue()


def test_a_log_gets_a_line_a_minute(monkeypatch):
    lines = run(monkeypatch, terminal=False, seconds=300).splitlines()
    assert len(lines) == 5
    assert "training" in lines[0]
    assert "6 %" in lines[0]


@pytest.mark.parametrize("terminal", [True, False])
def test_nothing_of_a_bar_stays_after_an_error(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80)
    bar = ProgressBar(console=console, auto_refresh=False)

    def fail():
        with bar:
            bar.add_task("slice 1", total=4)
            bar.refresh()
            raise SegPaintError("The disk is full.")

    with pytest.raises(SegPaintError):
        fail()
    shown = console.file.getvalue()
    assert shown.endswith("\x1b[1A\x1b[2K") if terminal else not shown


def test_a_terminal_gets_the_bar_alone(monkeypatch):
    assert run(monkeypatch, terminal=True, seconds=300) == ""
