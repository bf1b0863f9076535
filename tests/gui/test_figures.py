"""Figures for pages and slides: what they show, and their files."""

import html
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from segpaint.core.masks.paint import brush
from segpaint.core.pictures.compare import FULL
from segpaint.core.pictures.figure import Figure, bar_length, mark_of
from segpaint.core.pictures.film import Panel
from segpaint.core.requests.kinds import About, Kind
from segpaint.gui.making.figure_commands import export_figure, panels_of
from segpaint.gui.making.figure_dialog import KINDS, WIDTHS, Preview, figure_files
from segpaint.gui.making.figure_painter import FigureKind, FigurePainter, draw_image, encode_figure
from segpaint.gui.parts.last_folder import figures_folder, keep_folder, last_folder
from segpaint.studio.document.document import Reference

MADE, REAL = About(Kind.MADE, "Tiny", 0, 1024), About(Kind.EDITED, "Tiny", 1024, 1024)
EDITED = About(Kind.EDITED, "Tiny", 900, 1024)
GREY = np.arange(1024, dtype=np.uint8).reshape(32, 32)
COLORS = np.zeros((32, 32, 3), np.uint8)


@pytest.fixture
def figure(dressed):
    panels = Panel("The mask", COLORS), Panel("Before", GREY, REAL), Panel("After", GREY, EDITED)
    panels = *panels, Panel("Another", GREY, MADE)
    return Figure(panels, key=(("heart", "#ff0000"), ("bone", "#ffffff")), spacing=1.0)


def states_every_panel(stated):
    assert stated == (
        "PARTLY: a patient's image, edited by the diffusion model Tiny; 900 of 1024 pixels (87.8 %) equal the "
        "patient's; and made by the diffusion model Tiny from a mask; and a patient's image; the diffusion "
        "model Tiny changed none of its pixels. Panel 2 (Before): patient; patient pixels: 1024 of 1024. "
        "Panel 3 (After): edited; patient pixels: 900 of 1024. "
        "Panel 4 (Another): made; patient pixels: 0 of 1024"
    )


@pytest.fixture
def made(painted, finish):
    """A studio with a mask, and an image of it."""
    painted.runs.generate()
    finish(painted)
    return painted


def test_a_difference_has_a_scale_of_its_grey_levels(dressed):
    panel = Panel("Difference", COLORS, full=64)
    text = encode_figure(Figure((panel,)), 90, FigureKind.SVG).decode()
    for words in ("−64", "grey levels", "+64"):
        assert f">{words}<" in text.replace("\n", "")
    drawn = draw_image(Figure((panel,)), 90)
    corner = [
        drawn.pixelColor(column, row).getRgb()[:3]
        for row in range(drawn.width() - 70, drawn.width())  # the picture is a square
        for column in range(drawn.width() // 2)
    ]
    assert any(blue > red + 60 for red, _, blue in corner)  # darker
    assert any(red > blue + 60 for red, _, blue in corner)  # brighter
    plain = encode_figure(Figure((replace(panel, full=0),)), 90, FigureKind.SVG).decode()
    assert "grey levels" not in plain
    small = encode_figure(Figure((panel,)), 20, FigureKind.SVG).decode()
    assert ">−64<" in small.replace("\n", "")
    assert "grey levels" not in small
    narrow = encode_figure(Figure((panel,)), 12, FigureKind.SVG).decode()
    assert "grey levels" not in narrow


@pytest.mark.parametrize(("width", "length"), [(3, 1), (179, 50), (32, 10), (0.7, 0.2), (60, 20), (1500, 500)])
def test_a_scale_bar_has_a_round_length_within_a_third_of_the_picture(width, length):
    assert bar_length(width) == pytest.approx(length)


def test_an_image_is_marked_as_what_it_is():
    assert mark_of(None) == ""
    assert mark_of(MADE) == "SYNTHETIC"
    assert mark_of(REAL) == "PATIENT IMAGE"
    assert mark_of(replace(REAL, own=3)) == "EDITED PATIENT IMAGE"


def test_svg_holds_every_word_as_text(figure):
    svg = encode_figure(figure, 120, FigureKind.SVG).decode()
    words = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert words == [
        "The mask",
        "PATIENT IMAGE",
        "Before",
        "EDITED PATIENT IMAGE",
        "After",
        "SYNTHETIC",
        "10 mm",
        "Another",
        "heart",
        "bone",
    ]
    assert 'width="120mm"' in svg
    (stated,) = re.findall(r"<desc>([^<]*)</desc>", svg)
    states_every_panel(html.unescape(stated))
    plain = replace(figure, key=(), spacing=None, marks=False)
    svg = encode_figure(plain, 120, FigureKind.SVG).decode()
    assert re.findall(r"<text[^>]*>([^<]*)</text>", svg) == ["The mask", "Before", "After", "Another"]


@pytest.mark.parametrize("width", WIDTHS.values())
def test_pdf_has_one_page_of_the_width_that_was_asked_for(figure, width):
    pdf = encode_figure(figure, width, FigureKind.PDF)
    (box,) = re.findall(rb"/MediaBox \[\s*([\d. ]+)\]", pdf)
    left, bottom, right, top = map(float, box.split())
    assert (left, bottom) == (0, 0)
    assert right == pytest.approx(width / 25.4 * 72, abs=1)
    assert top == pytest.approx(FigurePainter(figure, width).size.height() / 25.4 * 72, abs=1)
    assert pdf.startswith(b"%PDF-")
    title = ": patient; patient pixels: 1024 of 1024", ": edited; patient pixels: 900 of 1024"
    assert all(words.encode("utf-16-be") in pdf for words in title)


def test_png_has_300_dots_an_inch_and_says_what_it_shows(figure, tmp_path):
    (tmp_path / "a.png").write_bytes(encode_figure(figure, 85, FigureKind.PNG))
    with Image.open(tmp_path / "a.png") as image:
        image.load()
        assert image.width == round(85 / 25.4 * 300)
        assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)
        states_every_panel(f"{image.info['Synthetic']}. {image.info['Panels']}")
        pixels = np.asarray(image.convert("RGB"))
    assert (pixels[-20:, -20:] == 255).all()  # white where nothing is
    assert (pixels[20, 20] == COLORS[0, 0]).all()


