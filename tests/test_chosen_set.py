"""Sets whose pairs are chosen by eye, on the disk."""

import json
from contextlib import closing

import numpy as np
import pytest
from PIL import Image
from set_files import rows

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Request
from segpaint.paired.candidates import edited, reseeded
from segpaint.paired.choices import Choice, Decision
from segpaint.paired.chosen import ChosenSet
from segpaint.paired.quotas import Quota, Trait, apportion
from segpaint.paired.specification import Choosing, Seeds, Specification
from segpaint.paired.store import PairedSet
from segpaint.training.dataset import read_data_set

PIXELS = np.arange(32 * 32, dtype=np.uint8).reshape(32, 32)


@pytest.fixture
def specification(tiny_checkpoint, mask_file):
    return Specification(
        checkpoints=(str(tiny_checkpoint),), masks=(mask_file,), steps=1, seeds={"count": 4},
        subsets=(None, ("body",)), choosing={"wanted": 4},
    )  # fmt: skip


@pytest.fixture
def open_set(specification, tmp_path):
    """Open the set as after a restart."""
    opened = []

    def open_(kind=ChosenSet, **changes):
        while opened:
            opened.pop().close()
        wanted = specification.model_copy(update=changes)
        opened.append(kind(tmp_path / "out", wanted, "float32", checkpoints=wanted.folders))
        return opened[0]

    yield open_
    for one in opened:
        one.close()


def decide(chosen, number, decision, seconds=2.0, dice=0.75):
    pair = chosen.pairs[number]
    chosen.decide(pair, Choice.now(pair.place, decision, seconds, dice), PIXELS)
    return pair


def test_what_is_taken_is_a_paired_set_and_says_who_chose_it(open_set, tmp_path):
    chosen = open_set()
    decide(chosen, 0, Decision.LEFT)
    taken = [decide(chosen, 1, Decision.TAKEN), decide(chosen, 4, Decision.TAKEN, seconds=5.25, dice=None)]
    chosen.sum_up()
    made = rows(tmp_path / "out")
    assert [row["name"] for row in made] == [pair.name for pair in taken]
    assert [row["order"] for row in made] == ["2", "3"]
    assert [row["looked_at"] for row in made] == ["2.0", "5.25"]
    assert [row["dice"] for row in made] == ["0.75", ""]
    assert all(row["chosen_at"] for row in made)
    told = json.loads((tmp_path / "out" / "manifest.json").read_text())
    assert told["planned"] == 8
    assert [pair["looked_at"] for pair in told["pairs"]] == [2.0, 5.25]
    assert len(read_data_set(tmp_path / "out").train) == 2
    assert (tmp_path / "out" / "contact.png").exists()


def test_a_set_goes_on_where_it_was_left(open_set):
    chosen = open_set()
    for number, decision in enumerate([Decision.TAKEN, Decision.LATER, Decision.LEFT]):
        decide(chosen, number, decision)
    left = [pair.place for pair in chosen.pairs]
    again = open_set()
    assert list(again.deck) == [*left[3:], left[1]]
    assert [choice.decision for choice in again.deck.in_force().values()] == ["taken", "later", "left"]
    assert [pair.place for pair in again.pairs if pair not in again.missing] == left[:1]


def test_undo_removes_the_files(open_set, tmp_path):
    chosen = open_set()
    pair = decide(chosen, 0, Decision.TAKEN)
    assert (tmp_path / "out" / chosen.layout.image(pair)).exists()
    chosen.undo(pair)
    assert not (tmp_path / "out" / chosen.layout.image(pair)).exists()
    assert not (tmp_path / "out" / chosen.layout.mask(pair)).exists()
    again = open_set()
    assert again.deck.in_force() == {}
    again.sum_up()
    assert rows(tmp_path / "out") == []


def test_a_pair_that_was_taken_when_the_program_was_killed_is_owed(open_set, tmp_path):
    chosen = open_set()
    pair = decide(chosen, 0, Decision.TAKEN)
    (tmp_path / "out" / chosen.layout.image(pair)).unlink()
    again = open_set()
    assert [owed.place for owed in again.owed] == [pair.place]
    again.write(again.owed[0], PIXELS)
    assert again.owed == ()


