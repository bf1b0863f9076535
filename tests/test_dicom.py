"""DICOM files become volumes whose values and places are those that other programs find."""

import numpy as np
import pytest
import SimpleITK
from dicom_files import SYNTAXES, filled, header, write, write_stack
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from scipy.spatial.transform import Rotation

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.planes import Plane
from segpaint.core.volumes.presets import Preset
from segpaint.io.volume_files.dicom_search import files_below, find_series
from segpaint.io.volume_files.dicom_stack import stacked

VALUES = np.random.default_rng(3).integers(-1000, 2000, (5, 36, 40))
OBLIQUE = Rotation.from_euler("xyz", (10, 20, 30), degrees=True).as_matrix()


def opened(folder):
    (series,) = find_series(files_below(folder)).series
    return stacked(series)


def by_itk(folder):
    """The same series, read by ITK."""
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    return reader.Execute()


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_values_are_bit_for_bit_those_that_were_stored(tmp_path, syntax):
    volume = opened(write_stack(tmp_path, VALUES, syntax=syntax))
    np.testing.assert_array_equal(volume.voxels.whole(0), VALUES)
    assert (volume.modality, volume.unit, volume.remarks) == ("CT", "HU", ())


@pytest.mark.parametrize(
    "direction", [np.eye(3), OBLIQUE, OBLIQUE[:, [1, 2, 0]]], ids=["straight", "oblique", "turned"]
)
@pytest.mark.parametrize("order", [[0, 1, 2, 3, 4], [3, 0, 4, 1, 2]], ids=["in order", "shuffled"])
def test_places_are_those_that_itk_finds(tmp_path, direction, order):
    folder = write_stack(tmp_path, VALUES, direction=direction, order=order)
    volume, image = opened(folder), by_itk(folder)
    np.testing.assert_array_equal(volume.voxels.whole(0), SimpleITK.GetArrayFromImage(image))
    for index in [(0, 0, 0), (4, 5, 7), (2, 3, 1)]:
        wanted = image.TransformContinuousIndexToPhysicalPoint(index[::-1])
        np.testing.assert_allclose(volume.geometry.world(index), wanted, atol=1e-4)


def test_missing_slices_are_left_empty_and_the_others_stay_at_their_places(tmp_path):
    volume = opened(write_stack(tmp_path, VALUES, order=[0, 1, 4]))
    assert volume.geometry.shape == VALUES.shape
    np.testing.assert_array_equal(volume.cut(Plane.ACQUIRED, 4), VALUES[4])
    assert (volume.cut(Plane.ACQUIRED, 2) == VALUES[0].min()).all()  # as dark as what is there
    assert "2 slices are missing and left black" in volume.remarks[0]


def test_unequal_distances_are_reported(tmp_path):
    write_stack(tmp_path, VALUES[:3])
    write_stack(tmp_path, np.concatenate([VALUES[:3], VALUES[3:4]]), order=[3], origin=(-20, -30, 41.5))
    assert "not equally far apart" in opened(tmp_path).remarks[0]


@pytest.mark.parametrize(
    ("more", "remark"),
    [
        ({}, "15.00 mm apart, and are 5.00 mm thick"),
        ({"SpacingBetweenSlices": 5}, "15.00 mm apart, but the files state 5.00 mm"),
        ({"SpacingBetweenSlices": -5}, "15.00 mm apart, but the files state 5.00 mm"),
        ({"SpacingBetweenSlices": 15}, None),
        ({"SpacingBetweenSlices": 10}, None),  # the gap, as some scanners write
    ],
)
def test_two_slices_farther_apart_than_the_file_states_are_reported(tmp_path, more, remark):
    volume = opened(write_stack(tmp_path, VALUES, order=[0, 3], **more))
    np.testing.assert_allclose(volume.geometry.world((1, 0, 0)), (-20, -30, 55))
    assert len(volume.remarks) == (remark is not None)
    assert all(remark in one for one in volume.remarks)


