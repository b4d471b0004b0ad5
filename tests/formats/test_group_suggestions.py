"""Ways to name groups that are suggested, and those that are not."""

from pathlib import Path, PurePosixPath

from core.domain.dataset import DatasetSpec, FolderPair
from core.domain.scan import Sample
from core.formats.group_suggestions import list_tables, suggest_patterns, suggest_tables


def patterns(*names: str, classes: tuple[str, ...] = ()) -> list[tuple[str, int]]:
    return [(item.pattern, item.groups) for item in suggest_patterns(names, classes)]


def test_the_prefix_of_two_flights_is_suggested() -> None:
    names = [f"image-chips/{flight}_F1-{i:06}.png" for flight in ("1d4f", "ec09") for i in range(5)]
    assert patterns(*names) == [("^[^_]+", 2)]


def test_a_word_such_as_patient_comes_first() -> None:
    names = [f"scan_patient{i // 3}_{i}.png" for i in range(9)]
    assert patterns(*names)[0][1] == 3
    assert "patient" in patterns(*names)[0][0]


def test_frames_of_a_video_are_suggested_by_the_name_without_its_number() -> None:
    names = [f"{video}{i:04}.png" for video in ("park", "road") for i in range(4)]
    assert patterns(*names) == [(r"^([^/]+?)[-_ ]?[0-9]+\.[^./]+$", 2)]


def test_folders_are_suggested_unless_they_are_splits() -> None:
    assert patterns(*(f"{who}/{i}.png" for who in ("ann", "bob") for i in range(3))) == [
        ("([^/]+)/[^/]+$", 2)
    ]
    assert patterns(*(f"{part}/{i}.png" for part in ("train", "val") for i in range(3))) == []


def test_names_that_are_classes_are_not_suggested() -> None:
    names = [f"{kind}_{i}.png" for kind in ("cat", "dog") for i in range(3)]
    assert patterns(*names, classes=("cat", "dog")) == []
    assert patterns(*names) == [("^[^_]+", 2)]


def test_names_that_are_all_different_or_all_alike_suggest_nothing() -> None:
    assert patterns(*(f"{i}.png" for i in range(9))) == []
    assert patterns(*(f"img_{i}.png" for i in range(9))) == []
    assert patterns() == []


def test_a_table_is_suggested_where_a_column_repeats_and_is_called_like_a_group(tmp_path: Path) -> None:
    names = [f"{i}.png" for i in range(6)]
    rows = "".join(f"{name},p{i // 2},{i},m\n" for i, name in enumerate(names))
    (tmp_path / "meta.csv").write_text("image,patient_id,study_id,sex\n" + rows)
    (tmp_path / "other.csv").write_text("image,patient\nnowhere.png,p1\nneither.png,p1\n")
    (tmp_path / "broken.csv").write_bytes(b"\xff\xfe\x00")
    spec = DatasetSpec(name="s", root=tmp_path, format="index", folders=(FolderPair(masks="m"),))
    samples = [Sample(name, PurePosixPath(name)) for name in names]
    found = suggest_tables(spec, samples)
    assert [(item.file, item.column, item.groups, item.images) for item in found] == [
        ("meta.csv", "patient_id", 3, 6)
    ]
    assert list_tables(spec) == ["broken.csv", "meta.csv", "other.csv"]
