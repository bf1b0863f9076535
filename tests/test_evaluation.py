import errno
import json
import math
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from feature_networks import write_script
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.segmenter import load_segmenter
from segpaint.core.labels.labels import FREE
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.evaluation.batches import plan_cases
from segpaint.evaluation.measure import Judge
from segpaint.evaluation.report import cautions, summary
from segpaint.training.dataset import Pairs, read_data_set
from segpaint.training.segmenter_training import (
    SegmenterSettings,
    dice_on,
    fresh_segmenter,
    segment,
    train_segmenter,
)
from segpaint.training.settings import Augmentation

CPU = torch.device("cpu")


@pytest.fixture
def evaluate(learned_checkpoint, tiny_data, tmp_path):
    """Evaluate into a folder of the test's own; returns the figures."""

    def run(*more, checkpoint=learned_checkpoint, data=tiny_data, code=0, measures=True):
        out = tmp_path / "figures.json"
        words = [
            "evaluate",
            "--checkpoint",
            str(checkpoint),
            "--data",
            str(data),
            "--json",
            str(out),
            *more,
        ]
        assert main([*words, "--steps", "2"]) == code
        return json.loads(out.read_text()) if code == 0 and measures else None

    return run


def test_a_segmenter_learns_to_find_the_labels(learned_checkpoint, tiny_data):
    segmenter = load_segmenter(learned_checkpoint, CPU)
    assert min(segmenter.description.dice.values()) > 0.6
    assert set(segmenter.description.dice) == {"body", "heart", "bone"}
    assert segmenter.description.training["dice measured on"] == "unseen slices"
    weights = learned_checkpoint / "segmenter" / "model.safetensors"
    assert weights.stat().st_size <= 6_000_000


def test_a_segmenter_learns_a_label_that_one_slice_in_forty_holds(tiny_data):
    data = read_data_set(tiny_data)
    rows = [0] * 40
    train = Pairs(
        [str(number) for number in range(40)],
        data.train.images[rows],
        data.train.masks[rows],
        data.train.annotated[rows],
        data.train.attributes[rows],
    )
    bone = train.masks == 4
    train.images[1:][bone[1:, None]], train.masks[1:][bone[1:]] = 10, 0
    data = replace(data, train=train)
    segmenter = fresh_segmenter(data, CPU, seed=0)
    settings = SegmenterSettings(steps=60, batch_size=4, augmentation=Augmentation(share=0))
    assert all(loss > 0 for loss in train_segmenter(data, settings, CPU, segmenter))
    assert dice_on(segmenter, data.val, CPU)["bone"] > 0.5


def test_a_segmenter_learns_nothing_from_free_pixels(tiny_data):
    data = read_data_set(tiny_data)
    train = replace(data.train, masks=np.full_like(data.train.masks, FREE))
    segmenter = fresh_segmenter(data, CPU, seed=0)
    settings = SegmenterSettings(steps=2, batch_size=2)
    assert list(train_segmenter(replace(data, train=train), settings, CPU, segmenter)) == [0, 0]


def test_a_segmenter_leaves_the_checkpoint_as_it_was(learned_checkpoint, tiny_checkpoint):
    assert read_checkpoint(learned_checkpoint).fingerprint == read_checkpoint(tiny_checkpoint).fingerprint


def test_a_segmenter_needs_the_checkpoints_own_labels(tiny_checkpoint, tiny_data, tmp_path, capfd):
    data = tmp_path / "data"
    shutil.copytree(tiny_data, data)
    table = json.loads((data / "labels.json").read_text())
    table["labels"][1]["name"] = "torso"
    (data / "labels.json").write_text(json.dumps(table))
    assert main(["train-segmenter", str(data), "--checkpoint", str(tiny_checkpoint), "--steps", "1"]) == 2
    assert "are not those of" in capfd.readouterr().err
    assert not (tiny_checkpoint / "segmenter").exists()


