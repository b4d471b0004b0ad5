"""What is asked when a reviewed set is written out, bundled, or made a dataset of its own."""

from pathlib import Path
from typing import Literal

from pydantic import Field

from core.domain.augmentation import LinkMode
from core.domain.base import FrozenModel
from core.domain.identity import Identity
from core.domain.review import Text

ExportFormat = Literal["index", "binary", "coco", "nifti", "dicom_seg", "decisions"]
Unreviewed = Literal["leave_out", "keep_reference"]
BundleCases = Literal["all", "undecided"]


class ReviewExportRequest(FrozenModel):
    """What the job `review_export` is asked: the masks of a review in a format of others."""

    review: Text
    format: ExportFormat
    folder: Path = Field(description="Where to: new or empty; absolute")
    classes: tuple[Text, ...] = Field(default=(), description="Names; empty: all but background and void")
    settled_only: bool = Field(
        default=True,
        description="Whether cases without an outcome are left out; else their prediction is used",
    )
    rejected_classes: bool = Field(
        default=False, description="Whether cases go along though a class of their mask was rejected alone"
    )
    app_version: str = Field(description="Written into the files")


class ReviewBundleRequest(FrozenModel):
    """What the job `review_bundle` is asked: one file that another installation can review."""

    review: Text
    file: Path = Field(description="Where to: a new file; absolute")
    cases: BundleCases = "all"
    references: bool = Field(default=False, description="Whether the dataset's own masks go along")
    names: bool = Field(default=False, description="Whether the names of image files go along")
    app_version: str
    made_by: Text = Field(description="Name of the person who asks")


class OpenBundleRequest(FrozenModel):
    """What the job `review_open` is asked: a bundle of others as a review of this workspace."""

    file: Path = Field(description="Absolute")
    name: Text = Field(min_length=1, description="As the person knows it; said in errors")
    uploaded: bool = Field(description="Whether the file is removed once it is opened or refused")
    identity: Identity = Field(description="Who opens it")
    app_version: str


class NewDatasetRequest(FrozenModel):
    """What the job `review_dataset` is asked: a dataset whose references are the reviewed masks."""

    review: Text
    folder: Path = Field(description="Where to: new or empty; absolute")
    name: Text = Field(min_length=1, max_length=120, description="Title of the new dataset")
    unreviewed: Unreviewed = Field(
        default="leave_out", description="Samples without a reviewed mask: left out, or as they are now"
    )
    rejected: Unreviewed = Field(
        default="leave_out", description="The same where the prediction, or a class of it, was rejected"
    )
    link: LinkMode = "hard"
    app_version: str
