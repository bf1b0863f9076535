"""The doctor reports how the program stands, and names nobody."""

import shutil
from importlib.metadata import version
from pathlib import Path

import pytest
from platformdirs.macos import MacOS
from platformdirs.unix import Unix

import segpaint.diagnosis
import segpaint.paths
from segpaint.cli import main
from segpaint.core.diffusion.compiling import compile_checkpoint
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.diagnosis import as_text, diagnose
from segpaint.paths import read_resource, user_work


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home folder with the user's name in its path."""
    place = tmp_path / "Dr. Jane Roe"
    place.mkdir()
    monkeypatch.setenv("HOME", str(place))
    monkeypatch.setattr(Path, "home", classmethod(lambda _kind: place))
    monkeypatch.setattr(segpaint.diagnosis, "user_work", lambda: place / "state" / "work")
    monkeypatch.setattr(segpaint.diagnosis, "user_checkpoints", lambda: place / "checkpoints")
    return place


def test_a_healthy_program_reports_itself_without_the_users_name(home, tiny_checkpoint, monkeypatch):
    own = shutil.copytree(tiny_checkpoint, home / "checkpoints" / "tiny")
    monkeypatch.setattr(segpaint.diagnosis, "checkpoint_folders", lambda: [own])
    findings = list(diagnose(self_test=False))
    text = as_text(findings)
    assert all(finding.is_well for finding in findings)
    assert "Jane" not in text
    assert "~/checkpoints/tiny" in text
    for word in ("torch 2.", "Precision: ", "Threads: ", "Work: ~/state/work, which is made when it is needed"):
        assert word in text


def test_what_is_compiled_is_reported_and_how_to_get_openvino(home, tiny_checkpoint, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(segpaint.diagnosis, "checkpoint_folders", lambda: [tiny_checkpoint])

    def texts(topic):
        return [finding.text for finding in diagnose(self_test=False) if finding.topic == topic]

    assert texts("OpenVINO") == [version("openvino")]
    assert texts("Checkpoint")[0].endswith(", not compiled")
    for _ in compile_checkpoint(read_checkpoint(tiny_checkpoint)):
        pass
    assert texts("Checkpoint")[0].endswith(", compiled")
    monkeypatch.setattr(segpaint.diagnosis, "_version", lambda name: None if name == "openvino" else "1")
    (missing,) = texts("OpenVINO")
    assert "pip install 'segpaint[openvino]'" in missing


def test_what_is_broken_is_marked(home, monkeypatch, tmp_path):
    broken = home / "broken"
    broken.mkdir()
    (broken / "segpaint.json").write_text("{")
    monkeypatch.setattr(segpaint.diagnosis, "checkpoint_folders", lambda: [broken])
    bad = [finding for finding in diagnose(self_test=False) if not finding.is_well]
    assert [finding.topic for finding in bad] == ["Checkpoint"]
    assert "~/broken" in bad[0].text
    monkeypatch.setattr(segpaint.diagnosis, "checkpoint_folders", list)
    assert any("none" in finding.text for finding in diagnose(self_test=False) if not finding.is_well)


def test_a_folder_that_cannot_be_written_to_is_marked(home, monkeypatch):
    def refuse(*_arguments, **_more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(segpaint.diagnosis.tempfile, "TemporaryFile", refuse)
    bad = [finding.text for finding in diagnose(self_test=False) if not finding.is_well]
    assert any("cannot be written to: Permission denied" in text for text in bad)


def test_the_command_makes_an_image_and_reports_its_pace(capsys, monkeypatch):
    monkeypatch.setattr(segpaint.diagnosis, "SELF_TEST_SECONDS", 0.5)
    assert main(["doctor"]) == 0
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("Self-test: ")
    assert " of 20 steps of an image in " in last


def test_a_failed_self_test_ends_with_a_sentence(capsys, monkeypatch):
    monkeypatch.setattr(segpaint.diagnosis, "DEFAULT_CHECKPOINT", "nowhere")
    assert main(["doctor"]) == 2
    captured = capsys.readouterr()
    assert "! Self-test: failed: There is no checkpoint 'nowhere'" in captured.out
    assert "keeps the program from working" in captured.err


@pytest.mark.parametrize("system", [Unix, MacOS])
def test_the_guide_names_the_work_folder_of_each_system(system, monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(
        segpaint.paths.platformdirs, "user_state_path", lambda name: system(name).user_state_path
    )
    place = f"~/{user_work().relative_to(Path.home()).as_posix()}"
    assert f"`{place}`" in read_resource("guide/index.md")
