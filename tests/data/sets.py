"""Small datasets on disk, and plans for them."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from core.data.materialise import scan_for_plan
from core.domain.balance import BalanceSpec
from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, FormatName
from core.domain.scan import ScannedDataset
from core.formats.whole import scan_dataset
from core.plans.plan import BalancePlan, PlanCertificate, PlanDataset

SIZE = 48
NAMES = ("background", "disc", "vessel", "spot")
PALETTE = [7, 7, 7, 230, 159, 0, 86, 180, 233, 0, 158, 115]


def index_mask(number: int, size: int = SIZE) -> NDArray[np.uint8]:
    """Disc in all, vessel in two of three, a spot of a few pixels in every fourth."""
    mask = np.zeros((size, size), np.uint8)
    mask[8:20, 10:24] = 1
    if number % 3:
        mask[26:30, 4:40] = 2
    if number % 4 == 0:
        mask[36:40, 30:34] = 3
    return mask


def write_index_set(root: Path, count: int = 8, values: tuple[int, ...] = (0, 1, 2, 3)) -> DatasetSpec:
    """Palette PNG masks whose classes have the given values, void (99) in a corner, RGB images."""
    rng = np.random.default_rng(3)
    table = np.zeros(256, np.uint8)
    table[: len(values)] = values
    for number in range(count):
        image = rng.integers(0, 255, (SIZE, SIZE, 3), np.uint8)
        mask = table[index_mask(number)]
        mask[:3, :3] = 99
        picture = Image.fromarray(mask).convert("P")
        picture.putpalette([channel for value in range(256) for channel in (value, 255 - value, 7)])
        save(Image.fromarray(image), root / "images" / "left" / f"{number:02}.png")
        save(picture, root / "masks" / "left" / f"{number:02}.png")
    return describe(root, "index", [str(value) for value in values], void=("99",))


def write_layer_set(root: Path, suffix: str = ".png", count: int = 6) -> DatasetSpec:
    """One binary mask per class; spot lies inside disc, and image 1 shows nothing at all."""
    rng = np.random.default_rng(4)
    for number in range(count):
        save(
            Image.fromarray(rng.integers(0, 255, (SIZE, SIZE), np.uint8)),
            root / "images" / f"{number}.png",
        )
        disc, spot = np.zeros((2, SIZE, SIZE), np.uint8)
        if number != 1:
            disc[10:30, 10:30] = 255
        if number % 2 == 0:
            spot[14:22, 14:22] = 255
        save(Image.fromarray(disc), root / "masks" / "disc" / f"{number}{suffix}")
        if number % 2 == 0:
            save(Image.fromarray(spot), root / "masks" / "spot" / f"{number}{suffix}")
    return describe(root, "binary_per_class", ["background", "disc", "spot"])


def save(picture: Image.Image, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def describe(
    root: Path, format_: FormatName, keys: list[str], void: tuple[str, ...] = (), names: tuple[str, ...] = ()
) -> DatasetSpec:
    names = names or tuple(keys if format_ == "binary_per_class" else NAMES)
    classes = tuple(
        ClassSpec(key=key, name=name, role=ClassRole.CLASS if place else ClassRole.BACKGROUND)
        for place, (key, name) in enumerate(zip(keys, names, strict=True))
    )
    return DatasetSpec(
        name="tiny",
        root=root,
        format=format_,
        folders=(FolderPair(images="images", masks="masks"),),
        classes=classes,
        void=void,
    )


def make_plan(spec: DatasetSpec, copies: Mapping[int, int] | None = None, default: int = 1) -> BalancePlan:
    """A plan with the given copies by position; all other images `default` times."""
    dataset = scan_dataset(spec, None)
    counts = {sample.id: (copies or {}).get(place, default) for place, sample in enumerate(dataset.samples)}
    values = list(counts.values())
    return BalancePlan(
        name="test",
        created="2026-01-01T00:00:00+00:00",
        app_version="0",
        dataset=PlanDataset(
            name=spec.name, root=spec.root, fingerprint=dataset.fingerprint, spec=dataset.spec
        ),
        spec=BalanceSpec(targets=()),
        seed=5,
        classes=(),
        certificate=PlanCertificate(objective=0, bound=0, gap=0, relative_gap=0, converged=True),
        distance=0,
        drift=0,
        ess=1,
        total=sum(values),
        duplicates=sum(max(value - 1, 0) for value in values),
        dropped=values.count(0),
        max_copies=max(values),
        copies=counts,
        weights=tuple(float(value) for value in values),
    )


def scanned(plan: BalancePlan) -> ScannedDataset:
    return scan_for_plan(plan)


def expected_shares(plan: BalancePlan) -> dict[str, float]:
    """Share of the balanced set that contains each class, from the source and the copies alone."""
    dataset = scanned(plan)
    copies = np.array([plan.copies[sample.id] for sample in dataset.samples])
    shares = copies @ dataset.presence / copies.sum()
    return {item.name: float(share) for item, share in zip(dataset.classes, shares, strict=True)}
