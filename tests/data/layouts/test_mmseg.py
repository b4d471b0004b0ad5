"""The layout of mmsegmentation, read back by its own pairing rule."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.data.materialise import materialise
from core.domain.augmentation import MaterialiseSpec
from core.formats.pixels.images import read_size
from tests.data.sets import (
    SIZE,
    expected_shares,
    index_mask,
    make_plan,
    save,
    write_index_set,
    write_layer_set,
)

MMSEG = MaterialiseSpec(workers=1, layout="mmseg")


def pairs(root: Path) -> list[tuple[Path, Path]]:
    """As `BaseSegDataset.load_data_list`: cut the image suffix, add that of the masks."""
    about = json.loads((root / "metainfo.json").read_text())
    images = root / about["data_prefix"]["img_path"]
    masks = root / about["data_prefix"]["seg_map_path"]
    suffix = about["img_suffix"]
    names = [str(path.relative_to(images)) for path in sorted(images.rglob(f"*{suffix}"))]
    return [(images / name, masks / (name[: -len(suffix)] + about["seg_map_suffix"])) for name in names]


def test_a_plan_is_written_as_mmseg_expects_it(tmp_path: Path) -> None:
    plan = make_plan(write_index_set(tmp_path / "set", values=(0, 40, 80, 120)), {0: 3, 1: 0})
    materialise(plan, tmp_path / "out", MMSEG)
    found = pairs(tmp_path / "out")
    assert len(found) == sum(plan.copies.values())
    classes = json.loads((tmp_path / "out/metainfo.json").read_text())["metainfo"]["classes"]
    present = np.zeros(len(classes))
    for image, mask in found:
        values = set(np.unique(np.asarray(Image.open(mask))).tolist())
        assert values <= {0, 1, 2, 3, 255}
        present += [number in values for number in range(len(classes))]
        assert read_size(image) == read_size(mask)
    assert dict(zip(classes, present / len(found), strict=True)) == pytest.approx(expected_shares(plan))
    original = np.asarray(Image.open(tmp_path / "out/ann_dir/train/left/00.png"))
    np.testing.assert_array_equal(original[3:], index_mask(0)[3:])
    assert (original[:3, :3] == 255).all()


def test_images_of_two_types_become_png(tmp_path: Path) -> None:
    spec = write_index_set(tmp_path / "set")
    (tmp_path / "set/images/left/00.png").unlink()
    save(Image.new("RGB", (SIZE, SIZE), (1, 2, 3)), tmp_path / "set/images/left/00.bmp")
    plan = make_plan(spec, {0: 2})
    materialise(plan, tmp_path / "out", MMSEG)
    assert len(pairs(tmp_path / "out")) == sum(plan.copies.values())
    assert (tmp_path / "out/img_dir/train/left/00.png").is_file()
    linked = tmp_path / "out/img_dir/train/left/01.png"
    assert linked.samefile(tmp_path / "set/images/left/01.png")


def test_where_classes_overlap_the_later_is_on_top(tmp_path: Path) -> None:
    plan = make_plan(write_layer_set(tmp_path / "set"))
    materialise(plan, tmp_path / "out", MMSEG)
    mask = np.asarray(Image.open(tmp_path / "out/ann_dir/train/0.png"))
    assert (mask[10:14, 10:30] == 1).all()
    assert (mask[14:22, 14:22] == 2).all()
