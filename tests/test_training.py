import dataclasses
import itertools
import json
import shutil
import signal

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from segpaint.core.diffusion.engine import Engine
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import LabelTable
from segpaint.core.requests.checkpoint import WEIGHTS, read_checkpoint
from segpaint.io.masks import read_mask
from segpaint.paths import example_masks
from segpaint.training.dataset import read_data_set
from segpaint.training.resuming import check_data
from segpaint.training.settings import Augmentation, TrainingSettings
from segpaint.training.state import read_progress
from segpaint.training.step_log import LOG
from segpaint.training.trainer import LOSSES, STATE, Trainer
from segpaint.training.training_run import run_training

NO_CHANGE = Augmentation(share=0.0)


@pytest.fixture(scope="module")
def data(tiny_data):
    return read_data_set(tiny_data)


def settings(**changes):
    defaults = {"name": "Tiny", "widths": (32, 32), "attention_head_dim": 8, "batch_size": 4}
    return TrainingSettings(**{**defaults, **changes})


def start(data, **changes):
    return Trainer(data, settings(**changes), Accelerator(mixed_precision="no", cpu=True))


def train(trainer, steps):
    return [trainer.train_step() for _ in range(steps)]


def saved(trainer, folder):
    """Every tensor of a run: weights, averaged weights and optimizer."""
    trainer.save(folder)
    return load_file(folder / STATE)


def shown(trainer, steps):
    """What the network is shown as conditioning, step by step."""
    seen = []
    hook = trainer.network.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[2].clone()))
    train(trainer, steps)
    hook.remove()
    return torch.stack(seen)


@pytest.mark.parametrize("after", [1, 3])
def test_resuming_is_the_same_as_training_straight_through(data, tmp_path, after):
    straight = start(data)
    losses = train(straight, 6)
    first = start(data)
    train(first, after)
    first.save(tmp_path)
    torch.manual_seed(12345)
    np.random.seed(12345)  # noqa: NPY002 - nothing may depend on this
    second = start(data)
    second.resume(tmp_path)
    assert second.progress.step == after
    assert train(second, 6 - after) == losses[after:]
    expected, found = saved(straight, tmp_path / "straight"), saved(second, tmp_path / "resumed")
    assert expected.keys() == found.keys()
    assert {name.partition(".")[0] for name in expected} == {"network", "ema", "optimizer"}
    for name, value in expected.items():
        assert torch.equal(found[name], value), name


def test_saving_does_not_disturb_the_training(data, tmp_path):
    undisturbed, disturbed = start(data), start(data)
    train(undisturbed, 4)
    train(disturbed, 2)
    disturbed.validation_loss()
    disturbed.save(tmp_path)
    train(disturbed, 2)
    expected, found = saved(undisturbed, tmp_path / "a"), saved(disturbed, tmp_path / "b")
    for name, value in expected.items():
        assert torch.equal(found[name], value), name


def test_another_seed_trains_otherwise(data, tmp_path):
    first, second = (saved(start(data, seed=seed), tmp_path / str(seed)) for seed in (0, 1))
    assert any(not torch.equal(first[name], second[name]) for name in first)


def test_training_lowers_the_loss(data):
    trainer = start(data, learning_rate=2e-3, warmup_steps=1, ema_power=0.4, augmentation=NO_CHANGE)
    before = trainer.validation_loss()
    train(trainer, 40)
    assert trainer.validation_loss() < 0.8 * before


def test_averaged_weights_follow_the_weights(data):
    trainer = start(data)
    train(trainer, 3)
    plain = [value.clone() for value in trainer.network.parameters()]
    with trainer.averaged() as network:
        averaged = [value.clone() for value in network.parameters()]
    assert any(not torch.equal(a, b) for a, b in zip(plain, averaged, strict=True))
    for value, kept in zip(trainer.network.parameters(), plain, strict=True):
        assert torch.equal(value, kept)


def test_every_pair_is_seen_once_an_epoch_in_a_new_order(data):
    trainer = start(data, ablation=False, augmentation=NO_CHANGE)
    seen = shown(trainer, 9).flatten(0, 1)  # 36 images, 6 epochs of 6
    masks = trainer.encoder(torch.from_numpy(data.train.masks), torch.from_numpy(data.train.annotated))
    rows = [next(row for row, mask in enumerate(masks) if torch.equal(mask, image)) for image in seen]
    epochs = [rows[first : first + 6] for first in range(0, 36, 6)]
    assert all(sorted(epoch) == [0, 1, 2, 3, 4, 5] for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) > 3


def test_without_ablation_every_annotated_label_is_shown_everywhere(data):
    trainer = start(data, ablation=False, free_share=1.0, augmentation=NO_CHANGE)
    seen = shown(trainer, 6).flatten(0, 1)
    unknown = (seen == 0).all(dim=(2, 3))
    assert not unknown[:, :2].any()
    assert unknown[:, 2].sum() == 4  # the one image without bone, once an epoch
    assert (seen[~unknown] != 0).all()


