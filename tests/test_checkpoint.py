import hashlib
import json
import re
import shutil

import pytest
import torch
from safetensors.torch import load_file, save_file

from segpaint.core.diffusion.engine import Engine
from segpaint.core.diffusion.network_files import load_network, read_scheduler_config, write_checkpoint
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import (
    CARD,
    DESCRIPTION,
    NETWORK_CONFIG,
    SCHEDULER_CONFIG,
    WEIGHTS,
    Description,
    read_checkpoint,
)

CPU = torch.device("cpu")


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    """A checkpoint to spoil."""
    return shutil.copytree(tiny_checkpoint, tmp_path / "tiny")


def load(folder):
    return Engine(read_checkpoint(folder), CPU)


def refusal(folder):
    """The sentence with which a spoilt folder is refused."""
    with pytest.raises(SegPaintError) as caught:
        load(folder)
    message = str(caught.value)
    assert message
    assert "\n" not in message
    return message


def change_json(path, **changes):
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize("name", [DESCRIPTION, NETWORK_CONFIG, WEIGHTS, SCHEDULER_CONFIG])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    assert name in refusal(folder)


@pytest.mark.parametrize("name", [DESCRIPTION, NETWORK_CONFIG, SCHEDULER_CONFIG])
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe"])
def test_a_file_that_is_no_json_object_is_named(folder, name, content):
    (folder / name).write_bytes(content)
    assert str(folder / name) in refusal(folder)


def test_a_missing_folder_is_named(tmp_path):
    assert str(tmp_path / "nowhere") in refusal(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "name", ["unet/diffusion_pytorch_model.bin", "model.pt", "training/state.pkl", "x.ckpt"]
)
def test_pickled_weights_are_refused(folder, name):
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    message = refusal(folder)
    assert str(path) in message
    assert "safetensors" in message


@pytest.mark.parametrize("share", [0, 0.001, 0.5, 0.999])
def test_truncated_weights_are_named(folder, share):
    content = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(content[: int(len(content) * share)])
    assert str(folder / WEIGHTS) in refusal(folder)


def test_weights_of_another_shape_are_named(folder):
    weights = load_file(folder / WEIGHTS)
    weights["conv_in.weight"] = weights["conv_in.weight"][:8].contiguous()
    save_file(weights, folder / WEIGHTS)
    message = refusal(folder)
    assert str(folder / WEIGHTS) in message
    assert "conv_in.weight" in message


def test_weights_that_lack_a_tensor_are_named(folder):
    weights = load_file(folder / WEIGHTS)
    del weights["conv_out.bias"]
    save_file(weights, folder / WEIGHTS)
    message = refusal(folder)
    assert str(folder / WEIGHTS) in message
    assert "conv_out.bias" in message


@pytest.mark.parametrize("changes", [{"in_channels": 8}, {"out_channels": 12}])
def test_a_network_with_the_wrong_channel_count_is_named(folder, changes):
    change_json(folder / NETWORK_CONFIG, **changes)
    assert str(folder / NETWORK_CONFIG) in refusal(folder)


def test_a_label_too_many_is_noticed(folder):
    labels = json.loads((folder / DESCRIPTION).read_text())["labels"]
    change_json(
        folder / DESCRIPTION,
        labels=[*labels, {"index": 9, "name": "extra", "color": "#000000", "parent": None}],
    )
    assert DESCRIPTION in refusal(folder)


@pytest.mark.parametrize(
    "changes", [{"block_out_channels": 3}, {"down_block_types": ["NoSuchBlock", "DownBlock2D"]}]
)
def test_a_network_that_cannot_be_built_is_named(folder, changes):
    change_json(folder / NETWORK_CONFIG, **changes)
    assert str(folder / NETWORK_CONFIG) in refusal(folder)


