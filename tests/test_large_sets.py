"""Sets of 100,000 pairs: planned as they are made, and gone on with without being read."""

import json
import tracemalloc
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from plain_plan import plain_plan

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.attributes import Attribute
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.io.image_files import encode_mask
from segpaint.paired import store
from segpaint.paired.plan import plan_pairs
from segpaint.paired.sources import NamedMask
from segpaint.paired.specification import Specification
from segpaint.paired.store import PairedSet


def described(pairs):
    return [(pair.folder, pair.name, pair.split, pair.request.model_dump_json()) for pair in pairs]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"seeds": {"first": 2**63 - 2, "count": 3}, "validation": 0.4},
        {"subsets": [None, ["body", "bone"], [], None], "seeds": {"count": 2}},
        {"subsets": [["body"], ["heart"], []], "layout": "nnunet", "steps": 2, "sampler": "ddim"},
        {
            "attributes": [{}, {"side": "left"}, {}, {"side": "right"}],
            "subsets": [[], None],
            "seeds": {"count": 2},
        },
    ],
    ids=["plain", "seeds", "subsets", "labels left out", "attributes"],
)
def test_a_plan_has_the_pairs_of_one_that_builds_all_at_once(
    tiny_checkpoint, other_checkpoint, maskless_checkpoint, drawn_mask, changes
):
    heartless = np.where(drawn_mask == 2, 1, drawn_mask).astype(np.uint8)
    values = [drawn_mask, heartless, drawn_mask.T, drawn_mask, np.zeros_like(drawn_mask), heartless]
    masks = [NamedMask(f"mask{number}", one) for number, one in enumerate(values)]
    models = [read_checkpoint(one) for one in (tiny_checkpoint, other_checkpoint, maskless_checkpoint)]
    side = Attribute(name="side", values=("left", "right"))
    models = [
        replace(one, description=one.description.model_copy(update={"attributes": (side,)})) for one in models
    ]
    specification = Specification.model_validate({"checkpoints": ["a"], "masks": ["a.png"], **changes})
    plan = plan_pairs(specification, masks, models, "float32")
    pairs, notes = plain_plan(specification, masks, models, "float32")
    assert described(plan.pairs) == pairs
    assert [note for note in plan.notes if "same image" in note] == notes != []
    assert len(plan.pairs) == len(pairs)
    assert [(spot.folder, spot.name, spot.split) for spot in plan.pairs.spots()] == [one[:3] for one in pairs]
    order = np.random.default_rng(0).permutation(len(pairs)).tolist()
    assert described(plan.pairs[place] for place in order) == [pairs[place] for place in order]
    assert [plan.pairs.spot(place) for place in order] == [list(plan.pairs.spots())[place] for place in order]
    assert described(plan.pairs[3:-2:2]) == pairs[3:-2:2]
    recipes = {}
    for pair, spot in zip(plan.pairs, plan.pairs.spots(), strict=True):
        assert pair.recipe == spot.recipe
        recipes.setdefault(pair.recipe, set()).add(
            pair.request.model_copy(update={"seed": 0}).model_dump_json()
        )
    assert all(len(requests) == 1 for requests in recipes.values())
    assert len(recipes) == len({request for requests in recipes.values() for request in requests})


def test_the_plan_of_a_hundred_thousand_pairs_takes_as_much_memory_as_few(tiny_checkpoint, drawn_mask):
    checkpoint = read_checkpoint(tiny_checkpoint)
    masks = [NamedMask(f"mask{number}", np.roll(drawn_mask, number, axis=1)) for number in range(4)]

    def plan(count):
        asked = Specification(checkpoints=("tiny",), masks=("a.png",), seeds={"count": count})
        return plan_pairs(asked, masks, [checkpoint], "float32").pairs

    plan(1)  # loads what is loaded once
    tracemalloc.start()
    try:
        pairs = plan(25_000)
        assert len(pairs) == 100_000
        assert sum(1 for _ in pairs.spots()) == 100_000
        assert pairs[99_999].name == "mask3_s24999"
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 2**18