def test_panels_flow_into_rows(figure):
    wide = FigurePainter(replace(figure, columns=3), 180).size
    tall = FigurePainter(replace(figure, columns=1), 180).size
    assert wide.width() == tall.width() == 180
    assert tall.height() > 3 * 180


def test_a_made_image_is_shown_beside_its_mask(made, shell):
    assert [panel.name for panel in panels_of(made)] == ["Mask", "Image"]
    dialog = export_figure(made, shell)
    assert [mark_of(panel.about) for panel in dialog.figure.panels] == ["", "SYNTHETIC"]
    assert "PATIENT" not in dialog.said.text()


def test_before_and_after_of_an_edit_are_shown_with_their_difference(made, finish, shell, qtbot, tmp_path):
    made.view.comparison.pin()
    document = made.document
    document.strokes.begin()
    document.paint(brush((4, 25), (8, 25), 3, document.mask.shape))
    document.strokes.end("brush")
    made.runs.generate()
    finish(made)
    dialog = export_figure(made, shell)
    names = [panel.name for panel in dialog.figure.panels]
    assert names == ["Mask before", "Before", "Mask after", "After", "Difference"]
    assert dialog.figure.panels[-1].full == FULL  # so that its scale is drawn
    before, after = (dialog.figure.panels[place].pixels for place in (0, 2))
    assert not np.array_equal(before, after)
    dialog.boxes[0].setChecked(False)
    dialog.captions[1].setText("Day 1")
    dialog.columns.setValue(2)
    assert [panel.name for panel in dialog.figure.panels] == ["Day 1", "Mask after", "After", "Difference"]
    dialog.save_to(tmp_path / "figure.svg")
    qtbot.waitUntil(lambda: dialog.said.text().startswith("Saved"))
    text = (tmp_path / "figure.svg").read_text()
    assert "Day 1" in text
    assert f"+{FULL}<" in text
    for box in dialog.boxes:
        box.setChecked(False)
    assert not dialog.save.isEnabled()


