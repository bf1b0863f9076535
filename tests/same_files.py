"""Make files of every kind by the command line, to show that two versions of the program make the same ones.

Run in the folder of the version to try; what it makes goes to a new FOLDER, with ``hashes.json``::

    python tests/same_files.py FOLDER
    python tests/same_files.py FOLDER --against OTHER

The second line compares two such folders and exits with 1 if their files differ. Both must have been made on
one machine, since another processor may round differently. Only the command line and the formats of files are
used here, and nothing is imported from the package, so this very script runs on older and newer versions.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import shlex
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path

import nibabel
import numpy as np
from PIL import Image

HEART, NECK = "cardiac-cine-mri-128", "head-neck-ct-128"
TINY_LABELS = [
    {"index": 1, "name": "body", "color": "#cc8844"},
    {"index": 2, "name": "heart", "color": "#dd3333", "parent": 1},
]
LINEAR = {"_class_name": "DDPMScheduler", "beta_schedule": "linear", "prediction_type": "epsilon"}


# ---- inputs


def ellipse(size, row, column, height, width):
    """Return where an ellipse lies, its centre and half axes given as shares of the size."""
    rows, columns = (np.mgrid[:size, :size] + 0.5) / size
    return ((rows - row) / height) ** 2 + ((columns - column) / width) ** 2 < 1


def draw(size, *shapes):
    """Draw a mask: each shape is a label and an ellipse, later ones over earlier ones."""
    mask = np.zeros((size, size), np.uint8)
    for label, *place in shapes:
        mask[ellipse(size, *place)] = label
    return mask


def heart_mask(shift=0.0, wall=0.06):
    return draw(128, (2, 0.5, 0.45 + shift, 0.14 + wall, 0.13 + wall), (1, 0.5, 0.45 + shift, 0.14, 0.13))


def neck_mask(shift=0.0):
    return draw(
        128, (1, 0.5, 0.5, 0.42, 0.4), (2, 0.65, 0.5, 0.1, 0.1), (5, 0.65, 0.5, 0.04, 0.04),
        (10, 0.22 + shift, 0.5, 0.06, 0.2), (3, 0.38, 0.5, 0.05, 0.07), (6, 0.4, 0.24, 0.08, 0.06),
        (7, 0.4, 0.76, 0.08, 0.06), (9, 0.5, 0.5, 0.05, 0.06),
    )  # fmt: skip


def tiny_mask(shift=0.0):
    return draw(32, (1, 0.5, 0.5, 0.4, 0.35), (2, 0.5, 0.45 + shift, 0.2, 0.15))


def png(pixels):
    """Return pixels as a PNG in base64, as a request holds them."""
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def write(path, content):
    """Write pixels, an image or JSON to a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, np.ndarray):
        content = Image.fromarray(content)
    if isinstance(content, Image.Image):
        content.save(path)
    else:
        path.write_text(json.dumps(content))


def write_unet(folder, size, inputs, outputs):
    """Write an untrained network as diffusers does."""
    import torch
    from diffusers import UNet2DModel

    torch.manual_seed(inputs)
    UNet2DModel(
        sample_size=size, in_channels=inputs, out_channels=outputs, block_out_channels=(32, 32),
        layers_per_block=1, down_block_types=("DownBlock2D", "AttnDownBlock2D"),
        up_block_types=("AttnUpBlock2D", "UpBlock2D"), norm_num_groups=16,
    ).save_pretrained(folder / "unet")  # fmt: skip


def write_colour_checkpoint(folder):
    """Write a checkpoint of two labels that makes colour images of 32 x 32 pixels."""
    write_unet(folder, 16, (3 + 2) * 4, 3 * 4)
    write(
        folder / "segpaint.json",
        {
            "format": 1, "name": "Colour", "modality": "ES", "size": 32, "channels": 3,
            "labels": TINY_LABELS, "space_to_depth": 2, "steps": 4,
        },
    )  # fmt: skip
    write(folder / "scheduler/scheduler_config.json", {**LINEAR, "prediction_type": "v_prediction"})


