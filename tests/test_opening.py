"""One door opens every file that the clinic has, whatever its name is, and offers what folders hold."""

import numpy as np
import pytest
import SimpleITK
from dicom_files import filled, header, write, write_stack
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.planes import Plane
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume

VALUES = np.random.default_rng(3).integers(0, 250, (3, 36, 40))
BYTES = VALUES.astype(np.uint8)
GEOMETRY = Geometry.of(VALUES.shape, (-20, -30, 40), (0.8, 0.9, 5.0), np.eye(3))


def write_picture(path):
    Image.fromarray(BYTES[0]).save(path)


def write_dicom(path):
    write_stack(path.parent / "one", VALUES[:1])
    next((path.parent / "one").iterdir()).rename(path)


WRITERS = {
    "a.nii": lambda path: write_volume(path, BYTES, GEOMETRY),
    "a.nii.gz": lambda path: write_volume(path, BYTES, GEOMETRY),
    "a.nrrd": lambda path: write_volume(path, BYTES, GEOMETRY),
    "a.mha": lambda path: write_volume(path, BYTES, GEOMETRY),
    "a.mhd": lambda path: SimpleITK.WriteImage(SimpleITK.GetImageFromArray(BYTES), str(path)),
    "a.nhdr": lambda path: SimpleITK.WriteImage(SimpleITK.GetImageFromArray(BYTES), str(path)),
    "a.tif": lambda path: SimpleITK.WriteImage(SimpleITK.GetImageFromArray(BYTES), str(path)),
    "a.npy": lambda path: np.save(path, BYTES),
    "a.npz": lambda path: np.savez_compressed(path, small=np.zeros((2, 2)), image=BYTES),
    "a.png": write_picture,
    "a.bmp": write_picture,
    "a.dcm": write_dicom,
}


def opened(place):
    (offer,) = find_offers(place).offers
    return offer.open()


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_its_values(tmp_path, name):
    path = tmp_path / name
    WRITERS[name](path)
    volume = opened(path)
    np.testing.assert_array_equal(volume.voxels.whole(0), VALUES[: volume.geometry.shape[0]])
    assert volume.geometry.shape[0] == (1 if name.endswith((".png", ".bmp", ".dcm")) else len(VALUES))


@pytest.mark.parametrize("name", ["a.nrrd", "a.mha", "a.tif", "a.npy", "a.png", "a.dcm"])
@pytest.mark.parametrize("ending", ["", ".dcm", ".png", ".dat"])
def test_the_content_counts_and_not_the_ending(tmp_path, name, ending):
    WRITERS[name](tmp_path / name)
    path = (tmp_path / name).rename(tmp_path / f"IM_0001{ending}")
    np.testing.assert_array_equal(opened(path).voxels.slice(0, 0), VALUES[0])


def test_a_folder_offers_its_series_and_volumes_the_largest_series_first(tmp_path):
    write_stack(tmp_path / "sub" / "a", VALUES, SeriesNumber=4, SeriesDate="", StudyDate="20240305")
    localiser = header("1.2.4", "MR", SeriesDescription="localiser")
    write(tmp_path / "IM1", filled(localiser, np.zeros((4, 4), np.uint16)))
    write_volume(tmp_path / "scan.nii.gz", BYTES, GEOMETRY)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / ".hidden").write_text("hello")
    found = find_offers(tmp_path)
    assert [(one.name, one.detail) for one in found.offers] == [
        ("a stack", "series 4, 2024-03-05, CT, 3 pictures of 40 x 36, 0.8 x 0.9 x 5 mm"),
        ("localiser", "MR, 1 picture of 4 x 4"),
        ("scan.nii.gz", "NIfTI, 0.1 MiB"),
    ]
    (remark,) = found.remarks
    assert "notes.txt is no DICOM file" in remark
    np.testing.assert_array_equal(found.offers[2].open().voxels.whole(0), BYTES)


def test_the_list_of_a_disk_stands_for_the_disk(tmp_path):
    write_stack(tmp_path / "a", VALUES)
    (tmp_path / "DICOMDIR").write_bytes(b"x")
    np.testing.assert_array_equal(opened(tmp_path / "DICOMDIR").voxels.whole(0), VALUES)
    assert find_offers(tmp_path).remarks == ()


