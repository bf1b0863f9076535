import random
import shutil
import subprocess
import sys
import threading

import numpy as np
import torch
from PIL import Image
from PySide6.QtCore import QPointF

from segpaint.cli import main
from segpaint.core.diffusion.network import Network, build_network
from segpaint.core.diffusion.network_files import read_scheduler_config, write_checkpoint
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState


def test_a_run_goes_through_all_its_steps_and_can_be_saved(window, hand, finish, tmp_path, save):
    window.commands["save"].trigger()
    assert "no finished image" in window.messages.text.text()
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    assert window.session.state is RunState.RUNNING
    finish(window)
    frames = window.session.trajectory.frames
    assert [frame.index for frame in frames] == [0, 1, 2, 3]
    assert window.transport.counter.text() == "4 / 4"
    assert window.run_label.sentence.startswith("Finished")
    save(window, tmp_path / "out" / "image.png")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "image.json", "image.png", "image_mask.png",
    ]  # fmt: skip
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "out" / "image.png")), frames[-1].noisy)
    mask = np.asarray(Image.open(tmp_path / "out" / "image_mask.png"))
    np.testing.assert_array_equal(mask, window.session.document.mask.values)


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
    qtbot.waitUntil(lambda: window.session.is_ready, timeout=30_000)
    hand(window, (10, 10), (20, 20))
    window.commands["generate"].trigger()
    finish(window)
    result = window.session.trajectory.result.noisy
    assert result.shape == (32, 32, 3)
    shown = window.image.grab().toImage().pixelColor(window.image.rect().center())
    assert len({shown.red(), shown.green(), shown.blue()}) > 1  # not grey
    window.commands["outlines"].trigger()
    window.where.point_at(QPointF(10.5, 12.5))
    red, green, blue = window.session.trajectory.result.denoised[12, 10]
    assert window.where.text().endswith(f"image {red}, {green}, {blue}")
    save(window, tmp_path / "image.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "image.png")), result)


def test_window_and_command_write_the_same_bytes(window, hand, finish, tmp_path, tiny_checkpoint, save):
    hand(window, (10, 10), (20, 20))
    window.labels.rows[1].switches["used"].click()
    window.commands["generate"].trigger()
    finish(window)
    save(window, tmp_path / "image.png")
    words = ["--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "again"), "--device", "cpu"]
    assert main(["generate", "--request", str(tmp_path / "image.json"), *words]) == 0
    for name in ("image.png", "image_mask.png", "image.json"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_a_label_that_is_not_used_is_ablated(window, hand, finish):
    window.session.document.paint_value = 4
    hand(window, (6, 6), (24, 24))
    window.commands["generate"].trigger()
    finish(window)
    full = window.session.trajectory.result.noisy
    window.labels.rows[4].switches["used"].click()
    window.commands["generate"].trigger()
    finish(window)
    assert window.session.request.used == (1, 2)
    assert not np.array_equal(full, window.session.trajectory.result.noisy)


def test_one_step_then_another_then_play(window, qtbot, finish):
    session = window.session
    window.commands["step"].trigger()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 1)
    assert session.state is RunState.PAUSED
    window.commands["step"].trigger()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 2)
    qtbot.wait(50)
    assert len(session.trajectory.frames) == 2
    assert window.run_label.sentence.startswith("Paused after step 2")
    window.commands["play"].trigger()
    finish(window)
    assert len(session.trajectory.frames) == 4


def test_stepping_gives_the_image_of_playing(window, qtbot, finish):
    session = window.session
    session.generate()
    finish(window)
    played = session.trajectory.result.noisy
    session.begin_paused()
    for count in range(1, 5):
        if count > 1:
            session.step()
        qtbot.waitUntil(lambda count=count: len(session.trajectory.frames) == count)
    np.testing.assert_array_equal(session.trajectory.result.noisy, played)


def test_scrubbing_shows_earlier_steps_while_the_run_goes_on(window, qtbot, settings, click_step):
    settings(steps=400, sampler="ddpm")
    session = window.session
    window.commands["generate"].trigger()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) > 8)
    click_step(window, 3)
    assert session.trajectory.current.index == 3
    kept = len(session.trajectory.frames)
    qtbot.waitUntil(lambda: len(session.trajectory.frames) > kept)
    assert session.trajectory.current.index == 3  # it stays where the user put it
    assert window.run_label.sentence.startswith("Looking back at step 4")
    window.commands["back"].trigger()
    assert session.trajectory.current.index == 2
    click_step(window, 399)  # beyond the newest: follow it again
    qtbot.waitUntil(lambda: session.trajectory.cursor > kept)
    window.commands["stop"].trigger()


def test_looking_around_never_loses_the_finished_image(window, qtbot, finish, click_step):
    session = window.session
    session.generate()
    finish(window)
    frames = list(session.trajectory.frames)
    click_step(window, 0)
    for place in (1, 2, 3):
        window.commands["step"].trigger()
        assert session.trajectory.cursor == place
    assert not window.commands["step"].isEnabled()
    session.step()
    window.commands["back"].trigger()
    window.commands["play"].trigger()  # back to the newest, for there is nothing left to compute
    qtbot.wait(50)
    assert session.state is RunState.FINISHED
    assert session.trajectory.frames == frames
    assert session.trajectory.cursor == 3


