"""Small stand-ins for the real thing: a network of a few thousand weights and drawn anatomy."""

import functools
import json
import os
import shutil
import sys
import zlib

# A tiny network runs fastest on one thread; subprocesses inherit this. Set before torch is imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import coverage
import hypothesis
import numpy as np
import pytest
from PIL import Image

from segpaint.core.labels.labels import Label, LabelTable

SIZE = 32
MEASURED = coverage.Coverage.current()
"""The measurement of coverage, where `.ci/run` has begun one in this process."""
SHARE_MEASURED = 4
"""Coverage is measured in one of so many tests: it doubles their time, and the floor holds for these alone."""

# A busy machine is no failure.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


def pytest_addoption(parser):
    parser.addoption("--seed", type=int, default=11, help="of the random user")
    parser.addoption("--long", action="store_true", help="minutes of painting and random use, not seconds")
    parser.addoption("--draw-snapshots", action="store_true", help="keep what the window looks like now")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item):
    """Measure coverage in some tests and in the processes that they begin, the same ones each time."""
    if MEASURED is None or zlib.crc32(item.nodeid.encode()) % SHARE_MEASURED == 0:
        return (yield)
    MEASURED.stop()
    begin = os.environ.pop("COVERAGE_PROCESS_START")
    try:
        return (yield)
    finally:
        os.environ["COVERAGE_PROCESS_START"] = begin
        MEASURED.start()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """Keep the user's cache and that of the tests apart, also in processes that these begin."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def long(request):
    """Whether tests that can take any time may take much."""
    return request.config.getoption("--long")


@pytest.fixture(scope="session")
def table():
    """Body with a heart inside it, and a bone beside them."""
    return LabelTable(
        (
            Label(index=1, name="body", color="#cc8844"),
            Label(index=2, name="heart", color="#dd3333", parent=1),
            Label(index=4, name="bone", color="#eeeeaa"),
        )
    )


@pytest.fixture(scope="session")
def drawn_mask():
    """Every label of the table once: a body with a heart, and a bone outside."""
    return _draw_mask(14, 15)


@pytest.fixture(scope="session")
def mask_file(tmp_path_factory, table, drawn_mask):
    """The same mask as a palette PNG."""
    from segpaint.io.image_files import encode_mask

    path = tmp_path_factory.mktemp("masks") / "drawn.png"
    path.write_bytes(encode_mask(drawn_mask, table))
    return path


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory, table):
    """A whole checkpoint folder with an untrained network; copy it before changing it."""
    return _write_tiny(tmp_path_factory.mktemp("checkpoints") / "tiny", "Tiny", "MR", table.labels, 7)


@pytest.fixture(scope="session")
def whole_checkpoint(tmp_path_factory, tiny_checkpoint):
    """The tiny checkpoint, as if trained on whole masks alone."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path_factory.mktemp("whole") / "whole")
    description = json.loads((folder / "segpaint.json").read_text())
    (folder / "segpaint.json").write_text(json.dumps({**description, "ablation_trained": False}))
    return folder


@pytest.fixture(scope="session")
def other_checkpoint(tmp_path_factory):
    """One of another modality: it numbers body and bone otherwise, knows a vessel and no heart."""
    labels = (
        Label(index=1, name="Bone", color="#eeeeaa"),
        Label(index=2, name="body", color="#cc8844"),
        Label(index=3, name="vessel", color="#8888ee", parent=2),
    )
    return _write_tiny(tmp_path_factory.mktemp("checkpoints") / "other", "Other", "CT", labels, 9)


def _write_tiny(folder, name, modality, labels, seed):
    import torch

    from segpaint.core.diffusion.network import build_network
    from segpaint.core.diffusion.network_files import write_checkpoint
    from segpaint.core.requests.checkpoint import Description

    description = Description(name=name, modality=modality, size=SIZE, labels=labels, space_to_depth=2, steps=4)
    torch.manual_seed(seed)
    network = build_network(
        size=SIZE,
        channels=1,
        conditioning_channels=len(labels),
        space_to_depth=2,
        widths=(32, 32),
        attention_head_dim=8,
    )
    scheduler_config = {
        "_class_name": "DDPMScheduler",
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
    }
    write_checkpoint(folder, description, network, scheduler_config, f"# {name}\n\nA network to test with.\n")
    return folder


