"""Groups from a CSV file: which column names the image, how, and what does not fit."""

from pathlib import Path, PurePosixPath

import pytest

from core.domain.scan import Sample
from core.errors import DatasetError
from core.formats.group_file import match_groups, read_group_table


def samples(*names: str) -> list[Sample]:
    return [Sample(name, PurePosixPath(name)) for name in names]


def table(tmp_path: Path, text: str):
    path = tmp_path / "patients.csv"
    path.write_text(text, encoding="utf-8")
    return read_group_table(path)


@pytest.mark.parametrize(
    ("cells", "matched"),
    [
        (("train/a.png", "val/b.png"), "whole path"),
        (("train\\a.png", "val\\b.png"), "whole path"),
        (("a.png", "b.png"), "by the file name"),
        (("/data/elsewhere/a.png", "/data/elsewhere/b.png"), "by the file name"),
        (("a", "b"), "without its suffix"),
    ],
)
def test_images_are_found_by_path_file_name_or_stem(tmp_path: Path, cells, matched) -> None:
    rows = "".join(f"{cell},{40 + place},p{place}\n" for place, cell in enumerate(cells))
    found = match_groups(
        table(tmp_path, "what,age,patient\n" + rows), "patient", samples("train/a.png", "val/b.png")
    )
    assert (found.names, found.image_column, found.notes) == (("p0", "p1"), "what", ())
    assert matched in found.matched_by


def test_rows_without_an_image_and_images_without_a_row_are_told(tmp_path: Path) -> None:
    text = "image;patient\na.png;p1\nnowhere.png;p2\nc.png;\n"
    found = match_groups(table(tmp_path, text), "patient", samples("a.png", "b.png", "c.png"))
    assert found.names == ("p1", "", "")
    assert "1 row names no image of this dataset (nowhere.png)" in found.notes[0]
    assert "2 images have no group in it (b.png, c.png)" in found.notes[1]


def test_a_name_that_fits_two_images_is_refused(tmp_path: Path) -> None:
    text = "image,patient\n001,p1\n002,p2\n"
    with pytest.raises(DatasetError, match=r"row 2: '001' fits 2 images \(train/001.png, val/001.png\)"):
        match_groups(
            table(tmp_path, text), "patient", samples("train/001.png", "val/001.png", "train/002.png")
        )


def test_a_name_that_fits_two_images_hurts_nobody_while_no_row_uses_it(tmp_path: Path) -> None:
    text = "image,patient\n002,p2\n003,p2\n"
    found = match_groups(
        table(tmp_path, text), "patient", samples("a/001.png", "b/001.png", "a/002.png", "a/003.png")
    )
    assert found.names == ("", "", "p2", "p2")


def test_an_image_in_two_groups_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"row 3: a.png is in the group 'p2' here and in 'p1' further up"):
        match_groups(table(tmp_path, "image,patient\na.png,p1\na.png,p2\n"), "patient", samples("a.png"))


def test_an_image_may_have_several_rows_of_one_group(tmp_path: Path) -> None:
    text = "image,patient,lesion\na.png,p1,x\na.png,p1,y\n"
    assert match_groups(table(tmp_path, text), "patient", samples("a.png")).names == ("p1",)


def test_the_slices_of_a_volume_have_the_group_of_its_file(tmp_path: Path) -> None:
    slices = [Sample(f"v.nii.gz#{i}", PurePosixPath("img/v.nii.gz"), part=str(i)) for i in range(3)]
    found = match_groups(table(tmp_path, "scan,patient\nv,p1\n"), "patient", slices)
    assert found.names == ("p1",) * 3


def test_samples_without_images_are_matched_by_their_ids(tmp_path: Path) -> None:
    found = match_groups(table(tmp_path, "id,patient\n0007,p1\n"), "patient", [Sample("0007", None)])
    assert found.names == ("p1",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("image,patient\nx.png,p1\n", "No column of patients.csv names the images .*a.png.*x.png, p1"),
        ("image,age\na.png,3\n", "has no column 'patient'; its columns are image, age"),
        ("image,patient\n", "no row below its header"),
        ("image,image\na,b\n", "two columns are called 'image'"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(DatasetError, match=sentence):
        match_groups(table(tmp_path, text), "patient", samples("a.png"))


def test_a_missing_file_and_one_that_is_no_text_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is not there; put it back"):
        read_group_table(tmp_path / "gone.csv")
    (tmp_path / "latin.csv").write_bytes(b"image,patient\n\xe9,p1\n")
    with pytest.raises(DatasetError, match=r"not UTF-8 text \(byte 14\)"):
        read_group_table(tmp_path / "latin.csv")


def test_a_table_of_a_million_columns_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="1,000,001 columns"):
        table(tmp_path, "image" + ",x" * 1_000_000 + "\na.png" + ",1" * 1_000_000)


def test_a_table_with_nul_characters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="NUL"):
        table(tmp_path, "image,patient\na.png,p\0001\n")
