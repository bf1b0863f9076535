"""Write the files of this folder anew. It runs with the code of commit d9cdad7 alone; see README.md."""

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.update(QT_QPA_PLATFORM="offscreen", OMP_NUM_THREADS="1")

import numpy as np
import torch
from diffusers import UNet2DModel
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from segpaint.app import build_window
from segpaint.core.checkpoint import Description, read_checkpoint
from segpaint.core.labels import Label
from segpaint.core.network import Network
from segpaint.core.network_files import write_checkpoint
from segpaint.gui.controller import Controller
from segpaint.gui.keymap import Keymap
from segpaint.gui.last_folder import keep_folder
from segpaint.gui.subset_choice import SubsetKind
from segpaint.gui.theme import apply_theme
from segpaint.io.masks import encode_mask
from segpaint.session.document import Purpose
from segpaint.session.production import Progress
from segpaint.session.session import Session
from segpaint.session.state import RunState

HERE, PLACE = Path(__file__).parent, "/PLACE"
"""PLACE stands in the files for the absolute path of the folder."""
KINDS = "checkpoints", "masks", "results", "sets", "work"


def main():
    app = QApplication(sys.argv[:1])
    apply_theme(app)
    with TemporaryDirectory() as folder:
        place = Path(folder).resolve() / "before"
        write_inputs(place)
        window = build_window(Session("cpu"), read_checkpoint(place / "checkpoints/tiny"), None, place / "work")
        window.show()
        until(lambda: window.session.is_ready)
        open_masks(window, place)
        make_results(window, place)
        make_sets(window, place)
        choose(window, place)
        save_mask(place / "masks/autosaved.png", window)
        window.close()
        take_over(place)


def until(is_so):
    for _ in range(6000):
        if is_so():
            return
        QTest.qWait(10)
    raise TimeoutError


def write_inputs(place):
    labels = (
        Label(index=1, name="body", color="#cc8844"),
        Label(index=2, name="heart", color="#dd3333", parent=1),
        Label(index=4, name="bone", color="#eeeeaa"),
    )
    description = Description(
        name="Tiny", modality="MR", size=32, labels=labels, space_to_depth=2, steps=4, pixel_spacing=1.5
    )
    torch.manual_seed(7)
    unet = UNet2DModel(
        sample_size=16, in_channels=16, out_channels=4, block_out_channels=(8,), layers_per_block=1,
        down_block_types=("DownBlock2D",), up_block_types=("UpBlock2D",), norm_num_groups=4,
    )  # fmt: skip
    scheduler = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}
    folder = place / "checkpoints/tiny"
    write_checkpoint(folder, description, Network(unet, 2), scheduler, "# Tiny\n\nA network to test with.\n")
    rows, columns = np.mgrid[:32, :32]
    mask = np.zeros((32, 32), np.uint8)
    mask[(rows - 14) ** 2 + (columns - 15) ** 2 < 10**2] = 1
    mask[(rows - 15) ** 2 + (columns - 15) ** 2 < 4.5**2] = 2
    mask[28:31, 3:29] = 4
    (place / "masks").mkdir()
    (place / "masks/own.png").write_bytes(encode_mask(mask, description.table))
    (place / "masks/real_mask.png").write_bytes(encode_mask(mask, description.table))
    Image.fromarray(np.array([10, 90, 200, 0, 240], np.uint8)[mask]).save(place / "masks/real.png")
    Image.fromarray(mask.astype(np.uint16) * 1000).save(place / "masks/foreign.png")


def open_masks(window, place):
    """Open masks and a reference, and answer what the values of a foreign mask mean."""
    controller = window.findChild(Controller)
    controller.files.open_file(place / "masks/foreign.png")
    dialog = controller.mapping.dialog
    for row, target in zip(dialog.rows, (0, 2, 1, 4), strict=True):
        row.target.choose(target)
    dialog.open_button.click()
    controller.references.open_image(place / "masks/real.png")
    controller.files.open_file(place / "masks/own.png")
    keep_folder(window.preferences, place / "masks/own.png")


def paint(window, *pixels):
    """Paint a stroke through mask pixels, given as (column, row)."""
    canvas, view = window.canvas, window.viewpoint

    def point(column, row):
        x = canvas.width() / 2 + (column + 0.5 - view.centre.x()) * view.zoom
        return QPoint(round(x), round(canvas.height() / 2 + (row + 0.5 - view.centre.y()) * view.zoom))

    places = [point(*pixel) for pixel in pixels]
    QTest.mousePress(canvas.viewport(), Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas.viewport(), place)
    QTest.mouseRelease(canvas.viewport(), Qt.MouseButton.LeftButton, pos=places[-1])


