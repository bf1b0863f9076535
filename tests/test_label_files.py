"""Label tables of ITK-SNAP, 3D Slicer and BIDS."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from segpaint.core.errors import SegPaintError
from segpaint.core.labels.labels import Label, LabelTable
from segpaint.io.foreign_masks import read_names, table_beside
from segpaint.io.label_files import read_foreign_table, write_foreign_table
from segpaint.io.label_tables import read_label_file

SNAP = """\
################################################
# ITK-SnAP Label Description File
# File format: 
# IDX   -R-  -G-  -B-  -A--  VIS MSH  LABEL
################################################
    0     0    0    0        0  0  0    "Clear Label"
    1   230   25   75        1  1  1    "LV cavity"
    5     0  255  255     0.50  1  0    "Inner ERC/CS"
"""  # noqa: W291 - ITK-SNAP writes it so
SLICER = """\
# Color table file C:/Users/me/Segmentation-label_ColorTable.ctbl
# 4 values
0 Background 0 0 0 0
1 artery 216 101 79 255
2 vertebra C 3 241.4 214 145 255
3 connective_tissue 111 184 210 255
4 (none) 0 0 0 0
"""
BIDS = (
    "index\tname\tabbreviation\tcolor\tmapping\n1\tGray Matter\tGM\t#ff53bb\t1\n4\tWhite Matter\tWM\tn/a\t2\n"
)
ENDINGS = (".label", ".txt", ".ctbl", ".tsv")
DESCRIPTIONS = st.lists(
    st.builds(
        Label,
        index=st.integers(1, 254),
        name=st.from_regex(r"[A-Za-z0-9é/()'.,#-]+( [A-Za-z0-9é/().#-]+){0,3}", fullmatch=True).filter(
            lambda name: name != "(none)" and not name.startswith("'") and not name.endswith("'")
        ),
        color=st.from_regex("#[0-9a-f]{6}", fullmatch=True),
    ),
    min_size=1,
    max_size=8,
    unique_by=(lambda label: label.index, lambda label: label.name),
)


def read(folder, name, text):
    path = folder / name
    path.write_bytes(text.encode())
    return rows(path)


def rows(path):
    return [(label.index, label.name, label.color) for label in read_label_file(path).table]


@pytest.mark.parametrize("name", ["table.label", "table.txt"])
def test_itk_snap(tmp_path, name):
    assert read(tmp_path, name, SNAP) == [(1, "LV cavity", "#e6194b"), (5, "Inner ERC/CS", "#00ffff")]


@pytest.mark.parametrize("name", ["table.ctbl", "table.txt", "TABLE.CTBL"])
def test_slicer(tmp_path, name):
    expected = [(1, "artery", "#d8654f"), (2, "vertebra C 3", "#f1d691"), (3, "connective tissue", "#6fb8d2")]
    assert read(tmp_path, name, SLICER) == expected
    assert read(tmp_path, name, SLICER.replace("\n", "\r\n")) == expected


def test_bids(tmp_path):
    first, second = read(tmp_path, "seg_dseg.tsv", BIDS)
    assert first == (1, "Gray Matter", "#ff53bb")
    assert second[:2] == (4, "White Matter")


def test_labels_without_colours_get_different_ones(tmp_path):
    labels = read(tmp_path, "dseg.tsv", "\ufeffname\tindex\na\t1\nb\t2\nbackground\t0\n")
    assert [label[:2] for label in labels] == [(1, "a"), (2, "b")]
    assert labels[0][2] != labels[1][2]


def test_they_tell_no_modality(tmp_path):
    (tmp_path / "dseg.tsv").write_text(BIDS)
    assert read_label_file(tmp_path / "dseg.tsv").modality == ""


@given(DESCRIPTIONS, st.sampled_from(ENDINGS))
def test_what_was_written_is_read_again(labels, ending):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"table{ending}"
        write_foreign_table(path, LabelTable(labels))
        assert read_label_file(path).table == LabelTable(labels)


@pytest.mark.parametrize("ending", ENDINGS)
def test_names_that_a_format_cannot_hold_are_written_as_well_as_they_can(tmp_path, ending):
    path = tmp_path / f"table{ending}"
    write_foreign_table(path, LabelTable([Label(index=1, name='a "b"\tc', color="#000000")]))
    (label,) = read_label_file(path).table
    assert label.name == ("a 'b' c" if ending in (".label", ".txt") else 'a "b" c')


def test_other_endings_are_not_written(tmp_path, table):
    with pytest.raises(SegPaintError, match=r"\.label, \.txt, \.ctbl, \.tsv"):
        write_foreign_table(tmp_path / "table.csv", table)


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("a.label", SNAP.replace("   5     0", "   5     x"), "line 8 is not a label: ITK-SNAP writes"),
        ("a.label", SNAP.replace("   230", "   256"), "line 7 is not a label: red, green and blue go"),
        ("a.label", SNAP.replace("    5 ", "  255 "), "line 8: the label is not valid"),
        ("a.label", SNAP.replace("    5 ", "    1 "), "uses an index twice"),
        ("a.label", SNAP.replace("LV cavity", ""), "line 7: the label is not valid"),
        ("a.ctbl", "1 artery 216 101 79\n", "line 1 is not a label: 3D Slicer writes"),
        ("a.txt", SLICER.replace("1 artery", "one artery"), "line 4 is not a label: 3D Slicer writes"),
        ("a.ctbl", SLICER.splitlines()[2], "lists no label beside the background"),
        ("a.tsv", "", "line 1: the columns"),
        ("a.tsv", "1\tGray Matter\n", "line 1: the columns"),
        ("a.tsv", "index\tname\none\tGray Matter\n", "line 2 is not a label: its index is 'one'"),
        ("a.tsv", "index\tname\tcolor\n1\tGray\tred\n", "line 2 is not a label: its color is 'red'"),
        ("a.tsv", "index\tname\n1\n", "line 2: the label is not valid"),
    ],
)
def test_a_wrong_line_is_named(tmp_path, name, text, reason):
    with pytest.raises(SegPaintError) as error:
        read(tmp_path, name, text)
    assert str(tmp_path / name) in str(error.value)
    assert reason in str(error.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(SegPaintError, match=r"There is no file .*a\.label"):
        read_label_file(tmp_path / "a.label")
    (tmp_path / "b.label").write_bytes(b"\xff\xfe")
    with pytest.raises(SegPaintError, match=r"b\.label lists no label"):
        read_label_file(tmp_path / "b.label")


SLICER_CSV = """\
LabelValue,Name,Color_R,Color_G,Color_B,Color_A,Category_CodingScheme
0,Background,0,0,0,0,
1,"body, left",204,136,68,255,SCT
2,Herzhöhle,221,51,51,255,SCT
"""
CVAT = """\
# label:color_rgb:parts:actions
background:0,0,0::
body:204,136,68::
heart:221,51,51::
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("sign", [",", ";"])
def test_tables_of_slicer_and_excel_are_read_in_any_encoding(tmp_path, encoding, sign):
    text = SLICER_CSV if sign == "," else SLICER_CSV.replace(",", ";").replace("body;", "body,")
    (tmp_path / "a.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
    assert rows(tmp_path / "a.csv") == [(1, "body, left", "#cc8844"), (2, "Herzhöhle", "#dd3333")]


def test_the_labels_of_cvat_are_read_and_found_beside_its_masks(tmp_path):
    (tmp_path / "labelmap.txt").write_text(CVAT)
    assert rows(tmp_path / "labelmap.txt") == [(1, "body", "#cc8844"), (2, "heart", "#dd3333")]
    assert table_beside(tmp_path / "slice.png") == tmp_path / "labelmap.txt"
    assert read_names(tmp_path / "labelmap.txt")[204, 136, 68] == "body"


@pytest.mark.parametrize("line", ["x:1,2::", "body 1 2 3", "a:1,2,999::"])
def test_a_damaged_line_of_cvat_is_named(tmp_path, line):
    (tmp_path / "labelmap.txt").write_text(CVAT + line + "\n")
    with pytest.raises(SegPaintError, match=r"labelmap\.txt, line 3 is not a label"):
        read_label_file(tmp_path / "labelmap.txt")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("old.csv", b"index,name\r1,heart\r2,liver\r"),
        ("excel.csv", b"sep=;\r\nindex;name\r\n1;heart\r\n2;liver\r\n;\r\n;;\r\n"),
        ("order.csv", "index,name\n1,heart\n2,liver\n".encode("utf-16-be")),
        ("pandas.csv", b"index,name\n1.0,heart\n2.0,liver\n"),
        ("ids.csv", b"ID,Label\n1,heart\n2,liver\n"),
        ("values.tsv", b"label_value\tlabel_name\n1\theart\n2\tliver\n"),
        ("segments.csv", b'"Segment","LabelValue","Number of voxels"\n"heart",1,200\n"liver",2,80\n'),
        ("spaced.csv", b" index , name \n 1 , heart \n 2 ,  liver\n"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_tables_are_read_however_programs_write_them(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    read = read_foreign_table(tmp_path / name)
    assert [(label.index, label.name) for label in read] == [(1, "heart"), (2, "liver")]


def test_colours_from_0_to_1_are_spread(tmp_path):
    (tmp_path / "a.csv").write_text("LabelValue,Name,Color_R,Color_G,Color_B\n1,heart,0.5,0,1.0\n2,b,1,0,0\n")
    assert [label.color for label in read_foreign_table(tmp_path / "a.csv")] == ["#8000ff", "#010000"]


def test_names_of_cvat_may_hold_colons_and_its_colours_spaces(tmp_path):
    (tmp_path / "labelmap.txt").write_text("# label:color_rgb:parts:actions\nheart:left: 255, 0 ,0::\n")
    (label,) = read_foreign_table(tmp_path / "labelmap.txt")
    assert (label.name, label.color) == ("heart:left", "#ff0000")


def test_a_name_is_one_line_without_spaces_around_it():
    assert Label(index=1, name=" left \n\tventricle ", color="#ff0000").name == "left ventricle"
    for name in (" \n ", "x" * 301):
        with pytest.raises(ValidationError, match="name"):
            Label(index=1, name=name, color="#ff0000")


@pytest.mark.parametrize("modality", [None, ["MR"], 3])
def test_a_modality_is_a_text(tmp_path, modality):
    path = tmp_path / "labels.json"
    path.write_text(json.dumps({"modality": modality, "labels": []}))
    with pytest.raises(SegPaintError, match="its modality is no text"):
        read_label_file(path)
