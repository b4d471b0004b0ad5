"""The layout of mmsegmentation: `img_dir/train`, `ann_dir/train`, index PNG, 255 for void."""

import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PIL import ImageColor

from core.data.copies import Drawn, SourceSample
from core.data.entries import Entry
from core.data.layouts.protocol import Files, WriteContext, find_common_suffix, write_image
from core.data.mask_files import encode_index_mask
from core.data.placing import place_bytes
from core.domain.classes import class_colours
from core.domain.scan import Sample
from core.errors import DatasetError

IGNORE = 255
METAINFO = "metainfo.json"


class MmsegLayout:
    """For `BaseSegDataset`: classes by position, the background one of them; images of one suffix."""

    def settle(self, context: WriteContext, samples: Sequence[Sample]) -> WriteContext:
        """All images get one suffix, which is how mmsegmentation finds them."""
        if len(context.dataset.classes) > IGNORE:
            raise DatasetError(
                f"mmsegmentation reads masks of up to {IGNORE} classes, this dataset has "
                f"{len(context.dataset.classes)}; choose the plain layout."
            )
        return replace(context, image_suffix=find_common_suffix(samples))

    def name(self, name: str) -> str:
        """Sub-folders are kept."""
        return name

    def write(self, context: WriteContext, source: SourceSample, drawn: Drawn | None, name: str) -> Files:
        """Write the image and `ann_dir/train/NAME.png`; where classes overlap the later is on top."""
        label = source.label if drawn is None else drawn.label
        numbers = np.array([*range(label.class_count), IGNORE], dtype=np.int64)
        mask = f"ann_dir/train/{name}.png"
        place_bytes(context.folder / mask, encode_index_mask(label.index_map(), numbers))
        return Files((write_image(context, source, drawn, f"img_dir/train/{name}"),), (mask,))

    def finish(self, context: WriteContext, entries: Sequence[Entry]) -> None:
        """Write `metainfo.json`: what the dataset's entry in a config needs."""
        del entries  # the description is the same whatever was written
        classes = context.dataset.classes
        about = {
            "metainfo": {
                "classes": [item.name for item in classes],
                "palette": [list(ImageColor.getrgb(colour)) for colour in class_colours(classes)],
            },
            "data_prefix": {"img_path": "img_dir/train", "seg_map_path": "ann_dir/train"},
            "img_suffix": context.image_suffix,
            "seg_map_suffix": ".png",
            "reduce_zero_label": False,
            "ignore_index": IGNORE,
        }
        place_bytes(context.folder / METAINFO, json.dumps(about, indent=2, ensure_ascii=False).encode())
