"""The U-Nets that S2 describes, built by hand: No 1 (and No 4) with dropout, No 2 of residual blocks."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn


class PlainBlock(nn.Sequential):
    """`Conv-ReLU-Dropout-Conv-ReLU` (S2 No 1), or with batch normalisation after each convolution."""

    def __init__(
        self, inputs: int, outputs: int, dropout: float = 0.1, norm: Literal["none", "batch"] = "none"
    ) -> None:
        def convolve(channels: int) -> list[nn.Module]:
            conv = nn.Conv2d(channels, outputs, kernel_size=3, padding=1, bias=norm == "none")
            return [conv, *([nn.BatchNorm2d(outputs)] if norm == "batch" else []), nn.ReLU(inplace=True)]

        between: list[nn.Module] = [nn.Dropout(dropout)] if dropout else []
        super().__init__(*convolve(inputs), *between, *convolve(outputs))


class ResidualBlock(nn.Module):
    """`(Conv-BN-ReLU-Conv) + (Conv-BN)`, summed (S2 No 2); both first convolutions take the stride."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel_size=3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, kernel_size=3, padding=1),
        )
        self.shortcut = nn.Sequential(
            nn.Conv2d(inputs, outputs, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(outputs)
        )

    def forward(self, features: Tensor) -> Tensor:
        """`(B, inputs, H, W)` to `(B, outputs, H / stride, W / stride)`."""
        return torch.add(self.main(features), self.shortcut(features))


class UNet(nn.Module):
    """A U-Net of blocks: each but the first halves the side, the decoder doubles it with skips.

    A transposed convolution doubles the side and halves the channels, the encoder's features of that side
    are joined, and a block follows; at the end a 1×1 convolution. The answers are logits.

    Args:
        inputs: Channels of the images.
        classes: Channels of the logits.
        channels: Of each encoder block, the bottleneck's last.
        build_block: Makes a block of (inputs, outputs) that keeps the side.
        build_halving: Makes a block of (inputs, outputs) that halves it.
    """

    def __init__(
        self,
        inputs: int,
        classes: int,
        channels: Sequence[int],
        build_block: Callable[[int, int], nn.Module],
        build_halving: Callable[[int, int], nn.Module],
    ) -> None:
        super().__init__()
        pairs = list(pairwise(channels))
        self.stride: int = 2 ** len(pairs)
        self.encoder = nn.ModuleList(
            [build_block(inputs, channels[0]), *(build_halving(upper, lower) for upper, lower in pairs)]
        )
        self.upward = nn.ModuleList(
            nn.ConvTranspose2d(lower, upper, kernel_size=2, stride=2) for upper, lower in reversed(pairs)
        )
        self.decoder = nn.ModuleList(build_block(2 * upper, upper) for upper, _ in reversed(pairs))
        self.segmentation_head = nn.Conv2d(channels[0], classes, kernel_size=1)

    def forward(self, images: Tensor) -> Tensor:
        """`(B, inputs, H, W)` to logits `(B, classes, H, W)`; H and W are multiples of `stride`."""
        features, skips = images, []
        for block in self.encoder:
            features = block(features)
            skips.append(features)
        skips.pop()  # the bottleneck is no skip
        for double, block in zip(self.upward, self.decoder, strict=True):
            features = block(torch.cat([skips.pop(), double(features)], dim=1))
        logits: Tensor = self.segmentation_head(features)
        return logits


def build_plain_unet(
    inputs: int, classes: int, channels: Sequence[int], dropout: float, norm: Literal["none", "batch"]
) -> UNet:
    """S2's No 1: blocks with dropout, max-pooling between them; with `norm="batch"` today's usual U-Net."""

    def build_block(incoming: int, outgoing: int) -> nn.Module:
        return PlainBlock(incoming, outgoing, dropout, norm)

    def build_halving(incoming: int, outgoing: int) -> nn.Module:
        return nn.Sequential(nn.MaxPool2d(kernel_size=2), build_block(incoming, outgoing))

    return UNet(inputs, classes, channels, build_block, build_halving)


def build_residual_unet(inputs: int, classes: int, channels: Sequence[int]) -> UNet:
    """S2's No 2: residual blocks, strided where No 1 pools."""

    def build_halving(incoming: int, outgoing: int) -> nn.Module:
        return ResidualBlock(incoming, outgoing, stride=2)

    return UNet(inputs, classes, channels, ResidualBlock, build_halving)
