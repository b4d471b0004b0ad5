"""`split`."""

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
    Images,
    Json,
    Masks,
    Pair,
    Separator,
    Threshold,
    Unit,
    Void,
)
from core.services import split_report, splits
from core.services.group_options import choose_groups

Folds = Annotated[int, typer.Option("--folds", help="k, how many disjoint test parts")]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same folds", min=0)]


def split(
    dataset: Dataset,
    folds: Folds,
    group: Group = None,
    group_column: GroupColumn = None,
    group_file: GroupFile = None,
    seed: Seed = 0,
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
    as_json: Json = False,
) -> None:
    """Divide the images into test parts that leak nothing, with rare classes spread evenly."""
    answers = read_answers(
        format_, images, masks, pair, classes, void, unit, class_pattern, threshold, id_column, separator
    )
    scanned, _ = read_dataset(
        dataset, answers, as_json, lambda spec: choose_groups(spec, group, group_column, group_file)
    )
    groups = splits.find_groups(scanned, group, count_up("comparing", quiet=as_json))
    found = splits.split_dataset(scanned, groups, folds, seed)
    report = split_report.split_report(scanned, found, seed)
    print_json(report) if as_json else typer.echo(split_report.split_text(report))
