"""The public API, as a notebook uses it; and that nothing else makes other images."""

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segpaint
from segpaint import FREE, Counterfactual, SegPaintError, make_paired_set, open_checkpoint, read_request
from segpaint.cli import main

PAGE = Path(__file__).parent.parent / "resources" / "guide" / "api.md"
HEAVY = {"torch", "diffusers", "PySide6", "pyqtgraph", "superqt"}


@pytest.fixture(scope="module")
def tiny(tiny_checkpoint):
    return open_checkpoint(tiny_checkpoint, "cpu")


@pytest.fixture(scope="module")
def judged(judged_checkpoint):
    return open_checkpoint(judged_checkpoint, "cpu")


@pytest.fixture
def reference(tiny, tiny_data):
    return tiny.read_reference(tiny_data / "images" / "val" / "val_0.png")


@pytest.fixture
def edited_mask(drawn_mask):
    mask = drawn_mask.copy()
    mask[4:8, 22:27] = 4
    return mask


def loaded(code):
    """Which heavy libraries a fresh interpreter has loaded after some code."""
    tell = "\nimport sys; print(*(name for name in sys.modules if '.' not in name))"
    done = subprocess.run([sys.executable, "-c", code + tell], capture_output=True, text=True, check=True)
    return {*done.stdout.splitlines()[-1].split()}


def test_importing_loads_nothing_that_is_heavy():
    assert not loaded("import segpaint; segpaint.__version__") & {*HEAVY, "numpy", "pydantic"}


def test_every_name_is_there_without_torch_or_qt():
    code = "import segpaint; names = dir(segpaint); [getattr(segpaint, name) for name in names]; "
    assert (
        not loaded(code + "segpaint.list_checkpoints(); segpaint.open_checkpoint('cardiac-cine-mri-128')")
        & HEAVY
    )


def test_a_name_that_is_not_offered_is_an_error():
    with pytest.raises(AttributeError, match="no attribute 'Path'"):
        segpaint.Path  # noqa: B018


def test_the_page_promises_what_there_is(judged, reference, drawn_mask):
    """All names, all that is public of a checkpoint, and of the rest nothing that is not there."""
    page = PAGE.read_text(encoding="utf-8").partition("## What stays")[2]
    rows = re.findall(r"^\| `(\w+)` \|(.*)\|$", page, re.M)
    promised = {name: set(re.findall(r"`(\w+)`", members)) for name, members in rows}
    assert set(promised) == set(segpaint.api.__all__)
    result = judged.generate(drawn_mask)
    origins = [
        judged.edit(reference, drawn_mask, drawn_mask, steps=1).request.origin,
        judged.approach(reference, drawn_mask, steps=1).request.origin,
    ]
    (preview, *_) = judged.previews(result.request)
    seen = [
        judged,
        judged.description,
        judged.labels,
        *judged.labels,
        result,
        result.request,
        preview,
        *origins,
    ]
    public = {
        type(one).__name__: {name for name in dir(one) if name[0] != "_"}
        for one in [*seen, judged.judge(result)]
    }
    assert promised["OpenCheckpoint"] == public["OpenCheckpoint"]
    for name, members in promised.items():
        thing = getattr(segpaint, name)
        assert members <= public.get(
            name, set(inspect.signature(thing).parameters) if inspect.isfunction(thing) else set()
        ), name


def test_a_checkpoint_shows_what_it_is(tiny, tiny_checkpoint, table):
    assert (tiny.name, tiny.size, tiny.labels) == ("tiny", 32, table)
    assert [label.name for label in tiny.labels] == ["body", "heart", "bone"]
    description = tiny.description
    assert (description.sampler, description.steps, description.guidance) == ("dpm++", 4, 1.0)
    assert "cardiac-cine-mri-128" in segpaint.list_checkpoints()


