"""From the counts of samples to everything known of a dataset, whatever the source."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from core.domain.classes import ClassSpec
from core.domain.dataset import DatasetSpec
from core.domain.scan import Problem, ScannedDataset
from core.formats.hashing import shorten_digests
from core.formats.sources.protocol import SampleCounts, Source
from core.formats.wording import describe_unknown


def tabulate(
    spec: DatasetSpec,
    source: Source,
    counted: Sequence[SampleCounts],
    problems: Sequence[Problem],
    images: int,
) -> ScannedDataset:
    """Put counts into columns; void keys count in neither class nor total.

    Args:
        spec: The answers.
        source: Where the counts come from.
        counted: The N samples that could be read.
        problems: What could not be used.
        images: Images in all.
    """
    classes = _join_classes(spec, source, counted)
    pixels = np.array(
        [[item.pixels.get(kind.key, 0) for kind in classes] for item in counted], dtype=np.int64
    ).reshape(len(counted), len(classes))
    void = [sum(count for key, count in item.pixels.items() if spec.is_void(key)) for item in counted]
    totals = np.array([item.total for item in counted], dtype=np.int64) - np.array(void, dtype=np.int64)
    depths = np.array([item.depth for item in counted], dtype=np.int32)
    spacings = [item.spacing for item in counted if item.spacing is not None]
    return ScannedDataset(
        spec=spec,
        classes=classes,
        samples=tuple(item.sample for item in counted),
        presence=pixels > 0,
        pixels=pixels,
        totals=totals,
        sizes=np.array([(item.height, item.width) for item in counted], dtype=np.int32).reshape(-1, 2),
        overlapping=source.overlapping(spec) and any(item.overlapping for item in counted),
        problems=tuple(problems),
        images=images,
        fingerprint=_compute_fingerprint(spec, classes, counted),
        threshold=spec.threshold,
        depths=depths if (depths > 1).any() else None,
        digests=np.array([shorten_digests([item.digest]) for item in counted], dtype=np.uint64),
        spacings=np.array(spacings, dtype=np.float64) if len(spacings) == len(counted) > 0 else None,
    )


def _join_classes(
    spec: DatasetSpec, source: Source, counted: Sequence[SampleCounts]
) -> tuple[ClassSpec, ...]:
    """The spec's classes in its order, then what was found besides; void ones left out."""
    known = {item.key for item in spec.classes}
    found = dict.fromkeys(key for item in counted for key, count in item.pixels.items() if count)
    others = [key for key in found if key not in known and not spec.is_void(key)]
    names = {item.name for item in spec.classes}
    classes = [item for item in spec.classes if not spec.is_void(item.key)]
    for item in source.propose_classes(spec, others):
        name = item.name
        while name in names:
            name = f"{name} (found)"
        names.add(name)
        classes.append(item.model_copy(update={"name": name}))
    return tuple(classes)


def _compute_fingerprint(
    spec: DatasetSpec, classes: Sequence[ClassSpec], counted: Sequence[SampleCounts]
) -> str:
    """A hash of ids, mask contents and what they stand for; not of places, names or colours."""
    contents = sorted((item.sample.id, item.digest) for item in counted)
    meaning = (spec.format, [(item.key, item.role.value) for item in classes], sorted(spec.void))
    content = blake2b(digest_size=16)
    content.update(repr((contents, meaning)).encode("utf-8", "surrogateescape"))
    return content.hexdigest()


def find_unknown(spec: DatasetSpec, counted: Sequence[SampleCounts]) -> list[Problem]:
    """Numbers beside the named classes, a line each; where no class is named, none is unknown."""
    known = {item.key for item in spec.classes}
    files: dict[str, dict[str, None]] = {}
    for item in counted:
        for key in item.pixels:
            if known and key not in known and not spec.is_void(key):
                files.setdefault(key, {})[str(item.sample.masks[0][1])] = None
    return [describe_unknown(f"value {key}", list(files[key])) for key in sorted(files, key=int)]
