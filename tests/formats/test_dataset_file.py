"""dataset.toml survives a round trip, and says in a sentence what is wrong with it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.errors import DatasetError
from core.formats.dataset_file import (
    format_dataset_file,
    parse_dataset_file,
    read_dataset_file,
    write_dataset_file,
)

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_name = _text.filter(bool)
_optional = st.none() | _name
_classes = st.lists(
    st.builds(
        ClassSpec,
        key=_name,
        name=_name,
        role=st.sampled_from(ClassRole),
        index=st.none() | st.integers(0, 65535),
        colour=st.none() | st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True),
    ),
    max_size=4,
    unique_by=(lambda item: item.key, lambda item: item.name),
).map(tuple)
_specs = st.builds(
    DatasetSpec,
    name=_name,
    root=st.text("abc/. é", min_size=1, max_size=9).map(Path),
    format=st.sampled_from(["index", "colour", "binary", "binary_per_class", "label_table", "label_lists"]),
    folders=st.lists(
        st.builds(FolderPair, images=_optional, masks=_name, name=_text), min_size=1, max_size=3
    ).map(tuple),
    pairing=st.builds(
        Pairing,
        rule=st.sampled_from(["stem", "affix", "number", "none"]),
        image_prefix=_text,
        image_suffix=_text,
        mask_prefix=_text,
        mask_suffix=_text,
    ),
    classes=_classes,
    void=st.lists(_name, max_size=3).map(tuple),
    threshold=st.none() | st.floats(0, 65535),
    separator=_optional,
    id_column=_optional,
    group_pattern=st.none() | st.just("^[^_]+"),
)


@settings(max_examples=150, deadline=None)
@given(_specs)
def test_a_spec_survives_being_written_and_parsed(spec: DatasetSpec) -> None:
    assert parse_dataset_file(format_dataset_file(spec), "dataset.toml") == spec


def test_a_written_file_reads_as_the_same_spec(tmp_path: Path) -> None:
    spec = DatasetSpec(name="a", root=tmp_path, format="index", folders=(FolderPair(masks="m"),))
    write_dataset_file(tmp_path / "dataset.toml", spec)
    assert read_dataset_file(tmp_path / "dataset.toml") == spec


def test_a_relative_root_resolves_against_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    file = tmp_path / "notes" / "dataset.toml"
    file.write_text('name = "a"\nroot = "../data"\nformat = "index"\n[[folders]]\nmasks = "m"\n')
    assert read_dataset_file(file).root == tmp_path.resolve() / "data"


def test_pixel_values_may_be_written_as_numbers() -> None:
    text = 'name="a"\nroot="."\nformat="label_table"\nvoid=[255]\n[[classes]]\nkey=0\nname="sky"'
    spec = parse_dataset_file(text, "dataset.toml")
    assert spec.void == ("255",)
    assert spec.classes[0].key == "0"


_TABLE = 'name="a"\nroot="."\nformat="label_table"\n'
_ONE = '[[classes]]\nkey="1"\n'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "not valid TOML"),
        ('root="."\nformat="label_table"', "the field 'name' is missing"),
        ('name="a"\nroot="."\nformat="jpg"', "the field 'format' is 'jpg'"),
        ('name="a"\nroot="."\nformat="index"', "at least one mask folder"),
        (_TABLE + "colour=1", "the field 'colour' is not a known field"),
        (_TABLE + _ONE + 'name="x"\nrole="thing"', "'role' of [[classes]] number 1"),
        (_TABLE + 'group_pattern="("', "no regular expression"),
        (_TABLE + _ONE + 'name="x"\n' + _ONE + 'name="y"', "two classes have the key '1'"),
    ],
)
def test_a_broken_file_is_a_sentence_with_file_field_and_next_step(text: str, words: str) -> None:
    with pytest.raises(DatasetError) as caught:
        parse_dataset_file(text, "my/dataset.toml")
    assert "my/dataset.toml" in str(caught.value)
    assert words in str(caught.value)


def test_a_missing_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="does not exist"):
        read_dataset_file(tmp_path / "dataset.toml")


def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "dataset.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DatasetError, match="UTF-8"):
        read_dataset_file(tmp_path / "dataset.toml")


def test_a_root_that_is_no_text_is_refused_in_a_sentence(tmp_path: Path) -> None:
    spec = DatasetSpec(name="a", root=Path("/d/\udcff"), format="index", folders=(FolderPair(masks="m"),))
    with pytest.raises(DatasetError, match="not text"):
        write_dataset_file(tmp_path / "dataset.toml", spec)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("void = 255", "the field 'void' is 255, but must be a list"),
        ("root = 5", "the field 'root' is 5, but must be a path in quotes"),
        ('folders = "masks"', "the field 'folders' is 'masks', but must be a list"),
    ],
)
def test_a_wrong_type_is_said_as_toml_writes_it(line: str, words: str) -> None:
    fields = {"name": '"a"', "root": '"."', "format": '"label_table"'}
    fields.pop(line.split()[0], None)
    text = "\n".join([*(f"{name} = {value}" for name, value in fields.items()), line])
    with pytest.raises(DatasetError, match=words):
        parse_dataset_file(text, "dataset.toml")


def test_every_fault_is_a_sentence_of_its_own() -> None:
    with pytest.raises(DatasetError, match=r"'name' is missing; .*\. The field 'root' is missing"):
        parse_dataset_file("", "dataset.toml")


def test_folders_may_be_written_with_a_slash_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "dataset.toml"
    path.write_text('name="a"\nroot="."\nformat="index"\n[[folders]]\nimages="./images/"\nmasks="masks/"\n')
    (pair,) = read_dataset_file(path).folders
    assert (pair.images, pair.masks) == ("images", "masks")


def test_the_examples_of_the_manual_are_valid() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "formats.md").read_text(encoding="utf-8")
    examples = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    formats = {parse_dataset_file(text, "example").format for text in examples}  # each is checked by parsing
    assert {"index", "binary_per_class"} <= formats


def test_single_files_may_be_named_by_hand_in_any_spelling_of_their_path(tmp_path: Path) -> None:
    lines = ['name = "t"', 'root = "."', 'format = "index"', 'ignored = ["./masks//a.png"]']
    lines += ['pairs = [["./images/b.png", "masks/c.png"]]', "[[folders]]", 'masks = "masks"']
    (tmp_path / "dataset.toml").write_text("\n".join(lines))
    spec = read_dataset_file(tmp_path / "dataset.toml")
    assert (spec.ignored, spec.pairs) == (("masks/a.png",), (("images/b.png", "masks/c.png"),))
    write_dataset_file(tmp_path / "again.toml", spec)
    assert read_dataset_file(tmp_path / "again.toml") == spec
