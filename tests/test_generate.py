import numpy as np
import pytest
from PIL import Image
from set_files import pixels

from segpaint.cli import main
from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.labels.labels import FREE
from segpaint.io.results import read_request


@pytest.fixture
def generate(tiny_checkpoint, mask_file, tmp_path):
    """Run the command on the drawn mask and return the image's path."""

    def run(name, *options, masks=(mask_file,), image=f"{mask_file.stem}.png"):
        out = tmp_path / name
        given = [str(mask) for mask in masks]
        words = ["generate", *given, "--checkpoint", str(tiny_checkpoint), "--out", str(out), "--device", "cpu"]
        assert main([*words, *options]) == 0
        return out / image

    return run


def test_image_mask_and_request_are_written(generate, drawn_mask):
    image = generate("a")
    assert {path.name for path in image.parent.iterdir()} == {"drawn.png", "drawn_mask.png", "drawn.json"}
    assert pixels(image).shape == (32, 32)
    assert np.array_equal(pixels(image.with_name("drawn_mask.png")), drawn_mask)
    request = read_request(image)
    assert (request.checkpoint, request.seed, request.steps, request.sampler) == ("tiny", 0, 4, "dpm++")
    assert request.used == (1, 2, 4)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--guidance", "3"], "use guidance 3"),
        (["--ablate", "all"], "leave out body, heart, bone"),
        (["--use", "body,bone"], "leave out heart"),
    ],
)
def test_a_model_of_whole_masks_refuses_what_it_never_saw(
    whole_checkpoint, mask_file, tmp_path, capfd, options, told
):
    words = ["generate", str(mask_file), "--checkpoint", str(whole_checkpoint), "--out", str(tmp_path / "out")]
    assert main([*words, "--device", "cpu"]) == 0
    assert main([*words, "--device", "cpu", "--overwrite", *options]) == 2
    assert f"Tiny was trained on whole masks alone, so it cannot {told}" in capfd.readouterr().err


def test_the_command_paints_the_pixels_of_the_engine(generate, tiny_engine):
    image = generate("a", "--seed", "5", "--sampler", "ddpm", "--guidance", "2")
    *_, last = tiny_engine.run(read_request(image))
    assert np.array_equal(pixels(image), to_pixels(last.sample))


def test_two_runs_write_identical_bytes(generate):
    once, again = generate("once"), generate("again")
    for suffix in (".png", ".json", "_mask.png"):
        first, second = (path.with_name(f"drawn{suffix}").read_bytes() for path in (once, again))
        assert first == second


@pytest.mark.parametrize("kept", ["drawn.json", "drawn.png"])
def test_a_request_makes_the_identical_files_again(generate, kept, drawn_mask, tmp_path):
    free = tmp_path / "free.png"
    Image.fromarray((drawn_mask == 2).astype(np.uint8)).save(free)
    options = [
        "--ablate",
        "bone",
        "--free",
        str(free),
        "--sampler",
        "ddpm",
        "--steps",
        "3",
        "--guidance",
        "1.5",
    ]
    image = generate("once", *options, "--seed", "8")
    again = generate("again", "--request", str(image.with_name(kept)), masks=())
    for suffix in (".png", ".json", "_mask.png"):
        name = f"drawn{suffix}"
        assert image.with_name(name).read_bytes() == again.with_name(name).read_bytes()


def test_every_setting_shows_in_the_image(generate, drawn_mask, tmp_path):
    free = tmp_path / "free.png"
    Image.fromarray((drawn_mask == 1).astype(np.uint8)).save(free)
    changes = {
        "plain": [],
        "used": ["--use", "body"],
        "ablated": ["--ablate", "bone"],
        "blank": ["--ablate", "all"],
        "free": ["--free", str(free)],
        "guided": ["--guidance", "3"],
        "seeded": ["--seed", "1"],
        "ddpm": ["--sampler", "ddpm"],
        "ddim": ["--sampler", "ddim"],
        "more steps": ["--steps", "6"],
    }
    images = {name: pixels(generate(name, *options)).tobytes() for name, options in changes.items()}
    assert len(set(images.values())) == len(changes)


def test_labels_are_used_or_ablated_by_name_and_number(generate):
    assert read_request(generate("a", "--use", "heart, 1")).used == (1, 2)
    assert read_request(generate("b", "--ablate", "Bone")).used == (1, 2)
    assert read_request(generate("c", "--ablate", "all")).used == ()
    first, second = pixels(generate("d", "--use", "1,2")), pixels(generate("e", "--ablate", "4"))
    assert np.array_equal(first, second)


