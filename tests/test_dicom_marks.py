"""Every DICOM file states what it is, and whose: nobody's, unless the patient's study is asked for."""

import shutil
import stat

import numpy as np
import pydicom
import pytest
from dicom_exports import (
    EDITED,
    HU,
    LABELS,
    MADE,
    MASK,
    NEAR,
    RANDOM,
    SHAPE,
    errors_in,
    geometry_of,
    opened,
    source_stack,
    strict,
)  # fmt: skip
from dicom_files import filled, header, write
from pydicom.config import IGNORE
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.kinds import About, Kind
from segpaint.io.dicom_out.identity import Identity, put_patient, put_scan
from segpaint.io.dicom_out.images import Export
from segpaint.io.dicom_out.marks import Provenance, put_scanner
from segpaint.io.dicom_out.masks import Segments
from segpaint.io.dicom_out.source import Source
from segpaint.io.dicom_out.writers import write_series
from segpaint.io.volume_files.dicom_search import find_series
from segpaint.io.volume_files.dicom_stack import stacked

__all__ = ["strict"]
pytestmark = pytest.mark.usefixtures("strict")
NUMBERS = RANDOM.integers(0, 4096, SHAPE).astype(np.uint16)
COLORS = RANDOM.integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
MODALITIES = ["CT", "MR", "DX"]
KEPT = {"SpecificCharacterSet", "Modality", "PhotometricInterpretation", "SOPClassUID", "SOPInstanceUID"}
MARKS = {
    "PN": "Secret^Sally", "AE": "SECRET", "AS": "077Y", "CS": "SECRET", "DA": "19010203",
    "DT": "19010203040506", "TM": "040506", "UI": "9.8.7.6", "DS": "77.123",
} | dict.fromkeys(("LO", "SH", "ST", "LT", "UT", "UC", "UR"), "secret")  # fmt: skip
NUMERIC = ("PatientWeight", "PatientSize")
MR = {"ScanningSequence": "GR", "SequenceVariant": "SP", "EchoTime": 2.5, "RepetitionTime": 4}


def marked(path):
    """Fill every attribute that can hold a text with one that names the patient."""
    data = pydicom.dcmread(path)
    for tag, (kind, _, _, retired, name) in DicomDictionary.items():
        wanted = name and not retired and tag >> 16 > 4 and name not in KEPT
        if wanted and kind in MARKS and (kind != "DS" or name in NUMERIC):
            setattr(data, name, MARKS[kind])
    inner = Dataset()
    inner.PatientID, inner.PatientName = "secret", "Secret^Sally"
    data.OtherPatientIDsSequence = data.RequestAttributesSequence = data.ReferencedImageSequence = [inner]
    block = data.private_block(0x0011, "SECRET SOFTWARE", create=True)
    block.add_new(0x01, "LO", "secret")
    data.SOPInstanceUID = data.file_meta.MediaStorageSOPInstanceUID = f"9.8.7.1{path.stem}"
    data.save_as(path)


def pair(tmp_path, modality="CT", provenance=EDITED, numbers=NUMBERS, fill=None, more=None, **asked):
    """An exported image with its mask, and the files of its source."""
    given = (MR if modality == "MR" else {}) | (more or {})
    _, source = source_stack(tmp_path / "source", numbers, modality, **given)
    if fill is not None:
        for path in (tmp_path / "source").iterdir():
            fill(path)
    volume, source = opened(tmp_path / "source")
    export = Export(volume.voxels.whole(0), volume.geometry, provenance, source, **asked)
    return write_series(tmp_path / "out", export, Segments(MASK, LABELS)), source


# ---- marks


