"""Networks from their specs, and whether a spec can be built at all."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import segmentation_models_pytorch as smp
import timm
import torch
from torch import Tensor, nn

from core.domain.recipe import ModelSpec
from core.errors import ModelError
from core.models.encoders import TIMM, check_encoder, find_hub_file, read_scale
from core.models.sizes import check_size
from core.models.unets import UNet, build_plain_unet, build_residual_unet
from core.models.weights import fetch_weights, fits, load_weights, read_weights

# All that smp and timm are known to raise where an encoder and a decoder do not go together.
_BUILD_ERRORS = (
    ValueError, LookupError, TypeError, RuntimeError, AttributeError, AssertionError, ArithmeticError,
)  # fmt: skip
_OPTIONS = {
    "depth": "encoder_depth",
    "decoder_channels": "decoder_channels",
    "attention": "decoder_attention_type",
}


@dataclass(frozen=True, slots=True)
class BuiltModel:
    """A network, ready to be trained.

    Attributes:
        network: Images `(B, channels, H, W)` to logits `(B, classes, H, W)`.
        weights: Where its weights come from, in words.
        mean: Of each channel, grey values in 0..1: subtracted before the network.
        std: Of each channel: divided by.
    """

    network: nn.Module
    weights: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What is known of a network before it is trained.

    Attributes:
        parameters: Numbers that are learnt.
        stride: Sides of images must be a multiple of this.
    """

    parameters: int
    stride: int


def build_model(spec: ModelSpec, classes: int, channels: int) -> BuiltModel:
    """The network of a spec. Random weights follow torch's seed.

    Args:
        spec: The architecture, encoder and weights.
        classes: Channels of the logits.
        channels: Channels of the images.

    Raises:
        ModelError: The parts do not go together, or the weights cannot be had.
    """
    _check_channels(spec, channels)
    mean, std = compute_scale(spec, channels)
    if spec.weights == "imagenet":
        network, words = _build_pretrained(spec, classes, channels)
    elif spec.weights == "file":
        network, words = _build_from_file(spec, classes, channels)
    else:
        with _explaining(spec, "cannot be built"):
            network, words = _build(spec, classes, channels), "random weights"
    return BuiltModel(network, words, mean, std)


def check_model(
    spec: ModelSpec, image_size: int, *, classes: int, channels: int, batch: int = 2
) -> ModelFacts:
    """Refuse a spec that cannot be trained, before anything is started.

    The network is built and run without memory or arithmetic (torch's meta device). Weights are not looked
    for.

    Args:
        spec: The network.
        image_size: Side of what it sees, in pixels.
        classes: Channels of the logits.
        channels: Channels of the images.
        batch: Images a step; some decoders cannot learn from a single one.

    Raises:
        ModelError: The reason, and what to choose instead.
    """
    _check_channels(spec, channels)

    def try_out() -> ModelFacts:
        return _try_out(spec, image_size, classes, channels, batch)

    try:
        with torch.device("meta"):
            return try_out()
    except ModelError:  # a few networks compute while they are built, which only a real device can
        with torch.random.fork_rng(devices=[]):
            return try_out()


