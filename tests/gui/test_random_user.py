"""Thousands of random actions on the real window: `pytest --long -k random_user` for all of them."""

import shutil
from functools import partial

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QThreadPool
from PySide6.QtWidgets import QApplication
from random_user import RandomUser

from segpaint.app import build_window
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.runs.run_state import RunState
from segpaint.io.image_files import encode_mask
from segpaint.studio.studio import Studio

ACTIONS = 600
ACTIONS_LONG = 20_000
NO_PLUGIN = "This plugin does not support"
"""Begins what Qt says of what a screen can do that is not there."""
SPARE = 48 * 2**20
"""Bytes by which memory may swing once everything has been done once."""


@pytest.fixture
def user(open_window, judged_checkpoint, drawn_mask, table, tiny_data, tmp_path, request, qtbot):
    """Somebody before a window, with files at hand."""
    masks = tmp_path / "masks"
    masks.mkdir()
    (masks / "drawn.png").write_bytes(encode_mask(drawn_mask, table))
    (masks / "mirrored.png").write_bytes(encode_mask(np.ascontiguousarray(drawn_mask[:, ::-1]), table))
    picture = Image.fromarray(table.colors()[drawn_mask])
    picture.save(masks / "y_colours.png")
    picture.resize((64, 64), Image.Resampling.NEAREST).convert("P").save(masks / "y_large_palette.png")
    Image.fromarray(np.where(drawn_mask > 0, 255, 0).astype(np.uint8)).save(masks / "y_white.png")
    wide = np.array([0, 85, 170, 0, 255], np.uint8)[np.pad(drawn_mask, ((0, 0), (3, 13)))]
    Image.fromarray(wide).save(masks / "y_wide_grey_levels.png")
    Image.effect_noise((32, 32), 90).save(masks / "y_photograph.png")
    Image.fromarray(drawn_mask.astype(np.uint16) * 1000).save(masks / "z_16_bits.png")
    window = open_window(judged_checkpoint)
    qtbot.waitUntil(lambda: window.studio.runs.is_ready, timeout=30_000)
    return RandomUser(
        window,
        request.config.getoption("--seed"),
        masks=sorted(masks.iterdir()),
        images=sorted((tiny_data / "images" / "val").iterdir()),
        checkpoints=[judged_checkpoint, shutil.copytree(judged_checkpoint, tmp_path / "twin")],
        folder=tmp_path,
        open_second=partial(second_window, judged_checkpoint, window.studio.workplace.home),
    )


def second_window(checkpoint, work):
    """A window on the same data folder; unlike `open_window`, nothing here holds it when it is closed."""
    window = build_window(Studio(read_checkpoint(checkpoint), work, "cpu"))
    window.show()
    return window


def test_whatever_is_done_the_window_stays_sound(user, long, qtbot, finish, qtlog):
    user.act(ACTIONS_LONG if long else ACTIONS)
    complaints = {record.message for record in qtlog.records if not record.message.startswith(NO_PLUGIN)}
    assert complaints == set()
    assert len(user.done) == len(user.actions)
    memory = user.memory
    if long:  # a short run still fills caches and budgets
        grown = max(memory[len(memory) // 2 :]) - memory[len(memory) // 2]
        assert grown < SPARE, [round(resident / 2**20) for resident in memory]
    window, runs = user.window, user.studio.runs
    user.close_dialogs()
    user.close_second()
    user.studio.live.set_on(False)
    pool = user.studio.background.findChild(QThreadPool)
    for _ in range(3):  # what was asked for last, such as a slice, may come, and ask for more
        qtbot.waitUntil(lambda: runs.is_ready and pool.activeThreadCount() == 0, timeout=30_000)
        QApplication.processEvents()
    user.close_dialogs()
    runs.generate()
    finish(window)
    # After all that, the image is that of the request, and the request that of the mask.
    np.testing.assert_array_equal(runs.request.final.mask, user.studio.document.mask.values)
    assert runs.state is RunState.FINISHED
    engine = _engine(user.studio.document.checkpoint)
    *_, last = engine.run(runs.request)
    np.testing.assert_array_equal(runs.trajectory.result.noisy, to_pixels(last.sample))


def _engine(checkpoint):
    import torch

    from segpaint.core.diffusion.engine import Engine

    return Engine(checkpoint, torch.device("cpu"))
