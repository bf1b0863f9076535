import numpy as np
import pytest

from segpaint.core.requests.origins import Similarity
from segpaint.core.requests.request import Request
from segpaint.core.runs.series import ablations, mean_and_spread, seeds, similarities


def test_after_the_largest_seed_comes_0(make_request):
    """So that every image of a series can be made again from its file."""
    most = 2**63 - 1
    entries = seeds(make_request(seed=most - 1), 3)
    assert [entry.request.seed for entry in entries] == [most - 1, most, 0]
    for entry in entries:
        assert Request.model_validate_json(entry.request.model_dump_json()).seed == entry.request.seed


def test_seeds_count_on_from_the_requests_own(make_request):
    entries = seeds(make_request(seed=7), 3)
    assert [entry.request.seed for entry in entries] == [7, 8, 9]
    assert entries[2].caption == "seed 9"


def test_every_subset_is_left_out_once_and_the_rest_stays(make_request, table):
    entries = ablations(make_request(), table, [1, 4])
    assert [entry.request.used for entry in entries] == [(1, 2, 4), (2, 4), (1, 2), (2,)]
    assert entries[0].caption == "all of them"
    assert entries[3].caption == f"without {table[1].name}, {table[4].name}"


def test_more_than_sixteen_images_are_not_shown(make_request, table):
    with pytest.raises(ValueError, match="subsets"):
        ablations(make_request(), table, [1, 2, 4, 5, 6])


def test_similarities_lead_from_0_to_1(make_request, drawn_mask):
    request = make_request(sampler="ddim", origin=Similarity(image=drawn_mask, share=0.3, step=1))
    shares = [entry.request.origin.share for entry in similarities(request)]
    np.testing.assert_allclose(shares, np.linspace(0, 1, 11))
    with pytest.raises(ValueError, match="near to nothing"):
        similarities(make_request())


def test_the_mean_and_the_spread():
    images = [np.full((2, 2), value, np.uint8) for value in (100, 120)]
    mean, spread = mean_and_spread(images)
    assert (mean == 110).all()
    assert (spread == 40).all()
    assert not mean_and_spread([images[0], images[0]])[1].any()