def compute_scale(spec: ModelSpec, channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation by which each channel is normalised, grey values in 0..1.

    Those that the encoder's published weights expect, whatever its weights are, so that a network keeps its
    scale when it is trained on; a single channel takes their mean, further channels begin again. The
    hand-built networks take grey values as they are.

    Raises:
        ModelError: There is no such encoder.
    """
    if spec.encoder is None:
        return (0.0,) * channels, (1.0,) * channels
    check_encoder(spec.encoder)
    mean, std = read_scale(spec.encoder)
    if channels == 1:
        return (sum(mean) / len(mean),), (sum(std) / len(std),)
    return (
        tuple(mean[place % len(mean)] for place in range(channels)),
        tuple(std[place % len(std)] for place in range(channels)),
    )


def describe_smp(spec: ModelSpec, classes: int, channels: int) -> dict[str, Any]:
    """The arguments of `smp.create_model` for a network with random weights; all of them fit into JSON.

    Raises:
        ModelError: There is no such encoder, or the architecture lacks a setting.
    """
    encoder = spec.encoder or ""
    check_encoder(encoder)
    return {
        "arch": spec.architecture,
        "encoder_name": encoder,
        "encoder_weights": None,
        "in_channels": channels,
        "classes": classes,
        **_choose_options(spec),
    }


def _check_channels(spec: ModelSpec, channels: int) -> None:
    if spec.in_channels is not None and spec.in_channels != channels:
        raise ModelError(
            f"The recipe's network sees {spec.in_channels} channels, but the images come with {channels}; "
            f"choose in_channels={channels} or in_channels=none."
        )


def _try_out(spec: ModelSpec, size: int, classes: int, channels: int, batch: int) -> ModelFacts:
    with _explaining(spec, "cannot be built"):
        network = _build(spec, classes, channels)
    stride = _find_stride(network)
    check_size(size, stride, _title(spec))
    images = min(batch, 2)  # only a single one is a case of its own
    what = "single images" if images == 1 else "images"
    with _explaining(spec, f"cannot be trained on {what} of {size} x {size} pixels"):
        answer = network(torch.empty(images, channels, size, size))
    if answer.shape != (images, classes, size, size):
        raise ModelError(
            f"{_title(spec)} answers with {tuple(answer.shape[2:])} pixels for {size} x {size}; "
            "choose another depth or encoder."
        )
    return ModelFacts(sum(item.numel() for item in network.parameters() if item.requires_grad), stride)


def _find_stride(network: nn.Module) -> int:
    if isinstance(network, UNet):
        return network.stride
    encoder: Any = network.encoder
    divisible = getattr(network, "requires_divisible_input_shape", True)
    return int(encoder.output_stride) if divisible else 1


def _build_pretrained(spec: ModelSpec, classes: int, channels: int) -> tuple[nn.Module, str]:
    encoder = spec.encoder or ""
    place = find_hub_file(encoder)
    path = fetch_weights(encoder, place)
    with _explaining(spec, "cannot be built"):
        network = _build(spec, classes, channels, pretrained=path)
    repository, setting = (place.repository, place.setting) if place else ("", "")
    return network, f"{setting} weights of {encoder} ({repository})"


def _build_from_file(spec: ModelSpec, classes: int, channels: int) -> tuple[nn.Module, str]:
    path = spec.weights_file or Path()
    state = read_weights(path)
    with _explaining(spec, "cannot be built"):
        if _is_timm_file(spec, state):
            network = _build(spec, classes, channels, pretrained=path)
            return network, f"the encoder's weights from {path.name}"
        network = _build(spec, classes, channels)
    return network, load_weights(network, state, path.name)


def _is_timm_file(spec: ModelSpec, state: Mapping[str, Tensor]) -> bool:
    """Whether a file holds timm's own network, whose names differ from those of its encoder inside smp."""
    if not (spec.encoder or "").startswith(TIMM):
        return False
    with torch.device("meta"):
        plain = timm.create_model((spec.encoder or "").removeprefix(TIMM), num_classes=0)
    return fits(state, plain.state_dict())


def _build(spec: ModelSpec, classes: int, channels: int, pretrained: Path | None = None) -> nn.Module:
    if spec.architecture == "plain-unet":
        return build_plain_unet(channels, classes, spec.channels, spec.dropout, spec.norm)
    if spec.architecture == "residual-unet":
        return build_residual_unet(channels, classes, spec.channels)
    encoder = spec.encoder or ""
    options = describe_smp(spec, classes, channels)
    if pretrained is not None and encoder.startswith(TIMM):
        options["pretrained_cfg_overlay"] = {"file": str(pretrained), "custom_load": False}
    if pretrained is not None:
        place = find_hub_file(encoder)
        options["encoder_weights"] = True if encoder.startswith(TIMM) or place is None else place.setting
    network: nn.Module = smp.create_model(**options)
    return network


def _choose_options(spec: ModelSpec) -> dict[str, Any]:
    known = inspect.signature(smp.MODEL_ARCHITECTURES_MAPPING[spec.architecture]).parameters
    options = {}
    for field, name in _OPTIONS.items():
        if (value := getattr(spec, field)) is None:
            continue
        if name not in known:
            raise ModelError(f"{spec.architecture} has no setting “{field}”; leave it out.")
        options[name] = value
    blocks = known.get("decoder_channels")
    if (
        spec.depth is not None
        and spec.decoder_channels is None
        and blocks
        and isinstance(blocks.default, tuple)
    ):
        options["decoder_channels"] = blocks.default[: spec.depth]
    return options


@contextmanager
def _explaining(spec: ModelSpec, fault: str) -> Iterator[None]:
    """Turn what a library raises into the reason why the parts do not go together."""
    try:
        yield
    except _BUILD_ERRORS as error:
        reason = " ".join(str(error).split())[:300].rstrip(".!") or type(error).__name__
        raise ModelError(
            f"{_title(spec)} {fault}: {reason}. Choose another encoder, architecture, depth or image size."
        ) from error


def _title(spec: ModelSpec) -> str:
    return f"{spec.architecture} on {spec.encoder}" if spec.encoder else spec.architecture
