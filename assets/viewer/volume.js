// The volume around a case in three planes: slices come one by one, as the sliders ask for them.

const PLANES = ["As scanned", "Across rows", "Across columns"];
const MOST_PLANES = 90; // slices kept

function keepPlane(view, picture, cut) {
  const key = `${picture.stamp}|${picture.plane}|${picture.index}`;
  view.planesDecoding.add(key);
  decodePictures(view, picture, cut).then((found) => {
    view.planes.set(key, { ...found, heat: {} });
    for (const old of view.planes.keys()) if (view.planes.size > MOST_PLANES) view.planes.delete(old);
    refresh(view);
  }).finally(() => view.planesDecoding.delete(key));
}

function planeNumber(name) {
  return Number(name.slice(-1));
}

/** The slice that a plane is at: at first the case's own, and the middle of the others. */
function planeIndex(view, plane) {
  const [depth, height, width, own] = view.current.slices;
  if (view.cross?.stamp !== view.current.stamp) view.cross = { stamp: view.current.stamp, at: [own, height >> 1, width >> 1] };
  return Math.min([depth, height, width][plane] - 1, Math.max(0, view.cross.at[plane]));
}

function planeKey(view, plane) {
  return `${view.current.stamp}|${plane}|${planeIndex(view, plane)}`;
}

/** The picture of a plane, or the last one that was there while the next is on its way. */
function planeOf(view, name) {
  const plane = planeNumber(name);
  const found = view.planes.get(planeKey(view, plane));
  if (found) view.lastPlanes[plane] = found;
  const last = view.lastPlanes[plane];
  return found ?? (last?.stamp === view.current.stamp ? last : null);
}

function planeTitle(view, name) {
  const plane = planeNumber(name);
  return `${PLANES[plane]} ${planeIndex(view, plane) + 1} of ${view.current.slices[plane]}`;
}

function wishedPlanes(view) {
  if (!view.current?.slices || modeOf(view) !== "planes") return [];
  return [0, 1, 2].filter((plane) => !view.planes.has(planeKey(view, plane)) && !view.planesDecoding.has(planeKey(view, plane)))
    .map((plane) => ({ plane, index: planeIndex(view, plane) }));
}

function planeSlider(view, pane) {
  const plane = planeNumber(pane.name);
  const slider = el("input", { type: "range", min: 0, max: view.current.slices[plane] - 1, value: planeIndex(view, plane), "aria-label": PLANES[plane] });
  slider.oninput = () => setPlane(view, plane, Number(slider.value));
  pane.slider = slider;
  return slider;
}

function setPlane(view, plane, index) {
  planeIndex(view, plane);
  view.cross.at[plane] = index;
  relay(view);
  askForMissing(view);
}

/** A hand on one plane: the other two go where it points. */
function moveCross(view, pane, pixel) {
  const plane = planeNumber(pane.name);
  const [column, row] = [Math.floor(pixel.x), Math.floor(pixel.y)];
  const to = [[null, row, column], [row, null, column], [row, column, null]][plane];
  to.forEach((index, n) => {
    if (index === null) return;
    const value = Math.min(view.current.slices[n] - 1, Math.max(0, index));
    setPlane(view, n, value);
    const other = view.panes.find(({ name }) => name === `plane${n}`);
    if (other) other.slider.value = value;
  });
}

/** Where the other two planes cut this one. */
function drawCross({ view, pane, found, context, geometry }) {
  const plane = planeNumber(pane.name);
  const at = [0, 1, 2].map((n) => planeIndex(view, n) + 0.5);
  const pixel = [{ x: at[2], y: at[1] }, { x: at[2], y: at[0] }, { x: at[1], y: at[0] }][plane];
  const { x, y } = toScreen(geometry, pixel, aspectOf(found));
  Object.assign(context, { strokeStyle: "#ffffffa0", lineWidth: 1 });
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, pane.height);
  context.moveTo(0, y);
  context.lineTo(pane.width, y);
  context.stroke();
  context.setLineDash([]);
}
