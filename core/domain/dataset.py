"""What a dataset is said to be: the content of `dataset.toml`."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from core.domain.base import FrozenModel
from core.domain.classes import ClassRole, ClassSpec

FormatName = Literal[
    "index", "colour", "binary", "binary_per_class",
    "coco", "labelme", "nifti", "dicom_seg",
    "label_table", "label_lists", "label_folders", "label_names",
]  # fmt: skip
SampleUnit = Literal["slice", "volume"]
PairingRule = Literal["stem", "affix", "number", "none"]


class Pairing(FrozenModel):
    """How an image finds its mask.

    `stem`: equal stems. `affix`: strip the given prefix and suffix on either side, then equal stems
    (`IDRiD_01` / `IDRiD_01_EX`: `mask_suffix="_EX"`). `number`: the one number that tells the files of a
    folder apart is equal (`21_training` / `21_manual1`, `patch7_0` / `mask_7`). `none`: there are no images.
    """

    rule: PairingRule = "stem"
    image_prefix: str = ""
    image_suffix: str = ""
    mask_prefix: str = ""
    mask_suffix: str = ""


class FolderPair(FrozenModel):
    """A folder of images and the folder of its masks, both relative to the dataset's root, in POSIX form.

    Where one file holds the annotations of many images (COCO), `masks` is that file.
    `"."` is the root itself. Sub-folders are read too, and take part in the pairing (`val/frankfurt/a.png`
    pairs inside `val/frankfurt`). `name` is shown as the split (`train`, `val`); it may be empty.
    """

    images: str | None = None
    masks: str
    name: str = ""


class DatasetSpec(FrozenModel):
    """The answers to every question that opening a dataset asks; kept as `dataset.toml`."""

    schema_version: Literal[1] = 1
    name: str = Field(min_length=1, max_length=120, description="Shown as the title")
    root: Path = Field(
        description="The folder, or the label-table file; relative to dataset.toml or absolute"
    )
    format: FormatName = Field(description="How masks store their classes")
    folders: tuple[FolderPair, ...] = Field(default=(), description="Image and mask folders")
    pairing: Pairing = Pairing()
    classes: tuple[ClassSpec, ...] = Field(
        default=(), description="Known classes; the scan adds what it finds"
    )
    void: tuple[str, ...] = Field(default=(), description="Keys that count in neither class nor background")
    threshold: float | None = Field(default=None, ge=0, description="Soft masks: at or above is the class")
    separator: str | None = Field(default=None, description="Label tables: between words of one cell")
    id_column: str | None = Field(default=None, description="Label tables: the column that names the image")
    class_pattern: str | None = Field(
        default=None,
        description="Class folders and class names in file names: regular expression whose first group (or "
        "match) is the class; searched in the folder, or in the file name without its suffix",
    )
    unit: SampleUnit = Field(default="slice", description="Volumes: whether a slice or a volume is a sample")
    group_pattern: str | None = Field(default=None, description="Regular expression: its match is the group")
    group_column: str | None = Field(default=None, description="Column that names an image's group")
    group_file: str | None = Field(
        default=None, description="CSV file of groups, relative to the root: image names and `group_column`"
    )
    same_group: tuple[tuple[str, ...], ...] = Field(
        default=(), description="Sample ids that a person has tied together, e.g. near duplicates"
    )
    ignored: tuple[str, ...] = Field(default=(), description="Files to leave out, relative to the root")
    pairs: tuple[tuple[str, str], ...] = Field(
        default=(), description="Image and mask files that belong together whatever their names say"
    )

    @field_validator("classes")
    @classmethod
    def _check_unique(cls, classes: tuple[ClassSpec, ...]) -> tuple[ClassSpec, ...]:
        for what in ("key", "name"):
            seen: set[str] = set()
            for item in classes:
                value = getattr(item, what)
                if value in seen:
                    raise ValueError(f"two classes have the {what} {value!r}; every {what} must be used once")
                seen.add(value)
        return classes

    @model_validator(mode="after")
    def _check_folders(self) -> Self:
        if self.has_masks and not self.folders:
            raise ValueError('a dataset with masks needs at least one mask folder ([[folders]] masks = "…")')
        return self

    @property
    def has_masks(self) -> bool:
        """Whether pixels are labelled, not only whole images."""
        return not self.format.startswith("label_")

    @property
    def has_images(self) -> bool:
        """Whether images can lie behind the samples: a table or a list of labels only names them."""
        return self.format not in ("label_table", "label_lists")

    def is_void(self, key: str) -> bool:
        """Whether a key is void, by `void` or by its class's role."""
        return key in self.void or any(c.key == key and c.role is ClassRole.VOID for c in self.classes)
