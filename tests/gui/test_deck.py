"""Pairs are chosen by eye, in the deck."""

import csv
import random
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from segpaint.core.masks.paint import brush
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.making.deck_commands import choose_pairs
from segpaint.gui.making.deck_page import KEYS
from segpaint.gui.making.deck_picture import DeckPicture, MaskPlace
from segpaint.gui.making.deck_window import DeckWindow
from segpaint.gui.making.subset_choice import SubsetKind
from segpaint.io.results import read_request
from segpaint.paired.choices import CHOICES, Decision, read_choices
from segpaint.paired.chosen import ChosenSet
from segpaint.paired.deck import Counts, Deck, count_choices
from segpaint.paired.specification import read_specification
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose
from segpaint.studio.making.lineup import AHEAD, Order
from segpaint.training.dataset import read_data_set


@pytest.fixture
def loaded(painted):
    """A studio whose model is loaded, with a painted mask."""
    return painted


@pytest.fixture
def begin(loaded, shell, qtbot, tmp_path):
    """Open the deck on a new set, or on one to go on with, and wait for candidates."""

    def begin_(seeds=8, ready=4, masks=()):
        window = choose_pairs(loaded, shell)
        window.show()
        if masks:
            window.start.form.masks.take_files(masks)
        window.start.form.seed_count.setValue(seeds)
        window.start.wanted.setValue(4)
        window.start.folder.line.setText(str(tmp_path / "set"))
        window.start.begin.click()
        qtbot.waitUntil(lambda: len(loaded.choosing.ready) >= ready, timeout=60_000)
        return window

    return begin_


@pytest.fixture
def press(qtbot):
    """Press keys of the deck, by the names of its buttons."""

    def press_(window, *names):
        for name in names:
            qtbot.keyClick(window.page, KEYS[name].key)

    return press_


