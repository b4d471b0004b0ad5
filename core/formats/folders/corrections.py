"""What a person has said of single files: left out, or paired whatever their names say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.domain.dataset import DatasetSpec
from core.formats.folders.class_masks import MaskFile
from core.formats.folders.listing import join


@dataclass(frozen=True, slots=True)
class Corrections:
    """The exceptions to a pairing rule; paths are POSIX and relative to the root.

    Attributes:
        ignored: Files to leave out. What they would be paired with is left out with them: half a pair says
            nothing, and an image without the mask of one class would seem to lack that class.
        pairs: Image and mask; a pair with an ignored file is none.
    """

    ignored: frozenset[str]
    pairs: tuple[tuple[str, str], ...]

    @property
    def chosen_masks(self) -> frozenset[str]:
        """Masks that were given to an image by hand."""
        return frozenset(mask for _, mask in self.pairs)

    def images_by_rule(self, folder: str, images: Sequence[str]) -> list[str]:
        """The images of a folder that may be paired by their names; paths are relative to the folder."""
        taken = self.chosen_masks
        return [path for path in images if join(folder, path) not in taken]

    def masks_by_rule(self, files: Mapping[str, Sequence[MaskFile]]) -> dict[str, list[MaskFile]]:
        """The masks by class that may be paired by their names."""
        taken = self.chosen_masks | {image for image, _ in self.pairs}
        return {key: [mask for mask in masks if mask.path not in taken] for key, masks in files.items()}

    def without_ignored(self, by_class: Mapping[str, Sequence[str]]) -> dict[str, list[str]] | None:
        """The masks of one image by class, ignored ones left out; None where a class has no other."""
        kept = {key: [path for path in paths if path not in self.ignored] for key, paths in by_class.items()}
        return None if any(not paths for paths in kept.values()) else kept


def find_corrections(spec: DatasetSpec) -> Corrections:
    """The corrections that the answers hold."""
    ignored = frozenset(spec.ignored)
    return Corrections(ignored, tuple(pair for pair in spec.pairs if ignored.isdisjoint(pair)))
