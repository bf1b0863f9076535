import os
import subprocess
import sys
import sysconfig
import venv
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
from packaging.requirements import Requirement
from PIL import Image

CHECKOUT = Path(__file__).parent.parent


def link_requirements(site_packages):
    """Link what an installation would bring: what segpaint requires, and so on, but nothing for tests alone."""
    left, seen = [("segpaint", "")], set()
    while left:
        name, extra = left.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for text in distribution(name).requires or ():
            wanted = Requirement(text)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                left += [(wanted.name, each) for each in ("", *wanted.extras)]
    needed = [distribution(name) for name, _ in seen if name != "segpaint"]
    roots = {found.locate_file(file.parts[0]) for found in needed for file in found.files}
    for root in roots:
        if root.name not in ("..", "__pycache__"):
            (site_packages / root.name).symlink_to(root)


def test_an_installed_wheel_generates_an_image_far_from_the_checkout(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", CHECKOUT],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "empty")
    python = tmp_path / "empty" / "bin" / "python"
    link_requirements(Path(sysconfig.get_path("purelib", vars={"base": str(tmp_path / "empty")})))
    pip = [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([*pip, "install", "-q", "--no-compile", "--no-deps", wheel], check=True, cwd=tmp_path)
    subprocess.run([*pip, "check"], check=True, cwd=tmp_path)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    find = (
        "from segpaint.paths import *; "
        "print(*example_masks(find_checkpoint('cardiac-cine-mri-128')), sep='\\n')"
    )
    found = subprocess.run(
        [python, "-c", find], check=True, cwd=tmp_path, env=environment, capture_output=True, text=True
    ).stdout.split("\n")
    assert Path(found[0]).is_relative_to(tmp_path / "empty")
    command = [tmp_path / "empty" / "bin" / "segpaint", "generate", found[0], "--out", "images", "--steps", "4"]
    subprocess.run(command, check=True, cwd=tmp_path, env=environment)
    (image,) = (path for path in (tmp_path / "images").glob("*.png") if not path.stem.endswith("_mask"))
    pixels = np.asarray(Image.open(image))
    assert pixels.shape == (128, 128)
    assert pixels.std() > 10
