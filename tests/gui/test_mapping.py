"""Opening masks from elsewhere, and saying what their values mean."""

import shutil

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.references import open_image
from segpaint.gui.parts.screens import screen_of
from segpaint.gui.style.theme import colors
from segpaint.io.image_files import encode_mask
from segpaint.io.label_files import write_foreign_table
from segpaint.studio.document.document import Document


@pytest.fixture
def open_mask(studio, shell, tmp_path):
    """Save pixels or a picture, open it, and return the dialog if there is one."""

    def open_(content, name="foreign.png"):
        image = content if isinstance(content, Image.Image) else Image.fromarray(content)
        image.save(tmp_path / name)
        return open_path(studio, shell, tmp_path / name)

    return open_


def open_path(studio, shell, path):
    before = len(shell.opened)
    open_file(studio, shell, path)
    return asked(shell) if len(shell.opened) > before else None


def asked(shell):
    """The dialog opened last, on the screen."""
    shell.opened[-1].show()
    return shell.opened[-1]


def take_offer(shell):
    _sentence, _answer, action = shell.offers[0]
    action()


def blank(studio):
    studio.document.strokes.replace(values(studio) * 0, "New mask")


def values(studio):
    return studio.document.mask.values


def ground(widget):
    return widget.grab().toImage().pixelColor(3, widget.height() // 2).name()


def guessed(dialog):
    return [(row.target.target, row.reason.text()) for row in dialog.rows]


def sixteen_bits(drawn_mask):
    return drawn_mask.astype(np.uint16) * 1000


def palette(mask, colors):
    image = Image.fromarray(mask)
    image.putpalette(np.asarray(colors, np.uint8).tobytes())
    return image


def test_matching_files_are_opened_without_asking(studio, shell, open_mask, drawn_mask, table, tmp_path):
    own = tmp_path / "own.png"
    own.write_bytes(encode_mask(drawn_mask, table))
    any_colors = np.random.default_rng(3).integers(0, 256, (256, 3))
    any_colors[:3] = (10, 20, 250), (0, 255, 0), (90, 0, 250)
    for content in (
        Image.open(own),
        drawn_mask,
        drawn_mask.astype(np.uint16),
        Image.fromarray(drawn_mask).convert("RGB"),
        palette(drawn_mask, any_colors),
    ):
        blank(studio)
        assert open_mask(content) is None
        assert not shell.warned + shell.offers
        np.testing.assert_array_equal(values(studio), drawn_mask)


def test_unknown_grey_values_are_asked_about(studio, open_mask, drawn_mask):
    before = values(studio).copy()
    dialog = open_mask(np.array([0, 4, 2, 0, 9], np.uint8)[drawn_mask])
    assert guessed(dialog) == [(0, "by index"), (2, "by index"), (4, "by index"), (None, "no guess")]
    np.testing.assert_array_equal(values(studio), before)
    lost = int((drawn_mask == 4).sum())
    assert dialog.said.text() == f"1 value is ignored: {lost} pixels will be background."
    dialog.rows[3].target.choose(4)
    assert dialog.said.text() == "Every value has a meaning."
    assert dialog.rows[3].reason.text() == "chosen"
    dialog.rows[2].target.choose(1)
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), drawn_mask)
    assert studio.document.strokes.stack.undoText() == "Open foreign.png"
    studio.document.strokes.undo()
    np.testing.assert_array_equal(values(studio), before)


def test_what_is_ignored_becomes_background(studio, open_mask, drawn_mask):
    dialog = open_mask(sixteen_bits(drawn_mask))
    dialog.rows[2].target.choose(2)
    assert dialog.said.text().startswith("2 values are ignored")
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), np.where(drawn_mask == 2, 2, 0))


def test_nothing_can_be_opened_before_a_value_means_a_label(studio, open_mask, drawn_mask, qtbot):
    before = values(studio)
    dialog = open_mask(sixteen_bits(drawn_mask))
    assert not dialog.open_button.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.keyClick(dialog.rows[1].target, Qt.Key.Key_Return)
    assert dialog.isVisible()
    np.testing.assert_array_equal(values(studio), before)
    dialog.rows[1].target.choose(FREE)
    assert dialog.open_button.isEnabled()
    dialog.rows[1].target.choose(None)
    assert not dialog.open_button.isEnabled()


