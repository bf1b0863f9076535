import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
from PIL import Image

CHECKOUT = Path(__file__).parent.parent


def test_an_installed_wheel_generates_an_image_far_from_the_checkout(tmp_path):
    """Takes a minute: it installs everything that a user would, and compiles only what it runs."""
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--outdir", tmp_path / "dist", CHECKOUT],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    venv.create(tmp_path / "empty")
    python = tmp_path / "empty" / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-compile", wheel]
    subprocess.run(install, check=True, cwd=tmp_path)
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
