"""Materialising a plan against a bare albumentations + `cv2.imwrite` loop, both on two processes.

    python -m benchmarks.materialise [--images 60] [--copies 10] [--size 512] [--runs 3]

The loop reads image and mask with OpenCV, deforms and flips them with albumentations' own transforms, and
writes two PNG files; it checks, names, notes and resumes nothing. It runs twice: with the displacement that
`AugmentationSpec` asks for, and with a Gaussian of 6 pixels, which albumentations smooths much faster. All
write every image `copies` times, all but the first augmented; timed from the start of the processes.
"""

import argparse
import multiprocessing
import os
import shutil
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

from core.data.materialise import materialise
from core.domain.augmentation import AugmentationSpec, MaterialiseSpec
from core.domain.balance import BalanceSpec
from core.formats.dataset_file import read_dataset_file
from core.formats.demo_folder import write_demo
from core.formats.whole import scan_dataset
from core.plans.plan import BalancePlan, PlanCertificate, PlanDataset
from core.synthesis import FundusSpec

WORKERS = 2


def make_plan(folder: Path, copies: int) -> BalancePlan:
    """A plan that holds every image of the demo equally often."""
    dataset = scan_dataset(read_dataset_file(folder / "dataset.toml"), None)
    counts = {sample.id: copies for sample in dataset.samples}
    return BalancePlan(
        name="benchmark",
        created="",
        app_version="",
        dataset=PlanDataset(
            name="demo", root=dataset.spec.root, fingerprint=dataset.fingerprint, spec=dataset.spec
        ),
        spec=BalanceSpec(targets=()),
        seed=0,
        classes=(),
        certificate=PlanCertificate(objective=0, bound=0, gap=0, relative_gap=0, converged=True),
        distance=0,
        drift=0,
        ess=1,
        total=copies * len(counts),
        duplicates=(copies - 1) * len(counts),
        dropped=0,
        max_copies=copies,
        copies=counts,
        weights=(1.0,) * len(counts),
    )


def run_bare(task: tuple[str, str, str, int, float, float]) -> None:
    """The copies of one image as a script would write them."""
    import albumentations  # as a script does: once a process

    image_file, mask_file, out, copies, shift, sigma = task
    # albumentations scales noise to a largest value of one, about 5 standard deviations.
    alpha = shift * 5 * 2 * sigma * np.pi**0.5
    transform = albumentations.Compose(
        [
            albumentations.ElasticTransform(alpha=alpha, sigma=sigma, p=1.0),
            albumentations.HorizontalFlip(),
            albumentations.VerticalFlip(),
        ]
    )
    cv2.setNumThreads(1)
    image = cv2.imread(image_file)
    mask = cv2.imread(mask_file, cv2.IMREAD_UNCHANGED)
    name = Path(image_file).stem
    for copy in range(copies):
        changed = transform(image=image, mask=mask) if copy else {"image": image, "mask": mask}
        cv2.imwrite(f"{out}/images/{name}_{copy}.png", changed["image"])
        cv2.imwrite(f"{out}/masks/{name}_{copy}.png", changed["mask"])


def time_bare(folder: Path, out: Path, copies: int, shift: float, sigma: float) -> float:
    for kind in ("images", "masks"):
        (out / kind).mkdir(parents=True)
    files = sorted((folder / "images").iterdir())
    tasks = [(str(file), str(folder / "masks" / file.name), str(out), copies, shift, sigma) for file in files]
    start = time.perf_counter()
    with multiprocessing.get_context("spawn").Pool(WORKERS) as pool:
        pool.map(run_bare, tasks, chunksize=1)
    return time.perf_counter() - start


def time_ours(plan: BalancePlan, out: Path) -> float:
    start = time.perf_counter()
    written = materialise(plan, out, MaterialiseSpec(workers=WORKERS))
    assert (written.images, written.missing) == (plan.total, 0)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=60)
    parser.add_argument("--copies", type=int, default=10)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        os.environ["COUNTERPOISE_HOME"] = str(root / "home")
        write_demo(root / "demo", FundusSpec(size=options.size, images=options.images))
        plan = make_plan(root / "demo", options.copies)
        spec = AugmentationSpec()
        shift, sigma = spec.shift * options.size, spec.smoothness * options.size
        seconds: dict[str, list[float]] = {"materialise": [], "loop, same Gaussian": [], "loop, 6 pixels": []}
        for run in range(options.runs):  # in turn, so that the machine's other work disturbs all alike
            for what, width in (("loop, same Gaussian", sigma), ("loop, 6 pixels", 6.0)):
                out = root / f"{what}{run}"
                seconds[what].append(time_bare(root / "demo", out, options.copies, shift, width))
                shutil.rmtree(out)
            seconds["materialise"].append(time_ours(plan, root / f"ours{run}"))
    ours = float(np.median(seconds["materialise"]))
    for what, runs in seconds.items():
        taken = float(np.median(runs))
        rate = plan.total / taken
        print(f"{what:20} {taken:7.2f} s {rate:7.1f} images/s; ours is {taken / ours:.2f} times as fast")


if __name__ == "__main__":
    main()