def test_grey_levels_are_guessed_in_order_and_marked(studio, open_mask, drawn_mask):
    grey = np.array([0, 85, 170, 0, 255], np.uint8)[drawn_mask]
    dialog = open_mask(grey)
    assert guessed(dialog) == [(0, "by index"), *((index, "guess: order") for index in (1, 2, 4))]
    assert dialog.said.text() == "3 values are only guessed: look whether the mask is right."
    assert dialog.focusWidget() is dialog.rows[1].target
    dialog.rows[1].target.choose(4)
    assert dialog.said.text().startswith("2 values are only guessed")
    dialog.rows[1].target.choose(1)
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), drawn_mask)
    assert open_mask(grey) is None  # which is remembered


def test_what_is_doubtful_stands_out(open_mask, drawn_mask):
    dialog = open_mask(np.array([0, 85, 170, 0, 255], np.uint8)[drawn_mask])

    def color(label):
        label.ensurePolished()
        return label.palette().windowText().color().name()

    assert color(dialog.rows[0].reason) == colors().faint
    assert color(dialog.rows[1].reason) == color(dialog.said) == colors().warning
    for row, target in zip(dialog.rows[1:], (1, 2, 4), strict=True):
        row.target.choose(FREE)
        row.target.choose(target)
    assert color(dialog.rows[1].reason) == color(dialog.said) == colors().faint


def test_other_colours_are_guessed_by_likeness_and_marked(studio, open_mask, drawn_mask):
    shades = np.array([(0, 0, 0), (120, 70, 20), (255, 0, 0), (0, 0, 0), (255, 255, 0)], np.uint8)
    dialog = open_mask(shades[drawn_mask])
    assert [reason for _, reason in guessed(dialog)] == ["by colour", *["guess: colour"] * 3]
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), drawn_mask)


def test_a_palette_whose_colours_mean_other_labels_is_asked_about(studio, open_mask, drawn_mask, table):
    swapped = np.array([0, 2, 1, 3, 4])[drawn_mask].astype(np.uint8)
    dialog = open_mask(palette(swapped, table.colors()[[0, 2, 1, 3, 4]]))
    assert guessed(dialog) == [(target, "by colour") for target in (0, 2, 1, 4)]
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), drawn_mask)


def test_flat_colours_are_labels(studio, open_mask, drawn_mask, table):
    dialog = open_mask(table.colors()[drawn_mask])
    assert {row.name.text() for row in dialog.rows} == {"#000000", *(label.color for label in table)}
    assert {reason for _, reason in guessed(dialog)} == {"by colour"}
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), drawn_mask)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_photograph_is_no_mask(shell, open_mask, mode):
    assert open_mask(Image.effect_noise((32, 32), 90).convert(mode)) is None
    assert "it is a picture, not a mask" in shell.offers[0][0]


def test_a_table_beside_the_file_names_its_values(open_mask, drawn_mask, tmp_path):
    names = {1: "Body", 2: "the heart", 4: "BONE"}
    labels = LabelTable(Label(index=index, name=name, color="#123456") for index, name in names.items())
    write_foreign_table(tmp_path / "foreign.label", labels)
    dialog = open_mask(drawn_mask)
    assert guessed(dialog) == [(0, "by name"), (1, "by name"), (2, "guess: name"), (4, "by name")]
    assert [row.name.text() for row in dialog.rows] == ["0 Clear Label", "1 Body", "2 the heart", "4 BONE"]
    dialog.reject()


def test_a_table_that_says_the_same_asks_nothing(studio, open_mask, drawn_mask, table, tmp_path):
    write_foreign_table(tmp_path / "foreign.tsv", table)
    assert open_mask(drawn_mask) is None
    np.testing.assert_array_equal(values(studio), drawn_mask)


