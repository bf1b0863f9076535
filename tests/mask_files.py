"""Writes DICOM masks for tests, as other programs do."""

import highdicom
import numpy as np
import pydicom
from dicom_files import header, write
from highdicom.seg import Segmentation, SegmentDescription
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.sr.codedict import codes

SOURCE = {
    "SOPClassUID": "1.2.840.10008.5.1.4.1.1.2", "PatientName": "Doe^Jane", "PatientID": "4711",
    "PatientBirthDate": "", "PatientSex": "", "StudyDate": "", "StudyTime": "", "StudyID": "",
    "AccessionNumber": "", "ReferringPhysicianName": "", "PositionReferenceIndicator": "",
}  # fmt: skip
"""What highdicom asks of the pictures that a segmentation is made on."""


def write_segmentation(path, folder, values, *, kind="BINARY", names=("LV cavity", "wall"), **more):
    """Write a DICOM SEG on the files of a folder, in the order of their places.

    Parameters
    ----------
    values : ndarray, shape (slices, rows, columns), or (slices, rows, columns, segments) of kinds but LABELMAP
    """
    sources = sorted(map(pydicom.dcmread, folder.iterdir()), key=lambda data: data.ImagePositionPatient[2])
    for data in sources:
        for name, value in SOURCE.items():
            setattr(data, name, value)
    described = [
        SegmentDescription(
            segment_number=number, segment_label=name,
            segmented_property_category=codes.SCT.AnatomicalStructure,
            segmented_property_type=codes.SCT.Heart, algorithm_type="MANUAL",
            display_color=highdicom.color.CIELabColor.from_rgb(200, 40, 10 * number),
        )
        for number, name in enumerate(names, 1)
    ]  # fmt: skip
    Segmentation(
        sources, values, kind, described, series_instance_uid=highdicom.UID(), series_number=9,
        sop_instance_uid=highdicom.UID(), instance_number=1, manufacturer="test",
        manufacturer_model_name="test", software_versions="1", device_serial_number="1", **more,
    ).save_as(path)  # fmt: skip
    return path


def write_structures(path, structures):
    """Write a structure set: for each name its contours, arrays of millimetres of the shape (points, 3)."""
    data = header(modality="RTSTRUCT")
    data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    rois, drawn = [], []
    for number, (name, contours) in enumerate(structures.items(), 11):
        roi, lines = Dataset(), Dataset()
        roi.ROINumber, roi.ROIName = number, name
        lines.ReferencedROINumber, lines.ROIDisplayColor = number, [255, number, 0]
        lines.ContourSequence = Sequence([_contour(points) for points in contours])
        rois.append(roi)
        drawn.append(lines)
    data.StructureSetROISequence, data.ROIContourSequence = Sequence(rois), Sequence(drawn)
    return write(path, data)


def _contour(points):
    contour = Dataset()
    contour.ContourGeometricType = "CLOSED_PLANAR" if len(points) > 2 else "POINT"
    contour.NumberOfContourPoints = len(points)
    contour.ContourData = [f"{part:.4f}" for part in np.ravel(points)]
    return contour
