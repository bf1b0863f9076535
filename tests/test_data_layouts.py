"""Folders of scans as nnU-Net 1, the Decathlon, TotalSegmentator and MONAI Label leave them."""

import json

import numpy as np
import pytest
from PIL import Image
from scans import AFFINE, SHAPE, prepare, record, save, save_pair, scan

from segpaint.core.errors import SegPaintError
from segpaint.io.cases import find_volumes, holds_volumes
from segpaint.io.nnunet import find_nnunet
from segpaint.io.structures import find_structures
from segpaint.training.dataset import read_data_set


def describe(folder, **content):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.json").write_text(json.dumps(content))
    return folder


def nnunet(folder, labels, image="a_0000.nii.gz", **content):
    values, drawn = scan()
    save(folder / "imagesTr" / image, values)
    save(folder / "labelsTr/a.nii.gz", drawn)
    version_2 = {"channel_names": {"0": "MRI"}, "file_ending": ".nii.gz"}
    return describe(folder, labels=labels, **(content or version_2))


DECATHLON = {
    "modality": {"0": "MRI"},
    "training": [{"image": "./imagesTr/a.nii.gz", "label": "./labelsTr/a.nii.gz"}],
}


# ---- labels of dataset.json


@pytest.mark.parametrize(
    "labels",
    [
        {"background": "0", "liver": "1"},
        {"background": 0.0, "liver": 1.0},
        {"0": "background", "1": "liver"},
        {"background": 0, "liver": [1]},
    ],
    ids=str,
)
def test_values_of_labels_are_understood_as_people_write_them(tmp_path, labels):
    assert find_nnunet(nnunet(tmp_path, labels)).labels == {1: "liver"}


@pytest.mark.parametrize("ignored", [{"ignore": "2"}, {"Ignore": 2}], ids=str)
def test_the_ignored_value_may_be_written_in_any_way(tmp_path, ignored):
    source = find_nnunet(nnunet(tmp_path, {"background": 0, "liver": 1, **ignored}))
    assert source.labels == {1: "liver"}
    assert source.cases[0].ignored == 2


def test_regions_inside_each_other_become_labels_inside_each_other(tmp_path):
    regions = {"background": 0, "tumour": [1, 2, 3], "core": [2, 3], "enhancing": 3, "oedema": [4]}
    source = find_nnunet(nnunet(tmp_path, regions))
    assert source.labels == {1: "tumour", 2: "core", 3: "enhancing", 4: "oedema"}
    assert source.parents == {2: 1, 3: 2}


def test_regions_are_prepared_as_labels_with_parents(tmp_path, capfd):
    folder = nnunet(tmp_path / "scans", {"background": 0, "body": [1, 2], "organ": 2})
    drawn = scan()[1] * 2
    drawn[5:25, 5:9] = 1
    save(folder / "labelsTr/a.nii.gz", drawn)
    prepare(tmp_path, capfd)
    labels = json.loads((tmp_path / "out/labels.json").read_text())["labels"]
    assert [(label["index"], label["name"], label.get("parent")) for label in labels] == [
        (1, "body", None),
        (2, "organ", 1),
    ]


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ({"a": [1, 2], "b": [2, 3]}, r"'a' the values \[1, 2\]: regions are understood only where"),
        ({"a": [1, 2, 3], "b": 3}, r"'a' the values \[1, 2, 3\]: regions"),
        ({"a": [0, 1], "b": 2}, r"'a' the values \[0, 1\]: regions"),
        ({"a": [1, 2], "b": [2, 1]}, "value 1, 2 two names, 'a' and 'b'"),
        ({"a": "1", "b": 1}, "value 1 two names, 'a' and 'b'"),
        ({"a": "one"}, "'a' the value 'one'; it must be a whole number"),
        ({"a": 1.5}, "'a' the value 1.5; it must be a whole number"),
        ({"a": []}, r"'a' the value \[\]; it must be a whole number"),
        ({"a": True}, "'a' the value True; it must be a whole number"),
    ],
    ids=str,
)
def test_labels_that_cannot_be_understood_are_named_with_the_reason(tmp_path, labels, reason):
    with pytest.raises(SegPaintError, match=reason) as caught:
        find_nnunet(nnunet(tmp_path, labels))
    assert str(tmp_path / "dataset.json") in str(caught.value)


# ---- version 1 and the Decathlon


