"""The three stories of the tour."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from segpaint.core.labels.labels import FREE
from segpaint.core.requests.checkpoint import Checkpoint
from segpaint.gui.tour.beats import Beat, Rest, Say, Story, Until
from segpaint.gui.tour.puppeteer import Puppeteer
from segpaint.studio.view.comparison import Mode

HEART, HEAD = "cardiac-cine-mri-128", "head-neck-ct-128"
STEPS = 18
"""Steps of the sampler: fewer than usual, so that a story takes about a minute on a laptop."""


def stories(heart: Checkpoint | None, head: Checkpoint | None) -> list[Story]:
    """List all stories, in order.

    Parameters
    ----------
    heart, head : Checkpoint or None
        The models `HEART` and `HEAD`, or others with labels of the same names; None if missing.
    """
    return [
        Story("thick-heart", "A heart grows thick", HEART, heart, grow_thick),
        Story("no-gland", "A gland disappears", HEAD, head, lose_a_gland),
        Story("nearer", "The same patient, more and more alike", HEART, heart, come_near),
    ]


def grow_thick(stage: Puppeteer, checkpoint: Checkpoint) -> Iterator[Beat]:
    """Play how the wall of a heart thickens in three strokes; at last it is swiped against the first one."""
    stage.open(checkpoint, ["LV cavity", "LV myocardium"])
    stage.set(steps=STEPS)
    yield Say("On the left a mask: a heart in cross section, orange its cavity, green the muscle around it.")
    yield Until(lambda: stage.runs.is_ready)
    yield Rest(3)
    yield Say("From noise, the model paints an MR image that follows the mask. It shows no patient.")
    yield from _generate(stage)
    yield Say("We pin this image, to come back to it.")
    stage.comparison.pin()
    muscle, cavity = stage.label("LV myocardium"), stage.label("LV cavity")
    first = stage.document.mask.snapshot()
    for growth, sentence in enumerate(
        (
            "Now the muscle grows thicker, outwards and into the cavity; the first noise stays the same.",
            "Thicker still: the image follows the mask, and what lies around the heart hardly changes.",
            "And once more. Of a wall like this one, a radiologist would think of hypertrophy.",
        ),
        start=1,
    ):
        yield Say(sentence)
        yield Rest(1)
        stage.paint(muscle, thicker(first, muscle, cavity, growth))
        yield Rest(1)
        yield from _generate(stage)
    yield Say("Left of the line is the thick heart; right of it, the one that we began with.")
    stage.comparison.set_mode(Mode.SWIPE)
    for share in (0.5 + 0.45 * np.sin(np.linspace(0, 4 * np.pi, 200))).tolist():
        stage.swipe_to(share)
        yield Rest(0.05)
    yield Say("A few strokes of a brush ask: what would this heart look like, if its wall were thicker?")


def lose_a_gland(stage: Puppeteer, checkpoint: Checkpoint) -> Iterator[Beat]:
    """Play three cases of a parotid gland: left to the model, erased, and with its place left free."""
    stage.open(checkpoint, ["left parotid", "right parotid"], rather="2-skull-base")
    stage.set(steps=STEPS, guidance=3.0)
    gland, body = stage.label("left parotid"), stage.label("body")
    place = stage.document.mask.values == gland
    stage.document.paint_value = gland
    yield Say("A slice through the head. The two green shapes at the sides are the parotid glands.")
    yield Until(lambda: stage.runs.is_ready)
    yield Rest(3)
    yield from _generate(stage)
    stage.comparison.pin()
    yield Say("The left parotid (on the right, as radiologists see it) gets a question mark in the list.")
    yield Rest(1.5)
    stage.document.set_label(gland, used=False)
    yield from _generate(stage)
    stage.comparison.set_mode(Mode.DIFFERENCE)
    yield Say("Told nothing of a gland, the model fills in as it sees fit; hardly anything changes elsewhere.")
    yield Rest(3)
    stage.comparison.pin()
    stage.comparison.set_mode(Mode.OFF)
    yield Say(
        "Now the gland is erased for good: its pixels are body, and the tick is back. Absent, not unknown."
    )
    yield Rest(1.5)
    stage.erase(place)
    stage.document.set_label(gland, used=True)
    yield from _generate(stage)
    stage.comparison.set_mode(Mode.DIFFERENCE)
    yield Say("Another question, nearly the same answer: told of a body alone, this model expects no gland.")
    yield Rest(3)
    stage.comparison.pin()
    stage.comparison.set_mode(Mode.OFF)
    yield Say("Left free, the place is truly unknown: gland, bone or nothing, even the body may end there.")
    yield Rest(1.5)
    stage.paint(FREE, place)
    yield from _generate(stage)
    stage.comparison.set_mode(Mode.DIFFERENCE)
    yield Say("That is the difference between unknown and absent: blue is darker now, orange brighter.")
    yield Rest(3)
    stage.comparison.set_mode(Mode.SIDE)
    stage.document.paint_value = body
    yield Say("Side by side: left to the model, and absent. You say which of the two you mean.")


def come_near(stage: Puppeteer, checkpoint: Checkpoint) -> Iterator[Beat]:
    """Play how images of one seed approach an image of another seed, which stands in for the patient."""
    stage.open(checkpoint, ["LV cavity", "LV myocardium"])
    stage.set(steps=STEPS, edit_steps=STEPS, seed=3)
    yield Say(
        "Real images can be edited, too. None comes with this program, so a synthetic one plays the patient."
    )
    yield Until(lambda: stage.runs.is_ready)
    yield from _generate(stage)
    yield Say("It becomes the reference, and is led back to the noise that it would have come from.")
    stage.take_as_reference("The patient")
    stage.comparison.set_mode(Mode.SIDE)
    for share, sentence in (
        (0.0, "Similarity 0: the same anatomy, but somebody else. On the right, the patient."),
        (0.25, "A quarter of the patient's noise is mixed in …"),
        (0.5, "… half of it: the surroundings begin to look familiar …"),
        (0.75, "… three quarters …"),
        (1.0, "… and all of it: the patient again."),
    ):
        yield Say(sentence)
        stage.set(seed=11, share=share)
        yield from _generate(stage)
        yield Rest(2)
    yield Say("So you choose how much of a patient an image shares: the anatomy alone, or nearly everything.")


def thicker(values: NDArray[np.uint8], muscle: int, cavity: int, growth: int) -> NDArray[np.bool_]:
    """Find pixels to add to a muscle around a cavity: per degree, two pixels inside and one outside.

    Parameters
    ----------
    values : ndarray of uint8, shape (height, width)
        A mask.
    muscle, cavity : int
        Labels.
    growth : int
        Degree, from 1 on.

    Returns
    -------
    ndarray of bool, shape (height, width)
        A cavity that would disappear is left unchanged.
    """
    from scipy.ndimage import distance_transform_edt  # slow to import; by now the worker has done so

    distance = distance_transform_edt(values != muscle)
    inside = (distance <= 2 * growth) & (values == cavity)
    if (inside == (values == cavity)).all():
        inside[:] = False
    outside = (distance <= growth) & (values != muscle) & (values != cavity)
    grown: NDArray[np.bool_] = inside | outside
    return grown


def _generate(stage: Puppeteer) -> Iterator[Beat]:
    stage.runs.generate()
    yield Until(lambda: not stage.runs.state.is_active)
    yield Rest(1.5)
