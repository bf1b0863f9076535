"""Editing a run under way, rewinding it and branching off: all of it exact."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from segpaint.core.errors import SegPaintError
from segpaint.core.requests.request import Request, Stage
from segpaint.core.requests.sampling import SAMPLERS
from segpaint.core.runs.thinning import ThinningList
from segpaint.io.masks import read_mask
from segpaint.io.results import write_result

STEPS = 6

samplers = pytest.mark.parametrize("sampler", SAMPLERS)
guidances = pytest.mark.parametrize("guidance", [1.0, 2.0])


@pytest.fixture
def other_mask(drawn_mask):
    return np.roll(drawn_mask, 5, axis=1)


def alike(steps, others):
    return len(steps) == len(others) and all(
        torch.equal(one.sample, other.sample) and torch.equal(one.denoised, other.denoised)
        for one, other in zip(steps, others, strict=True)
    )


@samplers
@guidances
def test_an_edit_takes_effect_from_its_step_on(tiny_engine, make_request, other_mask, sampler, guidance):
    request = make_request(sampler=sampler, steps=STEPS, guidance=guidance)
    edited = request.changed(Stage(step=3, used=request.used, mask=other_mask))
    before, after = list(tiny_engine.run(request)), list(tiny_engine.run(edited))
    assert alike(before[:3], after[:3])
    for one, other in zip(before[3:], after[3:], strict=True):
        assert not torch.equal(one.denoised, other.denoised)


@samplers
def test_a_branch_from_a_kept_step_is_the_image_of_its_request(tiny_engine, make_request, other_mask, sampler):
    request = make_request(sampler=sampler, steps=STEPS)
    parent = list(tiny_engine.run(request))
    for kept in parent[:-1]:
        edited = request.changed(Stage(step=kept.index + 1, used=(1,), mask=other_mask))
        branch = list(tiny_engine.run(edited, after=kept))
        assert [step.index for step in branch] == list(range(kept.index + 1, STEPS))
        assert alike(branch, list(tiny_engine.run(edited))[kept.index + 1 :])


@samplers
def test_a_branch_of_a_branch_is_exact_too(tiny_engine, make_request, other_mask, sampler):
    request = make_request(sampler=sampler, steps=STEPS)
    child = request.changed(Stage(step=2, used=request.used, mask=other_mask))
    grandchild = child.changed(Stage(step=4, used=(1, 2), mask=other_mask))
    steps = list(tiny_engine.run(child))
    assert alike(list(tiny_engine.run(grandchild, after=steps[3])), list(tiny_engine.run(grandchild))[4:])
    # Going on from before both changes sees both.
    assert alike(list(tiny_engine.run(grandchild, after=steps[0])), list(tiny_engine.run(grandchild))[1:])


@samplers
def test_rewinding_and_going_on_unchanged_gives_the_identical_image(tiny_engine, make_request, sampler):
    request = make_request(sampler=sampler, steps=STEPS)
    straight = list(tiny_engine.run(request))
    for kept in straight[:-1]:
        same = request.changed(Stage(step=kept.index + 1, used=request.used, mask=request.mask))
        assert same.changes == ()
        assert alike(list(tiny_engine.run(same, after=kept)), straight[kept.index + 1 :])


@samplers
def test_a_step_that_was_thinned_out_is_taken_again_exactly(tiny_engine, make_request, sampler):
    request = make_request(sampler=sampler, steps=17)
    straight = list(tiny_engine.run(request))
    kept = ThinningList(6 * straight[5].nbytes)
    for step in straight:
        kept.add(step)
    assert len(kept) < len(straight)
    before = kept.at(13)
    assert before.index < 13
    assert alike(list(tiny_engine.run(request, after=before)), straight[before.index + 1 :])


def test_the_newest_edit_of_a_step_wins_and_later_ones_fall_away(make_request, drawn_mask, other_mask):
    request = make_request(steps=STEPS)
    first = request.changed(Stage(step=4, used=(1,), mask=drawn_mask))
    second = first.changed(Stage(step=4, used=(2,), mask=drawn_mask))
    assert [stage.used for stage in second.stages] == [request.used, (2,)]
    earlier = second.changed(Stage(step=2, used=(4,), mask=other_mask))
    assert [(stage.step, stage.used) for stage in earlier.stages] == [(0, request.used), (2, (4,))]
    assert earlier.final.used == (4,)
    assert second.changed(Stage(step=0, used=(1,), mask=other_mask)).stages[0].used == (1,)


def test_an_edit_taken_back_before_the_next_step_leaves_no_trace(make_request, other_mask):
    request = make_request(steps=STEPS)
    edited = request.changed(Stage(step=3, used=(1,), mask=other_mask))
    assert edited.changed(Stage(step=3, used=request.used, mask=request.mask)).changes == ()


def test_json_keeps_the_changes(make_request, other_mask):
    edited = make_request(steps=STEPS).changed(Stage(step=3, used=(1,), mask=other_mask))
    again = Request.model_validate_json(edited.model_dump_json())
    assert again.final.step == 3
    assert again.final.asks_like(edited.final)
    with pytest.raises(ValueError, match="read-only"):
        again.final.mask[0, 0] = 1


@pytest.mark.parametrize("steps", [[3, 3], [4, 2], [0], [STEPS]])
def test_changes_out_of_order_are_refused(make_request, drawn_mask, steps):
    changes = [Stage(step=step, used=(), mask=drawn_mask) for step in steps]
    with pytest.raises(ValidationError, match="not in order or beyond its steps"):
        make_request(steps=STEPS, changes=changes)


def test_the_masks_of_changes_must_fit_too(tiny_engine, make_request):
    wrong = make_request(steps=STEPS, changes=[Stage(step=1, used=(), mask=np.zeros((8, 8), np.uint8))])
    with pytest.raises(SegPaintError, match="8 x 8 pixels"):
        tiny_engine.check(wrong)


def test_a_result_is_saved_with_the_mask_that_it_ended_with(make_request, table, other_mask, tmp_path):
    edited = make_request(steps=STEPS).changed(Stage(step=3, used=(1,), mask=other_mask))
    _, mask, _ = write_result(tmp_path / "x.png", np.zeros((32, 32), np.uint8), edited, table)
    np.testing.assert_array_equal(read_mask(mask, table, 32), other_mask)