def test_with_ablation_labels_and_regions_are_left_out_image_by_image(data):
    trainer = start(data, augmentation=NO_CHANGE, free_share=0.5)
    seen = shown(trainer, 12)
    known = (seen != 0).any(dim=(3, 4))
    assert 0.3 < known.float().mean() < 0.9
    assert any((batch != batch[0]).any() for batch in known)
    partly = ((seen == 0).any(dim=(3, 4)) & known).any(dim=2)
    assert 0.2 < partly.float().mean() < 0.8


def test_a_label_that_nobody_looked_for_stays_unknown(data):
    trainer = start(data, full_share=1.0, blank_share=0.0, free_share=0.0, augmentation=NO_CHANGE)
    seen = shown(trainer, 3).flatten(0, 1)
    unknown = (seen == 0).all(dim=(2, 3))
    assert unknown.sum(dim=0).tolist() == [0, 0, 2]


@pytest.fixture
def unlabelled(tmp_path):
    """A folder of four images without masks."""
    folder = tmp_path / "unlabelled"
    folder.mkdir()
    for number in range(4):
        Image.fromarray(np.full((32, 32), 50 * number, np.uint8)).save(folder / f"{number}.png")
    return folder


@pytest.mark.parametrize("encoding", ["signed", "index_255"])
@pytest.mark.parametrize("ablation", [True, False])
def test_images_without_masks_are_shown_with_blank_masks(tiny_data, unlabelled, encoding, ablation):
    mixed = read_data_set(tiny_data, unlabelled)
    assert (len(mixed.train), len(mixed.val)) == (10, 2)
    trainer = start(
        mixed, encoding=encoding, ablation=ablation, full_share=1.0, blank_share=0.0, batch_size=10,
        augmentation=NO_CHANGE,
    )  # fmt: skip
    blank = (shown(trainer, 1)[0] == 0).flatten(1).all(dim=1)
    assert blank.sum() == 4


def test_the_card_tells_the_share_of_images_without_masks(tiny_data, unlabelled, tmp_path):
    run_training(start(read_data_set(tiny_data, unlabelled)), tmp_path / "out", max_steps=1)
    description = read_checkpoint(tmp_path / "out").description
    assert description.training["images"] == 6
    assert description.training["images without masks"] == "4 (40 % of all)"
    assert "images without masks: 4 (40 % of all)" in read_checkpoint(tmp_path / "out").card
    assert description.statistics["body"].presence == 1  # counted over masks alone


def test_images_without_masks_must_be_like_the_others(tiny_data, unlabelled, tmp_path):
    with pytest.raises(SegPaintError, match="holds no PNG images"):
        read_data_set(tiny_data, tmp_path / "nowhere")
    for path in unlabelled.iterdir():
        Image.new("RGB", (32, 32)).save(path)
    with pytest.raises(SegPaintError, match=r"32 x 32 pixels of RGB, and those in .* 32 x 32 pixels of grey"):
        read_data_set(tiny_data, unlabelled)
    (unlabelled / "2.png").write_bytes(b"")
    with pytest.raises(SegPaintError, match=r"2\.png cannot be read"):
        read_data_set(tiny_data, unlabelled)


def test_the_learning_rate_warms_up_and_decays():
    chosen = settings(learning_rate=1e-3, warmup_steps=10, decay_after=100)
    rates = [chosen.learning_rate_at(step) for step in range(1000)]
    assert rates[0] == pytest.approx(1e-4)
    assert rates[9] == rates[100] == pytest.approx(1e-3)
    assert rates[400] == pytest.approx(0.5e-3)
    assert all(later <= earlier for earlier, later in itertools.pairwise(rates[9:]))


def test_other_settings_are_not_resumed_but_another_name_is(data, tmp_path):
    start(data).save(tmp_path)
    with pytest.raises(SegPaintError, match=r"other settings: --batch-size 4, not 2; --min-snr 5\.0, not 0\.0"):
        start(data, batch_size=2, min_snr_gamma=0.0).resume(tmp_path)
    start(data, name="Another", licence="CC0-1.0", augmentation=Augmentation(rotation=3)).resume(tmp_path)


