from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segpaint.core.labels.labels import Label, LabelTable
from segpaint.core.masks.push import push, push_sources
from segpaint.core.masks.simple_movements import middle, moved, outlined
from segpaint.core.requests.sampling import Sampling
from segpaint.evaluation.edits.cases import EditCase, patient_of, plan_edits
from segpaint.evaluation.edits.making import WAYS, Editor
from segpaint.evaluation.edits.response import MadeEdit, likeness, responses, summarise
from segpaint.evaluation.edits.run import measure_response
from segpaint.evaluation.edits.table import response_in_short, response_report
from segpaint.evaluation.edits.warps import sources_of, warp_image, warp_region
from segpaint.training.dataset import Pairs, read_data_set

SIZE = 64
TABLE = LabelTable(
    (
        Label(index=1, name="cavity", color="#dd3333"),
        Label(index=2, name="wall", color="#33dd33"),
        Label(index=3, name="lesion", color="#3333dd"),
    )
)
GREY = np.array([10, 230, 90, 160], np.uint8)


def find(images):
    """Judge by grey levels, as `draw` draws them."""
    edges = np.array([50, 125, 195])
    values = np.array([0, 2, 3, 1])[np.digitize(images[:, 0], edges)]
    return np.stack([values == label.index for label in TABLE], axis=1)


def draw(mask):
    return GREY[mask][None]


def disc(row, column, radius):
    rows, columns = np.mgrid[:SIZE, :SIZE]
    return np.hypot(rows - row, columns - column) < radius


def anatomy(row=30, column=28, radius=9):
    """A wall around a cavity."""
    mask = np.zeros((SIZE, SIZE), np.uint8)
    mask[disc(row, column, radius + 5)] = 2
    mask[disc(row, column, radius)] = 1
    return mask


def slices(*masks, names=None, annotated=None):
    known = np.ones((len(masks), len(TABLE)), np.bool_)
    if annotated is not None:
        known[:] = np.isin(TABLE.indices, annotated)
    names = names or [f"p{number}_1" for number in range(len(masks))]
    images = np.stack([draw(mask) for mask in masks])
    return Pairs(names, images, np.stack(masks), known, np.zeros((len(masks), 0), np.int64))


def edits_of(*masks, annotated=(1, 2)):
    pairs = slices(*masks, annotated=annotated)
    return plan_edits(pairs, TABLE, np.arange(len(masks)))


def made(case, **images):
    real = draw(case.before)
    warped = None if case.sources is None else warp_image(real, case.sources)
    return MadeEdit(case, real, warped, images)


def judged(case, **images):
    return responses(made(case, **images), find, TABLE.indices.index(case.label))


def test_every_gesture_is_tried_on_a_cavity_and_its_wall():
    kinds = {(case.label, case.gesture) for case in edits_of(anatomy())}
    outline = {(1, name) for name in ("grow", "shrink", "move", "push", "remove")}
    assert kinds == outline | {(2, name) for name in ("thicken", "thin", "move", "push", "remove")}
    larger = {
        case.amount: case.asked.sum()
        for case in edits_of(anatomy())
        if (case.label, case.gesture) == (1, "grow")
    }
    assert larger[0.2] > larger[0.1] > disc(30, 28, 9).sum()


def test_an_image_that_follows_has_response_1_and_one_that_does_not_has_0():
    for case in edits_of(anatomy()):
        found = judged(case, followed=draw(case.after), ignored=draw(case.before))
        assert (found["followed"], found["ignored"], found["unedited"]) == (1, 0, 0), case.gesture


