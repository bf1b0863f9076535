"""The shipped head and neck model edits a patient that it made up, and the verdict is right about it."""

import numpy as np
import pytest

from segpaint.api import open_checkpoint
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.push import push
from segpaint.core.requests.verdict import Outcome

BODY, LEFT_PAROTID, MANDIBLE = 1, 7, 10
BRIGHT = 180


@pytest.fixture(scope="module")
def model():
    return open_checkpoint("head-neck-ct-128", device="cpu")


@pytest.fixture(scope="module")
def patient(model):
    """An image and its mask, with a mandible and a left parotid."""
    made, mask = model.make_up(13)
    assert {LEFT_PAROTID, MANDIBLE} <= set(np.unique(mask))
    return made.pixels, mask


@pytest.fixture
def edited(model, patient):
    """The image of an edit, and the verdict on it."""

    def edit(after):
        result = model.edit(*patient, after, seed=1)
        return result.pixels, model.judge(result).verdict

    return edit


def removed(mask, label, model):
    return Anatomy(mask, model.labels, label).outlined(np.zeros(mask.shape, bool))


def test_a_parotid_that_is_found_again_is_not_reported_as_removed(model, patient, edited):
    _, mask = patient
    made, verdict = edited(removed(mask, LEFT_PAROTID, model))
    found = (model.find_labels(made) == LEFT_PAROTID)[mask == LEFT_PAROTID].mean()
    if found > 0.7:
        assert verdict.outcome is Outcome.IGNORED
        assert "left parotid" in verdict.sentence
    else:
        assert found < 0.3
        assert verdict.outcome is Outcome.FOLLOWED


def test_a_removed_jaw_leaves_no_bone(model, patient, edited):
    pixels, mask = patient
    after = removed(mask, MANDIBLE, model)
    made, _ = edited(after)
    jaw = mask == MANDIBLE
    assert (after[jaw] == BODY).all()
    assert (pixels[jaw] > BRIGHT).mean() > 0.6
    assert (made[jaw] > BRIGHT).mean() < 0.05


@pytest.mark.parametrize("pixels_far", [10, 20])
def test_a_jaw_that_is_pushed_far_stays_in_one_piece_and_the_verdict_agrees(model, patient, edited, pixels_far):
    _, mask = patient
    rows, columns = np.nonzero(mask == MANDIBLE)
    start = rows.min() + 3
    column = int(np.median(columns[rows <= start])) + 0.5
    after = push(mask, [(start + 0.5, column), (start + 0.5 + pixels_far, column)], 16.0)
    made, verdict = edited(after)
    was, asked = mask == MANDIBLE, after == MANDIBLE
    assert (was != asked).sum() > 60
    assert (made[asked & ~was] > BRIGHT).mean() > 0.7
    assert (made[was & ~asked] > BRIGHT).mean() < 0.3
    assert verdict.outcome is Outcome.FOLLOWED
