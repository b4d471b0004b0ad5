// The viewer: one object holds everything that it knows, and it outlives the page's runs.

function mountViewer({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cp-viewer");
  const view = root.view ?? (root.view = buildViewer(root));
  view.emit = (event) => setTriggerValue("event", event);
  receive(view, data);
  const stopKeys = listenToKeys(view);
  const line = setInterval(() => watchLine(view), 1000);
  const seen = () => followTab(view);
  view.watch.observe(view.stage);
  document.addEventListener("visibilitychange", seen);
  return () => {
    stopKeys();
    clearInterval(line);
    view.watch.disconnect();
    document.removeEventListener("visibilitychange", seen);
  };
}

function buildViewer(root) {
  const part = (name) => root.querySelector(`.cp-part-${name}`);
  const view = {
    root, stage: part("stage"), sample: part("sample"), state: part("state"), alert: part("alert"), readout: part("readout"),
    head: null, current: null, pending: null, edit: null, problem: "", notice: "", about: null,
    cases: new Map(), decoding: new Set(), tries: new Map(), planes: new Map(), planesDecoding: new Set(), lastPlanes: [],
    panes: [], geometry: null, cursor: null, hidden: false, drawing: false, dwelt: false, editions: 0,
    since: performance.now(), away: 0, leftAt: null, shown: [], colours: [],
    prefs: { mode: "prediction", drawing: "both", opacity: 0.3, heat: "none", window: null, divider: 0.5 },
  };
  view.side = buildSide(view);
  view.bar = buildBar(view);
  view.tools = buildTools(view);
  part("side").append(view.side.box);
  part("bar").append(view.bar.panel, view.bar.row, view.tools.row);
  part("zoom").append(
    keyButton("−", "", () => zoomBy(view, 0.8), { ariaLabel: "Zoom out" }), keyButton("+", "", () => zoomBy(view, 1.25), { ariaLabel: "Zoom in" }),
    keyButton("Fit", "0", () => fitAll(view)), keyButton("1:1", "", () => showOneToOne(view)));
  view.watch = new ResizeObserver(() => relay(view));
  return view;
}

/** Another case is in sight, with the view and the settings of the last one. */
function showCase(view, found) {
  const before = view.current;
  const [pane] = view.panes;
  if (before && pane?.width && !pane.name.startsWith("plane")) {
    view.geometry = carryView(view.geometry ?? fitView(extentOf(before), pane), extentOf(before), extentOf(found), pane);
  }
  if (before?.position !== found.position) {
    const leftAt = document.hidden ? performance.now() : null;
    Object.assign(view, { about: null, notice: "", askedForDraft: false, since: performance.now(), away: 0, leftAt, dwelt: false });
    view.prefs.window = sameDepth(before, found) ? view.prefs.window : null;
    view.side.comment.value = "";
  }
  Object.assign(view, { current: found, edit: null, maskSeen: view.head.mask_seen });
  if (hasDraft(view)) view.notice = "You have not saved your correction of this case; E goes on with it.";
  view.bar.panel.hidden = true;
  relay(view);
  requestAnimationFrame(() => requestAnimationFrame(() => { view.root.dataset.painted = found.position; }));
}

function sameDepth(before, found) {
  return Boolean(before?.grey && found.grey && before.image.depth === found.image.depth);
}

function followTab(view) {
  if (document.hidden) view.leftAt ??= performance.now();
  else if (view.leftAt !== null) {
    view.away += performance.now() - view.leftAt;
    view.leftAt = null;
  }
}

/** Lay the panes and the controls, then draw. */
function relay(view) {
  if (!view.head) return;
  if (view.current) layPanes(view);
  showSide(view);
  showTools(view);
  showState(view);
  refresh(view);
}

/** Draw once before the next frame, however often it is asked for. */
function refresh(view) {
  if (view.drawing) return;
  view.drawing = true;
  requestAnimationFrame(() => {
    view.drawing = false;
    if (!view.current) return;
    for (const pane of view.panes) if (pane.width && pane.height) drawPane(view, pane);
    const found = view.cursor && shownIn(view, view.cursor.pane);
    setText(view.readout, found ? readoutWords(view, found, view.cursor.pixel) : "");
  });
}

window.counterpoiseViewer = mountViewer;
window.dispatchEvent(new CustomEvent("counterpoise:viewer"));

export default function () {}
