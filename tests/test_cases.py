import json

import pytest

from segpaint.core.errors import SegPaintError
from segpaint.io.cases import find_volumes, holds_volumes
from segpaint.io.nnunet import find_nnunet
from segpaint.io.structures import find_structures


@pytest.fixture
def lay(tmp_path):
    """Make empty files: finding them reads none."""

    def make(*names):
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch()
        return tmp_path

    return make


@pytest.fixture
def nnunet(lay):
    """A data set folder of nnU-Net; keywords change its dataset.json."""

    def make(*names, **changes):
        content = {
            "channel_names": {"0": "T1"},
            "labels": {"background": 0, "liver": 1},
            "file_ending": ".nii.gz",
        }
        folder = lay("dataset.json", *names)
        (folder / "dataset.json").write_text(json.dumps({**content, "file_ending": ".nii.gz", **changes}))
        return folder

    return make


ONE = ("imagesTr/a_0000.nii.gz", "labelsTr/a.nii.gz")


@pytest.mark.parametrize("labels", ["a-labels.nii.gz", "a_labels.nii", "a_seg.nii.gz", "a-label.nii"])
def test_labels_are_found_beside_their_volume(lay, labels):
    folder = lay("a.nii.gz", labels, "notes.txt", ".hidden.nii.gz")
    (case,) = find_volumes(folder).cases
    assert (case.name, case.images, case.labels) == ("a", (folder / "a.nii.gz",), folder / labels)
    assert holds_volumes(folder)


def test_labels_are_found_under_the_same_name(lay):
    folder = lay("images/b.nii", "images/a_seg.nii.gz", "labels/b.nii.gz", "labels/a_seg.nii.gz")
    assert [case.name for case in find_volumes(folder).cases] == ["a_seg", "b"]
    assert holds_volumes(folder)


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (
            ["a.nii.gz", "a_seg.nii.gz", "b.nii", "c.nii"],
            "{0}/b.nii has no labels in {0}; add them",
        ),
        (["a_seg.nii.gz"], "{0}/a_seg.nii.gz has no image"),
        (["images/a.nii.gz"], "{0}/images/a.nii.gz has no labels in {0}/labels"),
        (["labels/a.nii.gz", "images/.x"], "{0}/labels/a.nii.gz has no image"),
        (["a.png"], "{0} holds nothing to prepare"),
    ],
)
def test_what_has_no_partner_is_named(lay, names, sentence):
    folder = lay(*names)
    with pytest.raises(SegPaintError) as caught:
        find_volumes(folder)
    assert str(caught.value).startswith(sentence.format(folder))
    assert str(caught.value).endswith("1 more file is wrong, too.") == ("c.nii" in names)


@pytest.mark.parametrize(
    ("names", "given", "advice"),
    [
        (["imagesTr/a_0000.nii.gz", "labelsTr/a.nii.gz"], ".", "dataset.json is missing"),
        (["labels.json", "images/train/a.png"], ".", "give it to segpaint train"),
        (["images/a.nii.gz", "labels/a.nii.gz"], "images", "give {0}."),
        (["dataset.json", "imagesTr/a_0000.nii.gz"], "imagesTr", "give {0}."),
    ],
)
def test_a_folder_given_by_mistake_is_recognised(lay, names, given, advice):
    folder = lay(*names)
    with pytest.raises(SegPaintError) as caught:
        find_volumes(folder / given)
    assert advice.format(folder) in str(caught.value)


def test_a_training_layout_holds_no_volumes(tiny_data):
    assert not holds_volumes(tiny_data)
    assert not holds_volumes(tiny_data / "nowhere")


def test_a_data_set_of_nnunet_is_found(nnunet):
    folder = nnunet(*ONE, "imagesTr/b_c_0000.nii.gz", "labelsTr/b_c.nii.gz", "imagesTs/z_0000.nii.gz")
    source = find_nnunet(folder)
    assert [case.name for case in source.cases] == ["a", "b_c"]
    assert source.cases[1].images == (folder / "imagesTr/b_c_0000.nii.gz",)
    assert source.labels == {1: "liver"}
    assert source.modality == "MR"
    assert holds_volumes(folder)


@pytest.mark.parametrize(
    ("name", "modality"), [("CT", "CT"), ("FLAIR", "MR"), ("T1", "MR"), ("PET", "PT"), ("noNorm", None)]
)
def test_the_channel_tells_the_modality(nnunet, name, modality):
    assert find_nnunet(nnunet(*ONE, channel_names={"0": name})).modality == modality


