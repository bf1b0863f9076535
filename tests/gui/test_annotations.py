"""Polygons of labelme and COCO become masks."""

import json

import numpy as np
import pytest

from segpaint.core.errors import SegPaintError
from segpaint.gui.files.opening import open_file
from segpaint.io.annotations import holds_annotations, read_annotations
from segpaint.io.foreign_masks import read_foreign_mask

SIZE = 32


@pytest.fixture
def written(tmp_path):
    def write(content, name="slice.json"):
        path = tmp_path / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return path

    return write


def shape(label, points, kind="polygon"):
    return {"label": label, "points": points, "shape_type": kind, "group_id": None, "flags": {}}


def labelme(*shapes, **more):
    return {
        "version": "5.4",
        "imageHeight": SIZE,
        "imageWidth": SIZE,
        "imagePath": "a.png",
        "shapes": [*shapes],
        **more,
    }


def coco(*annotations, images=1):
    return {
        "images": [
            {"id": number, "width": SIZE, "height": SIZE, "file_name": "a.png"} for number in range(images)
        ],
        "categories": [{"id": 7, "name": "first"}, {"id": 9, "name": "second"}],
        "annotations": [{"id": 1, "image_id": 0, "iscrowd": 0, **annotation} for annotation in annotations],
    }


SQUARE = [[4, 8], [12, 8], [12, 16], [4, 16]]  # columns and rows


def test_labelme_shapes_are_filled_and_later_ones_lie_on_top(written):
    path = written(
        labelme(
            shape("outer", SQUARE), shape("inner", [[6, 10], [8, 12]], "rectangle"), shape("outer", SQUARE[:3])
        )
    )
    read = read_annotations(path)
    assert read.names == ("background", "outer", "inner")
    expected = np.zeros((SIZE, SIZE), np.uint8)
    expected[8:16, 4:12] = 1
    assert set(read.values[expected == 1].tolist()) == {1, 2}
    assert not read.values[expected == 0].any()
    assert (read.values == 2).sum() < 4  # the third shape covers half of the second


def test_a_circle_has_its_radius(written):
    read = read_annotations(written(labelme(shape("disc", [[16, 16], [16, 24]], "circle"))))
    assert read.values.sum() == pytest.approx(np.pi * 8**2, rel=0.05)


PACKED = r"d24l0000\j0"
"""The runs of the region in the next test, as pycocotools packs them."""


@pytest.mark.parametrize("is_packed", [False, True])
def test_coco_polygons_and_runs_are_read(written, is_packed):
    flat = [coordinate for point in SQUARE for coordinate in point]
    wanted = np.zeros((SIZE, SIZE), bool)
    wanted[20:24, 2:5] = True
    ends = np.flatnonzero(np.diff(np.r_[False, wanted.T.ravel(), False]))
    counts = np.diff(np.r_[0, ends, SIZE * SIZE]).tolist()
    runs = {"size": [SIZE, SIZE], "counts": PACKED if is_packed else counts}
    path = written(
        coco({"category_id": 9, "segmentation": [flat]}, {"category_id": 7, "segmentation": runs, "iscrowd": 1})
    )
    read = read_annotations(path)
    assert read.names == ("background", "second", "first")
    np.testing.assert_array_equal(read.values == 2, wanted)
    assert (read.values == 1).sum() == 64


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (coco(images=2), "annotates 2 images"),
        (coco({"category_id": 5, "segmentation": []}), "no category 5"),
        (coco({"category_id": 7, "segmentation": {"counts": [3, 4]}}), "do not add up"),
        (coco({"category_id": 7, "segmentation": {"counts": "PPYo0"}}), "do not add up"),
        (coco({"category_id": 7, "segmentation": {"counts": "a b"}}), "are damaged"),
        (coco({"category_id": 7, "segmentation": {"counts": "o" * 99}}), "are damaged"),
        (coco({"category_id": 7, "segmentation": {"counts": [0, 1024], "size": [64, 16]}}), "another size"),
        (coco({"category_id": 7, "segmentation": [[1, 2, 3]]}), "a column without a row"),
        (coco({"category_id": 7, "segmentation": [[1e308, 2, 3, 4, 5, 6]]}), "less than or equal to 1000000"),
        (coco({"category_id": 7, "segmentation": [[float("nan"), 2, 3, 4, 5, 6]]}), "a finite number"),
        (coco({"category_id": 7, "segmentation": [], "image_id": 4}), "no image 4"),
        ({**coco(), "categories": 2 * [{"id": 7, "name": "a"}]}, "one number"),
        (labelme(shape("tip", [[1, 2]], "point")), "'point'"),
        (labelme(imageHeight=10**9), "imageHeight"),
        (labelme(*(shape(str(number), SQUARE) for number in range(300))), "254 names"),
        ({"shapes": 3}, "imageHeight"),
    ],
)
def test_what_is_no_mask_is_a_sentence_with_the_file(written, content, reason):
    path = written(content)
    with pytest.raises(SegPaintError, match=reason) as caught:
        read_annotations(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("corners", [[], SQUARE[:2], [[-9, -9], [-5, -9], [-5, -5]]])
def test_shapes_that_cover_nothing_open_no_empty_mask(written, corners):
    flat = [coordinate for point in corners for coordinate in point]
    for content in (
        labelme(shape("a", corners)),
        coco({"category_id": 7, "segmentation": [flat]}),
    ):
        with pytest.raises(SegPaintError, match="none of its shapes covers a pixel"):
            read_annotations(written(content))
    assert not read_annotations(written(coco())).values.any()  # an image in which there is nothing


def test_numbers_of_images_may_be_texts_and_old_shapes_have_no_kind(written):
    flat = [coordinate for point in SQUARE for coordinate in point]
    for content in (
        coco({"category_id": 7, "segmentation": [flat], "image_id": "0"}),
        labelme(shape("a", SQUARE, kind=None)),
    ):
        assert (read_annotations(written(content)).values == 1).sum() == 64


def test_other_json_files_are_no_annotations(written, tmp_path):
    assert not holds_annotations(written({"checkpoint": "heart"}))
    assert not holds_annotations(written([1, 2]))
    (tmp_path / "damaged.json").write_bytes(b"{")
    assert not holds_annotations(tmp_path / "damaged.json")
    assert not holds_annotations(tmp_path / "missing.json")


def test_names_lead_to_the_labels_of_a_model(written, table):
    names = [label.name for label in table]
    path = written(labelme(shape(names[1], SQUARE)))
    foreign = read_foreign_mask(path, table, SIZE)
    assert [source.name for source in foreign.sources] == ["background", names[1]]
    assert foreign.mask([0, table.indices[1]]).sum() == 64 * table.indices[1]


def test_the_window_opens_them(written, studio, shell):
    name = studio.document.table[studio.document.table.indices[0]].name
    open_file(studio, shell, written(labelme(shape(name, SQUARE))))
    assert shell.warned == []
    assert (studio.document.mask.values == studio.document.table.indices[0]).sum() == 64
