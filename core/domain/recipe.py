"""How a model is trained: all of a run but its data and its plan, frozen so that runs can be compared."""

from pathlib import Path
from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from core.domain.augmentation import AugmentationSpec
from core.domain.base import FrozenModel

HandBuilt = Literal["plain-unet", "residual-unet"]
Architecture = Literal[
    "plain-unet", "residual-unet",
    "unet", "unetplusplus", "manet", "linknet", "fpn", "pspnet",
    "deeplabv3", "deeplabv3plus", "pan", "upernet", "segformer", "dpt",
]  # fmt: skip
WeightsKind = Literal["imagenet", "none", "file"]
LossKind = Literal["bce", "focal", "jaccard", "dice"]
HeadKind = Literal["binary", "multiclass", "multilabel"]
Precision = Literal["auto", "32", "bf16", "16"]

HAND_BUILT: tuple[HandBuilt, ...] = get_args(HandBuilt)
ARCHITECTURES: tuple[Architecture, ...] = get_args(Architecture)


class ModelSpec(FrozenModel):
    """Which network, and what its weights are before the first step."""

    architecture: Architecture = Field(default="unet", description="Hand-built, or a decoder of smp")
    encoder: str | None = Field(
        default=None, description="smp's or timm's (tu-) encoder; None for the hand-built networks"
    )
    weights: WeightsKind = Field(
        default="none", description="Weights before training: imagenet, none or file"
    )
    weights_file: Path | None = Field(default=None, description="The file, for weights=file")
    in_channels: int | None = Field(
        default=None, ge=1, le=64, description="Channels the images are turned into; None: those they have"
    )
    depth: int | None = Field(
        default=None, ge=1, le=5, description="Stages of the encoder; None: the architecture's own"
    )
    decoder_channels: tuple[int, ...] | None = Field(
        default=None,
        description="Channels of the decoder's blocks, deepest first; None: the architecture's own",
    )
    attention: Literal["scse"] | None = Field(default=None, description="Attention in the decoder's blocks")
    channels: tuple[int, ...] = Field(
        default=(64, 128, 256, 512, 1024),
        min_length=2,
        max_length=7,
        description="Hand-built networks: channels of each block, the bottleneck's last",
    )
    dropout: float = Field(default=0.1, ge=0, lt=1, description="plain-unet: between a block's convolutions")
    norm: Literal["none", "batch"] = Field(
        default="none", description="plain-unet: what follows each convolution"
    )

    @property
    def hand_built(self) -> bool:
        """Whether the network is one of this project's own, without an encoder of a library."""
        return self.architecture in HAND_BUILT

    @model_validator(mode="after")
    def _check_parts_fit(self) -> Self:
        if self.hand_built:
            self._check_hand_built()
        elif not self.encoder:
            raise ValueError(f"{self.architecture} needs an encoder; choose one, e.g. encoder=resnet34")
        if (self.weights == "file") != (self.weights_file is not None):
            raise ValueError("weights=file needs the file's path, and a path needs weights=file")
        if self.decoder_channels is not None and min(self.decoder_channels, default=0) < 1:
            raise ValueError("every block of the decoder needs at least one channel")
        if min(self.channels) < 1:
            raise ValueError("every block needs at least one channel")
        return self

    def _check_hand_built(self) -> None:
        if self.encoder is not None:
            raise ValueError(
                f"{self.architecture} is built by hand and has no encoder; architecture=unet takes one"
            )
        if self.weights == "imagenet":
            raise ValueError(
                f"there are no ImageNet weights for {self.architecture}; choose weights=none or a file"
            )
        if self.depth is not None or self.decoder_channels is not None or self.attention is not None:
            raise ValueError(
                f"{self.architecture} has channels, dropout and norm; no depth, decoder channels or attention"
            )


