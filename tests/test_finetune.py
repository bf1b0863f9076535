import json
import shutil

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.network import build_network
from segpaint.core.diffusion.network_files import load_network, read_scheduler_config, write_checkpoint
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.training.dataset import read_data_set
from segpaint.training.finetune import Start
from segpaint.training.settings import TrainingSettings
from segpaint.training.trainer import Trainer

FEW_STEPS = ["--batch-size", "2", "--max-steps", "1", "--picture-minutes", "1000"]


def write_labels(folder, *labels):
    entries = [{"index": index, "name": name, "color": "#336699"} for index, name in labels]
    (folder / "labels.json").write_text(json.dumps({"modality": "MR", "labels": entries}))


@pytest.fixture
def folder(tiny_data, tmp_path):
    """A data set to change."""
    return shutil.copytree(tiny_data, tmp_path / "drawn")


@pytest.fixture
def remade(tiny_checkpoint, tmp_path):
    """Make a checkpoint like the tiny one, but of another encoding, folding or kind of image."""

    def make(**changes):
        checkpoint = read_checkpoint(tiny_checkpoint)
        description = checkpoint.description.model_copy(update=changes)
        masks = len(description.labels) if description.encoding == "signed" else 1
        torch.manual_seed(11)
        network = build_network(
            size=description.size,
            channels=description.channels,
            conditioning_channels=masks,
            space_to_depth=description.space_to_depth,
            widths=(32, 32),
            attention_head_dim=8,
        )
        config = json.loads((tiny_checkpoint / "scheduler/scheduler_config.json").read_text())
        write_checkpoint(tmp_path / "remade", description, network, config, "")
        return tmp_path / "remade"

    return make


def begin(checkpoint, folder):
    start = Start(read_checkpoint(checkpoint))
    settings = TrainingSettings(name="Finer", batch_size=2, init_from="x", **start.settled)
    accelerator = Accelerator(mixed_precision="no", cpu=True)
    return Trainer(read_data_set(folder), settings, accelerator, start)


def predict(network, conditioning, channels=1):
    """What a network says of some noise."""
    noise = torch.randn((2, channels, *conditioning.shape[2:]), generator=torch.Generator().manual_seed(5))
    with torch.no_grad():
        return network(noise, torch.tensor([900, 300]), conditioning)


def shown(trainer, rows=(0, 2)):
    masks = torch.from_numpy(trainer.data.train.masks[list(rows)])
    return trainer.encoder(masks, torch.ones((2, len(trainer.data.table)), dtype=torch.bool))


