import random
import shutil
import subprocess
import sys
import threading

import numpy as np
import pytest
import torch
from PIL import Image
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QLabel, QWidget

from segpaint import open_checkpoint
from segpaint.cli import main
from segpaint.core.diffusion.network import Network, build_network
from segpaint.core.diffusion.network_files import read_scheduler_config, write_checkpoint
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.gui.running.outdated_badge import OutdatedBadge
from segpaint.gui.running.request_panel import RequestPanel
from segpaint.gui.running.run_label import RunLabel


@pytest.fixture
def run_label(studio, qtbot):
    label = RunLabel(studio.runs)
    qtbot.addWidget(label)
    return label


def test_a_run_goes_through_all_its_steps_and_can_be_saved(window, hand, finish, tmp_path, save):
    window.commands["save"].trigger()
    assert "no finished image" in window.messages.text.text()
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    assert window.studio.runs.state is RunState.RUNNING
    finish(window)
    frames = window.studio.runs.trajectory.frames
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert window.transport.counter.text() == "4 / 4"
    assert window.run_label.sentence.startswith("Finished")
    save(window, tmp_path / "out" / "image.png")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "image.json", "image.png", "image_mask.png",
    ]  # fmt: skip
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out" / "image.png")), frames[-1].noisy)
    mask = np.asarray(Image.open(tmp_path / "out" / "image_mask.png"))
    np.testing.assert_array_equal(mask, window.studio.document.mask.values)


def test_a_colour_model_is_shown_and_saved_in_colour(
    open_window, tiny_checkpoint, tmp_path, qtbot, hand, finish, save
):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "colour")
    checkpoint = read_checkpoint(folder)
    description = checkpoint.description.model_copy(update={"channels": 3})
    torch.manual_seed(1)
    network = build_network(
        size=32, channels=3, conditioning_channels=3, space_to_depth=2, widths=(32, 32), attention_head_dim=8
    )
    write_checkpoint(folder, description, network, read_scheduler_config(checkpoint), "")
    window = open_window(folder)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    finish(window)
    result = window.studio.runs.trajectory.result.noisy
    assert result.shape == (32, 32, 3)
    shown = window.image.grab().toImage().pixelColor(window.image.rect().center())
    assert len({shown.red(), shown.green(), shown.blue()}) > 1  # not grey
    window.commands["outlines"].trigger()
    window.where.point_at(QPointF(10.5, 12.5))
    red, green, blue = window.studio.runs.trajectory.result.denoised[12, 10]
    assert window.where.text().endswith(f"image {red}, {green}, {blue}")
    save(window, tmp_path / "image.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "image.png")), result)


def test_window_command_and_api_write_the_same_bytes(
    loaded, run, paint, finish, tmp_path, tiny_checkpoint, save
):
    paint((10, 10), (20, 20))
    loaded.document.set_label(1, used=False)
    run("generate")
    finish(loaded)
    save(loaded, tmp_path / "image.png")
    words = ["--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "again"), "--device", "cpu"]
    assert main(["generate", "--request", str(tmp_path / "image.json"), *words]) == 0
    painted = loaded.document.mask.values
    made = open_checkpoint(tiny_checkpoint, "cpu").generate(painted, used=["heart", "bone"])
    made.save(tmp_path / "api" / "image.png")
    for name in ("image.png", "image_mask.png", "image.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
        assert (tmp_path / name).read_bytes() == (tmp_path / "api" / name).read_bytes()


def test_a_label_that_is_not_used_is_ablated(loaded, paint, finish):
    loaded.document.paint_value = 4
    paint((6, 6), (24, 24))
    loaded.runs.generate()
    finish(loaded)
    full = loaded.runs.trajectory.result.noisy
    loaded.document.set_label(4, used=False)
    loaded.runs.generate()
    finish(loaded)
    assert loaded.runs.request.used == (1, 2)
    assert not np.array_equal(full, loaded.runs.trajectory.result.noisy)


def test_one_step_then_another_then_play(loaded, run, run_label, qtbot, finish):
    runs = loaded.runs
    run("step")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 1)
    assert runs.state is RunState.PAUSED
    run("step")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 2)
    qtbot.wait(50)
    assert len(runs.trajectory.frames) == 2
    assert run_label.sentence.startswith("Paused after step 2")
    run("play")
    finish(loaded)
    assert len(runs.trajectory.frames) == 4


def test_a_wording_is_cut_only_if_there_is_no_shorter_one(loaded, run, run_label, finish):
    run("generate")
    finish(loaded)
    shortest = run_label.sentence.split()[2]
    run_label.show()
    for width in range(20, 200):
        run_label.resize(width, 20)
        assert QLabel.text(run_label) == run_label.text() or run_label.text().startswith(shortest)


def test_stepping_gives_the_image_of_playing(loaded, qtbot, finish):
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    played = runs.trajectory.result.noisy
    runs.begin_paused()
    for count in range(1, 5):
        if count > 1:
            runs.step()
        qtbot.waitUntil(lambda count=count: len(runs.trajectory.frames) == count)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, played)


