import json
import runpy
import shutil
from pathlib import Path

import pytest
from PIL import Image

from segpaint.cli import main
from segpaint.core.diffusion.compiling import compile_checkpoint
from segpaint.core.errors import SegPaintError
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.evaluation import set_benchmark
from segpaint.evaluation.sampling_benchmark import PLAIN, bench_sampling
from segpaint.training.settings import TrainingSettings
from segpaint.training.training_benchmark import bench_training

ROOT = Path(__file__).parents[1]
GUIDE = ROOT / "resources" / "guide"
SMALL = TrainingSettings(name="small", widths=(32, 32), batch_size=2)


def test_every_loop_is_timed_on_a_data_set(tiny_data, capsys):
    ratio = bench_training(tiny_data, rounds=1, settings=SMALL)
    printed = capsys.readouterr().out
    assert ratio > 0
    for loop in ("plain", "images kept in memory", "and ", "segpaint train"):
        assert loop in printed
    assert "augmentation" in printed


def test_without_data_slices_are_drawn(capsys):
    assert bench_training(None, rounds=1, settings=SMALL) > 0
    assert "images/s" in capsys.readouterr().out


def test_rounds_must_be_positive(capfd):
    assert main(["bench", "train", "--rounds", "0"]) == 2
    assert "--rounds 0" in capfd.readouterr().err


def test_images_and_edits_are_timed_against_a_plain_loop(judged_checkpoint, drawn_mask, tmp_path, capsys):
    folder = shutil.copytree(judged_checkpoint, tmp_path / "tiny")
    (folder / "examples").mkdir()
    Image.fromarray(drawn_mask).save(folder / "examples" / "1.png")
    assert (
        main(
            [
                "bench",
                "sample",
                "--checkpoint",
                str(folder),
                "--rounds",
                "1",
                "--json",
                str(tmp_path / "t.json"),
            ]
        )
        == 0
    )
    printed = capsys.readouterr().out
    ways = json.loads((tmp_path / "t.json").read_text())["tiny"]
    assert ways[PLAIN]["times_faster"] == 1
    assert ways[PLAIN]["steps"] == 50
    assert ways["draft"]["steps"] == 4
    for name, measured in ways.items():
        assert name[:8] in printed
        assert measured["seconds"] > 0
        assert (measured["kept"] == 1) == name.startswith("edit"), name
        assert (measured["dice"] is None) == name.endswith(("one of 8", "every step shown")), name
    assert ways["finished, every step shown"]["steps"] == ways["finished"]["steps"]
    assert ways["edit from noise: the first"]["seconds"] > ways["edit from noise: the next"]["seconds"]


def test_a_compiled_checkpoint_is_timed_both_ways(distilled_checkpoint, drawn_mask, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = shutil.copytree(distilled_checkpoint, tmp_path / "fast")
    (folder / "examples").mkdir()
    Image.fromarray(drawn_mask).save(folder / "examples" / "a.png")
    list(compile_checkpoint(read_checkpoint(folder)))
    bench_sampling([folder], 1, tmp_path / "t.json")
    figures = json.loads((tmp_path / "t.json").read_text())
    assert list(figures) == ["fast", "fast, compiled"]
    for ways in figures.values():
        assert ways[PLAIN]["times_faster"] == 1
        assert ways["finished in long, then short steps"]["steps"] == 7


def test_a_checkpoint_without_example_masks_cannot_be_timed(tiny_checkpoint):
    with pytest.raises(SegPaintError, match="no example masks"):
        bench_sampling([tiny_checkpoint], 1, None)


def test_no_turns_are_refused(capfd):
    assert main(["bench", "sample", "--rounds", "0"]) == 2
    assert "--rounds 0" in capfd.readouterr().err


def test_a_plan_and_a_small_set_are_timed(tiny_checkpoint, tmp_path, capsys):
    file = tmp_path / "figures.json"
    words = ["--checkpoint", str(tiny_checkpoint), "--pairs", "300", "--images", "9", "--json", str(file)]
    assert main(["bench", "set", *words]) == 0
    figures = json.loads(file.read_text())
    plan, making = figures["plan"], figures["making"]
    assert (plan["pairs"], plan["masks"], making["images"]) == (300, 3, 9)
    for name in ("opening", "first", "processor", "names", "walk", "times_faster"):
        assert plan[name] > 0, name
    assert making["times_faster"] == pytest.approx(making["together"] / making["alone"])
    assert making["batch"] in (1, 2, 4, 8)
    printed = capsys.readouterr().out
    assert "A plan of 300 pairs, 3 masks: tiny" in printed
    assert "images/s" in printed


def test_a_plan_that_takes_longer_than_promised_is_an_error(tiny_checkpoint, capfd, monkeypatch):
    monkeypatch.setattr(set_benchmark, "LIMIT", 0.0)
    words = ["--checkpoint", str(tiny_checkpoint), "--pairs", "3", "--images", "1"]
    assert main(["bench", "set", *words]) == 2
    shown = capfd.readouterr()
    assert "(at most 0 s)" in shown.out
    assert "A set takes longer to its first pair than promised" in shown.err


@pytest.mark.parametrize("option", ["--pairs", "--images"])
def test_no_pairs_are_refused(capfd, option):
    assert main(["bench", "set", option, "0"]) == 2
    assert f"{option} 0" in capfd.readouterr().err


def test_the_guide_has_the_figures_that_were_measured():
    """If not: python resources/guide/performance.py."""
    script = runpy.run_path(str(GUIDE / "performance.py"))
    figures = json.loads((GUIDE / "performance.json").read_text(encoding="utf-8"))
    assert (GUIDE / "performance.md").read_text(encoding="utf-8") == script["page"](figures)
    names = {path.parent.name for path in (ROOT / "checkpoints").glob("*/segpaint.json")}
    assert set(figures) == names | {f"{name}, compiled" for name in names}
