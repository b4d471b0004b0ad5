"""Which image sizes a network takes."""

from core.errors import ModelError


def nearest_sizes(size: int, stride: int) -> tuple[int, ...]:
    """The multiples of `stride` next to a size: the one below, if there is one, and the one above.

    >>> nearest_sizes(250, 32)
    (224, 256)
    """
    below = size // stride * stride
    if below == size:
        return (size,)
    return (below, below + stride) if below else (stride,)


def check_size(size: int, stride: int, name: str) -> None:
    """Refuse a size that the network cannot halve often enough.

    Raises:
        ModelError: Naming the nearest sizes.
    """
    nearest = nearest_sizes(size, stride)
    if nearest != (size,):
        raise ModelError(
            f"{name} needs images whose side is a multiple of {stride}; {size} is none. "
            f"Choose {' or '.join(map(str, nearest))}."
        )
