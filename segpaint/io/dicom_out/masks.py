"""Makes DICOM SEG of a mask: a segment for each label, in the geometry of the images that it refers to."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segpaint import __version__
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import BACKGROUND, FREE, Label
from segpaint.io.dicom_out.anatomy import anatomy_of
from segpaint.io.dicom_out.identity import REQUIRED, code
from segpaint.io.dicom_out.marks import NAME, Provenance, plain, put_marks

OPEN = Label(index=254, name="free: the model decides", color="#808080")
"""Stands for the free regions of a mask."""
UNCHECKED = ("PatientSex", "PatientBirthDate", "StudyDate", "StudyTime")
"""What highdicom refuses if a clinic wrote it in its own way; it goes into the mask as it is."""
UNKNOWN = ("LongitudinalTemporalInformationModified", "SyntheticData")
"""What highdicom does not know, and goes into the mask, too."""
NUMBER = 9100
"""Of the mask's series, after those of the images."""


@dataclass(frozen=True, eq=False)
class Segments:
    """A mask of a volume, and who drew it.

    Attributes
    ----------
    values : ndarray of uint8, shape (slices, rows, columns)
        Label indices.
    labels : sequence of Label
        Each becomes a segment with its own pixels, even if it has none.
    finder : str
        The name of the segmenter that found the labels; empty if nothing but hands drew them.
    by_hand : bool
        Whether anybody drew on the mask.
    """

    values: NDArray[np.uint8]
    labels: Sequence[Label]
    finder: str = ""
    by_hand: bool = True


def segmentation_of(
    segments: Segments, images: Sequence[Any], slices: Sequence[int], provenance: Provenance | None
) -> Any:
    """Make the DICOM SEG of a mask, of the kind that all programs read (BINARY).

    Patient, study, and frame of reference are those of the images.

    Parameters
    ----------
    images : sequence of pydicom.Dataset
        Of the slices; their pixels are not needed.
    slices : sequence of int
        Which slices of the mask the images show.
    provenance : Provenance or None
        None if the mask shows a patient as the patient is.

    Raises
    ------
    SegPaintError
        If the mask holds values without a label, or no label has a pixel.
    """
    from highdicom import UID

    labels = [*segments.labels, *([OPEN] if (segments.values == FREE).any() else [])]
    numbers = np.zeros(256, np.uint8)
    for number, label in enumerate(labels, 1):
        numbers[FREE if label is OPEN else label.index] = number
    mask = numbers[segments.values]
    unknown = np.unique(segments.values[(mask == 0) & (segments.values != BACKGROUND)]).tolist()
    if unknown:
        raise SegPaintError(
            f"The mask holds {', '.join(map(str, unknown))}, which are no labels; map them first."
        )
    if not mask[list(slices)].any():
        raise SegPaintError("The mask is empty, which DICOM SEG cannot be; paint something, or leave it out.")
    first = deepcopy(images[0])
    for name in REQUIRED:
        if name in UNCHECKED or name not in first:
            setattr(first, name, "")
    made: Any = _made(
        [first, *images[1:]],
        mask[list(slices)],
        "BINARY",
        [_described(number, label, segments) for number, label in enumerate(labels, 1)],
        series_instance_uid=UID(),
        series_number=NUMBER,
        sop_instance_uid=UID(),
        instance_number=1,
        manufacturer=NAME,
        manufacturer_model_name=NAME,
        software_versions=__version__,
        device_serial_number="none",
        content_label="SEGPAINT_MASK",
        content_description="The mask painted in SegPaint",
        series_description="Mask, SegPaint",
        specific_character_set="ISO_IR 192",
    )
    for name in (*UNCHECKED, *UNKNOWN):
        if name in images[0]:
            made.add(images[0][name])
    if provenance is not None:
        put_marks(made, provenance)
        made.SeriesDescription = plain(f"Mask, {provenance.title}")
    return made


def _made(*given: Any, **more: Any) -> Any:
    from highdicom.seg import Segmentation

    try:
        return Segmentation(*given, **more)
    except (ValueError, TypeError, AttributeError) as error:  # headers are not as the standard has them
        raise SegPaintError(f"The mask cannot be written as DICOM SEG: {error}") from error


def _described(number: int, label: Label, segments: Segments) -> Any:
    from highdicom import AlgorithmIdentificationSequence
    from highdicom.color import CIELabColor
    from highdicom.seg import SegmentDescription
    from pydicom.sr.codedict import codes

    how, algorithm = "MANUAL", None
    if segments.finder:
        how = "SEMIAUTOMATIC" if segments.by_hand else "AUTOMATIC"
        algorithm = AlgorithmIdentificationSequence(
            plain(segments.finder), codes.DCM.ArtificialIntelligence, __version__, source=NAME
        )
    anatomy = anatomy_of(label.name)
    described: Any = SegmentDescription(
        number,
        plain(label.name),
        anatomy.category,
        anatomy.kind,
        how,
        algorithm,
        display_color=CIELabColor.from_rgb(*label.rgb),
    )
    if anatomy.side is not None:
        side = anatomy.side
        described.SegmentedPropertyTypeCodeSequence[0].SegmentedPropertyTypeModifierCodeSequence = [
            code(side.value, side.scheme_designator, side.meaning)
        ]
    described.SegmentDescription = f"Label {label.index} of the mask"
    return described
