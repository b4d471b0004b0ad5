"""A trained network as an ONNX file that gives the same answers, which is checked before it is kept.

    images           uint8 (N, bands, H, W), values as they are stored, 0 to 255
    logits           float32 (N, K, H, W)
    probabilities    float32 (N, K, H, W) in 0..1: softmax over exclusive classes, else a sigmoid each

The normalisation is inside. N is free; H and W are free multiples of the network's stride where it can be
translated so, else those that it was trained at.
"""

import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from core.domain.recipe import HeadKind
from core.errors import TrainingError
from core.models.building import check_model
from core.training.export import TrainedModel
from core.training.network import NormalisedNetwork
from core.workspace.files import replacing

OPSET = 18
TOLERANCE = 1e-4
"""Largest difference between ONNX Runtime and torch that is taken for equal: of a probability, and of a
logit as a share of the largest, since where a network is certain all probabilities are equal."""


@dataclass(frozen=True, slots=True)
class OnnxCheck:
    """How equal the answers of the file and of torch are.

    Attributes:
        any_size: Whether the file takes other sides than those it was trained at.
        stride: Sides must be multiples of it.
        random_images: Images of noise that were compared.
        real_images: Images of the dataset that were compared.
        logits: Largest difference of a logit, as a share of the batch's largest, or of 1 if that is larger.
        probabilities: Largest absolute difference of a probability.
        decisions: Share of pixels that are given another class, or of channels that cross one half.
    """

    any_size: bool
    stride: int
    random_images: int
    real_images: int
    logits: float
    probabilities: float
    decisions: float


class _Answering(nn.Module):
    """A network that gives probabilities besides its logits."""

    def __init__(self, network: nn.Module, head: HeadKind) -> None:
        super().__init__()
        self.network = network
        self.head = head

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network(images)
        return logits, logits.softmax(dim=1) if self.head == "multiclass" else logits.sigmoid()


def export_onnx(
    model: TrainedModel, description: Mapping[str, object], images: Sequence[NDArray[np.uint8]], file: Path
) -> OnnxCheck:
    """Write a network as ONNX, and compare its answers with torch's.

    Args:
        model: The network.
        description: Written into the file's metadata, each value as JSON but texts as they are.
        images: `(S, S, bands)` real images at training size to compare with, besides noise.
        file: Where to; it is replaced only by a file whose answers are equal.

    Raises:
        TrainingError: The network cannot be translated, or its answers differ.
        WorkspaceError: The file cannot be written.
    """
    side = model.recipe.input_size
    stride = check_model(model.recipe.model, side, classes=len(model.names), channels=model.bands).stride
    network = _Answering(NormalisedNetwork(model.built), model.head).eval()
    faults: list[str] = []
    with replacing(file) as temporary:
        for any_size in (True, False):
            try:
                _translate(network, model.bands, side, stride if any_size else None, description, temporary)
                noise = _draw_noise(model.bands, side, stride if any_size else 0)
                found = _compare(network, model.head, temporary, noise, images, any_size, stride)
            except (torch.onnx.OnnxExporterError, TrainingError) as error:
                faults.append(" ".join(str(error).split())[:200])
                continue
            return found
        raise TrainingError(f"This network cannot be written as ONNX; --safetensors can. ({faults[-1]})")


def _translate(
    network: nn.Module,
    bands: int,
    side: int,
    stride: int | None,
    description: Mapping[str, object],
    file: Path,
) -> None:
    """Write the file; with a stride its images may have any side that is a multiple of it."""
    shape: dict[int, Any] = {0: torch.export.Dim("batch", min=1)}
    if stride is not None:
        shape |= {
            axis: stride * torch.export.Dim(name, min=1) if stride > 1 else torch.export.Dim(name, min=1)
            for axis, name in ((2, "rows"), (3, "columns"))
        }
    example = torch.zeros((2, bands, side, side), dtype=torch.uint8)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # torch's own, of its own making
        program = torch.onnx.export(
            network,
            (example,),
            input_names=["images"],
            output_names=["logits", "probabilities"],
            dynamic_shapes=(shape,),
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise TrainingError("torch wrote no ONNX program")
    for key, value in description.items():
        program.model.metadata_props[key] = (
            value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
    program.save(str(file), external_data=False)


def _draw_noise(bands: int, side: int, step: int) -> list[NDArray[np.uint8]]:
    """Batches `(N, bands, H, W)`: one image, two, and two of another size where `step` is not 0."""
    rng = np.random.default_rng(0)
    shapes = [(1, bands, side, side), (2, bands, side, side)]
    if step:
        shapes.append((2, bands, side + step, side + 2 * step))
    return [rng.integers(0, 256, shape, dtype=np.uint8) for shape in shapes]


def _compare(
    network: nn.Module,
    head: HeadKind,
    file: Path,
    noise: Sequence[NDArray[np.uint8]],
    images: Sequence[NDArray[np.uint8]],
    any_size: bool,
    stride: int,
) -> OnnxCheck:
    real = [np.moveaxis(image, -1, 0)[None] for image in images]  # (S, S, bands) -> (1, bands, S, S)
    logits, probabilities, other, pixels = 0.0, 0.0, 0, 0
    for wanted, found in _answer_both(network, file, [*noise, *real]):
        largest = max(1.0, float(np.abs(wanted[0]).max()))
        logits = max(logits, float(np.abs(wanted[0] - found[0]).max()) / largest)
        probabilities = max(probabilities, float(np.abs(wanted[1] - found[1]).max()))
        differing = _decide(wanted[1], head) != _decide(found[1], head)
        other, pixels = other + int(differing.sum()), pixels + differing.size
    if not (logits <= TOLERANCE and probabilities <= TOLERANCE):  # NaN, too
        raise TrainingError(
            f"its answers differ from torch's: probabilities by up to {probabilities:.2g}, logits by up to "
            f"{logits:.2g} of the largest; {TOLERANCE:g} is allowed"
        )
    count = sum(len(batch) for batch in noise)
    return OnnxCheck(any_size, stride, count, len(real), logits, probabilities, other / pixels)


def _answer_both(
    network: nn.Module, file: Path, batches: Sequence[NDArray[np.uint8]]
) -> Iterable[tuple[list[NDArray[np.float32]], list[NDArray[np.float32]]]]:
    """Logits and probabilities of each batch, by torch and by ONNX Runtime.

    Raises:
        TrainingError: ONNX Runtime refuses the file or a batch.
    """
    import onnxruntime  # an extra

    try:
        session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
        for batch in batches:
            with torch.inference_mode():
                wanted = [answer.numpy() for answer in network(torch.from_numpy(batch.copy()))]
            yield wanted, session.run(["logits", "probabilities"], {"images": batch})
    except RuntimeError as error:  # what onnxruntime raises derives from it
        raise TrainingError(f"ONNX Runtime refuses it: {error}") from error


def _decide(probabilities: NDArray[np.float32], head: HeadKind) -> NDArray[Any]:
    """The class of each pixel, or whether each channel is above one half."""
    return probabilities.argmax(axis=1) if head == "multiclass" else probabilities > 0.5