@pytest.mark.parametrize("changes", [{"beta_schedule": "nonsense"}, {"prediction_type": "flow_prediction"}])
def test_a_scheduler_that_cannot_be_used_is_named(folder, changes):
    change_json(folder / SCHEDULER_CONFIG, **changes)
    assert str(folder / SCHEDULER_CONFIG) in refusal(folder)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"size": 0}, "size"),
        ({"size": "big"}, "size"),
        ({"channels": 2}, "channels"),
        ({"encoding": "one_hot"}, "encoding"),
        ({"sampler": "euler"}, "sampler"),
        ({"labels": [{"index": 1, "name": "a", "color": "#000000", "parent": 7}]}, "labels"),
        ({"surprise": 1}, "surprise"),
        ({"format": 2}, "format"),
    ],
    ids=str,
)
def test_a_description_with_a_wrong_field_names_it(folder, changes, field):
    change_json(folder / DESCRIPTION, **changes)
    message = refusal(folder)
    assert str(folder / DESCRIPTION) in message
    assert field in message


def test_what_is_written_is_read_again(tiny_engine, tmp_path):
    before, config = tiny_engine.checkpoint, read_scheduler_config(tiny_engine.checkpoint)
    write_checkpoint(tmp_path / "copy", before.description, tiny_engine.network, config, "# A card\n")
    after = read_checkpoint(tmp_path / "copy")
    assert after.description == before.description
    assert after.table == before.table
    assert after.fingerprint == before.fingerprint
    assert after.card == "# A card\n"
    assert read_scheduler_config(after) == config
    weights = load_network(after, CPU).state_dict()
    for name, value in tiny_engine.network.state_dict().items():
        assert torch.equal(weights[name], value)


def test_weights_are_stored_in_half_precision_and_used_in_full(tiny_checkpoint, tiny_engine):
    assert {value.dtype for value in load_file(tiny_checkpoint / WEIGHTS).values()} == {torch.float16}
    assert {value.dtype for value in tiny_engine.network.parameters()} == {torch.float32}


def test_a_loaded_network_is_ready_to_sample(tiny_engine):
    assert not tiny_engine.network.training
    assert not any(parameter.requires_grad for parameter in tiny_engine.network.parameters())


def test_a_checkpoint_without_a_card_still_works(folder):
    (folder / CARD).unlink()
    assert load(folder).checkpoint.card == ""


def test_the_fingerprint_changes_with_a_single_weight(folder):
    before = read_checkpoint(folder).fingerprint
    weights = load_file(folder / WEIGHTS)
    weights["conv_in.bias"][0] += 1
    save_file(weights, folder / WEIGHTS, metadata={"format": "pt"})
    assert read_checkpoint(folder).fingerprint != before


@pytest.mark.parametrize("changes", [{"encoding": "index_255"}, {"space_to_depth": 4}])
def test_the_fingerprint_changes_with_the_meaning_of_a_mask(folder, changes):
    before = read_checkpoint(folder).fingerprint
    change_json(folder / DESCRIPTION, **changes)
    assert read_checkpoint(folder).fingerprint != before


def test_the_fingerprint_is_that_of_the_files_and_of_what_a_mask_means(tiny_checkpoint):
    description = json.loads((tiny_checkpoint / DESCRIPTION).read_text())
    meaning = {key: description[key] for key in ("encoding", "labels", "space_to_depth")}
    content = [(tiny_checkpoint / name).read_bytes() for name in (NETWORK_CONFIG, WEIGHTS, SCHEDULER_CONFIG)]
    whole = b"".join([*content, json.dumps(meaning, sort_keys=True).encode()])
    assert read_checkpoint(tiny_checkpoint).fingerprint == hashlib.sha256(whole).hexdigest()[:16]


def test_a_fingerprint_that_cannot_be_found_out_names_the_file(folder):
    checkpoint = read_checkpoint(folder)
    (folder / WEIGHTS).unlink()
    with pytest.raises(SegPaintError, match=re.escape(str(folder / WEIGHTS))):
        checkpoint.fingerprint  # noqa: B018


def test_the_fingerprint_does_not_change_with_the_name(folder):
    before = read_checkpoint(folder).fingerprint
    change_json(folder / DESCRIPTION, name="Another name", licence="CC0-1.0")
    (folder / CARD).write_text("Another card.")
    assert read_checkpoint(folder).fingerprint == before


def test_a_description_keeps_what_it_was_given(table):
    description = Description(name="a", modality="CT", size=64, labels=table.labels, pixel_spacing=1.4)
    assert Description.model_validate_json(description.model_dump_json()) == description
    assert description.table == table