def test_a_broken_table_beside_is_told_in_the_dialog(open_mask, drawn_mask, tmp_path):
    (tmp_path / "foreign.txt").write_text("Taken on Monday.\n")
    assert open_mask(drawn_mask) is None  # whose values are known anyhow
    dialog = open_mask(sixteen_bits(drawn_mask))
    assert dialog.problem.isVisible()
    assert "foreign.txt, line 1 is not a label" in dialog.problem.text()


def test_names_can_be_loaded_and_what_was_chosen_stays(studio, open_mask, drawn_mask, table, tmp_path):
    dialog = open_mask(sixteen_bits(drawn_mask))
    dialog.rows[1].target.choose(FREE)
    dialog.load_names(tmp_path / "nowhere.label")
    assert "nowhere.label" in dialog.problem.text()
    path = tmp_path / "names.tsv"
    path.write_text("index\tname\n1000\tbody\n2000\theart\n4000\tbone\n")
    dialog.load_names(path)
    assert dialog.problem.isHidden()
    assert guessed(dialog) == [(0, "by index"), (FREE, "chosen"), (2, "by name"), (4, "by name")]
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), np.where(drawn_mask == 1, FREE, drawn_mask))


def test_white_is_free_until_it_is_said_to_be_a_label(studio, shell, open_mask, drawn_mask):
    white = np.where(drawn_mask == 4, 255, 0).astype(np.uint8)
    assert open_mask(white) is None
    np.testing.assert_array_equal(values(studio), white)
    assert "255 stands for a free region" in shell.offers[0][0]
    take_offer(shell)
    dialog = asked(shell)
    assert guessed(dialog) == [(0, "by index"), (FREE, "by index")]
    dialog.rows[1].target.choose(4)
    dialog.open_button.click()
    np.testing.assert_array_equal(values(studio), np.where(white, 4, 0))
    blank(studio)
    assert open_mask(white) is None
    np.testing.assert_array_equal(values(studio), np.where(white, 4, 0))


def test_a_free_region_that_was_saved_is_not_asked_about(studio, shell, drawn_mask, table, tmp_path):
    free = np.where(drawn_mask == 4, FREE, 0).astype(np.uint8)
    (tmp_path / "free.png").write_bytes(encode_mask(free, table))
    assert open_path(studio, shell, tmp_path / "free.png") is None
    assert not shell.warned + shell.offers
    np.testing.assert_array_equal(values(studio), free)


def answer(dialog, *targets):
    for row, target in zip(dialog.rows, targets, strict=True):
        row.target.choose(target)
    dialog.open_button.click()


def test_the_answer_is_remembered_across_a_restart_and_can_be_changed(
    open_studio, shell, drawn_mask, tmp_path, other_checkpoint
):
    first = tmp_path / "first.png"
    Image.fromarray(sixteen_bits(drawn_mask)).save(first)
    answer(open_path(open_studio(), shell, first), 0, 1, 2, 4)
    studio = open_studio()
    second = tmp_path / "second.png"
    Image.fromarray(sixteen_bits(drawn_mask[::-1])).save(second)
    assert open_path(studio, shell, second) is None
    np.testing.assert_array_equal(values(studio), drawn_mask[::-1])
    assert "second.png: its values mean the same labels as last time" in shell.offers[0][0]
    take_offer(shell)
    dialog = asked(shell)
    assert guessed(dialog) == [(target, "as last time") for target in (0, 1, 2, 4)]
    answer(dialog, 0, 4, None, None)
    np.testing.assert_array_equal(values(studio), np.where(drawn_mask[::-1] == 1, 4, 0))
    assert open_path(studio, shell, second) is None
    np.testing.assert_array_equal(values(studio), np.where(drawn_mask[::-1] == 1, 4, 0))
    # A file with fewer values is another one.
    third = tmp_path / "third.png"
    Image.fromarray(sixteen_bits(drawn_mask % 4)).save(third)
    dialog = open_path(studio, shell, third)
    assert dialog is not None
    dialog.reject()
    # Another model has other labels.
    assert open_path(open_studio(other_checkpoint), shell, first) is not None


