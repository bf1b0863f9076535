"""Editing real images by deforming them first: where it starts, what is kept, what is made anew."""

import json

import numpy as np
import pytest
import torch
from scipy.ndimage import distance_transform_edt

from segpaint.core.diffusion.pixels import to_pixels
from segpaint.core.diffusion.samplers import build_scheduler
from segpaint.core.diffusion.warping import Detail, middle, warped_start
from segpaint.core.labels.labels import FREE
from segpaint.core.masks.simple_movements import find_movement
from segpaint.core.masks.warp import plan_warp
from segpaint.core.requests.kinds import Kind, about
from segpaint.core.requests.origins import Counterfactual, Withheld
from segpaint.core.requests.request import Request, Stage
from segpaint.core.requests.sampling import SAMPLERS

STEPS = 20
USED = (1, 2, 4)
CONFIG = {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "v_prediction"}


@pytest.fixture(scope="module")
def reference(tiny_data):
    from PIL import Image

    return np.array(Image.open(tiny_data / "images" / "val" / "val_0.png"))


@pytest.fixture
def moved(drawn_mask):
    """The heart is larger on one side."""
    mask = drawn_mask.copy()
    rows, columns = np.nonzero(mask == 2)
    mask[rows, np.minimum(columns + 2, 31)] = 2
    return mask


@pytest.fixture(params=["close-warp", "detailed-warp", "warp"])
def way(request):
    return request.param


@pytest.fixture
def ask(make_request, reference, drawn_mask, moved, way):
    """Make a request that deforms first."""

    def make(mask=moved, margin=3.0, **settings):
        origin = Counterfactual(image=reference, mask=drawn_mask, used=USED, margin=margin, way=way)
        return make_request(**{"sampler": "dpm++", "steps": STEPS, "mask": mask, "origin": origin, **settings})

    return make


