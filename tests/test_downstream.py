import copy
import json
import math
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.parts import Parts
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.sampling import Sampling
from segpaint.evaluation.downstream import run
from segpaint.evaluation.downstream.curves import draw_curves
from segpaint.evaluation.downstream.making import PairMaker
from segpaint.evaluation.downstream.masks import rare, size_of, usual_sizes, varied
from segpaint.evaluation.downstream.plan import (
    ARMS,
    DownstreamSettings,
    MadePairs,
    arms,
    draw_patients,
    rows_of,
    sizes_of,
    training_patients,
)
from segpaint.evaluation.downstream.run import count_steps, find_tails, measure_downstream, patients_needed
from segpaint.evaluation.downstream.table import downstream_in_short, downstream_report
from segpaint.evaluation.edits.cases import is_wall, patient_of
from segpaint.evaluation.edits.response import over_patients, over_patients_and_seeds
from segpaint.training.dataset import Pairs, read_data_set
from segpaint.training.mixing import taken

CPU = torch.device("cpu")
FEW = DownstreamSettings(patients=(2, None), seeds=2, steps=1, batch_size=2, pairs=1)

SMALL = (
    "--masks 2 --per-label 1 --steps 1 --sampler ddim --labels heart --downstream-patients 2 "
    "--downstream-seeds 1 --downstream-steps 1 --downstream-batch 2 --downstream-pairs 1"
)


@pytest.fixture(scope="module")
def data(tiny_data):
    return read_data_set(tiny_data)


@pytest.fixture(scope="module")
def heart():
    """A chamber in its wall, beside nothing else."""
    table = LabelTable(
        (Label(index=1, name="cavity", color="#ff0000"), Label(index=2, name="wall", color="#00ff00"))
    )
    rows, columns = np.mgrid[:64, :64]
    distance = np.hypot(rows - 31.5, columns - 31.5)
    return table, np.select([distance < 10, distance < 15], [1, 2], 0).astype(np.uint8)


@pytest.fixture(scope="module")
def made(data):
    """Stand-ins for made pairs: each patient's masks, with images that can be recognised."""

    def of(patient, level):
        real = taken(data.train, rows_of(data.train, [patient]))
        images = np.full_like(real.images, level)
        return replace(real, names=[f"{name} made" for name in real.names], images=images)

    return {
        patient: MadePairs(of(patient, 10 + place), of(patient, 100 + place), np.array([float(place)]))
        for place, patient in enumerate(training_patients(data))
    }


@pytest.fixture(scope="module")
def measured(data, made, tmp_path_factory):
    """Figures, the folder with what was kept, and the optimizer steps that were reported."""
    folder, steps = tmp_path_factory.mktemp("found"), []
    figures = measure_downstream(data, made, FEW, CPU, Parts(folder), steps.append)
    return figures, folder, sum(steps)


# ---- masks


def test_a_varied_mask_keeps_its_anatomy(heart):
    table, mask = heart
    changed = [varied(mask, table, table.indices, np.random.default_rng(seed)) for seed in range(40)]
    assert sum(not np.array_equal(one, mask) for one in changed) > 35
    for one in changed:
        assert is_wall(Anatomy(one, table, 2))
        assert 0.5 < (one == 1).sum() / (mask == 1).sum() < 2
    again = varied(mask, table, table.indices, np.random.default_rng(3))
    assert np.array_equal(again, changed[3])


def test_only_annotated_labels_are_varied(drawn_mask, table):
    for seed in range(10):
        one = varied(drawn_mask, table, [2], np.random.default_rng(seed))
        assert np.array_equal(one == 4, drawn_mask == 4)
        assert np.array_equal(table.shape_of(one, 1), table.shape_of(drawn_mask, 1))