@pytest.fixture
def written(loaded):
    """Wait for the disk, and read the set's manifest."""

    def rows(folder):
        loaded.background.flush("chosen pairs")
        with (folder / "manifest.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    return rows


def names(candidates):
    return [candidate.pair.name for candidate in candidates]


def test_pairs_are_taken_and_left_by_keys(loaded, begin, press, written, tmp_path):
    window, choosing = begin(), loaded.choosing
    press(window, "take", "leave", "later", "take")
    assert names([choosing.current]) == ["painted_s4"]
    assert window.page.progress.text().startswith("2 of 4 pairs taken; 1 is left out, 5 to decide on")
    window.page.close_button.click()
    assert window.pages.currentWidget() is window.start
    assert [row["name"] for row in written(tmp_path / "set")] == ["painted_s0", "painted_s3"]
    assert len(read_data_set(tmp_path / "set").train) == 2


def test_the_last_decisions_are_taken_back(loaded, begin, press, written, tmp_path):
    window, choosing = begin(), loaded.choosing
    assert not window.page.buttons["undo"].isEnabled()
    press(window, "take", "leave", "undo", "undo")
    assert names([choosing.current]) == ["painted_s0"]
    assert choosing.deck.in_force() == {}
    press(window, "leave")
    window.close()
    assert written(tmp_path / "set") == []


def test_a_set_goes_on_in_another_session(loaded, begin, press, tmp_path):
    window = begin()
    press(window, "take", "later", "leave")
    window.close()
    assert not loaded.choosing.is_open
    window.show()
    assert window.start.begin.text() == "Go on"
    begin(ready=2)
    assert names([loaded.choosing.current]) == ["painted_s3"]
    assert [choice.decision for choice in loaded.choosing.deck.in_force().values()] == [
        "taken",
        "later",
        "left",
    ]


def test_another_seed_takes_the_place_of_a_candidate(loaded, begin, press, qtbot, tmp_path):
    window, choosing = begin(), loaded.choosing
    press(window, "reseed")
    assert names([choosing.current]) == ["painted_s8"]
    qtbot.waitUntil(lambda: choosing.current.pixels is not None, timeout=60_000)
    assert choosing.deck.count(Decision.LEFT) == 1
    press(window, "take")
    window.close()
    loaded.background.flush("chosen pairs")
    assert read_request(tmp_path / "set" / "images" / "train" / "painted_s8.png").seed == 8


def test_another_seed_is_made_however_many_others_are(loaded, begin, press, qtbot):
    window, choosing = begin(seeds=3 * AHEAD, ready=AHEAD), loaded.choosing
    press(window, "reseed")
    qtbot.waitUntil(lambda: choosing.current.pixels is not None, timeout=60_000)
    assert names([choosing.current]) == [f"painted_s{3 * AHEAD}"]
    press(window, "later", "undo")
    assert names([choosing.current]) == [f"painted_s{3 * AHEAD}"]


def test_others_are_decided_on_while_another_seed_is_made(loaded, begin, press, qtbot):
    window, choosing = begin(), loaded.choosing
    press(window, "reseed")
    other = choosing.current
    assert names([other]) == ["painted_s8"]
    assert other.pixels is None
    press(window, "take", "leave", "reseed")
    assert names([choosing.current]) == ["painted_s8"]
    press(window, "later")
    assert names([choosing.current]) == ["painted_s1"]
    press(window, "take")
    assert names([choosing.current]) == ["painted_s2"]
    assert choosing.deck.count(Decision.LATER) == 0
    qtbot.waitUntil(lambda: other.pixels is not None, timeout=60_000)
    assert names([choosing.current]) == ["painted_s2"]
    press(window, "leave")
    assert choosing.current is other


def test_a_mask_is_edited_in_the_window_and_comes_back(loaded, begin, press, shell, qtbot, tmp_path):
    window, choosing = begin(), loaded.choosing
    press(window, "edit")
    assert not window.isVisible()
    np.testing.assert_array_equal(loaded.document.mask.values, choosing.current.pair.request.mask)
    loaded.document.strokes.begin()
    loaded.document.paint(brush((25, 5), (25, 25), 3, loaded.document.mask.shape))
    loaded.document.strokes.end("brush")
    _, answer, come_back = shell.offers[-1]
    assert answer == "Bring it back"
    come_back()
    assert window.isVisible()
    assert names([choosing.current]) == ["painted_s0_edited1"]
    np.testing.assert_array_equal(choosing.current.pair.request.mask, loaded.document.mask.values)
    qtbot.waitUntil(lambda: choosing.current.pixels is not None, timeout=60_000)
    press(window, "take")
    assert names([choosing.current]) == ["painted_s0"]  # the mask that was edited waits, too
    window.close()
    loaded.background.flush("chosen pairs")
    assert len(read_data_set(tmp_path / "set").train) == 1


def test_what_was_open_comes_back_after_masks_of_the_deck(loaded, begin, press, shell):
    document = loaded.document
    size = document.mask.shape
    reference = Reference("slice", np.full(size, 90, np.uint8), np.zeros(size, np.uint8), (1,))
    document.set_reference(reference)
    document.change_settings(replace(document.settings, purpose=Purpose.EDIT, seed=77))
    window, choosing = begin(), loaded.choosing
    before, settings, used = document.mask.snapshot(), document.settings, document.used
    for count in (1, 2):
        press(window, "edit")
        assert document.reference is None  # a made image has none below it
        assert document.settings.purpose is Purpose.NEW
        document.strokes.begin()
        document.paint(brush((25, 5), (25, 25), count, size))
        document.strokes.end("brush")
        edited = document.mask.snapshot()
        shell.offers[-1][2]()
        np.testing.assert_array_equal(choosing.current.pair.request.mask, edited)
        choosing.look_at(choosing.ready[0])
    sentence, answer, bring_back = shell.offers[-1]
    assert (sentence, answer) == (
        "The deck has taken up a candidate in place of your mask.", "Bring it back"
    )  # fmt: skip
    bring_back()
    np.testing.assert_array_equal(document.mask.values, before)
    assert document.reference is reference
    assert (document.settings, document.used) == (settings, used)
    assert loaded.runs.branches.current is None
    offers = len(shell.offers)
    press(window, "edit")
    window.page.stay.click()
    assert len(shell.offers) == offers + 2  # a mask that is left in the window can be given up, too
    shell.offers[-1][2]()
    np.testing.assert_array_equal(document.mask.values, before)


def test_the_most_faithful_come_first_and_the_least_faithful_not_at_all(loaded, begin):
    window, choosing = begin(ready=8), loaded.choosing
    for number, candidate in enumerate(choosing.ready):
        candidate.judgement = replace_dice(number / 10)
    choosing.set_order(Order.BEST, 0.0)
    assert names([choosing.current]) == ["painted_s7"]
    choosing.set_order(Order.WORST, 0.25)
    assert names([choosing.current]) == ["painted_s3"]
    assert len(choosing.ready) == 5
    window.page.least.setValue(1.0)
    assert choosing.current is None
    assert "found worse than is wanted" in window.page.picture._words


def test_what_is_put_off_comes_last_in_every_order(loaded, begin, press):
    window, choosing = begin(seeds=3, ready=3), loaded.choosing
    for number, candidate in enumerate(choosing.ready):
        candidate.judgement = replace_dice(number / 10)
    for order, names_in_order in ((Order.BEST, ["2", "1", "0"]), (Order.WORST, ["0", "1", "2"])):
        choosing.set_order(order, 0.0)
        for number in names_in_order:
            assert names([choosing.current]) == [f"painted_s{number}"]
            press(window, "later")
        assert names([choosing.current]) == [f"painted_s{names_in_order[0]}"]  # all are put off
        press(window, "undo", "undo", "undo")


@pytest.fixture
def masks(tmp_path):
    """Three masks of the heart's body."""
    folder = tmp_path / "masks"
    folder.mkdir()
    for number in range(3):
        values = np.zeros((32, 32), np.uint8)
        values[4 : 12 + number, 6:26] = 1
        Image.fromarray(values).save(folder / f"mask{number}.png")
    return tuple(sorted(folder.glob("*.png")))


def test_candidates_of_empty_bars_come_first_or_all_as_planned(loaded, begin, press, masks):
    window, choosing = begin(seeds=4, ready=12, masks=masks), loaded.choosing
    assert window.page.order.currentEnum() is Order.LACKING
    bars = {quota.trait.name: quota.wanted for quota in choosing.quotas if quota.trait.kind == "Mask"}
    assert bars == {"mask0": 2, "mask1": 1, "mask2": 1}
    press(window, "take", "take")
    assert names([choosing.current]) == ["mask1_s0"]
    assert names(choosing.ready)[:2] == ["mask1_s0", "mask1_s1"]
    press(window, "take")
    assert names([choosing.current]) == ["mask2_s0"]
    choosing.set_order(Order.PLANNED, 0.0)
    assert names([choosing.current]) == ["mask0_s2"]
    assert names(choosing.ready)[:3] == ["mask0_s2", "mask0_s3", "mask1_s1"]
    choosing.set_order(Order.LACKING, 0.0)
    window.close()
    begin(seeds=4, ready=2, masks=masks)
    assert names([choosing.current]) == ["mask2_s0"]  # a set that goes on begins with what it lacks
    press(window, "take")
    assert choosing.deck.count(Decision.TAKEN) == choosing.wanted
    assert names([choosing.current]) == ["mask0_s2"]  # all bars are full


def test_what_is_typed_is_wanted_and_what_will_be_made_is_known_before(loaded, shell, masks, qtbot, tmp_path):
    window = choose_pairs(loaded, shell)
    window.show()
    start = window.start
    start.form.masks.take_files(masks)
    start.form.seed_count.setValue(10)
    start.form.subsets.kind.setCurrentEnum(SubsetKind.EACH)
    start.form.subsets.kind.activated.emit(0)
    subsets = len(start.form.subsets.subsets)
    assert start.form.count == 3 * 10 * subsets
    qtbot.waitUntil(lambda: start.form.count == 3 * 10 * subsets - 2 * 10)  # without body, all are blank
    assert "Less 20, which would be the same image as another" in start.sentence.text()
    start.wanted.selectAll()
    qtbot.keyClicks(start.wanted, "120")
    start.folder.line.setText(str(tmp_path / "set"))
    count = start.form.count
    start.begin.click()
    qtbot.waitUntil(lambda: loaded.choosing.is_open, timeout=60_000)
    assert loaded.choosing.wanted == 120
    assert len(loaded.choosing.deck) == count
    assert "0 of 120 pairs taken" in window.page.progress.text()


def test_return_in_the_folder_begins(loaded, shell, qtbot, tmp_path):
    window = choose_pairs(loaded, shell)
    window.show()
    qtbot.waitUntil(lambda: window.focusWidget() is window.start.form.masks.kind)
    assert window.start.wanted.value() < window.start.form.count  # there is something to choose from
    window.start.folder.line.setText(str(tmp_path / "set"))
    window.start.folder.line.setFocus()
    qtbot.keyClick(window.start.folder.line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: loaded.choosing.is_open, timeout=60_000)
    assert window.focusWidget() is window.page
    qtbot.waitUntil(lambda: bool(loaded.choosing.ready), timeout=60_000)
    qtbot.keyClick(window.page, Qt.Key.Key_Return)
    assert loaded.choosing.is_open  # Return decides nothing, and begins nothing
    assert window.isVisible()


def test_a_set_that_was_left_shows_how_far_it_is(loaded, begin, press, qtbot, tmp_path):
    window = begin()
    start = window.start
    press(window, "take", "leave", "take", "undo", "later")
    window.page.close_button.click()
    qtbot.waitUntil(lambda: start.sentence.text().startswith("1 of 4 pairs taken; 1 is left out. This folder"))
    assert window.focusWidget() is start.folder.line
    start.folder.line.setText(str(tmp_path / "other"))
    assert "taken" not in start.sentence.text()
    start.folder.line.setText(str(tmp_path / "set"))
    qtbot.waitUntil(lambda: "1 of 4 pairs taken" in start.sentence.text())
    assert count_choices(tmp_path / "set") == Counts(tmp_path / "set", taken=1, left=1)
    assert count_choices(tmp_path) == Counts(tmp_path, taken=0, left=0)


def test_a_longer_top_line_does_not_widen_the_deck(loaded, begin):
    window = begin()
    width = window.minimumSizeHint().width()
    window.page.progress.setText(f"{window.page.progress.text()} and more" * 5)
    assert window.minimumSizeHint().width() == width


def test_a_set_that_goes_on_shows_its_own_settings(loaded, begin, press, masks, tmp_path):
    window = begin(seeds=4, ready=12, masks=masks)
    start = window.start
    press(window, "take")
    window.page.close_button.click()
    assert start.settings.isHidden()
    for words in ("Go on shows", "3 masks", "seeds 0 to 3", "all labels", "4 pairs wanted"):
        assert words in start.sentence.text()
    start.folder.line.setText(str(tmp_path / "other"))
    assert not start.settings.isHidden()


def test_the_folder_that_was_left_is_offered_until_its_set_is_complete(loaded, begin, press, tmp_path):
    window = begin()
    press(window, "take")
    window.close()
    loaded.background.flush("chosen pairs")
    again = DeckWindow(loaded)
    again.show()
    start = again.start
    assert not start.folder.recent.isHidden()
    start.folder.recent.menu().aboutToShow.emit()
    (offered,) = start.folder.recent.menu().actions()
    assert offered.text() == "set"
    offered.trigger()
    assert start.folder.path == tmp_path / "set"
    assert start.begin.text() == "Go on"
    again.close()
    window = begin(ready=4)
    press(window, "take", "take", "take")
    assert loaded.choosing.deck.count(Decision.TAKEN) == loaded.choosing.wanted
    window.close()
    window.show()
    assert window.start.folder.recent.isHidden()
    again.deleteLater()


def test_the_pair_taken_last_is_there_to_compare_after_going_on(loaded, begin, press, qtbot):
    window, choosing = begin(), loaded.choosing
    press(window, "take", "take", "leave")
    image = choosing.last_taken.pixels
    window.close()
    begin(ready=2)
    qtbot.waitUntil(window.page.buttons["compare"].isEnabled)
    np.testing.assert_array_equal(choosing.last_taken.pixels, image)
    qtbot.waitUntil(lambda: choosing.current is not None and choosing.current.pixels is not None)
    press(window, "compare")
    assert "painted_s1, taken last" in window.page.name.text()
    press(window, "undo", "undo")  # the second pair, of the session before
    qtbot.waitUntil(lambda: choosing.last_taken is not None and choosing.last_taken.pair.name == "painted_s0")
    press(window, "leave")
    assert window.page.buttons["compare"].isEnabled()


def test_no_label_that_was_left_out_is_outlined_over_the_image(qtbot, tiny_checkpoint):
    table = read_checkpoint(tiny_checkpoint).table
    mask = np.zeros((32, 32), np.uint8)
    mask[4:28, 4:28] = 1
    mask[12:20, 12:20] = 2
    pictures = []
    for used in ((1, 2), (1,), ()):
        picture = DeckPicture()
        qtbot.addWidget(picture)
        picture.resize(400, 400)
        picture.set_mask_place(MaskPlace.OVER)
        picture.show_pair(np.full((32, 32), 90, np.uint8), mask, table, used)
        shown = picture.grab().toImage()
        pictures.append({QColor(shown.pixel(x, y)).name() for x in range(400) for y in range(400)})
    first, second = (QColor(table[index].color).name() for index in (1, 2))
    assert {first, second} <= pictures[0]
    assert first in pictures[1]
    assert second not in pictures[1]
    assert not {first, second} & pictures[2]


def replace_dice(score):
    from segpaint.core.requests.faithfulness import Judgement

    nothing = np.zeros((32, 32), np.uint8)
    return Judgement(nothing, nothing.astype(bool), {1: score}, {1: 0.9})


def test_no_more_candidates_are_made_than_are_soon_looked_at(loaded, begin, press, qtbot):
    window, choosing = begin(seeds=60, ready=AHEAD), loaded.choosing
    qtbot.wait(200)
    assert len(choosing.ready) == AHEAD
    press(window, "leave")
    qtbot.waitUntil(lambda: len(choosing.ready) == AHEAD, timeout=60_000)


def test_looking_changes_nothing_that_is_kept(loaded, begin, press, qtbot):
    window, choosing = begin(), loaded.choosing
    page = window.page
    before = choosing.deck.in_force()
    assert page.picture.mask_place is MaskPlace.BESIDE
    press(window, "mask")
    assert page.picture.mask_place is MaskPlace.OVER
    assert not page.buttons["compare"].isEnabled()
    press(window, "grid")
    assert page.pictures.currentWidget() is page.grid
    assert page.grid.count() == len(choosing.ready)
    third = page.grid.visualItemRect(page.grid.item(2)).center()
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=third)
    assert names([choosing.current]) == ["painted_s2"]
    assert choosing.deck.in_force() == before
    press(window, "take", "compare")
    assert page.buttons["compare"].isChecked()


