"""Small scans to prepare, and the command that prepares them."""

import json

import nibabel
import numpy as np

from segpaint.cli import main

SHAPE = (32, 32, 6)
AFFINE = np.diag([2.0, 2.0, 5.0, 1.0])


def scan(seed=0):
    """Grey tissue with noise, and a brighter organ with the label 1."""
    labels = np.zeros(SHAPE, np.uint8)
    labels[10:20, 12:22] = 1
    return np.random.default_rng(seed).normal(300, 50, SHAPE) + 400.0 * labels, labels


def save(path, values, affine=AFFINE, **header):
    """Write a volume, without sides if there is no affine; keywords are fields of its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nibabel.Nifti1Image(values, affine)
    if affine is None:
        image.header.set_zooms(AFFINE.diagonal()[:3])
    for field, value in header.items():
        image.header[field] = value
    nibabel.save(image, path)


def save_pair(folder, name, image=None, labels=None, affine=AFFINE, **header):
    """Write a volume with its labels; what is not given is that of `scan`."""
    usual = scan()
    save(folder / "images" / f"{name}.nii.gz", usual[0] if image is None else image, affine, **header)
    save(folder / "labels" / f"{name}.nii.gz", usual[1] if labels is None else labels, affine, **header)


def prepare(tmp_path, capfd, *options, status=0):
    """Prepare the folder `scans`, and return all that was reported."""
    words = ["prepare", str(tmp_path / "scans"), "--out", str(tmp_path / "out"), "--size", "32"]
    assert main([*words, "--crop", "none", *options]) == status
    assert (tmp_path / "out").exists() == (status == 0)
    return " ".join(capfd.readouterr().err.split())


def record(tmp_path):
    """Read what was recorded of the preparation."""
    return json.loads((tmp_path / "out/prepared.json").read_text())
