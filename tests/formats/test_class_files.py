"""Class files are read however people write them, and say which line is wrong."""

from pathlib import Path

import pytest

from core.domain.classes import ClassRole
from core.errors import DatasetError
from core.formats.class_files import read_classes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '["sky", "road"]'),
        ("c.json", '{"0": "sky", "1": "road"}'),
        ("c.json", '{"sky": 0, "road": 1}'),
        ("c.json", '{"classes": [{"name": "sky", "id": 0}, {"name": "road", "id": 1}]}'),
        ("c.json", '[{"name": "sky", "value": 0, "colour": "#00ff00"}, {"name": "road", "value": 1}]'),
        ("c.csv", "name,value\nsky,0\nroad,1\n"),
        ("c.csv", "id;name\n0;sky\n1;road\n"),
        ("c.csv", "0,sky\n1,road\n"),
        ("c.tsv", "sky\t0\nroad\t1\n"),
        ("c.txt", "\ufeffsky\n\nroad\n"),
        ("c.txt", "0: sky\n1: road\n"),
        ("labels.txt", "__ignore__\nsky\nroad\n"),
        ("c.csv", "name\nsky\nroad\n"),
    ],
)
def test_values_and_names_are_read(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    classes = read_classes(tmp_path / name)
    assert [(item.key, item.name) for item in classes] == [("0", "sky"), ("1", "road")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("c.json", '{"sky": [70, 130, 180], "road": [128, 64, 128]}'),
        ("c.json", '{"#4682b4": "sky", "#804080": "road"}'),
        ("c.csv", "class,r,g,b\nsky,70,130,180\nroad,128,64,128\n"),
        ("c.csv", "sky,70,130,180\nroad,128,64,128\n"),
        ("c.csv", 'name,rgb\nsky,"(70, 130, 180)"\nroad,"(128, 64, 128)"\n'),
    ],
)
def test_names_with_colours_take_the_colour_as_key(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    assert [(item.key, item.name) for item in read_classes(tmp_path / name)] == [
        ("#4682b4", "sky"),
        ("#804080", "road"),
    ]


def test_roles_and_colours_are_kept_beside_values(tmp_path: Path) -> None:
    file = tmp_path / "c.csv"
    file.write_text("value,name,r,g,b,role\n0,bg,0,0,0,background\n255,edge,9,9,9,void\n")
    first, second = read_classes(file)
    assert (first.role, first.colour, first.index) == (ClassRole.BACKGROUND, "#000000", 0)
    assert (second.key, second.role) == ("255", ClassRole.VOID)


def test_only_a_stated_value_fixes_the_index(tmp_path: Path) -> None:
    (tmp_path / "c.txt").write_text("sky\nroad\n")
    assert [item.index for item in read_classes(tmp_path / "c.txt")] == [None, None]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("c.json", "[", "not valid JSON"),
        ("c.json", "3", "must hold a list"),
        ("c.json", '[{"id": 3}]', "entry 1: the object has no 'name'"),
        ("c.json", '{"sky": [1, 2]}', "entry 'sky': the colour"),
        ("c.csv", "name,value\nsky,0\nroad,x\n", "line 3: the value 'x'"),
        ("c.csv", "name,value\nsky,0\nroad\n", "line 3: 1 cells, but the first line has 2"),
        ("c.csv", "name,r,g,b\nsky,0,0,300\n", "line 2: the colour"),
        ("c.csv", "name,value,role\nsky,0,thing\n", "line 2: the role 'thing'"),
        ("c.csv", "1,2\n3,4\n", "no column holds names"),
        ("c.txt", "sky\nroad\nsky\n", "line 3: the name 'sky' is used already in c.txt, line 1"),
        ("c.txt", "0: sky\n0: road\n", "line 2: the value '0'"),
        ("c.txt", "", "names no classes"),
        ("c.txt", "x" * 121, "1 to 120 characters"),
    ],
)
def test_a_broken_file_names_the_place_and_the_rule(name: str, text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DatasetError) as caught:
        read_classes(tmp_path / name)
    assert words in str(caught.value)


def test_a_missing_or_binary_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read"):
        read_classes(tmp_path / "gone.txt")
    (tmp_path / "c.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="UTF-8"):
        read_classes(tmp_path / "c.txt")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("background\nvessel\n", ["background", "class"]),
        ("vessel\n_background_\n", ["class", "background"]),
        ("sky\nground\n", ["class", "class"]),
    ],
)
def test_a_class_that_is_called_background_is_the_background(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    file = tmp_path / "classes.txt"
    file.write_text(text)
    assert [item.role for item in read_classes(file)] == expected


def test_a_role_that_is_stated_counts_more_than_the_name(tmp_path: Path) -> None:
    file = tmp_path / "classes.csv"
    file.write_text("value,name,role\n0,background,class\n1,vessel,class\n")
    assert [item.role for item in read_classes(file)] == ["class", "class"]
