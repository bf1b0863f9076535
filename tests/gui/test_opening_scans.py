"""Opening scans and their masks: what is offered, what is asked, and what stays if somebody gives up."""

import shutil
import time

import nibabel
import numpy as np
import pytest
from dicom_files import filled, header, write, write_stack
from PIL import Image

from segpaint.core.volumes.planes import Plane
from segpaint.gui.files import scan_opening
from segpaint.gui.files.mapping_dialog import MappingDialog
from segpaint.gui.files.offers_dialog import OffersDialog
from segpaint.gui.files.opening import open_file
from segpaint.gui.files.recent_menu import fill_recent
from segpaint.gui.files.scan_masks import open_scan_mask
from segpaint.gui.files.scan_opening import open_scan
from segpaint.io.contents import Content, content_of
from segpaint.studio.scans.scan import Page, Place


def stack(seed=3, slices=4):
    values = np.random.default_rng(seed).integers(-200, 200, (slices, 40, 48)).astype(np.int16)
    values[:, :4] = -1000
    return values


@pytest.fixture
def folder(tmp_path):
    """A folder of DICOM, with one series."""
    return write_stack(tmp_path / "scan", stack())


@pytest.fixture
def two_series(tmp_path):
    write_stack(tmp_path / "both" / "a", stack(), series="1.2.3", modality="CT")
    write_stack(tmp_path / "both" / "b", stack(5, 3), series="1.2.4", modality="MR")
    return tmp_path / "both"


@pytest.fixture
def opened(studio, qtbot):
    """Wait until a scan is shown."""

    def wait():
        qtbot.waitUntil(lambda: studio.scans.slice is not None)
        return studio.scans.scan

    return wait


def test_a_folder_of_dicom_opens(studio, shell, folder, opened):
    open_scan(studio, shell, folder)
    scan = opened()
    assert scan.volume.geometry.shape == (4, 40, 48)
    assert np.array_equal(studio.scans.slice.values, stack()[2])
    assert studio.recent.files[0].kind == "scan"
    assert any("CT" in sentence and "MR" in sentence for sentence in shell.warned)  # the model's modality


def cut_short(folder, place):
    """Cut the file of a slice short, as a broken download does."""
    path = folder / f"{place * 7919 % 1000:04}.dcm"
    path.write_bytes(path.read_bytes()[:-200])
    return path


def test_a_scan_whose_middle_slice_is_damaged_opens_beside_it(studio, shell, folder, opened):
    path = cut_short(folder, 2)
    open_scan(studio, shell, folder)
    assert opened().volume.geometry.shape == (4, 40, 48)
    assert studio.scans.place.index in (1, 3)
    assert " ".join(shell.warned).count(str(path)) == 1


def test_one_pages_over_a_damaged_slice_which_is_named_once(studio, shell, folder, opened, qtbot):
    path = cut_short(folder, 1)
    open_scan(studio, shell, folder)
    opened()
    with qtbot.waitSignal(studio.scans.damaged) as named:
        studio.scans.step(-1)
    assert str(path) in named.args[0]
    assert (studio.scans.slice.values == studio.scans.scan.volume.cut(Plane.ACQUIRED, 0).min()).all()
    with qtbot.assertNotEmitted(studio.scans.damaged):
        for index in (0, 1, 2):
            studio.scans.go_to(Place(Plane.ACQUIRED, index))
            qtbot.waitUntil(lambda: studio.scans.slice.page.place == studio.scans.place)
            assert studio.scans.slice.page.place.index == index


def test_a_damaged_slice_is_not_among_the_changed_ones(studio, shell, folder, opened, qtbot):
    cut_short(folder, 1)
    open_scan(studio, shell, folder)
    opened()
    for index in (1, 3):
        studio.scans.go_to(Place(Plane.ACQUIRED, index))
        qtbot.waitUntil(lambda: studio.scans.slice.page.place == studio.scans.place)
        studio.document.strokes.replace(np.ones_like(studio.document.mask.values), "Draw")
    assert [page.place.index for page in studio.slice_runs.edited] == [3]


def test_what_the_command_line_gets_may_be_a_scan(studio, shell, folder, opened):
    assert content_of(folder) is Content.SCAN
    assert content_of(next(folder.iterdir())) is Content.SCAN
    open_file(studio, shell, next(folder.iterdir()))
    assert opened().volume.geometry.shape == (1, 40, 48)


def test_of_several_series_one_is_chosen(studio, shell, two_series, opened, qtbot):
    open_scan(studio, shell, two_series)
    qtbot.waitUntil(lambda: bool(shell.opened))
    (dialog,) = shell.opened
    assert isinstance(dialog, OffersDialog)
    texts = [dialog.list.item(number).text() for number in range(dialog.list.count())]
    assert len(texts) == 2
    assert "MR, 3 pictures of 48 x 40" in texts[1]
    dialog.list.setCurrentRow(1)
    dialog.accept()
    assert opened().volume.geometry.shape == (3, 40, 48)