@pytest.fixture(scope="session")
def judged_checkpoint(tmp_path_factory, tiny_checkpoint, table):
    """The tiny checkpoint with an untrained segmenter."""
    import torch

    from segpaint.core.diffusion.segmenter import SegmenterDescription, build_segmenter, write_segmenter

    folder = shutil.copytree(tiny_checkpoint, tmp_path_factory.mktemp("judged") / "judged")
    description = SegmenterDescription(labels=table.labels, dice={"body": 0.9, "heart": 0.3})
    torch.manual_seed(9)
    write_segmenter(folder, build_segmenter(description, SIZE, widths=(16, 16)), description)
    return folder


@pytest.fixture(scope="session")
def learned_checkpoint(tmp_path_factory, tiny_checkpoint, tiny_data):
    """The tiny checkpoint with a segmenter that has learnt the drawn anatomy; copy it before changing it."""
    from segpaint.cli import main

    folder = shutil.copytree(tiny_checkpoint, tmp_path_factory.mktemp("learned") / "tiny")
    words = ["train-segmenter", str(tiny_data), "--checkpoint", str(folder)]
    assert main([*words, "--steps", "80", "--batch-size", "6"]) == 0
    return folder


@pytest.fixture(scope="session")
def distilled_checkpoint(tmp_path_factory, tiny_checkpoint):
    """The tiny checkpoint with a network for few steps, which predicts what its teacher does in small ones."""
    import torch

    from segpaint.core.diffusion.few_step_files import write_few_steps
    from segpaint.core.diffusion.few_steps import FewStepNetwork
    from segpaint.core.diffusion.network_files import load_network
    from segpaint.core.requests.checkpoint import read_checkpoint
    from segpaint.core.requests.few_step_description import FewStepDescription

    folder = shutil.copytree(tiny_checkpoint, tmp_path_factory.mktemp("distilled") / "distilled")
    checkpoint = read_checkpoint(folder)
    network = FewStepNetwork.like(load_network(checkpoint, torch.device("cpu")), 1)
    write_few_steps(folder / "few_steps", network, FewStepDescription(teacher=checkpoint.fingerprint))
    return folder


@pytest.fixture(scope="session")
def maskless_checkpoint(tmp_path_factory):
    """A whole checkpoint folder with an untrained network that sees no mask, and without labels."""
    import torch

    from segpaint.core.diffusion.network import build_network
    from segpaint.core.diffusion.network_files import write_checkpoint
    from segpaint.core.requests.checkpoint import Description

    folder = tmp_path_factory.mktemp("checkpoints") / "maskless"
    description = Description(name="Maskless", modality="MR", size=SIZE, labels=(), encoding="none", steps=4)
    torch.manual_seed(8)
    network = build_network(
        size=SIZE, channels=1, conditioning_channels=0, space_to_depth=1, widths=(32, 32), attention_head_dim=8
    )
    write_checkpoint(folder, description, network, {"prediction_type": "epsilon"}, "")
    return folder


@pytest.fixture(scope="session")
def tiny_engine(tiny_checkpoint):
    """The tiny checkpoint, loaded on the CPU."""
    import torch

    from segpaint.core.diffusion.engine import Engine
    from segpaint.core.requests.checkpoint import read_checkpoint

    return Engine(read_checkpoint(tiny_checkpoint), torch.device("cpu"))


@pytest.fixture
def make_request(tiny_engine, drawn_mask):
    """Make requests for the tiny checkpoint; keywords change the defaults."""
    from segpaint.core.requests.request import Request

    def make(**changes):
        checkpoint = tiny_engine.checkpoint
        defaults = {
            "checkpoint": checkpoint.folder.name,
            "fingerprint": checkpoint.fingerprint,
            "used": checkpoint.table.indices,
            "steps": 4,
            "mask": drawn_mask,
        }
        return Request(**{**defaults, **changes})

    return make