@pytest.mark.parametrize("image", ["a.nii.gz", "a_0000.nii.gz"])
def test_a_folder_of_the_decathlon_or_of_version_1_is_prepared(tmp_path, capfd, image):
    nnunet(tmp_path / "scans", {"0": "background", "1": "liver"}, image, **DECATHLON)
    assert holds_volumes(tmp_path / "scans")
    assert "MR, because the data set names it" in prepare(tmp_path, capfd)
    data = read_data_set(tmp_path / "out")
    assert [label.name for label in data.table] == ["liver"]
    assert len(data.train) == SHAPE[2]


@pytest.mark.parametrize("channel", ["1", "t2w"])
def test_one_channel_of_a_fourth_axis_is_chosen(tmp_path, capfd, channel):
    content = {**DECATHLON, "modality": {"0": "FLAIR", "1": "T2w"}}
    folder = nnunet(tmp_path / "scans", {"0": "background", "1": "liver"}, "a.nii.gz", **content)
    first, second = scan(0)[0], scan(1)[0]
    save(folder / "imagesTr/a.nii.gz", np.stack([first, second], axis=-1))
    assert "several channels: 0 FLAIR, 1 T2w" in prepare(tmp_path, capfd, status=2)
    prepare(tmp_path, capfd, "--channel", channel, "--spacing", "2", "--window", "0", "1000")
    shown = np.asarray(Image.open(tmp_path / "out/images/train/a_0002.png")).astype(int)
    np.testing.assert_allclose(shown, np.clip(second[::-1, ::-1, 2].T, 0, 1000) * 0.255, atol=1)


def test_a_channel_is_chosen_by_number_where_nothing_names_it(tmp_path, capfd):
    image = scan()[0]
    save_pair(tmp_path / "scans", "a", np.stack([image, image], axis=-1))
    assert "give its number, from 0, with --channel" in prepare(tmp_path, capfd, status=2)
    assert "from 0 to 1, so there is no 2" in prepare(tmp_path, capfd, "--channel", "2", status=2)
    prepare(tmp_path, capfd, "--channel", "1")


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({"image": "../a.nii.gz", "label": "labelsTr/a.nii.gz"}, r"lists \.\./a\.nii\.gz, which is not in its"),
        (
            {"image": "/etc/a.nii.gz", "label": "labelsTr/a.nii.gz"},
            "which is not in its folder",
        ),
        ({"image": "C:\\a.nii.gz", "label": "labelsTr/a.nii.gz"}, "which is not in its folder"),
        (
            {"image": "imagesTr/b.nii.gz", "label": "labelsTr/a.nii.gz"},
            "is missing, which .* lists",
        ),
        ({"image": "imagesTr/a.nii.gz"}, "names no NIfTI file as 'label'"),
        ({"image": "imagesTr/a.mha", "label": "labelsTr/a.nii.gz"}, "names no NIfTI file as 'image'"),
        ("imagesTr/a.nii.gz", "names no NIfTI file as 'image'"),
    ],
    ids=str,
)
def test_what_is_wrong_with_a_list_of_files_is_named(tmp_path, entry, reason):
    folder = nnunet(tmp_path, {"0": "background", "1": "a"}, "a.nii.gz", **{**DECATHLON, "training": [entry]})
    with pytest.raises(SegPaintError, match=reason):
        find_nnunet(folder)


@pytest.mark.parametrize(
    ("training", "reason"),
    [([], "lists no images to train on"), (DECATHLON["training"] * 2, "lists two images of the name a")],
    ids=["none", "twice"],
)
def test_a_list_must_name_each_case_once(tmp_path, training, reason):
    folder = nnunet(tmp_path, {"0": "background"}, "a.nii.gz", **{**DECATHLON, "training": training})
    with pytest.raises(SegPaintError, match=reason):
        find_nnunet(folder)


def test_channels_that_are_not_numbered_are_refused(tmp_path):
    folder = nnunet(tmp_path, {"liver": 1}, channel_names={"T1": "0"}, file_ending=".nii.gz")
    with pytest.raises(SegPaintError, match="must number its channels"):
        find_nnunet(folder)


# ---- TotalSegmentator


def structures(folder, **places):
    """A CT with a file for each structure, which takes up these rows."""
    folder.mkdir(parents=True)
    image = scan()[0] - 700
    for name, (first, last) in places.items():
        drawn = np.zeros(SHAPE, np.uint8)
        drawn[first:last, 5:25] = 1
        save(folder / "segmentations" / f"{name}.nii.gz", drawn)
    save(folder / "ct.nii.gz", image)
    return folder


