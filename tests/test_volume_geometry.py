"""Voxels keep their place in the patient, however a volume lies in its file and is looked at."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from segpaint.core.errors import SegPaintError
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.planes import Plane, view_of
from segpaint.core.volumes.volume import ArrayVoxels, LazyVoxels, Stored, Volume

SHAPE = 4, 5, 6
AXIS_LAYOUTS = [
    np.eye(3)[list(order)] * signs
    for order in itertools.permutations(range(3))
    for signs in itertools.product((1, -1), repeat=3)
]
"""All 48 ways in which the axes of a file may lie along those of the patient."""
ENDS = {
    Plane.AXIAL: (("F", "H"), ("A", "P"), ("R", "L")),
    Plane.CORONAL: (("P", "A"), ("H", "F"), ("R", "L")),
    Plane.SAGITTAL: (("L", "R"), ("H", "F"), ("A", "P")),
}
angles = st.tuples(*[st.floats(-180, 180)] * 3)
spacings = st.tuples(*[st.floats(0.1, 10)] * 3)


def geometry_of(direction, spacing=(0.7, 0.9, 5.0), origin=(-100, 20, 7)):
    return Geometry.of(SHAPE, origin, spacing, direction)


def volume_of(geometry):
    """A volume whose values are the places of its voxels."""
    index = np.stack(np.meshgrid(*map(np.arange, geometry.shape), indexing="ij"), axis=-1)
    places = geometry.world(index)
    return Volume(ArrayVoxels(places[None]), geometry, "places", Stored("float64"))


@pytest.mark.parametrize("plane", ENDS)
@pytest.mark.parametrize("direction", AXIS_LAYOUTS, ids=lambda matrix: str(matrix.astype(int).tolist()))
def test_each_plane_is_laid_out_as_radiologists_do(direction, plane):
    geometry = geometry_of(direction)
    seen = view_of(geometry, plane).seen(geometry)
    assert tuple(seen.letters(axis) for axis in range(3)) == ENDS[plane]


@pytest.mark.parametrize("plane", Plane)
@pytest.mark.parametrize("direction", AXIS_LAYOUTS, ids=lambda matrix: str(matrix.astype(int).tolist()))
def test_every_voxel_of_a_slice_is_where_its_geometry_has_it(direction, plane):
    volume = volume_of(geometry_of(direction))
    seen = volume.view(plane).seen(volume.geometry)
    for index in range(volume.count(plane)):
        rows, columns = np.mgrid[: seen.shape[1], : seen.shape[2]]
        wanted = seen.world(np.stack([np.full_like(rows, index), rows, columns], axis=-1))
        np.testing.assert_allclose(volume.cut(plane, index), wanted, atol=1e-9)


@given(angles, spacings)
def test_oblique_volumes_are_turned_along_their_own_axes_alone(turn, spacing):
    geometry = geometry_of(Rotation.from_euler("xyz", turn, degrees=True).as_matrix(), spacing)
    values = np.arange(np.prod(SHAPE)).reshape(SHAPE)
    for plane in Plane:
        view = view_of(geometry, plane)
        seen, turned = view.seen(geometry), view.apply(values)
        assert seen.shape == turned.shape
        np.testing.assert_array_equal(view.undo(turned), values)
        corner = geometry.index(seen.world((0, 0, 0)))
        assert turned[0, 0, 0] == values[tuple(np.rint(corner).astype(int))]
        np.testing.assert_allclose(np.sort(seen.spacing), np.sort(geometry.spacing), rtol=1e-9)


@given(angles)
def test_the_acquired_plane_has_the_slices_of_the_file(turn):
    geometry = geometry_of(Rotation.from_euler("xyz", turn, degrees=True).as_matrix())
    view = view_of(geometry, Plane.ACQUIRED)
    assert view.order[0] == 0
    assert view.seen(geometry).spacing[0] == pytest.approx(5.0)


@given(angles, spacings, st.tuples(*[st.floats(-20, 20)] * 3))
def test_places_and_indices_are_converted_there_and_back(turn, spacing, index):
    geometry = geometry_of(Rotation.from_euler("xyz", turn, degrees=True).as_matrix(), spacing)
    np.testing.assert_allclose(geometry.index(geometry.world(index)), index, atol=1e-6)


def test_a_volume_counts_as_oblique_beyond_five_degrees():
    turned = [
        geometry_of(Rotation.from_euler("x", angle, degrees=True).as_matrix()) for angle in (4, 6, 50, 88)
    ]
    assert [each.is_oblique for each in turned] == [False, True, True, False]
    assert [round(each.angle) for each in turned] == [4, 6, 40, 2]


def test_oblique_ends_have_two_letters():
    geometry = geometry_of(Rotation.from_euler("z", 45, degrees=True).as_matrix())
    assert [len(geometry.letters(axis)[1]) for axis in range(3)] == [1, 2, 2]


def test_two_volumes_agree_where_all_their_voxels_do():
    first = geometry_of(np.eye(3))
    assert first.agrees(geometry_of(np.eye(3), origin=(-100.01, 20, 7)))
    assert not first.agrees(geometry_of(np.eye(3), origin=(-101, 20, 7)))
    assert not first.agrees(geometry_of(np.eye(3), spacing=(0.7, 0.9, 5.2)))
    assert not first.agrees(Geometry.of((4, 5, 7), (-100, 20, 7), (0.7, 0.9, 5.0), np.eye(3)))


def test_a_header_without_size_is_refused():
    with pytest.raises(SegPaintError, match="cannot be inverted"):
        geometry_of(np.zeros((3, 3)))


def test_slices_are_decoded_when_they_are_looked_at():
    asked = []

    def decode(time, index):
        asked.append((time, index))
        return np.full((5, 6), 10 * time + index)

    volume = Volume(LazyVoxels(2, 4, 960, decode), geometry_of(np.eye(3)), "lazy", Stored("int16"))
    assert volume.cut(Plane.ACQUIRED, 2, time=1).tolist() == [[12] * 6] * 5
    volume.cut(Plane.ACQUIRED, 2, time=1)
    assert asked == [(1, 2)]
    assert volume.cut(Plane.CORONAL, 0, time=1)[::-1, 0].tolist() == [10, 11, 12, 13]


def test_a_series_too_large_for_the_memory_is_cut_as_acquired_alone():
    huge = Volume(
        LazyVoxels(1, 4, 2**40, lambda _time, index: np.full((5, 6), index)), geometry_of(np.eye(3)), "huge",
        Stored("int16"),
    )  # fmt: skip
    assert huge.cut(Plane.ACQUIRED, 3).max() == 3
    with pytest.raises(SegPaintError, match="1024"):
        huge.cut(Plane.CORONAL, 0)
