"""The attributes of the whole image, in the window: chosen, asked for, undone, and kept."""

import json
import shutil

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel

from segpaint.core.diffusion.network import build_network
from segpaint.core.diffusion.network_files import write_checkpoint
from segpaint.core.labels.attributes import Attribute
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.files.opening import open_request
from segpaint.gui.labels.attribute_panel import AttributePanel
from segpaint.gui.making.paired_dialog import PairedDialog

PATHOLOGY = Attribute(name="pathology", values=("benign", "malignant"))


@pytest.fixture(scope="session")
def knowing(tiny_checkpoint, tmp_path_factory):
    """The tiny checkpoint, as if it knew a pathology."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path_factory.mktemp("knowing") / "knowing")
    description = read_checkpoint(folder).description.model_copy(update={"attributes": (PATHOLOGY,)})
    network = build_network(
        size=description.size, channels=1, conditioning_channels=len(description.labels), combinations=3,
        space_to_depth=description.space_to_depth, widths=(32, 32), attention_head_dim=8,
    )  # fmt: skip
    scheduler = json.loads((folder / "scheduler" / "scheduler_config.json").read_text())
    write_checkpoint(folder, description, network, scheduler, "")
    return folder


@pytest.fixture
def unsure(knowing, tmp_path):
    """The same, with a value that is called as the choice of none is."""
    folder = shutil.copytree(knowing, tmp_path / "unsure")
    description = json.loads((folder / "segpaint.json").read_text())
    description["attributes"][0]["values"] = ["benign", "Unknown"]
    (folder / "segpaint.json").write_text(json.dumps(description))
    return folder


@pytest.fixture
def knowing_studio(open_studio, knowing):
    return open_studio(knowing)


@pytest.fixture
def panel(knowing_studio, qtbot):
    panel = AttributePanel(knowing_studio)
    qtbot.addWidget(panel)
    return panel


def choose(panel, value):
    panel.fields["pathology"].setCurrentText(value)


def test_a_model_without_attributes_shows_none(studio, qtbot):
    panel = AttributePanel(studio)
    qtbot.addWidget(panel)
    assert panel.isHidden()
    assert not panel.fields


def test_the_name_of_an_attribute_is_readable_beside_its_values(panel):
    panel.resize(280, 120)
    panel.show()
    [caption] = [one for one in panel.findChildren(QLabel) if "pathology" in one.accessibleName() + one.text()]
    assert caption.width() >= caption.fontMetrics().horizontalAdvance("pathology")


def test_what_is_chosen_is_asked_for(knowing_studio, panel):
    document = knowing_studio.document
    assert not panel.isHidden()
    assert document.draft("float32").attributes == {}
    choose(panel, "malignant")
    assert document.draft("float32").attributes == {"pathology": "malignant"}
    choose(panel, "Unknown")
    assert document.draft("float32").attributes == {}


def test_a_value_may_be_called_unknown(open_studio, unsure, qtbot):
    studio = open_studio(unsure)
    panel = AttributePanel(studio)
    qtbot.addWidget(panel)
    field = panel.fields["pathology"]
    field.setCurrentIndex(2)
    assert studio.document.settings.attributes == {"pathology": "Unknown"}
    assert field.currentIndex() == 2
    field.setCurrentIndex(0)
    assert studio.document.settings.attributes == {}


def test_a_paired_set_asks_for_it(knowing_studio, panel, qtbot):
    choose(panel, "malignant")
    dialog = PairedDialog(knowing_studio)
    qtbot.addWidget(dialog)
    for choice in (0, 1):  # whoever recommends the sampling
        dialog.form.sampling.setCurrentIndex(choice)
        assert dialog.form.sampling.currentText().endswith("; pathology malignant")
        assert dialog.form.specification().attributes == ({"pathology": "malignant"},)
    dialog.close()


def test_it_is_kept_for_the_next_start(open_studio, knowing_studio, panel, knowing):
    choose(panel, "benign")
    assert open_studio(knowing).document.settings.attributes == {"pathology": "benign"}


def test_a_result_brings_it_back_and_undo_takes_it_away(knowing_studio, panel, shell, qtbot):
    knowing_studio.start()
    qtbot.waitUntil(lambda: knowing_studio.runs.is_ready, timeout=30_000)
    choose(panel, "malignant")
    with qtbot.waitSignal(knowing_studio.history.added, timeout=30_000) as added:
        knowing_studio.runs.generate()
    pixels = knowing_studio.runs.trajectory.result.noisy
    choose(panel, "benign")
    assert open_request(knowing_studio, shell, added.args[0])
    assert panel.fields["pathology"].currentText() == "malignant"
    knowing_studio.document.strokes.undo()
    assert panel.fields["pathology"].currentText() == "benign"
    assert np.array_equal(knowing_studio.runs.trajectory.result.noisy, pixels)


def test_another_model_shows_its_own(knowing_studio, panel, tiny_checkpoint, knowing):
    choose(panel, "benign")
    knowing_studio.open_checkpoint(read_checkpoint(tiny_checkpoint))
    assert panel.isHidden()
    knowing_studio.open_checkpoint(read_checkpoint(knowing))
    assert panel.fields["pathology"].currentText() == "benign"
