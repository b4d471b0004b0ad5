"""The recipes say what the papers say."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.domain.recipe import AugmentSpec, RecipeSpec
from core.errors import RecipeError
from core.models.recipes import RECIPES, find_recipe

ROOT = Path(__file__).resolve().parents[2]


def test_the_recipes_have_their_names() -> None:
    assert list(RECIPES) == [
        "s1", "s2-unet1", "s2-unet2", "s2-unet3", "s2-linknet", "s2-unet4",
        "s3-unet", "s3-efficientunet-b0", "s3-efficientunet-b4",
    ]  # fmt: skip


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_each_survives_a_round_trip_and_names_its_paper(recipe: RecipeSpec) -> None:
    assert RecipeSpec.model_validate_json(recipe.model_dump_json()) == recipe
    assert recipe.paper.startswith(recipe.id[:2].upper())
    assert recipe.assumptions


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_each_is_in_the_documentation(recipe: RecipeSpec) -> None:
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{recipe.id}`"))
    for number in (recipe.epochs, recipe.batch, recipe.image_size):
        assert f" {number} " in row


@pytest.mark.parametrize(
    ("name", "epochs", "loss"),
    [
        ("s1", 10, "focal"),
        ("s2-unet1", 10, "bce"),
        ("s2-unet2", 10, "bce + jaccard + dice"),
        ("s2-unet3", 40, "bce + jaccard + dice"),
        ("s2-linknet", 40, "bce + jaccard + dice"),
        ("s2-unet4", 100, "bce + jaccard"),
        ("s3-unet", 100, "focal"),
        ("s3-efficientunet-b0", 100, "focal"),
        ("s3-efficientunet-b4", 100, "focal"),
    ],
)
def test_epochs_and_losses_are_the_papers(name: str, epochs: int, loss: str) -> None:
    assert (RECIPES[name].epochs, RECIPES[name].loss.title) == (epochs, loss)


def test_s1_is_a_unet_on_xception_with_adam_at_8e_3() -> None:
    s1 = RECIPES["s1"]
    assert (s1.model.architecture, s1.model.encoder, s1.model.weights) == (
        "unet",
        "tu-xception65",
        "imagenet",
    )
    assert (s1.optimiser.kind, s1.optimiser.lr, s1.batch) == ("adam", 8e-3, 8)
    assert s1.augment.does_nothing
    assert s1.duplicates.elastic
    assert s1.duplicates.horizontal_flip
    assert s1.duplicates.vertical_flip


def test_s2_sees_grey_or_three_channels_and_augments_as_described() -> None:
    first, second, third, link, fourth = (RECIPES[name] for name in RECIPES if name.startswith("s2"))
    assert [first.model.in_channels, second.model.in_channels] == [1, 3]
    assert fourth.model == first.model
    assert first.augment == fourth.augment == AugmentSpec(mirror_doubles=True)
    assert first.batch == 16
    assert second.augment.does_nothing
    assert second.schedule.kind == "plateau"
    assert second.schedule.patience < second.epochs
    for crops in (third, link):
        assert crops.model.encoder == "efficientnet-b3"
        assert crops.image_size == 512
        assert crops.augment.pad_and_crop
        assert crops.augment.horizontal_flip
        assert min(crops.augment.scale, crops.augment.shift, crops.augment.perspective) > 0


def test_s3_cuts_four_tiles_uses_a_fifth_an_epoch_and_weighs_classes() -> None:
    for name in ("s3-unet", "s3-efficientunet-b0", "s3-efficientunet-b4"):
        recipe = RECIPES[name]
        assert (recipe.image_size, recipe.tile, recipe.epoch_share) == (512, 256, 0.2)
        assert (recipe.optimiser.lr, recipe.optimiser.beta1, recipe.optimiser.beta2) == (5e-5, 0.9, 0.999)
        assert recipe.loss.terms[0].gamma == 2
        assert recipe.loss.class_weights.kind == "pixels"
        assert recipe.augment == AugmentSpec(
            quarter_turns=True, noise_variance=0.04, hue=30, saturation=0.15, value=0.15
        )


def test_an_unknown_recipe_lists_those_there_are() -> None:
    assert find_recipe("s1") is RECIPES["s1"]
    with pytest.raises(RecipeError, match="Did you mean “s2-unet4”.*s3-efficientunet-b4"):
        find_recipe("s2-unet5")


def test_the_recipes_need_no_torch() -> None:
    code = "import core.models.recipes, core.domain.recipe_settings, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