class ClassWeights(FrozenModel):
    """How much each class counts in the loss (S3's weight map)."""

    kind: Literal["none", "pixels", "given"] = Field(
        default="none",
        description="pixels: all pixels / (classes x pixels of the class), of the training part",
    )
    values: tuple[float, ...] = Field(default=(), description="One weight a class, for kind given")
    limit: float = Field(
        default=100.0,
        ge=1,
        description="Largest weight from pixel counts: a handful of pixels must not drown all",
    )

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        if (self.kind == "given") != bool(self.values):
            raise ValueError("class weights are given as values with kind=given, and only then")
        if self.values and (min(self.values) < 0 or max(self.values) == 0):
            raise ValueError("class weights must not be negative, and one of them must be above 0")
        return self


class LossTerm(FrozenModel):
    """One summand of the loss."""

    kind: LossKind = Field(description="bce (cross-entropy under softmax), focal, jaccard or dice")
    weight: float = Field(default=1.0, gt=0, le=1000, description="Factor in the sum")
    gamma: float = Field(default=2.0, ge=0, le=10, description="focal: how little easy pixels count")


class LossSpec(FrozenModel):
    """A weighted sum of losses."""

    terms: tuple[LossTerm, ...] = Field(
        default=(LossTerm(kind="bce"),), min_length=1, description="The sum, e.g. bce+dice"
    )
    class_weights: ClassWeights = ClassWeights()

    @model_validator(mode="after")
    def _check_kinds_differ(self) -> Self:
        kinds = [term.kind for term in self.terms]
        if len(set(kinds)) != len(kinds):
            raise ValueError("a loss occurs twice in the sum; give it one term with the weight of both")
        return self

    @property
    def title(self) -> str:
        """The sum in words: `bce + 0.5 dice`."""
        return " + ".join(
            term.kind if term.weight == 1 else f"{term.weight:g} {term.kind}" for term in self.terms
        )


class OptimiserSpec(FrozenModel):
    """The optimiser."""

    kind: Literal["adam", "adamw", "sgd"] = Field(default="adam", description="Rule of the steps")
    lr: float = Field(default=1e-3, gt=0, le=10, description="Learning rate at the start")
    beta1: float = Field(default=0.9, ge=0, lt=1, description="Adam's first decay; SGD's momentum")
    beta2: float = Field(default=0.999, ge=0, lt=1, description="Adam's second decay")
    eps: float = Field(default=1e-8, gt=0, le=1, description="Adam's epsilon")
    weight_decay: float = Field(default=0.0, ge=0, le=1, description="Weight decay")


class ScheduleSpec(FrozenModel):
    """How the learning rate changes, once an epoch."""

    kind: Literal["constant", "plateau", "cosine"] = Field(
        default="constant", description="plateau: lowered when vDice on the validation part stalls"
    )
    factor: float = Field(default=0.1, gt=0, lt=1, description="plateau: the rate is multiplied by this")
    patience: int = Field(default=10, ge=0, le=1000, description="plateau: epochs without a gain before that")
    final_share: float = Field(
        default=0.0, ge=0, le=1, description="cosine: share of the rate at the last epoch"
    )


