"""The recipes of the papers, as data; nothing here needs torch.

Where a paper leaves a number open the customary value is taken, and `assumptions` says so.
"""

from difflib import get_close_matches

from core.domain.augmentation import AugmentationSpec
from core.domain.recipe import (
    AugmentSpec,
    ClassWeights,
    LossSpec,
    LossTerm,
    ModelSpec,
    OptimiserSpec,
    RecipeSpec,
    ScheduleSpec,
)
from core.errors import RecipeError

_S1 = "S1 · Balancing multi-label segmentation data by gradient descent"
_S2 = "S2 · Five models for lung segmentation, compared fairly"
_S3 = "S3 · Training efficiency: augmentation, encoder, active learning"

_BCE = LossTerm(kind="bce")
_JACCARD = LossTerm(kind="jaccard")
_DICE = LossTerm(kind="dice")

_KERAS_RATE = "Adam with learning rate 1e-3: the paper names neither"
_MIRRORED = AugmentSpec(mirror_doubles=True)
_PLAIN_UNET = ModelSpec(architecture="plain-unet", in_channels=1)
_PLAIN_UNET_ASSUMPTIONS = (
    _KERAS_RATE,
    "dropout 0.1: the paper gives no rate",
    "the decoder's blocks are built as the encoder's, without pooling",
)

_LUNG_CROPS = AugmentSpec(horizontal_flip=True, scale=0.5, shift=0.1, perspective=0.1, pad_and_crop=True)
_LUNG_CROPS_ASSUMPTIONS = (
    "Adam with learning rate 1e-4 and batch 8, and the strengths scale 0.5, shift 0.1 and perspective 0.1: "
    "the paper names none; these are the customary ones of smp's examples with the same augmentations",
)

_SATELLITE_AUGMENT = AugmentSpec(
    quarter_turns=True, noise_variance=0.04, hue=30.0, saturation=0.15, value=0.15
)
_SATELLITE_LOSS = LossSpec(
    terms=(LossTerm(kind="focal", gamma=2.0),), class_weights=ClassWeights(kind="pixels")
)
_SATELLITE_OPTIMISER = OptimiserSpec(lr=5e-5, beta1=0.9, beta2=0.999)
_SATELLITE_ASSUMPTIONS = (
    "batch 16: the paper gives none",
    "weight of a class = all pixels / (classes × pixels of the class), whose mean over the pixels is 1: "
    "the paper says only “computed per class”",
)


def _satellite(recipe_id: str, title: str, model: ModelSpec, assumption: str) -> RecipeSpec:
    """S3's setting, which its models share."""
    return RecipeSpec(
        id=recipe_id,
        title=title,
        paper=_S3,
        assumptions=(*_SATELLITE_ASSUMPTIONS, assumption),
        model=model,
        loss=_SATELLITE_LOSS,
        optimiser=_SATELLITE_OPTIMISER,
        augment=_SATELLITE_AUGMENT,
        epochs=100,
        batch=16,
        image_size=512,
        tile=256,
        epoch_share=0.2,
    )