def test_one_file_for_each_structure_is_merged_under_the_names_of_the_files(tmp_path, capfd):
    for name in ("s1", "s2"):
        structures(tmp_path / "scans" / name, spleen=(4, 10), lung_left=(20, 28), colon=(0, 0))
    assert holds_volumes(tmp_path / "scans")
    told = prepare(tmp_path, capfd, "--spacing", "2")
    assert "CT, because the data set names it" in told
    assert "overlap" not in told
    data = read_data_set(tmp_path / "out")
    assert [(label.index, label.name) for label in data.table] == [(2, "lung left"), (3, "spleen")]
    mask = data.train.masks[0]
    assert (mask == 3).sum() == 6 * 20
    assert (mask == 2).sum() == 8 * 20


def test_a_single_case_may_be_given_by_itself(tmp_path):
    folder = structures(tmp_path / "s1", spleen=(4, 10))
    (case,) = find_structures(folder).cases
    assert case.name == "s1"
    assert holds_volumes(folder)


def test_structures_that_overlap_are_reported_and_the_later_is_kept(tmp_path, capfd):
    structures(tmp_path / "scans/s1", aorta=(4, 12), body=(2, 20), heart=(10, 14))
    told = prepare(tmp_path, capfd, "--spacing", "2")
    assert f"overlap in {(8 + 4) * 20 * SHAPE[2]:,} voxels; body.nii.gz is the first" in told
    mask = read_data_set(tmp_path / "out").train.masks[0]
    assert [(mask == value).sum() for value in (1, 2, 3)] == [0, 14 * 20, 4 * 20]


def test_a_structure_that_a_case_lacks_counts_as_not_looked_for(tmp_path, capfd):
    structures(tmp_path / "scans/s1", spleen=(4, 10), liver=(12, 20))
    structures(tmp_path / "scans/s2", spleen=(4, 10))
    assert "has 1 of the 2 structures; the others count as not looked for" in prepare(tmp_path, capfd)
    data = read_data_set(tmp_path / "out")
    for pairs in (data.train, data.val):
        for name, annotated in zip(pairs.names, pairs.annotated, strict=True):
            assert annotated.tolist() == [name.startswith("s1"), True]


def test_what_is_wrong_with_structures_is_named(tmp_path, capfd):
    folder = structures(tmp_path / "scans/s1", spleen=(4, 10))
    save(folder / "segmentations/liver.nii.gz", scan()[1], np.diag([2.0, 2.0, 6.0, 1.0]))
    assert "liver.nii.gz lies up to" in prepare(tmp_path, capfd, status=2)
    save(folder / "segmentations/liver.nii.gz", scan()[1] + 1)
    assert "liver.nii.gz holds several labels" in prepare(tmp_path, capfd, status=2)
    assert "named by their files" in prepare(tmp_path, capfd, "--labels", "a.label", status=2)
    (folder / "ct.nii.gz").rename(folder / "ct.mha")
    assert "holds no image, such as ct.nii.gz" in prepare(tmp_path, capfd, status=2)


# ---- MONAI Label


def test_what_was_drawn_in_monai_label_is_prepared(tmp_path, capfd):
    save(tmp_path / "scans/a.nii.gz", scan()[0])
    save(tmp_path / "scans/b.nii.gz", scan()[0])
    save(tmp_path / "scans/labels/final/a.nii.gz", scan()[1])
    save(tmp_path / "scans/labels/original/b.nii.gz", scan()[1])
    told = prepare(tmp_path, capfd)
    assert f"are left out: 1, such as {tmp_path / 'scans/b.nii.gz'}." in told
    assert list(record(tmp_path)["cases"]) == ["a"]


def test_what_monai_label_lacks_is_named(tmp_path):
    save(tmp_path / "a.nii.gz", scan()[0])
    (tmp_path / "labels/final").mkdir(parents=True)
    with pytest.raises(SegPaintError, match="nothing is labelled yet"):
        find_volumes(tmp_path)
    save(tmp_path / "labels/final/b.nii.gz", scan()[1], AFFINE)
    with pytest.raises(SegPaintError, match=r"b\.nii\.gz has no image"):
        find_volumes(tmp_path)
