"""Reviewed masks as COCO JSON: one annotation a class and image, run-length encoded."""

import json
from typing import Any

import numpy as np
from pycocotools import mask as rle

from core.data.placing import place_bytes
from core.inference.sources import KeptPredictions
from core.reports.context import ExportContext, Written
from core.reports.reviewed import ReviewedCase

COCO_FILE = "annotations.json"


def write_coco(context: ExportContext) -> Written:
    """`annotations.json` and `cases.csv`; classes that lie over one another are all kept.

    As in COCO-Stuff an annotation is all of a class on an image, not one object; a class that is not on an
    image has none.
    """
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for done, item in enumerate(context.reviewed.cases):
        context.step(done)
        images.append(
            {
                "id": done + 1,
                "file_name": _find_file(context, item),
                "height": item.case.height,
                "width": item.case.width,
            }
        )
        mask = context.reviewed.read_mask(item)
        for number, place in enumerate(context.places, start=1):
            region = mask.region(place)
            if region.any():
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": done + 1,
                        "category_id": number,
                        **_encode(region),
                    }
                )
    content = {
        "info": {"description": context.reviewed.review.spec.title, "version": context.app_version},
        "images": images,
        "categories": [
            {"id": number, "name": context.classes[place].name, "supercategory": ""}
            for number, place in enumerate(context.places, start=1)
        ],
        "annotations": annotations,
    }
    text = json.dumps(content, ensure_ascii=False)
    place_bytes(context.folder / COCO_FILE, text.encode("utf-8", "surrogateescape"))
    return Written({item.case.position: COCO_FILE for item in context.reviewed.cases})


def _find_file(context: ExportContext, item: ReviewedCase) -> str:
    """The image's file in its dataset, where it is a file of its own; else what it is called here."""
    source, position = context.reviewed.source, item.case.position
    if isinstance(source, KeptPredictions):
        found = source.sample(position)
        if found.picture or (found.sample is not None and not found.sample.part and found.sample.image):
            return found.picture or str(found.sample.image if found.sample else "")
    return f"{source.name(position)}.png"


def _encode(region: np.ndarray[Any, np.dtype[np.bool_]]) -> dict[str, Any]:
    encoded = rle.encode(np.asfortranarray(region, dtype=np.uint8))
    return {
        "segmentation": {"size": list(region.shape), "counts": encoded["counts"].decode("ascii")},
        "area": int(rle.area(encoded)),
        "bbox": [float(value) for value in rle.toBbox(encoded)],
        "iscrowd": 0,
    }
