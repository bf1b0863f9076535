"""The window reports what is odd about an image, and asks before labels take the place of a scan."""

import numpy as np
import pytest
from PIL import Image

from segpaint.core.volumes.geometry import Geometry
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.references import open_image
from segpaint.gui.files.scan_opening import open_scan
from segpaint.io.volume_files.volume_writers import write_volume

GEOMETRY = Geometry.of((4, 40, 48), (0, 0, 0), (1.4, 1.4, 6), np.eye(3))
LABELS = "looks like labels, not like an image"


@pytest.fixture
def scan(tmp_path):
    path = tmp_path / "abdomen.nii.gz"
    write_volume(path, np.random.default_rng(3).integers(0, 400, (4, 40, 48)).astype(np.int16), GEOMETRY)
    return path


@pytest.fixture
def labels(tmp_path):
    path, values = tmp_path / "abdomen-labels.nii.gz", np.zeros((4, 40, 48), np.uint8)
    values[1:3, 8:30, 10:30] = 1
    values[1:3, 14:20, 14:20] = 2
    write_volume(path, values, GEOMETRY)
    return path


def test_labels_do_not_take_the_place_of_a_scan_unasked(studio, shell, scan, labels, qtbot):
    open_scan(studio, shell, scan)
    qtbot.waitUntil(lambda: studio.scans.slice is not None)
    before = studio.scans.scan
    open_file(studio, shell, labels)
    qtbot.waitUntil(lambda: any(LABELS in text for text, *_ in shell.offers))
    assert studio.scans.scan is before
    offers = {answer: action for text, answer, action in shell.offers if LABELS in text}
    assert list(offers) == ["Open it as the scan's mask", "Open it as a scan"]
    offers["Open it as the scan's mask"]()
    qtbot.waitUntil(lambda: bool(shell.opened) or studio.document.mask.values.any())
    assert studio.scans.scan is before
    offers["Open it as a scan"]()
    qtbot.waitUntil(lambda: studio.scans.scan is not before and studio.scans.slice is not None)
    assert studio.scans.scan.volume.name == labels.name


def test_labels_that_are_opened_as_a_scan_are_reported(studio, shell, labels, qtbot):
    open_file(studio, shell, labels)
    qtbot.waitUntil(lambda: any(LABELS in sentence for sentence in shell.warned))
    assert "File > Open mask of the scan." in shell.warned[-1]


def test_hounsfield_units_without_a_modality_raise_a_doubt(studio, shell, tmp_path, qtbot):
    rows, columns = np.mgrid[:40, :48]
    values = np.where(np.hypot(rows - 20, columns - 24) < 12, 40, -1000)
    noise = np.random.default_rng(1).normal(0, 15, (4, 40, 48))
    write_volume(tmp_path / "a.nii.gz", (values + noise).astype(np.int16), GEOMETRY)
    open_file(studio, shell, tmp_path / "a.nii.gz")
    doubt = "as CT does, and the model was trained on MR: it will not know what it sees. Choose another model"
    qtbot.waitUntil(lambda: any(doubt in sentence for sentence in shell.warned))


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        (np.random.default_rng(1).integers(0, 255, (32, 32, 3)).astype(np.uint8), "is in colour"),
        (np.zeros((32, 32), np.uint8), "is empty: every pixel is 0"),
        (np.full((32, 32), 90, np.uint8), "is empty: every pixel is 90"),
        (np.repeat(np.arange(4, dtype=np.uint8), 256).reshape(32, 32), LABELS),
    ],
)
@pytest.mark.parametrize("with_mask", [False, True])
def test_an_odd_reference_is_reported(studio, shell, tmp_path, mask_file, picture, words, with_mask):
    Image.fromarray(picture).save(tmp_path / "a.png")
    if with_mask:
        (tmp_path / "a_mask.png").write_bytes(mask_file.read_bytes())
    open_image(studio, shell, tmp_path / "a.png")
    assert studio.document.reference is not None
    assert any(
        f"a.png {words}" in sentence for sentence in (*shell.warned, *(text for text, *_ in shell.offers))
    )