def write_volumes(folder):
    """Write small scans in three layouts: images/ and labels/, files side by side, and nnU-Net's."""

    def save(path, values):
        path.parent.mkdir(parents=True, exist_ok=True)
        nibabel.save(nibabel.Nifti1Image(values, np.diag([-1.5, -1.5, 3.0, 1.0])), path)

    for case in range(4):
        rng = np.random.default_rng(case)
        x, y, z = np.mgrid[:24, :20, :8]
        distance = np.hypot(np.hypot(x - 11 - case, y - 10), 2 * (z - 4))
        labels = ((distance < 9).astype(np.uint8) + (distance < 5)).astype(np.uint8)
        scan = (labels * 300.0 + rng.normal(0, 20, labels.shape)).astype(np.int16)
        save(folder / f"mr/images/case{case}.nii.gz", scan)
        save(folder / f"mr/labels/case{case}.nii.gz", labels)
        save(folder / f"ct/patient{case // 2}_{case}.nii", scan - 300)
        save(folder / f"ct/patient{case // 2}_{case}-labels.nii", labels)
        for channel in range(2):
            save(folder / f"nnunet/imagesTr/case{case}_000{channel}.nii.gz", scan + np.int16(100 * channel))
        save(folder / f"nnunet/labelsTr/case{case}.nii.gz", labels)
    content = {
        "channel_names": {"0": "T1", "1": "T2"}, "labels": {"background": 0, "body": 1, "heart": 2},
        "numTraining": 4, "file_ending": ".nii.gz",
    }  # fmt: skip
    write(folder / "nnunet/dataset.json", content)


# ---- what is asked for

ON_HEART, ON_NECK = f"--checkpoint {HEART} --steps 4", f"--checkpoint {NECK} --steps 4"
ON_COLOUR, ON_INDEX = "--checkpoint @inputs/colour", "--checkpoint @index-import/index"
OTHERS = {
    "index-import": "checkpoint import @inputs/index --labels @inputs/labels.json --licence CC0 "
    "--pixel-spacing 1.5 --out @index-import/index",
    "blind-import": "checkpoint import @inputs/blind --modality MR --name Blind --out @blind-import/blind",
    "prepare-mr": "prepare @inputs/volumes/mr --size 32 --val-share 0.25 --out @prepare-mr",
    "prepare-ct": "prepare @inputs/volumes/ct --size 24 --axis coronal --window ct-soft --every 2 --seed 3 "
    "--patient patient. --labels @inputs/labels.json --crop none --val-share 0.5 --out @prepare-ct",
    "prepare-nnunet": "prepare @inputs/volumes/nnunet --size 32 --axis sagittal --channel T2 --spacing 2 "
    "--empty-share 1 --out @prepare-nnunet",
}
"""Words of commands; @ stands for the folder."""
GENERATE = {
    "heart": f"@inputs/heart.png {ON_HEART}",
    "heart-ddim": f"@inputs/heart.png {ON_HEART} --sampler ddim",
    "heart-ddpm": f"@inputs/heart.png {ON_HEART} --sampler ddpm",
    "heart-unguided": f"@inputs/heart.png {ON_HEART} --guidance 1",
    "heart-guided": f"@inputs/heart.png {ON_HEART} --guidance 3.5",
    "heart-seed": f"@inputs/heart.png {ON_HEART} --seed 123456789",
    "heart-seeds": f"@inputs/heart.png {ON_HEART} --seed 7 --per-mask 3",
    "heart-ablated": f"@inputs/heart.png {ON_HEART} --ablate 'LV cavity'",
    "heart-used": f"@inputs/heart.png {ON_HEART} --use 1",
    "heart-blank": f"@inputs/heart.png {ON_HEART} --ablate all",
    "heart-free": f"@inputs/heart.png {ON_HEART} --free @inputs/free.png",
    "heart-half-free": f"@inputs/half-free.png {ON_HEART} --sampler ddim --guidance 2",
    "heart-masks": f"@inputs/wide.png @inputs/palette.png {ON_HEART} --per-mask 2",
    "heart-resized": f"@inputs/bits.png {ON_HEART} --resize",
    "heart-recommended": f"@inputs/heart.png --checkpoint {HEART}",
    "neck": f"@inputs/neck.png {ON_NECK}",
    "neck-ddim": f"@inputs/neck.png {ON_NECK} --sampler ddim --guidance 1",
    "neck-ddpm": f"@inputs/neck.png {ON_NECK} --sampler ddpm",
    "neck-ablated": f"@inputs/neck.png {ON_NECK} --ablate 'bone, 3, left parotid'",
    "neck-free": f"@inputs/neck.png {ON_NECK} --free @inputs/free.png --use body,mandible",
    "colour": f"@inputs/tiny.png {ON_COLOUR} --guidance 2",
    "index": f"@inputs/tiny.png {ON_INDEX} --steps 5",
    "index-ablated": f"@inputs/tiny.png {ON_INDEX} --steps 5 --ablate heart --guidance 2",
    "blind": "@inputs/blank.png --checkpoint @blind-import/blind --sampler ddpm --steps 5",
}
"""What follows ``generate``."""
SETS = {
    "set-published": {
        "checkpoints": [HEART], "masks": ["heart.png", "wide.png"],
        "between": {"first": "heart.png", "second": "wide.png", "count": 3},
        "seeds": {"first": 5, "count": 2}, "subsets": [None, ["LV cavity"], []], "steps": 2,
        "validation": 0.3, "precision": "float32",
    },
    "set-nnunet": {
        "checkpoints": [NECK], "masks": ["neck.png"], "subsets": [None, ["body", "bone", "mandible"]],
        "seeds": {"count": 2}, "sampler": "ddim", "steps": 2, "guidance": 1.0, "layout": "nnunet",
    },
    "set-models": {"checkpoints": ["colour", HEART], "masks": ["tiny.png"], "steps": 2, "resize": True},
}  # fmt: skip
"""Specifications of paired sets, which lie in ``inputs``."""


