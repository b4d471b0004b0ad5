"""Any architecture on any encoder, and a reason where that does not go."""

import pytest
import segmentation_models_pytorch as smp
import torch

from core.domain.recipe import ARCHITECTURES, HAND_BUILT, Architecture, ModelSpec, RecipeSpec
from core.errors import ModelError
from core.models.building import build_model, check_model, compute_scale
from core.models.encoders import list_encoders
from core.models.recipes import RECIPES
from core.models.sizes import nearest_sizes

SMP = [name for name in ARCHITECTURES if name not in HAND_BUILT]


def test_every_architecture_of_smp_can_be_chosen() -> None:
    assert set(SMP) == set(smp.MODEL_ARCHITECTURES_MAPPING)


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=list(RECIPES))
def test_every_recipe_can_be_built_at_its_size(recipe: RecipeSpec) -> None:
    channels = recipe.model.in_channels or 3
    facts = check_model(recipe.model, recipe.input_size, classes=2, channels=channels)
    assert facts.parameters > 5_000_000


@pytest.mark.parametrize("architecture", [name for name in SMP if name != "dpt"])
def test_every_architecture_answers_in_the_images_size(architecture: Architecture) -> None:
    spec = ModelSpec(architecture=architecture, encoder="resnet18")
    assert check_model(spec, 128, classes=3, channels=1).parameters > 1_000_000


def test_dpt_takes_a_transformer_at_its_own_size() -> None:
    spec = ModelSpec(architecture="dpt", encoder="tu-vit_tiny_patch16_224")
    assert check_model(spec, 224, classes=3, channels=3).parameters > 1_000_000
    with pytest.raises(ModelError, match=r"64 x 64 pixels: .*doesn't match model \(224\)"):
        check_model(spec, 64, classes=3, channels=3)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (ModelSpec(encoder="resnet19"), "no encoder “resnet19”.*Did you mean resnet18"),
        (ModelSpec(encoder="timm-efficientnet-b0"), "Did you mean efficientnet-b0"),
        (ModelSpec(encoder="tu-resnet18.nobody"), "no weights “nobody” for tu-resnet18"),
        (ModelSpec(architecture="linknet", encoder="mit_b0"), "not supported for Linknet"),
        (ModelSpec(architecture="dpt", encoder="resnet18"), "Only Timm encoders"),
        (ModelSpec(encoder="tu-vit_tiny_patch16_224"), "cannot be built: Unsupported model downsampling"),
        (ModelSpec(architecture="pspnet", encoder="resnet18", attention="scse"), "no setting “attention”"),
        (ModelSpec(encoder="resnet18", in_channels=3), "sees 3 channels, but the images come with 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_does_not_go_together_is_refused_with_the_reason(spec: ModelSpec, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        check_model(spec, 64, classes=2, channels=1)


@pytest.mark.parametrize("architecture", ["plain-unet", "residual-unet", "linknet"])
def test_a_size_that_cannot_be_halved_is_refused_with_the_nearest(architecture: Architecture) -> None:
    encoder = "resnet18" if architecture == "linknet" else None
    spec = ModelSpec(architecture=architecture, encoder=encoder)
    with pytest.raises(ModelError, match=r"multiple of \d+; 250 is none. Choose (240|224) or 256\."):
        check_model(spec, 250, classes=2, channels=3)


def test_a_decoder_that_needs_several_images_refuses_a_single_one() -> None:
    spec = ModelSpec(architecture="deeplabv3", encoder="resnet18")
    check_model(spec, 64, classes=2, channels=3, batch=2)
    with pytest.raises(ModelError, match="single images of 64 x 64"):
        check_model(spec, 64, classes=2, channels=3, batch=1)


def test_nearest_sizes_of_a_small_one_is_the_stride() -> None:
    assert nearest_sizes(20, 32) == (32,)
    assert nearest_sizes(96, 32) == (96,)


def test_depth_shortens_encoder_and_decoder() -> None:
    shallow = build_model(ModelSpec(encoder="resnet18", depth=3), classes=2, channels=3)
    assert len(shallow.network.decoder.blocks) == 3
    assert shallow.network(torch.rand(1, 3, 64, 64)).shape == (1, 2, 64, 64)


def test_checking_disturbs_no_random_numbers() -> None:
    torch.manual_seed(0)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    check_model(ModelSpec(encoder="resnet18"), 64, classes=2, channels=3)
    with pytest.raises(ModelError):
        check_model(ModelSpec(architecture="plain-unet", channels=(4, 8)), 33, classes=2, channels=3)
    assert torch.equal(torch.rand(3), wanted)


def test_equal_seeds_give_equal_weights() -> None:
    spec = ModelSpec(encoder="tu-mobilenetv3_small_050", weights="none")
    states = []
    for _ in range(2):
        torch.manual_seed(5)
        states.append(build_model(spec, classes=2, channels=3).network.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])
    assert build_model(spec, classes=2, channels=3).weights == "random weights"


def test_encoders_are_those_of_both_libraries() -> None:
    names = list_encoders()
    assert {"resnet18", "efficientnet-b3", "mit_b0", "tu-xception65", "tu-convnext_tiny"} <= set(names)
    assert not [name for name in names if name.startswith("timm-")]
    assert len(names) == len(set(names)) > 1000


def test_the_scale_is_the_encoders_and_follows_the_channels() -> None:
    colour = compute_scale(ModelSpec(encoder="resnet18"), 3)
    assert colour == ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    assert compute_scale(ModelSpec(encoder="tu-xception65"), 3) == ((0.5,) * 3, (0.5,) * 3)
    assert compute_scale(ModelSpec(encoder="resnet18"), 1)[0] == pytest.approx((0.449,))
    assert compute_scale(ModelSpec(encoder="resnet18"), 4)[0] == (0.485, 0.456, 0.406, 0.485)
    assert compute_scale(ModelSpec(architecture="plain-unet"), 2) == ((0.0, 0.0), (1.0, 1.0))
