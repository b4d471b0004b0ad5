"""Write the synthetic fundus set as an ordinary dataset folder."""

import io
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from pathlib import Path

from PIL import Image
from pydantic import ValidationError

from core.domain.base import FrozenModel
from core.domain.classes import class_colours
from core.domain.dataset import DatasetSpec, FolderPair
from core.errors import CancelledError, DatasetError
from core.formats.dataset_file import DATASET_FILE, write_dataset_file
from core.synthesis import DRAWING, FUNDUS_CLASSES, FundusPlan, FundusSpec, draw_fundus, plan_fundus
from core.workspace.files import write_atomic

MARKER_FILE = "demo.json"
_MOST_WORKERS = 8  # more threads gain nothing, and each holds some ten float planes
_GROUP_PATTERN = r"patient_\d+"  # every photograph of a patient is in one group


class _Marker(FrozenModel):
    """What `demo.json` says: that the folder is ours, and what it holds."""

    about: str = "Synthetic fundus photographs, drawn by Counterpoise. No patient was photographed."
    drawing: int
    spec: FundusSpec


def write_demo(
    folder: Path,
    spec: FundusSpec,
    on_progress: Callable[[int, int], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    workers: int | None = None,
) -> Path:
    """Draw the demo into a folder: `images/`, `masks/` (palette PNG, values 0..8), `dataset.toml`.

    A demo of the same spec is completed, one of another spec is replaced. `dataset.toml` comes last, so
    that half a demo cannot be opened. Equal specs give equal bytes, whatever `workers` is.

    Args:
        folder: Made if need be; empty, or a demo written earlier.
        spec: How many photographs, how large, which seed.
        on_progress: Called from this thread with photographs done and photographs in all.
        should_stop: Asked from this thread after each photograph.
        workers: Threads that draw; None: one per processor core, 8 at most. NumPy lets them run side by
            side, and unlike processes they can be started from anywhere: a notebook, a script without a
            main guard.

    Returns:
        The path of the `dataset.toml`.

    Raises:
        DatasetError: The folder holds something else.
        CancelledError: `should_stop` said so; every file that was written is whole.
        WorkspaceError: The folder cannot be written.
    """
    plan = plan_fundus(spec)
    _claim_folder(folder, spec)
    missing = [index for index in range(spec.images) if not _is_written(folder, plan, index)]
    done = spec.images - len(missing)
    for index, image, mask in _draw_all(plan, missing, workers or min(os.cpu_count() or 1, _MOST_WORKERS)):
        image_path, mask_path = _paths(folder, plan, index)
        write_atomic(image_path, image)
        write_atomic(mask_path, mask)
        done += 1
        if on_progress is not None:
            on_progress(done, spec.images)
        if should_stop is not None and should_stop():
            raise CancelledError(
                f"the demo was stopped after {done} of {spec.images} photographs; "
                f"write it to {folder} again to complete it."
            )
    write_dataset_file(folder / DATASET_FILE, describe_demo(spec))
    return folder / DATASET_FILE


def describe_demo(spec: FundusSpec) -> DatasetSpec:
    """The demo's `dataset.toml`; its root is the folder in which it lies."""
    return DatasetSpec(
        name=f"Synthetic fundus photographs ({spec.images})",
        root=Path(),
        format="index",
        folders=(FolderPair(images="images", masks="masks"),),
        classes=FUNDUS_CLASSES,
        group_pattern=_GROUP_PATTERN,
    )


def _claim_folder(folder: Path, spec: FundusSpec) -> None:
    """Make sure that the folder is ours, and rid of an older demo; leave the marker in it."""
    marker = _Marker(drawing=DRAWING, spec=spec)
    found = _find_marker(folder)
    if found is None:
        _check_empty(folder)
    elif (found.drawing, found.spec) == (marker.drawing, marker.spec):
        return
    else:
        _remove_demo(folder, found.spec)
    write_atomic(folder / MARKER_FILE, marker.model_dump_json(indent=2) + "\n")


def _find_marker(folder: Path) -> _Marker | None:
    try:
        return _Marker.model_validate_json((folder / MARKER_FILE).read_bytes())
    except (OSError, ValidationError, DatasetError):
        return None


def _check_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise DatasetError(f"{folder} is a file; name a folder for the demo.")
    if folder.is_dir() and any(folder.iterdir()):
        raise DatasetError(
            f"{folder} holds files that are no demo of ours, so nothing was written; "
            "name a new or an empty folder for the demo."
        )


def _remove_demo(folder: Path, spec: FundusSpec) -> None:
    """Remove the files of an earlier demo, and no others; `dataset.toml` first, it is wrong from here on."""
    (folder / DATASET_FILE).unlink(missing_ok=True)
    plan = plan_fundus(spec)
    for index in range(spec.images):
        for path in _paths(folder, plan, index):
            path.unlink(missing_ok=True)


def _paths(folder: Path, plan: FundusPlan, index: int) -> tuple[Path, Path]:
    name = f"{plan.stem(index)}.png"
    return folder / "images" / name, folder / "masks" / name


def _is_written(folder: Path, plan: FundusPlan, index: int) -> bool:
    return all(path.is_file() for path in _paths(folder, plan, index))


def _draw_all(plan: FundusPlan, indices: Sequence[int], workers: int) -> Iterator[tuple[int, bytes, bytes]]:
    """Index, image file and mask file of each photograph as it gets ready; few are drawn ahead."""
    waiting = iter(indices)
    pending: set[Future[tuple[int, bytes, bytes]]] = set()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        while True:
            while len(pending) < 2 * workers and (index := next(waiting, None)) is not None:
                pending.add(pool.submit(_draw_files, plan, index))
            if not pending:
                return
            ready, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in ready:
                yield future.result()


def _draw_files(plan: FundusPlan, index: int) -> tuple[int, bytes, bytes]:
    image, mask = draw_fundus(plan, index)
    indexed = Image.fromarray(mask).convert("P")
    indexed.putpalette(_palette())
    # Grain does not compress: a higher level costs time and saves nothing.
    return index, _encode_png(Image.fromarray(image), 1), _encode_png(indexed, 6)


def _encode_png(picture: Image.Image, level: int) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def _palette() -> bytes:
    return bytes.fromhex("".join(colour[1:] for colour in class_colours(FUNDUS_CLASSES)))