def test_test_patients_are_evaluated_on_alone_and_only_if_asked_for(evaluate, tiny_data, tmp_path, capfd):
    data = tmp_path / "data"
    shutil.copytree(tiny_data, data)
    assert evaluate("--split", "test", data=data, code=2) is None
    assert f"{data} has no test slices" in capfd.readouterr().err
    for kind in ("images", "masks/all"):
        (data / kind / "val").rename(data / kind / "test")
    (data / "images/val").mkdir()
    (data / "images/val/damaged.png").touch()
    figures = evaluate("--split", "test", "--per-label", "1", data=data)
    assert (figures["split"], figures["masks"]) == ("test", 2)
    assert (
        "2 masks of patients it was not trained on (split test)" in (tmp_path / "figures/report.md").read_text()
    )


def test_an_evaluation_reports_every_part(evaluate, tmp_path):
    figures = evaluate()
    assert set(figures["faithfulness"]["labels"]) == {"body", "heart", "bone"}
    body = figures["faithfulness"]["labels"]["body"]
    assert body["real"] > 0.6
    assert body["ratio"] == pytest.approx(body["generated"] / body["real"])
    assert {"alone", "left out", "others, left out"} <= set(body)
    assert set(figures["blank"]["generated"]) == {"body", "heart", "bone"}
    assert {"full mask", "blank mask", "floor"} <= set(figures["realism"])
    assert min(figures["texture"].values()) > 0
    assert figures["memorisation"]["pixels"]["ratio"] > 0
    for row in ("full mask", "full mask against training", "blank mask", "floor"):
        assert 0 <= figures["realism"][row]["precision"] <= 1
        assert 0 <= figures["realism"][row]["recall"] <= 1
    assert figures["diversity"]["inside labels"] >= 0
    alike = figures["diversity"]["similarity"]
    assert 0 <= alike["between seeds"] <= 1
    assert (alike["pairs"], alike["real pairs"]) == (2 * 28, 1)
    report = (tmp_path / "figures" / "report.md").read_text()
    for heading in ("Faithfulness", "Without any mask", "Realism", "Copies", "Diversity"):
        assert f"## {heading}" in report
    for name in ("seeds.png", "ablation.png", "nearest.png"):
        assert name in report
        with Image.open(tmp_path / "figures" / name) as picture:
            assert min(picture.size) > 32


def test_a_file_of_another_kind_is_not_overwritten_by_figures(evaluate, tmp_path, capfd):
    (tmp_path / "figures.json").write_text('{"labels": []}')
    evaluate(code=2)
    assert "holds no figures of an evaluation, and would be lost" in capfd.readouterr().err
    assert (tmp_path / "figures.json").read_text() == '{"labels": []}'


def test_the_parts_of_an_evaluation_appear_together(evaluate, tmp_path, monkeypatch):
    """Pictures of one evaluation never lie beside the report of another, and state what they show."""
    evaluate("--masks", "2", "--per-label", "1")
    parts = [tmp_path / "figures.json", *(tmp_path / "figures").glob("*.*")]
    before = {path: path.read_bytes() for path in parts}
    assert len(parts) == 5
    for path in parts:
        if path.suffix == ".png":
            with Image.open(path) as image:
                assert "real slices of patients" in image.info["Synthetic"]
    renamed = []

    def full(path, target):
        if target.name == "report.md":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        renamed.append(path)
        return rename(path, target)

    rename = Path.replace
    monkeypatch.setattr(Path, "replace", full)
    evaluate("--masks", "3", "--per-label", "1", code=2)
    assert renamed
    assert {path: path.read_bytes() for path in parts} == before


def test_an_untrained_network_follows_no_mask(evaluate):
    assert evaluate()["faithfulness"]["mean"]["ratio"] < 0.8


def test_an_evaluation_goes_on_where_it_was_stopped(evaluate, tmp_path):
    before = evaluate()
    parts = sorted((tmp_path / "figures" / "images").glob("*.npy"))
    lost, kept = parts[0], {part: part.stat().st_mtime_ns for part in parts[1:]}
    lost.unlink()
    assert evaluate() == before
    assert lost.exists()
    assert {part: part.stat().st_mtime_ns for part in kept} == kept