@pytest.mark.parametrize(
    ("provenance", "synthetic", "words"),
    [
        (MADE, "YES", "SYNTHETIC, NOT FOR DIAGNOSIS, heart"),
        (EDITED, "YES", "EDITED PATIENT IMAGE, NOT FOR DIAGNOSIS, heart"),
        (NEAR, "YES", "NEAR A PATIENT IMAGE, NOT FOR DIAGNOSIS, heart"),
        (Provenance(About(Kind.EDITED, "heart", 120, 120), "f1", 7), "NO", "EDITED PATIENT IMAGE"),
    ],
    ids=["made", "edited", "near", "unchanged"],
)
def test_each_kind_of_image_is_marked_as_what_it_is(tmp_path, provenance, synthetic, words):
    files, _ = pair(tmp_path, provenance=provenance)
    image, mask = pydicom.dcmread(files[0]), pydicom.dcmread(files[-1])
    assert image.SyntheticData == mask.SyntheticData == synthetic
    assert image.SeriesDescription.startswith(words)
    assert mask.SeriesDescription.startswith(f"Mask, {words}")
    assert image.ImageType[:2] == ["DERIVED", "SECONDARY"]
    assert (image.Manufacturer, image.ContentQualification) == ("SegPaint", "RESEARCH")
    described = image.DerivationDescription
    assert provenance.about.sentence in described
    assert f"fingerprint {provenance.fingerprint}, seed 7" in described
    assert image.DerivationCodeSequence[0].CodeValue == provenance.about.kind.name
    for data in (image, mask):
        used = {
            item.PurposeOfReferenceCodeSequence[0].CodeMeaning: item
            for item in data.ContributingEquipmentSequence
        }
        assert used["Synthesizing Equipment"].ContributionDescription == described
        assert "Acquisition Equipment" not in used


def test_the_count_of_the_patients_pixels_stands_in_every_file(tmp_path):
    files, _ = pair(tmp_path)
    for path in files[:-1]:
        assert "90 of 120 pixels (75 %) equal the patient's" in pydicom.dcmread(path).DerivationDescription


def test_a_long_or_odd_name_of_a_model_fits_into_the_header(tmp_path):
    name = "a\\b\n" + "ü" * 2000
    files, _ = pair(tmp_path, provenance=Provenance(About(Kind.MADE, name, 0, 120), "f1", 7))
    data = pydicom.dcmread(files[0])
    assert 60 < len(data.SeriesDescription.encode()) <= 64
    assert "a/b" in data.SeriesDescription
    assert 1000 < len(data.DerivationDescription.encode()) <= 1024


def test_an_unchanged_image_that_was_synthetic_before_stays_so(tmp_path):
    unchanged = Provenance(About(Kind.EDITED, "heart", 120, 120), "f1", 7)
    files, _ = pair(tmp_path, provenance=unchanged, more={"SyntheticData": "YES"})
    assert {pydicom.dcmread(path).SyntheticData for path in files} == {"YES"}


def test_a_lossy_source_stays_known_as_such(tmp_path):
    lossy = {
        "LossyImageCompression": "01",
        "LossyImageCompressionRatio": 8,
        "LossyImageCompressionMethod": "ISO_10918_1",
    }
    data = pydicom.dcmread(pair(tmp_path, more=lossy)[0][0])
    assert {name: data.get(name) for name in lossy} == lossy


# ---- without the patient


@pytest.mark.parametrize("provenance", [MADE, EDITED, NEAR], ids=["made", "edited", "near"])
@pytest.mark.parametrize("modality", MODALITIES)
def test_no_word_date_or_uid_of_the_patient_is_in_the_files(tmp_path, modality, provenance):
    files, source = pair(tmp_path, modality, provenance, fill=marked)
    original = source.frames[0].path.read_bytes()
    for mark in (b"secret", b"SECRET", b"Sally", b"19010203", b"9.8.7", b"77.123", b"077Y"):
        assert mark in original
        assert not any(mark in path.read_bytes() for path in files)
    assert not any(element.tag.is_private for path in files for element in pydicom.dcmread(path).iterall())


def test_what_describes_the_scan_is_kept(tmp_path):
    more = MR | {
        "MagneticFieldStrength": 1.5,
        "WindowCenter": [100, 40],
        "WindowWidth": [300, 80],
        "PatientPosition": "HFS",
    }
    data = pydicom.dcmread(pair(tmp_path, "MR", more=more)[0][0])
    assert {name: data.get(name) for name in more} == more


