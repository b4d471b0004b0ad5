"""The segments on one DICOM image, by class key, whichever files they come from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.domain.scan import Sample
from core.formats.sources.dicom_files import Frame
from core.formats.sources.dicom_segments import BACKGROUND_KEY, name_keys, read_layers, read_segmentation

Layers = dict[str, NDArray[np.bool_]]


def read_frame_layers(spec: DatasetSpec, sample: Sample, frame: Frame) -> Layers:
    """Class key to `(H, W)`: the segments on one image plane.

    Raises:
        DatasetError: A file is missing or broken, or does not lie on the image.
    """
    files = [read_segmentation(spec.root, file) for _, file in sample.masks]
    layers: Layers = {}
    for item, keys in zip(files, name_keys(files), strict=True):
        for number, layer in read_layers(spec.root, item, frame, spec.threshold).items():
            if (key := keys.get(number)) is not None:
                layers[key] = layers[key] | layer if key in layers else layer
    return layers


def stack_layers(layers: Layers, classes: Sequence[ClassSpec], shape: tuple[int, int]) -> LabelMask:
    """The label mask of some layers; the background is what none of them covers."""
    stack = np.zeros((len(classes), *shape), dtype=np.bool_)
    for place, item in enumerate(classes):
        if item.key == BACKGROUND_KEY:
            stack[place] = ~unite(layers, shape)
        elif item.key in layers:
            stack[place] = layers[item.key]
    return LabelMask(stack, len(classes))


def unite(layers: Layers, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """`(H, W)`: where any of the layers is."""
    union = np.zeros(shape, dtype=np.bool_)
    for layer in layers.values():
        union |= layer
    return union