def test_a_state_older_than_a_setting_is_resumed_with_its_default(data, tmp_path):
    start(data).save(tmp_path)
    path = tmp_path / STATE
    with safe_open(path, framework="pt") as file:
        progress = json.loads(file.metadata()["progress"])
    del progress["settings"]["init_from"]
    save_file(load_file(path), path, metadata={"progress": json.dumps(progress)})
    start(data).resume(tmp_path)
    with pytest.raises(SegPaintError, match="other settings: --init-from none, not 0123"):
        start(data, init_from="0123").resume(tmp_path)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"widths": (32, 64)}, "--widths 32,32, not 32,64"),
        ({"encoding": "index_255"}, "--encoding signed, not index_255"),
        ({"ablation": False}, "--no-ablation left out, not given"),
    ],
)
def test_another_network_is_refused_with_the_option_that_differs(data, tmp_path, change, told):
    start(data).save(tmp_path)
    with pytest.raises(SegPaintError, match=told) as caught:
        start(data, **change).resume(tmp_path)
    assert "\n" not in str(caught.value)


def of_an_older_version(path):
    """Take out of a state what versions before this one did not write."""
    with safe_open(path, framework="pt") as file:
        progress = json.loads(file.metadata()["progress"])
    kept = {key: progress[key] for key in ("step", "seconds", "images", "losses", "settings", "ema_step")}
    save_file(load_file(path), path, metadata={"progress": json.dumps(kept)})


SWAPPED = {"body": "heart", "heart": "body"}
RENAMED = {"heart": "liver"}


@pytest.mark.parametrize("older", [False, True], ids=["this version", "older version"])
@pytest.mark.parametrize("names", [SWAPPED, RENAMED], ids=["swapped", "renamed"])
def test_other_labels_are_not_resumed(data, tmp_path, names, older):
    run_training(start(data), tmp_path, max_steps=1)
    if older:
        of_an_older_version(tmp_path / STATE)
    renamed = [label.model_copy(update={"name": names.get(label.name, label.name)}) for label in data.table]
    other = dataclasses.replace(data, table=LabelTable(renamed))
    with pytest.raises(SegPaintError, match="with the labels 1 body, 2 heart inside 1, 4 bone, and") as caught:
        start(other).resume(tmp_path)
    assert "--init-from" in str(caught.value)


@pytest.mark.parametrize("older", [False, True], ids=["this version", "older version"])
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"modality": "CT"}, "are CT, 32 x 32 pixels of grey"),
        ({"size": 64}, "are MR, 64 x 64 pixels of grey"),
        ({"channels": 3}, "are MR, 32 x 32 pixels of RGB"),
    ],
)
def test_other_images_are_not_resumed(data, tmp_path, changed, told, older):
    run_training(start(data), tmp_path, max_steps=1)
    if older:
        of_an_older_version(tmp_path / STATE)
    size, channels = changed.get("size", 32), changed.get("channels", 1)
    images = np.zeros((len(data.train), channels, size, size), np.uint8)
    train = dataclasses.replace(data.train, images=images, masks=np.zeros((len(images), size, size), np.uint8))
    other = dataclasses.replace(data, modality=changed.get("modality", "MR"), train=train)
    with pytest.raises(SegPaintError, match="begun with MR images, 32 x 32 pixels of grey, and") as caught:
        check_data(read_progress(tmp_path / STATE), other, tmp_path)
    assert told in str(caught.value)


@pytest.mark.parametrize("exported", [True, False])
def test_a_run_of_an_older_version_goes_on(data, tmp_path, exported):
    run_training(start(data), tmp_path, max_steps=1)
    of_an_older_version(tmp_path / STATE)
    if not exported:
        (tmp_path / "segpaint.json").unlink()
    colored = [label.model_copy(update={"color": "#123456"}) for label in data.table]
    trainer = start(dataclasses.replace(data, table=LabelTable(colored)))
    trainer.resume(tmp_path)
    assert trainer.progress.step == 1


@pytest.mark.parametrize("content", [None, b"", b"not a state"])
def test_a_missing_or_damaged_state_is_named(data, tmp_path, content):
    if content is not None:
        (tmp_path / STATE).parent.mkdir()
        (tmp_path / STATE).write_bytes(content)
    with pytest.raises(SegPaintError, match=str(tmp_path / STATE)):
        start(data).resume(tmp_path)


def test_images_too_small_for_the_network_are_refused(data):
    with pytest.raises(SegPaintError, match="multiple of 64"):
        start(data, widths=(32,) * 6, space_to_depth=2)


