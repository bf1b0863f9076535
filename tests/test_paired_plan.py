from pathlib import Path

import numpy as np
import pytest

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE, LabelTable
from segpaint.core.labels.translation import Translation, unsure, visible
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paired.plan import plan_pairs
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Between, Seeds, Specification, read_specification


@pytest.fixture
def plan(tiny_checkpoint, other_checkpoint, drawn_mask):
    """Plan a set of both checkpoints; keywords change the specification."""

    def make(masks=None, checkpoints=(tiny_checkpoint, other_checkpoint), **changes):
        masks = {"drawn": drawn_mask} if masks is None else masks
        named = [NamedMask(name, values) for name, values in masks.items()]
        specification = Specification(checkpoints=("tiny",), masks=("a.png",), **changes)
        return plan_pairs(specification, named, [read_checkpoint(folder) for folder in checkpoints], "float32")

    return make


def many(drawn_mask, count):
    return {f"mask{number}": np.roll(drawn_mask, number, axis=1) for number in range(count)}


def test_a_set_takes_every_seed_that_an_image_takes(plan, tiny_checkpoint):
    pairs = plan(checkpoints=[tiny_checkpoint], seeds=Seeds(first=2**63 - 1, count=2)).pairs
    assert [pair.request.seed for pair in pairs] == [2**63 - 1, 0]


def test_names_say_mask_seed_and_labels(plan, tiny_checkpoint):
    subsets = (None, ("body", "bone"), ("heart",), ())
    pairs = plan(checkpoints=[tiny_checkpoint], seeds=Seeds(first=3, count=2), subsets=subsets).pairs
    assert [pair.name for pair in pairs] == [
        f"drawn_s{seed}{labels}"
        for seed in (3, 4)
        for labels in ("", "_without-heart", "_only-heart", "_blank")
    ]
    assert [pair.request.used for pair in pairs[:4]] == [(1, 2, 4), (1, 4), (2,), ()]
    assert {pair.folder for pair in pairs} == {""}


def test_the_same_is_planned_twice(plan, drawn_mask):
    plans = [plan(many(drawn_mask, 3), seeds=Seeds(count=2), validation=0.3) for _ in range(2)]
    first, second = ([pair.request.model_dump_json() for pair in one.pairs] for one in plans)
    assert first == second
    assert len(first) == len(set(first)) == 12


def test_each_checkpoint_recommends_its_own_settings_unless_told(plan, tiny_checkpoint):
    assert {pair.request.steps for pair in plan().pairs} == {4}
    pairs = plan(steps=2, sampler="ddpm", guidance=0.0).pairs
    assert {(pair.request.steps, pair.request.sampler, pair.request.guidance) for pair in pairs} == {
        (2, "ddpm", 0)
    }


def test_a_mask_is_translated_by_the_names_of_its_labels(plan, drawn_mask):
    pair = plan().pairs[1]
    assert pair.folder == "other"
    expected = np.select([drawn_mask == 4, drawn_mask == 1, drawn_mask == 2], [1, 2, 2], 0)
    np.testing.assert_array_equal(pair.request.mask, expected)
    assert pair.request.used == (1, 2)  # nothing is known of vessels


def test_what_nothing_known_lies_around_is_free(tiny_checkpoint, other_checkpoint):
    known, own = (read_checkpoint(folder).table for folder in (other_checkpoint, tiny_checkpoint))
    translation = Translation(own, LabelTable([known[1]]))
    assert translation.mask(np.array([[0, 1, 2, 4, FREE]], np.uint8)).tolist() == [[0, FREE, FREE, 1, FREE]]
    assert translation.unknown == ("body", "heart")


def test_what_is_translated_away_is_told(plan):
    notes = " ".join(plan().notes)
    assert "Other does not know heart" in notes
    assert "say nothing of vessel" in notes


def test_what_would_be_the_same_image_is_planned_once_and_told(plan, drawn_mask, tiny_checkpoint):
    heartless = np.where(drawn_mask == 2, 1, drawn_mask).astype(np.uint8)
    planned = plan({"drawn": drawn_mask, "heartless": heartless}, subsets=(None, ("body", "bone"), ()))
    names = {
        folder: [pair.name for pair in planned.pairs if pair.folder == folder] for folder in ("tiny", "other")
    }
    # Without the heart both masks look alike, as they do to whoever knows none; blank ones always do.
    assert names["tiny"] == ["drawn_s0", "drawn_s0_without-heart", "drawn_s0_blank", "heartless_s0"]
    assert names["other"] == ["drawn_s0", "drawn_s0_blank"]
    assert any("Other: 4 would be the same image" in note for note in planned.notes)


