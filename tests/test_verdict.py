"""The verdict on an edited image is that of what can be seen in it."""

from dataclasses import replace

import numpy as np
import pytest

from segpaint.core.labels.labels import FREE
from segpaint.core.masks.anatomy import Anatomy
from segpaint.core.masks.operations import GESTURES
from segpaint.core.requests.verdict import EditedPair, Outcome, judge_edit
from segpaint.studio.document.anatomy import FIRST_AMOUNTS

BODY, HEART, BONE = 1, 2, 4
SHADES = np.zeros(256, np.uint8)
SHADES[[BODY, HEART, BONE]] = 80, 160, 240


def painted(*, heart=(12, 20), bone=True):
    """A body with a heart from one column to another, and a bone."""
    mask = np.zeros((32, 32), np.uint8)
    mask[4:28, 4:28] = BODY
    mask[10:20, slice(*heart)] = HEART
    mask[22:26, 8:20] = BONE * bone
    return mask


def drawn(mask, seed=0):
    noise = np.random.default_rng(seed).normal(0, 4, mask.shape)
    return np.clip(SHADES[mask] + noise, 0, 255).astype(np.uint8)


def pair(table, before, after, shown):
    """An edit from one mask to another, after which the image shows a third."""
    found = table.planes(before), table.planes(shown)
    return EditedPair(drawn(before), drawn(shown, 1), before, after, *found)


def verdict(table, before, after, shown, **changes):
    return judge_edit(replace(pair(table, before, after, shown), **changes), table.indices, table)


LARGER = painted(heart=(12, 26))


def test_an_edit_that_is_found_is_followed(table):
    found = verdict(table, painted(), LARGER, LARGER)
    assert found.outcome is Outcome.FOLLOWED
    assert "100 % of the change of heart is found" in found.sentence
    assert "segmenter's opinion" in found.sentence


def test_an_edit_that_leaves_the_image_as_it_was_is_not_followed(table):
    assert verdict(table, painted(), LARGER, painted()).outcome is Outcome.IGNORED


def test_an_edit_that_is_half_there_is_followed_in_part(table):
    assert verdict(table, painted(), LARGER, painted(heart=(12, 23))).outcome is Outcome.PARTLY


def test_the_verdict_knows_where_the_picture_is_not_as_asked_for(table):
    followed = verdict(table, painted(), LARGER, LARGER)
    assert followed.missed is followed.damaged is None
    ignored = verdict(table, painted(), LARGER, painted())
    np.testing.assert_array_equal(ignored.missed, painted() != LARGER)
    assert ignored.damaged is None
    shown = painted(heart=(12, 24))
    most = verdict(table, painted(), LARGER, shown)
    assert most.outcome is Outcome.FOLLOWED
    np.testing.assert_array_equal(most.missed, shown != LARGER)
    lost = verdict(table, painted(), LARGER, painted(heart=(12, 26), bone=False))
    np.testing.assert_array_equal(lost.damaged, painted() == BONE)
    assert lost.missed is None


def test_the_verdict_keeps_apart_what_is_damaged_and_what_is_not_as_asked_for(table):
    both = verdict(table, painted(), LARGER, painted(bone=False))
    assert both.outcome is Outcome.DAMAGED
    np.testing.assert_array_equal(both.missed, painted() != LARGER)
    np.testing.assert_array_equal(both.damaged, painted() == BONE)


def test_a_label_that_was_removed_and_stays_is_not_followed(table):
    removed = painted(heart=(0, 0))
    assert verdict(table, painted(), removed, painted()).outcome is Outcome.IGNORED
    assert verdict(table, painted(), removed, removed).outcome is Outcome.FOLLOWED


def test_shards_are_damage(table):
    shards = LARGER.copy()
    shards[:, 15:17] = shards[:, 20:22] = np.where(LARGER[:, 15:17] > 0, BODY, 0)
    found = verdict(table, painted(), LARGER, shards)
    assert found.outcome is Outcome.DAMAGED
    assert "heart is found in 3 pieces, where 1 was asked for" in found.sentence


def test_pieces_that_were_asked_for_are_no_shards(table):
    two = painted()
    two[6:8, 6:26] = HEART
    assert verdict(table, painted(), two, two).outcome is Outcome.FOLLOWED


def test_a_label_that_was_not_edited_and_is_lost_is_damage(table):
    found = verdict(table, painted(), LARGER, painted(heart=(12, 26), bone=False))
    assert found.outcome is Outcome.DAMAGED
    assert "bone was not edited, and is found less" in found.sentence


def test_a_hole_where_the_label_was_is_damage(table):
    removed = painted(heart=(0, 0))
    image = drawn(removed, 1)
    image[10:20, 12:20] = 0
    found = verdict(table, painted(), removed, removed, image=image)
    assert found.outcome is Outcome.DAMAGED
    assert "became body have none of its shades" in found.sentence


