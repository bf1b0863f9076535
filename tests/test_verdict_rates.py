"""The rates of verdicts are counted on pictures whose outcome is known."""

import numpy as np
import pytest
import torch

from segpaint.core.diffusion.segmenter import Segmenter, SegmenterDescription
from segpaint.core.labels.labels import Label
from segpaint.core.requests.verdict import Outcome
from segpaint.evaluation.edits.cases import plan_edits
from segpaint.evaluation.edits.response import over_patients
from segpaint.evaluation.verdicts import known_outcome, known_pictures, measure_verdicts, verdict_report
from segpaint.training.dataset import Pairs

SIZE = 64
LABELS = (Label(index=1, name="cavity", color="#dd3333"), Label(index=2, name="wall", color="#33dd33"))
GREY = np.array([10, 230, 90], np.uint8)


class ByShade(Segmenter):
    """Finds the labels by the shades in which they are drawn."""

    def __init__(self, blind=False):
        super().__init__(torch.nn.Linear(1, 1), SegmenterDescription(labels=LABELS))
        self.blind = blind

    def find(self, images):
        levels = (images[:, :1] + 1) * 127.5
        cavity, wall = levels > 160, (levels > 50) & (levels <= 160)
        return torch.cat([cavity, wall], dim=1) & (not self.blind)


def slices(patients=3):
    """Slices of hearts, one of each patient."""
    rows, columns = np.mgrid[:SIZE, :SIZE]
    masks = np.zeros((patients, SIZE, SIZE), np.uint8)
    for number, mask in enumerate(masks):
        distance = np.hypot(rows - 30 - number, columns - 28)
        mask[distance < 14] = 2
        mask[distance < 9] = 1
    names = [f"p{number}_1" for number in range(patients)]
    known = np.ones((patients, len(LABELS)), np.bool_)
    return Pairs(names, GREY[masks][:, None], masks, known, np.zeros((patients, 0), np.int64))


def cases(pairs, segmenter):
    return plan_edits(pairs, segmenter.table, np.arange(len(pairs)))


@pytest.fixture
def figures():
    segmenter, pairs = ByShade(), slices()
    finished = []
    found = measure_verdicts(cases(pairs, segmenter), pairs, segmenter, finished.append)
    assert sum(finished) == len(cases(pairs, segmenter))
    return found


def rates(figures, picture):
    (row,) = [row for row in figures["pictures"] if row["picture"] == picture]
    return {word: rate["value"] for word, rate in row["rates"].items()}


def test_each_verdict_is_counted_where_it_belongs(figures):
    assert rates(figures, "warped alike")["followed"] > 0.9
    half = rates(figures, "warped half as far")
    assert half["in part"] > 0.4 > 2 * (half["followed"] + half["not followed"])
    left = rates(figures, "left as it was")
    assert left["not followed"] > 0.4
    assert left["not followed"] + left["not judged"] == pytest.approx(1)  # what is too thin is not judged
    for damage in ("warped, patches shuffled", "warped, shards pasted", "warped, strong noise"):
        assert rates(figures, damage)["damaged"] > 0.6
    for row in figures["pictures"]:
        assert sum(rate["value"] for rate in row["rates"].values()) == pytest.approx(1)


def test_hits_and_false_alarms_are_of_what_should_and_should_not_be_so(figures):
    followed, damaged = figures["verdicts"]["followed"], figures["verdicts"]["damaged"]
    assert followed["hit"]["value"] == rates(figures, "warped alike")["followed"]
    others = [row for row in figures["pictures"] if row["outcome"] != "damaged"]
    wrong = sum(row["rates"]["damaged"]["value"] * row["count"] for row in others)
    assert damaged["false alarm"]["value"] == pytest.approx(wrong / sum(row["count"] for row in others))
    assert (figures["slices"], figures["patients"]) == (3, 3)


def test_rates_have_intervals_over_patients():
    rows = [{"patient": str(number // 4), "hit": float(number < 8)} for number in range(16)]
    found = over_patients(rows, "hit")
    assert found["low"] < found["value"] == 0.5 < found["high"]
    assert np.isnan(over_patients(rows[:4], "hit")["low"])


def test_a_segmenter_that_sees_nothing_never_finds_an_edit_followed():
    segmenter, pairs = ByShade(blind=True), slices(1)
    figures = measure_verdicts(cases(pairs, segmenter), pairs, segmenter, lambda count: None)
    assert figures["verdicts"]["followed"]["hit"]["value"] == 0
    assert rates(figures, "warped alike")["not judged"] > 0.9
    assert np.isnan(figures["verdicts"]["followed"]["hit"]["low"])


def test_pictures_show_what_they_state():
    pairs = slices(1)
    known = [one for case in cases(pairs, ByShade()) if (one := known_outcome(case)) is not None]
    assert known
    for case in known:
        pictures = {
            name: (outcome, picture) for name, outcome, picture in known_pictures(case, pairs.images[0])
        }
        warped = pictures["warped alike"][1]
        assert np.array_equal(pictures["left as it was"][1], pairs.images[0])
        assert (np.abs(warped[0].astype(int) - GREY[case.after]) > 60).mean() < 0.02
        for outcome, picture in pictures.values():
            if outcome is Outcome.DAMAGED:
                assert not np.array_equal(picture, warped)


def test_edits_that_no_deformation_does_have_no_known_outcome():
    removed = [case for case in cases(slices(1), ByShade()) if case.gesture == "remove"]
    assert removed
    assert not any(map(known_outcome, removed))


def test_the_report_gives_rates_with_intervals_and_how_many_they_are_of(figures):
    report = "\n".join(verdict_report(figures))
    assert f"{figures['edits']} edits of 3 unseen slices of 3 patients" in report
    assert "| warped alike | followed |" in report
    assert "| damaged | " in report
