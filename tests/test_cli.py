"""The command line as a person uses it: a process, its exit status, and what it prints."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core import cli
from tests.formats.sources.volumes import write_pair

ROOT = Path(__file__).resolve().parent.parent


class Console:
    """Runs commands in this process, and remembers what they print."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch, self._capsys = monkeypatch, capsys
        self.out = self.err = ""

    def __call__(self, *arguments: object) -> int:
        self._monkeypatch.setattr(sys, "argv", ["counterpoise", *map(str, arguments)])
        code: Any = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = stop.code
        captured = self._capsys.readouterr()
        self.out, self.err = captured.out, captured.err
        return int(code or 0)

    def json(self, *arguments: object) -> dict[str, Any]:
        assert self(*arguments, "--json") == 0, self.err
        found: dict[str, Any] = json.loads(self.out)
        return found


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Console:
    return Console(monkeypatch, capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve images with index masks: 1 everywhere, 2 in three of them, 3 in one, 9 void in all."""
    root = tmp_path / "tiny"
    rng = np.random.default_rng(0)
    for i in range(12):
        mask = np.zeros((32, 32), np.uint8)
        mask[:4], mask[30:] = 1, 9
        if i < 3:
            mask[8:12] = 2
        if i == 3:
            mask[14:20] = 3
        for kind, pixels in {"images": rng.integers(0, 255, (32, 32, 3), np.uint8), "masks": mask}.items():
            (root / kind).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(root / kind / f"{i:02}.png")
    return root


def by_name(report: dict[str, Any]) -> dict[str, Any]:
    return {item["name"]: item for item in report["classes"]}


def test_scan_takes_the_class_from_names_as_it_is_told(console: Console, tmp_path: Path) -> None:
    for name in ("a1_cat_x", "a2_cat_y", "a3_dog_x", "a4_dog_y"):
        Image.new("L", (8, 8)).save(tmp_path / f"{name}.png")
    assert list(by_name(console.json("scan", tmp_path, "--class-pattern", "_(cat|dog)_"))) == ["cat", "dog"]


def test_scan_reads_a_table_by_the_column_and_the_separator_it_is_told(
    console: Console, tmp_path: Path
) -> None:
    (tmp_path / "t.csv").write_text("pic,what\nx.png,lesion;scar\ny.png,lesion\n")
    report = console.json("scan", tmp_path / "t.csv", "--id-column", "pic", "--separator", ";")
    assert list(by_name(report)) == ["lesion", "scar"]


def test_scan_lists_every_value_that_is_not_void(console: Console, folder: Path) -> None:
    report = console.json("scan", folder, "--void", 9)
    assert {name: item["images"] for name, item in by_name(report).items()} == {
        "class 0": 12,
        "class 1": 12,
        "class 2": 3,
        "class 3": 1,
    }
    assert by_name(report)["class 2"]["presence"] == pytest.approx(0.25)
    assert by_name(report)["class 1"]["pixel_share"] == pytest.approx(4 / 30)
    assert (report["images"], report["distinct_vectors"], report["problems"]) == (12, 3, [])


def test_problems_do_not_change_the_exit_status(console: Console, folder: Path) -> None:
    (folder / "masks" / "05.png").write_bytes(b"")
    (folder / "images" / "06.png").unlink()
    report = console.json("scan", folder)
    files = {item["file"] for item in report["problems"]}
    assert {"masks/05.png", "masks/06.png"} <= files
    assert all(item["problem"] for item in report["problems"])
    assert by_name(report)["class 1"]["images"] == 10


def test_what_looks_doubtful_is_noted_on_stderr_or_in_the_report(console: Console, folder: Path) -> None:
    (folder / "images" / "06.png").unlink()
    assert console("scan", folder) == 0
    assert console.err.startswith("Note: ")
    assert "masks/06.png" in console.err
    (note,) = console.json("scan", folder)["notes"]
    assert "masks/06.png" in note
    assert console.err == ""


def test_class_names_come_from_a_file(console: Console, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "names.json").write_text('{"0": "sky", "1": "road", "2": "car", "3": "bus", "9": "unknown"}')
    report = console.json("scan", folder, "--classes", tmp_path / "names.json")
    assert by_name(report)["car"]["images"] == 3


def test_balance_reports_and_writes_a_plan(console: Console, folder: Path, tmp_path: Path) -> None:
    target, plan = tmp_path / "t.json", tmp_path / "out" / "plan.json"
    target.write_text('{"class 2": 0.5}')
    arguments = ["balance", folder, "--void", 9, "--target", target, "--size", 40, "--out", plan]
    report = console.json(*arguments)
    assert by_name(report)["class 2"]["target"] == 0.5
    assert by_name(report)["class 2"]["original"] == 0.25
    assert by_name(report)["class 3"]["target"] == pytest.approx(1 / 12)
    assert report["reachable"] is True
    assert 0 <= report["relative_gap"] < 1e-6
    assert report["objective"] == pytest.approx(report["distance"] + report["gamma"] * report["drift"])

    written = json.loads(plan.read_text())
    copies = written["copies"]
    assert sum(copies.values()) == report["total"] == 40
    assert sum(max(n - 1, 0) for n in copies.values()) == report["duplicates"]
    assert sum(n == 0 for n in copies.values()) == report["dropped"]
    assert max(copies.values()) == report["max_copies"]
    holds = [name for name in copies if int(Path(name).stem) < 3]
    assert sum(copies[name] for name in holds) / 40 == pytest.approx(by_name(report)["class 2"]["achieved"])
    assert written["dataset"]["root"] == str(folder)

    rows = list(csv.DictReader((tmp_path / "out" / "plan.csv").read_text().splitlines()))
    weights = np.load(tmp_path / "out" / "plan.weights.npy")
    assert {row["image"]: int(row["copies"]) for row in rows} == copies
    assert weights.shape == (12,)
    assert weights.sum() == pytest.approx(40)


@pytest.mark.parametrize("preset", ["ones", "original", "rare-up", "rare-up-regularised"])
def test_every_preset_can_be_balanced(console: Console, folder: Path, preset: str) -> None:
    report = console.json("balance", folder, "--target", f"preset:{preset}")
    assert report["total"] == 12


@pytest.mark.parametrize("drift", ["chi2", "published"])
@pytest.mark.parametrize("dial", [["--gamma", 0.01], ["--gamma", 0], ["--gamma-relative", 0.1]])
def test_descent_comes_near_the_optimum(
    console: Console, folder: Path, drift: str, dial: list[object]
) -> None:
    shared = ["balance", folder, "--target", "preset:rare-up", "--drift", drift, *dial]
    best = console.json(*shared)
    near = console.json(*shared, "--method", "descent", "--steps", 3000)
    assert near["optimum"] == pytest.approx(best["optimum"], rel=1e-6, abs=1e-12)
    assert near["objective"] >= best["objective"] * (1 - 1e-6) - 1e-12
    assert near["objective"] <= best["objective"] + 1e-2 * best["objective"] + 1e-6


def test_least_ess_is_kept(console: Console, folder: Path) -> None:
    report = console.json("balance", folder, "--target", "preset:rare-up-regularised", "--min-ess", 0.6)
    assert report["ess"] == pytest.approx(0.6, abs=1e-3)


def test_caps_and_floors_are_kept(console: Console, folder: Path, tmp_path: Path) -> None:
    plan = tmp_path / "plan.json"
    arguments = ["--size", 30, "--max-copies", 4, "--keep-originals", "--out", plan]
    console.json("balance", folder, "--target", "preset:rare-up-regularised", *arguments)
    copies = json.loads(plan.read_text())["copies"].values()
    assert (min(copies), sum(copies)) == (1, 30)
    assert max(copies) <= 4


REFUSED = {
    "no such folder": (["scan", "{root}/nowhere"], "nothing at"),
    "unknown preset": (["balance", "{root}", "--target", "preset:best"], "rare-up"),
    "missing target": (["balance", "{root}", "--target", "{root}/t.json"], "Cannot read the target"),
    "B below the originals": (
        ["balance", "{root}", "--target", "preset:ones", "--size", "5", "--keep-originals"],
        "12 originals",
    ),
    "cap too low for B": (
        ["balance", "{root}", "--target", "preset:ones", "--size", "50", "--max-copies", "2"],
        "at most",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refusals_are_one_sentence_on_stderr(console: Console, folder: Path, case: str) -> None:
    arguments, words = REFUSED[case]
    assert console(*(argument.format(root=folder) for argument in arguments)) == 1
    assert words in console.err
    assert "Traceback" not in console.err
    assert console.out == ""


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ('{"class 2": 1.5}', "between 0 and 1"),
        ('{"class 2": 50}', "0.5"),
        ('{"class 2": "much"}', "number"),
        ('{"class 2": NaN}', "number"),
        ('{"klass 2": 0.5}', "'class 2'"),
        ("[0.5]", "object"),
        ("{", "not JSON"),
    ],
)
def test_bad_targets_are_refused(
    console: Console, folder: Path, tmp_path: Path, target: str, words: str
) -> None:
    (tmp_path / "t.json").write_text(target)
    assert console("balance", folder, "--target", tmp_path / "t.json") == 1
    assert words in console.err


@pytest.mark.parametrize(
    "arguments",
    [["scan"], ["fly"], ["scan", "x", "--format", "jpeg"], ["balance", "x"]],
)
def test_wrong_usage_exits_with_2(console: Console, arguments: list[str]) -> None:
    assert console(*arguments) == 2


def test_two_dials_at_once_are_wrong_usage(console: Console, folder: Path) -> None:
    dials = ["--gamma", 1, "--min-ess", 0.5]
    assert console("balance", folder, "--target", "preset:ones", *dials) == 2


@pytest.mark.parametrize(("unit", "images"), [("slice", 4), ("volume", 1)])
def test_a_sample_is_what_the_unit_says(console: Console, tmp_path: Path, unit: str, images: int) -> None:
    write_pair(tmp_path)
    found = console.json("scan", tmp_path, "--unit", unit)
    assert (found["format"], found["usable"]) == ("nifti", images)


def test_a_demo_folder_scans_to_its_own_class_names(console: Console, tmp_path: Path) -> None:
    assert console("demo", tmp_path / "demo", "--size", 96, "--images", 23) == 0
    report = console.json("scan", tmp_path / "demo")
    assert [item["name"] for item in report["classes"]][:3] == ["background", "optic disc", "macula"]
    assert report["images"] == 23
    assert console("demo", tmp_path / "demo" / "images") == 1
    assert "Traceback" not in console.err


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.cli", "--version"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip()


def test_split_names_the_test_part_of_every_fold(console: Console, folder: Path) -> None:
    report = console.json("split", folder, "--void", 9, "--folds", 3)
    files = [file for fold in report["folds"] for file in fold["test"]]
    assert sorted(files) == [f"images/{i:02}.png" for i in range(12)]
    assert [fold["images"] for fold in report["folds"]] == [4, 4, 4]
    assert [fold["classes"]["class 2"] for fold in report["folds"]] == [1, 1, 1]
    assert (report["groups"], report["unsplittable"]) == (12, ["class 3"])
    assert report == console.json("split", folder, "--void", 9, "--folds", 3, "--seed", 0)


def test_split_keeps_the_groups_of_a_pattern_whole(console: Console, folder: Path) -> None:
    report = console.json("split", folder, "--folds", 2, "--group", "^(.)")
    assert report["groups"] == 2
    assert sorted(len(fold["test"]) for fold in report["folds"]) == [2, 10]


def test_split_for_people_says_what_cannot_be_split(console: Console, folder: Path) -> None:
    assert console("split", folder, "--void", 9, "--folds", 3) == 0
    assert (
        "'class 3' is in 1 group only (1 image), so it cannot be in every one of 3 test parts." in console.out
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--folds", 13], "form only 12"),
        (["--folds", 1], "ask for 2 or more"),
        (["--folds", 3, "--group", "^(.)"], "at most 2 folds"),
        (["--folds", 2, "--group", "("], "no regular expression"),
        (["--folds", 2, "--group", "flight"], "matches no image name"),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    console: Console, folder: Path, options: list[object], sentence: str
) -> None:
    assert console("split", folder, *options) == 1
    assert sentence in console.err
    assert console.out == ""


@pytest.mark.real_data
@pytest.mark.parametrize("pattern", ["^[^_]+", "^image-chips/([0-9a-f]+)_"])
def test_dronedeploy_is_split_by_flight(console: Console, real_data: Path, pattern: str) -> None:
    root = real_data / "dronedeploy"
    report = console.json("split", root, "--folds", 2, "--group", pattern)
    flights = [{Path(file).name.split("_")[0] for file in fold["test"]} for fold in report["folds"]]
    assert report["groups"] == 2
    assert [len(found) for found in flights] == [1, 1]
    assert console("split", root, "--folds", 3, "--group", pattern) == 1
    assert "form only 2" in console.err


@pytest.mark.parametrize(
    ("quantity", "target"),
    [("pixels", {"class 3": 0.03}), ("both", {"presence": {"class 3": 0.2}, "pixels": {"class 3": 0.03}})],
)
def test_balance_takes_pixel_shares(
    console: Console, folder: Path, tmp_path: Path, quantity: str, target: dict[str, Any]
) -> None:
    file, plan = tmp_path / "target.json", tmp_path / "plan.json"
    file.write_text(json.dumps(target))
    options = ["--void", 9, "--quantity", quantity, "--target", file, "--out", plan]
    report = console.json("balance", folder, *options)
    found = next(x for x in report["classes"] if (x["name"], x["quantity"]) == ("class 3", "pixels"))
    assert found["original"] == pytest.approx(6 / 30 / 12)
    assert found["achieved"] == pytest.approx(0.03, abs=0.01)
    assert report["all_pixels"]["class 3"]["achieved"] == pytest.approx(found["achieved"])
    assert json.loads(plan.read_text())["spec"]["quantity"] == quantity


def test_pixel_shares_have_presets_of_their_own(console: Console, folder: Path) -> None:
    assert console("balance", folder, "--quantity", "pixels", "--target", "preset:ones") == 1
    assert "rare-half-more" in console.err
    assert console("balance", folder, "--quantity", "pixels", "--target", "preset:rare-doubled") == 0


def test_a_wish_for_few_copies_finds_its_gamma(console: Console, folder: Path) -> None:
    arguments = ["balance", folder, "--target", "preset:rare-up-regularised", "--gamma-copies"]
    few, many = (console.json(*arguments, copies) for copies in (2, 5))
    assert few["max_copies"] <= 2
    assert few["gamma"] > many["gamma"]
    assert console(*arguments, 2, "--size", 500) == 1
    assert "the nearest is" in console.err


def test_files_are_left_out_and_paired_on_the_command_line(console: Console, folder: Path) -> None:
    (folder / "masks" / "05.png").write_bytes(b"")
    (folder / "masks" / "06.png").rename(folder / "masks" / "stray.png")
    ignore = ["--ignore", "masks/05.png", "--ignore", folder / "images" / "07.png"]
    report = console.json("scan", folder, *ignore, "--pair-files", "images/06.png=masks/stray.png")
    assert (report["images"], report["usable"], report["problems"]) == (10, 10, [])
    assert report["ignored"] == ["masks/05.png", "images/07.png"]
    assert report["pairs"] == [["images/06.png", "masks/stray.png"]]


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--ignore", "masks/none.png", "There is no file"),
        ("--pair-files", "images/01.png", "IMAGE=MASK"),
        ("--pair-files", "images/01.png=masks/none.png", "There is no file"),
    ],
)
def test_a_file_that_is_not_there_is_refused(
    console: Console, folder: Path, option: str, value: str, said: str
) -> None:
    assert console("scan", folder, option, value) == 1
    assert said in console.err
