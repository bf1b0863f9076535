"""Sweeps: matched pairs for a series of amounts, on the disk, from Python, and by the command."""

import csv
import json
import shutil
from contextlib import closing

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import distance_transform_edt
from set_files import pixels

import segpaint
from segpaint.cli import main
from segpaint.core.errors import SegPaintError
from segpaint.core.masks.doses import parse_dosed
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.core.requests.faithfulness import Judgement
from segpaint.core.requests.origins import Counterfactual
from segpaint.core.requests.verdict import Outcome, Verdict
from segpaint.io.results import encode_image
from segpaint.paired.making import produce
from segpaint.paired.sweep import Spread, sweep_reference
from segpaint.paired.swept_set import SweptSet, count_missing

REFERENCE = (np.arange(32 * 32).reshape(32, 32) % 89 + 70).astype(np.uint8)
NAMES = [f"tiny_0_grow_body_{amount}" for amount in ("-20", "-10", "+10", "+20")]


@pytest.fixture
def sweep(make_request, drawn_mask, table, tiny_checkpoint):
    """The reference's body, by four amounts."""
    checkpoint = read_checkpoint(tiny_checkpoint)
    origin = Counterfactual(image=REFERENCE, mask=drawn_mask, used=table.indices, margin=1.0, way="warp")
    request = make_request(origin=origin, steps=1)
    return sweep_reference(checkpoint, request, parse_dosed("grow:body", table), Spread(-20, 20, 5))


def rows(folder):
    with (folder / "manifest.csv").open(newline="") as file:
        return {row["name"]: row for row in csv.DictReader(file)}


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make(folder, sweep, checkpoint, told=lambda _name, _finished: None):
    with closing(SweptSet(folder, sweep, [checkpoint])) as made:
        produce(made, "cpu", told)
        return [pair.name for pair in made.pairs]


def test_each_amount_is_a_pair_with_the_same_image_before(sweep, tiny_checkpoint, tmp_path):
    assert make(tmp_path, sweep, tiny_checkpoint) == NAMES
    table = rows(tmp_path)
    assert set(table) == set(NAMES)
    whole = np.isin(sweep.origin.mask, (1, 2)).sum()
    for name in NAMES:
        row, amount = table[name], int(name.rpartition("_")[2])
        np.testing.assert_array_equal(pixels(tmp_path / "a" / f"{name}.png"), REFERENCE)
        before, after = (pixels(tmp_path / "masks" / side / f"{name}.png") for side in "ab")
        np.testing.assert_array_equal(before, sweep.origin.mask)
        assert np.isin(after, (1, 2)).sum() == whole + round(whole * amount / 100)
        for other in (2, 4):  # the swept label alone
            np.testing.assert_array_equal(after == other, before == other)
        image = pixels(tmp_path / "b" / f"{name}.png")
        kept = distance_transform_edt(before == after) > 2.0
        np.testing.assert_array_equal(image[kept], REFERENCE[kept])
        assert not np.array_equal(image, REFERENCE)
        assert (row["gesture"], row["label"], float(row["amount"])) == ("grow", "body", amount)
        assert (row["kind_a"], row["kind_b"]) == ("patient", "edited")
        assert float(row["changed_outside"]) == 0
        assert row["dice"] == ""  # this checkpoint has no segmenter
    kept = tmp_path / "sweeps" / "tiny_0_grow_body.json"
    assert json.loads(kept.read_text())["request"]["origin"]["kind"] == "withheld"
    assert kept.stat().st_mode & 0o077 == 0


def test_a_sweep_that_was_stopped_goes_on_and_ends_as_if_it_never_was(sweep, tiny_checkpoint, tmp_path):
    make(tmp_path / "whole", sweep, tiny_checkpoint)
    folder, told = tmp_path / "stopped", []

    def stop(name, finished):
        told.append(name)
        if finished and len(told) > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(folder, sweep, tiny_checkpoint, stop)
    assert set(rows(folder)) == set(NAMES[:2])
    assert count_missing(folder) == 2
    before = files(folder / "b")
    (folder / "difference" / f"{NAMES[0]}.png").unlink()  # somebody has deleted one: that pair is made again
    again = []
    make(folder, None, tiny_checkpoint, lambda name, finished: again.append(name) if finished else None)
    assert again == [NAMES[0], *NAMES[2:]]
    assert count_missing(folder) == 0
    assert {path: path.read_bytes() for path in before} == before
    relative = {
        path.relative_to(tmp_path / "whole"): content for path, content in files(tmp_path / "whole").items()
    }
    assert {path.relative_to(folder): content for path, content in files(folder).items()} == relative
    make(folder, sweep, tiny_checkpoint, lambda *_: pytest.fail("there was nothing to make"))


