import os
import shutil

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument
from PySide6.QtWidgets import QToolTip

from segpaint.gui.models.card_dialog import WIDTH
from segpaint.gui.models.model_commands import show_card

CARD = "# A card\n\n[the report](evaluation/report.md), [figures](evaluation/figures.json), [home](https://x.org)\n"


@pytest.fixture
def dialog(open_studio, shell, tiny_checkpoint, tmp_path):
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "carded")
    (folder / "README.md").write_text(CARD)
    (folder / "evaluation").mkdir()
    (folder / "evaluation" / "report.md").write_text("# The report\n\n![a](wide.png)\n")
    (folder / "evaluation" / "figures.json").write_text("{}")
    (folder / "evaluation" / "install.sh").touch()
    QImage(2000, 100, QImage.Format.Format_Grayscale8).save(str(folder / "evaluation" / "wide.png"))
    show_card(open_studio(folder), shell)
    (dialog,) = shell.opened
    dialog.show()
    return dialog


def test_a_link_to_a_report_opens_it_and_leads_back(dialog):
    assert "A card" in dialog.browser.toPlainText()
    assert dialog.back.isHidden()
    dialog.browser.anchorClicked.emit(QUrl("evaluation/report.md"))
    assert "The report" in dialog.browser.toPlainText()
    picture = dialog.browser.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl("wide.png"))
    assert 0 < picture.width() < WIDTH
    dialog.back.click()
    assert "A card" in dialog.browser.toPlainText()
    assert dialog.back.isHidden()


def test_other_links_open_outside(dialog, monkeypatch):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url))
    dialog.browser.anchorClicked.emit(QUrl("https://x.org"))
    dialog.browser.anchorClicked.emit(QUrl("evaluation/figures.json"))
    dialog.browser.anchorClicked.emit(QUrl("evaluation/install.sh"))  # which would run
    assert opened[0] == QUrl("https://x.org")
    assert len(opened) == 2
    assert opened[1].isLocalFile()
    assert opened[1].path().endswith("evaluation/figures.json")
    assert "A card" in dialog.browser.toPlainText()


@pytest.mark.parametrize(
    "link",
    [
        "report.exe", "x.desktop", "file:///usr/bin/env", "smb://host/share/x", "javascript:alert(1)", "vscode://x",
        "../../other.md", "../other.json", "pipe.png", "outside.png", "folder.json",
        "a%00.png", f"{'a' * 300}.png", "circle.png", "https:x", "http://",
    ],
)  # fmt: skip
def test_all_but_the_web_and_pictures_and_text_of_the_folder_is_refused(dialog, monkeypatch, tmp_path, link):
    folder, opened, told = tmp_path / "carded", [], []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url))
    monkeypatch.setattr(QToolTip, "showText", lambda _place, sentence, _widget: told.append(sentence))
    for name in ("report.exe", "x.desktop"):
        (folder / name).touch()
    for name in ("other.md", "other.json"):
        (tmp_path / name).write_text("{}")
    os.mkfifo(folder / "pipe.png")
    (folder / "outside.png").symlink_to("/dev/zero")
    (folder / "circle.png").symlink_to(folder / "circle.png")
    (folder / "folder.json").mkdir()
    dialog.browser.anchorClicked.emit(QUrl(link))
    assert opened == []
    assert told
    assert "A card" in dialog.browser.toPlainText()
    assert dialog.browser.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(link)) is None


def test_text_of_the_folder_opens(dialog, monkeypatch, tmp_path):
    opened = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url))
    (tmp_path / "carded" / "NOTES.TXT").write_text("notes")
    dialog.browser.anchorClicked.emit(QUrl("NOTES.TXT"))
    assert len(opened) == 1
