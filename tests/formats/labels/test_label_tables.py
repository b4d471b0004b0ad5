"""Label tables of every common shape are read; broken rows are named, never a stop."""

from pathlib import Path

import numpy as np
import pytest

from core.domain.classes import ClassSpec
from core.domain.proposal import Answers
from core.domain.scan import ScannedDataset
from core.errors import CancelledError, DatasetError
from core.formats.detection.proposing import propose
from core.formats.labels import label_rows
from core.formats.labels.label_sniffing import sniff_table
from core.formats.labels.label_tables import scan_label_table


def _scan(path: Path, text: str, answers: Answers | None = None) -> ScannedDataset:
    path.write_text(text, encoding="utf-8")
    return scan_label_table(propose(path, answers).spec)


def _labels(dataset: ScannedDataset) -> dict[str, set[str]]:
    names = [item.name for item in dataset.classes]
    return {
        sample.id: {name for name, there in zip(names, row, strict=True) if there}
        for sample, row in zip(dataset.samples, dataset.presence, strict=True)
    }


EXPECTED = {"a.png": {"cat", "dog"}, "b.png": set(), "c.png": {"dog"}}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("t.csv", "image,cat,dog\na.png,1,1\nb.png,0,0\nc.png,0,1\n"),
        ("t.tsv", "image\tcat\tdog\na.png\t1\t1\nb.png\t0\t0\nc.png\t0\t1\n"),
        ("t.csv", "image;cat;dog\r\na.png;1;1\r\nb.png;0;0\r\nc.png;0;1"),
        ("t.csv", "cat,dog,file\nTrue,true,a.png\nFalse,false,b.png\nFalse,true,c.png\n"),
        ("t.csv", "path,age,cat,dog\na.png,61,1.0,1.0\nb.png,40,0.0,\nc.png,33,-1.0,1.0\n"),
        ("t.csv", "image,note,cat,dog\na.png,\"two\nlines, one cell\",1,1\nb.png,,-1,0\nc.png,x,0,1\n"),
        ("t.csv", "Image Index,Finding Labels,Age\na.png,cat|dog,3\nb.png,No Finding,4\nc.png,dog,5\n"),
        ("t.csv", "image,tags\na.png,cat dog\nb.png,\nc.png,dog\n"),
        ("t.csv", 'id,labels\na.png,"cat, dog"\nb.png,none\nc.png,dog\n'),
        ("t.csv", "a.png,cat;dog\nb.png,\nc.png,dog\n"),
        ("t.txt", "image cat dog\na.png 1 1\nb.png 0 0\nc.png -1 1\n"),
    ],
)  # fmt: skip
def test_a_table_is_understood(name: str, text: str, tmp_path: Path) -> None:
    dataset = _scan(tmp_path / name, text)
    assert _labels(dataset) == EXPECTED
    assert dataset.problems == ()
    assert dataset.images == 3


def test_rows_without_ids_and_names_are_numbered(tmp_path: Path) -> None:
    dataset = _scan(tmp_path / "t.txt", "0 1 1\n0 0 0\n1 0 0\n")
    assert _labels(dataset) == {"row 1": {"class 1", "class 2"}, "row 2": set(), "row 3": {"class 0"}}


def test_a_file_of_names_beside_the_rows_names_them(tmp_path: Path) -> None:
    (tmp_path / "concepts.txt").write_text("airport\nboats\n")
    assert _labels(_scan(tmp_path / "t.txt", "1 0\n1 1\n")) == {
        "row 1": {"airport"},
        "row 2": {"airport", "boats"},
    }


def test_ids_keep_their_zeros(tmp_path: Path) -> None:
    dataset = _scan(tmp_path / "t.csv", "id,cat\n0001,1\n0002,0\n")
    assert [sample.id for sample in dataset.samples] == ["0001", "0002"]


def test_broken_rows_are_problems_with_their_line_and_the_rest_is_read(tmp_path: Path) -> None:
    text = (
        "image,cat,dog\na.png,1,1\nshort,1\nb.png,0,0\nlong,1,0,1\nodd,2,0\nworse,x,0\nc.png,0,1\na.png,0,0\n"
    )
    rows = "image,cat,dog\n" + "".join(f"{n}.png,1,0\n" for n in range(2000))
    dataset = _scan(tmp_path / "t.csv", rows + text.partition("\n")[2])
    found = [problem.problem for problem in dataset.problems]
    assert dataset.images == 2008
    assert len(dataset.samples) == 2003
    for line in (2003, 2005, 2006, 2007):
        assert any(f"line {line}" in text for text in found)
    assert dataset.problems[-1].file == "a.png"
    assert all(problem.next_step for problem in dataset.problems)


def test_pieces_join_even_where_words_turn_up_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(label_rows, "_BLOCK", 10)
    text = "image,labels\n1,a\n2,a|b\n3,c\n4,\n5,b|d\n"
    assert _labels(_scan(tmp_path / "t.csv", text)) == {
        "1": {"a"},
        "2": {"a", "b"},
        "3": {"c"},
        "4": set(),
        "5": {"b", "d"},
    }


def test_progress_ends_with_all_rows_and_a_wish_to_stop_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_rows, "_BLOCK", 40)
    path = tmp_path / "t.csv"
    path.write_text("image,cat\n" + "".join(f"{n}.png,{n % 2}\n" for n in range(40)))
    seen: list[tuple[int, int]] = []
    spec = propose(path).spec
    scan_label_table(spec, lambda done, total: seen.append((done, total)))
    assert len(seen) > 2
    assert all(done <= total for done, total in seen)
    assert seen[-1][0] == 40
    assert seen[-1][1] <= 42  # the header's share is not known beforehand
    with pytest.raises(CancelledError, match="from its beginning"):
        scan_label_table(spec, should_stop=lambda: True)


