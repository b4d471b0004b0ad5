"""Sentences of errors become lines of the problem list."""

import doctest

from core.formats import wording


def test_every_example_in_the_docstrings_holds() -> None:
    assert doctest.testmod(wording).failed == 0


def test_a_line_names_its_file_once_and_always_has_a_next_step() -> None:
    line = wording.describe_error("scans/a.dcm", "scans/a.dcm: its header promises no voxels.")
    assert (line.file, line.problem) == ("scans/a.dcm", "its header promises no voxels")
    assert line.next_step.endswith(".")
