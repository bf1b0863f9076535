"""Stations of one DICOM series, such as parts of a spine, are scans of their own; a stack or film is one."""

import shutil

import numpy as np
import pydicom
import pytest
from dicom_files import write_stack

from segpaint.io.volume_files.opening import find_offers

VALUES = np.random.default_rng(3).integers(-1000, 2000, (5, 12, 16))
SAGITTAL = np.array([[0, 1, 0], [0, 0, -1], [-1, 0, 0]]).T
"""Rows from front to back, columns from head to foot, slices from left to right."""
CORONAL = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]]).T


def opened(folder):
    return {offer.name: offer.open() for offer in find_offers(folder).offers}


def number_on(folder, by):
    """Number the pictures of a station after those of others."""
    for path in folder.iterdir():
        data = pydicom.dcmread(path)
        data.InstanceNumber += by
        data.save_as(path)


@pytest.mark.parametrize("counts", [(5, 5), (3, 5), (1, 1)])
def test_stations_beside_each_other_are_told_apart(tmp_path, counts):
    for place, count in enumerate(counts):
        origin = (10, -30, 40 - 300 * place)
        write_stack(tmp_path / str(place), VALUES[:count] + place, direction=SAGITTAL, origin=origin)
    found = opened(tmp_path)
    for place, count in enumerate(counts):
        volume = found[f"a stack, station {place + 1} of 2 from the head"]
        np.testing.assert_array_equal(volume.voxels.whole(0), VALUES[:count] + place)
        assert (volume.voxels.times, volume.remarks) == (1, ())
        np.testing.assert_allclose(volume.geometry.world((0, 0, 0)), (10, -30, 40 - 300 * place), atol=1e-4)
        if count > 1:
            np.testing.assert_allclose(volume.geometry.affine[:3, 0], (-5, 0, 0), atol=1e-4)


def test_stations_of_other_heights_are_told_apart(tmp_path):
    starts = {"from": (0, -30, 700), "over": (3, -27.7, 350), "to": (-2, -8.1, 0)}  # legs lie at a slant
    for name, origin in starts.items():
        write_stack(tmp_path / name, VALUES, direction=CORONAL, origin=origin)
    found = opened(tmp_path)
    assert list(found) == [f"a stack, station {number} of 3 from the head" for number in (1, 2, 3)]
    for volume, origin in zip(found.values(), starts.values(), strict=True):
        np.testing.assert_array_equal(volume.voxels.whole(0), VALUES)
        np.testing.assert_allclose(volume.geometry.world((4, 0, 0)), np.add(origin, (0, 20, 0)), atol=1e-4)
        assert volume.remarks == ()


def test_stations_are_counted_along_the_way_between_them(tmp_path):
    for place in (-90, 90):
        write_stack(tmp_path / str(place), VALUES + (place > 0), origin=(place, -30, 40))
    found = opened(tmp_path)
    np.testing.assert_array_equal(found["a stack, station 1 of 2 from the right"].voxels.whole(0), VALUES)
    np.testing.assert_array_equal(found["a stack, station 2 of 2 from the right"].voxels.whole(0), VALUES + 1)


def test_stations_of_a_tilted_gantry_keep_their_tilt(tmp_path):
    for place in (0, 1):
        write_stack(tmp_path / str(place), VALUES, slant=(0, 2, 0), origin=(0, 200 * place, 40))
        number_on(tmp_path / str(place), 5 * place)
    found = opened(tmp_path)
    assert list(found) == [f"a stack, station {number} of 2 from the front" for number in (1, 2)]
    for volume in found.values():
        np.testing.assert_allclose(volume.geometry.affine[:3, 0], (0, 2, 5), atol=1e-4)
        assert "tilted by 21.8 degrees" in volume.remarks[0]


def test_films_of_stations_keep_their_times(tmp_path):
    for place in (0, 1):
        for moment in (0, 40):
            more = {"origin": (0, 0, -250 * place), "TriggerTime": moment}
            write_stack(tmp_path / f"{place} {moment}", VALUES + moment, direction=SAGITTAL, **more)
    for volume in opened(tmp_path).values():
        assert volume.moments == (0, 40)
        np.testing.assert_array_equal(volume.voxels.whole(1), VALUES + 40)


@pytest.mark.parametrize("slant", [(0, 0, 0), (0, 0.5, 0), (0, 2.5, 0)])
@pytest.mark.parametrize("jitter", [0, 0.4])
def test_films_of_one_place_are_not_parted(tmp_path, slant, jitter):
    for moment in (0, 40, 80):
        origin = (jitter * (moment == 40), 0, 0)
        write_stack(tmp_path / str(moment), VALUES + moment, slant=slant, origin=origin, TriggerTime=moment)
    (volume,) = opened(tmp_path).values()
    assert volume.moments == (0, 40, 80)
    assert volume.geometry.shape == VALUES.shape


def test_a_stack_that_moves_on_its_way_is_not_parted(tmp_path):
    write_stack(tmp_path / "a", VALUES, origin=(0, 0, 0))
    write_stack(tmp_path / "b", VALUES, origin=(0, 6, 25))
    (volume,) = opened(tmp_path).values()
    assert volume.geometry.shape == (10, 12, 16)


def test_copies_are_counted_for_each_station(tmp_path):
    for place in (0, 1):
        write_stack(tmp_path / str(place), VALUES, direction=SAGITTAL, origin=(0, 0, -300 * place))
    shutil.copytree(tmp_path / "1", tmp_path / "copies")
    first, second = opened(tmp_path).values()
    assert first.remarks == ()
    assert "left out: 5" in second.remarks[0]
