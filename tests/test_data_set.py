import os
import shutil

import numpy as np
import pytest
from PIL import Image, ImageOps

from segpaint.core.errors import SegPaintError
from segpaint.training.dataset import Pairs, read_data_set
from segpaint.training.export import label_statistics, recent_losses

IMAGE = "images/train/train_2.png"
MASK = "masks/all/train/train_2.png"


@pytest.fixture
def folder(tiny_data, tmp_path):
    """A data set to spoil."""
    return shutil.copytree(tiny_data, tmp_path / "drawn")


def refusal(folder):
    with pytest.raises(SegPaintError) as caught:
        read_data_set(folder)
    return str(caught.value)


def save(path, pixels, mode=None):
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(path)


def test_a_data_set_is_read_whole(tiny_data, table):
    data = read_data_set(tiny_data)
    assert data.modality == "MR"
    assert data.table == table
    assert len(data.train) == 6
    assert len(data.val) == 2
    assert data.train.images.shape == (6, 1, 32, 32)
    assert data.train.masks.shape == (6, 32, 32)
    with Image.open(tiny_data / IMAGE) as image, Image.open(tiny_data / MASK) as mask:
        assert np.array_equal(data.train.images[2, 0], np.asarray(image))
        assert np.array_equal(data.train.masks[2], np.asarray(mask))


def test_labels_that_nobody_looked_for_are_known(tiny_data):
    data = read_data_set(tiny_data)
    expected = np.ones((6, 3), np.bool_)
    expected[1, 2] = False
    assert np.array_equal(data.train.annotated, expected)


def test_without_a_list_every_label_was_looked_for(folder):
    (folder / "annotated.csv").unlink()
    data = read_data_set(folder)
    assert data.train.annotated.all()
    assert data.val.annotated.all()


def test_an_image_that_is_not_listed_has_every_label(folder):
    (folder / "annotated.csv").write_text("name,labels\ntrain_0.png,\n")
    assert read_data_set(folder).train.annotated.all(axis=1).tolist() == [False] + [True] * 5


def test_colour_images_have_three_channels(folder):
    for path in sorted(folder.glob("images/*/*.png")):
        save(path, np.asarray(Image.open(path)).copy(), "RGB")
    assert read_data_set(folder).train.images.shape == (6, 3, 32, 32)


def test_palette_masks_are_read_by_their_indices(folder, table):
    before = read_data_set(folder).train.masks
    for path in sorted(folder.glob("masks/all/*/*.png")):
        with Image.open(path) as mask:
            mask.putpalette(table.colors().tobytes())
            mask.save(path)
    assert np.array_equal(read_data_set(folder).train.masks, before)


@pytest.mark.parametrize("name", [IMAGE, MASK])
def test_a_file_without_its_partner_is_named(folder, name):
    (folder / name).unlink()
    assert str(folder / name) in refusal(folder)


@pytest.mark.parametrize("name", [IMAGE, MASK])
@pytest.mark.parametrize("content", [b"", b"not a picture", b"\x89PNG\r\n\x1a\n"])
def test_a_corrupt_picture_is_named(folder, name, content):
    (folder / name).write_bytes(content)
    assert str(folder / name) in refusal(folder)


@pytest.mark.parametrize("name", [IMAGE, MASK])
def test_a_picture_of_another_size_is_named(folder, name):
    save(folder / name, np.zeros((16, 32), np.uint8))
    message = refusal(folder)
    assert str(folder / IMAGE) in message
    assert "one size" in message


def test_splits_of_different_sizes_are_refused(folder):
    for path in [*folder.glob("images/val/*.png"), *folder.glob("masks/all/val/*.png")]:
        save(path, np.zeros((16, 16), np.uint8))
    assert str(folder) in refusal(folder)


def test_pictures_that_are_no_squares_are_refused(folder):
    for path in [*folder.glob("images/*/*.png"), *folder.glob("masks/all/*/*.png")]:
        save(path, np.zeros((32, 48), np.uint8))
    assert "48 x 32" in refusal(folder)


def test_an_unknown_value_in_a_mask_is_named_with_its_file(folder):
    save(folder / MASK, np.full((32, 32), 3, np.uint8))
    message = refusal(folder)
    assert str(folder / MASK) in message
    assert "3" in message.replace(str(folder), "")


