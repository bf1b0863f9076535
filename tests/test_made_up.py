"""Made-up patients: an image of no mask, and the mask that is found in it, cleaned."""

import json
import shutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from segpaint import SegPaintError, open_checkpoint, read_request
from segpaint.cli import main
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.cleaning import clean

TABLE = LabelTable(
    (
        Label(index=1, name="body", color="#cc8844"),
        Label(index=2, name="heart", color="#dd3333", parent=1),
        Label(index=3, name="cavity", color="#dd33dd", parent=2),
        Label(index=4, name="bone", color="#eeeeaa"),
    )
)
VALUES = (0, *TABLE.indices)
MASKS = arrays(np.uint8, (20, 20), elements=st.sampled_from(VALUES)) | arrays(
    np.uint8, (5, 5), elements=st.sampled_from(VALUES)
).map(lambda coarse: coarse.repeat(4, axis=0).repeat(4, axis=1))
LEAST = st.dictionaries(st.sampled_from(TABLE.indices), st.integers(0, 60))


def there(mask):
    """The labels that have pixels, those of labels inside them included."""
    return {index for index in TABLE.indices if TABLE.shape_of(mask, index).any()}


@given(MASKS, LEAST)
def test_cleaning_never_invents_a_label(mask, least):
    before = mask.copy()
    cleaned = clean(mask, TABLE, least)
    assert np.array_equal(mask, before)
    assert there(cleaned) <= there(mask)
    assert set(np.unique(cleaned)) <= set(VALUES)


@given(MASKS, LEAST)
def test_a_label_that_is_too_small_is_left_out(mask, least):
    cleaned = clean(mask, TABLE, least)
    for index in there(cleaned):
        own = np.count_nonzero(cleaned == index)
        has_more_inside = bool(TABLE.shape_of(cleaned, index).sum() - own)
        assert has_more_inside or own >= least.get(index, 0)


def test_specks_go_to_what_lies_around_them_and_pinholes_are_filled():
    mask = np.zeros((64, 64), np.uint8)
    mask[10:50, 10:50] = 1
    mask[20:40, 20:40] = 2
    clean_one = mask.copy()
    mask[30, 30] = 1  # a pinhole in the heart
    mask[45, 45] = 2  # a speck of heart in the body
    mask[2, 2] = 4  # a speck of bone outside
    mask[60:62, 60] = 1
    assert np.array_equal(clean(mask, TABLE, {}), clean_one)


def test_a_cleft_between_a_wall_and_its_cavity_is_closed():
    mask = np.zeros((64, 64), np.uint8)
    mask[10:50, 10:50] = 1
    mask[20:40, 20:40] = 4
    mask[20:24, 30:32] = 0
    cleaned = clean(mask, TABLE, {})
    assert (cleaned[10:50, 10:50] > 0).all()
    assert np.array_equal(cleaned[mask > 0], mask[mask > 0])
    assert not cleaned[:10].any()


def test_a_large_gap_and_a_large_piece_stay():
    mask = np.zeros((64, 64), np.uint8)
    mask[5:45, 5:45] = 1
    mask[20:30, 20:30] = 0
    mask[50:60, 50:60] = 1
    assert np.array_equal(clean(mask, TABLE, {}), mask)


def test_a_small_label_inside_another_becomes_its_parents():
    mask = np.zeros((64, 64), np.uint8)
    mask[5:45, 5:45] = 2
    mask[20:26, 20:26] = 3
    cleaned = clean(mask, TABLE, {3: 40})
    assert (cleaned[5:45, 5:45] == 2).all()
    assert np.array_equal(clean(mask, TABLE, {3: 36}), mask)


@pytest.fixture
def make_up(judged_checkpoint, tmp_path):
    """Make up patients on the command line, and return its exit status."""

    def run(*options, out="out"):
        words = ["generate", "--checkpoint", str(judged_checkpoint), "--out", str(tmp_path / out)]
        return main([*words, "--device", "cpu", *options])

    return run


def test_the_command_writes_images_with_the_masks_found_in_them(make_up, judged_checkpoint, tmp_path):
    assert make_up("--made-up", "2", "--seed", "5") == 0
    out = tmp_path / "out"
    files = [f"made-up-{seed}{ending}" for seed in (5, 6) for ending in (".json", ".png", "_mask.png")]
    assert sorted(path.name for path in out.iterdir()) == files
    checkpoint = open_checkpoint(judged_checkpoint, "cpu")
    image, mask = checkpoint.make_up(seed=6)
    kept = checkpoint.read_result(out / "made-up-6.png")
    assert np.array_equal(kept.pixels, image.pixels)
    assert np.array_equal(checkpoint.read_mask(out / "made-up-6_mask.png"), mask)
    assert not kept.mask.any()
    assert kept.request.used == ()
    assert kept.request.model_dump_json() == read_request(out / "made-up-6.json").model_dump_json()
    assert not kept.about.shows_patient
    assert "found in the image" in json.loads((out / "made-up-6.json").read_text())["about"]["mask"]


def test_a_blank_mask_is_not_guided_away_from(judged_checkpoint, tmp_path):
    folder = shutil.copytree(judged_checkpoint, tmp_path / "guided")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**description, "guidance": 2.0}))
    words = ["generate", "--checkpoint", str(folder), "--out", str(tmp_path / "out"), "--device", "cpu"]
    assert main([*words, "--made-up", "1", "--seed", "5"]) == 0
    image, _ = open_checkpoint(folder, "cpu").make_up(seed=5)
    assert image.request.model_dump_json() == read_request(tmp_path / "out/made-up-5.json").model_dump_json()


def test_the_mask_found_in_an_image_is_not_lost_when_the_image_is_made_again(make_up, tmp_path, capfd):
    assert make_up("--made-up", "1") == 0
    mask = tmp_path / "out" / "made-up-0_mask.png"
    found = mask.read_bytes()
    assert make_up("--made-up", "1") == 0
    assert mask.read_bytes() == found
    again = ("--request", str(tmp_path / "out" / "made-up-0.json"))
    assert make_up(*again) == 2
    assert "made-up-0_mask.png was made otherwise" in capfd.readouterr().err
    assert mask.read_bytes() == found
    assert make_up(*again, out="again") == 0
    image = "made-up-0.png"
    assert (tmp_path / "again" / image).read_bytes() == (tmp_path / "out" / image).read_bytes()


def test_a_mask_that_was_changed_since_is_not_lost_either(make_up, tmp_path, capfd):
    assert make_up("--made-up", "1") == 0
    mask = tmp_path / "out" / "made-up-0_mask.png"
    Image.fromarray(np.full((32, 32), 4, np.uint8)).save(mask)
    assert make_up("--made-up", "1") == 2
    assert "would be lost" in capfd.readouterr().err
    assert make_up("--made-up", "1", "--overwrite") == 0


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--made-up", "0"], "--made-up 0: give 1 or more"),
        (["--made-up", "1", "--ablate", "all"], "--ablate is fixed by --made-up"),
        (["mask.png", "--made-up", "1"], "Give masks, one --request, one --set, or --made-up"),
    ],
)
def test_what_does_not_go_together_is_refused(make_up, capfd, options, told):
    assert make_up(*options) == 2
    assert told in capfd.readouterr().err


def test_a_model_without_a_segmenter_makes_nobody_up(tiny_checkpoint):
    with pytest.raises(SegPaintError, match="has no segmenter"):
        open_checkpoint(tiny_checkpoint, "cpu").make_up()
