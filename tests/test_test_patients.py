"""Patients that are kept for tests: who they are, and that nothing is learnt from them."""

import json
import shutil
from collections import Counter

import pytest
from scans import SHAPE, prepare, record, save, save_pair, scan

from segpaint.training.dataset import read_data_set


@pytest.fixture
def four(tmp_path, capfd):
    """Prepare four patients with these options, and return the folder."""
    for number in range(4):
        save_pair(tmp_path / "scans", f"p{number}")

    def run(*options):
        shutil.rmtree(tmp_path / "out", ignore_errors=True)
        prepare(tmp_path, capfd, *options)
        return tmp_path / "out"

    return run


def splits_of(tmp_path):
    return Counter(case["split"] for case in record(tmp_path)["cases"].values())


def names(folder):
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("patients", "options", "expected"),
    [
        (4, [], {"train": 3, "val": 1}),
        (9, [], {"train": 8, "val": 1}),
        (10, [], {"train": 7, "val": 2, "test": 1}),
        (10, ["--test-share", "0"], {"train": 8, "val": 2}),
        (4, ["--test-share", "0.25"], {"train": 2, "val": 1, "test": 1}),
        (4, ["--test-share", "0.9", "--val-share", "0.9"], {"train": 1, "val": 3}),
        (4, ["--test-share", "0.9", "--val-share", "0"], {"train": 1, "test": 3}),
        (1, ["--test-share", "0.5"], {"train": 1}),
    ],
    ids=str,
)
def test_patients_are_split_into_train_val_and_test(tmp_path, capfd, patients, options, expected):
    for number in range(patients):
        save_pair(tmp_path / "scans", f"p{number}")
    told = prepare(tmp_path, capfd, *options)
    assert splits_of(tmp_path) == expected
    for kind in ("images", "masks/all"):
        counts = {path.name: len(names(path)) // SHAPE[2] for path in (tmp_path / "out" / kind).iterdir()}
        assert counts == expected
    assert (f"test: {SHAPE[2] * expected.get('test', 0)} slices of" in told) == ("test" in expected)


def test_the_patients_of_val_do_not_depend_on_those_of_test(four):
    first = names(four("--test-share", "0") / "images/val")
    assert names(four("--test-share", "0.5") / "images/val") == first


def test_nothing_of_test_is_trained_on_or_even_read(four):
    folder = four("--test-share", "0.25")
    tested = names(folder / "images/test")
    before = read_data_set(folder)
    assert not tested & {*before.train.names, *before.val.names}
    assert set(read_data_set(folder, unseen="test").val.names) == tested
    for path in folder.glob("*/test/*.png"):
        path.write_bytes(b"damaged")
    (folder / "images/test/alone.png").touch()
    after = read_data_set(folder)
    assert after.digest == before.digest
    assert after.notes == before.notes


def test_labels_of_some_slices_may_be_listed_for_all_splits(four):
    folder = four("--test-share", "0.25")
    (folder / "annotated.csv").write_text(f"name,labels\n{min(names(folder / 'images/test'))},\n")
    assert read_data_set(folder).train.annotated.all()
    assert not read_data_set(folder, unseen="test").val.annotated.all()


def test_cases_that_nnunet_keeps_for_tests_are_tested_with_if_they_have_labels(tmp_path, capfd):
    source, (image, labels) = tmp_path / "scans", scan()
    for part, stems in (("Tr", [f"p{number}" for number in range(12)]), ("Ts", ["q1", "q2"])):
        for stem in stems:
            save(source / f"images{part}" / f"{stem}_0000.nii.gz", image)
            save(source / f"labels{part}" / f"{stem}.nii.gz", labels)
    content = {"channel_names": {"0": "MR"}, "labels": {"background": 0, "a": 1}, "file_ending": ".nii.gz"}
    (source / "dataset.json").write_text(json.dumps(content))
    (source / "labelsTs/q2.nii.gz").unlink()
    prepare(tmp_path, capfd)
    assert splits_of(tmp_path) == {"train": 10, "val": 2, "test": 1}
    assert {name[:2] for name in names(tmp_path / "out/images/test")} == {"q1"}
    shutil.rmtree(tmp_path / "out")
    save(source / "imagesTs/p1_0000.nii.gz", image)
    save(source / "labelsTs/p1.nii.gz", labels)
    assert "has the case p1 in imagesTr and in imagesTs" in prepare(tmp_path, capfd, status=2)
    shutil.rmtree(source / "labelsTs")
    prepare(tmp_path, capfd)
    assert splits_of(tmp_path) == {"train": 9, "val": 2, "test": 1}