def test_parts_of_an_evaluation_are_made_apart_and_measured_together(evaluate, tmp_path, capfd):
    asked = ["--masks", "9", "--per-label", "1", "--per-mask", "5", "--labels", "heart", "--edits", "1"]
    before = evaluate(*asked)
    folder, moments = tmp_path / "figures" / "images", []
    whole = {path.name: path.read_bytes() for path in folder.glob("*.npy")}
    shutil.rmtree(tmp_path / "figures")
    (tmp_path / "figures.json").unlink()
    for number in (2, 1):
        evaluate(*asked, "--shard", f"{number}/2", measures=False)
        told = " ".join(capfd.readouterr().err.split())
        assert f"Images of part {number}/2 in {tmp_path / 'figures'}: " in told
        moments.append({path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")})
    assert 0 < len(moments[0]) < len(moments[1])
    assert not (tmp_path / "figures.json").exists()
    assert {path.name: path.read_bytes() for path in folder.glob("*.npy")} == whole
    assert evaluate(*asked) == before
    assert {path.name: path.stat().st_mtime_ns for path in folder.glob("*.npy")} == moments[1] | moments[0]


def test_another_way_of_sampling_starts_afresh(evaluate, tmp_path):
    evaluate()
    parts = sorted((tmp_path / "figures" / "images").glob("*.npy"))
    before = parts[0].read_bytes()
    evaluate("--sampler", "ddim")
    assert parts[0].read_bytes() != before


def test_labels_that_are_not_chosen_are_not_used(evaluate):
    figures = evaluate("--labels", "bone")
    assert set(figures["faithfulness"]["labels"]) == {"bone"}


def test_real_slices_in_place_of_generated_ones_are_at_the_ceiling(learned_checkpoint, tiny_data):
    data = read_data_set(tiny_data)
    judge = Judge(load_segmenter(learned_checkpoint, CPU), CPU, data)
    plan = plan_cases(data.val, data.table, data.table.indices, masks=10, per_mask=1, per_label=4)
    images = {case.name: data.val.images[case.rows] for case in plan}
    figures = judge.faithfulness(plan, images)
    assert figures["mean"]["ratio"] == 1
    assert all(label["generated"] == label["real"] for label in figures["labels"].values())
    memory, found = judge.memorisation(plan, images)
    assert memory["pixels"]["ratio"] == 1
    assert memory["pixels"]["other training patients"] > 0
    assert len(found) == len(plan.blank)
    diversity = judge.diversity(plan, images)
    assert diversity["inside labels"] == 0
    assert diversity["similarity"]["between seeds"] == pytest.approx(1)
    assert diversity["similarity"]["between patients"] < 1


def test_copies_of_training_slices_are_found_out(learned_checkpoint, tiny_data):
    data = read_data_set(tiny_data)
    judge = Judge(load_segmenter(learned_checkpoint, CPU), CPU, data)
    plan = plan_cases(data.val, data.table, data.table.indices, masks=10, per_mask=1, per_label=4)
    copies = data.train.images[[4, 1]]
    memory, found = judge.memorisation(plan, {"full": copies})
    assert found.tolist() == [4, 1]
    assert all(memory[name]["ratio"] < 0.01 for name in ("pixels", "normalised pixels", "features"))


def test_copies_that_are_brighter_are_found_out_too(learned_checkpoint, tiny_data):
    data = read_data_set(tiny_data)
    judge = Judge(load_segmenter(learned_checkpoint, CPU), CPU, data)
    plan = plan_cases(data.val, data.table, data.table.indices, masks=10, per_mask=1, per_label=4)
    brighter = data.train.images[[4, 1]] // 2 + 100
    memory, _ = judge.memorisation(plan, {"full": brighter})
    assert memory["normalised pixels"]["ratio"] < 0.1 < memory["pixels"]["ratio"]


def test_distances_between_training_patients_pass_over_the_slice_s_own_patient(learned_checkpoint, tiny_data):
    data = read_data_set(tiny_data)
    plan = plan_cases(data.val, data.table, data.table.indices, masks=10, per_mask=1, per_label=4)
    images = {case.name: data.val.images[case.rows] for case in plan}
    slices = np.arange(4, dtype=np.uint8)[:, None, None, None] * np.full((1, 32, 32), 20, np.uint8)

    def measured(names):
        train = replace(data.train, names=names, images=slices)
        judge = Judge(load_segmenter(learned_checkpoint, CPU), CPU, replace(data, train=train))
        return judge.memorisation(plan, images)[0]["pixels"]["other training patients"]

    assert measured(["p1_1.png", "p2_1.png", "p3_1.png", "p4_1.png"]) == pytest.approx(20)
    assert measured(["p1_1.png", "p1_2.png", "p2_1.png", "p2_2.png"]) == pytest.approx(30)
    assert math.isnan(measured(["p1_1.png", "p1_2.png", "p1_3.png", "p1_4.png"]))


def test_cases_use_what_they_say(tiny_data):
    data = read_data_set(tiny_data)
    plan = plan_cases(data.val, data.table, data.table.indices, masks=10, per_mask=3, per_label=4)
    assert len(plan.full) == 3 * len(data.val)
    assert not plan.blank.used.any()
    for column, index in enumerate(data.table.indices):
        assert plan.alone[index].used[:, column].all()
        assert plan.alone[index].used.sum() == len(plan.alone[index])
        assert not plan.without[index].used[:, column].any()
        changed = plan.without[index].used != plan.shown[index].used
        assert not np.delete(changed, column, axis=1).any()
        assert plan.shown[index].seed == plan.without[index].seed
    # val_1.png was annotated without bone
    assert not (plan.full.used & ~data.val.annotated[plan.full.rows]).any()


def test_the_card_shows_the_newest_evaluation_once(evaluate, learned_checkpoint, tmp_path):
    folder = tmp_path / "mine"
    shutil.copytree(learned_checkpoint, folder)
    evaluate("--card", checkpoint=folder)
    first = (folder / "README.md").read_text()
    evaluate("--card", checkpoint=folder)
    card = (folder / "README.md").read_text()
    assert card == first
    assert card.startswith("# Tiny")
    assert card.count("## Measured") == 1
    assert "evaluation/seeds.png" in card
    assert (folder / "evaluation" / "ablation.png").exists()
    assert json.loads((folder / "evaluation" / "figures.json").read_text())["name"] == "Tiny"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--masks", "0"], "--masks 0"),
        (["--per-mask", "-1"], "--per-mask -1"),
        (["--labels", "liver"], "no label 'liver'"),
    ],
)
def test_wrong_options_get_a_sentence(evaluate, capfd, words, reason):
    evaluate(*words, code=2)
    message = capfd.readouterr().err
    assert reason in message
    assert message.startswith("segpaint: ")