def test_no_mask_is_both_trained_with_and_validated_with(plan, drawn_mask):
    planned = plan(many(drawn_mask, 10), seeds=Seeds(count=3), subsets=(None, ("bone",)), validation=0.2)
    splits = {}
    for pair in planned.pairs:
        splits.setdefault(pair.name.split("_")[0], set()).add(pair.split)
    assert all(len(split) == 1 for split in splits.values())
    assert sum(split == {"val"} for split in splits.values()) == 2


@pytest.mark.parametrize(("count", "share", "expected"), [(1, 0.5, 0), (2, 0.01, 1), (2, 0.99, 1), (5, 0.0, 0)])
def test_some_masks_are_left_to_train_with_and_one_at_least_to_validate(
    plan, drawn_mask, count, share, expected
):
    planned = plan(many(drawn_mask, count), validation=share)
    assert len({pair.name for pair in planned.pairs if pair.split == "val"}) == expected


def test_a_label_that_nobody_knows_is_told(plan):
    with pytest.raises(SegPaintError, match="There is no label 'lung'; this checkpoint has 1 body"):
        plan(subsets=(("lung",),))


def test_a_mask_is_resampled_only_if_asked_for(plan, tiny_checkpoint):
    small = {"small": np.ones((16, 16), np.uint8)}
    with pytest.raises(SegPaintError, match="takes 32 x 32"):
        plan(small)
    assert plan(small, resize=True).pairs[0].request.mask.shape == (32, 32)


def test_a_model_that_ignores_masks_makes_one_image_a_seed(
    plan, maskless_checkpoint, tiny_checkpoint, drawn_mask
):
    planned = plan(many(drawn_mask, 3), [tiny_checkpoint, maskless_checkpoint], seeds=Seeds(count=2))
    assert [pair.name for pair in planned.pairs if pair.folder == "maskless"] == ["mask0_s0", "mask0_s1"]
    assert any("ignores the mask" in note for note in planned.notes)


def test_two_checkpoints_of_one_name_have_folders_of_their_own(plan, tiny_checkpoint):
    assert {pair.folder for pair in plan(checkpoints=[tiny_checkpoint, tiny_checkpoint]).pairs} == {
        "tiny-1",
        "tiny-2",
    }


def test_a_label_left_out_may_hide_in_what_lies_around_it(table):
    mask = np.array([[0, 1, 2, 4, FREE]], np.uint8)
    assert visible(mask, (1, 4), table).tolist() == [[0, 1, 1, 4, FREE]]
    assert visible(mask, (), table).tolist() == [[0, 0, 0, 0, 0]]
    assert unsure((1, 2, 4), table) == set()
    assert unsure((1, 4), table) == {1}
    assert unsure((2, 4), table) == {0}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("{", "the file: Invalid JSON"),
        ("{}", "checkpoints: Field required"),
        ('{"checkpoints": []}', "checkpoints: "),
        ('{"checkpoints": ["a"]}', "names no masks"),
        ('{"checkpoints": ["a"], "masks": ["a.png"], "seed": 3}', "seed: Extra inputs"),
        ('{"checkpoints": ["a"], "masks": ["a.png"], "seeds": {"count": 0}}', "seeds.count: it should be"),
        ('{"checkpoints": ["a"], "masks": ["a.png"], "layout": "bids"}', "layout: it should be"),
        ('{"checkpoints": ["a"], "masks": ["a.png"], "validation": 1}', "validation: it should be"),
        ('{"checkpoints": ["a"], "between": {"first": "a", "second": "b", "count": 1}}', "between.count: it"),
    ],
)
def test_a_wrong_specification_is_told_in_a_sentence(tmp_path, content, problem):
    path = tmp_path / "set.json"
    path.write_text(content)
    with pytest.raises(SegPaintError) as told:
        read_specification(path)
    assert str(told.value).startswith(f"{path} cannot be read as the specification of a paired set: ")
    assert problem in str(told.value)
    assert str(told.value).endswith(".")


def test_the_specification_in_the_guide_is_one():
    text = (Path(__file__).parents[1] / "resources" / "guide" / "pairs.md").read_text()
    example = text.split("```json")[1].split("```")[0]
    assert Specification.model_validate_json(example).between.count == 5


def test_paths_are_relative_to_the_specification(tmp_path):
    asked = Specification(
        checkpoints=("tiny",), masks=("a.png", "/b"), between=Between(first="c.png", second="d.png", count=3)
    )
    (tmp_path / "set.json").write_text(asked.model_dump_json())
    found = read_specification(tmp_path / "set.json")
    assert [str(path) for path in found.masks] == [str(tmp_path / "a.png"), "/b"]
    assert found.between.second == tmp_path / "d.png"
    assert found.checkpoints == ("tiny",)
