// Distance to the target against effective sample size: proved optima over γ, from which a person takes one by a click,
// or with the arrow keys and Enter. Nothing lies below the curve.

const PLOT = { left: 56, right: 20, top: 18, bottom: 42, height: 330 };

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".cp-tradeoff");
  const view = root.view ?? (root.view = buildView(root));
  view.take = () => view.aim !== null && setTriggerValue("take", { place: view.aim, at: Date.now() });
  view.data = data;
  view.aim = null;
  drawTrade(view);
  view.watch.observe(root);
  return () => view.watch.disconnect();
}

function buildView(root) {
  const view = { root, reading: root.querySelector(".cp-trade-reading"), aim: null };
  view.watch = new ResizeObserver(() => {
    if (root.clientWidth && Math.abs(root.clientWidth - view.width) >= 8) drawTrade(view);
  });
  root.querySelector("button[data-save]").onclick = () => saveSvg(view.svg, `${view.data.file}_tradeoff.svg`);
  return view;
}

function tradeScale(view) {
  const { low, high, top } = view.data.axes;
  const inner = view.width - PLOT.left - PLOT.right;
  const tall = PLOT.height - PLOT.top - PLOT.bottom;
  return {
    x: (ess) => PLOT.left + inner * (ess - low) / (high - low),
    y: (distance) => PLOT.top + tall * (1 - distance / top),
  };
}

function drawTrade(view) {
  const hadFocus = view.svg && view.root.getRootNode().activeElement === view.svg;
  view.width = Math.max(320, Math.round(view.root.clientWidth || 720));
  const part = view.root.querySelector(".cp-part-trade");
  part.replaceChildren();
  view.svg = chart(part, "cp-trade", view.width, PLOT.height, view.data.label);
  place(view.svg, { tabindex: 0, role: "application" });
  const scale = tradeScale(view);
  view.scale = scale;
  drawTradeAxes(view, scale);
  const { points, current } = view.data;
  const path = points.map(({ ess, distance }, i) => `${i ? "L" : "M"}${scale.x(ess).toFixed(1)},${scale.y(distance).toFixed(1)}`);
  draw(view.svg, "path", { class: "cp-trade-line", d: path.join("") });
  view.dots = points.map(({ ess, distance }) =>
    draw(view.svg, "circle", { class: "cp-trade-dot", cx: scale.x(ess), cy: scale.y(distance), r: 3.5 }));
  drawEnds(view, scale, points);
  drawNow(view, scale, current);
  listen(view);
  readAim(view);
  if (hadFocus && view.byKey) view.svg.focus({ preventScroll: true });
}

function drawTradeAxes(view, { x, y }) {
  const { axes } = view.data;
  const grid = draw(view.svg, "g", { class: "cp-grid" });
  const right = view.width - PLOT.right;
  const bottom = PLOT.height - PLOT.bottom;
  for (const tick of axes.y_ticks) {
    draw(grid, "path", { d: `M${PLOT.left},${y(tick.at)}H${right}` });
    draw(grid, "text", { x: PLOT.left - 8, y: y(tick.at) + 4, "text-anchor": "end" }, tick.text);
  }
  for (const tick of axes.x_ticks) {
    draw(grid, "path", { d: `M${x(tick.at)},${bottom}v4` });
    draw(grid, "text", { x: x(tick.at), y: bottom + 17, "text-anchor": "middle" }, tick.text);
  }
  draw(grid, "text", { x: right, y: PLOT.height - 6, "text-anchor": "end" }, axes.x_title);
  draw(grid, "text", { x: 0, y: 11 }, axes.y_title);
}

/** Both ends are proved too. The room right of and below the curve is always free: the near end's words stand there. */
function drawEnds(view, { x, y }, points) {
  const [first, last] = [points[0], points[points.length - 1]];
  const right = view.width - PLOT.right;
  const floor = PLOT.height - PLOT.bottom;
  draw(view.svg, "path", { class: "cp-trade-least", d: `M${x(first.ess)},${y(first.distance)}H${right}` });
  const under = floor - y(first.distance) > 20;
  const words = draw(view.svg, "text", { class: "cp-muted", x: right, y: y(first.distance) + (under ? 15 : -6), "text-anchor": "end" });
  fitted(words, view.data.near_end, right - x(first.ess) - 60);
  draw(view.svg, "text", { class: "cp-muted", x: x(last.ess) - 10, y: y(last.distance) + 4, "text-anchor": "end" }, view.data.far_end);
}

/** Left of and above the curve is free too. */
function drawNow(view, { x, y }, current) {
  const [at, to] = [x(current.ess), y(current.distance)];
  draw(view.svg, "path", { class: "cp-trade-guide", d: `M${at},${PLOT.height - PLOT.bottom}V${to}H${PLOT.left}` });
  draw(view.svg, "circle", { class: "cp-trade-now", cx: at, cy: to, r: 7 });
  const fits = at - PLOT.left > 110;
  draw(view.svg, "text", { class: "cp-now-label", x: at + (fits ? -6 : 12), y: to - 12, "text-anchor": fits ? "end" : "start" },
    current.label);
}

function listen(view) {
  view.svg.addEventListener("pointermove", (event) => aimAt(view, nearest(view, event)));
  view.svg.addEventListener("pointerleave", () => aimAt(view, null));
  view.svg.addEventListener("click", (event) => {
    view.byKey = false;
    aimAt(view, nearest(view, event));
    view.take();
  });
  view.svg.addEventListener("keydown", (event) => {
    view.byKey = true;
    const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
    if (event.key === "Enter") view.take();
    if (!way) return;
    event.preventDefault();
    const from = view.aim ?? view.data.current.place;
    aimAt(view, Math.min(view.data.points.length - 1, Math.max(0, from + way)));
  });
}

function nearest(view, event) {
  const box = view.svg.getBoundingClientRect();
  const zoom = view.width / box.width;
  const [px, py] = [(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom];
  const far = view.data.points.map(({ ess, distance }) => Math.hypot(view.scale.x(ess) - px, view.scale.y(distance) - py));
  return far.indexOf(Math.min(...far));
}

function aimAt(view, aim) {
  if (view.aim === aim) return;
  view.dots[view.aim]?.classList.remove("cp-aim");
  view.aim = aim;
  view.dots[aim]?.classList.add("cp-aim");
  readAim(view);
}

function readAim(view) {
  const { points, current } = view.data;
  view.reading.textContent = view.aim === null ? current.words : `${points[view.aim].words} Click or Enter takes it.`;
}