@pytest.mark.parametrize("content", [None, b"hello"])
def test_a_folder_without_a_scan_gets_a_sentence(tmp_path, content):
    if content is not None:
        (tmp_path / "notes.txt").write_bytes(content)
    with pytest.raises(SegPaintError, match="holds no scan") as caught:
        find_offers(tmp_path)
    assert "empty" in str(caught.value) if content is None else "notes.txt" in str(caught.value)


def test_a_search_can_be_ended_while_folders_are_listed(tmp_path):
    def stop(count):
        raise SegPaintError(f"enough at {count}")

    with pytest.raises(SegPaintError, match="enough at 0"):
        find_offers(tmp_path, stop)


@pytest.mark.parametrize(
    ("storage", "words"),
    [
        ("1.2.840.10008.5.1.4.1.1.66.4", "a segmentation"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "a structure set"),
        ("1.2.840.10008.5.1.4.1.1.88.11", "a report \\(Basic Text SR\\) and shows no slice"),
        ("1.2.840.10008.5.1.4.1.1.88.22", r"a report \(Enhanced SR\)"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "a list of chosen images"),
        ("1.2.840.10008.5.1.4.1.1.104.1", r"a document \(Encapsulated PDF\)"),
        ("1.2.840.10008.5.1.4.1.1.11.1", "a presentation state"),
        ("1.2.840.10008.5.1.4.1.1.9.1.1", "a waveform"),
        ("1.2.840.10008.5.1.4.1.1.481.2", "a dose distribution"),
        ("1.2.840.10008.5.1.4.1.1.481.5", "a plan or record of radiotherapy"),
        ("1.2.840.10008.5.1.4.1.1.66.1", "a registration"),
    ],
)
def test_what_is_no_scan_is_named_and_what_to_do(tmp_path, storage, words):
    data = header(modality="SEG")
    data.SOPClassUID = storage
    write(tmp_path / "x.dcm", filled(data, BYTES) if words == "a segmentation" else data)
    with pytest.raises(SegPaintError, match=words) as caught:
        find_offers(tmp_path / "x.dcm")
    assert "open" in str(caught.value)


def test_each_slice_knows_its_file(tmp_path):
    write_stack(tmp_path, [*VALUES, VALUES[0] + 1], order=[3, 0, 1])
    volume = opened(tmp_path)
    ((first, _, missing, last),) = volume.sources
    assert missing is None
    assert first[1] == last[1] == 0
    np.testing.assert_array_equal(opened(last[0]).cut(Plane.ACQUIRED, 0), VALUES[0] + 1)


COLOR = np.ascontiguousarray(BYTES.transpose(1, 2, 0))
DEEP = BYTES[0].astype(np.uint16) * 257


@pytest.mark.parametrize(
    ("pixels", "wanted"),
    [
        (BYTES[0], BYTES[0]),
        (DEEP, DEEP),
        (COLOR, COLOR),
        (np.dstack([BYTES[0]] * 3), BYTES[0]),
        (np.dstack([BYTES[0], BYTES[1]]), BYTES[0]),
        (np.dstack([COLOR, BYTES[0]]), COLOR),
    ],
    ids=["8 bits", "16 bits", "colour", "grey in colours", "transparent grey", "transparent colour"],
)
def test_pictures_keep_their_values_and_have_no_millimetres(tmp_path, pixels, wanted):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    volume = opened(tmp_path / "a.png")
    found = volume.cut(Plane.ACQUIRED, 0)
    np.testing.assert_array_equal(found, wanted)
    assert found.dtype == wanted.dtype
    assert not volume.geometry.is_measured
    assert not volume.geometry.is_placed


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (BYTES[0], (1, 36, 40)),
        (VALUES.astype(np.float16), (3, 36, 40)),
        (VALUES.astype(">i4"), (3, 36, 40)),
        (np.asfortranarray(VALUES), (3, 36, 40)),
        (BYTES > 100, (3, 36, 40)),
        (COLOR, (1, 36, 40)),
        (np.stack([COLOR] * 2), (2, 36, 40)),
    ],
    ids=["flat", "halves", "big-endian", "Fortran", "bits", "colour", "colours"],
)
def test_arrays_keep_their_values(tmp_path, array, shape):
    np.save(tmp_path / "a.npy", array)
    volume = opened(tmp_path / "a.npy")
    assert volume.geometry.shape == shape
    np.testing.assert_array_equal(volume.voxels.whole(0).reshape(array.shape), array)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.array([{"a": 1}]), "cannot be read"),
        (np.zeros((2, 2), complex), "no numbers"),
        (np.zeros((0, 2)), "no numbers"),
        (np.zeros((2, 2, 2, 2)), "4 axes"),
        (np.zeros(2), "1 axes"),
    ],
    ids=["objects", "complex", "empty", "4D", "1D"],
)
def test_arrays_that_are_no_pictures_get_a_sentence(tmp_path, array, reason):
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(SegPaintError, match=reason):
        opened(tmp_path / "a.npy")