def test_scrubbing_shows_earlier_steps_while_the_run_goes_on(window, qtbot, settings, click_step):
    settings(steps=400, sampler="ddpm")
    runs = window.studio.runs
    window.commands["generate"].trigger()
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) > 8)
    click_step(window, 3)
    assert runs.trajectory.current.index == 3
    kept = len(runs.trajectory.frames)
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) > kept)
    assert runs.trajectory.current.index == 3  # it stays where the user put it
    assert window.run_label.sentence.startswith("Looking back at step 4")
    window.commands["back"].trigger()
    assert runs.trajectory.current.index == 2
    click_step(window, 399)  # beyond the newest: follow it again
    qtbot.waitUntil(lambda: runs.trajectory.cursor > kept)
    window.commands["stop"].trigger()


def test_looking_around_never_loses_the_finished_image(window, qtbot, finish, click_step):
    runs = window.studio.runs
    runs.generate()
    finish(window)
    frames = list(runs.trajectory.frames)
    click_step(window, 0)
    for place in (1, 2, 3):
        window.commands["step"].trigger()
        assert runs.trajectory.cursor == place
    assert not window.commands["step"].isEnabled()
    runs.step()
    window.commands["back"].trigger()
    window.commands["play"].trigger()  # what is kept, for there is nothing left to compute
    qtbot.waitUntil(lambda: not runs.replay.is_on)
    assert runs.state is RunState.FINISHED
    assert runs.trajectory.frames == frames
    assert runs.trajectory.cursor == 3


def test_playing_on_follows_the_newest_step(loaded, run, qtbot, settings):
    settings(steps=200)
    runs = loaded.runs
    run("begin_paused")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 1)
    run("step")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 2)
    run("back")
    assert runs.trajectory.cursor == 0
    run("play")
    qtbot.waitUntil(lambda: runs.trajectory.cursor > 3)
    run("stop")


def test_a_changed_mask_is_noted_on_the_image(loaded, run, paint, finish, qtbot):
    around = QWidget()
    qtbot.addWidget(around)
    badge = OutdatedBadge(loaded, around)
    paint((10, 10))
    run("generate")
    finish(loaded)
    assert badge.isHidden()
    paint((20, 20))
    qtbot.waitUntil(lambda: not badge.isHidden())
    run("undo")
    qtbot.waitUntil(badge.isHidden)
    loaded.document.set_label(1, used=False)
    assert not badge.isHidden()
    run("generate")
    finish(loaded)
    assert badge.isHidden()


def test_stop_keeps_what_was_seen_and_the_next_run_works(loaded, run, qtbot, settings, finish):
    settings(steps=500)
    runs = loaded.runs
    runs.generate()
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) > 3)
    run("stop")
    kept = len(runs.trajectory.frames)
    assert runs.state is RunState.STOPPED
    qtbot.wait(50)
    assert len(runs.trajectory.frames) == kept
    assert runs.trajectory.result is None
    settings(steps=4)
    runs.generate()
    finish(loaded)


def test_two_hundred_runs_cancelled_at_random_steps(loaded, qtbot, settings):
    settings(steps=20)
    runs, chance = loaded.runs, random.Random(0)
    errors, threads = [], threading.active_count()
    runs.failed.connect(errors.append)
    for _ in range(200):
        runs.generate()
        wanted = chance.randrange(0, 4)
        qtbot.waitUntil(lambda wanted=wanted: len(runs.trajectory.frames) >= wanted, timeout=20_000)
        if chance.random() < 0.5:
            runs.stop()
            assert runs.state is RunState.STOPPED
    runs.stop()
    assert errors == []
    assert threading.active_count() <= threads


def test_a_network_that_fails_in_mid_run_is_reported_and_the_next_run_works(
    loaded, paint, qtbot, monkeypatch, finish
):
    runs, failures = loaded.runs, []
    runs.failed.connect(failures.append)
    paint((10, 10))
    painted = loaded.document.mask.snapshot()
    forward, calls = Network.forward, []

    def fail_later(self, *arguments):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("out of memory")
        return forward(self, *arguments)

    monkeypatch.setattr(Network, "forward", fail_later)
    runs.generate()
    qtbot.waitUntil(lambda: runs.state is RunState.FAILED, timeout=10_000)
    qtbot.waitUntil(lambda: len(failures) > 0)
    assert "not enough memory" in str(failures[0])
    np.testing.assert_array_equal(loaded.document.mask.values, painted)
    runs.generate()
    finish(loaded)


