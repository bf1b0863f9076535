"""The ruler measures, and paints nothing."""

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QMouseEvent

from segpaint.core.masks.measures import distance_text
from segpaint.gui.canvas.pane import Pane
from segpaint.gui.canvas.rimmed import Rimmed, beside
from segpaint.gui.canvas.tool import Pointer
from segpaint.gui.tools.ruler_tool import RulerOver
from segpaint.studio.document.document import Reference


@pytest.fixture
def ruler(easel):
    easel.studio.view.tools.take("ruler")
    return easel.canvas.tool


@pytest.fixture
def told(ruler):
    """What the ruler has shown in the status line."""
    sentences = []
    ruler.told.connect(sentences.append)
    return sentences


def drag(tool, *places, **state):
    tool.press(Pointer(*places[0], **state))
    for place in places[1:]:
        tool.drag(Pointer(*place, **state))
    tool.release(Pointer(*places[-1], **state))


@pytest.mark.parametrize(("spacing", "text"), [(None, "5.0 pixels"), (1.5, "7.5 mm (5.0 pixels)")])
def test_a_distance_is_written_with_its_unit(spacing, text):
    assert distance_text((1, 1), (4, 5), spacing) == text


def test_a_drag_measures_and_changes_no_mask(ruler, told, easel):
    document = easel.studio.document
    before, edits = document.mask.snapshot(), document.strokes.stack.index()
    drag(ruler, (4, 4), (6, 8), (7, 8))
    assert told[-1] == distance_text((4, 4), (7, 8), document.pixel_spacing)
    np.testing.assert_array_equal(document.mask.values, before)
    assert document.strokes.stack.index() == edits


def test_an_end_is_moved_and_the_other_stays(ruler, told, easel):
    drag(ruler, (4, 4), (4, 14))
    drag(ruler, (4, 14), (4, 24))
    assert told[-1] == distance_text((4, 4), (4, 24), easel.studio.document.pixel_spacing)


def test_shift_keeps_the_line_straight(ruler, told, easel):
    drag(ruler, (4, 4), (6, 14), constrained=True)
    (first, end) = easel.studio.view.measuring.ends
    assert first == (4, 4)
    assert end == pytest.approx((4, 4 + np.hypot(2, 10)))


@pytest.fixture
def image(easel, qtbot):
    """A pane with an image, of another size than the canvas."""
    pane = Pane(easel.studio.view.viewpoint)
    pane.resize(300, 380)
    RulerOver(easel.studio, pane, easel.canvas)
    with qtbot.waitExposed(pane):
        pane.show()
    pane.show_pixels(np.full(easel.studio.document.mask.shape, 90, np.uint8))
    yield pane
    pane.deleteLater()


def drag_over(pane, qtbot, *places, modifier=Qt.KeyboardModifier.NoModifier):
    """Drag with the left button over a pane, between places of the image given by row and column."""
    points = [pane.point(QPointF(column, row)).toPoint() for row, column in places]
    qtbot.mousePress(pane.viewport(), Qt.MouseButton.LeftButton, modifier, points[0])
    for point in points[1:]:
        send_drag(pane, point, modifier)
    qtbot.mouseRelease(pane.viewport(), Qt.MouseButton.LeftButton, modifier, points[-1])


def send_drag(pane, point, modifier):
    moved, left = QEvent.Type.MouseMove, Qt.MouseButton.LeftButton
    place = QPointF(pane.mapToGlobal(point))
    event = QMouseEvent(moved, QPointF(point), place, Qt.MouseButton.NoButton, left, modifier)
    QCoreApplication.sendEvent(pane.viewport(), event)


def test_an_image_is_measured_as_the_mask_is(ruler, told, easel, image, qtbot):
    document, measuring = easel.studio.document, easel.studio.view.measuring
    before = document.mask.snapshot()
    drag_over(image, qtbot, (6, 4), (12, 8), (12, 24))
    pixel = 1 / easel.studio.view.viewpoint.zoom
    np.testing.assert_allclose(measuring.ends, [(6, 4), (12, 24)], atol=pixel)
    assert told[-1] == measuring.words(document.pixel_spacing)
    np.testing.assert_array_equal(document.mask.values, before)
    drag_over(easel.canvas, qtbot, (12, 24), (20, 24))  # an end is taken up on the other pane
    np.testing.assert_allclose(measuring.ends, [(6, 4), (20, 24)], atol=2 * pixel)
    drag_over(image, qtbot, (28, 4), (29, 20), modifier=Qt.KeyboardModifier.ShiftModifier)
    assert measuring.ends[0][0] == pytest.approx(measuring.ends[1][0])


