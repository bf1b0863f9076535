import numpy as np
import pytest

from segpaint.core.pictures.film import Panel, Scene, branch_comparison, series, thinned, timeline
from segpaint.core.pictures.film_look import Look, picture_size, render
from segpaint.core.requests.kinds import about
from segpaint.core.runs.branches import Branches
from segpaint.core.runs.trajectory import Frame

COUNT = 4


def picture(grey):
    return np.full((32, 32), grey, np.uint8)


def frames(run, first=0, grey=0):
    shades = {index: grey + 10 * index for index in range(first, COUNT)}
    return tuple(
        Frame(run, index, COUNT, 999 - index, picture(shade), picture(shade + 1), 0.1)
        for index, shade in shades.items()
    )


@pytest.fixture
def branches(make_request, drawn_mask):
    """A run, and a branch that went off after its second step under another mask."""
    found = Branches()
    parent = found.begin(1, make_request())
    parent.trajectory.extend(frames(1))
    parent.trajectory.move_to(1)
    stage = parent.request.final.model_copy(update={"step": 2, "mask": drawn_mask.T.copy()})
    found.fork(2, parent.request.changed(stage)).trajectory.extend(frames(2, first=2, grey=100))
    return list(found)


def test_a_timeline_shows_each_step_and_the_finished_image_at_last(branches, table):
    scenes = timeline(branches[0], table)
    assert [scene.caption for scene in scenes] == [f"step {step} of 4" for step in (1, 2, 3, 4)]
    shown = [int(scene.panels[0].pixels[0, 0]) for scene in scenes]
    assert shown == [0, 10, 20, 31]


def test_the_mask_beside_a_step_is_the_one_it_followed(branches, table, drawn_mask):
    scenes = timeline(branches[1], table, mask=True, noisy=True)
    assert [panel.name for panel in scenes[0].panels] == ["mask", "sample", "image"]
    colors = table.colors()
    for scene, mask in zip(scenes, [drawn_mask, drawn_mask, drawn_mask.T, drawn_mask.T], strict=True):
        np.testing.assert_array_equal(scene.panels[0].pixels, colors[mask])


def test_a_branch_and_its_parent_are_seen_at_the_same_step(branches, table):
    scenes = branch_comparison(branches[1], table)
    values = [[int(panel.pixels[0, 0]) for panel in scene.panels] for scene in scenes]
    assert values == [[0, 0], [10, 10], [20, 120], [31, 131]]
    assert [panel.name for panel in scenes[0].panels] == ["branch A", "branch B"]
    assert len(branch_comparison(branches[1], table, mask=True)[0].panels) == 4
    with pytest.raises(ValueError, match="no parent"):
        branch_comparison(branches[0], table)


def test_a_series_goes_forth_and_back(make_request):
    images = [(name, np.zeros((2, 2), np.uint8), make_request()) for name in "abcd"]
    assert "".join(scene.caption for scene in series(images)) == "abcdcb"
    assert len(series(images[:1])) == 1


def test_a_long_film_keeps_its_ends(make_request):
    scenes = series([(str(number), np.zeros((2, 2), np.uint8), make_request()) for number in range(100)])
    few = thinned(scenes, 7)
    assert len(few) == 7
    assert (few[0], few[-1]) == (scenes[0], scenes[-1])
    assert thinned(few, 7) == few


def test_a_picture_is_enlarged_and_says_that_it_is_synthetic(make_request):
    pixels = np.full((32, 32), 128, np.uint8)
    grey = Panel("image", pixels, about(make_request(), pixels))
    mask = Panel("mask", np.full((32, 32, 3), 128, np.uint8))
    look = Look(size=512)
    picture = render(Scene("step 1 of 4", (mask, grey)), look)
    width, height = picture_size(Scene("", (mask, grey)), look)
    assert picture.shape == (height, width, 3)
    assert width % 2 == height % 2 == 0
    assert (picture[:512, :512] == 128).all()  # the mask is as it was
    changed = (picture[:512, -512:] != 128).any(axis=-1)
    assert changed[-100:, -200:].any()
    assert not changed[:-100].any()
    assert picture[512:].max() > 200  # the caption
    plain = render(Scene("step 1 of 4", (grey,)), Look(size=512, captions=False, note=False))
    assert plain.shape == (512, 512, 3)
    assert (plain == 128).all()


def test_pixels_stay_squares_if_asked_for(make_request):
    checks = (np.indices((32, 32)).sum(axis=0) % 2 * 255).astype(np.uint8)
    scene = Scene("", (Panel("image", checks, about(make_request(), checks)),))
    squares = render(scene, Look(smooth=False, captions=False, note=False))
    assert set(np.unique(squares)) == {0, 255}
    smooth = render(scene, Look(smooth=True, captions=False, note=False))
    assert len(np.unique(smooth)) > 10
