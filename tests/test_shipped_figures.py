"""What the shipped checkpoints' cards say of them was measured on the very weights that are shipped."""

import json

import pytest
import torch

from segpaint.core.diffusion.segmenter import load_segmenter
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.paths import find_checkpoint

CHECKPOINTS = ["abdomen-ct-256", "breast-ultrasound-256", "cardiac-cine-mri-128", "head-neck-ct-128"]


@pytest.fixture(params=CHECKPOINTS)
def checkpoint(request):
    return read_checkpoint(find_checkpoint(request.param))


@pytest.fixture
def figures(checkpoint):
    return json.loads((checkpoint.folder / "evaluation" / "figures.json").read_text())


def test_the_figures_are_those_of_these_weights_at_the_recommended_settings(checkpoint, figures):
    description = checkpoint.description
    assert figures["fingerprint"] == checkpoint.fingerprint
    recommended = (description.sampler, description.steps, description.guidance)
    assert (figures["sampler"], figures["steps"], figures["guidance"]) == recommended


def test_masks_are_followed_as_well_as_the_segmenter_can_tell(figures):
    faithfulness = figures["faithfulness"]
    assert faithfulness["mean"]["ratio"] >= 0.95
    for name, label in faithfulness["labels"].items():
        assert label["ratio"] >= 0.85, name


@pytest.mark.parametrize("name", ["abdomen-ct-256", "head-neck-ct-128"])
def test_ct_images_are_no_copies(name):
    folder = find_checkpoint(name)
    memory = json.loads((folder / "evaluation" / "figures.json").read_text())["memorisation"]
    assert memory["pixels"]["ratio"] >= 0.9
    assert memory["features"]["ratio"] >= 0.9


def test_the_card_shows_seeds_and_ablations(checkpoint):
    for name in ("seeds.png", "ablation.png"):
        assert f"(evaluation/{name})" in checkpoint.card
        assert (checkpoint.folder / "evaluation" / name).stat().st_size > 10_000


def test_the_segmenter_is_small_and_finds_what_it_is_to_judge(checkpoint):
    assert (checkpoint.folder / "segmenter" / "model.safetensors").stat().st_size <= 6e6
    measured = load_segmenter(checkpoint.folder, torch.device("cpu")).description.dice
    assert set(measured) == {label.name for label in checkpoint.table}
    # An esophagus of a dozen pixels without contrast, and marks of a dozen, are beyond it, as the reports say.
    assert all(score > 0.6 for name, score in measured.items() if name not in {"esophagus", "marks"})


def test_unseen_hearts_come_back_from_noise_and_similarity_leads_to_them():
    folder = find_checkpoint("cardiac-cine-mri-128")
    edits = json.loads((folder / "evaluation" / "figures.json").read_text())["edits"]
    assert edits["slices"] >= 20
    assert min(edits["psnr"]) >= 35  # decibels
    assert edits["falling"] >= 0.9
    assert edits["distance"] == sorted(edits["distance"], reverse=True)


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_a_second_judge_finds_the_masks_as_well_as_in_real_slices(name):
    figures = json.loads((find_checkpoint(name) / "evaluation" / "figures.json").read_text())
    (other,) = figures["further judges"].values()
    assert other["mean"]["ratio"] >= 0.98


@pytest.mark.parametrize("name", CHECKPOINTS)
def test_edits_that_are_warped_first_follow_the_mask_and_keep_the_patient(name):
    figures = json.loads((find_checkpoint(name) / "evaluation" / "figures.json").read_text())["edit response"]
    for judge, seen in figures["judges"].items():
        assert seen["warps"]["warp first"]["ratio"]["value"] >= 1, judge
    alike = figures["likeness"]["warp first"]
    assert alike["ssim"] >= 0.75
    assert abs(alike["bias"]) <= 2  # grey levels