def test_every_image_is_made_again_from_its_request(sweep, tiny_checkpoint, tmp_path):
    make(tmp_path, sweep, tiny_checkpoint)
    for name in (NAMES[0], NAMES[-1]):
        words = ["generate", "--request", str(tmp_path / "requests" / f"{name}.json"), "--device", "cpu"]
        words += ["--reference", str(tmp_path / "a" / f"{name}.png"), "--checkpoint", str(tiny_checkpoint)]
        assert main([*words, "--out", str(tmp_path / "again")]) == 0
        again = pixels(tmp_path / "again" / f"{name}.png")
        np.testing.assert_array_equal(again, pixels(tmp_path / "b" / f"{name}.png"))


def test_a_sweep_of_an_earlier_version_which_knew_no_units_goes_on(sweep, tiny_checkpoint, tmp_path):
    make(tmp_path, sweep, tiny_checkpoint)
    kept = tmp_path / "sweeps" / "tiny_0_grow_body.json"
    content = json.loads(kept.read_text())
    del content["spacing"]
    kept.write_text(json.dumps(content))
    for name in NAMES:
        path = tmp_path / "requests" / f"{name}.json"
        content = json.loads(path.read_text())
        del content["about"]["pair"]["unit"]
        path.write_text(json.dumps(content))
    again = []
    for asked in (sweep, None):
        make(tmp_path, asked, tiny_checkpoint, lambda name, _finished: again.append(name))
    assert again == []
    assert [row["amount"] for row in rows(tmp_path).values()] == ["-20.0", "-10.0", "10.0", "20.0"]


def test_another_sweep_of_the_same_name_has_a_number(sweep, tiny_checkpoint, tmp_path):
    short = sweep.model_copy(update={"amounts": (10.0,)})
    make(tmp_path, short, tiny_checkpoint)
    wide = sweep.model_copy(update={"amounts": (20.0,)})
    assert make(tmp_path, wide, tiny_checkpoint) == ["tiny_0_grow_body-2_+20"]
    assert list(rows(tmp_path)) == ["tiny_0_grow_body_+10", "tiny_0_grow_body-2_+20"]


def test_a_pair_that_was_made_otherwise_is_not_taken_for_one_of_the_sweep(sweep, tiny_checkpoint, tmp_path):
    make(tmp_path, sweep.model_copy(update={"amounts": (10.0,)}), tiny_checkpoint)
    path = tmp_path / "requests" / f"{NAMES[2]}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "guidance": 2.0}))
    with pytest.raises(SegPaintError, match="made otherwise than the sweep asks for"):
        make(tmp_path, None, tiny_checkpoint)


def test_python_sweeps_a_made_image_and_keeps_the_segmenters_opinion(judged_checkpoint, drawn_mask, tmp_path):
    heart = segpaint.open_checkpoint(judged_checkpoint, "cpu")
    result = heart.generate(drawn_mask, steps=1, seed=5)
    told = segpaint.make_sweep(
        result, "move:heart", tmp_path, checkpoint=judged_checkpoint, first=-10, last=20, count=4, device="cpu"
    )
    table = rows(tmp_path)
    unknown = [row["amount"] for row in table.values() if row["verdict"] == Outcome.UNKNOWN.value]
    assert len(told) == bool(unknown)
    assert [row["amount"] for row in table.values()] == ["-10.0", "10.0", "20.0"]
    for name, row in table.items():
        assert (row["kind_a"], row["kind_b"], row["gesture"]) == ("made", "made", "move to the right")
        assert 0 <= float(row["dice"]) <= 1
        assert row["verdict"]
        before = heart.read_result(tmp_path / "a" / f"{name}.png")
        np.testing.assert_array_equal(before.pixels, result.pixels)
        np.testing.assert_array_equal(heart.make(before.request).pixels, result.pixels)
        after = heart.read_result(tmp_path / "b" / f"{name}.png")
        np.testing.assert_array_equal(heart.make(after.request).pixels, after.pixels)