def test_a_compiled_model_leaves_chosen_sets_to_torch(loaded, begin, tmp_path):
    loaded.runs.precision = "openvino-float32"
    begin()
    assert read_specification(tmp_path / "set" / "specification.json").precision == "float32"


def test_a_set_of_another_kind_is_refused(loaded, shell, qtbot, tmp_path, begin):
    window = begin()
    window.close()
    loaded.background.flush("chosen pairs")
    specification = read_specification(tmp_path / "set" / "specification.json")
    loaded.paired.start(tmp_path / "set", specification)
    with qtbot.waitSignal(loaded.paired.failed) as failed:
        pass
    assert "chosen by eye" in str(failed.args[0])


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_fifty_pairs_are_chosen_by_keys_alone_though_the_program_is_killed_twice(tiny_checkpoint, tmp_path):
    masks, folder = tmp_path / "masks", tmp_path / "set"
    masks.mkdir()
    for number in range(12):
        mask = np.zeros((32, 32), np.uint8)
        mask[4 : 16 + number, 6:26] = 1
        mask[8:14, 10:20] = 1 + number % 2
        Image.fromarray(mask).save(masks / f"mask{number:02d}.png")
    script = Path(__file__).parent / "choosing_hand.py"
    words = [sys.executable, script, folder, tiny_checkpoint, masks, tmp_path / "work"]
    chance, decided = random.Random(), []
    for most in (chance.randint(8, 25), chance.randint(8, 25), 200):
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                decided.append(line.split()[0])
                if len(decided) >= most + 25 * (most < 200) * bool(decided[25:]):
                    process.send_signal(signal.SIGKILL)
                    break
            decided += [line.split()[0] for line in process.stdout if len(line.split()) == 2]
    assert process.returncode == 0
    choices = read_choices(folder / CHOICES)
    in_force = Deck((choice.place for choice in choices), choices).in_force()
    taken = [name for (_, name), choice in in_force.items() if choice.decision is Decision.TAKEN]
    assert len(taken) == 50
    with (folder / "manifest.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert sorted(row["name"] for row in rows) == sorted(taken)
    assert all(float(row["looked_at"]) >= 0 and int(row["order"]) > 0 for row in rows)
    assert len(read_data_set(folder).train) == 50
    with closing(
        ChosenSet(folder, read_specification(folder / "specification.json"), "float32", None, [tiny_checkpoint])
    ) as made:
        quotas = made.quotas.count([("", name) for name in taken])
        shown = {quota.trait.name: quota.taken for quota in quotas if quota.trait.kind == "Label"}
        masks_shown = [quota.taken for quota in quotas if quota.trait.kind == "Mask"]
    assert sum(masks_shown) == 50
    masks_taken = [read_request(folder / row["image"]).mask for row in rows]
    assert shown == {"body": 50, "heart": sum(2 in mask for mask in masks_taken)}
    lost = [name for name in decided if ("", name) not in in_force]
    assert len(lost) <= 2  # one decision for each kill, on its way to the disk
