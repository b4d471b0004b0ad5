"""DICOM in a folder: images, segmentations on them, and the classes that these name."""

from collections.abc import Sequence

from core.domain.classes import ClassRole, ClassSpec
from core.domain.dataset import DatasetSpec, FolderPair, Pairing
from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.detection.answering import check_spec, find_given
from core.formats.folders.listing import Listing, is_picture
from core.formats.sources.dicom_files import is_dicom
from core.formats.sources.dicom_index import DicomIndex, index_folders
from core.formats.sources.dicom_seg import say_nothing_segmented
from core.formats.sources.dicom_segments import BACKGROUND_KEY, Segmentation, name_keys
from core.formats.wording import say_count

_SUFFIXES = (".dcm", ".dicom", ".ima")
_LOOKED_AT = 40  # files without such a suffix whose beginning is read


def find_dicom(listing: Listing, answers: Answers) -> Proposal | None:
    """What the DICOM files of a folder are; None where there are none, or pictures outnumber them.

    Args:
        listing: The folder.
        answers: What is known already; folders relative to the listing's root.

    Raises:
        DatasetError: There are DICOM images, but nothing says what is on them.
    """
    if answers.format not in (None, "dicom_seg"):
        return None
    count, pictures = _count_likely(listing)
    if answers.format is None and (not count or count < pictures):
        return None
    folders = _choose_folders(answers)
    named = {name for pair in folders for name in (pair.images, pair.masks) if name is not None}
    index = index_folders(listing.root, tuple(sorted(named)))
    if not index.segmented and not index.alone:
        if pictures and answers.format is None:
            return None  # pictures may be the masks of DICOM images
        raise DatasetError(say_nothing_segmented(listing.root, index))
    return _propose(listing, index, folders, answers)


def _count_likely(listing: Listing) -> tuple[int, int]:
    """How many files may be DICOM, and how many are pictures."""
    names = [f"{folder}/{name}" for folder, files in listing.files.items() for name in files]
    pictures = sum(map(is_picture, names))
    certain = [name for name in names if name.lower().endswith(_SUFFIXES)]
    others = [name for name in names if not is_picture(name) and not name.lower().endswith(_SUFFIXES)]
    looked = others[:: max(len(others) // _LOOKED_AT, 1)][:_LOOKED_AT]
    hits = sum(is_dicom(listing.root / name) for name in looked)
    return len(certain) + len(others) * hits // max(len(looked), 1), pictures


def _choose_folders(answers: Answers) -> tuple[FolderPair, ...]:
    images = answers.images.as_posix() if answers.images else None
    masks = answers.masks.as_posix() if answers.masks else None
    return (FolderPair(images=images or masks or ".", masks=masks or images or "."),)


def _propose(
    listing: Listing, index: DicomIndex, folders: tuple[FolderPair, ...], answers: Answers
) -> Proposal:
    used = [series.segmentations for series in index.segmented] or [(item,) for item in index.alone]
    alone = not index.segmented
    if alone:
        folders = tuple(pair.model_copy(update={"images": None}) for pair in folders)
    fields: dict[str, object] = {
        "name": (listing.root.name or "dataset")[:120],
        "root": listing.root,
        "format": "dicom_seg",
        "folders": folders,
        "pairing": Pairing(rule="none" if alone else "stem"),
        "classes": _name_classes(used),
        **find_given(answers),
    }
    spec = check_spec(fields)
    other = spec.model_copy(update={"unit": "volume" if spec.unit == "slice" else "slice"})
    return Proposal(spec, _explain(index, spec), (other,), _find_warnings(index))


def _name_classes(used: Sequence[Sequence[Segmentation]]) -> tuple[ClassSpec, ...]:
    """The background and every label, with the colour of the first segment that has it.

    A colour that an earlier class has got is not given again: the two could not be told apart.
    """
    colours: dict[str, str | None] = {}
    for group in used:
        for item, keys in zip(group, name_keys(group), strict=True):
            for segment in item.segments:
                key = keys.get(segment.number)
                if key is not None and not colours.get(key):
                    colours[key] = None if segment.colour in colours.values() else segment.colour
    background = ClassSpec(key=BACKGROUND_KEY, name=BACKGROUND_KEY, role=ClassRole.BACKGROUND)
    classes = [ClassSpec(key=key, name=key, colour=colour) for key, colour in sorted(colours.items())]
    return (background, *classes)


def _explain(index: DicomIndex, spec: DatasetSpec) -> tuple[str, ...]:
    if index.segmented:
        images = sum(len(series.frames) for series in index.segmented)
        files = {item.file for series in index.segmented for item in series.segmentations}
        where = (
            f"{say_count(len(files), 'DICOM segmentation belongs', 'DICOM segmentations belong')} to "
            f"{say_count(images, 'image')} in {len(index.segmented)} series, by the images that they name or "
            "by where they lie."
        )
    else:
        where = f"There are {say_count(len(index.alone), 'DICOM segmentation')}, and no images."
    unit = "image" if spec.unit == "slice" else "whole series"
    groups = "All images of one PatientID are one group; no other data of the patient is read."
    return (
        where,
        "The classes are the labels of the segments; they may overlap.",
        f"Each {unit} is a sample.",
        groups,
    )


def _find_warnings(index: DicomIndex) -> tuple[str, ...]:
    warnings = []
    if index.alone and not index.segmented:
        warnings.append(
            "The images that the segmentations were drawn on are not here: only masks can be opened. They "
            "can be balanced, but nothing can be written or trained on."
        )
    if index.problems:
        first = index.problems[0]
        files = say_count(len(index.problems), "file does", "files do")
        warnings.append(
            f"{files} not fit, for example {first.file}: {first.problem}. The scan lists them and goes on."
        )
    return tuple(warnings)
