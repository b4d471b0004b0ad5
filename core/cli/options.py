"""What may follow every command that opens a dataset."""

from pathlib import Path
from typing import Annotated

import typer

from core.domain.dataset import FormatName, PairingRule, SampleUnit

Dataset = Annotated[str, typer.Argument(help="A folder, a dataset.toml, a COCO file, or a label table")]
Format = Annotated[FormatName | None, typer.Option("--format", help="How masks store their classes")]
Images = Annotated[
    Path | None, typer.Option("--images", help="Image folder, absolute or relative to DATASET")
]
Masks = Annotated[
    Path | None, typer.Option("--masks", help="Mask folder or COCO file, absolute or relative to DATASET")
]
Pair = Annotated[PairingRule | None, typer.Option("--pair", help="How an image finds its mask")]
Classes = Annotated[Path | None, typer.Option("--classes", help="Class names: JSON, CSV or one name a line")]
ClassPattern = Annotated[
    str | None,
    typer.Option(
        "--class-pattern",
        help="Images without masks: regular expression whose first group (or match) is the class, searched "
        "in the file name, or with --format label_folders in the folder",
    ),
]
Threshold = Annotated[
    float | None,
    typer.Option("--threshold", min=0, help="Soft masks: at or above this level is the class"),
]
IdColumn = Annotated[
    str | None, typer.Option("--id-column", help="Label tables: the column that names the image")
]
Separator = Annotated[
    str | None, typer.Option("--separator", help="Label tables: what parts the words of one cell")
]
Void = Annotated[
    list[str] | None, typer.Option("--void", help="A mask value that counts nowhere; repeatable")
]
Unit = Annotated[
    SampleUnit | None, typer.Option("--unit", help="NIfTI and DICOM: whether a slice or a volume is a sample")
]
Ignore = Annotated[
    list[str] | None,
    typer.Option("--ignore", metavar="FILE", help="A file to leave out with its partner; repeatable"),
]
PairFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--pair-files",
        metavar="IMAGE=MASK",
        help="Two files that belong together whatever their names say; repeatable",
    ),
]
Group = Annotated[
    str | None,
    typer.Option(
        "--group",
        help="Regular expression on the file name, else on the path: images with the same match (its first "
        "capture group, if it has one) stay in one fold",
    ),
]
GroupColumn = Annotated[
    str | None,
    typer.Option("--group-column", help="Column of an image's group, in --group-file or in the table"),
]
GroupFile = Annotated[
    Path | None,
    typer.Option("--group-file", help="CSV file with a column for the image and one for its group"),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else")]