def test_a_list_that_is_closed_opens_nothing(studio, shell, two_series, qtbot):
    open_scan(studio, shell, two_series)
    qtbot.waitUntil(lambda: bool(shell.opened))
    shell.opened[0].reject()
    studio.background.flush("opening")
    qtbot.wait(50)
    assert studio.scans.scan is None


def test_reading_can_be_given_up(studio, shell, folder, qtbot, monkeypatch):
    from segpaint.io.volume_files import opening

    found = opening.find_offers

    def slowly(place, report):
        for count in range(200):
            time.sleep(0.01)
            report(count)
        return found(place, report)

    monkeypatch.setattr(opening, "find_offers", slowly)
    monkeypatch.setattr(scan_opening, "SOON", 10)
    before = studio.document.mask.snapshot()
    open_scan(studio, shell, folder)
    qtbot.waitUntil(lambda: bool(shell.offers))
    sentence, answer, cancel = shell.offers[0]
    assert sentence.startswith("scan is being opened.")
    assert answer == "Cancel"
    cancel()
    studio.background.flush("opening")
    qtbot.wait(50)
    assert studio.scans.scan is None
    assert shell.warned == []
    assert np.array_equal(studio.document.mask.values, before)


def test_a_folder_without_scans_is_a_sentence(studio, shell, tmp_path, qtbot):
    (tmp_path / "empty").mkdir()
    open_scan(studio, shell, tmp_path / "empty")
    qtbot.waitUntil(lambda: bool(shell.warned))
    assert "holds no scan" in shell.warned[0]


def test_a_picture_of_any_size_asks_for_its_width(studio, shell, tmp_path, opened, qtbot):
    shades = np.random.default_rng(1).integers(0, 256, (60, 90)).astype(np.uint8)
    Image.fromarray(shades).save(tmp_path / "slice.png")
    open_scan(studio, shell, tmp_path / "slice.png")
    opened()
    assert studio.document.pixel_spacing is None
    (sentence, answer, give), (_, other, click) = shell.offers
    assert "size of its pixels" in sentence
    assert (answer, other) == ("Give the width…", "Click on a scale")
    click()
    assert studio.scale.is_on
    shell.answers = [180]
    give()
    assert studio.document.pixel_spacing == pytest.approx(studio.scans.frame.step[1] * 2)
    assert not studio.scale.is_on


def test_a_recent_scan_opens_again(studio, shell, folder, opened):
    open_scan(studio, shell, folder)
    opened()
    studio.scans.close()
    assert studio.scans.slice is None
    menu = shell.menu()
    fill_recent(menu, studio, shell)
    menu.actions()[0].trigger()
    assert opened().volume.geometry.shape == (4, 40, 48)


def test_a_scan_that_was_open_at_the_end_is_offered_at_the_next_start(open_window, folder, qtbot):
    for offer in (False, True):
        window = open_window()
        studio = window.studio
        assert (window.messages.isVisible() and window.messages.offer.text() == "Open the scan") is offer
        if offer:
            window.messages.offer.click()
        else:
            open_scan(studio, window.shell, folder)
        qtbot.waitUntil(lambda studio=studio: studio.scans.slice is not None)
        if not offer:
            studio.document.strokes.replace(np.full_like(studio.document.mask.values, 1), "Draw")
        assert (studio.document.mask.values == 1).all()
        assert not window.messages.offer.isVisible()
        window.close()


def test_a_scan_that_was_closed_or_is_gone_is_not_offered(open_window, folder, qtbot):
    for ending in ("closed", "gone"):
        window = open_window()
        studio = window.studio
        open_scan(studio, window.shell, folder)
        qtbot.waitUntil(lambda studio=studio: studio.scans.slice is not None)
        if ending == "closed":
            studio.scans.close()
        window.close()
        if ending == "gone":
            shutil.rmtree(folder)
        window = open_window()
        assert window.messages.offer.text() != "Open the scan"
        window.close()


def write_labels(path, values, scan):
    """Write a mask as NIfTI in the geometry of a scan."""
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ scan.volume.geometry.affine[:, [2, 1, 0, 3]]
    nibabel.save(nibabel.Nifti1Image(values.transpose(2, 1, 0), affine), path)
    return path


def labels():
    values = np.zeros((4, 40, 48), np.uint8)
    values[1:3, 10:20, 10:30] = 7
    values[2, 20:30, 10:30] = 9
    return values


