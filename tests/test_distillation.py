"""A network that makes in one to eight steps what another makes in many."""

import shutil

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import save_file

from segpaint.api import open_checkpoint
from segpaint.cli import main
from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.few_step_files import load_few_steps
from segpaint.core.diffusion.few_steps import FewStepNetwork, finest_timesteps
from segpaint.core.diffusion.network_files import load_network, read_scheduler_config
from segpaint.core.diffusion.predictor import predictor
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.sampling import FEW_STEPS
from segpaint.training.dataset import read_data_set
from segpaint.training.distillation import Distiller
from segpaint.training.finetune import Start
from segpaint.training.settings import TrainingSettings
from segpaint.training.trainer import Trainer
from segpaint.training.training_run import run_training

CPU = torch.device("cpu")


def begin(kind, checkpoint, data, **changes):
    start = Start(read_checkpoint(checkpoint))
    settings = {"name": "Tiny", "batch_size": 8, "warmup_steps": 1, "learning_rate": 3e-4, "guidance": 1.5}
    settings = TrainingSettings(**{**settings, **start.settled, **changes})
    return kind(read_data_set(data), settings, Accelerator(mixed_precision="no", cpu=True), start)


@pytest.fixture(scope="module")
def taught(tiny_checkpoint, tiny_data, tmp_path_factory):
    """The tiny checkpoint, after it was trained for some seconds, so that there is something to learn of it."""
    out = tmp_path_factory.mktemp("taught")
    run_training(begin(Trainer, tiny_checkpoint, tiny_data, learning_rate=3e-3), out, max_steps=120)
    return out


def test_it_begins_with_what_its_teacher_predicts(tiny_checkpoint):
    checkpoint = read_checkpoint(tiny_checkpoint)
    teacher = load_network(checkpoint, CPU)
    few = FewStepNetwork.like(teacher, checkpoint.description.attribute_table.combinations)
    sample, conditioning = torch.randn(2, 1, 32, 32), torch.randn(2, 3, 32, 32)
    for steps in FEW_STEPS.counts:
        predict = predictor(few, conditioning, 2.0, "float32", steps=steps)
        plain = predictor(teacher, conditioning, 1.0, "float32")
        with torch.inference_mode():
            torch.testing.assert_close(
                predict(sample, torch.tensor(500)), plain(sample, torch.tensor(500)), rtol=1e-4, atol=1e-5
            )


def test_every_schedule_is_a_part_of_the_finest(tiny_checkpoint):
    config = read_scheduler_config(read_checkpoint(tiny_checkpoint))
    finest = finest_timesteps(build_scheduler(config, "ddpm", 10))
    for steps in FEW_STEPS.counts:
        scheduler = build_scheduler(config, FEW_STEPS.name, steps)
        assert scheduler.timesteps.tolist() == finest[:: len(finest) // steps]


def test_it_learns_to_end_where_its_teacher_ends(taught, tiny_data):
    trainer = begin(Distiller, taught, tiny_data)
    before = trainer.validation_loss()
    for _ in range(50):
        trainer.train_step()
    assert trainer.validation_loss() < before / 2
    trainer.close()


def test_the_network_of_one_that_predicts_images_predicts_them_too(taught, tiny_data):
    trainer = begin(Distiller, taught, tiny_data, prediction="sample")
    before = trainer.validation_loss()
    for _ in range(50):
        trainer.train_step()
    assert trainer.validation_loss() < before / 2


def test_a_distillation_goes_on_exactly_where_it_was_saved(tiny_checkpoint, tiny_data, tmp_path):
    whole = begin(Distiller, tiny_checkpoint, tiny_data)
    losses = [whole.train_step() for _ in range(4)]
    half = begin(Distiller, tiny_checkpoint, tiny_data)
    for _ in range(2):
        half.train_step()
    half.save(tmp_path)
    resumed = begin(Distiller, tiny_checkpoint, tiny_data)
    resumed.resume(tmp_path)
    assert [resumed.train_step() for _ in range(2)] == losses[2:]


def test_a_batch_may_hold_a_single_image(tiny_checkpoint, tiny_data):
    trainer = begin(Distiller, tiny_checkpoint, tiny_data, batch_size=1)
    assert 0 < trainer.train_step() < 10


def test_a_network_that_predicts_noise_is_refused(tiny_checkpoint, tiny_data):
    with pytest.raises(SegPaintError, match="predicts noise"):
        begin(Distiller, tiny_checkpoint, tiny_data, prediction="epsilon")


def test_the_command_puts_it_into_the_checkpoint_and_goes_on(tiny_checkpoint, tiny_data, tmp_path, capsys):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    words = ["distill", str(folder), "--data", str(tiny_data), "--batch-size", "4", "--device", "cpu"]
    assert main([*words, "--max-steps", "2"]) == 0
    first = read_checkpoint(folder).few_steps
    assert main([*words, "--max-steps", "3"]) == 2
    assert "go on with --resume" in " ".join(capsys.readouterr().err.split())
    assert main([*words, "--max-steps", "3", "--resume"]) == 0
    assert read_checkpoint(folder).few_steps not in ("", first)
    assert (folder / "few_steps" / "samples.png").is_file()
    assert read_checkpoint(folder).fingerprint == read_checkpoint(tiny_checkpoint).fingerprint


@pytest.mark.parametrize("steps", FEW_STEPS.counts)
def test_an_image_is_made_in_few_steps(distilled_checkpoint, drawn_mask, steps):
    checkpoint = open_checkpoint(distilled_checkpoint, "cpu")
    request = checkpoint.request(drawn_mask, sampler="few", steps=steps, guidance=2, seed=3)
    run = list(checkpoint.previews(request))
    assert len(run) == steps
    np.testing.assert_array_equal(run[-1].result.pixels, checkpoint.make(request).pixels)


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"steps": 3}, "takes 1, 2, 4 or 8 steps, not 3"), ({"guidance": 5}, "takes a guidance of 1 to 3, not 5")],
)
def test_what_it_does_not_take_is_a_sentence(distilled_checkpoint, drawn_mask, settings, words):
    with pytest.raises(SegPaintError, match=words):
        open_checkpoint(distilled_checkpoint, "cpu").request(
            drawn_mask, sampler="few", **{"steps": 4, **settings}
        )


