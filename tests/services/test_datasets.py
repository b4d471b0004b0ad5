import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from core.domain.classes import ClassRole
from core.domain.dataset import Pairing
from core.errors import DatasetError, WorkspaceError
from core.runs.folder import find_run
from core.runs.progress import RunProgress
from core.services import datasets, runs
from core.workspace.paths import workspace
from tests.formats.sources.annotations import coco_image, coco_object, coco_spec, write_coco


def wait(run_id: str, until: Callable[[RunProgress], bool], seconds: float = 60) -> RunProgress:
    deadline = time.monotonic() + seconds
    while not until(found := runs.watch(run_id)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)
    return found


def over(progress: RunProgress) -> bool:
    return progress.over


def test_a_scan_in_the_background_ends_with_an_open_dataset(dataset_id: str) -> None:
    found = wait(datasets.start_scan(dataset_id), over)
    assert found.state == "finished", found
    assert found.result["dataset"] == dataset_id
    opened = datasets.open_dataset(dataset_id)
    assert [item.name for item in opened.classes] == ["background", "disc", "vessel", "spot", "scar"]
    assert opened.presence.sum(axis=0).tolist() == [40, 40, 35, 10, 3]
    assert [(entry.id, entry.scanned) for entry in datasets.list_datasets()] == [(dataset_id, True)]


def test_the_demo_is_drawn_scanned_and_opened() -> None:
    found = wait(datasets.start_demo(size=96, images=12), over)
    assert found.state == "finished", found
    assert len(datasets.open_dataset(found.result["dataset"]).samples) == 12


def test_a_cancelled_demo_says_so_and_can_be_started_again() -> None:
    run_id = datasets.start_demo(size=256, images=400)
    wait(run_id, lambda progress: progress.done > 0)
    runs.cancel(run_id)
    assert wait(run_id, over).state == "cancelled"


def test_a_killed_worker_leaves_an_interrupted_run() -> None:
    run_id = datasets.start_demo(size=256, images=400)
    wait(run_id, lambda progress: progress.state == "running" and progress.done > 0)
    worker = find_run(run_id).find_worker()
    assert worker is not None
    os.kill(worker.pid, signal.SIGKILL)
    found = wait(run_id, over)
    assert found.state == "interrupted"
    assert "Start it again" in found.message


def test_a_failed_scan_says_what_happened(dataset_id: str, folder: Path) -> None:
    (folder / "masks").rename(folder / "gone")
    found = wait(datasets.start_scan(dataset_id), over)
    assert found.state == "failed"
    assert "masks" in found.message


