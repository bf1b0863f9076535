"""Where nobody knows how wide a pixel is, no millimetres are shown anywhere."""

import json
import shutil

import pytest
from PIL import Image

from segpaint.gui.files.references import open_image
from segpaint.io.sizes import Fit


@pytest.fixture
def window(open_window, tiny_checkpoint, tmp_path, qtbot):
    model = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    described = json.loads((model / "segpaint.json").read_text())
    (model / "segpaint.json").write_text(json.dumps(described | {"pixel_spacing": 1.5}))
    return open_window(model)


@pytest.fixture
def large(tiny_data, tmp_path):
    """A slice of another size than the model's, with its mask beside it."""
    for folder, name in ((tiny_data / "images" / "val", "a.png"), (tiny_data / "masks/all/val", "a_mask.png")):
        with Image.open(folder / "val_0.png") as image:
            image.resize((64, 64), Image.Resampling.NEAREST).save(tmp_path / name)
    return tmp_path / "a.png"


def has_millimetres(window, qtbot):
    """Whether anything that the window shows is in millimetres: areas, gestures, the place of the pointer."""
    studio = window.studio
    studio.watch.count()
    areas = [row.figure.text() for row in window.labels.rows.values()]
    studio.document.paint_value = 2
    window.commands["grow"].trigger()
    studio.anatomy.amount = 2
    gesture = window.gestures.unit.isVisibleTo(window) or "mm" in window.gestures.outcome.text()
    window.gestures.cancel.click()
    answers = {any("mm" in area for area in areas), gesture}
    assert len(answers) == 1, (areas, gesture)
    return answers.pop()


@pytest.mark.parametrize("fit", Fit)
def test_a_resampled_reference_has_no_millimetres(window, large, tiny_data, qtbot, fit):
    own = tiny_data / "images" / "val" / "val_0.png"
    open_image(window.studio, window.shell, own)
    assert has_millimetres(window, qtbot)
    open_image(window.studio, window.shell, large, fit=fit)
    assert window.studio.document.pixel_spacing is None
    assert "not in millimetres" in window.messages.text.text()
    assert not has_millimetres(window, qtbot)
    open_image(window.studio, window.shell, own)
    assert has_millimetres(window, qtbot)


def test_a_resampled_reference_stays_so_after_a_restart(window, large, open_window, qtbot):
    open_image(window.studio, window.shell, large, fit=Fit.STRETCH)
    model = window.studio.document.checkpoint.folder
    window.close()
    again = open_window(model)
    assert again.studio.document.reference.is_resampled
    assert not has_millimetres(again, qtbot)
