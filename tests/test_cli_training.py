"""The commands that train, as a person types them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.scan import ScannedDataset
from tests.training.sets import write_discs

TINY = (
    "architecture=plain-unet", "encoder=none", "weights=none", "model.channels=8,16", "model.norm=batch",
    "in_channels=3", "epochs=20", "batch=4", "image_size=32", "lr=0.01", "workers=0", "augment=none",
)  # fmt: skip


def run(*arguments: str, fails: bool = False) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "core.cli", *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def settings() -> list[str]:
    return [word for setting in TINY for word in ("--set", setting)]


@pytest.fixture
def discs(tmp_path: Path) -> ScannedDataset:
    return write_discs(tmp_path / "discs")


def test_the_recipes_of_the_papers_are_listed() -> None:
    found = json.loads(run("recipes", "--json"))["recipes"]
    assert [recipe["id"] for recipe in found] == [
        "s1", "s2-unet1", "s2-unet2", "s2-unet3", "s2-linknet", "s2-unet4",
        "s3-unet", "s3-efficientunet-b0", "s3-efficientunet-b4",
    ]  # fmt: skip
    assert all(recipe["paper"] for recipe in found)


def test_a_run_from_its_start_to_a_prediction(discs: ScannedDataset, tmp_path: Path) -> None:
    folder = str(discs.spec.root)
    out = run("train", folder, "--recipe", "s1", "--void", "99", "--device", "cpu", *settings(), "--follow")
    run_id = out.strip()
    assert out == f"{run_id}\n"
    seen = json.loads(run("show", run_id, "--json"))
    assert (seen["id"], seen["state"], seen["epoch"], seen["epochs"], seen["folds"]) == (
        run_id, "finished", 20, 20, 1,
    )  # fmt: skip
    assert seen["pid"] is None
    assert [(line["fold"], line["epoch"]) for line in seen["history"]] == [(1, e) for e in range(1, 21)]
    assert {"train_loss", "val_loss", "vdice", "dice", "iou"} <= seen["history"][-1].keys()
    assert run_id in run("runs")

    spec = tmp_path / "spec.json"
    request = seen["request"]
    request["recipe"]["epochs"] = 1
    spec.write_text(json.dumps(request))
    other = run("train", str(spec), "--follow").strip()
    report = json.loads(run("compare", run_id, other, "--json"))
    assert [item["setting"] for item in report["differences"]] == ["recipe.epochs"]
    assert report["runs"][0]["best"]["vDice"]["value"] > report["runs"][1]["best"]["vDice"]["value"]

    images = tmp_path / "only images"
    images.mkdir()
    for sample in discs.samples[:3]:
        Image.open(discs.spec.root / str(sample.image)).resize((50, 40)).save(
            images / Path(str(sample.image)).name
        )
    found = json.loads(run("predict", run_id, str(images), "--out", str(tmp_path / "out"), "--json"))
    assert found["images"] == 3
    mask = np.asarray(Image.open(tmp_path / "out" / "masks" / "00.png"))
    assert mask.shape == (40, 50)
    assert set(np.unique(mask)) <= {0, 1, 2, 3}
    assert "holds other files" in run("predict", run_id, folder, "--out", folder, fails=True)
    run("delete", run_id)
    assert run_id not in run("runs")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--recipe", "s9"), "no recipe"),
        (("--recipe", "s1", "--set", "epoch=3"), "epochs"),
        (("--recipe", "s1", "--set", "epochs=0"), "epochs"),
        (("--recipe", "s1", "--device", "tpu"), "no device"),
        ((), "--recipe"),
    ],
)
def test_a_wrong_command_is_one_sentence(
    discs: ScannedDataset, arguments: tuple[str, ...], said: str
) -> None:
    error = run("train", str(discs.spec.root), *arguments, fails=True)
    assert said in error
    assert "Traceback" not in error


def test_an_unknown_run_is_one_sentence() -> None:
    for command in ("show", "stop", "resume", "delete"):
        assert "no run" in run(command, "train-20200101-000000-abcdef", fails=True)