@pytest.fixture
def image_of(tiny_engine):
    """The finished image of a request."""

    def make(request):
        from segpaint.core.diffusion.pixels import to_pixels

        *_, last = tiny_engine.run(request)
        return to_pixels(last.sample)

    return make


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory, table):
    """A data set of drawn slices in the published layout; copy it before changing it."""
    folder = tmp_path_factory.mktemp("data") / "drawn"
    rng = np.random.default_rng(3)
    rows = ["name,labels"]
    for split, count in (("train", 6), ("val", 2)):
        images, masks = folder / "images" / split, folder / "masks" / "all" / split
        images.mkdir(parents=True)
        masks.mkdir(parents=True)
        for number in range(count):
            name = f"{split}_{number}.png"
            mask = _draw_mask(*rng.uniform(12, 18, 2))
            image = np.select([mask == 1, mask == 2, mask == 4], [90, 200, 240], 10)
            image = np.clip(image + rng.normal(0, 4, mask.shape), 0, 255).astype(np.uint8)
            Image.fromarray(image).save(images / name)
            Image.fromarray(mask).save(masks / name)
            rows.append(f"{name},{'1;2' if number == 1 else '1;2;4'}")
    (folder / "annotated.csv").write_text("\n".join(rows) + "\n")
    background = {"index": 0, "name": "background", "color": "#000000"}
    labels = [background, *(label.model_dump(exclude_none=True) for label in table)]
    (folder / "labels.json").write_text(json.dumps({"modality": "MR", "labels": labels}))
    return folder


@pytest.fixture(autouse=True)
def _fresh_accelerate():
    """Let each test set up accelerate for itself: it keeps its state in singletons."""
    yield
    if "accelerate.state" in sys.modules:
        from accelerate.state import AcceleratorState, GradientState

        AcceleratorState._reset_state(reset_partial_state=True)
        GradientState._reset_state()


def _draw_mask(row, column):
    rows, columns = np.mgrid[:SIZE, :SIZE]
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[(rows - row) ** 2 + (columns - column) ** 2 < 10**2] = 1
    mask[(rows - row - 1) ** 2 + (columns - column) ** 2 < 4.5**2] = 2
    mask[28:31, 3:29] = 4
    return mask


class Shipped:
    """A shipped checkpoint at work: its example masks, and what it paints, each image once."""

    def __init__(self, name):
        import torch

        from segpaint.core.diffusion.engine import Engine
        from segpaint.core.requests.checkpoint import read_checkpoint
        from segpaint.io.masks import read_mask
        from segpaint.paths import example_masks, find_checkpoint

        self.checkpoint = read_checkpoint(find_checkpoint(name))
        self._engine = Engine(self.checkpoint, torch.device("cpu"))
        table = self.checkpoint.table
        self.examples = {
            path.stem: read_mask(path, table, self.checkpoint.description.size)
            for path in example_masks(self.checkpoint.folder)
        }
        self._kept = {}

    def paint(self, mask, seed, used=None, **attributes):
        """Grey values 0 to 255 of the image for a mask, all labels in use unless told otherwise."""
        from segpaint.core.diffusion.pixels import to_pixels
        from segpaint.core.requests.request import Request

        used = self.checkpoint.table.indices if used is None else used
        key = (mask.tobytes(), seed, used, *attributes.items())
        if key not in self._kept:
            name = self.checkpoint.folder.name
            guidance = self.checkpoint.description.guidance
            request = Request(
                checkpoint=name, fingerprint="", used=used, mask=mask, seed=seed, steps=12, guidance=guidance,
                attributes=attributes,
            )  # fmt: skip
            *_, last = self._engine.run(request)
            self._kept[key] = to_pixels(last.sample).astype(float)
        return self._kept[key]

    def check_files(self, source, licence, most=20e6):
        """Small enough to ship, and saying where it comes from."""
        folder = self.checkpoint.folder
        weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
        assert weights.stat().st_size <= most
        assert source in self.checkpoint.card
        assert self.checkpoint.description.licence == licence
        assert len(self.examples) >= 5


@pytest.fixture(scope="session")
def shipped():
    """The shipped checkpoints by name, each loaded once."""
    return functools.cache(Shipped)
