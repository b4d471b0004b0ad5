"""The balance page: frames drawn in a browser, and server time of an interaction.

    python -m benchmarks.live_page [frames|server]

Frames are animation frames in which both the curve and the bars have changed, on the demo set (115 images,
8 classes) with the page's own settings. The baseline, two Plotly charts in a fragment with a timer, runs in
the same Chromium. Server time is measured without a browser: one interaction with all it draws anew, its
callback included, at 10 000 images and 20 classes.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, sync_playwright
from streamlit.testing.v1 import AppTest

from core.domain.dataset import DatasetSpec, Pairing
from core.jobs.demo import run_demo
from core.jobs.scan import run_scan
from core.services import balance, datasets
from tests.browser.conftest import serving
from tests.browser.frames import read_frames, watch_frames
from tests.conftest import ROOT

CHROMIUM = "/usr/bin/chromium"
SECONDS = 8
PLOTLY = """
import numpy as np, plotly.graph_objects as go, streamlit as st
@st.fragment(run_every=0.1)
def live():
    step = st.session_state["step"] = st.session_state.get("step", 0) + 2
    x = np.arange(step)
    curve = go.Figure([go.Scatter(x=x, y=np.exp(-x / 200 * i) + 1e-3) for i in (1, 2, 3)])
    axis = {"type": "log", "range": [-4, 1]}
    curve.update_layout(uirevision="k", height=250, xaxis_range=[0, 2000], yaxis=axis)
    x = 0.5 + 0.4 * np.sin(step / 50 + np.arange(8))
    bars = go.Figure(go.Bar(y=list("abcdefgh"), x=x, orientation="h"))
    bars.update_layout(uirevision="k", height=220, xaxis_range=[0, 1])
    st.plotly_chart(curve, key="curve")
    st.plotly_chart(bars, key="bars")
live()
"""
WATCH_PLOTLY = """() => {
  const of = (what) => [...document.querySelectorAll(what)].map((path) => path.getAttribute('d')).join();
  const look = () => {
    const [c, b] = [of('.scatterlayer path.js-line'), of('.barlayer path')];
    if (!c || !b) seen.blank += 1;
    if (c !== seen.c && b !== seen.b) { seen.times.push(performance.now()); seen.c = c; seen.b = b; }
    requestAnimationFrame(look);
  };
  window.seen = { times: [], blank: 0, c: '', b: '' };
  look();
}"""


def measure_frames() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        os.environ["COUNTERPOISE_HOME"] = folder
        demo = run_demo({"images": "115", "size": "96", "seed": "0"}, lambda *_: None, lambda: False)[
            "dataset"
        ]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        with serving(Path(folder)) as address:
            _report("Counterpoise", browser, f"{address}/balance?dataset={demo}", ours=True)
        script = Path(folder) / "plotly_app.py"
        script.write_text(PLOTLY)
        with serving(Path(folder), script) as address:
            _report("Plotly in a timed fragment", browser, address, ours=False)


def _report(name: str, browser: Browser, address: str, *, ours: bool) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 720})
    tab.set_default_timeout(60_000)
    tab.goto(address)
    if ours:
        tab.locator(".cp-number").first.wait_for()
        tab.wait_for_timeout(2000)
        watch_frames(tab)
        tab.get_by_role("button", name="Start").click()
    else:
        tab.locator(".barlayer path").first.wait_for()
        tab.wait_for_timeout(2000)
        tab.evaluate(WATCH_PLOTLY)
    tab.wait_for_timeout(1000 * SECONDS)
    frames = read_frames(tab)
    print(
        f"{name}: {frames.rate:.1f} frames/s, longest wait {1000 * frames.longest:.0f} ms, "
        f"{frames.blank} blank animation frames in {SECONDS} s"
    )
    tab.close()


def measure_server(images: int = 10_000, classes: int = 20) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["COUNTERPOISE_HOME"] = folder
        dataset_id = _make_labels(Path(folder) / "labels.csv", images, classes)
        page = _open(dataset_id)
        table = balance.label_table(datasets.open_dataset(dataset_id))
        print(f"{images} images, {classes} classes, {len(table.vectors)} combinations")
        dial = [0.05, 0.1, 0.2, 0.5, 1.0, 0.05, 0.1, 0.2]
        rates = [0.2, 0.05, 0.1, 0.2, 0.05]
        _time("γ", [lambda v=v: page.select_slider(key="balance.dial.relative").set_value(v) for v in dial])
        _time("learning rate", [lambda v=v: page.select_slider(key="balance.lr").set_value(v) for v in rates])
        _time("one frame's steps", [page.button(key="balance.step").click] * 5)
        _time(
            "M, cap on copies",
            [lambda v=v: page.number_input(key="balance.most").set_value(v) for v in (3, 4, 5)],
        )


def _make_labels(path: Path, images: int, classes: int) -> str:
    rng = np.random.default_rng(0)
    shares = 0.6 * 1.25 ** -np.arange(classes)
    rows = rng.random((images, classes)) < shares * rng.lognormal(0, 0.6, (images, 1))
    header = ",".join(["image", *(f"class_{i}" for i in range(classes))])
    lines = (f"i{i}.png," + ",".join(map(str, row)) for i, row in enumerate(rows.astype(int).tolist()))
    path.write_text("\n".join([header, *lines]))
    spec = DatasetSpec(name="labels", root=path, format="label_table", pairing=Pairing(rule="none"))
    dataset_id = datasets.keep(spec)
    run_scan({"dataset": dataset_id}, lambda *_: None, lambda: False)
    return dataset_id


def _open(dataset_id: str) -> AppTest:
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    page.query_params["dataset"] = dataset_id
    page.run()
    page.switch_page("pages/balance.py")
    return page.run()


def _time(name: str, interactions: list) -> None:
    seconds = []
    for interact in interactions:
        widget = interact()
        start = time.perf_counter()
        widget.run()
        seconds.append(time.perf_counter() - start)
    print(f"{name}: median {1000 * statistics.median(seconds):.0f} ms, worst {1000 * max(seconds):.0f} ms")


if __name__ == "__main__":
    asked = sys.argv[1:] or ["frames", "server"]
    if "frames" in asked:
        measure_frames()
    if "server" in asked:
        measure_server()
