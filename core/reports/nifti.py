"""Reviewed masks of slices, put together to the volumes that they were cut from."""

import gzip
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import nibabel
import numpy as np
from nibabel.filebasedimages import ImageFileError
from numpy.typing import NDArray

from core.data.layouts.plain import name_folders
from core.data.placing import place_bytes
from core.domain.dataset import DatasetSpec
from core.domain.masks import LabelMask
from core.errors import ReviewError
from core.formats.sources.nifti_files import read_header
from core.reports.context import ClassNumbers, ExportContext, Written, number_classes
from core.reports.fitting import list_slices
from core.reports.masks import write_numbers
from core.reports.reviewed import ReviewedCase

_MOST_NAMED = 5  # volumes that a message names; cases.csv lists all


@dataclass
class _Volume:
    """The slices of one volume that have a mask, by their number."""

    file: PurePosixPath
    name: str
    slices: dict[int, ReviewedCase] = field(default_factory=dict)


def write_nifti(context: ExportContext) -> Written:
    """`masks/NAME.nii.gz` with the source's shape, affine and header, `classes.csv` and `cases.csv`.

    Classes that may overlap come as one volume of 0 and 1 a class, `masks/CLASS/NAME.nii.gz`. A volume of
    which a slice has no mask is not written: a slice that nobody has reviewed must not look empty.
    """
    spec, volumes = _find_volumes(context)
    numbers = number_classes(context.classes, context.places)
    files: dict[int, str] = {}
    incomplete: list[str] = []
    done = 0
    for volume in volumes:
        header = read_header(spec.root, volume.file)
        depth = header.shape[header.plane.axes[2]]
        if set(volume.slices) != set(range(depth)):
            incomplete.append(f"{volume.file} ({len(volume.slices)} of {depth} slices)")
            done += len(volume.slices)
            continue
        masks = []
        for number in range(depth):
            context.step(done + number)
            masks.append(context.reviewed.read_mask(volume.slices[number]))
        done += depth
        faced = _stack(context, volume.name, masks, numbers)
        for path, stack in faced.items():
            content = _encode(spec.root / volume.file, header.plane.unface(stack))
            place_bytes(context.folder / path, content)
        files |= dict.fromkeys((item.case.position for item in volume.slices.values()), "|".join(faced))
    if not files:
        raise ReviewError(
            f"No volume is reviewed whole, so none was written: {incomplete[0]} have a mask. Decide the "
            "other slices, or export undecided cases with their prediction too."
        )
    write_numbers(context)
    if not incomplete:
        return Written(files)
    more = len(incomplete) - _MOST_NAMED
    named = ", ".join(incomplete[:_MOST_NAMED]) + (f", and {more:,} more" if more > 0 else "")
    return Written(files, (f"Left out, because slices of them have no mask: {named}.",))


def _find_volumes(context: ExportContext) -> tuple[DatasetSpec, list[_Volume]]:
    spec, slices = list_slices(context.reviewed, "nifti")
    volumes: dict[PurePosixPath, _Volume] = {}
    for item, sample in slices:
        if sample is None or not sample.part:
            raise ReviewError(f"{item.case.sample} is no slice of a volume; choose another format.")
        file = sample.image or sample.masks[0][1]
        name = context.reviewed.source.name(item.case.position).rpartition("_")[0]  # of the slice: NAME_z007
        volumes.setdefault(file, _Volume(file, name)).slices[int(sample.part)] = item
    return spec, list(volumes.values())


def _stack(
    context: ExportContext, name: str, masks: list[LabelMask], numbers: ClassNumbers
) -> dict[str, NDArray[Any]]:
    """`(H, W, D)` numbers by the path that they are written under."""
    if not any(mask.overlapping for mask in masks):
        return {f"masks/{name}.nii.gz": np.stack([numbers.apply(mask) for mask in masks], axis=2)}
    folders = name_folders([item.model_copy(update={"key": item.name}) for item in context.classes])
    stacks = {place: np.stack([mask.region(place) for mask in masks], axis=2) for place in context.places}
    return {
        f"masks/{folders[place]}/{name}.nii.gz": stack.astype(np.uint8) for place, stack in stacks.items()
    }


def _encode(source: Path, stored: NDArray[Any]) -> bytes:
    """Voxels with the header of the source: shape, affine, sform and qform, units."""
    try:
        image: Any = nibabel.load(source)
    except ImageFileError as error:
        raise ReviewError(f"{source.name} has another suffix than its content; name it .nii.gz.") from error
    header = image.header.copy()
    header.set_data_dtype(stored.dtype)
    header.set_slope_inter(1, 0)
    header["cal_max"], header["cal_min"] = 0, 0
    label = image.__class__(np.ascontiguousarray(stored).reshape(image.shape), None, header)
    return gzip.compress(label.to_bytes(), mtime=0)