@pytest.mark.parametrize(("usual", "sign"), [(3.0, 1), (9.0, -1)])
def test_rare_walls_are_led_away_from_the_usual_thickness(heart, usual, sign):
    table, mask = heart
    before = size_of(Anatomy(mask, table, 2))["wall"]
    sizes = {2: {"wall": usual, "area": float((mask == 2).sum() - sign)}}
    walls = [
        size_of(Anatomy(rare(mask, table, [2], sizes, np.random.default_rng(seed)), table, 2))["wall"] - before
        for seed in range(30)
    ]
    assert max(sign * wall for wall in walls) > 1
    assert min(sign * wall for wall in walls) > -1  # a wall that moves, or is resized, hardly thins


def test_a_thin_wall_is_not_lost(heart):
    table, mask = heart
    thin = np.where((mask == 2) & (np.hypot(*(np.mgrid[:64, :64] - 31.5)) >= 12.5), 0, mask)
    for seed in range(20):
        wall = rare(thin, table, [2], {2: {"wall": 9.0, "area": 900.0}}, np.random.default_rng(seed)) == 2
        assert wall.sum() > 0.4 * (thin == 2).sum()


def test_a_chamber_that_grows_leaves_most_of_its_wall(heart):
    table, mask = heart
    for seed in range(10):
        grown = rare(mask, table, [1], {1: {"area": 100.0}}, np.random.default_rng(seed))
        assert (grown == 1).sum() > (mask == 1).sum()
        assert (grown == 2).sum() >= 0.6 * (mask == 2).sum()


def test_rare_masks_are_farther_from_the_usual_than_varied_ones(heart):
    table, mask = heart
    usual = {1: {"area": 200.0}, 2: {"wall": 4.0, "area": 300.0}}
    far = [(rare(mask, table, [1, 2], usual, np.random.default_rng(seed)) != mask).mean() for seed in range(20)]
    near = [(varied(mask, table, [1, 2], np.random.default_rng(seed)) != mask).mean() for seed in range(20)]
    assert np.mean(far) > 1.5 * np.mean(near)


def test_the_usual_size_is_of_the_masks_that_show_a_label(data):
    usual = usual_sizes(data.train, data.table)
    areas = [(mask == 2).sum() for mask in data.train.masks]
    assert usual[2]["area"] == np.median(areas)
    # train_1.png was annotated without bone.
    assert usual[4]["area"] == np.median([(mask == 4).sum() for mask in np.delete(data.train.masks, 1, axis=0)])


# ---- patients and arms


def test_more_patients_of_a_seed_are_the_fewer_ones_and_others():
    names = [f"p{number}" for number in range(30)]
    few, more = draw_patients(names, 5, 0), draw_patients(names, 20, 0)
    assert (len(few), len(more)) == (5, 20)
    assert set(few) < set(more)
    assert draw_patients(names, 5, 1) != few
    assert draw_patients(names, 5, 0) == few


def test_numbers_of_patients_are_no_more_than_there_are():
    assert sizes_of((5, 10, 20, None), 12) == [5, 10, 12]
    assert sizes_of((20, 40), 12) == [12]


def test_a_patient_with_an_unseen_slice_is_never_trained_on(data):
    names = ["val_1_b.png", *data.train.names[1:]]
    shared = replace(data, train=replace(data.train, names=names))
    assert training_patients(shared) == [patient_of(name) for name in names[1:]]
    assert len(training_patients(data)) == 6


def test_a_patient_without_a_label_is_not_counted(data):
    annotated = data.train.annotated.copy()
    annotated[2] = False
    without = replace(data, train=replace(data.train, annotated=annotated))
    assert patient_of(data.train.names[2]) not in training_patients(without)


def test_arms_get_just_the_patients_that_they_should(data, made):
    patients = ["train_1", "train_3", "train_4"]
    found = dict(arms(data, patients, patients, made))
    assert list(found) == list(ARMS)
    for arm, part in found.items():
        assert {patient_of(name) for name in part.train.names} <= set(patients)
        assert part.val is data.val
        is_made = np.array([name.endswith("made") for name in part.train.names])
        assert is_made.mean() == {"real": 0, "synthetic": 1}.get(arm, 0.5)
    assert set(found["real"].train.names) == {f"{name}.png" for name in patients}
    levels = {
        arm: set(np.unique(part.train.images[part.train.images.std(axis=(1, 2, 3)) == 0]))
        for arm, part in found.items()
    }
    assert levels == {
        "real": set(),
        "synthetic": {11, 13, 14},
        "both": {11, 13, 14},
        "chosen": {13, 14},  # the better half
        "rare": {101, 103, 104},
    }
    # What was not looked for in a real slice is unknown in its made pair, too.
    bone = dict(zip(found["synthetic"].train.names, found["synthetic"].train.annotated[:, 2], strict=True))
    assert bone == {"train_1.png made": False, "train_3.png made": True, "train_4.png made": True}


