"""The viewer's pure modules against NumPy, Pillow and SciPy."""

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser
from scipy import ndimage

from core.domain.masks import LabelMask
from core.services.reviews.answers import decode_mask
from core.services.reviews.pictures import CaseForm, encode_mask, encode_png
from tests.browser.viewer_scripts import Modules

pytestmark = pytest.mark.browser
_DECODE = """
  const bytes = Uint8Array.from(atob(given.png), (c) => c.charCodeAt(0));
  const image = await m.decodePng(bytes);
"""


@pytest.fixture(scope="module")
def modules(browser: Browser) -> Iterator[Modules]:
    tab = browser.new_page()
    yield Modules(tab)
    tab.close()


def blobs(seed: int, side: int = 48) -> np.ndarray:
    noise = np.random.default_rng(seed).random((side, side))
    return ndimage.gaussian_filter(noise, 1.2) > 0.5


@pytest.mark.parametrize("kind", ["L", "I;16", "RGB"])
def test_png_of_every_kind_is_decoded_exactly(modules: Modules, kind: str) -> None:
    rng = np.random.default_rng(3)
    pixels = {
        "L": rng.integers(0, 256, (37, 53), np.uint8),
        "I;16": (np.arange(37 * 53).reshape(37, 53) * 33 % 65536).astype(np.uint16),
        "RGB": np.cumsum(rng.integers(0, 9, (37, 53, 3)), axis=1).astype(np.uint8),
    }[kind]
    png = base64.b64encode(encode_png(pixels)).decode()
    found = modules.ask(_DECODE + "return [image.width, image.height, Array.from(image.data)];", {"png": png})
    assert found[:2] == [53, 37]
    assert found[2] == pixels.ravel().tolist()