def test_a_request_names_the_network_that_made_it(distilled_checkpoint, tiny_checkpoint, drawn_mask, tiny_data):
    few, plain = open_checkpoint(distilled_checkpoint, "cpu"), open_checkpoint(tiny_checkpoint, "cpu")
    request = few.request(drawn_mask, sampler="few", steps=1)
    assert request.few_steps == read_checkpoint(distilled_checkpoint).few_steps != ""
    assert few.request(drawn_mask, steps=1).few_steps == ""
    assert few.request(drawn_mask).fingerprint == plain.request(drawn_mask).fingerprint
    with pytest.raises(SegPaintError, match="segpaint distill"):
        plain.request(drawn_mask, sampler="few", steps=1)
    with pytest.raises(SegPaintError, match="another network for few steps"):
        few.make(request.model_copy(update={"few_steps": "0123456789abcdef"}))


def test_the_network_of_other_weights_is_refused(distilled_checkpoint, other_checkpoint, tmp_path):
    folder = shutil.copytree(other_checkpoint, tmp_path / "other")
    shutil.copytree(distilled_checkpoint / "few_steps", folder / "few_steps")
    with pytest.raises(SegPaintError, match="distilled from other weights"):
        load_few_steps(read_checkpoint(folder), CPU)


@pytest.mark.parametrize("name", ["few_steps.json", "config.json", "model.safetensors", "pace.safetensors"])
def test_a_damaged_network_is_a_sentence(distilled_checkpoint, drawn_mask, tmp_path, name):
    folder = shutil.copytree(distilled_checkpoint, tmp_path / "damaged")
    path = folder / "few_steps" / name
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(SegPaintError, match=name):
        open_checkpoint(folder, "cpu").generate(drawn_mask, sampler="few", steps=2)


def test_the_pace_of_another_network_is_a_sentence(distilled_checkpoint, drawn_mask, tmp_path):
    folder = shutil.copytree(distilled_checkpoint, tmp_path / "mixed")
    path = folder / "few_steps" / "pace.safetensors"
    save_file({"pace.0.weight": torch.zeros(3, 3)}, path)
    with pytest.raises(SegPaintError, match="do not fit this checkpoint"):
        open_checkpoint(folder, "cpu").generate(drawn_mask, sampler="few", steps=2)


def test_several_images_at_once_are_each_as_if_alone(distilled_checkpoint, drawn_mask):
    engine = Engine(read_checkpoint(distilled_checkpoint), CPU)
    checkpoint = open_checkpoint(distilled_checkpoint, "cpu")
    requests = [checkpoint.request(drawn_mask, sampler="few", steps=2, seed=seed) for seed in range(3)]
    alone = [next(engine.make_all([request])) for request in requests]
    for one, other in zip(engine.make_all(requests), alone, strict=True):
        np.testing.assert_array_equal(one, other)