def test_pairs_may_be_of_the_masks_of_all_patients(data, made):
    everybody = training_patients(data)
    found = dict(arms(data, ["train_2"], everybody, made))
    assert set(found["real"].train.names) == {"train_2.png"}
    assert {patient_of(name) for name in found["synthetic"].train.names} == set(everybody)
    real = [name for name in found["both"].train.names if not name.endswith("made")]
    assert real == ["train_2.png"] * len(everybody)
    assert patients_needed(data, replace(FEW, patients=(1,), every_mask=True)) == everybody


def test_every_arm_takes_as_many_steps(data, measured, made, tmp_path, monkeypatch):
    steps = measured[2]
    assert steps == count_steps(data, FEW) == 2 * 2 * len(ARMS)
    trained = []

    def watch(part, settings, device, segmenter):
        trained.append((settings, {patient_of(name) for name in part.train.names}))
        return iter(())

    monkeypatch.setattr(run, "train_segmenter", watch)
    measure_downstream(data, made, FEW, CPU, Parts(tmp_path), lambda _count: None)
    assert len(trained) == 2 * 2 * len(ARMS)
    assert len({(settings.steps, settings.batch_size, settings.augmentation) for settings, _ in trained}) == 1
    drawn = [draw_patients(training_patients(data), size, seed) for seed in (0, 1) for size in (2, 6)]
    assert [patients for _, patients in trained] == [set(some) for some in drawn for _ in ARMS]


def test_measuring_goes_on_where_it_was_stopped(data, measured, made, monkeypatch):
    figures, folder, _ = measured
    kept = sorted(folder.glob("*.npy"))
    kept[0].unlink()
    kept[-1].write_bytes(b"damaged")
    trained = []

    def watch(*parameters):
        trained.append(parameters)
        return train(*parameters)

    train = run.train_segmenter
    monkeypatch.setattr(run, "train_segmenter", watch)
    again = measure_downstream(data, made, FEW, CPU, Parts(folder), lambda _count: None)
    assert json.dumps(again) == json.dumps(figures)
    assert len(trained) == 2
    # Other pairs are trained on anew, and what depends on none of them is not.
    others = {name: replace(pairs, rare=pairs.varied) for name, pairs in made.items()}
    measure_downstream(data, others, FEW, CPU, Parts(folder), lambda _count: None)
    assert len(trained) == 2 + 4


# ---- pairs


def test_pairs_are_made_of_a_patient_s_own_masks_and_kept(data, judged_checkpoint, tmp_path):
    def maker():
        engine = Engine(read_checkpoint(judged_checkpoint), CPU)

        def find(images):  # every label everywhere
            return np.ones((len(images), len(data.table), *images.shape[2:]), np.bool_)

        return PairMaker(engine, data, Sampling("ddim", 1, 1.0), find, 2, tmp_path)

    counts = []
    first = maker()("train_1", counts.append)
    assert sum(counts) == maker().images_of(["train_1"]) == 4
    assert {patient_of(name) for name in (*first.varied.names, *first.rare.names)} == {"train_1"}
    assert len(set(map(bytes, first.varied.images))) == 2
    assert not np.array_equal(*first.varied.masks)
    assert not first.varied.annotated[:, 2].any()
    assert ((first.scores > 0) & (first.scores < 1)).all()
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npy")}
    assert len(kept) == 2
    again = maker()("train_1", counts.append)
    assert np.array_equal(again.rare.images, first.rare.images)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.npy")} == kept


