"""Pictures for the pages: an image with its classes blended in."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from skimage.segmentation import find_boundaries

from core.domain.classes import ClassRole, class_colours
from core.domain.dataset import DatasetSpec
from core.domain.scan import Sample, ScannedDataset
from core.errors import AppError
from core.formats.images import read_display
from core.formats.pairing import find_samples
from core.formats.registry import read_mask