def write_inputs(inputs):
    """Write the masks, checkpoints, scans and specifications that the commands name."""
    colours = Image.fromarray(heart_mask(-0.05, 0.03))
    colours.putpalette([0, 0, 0, 200, 40, 40, 40, 200, 160])
    masks = {
        "heart": heart_mask(),
        "wide": heart_mask(0.08),
        "neck": neck_mask(),
        "tiny": tiny_mask(),
        "blank": draw(32),
        "palette": colours,
        "bits": heart_mask()[::2, ::2] == 1,
        "half-free": np.where(ellipse(128, 0.3, 0.3, 0.2, 0.25), 255, heart_mask()).astype(np.uint8),
        "free": ellipse(128, 0.4, 0.6, 0.25, 0.2).astype(np.uint8) * 9,
    }
    for name, mask in masks.items():
        write(inputs / f"{name}.png", mask)
    for name, specification in SETS.items():
        write(inputs / f"{name}.json", {"format": 1, **specification})
    write(inputs / "labels.json", {"modality": "MR", "labels": TINY_LABELS})
    write_colour_checkpoint(inputs / "colour")
    write_unet(inputs / "index", 32, 2, 1)
    write_unet(inputs / "blind", 32, 1, 1)
    write_volumes(inputs / "volumes")


def requests(made):
    """Return requests as they stand in files, by name."""
    fingerprints = {
        name: json.loads((made / file).read_text())["fingerprint"]
        for name, file in {
            HEART: "heart/heart.json", NECK: "neck/neck.json",
            "colour": "colour/tiny.json", "index": "index/tiny.json",
        }.items()
    }  # fmt: skip

    def ask(checkpoint, mask, labels, **changes):
        return {
            "format": 1, "checkpoint": checkpoint, "fingerprint": fingerprints[checkpoint],
            "used": list(range(1, labels + 1)), "sampler": "ddim", "steps": 5, "seed": 11, "guidance": 1.5,
            "precision": "float32", "mask": png(mask), "changes": [], "origin": None, **changes,
        }  # fmt: skip

    def change(step, mask, *used):
        return {"step": step, "used": list(used), "mask": png(mask)}

    def edited(image, mask, *used, margin):
        place = {"image": png(image), "mask": png(mask)}
        return {"kind": "counterfactual", **place, "used": list(used), "margin": margin}

    def near(image, share, step):
        return {"kind": "similarity", "image": png(image), "share": share, "step": step}

    def warm(image, step):
        return {"kind": "warm start", "image": png(image), "step": step}

    heart, moved, neck, tiny = heart_mask(), heart_mask(0.08, 0.03), neck_mask(), tiny_mask()
    slice_, scan, photo = (
        np.asarray(Image.open(made / file)) for file in ("heart/heart.png", "neck/neck.png", "colour/tiny.png")
    )
    on_edit = edited(slice_, heart, 1, 2, margin=6.0)
    return {
        "float32": ask(HEART, heart, 2, sampler="dpm++"),
        "bfloat16": ask(HEART, heart, 2, sampler="dpm++", precision="bfloat16"),
        "float32-neck": ask(NECK, neck, 10, sampler="ddpm", guidance=1.0, seed=2**40),
        "changed": ask(HEART, heart, 2, sampler="dpm++", changes=[change(2, moved, 1, 2)]),
        "changed-twice": ask(
            NECK, neck, 10, sampler="ddpm",
            changes=[change(1, neck_mask(0.04), *range(1, 11)), change(3, neck_mask(0.04), 1, 2, 10)],
        ),
        "branch-a": ask(HEART, heart, 2, steps=6, changes=[change(3, moved, 1, 2)]),
        "branch-b": ask(HEART, heart, 2, steps=6, changes=[change(3, heart, 2)]),
        "branch-of-b": ask(HEART, heart, 2, steps=6, changes=[change(3, heart, 2), change(5, moved, 2)]),
        "edited": ask(HEART, moved, 2, origin=on_edit),
        "edited-wholly": ask(HEART, moved, 2, origin={**on_edit, "margin": None}, precision="bfloat16"),
        "edited-sharply": ask(NECK, neck_mask(0.06), 10, guidance=1.0,
                              origin=edited(scan, neck, *range(1, 11), margin=0.0)),
        "edited-changed": ask(HEART, moved, 2, steps=6, origin=on_edit, changes=[change(4, heart, 1)]),
        "near": ask(HEART, heart, 2, origin=near(slice_, 0.5, 2)),
        "near-noise": ask(NECK, neck, 10, guidance=1.0, origin=near(scan, 0.7, 0)),
        "warm": ask(HEART, moved, 2, sampler="dpm++", steps=6, origin=warm(slice_, 3)),
        "warm-ddpm": ask(NECK, neck, 10, sampler="ddpm", steps=6, origin=warm(scan, 2),
                         changes=[change(4, neck_mask(0.05), *range(1, 11))]),
        "colour-edited": ask("colour", tiny_mask(0.1), 2, origin=edited(photo, tiny, 1, 2, margin=2.0)),
        "colour-warm": ask("colour", tiny, 2, sampler="dpm++", steps=8, origin=warm(photo, 4)),
        "index-changed": ask("index", tiny, 2, steps=8, used=[1], changes=[change(4, tiny_mask(0.1), 1, 2)]),
    }  # fmt: skip


