"""The whole way of a cardiologist: a folder of DICOM in, a wall 3 mm thicker on three slices, DICOM out."""

import re
import shutil
import warnings

import highdicom
import numpy as np
import pydicom
import pytest
from dicom_exports import errors_in
from dicom_files import write_stack
from pydicom.config import IGNORE, RAISE, settings

from segpaint.cli import main

MR = "1.2.840.10008.5.1.4.1.1.4"
SLICES, ROWS, COLUMNS = 4, 170, 190
SPACING = 1.4, 1.4, 8.0
AT = 21, 33
"""Where the heart lies in the slices."""


@pytest.fixture(scope="module")
def patient(tmp_path_factory, shipped):
    """A stack of short-axis slices, wider than what the model sees; the last one is not to be edited."""
    heart = shipped("cardiac-cine-mri-128")
    masks = [heart.examples[name] for name in ("1-healthy", "1-healthy", "1-healthy", "5-towards-the-apex")]
    values = np.random.default_rng(2).integers(10, 20, (SLICES, ROWS, COLUMNS)).astype(np.float64)
    for plane, mask in zip(values, masks, strict=True):
        plane[AT[0] : AT[0] + 128, AT[1] : AT[1] + 128] += heart.paint(mask, 11) * 3
    folder = write_stack(
        tmp_path_factory.mktemp("patient") / "heart", values.round(), spacing=SPACING, modality="MR",
        SOPClassUID=MR,
    )  # fmt: skip
    return folder, values.round()


@pytest.fixture(scope="module")
def edited(patient, tmp_path_factory):
    """What the command writes and reports."""
    out = tmp_path_factory.mktemp("edited")
    words = ["edit", str(patient[0]), "--gesture", "thicken:LV myocardium:3mm:outward", "--slices", "1-3"]
    with pytest.MonkeyPatch.context() as patch:
        lines = []
        patch.setattr(
            "segpaint.core.terminal.Terminal.print", lambda _self, *texts, **_more: lines.extend(texts)
        )
        assert main([*words, "--steps", "12", "--out", str(out)]) == 0
    return out, "\n".join(str(line) for line in lines)


def images(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = [pydicom.dcmread(path) for path in sorted(folder.glob("*.dcm"))]
    return [data for data in found if data.Modality != "SEG"], [
        data for data in found if data.Modality == "SEG"
    ]


def test_the_wall_is_thicker_and_the_patient_stays_elsewhere(patient, edited):
    pictures, _ = images(edited[0] / "heart-edited")
    made = np.stack([data.pixel_array * data.RescaleSlope + data.RescaleIntercept for data in pictures])
    assert [list(map(float, data.PixelSpacing)) for data in pictures] == [[1.4, 1.4]] * SLICES
    changed = made != patient[1]
    assert changed[:3].any(axis=(1, 2)).all()
    assert not changed[3].any()
    # The edit and its margin are around the wall; all else is the patient's, to the last bit.
    rows, columns = np.nonzero(changed.any(axis=0))
    assert np.ptp(rows) < 100
    assert np.ptp(columns) < 100
    assert changed[:3].mean() < 0.2


def test_areas_agree_with_the_masks(edited):
    _, (mask,) = images(edited[0] / "heart-edited")
    segments = highdicom.seg.Segmentation.from_dataset(mask)
    assert [segment.SegmentLabel for segment in segments.SegmentSequence] == ["LV cavity", "LV myocardium"]
    drawn = segments.get_volume(combine_segments=True)
    order = np.argsort([drawn.affine[2, 0] * index for index in range(drawn.spatial_shape[0])])
    areas = (drawn.array == 2).sum(axis=(1, 2))[order] * SPACING[0] * SPACING[1]
    reported = re.findall(r"Slice (\d+): LV myocardium ([\d,]+) → ([\d,]+) mm²", edited[1])
    assert len(reported) == 3
    for number, before, after in reported:
        was, now = (float(text.replace(",", "")) for text in (before, after))
        assert now > 1.2 * was
        assert areas[int(number) - 1] == pytest.approx(now, rel=0.01)


def test_what_is_written_is_read_without_a_warning(edited, monkeypatch):
    monkeypatch.setattr(settings, "reading_validation_mode", RAISE)
    pictures, (mask,) = images(edited[0] / "heart-edited")
    monkeypatch.setattr(settings, "reading_validation_mode", IGNORE)
    assert len(pictures) == SLICES
    assert {segment.SegmentAlgorithmType for segment in mask.SegmentSequence} == {"SEMIAUTOMATIC"}
    assert {data.SyntheticData for data in pictures} == {"YES"}
    assert all("Doe" not in str(data) and "secret" not in str(data) for data in (*pictures, mask))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        highdicom.seg.Segmentation.from_dataset(mask).get_volume()


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_dciodvfy_finds_no_error(edited):
    files = sorted((edited[0] / "heart-edited").glob("*.dcm"))
    assert [error for path in files for error in errors_in(path)] == []
