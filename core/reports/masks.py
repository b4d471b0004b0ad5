"""Reviewed masks as PNG: one number a class, or a picture a class."""

from core.data.layouts.plain import name_folders
from core.data.mask_files import encode_binary_mask, encode_index_mask
from core.data.placing import place_bytes
from core.domain.classes import ClassRole, class_colours
from core.formats.wording import say_count
from core.reports.context import ExportContext, Written, number_classes
from core.reports.csv_files import encode_csv

CLASSES_FILE = "classes.csv"


def write_index_masks(context: ExportContext) -> Written:
    """`masks/NAME.png` with one number a class, `classes.csv` with the numbers."""
    numbers = number_classes(context.classes, context.places)
    hidden = 0
    files: dict[int, str] = {}
    for done, item in enumerate(context.reviewed.cases):
        context.step(done)
        mask = context.reviewed.read_mask(item)
        if mask.overlapping and (mask.stack()[list(context.places)].sum(axis=0) > 1).any():
            hidden += 1
        path = f"masks/{context.reviewed.source.name(item.case.position)}.png"
        place_bytes(context.folder / path, encode_index_mask(numbers.flatten(mask), numbers.values))
        files[item.case.position] = path
    write_numbers(context)
    if not hidden:
        return Written(files)
    note = (
        f"In {say_count(hidden, 'mask')} classes lie over one another; an index mask keeps the later one. "
        "Binary masks and COCO keep all."
    )
    return Written(files, (note,))


def write_binary_masks(context: ExportContext) -> Written:
    """`masks/CLASS/NAME.png` of 0 and 255 for every wanted class, empty ones too."""
    folders = name_folders([item.model_copy(update={"key": item.name}) for item in context.classes])
    files: dict[int, str] = {}
    for done, item in enumerate(context.reviewed.cases):
        context.step(done)
        mask = context.reviewed.read_mask(item)
        name = context.reviewed.source.name(item.case.position)
        paths = {place: f"masks/{folders[place]}/{name}.png" for place in context.places}
        for place, path in paths.items():
            place_bytes(context.folder / path, encode_binary_mask(mask.region(place)))
        files[item.case.position] = "|".join(paths.values())
    return Written(files)


def write_numbers(context: ExportContext) -> None:
    """`classes.csv`: the number, name, role and colour of every class, and the number of void, if any."""
    numbers = number_classes(context.classes, context.places)
    colours = class_colours(context.classes)
    rows: list[tuple[object, ...]] = [("number", "name", "role", "colour")]
    for place, item in enumerate(context.classes):
        if place in context.places or item.role is ClassRole.BACKGROUND:
            rows.append((int(numbers.values[place]), item.name, item.role.value, colours[place]))
    if numbers.void is not None:
        rows.append((numbers.void, "void", "void", ""))
    place_bytes(context.folder / CLASSES_FILE, encode_csv(rows))