def test_a_patients_image_is_announced_and_marked(studio, shell, qtbot, tmp_path):
    size = studio.document.mask.shape
    studio.document.set_reference(
        Reference("slice", np.full(size, 90, np.uint8), np.zeros(size, np.uint8), (1,))
    )
    dialog = export_figure(studio, shell)
    assert [panel.name for panel in dialog.figure.panels] == ["Mask", "Reference"]
    assert "PATIENT DATA" in dialog.said.text()
    assert mark_of(dialog.figure.panels[1].about) == "PATIENT IMAGE"
    dialog.save_to(tmp_path / "figure.png")
    qtbot.waitUntil(lambda: dialog.said.text().startswith("Saved"))
    assert (tmp_path / "figure.png").stat().st_mode & 0o077 == 0


def in_numbers(image):
    """Return the pixels of an image, in grey."""
    grey = image.convertToFormat(QImage.Format.Format_Grayscale8)
    rows = np.frombuffer(grey.constBits(), np.uint8).reshape(grey.height(), grey.bytesPerLine())
    return rows[:, : grey.width()].astype(float)


@pytest.mark.parametrize("width", WIDTHS.values())
def test_the_preview_is_what_is_saved(figure, width, qtbot):
    panels = (*figure.panels, Panel("Difference", COLORS, full=64))
    whole = replace(figure, panels=panels, columns=2)
    saved = draw_image(whole, width)
    preview = Preview()
    qtbot.addWidget(preview)
    preview.resize(saved.size() / 2)
    preview.show_figure(FigurePainter(whole, width))
    shown = preview.grab().toImage().scaled(saved.size() / 8, mode=Qt.TransformationMode.SmoothTransformation)
    wanted = saved.scaled(saved.size() / 8, mode=Qt.TransformationMode.SmoothTransformation)
    assert np.abs(in_numbers(shown) - in_numbers(wanted)).mean() < 4


def test_figures_are_saved_where_figures_were_and_not_beside_the_data(made, shell, tmp_path, monkeypatch):
    data, pictures, papers = (tmp_path / name for name in ("data", "pictures", "papers"))
    for folder in (data, pictures, papers):
        folder.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _place: str(pictures))
    keep_folder(made.preferences, data / "scan.nii")
    proposed = []

    def ask(_parent, _title, place, _kinds):
        proposed.append(Path(place))
        return str(papers / "figure.png"), KINDS.partition(";;")[0]

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    dialog = export_figure(made, shell)
    for _ in range(2):
        dialog.save.click()
        made.background.flush("figures")
    assert proposed == [pictures / "figure.png", papers / "figure.png"]
    assert (papers / "figure.png").is_file()
    assert last_folder(made.preferences) == data  # other dialogs begin where they did


def test_without_a_folder_for_pictures_figures_are_saved_at_home_and_not_beside_the_data(
    made, tmp_path, monkeypatch
):
    data, home = tmp_path / "data", tmp_path / "home"
    data.mkdir()
    home.mkdir()
    kinds = QStandardPaths.StandardLocation
    own = {kinds.PicturesLocation: str(home / "Pictures"), kinds.HomeLocation: str(home)}
    monkeypatch.setattr(QStandardPaths, "writableLocation", own.get)
    keep_folder(made.preferences, data / "scan.nii")
    assert figures_folder(made.preferences) == home
    (home / "Pictures").mkdir()
    assert figures_folder(made.preferences) == home / "Pictures"


def test_a_figure_is_copied_for_a_slide(made, shell):
    dialog = export_figure(made, shell)
    dialog.copy.click()
    data = QApplication.clipboard().mimeData()
    assert data.hasImage()
    assert bytes(data.data("image/png")).startswith(b"\x89PNG")
    assert dialog.said.text() == "Copied."


def test_a_figure_that_cannot_be_written_says_why(made, shell, qtbot, tmp_path):
    dialog = export_figure(made, shell)
    (tmp_path / "file").touch()
    dialog.save_to(tmp_path / "file" / "figure.pdf")
    qtbot.waitUntil(lambda: "cannot be written" in dialog.problem.text())


@pytest.mark.parametrize(
    ("name", "kind", "file"),
    [("a", "SVG (*.svg)", "a.svg"), ("a.pdf", "PNG, 300 dots an inch (*.png)", "a.pdf"), ("b", "?", "b.png")],
)
def test_the_ending_names_the_format(tmp_path, name, kind, file):
    assert figure_files(tmp_path / name, kind) == [tmp_path / file]