@pytest.fixture
def specification(tmp_path, tiny_checkpoint, drawn_mask, table):
    """Two masks, with and without their bone, and three seeds."""
    masks = tmp_path / "masks"
    masks.mkdir()
    for number in range(2):
        moved = np.roll(drawn_mask, number, axis=1)
        (masks / f"moved-{number}.png").write_bytes(encode_mask(moved, table))
    return Specification(
        checkpoints=(str(tiny_checkpoint),), masks=(masks,), steps=1, seeds={"count": 3},
        subsets=(None, ("body", "heart")),
    )  # fmt: skip


def open_set(specification, folder):
    return closing(PairedSet(folder, specification, "float32", checkpoints=specification.folders))


def fill(made, count=None):
    for pair in list(made.missing)[:count]:
        made.write(pair, np.full((32, 32), len(made.digests), np.uint8))


@pytest.mark.parametrize("layout", ["published", "nnunet"])
def test_a_set_is_gone_on_with_without_reading_its_images(specification, tmp_path, monkeypatch, layout):
    wanted = specification.model_copy(update={"layout": layout})
    with open_set(wanted, tmp_path / "out") as made:
        fill(made, 7)
        digests = dict(made.digests)
    with monkeypatch.context() as patch:
        for name in ("read_request", "open_image"):
            patch.setattr(store, name, None)
        with open_set(wanted, tmp_path / "out") as made:
            assert made.digests == digests
            assert len(made.missing) == 5
    with open_set(wanted, tmp_path / "out") as made:
        fill(made)
        made.sum_up()
    text = (tmp_path / "out" / "manifest.json").read_text()
    told = json.loads(text)
    assert text == json.dumps(told, indent=1, ensure_ascii=False) + "\n"
    assert [(pair["name"], pair["request"]) for pair in told["pairs"]] == [
        (pair.name, pair.request.model_dump(mode="json")) for pair in made.pairs
    ]
    assert [pair["sha256"] for pair in told["pairs"]] == [made.digests[pair.place].hex() for pair in made.pairs]


def test_an_image_that_is_finished_after_its_set_was_closed_leaves_no_file_open(specification, tmp_path):
    folder = tmp_path / "out"
    with open_set(specification, folder) as made:
        pair = next(iter(made.missing))
    fill(made, 1)
    assert (folder / made.layout.image(pair)).exists()
    assert not list(folder.glob(".segpaint/.whole-*"))
    with open_set(specification, folder) as made:
        assert pair.place in made.digests


@pytest.mark.parametrize("harm", ["lost", "cut", "of nothing", "copied"])
def test_a_set_whose_record_is_harmed_is_read_instead(specification, tmp_path, harm):
    folder = tmp_path / "out"
    with open_set(specification, folder) as made:
        fill(made, 7)
        digests = dict(made.digests)
    (record,) = folder.glob(".segpaint/.whole-*")
    if harm == "lost":
        record.unlink()
    elif harm == "cut":
        record.write_bytes(record.read_bytes()[:-5])
    elif harm == "of nothing":
        record.write_bytes(b'[1, 2]\n{}\n["", "a", "zz", "00", 3]\n\xff\n')
    else:
        for path in folder.rglob("*.png"):
            path.write_bytes(path.read_bytes())
    with open_set(specification, folder) as made:
        assert made.digests == digests


def test_an_image_that_was_made_of_another_mask_is_found_though_it_was_noted(specification, tmp_path):
    folder = tmp_path / "out"
    with open_set(specification, folder) as made:
        fill(made)
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(folder / "sources" / "moved-1.png")
    own = specification.model_copy(update={"masks": (folder / "sources",)})
    with pytest.raises(SegPaintError, match="made otherwise than the set asks for"):
        PairedSet(folder, own, "float32", checkpoints=own.folders)


def test_a_mask_that_changes_while_a_set_is_made_stops_it(specification, tmp_path):
    with open_set(specification, tmp_path / "out") as made:
        missing = iter(made.missing)
        next(missing)
        Image.fromarray(np.zeros((32, 32), np.uint8)).save(tmp_path / "out" / "sources" / "moved-1.png")
        with pytest.raises(SegPaintError, match="The mask moved-1 has changed since the set was opened"):
            list(missing)
