"""Balanced sets of datasets whose masks are outlines in JSON."""

from pathlib import Path

import numpy as np

from core.data.materialise import materialise
from core.data.space import Amount, WriteWay, estimate_bytes
from core.domain.augmentation import MaterialiseSpec
from core.domain.dataset import DatasetSpec
from core.formats.dataset_file import read_dataset_file
from core.formats.whole import find_samples, scan_dataset
from tests.data.sets import make_plan
from tests.formats.sources.annotations import (
    coco_image,
    coco_object,
    coco_spec,
    labelme_shape,
    labelme_spec,
    png,
    write_coco,
    write_labelme,
    write_png,
)

OTHER = [12, 4, 24, 4, 24, 16, 12, 16]
SQUARE = [(4, 4), (16, 4), (16, 16), (4, 16)]


def write(spec: DatasetSpec, folder: Path, copies: int) -> tuple[DatasetSpec, dict[str, list[int]]]:
    """Write a set of one image with so many copies; its answers, and pixels by class name."""
    written = materialise(make_plan(spec, default=copies), folder, MaterialiseSpec(workers=1))
    assert (written.images, written.problems) == (copies, ())
    found = scan_dataset(read_dataset_file(folder / "dataset.toml"), None)
    assert found.problems == ()
    assert found.overlapping
    columns = {item.name: found.pixels[:, place].tolist() for place, item in enumerate(found.classes)}
    return found.spec, columns | {"in all": found.totals.tolist()}


def test_originals_are_linked_and_masks_hold_what_was_outlined(tmp_path: Path) -> None:
    root = tmp_path / "set"
    write_png(root / "im" / "1.png", 32, 48)
    objects = [coco_object(1, 1), coco_object(1, 7, [OTHER])]
    write_coco(
        root / "a.json", [coco_image(1, height=32, width=48)], objects, {1: "tv/monitor", 7: "tv_monitor"}
    )
    spec, pixels = write(coco_spec(root, "im"), tmp_path / "out", 2)
    assert (tmp_path / "out" / "images" / "1.png").stat().st_ino == (root / "im" / "1.png").stat().st_ino
    assert [item.key for item in spec.classes if item.name.startswith("tv")] == ["tv_monitor_", "tv_monitor"]
    assert (pixels["tv/monitor"][0], pixels["tv_monitor"][0]) == (36, 144)
    assert pixels["tv/monitor"][1] > 0


def test_void_stays_void(tmp_path: Path) -> None:
    root = tmp_path / "set"
    shapes = [labelme_shape("cat", SQUARE), labelme_shape("__ignore__", [(0, 0), (9, 31)], "rectangle")]
    write_labelme(root / "a.json", shapes, size=(32, 48), data=png(32, 48))
    spec, pixels = write(labelme_spec(root, void=("__ignore__",)), tmp_path / "out", 2)
    assert spec.void == ("void",)
    assert (pixels["cat"][0], pixels["in all"][0]) == (7 * 13, 38 * 32)
    assert pixels["in all"][1] < 48 * 32


def test_one_annotation_file_is_not_counted_once_an_image(tmp_path: Path) -> None:
    images = [coco_image(id_) for id_ in range(2000)]
    path = write_coco(tmp_path / "a.json", images)
    samples, _, _ = find_samples(coco_spec(tmp_path))
    amounts = [Amount(sample, 1, 0) for sample in samples]
    needed = estimate_bytes(WriteWay(tmp_path, linked=True), amounts)
    assert needed <= len(images) * 4096 + 2 * path.stat().st_size
    assert np.isfinite(needed)