def test_the_examples_are_masks_by_name():
    heart = open_checkpoint("cardiac-cine-mri-128")
    assert heart.examples["1-healthy"].shape == (128, 128)


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ([], {}),
        (["--seed", "3", "--steps", "3", "--sampler", "ddpm"], {"seed": 3, "steps": 3, "sampler": "ddpm"}),
        (["--use", "heart", "--guidance", "2"], {"used": "heart", "guidance": 2}),
        (["--ablate", "2,bone"], {"used": [1]}),
        (["--ablate", "all"], {"used": ()}),
    ],
    ids=str,
)
def test_the_command_writes_the_same_files(
    tiny, tiny_checkpoint, drawn_mask, mask_file, tmp_path, words, settings
):
    given = [str(mask_file), "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
    assert main(["generate", *given, *words, "--out", str(tmp_path / "command")]) == 0
    written = tiny.generate(drawn_mask, **settings).save(tmp_path / "drawn.png")
    assert [path.name for path in written] == ["drawn.png", "drawn_mask.png", "drawn.json"]
    for path in written:
        assert path.read_bytes() == (tmp_path / "command" / path.name).read_bytes()


def test_a_mask_may_be_any_array_of_whole_numbers(tiny, drawn_mask):
    plain = tiny.generate(drawn_mask)
    for mask in (drawn_mask.astype(np.int64), drawn_mask.astype(float), drawn_mask.tolist()):
        np.testing.assert_array_equal(tiny.generate(mask).pixels, plain.pixels)


def test_a_batch_is_what_each_alone_would_be(tiny, drawn_mask, edited_mask):
    made = list(tiny.generate_batch(np.stack([drawn_mask, edited_mask]), seeds=range(2), steps=2))
    assert [result.request.seed for result in made] == [0, 1, 0, 1]
    for result, mask in zip(made, [drawn_mask, drawn_mask, edited_mask, edited_mask], strict=True):
        alone = tiny.generate(mask, seed=result.request.seed, steps=2)
        np.testing.assert_array_equal(result.pixels, alone.pixels)


def test_a_batch_with_a_wrong_mask_is_refused_before_the_first_is_made(tiny, drawn_mask):
    with pytest.raises(SegPaintError, match="does not know"):
        tiny.generate_batch([drawn_mask, np.full((32, 32), 7)])


def test_previews_lead_to_the_result(tiny, drawn_mask):
    request = tiny.request(drawn_mask)
    previews = list(tiny.previews(request))
    assert [preview.index for preview in previews] == [0, 1, 2, 3]
    assert {preview.count for preview in previews} == {4}
    assert {(preview.denoised.dtype.name, preview.denoised.shape) for preview in previews} == {
        ("uint8", (32, 32))
    }
    assert [preview.result is None for preview in previews] == [True, True, True, False]
    np.testing.assert_array_equal(previews[-1].result.pixels, tiny.generate(drawn_mask).pixels)


def test_a_result_is_a_picture_and_holds_its_request(tiny, drawn_mask, tmp_path):
    result = tiny.generate(drawn_mask, seed=5)
    (path, *_) = result.save(tmp_path / "new folder" / "image")
    assert result._repr_png_() == path.read_bytes()
    np.testing.assert_array_equal(result.mask, drawn_mask)
    assert not result.pixels.flags.writeable
    with Image.open(path) as image:
        assert image.info["Synthetic"].startswith("YES")


def test_what_was_written_is_read_and_made_again(tiny, drawn_mask, tmp_path):
    result = tiny.generate(drawn_mask, seed=5, used=["bone", 1])
    image, _, request = result.save(tmp_path / "image.png")
    read = tiny.read_result(image)
    np.testing.assert_array_equal(read.pixels, result.pixels)
    for again in (read, tiny.make(read.request), tiny.make(read_request(request))):
        for path in again.save(tmp_path / "again" / "image.png", overwrite=True):
            assert path.read_bytes() == (tmp_path / path.name).read_bytes()


def test_masks_are_written_and_read(tiny, drawn_mask, mask_file, tmp_path):
    path = tmp_path / "mask.png"
    tiny.write_mask(path, drawn_mask.astype(int))
    assert path.read_bytes() == mask_file.read_bytes()
    np.testing.assert_array_equal(tiny.read_mask(path), drawn_mask)
    Image.fromarray(drawn_mask.repeat(2, 0).repeat(2, 1)).save(path)
    np.testing.assert_array_equal(tiny.read_mask(path, resize=True), drawn_mask)


@pytest.mark.parametrize(
    ("way", "sampler"),
    [("close-warp", "dpm++"), ("detailed-warp", "dpm++"), ("warp", "dpm++"), ("inversion", "ddim")],
)
def test_an_edit_keeps_what_is_far_from_it(tiny, reference, drawn_mask, edited_mask, way, sampler):
    result = tiny.edit(reference, drawn_mask, edited_mask, margin=2, way=way, steps=10)
    assert result.request.sampler == sampler
    np.testing.assert_array_equal(result.pixels[14:], reference[14:])
    assert not np.array_equal(result.pixels, reference)


def test_the_steps_of_an_edit_can_be_watched(tiny, reference, drawn_mask, edited_mask):
    origin = Counterfactual(image=reference, mask=drawn_mask, used=tiny.labels.indices, margin=2)
    *_, last = tiny.previews(tiny.request(edited_mask, origin=origin, steps=10))
    made = tiny.edit(reference, drawn_mask, edited_mask, margin=2, way="inversion", steps=10)
    np.testing.assert_array_equal(last.result.pixels, made.pixels)
    assert tiny.request(edited_mask, origin=origin).steps == 50


def test_an_image_comes_the_nearer_the_more_it_shares(tiny, reference, drawn_mask):
    made = [tiny.approach(reference, drawn_mask, share=share, steps=10).pixels for share in (0, 0.5, 1)]
    distances = [np.abs(pixels.astype(float) - reference).mean() for pixels in made]
    assert distances == sorted(distances, reverse=True)


def test_the_segmenter_judges_and_finds(judged, drawn_mask):
    result = judged.generate(drawn_mask)
    judgement = judged.judge(result)
    assert set(judgement.dice) == {1, 2, 4}
    np.testing.assert_array_equal(judgement.found, judged.find_labels(result.pixels))


def test_a_paired_set_is_that_of_the_command(tiny_checkpoint, mask_file, tmp_path, monkeypatch):
    monkeypatch.chdir(mask_file.parent)
    specification = {
        "checkpoints": [str(tiny_checkpoint)],
        "masks": [mask_file.name],
        "steps": 1,
        "seeds": {"count": 2},
    }
    finished = []
    notes = make_paired_set(
        specification, tmp_path / "api", device="cpu", progress=lambda *told: finished.append(told)
    )
    assert notes == ()
    assert finished == [("drawn_s0", 0), ("drawn_s0", 1), ("drawn_s1", 0), ("drawn_s1", 1)]
    written = tmp_path / "api" / "specification.json"
    words = ["--set", str(written), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "command")]
    assert main(["generate", *words, "--device", "cpu"]) == 0
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ("api", "command")]
    assert manifests[0] == manifests[1]
    assert make_paired_set(written, tmp_path / "api", checkpoints=[tiny_checkpoint], device="cpu") == ()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (
            lambda tiny, mask, image: tiny.generate(mask[:8]),
            "The mask has 32 x 8 pixels, the checkpoint takes 32 x 32",
        ),
        (lambda tiny, mask, image: tiny.generate(mask[0]), "mask.*: has not two dimensions"),
        (lambda tiny, mask, image: tiny.generate(mask.astype(int) + 300), "whole numbers from 0 to 255"),
        (lambda tiny, mask, image: tiny.generate(mask / 3), "whole numbers from 0 to 255"),
        (lambda tiny, mask, image: tiny.generate(mask, used=["liver"]), "no label 'liver'"),
        (lambda tiny, mask, image: tiny.generate(mask, steps=0), "steps 0: "),
        (lambda tiny, mask, image: tiny.generate(mask, sampler="euler"), "sampler euler: "),
        (lambda tiny, mask, image: tiny.edit(image / 255, mask, mask), "image: .* whole numbers"),
        (lambda tiny, mask, image: tiny.edit(image[1:], mask, mask), r"\(31, 32\)"),
        (lambda tiny, mask, image: tiny.edit(image, mask, mask, margin=-1), "margin: "),
        (
            lambda tiny, mask, image: tiny.edit(image, mask, mask, way="inversion", sampler="ddpm"),
            "the request: must have the sampler ddim",
        ),
        (lambda tiny, mask, image: tiny.find_labels(image / 255), "The image is float64"),
        (lambda tiny, mask, image: tiny.find_labels(image), "has no segmenter"),
        (lambda tiny, mask, image: tiny.write_mask("nowhere.png", mask[1:]), "32 x 31"),
        (lambda tiny, mask, image: make_paired_set({"checkpoints": ["tiny"]}, "set"), "names no masks"),
        (lambda tiny, mask, image: open_checkpoint("no-such-thing"), "no checkpoint 'no-such-thing'"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(tiny, drawn_mask, reference, call, sentence):
    with pytest.raises(SegPaintError, match=sentence):
        call(tiny, drawn_mask, reference)


def test_a_request_of_another_checkpoint_is_refused(tiny, judged, drawn_mask):
    request = tiny.request(drawn_mask).model_copy(update={"fingerprint": "0" * 16})
    with pytest.raises(SegPaintError, match="give the checkpoint that it was made with"):
        tiny.make(request)


def test_free_pixels_are_left_to_the_model(tiny, drawn_mask):
    free = np.where(drawn_mask == 2, FREE, drawn_mask)
    assert not np.array_equal(tiny.generate(free).pixels, tiny.generate(drawn_mask).pixels)


def test_a_path_in_place_of_a_mask_or_an_image_is_refused_with_what_reads_it(tiny, drawn_mask, tmp_path):
    image, reference = np.zeros((32, 32), np.uint8), "read_reference"
    for path in ("x.png", tmp_path / "x.png"):
        for ask, reader in (
            (lambda path: tiny.generate(path), "read_mask"),
            (lambda path: list(tiny.generate_batch([path])), "read_mask"),
            (lambda path: list(tiny.generate_batch(path)), "read_mask"),
            (lambda path: tiny.edit(image, path, drawn_mask), "read_mask"),
            (lambda path: tiny.edit(image, drawn_mask, path), "read_mask"),
            (lambda path: tiny.write_mask(tmp_path / "m.png", path), "read_mask"),
            (lambda path: tiny.edit(path, drawn_mask, drawn_mask), reference),
            (lambda path: tiny.approach(path, drawn_mask), reference),
            (lambda path: tiny.find_labels(path), reference),
        ):
            with pytest.raises(SegPaintError, match=rf"x\.png is a path and no \w+; read \w+ with {reader}"):
                ask(path)


def test_saving_replaces_no_file_unless_it_is_asked_for(tiny, drawn_mask, tmp_path):
    result = tiny.generate(drawn_mask, steps=2)
    for name in ("a.png", "a_mask.png", "a.json"):
        (tmp_path / name).write_text("mine")
        with pytest.raises(SegPaintError, match=rf"{name} is there already; .* overwrite=True"):
            result.save(tmp_path / "a")
        assert (tmp_path / name).read_text() == "mine"
        assert len(list(tmp_path.iterdir())) == 1
        assert len(result.save(tmp_path / "a", overwrite=True)) == 3
        for file in tmp_path.iterdir():
            file.unlink()