_ALL = (
    RecipeSpec(
        id="s1",
        title="U-Net on Xception-65",
        paper=_S1,
        assumptions=(
            "focal loss with γ = 2 and no class weights: the paper gives neither",
            "images of 512 pixels: the paper gives no size",
        ),
        model=ModelSpec(architecture="unet", encoder="tu-xception65", weights="imagenet"),
        loss=LossSpec(terms=(LossTerm(kind="focal", gamma=2.0),)),
        optimiser=OptimiserSpec(lr=8e-3),
        duplicates=AugmentationSpec(elastic=True, horizontal_flip=True, vertical_flip=True),
        epochs=10,
        batch=8,
        image_size=512,
    ),
    RecipeSpec(
        id="s2-unet1",
        title="U-Net No 1, with dropout",
        paper=_S2,
        assumptions=_PLAIN_UNET_ASSUMPTIONS,
        model=_PLAIN_UNET,
        loss=LossSpec(terms=(_BCE,)),
        augment=_MIRRORED,
        epochs=10,
        batch=16,
        image_size=256,
    ),
    RecipeSpec(
        id="s2-unet2",
        title="U-Net No 2, residual",
        paper=_S2,
        assumptions=(
            _KERAS_RATE,
            "batch 16, and the widths of No 1: the paper gives neither",
            "the rate falls to a tenth after 2 epochs without a gain: the paper gives neither number, and "
            "the usual patience of 10 would never act in 10 epochs",
        ),
        model=ModelSpec(architecture="residual-unet", in_channels=3),
        loss=LossSpec(terms=(_BCE, _JACCARD, _DICE)),
        schedule=ScheduleSpec(kind="plateau", factor=0.1, patience=2),
        epochs=10,
        batch=16,
        image_size=256,
    ),
    RecipeSpec(
        id="s2-unet3",
        title="U-Net on EfficientNet-B3",
        paper=_S2,
        assumptions=_LUNG_CROPS_ASSUMPTIONS,
        model=ModelSpec(architecture="unet", encoder="efficientnet-b3", weights="imagenet", in_channels=3),
        loss=LossSpec(terms=(_BCE, _JACCARD, _DICE)),
        optimiser=OptimiserSpec(lr=1e-4),
        augment=_LUNG_CROPS,
        epochs=40,
        batch=8,
        image_size=512,
    ),
    RecipeSpec(
        id="s2-linknet",
        title="LinkNet on EfficientNet-B3",
        paper=_S2,
        assumptions=_LUNG_CROPS_ASSUMPTIONS,
        model=ModelSpec(architecture="linknet", encoder="efficientnet-b3", weights="imagenet", in_channels=3),
        loss=LossSpec(terms=(_BCE, _JACCARD, _DICE)),
        optimiser=OptimiserSpec(lr=1e-4),
        augment=_LUNG_CROPS,
        epochs=40,
        batch=8,
        image_size=512,
    ),
    RecipeSpec(
        id="s2-unet4",
        title="U-Net No 4, as No 1 with a Jaccard loss",
        paper=_S2,
        assumptions=_PLAIN_UNET_ASSUMPTIONS,
        model=_PLAIN_UNET,
        loss=LossSpec(terms=(_BCE, _JACCARD)),
        augment=_MIRRORED,
        epochs=100,
        batch=16,
        image_size=256,
    ),
    _satellite(
        "s3-unet",
        "U-Net",
        ModelSpec(architecture="plain-unet", dropout=0.0, norm="batch"),
        "the U-Net of Ronneberger et al. 2015 (64 to 1024 channels) with batch normalisation: the paper does "
        "not describe its own",
    ),
    _satellite(
        "s3-efficientunet-b0",
        "EfficientUNet-b0",
        ModelSpec(architecture="unet", encoder="efficientnet-b0", weights="imagenet"),
        "ImageNet weights for the encoder, as is customary: the paper does not say",
    ),
    _satellite(
        "s3-efficientunet-b4",
        "EfficientUNet-b4",
        ModelSpec(architecture="unet", encoder="efficientnet-b4", weights="imagenet"),
        "ImageNet weights for the encoder, as is customary: the paper does not say",
    ),
)

RECIPES: dict[str, RecipeSpec] = {recipe.id: recipe for recipe in _ALL}


def find_recipe(name: str) -> RecipeSpec:
    """The recipe of a name.

    Raises:
        RecipeError: There is none; the message lists those there are.
    """
    if (recipe := RECIPES.get(name)) is not None:
        return recipe
    near = get_close_matches(name, RECIPES, n=1)
    hint = f" Did you mean “{near[0]}”?" if near else ""
    raise RecipeError(f"There is no recipe “{name}”.{hint} The recipes are {', '.join(RECIPES)}.")
