"""Writes a small valid file of each format of scans and masks, to be damaged by the fuzz test."""

import numpy as np
import SimpleITK
from dicom_files import SYNTAXES, filled, header, write, write_stack
from lossless_files import packed, write_packed
from mask_files import write_segmentation, write_structures
from PIL import Image

from segpaint.core.labels.labels import Label
from segpaint.core.volumes.geometry import Geometry
from segpaint.core.volumes.planes import Plane
from segpaint.io.volume_files.dicom_search import read_frames
from segpaint.io.volume_files.opening import find_offers
from segpaint.io.volume_files.volume_writers import write_volume
from segpaint.io.volume_headers import open_volume


def open_at_the_door(path):
    """Look at all that a file offers: the middle slice of each volume, and small ones whole."""
    for offer in find_offers(path).offers:
        volume = offer.open()
        volume.voxels.slice(volume.voxels.times - 1, volume.geometry.shape[0] // 2)
        for plane in Plane:
            if np.prod(volume.geometry.shape) < 2**22:
                volume.cut(plane, 0)


def valid_scans(folder, others, images):
    """Write the files of the clinic, and list them by the readers."""
    onto = Geometry.of((3, 32, 36), (-20, -30, 40), (0.8, 0.9, 5.0), np.eye(3))
    values = np.random.default_rng(0).integers(0, 3, onto.shape).astype(np.uint8)
    deep = values.astype(int)
    pictures = [
        next(write_stack(folder / syntax, deep, syntax=syntax).iterdir()).rename(folder / f"{syntax}.dcm")
        for syntax in SYNTAXES
    ]
    pictures.append(write_packed(folder / "lossless.dcm", packed(deep[0] + 1024), deep[0].shape))
    film = header(modality="US", FrameTime=40)
    color = np.random.default_rng(0).integers(0, 255, (4, 6, 8, 3)).astype(np.uint8)
    deep = values.astype(int)
    pictures.append(write(folder / "film.dcm", filled(film, color)))
    series = write_stack(folder / "series", deep)
    given = np.stack([values == 1, values == 2], -1)
    segmentations = [
        write_segmentation(folder / f"{kind}.dcm", series, values if kind == "LABELMAP" else given, kind=kind)
        for kind in ("BINARY", "FRACTIONAL", "LABELMAP")
    ]
    square = np.array([(-15, -25, 40), (-10, -25, 40), (-10, -22, 40), (-15, -22, 40)])
    structures = [write_structures(folder / "structures.dcm", {"a": [square, square + np.array([1, 1, 5])]})]
    labels = [Label(index=1, name="a", color="#112233"), Label(index=2, name="b", color="#445566")]
    slicers, by_itk = folder / "a.seg.nrrd", [folder / name for name in ("a.nrrd", "a.mha")]
    write_volume(slicers, values, onto, labels=labels)
    for path in by_itk:
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(path))
    plain = [folder / "plain.nrrd", folder / "plain.mha"]
    for path in plain:
        SimpleITK.WriteImage(SimpleITK.GetImageFromArray(values), str(path), useCompression=False)
    niftis = [folder / "mask.nii", folder / "mask.nii.gz"]
    for path in niftis:
        write_volume(path, values, onto)
    pages = [folder / "pages.tif", folder / "packed.tif"]
    for path, packing in zip(pages, (None, "tiff_lzw"), strict=True):
        first, *rest = map(Image.fromarray, values.astype(np.uint16))
        first.save(path, save_all=True, append_images=rest, compression=packing)
    arrays = [folder / "a.npy", folder / "a.npz"]
    np.save(arrays[0], values)
    np.savez_compressed(arrays[1], a=values, b=values[0])
    masks = [*segmentations, *structures, slicers, *plain, *niftis]
    every = [*pictures, *masks, *by_itk, *arrays, *pages, *others]

    def stack(path):
        series = {}
        read_frames(path, series)
        return (next(iter(series.values())),)

    def frame(path):
        return (stack(path)[0].frames[-1],)

    def volume(path):
        return open_volume(path, 0), (2, 1, 0), 0, 0

    name = "io.volume_files"
    return {
        f"{name}.file_kinds.kind_of": [(path, ()) for path in every],
        f"{name}.dicom_files.read_header": [(path, ()) for path in pictures],
        "io.dicom_out.source._header": [(path, ()) for path in pictures],
        f"{name}.dicom_files.read_whole": [(path, ()) for path in pictures],
        f"{name}.dicom_search.read_frames": [(path, ({},)) for path in pictures],
        f"{name}.dicom_pixels.read_frame": [(path, frame) for path in pictures],
        f"{name}.dicom_stack._read_stack": [(path, stack) for path in pictures],
        f"{name}.dicom_segmentations.read_segmentation": [(path, (onto,)) for path in segmentations],
        f"{name}.structure_sets.read_structures": [(path, (onto,)) for path in structures],
        f"{name}.itk_files.read_itk": [(path, ()) for path in (*by_itk, *plain)],
        f"{name}.itk_files.read_segments": [(slicers, ())],
        f"{name}.itk_files.read_layers": [(slicers, ())],
        f"{name}.nifti_files.read_nifti": [(path, ()) for path in niftis],
        f"{name}.nifti_files._read_slice": [(path, volume) for path in niftis],
        f"{name}.picture_files.read_picture": [(path, ()) for path in images],
        f"{name}.picture_files.read_pages": [(path, ()) for path in pages],
        f"{name}.picture_files.read_numpy": [(path, ()) for path in arrays],
        f"{name}.masks.read_mask_volume": [(path, (onto,)) for path in masks],
    }