def test_a_checkpoint_without_a_segmenter_says_how_to_make_one(evaluate, tiny_checkpoint, capfd):
    evaluate(checkpoint=tiny_checkpoint, code=2)
    assert "segpaint train-segmenter" in capfd.readouterr().err


def test_a_broken_segmenter_gets_a_sentence(evaluate, learned_checkpoint, tmp_path, capfd):
    folder = tmp_path / "broken"
    shutil.copytree(learned_checkpoint, folder)
    (folder / "segmenter" / "model.safetensors").write_bytes(b"no weights")
    evaluate(checkpoint=folder, code=2)
    assert str(folder / "segmenter") in capfd.readouterr().err


def test_images_are_judged_alike_together_and_alone(learned_checkpoint, tiny_data):
    images = read_data_set(tiny_data).train.images
    segmenter = load_segmenter(learned_checkpoint, CPU)
    together = segment(segmenter, images, CPU)
    one_by_one = np.concatenate([segment(segmenter, image[None], CPU) for image in images])
    assert (together != one_by_one).mean() < 1e-3


def test_a_report_says_what_its_figures_cannot_be_trusted_for(evaluate, tmp_path):
    figures = evaluate()
    figures["faithfulness"]["labels"]["bone"]["real"] = 0.2
    cautions = summary(figures)
    assert "Caution" in cautions
    assert "bone (0.200)" in cautions
    assert "body (" not in cautions
    assert f"{figures['masks']} masks are few" in cautions
    figures["masks"] = 200
    figures["faithfulness"]["labels"]["bone"]["real"] = 0.7
    assert "grain" in summary(figures)  # of a network that was never trained
    figures["texture"] = dict.fromkeys(figures["texture"], 1.0)
    assert "Caution" not in summary(figures)