def test_what_needs_no_answer_is_no_warning(window, drawn_mask, tmp_path):
    path = tmp_path / "again.png"
    Image.fromarray(sixteen_bits(drawn_mask)).save(path)
    open_file(window.studio, window.shell, path)
    answer(window.findChild(MappingDialog), 0, 1, 2, 4)
    open_file(window.studio, window.shell, path)
    assert ground(window.messages) == colors().window
    window.messages.tell("Something to be heeded.")
    assert ground(window.messages) == colors().warning_surface
    open_file(window.studio, window.shell, path)
    assert ground(window.messages) == colors().window


def test_what_is_not_to_be_remembered_is_asked_again(open_mask, drawn_mask):
    dialog = open_mask(sixteen_bits(drawn_mask))
    assert dialog.remember.isChecked()
    assert not dialog.remember.isEnabled()  # nothing means anything yet
    dialog.rows[1].target.choose(1)
    dialog.remember.click()
    answer(dialog, 0, 1, 2, 4)
    assert open_mask(sixteen_bits(drawn_mask)) is not None


def test_a_dialog_given_up_changes_and_remembers_nothing(studio, open_mask, drawn_mask, qtbot):
    before = values(studio).copy()
    dialog = open_mask(sixteen_bits(drawn_mask))
    dialog.rows[1].target.choose(1)
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    np.testing.assert_array_equal(values(studio), before)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert guessed(open_mask(sixteen_bits(drawn_mask)))[1] == (None, "no guess")


def test_the_dialog_works_by_keyboard(studio, open_mask, drawn_mask, qtbot):
    dialog = open_mask(sixteen_bits(drawn_mask))
    assert dialog.focusWidget() is dialog.rows[1].target  # the first in doubt
    for row in dialog.rows[1:]:
        qtbot.keyClicks(row.target, "bo")
        assert row.target.target in (1, 4)
        qtbot.keyClick(row.target, Qt.Key.Key_Home)
        assert row.target.target == 1
    qtbot.keyClick(dialog.rows[3].target, Qt.Key.Key_Return)
    np.testing.assert_array_equal(values(studio), drawn_mask > 0)


def test_the_longest_name_can_be_read_in_every_box(open_mask, drawn_mask):
    boxes = [row.target for row in open_mask(sixteen_bits(drawn_mask)).rows]
    assert len({box.width() for box in boxes}) == 1
    names = [boxes[0].itemText(line) for line in range(boxes[0].count())]
    room = boxes[0].width() - boxes[0].iconSize().width()
    assert max(map(boxes[0].fontMetrics().horizontalAdvance, names)) < room