def test_the_mask_of_a_scan_is_mapped(studio, shell, folder, opened, tmp_path, qtbot):
    open_scan(studio, shell, folder)
    scan = opened()
    path = write_labels(tmp_path / "labels.nii.gz", labels(), scan)
    open_scan_mask(studio, shell, path)
    qtbot.waitUntil(lambda: bool(shell.opened))
    (dialog,) = shell.opened
    assert isinstance(dialog, MappingDialog)
    assert [row.source.index for row in dialog.rows] == [0, 7, 9]
    for row, target in zip(dialog.rows, (0, 1, 2), strict=True):
        row.target.choose(target)
    with qtbot.waitSignal(studio.opened.edited):
        dialog.accept()
    assert studio.slice_masks.painted == [1, 2]
    expected = studio.scans.frame.cut_mask(np.choose(np.searchsorted([0, 7, 9], labels()[2]), [0, 1, 2]))
    assert np.array_equal(studio.document.mask.values, expected)
    assert studio.document.reference.used == studio.document.table.indices
    studio.document.strokes.undo()
    assert studio.slice_masks.painted == []


def test_what_is_unusual_stays_beside_what_is_remembered(studio, shell, folder, opened, tmp_path, qtbot):
    open_scan(studio, shell, folder)
    scan = opened()
    path = write_labels(tmp_path / "labels.nii.gz", labels(), scan)
    image = nibabel.load(path)
    values = np.asarray(image.dataobj)
    values = np.concatenate([np.full_like(values[:3], 7), values])  # labels beside the scan
    affine = image.affine.copy()
    affine[:3, 3] -= 3 * affine[:3, 0]
    nibabel.save(nibabel.Nifti1Image(values, affine), path)
    open_scan_mask(studio, shell, path)
    qtbot.waitUntil(lambda: bool(shell.opened))
    (dialog,) = shell.opened
    for row, target in zip(dialog.rows, (0, 1, 2), strict=True):
        row.target.choose(target)
    dialog.accept()
    (remark,) = shell.warned
    assert "lies inside the scan" in remark
    open_scan_mask(studio, shell, path)
    qtbot.waitUntil(lambda: bool(shell.offers))
    assert shell.warned == []
    sentence, answer, _change = shell.offers[0]
    assert (sentence.startswith(remark), answer) == (True, "Change…")
    assert "the same labels as last time" in sentence


def test_a_mask_without_a_scan_is_a_sentence(studio, shell, tmp_path):
    open_scan_mask(studio, shell, tmp_path / "labels.nii.gz")
    assert "open the scan first" in shell.warned[0]


def test_the_same_series_is_known_wherever_it_lies(studio, shell, folder, opened, tmp_path, qtbot):
    open_scan(studio, shell, folder)
    key = opened().key
    assert "Doe" not in key
    studio.document.strokes.replace(np.ones_like(studio.document.mask.values), "Draw")
    moved = folder.rename(tmp_path / "elsewhere")
    with qtbot.waitSignal(studio.scans.changed):
        open_scan(studio, shell, moved)
    assert studio.scans.scan.key == key
    assert isinstance(studio.document.strokes.page, Page)
    assert studio.document.mask.values.all()


@pytest.fixture(params=["views", "repeated"])
def alike(request, tmp_path):
    """Two series of one folder, alike but for their pixels: views without a place, or a scan made twice."""
    folder = tmp_path / "alike"
    for number in (1, 2):
        if request.param == "repeated":
            write_stack(folder / str(number), stack(number), series=f"1.2.{number}")
            continue
        folder.mkdir(exist_ok=True)
        view = header(series=f"1.2.{number}", modality="MG", StudyDescription="Both breasts")
        write(folder / f"{number}.dcm", filled(view, stack(number)[0].astype(np.uint16)))
    return folder


def test_series_that_are_alike_keep_masks_of_their_own(studio, shell, alike, qtbot, settle):
    strokes, keys = studio.document.strokes, []
    for row, value in ((0, 1), (1, 2), (0, 1)):
        with qtbot.waitSignal(studio.scans.changed):
            open_scan(studio, shell, alike)
            qtbot.waitUntil(lambda: len(shell.opened) == len(keys) + 1)
            shell.opened[-1].list.setCurrentRow(row)
            shell.opened[-1].accept()
        settle(studio)
        keys.append(studio.scans.scan.key)
        assert (studio.document.mask.values == (value if len(keys) == 3 else 0)).all()
        strokes.replace(np.full_like(studio.document.mask.values, value), "Draw")
    assert keys[0] == keys[2] != keys[1]


def test_a_volume_that_is_opened_as_a_mask_is_one_of_the_open_scan(
    studio, shell, folder, opened, run, tmp_path, qtbot
):
    open_scan(studio, shell, folder)
    path = write_labels(tmp_path / "labels.nii.gz", labels() // 7, opened())  # 0 and 1 alone
    shell.answers = [path]
    run("open")
    qtbot.waitUntil(lambda: bool(shell.opened) or bool(studio.slice_masks.painted))
    assert studio.scans.scan.volume.name == "a stack"