def test_generate_before_the_model_is_loaded_starts_when_it_is(studio, run, run_label, finish):
    assert not studio.runs.is_ready
    run("generate")
    assert "Starts when" in run_label.sentence
    studio.start()
    finish(studio)


def test_a_checkpoint_that_does_not_fit_is_reported(open_window, tiny_checkpoint, tmp_path, qtbot):
    broken = tmp_path / "broken"
    shutil.copytree(tiny_checkpoint, broken)
    weights = broken / "unet" / "diffusion_pytorch_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    window = open_window(broken)
    qtbot.waitUntil(lambda: not window.messages.isHidden(), timeout=30_000)
    assert "safetensors" in window.messages.text.text()
    assert window.run_label.sentence == "The model could not be loaded"
    window.commands["generate"].trigger()
    assert "choose another" in window.messages.text.text()


def test_an_unlocked_seed_changes_from_run_to_run(loaded, finish, qtbot):
    panel = RequestPanel(loaded)
    qtbot.addWidget(panel)
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    runs.generate()
    finish(loaded)
    assert runs.request.seed == 0
    panel.lock.click()
    runs.generate()
    finish(loaded)
    assert runs.request.seed != 0
    assert panel.seed.value() == runs.request.seed


def test_the_window_appears_before_torch_is_imported(tiny_checkpoint, tmp_path):
    script = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.style.theme import apply_theme
from segpaint.studio.studio import Studio
app = QApplication([])
apply_theme(app)
checkpoint = read_checkpoint(Path({str(tiny_checkpoint)!r}))
window = build_window(Studio(checkpoint, Path({str(tmp_path)!r}), "cpu"))
window.painted.connect(lambda: print("painted", "torch" in sys.modules, flush=True))
window.studio.runs.model_changed.connect(lambda: window.studio.runs.is_ready and window.close())
window.show()
app.exec()
print("ready", "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["painted False", "ready True"]


def test_where_there_is_little_room_it_is_said_in_few_words(loaded, run_label, finish):
    loaded.runs.generate()
    finish(loaded)
    assert run_label.toolTip() == run_label.sentence
    run_label.show()
    for width in (500, 130, 60):
        run_label.resize(width, run_label.height())
        assert run_label.fontMetrics().horizontalAdvance(run_label.text()) <= width
        assert run_label.text().endswith(" s") or run_label.text() == run_label.sentence
    assert run_label.text() != run_label.sentence


def test_an_image_that_was_not_made_here_is_named_by_where_it_comes_from(loaded, run_label, finish):
    runs = loaded.runs
    runs.generate()
    finish(loaded)
    run_label.show()
    run_label.resize(500, run_label.height())
    runs.show_result(runs.request, runs.trajectory.result.noisy, "the ablation grid")
    assert run_label.text() == "Taken up from the ablation grid"
    run_label.resize(run_label.sizeHint())
    assert run_label.text() == "Finished"
    run_label.resize(500, run_label.height())
    runs.generate()
    finish(loaded)
    assert run_label.text().startswith("Finished in")


def test_play_on_a_finished_run_plays_the_kept_steps_from_the_one_looked_at(loaded, run, finish, qtbot):
    runs, seen = loaded.runs, []
    run("generate")
    finish(loaded)
    frames = list(runs.trajectory.frames)
    runs.scrub(0)
    runs.frame_changed.connect(lambda frame: seen.append(frame.index))
    run("play")
    assert runs.replay.is_on
    qtbot.waitUntil(lambda: not runs.replay.is_on)
    assert seen == [1, 2, 3]
    assert runs.trajectory.frames == frames
    runs.scrub(0)
    run("play")
    run("play")  # pauses
    assert not runs.replay.is_on
    assert runs.trajectory.cursor == 0


def test_play_on_a_stopped_run_goes_on(loaded, run, settings, finish, qtbot):
    settings(steps=60)
    runs = loaded.runs
    run("begin_paused")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 1)
    run("step")
    qtbot.waitUntil(lambda: len(runs.trajectory.frames) == 2)
    run("stop")
    branch, frames = runs.branches.current, list(runs.trajectory.frames)
    run("play")
    finish(loaded)
    assert runs.branches.current is branch
    assert runs.trajectory.frames[:2] == frames
    assert runs.trajectory.taken == 60
    stopped = runs.trajectory.result.noisy
    runs.generate()
    finish(loaded)
    assert (runs.trajectory.result.noisy == stopped).all()
