"""Revising made images: what was not painted stays as it is, bit for bit."""

import itertools
import json

import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE
from segpaint.core.requests.kinds import Kind, about, kind_of
from segpaint.core.requests.origins import MARGIN, Counterfactual
from segpaint.core.requests.request import Request, Stage
from segpaint.core.requests.sampling import SAMPLERS


def larger(mask):
    """A corner of label 4 is painted into the background."""
    changed = mask.copy()
    changed[1:5, 1:6] = 4
    return changed


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_only_what_was_painted_and_its_margin_change(image_of, make_request, drawn_mask, sampler):
    request = make_request(sampler=sampler, steps=10, guidance=2.0)
    made, mask = image_of(request), larger(drawn_mask)
    revised = image_of(request.revised(made, mask))
    distance = distance_transform_edt(mask == drawn_mask)
    far = distance > 2 * MARGIN
    assert 0.2 < far.mean() < 0.9
    np.testing.assert_array_equal(revised[far], made[far])
    assert (revised != made)[distance == 0].any()


def test_every_preview_shows_what_stays_as_it_will_be(tiny_engine, image_of, make_request, drawn_mask):
    request = make_request(steps=8)
    made, mask = image_of(request), larger(drawn_mask)
    mask[8:12, 8:12] = FREE  # so that all steps are taken
    far = distance_transform_edt(mask == drawn_mask) > 2 * MARGIN
    previews = [to_pixels(step.denoised) for step in tiny_engine.run(request.revised(made, mask))]
    assert len(previews) == 8
    for preview in previews:
        np.testing.assert_array_equal(preview[far], made[far])


def test_nothing_painted_changes_nothing(image_of, make_request, drawn_mask):
    request = make_request(steps=6)
    made = image_of(request)
    np.testing.assert_array_equal(image_of(request.revised(made, drawn_mask)), made)


def test_a_revision_can_be_revised_and_made_again_from_its_file(image_of, make_request, drawn_mask):
    request = make_request(steps=6)
    first = request.revised(image_of(request), larger(drawn_mask))
    made = image_of(first)
    second = first.revised(made, drawn_mask)
    again = Request.model_validate_json(second.model_dump_json())
    assert again.model_dump_json() == second.model_dump_json()
    np.testing.assert_array_equal(image_of(again), image_of(second))
    np.testing.assert_array_equal(second.origin.mask, first.mask)


def test_an_image_that_changed_on_the_way_is_revised_from_its_last_mask(make_request, drawn_mask):
    late = Stage(step=3, used=(1, 2), mask=larger(drawn_mask))
    request = make_request(steps=6).changed(late)
    revised = request.revised(np.zeros((32, 32), np.uint8), drawn_mask)
    assert revised.changes == ()
    assert revised.used == revised.origin.used == (1, 2)
    np.testing.assert_array_equal(revised.origin.mask, late.mask)


def test_a_region_that_was_freed_is_made_anew(image_of, make_request, drawn_mask):
    request = make_request(steps=6)
    made, mask = image_of(request), drawn_mask.copy()
    mask[10:20, 10:20] = FREE
    changed = image_of(request.revised(made, mask)) != made
    assert changed[10:20, 10:20].mean() > 0.5


def test_it_is_as_synthetic_as_what_it_was_made_from(image_of, make_request, drawn_mask):
    request = make_request(steps=4)
    revised = request.revised(image_of(request), larger(drawn_mask))
    what = about(revised, image_of(revised))
    assert kind_of(revised) is Kind.MADE
    assert what.sentence.startswith("YES")
    assert "an earlier image" in what.sentence
    assert revised.withheld() is revised


def test_what_shows_a_patient_is_not_revised(make_request, drawn_mask):
    slice_ = np.zeros((32, 32), np.uint8)
    origin = Counterfactual(image=slice_, mask=drawn_mask, used=(1, 2, 4), way="warp")
    request = make_request(sampler="dpm++", steps=4, origin=origin)
    for shows in (request, request.withheld()):
        with pytest.raises(SegPaintError, match="shows a patient; edit its"):
            shows.revised(slice_, drawn_mask)


def test_a_mask_of_other_values_is_refused_in_a_sentence(make_request, drawn_mask):
    with pytest.raises(SegPaintError, match="mask"):
        make_request(steps=4).revised(np.zeros((32, 32), np.uint8), drawn_mask.astype(int) + 300)


def test_the_segmenter_judges_what_became_of_the_change(judged_checkpoint, make_request, drawn_mask):
    import torch

    from segpaint.core.diffusion.engine import Engine
    from segpaint.core.requests.checkpoint import read_checkpoint

    engine = Engine(read_checkpoint(judged_checkpoint), torch.device("cpu"))
    request = make_request(steps=2, fingerprint=engine.checkpoint.fingerprint)
    made = np.zeros((32, 32), np.uint8)
    assert engine.judge(made, request).verdict is None
    assert engine.judge(made, request.revised(made, larger(drawn_mask))).verdict is not None


def test_a_revision_of_an_earlier_version_carries_no_detail_along(tiny_engine, make_request, image_of):
    request = make_request()
    mask = request.mask.copy()
    mask[8:20, 8:20] = 2
    close = request.revised(image_of(request), mask)
    written = json.loads(close.model_dump_json())
    assert written["origin"].pop("close") is True
    detailed, plain = (
        Request.model_validate(written | {"origin": written["origin"] | more})
        for more in ({"detailed": True}, {})
    )
    assert {"detailed", "close"}.isdisjoint(plain.origin.model_dump())
    images = [image_of(each) for each in (close, detailed, plain)]
    for one, other in itertools.combinations(images, 2):
        assert not np.array_equal(one, other)


def test_a_quick_revision_looks_less_thoroughly_and_says_so(tiny_engine, make_request, image_of):
    request = make_request(seed=2)
    image, mask = image_of(request), np.roll(request.mask, 2, axis=1)
    thorough, quick = (request.revised(image, mask, quick=quick) for quick in (False, True))
    assert "quick" not in thorough.origin.model_dump()
    assert thorough.origin.close
    assert Request.model_validate_json(quick.model_dump_json()).origin.quick
    assert not np.array_equal(image_of(thorough), image_of(quick))