def test_the_wheel_changes_no_answer(open_mask, drawn_mask, qtbot):
    target = open_mask(sixteen_bits(drawn_mask)).rows[0].target
    centre = QPointF(target.rect().center())
    event = QWheelEvent(
        centre, target.mapToGlobal(centre), QPoint(), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(target, event)
    assert target.target == 0


def test_another_size_is_asked_about_first_and_both_are_done(studio, shell, open_mask, drawn_mask):
    large = sixteen_bits(drawn_mask).repeat(2, 0).repeat(2, 1)
    assert open_mask(large) is None
    ((sentence, _answer, _action),) = shell.offers
    assert "64 x 64" in sentence
    assert "squeezed" not in sentence
    take_offer(shell)
    assert not shell.offers
    dialog = asked(shell)
    assert sum(row.source.pixels for row in dialog.rows) == 64 * 64
    answer(dialog, 0, 1, 2, 4)
    np.testing.assert_array_equal(values(studio), drawn_mask)
    assert studio.document.strokes.stack.undoText() == "Open foreign.png"


@pytest.mark.parametrize(
    ("answer_", "expected"), [("offer", (slice(8, 24), slice(None))), ("other_offer", ...)]
)
def test_what_would_be_squeezed_is_said_and_can_be_padded(window, tmp_path, answer_, expected):
    Image.fromarray(np.full((32, 64), 4, np.uint8)).save(tmp_path / "wide.png")
    open_file(window.studio, window.shell, tmp_path / "wide.png")
    said = window.messages.text.text()
    assert "64 x 32 pixels" in said
    assert "It is 2:1, and the model's images are square" in said
    assert "squeezed from side to side by 50 %" in said
    assert (window.messages.offer.text(), window.messages.other_offer.text()) == (
        "Pad with background",
        "Stretch",
    )
    getattr(window.messages, answer_).click()
    assert window.messages.isHidden()
    square = np.zeros((32, 32), np.uint8)
    square[expected] = 4
    np.testing.assert_array_equal(values(window.studio), square)


def test_the_preview_shows_what_the_answers_make(open_mask, drawn_mask, table):
    dialog = open_mask(sixteen_bits(drawn_mask))
    centre = dialog.after.pixmap().rect().center()

    def color():
        return dialog.after.pixmap().toImage().pixelColor(centre).name()

    place = [0, 1, 2, 4].index(drawn_mask[16, 16])
    assert color() == "#000000"
    dialog.rows[place].target.choose(4)
    assert color() == table[4].color


def test_another_model_ends_the_question(studio, open_mask, drawn_mask, other_checkpoint):
    dialog = open_mask(sixteen_bits(drawn_mask))
    assert dialog.isVisible()
    studio.open_checkpoint(read_checkpoint(other_checkpoint))
    assert not dialog.isVisible()


def test_a_message_of_another_model_asks_nothing(studio, shell, open_mask, drawn_mask, other_checkpoint):
    open_mask(np.where(drawn_mask == 4, 255, 0).astype(np.uint8))
    studio.open_document(Document(read_checkpoint(other_checkpoint), None))
    take_offer(shell)
    assert not shell.opened


def test_a_model_without_labels_says_so(open_studio, shell, maskless_checkpoint, drawn_mask, tmp_path):
    Image.fromarray(sixteen_bits(drawn_mask)).save(tmp_path / "mask.png")
    assert open_path(open_studio(maskless_checkpoint), shell, tmp_path / "mask.png") is None
    assert "This model knows no labels" in shell.warned[0]


def test_a_mask_given_at_the_start_is_asked_about_when_the_window_is_there(
    open_window, tiny_checkpoint, drawn_mask, tmp_path, qtbot
):
    Image.fromarray(sixteen_bits(drawn_mask)).save(tmp_path / "mask.png")
    window = open_window(tiny_checkpoint, tmp_path / "mask.png")
    dialog = window.findChild(MappingDialog)
    qtbot.waitUntil(dialog.isVisible)
    answer(dialog, 0, 1, 2, 4)
    np.testing.assert_array_equal(values(window.studio), drawn_mask)


def test_the_mask_of_a_reference_is_asked_about(studio, shell, drawn_mask, tiny_data, tmp_path):
    image = shutil.copy(tiny_data / "images" / "val" / "val_0.png", tmp_path / "real.png")
    Image.fromarray(sixteen_bits(drawn_mask)).save(tmp_path / "real_mask.png")
    open_image(studio, shell, tmp_path / "real.png")
    asked(shell).reject()
    assert studio.document.reference is None
    open_image(studio, shell, tmp_path / "real.png")
    answer(asked(shell), 0, 1, 2, 4)
    reference = studio.document.reference
    np.testing.assert_array_equal(reference.mask, drawn_mask)
    np.testing.assert_array_equal(reference.image, np.asarray(Image.open(image)))
    np.testing.assert_array_equal(values(studio), drawn_mask)


def test_many_values_have_room_and_can_be_found(open_mask):
    few = open_mask(np.array([[0, 7], [8, 9]], np.uint8).repeat(16, 0).repeat(16, 1), "few.png")
    assert few.filter.isHidden()
    many = open_mask(np.arange(1024, dtype=np.uint8).reshape(32, 32) % 41 + 100, "many.png")
    assert many.height() > few.height()
    assert many.height() <= screen_of(many).availableGeometry().height()
    assert not many.filter.isHidden()
    many.filter.setText("13")
    shown = [row.source.index for row in many.rows if not row.target.isHidden()]
    assert shown == [113, *range(130, 140)]
    many.filter.clear()
    assert not any(row.target.isHidden() for row in many.rows)