def test_masks_opened_as_scans_are_named(tmp_path):
    palette = Image.fromarray(BYTES[0] % 3)
    palette.putpalette(range(9))
    palette.save(tmp_path / "a.png")
    assert "open it as a mask" in opened(tmp_path / "a.png").remarks[0]
    write_volume(tmp_path / "a.seg.nrrd", BYTES, GEOMETRY, labels=[Label(index=1, name="a", color="#112233")])
    with pytest.raises(SegPaintError, match="as a mask"):
        opened(tmp_path / "a.seg.nrrd")


@pytest.mark.parametrize("name", ["a.nhdr", "a.mhd"])
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ("../elsewhere.raw", "not in its folder"),
        ("/dev/zero", "not in its folder"),
        ("missing.raw", "is missing"),
        ("a%03d.raw 1 9 1", "several files"),
        ("LIST", "several files"),
    ],
)
def test_values_beside_a_header_lie_in_its_folder(tmp_path, name, values, reason):
    (tmp_path / "elsewhere.raw").write_bytes(BYTES.tobytes())
    path = tmp_path / "headers" / name
    path.parent.mkdir()
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(BYTES), str(path))
    lines = path.read_text(encoding="utf-8").splitlines()
    key = next(line for line in lines if line.casefold().startswith(("data file:", "elementdatafile")))
    changed = key.partition(":" if name == "a.nhdr" else "=")
    lines[lines.index(key)] = f"{changed[0]}{changed[1]} {values}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with pytest.raises(SegPaintError, match=reason):
        opened(path)


def test_pages_of_a_tiff_are_slices(tmp_path):
    first, *rest = map(Image.fromarray, VALUES.astype(np.uint16) * 200)
    first.save(tmp_path / "a.tif", save_all=True, append_images=rest, compression="tiff_lzw", dpi=(72, 72))
    volume = opened(tmp_path / "a.tif")
    np.testing.assert_array_equal(volume.voxels.whole(0), VALUES * 200)
    assert not volume.geometry.is_measured


def test_pages_of_different_sizes_get_a_sentence(tmp_path):
    Image.fromarray(BYTES[0]).save(
        tmp_path / "a.tif", save_all=True, append_images=[Image.fromarray(BYTES[0, :5])]
    )
    with pytest.raises(SegPaintError, match="differ in size"):
        opened(tmp_path / "a.tif")


def test_a_nrrd_that_gives_no_place_reports_it(tmp_path):
    header = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 40 36 3\nspacings: 1 2 3\nencoding: raw\n\n"
    (tmp_path / "a.nrrd").write_bytes(header.encode() + BYTES.tobytes())
    volume = opened(tmp_path / "a.nrrd")
    assert volume.geometry.spacing == (3, 2, 1)
    assert not volume.geometry.is_placed
    assert volume.geometry.is_measured
    assert "Sides are assumed" in volume.remarks[0]


def test_a_list_of_values_in_nrrd_is_a_film(tmp_path):
    header = (
        "NRRD0004\ntype: uchar\ndimension: 4\nspace: left-posterior-superior\nsizes: 3 40 36 1\n"
        "space directions: none (1,0,0) (0,1,0) (0,0,1)\nkinds: list domain domain domain\nencoding: raw\n\n"
    )
    (tmp_path / "a.seq.nrrd").write_bytes(header.encode() + COLOR.tobytes())
    volume = opened(tmp_path / "a.seq.nrrd")
    assert volume.voxels.times == 3
    np.testing.assert_array_equal(volume.voxels.slice(2, 0), BYTES[2])