def test_a_file_without_the_patient_states_how_that_was_removed(tmp_path):
    files, _ = pair(tmp_path, more={"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]})
    for path in (files[0], files[-1]):
        data = pydicom.dcmread(path)
        assert data.PatientIdentityRemoved == "YES"
        assert data.DeidentificationMethodCodeSequence[0].CodeValue == "113100"
        assert data.LongitudinalTemporalInformationModified == "REMOVED"
        assert data.PatientID.startswith("SEGPAINT-")
        assert not data.StudyDate


@pytest.mark.parametrize(
    ("modality", "stated", "burned", "removed"),
    [
        ("CT", {"ImageType": ["ORIGINAL", "PRIMARY", "AXIAL"]}, "NO", "YES"),
        ("CT", {"ImageType": ["DERIVED", "SECONDARY", "AXIAL"]}, None, "NO"),
        ("CT", {"BurnedInAnnotation": "YES"}, "YES", "NO"),
        ("DX", {"ImageType": ["ORIGINAL", "PRIMARY"]}, None, "NO"),
        ("DX", {"BurnedInAnnotation": "NO"}, "NO", "YES"),
    ],
)  # fmt: skip
def test_nothing_is_promised_where_the_image_itself_may_show_a_name(
    tmp_path, modality, stated, burned, removed
):
    data = pydicom.dcmread(pair(tmp_path, modality, more=stated)[0][0])
    assert (data.get("BurnedInAnnotation"), data.PatientIdentityRemoved) == (burned, removed)


def test_exports_of_one_identity_belong_together_and_to_no_others(tmp_path):
    _, source = pair(tmp_path)
    volume, _ = opened(tmp_path / "source")
    identity = Identity()
    headers = []
    for name, whose in (("a", identity), ("b", identity), ("c", Identity())):
        export = Export(volume.voxels.whole(0), volume.geometry, EDITED, source, identity=whose)
        headers.append(pydicom.dcmread(write_series(tmp_path / name, export)[0]))
    for name in ("PatientID", "StudyInstanceUID", "FrameOfReferenceUID"):
        first, second, third = (str(data[name].value) for data in headers)
        assert first == second != third
        assert str(source.header(0)[name].value) not in (first, third)
    assert len({str(data.SeriesInstanceUID) for data in headers}) == 3


@pytest.mark.parametrize(("provenance", "mode"), [(EDITED, 0o600), (NEAR, 0o600)], ids=["edited", "near"])
def test_only_the_owner_can_read_what_shows_a_patient(tmp_path, provenance, mode):
    files = write_series(tmp_path / "out", Export(HU, geometry_of(), provenance), Segments(MASK, LABELS))
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {mode}
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700


# ---- in the patient's study


@pytest.mark.parametrize("modality", MODALITIES)
def test_a_derived_series_in_the_study_has_the_patient_and_refers_to_the_originals(tmp_path, modality):
    more = {
        "SpecificCharacterSet": "ISO_IR 100", "PatientName": "Müller^Jörg", "PatientBirthDate": "19500102",
        "StudyDate": "20240506", "AccessionNumber": "A7", "InstitutionName": "Bürgerspital",
        "Manufacturer": "Scanners Inc.", "SeriesDescription": "the original",
    }  # fmt: skip
    files, source = pair(tmp_path, modality, more=more, in_study=True)
    for index, path in enumerate(files):
        data, original = pydicom.dcmread(path), source.header(min(index, 3))
        for name in (
            "PatientName", "PatientID", "PatientBirthDate", "StudyInstanceUID", "StudyDate", "AccessionNumber",
            "FrameOfReferenceUID",
        ):  # fmt: skip
            assert data[name].value == original[name].value
        assert data.SeriesInstanceUID != original.SeriesInstanceUID
        assert (data.SyntheticData, "PatientIdentityRemoved" in data) == ("YES", False)
        assert "NOT FOR DIAGNOSIS" in data.SeriesDescription
        if path is not files[-1]:
            assert data.SOPInstanceUID != original.SOPInstanceUID
            assert data.SourceImageSequence[0].ReferencedSOPInstanceUID == original.SOPInstanceUID
            assert data.ContributingEquipmentSequence[0].Manufacturer == "Scanners Inc."
            assert data.InstitutionName == "Bürgerspital"


def test_a_slice_of_an_enhanced_file_refers_to_its_frame(tmp_path):
    source = tmp_path / "enhanced.dcm"
    write(source, filled(header(modality="US", FrameTime=40), NUMBERS))
    (series,) = find_series([source]).series
    volume = stacked(series)
    export = Export(
        volume.voxels.whole(2), volume.geometry, EDITED, Source.of(volume, time=2),
        in_study=True,
    )  # fmt: skip
    (image,) = write_series(tmp_path / "out", export)
    assert pydicom.dcmread(image).SourceImageSequence[0].ReferencedFrameNumber == 3


def test_no_private_attribute_goes_into_the_study(tmp_path):
    files, _ = pair(tmp_path, fill=marked, in_study=True)
    assert not any(element.tag.is_private for path in files for element in pydicom.dcmread(path).iterall())


def test_a_series_that_was_made_unknown_before_stays_so_in_its_study(tmp_path):
    more = {"PatientIdentityRemoved": "YES", "DeidentificationMethod": "of the archive"}
    data = pydicom.dcmread(pair(tmp_path, more=more, in_study=True)[0][0])
    assert {name: data[name].value for name in more} == more


@pytest.mark.parametrize("asked", [{}, {"in_study": True}], ids=["nobody's", "in the study"])
@pytest.mark.parametrize("damage", ["SeriesNumber", "PixelSpacing", "KVP", "PatientSex", "PatientBirthDate"])
def test_odd_values_of_a_source_hold_nothing_up(tmp_path, strict, damage, asked):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pydicom.config.settings, "writing_validation_mode", IGNORE)
        patch.setattr(pydicom.config.settings, "reading_validation_mode", IGNORE)

        def fill(path):
            data = pydicom.dcmread(path)
            del data[damage]
            if damage != "PixelSpacing":
                data.add_new(damage, "LO", "x")
            data.save_as(path)

        more = {"KVP": 120, "PatientSex": "F", "PatientBirthDate": "19500102"}
        files, _ = pair(tmp_path, fill=fill, more=more, **asked)
        assert len(files) > len(NUMBERS)


@pytest.mark.parametrize(
    ("provenance", "more", "reason"),
    [(MADE, {}, "shows no patient"), (EDITED, {"StudyInstanceUID": ""}, "no StudyInstanceUID")],
)  # fmt: skip
def test_what_belongs_into_no_study_is_refused(tmp_path, provenance, more, reason):
    with pytest.raises(SegPaintError, match=reason):
        pair(tmp_path, provenance=provenance, more=more, in_study=True)
    with pytest.raises(SegPaintError, match="made from DICOM files"):
        Export(HU, geometry_of(), EDITED, in_study=True)
    assert [path.name for path in tmp_path.iterdir()] == ["source"]


# ---- by the standard


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools are not installed")
@pytest.mark.parametrize("in_study", [False, True], ids=["nobody's", "in the study"])
@pytest.mark.parametrize("modality", MODALITIES)
def test_the_standards_checker_finds_no_error(tmp_path, modality, in_study):
    files, _ = pair(tmp_path, modality, in_study=in_study)
    assert [error for path in files for error in errors_in(path)] == []


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools are not installed")
@pytest.mark.parametrize("modality", ["CT", "MR", ""])
@pytest.mark.parametrize(
    "values", [HU, RANDOM.integers(0, 256, (*SHAPE, 3)).astype(np.uint8)], ids=["grey", "colour"]
)
def test_the_standards_checker_finds_no_error_in_what_has_no_source(tmp_path, modality, values):
    files = write_series(
        tmp_path / "out", Export(values, geometry_of(), MADE, modality=modality), Segments(MASK, LABELS)
    )
    assert [error for path in files for error in errors_in(path)] == []


@pytest.mark.parametrize("error", [NotImplementedError, AttributeError, ValueError, KeyError, UnicodeError])
def test_a_tag_that_cannot_be_decoded_is_left_out_and_the_others_stay(error):
    class Strangers(Dataset):
        def __getitem__(self, key):
            if not isinstance(key, slice) and Tag(key) in {
                Tag(name) for name in ("KVP", "PatientComments", "StudyDescription", "StationName")
            }:
                raise error("nobody knows")
            return super().__getitem__(key)

    header = Strangers()
    header.StudyInstanceUID, header.SOPClassUID, header.SOPInstanceUID = "1.2", "1.2.3", "1.2.4"
    header.KVP, header.Exposure, header.PatientID, header.PatientComments = 120, 3, "4711", "?"
    header.StudyID, header.StudyDescription = "7", "?"
    header.Manufacturer, header.StationName = "Maker", "?"
    data = Dataset()
    put_scan(data, header, "CT")
    put_patient(data, header)
    put_scanner(data, header)
    assert (data.Exposure, data.PatientID, data.StudyID) == (3, "4711", "7")
    assert data.ContributingEquipmentSequence[0].Manufacturer == "Maker"
    assert not {"KVP", "PatientComments", "StudyDescription"} & set(data.dir())
