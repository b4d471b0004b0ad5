"""Specs of recipes: which parts go together, and settings by key and value."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from core.domain.recipe import AugmentSpec, ClassWeights, LossSpec, LossTerm, ModelSpec, RecipeSpec
from core.domain.recipe_settings import SETTINGS, apply_settings, setting_description
from core.errors import RecipeError

RECIPE = RecipeSpec(
    id="own", title="Own", model=ModelSpec(encoder="resnet18"), augment=AugmentSpec(quarter_turns=True)
)


def test_a_spec_survives_a_json_round_trip_and_is_a_key() -> None:
    again = RecipeSpec.model_validate_json(RECIPE.model_dump_json())
    assert again == RECIPE
    assert len({again, RECIPE}) == 1


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"architecture": "unet"}, "needs an encoder"),
        ({"architecture": "plain-unet", "encoder": "resnet18"}, "has no encoder"),
        ({"architecture": "residual-unet", "weights": "imagenet"}, "no ImageNet weights"),
        ({"architecture": "plain-unet", "depth": 3}, "no depth"),
        ({"encoder": "resnet18", "weights": "file"}, "needs the file's path"),
        ({"encoder": "resnet18", "weights_file": "w.pt"}, "needs weights=file"),
        ({"encoder": "resnet18", "decoder_channels": [64, 0]}, "at least one channel"),
        ({"architecture": "plain-unet", "channels": [8, 0]}, "at least one channel"),
    ],
)
def test_parts_that_do_not_go_together_are_refused(wrong: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        ModelSpec.model_validate(wrong)


def test_class_weights_are_given_with_values_and_only_then() -> None:
    for wrong in ({"kind": "given"}, {"values": [1.0]}, {"kind": "given", "values": [0.0, 0.0]}):
        with pytest.raises(ValidationError):
            ClassWeights.model_validate(wrong)


def test_a_loss_names_its_sum_and_takes_each_kind_once() -> None:
    assert LossSpec(terms=(LossTerm(kind="bce"), LossTerm(kind="dice", weight=0.5))).title == "bce + 0.5 dice"
    with pytest.raises(ValidationError, match="occurs twice"):
        LossSpec(terms=(LossTerm(kind="bce"), LossTerm(kind="bce")))


def test_tiles_must_fill_the_image() -> None:
    assert RECIPE.model_copy(update={"tile": 64}).input_size == 64
    assert RECIPE.input_size == 256
    with pytest.raises(RecipeError, match="tiles of 100 do not fill an image of 256 pixels"):
        apply_settings(RECIPE, ["tile=100"])


@pytest.mark.parametrize(
    ("setting", "path", "value"),
    [
        ("epochs=3", "epochs", 3),
        ("batch=2", "batch", 2),
        ("image_size=128", "image_size", 128),
        ("encoder=resnet34", "model.encoder", "resnet34"),
        ("weights=imagenet", "model.weights", "imagenet"),
        ("lr=5e-5", "optimiser.lr", 5e-5),
        ("seed=7", "seed", 7),
        ("workers=0", "workers", 0),
        ("deterministic=true", "deterministic", True),
        ("clip_norm=1.5", "clip_norm", 1.5),
        ("clip_norm=none", "clip_norm", None),
        ("in_channels=none", "model.in_channels", None),
        ("class_weights=none", "loss.class_weights.kind", "none"),
        ("optimiser.beta1=0.8", "optimiser.beta1", 0.8),
        ("model.decoder_channels=64,32,16,8,4", "model.decoder_channels", (64, 32, 16, 8, 4)),
        ("augment=none", "augment", AugmentSpec()),
        ("augment.hue=30", "augment.hue", 30.0),
    ],
)
def test_a_setting_changes_its_field_and_nothing_else(setting: str, path: str, value: object) -> None:
    changed = apply_settings(RECIPE, [setting])
    found: object = changed
    for name in path.split("."):
        found = getattr(found, name)
    assert found == value
    top = path.split(".")[0]
    same = {top, "title"} if path == "model.encoder" else {top}  # the title names the network
    assert changed.model_dump(exclude=same) == RECIPE.model_dump(exclude=same)


def test_a_loss_is_set_as_a_sum() -> None:
    assert apply_settings(RECIPE, ["loss=focal + dice"]).loss.title == "focal + dice"


def test_weights_take_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    model = apply_settings(RECIPE, ["weights=best.safetensors"]).model
    assert (model.weights, model.weights_file) == ("file", tmp_path / "best.safetensors")
    assert apply_settings(RECIPE, ["weights=x.pt", "weights=none"]).model.weights_file is None


@pytest.mark.parametrize(
    ("setting", "reason"),
    [
        ("epoch=3", "no setting “epoch”. Did you mean “epochs”"),
        ("id=other", "no setting “id”"),
        ("epochs", "write key=value"),
        ("epochs=", "write key=value"),
        ("epochs=0", "epochs=0: input should be greater than or equal to 1"),
        ("epochs=many", "epochs=many: input should be a valid integer"),
        ("lr=none", "lr=none"),
        ("loss=bce+magic", "'focal', 'jaccard' or 'dice'"),
        ("augment=all", "takes only “none”"),
        ("encoder=none", "unet needs an encoder"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_in_one_sentence(setting: str, reason: str) -> None:
    with pytest.raises(RecipeError) as caught:
        apply_settings(RECIPE, [setting])
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_every_setting_says_what_it_is() -> None:
    for key in SETTINGS:
        assert setting_description(key), key


def test_a_recipe_on_another_encoder_is_named_after_its_network() -> None:
    assert apply_settings(RECIPE, ["epochs=2"]).title == "Own"
    assert apply_settings(RECIPE, ["encoder=resnet34"]).title == "unet on resnet34"
