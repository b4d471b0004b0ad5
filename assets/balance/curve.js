// F, L and γ·RL against the step, on a log axis, with the proved optimum and the marks of what a person changed.
// Steps lie on a square-root axis that ends at the step limit: it never moves, and the first steps have room.

const CURVES = [
  { key: "objective", label: "F = L + γ·RL" },
  { key: "distance", label: "L, distance" },
  { key: "penalty", label: "γ·RL, drift" },
];
const BOX = { left: 52, right: 118, top: 26, bottom: 34 };
const STEP_TICKS = [0, 10, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000];

function buildCurve(parent, width, height) {
  const svg = chart(parent, "cp-curve", width, height, "Objective, distance and drift against the step");
  const grid = draw(svg, "g", { class: "cp-grid" });
  const optimum = draw(svg, "path", { class: "cp-optimum" });
  const paths = CURVES.map(({ key }) => draw(svg, "path", { class: `cp-line cp-${key}` }));
  const marks = draw(svg, "g", { class: "cp-marks" });
  const head = draw(svg, "circle", { class: "cp-head", r: 3.5 });
  const labels = [...CURVES.map(({ key, label }) => draw(svg, "text", { class: `cp-label cp-${key}` }, label)),
    draw(svg, "text", { class: "cp-label cp-muted" }, "proved optimum")];
  const cursor = draw(svg, "path", { class: "cp-cursor" });
  const reading = draw(svg, "text", { class: "cp-reading", x: BOX.left, y: 13 });
  const view = { svg, width, height, grid, marks, optimum, paths, head, labels, cursor, reading, frame: "" };
  svg.addEventListener("pointermove", (event) => readCurve(view, event));
  svg.addEventListener("pointerleave", () => { cursor.setAttribute("d", ""); reading.textContent = ""; });
  return view;
}

function curveScale(view, axes) {
  const inner = view.width - BOX.left - BOX.right;
  const tall = view.height - BOX.top - BOX.bottom;
  return {
    x: (step) => BOX.left + inner * Math.sqrt(Math.min(step, axes.steps) / axes.steps),
    y: (log) => BOX.top + tall * Math.min(1, Math.max(0, (axes.high - log) / (axes.high - axes.low))),
  };
}

function drawAxes(view, axes, scale) {
  const frame = JSON.stringify(axes);
  if (view.frame === frame) return;
  view.frame = frame;
  view.grid.replaceChildren();
  const right = view.width - BOX.right;
  const bottom = view.height - BOX.bottom;
  for (const log of logTicks(axes)) {
    const y = scale.y(log);
    draw(view.grid, "path", { d: `M${BOX.left},${y}H${right}` });
    if (Number.isInteger(log) && (log < -3 || log > 3)) {
      const tick = draw(view.grid, "text", { x: BOX.left - 8, y: y + 4, "text-anchor": "end" }, "10");
      draw(tick, "tspan", { dy: -5, "font-size": 9 }, String(log).replace("-", "−"));
    } else {
      draw(view.grid, "text", { x: BOX.left - 8, y: y + 4, "text-anchor": "end" }, significant(10 ** log));
    }
  }
  let last = -Infinity;
  for (const step of [...STEP_TICKS.filter((tick) => tick < axes.steps), axes.steps]) {
    const x = scale.x(step);
    if (x - last < 38 || (step !== axes.steps && scale.x(axes.steps) - x < 38)) continue;
    draw(view.grid, "text", { x, y: bottom + 15, "text-anchor": "middle" }, step.toLocaleString("en").replace(/,/g, "\u202f"));
    last = x;
  }
  draw(view.grid, "path", { d: `M${BOX.left},${bottom}H${right}` });
  draw(view.grid, "text", { x: right, y: bottom + 30, "text-anchor": "end", class: "cp-muted" },
    view.width < 520 ? "step (square-root scale)" : "step of the descent (square-root scale; ends at the step limit)");
}

/** Whole powers of ten; 2 and 5 between them where the axis is short. */
function logTicks(axes) {
  const every = Math.ceil((axes.high - axes.low) / 6);
  const digits = axes.high - axes.low < 1.7 ? [1, 2, 5] : [1];
  const ticks = [];
  for (let power = Math.floor(axes.low); power <= axes.high; power += every) {
    ticks.push(...digits.map((digit) => (digit === 1 ? power : power + Math.log10(digit))));
  }
  return ticks.filter((log) => log >= axes.low && log <= axes.high);
}

