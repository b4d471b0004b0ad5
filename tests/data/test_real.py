"""Real datasets, written and counted again: overlapping JPEG masks, GIF masks, masks with 0 as a class."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.materialise import materialise
from core.domain.augmentation import MaterialiseSpec
from core.formats.dataset_file import read_dataset_file
from core.formats.detection.proposing import propose
from core.formats.whole import scan_dataset
from tests.data.sets import expected_shares, make_plan

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize("name", ["drive", "dronedeploy", "montgomery_lungs"])
def test_a_real_dataset_scans_to_the_plans_shares(real_data: Path, tmp_path: Path, name: str) -> None:
    plan = make_plan(propose(real_data / name).spec, {0: 2, 1: 0, 2: 3, 5: 1, 6: 2}, default=0)
    written = materialise(plan, tmp_path / "out", MaterialiseSpec(workers=1))
    assert (written.images, written.problems) == (8, ())
    dataset = scan_dataset(read_dataset_file(tmp_path / "out" / "dataset.toml"), None)
    assert not dataset.problems
    shares = dict(zip([item.name for item in dataset.classes], dataset.presence.mean(axis=0), strict=True))
    wanted = expected_shares(plan)
    assert {name: shares.get(name, 0.0) for name in wanted} == pytest.approx(wanted)


def test_layers_of_a_chest_film_are_counted_by_their_files(real_data: Path, tmp_path: Path) -> None:
    plan = make_plan(propose(real_data / "covid_cxr").spec, {3: 3, 4: 2}, default=0)
    materialise(plan, tmp_path / "out", MaterialiseSpec(workers=1))
    found: Counter[str] = Counter()
    for file in (tmp_path / "out" / "masks").rglob("*.png"):
        found[file.parent.name] += bool(np.asarray(Image.open(file)).max() > 127)
    keys = {item.name: item.key for item in plan.dataset.spec.classes}
    for name, share in expected_shares(plan).items():
        if name in keys and keys[name] != "background":
            assert found[keys[name]] == round(5 * share), name
