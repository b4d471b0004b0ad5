import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DatasetError
from core.formats.sources.json_elements import iterate_elements, read_element

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, max_size=5), st.sampled_from([None, 2]), st.booleans())
def test_elements_are_those_that_json_reads_and_lie_where_they_are_said_to(
    content: dict, indent: int | None, ascii_only: bool
) -> None:
    data = json.dumps(content, indent=indent, ensure_ascii=ascii_only).encode()
    found: dict[str, list] = {}
    for element in iterate_elements(data, "a.json"):
        found.setdefault(element.name, []).append(element.value)
        assert read_element(data[element.start : element.stop], "a.json") == element.value
    wanted = {key: value for key, value in content.items() if isinstance(value, list) and value}
    assert list(found.values()) == list(wanted.values())


def test_a_byte_order_mark_is_passed_over() -> None:
    assert [item.value for item in iterate_elements(b'\xef\xbb\xbf{"a": [1]}', "a.json")] == [1]


@pytest.mark.parametrize(
    "data",
    [
        b"", b"   ", b"[1, 2]", b'{"a": [1, 2', b'{"a": [1 2]}', b'{"a" [1]}', b'{"a": [1]', b"{a: [1]}",
        b'{"a": [1],}', "{\"a\": [1]}".encode("utf-16"), b'{"a": ["\xff"]}', b'{"a": ' + b"[" * 200_000,
    ],
)  # fmt: skip
def test_broken_files_are_refused_in_a_sentence(data: bytes) -> None:
    with pytest.raises(DatasetError, match="no complete JSON file"):
        list(iterate_elements(data, "a.json"))


def test_an_element_that_has_changed_is_refused() -> None:
    with pytest.raises(DatasetError, match="changed while it was read"):
        read_element(b'{"a": 1', "a.json")
