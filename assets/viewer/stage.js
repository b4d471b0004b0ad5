// The panes on the page and the hand on them: zoom, pan, pinch, window and level, the divider, and the tools.

const NEAR = 12; // screen pixels from the divider

function layPanes(view) {
  const names = panesOf(view);
  if (view.panes.map(({ name }) => name).join() !== names.join()) {
    view.panes = names.map((name) => buildPane(view, name));
    view.stage.replaceChildren(...view.panes.map(({ box }) => box));
    view.stage.style.setProperty("--panes", names.length);
    view.root.dataset.mode = modeOf(view);
  }
  for (const pane of view.panes) {
    Object.assign(pane, { width: pane.canvas.clientWidth, height: pane.canvas.clientHeight });
    setText(pane.title, paneTitle(view, pane.name));
    pane.title.hidden = !pane.title.textContent;
    if (pane.slider) placeSlider(view, pane);
    pane.canvas.setAttribute("aria-label", view.current ? `${view.current.sample}: ${paneTitle(view, pane.name)}` : "Image");
  }
}

function paneTitle(view, name) {
  if (!view.current) return "";
  if (name === "swipe") return `${mineTitle(view)} | Reference`;
  if (name.startsWith("plane")) return planeTitle(view, name);
  return TITLES[name] ?? mineTitle(view);
}

function buildPane(view, name) {
  const canvas = el("canvas", { role: "img", tabIndex: 0 });
  const title = el("figcaption");
  const box = el("figure", { className: "cp-pane" }, canvas, title);
  const pane = { name, canvas, title, box, width: 0, height: 0, hands: new Map(), action: null };
  if (name.startsWith("plane")) box.append(planeSlider(view, pane));
  canvas.onpointerdown = (event) => handDown(view, pane, event);
  canvas.onpointermove = (event) => handMove(view, pane, event);
  canvas.onpointerup = canvas.onpointercancel = (event) => handUp(view, pane, event);
  canvas.onpointerleave = () => { view.cursor = null; refresh(view); };
  canvas.ondblclick = () => { if (!view.edit) fitAll(view); else closePolygon(view); };
  canvas.oncontextmenu = (event) => event.preventDefault();
  canvas.addEventListener("wheel", (event) => turnWheel(view, pane, event), { passive: false });
  return pane;
}

/** The view of a pane: shared by all panes of the case; a plane of the volume has its own. */
function viewOf(view, pane, found) {
  const size = extentOf(found);
  if (pane.name.startsWith("plane")) {
    const of = `${size.width} ${size.height}`;
    if (!pane.own || pane.own.fitted || pane.of !== of) Object.assign(pane, { own: fitView(size, pane), of });
    return pane.own;
  }
  if (!view.geometry || view.geometry.fitted) view.geometry = fitView(size, pane);
  return view.geometry;
}

function setView(view, pane, geometry) {
  if (pane.name.startsWith("plane")) pane.own = geometry;
  else view.geometry = geometry;
  refresh(view);
}

function shownIn(view, pane) {
  return pane.name.startsWith("plane") ? planeOf(view, pane.name) : view.current;
}

function pointIn(pane, event) {
  const box = pane.canvas.getBoundingClientRect();
  return { x: event.clientX - box.left, y: event.clientY - box.top };
}

function turnWheel(view, pane, event) {
  const found = shownIn(view, pane);
  if (!found) return;
  event.preventDefault();
  const factor = Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : event.ctrlKey ? 0.01 : 0.0016));
  setView(view, pane, zoomView(viewOf(view, pane, found), extentOf(found), pane, pointIn(pane, event), factor));
}

function zoomBy(view, factor) {
  const [pane] = view.panes;
  const found = shownIn(view, pane);
  if (found) setView(view, pane, zoomView(viewOf(view, pane, found), extentOf(found), pane, { x: pane.width / 2, y: pane.height / 2 }, factor));
}

function fitAll(view) {
  for (const pane of view.panes) {
    const found = shownIn(view, pane);
    if (found) setView(view, pane, fitView(extentOf(found), pane));
  }
}

function showOneToOne(view) {
  const [pane] = view.panes;
  const found = shownIn(view, pane);
  if (found) setView(view, pane, oneToOne(viewOf(view, pane, found), extentOf(found), pane, window.devicePixelRatio || 1));
}

function handDown(view, pane, event) {
  const found = shownIn(view, pane);
  if (!found) return;
  pane.canvas.setPointerCapture(event.pointerId);
  pane.canvas.focus({ preventScroll: true });
  const point = pointIn(pane, event);
  pane.hands.set(event.pointerId, point);
  if (pane.hands.size === 2) { cancelStroke(view); pane.action = "pinch"; return; }
  pane.action = chooseAction(view, pane, event, point);
  if (pane.action === "edit") toolDown(view, toPixel(viewOf(view, pane, found), point, aspectOf(found)));
  if (pane.action === "window") pane.windowFrom = { point, window: view.prefs.window ?? found.grey.window };
  if (pane.action === "cross") moveCross(view, pane, toPixel(viewOf(view, pane, found), point, aspectOf(found)));
}

function chooseAction(view, pane, event, point) {
  const main = event.button === 0;
  if (pane.name === "swipe" && main && Math.abs(point.x - view.prefs.divider * pane.width) < NEAR) return "divide";
  if (view.edit && pane.name === "mine" && main) return "edit";
  if (pane.name.startsWith("plane") && main) return "cross";
  if (event.button === 2 && view.current.grey && !view.edit) return "window";
  return "pan";
}

function handMove(view, pane, event) {
  const found = shownIn(view, pane);
  if (!found) return;
  const point = pointIn(pane, event);
  const geometry = viewOf(view, pane, found);
  view.cursor = { pane, pixel: toPixel(geometry, point, aspectOf(found)) };
  const before = pane.hands.get(event.pointerId);
  if (before) {
    if (pane.action === "pinch") pinch(view, pane, found, event.pointerId, point);
    if (pane.action === "pan") setView(view, pane, panView(geometry, extentOf(found), pane, point.x - before.x, point.y - before.y));
    if (pane.action === "divide") setPref(view, "divider", Math.min(1, Math.max(0, point.x / pane.width)));
    if (pane.action === "window") dragWindow(view, pane, found, point);
    if (pane.action === "edit") toolMove(view, toPixel(geometry, point, aspectOf(found)));
    if (pane.action === "cross") moveCross(view, pane, view.cursor.pixel);
    pane.hands.set(event.pointerId, point);
  }
  refresh(view);
}

function handUp(view, pane, event) {
  pane.hands.delete(event.pointerId);
  if (pane.action === "edit") toolUp(view);
  if (!pane.hands.size) pane.action = null;
  refresh(view);
}

function pinch(view, pane, found, id, point) {
  const other = [...pane.hands].find(([key]) => key !== id)?.[1];
  const before = pane.hands.get(id);
  if (!other) return;
  const apart = (a, b) => Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
  const middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
  const moved = panView(viewOf(view, pane, found), extentOf(found), pane, (point.x - before.x) / 2, (point.y - before.y) / 2);
  setView(view, pane, zoomView(moved, extentOf(found), pane, middle, apart(point, other) / apart(before, other)));
}

/** As on a workstation: sideways is contrast, up and down is brightness. */
function dragWindow(view, pane, found, point) {
  const { point: start, window: [low, high] } = pane.windowFrom;
  const width = Math.max(found.grey.step, (high - low) * Math.exp((point.x - start.x) / 200));
  const level = (low + high) / 2 + ((point.y - start.y) / 300) * (high - low);
  setPref(view, "window", [level - width / 2, level + width / 2]);
}
