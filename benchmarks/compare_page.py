"""The Compare page with 30 runs of 100 epochs, 3 folds and 8 classes: server time of a redraw.

    python -m benchmarks.compare_page [RUNS]

The histories are written, not trained. The page runs as it does on the server, without a browser: once cold,
then redrawn with everything read, then with another moving average, which computes every curve anew.
"""

import os
import statistics
import sys
import tempfile
import time

import numpy as np
import psutil
from streamlit.testing.v1 import AppTest

from core.domain.recipe import ModelSpec, RecipeSpec
from core.domain.training import SplitSpec, TrainRequest
from tests.conftest import ROOT
from tests.services.histories import describe, write_run

EPOCHS, FOLDS, REDRAWS = 100, 3, 7
CLASSES = tuple(f"class {number}" for number in range(1, 9))


def write(runs: int) -> None:
    rng = np.random.default_rng(0)
    recipe = RecipeSpec(id="s1", title="U-Net", model=ModelSpec(architecture="plain-unet"), epochs=EPOCHS)
    for number in range(runs):
        request = TrainRequest(
            title=f"run {number}",
            experiment="s1-20261121-014240-ab12",
            dataset=describe(),
            fingerprint="none",
            recipe=recipe,
            split=SplitSpec(folds=FOLDS),
        )
        rise = 1 - np.exp(-np.arange(EPOCHS) / 20)
        curves = [
            {name: np.clip(rise * rng.uniform(0.3, 0.9) + rng.normal(0, 0.02, EPOCHS), 0, 1).tolist()
             for name in CLASSES}
            for _ in range(FOLDS)
        ]  # fmt: skip
        write_run(request, curves)


def draw(page: AppTest) -> tuple[float, float]:
    """Milliseconds of one run of the page: by the clock, and of the processor."""
    clock, work = time.perf_counter(), time.process_time()
    page.run(timeout=120)
    spent = 1000 * (time.perf_counter() - clock), 1000 * (time.process_time() - work)
    assert not page.exception
    assert len(page.get("plotly_chart")) == 3
    return spent


def report(what: str, spent: list[tuple[float, float]]) -> None:
    clock, work = ([pair[place] for pair in spent] for place in (0, 1))
    print(
        f"{what}: median {statistics.median(clock):.0f} ms "
        f"({statistics.median(work):.0f} ms of the processor), worst {max(clock):.0f} ms ({max(work):.0f} ms)"
    )


def main(runs: int) -> None:
    with tempfile.TemporaryDirectory() as home:
        os.environ["COUNTERPOISE_HOME"] = home
        write(runs)
        page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
        page.run()
        page.switch_page("pages/compare.py")
        report("first draw, everything read", [draw(page)])
        report("redraw", [draw(page) for _ in range(REDRAWS)])
        anew = []
        for window in range(2, 2 + REDRAWS):
            page.slider(key="compare.window.False").set_value(window)
            anew.append(draw(page))
        report("another moving average", anew)
        print(f"resident: {psutil.Process().memory_info().rss / 1e6:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