def test_candidates_that_were_added_come_back(open_set, tmp_path):
    chosen = open_set()
    first = chosen.pairs[0]
    known = {pair.place for pair in chosen.pairs}
    other = reseeded(first, known)
    assert other.request.seed == 4  # 0 to 3 are planned
    assert other.name == first.name.replace("_s0", "_s4")
    mask = np.zeros((32, 32), np.uint8)
    request = Request.ask(first.checkpoint, mask, "float32", seed=0, steps=1)
    painted = edited(first, request, known)
    for pair in (other, painted):
        chosen.add(pair)
    assert edited(first, request, {pair.place for pair in chosen.pairs}).name == f"{first.name}_edited2"
    chosen.decide(painted, Choice.now(painted.place, Decision.TAKEN), PIXELS)
    again = open_set()
    assert {other.place, painted.place} <= {pair.place for pair in again.pairs}
    assert [choice.place for choice in again.deck.in_force().values()] == [painted.place]
    again.sum_up()
    assert [row["name"] for row in rows(tmp_path / "out")] == [painted.name]


def test_added_candidates_of_two_models_have_the_same_name(
    specification, tiny_checkpoint, other_checkpoint, tmp_path
):
    models = (str(tiny_checkpoint), str(other_checkpoint))
    wanted = specification.model_copy(update={"checkpoints": models, "subsets": (None,), "resize": True})
    words = tmp_path / "out", wanted, "float32"
    with closing(ChosenSet(*words, checkpoints=wanted.folders)) as chosen:
        known = {pair.place for pair in chosen.pairs}
        first = {pair.folder: pair for pair in reversed(chosen.pairs)}
        added = [reseeded(pair, known) for pair in first.values()]
        for pair in added:
            chosen.add(pair)
    assert len({pair.name for pair in added}) == 1
    with closing(ChosenSet(*words, checkpoints=wanted.folders)) as again:
        assert {pair.place for pair in added} <= {pair.place for pair in again.pairs}


def test_pairs_stay_though_somebody_deletes_the_journal(open_set, tmp_path):
    chosen = open_set()
    pair = decide(chosen, 0, Decision.TAKEN)
    decide(chosen, 1, Decision.LEFT)
    (tmp_path / "out" / "choices.jsonl").unlink()
    again = open_set()
    assert (tmp_path / "out" / again.layout.image(pair)).exists()
    assert again.deck.last_taken == pair.place
    again.sum_up()
    assert [row["name"] for row in rows(tmp_path / "out")] == [pair.name]
    assert open_set().deck.last_taken == pair.place


def test_quotas_count_labels_and_what_candidates_differ_in(open_set):
    chosen = open_set()
    empty = {
        (quota.trait.kind, quota.trait.name): (quota.taken, quota.wanted) for quota in chosen.quotas.count([])
    }
    assert empty["Label", "body"] == (0, 4)
    assert empty["Labels in use", "all"] == (0, 2)
    assert not any(kind == "Model" for kind, _ in empty)
    whole = next(pair.place for pair in chosen.pairs if len(pair.request.used) > 1)
    quotas = {(quota.trait.kind, quota.trait.name): quota.taken for quota in chosen.quotas.count([whole])}
    assert quotas["Labels in use", "all"] == quotas["Label", "body"] == 1