@pytest.mark.parametrize("mode", ["RGB", "I;16"])
def test_a_mask_of_another_kind_is_named(folder, mode):
    save(folder / MASK, np.zeros((32, 32), np.uint8), mode)
    message = refusal(folder)
    assert str(folder / MASK) in message
    assert mode in message


def test_files_named_in_capitals_and_below_patients_folders_are_read(folder):
    before = read_data_set(folder)
    for place in (folder / "images" / "train", folder / "masks" / "all" / "train"):
        (place / "patient 1").mkdir()
        (place / "train_0.png").rename(place / "patient 1" / "a.png")
        (place / "train_2.png").rename(place / "train_2.PNG")
    table = folder / "annotated.csv"
    table.write_text(table.read_text().replace("train_0.png", "patient 1/a.png"))
    after = read_data_set(folder)
    assert after.notes == ()
    assert len(after.train) == 6
    assert after.train.names[:3] == ["patient 1/a.png", "train_1.png", "train_2.PNG"]
    assert np.array_equal(after.train.images, before.train.images)
    assert np.array_equal(after.train.masks, before.train.masks)
    assert np.array_equal(after.train.annotated, before.train.annotated)


def test_files_that_are_not_used_are_counted(folder):
    for name in ("images/a.png", "images/train/b.tif", "images/extra/c.png", "masks/all/train/d.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"")
    images, masks = read_data_set(folder).notes
    assert images.startswith(f"{folder / 'images'}: files that are not used: 3, such as a.png.")
    assert masks.startswith(f"{folder / 'masks' / 'all'}: files that are not used: 1, such as train/d.jpg.")


def test_links_and_pipes_that_are_not_followed_are_counted(folder, tmp_path):
    place = folder / "images/train"
    (tmp_path / "patient").mkdir()
    (place / "patient").symlink_to(tmp_path / "patient")
    (place / "gone.png").symlink_to(tmp_path / "nowhere.png")
    os.mkfifo(place / "pipe.png")
    (note,) = read_data_set(folder).notes
    assert "files that are not used: 3, such as train/gone.png" in note


def test_a_split_that_is_a_link_is_read(folder, tmp_path):
    for place in (folder / "images", folder / "masks/all"):
        moved = tmp_path / f"moved {place.name}"
        (place / "val").rename(moved)
        (place / "val").symlink_to(moved)
    data = read_data_set(folder)
    assert len(data.val)
    assert data.notes == ()


def test_images_of_val_that_are_trained_on_are_counted(folder):
    first, other = (sorted((folder / "images" / split).glob("*.png"))[0] for split in ("train", "val"))
    shutil.copy(first, other)
    assert f"Images of val that are in train, too: 1, such as {other.name}." in read_data_set(folder).notes[0]


def test_images_of_nearly_one_shade_are_told(folder):
    path = sorted((folder / "images/train").glob("*.png"))[0]
    with Image.open(path) as image:
        faint = np.asarray(image) // 64
    Image.fromarray(faint).save(path)
    assert f"{path} holds the values 0 to " in read_data_set(folder).notes[0]


def test_images_without_masks_that_are_not_read_are_counted(folder, tmp_path):
    shutil.copytree(folder / "images/val", tmp_path / "more")
    (tmp_path / "more/a.tif").write_bytes(b"")
    notes = read_data_set(folder, tmp_path / "more").notes
    assert f"{tmp_path / 'more'}: files that are not used: 1, such as a.tif." in notes


def test_the_shadows_that_macos_leaves_beside_files_are_passed_over(folder):
    before = read_data_set(folder)
    for path in [path for path in folder.rglob("*") if path.is_file()]:
        path.with_name(f"._{path.name}").write_bytes(b"\0\5\x16\7" + bytes(60))
    after = read_data_set(folder, folder / "images" / "val")
    assert after.notes == ()
    assert after.train.names[:6] == before.train.names
    assert len(after.train) == 8


@pytest.mark.parametrize("ending", [".jpg", ".JPEG"])
def test_jpeg_images_are_read(folder, ending):
    before = read_data_set(folder).train.images
    for path in folder.glob("images/*/*.png"):
        Image.open(path).save(path.with_suffix(ending), quality=95)
        path.unlink()
    after = read_data_set(folder).train.images
    assert np.abs(after.astype(int) - before).mean() < 3


@pytest.mark.parametrize("orientation", range(2, 9))
def test_image_and_mask_are_both_upright(folder, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    places = [folder / kind / "train" / "train_0.png" for kind in ("images", "masks/all")]
    upright = []
    for path in places:
        with Image.open(path) as image:
            image.load()
        image.save(path, exif=exif.tobytes())
        upright.append(np.asarray(ImageOps.exif_transpose(Image.open(path))))
    data = read_data_set(folder)
    row = data.train.names.index("train_0.png")
    np.testing.assert_array_equal(data.train.images[row, 0], upright[0])
    np.testing.assert_array_equal(data.train.masks[row], upright[1])
    assert not np.array_equal(upright[1], np.asarray(image))


def test_a_jpeg_beside_a_png_of_its_name_is_named(folder):
    Image.open(folder / IMAGE).save((folder / IMAGE).with_suffix(".jpg"))
    assert "differ by their endings alone" in refusal(folder)


def test_images_with_transparency_are_read_without_it(folder):
    before = read_data_set(folder).train.images
    for path in folder.glob("images/*/*.png"):
        save(path, np.asarray(Image.open(path)).copy(), "LA" if path.stem.endswith("0") else "L")
    assert np.array_equal(read_data_set(folder).train.images, before)
    for path in folder.glob("images/*/*.png"):
        save(path, np.asarray(Image.open(path).convert("L")).copy(), "RGBA")
    assert np.array_equal(read_data_set(folder).train.images, before.repeat(3, axis=1))


def test_images_of_16_bits_are_spread_over_8(folder):
    before = read_data_set(folder).train.images
    for path in folder.glob("images/*/*.png"):
        Image.fromarray(np.asarray(Image.open(path)).astype(np.uint16) * 16).save(path)
    after = read_data_set(folder).train.images
    assert after.min() == 0
    assert after.max() == 255
    assert np.corrcoef(after.ravel(), before.ravel())[0, 1] > 0.99


@pytest.mark.parametrize("shade", [0, 7])
def test_images_of_one_shade_are_reported(folder, shade):
    for name in ("train_1", "train_4"):
        save(folder / f"images/train/{name}.png", np.full((32, 32), shade, np.uint8))
    (note,) = read_data_set(folder).notes
    path = folder / "images/train/train_1.png"
    assert note == f"{path} is of a single shade, {shade}. More such images: 1."


def test_images_of_values_from_0_to_1_are_refused(folder):
    for path in folder.glob("images/*/*.png"):
        save(path, (np.asarray(Image.open(path)) > 100).astype(np.uint8))
    assert "holds the values 0 and 1 alone, and 255 is white. All images are so" in refusal(folder)


def test_of_several_wrong_files_the_first_is_named_and_the_others_are_counted(folder):
    for name in ("train_2.png", "train_3.png", "train_5.png"):
        content = (folder / "images/train" / name).read_bytes()
        (folder / "images/train" / name).write_bytes(content[: len(content) // 2])
    message = refusal(folder)
    assert str(folder / IMAGE) in message
    assert "train_3" not in message
    assert message.endswith("2 more files are wrong, too.")


def test_an_empty_file_is_called_empty(folder):
    (folder / MASK).write_bytes(b"")
    assert f"{folder / MASK} cannot be read as an image: it is empty;" in refusal(folder)


@pytest.mark.parametrize("name", ["train_0.png", "train_4.png"])
def test_a_colour_image_among_grey_ones_is_named(folder, name):
    path = folder / "images/train" / name
    save(path, np.asarray(Image.open(path)).copy(), "RGB")
    message = refusal(folder)
    assert message.startswith(f"{path} is 32 x 32 pixels of RGB, and most images are 32 x 32 pixels of grey")
    assert "more file" not in message


def test_val_images_in_colour_are_refused_where_the_others_are_grey(folder):
    for path in folder.glob("images/val/*.png"):
        save(path, np.asarray(Image.open(path)).copy(), "RGB")
    assert str(folder / "images/val/val_0.png") in refusal(folder)


@pytest.mark.parametrize("split", ["train", "val"])
def test_a_missing_folder_of_masks_is_named(folder, split):
    shutil.rmtree(folder / "masks" / "all" / split)
    assert refusal(folder).startswith(f"{folder / 'masks' / 'all' / split} is missing")


def test_a_mask_of_another_size_is_named(folder):
    save(folder / MASK, np.zeros((16, 32), np.uint8))
    assert refusal(folder).startswith(f"{folder / MASK} is 32 x 16 pixels")


def test_labels_that_no_mask_shows_are_found(folder):
    assert read_data_set(folder).never_shown == ()
    for path in folder.glob("masks/all/train/*.png"):
        mask = np.asarray(Image.open(path)).copy()
        save(path, np.where(mask == 2, 1, mask))
    assert [label.name for label in read_data_set(folder).never_shown] == ["heart"]
    for path in folder.glob("masks/all/train/*.png"):
        save(path, np.zeros((32, 32), np.uint8))
    message = refusal(folder)
    assert str(folder / "labels.json") in message
    assert str(folder / "masks/all/train") in message


def test_a_missing_label_table_is_named(folder):
    (folder / "labels.json").unlink()
    assert f"{folder} has no labels.json" in refusal(folder)


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "{}", '{"modality": "MR", "labels": 3}', '{"modality": "MR", "labels": []}', "\xe9"),
        '{"modality": "MR", "labels": [{"index": 300, "name": "a", "color": "#000000"}]}',
        '{"modality": "MR", "labels": [{"index": 1, "name": "a", "color": "#000000"}, '
        '{"index": 1, "name": "b", "color": "#000000"}]}',
    ],
)
def test_a_label_table_that_makes_no_sense_is_named(folder, content):
    (folder / "labels.json").write_text(content, encoding="latin-1")
    assert str(folder / "labels.json") in refusal(folder)


@pytest.mark.parametrize(
    "content", ["train_0.png,1;2\ntrain_1.png,1\n", "name,labels\ntrain_0.png,one\n", "name,labels\na\n"]
)
def test_a_list_of_annotated_labels_that_makes_no_sense_is_named(folder, content):
    (folder / "annotated.csv").write_text(content)
    assert str(folder / "annotated.csv") in refusal(folder)


def test_an_empty_data_set_is_refused(folder, tmp_path):
    shutil.rmtree(folder / "images")
    shutil.rmtree(folder / "masks")
    assert "train" in refusal(folder)
    assert f"There is no folder {tmp_path / 'nowhere'}" in refusal(tmp_path / "nowhere")


def test_a_data_set_without_val_images_is_fine(folder):
    shutil.rmtree(folder / "images" / "val")
    shutil.rmtree(folder / "masks" / "all" / "val")
    assert len(read_data_set(folder).val) == 0


def test_label_statistics_are_right_on_a_known_mask():
    masks = np.zeros((5, 20, 40), np.uint8)
    masks[0, 8:12, 10:20] = 2  # 40 pixels, centred on (10, 15)
    masks[1, 4:8, 30:40] = 2  # 40 pixels, centred on (6, 35)
    masks[2] = 1
    masks[4] = 2  # not looked for, so not counted
    annotated = np.ones((5, 3), np.bool_)
    annotated[4, 1] = False
    pairs = Pairs(
        list("abcde"), np.zeros((5, 1, 20, 40), np.uint8), masks, annotated, np.zeros((5, 0), np.int64)
    )
    statistics = label_statistics(pairs, (1, 2, 4), ["body", "heart", "bone"])
    heart = statistics["heart"]
    assert heart.presence == pytest.approx(0.5)
    assert heart.area == pytest.approx((0.05, 0.05, 0.05))
    # Half a pixel either way: rows may be counted from their edges or their centres.
    assert heart.centre == pytest.approx((8 / 20, 25 / 40), abs=0.026)
    assert heart.centre_spread == pytest.approx((2 / 20, 10 / 40), abs=1e-4)
    assert statistics["body"].presence == pytest.approx(0.2)
    assert statistics["body"].area == pytest.approx((1, 1, 1))
    assert "bone" not in statistics


def test_a_misspelt_name_in_annotated_csv_is_found(tiny_data, tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(tiny_data, folder)
    table = folder / "annotated.csv"
    table.write_text(table.read_text().replace("train_3.png", "train_33.png"))
    with pytest.raises(SegPaintError, match=r"'train_33'.*'train_3'"):
        read_data_set(folder)


def test_the_loss_in_the_card_is_not_that_of_a_last_lonely_step():
    losses = [(100, 8.0, 0.9), (300, 2.0, 0.5), (390, 1.0, 0.4), (391, 0.1, 0.3)]
    train, validation = recent_losses(losses)
    assert train == pytest.approx((200 * 2.0 + 90 * 1.0 + 1 * 0.1) / 291)
    assert validation == 0.3
    assert recent_losses([]) == (0.0, 0.0)