def test_every_filter_of_png_is_undone(modules: Modules) -> None:
    gradient = np.add.outer(np.arange(64) ** 2 // 9, np.arange(64) * 3).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(gradient).save(buffer, "PNG", optimize=True)
    png = base64.b64encode(buffer.getvalue()).decode()
    assert modules.ask(_DECODE + "return Array.from(image.data);", {"png": png}) == gradient.ravel().tolist()


@pytest.mark.parametrize("overlapping", [False, True])
def test_a_mask_goes_to_the_browser_and_back_unchanged(modules: Modules, overlapping: bool) -> None:
    rng = np.random.default_rng(1)
    pixels = (
        rng.random((11, 30, 41)) < 0.3 if overlapping else rng.integers(-1, 11, (30, 41)).astype(np.int16)
    )
    sent = encode_mask(LabelMask(pixels, 11))
    given = {"png": base64.b64encode(sent.png).decode(), "overlapping": overlapping}
    text = modules.ask(
        _DECODE + "const labels = m.makeLabels(image.data, 41, 30, 11, given.overlapping);"
        "return m.toBase64(await m.encodePng(m.joinPlanes(labels), 41, 30 * labels.planes.length));",
        given,
    )
    back = decode_mask(text, CaseForm(0, "a", 30, 41, 11, overlapping))
    np.testing.assert_array_equal(back.pixels, pixels)


def test_outlines_are_the_edges_of_the_pixels(modules: Modules) -> None:
    region = blobs(5)
    runs = np.array(
        modules.ask(
            "return m.outlineRuns(Uint8Array.from(given), 48, 48);", region.ravel().astype(int).tolist()
        )
    ).reshape(-1, 4)
    padded = np.pad(region, 1)
    edges = int((padded[1:] != padded[:-1]).sum() + (padded[:, 1:] != padded[:, :-1]).sum())
    lengths = np.abs(runs[:, 2] - runs[:, 0]) + np.abs(runs[:, 3] - runs[:, 1])
    assert lengths.sum() == edges
    assert (lengths > 0).all()
    assert len(runs) < edges  # straight lines are one run


def test_specks_and_holes_are_those_of_scipy(modules: Modules) -> None:
    region = blobs(8)
    given = region.ravel().astype(int).tolist()
    specks = modules.ask("return m.findSpecks(Uint8Array.from(given), 48, 48, 12);", given)
    holes = modules.ask("return m.findHoles(Uint8Array.from(given), 48, 48).flat();", given)
    parts, count = ndimage.label(region, np.ones((3, 3)))
    sizes = ndimage.sum_labels(region, parts, range(1, count + 1))
    small = np.isin(parts, 1 + np.flatnonzero(sizes < 12))
    assert sorted(specks) == np.flatnonzero(small).tolist()
    assert sorted(holes) == np.flatnonzero(ndimage.binary_fill_holes(region) & ~region).tolist()


def test_a_polygon_covers_the_pixels_whose_middle_lies_in_it(modules: Modules) -> None:
    found = modules.ask(
        "const seen = []; m.visitPolygon(given, 20, 20, (i) => seen.push(i)); return seen;",
        [{"x": 2.5, "y": 1}, {"x": 17, "y": 4.2}, {"x": 9, "y": 18.9}],
    )
    rows, columns = np.mgrid[:20, :20] + 0.5
    corners = [(2.5, 1), (17, 4.2), (9, 18.9)]
    inside = np.ones((20, 20), bool)
    for (ax, ay), (bx, by) in zip(corners, [*corners[1:], corners[0]], strict=True):
        inside &= (bx - ax) * (rows - ay) - (by - ay) * (columns - ax) > 0
    assert sorted(found) == np.flatnonzero(inside).tolist()


def test_a_stroke_leaves_no_gap_between_two_points(modules: Modules) -> None:
    found = modules.ask(
        "const seen = new Set(), [from, to] = [{x: 5.5, y: 5.5}, {x: 30.5, y: 17.5}];"
        "m.visitStroke(from, to, 4, 40, 40, (i) => seen.add(i)); return [...seen];"
    )
    region = np.zeros(1600, bool)
    region[found] = True
    assert ndimage.label(region.reshape(40, 40), np.ones((3, 3)))[1] == 1
    assert region[5 * 40 + 5]
    assert region[17 * 40 + 30]


def test_undo_and_redo_go_sixty_steps_both_ways(modules: Modules) -> None:
    same = modules.ask("""
      const labels = m.emptyLabels(200, 150, 3, false, 0);
      const history = m.newHistory();
      const states = [m.copyLabels(labels)];
      for (let n = 0; n < 60; n += 1) {
        const [x, y] = [(n * 37) % 190, (n * 23) % 140];
        m.beginStep(history);
        m.keepBefore(history, labels, { left: x, top: y, right: x + 9, bottom: y + 9 });
        for (let k = 0; k < 100; k += 1) {
          m.addClass(labels, 1 + (n % 2), (y + Math.floor(k / 10)) * 200 + x + (k % 10));
        }
        m.endStep(history, labels);
        states.push(m.copyLabels(labels));
      }
      const back = [], forth = [];
      const undo = () => m.undoStep(history, labels);
      const redo = () => m.redoStep(history, labels);
      for (let n = 59; n >= 0; n -= 1) { undo(); back.push(m.sameLabels(labels, states[n])); }
      const ended = undo();
      for (let n = 1; n <= 60; n += 1) { redo(); forth.push(m.sameLabels(labels, states[n])); }
      return [back.every(Boolean), ended, forth.every(Boolean), back.length + forth.length];
    """)
    assert same == [True, None, True, 120]


@pytest.mark.parametrize("overlapping", [False, True])
def test_a_step_names_the_classes_that_it_changes_and_so_does_its_way_back(
    modules: Modules, overlapping: bool
) -> None:
    found = modules.ask(
        """
      const labels = m.emptyLabels(80, 70, 12, given, 0);
      const history = m.newHistory();
      const paint = (place, at) => {
        m.beginStep(history);
        m.keepBefore(history, labels, { left: 0, top: 0, right: 79, bottom: 69 });
        m.addClass(labels, place, at);
        return [...m.changedClasses(labels, m.endStep(history, labels))].sort((a, b) => a - b);
      };
      const steps = [paint(10, 5), paint(3, 5), paint(3, 79 * 69)];
      const back = [...m.changedClasses(labels, m.undoStep(history, labels))].sort((a, b) => a - b);
      return [...steps, back];
    """,
        overlapping,
    )
    assert found == ([[10], [3], [3], [3]] if overlapping else [[0, 10], [3, 10], [0, 3], [0, 3]])


def test_painting_an_overlapping_class_keeps_the_others_and_the_background(modules: Modules) -> None:
    found = modules.ask("""
      const labels = m.emptyLabels(2, 1, 3, true, 0);
      labels.background = 0;
      labels.planes[0].fill(128);
      m.addClass(labels, 1, 0); m.addClass(labels, 2, 0);
      const both = m.classesAt(labels, 0);
      m.removeClass(labels, 1, 0);
      const one = m.classesAt(labels, 0);
      m.removeClass(labels, 2, 0);
      return [both, one, m.classesAt(labels, 0), m.classesAt(labels, 1)];
    """)
    assert found == [[1, 2], [2], [0], [0]]


def test_zoom_keeps_the_pixel_under_the_hand(modules: Modules) -> None:
    before, after = modules.ask("""
      const size = { width: 512, height: 300 }, pane = { width: 640, height: 480 };
      const point = { x: 400, y: 250 };
      const view = m.fitView(size, pane);
      return [m.toPixel(view, point), m.toPixel(m.zoomView(view, size, pane, point, 3), point)];
    """)
    assert after == pytest.approx(before)


def test_the_scale_bar_is_a_round_length(modules: Modules) -> None:
    bar = modules.ask("return m.scaleBar({ scale: 2 }, [0.7, 0.7]);")
    assert (bar["length"], bar["unit"]) == (2, "cm")
    assert bar["pixels"] == pytest.approx(20 / 0.7 * 2)


def test_a_window_shows_its_ends_as_black_and_white(modules: Modules) -> None:
    table = modules.ask(
        "return Array.from(m.greyTable({ first: -1000, step: 1 }, [-160, 240], 65536)).map((v) => v & 255);"
    )
    assert table[0] == 0
    assert table[840] == 0
    assert table[1240] == 255
    assert table[1040] == 128


def test_differences_are_those_of_the_shown_classes(modules: Modules) -> None:
    rng = np.random.default_rng(4)
    mine, theirs = rng.integers(0, 3, (2, 64))
    found = modules.ask(
        """
      const labels = (n) => m.makeLabels(Uint8Array.from(n), 8, 8, 3, false, 0);
      const parts = m.compareLabels(labels(given.mine), labels(given.theirs), [false, true, false]);
      return [parts.hit, parts.extra, parts.missed].map((part) => Array.from(part));
    """,
        {"mine": mine.tolist(), "theirs": theirs.tolist()},
    )
    expected = [(mine == 1) & (theirs == 1), (mine == 1) & (theirs != 1), (mine != 1) & (theirs == 1)]
    assert found == [part.astype(int).tolist() for part in expected]