@pytest.fixture(scope="module")
def second_judge(tiny_checkpoint, tiny_data, tmp_path_factory):
    """A segmenter of another shape and seed, in a folder of its own."""
    folder = tmp_path_factory.mktemp("second") / "judge"
    words = ["train-segmenter", str(tiny_data), "--checkpoint", str(tiny_checkpoint), "--steps", "2"]
    assert main([*words, "--out", str(folder), "--fold", "1", "--widths", "16", "32", "--seed", "5"]) == 0
    return folder


def test_a_second_judge_is_of_another_shape_and_no_part_of_the_checkpoint(second_judge, tiny_checkpoint):
    segmenter = load_segmenter(second_judge, CPU)
    assert segmenter.description.space_to_depth == 1
    assert tuple(segmenter.unet.config["block_out_channels"]) == (16, 32)
    assert not (tiny_checkpoint / "segmenter").exists()


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["--widths", "20", "32"], "widths are multiples of 16"),
        (["--fold", "8", "--widths", "16", "16", "16", "16"], "needs a multiple of 64"),
    ],
)
def test_a_segmenter_of_an_impossible_shape_gets_a_sentence(tiny_checkpoint, tiny_data, capfd, words, reason):
    command = ["train-segmenter", str(tiny_data), "--checkpoint", str(tiny_checkpoint), "--steps", "1"]
    assert main([*command, *words]) == 2
    assert reason in capfd.readouterr().err


@pytest.mark.parametrize("option", ["--edits", "--inversions", "--verdicts"])
def test_fewer_slices_than_none_get_a_sentence(evaluate, capfd, option):
    evaluate(option, "-1", code=2)
    assert f"{option} -1: give 0 or more." in capfd.readouterr().err


def test_inversions_are_measured_without_edits(evaluate, tmp_path):
    figures = evaluate("--inversions", "2", "--masks", "2", "--per-label", "1", "--labels", "heart")
    assert len(figures["edits"]["psnr"]) == 2
    assert "edit response" not in figures
    report = (tmp_path / "figures" / "report.md").read_text()
    assert "## Editing real slices" in report
    assert "## Following edits" not in report


def test_edits_of_real_slices_are_measured_if_asked_for(evaluate, learned_checkpoint, second_judge, tmp_path):
    checkpoint = tmp_path / "mine"
    shutil.copytree(learned_checkpoint, checkpoint)
    few = ["--edits", "1", "--masks", "2", "--per-label", "1", "--labels", "heart"]
    figures = evaluate(*few, "--judge", str(second_judge), "--card", checkpoint=checkpoint)
    assert figures["edits"]["slices"] == 1
    assert min(figures["edits"]["psnr"]) > 30
    assert figures["edits"]["distance"][-1] < figures["edits"]["distance"][0]
    assert set(figures["edit response"]["judges"]) == {"its own segmenter", named(second_judge)}
    report = (tmp_path / "figures" / "report.md").read_text()
    assert "## Editing real slices" in report
    assert "## Following edits" in report
    assert "heart: grow, 10 %" in report
    rows = json.loads((tmp_path / "figures" / "edits.json").read_text())
    assert {row["label"] for row in rows} == {"heart"}
    for folder in (tmp_path / "figures", checkpoint / "evaluation"):
        with Image.open(folder / "edits.png") as picture:
            assert "real slices of patients" in picture.info["Synthetic"]
    assert "Edits, judged by its own segmenter" in (checkpoint / "README.md").read_text()