def test_the_amounts_that_could_not_be_judged_are_named(sweep, tiny_checkpoint, tmp_path):
    with closing(SweptSet(tmp_path, sweep, (tiny_checkpoint,))) as made:
        outcomes = [Outcome.FOLLOWED, *[Outcome.UNKNOWN] * (len(made.pairs) - 1)]
        for pair, outcome in zip(made.pairs, outcomes, strict=True):
            found = np.zeros_like(pair.request.mask)
            judgement = Judgement(found, found > 0, {1: 0.5}, {1: 0.9}, Verdict(outcome, ("Why.",)))
            made.write(pair, np.full_like(pair.request.mask, 40), judgement)
        assert made.notes == ()
        made.sum_up()
        amounts = [f"{pair.amount:+g} %" for pair in made.pairs[1:]]
        counts = "1 amount" if len(amounts) == 1 else f"{len(amounts)} amounts"
        label = made.pairs[0].sweep.label
        assert made.notes == (
            f"{counts} of {label} could not be judged by the segmenter: {', '.join(amounts)}.",
        )


@pytest.fixture
def scaled(tiny_checkpoint, tmp_path):
    """The tiny checkpoint, with pixels of half a millimetre."""
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    path = folder / "segpaint.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "pixel_spacing": 0.5}))
    return folder


def test_python_sweeps_by_millimetres_and_goes_on(scaled, drawn_mask, tmp_path):
    asked = {"mask": drawn_mask, "checkpoint": scaled, "steps": 1, "device": "cpu", "count": 3}
    told = segpaint.make_sweep(REFERENCE, "move:heart", tmp_path / "a", first="-1 mm", last="1.0mm", **asked)
    assert told == ()
    table = rows(tmp_path / "a")
    assert list(table) == [f"tiny_0_move_heart_to-the-right_mm_{amount}" for amount in ("-1", "+1")]
    assert [(row["amount"], row["unit"]) for row in table.values()] == [("-1.0", "mm"), ("1.0", "mm")]
    after = pixels(tmp_path / "a" / "masks" / "b" / "tiny_0_move_heart_to-the-right_mm_+1.png") == 2
    np.testing.assert_array_equal(after, np.roll(drawn_mask == 2, 2, axis=1))
    assert count_missing(tmp_path / "a") == 0
    (tmp_path / "a" / "b" / "tiny_0_move_heart_to-the-right_mm_+1.png").unlink()
    before = files(tmp_path / "a" / "a")
    assert make(tmp_path / "a", None, scaled) == list(table)
    assert count_missing(tmp_path / "a") == 0
    assert files(tmp_path / "a" / "a") == before
    wide = {**asked, "first": "1mm", "last": "1mm", "count": 1, "spacing": 1.0}
    segpaint.make_sweep(REFERENCE, "move:heart", tmp_path / "b", **wide)
    (name,) = rows(tmp_path / "b")
    after = pixels(tmp_path / "b" / "masks" / "b" / f"{name}.png") == 2
    np.testing.assert_array_equal(after, np.roll(drawn_mask == 2, 1, axis=1))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("-2", "2 mm"), "differ in their units"),
        (("-2 px", "2 px"), "'-2 px' is no amount of a sweep; write it as 2mm or 20%"),
        (("much", "2 mm"), "'much' is no amount"),
        (("-2 mm", "200 mm"), "An amount of 200 mm is asked for; give -100 to 100"),
    ],
)
def test_what_is_no_amount_is_refused(given, words):
    with pytest.raises(SegPaintError, match=words):
        Spread.parse(*given, 3)


def test_amounts_are_in_percent_unless_they_have_a_unit():
    assert Spread.parse("-20", 20, 3) == Spread.parse("-20 %", "20", 3) == Spread(-20, 20, 3)
    assert Spread.parse("-1,5MM", "+2 mm", 3) == Spread(-1.5, 2, 3, "mm")


