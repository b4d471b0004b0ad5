"""Encoders by name: those of smp, and those of timm under `tu-`."""

from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

import timm
from segmentation_models_pytorch.encoders import encoders as smp_encoders
from timm.models import PretrainedCfg

from core.errors import ModelError

TIMM = "tu-"

_IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
_HALF = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
_DPN = ((124 / 255, 117 / 255, 104 / 255), (1 / (0.0167 * 255),) * 3)
_SMP_SCALES = {"inception": _HALF, "xception": _HALF, "dpn": _DPN}  # by the start of the name


@dataclass(frozen=True, slots=True)
class HubFile:
    """Where an encoder's pre-trained weights lie on the Hugging Face hub.

    Attributes:
        repository: `owner/name`.
        revision: A commit, or None for the newest.
        setting: smp's word for these weights, e.g. `imagenet`.
    """

    repository: str
    revision: str | None
    setting: str


@cache
def list_encoders() -> tuple[str, ...]:
    """All names, smp's first.

    smp's old `timm-` names are left out: timm has the same networks under `tu-`. Not each encoder goes with
    each architecture; `core.models.building.check_model` tells.
    """
    own = [name for name in smp_encoders if not name.startswith("timm-")]
    return (*own, *(TIMM + name for name in timm.list_models()))


def check_encoder(name: str) -> None:
    """Refuse a name that neither library knows.

    Raises:
        ModelError: Naming the likeliest.
    """
    plain, dot, tag = name.partition(".")  # timm: tu-resnet18.a1_in1k
    if plain in list_encoders() and (not dot or name[len(TIMM) :] in timm.list_pretrained()):
        return
    near = get_close_matches(name, list_encoders(), n=3, cutoff=0.5)
    hint = f" Did you mean {' or '.join(near)}?" if near else ""
    what = f"no weights “{tag}” for {plain}" if dot and plain in list_encoders() else f"no encoder “{name}”"
    raise ModelError(f"There is {what}; names are those of smp, or those of timm after “{TIMM}”.{hint}")


def find_hub_file(encoder: str) -> HubFile | None:
    """Where an encoder's pre-trained weights lie: ImageNet's, or the library's first; None if nowhere."""
    if encoder.startswith(TIMM):
        config = _find_timm_config(encoder)
        return HubFile(config.hf_hub_id, None, config.tag or "") if config and config.hf_hub_id else None
    published = smp_encoders[encoder]["pretrained_settings"]
    name = "imagenet" if "imagenet" in published else next(iter(published), None)
    return HubFile(published[name]["repo_id"], published[name]["revision"], name) if name else None


def read_scale(encoder: str) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each colour that the pre-trained weights expect; values in 0..1."""
    if encoder.startswith(TIMM):
        config = _find_timm_config(encoder)
        return (tuple(config.mean), tuple(config.std)) if config else _IMAGENET
    return next((scale for start, scale in _SMP_SCALES.items() if encoder.startswith(start)), _IMAGENET)


def _find_timm_config(encoder: str) -> PretrainedCfg | None:
    return timm.models.get_pretrained_cfg(encoder.removeprefix(TIMM))