class AugmentSpec(FrozenModel):
    """What is drawn anew for every training image in every epoch; nothing unless it is asked for."""

    horizontal_flip: bool = Field(default=False, description="Half of the images swap left and right")
    vertical_flip: bool = Field(default=False, description="Half of the images swap top and bottom")
    mirror_doubles: bool = Field(
        default=False, description="Each image is used twice an epoch: as it is, and left and right swapped"
    )
    quarter_turns: bool = Field(default=False, description="Turn by exactly 0, 90, 180 or 270 degrees")
    rotate: float = Field(default=0.0, ge=0, le=180, description="Turn by up to this many degrees either way")
    scale: float = Field(default=0.0, ge=0, lt=1, description="Scale by a factor in 1 - this .. 1 + this")
    shift: float = Field(default=0.0, ge=0, le=0.5, description="Move by up to this share of the side")
    perspective: float = Field(
        default=0.0,
        ge=0,
        le=0.5,
        description="Half of the images: corners move by up to this share of the side",
    )
    pad_and_crop: bool = Field(
        default=False, description="Pad where the image is too small, and crop to its size at a random place"
    )
    noise_variance: float = Field(
        default=0.0, ge=0, le=1, description="Gaussian noise, its variance in 0 .. this; grey values in 0..1"
    )
    hue: float = Field(default=0.0, ge=0, le=180, description="Shift the hue by up to this many degrees")
    saturation: float = Field(
        default=0.0, ge=0, le=1, description="Shift the saturation (0..1) by up to this"
    )
    value: float = Field(default=0.0, ge=0, le=1, description="Shift the value (0..1) by up to this")

    @property
    def does_nothing(self) -> bool:
        """Whether images stay as they are."""
        return self == AugmentSpec()


class RecipeSpec(FrozenModel):
    """A way to train, from a paper or of one's own."""

    id: str = Field(
        min_length=1, max_length=60, pattern=r"^[a-z0-9][a-z0-9-]*$", description="Name in commands"
    )
    title: str = Field(min_length=1, max_length=120, description="Name that people read")
    paper: str = Field(default="", description="Where it comes from")
    assumptions: tuple[str, ...] = Field(
        default=(), description="What the paper leaves open, and what was taken"
    )
    model: ModelSpec = Field(description="The network")
    head: Literal["auto"] | HeadKind = Field(
        default="auto",
        description="auto: softmax for exclusive classes, sigmoid for one or overlapping classes",
    )
    loss: LossSpec = LossSpec()
    optimiser: OptimiserSpec = OptimiserSpec()
    schedule: ScheduleSpec = ScheduleSpec()
    augment: AugmentSpec = Field(default=AugmentSpec(), description="For every training image")
    duplicates: AugmentationSpec = Field(
        default=AugmentationSpec(), description="For the duplicates of a balanced set, besides"
    )
    epochs: int = Field(default=10, ge=1, le=10_000, description="Passes over the training part")
    batch: int = Field(default=8, ge=1, le=4096, description="Images (or tiles) a step")
    image_size: int = Field(
        default=256, ge=16, le=8192, description="Side that images are brought to, pixels"
    )
    tile: int | None = Field(
        default=None, ge=16, le=8192, description="Side of the tiles an image is cut into; None: not cut"
    )
    epoch_share: float = Field(
        default=1.0, gt=0, le=1, description="Share of the training images (or tiles) used in one epoch"
    )
    precision: Precision = Field(default="auto", description="auto: bf16 on a GPU that has it, else 32 bits")
    accumulate: int = Field(
        default=1, ge=1, le=1024, description="Batches whose gradients are summed for a step"
    )
    clip_norm: float | None = Field(default=None, gt=0, description="Longest gradient; None: not clipped")
    early_stopping: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="Stop after so many epochs without a gain in vDice; None: never",
    )
    seed: int = Field(default=0, ge=0, le=2**32 - 1, description="Decides weights, order and augmentation")
    deterministic: bool = Field(default=False, description="Only operations that repeat exactly; slower")
    channels_last: bool = Field(default=True, description="Memory layout that GPUs are faster with")
    compile: bool = Field(default=False, description="torch.compile: a slower start, faster steps")
    workers: int = Field(default=2, ge=0, le=64, description="Processes that load images")

    @model_validator(mode="after")
    def _check_tiles(self) -> Self:
        if self.tile is not None and self.image_size % self.tile:
            raise ValueError(
                f"tiles of {self.tile} do not fill an image of {self.image_size} pixels; "
                f"choose a tile that divides it, e.g. {self.image_size // 2}"
            )
        return self

    @property
    def input_size(self) -> int:
        """Side of what the network sees, in pixels."""
        return self.tile or self.image_size
