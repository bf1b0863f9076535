"""The desktop's menu: written for the user, and taken away again."""

import os
import re
import sys

import pytest

from segpaint.cli import main
from segpaint.paths import resources

FILES = (
    "applications/segpaint.desktop",
    "mime/packages/segpaint.xml",
    "icons/hicolor/scalable/apps/segpaint.svg",
)


@pytest.fixture
def data(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.mark.skipif(os.name == "nt", reason="desktop entries are of Linux")
def test_it_is_installed_and_removed_and_both_can_be_repeated(data, capsys):
    for _ in range(2):
        assert main(["desktop"]) == 0
        assert all((data / name).is_file() for name in FILES)
    entry, kind, icon = ((data / name).read_text() for name in FILES)
    assert re.search(r'^Exec=".+" %f$', entry, re.MULTILINE)
    assert "MimeType=application/x-segpaint;" in entry
    assert 'type="application/x-segpaint"' in kind
    assert 'pattern="*.segpaint"' in kind
    assert icon == (resources() / "icon.svg").read_text()
    for _ in range(2):
        assert main(["desktop", "--remove"]) == 0
        assert not any((data / name).exists() for name in FILES)
    assert "Removed: " in capsys.readouterr().out


def test_an_awkward_path_is_quoted_for_a_desktop_entry(data, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/opt/a b/$100%/python")
    assert main(["desktop"]) == 0
    assert 'Exec="/opt/a b/\\\\$100%%/python" "-m" "segpaint" %f' in (data / FILES[0]).read_text()


def test_on_another_system_a_sentence_shows_why_not(data, monkeypatch, capsys):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert main(["desktop"]) == 2
    assert "on Linux alone" in capsys.readouterr().err
    assert not data.exists()