def test_a_blank_mask_looks_alike_whatever_was_painted(generate, tmp_path):
    empty = tmp_path / "drawn.png"
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(empty)
    painted = generate("a", "--ablate", "all")
    nothing = generate("b", "--ablate", "all", masks=(empty,))
    assert np.array_equal(pixels(painted), pixels(nothing))


def test_a_free_region_is_kept_in_the_request(generate, drawn_mask, tmp_path):
    Image.fromarray((drawn_mask == 2).astype(np.uint8) * 3).save(tmp_path / "free.png")
    request = read_request(generate("a", "--free", str(tmp_path / "free.png")))
    assert np.array_equal(request.mask, np.where(drawn_mask == 2, FREE, drawn_mask))


def test_several_images_per_mask_have_seeds_that_count_up(generate, tiny_checkpoint):
    first = generate("many", "--per-mask", "3", "--seed", "6", image="drawn_6.png")
    images = [first.with_name(f"drawn_{seed}.png") for seed in (6, 7, 8)]
    assert [read_request(image).seed for image in images] == [6, 7, 8]
    assert len({pixels(image).tobytes() for image in images}) == 3
    alone = generate("alone", "--seed", "7")
    assert np.array_equal(pixels(alone), pixels(images[1]))


def test_several_masks_each_get_an_image(generate, mask_file, tmp_path):
    other = tmp_path / "other.png"
    Image.fromarray(np.zeros((32, 32), np.uint8)).save(other)
    image = generate("two", masks=(mask_file, other))
    assert not np.array_equal(pixels(image), pixels(image.with_name("other.png")))


def test_a_mask_of_another_size_is_resampled_if_asked_for(generate, drawn_mask, tmp_path):
    large = tmp_path / "drawn.png"
    Image.fromarray(drawn_mask.repeat(2, 0).repeat(2, 1)).save(large)
    resized = generate("a", "--resize", masks=(large,))
    assert np.array_equal(pixels(resized), pixels(generate("b")))


def test_an_image_made_otherwise_is_not_replaced_unless_asked(tiny_checkpoint, mask_file, tmp_path, capfd):
    words = ["generate", str(mask_file), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path)]
    assert main([*words, "--seed", "1"]) == 0
    before = (tmp_path / "drawn.png").read_bytes()
    assert main([*words, "--seed", "1"]) == 0  # the same again does no harm
    capfd.readouterr()
    assert main([*words, "--seed", "2"]) == 2
    assert "--overwrite" in capfd.readouterr().err
    assert (tmp_path / "drawn.png").read_bytes() == before
    assert main([*words, "--seed", "2", "--overwrite"]) == 0
    assert (tmp_path / "drawn.png").read_bytes() != before


def test_a_model_that_ignores_the_mask_says_so(maskless_checkpoint, generate, tmp_path, capfd):
    images = []
    for value in (0, FREE):
        path = tmp_path / f"{value}.png"
        Image.fromarray(np.full((32, 32), value, np.uint8)).save(path)
        words = ["generate", str(path), "--checkpoint", str(maskless_checkpoint), "--guidance", "2"]
        assert main([*words, "--out", str(tmp_path / "out")]) == 0
        assert "Maskless ignores the mask" in capfd.readouterr().err
        images.append(pixels(tmp_path / "out" / path.name))
    assert images[0].std() > 0
    assert np.array_equal(*images)
    generate("guided")
    assert "ignores the mask" not in capfd.readouterr().err


def test_a_model_without_labels_says_that_it_knows_none(maskless_checkpoint, mask_file, tmp_path, capfd):
    words = ["generate", str(mask_file), "--checkpoint", str(maskless_checkpoint), "--out", str(tmp_path)]
    assert main(words) == 2
    assert "It knows none." in capfd.readouterr().err


def test_a_request_names_an_offered_checkpoint_and_never_a_path(
    generate, tiny_checkpoint, tmp_path, monkeypatch, capsys
):
    kept = generate("a").with_suffix(".json")
    asked = kept.read_text().replace('"checkpoint": "tiny"', f'"checkpoint": "{tiny_checkpoint}"')
    (tmp_path / "foreign.json").write_text(asked)
    monkeypatch.chdir(tiny_checkpoint.parent)
    for request in (kept, tmp_path / "foreign.json"):  # the former's name is that of a folder here
        assert main(["generate", "--request", str(request), "--out", str(tmp_path / "out")]) == 2
        assert "is not among those known" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
    words = ["--request", str(kept), "--checkpoint", str(tiny_checkpoint), "--out", str(tmp_path / "out")]
    assert main(["generate", *words, "--device", "cpu"]) == 0
