"""What the tests of exports to DICOM share."""

import subprocess

import numpy as np
import pydicom
import pytest
import SimpleITK
from dicom_files import filled, header, write
from pydicom.config import RAISE
from scipy.spatial.transform import Rotation

from segpaint.core.labels.labels import Label
from segpaint.core.requests.kinds import About, Kind
from segpaint.core.volumes.geometry import Geometry
from segpaint.io.dicom_out.marks import Provenance
from segpaint.io.dicom_out.source import Source
from segpaint.io.volume_files.dicom_search import files_below, find_series
from segpaint.io.volume_files.dicom_stack import stacked

SHAPE = 4, 5, 6
RANDOM = np.random.default_rng(5)
HU = RANDOM.integers(-1000, 2000, SHAPE)
MASK = RANDOM.choice(np.array([0, 1, 7], np.uint8), SHAPE)
NUMBERED = np.select([MASK == 1, MASK == 7], [1, 2], 0)
"""The mask with segments in place of labels."""
LABELS = (
    Label(index=1, name="LV cavity", color="#ff0033"),
    Label(index=7, name="left kidney", color="#0066cc", parent=1),
    Label(index=9, name="nobody's organ", color="#00cc66"),
)
OBLIQUE = Rotation.from_euler("xyz", (10, 20, 30), degrees=True).as_matrix()
EDITED = Provenance(About(Kind.EDITED, "heart", 90, 120), "f1ngerpr1nt", 7)
MADE = Provenance(About(Kind.MADE, "heart", 0, 120), "f1ngerpr1nt", 7)
NEAR = Provenance(About(Kind.NEAR, "heart", None, 120), "f1ngerpr1nt", 7)
CLASSES = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4"}


@pytest.fixture
def strict(monkeypatch):
    """Whatever pydicom finds against the standard, in reading and in writing, is an error."""
    monkeypatch.setattr(pydicom.config.settings, "reading_validation_mode", RAISE)
    monkeypatch.setattr(pydicom.config.settings, "writing_validation_mode", RAISE)


def geometry_of(direction=OBLIQUE, shape=SHAPE):
    return Geometry.of(shape, (-100.5, 20.25, 7), (0.7, 0.9, 5.0), direction)


def opened(folder):
    """The images of a folder as a volume, and the source of them."""
    files = files_below(folder) if folder.is_dir() else [folder]
    series = next(one for one in find_series(files).series if one.modality != "SEG")
    volume = stacked(series)
    return volume, Source.of(volume)


def by_itk(files):
    """The values of a series, and the affine from (slice, row, column), as ITK finds them."""
    reader = SimpleITK.ImageSeriesReader()
    series = str(pydicom.dcmread(files[0]).SeriesInstanceUID)
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(files[0].parent), series))
    image = reader.Execute()
    affine = np.eye(4)
    affine[:3, :3] = (np.reshape(image.GetDirection(), (3, 3)) * image.GetSpacing())[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    return SimpleITK.GetArrayFromImage(image), affine


def lying_as(geometry, values, affine):
    """Sort values of another layout, by their places in the patient, into the layout of a geometry."""
    indices = np.stack(np.meshgrid(*map(np.arange, values.shape[:3]), indexing="ij"), axis=-1)
    own = geometry.index(indices @ affine[:3, :3].T + affine[:3, 3]).reshape(-1, 3)
    np.testing.assert_allclose(own, np.rint(own), atol=1e-3)
    laid = np.zeros(geometry.shape, values.dtype)
    laid[tuple(np.rint(own).astype(int).T)] = values.ravel()
    return laid


def source_stack(folder, numbers, modality="CT", slopes=None, **more):
    """A series with the given stored numbers: the volume of it, and its source."""
    folder.mkdir()
    for place, plane in enumerate(numbers):
        data = header(
            "1.2.77", modality, ImagePositionPatient=[-20, -30, 4.5 * place],
            ImageOrientationPatient=[1, 0, 0, 0, 1, 0], PixelSpacing=[0.9, 0.7], SliceThickness=4.5,
            InstanceNumber=place + 1, RescaleSlope=slopes[place] if slopes else 1, RescaleIntercept=-1024,
            SeriesNumber=3, StudyID="9", SOPClassUID=CLASSES.get(modality, "1.2.840.10008.5.1.4.1.1.1.1"),
        )  # fmt: skip
        filled(data, plane, colors=more.get("PhotometricInterpretation"))
        for name, value in more.items():
            setattr(data, name, value)
        write(folder / f"{place}.dcm", data)
    return opened(folder)


def errors_in(path):
    """What the standard's checker finds wrong in a file."""
    found = subprocess.run(["dciodvfy", "-new", path], capture_output=True, text=True, check=False).stderr
    assert "Image" in found or "Segmentation" in found
    # The checker's dictionary is of 2022; Synthetic Data is younger.
    return [line for line in found.splitlines() if line.startswith("Error") and "(0008,001c)" not in line]
