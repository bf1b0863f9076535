import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import FREE, Label, LabelTable
from segpaint.io.foreign_masks import read_foreign_mask, read_names, table_beside
from segpaint.io.image_files import encode_mask
from segpaint.io.sizes import Fit, WrongSizeError


@pytest.fixture
def read(tmp_path, table):
    """Save a picture as a PNG, and read it as a mask from elsewhere."""

    def read_(image, **options):
        path = tmp_path / "foreign.png"
        (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path)
        return read_foreign_mask(path, table, 32, **options)

    return read_


def indices(foreign):
    return [source.index for source in foreign.sources]


def colors(foreign):
    return [source.color for source in foreign.sources]


def itself(foreign):
    """The pixels as the file numbers them."""
    return np.array(indices(foreign))[foreign.places]


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "I;16"])
def test_greys_are_indices_in_whatever_mode(read, drawn_mask, mode):
    picture = (
        Image.fromarray(drawn_mask.astype(np.uint16))
        if mode == "I;16"
        else Image.fromarray(drawn_mask).convert(mode)
    )
    foreign = read(picture)
    np.testing.assert_array_equal(itself(foreign), drawn_mask)
    assert colors(foreign) == [None] * 4
    assert [source.pixels for source in foreign.sources] == np.bincount(drawn_mask.ravel())[
        [0, 1, 2, 4]
    ].tolist()


def test_large_numbers_are_read_as_they_are(read, drawn_mask):
    large = drawn_mask.astype(np.uint16) * 1000
    foreign = read(large)
    assert indices(foreign) == [0, 1000, 2000, 4000]
    np.testing.assert_array_equal(itself(foreign), large)


def test_one_bit_is_0_and_1(read, drawn_mask):
    foreign = read(Image.fromarray(drawn_mask > 0))
    assert [source.text for source in foreign.sources] == ["0", "1"]
    np.testing.assert_array_equal(itself(foreign), drawn_mask > 0)


def test_a_palette_tells_the_colours_of_what_is_used(read, drawn_mask, table):
    image = Image.fromarray(drawn_mask)
    image.putpalette(table.colors().tobytes())
    foreign = read(image)
    assert indices(foreign) == [0, 1, 2, 4]
    assert colors(foreign) == [(0, 0, 0), *(label.rgb for label in table)]