@pytest.mark.parametrize(
    "changes", [{}, {"space_to_depth": 4}, {"space_to_depth": 1}, {"encoding": "index_255"}], ids=str
)
def test_with_the_same_labels_it_begins_with_the_old_answers(remade, folder, changes):
    checkpoint = remade(**changes)
    trainer = begin(checkpoint, folder)
    old = load_network(read_checkpoint(checkpoint), torch.device("cpu"))
    conditioning = shown(trainer)
    expected = predict(old, conditioning)
    torch.testing.assert_close(predict(trainer.network, conditioning), expected, rtol=0, atol=1e-5)
    with trainer.averaged() as averaged:
        torch.testing.assert_close(predict(averaged, conditioning), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("changes", [{}, {"space_to_depth": 4}], ids=str)
def test_labels_are_known_again_by_their_names_and_new_ones_say_nothing_yet(remade, folder, changes):
    checkpoint = remade(**changes)
    old = load_network(read_checkpoint(checkpoint), torch.device("cpu"))
    write_labels(folder, (1, "spleen"), (2, "BONE"), (4, "Body"), (7, "liver"))
    trainer = begin(checkpoint, folder)
    blank = torch.zeros(2, 4, 32, 32)
    before = predict(old, torch.zeros(2, 3, 32, 32))
    assert torch.allclose(predict(trainer.network, blank), before, rtol=0, atol=1e-5)
    new = torch.randn(2, 4, 32, 32, generator=torch.Generator().manual_seed(1))
    moved = torch.zeros(2, 3, 32, 32)  # body, heart, bone
    moved[:, 0], moved[:, 2] = new[:, 2], new[:, 1]
    assert torch.allclose(predict(trainer.network, new), predict(old, moved), rtol=0, atol=1e-5)
    assert not torch.allclose(predict(trainer.network, new), before, rtol=0, atol=1e-3)
    trainer.train_step()
    with_new_label = blank.clone()
    with_new_label[:, 0] = 1
    assert not torch.equal(predict(trainer.network, with_new_label), predict(trainer.network, blank))


def test_images_of_another_size_are_learnt_too(tiny_checkpoint, folder):
    for path in [*folder.glob("images/*/*.png"), *folder.glob("masks/all/*/*.png")]:
        with Image.open(path) as image:
            image.resize((64, 64), Image.Resampling.NEAREST).save(path)
    trainer = begin(tiny_checkpoint, folder)
    trainer.train_step()
    assert predict(trainer.network, shown(trainer)).shape == (2, 1, 64, 64)


def test_the_command_fine_tunes_resumes_and_says_so_in_the_card(
    tiny_checkpoint, other_checkpoint, folder, tmp_path, capfd
):
    write_labels(folder, (1, "Body"), (2, "spleen"), (4, "bone"))
    out = tmp_path / "finer"
    words = ["train", str(folder), "--out", str(out), "--init-from", str(tiny_checkpoint), *FEW_STEPS]
    assert main(words) == 0
    description = read_checkpoint(out).description
    assert description.training["fine-tuned from"] == f"Tiny ({read_checkpoint(tiny_checkpoint).fingerprint})"
    assert description.training["labels that it knew"] == "Body, bone"
    assert description.training["labels new to it"] == "spleen"
    assert "fine-tuned from: Tiny" in read_checkpoint(out).card
    assert main([*words, "--resume", "--max-steps", "2"]) == 0
    assert read_checkpoint(out).description.training["steps"] == 2
    plain = [word for word in words if word not in ("--init-from", str(tiny_checkpoint))]
    assert main([*plain, "--resume", "--max-steps", "3"]) == 0  # it remembers what it began with
    assert read_checkpoint(out).description.training["steps"] == 3
    assert main([*plain, "--resume", "--init-from", str(other_checkpoint), "--max-steps", "4"]) == 2
    assert "begun with other settings: --init-from" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--widths", "32,64"], "--widths is settled by"),
        (["--fold", "4"], "--fold is settled by"),
        (["--layers-per-block", "2"], "--layers-per-block is settled by"),
        (["--encoding", "index_255"], "--encoding is settled by"),
        (["--prediction", "epsilon"], "--prediction is settled by"),
    ],
    ids=str,
)
def test_a_shape_that_contradicts_the_checkpoint_is_refused(
    tiny_checkpoint, tiny_data, tmp_path, capfd, options, reason
):
    words = ["train", str(tiny_data), "--out", str(tmp_path / "out"), "--init-from", str(tiny_checkpoint)]
    assert main([*words, *FEW_STEPS, *options]) == 2
    message = capfd.readouterr().err
    assert reason in message
    assert message.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_network_of_velocities_can_go_on_to_predict_the_image(tiny_checkpoint, folder, tmp_path):
    out = tmp_path / "finer"
    words = ["train", str(folder), "--out", str(out), *FEW_STEPS]
    assert main([*words, "--init-from", str(tiny_checkpoint), "--prediction", "sample", "--seed", "3"]) == 0
    checkpoint = read_checkpoint(out)
    assert read_scheduler_config(checkpoint)["prediction_type"] == "sample"
    old = load_network(read_checkpoint(tiny_checkpoint), torch.device("cpu"))
    new = Start(read_checkpoint(tiny_checkpoint)).network(
        read_checkpoint(tiny_checkpoint).table, 1, 32, prediction="sample"
    )
    conditioning = torch.zeros(2, 3, 32, 32)
    assert torch.allclose(predict(new, conditioning), -predict(old, conditioning), rtol=0, atol=1e-5)
    assert main([*words, "--resume", "--max-steps", "2"]) == 0  # it remembers what it predicts
    assert read_checkpoint(out).description.training["prediction"] == "sample"


def test_a_shape_that_agrees_with_the_checkpoint_may_be_given(tiny_checkpoint, tiny_data, tmp_path):
    words = ["train", str(tiny_data), "--out", str(tmp_path / "out"), "--init-from", str(tiny_checkpoint)]
    assert main([*words, *FEW_STEPS, "--widths", "32,32", "--fold", "2"]) == 0


def test_grey_images_are_not_learnt_by_a_checkpoint_that_makes_colour(remade, folder, tmp_path, capfd):
    checkpoint = remade(channels=3)
    words = ["train", str(folder), "--out", str(tmp_path / "out"), "--init-from", str(checkpoint), *FEW_STEPS]
    assert main(words) == 2
    assert f"The images are grey, but {checkpoint} makes RGB ones" in capfd.readouterr().err


def test_a_checkpoint_is_not_overwritten_by_what_it_begins(tiny_checkpoint, tiny_data, tmp_path, capfd):
    copy = shutil.copytree(tiny_checkpoint, tmp_path / "copy")
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    assert main(["train", str(tiny_data), "--out", str(copy), "--init-from", str(copy), *FEW_STEPS]) == 2
    assert "choose another --out" in capfd.readouterr().err
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_the_shipped_network_is_begun_with_whole():
    """Real widths: two levels folded, attention, and label names of a real checkpoint."""
    from segpaint.core.labels.labels import Label, LabelTable
    from segpaint.paths import DEFAULT_CHECKPOINT, find_checkpoint

    checkpoint = read_checkpoint(find_checkpoint(DEFAULT_CHECKPOINT))
    table = LabelTable([Label(index=3, name="lv MYOCARDIUM", color="#000000")])
    network = Start(checkpoint).network(table, 1, 128)
    old = load_network(checkpoint, torch.device("cpu"))
    mask = torch.from_numpy(np.sign(np.random.default_rng(0).normal(size=(2, 1, 128, 128))).astype(np.float32))
    both = torch.zeros(2, 2, 128, 128)
    both[:, checkpoint.table.indices.index(checkpoint.table.parse(["LV myocardium"])[0])] = mask[:, 0]
    assert torch.allclose(predict(network, mask), predict(old, both), rtol=0, atol=1e-4)
