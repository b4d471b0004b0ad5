"""Small datasets in the test's own workspace, and the app without a browser."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair
from core.jobs.scan import run_scan
from core.services import datasets
from tests.conftest import ROOT

SIDE = 32
CLASSES = (
    ClassSpec(key="0", name="background", role="background", index=0),
    ClassSpec(key="1", name="disc", index=1),
    ClassSpec(key="2", name="vessels", index=2),
)
OpenPage = Callable[..., AppTest]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Six images with index masks: the disc is in all, vessels are in every other one."""
    root = tmp_path / "retina"
    for name in ("images", "masks"):
        (root / name).mkdir(parents=True)
    rng = np.random.default_rng(0)
    for i in range(6):
        mask = np.zeros((SIDE, SIDE), np.uint8)
        mask[4:10, 4:10] = 1
        if i % 2:
            mask[20:22] = 2
        image = rng.integers(0, 255, (SIDE, SIDE, 3), np.uint8)
        Image.fromarray(image).save(root / "images" / f"eye_{i}.png")
        Image.fromarray(mask).save(root / "masks" / f"eye_{i}.png")
    return root


@pytest.fixture
def spec(folder: Path) -> DatasetSpec:
    """The answers that fit `folder`."""
    return DatasetSpec(
        name="Retina_1",
        root=folder,
        format="index",
        folders=(FolderPair(images="images", masks="masks"),),
        classes=CLASSES,
    )


@pytest.fixture
def scanned(spec: DatasetSpec, folder: Path) -> str:
    """The id of a scanned dataset with one problem: an image without a mask."""
    Image.new("RGB", (SIDE, SIDE)).save(folder / "images" / "lonely.png")
    dataset_id = datasets.keep(spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


@pytest.fixture
def open_page() -> OpenPage:
    """Open a page of the app as a link with this address would."""

    def opened(page: str = "home", **address: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        for name, value in address.items():
            app.query_params[name] = value
        app.run()
        if page != "home":
            app.switch_page(f"pages/{page}.py")
            app.run()
        assert not app.exception
        return app

    return opened
