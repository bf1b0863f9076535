"""Names are settled, and asked about, before the first byte is written."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtWidgets import QFileDialog, QMessageBox

from segpaint.cli import main
from segpaint.core.requests.origins import Counterfactual
from segpaint.gui.canvas.tool import Pointer
from segpaint.gui.looking.measures_window import MeasuresWindow
from segpaint.gui.making.animation_commands import export_run
from segpaint.gui.making.animation_dialog import film_files
from segpaint.gui.making.explore_commands import show_seeds
from segpaint.io.results import read_request

KINDS = {"save": "PNG (*.png)", "save_mask": "PNG (*.png)", "save_labels": "ITK-SNAP (*.label)"}


@pytest.fixture
def answers(monkeypatch):
    """Answer file dialogs with a name, and questions about overwriting with yes or no; note what is asked."""

    class Answers:
        name, kind, overwrites, asked = "", "", True, []

    def ask(_box):
        given.asked.append(_box.text())
        return QMessageBox.StandardButton.Yes if given.overwrites else QMessageBox.StandardButton.Cancel

    given = Answers()
    given.asked = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_words: (str(given.name), given.kind))
    monkeypatch.setattr(QMessageBox, "exec", ask)
    return given


@pytest.fixture
def finished(window, finish):
    window.commands["generate"].trigger()
    finish(window)
    return window


@pytest.mark.parametrize(
    ("command", "typed", "written"),
    [
        ("save", "case1", {"case1.png", "case1_mask.png", "case1.json"}),
        ("save", "heart_1.5T", {"heart_1.5T.png", "heart_1.5T_mask.png", "heart_1.5T.json"}),
        ("save", "a.PNG", {"a.PNG", "a_mask.png", "a.json"}),
        ("save", "a.jpg", {"a.jpg.png", "a.jpg_mask.png", "a.jpg.json"}),
        ("save_mask", "mymask", {"mymask.png"}),
        ("save_mask", "mymask.jpg", {"mymask.jpg.png"}),
        ("save_mask", "v1.2", {"v1.2.png"}),
        ("save_labels", "heart_1.5T", {"heart_1.5T.label"}),
        ("save_labels", "heart.json.old", {"heart.json.old.label"}),
    ],
)
def test_an_ending_is_appended_and_every_file_that_would_go_is_asked_about(
    finished, answers, qtbot, tmp_path, command, typed, written
):
    folder = tmp_path / "saved"
    folder.mkdir()
    answers.name, answers.kind = folder / typed, KINDS[command]
    finished.commands[command].trigger()
    qtbot.waitUntil(lambda: {path.name for path in folder.iterdir()} == written)
    assert answers.asked == []
    for path in folder.iterdir():
        path.write_text("old")
    answers.overwrites = False
    finished.commands[command].trigger()
    finished.studio.background.flush("files")
    assert {path.name: path.read_text() for path in folder.iterdir()} == dict.fromkeys(written, "old")
    # The file dialog itself asks about the very name that is typed.
    asked = written - {typed}
    assert len(answers.asked) == 1
    for name in asked:
        assert name in answers.asked[0]
    answers.overwrites = True
    finished.commands[command].trigger()
    # Not all that is in the folder: what takes the place of a file is beside it for a moment.
    qtbot.waitUntil(lambda: all((folder / name).read_bytes() != b"old" for name in written))
    for path in folder.iterdir():
        if path.suffix.lower() == ".png":
            with Image.open(path) as image:
                assert image.format == "PNG"


@pytest.mark.parametrize(
    ("key", "written"), [("save", "a.png"), ("save_mask", "a.png"), ("save_labels", "a.json")]
)
def test_a_name_gets_an_ending_though_the_desktops_own_dialog_names_no_kind(
    finished, answers, qtbot, tmp_path, key, written
):
    answers.name, answers.kind = tmp_path / "a", ""
    finished.commands[key].trigger()
    qtbot.waitUntil((tmp_path / written).exists)


def test_a_folder_of_the_proposed_name_is_not_entered(finished, monkeypatch, tmp_path):
    proposed = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda *words: proposed.append(Path(words[2])) or ("", "")
    )
    for name in ("scan", "scan-2", "scan-3"):
        finished.shell.ask_where("Save", "scan", "DICOM (*)", lambda path, _kind: [path])
        assert proposed[-1].name == name
        proposed[-1].mkdir()


def test_a_share_that_is_not_known_is_left_out_of_the_question(finished, monkeypatch, make_request, drawn_mask):
    image = np.zeros(drawn_mask.shape, np.uint8)
    request = make_request(sampler="ddim", origin=Counterfactual(image=image, mask=drawn_mask, used=(1, 2)))
    titles = []
    monkeypatch.setattr(
        QFileDialog, "getSaveFileName", lambda _self, title, *_words: titles.append(title) or ("", "")
    )
    for shown in (request, request.withheld()):
        finished.studio.runs.show_result(shown, image, "the history")
        finished.commands["save"].trigger()
    assert titles == ["Save PATIENT DATA: 100 % of the pixels are the patient's own", "Save PATIENT DATA"]


def test_an_animation_gets_an_ending_though_no_kind_is_named():
    assert film_files(Path("a"), "") == [Path("a.gif")]
    assert film_files(Path("a"), "MP4 video (*.mp4)") == [Path("a.mp4")]


@pytest.mark.parametrize(("typed", "written"), [("clip", "clip.gif"), ("clip.v2", "clip.v2.gif")])
def test_an_animation_asks_before_it_overwrites(finished, answers, qtbot, tmp_path, typed, written):
    (tmp_path / written).write_text("old")
    answers.name, answers.kind, answers.overwrites = tmp_path / typed, "GIF (*.gif)", False
    dialog = export_run(finished.studio, finished.shell)
    dialog.export.click()
    assert written in answers.asked[0]
    assert dialog.export.isEnabled()
    assert (tmp_path / written).read_text() == "old"
    answers.overwrites = True
    dialog.export.click()
    qtbot.waitUntil(lambda: (tmp_path / written).read_bytes() != b"old", timeout=30_000)
    dialog.close()


def test_a_series_asks_before_it_overwrites(finished, answers, qtbot, monkeypatch, tmp_path):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_words: str(tmp_path / "all"))
    series = show_seeds(finished.studio, finished.shell, 2)
    qtbot.waitUntil(series.save.isEnabled, timeout=30_000)
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "02.json").write_text("old")
    answers.overwrites = False
    series.save.click()
    assert "02.json" in answers.asked[0]
    assert [path.name for path in (tmp_path / "all").iterdir()] == ["02.json"]
    answers.overwrites = True
    series.save.click()
    assert len(list((tmp_path / "all").iterdir())) == 6
    series.close()


def test_what_is_saved_is_what_was_asked_about(finished, finish, qtbot, monkeypatch, tmp_path):
    studio = finished.studio
    image = studio.runs.trajectory.result.noisy

    def ask(*_words):
        studio.document.draw_seed()
        studio.runs.generate()
        finish(studio)  # meanwhile, another image is finished
        return str(tmp_path / "a.png"), "PNG (*.png)"

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    finished.commands["save"].trigger()
    qtbot.waitUntil((tmp_path / "a.json").exists)
    with Image.open(tmp_path / "a.png") as saved:
        np.testing.assert_array_equal(np.asarray(saved), image)


@pytest.mark.parametrize("companion", ["drawn.png", "drawn_mask.png", "drawn.json"])
def test_the_command_line_overwrites_nothing_unasked(mask_file, tiny_checkpoint, tmp_path, capsys, companion):
    out: Path = tmp_path / "out"
    out.mkdir()
    (out / companion).write_text("old")
    words = ["generate", str(mask_file), "--checkpoint", str(tiny_checkpoint), "--device", "cpu"]
    words += ["--out", str(out)]
    assert main(words) == 2
    assert companion in capsys.readouterr().err.replace("\n", "")
    assert [path.read_text() for path in out.iterdir()] == ["old"]
    assert main([*words, "--overwrite"]) == 0
    assert main(words) == 0  # the same image may be made again


def test_sizes_and_the_ruler_are_saved_with_the_request(window, finish, answers, drawn_mask, qtbot, tmp_path):
    window.studio.document.strokes.replace(drawn_mask, "Draw")
    window.commands["generate"].trigger()
    finish(window)
    window.commands["sizes"].trigger()
    window.commands["ruler"].trigger()
    hand = window.canvas.tool
    hand.press(Pointer(row=2.0, column=3.0))
    hand.release(Pointer(row=6.0, column=6.0))
    answers.name, answers.kind = tmp_path / "measured.png", KINDS["save"]
    window.commands["save"].trigger()
    qtbot.waitUntil((tmp_path / "measured.json").exists)
    about = json.loads((tmp_path / "measured.json").read_text())["about"]
    assert about["ruler"] == {"ends": [[2.0, 3.0], [6.0, 6.0]], "length": 5.0, "unit": "px"}
    assert about["sizes"]["unit"] == "px"
    assert about["sizes"]["mask"]["bone"]["area"] == (drawn_mask == 4).sum()
    assert about["sizes"]["mask"]["body"]["wall"]["mean"] > 1
    kept = read_request(tmp_path / "measured.json")
    assert kept.model_dump_json() == window.studio.runs.request.model_dump_json()
    window.commands["brush"].trigger()  # with which the ruler goes
    window.findChild(MeasuresWindow).close()
    answers.name = tmp_path / "without.png"
    window.commands["save"].trigger()
    qtbot.waitUntil((tmp_path / "without.json").exists)
    about = json.loads((tmp_path / "without.json").read_text())["about"]
    assert not {"ruler", "sizes"} & set(about)