def test_what_is_wanted_stays_when_candidates_are_added(open_set, tmp_path):
    masks = [tmp_path / f"mask{number}.png" for number in range(4)]
    for number, path in enumerate(masks):
        values = np.zeros((32, 32), np.uint8)
        values[4 : 10 + number, 4:20] = 1
        Image.fromarray(values).save(path)
    wanted = {
        "masks": tuple(masks), "seeds": Seeds(count=5), "subsets": (None,), "validation": 0.25,
        "choosing": Choosing(wanted=20),
    }  # fmt: skip
    chosen = open_set(**wanted)
    taken = [pair.place for pair in chosen.pairs]
    bars = chosen.quotas.count(taken)
    purposes = {
        quota.trait.name: (quota.taken, quota.wanted) for quota in bars if quota.trait.kind == "Purpose"
    }
    assert purposes == {"to train with": (15, 15), "to validate with": (5, 5)}
    first = next(pair for pair in chosen.pairs if pair.split == "train")
    added = reseeded(first, set(taken))
    chosen.quotas.add(added)
    chosen.add(added)
    assert chosen.quotas.count(taken) == bars
    trains = Trait("Purpose", "to train with")
    assert Quota(trains, 16, 15) in chosen.quotas.count([*taken, added.place])
    assert open_set(**wanted).quotas.count(taken) == bars


def kinds(quotas, taken=()):
    """Sum up what is taken and wanted of each kind of trait."""
    sums = {}
    for quota in quotas.count(taken):
        so_far = sums.get(quota.trait.kind, (0, 0))
        sums[quota.trait.kind] = so_far[0] + quota.taken, so_far[1] + quota.wanted
    return sums


def test_what_is_wanted_of_each_kind_adds_up(open_set, mask_file, tmp_path):
    masks = [tmp_path / f"mask{number}.png" for number in range(5)]
    for number, path in enumerate(masks):
        values = np.zeros((32, 32), np.uint8)
        values[4 : 10 + number, 4:20] = 1
        Image.fromarray(values).save(path)
    chosen = open_set(masks=tuple(masks), seeds=Seeds(count=8), validation=0.2, choosing=Choosing(wanted=51))
    sums = kinds(chosen.quotas)
    whole = dict.fromkeys(("Labels in use", "Mask", "Purpose"), (0, 51))
    assert {kind: part for kind, part in sums.items() if kind != "Label"} == whole
    wanted = {(quota.trait.kind, quota.trait.name): quota.wanted for quota in chosen.quotas.count(())}
    assert wanted["Purpose", "to validate with"] == 10
    assert sorted(wanted["Mask", path.stem] for path in masks) == [10, 10, 10, 10, 11]
    assert sorted(number for (kind, _), number in wanted.items() if kind == "Labels in use") == [25, 26]
    taken = [pair.place for pair in chosen.pairs[:3]]
    assert {part[0] for kind, part in kinds(chosen.quotas, taken).items() if kind != "Label"} == {3}


@pytest.mark.parametrize(
    ("wanted", "weights", "most", "parts"),
    [
        (50, (1, 1, 1), (99, 99, 99), [17, 17, 16]),
        (50, (2, 1), (99, 99), [33, 17]),
        (50, (1, 1, 1), (5, 99, 99), [5, 23, 22]),
        (50, (1, 1), (10, 20), [10, 20]),
        (1, (1, 3), (9, 9), [0, 1]),
        (0, (1, 3), (9, 9), [0, 0]),
    ],
)
def test_parts_add_up_to_the_whole(wanted, weights, most, parts):
    assert apportion(wanted, weights, most) == parts


@pytest.mark.parametrize(
    ("kind", "choosing", "problem"),
    [(PairedSet, {"wanted": 4}, "chosen by eye"), (ChosenSet, None, "all made, not chosen")],
)
def test_the_two_kinds_of_set_are_not_mixed_up(specification, tmp_path, kind, choosing, problem):
    wanted = Specification(**{**specification.model_dump(), "choosing": choosing})
    with pytest.raises(SegPaintError, match=problem):
        kind(tmp_path / "out", wanted, "float32", checkpoints=wanted.folders)
    assert not (tmp_path / "out").exists()


def test_the_command_leads_to_the_window(specification, tmp_path, capfd):
    from segpaint.cli import main

    path = tmp_path / "set.json"
    path.write_text(specification.model_dump_json())
    words = ["generate", "--set", str(path), "--out", str(tmp_path / "out"), "--device", "cpu"]
    assert main([*words, f"--checkpoint={specification.checkpoints[0]}"]) == 2
    assert "Explore > Choose pairs" in " ".join(capfd.readouterr().err.split())