def test_half_an_edit_has_the_response_of_its_half():
    for case in edits_of(anatomy()):
        rows, columns = np.nonzero(case.changed)
        half = slice(0, len(rows) // 2)
        mask = case.before.copy()
        mask[rows[half], columns[half]] = case.after[rows[half], columns[half]]
        assert judged(case, half=draw(mask))["half"] == (len(rows) // 2) / len(rows)


def test_the_warped_slice_is_the_ceiling():
    cases = [case for case in edits_of(anatomy()) if case.sources is not None]
    assert {case.gesture for case in cases} == {"grow", "shrink", "move", "push", "thicken", "thin"}
    for case in cases:
        assert judged(case)["ceiling"] > 0.85, (case.label, case.gesture, case.amount)


def test_a_ceiling_is_what_the_judge_finds_and_no_more():
    (case,) = [
        case for case in edits_of(anatomy()) if (case.label, case.gesture, case.amount) == (1, "grow", 0.2)
    ]

    def half_blind(images):
        found = find(images)
        found[:, :, :, :28] = case.was[:, :28]  # it sees the old mask on the left, whatever is there
        return found

    edit = made(case, followed=draw(case.after))
    shares = responses(edit, half_blind, 0)
    right = case.changed[:, 28:].sum() / case.changed.sum()
    assert shares["followed"] == right
    assert shares["ceiling"] == pytest.approx(right * judged(case)["ceiling"], abs=0.05)


def test_a_removal_is_judged_only_where_the_label_is_seen():
    (case,) = [case for case in edits_of(anatomy()) if (case.label, case.gesture) == (1, "remove")]

    def blind(images):
        return np.zeros_like(find(images))

    def sees_the_right(images):
        found = find(images)
        found[:, :, :, :26] = False
        return found

    edit = made(case, gone=draw(case.after), stays=draw(case.before))
    assert responses(edit, blind, 0) is None
    assert responses(edit, sees_the_right, 0) == {"unedited": 0, "gone": 1, "stays": 0}
    assert case.sources is None


def test_a_label_is_added_a_second_time_where_there_is_room():
    mask = np.where(disc(30, 14, 6), 3, 0).astype(np.uint8)
    (case,) = [case for case in edits_of(mask, annotated=[3]) if case.gesture == "add"]
    np.testing.assert_array_equal(case.asked, disc(30, 14, 6) | disc(30, 14, 6)[:, ::-1])
    mask[disc(30, 52, 4)] = 1
    assert not [case for case in edits_of(mask, annotated=[3]) if case.gesture == "add"]


def test_what_a_deformation_does_not_do_as_the_mask_asks_has_no_ceiling():
    jaw = Label(index=4, name="jaw", color="#dddd33", parent=3)
    mask = np.where(disc(30, 30, 9), 4, 0).astype(np.uint8)
    pairs = replace(slices(np.zeros_like(mask)), masks=mask[None], annotated=np.ones((1, 4), np.bool_))
    cases = plan_edits(pairs, LabelTable([*TABLE, jaw]), np.array([0]), labels=[4])
    ceilings = {case.gesture: case.sources is not None for case in cases}
    assert ceilings["grow"]
    assert ceilings["push"]
    assert not ceilings["shrink"]  # it leaves the parent behind


def test_a_missing_label_is_added_as_another_patient_has_it():
    with_lesion = anatomy()
    with_lesion[disc(12, 50, 5)] = 3
    pairs = slices(anatomy(), with_lesion, with_lesion, names=["p1_1", "p1_2", "p2_1"])
    (case,) = [
        case for case in plan_edits(pairs, TABLE, np.array([0])) if case.gesture == "add" and case.label == 3
    ]
    np.testing.assert_array_equal(case.asked, disc(12, 50, 5))
    alone = replace(pairs, names=["p1_1", "p1_2", "p1_3"])
    assert not [case for case in plan_edits(alone, TABLE, np.array([0])) if case.label == 3]
    unknown = replace(pairs, annotated=pairs.annotated & [True, True, False])
    assert not [case for case in plan_edits(unknown, TABLE, np.array([0])) if case.label == 3]


def test_what_the_edge_cuts_off_is_only_removed():
    assert {case.gesture for case in edits_of(anatomy(row=3), annotated=[2])} == {"remove"}


@given(st.integers(22, 40), st.integers(22, 40), st.integers(5, 10))
def test_no_deformation_folds_and_each_does_what_its_gesture_does(row, column, radius):
    for case in edits_of(anatomy(row, column, radius)):
        if case.sources is None:
            continue
        (down_row, down_column), (right_row, right_column) = (np.gradient(part) for part in case.sources)
        area = down_row * right_column - down_column * right_row
        assert area.min() > 0, (case.gesture, case.amount)
        agrees = warp_region(case.was, case.sources) == case.asked
        assert agrees[case.was != case.asked].mean() > 0.7


def test_a_region_is_carried_along_as_it_is():
    sources = sources_of(moved(disc(30, 30, 8), (3, -5)))
    np.testing.assert_array_equal(warp_region(disc(30, 30, 8), sources), disc(33, 25, 8))
    image = np.random.default_rng(0).integers(0, 256, (1, SIZE, SIZE)).astype(np.uint8)
    there = disc(33, 25, 8)
    np.testing.assert_array_equal(
        warp_image(image, sources)[0][there], np.roll(image[0], (3, -5), (0, 1))[there]
    )


def test_an_outline_moves_and_what_is_far_off_stays():
    region = disc(32, 32, 10)
    sources = sources_of(outlined(region, middle(region), 3))
    assert (warp_region(region, sources) ^ disc(32, 32, 13)).sum() < 20
    still = np.indices(region.shape)
    np.testing.assert_allclose(sources[:, ~disc(32, 32, 24)], still[:, ~disc(32, 32, 24)])
    np.testing.assert_allclose(sources[:, 32, 32], (32, 32))


def test_a_push_takes_each_pixel_from_its_source():
    path = [(30.0, 40.0), (33.0, 52.0)]
    rows, columns = np.floor(push_sources(anatomy(), path, 12)).astype(int).clip(0, SIZE - 1)
    np.testing.assert_array_equal(anatomy()[rows, columns], push(anatomy(), path, 12))


def test_likeness_is_to_the_warped_slice():
    rng = np.random.default_rng(1)
    case = next(case for case in edits_of(anatomy()) if case.gesture == "move")
    real = rng.integers(60, 200, (1, SIZE, SIZE)).astype(np.uint8)
    edit = MadeEdit(case, real, real, {"same": real, "brighter": real + np.uint8(9)})
    assert likeness(edit, "same") == {"ssim": pytest.approx(1), "bias": 0, "grain": pytest.approx(1)}
    assert likeness(edit, "brighter")["bias"] == 9
    flat = replace(edit, made={"flat": np.full_like(real, 128)})
    assert likeness(flat, "flat")["ssim"] < 0.1
    assert likeness(flat, "flat")["grain"] == 0
    assert likeness(replace(edit, warped=None), "same") is None


def rows_of(*values):
    return [
        {"patient": patient, "unedited": 0.0, "ceiling": ceiling, "way": way}
        for patient, way, ceiling in values
    ]


def test_intervals_are_over_patients_not_over_slices():
    figures = summarise(rows_of(*[("a", 1.0, 1.0)] * 50, *[("b", 0.0, 1.0)] * 50), ["way"])
    assert (figures["edits"], figures["patients"], figures["ceiling"]) == (100, 2, 1)
    assert figures["way"]["response"] == {"value": 0.5, "low": 0, "high": 1}
    alone = summarise(rows_of(("a", 1.0, 1.0), ("a", 0.5, 1.0)), ["way"])["way"]["response"]
    assert alone["value"] == 0.75
    assert np.isnan(alone["low"])


def test_the_ratio_is_of_what_has_a_ceiling():
    rows = rows_of(("a", 0.4, 0.8), ("b", 0.2, 0.4))
    rows.append({"patient": "b", "unedited": 0.0, "way": 1.0})
    figures = summarise(rows, ["way"])
    assert figures["way"]["ratio"]["value"] == pytest.approx(0.5)
    assert figures["way"]["response"]["value"] == pytest.approx(1.6 / 3)
    assert (figures["edits"], figures["warps"]) == (3, 2)
    assert np.isnan(summarise([], ["way"])["way"]["response"]["value"])


@pytest.mark.parametrize(
    ("name", "patient"),
    [
        ("SC-HF-I-01-IM-0001-0048_cavity", "SC-HF-I-01"),
        ("hn_001_037", "hn_001"),
        ("case/12", "case"),
        ("eva", "eva"),
    ],
)
def test_the_patient_is_in_the_name(name, patient):
    assert patient_of(f"{name}.png") == patient


class Follower:
    """Stands in for an `Editor`: it follows every mask, or returns the slice as it was."""

    def __init__(self, pairs):
        self.pairs = pairs

    def __call__(self, cases, way, advance):
        advance(len(cases))
        return np.stack([draw(case.after if way == "mask" else case.before) for case in cases])


def test_the_table_shows_who_follows_and_who_does_not():
    pairs = slices(anatomy(), anatomy(radius=7), annotated=(1, 2))
    cases, done = plan_edits(pairs, TABLE, np.arange(2)), []
    judges = {"one": find, "blind": lambda images: np.zeros_like(find(images))}
    measured = measure_response(cases, Follower(pairs), judges, TABLE, done.append)
    assert sum(done) == len(WAYS) * len(cases)
    one, blind = measured.figures["judges"]["one"], measured.figures["judges"]["blind"]
    for part in (one["warps"], *one["labels"].values(), *one["gestures"].values(), *one["kinds"]):
        assert part["mask"]["response"]["value"] == 1
        assert part["reference"]["response"]["value"] == 0
    assert "remove" in one["gestures"]
    assert "remove" not in blind["gestures"]
    assert one["gestures"]["remove"]["filled"] > 0.9
    knows = {"by position": lambda images: find(np.broadcast_to(draw(anatomy())[None], images.shape))}
    placed = measure_response(cases, Follower(pairs), knows, TABLE, done.append).figures["judges"]
    assert placed["by position"]["gestures"]["remove"]["filled"] == 0
    assert measured.picture.startswith(b"\x89PNG")
    text = "\n".join(response_report(measured.figures))
    assert "cavity: grow, 20 %" in text
    assert "| with the reference, from noise | move |" in text
    assert "Judged by blind" in text
    assert "judged by one" in "\n".join(response_in_short(measured.figures))
    assert "2 patients alone" in response_in_short(measured.figures)[-1]


def test_without_edits_there_is_nothing_to_draw():
    pairs = slices(np.zeros((SIZE, SIZE), np.uint8), annotated=())
    measured = measure_response([], Follower(pairs), {"one": find}, TABLE, lambda _count: None)
    assert measured.picture is None
    text = "\n".join(response_report(measured.figures))
    assert "## Following edits" in text
    assert "edits.png" not in text


@pytest.fixture
def editor(tiny_engine, tiny_data, tmp_path):
    return Editor(tiny_engine, read_data_set(tiny_data).val, Sampling("dpm++", 2, 1.0), tmp_path, steps=2)


def test_images_are_kept_and_made_alike_again(editor, tmp_path, tiny_engine):
    cases = plan_edits(editor.pairs, tiny_engine.checkpoint.table, np.array([0]))[:3]
    first = {way: editor(cases, way, lambda _count: None) for way in WAYS}
    assert first["mask"].shape == (3, 1, 32, 32)
    assert (first["mask"] != first["reference"]).any()
    files = sorted(tmp_path.iterdir())
    files[0].write_bytes(b"half a file")
    kept = {path: path.stat().st_mtime_ns for path in files[1:]}
    for way in WAYS:
        np.testing.assert_array_equal(editor(cases, way, lambda _count: None), first[way])
    assert {path: path.stat().st_mtime_ns for path in files[1:]} == kept
    assert files[0].stat().st_size > 100
    editor(cases[:2], "mask", lambda _count: None)
    assert len(sorted(tmp_path.iterdir())) == len(files) + 1


def test_with_a_reference_all_beyond_the_edit_stays_the_patients(editor, tiny_engine):
    case = next(
        case
        for case in plan_edits(editor.pairs, tiny_engine.checkpoint.table, np.array([0]))
        if case.label == 4
    )
    image = editor([case], "reference", lambda _count: None)[0]
    changed = case.before != case.after
    far = np.ones_like(changed)
    rows, columns = np.nonzero(changed)
    far[max(0, rows.min() - 13) : rows.max() + 14, max(0, columns.min() - 13) : columns.max() + 14] = False
    np.testing.assert_array_equal(image[:, far], editor.pairs.images[0][:, far])


def test_edits_of_labels_that_were_not_looked_for_are_not_tried(tiny_data, table):
    pairs = read_data_set(tiny_data).val
    for case in plan_edits(pairs, table, np.arange(len(pairs))):
        assert isinstance(case, EditCase)
        assert pairs.annotated[case.row, table.indices.index(case.label)]
    only = plan_edits(pairs, table, np.array([0]), labels=[4])
    assert {case.label for case in only} == {4}