def named(judge):
    """A report goes elsewhere: it names the end of a judge's path alone."""
    return f"the segmenter in {judge.parent.name}/{judge.name}"


@pytest.mark.parametrize(
    ("power", "warning"),
    [
        (
            0.07,
            "has 0.07 times the power of that in real images; where noise of the scanner",
        ),
        (0.4, ""),
        (1.9, ""),
        (8.7, "has 8.7 times the power of that in real images, which is grain; `segpaint checkpoint smooth`"),
    ],
)
def test_too_much_and_too_little_of_the_finest_detail_is_warned_of(power, warning):
    figures = {"faithfulness": {"labels": {}}, "texture": {"0.1 to 0.2": 9.0, "0.4 to 0.5": power}, "masks": 99}
    shown = "\n".join(cautions(figures))
    assert warning in shown
    assert ("the finest detail" in shown) is bool(warning)


def test_faithfulness_is_judged_by_every_judge(evaluate, learned_checkpoint, second_judge, tmp_path):
    judges = ["--judge", str(learned_checkpoint), "--judge", str(second_judge)]
    figures = evaluate("--masks", "2", "--per-label", "1", *judges)
    same, other = (figures["further judges"][named(folder)] for folder in (learned_checkpoint, second_judge))
    assert same["labels"] == figures["faithfulness"]["labels"]
    assert other["mean"] != same["mean"]
    assert (other["about"]["fold"], other["about"]["channels"], other["about"]["seed"]) == (1, [16, 32], 5)
    report = (tmp_path / "figures" / "report.md").read_text()
    assert f"### Faithfulness, judged by {named(second_judge)}" in report
    assert "Levels of 16, 32 channels, full resolution; 2 steps of 16, seed 5." in report
    assert f"- Faithfulness, judged by {named(learned_checkpoint)}: mean Dice" in report


def test_the_features_of_a_network_that_the_user_names_are_compared(evaluate, tmp_path):
    folder = tmp_path / "levels"
    folder.mkdir()
    write_script(folder / "network.pt")
    (folder / "features.json").write_text('{"size": 16, "channels": 3, "mean": 0, "std": 1}')
    figures = evaluate("--features", str(folder), "--masks", "2", "--per-label", "1")["features"]
    assert (figures["network"], figures["images"]) == ("levels", 2)
    for row in ("full mask", "blank mask", "unseen real against training", "floor"):
        assert {"kernel", "fréchet", "precision", "recall"} == set(figures[row])
    report = (tmp_path / "figures" / "report.md").read_text()
    assert "In the features of levels: FID" in report
    assert "in the features of `levels`" in report


def test_verdicts_are_tried_if_asked_for(evaluate, tmp_path):
    figures = evaluate("--verdicts", "2", "--masks", "2", "--per-label", "1")["verdicts"]
    assert figures["slices"] == 2
    assert 0 <= figures["verdicts"]["damaged"]["false alarm"]["value"] <= 1
    assert "## Verdicts" in (tmp_path / "figures" / "report.md").read_text()


def test_the_features_of_a_segmenter_are_compared(evaluate, second_judge):
    few = ["--masks", "2", "--per-label", "1"]
    assert evaluate("--features", str(second_judge), *few)["features"]["images"] == 2


def test_a_judge_of_other_labels_gets_a_sentence(evaluate, second_judge, tmp_path, capfd):
    folder = tmp_path / "other"
    shutil.copytree(second_judge, folder)
    path = folder / "segmenter" / "segmenter.json"
    path.write_text(path.read_text().replace('"heart"', '"liver"'))
    evaluate("--edits", "1", "--judge", str(folder), code=2)
    assert f"The segmenter in {folder} has other labels" in capfd.readouterr().err
