"""What a training run will take, measured by a few of its own steps before anyone commits to it."""

from pydantic import Field

from core.domain.base import FrozenModel


class RunEstimate(FrozenModel):
    """Time, memory and disk of one training run."""

    parameters: int = Field(description="Numbers that are learnt")
    weights: str = Field(description="Where the first weights come from")
    device: str = Field(description="What the steps were measured on, in words")
    folds: int
    epochs: int
    steps: int = Field(description="Training steps of an epoch, mean over the folds, rounded")
    step_seconds: float = Field(description="One training step: loading, augmentation, forward, backward")
    validation_seconds: float = Field(description="One held-out image")
    first_seconds: float = Field(description="Decoding all images for the first time, where still to be done")
    seconds: float = Field(description="The whole run, if no early stopping ends it")
    memory_bytes: int = Field(description="Peak of the GPU, or resident memory of the process")
    memory_total: int = Field(description="Memory of the device")
    disk_bytes: int = Field(description="Checkpoints and resized images, at most")
    measured_steps: int = Field(description="Training steps that were timed")
