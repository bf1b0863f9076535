import shutil

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QImage, QTextDocument

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