@pytest.mark.parametrize("places", [[0, 1], [0, 1, 2]])
@pytest.mark.parametrize("more", [{}, {"SpacingBetweenSlices": 5}, {"SpacingBetweenSlices": -5}])
def test_few_slices_as_far_apart_as_the_file_states_need_no_remark(tmp_path, places, more):
    volume = opened(write_stack(tmp_path, VALUES, order=places, **more))
    assert volume.geometry.spacing[0] == pytest.approx(5)
    assert volume.remarks == ()


def test_slices_that_are_there_twice_are_reported_and_used_once(tmp_path):
    write_stack(tmp_path / "a", VALUES)
    write_stack(tmp_path / "b", VALUES, order=[2])
    volume = opened(tmp_path)
    np.testing.assert_array_equal(volume.voxels.whole(0), VALUES)
    assert "more often than others" in volume.remarks[0]


def test_a_tilted_gantry_keeps_every_voxel_at_its_place(tmp_path):
    volume = opened(write_stack(tmp_path, VALUES, slant=(0, 1.0, 0)))
    np.testing.assert_allclose(volume.geometry.world((4, 0, 0)), (-20, -30 + 4, 40 + 20), atol=1e-4)
    assert "tilted by 11.3 degrees" in volume.remarks[0]


def test_slices_at_one_place_follow_each_other_in_time(tmp_path):
    for moment in (80, 0, 40):  # in any order
        write_stack(tmp_path / str(moment), VALUES + moment, TriggerTime=moment)
    volume = opened(tmp_path)
    assert (volume.voxels.times, volume.moments) == (3, (0, 40, 80))
    for time, moment in enumerate(volume.moments):
        np.testing.assert_array_equal(volume.voxels.whole(time), VALUES + moment)


def test_series_in_one_folder_are_told_apart(tmp_path):
    write_stack(tmp_path / "a", VALUES)
    for place in range(2):
        data = header("1.2.4", "MR", SeriesDescription="localiser", InstanceNumber=place + 1)
        write(tmp_path / f"{place}.dcm", filled(data, np.zeros((4, 4), np.uint16)))
    found = find_series(files_below(tmp_path))
    assert [(one.name, one.modality, len(one.frames)) for one in found.series] == [
        ("a stack", "CT", 5), ("localiser", "MR", 2),
    ]  # fmt: skip


def test_slices_of_two_directions_in_one_series_are_told_apart(tmp_path):
    write_stack(tmp_path / "a", VALUES)
    write_stack(tmp_path / "b", VALUES[:2], direction=np.eye(3)[:, [1, 2, 0]])
    assert [len(one.frames) for one in find_series(files_below(tmp_path)).series] == [5, 2]


def test_files_without_a_picture_are_passed_over_with_the_reason(tmp_path):
    write_stack(tmp_path, VALUES)
    (tmp_path / "notes.txt").write_text("hello")
    write(tmp_path / "report.dcm", header(modality="SR"))
    found = find_series(files_below(tmp_path))
    reasons = {path.name: reason for path, reason in found.passed_over.items()}
    assert "no picture" in reasons["report.dcm"]
    assert "no DICOM file" in reasons["notes.txt"]
    assert len(found.series) == 1


def test_windows_of_the_file_are_offered(tmp_path):
    write_stack(
        tmp_path, VALUES, WindowWidth=[400, 1500], WindowCenter=[40, -600],
        WindowCenterWidthExplanation=["soft", "lung"],
    )  # fmt: skip
    assert opened(tmp_path).presets == (Preset("soft", 400, 40), Preset("lung", 1500, -600))


def test_small_values_that_are_bright_are_turned_round(tmp_path):
    pixels = np.arange(48, dtype=np.uint8).reshape(6, 8)
    write(
        tmp_path / "x.dcm", filled(header(modality="DX", PixelSpacing=[0.1, 0.1]), pixels, colors="MONOCHROME1")
    )
    np.testing.assert_array_equal(opened(tmp_path).cut(Plane.ACQUIRED, 0), 255 - pixels)


