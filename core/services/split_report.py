"""What a split answers: as a plain object, as text, and as tables."""

import json
import math
from typing import Any

import numpy as np
import pandas as pd

from core.domain.scan import ScannedDataset
from core.services.groups import count_origins, note_tables
from core.services.splits import DatasetSplit
from core.splitting import Split


def split_report(dataset: ScannedDataset, found: DatasetSplit, seed: int) -> dict[str, Any]:
    """`split --json`: the test part of each fold, how evenly the classes are spread, what cannot be split.

    `deviation` is how far the worst fold is from an equal part of the class's images, as a share of that
    part; null for a class that never occurs.
    """
    split = found.split
    files = [str(sample.image) if sample.image else sample.id for sample in dataset.samples]
    return {
        "images": len(files),
        "groups": split.groups,
        "grouped_by": count_origins(found.groups),
        "duplicates": found.groups.duplicates,
        "seed": seed,
        "folds": [
            {
                "test": [files[place] for place in split.test(fold).tolist()],
                "images": int(split.sizes[fold]),
                "classes": dict(zip(split.class_names, split.class_counts[fold].tolist(), strict=True)),
            }
            for fold in range(split.folds)
        ],
        "classes": [
            {"name": name, "images": int(images), "deviation": None if math.isnan(deviation) else deviation}
            for name, images, deviation in zip(
                split.class_names, split.class_counts.sum(axis=0), split.deviations.tolist(), strict=True
            )
        ],
        "unsplittable": [item.name for item in split.unsplittable],
        "notes": [*found.groups.notes, *note_tables(dataset, found.groups), *describe_unsplittable(split)],
    }


def split_json(report: dict[str, Any]) -> str:
    """The report as `split --json` prints it, but for the line's end."""
    return json.dumps(report, ensure_ascii=False, allow_nan=False)


def describe_unsplittable(split: Split) -> list[str]:
    """A sentence for each class that some test part must lack."""
    return [
        f"'{item.name}' is in {item.groups} {'group' if item.groups == 1 else 'groups'} only "
        f"({item.images} {'image' if item.images == 1 else 'images'}), so it cannot be in every one of "
        f"{split.folds} test parts."
        if item.groups
        else f"'{item.name}' occurs in no image, so no test part holds it."
        for item in split.unsplittable
    ]


def split_text(report: dict[str, Any]) -> str:
    """A split's report for people: images of each class in each test part."""
    folds = report["folds"]
    heads = [f"fold {place}" for place in range(1, len(folds) + 1)]
    lines = [
        f"{report['images']} images in {report['groups']} groups; {report['duplicates']} of them equal an "
        "earlier one.",
        f"{'images in the test part':<32}" + "".join(f"{head:>9}" for head in heads),
        f"{'all':<32}" + "".join(f"{fold['images']:>9}" for fold in folds),
    ]
    lines += [
        f"{item['name'][:31]:<32}" + "".join(f"{fold['classes'][item['name']]:>9}" for fold in folds)
        for item in report["classes"]
    ]
    return "\n".join([*lines, *report["notes"]])


def fold_table(found: DatasetSplit) -> pd.DataFrame:
    """One line a fold: fold (from 1), images and groups of its test part, images of its training part."""
    split, group = found.split, found.groups.group
    return pd.DataFrame(
        {
            "fold": np.arange(1, split.folds + 1),
            "images": split.sizes,
            "groups": [np.unique(group[split.test(fold)]).size for fold in range(split.folds)],
            "training_images": split.sizes.sum() - split.sizes,
        }
    )


def fold_share_table(found: DatasetSplit) -> pd.DataFrame:
    """One line a class: class, images, share of the whole, share of each test part (`fold 1`, …), deviation.

    Shares are of images, in [0, 1]; `deviation` is how far the worst fold is from an equal part of the
    class's images, as a share of that part; NaN for a class that never occurs.
    """
    split = found.split
    images = split.class_counts.sum(axis=0)
    shares = split.class_counts / np.maximum(split.sizes, 1)[:, None]
    frame = pd.DataFrame(
        {"class": split.class_names, "images": images, "share": images / max(int(split.sizes.sum()), 1)}
    )
    for fold in range(split.folds):
        frame[f"fold {fold + 1}"] = shares[fold]
    return frame.assign(deviation=split.deviations)


def fold_image_table(dataset: ScannedDataset, found: DatasetSplit) -> pd.DataFrame:
    """One line an image: image, group (its number where nothing names it), test_fold (from 1)."""
    numbers = found.groups.group.tolist()
    return pd.DataFrame(
        {
            "image": [sample.id for sample in dataset.samples],
            "group": [name or str(number) for name, number in zip(found.groups.names, numbers, strict=True)],
            "test_fold": found.split.fold + 1,
        }
    )