/** Draw the part of the curves up to `step`. */
function drawCurve(view, data, step) {
  const scale = curveScale(view, data.axes);
  drawAxes(view, data.axes, scale);
  const steps = data.curve.step;
  let end = steps.length;
  while (end > 1 && steps[end - 1] > step) end -= 1;
  view.scale = scale; view.data = data; view.end = end;
  CURVES.forEach(({ key }, i) => view.paths[i].setAttribute("d", line(steps, data.curve[key], end, scale)));
  view.optimum.setAttribute("d", level(steps, data.curve.optimum, end, scale, view.width - BOX.right));
  const x = scale.x(steps[end - 1]);
  const log = data.curve.objective[end - 1];
  place(view.head, { cx: x, cy: scale.y(log), visibility: log === null ? "hidden" : "visible" });
  drawLabels(view, data, end, scale);
  drawMarks(view, data.marks.filter((mark) => mark.step <= step), scale);
}

function line(steps, logs, end, scale) {
  let path = "";
  let pen = "M";
  for (let i = 0; i < end; i += 1) {
    if (logs[i] === null) { pen = "M"; continue; }
    path += `${pen}${scale.x(steps[i]).toFixed(1)},${scale.y(logs[i]).toFixed(2)}`;
    pen = "L";
  }
  return path;
}

/** The optimum holds between changes: a staircase, drawn on to the right edge. */
function level(steps, logs, end, scale, right) {
  let path = "";
  let held = null;
  for (let i = 0; i < end; i += 1) {
    if (logs[i] === null || logs[i] === held) continue;
    const x = scale.x(steps[i]).toFixed(1);
    const y = scale.y(logs[i]).toFixed(1);
    path += held === null ? `M${x},${y}` : `H${x}V${y}`;
    held = logs[i];
  }
  return path && `${path}H${right}`;
}

function drawLabels(view, data, end, scale) {
  const keys = [...CURVES.map(({ key }) => key), "optimum"];
  const logs = keys.map((key) => data.curve[key][end - 1]);
  logs.forEach((log, i) => view.labels[i].setAttribute("visibility", log === null ? "hidden" : "visible"));
  const spots = logs.map((log, i) => ({ i, y: scale.y(log) })).filter(({ i }) => logs[i] !== null);
  spots.sort((a, b) => a.y - b.y);
  const bottom = view.height - BOX.bottom;
  spots.forEach((spot, n) => { spot.y = Math.max(spot.y, n ? spots[n - 1].y + 15 : BOX.top); });
  for (let n = spots.length - 1; n >= 0; n -= 1) {
    spots[n].y = Math.min(spots[n].y, n < spots.length - 1 ? spots[n + 1].y - 15 : bottom);
  }
  for (const { i, y } of spots) place(view.labels[i], { x: view.width - BOX.right + 8, y: y + 4 });
}

/** A line a change; its words stand where they cross no others, the latest first: of many, some have a tooltip only. */
function drawMarks(view, marks, scale) {
  const key = view.frame + JSON.stringify(marks);
  if (view.marked === key) return;
  view.marked = key;
  view.marks.replaceChildren();
  const rows = [[], [], []];
  for (const mark of [...marks].reverse()) {
    const x = scale.x(mark.step);
    const words = `Step ${mark.step}: ${mark.text}`;
    const path = draw(view.marks, "path", { class: "cp-mark", d: `M${x},${BOX.top}V${view.height - BOX.bottom}` });
    draw(path, "title", {}, words);
    const left = x < view.width * 0.55;
    const text = draw(view.marks, "text", { x: left ? x + 4 : x - 4, "text-anchor": left ? "start" : "end" });
    fitted(text, mark.text, 190);
    const width = text.getComputedTextLength() + 12;
    const [from, to] = left ? [x, x + width] : [x - width, x];
    const row = rows.findIndex((spans) => spans.every((span) => to < span.from || span.to < from));
    if (row < 0) {
      text.remove();
      continue;
    }
    rows[row].push({ from, to });
    place(text, { y: BOX.top + 10 + 14 * row });
    draw(text, "title", {}, words);
  }
}

function readCurve(view, event) {
  if (!view.data) return;
  const x = (event.clientX - view.svg.getBoundingClientRect().left) * (view.width / view.svg.clientWidth);
  const { curve } = view.data;
  let nearest = 0;
  for (let i = 1; i < view.end; i += 1) {
    if (Math.abs(view.scale.x(curve.step[i]) - x) < Math.abs(view.scale.x(curve.step[nearest]) - x)) nearest = i;
  }
  const at = (key) => (curve[key][nearest] === null ? "0" : significant(10 ** curve[key][nearest]));
  const cursor = view.scale.x(curve.step[nearest]);
  view.cursor.setAttribute("d", `M${cursor},${BOX.top}V${view.height - BOX.bottom}`);
  view.reading.textContent = `Step ${curve.step[nearest]}: F ${at("objective")} = L ${at("distance")} + γ·RL ` +
    `${at("penalty")}; the best possible is ${at("optimum")}`;
}