@pytest.mark.parametrize("sampler", SAMPLERS)
@pytest.mark.parametrize("steps", [1, 7, 20, 50])
def test_the_start_in_the_middle_has_the_noise_of_the_schedule(sampler, steps):
    scheduler = build_scheduler(CONFIG, sampler, steps)
    picture = torch.rand(1, 1, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    noise = torch.randn(1, 1, 16, 16, generator=torch.Generator().manual_seed(1))
    course = warped_start(picture, scheduler, torch.ones(1, 1, 16, 16), torch.zeros(1, 1, 16, 16), 200)
    begun = course.begin(noise)
    timestep = scheduler.timesteps[course.first]
    assert int(timestep) <= 200 or course.first == steps - 1
    assert course.first == 0 or int(scheduler.timesteps[course.first - 1]) > 200
    kept = scheduler.alphas_cumprod[int(timestep)]
    torch.testing.assert_close(begun, kept.sqrt() * picture + (1 - kept).sqrt() * noise.flip(-1))
    expected = scheduler.add_noise(picture, noise.flip(-1), timestep[None])
    assert torch.equal(begun, expected)


def test_what_is_made_anew_begins_from_noise_and_the_rest_follows_the_picture():
    scheduler = build_scheduler(CONFIG, "dpm++", STEPS)
    picture, anew = torch.full((1, 1, 8, 8), 0.5), torch.zeros(1, 1, 8, 8)
    anew[..., :4] = 1
    noise = torch.randn(1, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    region = torch.ones(1, 1, 8, 8)
    region[..., 0, :] = 0
    course = warped_start(picture, scheduler, region, anew, 200)
    assert course.first == 0
    begun = course.begin(noise)
    torch.testing.assert_close(begun, noise.flip(-1), atol=0.05, rtol=0)
    sampled = torch.full_like(begun, 9.0)
    start = middle(scheduler, 200)
    early, late, last = (course.adjust(index, sampled) for index in (start - 1, start, STEPS - 1))
    assert (early[..., 1:, :4] == 9).all()
    assert (early[..., 4:] < 9).all()
    assert (late[..., 1:, :] == 9).all()
    assert torch.equal(last[..., 0, :], picture[..., 0, :])


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_nothing_outside_the_edit_changes_by_a_bit(image_of, ask, reference, drawn_mask, moved, sampler):
    made = image_of(ask(sampler=sampler))
    edited = drawn_mask != moved
    rows, columns = np.mgrid[:32, :32]
    distance = np.min(np.hypot(rows[..., None] - rows[edited], columns[..., None] - columns[edited]), axis=-1)
    np.testing.assert_array_equal(made[distance >= 6], reference[distance >= 6])
    assert not np.array_equal(made[edited], reference[edited])


def test_a_label_left_to_the_model_changes_nothing_far_from_it(image_of, ask, reference, drawn_mask, moved):
    made = image_of(ask(margin=2.0, used=(1, 2)))  # without bone
    differs = (drawn_mask != moved) | (drawn_mask == 4)
    beyond = distance_transform_edt(~differs) >= 4
    assert beyond.any()
    assert np.array_equal(made[beyond], reference[beyond])
    assert not np.array_equal(made[drawn_mask == 4], reference[drawn_mask == 4])


def test_a_label_painted_where_nothing_was_known_is_made_anew(table, drawn_mask):
    before, after = drawn_mask.copy(), drawn_mask.copy()
    before[:10, :10] = FREE
    after[2:8, 2:8] = 4  # there is bone elsewhere
    after[:10, :10][after[:10, :10] != 4] = FREE
    warp = plan_warp((before, USED), (after, USED), table, 3.0)
    assert warp.anew[2:8, 2:8].all()


def test_without_an_edit_the_reference_is_kept_to_the_last_pixel(image_of, ask, reference, drawn_mask):
    np.testing.assert_array_equal(image_of(ask(drawn_mask)), reference)


def test_only_the_last_steps_are_taken(tiny_engine, ask):
    taken = [step.index for step in tiny_engine.run(ask())]
    assert taken == list(range(taken[0], STEPS))
    assert 3 <= len(taken) <= 12


def test_the_deformed_reference_is_shown_before_the_first_step(
    tiny_engine, ask, reference, drawn_mask, moved, way
):
    first, second, *_ = tiny_engine.run(ask())
    table, margin = tiny_engine.checkpoint.table, ask().origin.margin
    warp = plan_warp((drawn_mask, USED), (moved, USED), table, margin, close=way == "close-warp")
    shown, carried = to_pixels(first.denoised), warp.carry(reference)
    edited = drawn_mask != moved
    np.testing.assert_array_equal(shown[edited], carried[edited])
    assert not np.array_equal(shown[edited], reference[edited])
    assert second.index == first.index + 1
    assert not torch.equal(second.denoised, first.denoised)


def test_a_change_after_the_deformed_reference_is_the_same_from_the_beginning(tiny_engine, ask, drawn_mask):
    first, *_ = tiny_engine.run(ask())
    edited = ask().changed(Stage(step=first.index + 1, used=(1,), mask=drawn_mask))
    straight, rest = list(tiny_engine.run(edited)), list(tiny_engine.run(edited, after=first))
    assert straight[0].index == first.index
    assert torch.equal(rest[-1].sample, straight[-1].sample)


def test_a_label_that_comes_begins_from_noise(tiny_engine, ask, reference, drawn_mask):
    without = np.where(drawn_mask == 4, 0, drawn_mask).astype(np.uint8)
    origin = Counterfactual(image=reference, mask=without, used=USED, margin=3.0, way="warp")
    assert [step.index for step in tiny_engine.run(ask(drawn_mask, origin=origin))] == list(range(STEPS))


def test_a_label_that_goes_into_a_tissue_begins_in_the_middle(tiny_engine, ask, drawn_mask):
    without = np.where(drawn_mask == 2, 1, drawn_mask).astype(np.uint8)
    first, *_ = tiny_engine.run(ask(without))
    assert 0 < first.index < STEPS - 3


def test_a_seed_means_the_same_image(image_of, ask):
    np.testing.assert_array_equal(image_of(ask(seed=3)), image_of(ask(seed=3)))
    assert not np.array_equal(image_of(ask(seed=3)), image_of(ask(seed=4)))


def test_going_on_from_a_kept_step_is_exact_with_an_edit_on_the_way(tiny_engine, ask, drawn_mask):
    straight = list(tiny_engine.run(ask()))
    for kept in (straight[0], straight[2], straight[-2]):
        assert torch.equal(list(tiny_engine.run(ask(), after=kept))[-1].sample, straight[-1].sample)
    edited = ask().changed(Stage(step=straight[1].index + 1, used=(1,), mask=drawn_mask))
    rest = list(tiny_engine.run(edited, after=straight[1]))
    assert torch.equal(rest[-1].sample, list(tiny_engine.run(edited))[-1].sample)


def test_a_change_before_the_first_step_counts_from_the_first_step(image_of, ask, drawn_mask, moved):
    changed = ask(drawn_mask).changed(Stage(step=2, used=USED, mask=moved))
    np.testing.assert_array_equal(image_of(changed), image_of(ask(moved)))


def test_json_keeps_the_way_and_leaves_it_out_where_it_was_not_known(ask, make_request, reference, drawn_mask):
    again = Request.model_validate_json(ask().model_dump_json())
    assert again.origin.way == ask().origin.way
    inverted = Counterfactual(image=reference, mask=drawn_mask, used=USED)
    written = json.loads(make_request(sampler="ddim", origin=inverted).model_dump_json())["origin"]
    assert list(written) == ["kind", "mask", "used", "margin", "image"]
    assert Counterfactual.model_validate(written).way == "inversion"


def test_a_withheld_reference_keeps_the_way(ask, reference):
    withheld = Request.model_validate_json(ask().withheld().model_dump_json())
    assert isinstance(withheld.origin, Withheld)
    assert withheld.with_reference(reference).origin.way == ask().origin.way


def _waves(period, height=0.5):
    """A wave along the rows, the same on all columns."""
    return (height * torch.sin(2 * torch.pi * torch.arange(96) / period)).expand(1, 1, 96, 96).mT.contiguous()


def test_fine_detail_is_carried_along_and_coarse_shapes_are_the_network_s():
    coarse, fine = _waves(96, 0.1), _waves(4, 0.2)
    given = Detail(fine, np.ones((96, 96))).given_back(coarse + _waves(5, 0.2).mT)
    inside = (..., slice(16, -16), slice(16, -16))
    expected = coarse + fine * torch.exp(-((coarse / (25 / 127.5)) ** 2))
    lost = _waves(5, 0.2).mT * (1 - torch.exp(-((coarse / (25 / 127.5)) ** 2)))
    torch.testing.assert_close(given[inside], (expected + lost)[inside], rtol=0, atol=0.03)


def test_no_detail_is_carried_to_where_an_image_is_made_anew_or_shows_something_else():
    share = np.ones((96, 96))
    share[:48] = 0
    detail, plain = Detail(_waves(4), share), torch.zeros(1, 1, 96, 96)
    given = detail.given_back(plain)
    assert torch.equal(given[..., :46, :], plain[..., :46, :])
    assert given[..., 52:, :].std() > 0.3
    other = torch.full((1, 1, 96, 96), 0.9)
    torch.testing.assert_close(detail.given_back(other), other, rtol=0, atol=1e-6)


def test_colours_get_their_detail_together():
    image = torch.cat([_waves(4), _waves(6), _waves(8)], dim=1)
    given = Detail(image, np.ones((96, 96))).given_back(torch.zeros(1, 3, 96, 96))
    for channel in range(3):
        assert given[0, channel].std() > 0.25


def test_the_last_image_and_all_that_is_shown_have_the_detail(tiny_engine, ask, drawn_mask, reference, way):
    edited, body = drawn_mask.copy(), np.argwhere(drawn_mask == 1)
    for row, column in (body[len(body) // 12], body[-len(body) // 12]):  # pieces that no simple movement makes
        edited[row - 1 : row + 1, column - 1 : column + 2] = 2
    assert find_movement(drawn_mask, edited, tiny_engine.checkpoint.table, USED) is None
    request = ask(edited, margin=None, steps=6)
    steps = list(tiny_engine.run(request))
    earlier = request.model_copy(update={"origin": request.origin.model_copy(update={"way": "warp"})})
    bare = list(tiny_engine.run(earlier))
    if way == "warp":
        assert torch.equal(steps[-1].sample, bare[-1].sample)
        return
    table = tiny_engine.checkpoint.table
    warp = plan_warp((drawn_mask, USED), (edited, request.used), table, None, close=way == "close-warp")
    deformed = torch.from_numpy(warp.carry(reference)).float()[None, None] / 127.5 - 1
    detail = Detail(deformed, warp.detail, warp.tissue if way == "close-warp" else None)
    torch.testing.assert_close(steps[-1].sample, detail.given_back(bare[-1].sample))
    for shown, other in zip(steps[1:-1], bare[1:-1], strict=True):
        assert torch.equal(shown.sample, other.sample)  # the network sees none of it
        torch.testing.assert_close(shown.denoised, detail.given_back(other.denoised).clamp(-1, 1))


def test_it_is_an_edited_image_of_the_patient(image_of, ask):
    made = image_of(ask())
    found = about(ask(), made)
    assert found.kind is Kind.EDITED
    assert 0.3 < found.own / found.pixels < 1
