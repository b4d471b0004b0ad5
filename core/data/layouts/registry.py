"""The layouts by name."""

from core.data.layouts.labelled import LabelledPictures
from core.data.layouts.mmseg import MmsegLayout
from core.data.layouts.nnunet import NnunetLayout
from core.data.layouts.plain import PlainLayout
from core.data.layouts.protocol import Layout, SetLayout, VolumeLayout
from core.data.layouts.ultralytics import UltralyticsLayout
from core.data.layouts.volumes import NnunetVolumes, PlainVolumes
from core.domain.augmentation import LayoutName
from core.domain.dataset import DatasetSpec
from core.errors import DatasetError
from core.formats.whole import holds_volumes

LAYOUTS: dict[LayoutName, Layout] = {
    "plain": PlainLayout(),
    "ultralytics": UltralyticsLayout(),
    "mmseg": MmsegLayout(),
    "nnunet": NnunetLayout(),
}
VOLUME_LAYOUTS: dict[LayoutName, VolumeLayout] = {"plain": PlainVolumes(), "nnunet": NnunetVolumes()}
LABEL_LAYOUTS: dict[LayoutName, Layout] = {"plain": LabelledPictures()}


def find_layout(name: LayoutName, spec: DatasetSpec) -> SetLayout:
    """The layout of that name for the samples of a dataset.

    Raises:
        DatasetError: Whole volumes, or pictures with labels as wholes, cannot be written in it.
    """
    if not holds_volumes(spec):
        return find_picture_layout(name, spec)
    if name not in VOLUME_LAYOUTS:
        raise DatasetError(
            f"The layout {name} holds pictures, and the samples of {spec.name} are whole volumes; choose the "
            f"layout {' or '.join(VOLUME_LAYOUTS)}, or open the dataset with slices as samples."
        )
    return VOLUME_LAYOUTS[name]


def find_picture_layout(name: LayoutName, spec: DatasetSpec) -> Layout:
    """The layout of that name for samples that are pictures.

    Raises:
        DatasetError: Pictures with labels as wholes cannot be written in it.
    """
    if spec.has_masks:
        return LAYOUTS[name]
    if name not in LABEL_LAYOUTS:
        raise DatasetError(
            f"The layout {name} holds masks, and {spec.name} has labels of whole images; choose the layout "
            f"{' or '.join(LABEL_LAYOUTS)}."
        )
    return LABEL_LAYOUTS[name]