def test_no_two_patients_get_the_same_noise(data, judged_checkpoint, tmp_path):
    empty = replace(data, train=replace(data.train, masks=np.zeros_like(data.train.masks)))
    engine = Engine(read_checkpoint(judged_checkpoint), CPU)

    def find(images):
        return np.zeros((len(images), len(data.table), *images.shape[2:]), np.bool_)

    maker = PairMaker(engine, empty, Sampling("ddim", 1, 1.0), find, 1, tmp_path)
    made = [maker(patient, lambda _count: None) for patient in ("train_2", "train_3")]
    images = [pairs.images for each in made for pairs in (each.varied, each.rare)]
    assert len(set(map(bytes, images))) == 4
    assert np.isnan(made[0].scores).all()


# ---- figures


def test_intervals_are_over_patients_and_over_seeds():
    def rows(value):
        return [
            {"patient": patient, "seed": seed, "value": value(patient, seed)}
            for patient in range(4)
            for seed in range(3)
            for _ in range(5)
        ]

    by_patient = rows(lambda patient, _seed: float(patient))
    assert over_patients_and_seeds(by_patient, "value") == pytest.approx(over_patients(by_patient, "value"))
    by_seed = over_patients_and_seeds(rows(lambda _patient, seed: float(seed)), "value")
    assert by_seed == pytest.approx({"value": 1, "low": 0, "high": 2})
    assert math.isnan(over_patients(rows(lambda _patient, seed: float(seed)), "value")["low"])
    # Slices that are repeated make nothing surer.
    both = rows(lambda patient, seed: float(patient + seed))
    assert over_patients_and_seeds(both * 9, "value") == pytest.approx(over_patients_and_seeds(both, "value"))
    assert math.isnan(over_patients_and_seeds([], "value")["value"])


def test_tails_are_the_smallest_and_the_largest_tenth(table):
    masks = np.zeros((20, 32, 32), np.uint8)
    for row, mask in enumerate(masks):
        mask[2 : 4 + (7 * row) % 20, 2:5] = 2
    annotated = np.ones((20, 3), np.bool_)
    annotated[5, 1] = False
    names = [f"p{row}.png" for row in range(20)]
    pairs = Pairs(names, np.zeros((20, 1, 32, 32), np.uint8), masks, annotated, np.zeros((20, 0), np.int64))

    class Data:
        val, table = pairs, None

    Data.table = table
    tails = {(tail["label"], tail["measure"], tail["side"]): tail["rows"] for tail in find_tails(Data)}
    sizes = {row: (7 * row) % 20 for row in range(20) if row != 5}
    order = sorted(sizes, key=sizes.get)
    assert tails["heart", "area", "smallest"] == sorted(order[:2])
    assert tails["heart", "area", "largest"] == sorted(order[-2:])
    assert not any(label == "bone" for label, _, _ in tails)


def test_arms_are_compared_slice_by_slice(data, measured):
    figures, _, _ = measured
    assert [size["patients"] for size in figures["sizes"]] == [2, 6]
    assert (figures["patients"], figures["slices"]) == (2, 2)
    for size in figures["sizes"]:
        for row in size["differences"]:
            first, second = (size["arms"][row[name]] for name in ("arm", "against"))
            assert row["mean"]["value"] == pytest.approx(first["mean"]["value"] - second["mean"]["value"])
            for name, found in row["labels"].items():
                assert found["value"] == pytest.approx(
                    first["labels"][name]["value"] - second["labels"][name]["value"]
                )
    assert patients_needed(data, FEW) == training_patients(data)
    assert len(patients_needed(data, replace(FEW, patients=(2,)))) in (3, 4)