# ---- making and comparing


def commands(made):
    """Yield the words of each command with its name; what later ones need has been made by then."""
    for name, words in OTHERS.items():
        yield name, words
    for name, words in GENERATE.items():
        yield name, f"generate {words} --out @{name} --device cpu"
    for name in SETS:
        place = ON_COLOUR if "colour" in SETS[name]["checkpoints"] else ""
        yield name, f"generate --set @inputs/{name}.json {place} --out @{name} --device cpu"
    places = {"colour": ON_COLOUR, "index": ON_INDEX}
    for name, request in requests(made).items():
        write(made / f"inputs/requests/{name}.json", request)
        place = places.get(request["checkpoint"], "")
        yield name, f"generate --request @inputs/requests/{name}.json {place} --out @{name} --device cpu"
    yield "again", "generate --request @changed/changed.png --out @again --device cpu"


def run(made, words):
    """Run the program, with the user's own checkpoints out of reach and sums always in one order."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "XDG_DATA_HOME": str(made / "inputs/home")}
    command = [
        sys.executable,
        "-m",
        "segpaint",
        *(word.replace("@", f"{made}/") for word in shlex.split(words)),
    ]
    done = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}\nended with {done.returncode}:\n{done.stderr}")


def make(made):
    """Make everything in a new folder, and write down the hashes of the files."""
    if made.exists() and any(made.iterdir()):
        sys.exit(f"{made} holds files already; give a new folder.")
    place = "import segpaint; print(segpaint.__file__)"
    subprocess.run([sys.executable, "-c", place], check=True)
    write_inputs(made / "inputs")
    for count, (name, words) in enumerate(commands(made), start=1):
        print(f"{count:2d} {name}", flush=True)  # noqa: T201
        run(made, words)
    hashes = {path: hashlib.sha256(content(made, path)).hexdigest() for path in files(made)}
    (made / "hashes.json").write_text(json.dumps(hashes, indent=1) + "\n")
    print(f"{count} commands, {len(hashes)} files")  # noqa: T201


def files(made):
    """List the files that the program has made, by path within the folder; hidden ones are its own notes."""
    paths = (path.relative_to(made) for path in sorted(made.glob("*/**/*")) if path.is_file())
    return [path.as_posix() for path in paths if path.parts[0] != "inputs" and path.name[0] != "."]


def content(made, path):
    """Read a file; the folder's own place, which some files name, is replaced."""
    return (made / path).read_bytes().replace(str(made).encode(), b"FOLDER")