def make_results(window, place):
    """Make a result of each kind, and save it; those that are no drafts are kept in the history, too."""
    session, document, commands = window.session, window.session.document, window.commands
    files = window.findChild(Controller).files

    def change(**changes):
        document.change_settings(replace(document.settings, **changes))

    def finish(name):
        until(lambda: session.state is RunState.FINISHED)
        files.save_to(place / f"results/{name}.png")
        until(lambda: (place / f"results/{name}.json").is_file())

    change(purpose=Purpose.NEW, seed=3, steps=4, guidance=1.5)
    commands["generate"].trigger()
    finish("new")
    change(sampler="ddpm", steps=5, seed=4)
    document.set_label(4, used=False)
    commands["begin_paused"].trigger()
    until(lambda: len(session.trajectory.frames) == 1)
    paint(window, (6, 6), (12, 8))
    commands["play"].trigger()
    finish("changed")
    session.scrub(2)
    paint(window, (24, 20), (24, 24))
    commands["branch"].trigger()
    finish("branch")
    document.set_label(4, used=True)
    change(purpose=Purpose.EDIT, edit_steps=6, margin=2.5)
    commands["generate"].trigger()
    finish("edited")
    change(purpose=Purpose.NEAR, share=0.25, level=0.5)
    commands["generate"].trigger()
    finish("near")
    change(purpose=Purpose.NEW, sampler="dpm++", steps=4)
    commands["generate"].trigger()
    until(lambda: session.state is RunState.FINISHED)
    commands["live_warm"].trigger()
    commands["live"].trigger()
    finish("warm")
    commands["keep"].trigger()
    commands["live"].trigger()
    history = window.history.model
    until(lambda: history.rowCount() == 7)
    oldest = window.history.history.folder.open()[0]
    window.history.history.folder.star([oldest], on=True)


def make_sets(window, place):
    """Make a finished set of one layout, and one of the other that is stopped on the way."""
    paired = window.findChild(Controller).paired
    dialog = paired.show_dialog()

    def make(name, count):
        dialog.form.layout_box.setCurrentIndex(dialog.form.layout_box.findData(name))
        dialog.form.seed_count.setValue(count)
        dialog.folder.setText(str(place / "sets" / name))
        dialog.start.click()

    subsets = dialog.form.subsets.kind
    subsets.setCurrentIndex(subsets.findData(SubsetKind.EACH))
    subsets.activated.emit(subsets.currentIndex())
    make("published", 1)
    until(lambda: paired.production.progress is Progress.FINISHED)
    make("nnunet", 3)
    until(lambda: paired.production.progress is Progress.RUNNING and paired.production.done >= 2)
    dialog.cancel.click()
    until(lambda: paired.production.progress is Progress.STOPPED)
    dialog.close()


def choose(window, place):
    """Set what a window keeps otherwise than it is at first."""
    document, commands = window.session.document, window.commands
    document.change_settings(
        replace(document.settings, purpose=Purpose.EDIT, seed=77, guidance=2.25, edit_steps=7, margin=None)
    )
    document.keeps_seed = False
    document.set_label(1, shown=False)
    document.set_label(2, locked=True)
    document.set_label(4, used=False)
    document.paint_value = 4
    paint(window, (26, 4), (29, 9))
    controller = window.findChild(Controller)
    controller.labels.colors.take({2: "#123456"})
    window.keys.set_keymap(Keymap("Krita").change("brush", ("F2",)).change("dice", ()))
    for key in (
        "polygon",
        "paint_background",
        "outlines",
        "smooth",
        "follow",
        "history",
        "history_list",
        "theme_dark",
    ):
        commands[key].trigger()
    controller.gestures.bar.unit.setChecked(False)
    window.tool_options.change(size=23, square=True, contiguous=False, lowest=30, highest=200, tolerance=40)
    window.overlay.set_opacity(0.8)
    window.resize(window.width(), 655)


def save_mask(path, window):
    document = window.session.document
    path.write_bytes(encode_mask(document.mask.snapshot(), document.table))


def take_over(place):
    """Put what was written in place of what is here, without the path under which it was made."""
    for name in (".segpaint.lock", "contact.png"):  # the one is empty, the other large
        for path in place.glob(f"sets/*/{name}"):
            path.unlink()
    for kind in KINDS:
        shutil.rmtree(HERE / kind, ignore_errors=True)
        shutil.copytree(place / kind, HERE / kind)
    for path in HERE.glob("*/**/*"):
        if path.suffix in (".ini", ".json"):
            path.write_text(path.read_text().replace(str(place), PLACE))


main()