def test_the_report_states_what_is_better_and_what_is_worse(measured):
    figures = copy.deepcopy(measured[0])
    for size in figures["sizes"]:
        for row in size["differences"]:
            row["mean"] = row["tails"] = {"value": 0.02, "low": -0.1, "high": 0.1}
    both, synthetic = figures["sizes"][0]["differences"][:2]
    both["mean"] = {"value": 0.05, "low": 0.01, "high": 0.1}
    synthetic["tails"] = {"value": -0.05, "low": -0.09, "high": -0.01}
    text = "\n".join(downstream_report(figures))
    assert "- Better: both against real with 2 patients, on average (+0.050 [+0.010, +0.100]).\n" in text
    assert "- Worse: synthetic against real with 2 patients, in the tails (-0.050 [-0.090, -0.010]).\n" in text
    short = downstream_in_short(figures)
    assert "from both: better, +0.050" in short[0]
    assert "from both: no difference shown" in short[1]
    assert "tested on 2 patients alone" in short[-2]
    assert "2 trainings of each segmenter cannot show" in short[-1]
    figures["seeds"] = 3
    assert len(downstream_in_short(figures)) == len(short) - 1
    assert "masks of the available patients alone" in text
    figures["patients"], figures["every mask"] = 40, True
    assert "masks of all training patients" in "\n".join(downstream_report(figures))
    assert "Caution" not in "\n".join(downstream_in_short(figures))


def test_the_curves_show_the_figures(measured):
    before = draw_curves(measured[0])
    figures = copy.deepcopy(measured[0])
    figures["sizes"][1]["arms"]["both"]["mean"]["value"] += 0.2
    assert draw_curves(figures) != before


def test_an_evaluation_trains_on_made_pairs_if_asked_to(judged_checkpoint, tiny_data, tmp_path):
    checkpoint, out = shutil.copytree(judged_checkpoint, tmp_path / "mine"), tmp_path / "figures.json"
    words = ["evaluate", "--checkpoint", str(checkpoint), "--data", str(tiny_data), "--json", str(out)]
    assert main([*words, *SMALL.split(), "--card", "--downstream", str(tmp_path / "kept")]) == 0
    figures = json.loads(out.read_text())["downstream"]
    assert figures["sizes"][0]["patients"] == 2
    assert list(figures["sizes"][0]["arms"]["both"]["labels"]) == ["heart"]
    assert "## Are segmenters better for made pairs?" in (tmp_path / "figures" / "report.md").read_text()
    patients = draw_patients([f"train_{number}" for number in range(6)], 2, 0)
    assert sorted(path.name for path in (tmp_path / "kept" / "images").iterdir()) == patients
    assert "A segmenter trained on 2 patients" in (checkpoint / "README.md").read_text()
    with Image.open(checkpoint / "evaluation" / "downstream.png") as picture:
        assert min(picture.size) > 300
    with Image.open(checkpoint / "evaluation" / "downstream-pairs.png") as picture:
        assert "real slices of patients" in picture.info["Synthetic"]


def test_data_without_training_patients_get_a_sentence(judged_checkpoint, tiny_data, tmp_path, capfd):
    folder, out = shutil.copytree(tiny_data, tmp_path / "data"), tmp_path / "figures.json"
    for path in folder.glob("*/**/train/*.png"):
        path.rename(path.with_name(path.name.replace("train_", "val_0_")))
    listed = folder / "annotated.csv"
    listed.write_text(listed.read_text().replace("train_", "val_0_"))
    words = ["evaluate", "--checkpoint", str(judged_checkpoint), "--data", str(folder), "--json", str(out)]
    assert main([*words, *SMALL.split(), "--downstream"]) == 2
    assert "has no labelled training patient of whom no unseen slice exists" in capfd.readouterr().err
    assert not (tmp_path / "figures").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--downstream-patients", "5", "some"], "--downstream-patients some: give numbers from 1, or all."),
        (["--downstream-patients", "0"], "--downstream-patients 0: give numbers from 1, or all."),
        (["--downstream-steps", "0"], "--downstream-steps 0: give 1 or more."),
    ],
)
def test_options_that_cannot_be_get_a_sentence(judged_checkpoint, tiny_data, tmp_path, capfd, words, reason):
    out = tmp_path / "figures.json"
    command = ["evaluate", "--checkpoint", str(judged_checkpoint), "--data", str(tiny_data), "--json", str(out)]
    assert main([*command, "--downstream", *words]) == 2
    assert reason in capfd.readouterr().err