@pytest.mark.parametrize(("level", "spread"), [(80, 60), (240, 0)], ids=["rougher", "brighter"])
def test_what_looks_like_nothing_near_it_is_damage(table, level, spread):
    before, after = painted(heart=(12, 15), bone=False), painted(bone=False)
    image = drawn(after, 1)
    noise = np.random.default_rng(2).normal(level, spread, (6, 14))
    image[20:26, 13:27] = np.clip(noise, 0, 255)
    found = verdict(table, before, after, after, image=image)
    assert found.outcome is Outcome.DAMAGED
    assert "pixels beside the edit look like nothing near them in the reference" in found.sentence


def test_anatomy_that_gave_way_is_no_damage(table):
    moved = np.roll(painted(), 3, axis=0)
    moved[10:] = painted()[10:]
    moved[13:23, 12:20], moved[10:13, 12:20] = HEART, BODY
    found = verdict(table, painted(), moved, moved)
    assert found.outcome is Outcome.FOLLOWED


def test_the_usual_errors_of_the_segmenter_cancel(table):
    """A segmenter that finds the heart two columns to the left finds an edit of it all the same."""
    seen = [np.roll(table.planes(mask), -2, axis=2) for mask in (painted(), LARGER)]
    assert verdict(table, painted(), LARGER, LARGER, found_before=seen[0], found=seen[1]).outcome is (
        Outcome.FOLLOWED
    )
    assert verdict(table, painted(), LARGER, painted(), found_before=seen[0], found=seen[0]).outcome is (
        Outcome.IGNORED
    )


def test_a_thin_edit_counts_only_if_it_is_found(table):
    thin = painted(heart=(12, 22))
    assert verdict(table, painted(), thin, thin).outcome is Outcome.FOLLOWED
    assert verdict(table, painted(), thin, painted()).outcome is Outcome.UNKNOWN


def test_a_label_that_is_not_seen_in_the_reference_counts_only_if_its_edit_is_found(table):
    unseen = table.planes(painted(heart=(0, 0)))
    assert verdict(table, painted(), LARGER, painted(), found_before=unseen, found=unseen).outcome is (
        Outcome.UNKNOWN
    )
    assert verdict(table, painted(), LARGER, LARGER, found_before=unseen).outcome is Outcome.FOLLOWED


def test_shades_of_colour_images_are_compared_as_well(table):
    removed = painted(heart=(0, 0))
    colours = [np.stack([drawn(mask)] * 3, axis=-1) for mask in (painted(), removed)]
    assert verdict(table, painted(), removed, removed, reference=colours[0], image=colours[1]).outcome is (
        Outcome.FOLLOWED
    )
    colours[1][10:20, 12:20, 2] = 255
    assert verdict(table, painted(), removed, removed, reference=colours[0], image=colours[1]).outcome is (
        Outcome.DAMAGED
    )


def test_nothing_is_said_of_an_image_without_an_edit(table):
    assert verdict(table, painted(), painted(), painted()) is None


def test_a_dab_is_too_small_to_be_judged(table):
    dab = painted()
    dab[10:12, 20] = HEART
    found = verdict(table, painted(), dab, painted())
    assert found.outcome is Outcome.UNKNOWN
    assert found.reasons == (
        "The change of heart is smaller than the segmenter can tell apart: it has to be 3 pixels thick "
        "somewhere, and 12 pixels in all.",
    )


@pytest.mark.parametrize("outline", ["ring", "disk"])
@pytest.mark.parametrize("key", ["grow", "shrink", "thicken"])
def test_what_a_gesture_does_at_first_is_large_enough_to_be_judged(table, key, outline):
    rows, columns = np.indices((128, 128)) - 64
    away = np.hypot(rows, columns)
    before = np.where(away < 34, HEART, BODY).astype(np.uint8)
    if outline == "ring":
        before[away < 20] = BONE
    gesture = GESTURES[key]
    for way in gesture.ways.values() or [None]:
        after = gesture.run(Anatomy(before, table, HEART), FIRST_AMOUNTS[gesture.unit], way)
        if np.array_equal(before, after):
            continue  # a disk has no inner border
        for share, shown in {"100": after, "0": before}.items():
            reasons = verdict(table, before, after, shown).reasons
            assert f"{share} % of the change of heart is found." in reasons


@pytest.mark.parametrize("side", ["before", "after"])
def test_free_regions_are_not_judged(table, side):
    masks = {"before": painted(), "after": LARGER}
    masks[side] = np.where(painted() == LARGER, masks[side], FREE).astype(np.uint8)
    found = verdict(table, masks["before"], masks["after"], painted())
    assert found is None or found.outcome is Outcome.UNKNOWN


def test_labels_that_the_segmenter_finds_badly_are_not_judged(table):
    found = judge_edit(pair(table, painted(), LARGER, painted()), table.indices, table, [HEART])
    assert found.outcome is Outcome.UNKNOWN
    assert "finds heart too badly" in found.sentence


def test_labels_that_are_left_out_are_not_judged(table):
    assert judge_edit(pair(table, painted(), LARGER, painted()), [BODY, BONE], table).outcome is Outcome.UNKNOWN