@pytest.mark.parametrize("channel", ["1", "t2"])
def test_one_of_several_channels_is_chosen_by_name_or_number(nnunet, channel):
    folder = nnunet(*ONE, "imagesTr/a_0001.nii.gz", channel_names={"0": "T1", "1": "T2"})
    assert find_nnunet(folder, channel).cases[0].images == (folder / "imagesTr/a_0001.nii.gz",)
    with pytest.raises(SegPaintError, match=r"several channels: 0 T1, 1 T2\. Choose one with --channel"):
        find_nnunet(folder)
    with pytest.raises(SegPaintError, match=r"no channel 'T3'; it has 0 T1, 1 T2"):
        find_nnunet(folder, "T3")


@pytest.mark.parametrize("files", [1, 3])
def test_red_green_and_blue_are_taken_together(nnunet, files):
    images = [f"imagesTr/a_000{number}.png" for number in range(files)]
    folder = nnunet(*images, "labelsTr/a.png", channel_names={"0": "R", "1": "G", "2": "B"}, file_ending=".png")
    assert find_nnunet(folder).cases[0].images == tuple(folder / name for name in images)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"file_ending": ".mgz"}, "'.mgz', which cannot be read"),
        ({"file_ending": None}, "no valid 'file_ending'"),
        ({"channel_names": ["T1"]}, "no valid 'channel_names'"),
        ({"labels": {"background": 0, "tumour": [1, 2]}}, r"'tumour' the values \[1, 2\]: regions .* --labels"),
        ({"labels": {"background": 0, "heart": 2, "liver": 2}}, "the value 2 two names, 'heart' and 'liver'"),
        ({"labels": {"background": 0, "air": 0, "liver": 2}}, "the value 0 two names, 'background' and 'air'"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said(nnunet, changes, reason):
    folder = nnunet(*ONE, **changes)
    with pytest.raises(SegPaintError, match=reason) as caught:
        find_nnunet(folder)
    assert str(folder / "dataset.json") in str(caught.value)


def test_regions_do_not_matter_where_labels_are_named_elsewhere(nnunet):
    source = find_nnunet(nnunet(*ONE, labels={"background": 0, "tumour": [1, 2]}), named=True)
    assert source.labels is None


@pytest.mark.parametrize("named", [False, True])
def test_what_nnunet_ignores_is_no_label(nnunet, named):
    source = find_nnunet(nnunet(*ONE, labels={"background": 0, "liver": 1, "ignore": 2}), named=named)
    assert source.labels == (None if named else {1: "liver"})
    assert source.cases[0].ignored == 2


@pytest.mark.parametrize("content", ["", "[]", "{"])
def test_a_dataset_json_that_makes_no_sense_is_named(nnunet, content):
    folder = nnunet(*ONE)
    (folder / "dataset.json").write_text(content)
    with pytest.raises(SegPaintError, match=r"dataset\.json"):
        find_nnunet(folder)


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ([*ONE, "imagesTr/b_0000.nii.gz"], "labelsTr/b.nii.gz is missing"),
        ([*ONE, "labelsTr/b.nii.gz"], "imagesTr/b_0000.nii.gz is missing"),
        (["labelsTr/b.nii.gz"], "imagesTr holds no files"),
        (["imagesTr/a.nii.gz", "labelsTr/a.nii.gz"], "imagesTr holds no files such as NAME_0000.nii.gz"),
    ],
)
def test_a_missing_file_is_named(nnunet, names, missing):
    folder = nnunet(*names)
    with pytest.raises(SegPaintError, match=missing) as caught:
        find_nnunet(folder)
    assert str(folder) in str(caught.value)


@pytest.mark.parametrize("name", ["images/b.mgz", "images/sub/b.nii.gz", "labels/b.img", "raw/b.dcm"])
def test_volumes_that_are_not_used_are_counted(lay, name):
    folder = lay("images/a.nii.gz", "labels/a.nii.gz", name)
    (note,) = find_volumes(folder).notes
    assert note == f"{folder}: volumes that are not used: 1, such as {name}."


def test_cases_without_structures_are_counted(lay):
    folder = lay("s1/ct.nii.gz", "s1/segmentations/liver.nii.gz", "s2/ct.nii.gz")
    assert find_structures(folder).notes == (f"{folder}: volumes that are not used: 1, such as s2/ct.nii.gz.",)
