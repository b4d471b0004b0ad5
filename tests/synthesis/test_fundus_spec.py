"""The demo's spec and the S1 figures it reproduces."""

import pytest

from core.errors import DatasetError
from core.synthesis import FUNDUS_CLASSES, FundusSpec, presence_counts


def test_the_default_is_the_set_of_the_paper() -> None:
    assert FundusSpec().model_dump() == {"images": 115, "size": 512, "seed": 0}
    assert presence_counts(115).tolist() == [115, 112, 115, 104, 43, 8, 12, 110]


def test_classes_have_the_papers_names_in_its_order_after_the_background() -> None:
    assert [item.name for item in FUNDUS_CLASSES] == [
        "background", "optic disc", "macula", "vessels", "hard exudate", "soft exudate",
        "fresh coagulates", "pigmented coagulates", "retinal haemorrhages",
    ]  # fmt: skip
    assert [item.role.value for item in FUNDUS_CLASSES] == ["background"] + 8 * ["class"]


@pytest.mark.parametrize("images", [1, 2, 7, 8, 15, 40, 116, 1000])
def test_other_numbers_of_images_keep_the_shares_within_half_an_image(images: int) -> None:
    counts = presence_counts(images)
    assert (abs(counts - images * presence_counts(115) / 115) <= 0.5).all()
    assert counts[0] == counts[2] == images


def test_every_class_occurs_from_eight_images_on() -> None:
    assert all(presence_counts(images).min() >= 1 for images in range(8, 200))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"size": 95}, "cannot be drawn at 95 pixels: the size must be within 96..2048"),
        ({"size": 2049}, "cannot be drawn at 2049 pixels"),
        ({"images": 0}, "cannot hold 0 images: the number must be within 1..10000"),
        ({"images": 10_001}, "cannot hold 10001 images"),
        ({"seed": -1}, "the seed -1 is outside"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(fields: dict[str, int], sentence: str) -> None:
    with pytest.raises(DatasetError, match=sentence):
        FundusSpec(**fields)
