"""A small dataset on disk, and the same scanned."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.domain.label_table import LabelTable
from core.domain.scan import ScannedDataset
from core.services import balance, datasets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Forty images: disc in all, vessel in most, spot in a quarter, scar in three; scar only beside spot."""
    root = tmp_path / "eyes"
    for kind in ("images", "masks"):
        (root / kind).mkdir(parents=True)
    rng = np.random.default_rng(1)
    for i in range(40):
        mask = np.zeros((24, 24), np.uint8)
        mask[:4] = 1
        mask[5:8] = 2 * (i % 8 > 0)
        mask[9:12] = 3 * (i % 4 == 0)
        mask[13:16] = 4 * (i in {0, 4, 8})
        Image.fromarray(mask).save(root / "masks" / f"{i:02}.png")
        Image.fromarray(rng.integers(0, 255, (24, 24, 3), np.uint8)).save(root / "images" / f"{i:02}.png")
    names = {"0": "background", "1": "disc", "2": "vessel", "3": "spot", "4": "scar"}
    lines = ['name = "eyes"', 'root = "."', 'format = "index"', "[[folders]]", 'images = "images"']
    lines.append('masks = "masks"')
    for key, name in names.items():
        role = "background" if key == "0" else "class"
        lines += ["[[classes]]", f'key = "{key}"', f'name = "{name}"', f'role = "{role}"']
    (root / "dataset.toml").write_text("\n".join(lines))
    return root


@pytest.fixture
def dataset_id(folder: Path) -> str:
    """The id of the folder once its answers are kept."""
    return datasets.keep(datasets.propose(str(folder)).spec)


@pytest.fixture
def dataset(dataset_id: str) -> ScannedDataset:
    """The folder, scanned in this process."""
    return datasets.scan_now(datasets.find_spec(dataset_id))


@pytest.fixture
def table(dataset: ScannedDataset) -> LabelTable:
    """Its label table."""
    return balance.label_table(dataset)
