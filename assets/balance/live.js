// The live pictures of the balance page. The browser asks for states when it has nearly drawn those it has, so a slow
// machine gets fewer requests and not a backlog; every frame is a true state of the descent, none is interpolated.

const FRAME = 75; // milliseconds between two drawn states
const MOST_FRAMES = 12;
const PATIENCE = 3000; // milliseconds after which a request is taken for lost

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cp-live");
  const view = root.view ?? (root.view = buildView(root));
  view.ask = (frames) => setTriggerValue("frame", { frames, at: Date.now() });
  receive(view, data);
  view.watch.observe(root);
  window.addEventListener("counterpoise:running", view.hear);
  return () => {
    stopView(view);
    view.watch.disconnect();
    window.removeEventListener("counterpoise:running", view.hear);
  };
}

/** The controls know of a pause before the next states arrive: stop at once, and ask only where it came to rest. */
function hearRunning(view, running) {
  if (running || !view.timer) return;
  view.queue = [];
  stopView(view);
  view.ask(1);
}

/** Another width: the charts are built anew, and show what they showed. */
function fit(view) {
  const width = Math.max(320, Math.round(view.root.clientWidth));
  if (!view.root.clientWidth || Math.abs(width - view.width) < 8) return;
  for (const name of ["curve", "groups"]) view.root.querySelector(`.cp-part-${name}`).replaceChildren();
  Object.assign(view, buildCharts(view.root, width));
  if (view.frame) { layPanels(view, view.data.panels); drawFrame(view, view.frame); }
}

function buildCharts(root, width) {
  const part = (name) => root.querySelector(`.cp-part-${name}`);
  return { width, curve: buildCurve(part("curve"), width, 250), groups: buildGroups(part("groups"), width), panels: [] };
}

/** The bars of images, of pixels, or of both. */
function layPanels(view, panels) {
  const kinds = panels.map(({ title }) => title).join();
  if (!view.panels.length || view.kinds !== kinds) {
    view.kinds = kinds;
    const parent = view.root.querySelector(".cp-part-panels");
    parent.replaceChildren();
    const save = (svg, name) => saveSvg(svg, `${view.data.file}_${name}.svg`);
    view.panels = panels.map((panel) => buildPanel(parent, view.width, panel, save));
  }
  panels.forEach((panel, n) => layBars(view.panels[n], panel));
}

function buildView(root) {
  const part = (name) => root.querySelector(`.cp-part-${name}`);
  const view = {
    root, state: part("state"), numbers: part("numbers"), note: part("note"),
    ...buildCharts(root, Math.max(320, Math.round(root.clientWidth || 640))),
    queue: [], batch: null, asked: 0, want: 4, timer: null,
  };
  view.watch = new ResizeObserver(() => fit(view));
  view.hear = (event) => hearRunning(view, event.detail);
  root.querySelectorAll("button[data-save]").forEach((button) => {
    button.onclick = () => saveSvg(view[button.dataset.save].svg, `${view.data.file}_${button.dataset.save}.svg`);
  });
  root.querySelector("button[data-csv]").onclick = () => saveCurve(view.data);
  return view;
}

function receive(view, data) {
  view.data = data;
  layPanels(view, data.panels);
  if (data.batch !== view.batch) {
    view.batch = data.batch;
    view.want = wanted(view);
    view.asked = 0;
    if (view.changes !== data.changes) view.queue = []; // what was asked for before the change is no longer awaited
    view.changes = data.changes;
    view.queue.push(...data.frames);
  } else {
    view.queue = data.frames.slice(-1);
  }
  if (!data.running) view.queue = data.frames.slice(-1);
  if (!data.running || !view.timer) drawNext(view);
  if (data.running && !view.timer) view.timer = setInterval(() => drawNext(view), FRAME);
}

/** As many states as are drawn while the next batch is on its way. */
function wanted(view) {
  const late = view.asked ? (performance.now() - view.asked) / FRAME : 2;
  return Math.min(MOST_FRAMES, Math.max(2, Math.round(0.5 * view.want + 0.5 * (late + 2))));
}

function drawNext(view) {
  const frame = view.queue.shift();
  if (frame) drawFrame(view, frame);
  if (!view.data.running) { stopView(view); return; }
  const waiting = view.asked && performance.now() - view.asked < PATIENCE;
  if (view.queue.length <= view.want / 2 && !waiting) {
    view.asked = performance.now();
    view.ask(view.want);
  }
}

function stopView(view) {
  clearInterval(view.timer);
  view.timer = null;
}

function drawFrame(view, frame) {
  const { data } = view;
  view.frame = frame;
  drawCurve(view.curve, data, frame.step);
  view.panels.forEach((panel) => drawBars(panel, frame.shares));
  drawGroups(view.groups, data.groups, data.colours);
  setText(view.state, `${data.line} · step ${frame.step.toLocaleString("en").replace(/,/g, "\u202f")} · ${frame.words}`);
  setText(view.note, data.note);
  drawNumbers(view, data.numbers);
  if (!data.running) view.curve.svg.setAttribute("aria-label", `Objective, distance and drift against the step. ${view.state.textContent}`);
  window.dispatchEvent(new CustomEvent("counterpoise:shares", { detail: frame.shares }));
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function drawNumbers(view, numbers) {
  while (view.numbers.children.length > numbers.length) view.numbers.lastChild.remove();
  view.numbers.style.setProperty("--columns", numbers.length > 6 ? 4 : numbers.length); // seven are two rows
  while (view.numbers.children.length < numbers.length) {
    const cell = document.createElement("div");
    cell.className = "cp-number";
    cell.append(document.createElement("b"), document.createElement("span"), document.createElement("button"));
    cell.lastChild.textContent = "?";
    cell.lastChild.type = "button";
    view.numbers.append(cell);
  }
  numbers.forEach(({ value, label, help }, n) => {
    const [bold, span, button] = view.numbers.children[n].children;
    setText(bold, value);
    setText(span, label);
    button.dataset.help = help;
    button.setAttribute("aria-label", `${label}: ${help}`);
  });
}

function saveCurve({ curve, file }) {
  const value = (log) => (log === null ? "0" : (10 ** log).toPrecision(6));
  const rows = curve.step.map((step, i) =>
    [step, ...["objective", "distance", "penalty", "optimum"].map((key) => value(curve[key][i]))].join(","));
  saveText(["step,F,L,gamma_RL,optimum", ...rows].join("\n"), "text/csv", `${file}_curve.csv`);
}
