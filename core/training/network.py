"""A network with the normalisation that its weights expect, so that it takes images as they are stored."""

import torch
from torch import Tensor, nn

from core.models.building import BuiltModel


class NormalisedNetwork(nn.Module):
    """`(B, bands, H, W)` uint8 images to `(B, K, H, W)` logits.

    Args:
        built: The network and the scale of its weights.
        channels_last: Whether images are laid out as GPUs are faster with.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, built: BuiltModel, channels_last: bool = False) -> None:
        super().__init__()
        self.network = built.network
        self._format = torch.channels_last if channels_last else torch.contiguous_format
        self.register_buffer("mean", torch.tensor(built.mean).reshape(1, -1, 1, 1) * 255, persistent=False)
        self.register_buffer("std", torch.tensor(built.std).reshape(1, -1, 1, 1) * 255, persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        """Logits of images; values 0 to 255."""
        bands = ((images.float() - self.mean) / self.std).contiguous(memory_format=self._format)
        logits: Tensor = self.network(bands)
        return logits
