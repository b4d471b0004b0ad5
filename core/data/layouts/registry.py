"""The layouts by name."""

from core.data.layouts.mmseg import MmsegLayout
from core.data.layouts.nnunet import NnunetLayout
from core.data.layouts.plain import PlainLayout
from core.data.layouts.protocol import Layout
from core.data.layouts.ultralytics import UltralyticsLayout
from core.domain.augmentation import LayoutName

LAYOUTS: dict[LayoutName, Layout] = {
    "plain": PlainLayout(),
    "ultralytics": UltralyticsLayout(),
    "mmseg": MmsegLayout(),
    "nnunet": NnunetLayout(),
}
