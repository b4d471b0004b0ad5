"""What can be wrong with a pair, as sentences."""

from collections.abc import Sequence

from core.domain.scan import Problem


def mask_alone(mask: str, folder: str) -> Problem:
    """A mask that fits no image."""
    where = "the dataset's folder" if folder == "." else folder
    return Problem(
        mask, f"no image in {where} fits the name of this mask", "Add the image, or remove the mask."
    )


def image_alone(image: str) -> Problem:
    """An image that no mask fits."""
    step = "Add its mask, or correct the mask folder or the pairing rule."
    return Problem(image, "no mask fits the name of this image", step)


def further_mask(file: str) -> Problem:
    """A mask beside the one that is read."""
    step = "Join the masks of an image into one file, or remove those that do not count."
    return Problem(file, "this further mask of an image is left out", step)


def two_images(mask: str, images: Sequence[str]) -> Problem:
    """A mask that fits several images."""
    step = "Rename or remove all but one of these images."
    return Problem(mask, f"several images fit this mask: {', '.join(images[:4])}", step)


def two_masks(file: str, masks: Sequence[str]) -> Problem:
    """An image that several masks of one class fit."""
    step = "Remove all but one, or name the suffix of the right ones in the pairing rule."
    return Problem(file, f"several masks fit: {', '.join(masks[:4])}", step)


def held_twice(file: str) -> Problem:
    """A file in two folder pairs."""
    return Problem(file, "two folder pairs hold this file", "Name each folder once in the dataset's folders.")


def another_chosen(mask: str, image: str) -> Problem:
    """A mask whose image was given another one by hand."""
    step = "Pair it with another image, or leave it out."
    return Problem(mask, f"another mask was chosen for its image: {image}", step)


def no_class(mask: str) -> Problem:
    """A mask paired by hand whose class cannot be told."""
    step = "Name it like the masks of its class, or move it into their folder."
    return Problem(mask, "its name does not say which class this mask shows", step)