def test_a_run_leaves_a_checkpoint_that_makes_images(data, tmp_path, make_request):
    out = tmp_path / "trained"
    trainer = start(data, source="Drawn by a test.", licence="CC0-1.0", pixel_spacing=1.5, window=("-20", "30"))
    run_training(trainer, out, max_steps=3)
    checkpoint = read_checkpoint(out)
    description = checkpoint.description
    assert (description.name, description.modality, description.size) == ("Tiny", "MR", 32)
    assert (description.licence, description.pixel_spacing) == ("CC0-1.0", 1.5)
    assert description.window == (-20, 30)
    assert checkpoint.table == data.table
    assert description.training["steps"] == 3
    assert set(description.statistics) == {"body", "heart", "bone"}
    assert "Drawn by a test." in checkpoint.card
    request = make_request(checkpoint=out.name, fingerprint=checkpoint.fingerprint)
    *_, last = Engine(checkpoint, torch.device("cpu")).run(request)
    assert torch.isfinite(last.sample).all()
    examples = [read_mask(path, checkpoint.table, 32) for path in example_masks(out)]
    assert [mask.tobytes() for mask in examples] == [mask.tobytes() for mask in data.val.masks]
    for name in ("loss.png", "samples.png"):
        with Image.open(out / name) as picture:
            assert len(set(picture.convert("L").tobytes())) > 5
    step, train_loss, val_loss = (out / LOSSES).read_text().splitlines()[-1].split(",")
    assert step == "3"
    assert float(train_loss) > 0
    assert float(val_loss) > 0


def test_the_exported_weights_are_the_averaged_ones(data, tmp_path):
    trainer = start(data)
    run_training(trainer, tmp_path, max_steps=3)
    weights = load_file(tmp_path / WEIGHTS)
    with trainer.averaged() as network:
        for name, value in network.unet.state_dict().items():
            assert torch.equal(weights[name], value.half()), name


def test_without_average_the_exported_weights_are_the_last_ones(data, tmp_path):
    trainer = start(data, average=False)
    run_training(trainer, tmp_path, max_steps=3)
    weights = load_file(tmp_path / WEIGHTS)
    for name, value in trainer.network.unet.state_dict().items():
        assert torch.equal(weights[name], value.half()), name


def test_every_step_has_a_line_in_the_log_and_a_resumed_run_takes_the_later_ones_back(data, tmp_path):
    run_training(start(data), tmp_path, max_steps=2)
    with (tmp_path / LOG).open("a") as log:
        log.write("3,9,9,9\n4,9")  # of steps that were not saved
    trainer = start(data)
    trainer.resume(tmp_path)
    run_training(trainer, tmp_path, max_steps=4)
    head, *lines = (tmp_path / LOG).read_text().splitlines()
    assert head == "step,loss,learning_rate,seconds"
    rows = [[float(word) for word in line.split(",")] for line in lines]
    assert [row[0] for row in rows] == [1, 2, 3, 4]
    assert all(0 < row[1] < 9 for row in rows)
    assert [row[2] for row in rows] == pytest.approx([settings().learning_rate_at(step) for step in range(4)])


def test_the_card_holds_every_setting_and_a_hash_of_the_data(data, tmp_path):
    run_training(start(data, seed=7, full_share=0.3), tmp_path, max_steps=1)
    checkpoint = read_checkpoint(tmp_path)
    told = json.loads(checkpoint.description.training["settings"])
    assert TrainingSettings(**told) == settings(seed=7, full_share=0.3)
    assert checkpoint.description.training["SHA-256 of the data"] == data.digest
    assert data.digest in checkpoint.card
    masks = data.train.masks.copy()
    masks[0, 0, 0] = 1
    changed = dataclasses.replace(data, train=dataclasses.replace(data.train, masks=masks))
    assert changed.digest != data.digest


def test_a_data_set_without_val_images_trains_too(tiny_data, tmp_path):
    folder = shutil.copytree(tiny_data, tmp_path / "drawn")
    shutil.rmtree(folder / "images" / "val")
    shutil.rmtree(folder / "masks" / "all" / "val")
    run_training(start(read_data_set(folder)), tmp_path / "out", max_steps=1)
    assert read_checkpoint(tmp_path / "out").description.training["images"] == 6


@pytest.mark.parametrize("channels", [1, 3])
def test_both_encodings_and_colour_train(tiny_data, tmp_path, channels):
    folder = shutil.copytree(tiny_data, tmp_path / "drawn")
    for path in sorted(folder.glob("images/*/*.png")):
        with Image.open(path) as image:
            image.convert("L" if channels == 1 else "RGB").save(path)
    run_training(start(read_data_set(folder), encoding="index_255"), tmp_path / "out", max_steps=1)
    description = read_checkpoint(tmp_path / "out").description
    assert (description.encoding, description.channels) == ("index_255", channels)


def test_ctrl_c_stops_after_the_step_and_saves(data, tmp_path):
    trainer = start(data)

    def interrupt(*_):
        if trainer.progress.step == 2:
            signal.raise_signal(signal.SIGINT)

    hook = trainer.network.register_forward_pre_hook(interrupt)
    before = signal.getsignal(signal.SIGINT)
    run_training(trainer, tmp_path)
    hook.remove()
    assert signal.getsignal(signal.SIGINT) is before
    assert trainer.progress.step == 3
    second = start(data)
    second.resume(tmp_path)
    assert second.progress.step == 3
