"""The result of a scan on disk: opening a dataset reads this one file, and no mask."""

import json
import zipfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.groups import GroupOrigin
from core.domain.scan import Problem, Sample, ScannedDataset
from core.errors import DatasetError
from core.formats.resting import resting_collector
from core.workspace.files import replacing
from core.workspace.texts import pack_texts, unpack_texts

_ORIGINS: tuple[GroupOrigin, ...] = get_args(GroupOrigin)  # their places are kept in files: add at the end
_OPTIONAL = ("pixels", "totals", "sizes", "depths", "spacings", "digests")


def write_result_file(path: Path, dataset: ScannedDataset) -> None:
    """Write everything known of a dataset.

    Raises:
        WorkspaceError: the folder cannot be written, or the disk is full.
    """
    about = {
        "spec": dataset.spec.model_dump(mode="json"),
        "classes": [item.model_dump(mode="json") for item in dataset.classes],
        "problems": [asdict(problem) for problem in dataset.problems],
        "overlapping": dataset.overlapping,
        "threshold": dataset.threshold,
        "images": dataset.images,
        "fingerprint": dataset.fingerprint,
        "group_notes": dataset.group_notes,
    }
    arrays: dict[str, NDArray[Any]] = {
        "about": _pack([json.dumps(about)]),
        "ids": _pack([sample.id for sample in dataset.samples]),
        "image_files": _pack([str(sample.image) if sample.image else "" for sample in dataset.samples]),
        "mask_files": _pack([_pack_masks(sample) for sample in dataset.samples]),
        "groups": _pack([sample.group for sample in dataset.samples]),
        "parts": _pack([sample.part for sample in dataset.samples]),
        "presence": np.packbits(dataset.presence, axis=1),  # (N, C) -> (N, C / 8)
    }
    if dataset.own_groups is not None:
        arrays["own_groups"] = _pack(dataset.own_groups)
    if dataset.group_origins is not None:
        codes = {origin: code for code, origin in enumerate(_ORIGINS)}
        arrays["group_origins"] = np.array([codes[origin] for origin in dataset.group_origins], np.uint8)
    for name in _OPTIONAL:
        if (values := getattr(dataset, name)) is not None:
            arrays[name] = values
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_result_file(path: Path) -> ScannedDataset:
    """Read what `write_result_file` wrote.

    Raises:
        DatasetError: there is no scan yet, or the file is damaged.
    """
    try:
        # numpy leaves a file that it opened itself open when it turns out to be damaged.
        with resting_collector(), path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _restore({name: arrays[name] for name in arrays.files})
    except FileNotFoundError:
        raise DatasetError(
            "This dataset has not been scanned yet; start the scan on the dataset page."
        ) from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DatasetError(
            f"The kept scan {path.name} is damaged ({error}); scan the dataset again."
        ) from error


def _restore(arrays: dict[str, NDArray[Any]]) -> ScannedDataset:
    about = json.loads(_unpack(arrays["about"])[0])
    classes = tuple(ClassSpec.model_validate(item) for item in about["classes"])
    ids = _unpack(arrays["ids"])
    columns = (ids, *(_unpack(arrays[name]) for name in ("image_files", "mask_files", "groups", "parts")))
    return ScannedDataset(
        spec=DatasetSpec.model_validate(about["spec"]),
        classes=classes,
        samples=tuple(
            Sample(
                id=id_,
                image=PurePosixPath(image) if image else None,
                masks=_unpack_masks(masks),
                group=group,
                part=part,
            )
            for id_, image, masks, group, part in zip(*columns, strict=True)
        ),
        presence=np.unpackbits(arrays["presence"], axis=1, count=len(classes)).astype(np.bool_),
        pixels=arrays.get("pixels"),
        totals=arrays.get("totals"),
        sizes=arrays.get("sizes"),
        overlapping=about["overlapping"],
        problems=tuple(Problem(**problem) for problem in about["problems"]),
        images=about["images"],
        fingerprint=about["fingerprint"],
        threshold=about["threshold"],
        depths=arrays.get("depths"),
        spacings=arrays.get("spacings"),
        own_groups=tuple(_unpack(arrays["own_groups"])) if "own_groups" in arrays else None,
        group_origins=_unpack_origins(arrays["group_origins"]) if "group_origins" in arrays else None,
        group_notes=tuple(about.get("group_notes", ())),
        digests=arrays.get("digests"),
    )


def _pack(texts: Sequence[str]) -> NDArray[np.uint8]:
    return np.frombuffer(pack_texts(texts), dtype=np.uint8)


def _unpack(array: NDArray[np.uint8]) -> list[str]:
    return unpack_texts(array.tobytes())


def _unpack_origins(codes: NDArray[np.uint8]) -> tuple[GroupOrigin, ...]:
    return tuple(_ORIGINS[code] for code in codes.tolist())


def _pack_masks(sample: Sample) -> str:
    return json.dumps([[key, str(file)] for key, file in sample.masks]) if sample.masks else ""


def _unpack_masks(text: str) -> tuple[tuple[str, PurePosixPath], ...]:
    return tuple((key, PurePosixPath(file)) for key, file in json.loads(text)) if text else ()
