"""`demo` and `scan`."""

from pathlib import Path
from typing import Annotated

import typer

from core.cli.console import count_up, print_json, read_answers, read_dataset
from core.cli.options import (
    Classes,
    ClassPattern,
    Dataset,
    Format,
    Group,
    GroupColumn,
    GroupFile,
    IdColumn,
    Ignore,
    Images,
    Json,
    Masks,
    Pair,
    PairFiles,
    Separator,
    Threshold,
    Unit,
    Void,
)
from core.domain.dataset import DatasetSpec
from core.services import command_reports, commands, datasets, splits
from core.services.group_options import choose_groups


def demo(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write it: a new or empty folder")],
    size: Annotated[int, typer.Option(help="Side of the square images in pixels")] = 512,
    images: Annotated[int, typer.Option(help="How many images")] = 115,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bytes", min=0)] = 0,
) -> None:
    """Write the synthetic fundus set: images, exact masks, and its own dataset.toml."""
    datasets.write_demo_folder(folder.absolute(), size, images, seed, count_up("drawing", quiet=False))
    typer.echo(str(folder.absolute()))


def scan(
    dataset: Dataset,
    format_: Format = None,
    images: Images = None,
    masks: Masks = None,
    pair: Pair = None,
    classes: Classes = None,
    void: Void = None,
    unit: Unit = None,
    class_pattern: ClassPattern = None,
    threshold: Threshold = None,
    id_column: IdColumn = None,
    separator: Separator = None,
    ignore: Ignore = None,
    pair_files: PairFiles = None,
    group: Group = None,
    group_column: GroupColumn = None,
    group_file: GroupFile = None,
    as_json: Json = False,
) -> None:
    """Read every mask once and say what is there."""
    answers = read_answers(
        format_, images, masks, pair, classes, void, unit, class_pattern, threshold, id_column, separator
    )

    def correct(spec: DatasetSpec) -> DatasetSpec:
        grouped = choose_groups(spec, group, group_column, group_file)
        return commands.correct_files(grouped, ignore or (), pair_files or ())

    scanned, notes = read_dataset(dataset, answers, quiet=as_json, correct=correct)
    report = command_reports.scan_report(scanned, notes, splits.find_groups_by_name(scanned))
    print_json(report) if as_json else typer.echo(command_reports.scan_text(report))
