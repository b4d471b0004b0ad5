"""Problem files put right, from the answers to the next scan."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.errors import DatasetError
from core.jobs.scan import run_scan
from core.services import corrections, datasets, versions

MASKS = "masks"


@pytest.fixture
def broken(dataset_id: str, folder: Path) -> str:
    """The dataset with two empty masks, one of another size, and a mask under a name of its own."""
    for name in ("01", "02"):
        (folder / MASKS / f"{name}.png").write_bytes(b"")
    Image.new("L", (9, 9)).save(folder / MASKS / "03.png")
    (folder / MASKS / "05.png").rename(folder / MASKS / "stray.png")
    _scan(dataset_id)
    return dataset_id


def test_problems_are_grouped_by_what_they_say(broken: str) -> None:
    kinds = corrections.problem_kinds(datasets.open_dataset(broken))
    found = {kind.title: (len(kind.problems), kind.removable) for kind in kinds}
    assert found == {
        "the file is empty": (2, ("masks/01.png", "masks/02.png")),
        "the mask is … x … pixels, its image … x …": (1, ("masks/03.png",)),
        "no image in images fits the name of this mask": (1, ("masks/stray.png",)),
        "no mask fits the name of this image": (1, ("images/05.png",)),
    }
    assert kinds[0].title == "the file is empty"


def test_all_of_a_kind_are_left_out_and_taken_back(broken: str) -> None:
    kind = corrections.problem_kinds(datasets.open_dataset(broken))[0]
    spec = corrections.leave_out(datasets.find_spec(broken), kind.removable)
    _apply(broken, spec)
    dataset = datasets.open_dataset(broken)
    assert dataset.spec.ignored == ("masks/01.png", "masks/02.png")
    assert dataset.images == 38
    assert not any("empty" in problem.problem for problem in dataset.problems)
    _apply(broken, corrections.take_back(dataset.spec, dataset.spec.ignored))
    assert len(datasets.open_dataset(broken).problems) == 5


def test_a_pair_made_by_hand_is_scanned_and_parted_again(broken: str) -> None:
    spec = corrections.pair(datasets.find_spec(broken), "images/05.png", "masks/stray.png")
    _apply(broken, spec)
    samples = {sample.id: sample for sample in datasets.open_dataset(broken).samples}
    assert str(samples["images/05.png"].masks[0][1]) == "masks/stray.png"
    _apply(broken, corrections.part(spec, "images/05.png", "masks/stray.png"))
    assert "images/05.png" not in {sample.id for sample in datasets.open_dataset(broken).samples}


def test_after_a_correction_only_what_is_new_is_read(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.formats.scanning import counting_tasks

    read: list[str] = []
    real = counting_tasks.read_mask_pixels
    monkeypatch.setattr(
        counting_tasks, "read_mask_pixels", lambda path: (read.append(path.name), real(path))[1]
    )
    spec = corrections.leave_out(datasets.find_spec(broken), ["masks/01.png", "masks/02.png"])
    _apply(broken, corrections.pair(spec, "images/05.png", "masks/stray.png"))
    assert read == ["stray.png"]


def test_the_files_without_a_partner_are_offered_for_pairing(broken: str) -> None:
    images, masks = corrections.unpaired(datasets.find_spec(broken))
    assert (images, masks) == (["images/05.png"], ["masks/stray.png"])


def test_a_fitting_pair_is_drawn_before_it_is_made(broken: str) -> None:
    dataset = datasets.open_dataset(broken)
    assert corrections.pair_preview(dataset, "images/05.png", "masks/stray.png").startswith(b"\x89PNG")
    assert datasets.find_spec(broken).pairs == ()


def test_masks_of_another_size_are_no_pair_and_nothing_is_resized(broken: str, folder: Path) -> None:
    Image.new("L", (9, 9)).save(folder / MASKS / "small.png")
    with pytest.raises(DatasetError, match="9 x 9 pixels, its image 24 x 24.*resized"):
        corrections.pair_preview(datasets.open_dataset(broken), "images/05.png", "masks/small.png")


def test_leaving_out_everything_is_refused_and_changes_nothing(broken: str) -> None:
    spec = datasets.find_spec(broken)
    files = [f"masks/{path.name}" for path in (spec.root / MASKS).iterdir()]
    with pytest.raises(DatasetError):
        corrections.apply(broken, corrections.leave_out(spec, files))
    assert datasets.find_spec(broken).ignored == ()


@pytest.mark.parametrize("file", ["masks/none.png", "../outside.png", "/etc/passwd", "masks"])
def test_only_files_of_the_dataset_can_be_left_out(dataset_id: str, file: str) -> None:
    with pytest.raises(DatasetError, match="There is no file"):
        corrections.leave_out(datasets.find_spec(dataset_id), [file])


def test_rows_of_a_table_cannot_be_left_out(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("image,cat,dog\na.png,1,0\nb.png,0,1\nc.png,1,1\n")
    with pytest.raises(DatasetError, match="correct the row"):
        corrections.leave_out(datasets.propose(str(table)).spec, ["labels.csv"])


def test_a_changed_mask_makes_a_version_that_names_its_image(dataset_id: str, folder: Path) -> None:
    _scan(dataset_id)
    Image.fromarray(np.full((24, 24), 1, np.uint8)).save(folder / MASKS / "07.png")
    _scan(dataset_id)
    later, earlier = versions.known(dataset_id)
    found = versions.compare(dataset_id, earlier.fingerprint, later.fingerprint)
    assert found.samples.changed == ("images/07.png",)
    assert found.samples.added == found.samples.removed == ()


def test_a_change_of_role_makes_a_version_without_a_scan(dataset_id: str) -> None:
    _scan(dataset_id)
    classes = list(datasets.open_dataset(dataset_id).classes)
    classes[1] = classes[1].model_copy(update={"role": "void"})
    datasets.edit_classes(dataset_id, [type(item).model_validate(dict(item)) for item in classes])
    later, earlier = versions.known(dataset_id)
    found = versions.compare(dataset_id, earlier.fingerprint, later.fingerprint)
    assert found.roles == (("disc", "class", "void"),)
    assert found.samples.changed == ()


def _scan(dataset_id: str) -> None:
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)


def _apply(dataset_id: str, spec: object) -> None:
    """As `corrections.apply` does, but in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(datasets, "start_scan", lambda name: _scan(name) or name)
        assert corrections.apply(dataset_id, spec) == dataset_id  # type: ignore[arg-type]