def test_classes_of_the_spec_come_first_and_void_ones_are_left_out(tmp_path: Path) -> None:
    answers = Answers(classes=(ClassSpec(key="dog", name="hound"),), void=("cat",))
    dataset = _scan(tmp_path / "t.csv", "image,cat,bird,dog\na,1,1,0\nb,0,0,1\n", answers)
    assert [item.name for item in dataset.classes] == ["hound", "bird"]
    assert dataset.presence.tolist() == [[False, True], [True, False]]


def test_a_class_that_never_occurs_stays_and_is_a_problem(tmp_path: Path) -> None:
    answers = Answers(classes=(ClassSpec(key="cow", name="cow"), ClassSpec(key="cat", name="cat")))
    dataset = _scan(tmp_path / "t.csv", "image,labels\na,cat\nb,cat\n", answers)
    assert dataset.presence.tolist() == [[False, True], [False, True]]
    assert "'cow'" in dataset.problems[0].problem


def test_a_column_may_be_named_as_the_id(tmp_path: Path) -> None:
    dataset = _scan(tmp_path / "t.csv", "image,patient,cat\na,p1,1\nb,p2,0\n", Answers(id_column="patient"))
    assert [sample.id for sample in dataset.samples] == ["p1", "p2"]


def test_the_fingerprint_follows_labels_not_the_order_of_rows(tmp_path: Path) -> None:
    first = _scan(tmp_path / "t.csv", "image,cat\na,1\nb,0\n")
    moved = _scan(tmp_path / "u.csv", "image,cat\nb,0\na,1\n")
    other = _scan(tmp_path / "v.csv", "image,cat\na,0\nb,0\n")
    assert first.fingerprint == moved.fingerprint != other.fingerprint


def test_a_folder_is_searched_for_its_label_table(tmp_path: Path) -> None:
    (tmp_path / "readme.csv").write_text("author,year\nx,2019\n")
    (tmp_path / "labels.csv").write_text("image,cat,dog\na,1,1\nb,0,0\n")
    assert propose(tmp_path).spec.root.name == "labels.csv"


@pytest.mark.parametrize(
    ("text", "answers", "words"),
    [
        ("author,year\nx,2019\ny,2020\n", Answers(), "is no label table"),
        ("image,cat,cat\na,1,0\n", Answers(), "two columns are called 'cat'"),
        ("image,cat\na,1\n", Answers(id_column="file"), "no column 'file'"),
        ("", Answers(), "holds no text rows"),
    ],
)
def test_what_is_no_label_table_is_a_sentence(
    text: str, answers: Answers, words: str, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(DatasetError, match=words):
        propose(tmp_path / "t.csv", answers)


def test_a_hundred_thousand_rows_are_counted_exactly(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).random((100_000, 5)) < 0.2
    rows = [",".join(map(str, [f"i{n}", *row])) for n, row in enumerate(labels.astype(int).tolist())]
    dataset = _scan(tmp_path / "t.csv", "image,a,b,c,d,e\n" + "\n".join(rows))
    np.testing.assert_array_equal(dataset.presence, labels)


CHEXPERT = (
    "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema\n"
    "train/p1/s1/v1.jpg,Female,68,Frontal,AP,1.0,\n"
    "train/p2/s1/v1.jpg,Male,87,Lateral,,,-1.0\n"
    "train/p2/s2/v1.jpg,Female,83,Frontal,PA,,1.0\n"
)


def test_blank_and_uncertain_cells_are_absent_and_other_columns_no_classes(tmp_path: Path) -> None:
    found = _labels(_scan(tmp_path / "train.csv", CHEXPERT))
    assert found == {
        "train/p1/s1/v1.jpg": {"No Finding"},
        "train/p2/s1/v1.jpg": set(),
        "train/p2/s2/v1.jpg": {"Edema"},
    }


def test_a_count_line_and_a_header_without_the_id_are_understood(tmp_path: Path) -> None:
    text = "3\nArched_Eyebrows Smiling \na.jpg -1  1\nb.jpg  1 -1\nc.jpg -1 -1\n"
    found = _labels(_scan(tmp_path / "list_attr.txt", text))
    assert found == {"a.jpg": {"Smiling"}, "b.jpg": {"Arched_Eyebrows"}, "c.jpg": set()}


def test_a_path_in_the_first_row_is_no_header_where_all_rows_have_one(tmp_path: Path) -> None:
    assert _labels(_scan(tmp_path / "t.csv", "p1/a,1,0\np2/a,0,1\n")).keys() == {"p1/a", "p2/a"}


def test_one_odd_cell_among_many_costs_its_row_not_its_class(tmp_path: Path) -> None:
    rows = "".join(f"{n}.png,{n % 2}\n" for n in range(200))
    dataset = _scan(tmp_path / "t.csv", "image,cat\nodd.png,?\n" + rows)
    assert [item.name for item in dataset.classes] == ["cat"]
    assert (len(dataset.samples), len(dataset.problems)) == (200, 1)


def test_a_file_of_one_endless_line_beside_the_images_does_not_stop_detection(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("x" * 300_000)
    with pytest.raises(DatasetError, match="no table of text|no label table"):
        sniff_table(tmp_path / "log.csv")