def test_a_sweep_of_millimetres_needs_a_scale(tiny_checkpoint, drawn_mask, tmp_path):
    asked = {"mask": drawn_mask, "checkpoint": tiny_checkpoint, "first": "-1 mm", "last": "1 mm"}
    with pytest.raises(SegPaintError, match="not known; give amounts in % in place of mm"):
        segpaint.make_sweep(REFERENCE, "grow:heart", tmp_path / "out", **asked)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"gesture": "thicken:bone:inward"}, "bone has no inside"),
        ({"last": 200}, "An amount of 200 % is asked for"),
        ({"count": 0}, "0 amounts are asked for"),
        ({"first": 0.1, "last": 0.2}, "No amount changes the mask, for heart is too small"),
        ({"mask": None}, "A reference needs a mask"),
        ({"margin": -1}, "margin"),
    ],
)
def test_what_cannot_be_swept_is_refused_and_leaves_nothing(
    tiny_checkpoint, drawn_mask, options, words, tmp_path
):
    asked = {"gesture": "grow:heart", "mask": drawn_mask, "steps": 1, "device": "cpu", **options}
    with pytest.raises(SegPaintError, match=words):
        segpaint.make_sweep(REFERENCE, folder=tmp_path / "out", checkpoint=tiny_checkpoint, **asked)
    assert not (tmp_path / "out").exists()


@pytest.fixture
def command(tiny_checkpoint, mask_file, tmp_path, capfd):
    """Run the command, and return its answer and what it has shown."""
    Image.fromarray(REFERENCE).save(tmp_path / "patient.png")

    def run(*options, image=tmp_path / "patient.png", mask=("--mask", str(mask_file))):
        words = ["sweep", str(image), *mask, "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
        code = main([*words, "--out", str(tmp_path / "out"), *options])
        shown = capfd.readouterr()
        return code, " ".join((shown.out + shown.err).split())

    return run


def test_the_command_states_that_the_patients_image_goes_along(command, tmp_path):
    words = "--gesture", "grow:heart", "--from", "-20", "--to", "20", "--amounts", "3", "--steps", "1"
    code, shown = command(*words)
    assert code == 0
    assert f"PATIENT DATA: {tmp_path / 'patient.png'}, whole, is written into {tmp_path / 'out'}" in shown
    assert shown.endswith(f"Matched pairs of this sweep in {tmp_path / 'out'}: 2.")
    assert set(rows(tmp_path / "out")) == {"tiny_0_grow_heart_-20", "tiny_0_grow_heart_+20"}
    before = files(tmp_path / "out")
    assert command(*words)[0] == 0
    assert files(tmp_path / "out") == before


def test_the_command_takes_millimetres(command, tmp_path):
    words = "--gesture", "grow:heart", "--from", "-2 mm", "--to", "2mm", "--amounts", "2", "--steps", "1"
    code, shown = command(*words)
    assert code == 2
    assert "give amounts in % in place of mm" in shown
    assert command(*words, "--spacing", "1.5")[0] == 0
    assert {(row["amount"], row["unit"]) for row in rows(tmp_path / "out").values()} == {
        ("-2.0", "mm"), ("2.0", "mm"),
    }  # fmt: skip


def test_the_command_sweeps_a_made_image_as_it_was_made(command, make_request, image_of, tmp_path):
    request = make_request(steps=1)
    (tmp_path / "made.png").write_bytes(encode_image(image_of(request), request))
    words = "--gesture", "grow:heart", "--from", "10", "--to", "20", "--amounts", "2"
    code, shown = command(*words, image=tmp_path / "made.png", mask=())
    assert code == 0
    assert "PATIENT" not in shown
    assert {row["kind_a"] for row in rows(tmp_path / "out").values()} == {"made"}
    code, shown = command(*words, "--margin", "3", image=tmp_path / "made.png", mask=())
    assert code == 2
    assert "--margin is for a patient's image" in shown


def test_without_a_mask_or_a_segmenter_the_command_asks_for_a_mask(command):
    code, shown = command("--gesture", "grow:heart", mask=())
    assert code == 2
    assert "give a --mask" in shown


def test_an_edited_image_is_no_image_to_begin_with(command, sweep, tiny_checkpoint, tmp_path):
    make(tmp_path / "pairs", sweep.model_copy(update={"amounts": (20.0,)}), tiny_checkpoint)
    edited = tmp_path / "pairs" / "b" / f"{NAMES[-1]}.png"
    code, shown = command("--gesture", "grow:heart", image=edited, mask=())
    assert code == 2
    assert "edit its reference instead" in shown
