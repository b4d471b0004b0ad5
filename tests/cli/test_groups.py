"""Groups on the command line: a pattern, a column of the table, a group file."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from core.cli import app


def run(*arguments: object) -> dict[str, Any]:
    result = CliRunner().invoke(app, [*map(str, arguments), "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "tiny"
    rng = np.random.default_rng(0)
    for i in range(8):
        mask = np.zeros((32, 32), np.uint8)
        mask[: 4 + i] = 1
        for kind, pixels in {"images": rng.integers(0, 255, (32, 32, 3), np.uint8), "masks": mask}.items():
            (root / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(root / kind / f"{i:02}.png")
    (root / "who.csv").write_text("image,patient\n" + "".join(f"{i:02}.png,p{i // 3}\n" for i in range(8)))
    return root


def test_split_keeps_the_groups_of_a_file_whole(folder: Path) -> None:
    report = run("split", folder, "--folds", 2, "--group-file", "who.csv", "--group-column", "patient")
    assert (report["groups"], report["grouped_by"]) == (3, {"file": 8})
    tests = [{Path(image).stem for image in fold["test"]} for fold in report["folds"]]
    assert not any(
        {f"{i:02}" for i in patient} & one and {f"{i:02}" for i in patient} & other
        for patient in ((0, 1, 2), (3, 4, 5), (6, 7))
        for one, other in [tests]
    )


def test_without_a_rule_a_table_that_may_name_groups_is_noted(folder: Path) -> None:
    notes = run("split", folder, "--folds", 2)["notes"]
    assert any("who.csv has a column 'patient' that repeats: 3 values in 8 images" in note for note in notes)


def test_scan_says_how_many_groups_there_are_and_where_they_come_from(folder: Path) -> None:
    report = run("scan", folder, "--group", "^(.)")
    assert (report["groups"], report["grouped_by"]) == (1, {"pattern": 8})
    report = run("scan", folder, "--group-file", folder / "who.csv")
    assert (report["groups"], report["grouped_by"]) == (3, {"file": 8})


def test_split_groups_a_label_table_by_its_column(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    rows = "".join(f"{i}.png,p{i // 2},{i % 2},1\n" for i in range(8))
    table.write_text("image,patient,cat,dog\n" + rows)
    report = run("split", table, "--folds", 2, "--group-column", "patient")
    assert (report["groups"], report["grouped_by"]) == (4, {"column": 8})


@pytest.mark.real_data
def test_dronedeploy_is_split_by_flight(real_data: Path) -> None:
    report = run("split", real_data / "dronedeploy", "--folds", 2, "--group", "^[^_]+")
    flights = [{Path(image).name.partition("_")[0] for image in fold["test"]} for fold in report["folds"]]
    assert report["groups"] == 2
    assert all(len(found) == 1 for found in flights)
    assert flights[0] != flights[1]