def test_playing_on_follows_the_newest_step(window, qtbot, settings):
    settings(steps=200)
    session = window.session
    window.commands["begin_paused"].trigger()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 1)
    window.commands["step"].trigger()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) == 2)
    window.commands["back"].trigger()
    assert session.trajectory.cursor == 0
    window.commands["play"].trigger()
    qtbot.waitUntil(lambda: session.trajectory.cursor > 3)
    window.commands["stop"].trigger()


def test_a_changed_mask_is_noted_on_the_image(window, hand, finish, qtbot):
    hand(window, (10, 10))
    window.commands["generate"].trigger()
    finish(window)
    assert window.badge.isHidden()
    hand(window, (20, 20))
    qtbot.waitUntil(window.badge.isVisible)
    window.commands["undo"].trigger()
    qtbot.waitUntil(window.badge.isHidden)
    window.labels.rows[1].switches["used"].click()
    assert not window.badge.isHidden()
    window.commands["generate"].trigger()
    finish(window)
    assert window.badge.isHidden()


def test_stop_keeps_what_was_seen_and_the_next_run_works(window, qtbot, settings, finish):
    settings(steps=500)
    session = window.session
    session.generate()
    qtbot.waitUntil(lambda: len(session.trajectory.frames) > 3)
    window.commands["stop"].trigger()
    kept = len(session.trajectory.frames)
    assert session.state is RunState.STOPPED
    qtbot.wait(50)
    assert len(session.trajectory.frames) == kept
    assert session.trajectory.result is None
    settings(steps=4)
    session.generate()
    finish(window)


def test_two_hundred_runs_cancelled_at_random_steps(window, qtbot, settings):
    settings(steps=20)
    session, chance = window.session, random.Random(0)
    errors, threads = [], threading.active_count()
    session.failed.connect(errors.append)
    for _ in range(200):
        session.generate()
        wanted = chance.randrange(0, 4)
        qtbot.waitUntil(lambda wanted=wanted: len(session.trajectory.frames) >= wanted, timeout=20_000)
        if chance.random() < 0.5:
            session.stop()
            assert session.state is RunState.STOPPED
    session.stop()
    assert errors == []
    assert threading.active_count() <= threads


def test_a_network_that_fails_in_mid_run_is_reported_and_the_next_run_works(
    window, hand, qtbot, monkeypatch, finish
):
    session = window.session
    hand(window, (10, 10))
    painted = session.document.mask.snapshot()
    forward, calls = Network.forward, []

    def fail_later(self, *arguments):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("out of memory")
        return forward(self, *arguments)

    monkeypatch.setattr(Network, "forward", fail_later)
    session.generate()
    qtbot.waitUntil(lambda: session.state is RunState.FAILED, timeout=10_000)
    qtbot.waitUntil(lambda: not window.messages.isHidden())
    assert "out of memory" in window.messages.text.text()
    np.testing.assert_array_equal(session.document.mask.values, painted)
    session.generate()
    finish(window)


def test_generate_before_the_model_is_loaded_starts_when_it_is(open_window, finish):
    window = open_window()
    assert not window.session.is_ready
    window.commands["generate"].trigger()
    assert "Starts when" in window.run_label.sentence
    finish(window)


def test_a_checkpoint_that_does_not_fit_is_reported(open_window, tiny_checkpoint, tmp_path, qtbot):
    import shutil

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


def test_an_unlocked_seed_changes_from_run_to_run(window, finish):
    session = window.session
    session.generate()
    finish(window)
    session.generate()
    finish(window)
    assert session.request.seed == 0
    window.request.lock.click()
    session.generate()
    finish(window)
    assert session.request.seed != 0
    assert window.request.seed.value() == session.request.seed


def test_the_window_appears_before_torch_is_imported(tiny_checkpoint, tmp_path):
    script = f"""
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from segpaint.app import build_window
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.style.theme import apply_theme
from segpaint.studio.runs.session import Session
app = QApplication([])
apply_theme(app)
checkpoint = read_checkpoint(Path({str(tiny_checkpoint)!r}))
window = build_window(Session("cpu"), checkpoint, None, Path({str(tmp_path)!r}))
window.painted.connect(lambda: print("painted", "torch" in sys.modules, flush=True))
window.session.model_changed.connect(lambda: window.session.is_ready and window.close())
window.show()
app.exec()
print("ready", "torch" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["painted False", "ready True"]


def test_where_there_is_little_room_it_is_said_in_few_words(window, finish):
    window.commands["generate"].trigger()
    finish(window)
    label = window.run_label
    assert label.toolTip() == label.sentence
    for width in (500, 130, 60):
        label.resize(width, label.height())
        assert label.fontMetrics().horizontalAdvance(label.text()) <= width
        assert label.text().endswith(" s") or label.text() == label.sentence
    assert label.text() != label.sentence
