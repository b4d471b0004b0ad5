// Where the image lies on the screen: `screen = at + scale * pixel`, in CSS pixels, rows stretched by the pixel's aspect.
// All linked panes share one view.

const MOST_SCALE = 64;
const MARGIN = 8;

function fitView(size, pane) {
  const scale = Math.max(1e-3, Math.min((pane.width - 2 * MARGIN) / size.width, (pane.height - 2 * MARGIN) / size.height));
  return { scale, x: (pane.width - scale * size.width) / 2, y: (pane.height - scale * size.height) / 2, fitted: true };
}

/** One pixel of the image on one of the screen's own, about the middle of what is seen. */
function oneToOne(view, size, pane, ratio) {
  return zoomView(view, size, pane, { x: pane.width / 2, y: pane.height / 2 }, 1 / ratio / view.scale);
}

/** Zoom by a factor about a point of the pane, which stays where it is. */
function zoomView(view, size, pane, point, factor) {
  const least = Math.min(fitView(size, pane).scale / 2, 1);
  const scale = Math.min(MOST_SCALE, Math.max(least, view.scale * factor));
  const by = scale / view.scale;
  return keepInSight({ scale, x: point.x - (point.x - view.x) * by, y: point.y - (point.y - view.y) * by }, size, pane);
}

function panView(view, size, pane, dx, dy) {
  return keepInSight({ scale: view.scale, x: view.x + dx, y: view.y + dy }, size, pane);
}

/** At least a quarter of the pane, or of a smaller image, stays covered. */
function keepInSight(view, size, pane) {
  const hold = (at, length, room) => {
    const least = Math.min(length, room) / 4;
    return Math.min(room - least, Math.max(least - length, at));
  };
  return {
    scale: view.scale, fitted: false,
    x: hold(view.x, view.scale * size.width, pane.width), y: hold(view.y, view.scale * size.height, pane.height),
  };
}

/** The view of another image: the same one where it is of the same size, else the same part of it. */
function carryView(view, before, after, pane) {
  if (view.fitted || !before) return fitView(after, pane);
  if (before.width === after.width && before.height === after.height) return view;
  const share = { x: (pane.width / 2 - view.x) / view.scale / before.width, y: (pane.height / 2 - view.y) / view.scale / before.height };
  const scale = (view.scale / fitView(before, pane).scale) * fitView(after, pane).scale;
  const moved = { scale, x: pane.width / 2 - share.x * scale * after.width, y: pane.height / 2 - share.y * scale * after.height };
  return keepInSight(moved, after, pane);
}

/** Height of a pixel in its widths; 1 where the spacing is unknown. */
function aspectOf({ spacing }) {
  const aspect = spacing ? spacing[0] / spacing[1] : 1;
  return Math.abs(aspect - 1) < 0.005 ? 1 : aspect;
}

/** The size of an image in pixel widths. */
function extentOf(found) {
  return { width: found.width, height: found.height * aspectOf(found) };
}

/** Pixel coordinates (not rounded) of a point of the pane. */
function toPixel(view, point, aspect = 1) {
  return { x: (point.x - view.x) / view.scale, y: (point.y - view.y) / (view.scale * aspect) };
}

function toScreen(view, pixel, aspect = 1) {
  return { x: view.x + view.scale * pixel.x, y: view.y + view.scale * aspect * pixel.y };
}

/** The longest round length of at most `most` screen pixels: `{ length, unit, pixels }`; null where the spacing is unknown. */
function scaleBar(view, spacing, most = 120) {
  if (!spacing) return null;
  const perPixel = spacing[1] / view.scale; // Millimetres along a row
  const wanted = most * perPixel;
  const power = 10 ** Math.floor(Math.log10(wanted));
  const length = [5, 2, 1].map((digit) => digit * power).find((value) => value <= wanted);
  const [shown, unit] = length >= 10 ? [length / 10, "cm"] : length >= 0.1 ? [length, "mm"] : [1000 * length, "µm"];
  return { length: Number(shown.toPrecision(1)), unit, pixels: length / perPixel };
}
