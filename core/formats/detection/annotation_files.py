"""One annotation file named by itself: what it is, and which folder its dataset's root is."""

from pathlib import Path

from core.domain.proposal import Answers, Proposal
from core.errors import DatasetError
from core.formats.detection.coco_detection import find_coco
from core.formats.detection.hints import mask_hint
from core.formats.detection.json_sniffing import sniff_json
from core.formats.folders.listing import list_tree


def propose_annotation_file(file: Path, answers: Answers) -> Proposal:
    """Say what a JSON file holds; the root is its folder, or the one above a folder of annotations.

    Args:
        file: The file, absolute.
        answers: What is known already.

    Raises:
        DatasetError: It holds no outlines, or an answer does not fit it.
    """
    if answers.format not in (None, "coco") or sniff_json(file) in ("", "labelme"):
        raise DatasetError(
            f"{file} is no COCO file: it has no list of images with annotations. Open the folder that it "
            "lies in; labelme files are opened so too."
        )
    above = [file.parent.parent] if mask_hint(file.parent.name) > 0 else []
    for root in (*above, file.parent):
        placed = answers.model_copy(
            update={
                "format": "coco",
                "masks": file.relative_to(root),
                "images": answers.images and (root / answers.images).resolve().relative_to(root),
            }
        )
        found = find_coco(list_tree(root), placed)
        if found is not None and (found.spec.folders[0].images is not None or root == file.parent):
            return found
    raise DatasetError(f"{file} cannot be read as COCO annotations; open the folder that it lies in.")