def test_a_role_changes_without_reading_a_mask(dataset_id: str, folder: Path) -> None:
    wait(datasets.start_scan(dataset_id), over)
    before = datasets.version(dataset_id)
    for mask in (folder / "masks").iterdir():  # same size and time, other bytes: a reader would notice
        stat = mask.stat()
        mask.write_bytes(bytes(stat.st_size))
        os.utime(mask, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    classes = list(datasets.open_dataset(dataset_id).classes)
    classes[1] = classes[1].model_copy(update={"role": ClassRole.VOID})
    classes[3] = classes[3].model_copy(update={"name": "drusen", "colour": "#123456"})
    datasets.edit_classes(dataset_id, classes)
    opened = datasets.open_dataset(dataset_id)
    assert [item.name for item in opened.classes] == ["background", "vessel", "drusen", "scar"]
    assert opened.totals is not None
    assert opened.totals[0] == 24 * 20
    assert datasets.version(dataset_id) != before
    restored = [item.model_copy(update={"role": ClassRole.CLASS}) for item in classes[1:2]]
    datasets.edit_classes(dataset_id, [classes[0], *restored, *classes[2:]])
    assert datasets.open_dataset(dataset_id).classes[1].name == "disc"


def test_answers_edited_by_hand_ask_for_a_new_scan(dataset_id: str) -> None:
    wait(datasets.start_scan(dataset_id), over)
    before = datasets.version(dataset_id)
    classes = datasets.find_spec(dataset_id).classes
    answers = workspace().dataset(dataset_id) / "dataset.toml"
    answers.write_text(answers.read_text().replace(f'"{classes[1].name}"', '"papilla"'))
    assert datasets.version(dataset_id) != before
    with pytest.raises(DatasetError, match="scan the dataset again"):
        datasets.open_dataset(dataset_id)


def test_two_classes_of_one_name_are_refused_and_nothing_changes(dataset_id: str) -> None:
    wait(datasets.start_scan(dataset_id), over)
    classes = list(datasets.open_dataset(dataset_id).classes)
    clash = [*classes[:-1], classes[-1].model_copy(update={"name": "disc"})]
    with pytest.raises(DatasetError, match="Two classes have the name disc"):
        datasets.edit_classes(dataset_id, clash)
    assert datasets.open_dataset(dataset_id).classes == tuple(classes)


def test_all_background_is_refused(dataset_id: str) -> None:
    wait(datasets.start_scan(dataset_id), over)
    classes = datasets.open_dataset(dataset_id).classes
    roles = [item.model_copy(update={"role": ClassRole.BACKGROUND}) for item in classes]
    with pytest.raises(DatasetError, match="leave at least one"):
        datasets.edit_classes(dataset_id, roles)


def test_forgetting_leaves_the_files_of_the_dataset(dataset_id: str, folder: Path) -> None:
    datasets.forget(dataset_id)
    assert datasets.list_datasets() == []
    assert len(list((folder / "masks").iterdir())) == 40


def test_an_unscanned_dataset_says_what_to_do(dataset_id: str) -> None:
    with pytest.raises(DatasetError, match="start the scan"):
        datasets.open_dataset(dataset_id)


@pytest.mark.parametrize("text", ["", "   ", "\0", "~nobody-here/x", "/no/such/place"])
def test_a_bad_path_is_a_sentence(text: str) -> None:
    with pytest.raises(DatasetError):
        datasets.read_path(text)


def test_quotes_around_a_path_are_understood(folder: Path) -> None:
    assert datasets.read_path(f' "{folder}" ') == folder


def test_an_id_from_a_link_can_not_leave_the_workspace() -> None:
    with pytest.raises(WorkspaceError):
        datasets.open_dataset("../../etc")


def test_a_second_annotation_file_of_a_folder_is_a_dataset_of_its_own(tmp_path: Path) -> None:
    for name in ("first.json", "second.json"):
        write_coco(tmp_path / name, [coco_image(1)], [coco_object(1)])
    first, second = (datasets.keep(coco_spec(tmp_path, masks=name)) for name in ("first.json", "second.json"))
    assert first != second
    assert [datasets.find_spec(item).folders[0].masks for item in (first, second)] == [
        "first.json",
        "second.json",
    ]
    again = coco_spec(tmp_path, masks="first.json", void=("dog",))
    assert datasets.keep(again) == first
    assert datasets.keep(coco_spec(tmp_path, masks="second.json")) == second


def test_outlines_under_a_new_void_class_are_drawn_anew_in_the_background(tmp_path: Path) -> None:
    write_coco(tmp_path / "a.json", [coco_image(1)], [coco_object(1), coco_object(1, 7, id_=2)])
    dataset_id = datasets.keep(coco_spec(tmp_path, pairing=Pairing(rule="none")))
    wait(datasets.start_scan(dataset_id), over)
    classes = datasets.open_dataset(dataset_id).classes
    assert (
        datasets.edit_classes(dataset_id, [item.model_copy(update={"colour": "#123456"}) for item in classes])
        is None
    )
    void = [
        item.model_copy(update={"role": ClassRole.VOID}) if item.key == "dog" else item for item in classes
    ]
    run_id = datasets.edit_classes(dataset_id, void)
    assert run_id is not None
    wait(run_id, over)
    after = datasets.open_dataset(dataset_id)
    assert after.pixels is not None
    assert after.pixels[0, [item.key for item in after.classes].index("cat")] == 0