def test_the_line_lies_over_the_image_until_the_tool_is_left(ruler, easel, image, qtbot):
    def drawn():
        return image.grab().toImage()

    without = drawn()
    drag(ruler, (4, 4), (20, 24))
    easel.canvas.put_pointer_away()
    assert drawn() != without
    with_line, pixels = drawn(), image.shown
    image.show_pixels(None)
    empty = drawn()
    easel.studio.view.measuring.lay_ruler(None)
    assert drawn() == empty  # nothing lay over the empty pane
    easel.studio.view.measuring.lay_ruler(((4, 4), (20, 24)))
    image.show_pixels(pixels)
    assert drawn() == with_line
    easel.studio.view.tools.take("brush")
    assert drawn() == without


def test_the_length_stands_beside_the_line_in_every_pane(ruler, easel, image, qtbot):
    document, measuring = easel.studio.document, easel.studio.view.measuring
    panes = easel.canvas, image
    over = [pane.findChild(Rimmed) for pane in panes]
    assert [words.isHidden() for words in over] == [True, True]
    drag(ruler, (4, 4), (20, 24))
    length = measuring.words(document.pixel_spacing)
    assert length
    for pane, words in zip(panes, over, strict=True):
        assert words.words == length
        assert not words.isHidden()
        assert pane.rect().contains(words.geometry())
        end = pane.point(QPointF(24, 20)).toPoint()
        assert not words.geometry().contains(end)
        assert (words.geometry().center() - end).manhattanLength() < 200
    pixels = np.zeros(document.mask.shape, np.uint8)
    document.set_reference(Reference("a", pixels, document.mask.snapshot(), document.used, pixel_spacing=9.0))
    assert over[1].words == measuring.words(9.0) != length
    easel.studio.view.viewpoint.pan(QPointF(5000, 0))
    assert over[1].isHidden()  # as its line
    easel.studio.view.viewpoint.fit()
    assert not over[1].isHidden()
    easel.studio.view.tools.take("brush")
    assert [words.isHidden() for words in over] == [True, True]


@pytest.mark.parametrize("ground", [0, 255])
def test_the_length_is_read_over_bright_and_dark_images(ruler, easel, image, ground):
    image.show_pixels(np.full(easel.studio.document.mask.shape, ground, np.uint8))
    drag(ruler, (10, 4), (10, 12))
    words = image.findChild(Rimmed)
    drawn = image.grab(words.geometry()).toImage()
    greys = {drawn.pixelColor(x, y).lightness() for x in range(drawn.width()) for y in range(drawn.height())}
    assert min(greys) < 40
    assert max(greys) > 215


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("end", [(50, 50), (299, 50), (299, 199), (299, 0), (0, 199), (900, 900)])
def test_a_text_beside_a_line_stays_in_the_area_and_off_the_end(end, turned):
    ends = QPointF(*end), QPointF(min(end[0], 20), 100)
    area, size = QRectF(0, 0, 300, 200), QSizeF(90, 20)
    place = beside(*(ends[::-1] if turned else ends), size, area, 10)
    assert area.contains(place)
    assert place.size() == size
    assert not place.contains(QPointF(*end))


def test_without_an_image_or_the_ruler_a_drag_measures_nothing(ruler, easel, image, qtbot):
    measuring = easel.studio.view.measuring
    image.show_pixels(None)
    drag_over(image, qtbot, (6, 4), (12, 24))
    assert measuring.ends is None
    image.show_pixels(np.full(easel.studio.document.mask.shape, 90, np.uint8))
    image.pans_with_left = True  # as while Space is held
    drag_over(image, qtbot, (6, 4), (12, 24))
    assert measuring.ends is None
    image.pans_with_left = False
    easel.studio.view.tools.take("brush")
    before = easel.studio.document.mask.snapshot()
    drag_over(image, qtbot, (6, 4), (12, 24))
    assert measuring.ends is None
    np.testing.assert_array_equal(easel.studio.document.mask.values, before)


def test_the_window_measures_on_its_images(window, qtbot):
    window.commands["ruler"].trigger()
    pane = window.image
    pane.show_pixels(np.full(window.studio.document.mask.shape, 90, np.uint8))
    drag_over(pane, qtbot, (6, 4), (12, 24))
    measuring = window.studio.view.measuring
    np.testing.assert_allclose(measuring.ends, [(6, 4), (12, 24)], atol=1 / window.studio.view.viewpoint.zoom)
    assert window.statusBar().currentMessage() == measuring.words(window.studio.document.pixel_spacing)