def compare(made, other):
    """Return a line for each file that differs or is in one of the folders alone."""
    ours, theirs = (json.loads((folder / "hashes.json").read_text()) for folder in (made, other))
    lines = [f"{path} is missing in {made}" for path in sorted(theirs.keys() - ours.keys())]
    lines += [f"{path} is missing in {other}" for path in sorted(ours.keys() - theirs.keys())]
    differing = [path for path in ours if path in theirs and ours[path] != theirs[path]]
    return lines + [f"{path} differs: {difference(made, other, path)}" for path in differing]


def difference(made, other, path):
    """Describe how a file in one folder differs from that in the other."""
    if path.endswith(".png"):
        with Image.open(made / path) as first, Image.open(other / path) as second:
            if (first.size, first.mode) != (second.size, second.mode):
                return f"{first.mode} {first.size}, not {second.mode} {second.size}"
            apart = np.abs(np.asarray(first).astype(int) - np.asarray(second))
            notes = [key for key in {*first.info, *second.info} if first.info.get(key) != second.info.get(key)]
        if apart.any():
            return f"{np.count_nonzero(apart)} values, by up to {apart.max()}"
        return f"only what it notes: {', '.join(sorted(notes))}" if notes else "only how it is packed"
    try:
        both = (content(folder, path).decode().splitlines() for folder in (made, other))
    except UnicodeDecodeError:
        return "in its bytes"
    for number, (first, second) in enumerate(zip_longest(*both), start=1):
        if first != second:
            return f"line {number} is {first!r:.90}, not {second!r:.90}"
    return "in its line ends"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--against", type=Path, metavar="OTHER", help="compare with this one; make nothing")
    arguments = parser.parse_args()
    if arguments.against is None:
        make(arguments.folder.resolve())
        return
    lines = compare(arguments.folder.resolve(), arguments.against.resolve())
    print("\n".join(lines) or "All files are the same.")  # noqa: T201
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