@pytest.mark.parametrize(
    ("kind", "scale", "preset"),
    [
        (np.uint16, {}, 1295), (np.int16, {}, -2801),
        (np.uint16, {"RescaleSlope": 2, "RescaleIntercept": -10}, 5370),
    ],
    ids=["plain", "signed", "scaled"],
)  # fmt: skip
def test_windows_are_turned_round_with_the_values(tmp_path, kind, scale, preset):
    more = {"WindowCenter": [2800, 0], "WindowWidth": [600, 4000], "PixelSpacing": [0.1, 0.1], **scale}
    data = filled(header(modality="MG", **more), np.array([[1600, 2000]], kind), colors="MONOCHROME1")
    data.BitsStored, data.HighBit = 12, 11
    volume = opened(write(tmp_path / "x.dcm", data).parent)
    slope, intercept = scale.get("RescaleSlope", 1), scale.get("RescaleIntercept", 0)
    ends = volume.cut(Plane.ACQUIRED, 0) + np.array([1600, 2000]) * slope + intercept
    np.testing.assert_array_equal(ends, preset + 2800)  # the window lies among the values as it did
    assert volume.presets == (Preset("of the file", 600, preset), Preset("of the file", 4000, preset + 2800))


def test_a_film_of_ultrasound_has_times_colours_and_millimetres(tmp_path):
    film = np.random.default_rng(0).integers(0, 255, (4, 6, 8, 3)).astype(np.uint8)
    region = Dataset()
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.03, 0.02
    data = header(modality="US", FrameTime=40, SequenceOfUltrasoundRegions=Sequence([region]))
    write(tmp_path / "film.dcm", filled(data, film))
    volume = opened(tmp_path)
    assert volume.voxels.times == 4
    assert volume.moments == (0, 40, 80, 120)
    assert volume.geometry.spacing[1:] == pytest.approx((0.2, 0.3))
    assert "Sides are assumed" in volume.remarks[0]
    np.testing.assert_array_equal(volume.cut(Plane.ACQUIRED, 0, time=2), film[2])


def test_an_enhanced_file_of_many_slices_is_a_volume(tmp_path):
    def item(**values):
        inner = Dataset()
        for name, value in values.items():
            setattr(inner, name, value)
        return Sequence([inner])

    data, frames = header(), []
    for place in (1, 0, 2):
        groups = Dataset()
        groups.PlanePositionSequence = item(ImagePositionPatient=[-20, -30, 40 + 5 * place])
        groups.PixelValueTransformationSequence = item(RescaleSlope=2, RescaleIntercept=-10 * place)
        frames.append(groups)
    shared = Dataset()
    shared.PlaneOrientationSequence = item(ImageOrientationPatient=[1, 0, 0, 0, 1, 0])
    shared.PixelMeasuresSequence = item(PixelSpacing=[0.9, 0.8], SliceThickness=5)
    data.PerFrameFunctionalGroupsSequence, data.SharedFunctionalGroupsSequence = (
        Sequence(frames),
        Sequence([shared]),
    )
    pixels = np.stack([np.full((6, 8), value, np.uint16) for value in (11, 10, 12)])
    write(tmp_path / "enhanced.dcm", filled(data, pixels))
    volume = opened(tmp_path)
    assert volume.geometry.spacing == pytest.approx((5, 0.9, 0.8))
    assert [volume.cut(Plane.ACQUIRED, index).max() for index in range(3)] == [20, 22 - 10, 24 - 20]


def test_a_picture_cut_short_gets_a_sentence_that_names_the_file(tmp_path):
    write_stack(tmp_path, VALUES[:1])
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(SegPaintError, match=path.name):
        opened(tmp_path).cut(Plane.ACQUIRED, 0)


def test_a_search_can_be_ended(tmp_path):
    write_stack(tmp_path, VALUES)

    def stop(count):
        if count == 2:
            raise SegPaintError("enough")

    with pytest.raises(SegPaintError, match="enough"):
        find_series(files_below(tmp_path), stop)
