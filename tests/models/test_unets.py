"""The hand-built U-Nets are those that S2 describes."""

from itertools import pairwise

import torch
from torch import nn

from core.models.unets import PlainBlock, ResidualBlock, UNet, build_plain_unet, build_residual_unet

CHANNELS = (64, 128, 256, 512, 1024)


def _count(network: nn.Module) -> int:
    return sum(item.numel() for item in network.parameters())


def _conv(inputs: int, outputs: int, side: int, bias: bool = True) -> int:
    return inputs * outputs * side**2 + (outputs if bias else 0)


def _kinds(network: nn.Module) -> set[type[nn.Module]]:
    return {type(module) for module in network.modules()}


def _plain_meta() -> UNet:
    with torch.device("meta"):
        return build_plain_unet(1, 1, CHANNELS, dropout=0.1, norm="none")


def _residual_meta() -> UNet:
    with torch.device("meta"):
        return build_residual_unet(3, 1, CHANNELS)


def test_number_one_has_the_blocks_of_the_paper() -> None:
    block = [type(module).__name__ for module in PlainBlock(1, 64, dropout=0.1)]
    assert block == ["Conv2d", "ReLU", "Dropout", "Conv2d", "ReLU"]
    network = _plain_meta()
    assert nn.BatchNorm2d not in _kinds(network)
    assert sum(isinstance(module, nn.MaxPool2d) for module in network.modules()) == 4


def test_number_one_has_as_many_parameters_as_counted_by_hand() -> None:
    widths = (1, *CHANNELS)
    encoder = sum(
        _conv(a, b, 3) + _conv(b, b, 3) for a, b in pairwise(widths)
    )  # four blocks and the bottleneck
    decoder = sum(_conv(2 * c, c, 2) + _conv(2 * c, c, 3) + _conv(c, c, 3) for c in CHANNELS[:-1])
    assert _count(_plain_meta()) == encoder + decoder + _conv(64, 1, 1) == 31_030_593


def test_with_batch_normalisation_it_has_no_dropout_and_no_bias_before_it() -> None:
    names = [type(module).__name__ for module in PlainBlock(3, 8, dropout=0.0, norm="batch")]
    assert names == ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d", "BatchNorm2d", "ReLU"]


def test_a_residual_block_sums_its_two_ways() -> None:
    block = ResidualBlock(3, 8, stride=2).eval()
    assert [type(item).__name__ for item in block.main] == ["Conv2d", "BatchNorm2d", "ReLU", "Conv2d"]
    assert [type(item).__name__ for item in block.shortcut] == ["Conv2d", "BatchNorm2d"]
    images = torch.rand(2, 3, 16, 16)
    assert torch.equal(block(images), block.main(images) + block.shortcut(images))
    assert block(images).shape == (2, 8, 8, 8)


def test_number_two_neither_pools_nor_drops() -> None:
    kinds = _kinds(_residual_meta())
    assert not kinds & {nn.MaxPool2d, nn.AvgPool2d, nn.Dropout, nn.Dropout2d}
    assert nn.BatchNorm2d in kinds


def test_number_two_has_as_many_parameters_as_counted_by_hand() -> None:
    def block(a: int, b: int) -> int:
        return _conv(a, b, 3, bias=False) + 2 * b + _conv(b, b, 3) + _conv(a, b, 1, bias=False) + 2 * b

    widths = (3, *CHANNELS)
    encoder = sum(block(a, b) for a, b in pairwise(widths))
    decoder = sum(_conv(2 * c, c, 2) + block(2 * c, c) for c in CHANNELS[:-1])
    assert _count(_residual_meta()) == encoder + decoder + _conv(64, 1, 1) == 32_433_409


def test_both_halve_four_times_and_answer_in_the_images_size() -> None:
    for network, inputs in ((_plain_meta(), 1), (_residual_meta(), 3)):
        assert network.stride == 16
        features = torch.empty(2, inputs, 64, 64, device="meta")
        assert network(features).shape == (2, 1, 64, 64)
        for level, (block, width) in enumerate(zip(network.encoder, CHANNELS, strict=True)):
            features = block(features)
            assert features.shape == (2, width, 64 // 2**level, 64 // 2**level)


def test_every_parameter_learns() -> None:
    for network in (
        build_plain_unet(1, 3, (4, 8, 16), dropout=0.1, norm="none"),
        build_residual_unet(1, 3, (4, 8, 16)),
    ):
        network(torch.rand(2, 1, 16, 16)).square().mean().backward()
        assert all(item.grad is not None and item.grad.isfinite().all() for item in network.parameters())
