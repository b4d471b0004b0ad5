// The volume around a case in three planes: slices come one by one, as the sliders ask for them.

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
  const { sizes, own } = view.current.slices;
  if (view.cross?.stamp !== view.current.stamp) view.cross = { stamp: view.current.stamp, at: [own, sizes[1] >> 1, sizes[2] >> 1] };
  return Math.min(sizes[plane] - 1, Math.max(0, view.cross.at[plane]));
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
  const { sizes, missing, planes } = view.current.slices;
  const index = planeIndex(view, plane);
  const gap = plane === 0 && missing.includes(index) ? ": no slice here" : "";
  return `${planes[plane].title} ${index + 1} of ${sizes[plane]}${gap}`;
}

function wishedPlanes(view) {
  if (!view.current?.slices || modeOf(view) !== "planes") return [];
  return [0, 1, 2].filter((plane) => !view.planes.has(planeKey(view, plane)) && !view.planesDecoding.has(planeKey(view, plane)))
    .map((plane) => ({ plane, index: planeIndex(view, plane) }));
}

function planeSlider(view, pane) {
  const plane = planeNumber(pane.name);
  pane.slider = el("input", { type: "range", min: 0 });
  pane.slider.oninput = () => setPlane(view, plane, Number(pane.slider.value));
  return pane.slider;
}

/** The slider where its plane is: the case may have changed, or a hand may have moved the cross-hair. */
function placeSlider(view, pane) {
  const plane = planeNumber(pane.name);
  const { sizes, planes } = view.current.slices;
  Object.assign(pane.slider, { max: sizes[plane] - 1, value: planeIndex(view, plane), ariaLabel: planes[plane].title });
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
  const [column, row] = turn(view, plane, [Math.floor(pixel.x), Math.floor(pixel.y)]);
  const to = [[null, row, column], [row, null, column], [row, column, null]][plane];
  to.forEach((index, n) => {
    if (index === null) return;
    setPlane(view, n, Math.min(view.current.slices.sizes[n] - 1, Math.max(0, index)));
  });
}

/** Column and row of a plane as it is shown, or as it lies in the volume: of a turned one they change places. */
function turn(view, plane, [first, second]) {
  return view.current.slices.planes[plane].turned ? [second, first] : [first, second];
}

/** Where the other two planes cut this one, and which side of the patient is where. */
function drawCross({ view, pane, found, context, geometry }) {
  const plane = planeNumber(pane.name);
  const at = [0, 1, 2].map((n) => planeIndex(view, n) + 0.5);
  const [column, row] = turn(view, plane, [[at[2], at[1]], [at[2], at[0]], [at[1], at[0]]][plane]);
  const { x, y } = toScreen(geometry, { x: column, y: row }, aspectOf(found));
  Object.assign(context, { strokeStyle: "#ffffffa0", lineWidth: 1 });
  context.setLineDash([4, 4]);
  context.beginPath();
  context.moveTo(x, 0);
  context.lineTo(x, pane.height);
  context.moveTo(0, y);
  context.lineTo(pane.width, y);
  context.stroke();
  context.setLineDash([]);
  drawLetters(context, pane, view.current.slices.planes[plane].letters);
}

function drawLetters(context, { width, height }, [left, top, right, bottom]) {
  const places = [[left, 6, height / 2 - 10, "left"], [top, width / 2 + 6, 34, "left"], [right, width - 6, height / 2 - 10, "right"], [bottom, width / 2 + 6, height - 10, "left"]];
  Object.assign(context, { font: "600 13px sans-serif", textBaseline: "middle", lineWidth: 3, strokeStyle: "#000", fillStyle: "#fff" });
  for (const [letter, x, y, textAlign] of places) {
    context.textAlign = textAlign;
    context.strokeText(letter, x, y);
    context.fillText(letter, x, y);
  }
}