def test_a_palette_of_greys_tells_nothing(read, drawn_mask):
    image = Image.fromarray(drawn_mask)
    image.putpalette([value // 3 for value in range(768)])
    foreign = read(image)
    assert indices(foreign) == [0, 1, 2, 4]
    assert colors(foreign) == [None] * 4


def test_flat_colours_are_values_without_numbers(read, drawn_mask, table):
    foreign = read(table.colors()[drawn_mask])
    assert indices(foreign) == [None] * 4
    np.testing.assert_array_equal(foreign.colors[foreign.places], table.colors()[drawn_mask])


def test_what_is_transparent_is_black(read, drawn_mask, table):
    painted = np.where(drawn_mask == 1, 0, drawn_mask)
    picture = np.dstack([table.colors()[drawn_mask], np.where(painted, 255, 0).astype(np.uint8)])
    picture[drawn_mask == 1, :3] = 0
    foreign = read(picture)
    assert (0, 0, 0) in colors(foreign)
    assert len(foreign.sources) == 3
    np.testing.assert_array_equal(foreign.colors[foreign.places][drawn_mask == 1], 0)


@pytest.mark.parametrize("alpha", [1, 100, 255])
def test_an_overlay_that_is_transparent_everywhere_is_read_whole(read, drawn_mask, table, alpha):
    picture = np.dstack([table.colors()[drawn_mask], np.where(drawn_mask, alpha, 0).astype(np.uint8)])
    foreign = read(picture)
    np.testing.assert_array_equal(foreign.picture, table.colors()[drawn_mask])


@pytest.mark.parametrize("rest", [0, 40])
def test_a_label_that_is_more_transparent_than_others_is_not_left_out(read, drawn_mask, table, rest):
    alpha = np.where(drawn_mask == 1, rest, 255 if rest else 0).astype(np.uint8)
    with pytest.raises(SegPaintError, match="transparent pixels of the colour"):
        read(np.dstack([table.colors()[drawn_mask], alpha]))


def test_a_smooth_edge_is_no_label(read, drawn_mask, table):
    picture = np.dstack([table.colors()[drawn_mask], np.full(drawn_mask.shape, 255, np.uint8)])
    picture[0, :8] = np.arange(8)[:, None] * 9 + 20
    picture[0, :8, 3] = np.arange(8) * 10 + 1
    assert len(read(picture).sources) == 4


@pytest.mark.parametrize("kind", [2, 4, 6], ids=["RGB", "grey and alpha", "RGBA"])
def test_a_mask_of_16_bits_in_each_channel_is_not_opened_emptied(drawn_mask, table, tmp_path, kind):
    channels = {2: 3, 4: 2, 6: 4}[kind]
    deep = np.repeat(drawn_mask.astype(">u2")[..., None], channels, axis=-1)
    rows = b"".join(b"\0" + row.tobytes() for row in deep)

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", 32, 32, 16, kind, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    with pytest.raises(SegPaintError, match="16 bits in each of several channels"):
        read_foreign_mask(tmp_path / "a.png", table, 32)


def test_a_colour_that_is_said_to_be_transparent_is_black(drawn_mask, table, tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(table.colors()[drawn_mask]).save(path, transparency=table[1].rgb)
    foreign = read_foreign_mask(path, table, 32)
    assert colors(foreign) == [(0, 0, 0), table[2].rgb, table[4].rgb]


@pytest.mark.parametrize("shape", [(32, 32), (32, 32, 3), (64, 64)])
def test_a_photograph_is_no_mask_of_whatever_size(read, shape):
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    with pytest.raises(SegPaintError, match=r"foreign\.png has more than 64 colours or shades"):
        read(noise)


def test_more_than_256_numbers_are_refused(read):
    with pytest.raises(SegPaintError, match="it is a picture"):
        read(np.arange(1024, dtype=np.uint16).reshape(32, 32))


def test_64_values_are_a_mask(read):
    assert len(read((np.arange(1024, dtype=np.uint8) % 64).reshape(32, 32)).sources) == 64


def test_a_table_may_know_more_values_than_that(tmp_path):
    path = tmp_path / "many.png"
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(path)
    labels = LabelTable(Label(index=index, name=str(index), color="#123456") for index in range(1, 255))
    assert len(read_foreign_mask(path, labels, 16).sources) == 256


def test_a_palette_that_ends_too_early_tells_no_colour_of_the_rest(drawn_mask, table, tmp_path):
    content = encode_mask(drawn_mask, table)
    start = content.index(b"PLTE")
    chunk = b"PLTE" + table.colors()[:3].tobytes()
    short = len(chunk[4:]).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    end = start + 4 + int.from_bytes(content[start - 4 : start], "big") + 4
    (tmp_path / "a.png").write_bytes(content[: start - 4] + short + content[end:])
    foreign = read_foreign_mask(tmp_path / "a.png", table, 32)
    assert indices(foreign) == [0, 1, 2, 4]
    assert colors(foreign) == [(0, 0, 0), table[1].rgb, table[2].rgb, None]


def test_a_flipped_byte_gives_a_mask_or_a_sentence(mask_file, table, tmp_path):
    content = mask_file.read_bytes()
    path = tmp_path / "a.png"
    for place in range(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            foreign = read_foreign_mask(path, table, 32)
        except SegPaintError:
            continue
        assert foreign.places.max() < len(foreign.sources)


def test_another_size_is_refused_or_resampled_with_the_values_of_the_file(read, drawn_mask):
    large = drawn_mask.astype(np.uint16).repeat(2, 0).repeat(2, 1) * 1000
    large[0, 0] = 7
    with pytest.raises(WrongSizeError, match="64 x 64"):
        read(large)
    foreign = read(large, fit=Fit.STRETCH)
    assert indices(foreign) == [0, 7, 1000, 2000, 4000]
    np.testing.assert_array_equal(itself(foreign), drawn_mask.astype(int) * 1000)


@pytest.mark.parametrize(("shape", "square"), [((16, 32), (8, 0)), ((32, 16), (0, 8)), ((6, 12), (8, 0))])
def test_a_padded_mask_keeps_its_proportions_and_has_background_beside(read, shape, square):
    foreign = read(np.full(shape, 7, np.uint8), fit=Fit.PAD)
    expected = np.zeros((32, 32), np.uint8)
    expected[square[0] : 32 - square[0], square[1] : 32 - square[1]] = 4
    assert indices(foreign) == [7]  # there is no background in the file
    np.testing.assert_array_equal(foreign.mask((4,)), expected)
    assert foreign.picture.shape == (32, 32, 3)


def test_a_mask_of_as_many_values_as_there_can_be_is_padded(tmp_path):
    path = tmp_path / "many.png"
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(8, 32)).save(path)
    labels = LabelTable(Label(index=index, name=str(index), color="#123456") for index in range(1, 255))
    foreign = read_foreign_mask(path, labels, 32, Fit.PAD)
    assert foreign.mask([1] * 256).sum() == 256


def test_white_on_black_is_known_where_there_are_no_colours(read, drawn_mask, table, tmp_path):
    white = np.where(drawn_mask > 0, 255, 0).astype(np.uint8)
    assert read(white).is_black_and_white
    assert read(Image.fromarray(white).convert("RGB")).is_black_and_white
    assert not read(drawn_mask).is_black_and_white
    assert not read(drawn_mask * 0).is_black_and_white
    own = tmp_path / "own.png"
    own.write_bytes(encode_mask(np.where(drawn_mask > 0, FREE, 0).astype(np.uint8), table))
    assert not read_foreign_mask(own, table, 32).is_black_and_white


def test_values_without_colours_are_shown_in_greys(read, drawn_mask):
    assert read(drawn_mask).colors.tolist() == [[0] * 3, [85] * 3, [170] * 3, [255] * 3]
    assert read(drawn_mask * 0).colors.tolist() == [[0] * 3]


def test_what_each_value_means_makes_the_mask(read, drawn_mask):
    foreign = read(drawn_mask.astype(np.uint16) * 1000)
    expected = np.select([drawn_mask == 1, drawn_mask == 2], [4, 255], 0)
    np.testing.assert_array_equal(foreign.mask((0, 4, 255, None)), expected)


@pytest.mark.parametrize("mode", ["F", "CMYK"])
def test_odd_modes_are_read_or_refused_in_a_sentence(tmp_path, table, mode):
    path = tmp_path / "odd.tiff"
    Image.new(mode, (32, 32)).save(path)
    if mode == "F":
        with pytest.raises(SegPaintError, match=r"odd\.tiff is of mode F"):
            read_foreign_mask(path, table, 32)
    else:
        assert len(read_foreign_mask(path, table, 32).sources) == 1


def test_a_damaged_file_gets_a_sentence(table, tmp_path):
    (tmp_path / "a.png").write_text("no image")
    with pytest.raises(SegPaintError, match="damaged or no image"):
        read_foreign_mask(tmp_path / "a.png", table, 32)


def test_the_table_of_a_mask_is_its_own_before_that_of_its_folder(tmp_path):
    mask = tmp_path / "case.png"
    assert table_beside(mask) is None
    for name in ("labels.json", "dseg.tsv", "case.txt", "case.tsv", "case.ctbl", "case.label"):
        (tmp_path / name).touch()
        assert table_beside(mask) == tmp_path / name


def test_a_table_names_indices_of_any_size_and_the_colours_it_tells(tmp_path):
    (tmp_path / "a.tsv").write_text(
        "index\tname\tcolor\n1000\tbody\t#010203\n2000\theart\tn/a\n5\tleft\t#040404\n6\tright\t#040404\n"
    )
    assert read_names(tmp_path / "a.tsv") == {
        1000: "body",
        2000: "heart",
        5: "left",
        6: "right",
        (1, 2, 3): "body",
    }
    (tmp_path / "b.json").write_text(
        '{"modality": "MR", "labels": [{"index": 3, "name": "x", "color": "#000001"}]}'
    )
    assert read_names(tmp_path / "b.json") == {3: "x", (0, 0, 1): "x"}
    with pytest.raises(SegPaintError, match=r"There is no file .*c\.label"):
        read_names(tmp_path / "c.label")
