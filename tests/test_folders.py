import shutil

import nibabel
import numpy as np
import pytest
from PIL import Image

from segpaint.core.folders import visible
from segpaint.core.requests.checkpoint import read_checkpoint
from segpaint.io.cases import find_volumes
from segpaint.io.nnunet import find_nnunet
from segpaint.paired.sources import mask_files
from segpaint.paths import example_masks


@pytest.fixture
def shadow():
    """Leave beside each file below a folder what macOS leaves there on a foreign disk."""

    def leave(folder):
        for path in [path for path in folder.rglob("*") if path.is_file()]:
            path.with_name(f"._{path.name}").write_bytes(b"\0\5\x16\7" + bytes(60))

    return leave


def test_shadows_of_macos_are_no_volumes_masks_or_checkpoints(tmp_path, tiny_checkpoint, shadow):
    for folder, stem in (("images", "p1"), ("labels", "p1"), ("imagesTr", "p1_0000"), ("labelsTr", "p1")):
        (tmp_path / folder).mkdir()
        volume = nibabel.Nifti1Image(np.ones((4, 4, 2), np.uint8), np.eye(4))
        nibabel.save(volume, tmp_path / folder / f"{stem}.nii.gz")
    content = '{"channel_names": {"0": "CT"}, "labels": {"background": 0, "a": 1}, "file_ending": ".nii.gz"}'
    (tmp_path / "dataset.json").write_text(content)
    model = shutil.copytree(tiny_checkpoint, tmp_path / "model")
    (model / "examples").mkdir()
    Image.new("L", (32, 32)).save(model / "examples" / "1.png")
    shadow(tmp_path)
    (model / "._unet.pt").write_bytes(b"")
    assert [case.name for case in find_volumes(tmp_path).cases] == ["p1"]
    assert [case.name for case in find_nnunet(tmp_path).cases] == ["p1"]
    assert mask_files((model / "examples",)) == example_masks(model) == [model / "examples" / "1.png"]
    assert read_checkpoint(model).folder == model


def test_what_hidden_folders_hold_is_not_visible(tmp_path):
    for name in ("a/1.png", ".git/2.png", "a/.3.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert visible(tmp_path, "**/*.png") == [tmp_path / "a" / "1.png"]
    assert visible(tmp_path / "nowhere") == []


@pytest.mark.parametrize("name", ["Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX/a.png", "@eaDir/a.png"])
def test_what_systems_leave_by_themselves_is_passed_over(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).touch()
    assert [path for path in visible(tmp_path, "**/*") if path.is_file()] == []
    assert visible(tmp_path) == []


def test_endings_in_capitals_are_found(tmp_path):
    for name in ("a.png", "b.PNG", "c.Png", "d.jpg"):
        (tmp_path / name).touch()
    assert [path.name for path in mask_files((tmp_path,))] == ["a.png", "b.PNG", "c.Png"]
