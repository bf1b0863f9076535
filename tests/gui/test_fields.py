"""What holds for every field of the window and of all dialogs, so for one that is added later, too."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from pydantic import ValidationError
from PySide6.QtCore import QLocale, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QColorDialog,
    QComboBox,
    QDialog,
    QScrollBar,
    QWidget,
)

from segpaint.core.labels.label_mapping import guess_targets
from segpaint.core.requests.kinds import about
from segpaint.core.requests.request import Request
from segpaint.gui.commands.key_editor import KeyEditor
from segpaint.gui.commands.keys_dialog import KeysDialog
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.offers_dialog import OffersDialog
from segpaint.gui.looking.measures_window import MeasuresWindow
from segpaint.gui.making.animation_dialog import AnimationDialog
from segpaint.gui.making.deck_window import DeckWindow
from segpaint.gui.making.explore_commands import ChooseLabels
from segpaint.gui.making.figure_dialog import FigureDialog
from segpaint.gui.making.folder_field import FolderField
from segpaint.gui.making.match_dialog import MatchDialog
from segpaint.gui.making.paired_dialog import PairedDialog
from segpaint.gui.making.paired_form import PairedForm
from segpaint.gui.making.production_dialog import ProductionDialog
from segpaint.gui.making.series_dialog import SeriesDialog
from segpaint.gui.making.starred_dialog import StarredDialog
from segpaint.gui.making.sweep_dialog import SweepDialog
from segpaint.gui.models.card_dialog import CardDialog
from segpaint.gui.parts.number_dialog import NumberDialog
from segpaint.gui.parts.number_field import NumberField, limits
from segpaint.gui.stage.scenes_window import ScenesWindow
from segpaint.gui.stage.stage_window import StageWindow
from segpaint.gui.window.about_box import AboutBox
from segpaint.gui.window.guide_window import GuideWindow
from segpaint.io.foreign_masks import read_foreign_mask
from segpaint.paired.matched import MatchedPair, Side
from segpaint.studio.document.document import Reference
from segpaint.studio.document.settings import Purpose

NEW = Purpose.NEW
KINDS = (QAbstractSpinBox, QAbstractSlider, QComboBox)
NUMBERS = {"1.5": 1.5, "1,5": 1.5, "0.75": 0.75, "12,5": 12.5, ",5": 0.5, "2.": 2.0}


@pytest.fixture
def window(open_window, drawn_mask):
    """One in which all that a reference brings is shown, too."""
    window = open_window()
    document, size = window.studio.document, window.studio.document.mask.shape
    document.set_reference(Reference("slice", np.zeros(size, np.uint8), drawn_mask, document.used))
    document.change_settings(replace(document.settings, purpose=Purpose.NEAR))
    return window


def matched_pair(studio):
    request = studio.document.draft("float32")
    side = Side(request.mask, request.mask, request.used, about(request, request.mask), request)
    return MatchedPair(side, side, studio.document.table)


@pytest.fixture
def everything(window, drawn_mask, tmp_path):
    """The window, and one of each dialog."""
    studio = window.studio
    Image.fromarray(60 * drawn_mask).save(tmp_path / "grey.png")
    foreign = read_foreign_mask(tmp_path / "grey.png", studio.document.table, len(drawn_mask))
    guesses = guess_targets(foreign.sources, studio.document.table)
    dialogs = [
        AboutBox(window.studio.background, window.shell, window),
        AnimationDialog(studio, {"the run": lambda _mask, _noisy: []}, parent=window),
        CardDialog(studio.document.checkpoint, window),
        ChooseLabels(studio.document.table, studio.document.used, (), window),
        DeckWindow(studio, window),
        FigureDialog(studio, [], (), None, window),
        GuideWindow(window),
        KeyEditor(window.keys.keymap, window),
        KeysDialog(window.keys.keymap, window),
        MappingDialog(foreign, guesses, studio.document.table, window),
        MatchDialog(studio, matched_pair(studio), (), window),
        MeasuresWindow(studio, window),
        NumberDialog("Variation", "Number of seeds", 8, 2, 64, window),
        OffersDialog("a folder", (), studio.background, window),
        PairedDialog(studio, window),
        ScenesWindow(studio, window.shell, window),
        ProductionDialog(studio, studio.paired, PairedForm(studio), FolderField(), "Set", window),
        SeriesDialog(studio, "Variation", [], columns=5, sums_up=True, parent=window),
        StageWindow(studio, window.canvas, window),
        StarredDialog(studio, window),
        SweepDialog(studio, window),
    ]
    yield [window, *dialogs]
    for dialog in dialogs:
        dialog.close()
        dialog.deleteLater()


def fields(widgets):
    parts = dict.fromkeys(part for widget in widgets for part in widget.findChildren(QWidget))  # each once
    return [part for part in parts if isinstance(part, KINDS) and not isinstance(part, QScrollBar)]


def turn_wheel(widget, by=120):
    """Turn it, and return whether anything took it."""
    place = QPointF(widget.rect().center())
    event = QWheelEvent(
        place, widget.mapToGlobal(place), QPoint(), QPoint(0, by), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    event.ignore()
    QApplication.sendEvent(widget, event)
    return event.isAccepted()


def content(field):
    return field.currentIndex() if isinstance(field, QComboBox) else field.value()


def kinds_of(kind):
    return {kind}.union(*map(kinds_of, kind.__subclasses__()))


def test_every_dialog_is_walked_over(everything):
    own = {kind for kind in kinds_of(QDialog) if kind.__module__.startswith("segpaint.")}
    walked = {type(one) for part in everything for one in [part, *part.findChildren(QDialog)]}
    assert own <= walked


def test_the_wheel_over_a_field_without_focus_changes_nothing_and_goes_on(everything):
    found = fields(everything)
    assert len(found) > 30
    for field in found:
        field.clearFocus()
        for by in (120, -120):
            before = content(field)
            assert not turn_wheel(field, by), field  # so what is around it gets it
            assert content(field) == before, field
        assert field.focusPolicy() != Qt.FocusPolicy.WheelFocus, field


def test_the_wheel_over_a_field_of_a_dialog_of_qt_changes_nothing_without_focus(window, qtbot):
    document = window.studio.document
    document.paint_value = document.table.indices[0]
    window.commands["label_color"].trigger()
    dialog = window.findChild(QColorDialog)
    found = fields([dialog])
    assert len(found) >= 6  # red, green, blue, and three more
    dialog.setFocus()
    before = dialog.currentColor()
    for field in found:
        field.clearFocus()
        assert not turn_wheel(field), field
        assert dialog.currentColor() == before
    dialog.activateWindow()
    found[0].setFocus()
    qtbot.waitUntil(found[0].hasFocus)
    turn_wheel(found[0], -120 if found[0].value() else 120)
    assert dialog.currentColor() != before
    dialog.reject()


def test_the_wheel_over_a_field_with_focus_changes_it(window, qtbot):
    steps = window.request.steps
    window.activateWindow()
    steps.setFocus()
    qtbot.waitUntil(steps.hasFocus)
    before = steps.value()
    assert turn_wheel(steps)
    assert steps.value() == before + 1


@pytest.fixture(params=["de_DE", "fr_FR", "en_US", "ar_EG"])
def _locale(request):
    QLocale.setDefault(QLocale(request.param))
    yield
    QLocale.setDefault(QLocale.system())


@pytest.mark.usefixtures("_locale")
def test_comma_and_point_are_both_the_decimal_sign_in_every_field(everything):
    numbers = [field for field in fields(everything) if isinstance(field, QAbstractSpinBox)]
    assert len(numbers) > 15
    assert all(isinstance(field, NumberField) for field in numbers)
    after_clicks = everything[0].scan.scale.field  # tests/gui/test_scale.py types there
    assert [field for field in numbers if not field.isEnabled()] == [after_clicks]
    for field in (field for field in numbers if field is not after_clicks):
        for typed, meant in NUMBERS.items():
            field.setFocus()
            field.lineEdit().selectAll()
            QTest.keyClicks(field.lineEdit(), typed)
            assert field.lineEdit().text() == typed
            allowed = min(max(meant, field.minimum()), field.maximum())
            assert abs(field.value() - allowed) <= 0.5, (field, typed)  # of whole numbers, the nearest
            if field is everything[0].request.guidance:
                assert field.value() == meant


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1.234,5", 1234.5), ("1,234.5", 1234.5), ("1.234.567", 1234567), ("1 234,5", 1234.5), ("1'000", 1000),
        ("1e3", 1000), ("2.5E-1", 0.25), ("+5", 5), ("-3", -3), ("1,5", 1.5), (".5", 0.5), ("1e400", 1e7),
    ],
)  # fmt: skip
@pytest.mark.parametrize("pasted", [False, True])
def test_no_character_is_dropped_so_that_another_number_is_left(qtbot, typed, number, pasted):
    field = NumberField(-100, 10**7, decimals=2, value=7, suffix=" px")
    qtbot.addWidget(field)
    field.show()
    field.selectAll()
    if pasted:
        field.lineEdit().insert(typed)
        field.lineEdit().textEdited.emit(field.lineEdit().text())
    else:
        QTest.keyClicks(field.lineEdit(), typed)
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == number
    assert field.lineEdit().text() == f"{field.value():.2f} px"


def test_two_numbers_in_one_are_none(qtbot):
    field = NumberField(-100, 10**7, decimals=2, value=7)
    qtbot.addWidget(field)
    field.show()
    field.selectAll()
    QTest.keyClicks(field.lineEdit(), "2.84.2")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 2.84


def test_a_field_in_which_somebody_types_is_left_alone(window):
    guidance = window.request.guidance
    for typed, meant in {"2.25": 2.25, "0.75": 0.75, "1,75": 1.75, "12.5": 12.5}.items():
        guidance.setFocus()
        guidance.selectAll()
        for number in range(len(typed)):
            QTest.keyClicks(guidance, typed[number])
            assert guidance.text() == typed[: number + 1]
        QTest.keyClick(guidance, Qt.Key.Key_Return)
        assert guidance.text() == f"{meant:.2f}"
        assert window.studio.document.settings.guidance == meant


def test_what_is_out_of_range_is_never_cut_to_another_number(window):
    window.reference.purpose.setCurrentIndex(0)
    steps = window.request.steps
    steps.setFocus()
    steps.selectAll()
    QTest.keyClicks(steps, "1500")
    assert window.studio.document.settings.steps == 1000  # not 150
    steps.clearFocus()
    window.canvas.setFocus()
    assert steps.text() == "1000"


def test_another_number_is_shown_even_in_a_field_that_was_typed_into(window):
    seed = window.request.seed
    seed.setFocus()
    seed.selectAll()
    QTest.keyClicks(seed, "12")
    window.request.dice.click()
    assert seed.text() == str(window.studio.document.settings.seed) != "12"


@pytest.mark.parametrize("name", ["seed", "steps", "guidance"])
def test_a_field_has_the_range_of_the_thing_itself(window, make_request, name):
    field, (least, most) = getattr(window.request, name), limits(Request, name)
    assert (field.minimum(), field.maximum()) == (least, most)
    document = window.studio.document
    for end in (least, most):
        make_request(**{name: end})
        document.change_settings(replace(document.settings, **{name: end}, purpose=NEW))
        assert field.value() == end
        assert field.lineEdit().text().startswith(str(end))
    with pytest.raises(ValidationError):
        make_request(**{name: most + 1})


def test_a_number_finer_than_its_field_shows_stays_when_another_is_set(window):
    document = window.studio.document
    document.change_settings(replace(document.settings, guidance=1.2345, share=0.123, purpose=NEW))
    window.request.steps.stepBy(1)
    window.reference.level.setValue(7)
    assert (document.settings.guidance, document.settings.share) == (1.2345, 0.123)
