// Per class: the share now (bar in the class's colour), the original (thin tick) and the target (bold tick).
// Images and pixels are never on one axis: each has a panel. Shares of pixels lie on a square-root axis with ticks,
// because a lesion covers a thousandth of what an organ does.

const ROW = 24;
const TALL = 24 + 20 * ROW; // what a panel shows at most; more classes scroll
const NAME = 128;
const VALUES = 112;
const PIXEL_TICKS = [1e-5, 1e-4, 1e-3, 0.01, 0.03, 0.1, 0.2, 0.4, 0.7, 1];

/** A panel with its heading; made anew when what is balanced changes. */
function buildPanel(parent, width, panel, save) {
  const root = document.createElement("section");
  const heading = document.createElement("h2");
  heading.textContent = panel.title;
  const room = document.createElement("div");
  room.className = "cp-scroll";
  room.style.maxHeight = `${TALL + 30}px`;
  const more = document.createElement("p");
  more.className = "cp-part-more cp-muted";
  const tools = document.createElement("div");
  tools.className = "cp-tools";
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: "Save as SVG" });
  button.setAttribute("aria-label", `Save as SVG: ${panel.title}`);
  tools.append(button);
  root.append(heading, room, more, tools);
  parent.append(root);
  const view = { more, width, rows: [], shown: "", svg: chart(room, "cp-bars", width, ROW, panel.title) };
  button.onclick = () => save(view.svg, panel.of_pixels ? "pixels" : "bars");
  return view;
}

function barScale(view, panel) {
  const room = view.width - NAME - VALUES;
  if (!panel.of_pixels) return (share) => NAME + room * share;
  return (share) => NAME + room * Math.sqrt(Math.min(1, share / panel.top));
}

/** Rows, ticks and names; called when classes or targets change. */
function layBars(view, panel) {
  const key = JSON.stringify(panel);
  if (view.shown === key) return;
  view.shown = key;
  view.panel = panel;
  const height = 24 + ROW * panel.classes.length + (panel.of_pixels ? 20 : 0);
  place(view.svg, { height, viewBox: `0 0 ${view.width} ${height}` });
  view.svg.replaceChildren();
  view.more.textContent = panel.more;
  const x = barScale(view, panel);
  if (panel.of_pixels) drawPixelAxis(view, panel, x, height);
  drawBarKey(view, x);
  view.rows = panel.classes.map((item, n) => {
    const top = 24 + ROW * n;
    fitted(draw(view.svg, "text", { x: NAME - 10, y: top + 16, "text-anchor": "end" }), item.name, NAME - 12);
    draw(view.svg, "rect", { class: "cp-track", x: x(0), y: top + 6, width: view.width - VALUES - x(0), height: 12 });
    const bar = draw(view.svg, "path", { class: "cp-bar", fill: item.colour });
    draw(view.svg, "path", { class: "cp-original", d: `M${x(item.original)},${top + 3}v18` });
    draw(view.svg, "path", { class: "cp-target", d: `M${x(item.target)},${top + 2}v20` });
    const value = draw(view.svg, "text", { class: "cp-value", x: view.width, y: top + 16, "text-anchor": "end" });
    const hover = draw(view.svg, "rect", { class: "cp-hover", x: 0, y: top, width: view.width, height: ROW });
    return { item, bar, value, top, note: draw(hover, "title") };
  });
}

function drawPixelAxis(view, panel, x, height) {
  const grid = draw(view.svg, "g", { class: "cp-grid" });
  let last = -Infinity;
  for (const share of [0, ...PIXEL_TICKS.filter((tick) => tick <= panel.top)]) {
    if (x(share) - last < 44) continue;
    last = x(share);
    draw(grid, "path", { d: `M${last},20V${height - 18}` });
    draw(grid, "text", { x: last, y: height - 4, "text-anchor": share ? "middle" : "start" },
      `${Number((100 * share).toPrecision(2))} %`);
  }
  draw(grid, "text", { x: view.width, y: height - 4, "text-anchor": "end" }, "√ scale");
}

function drawBarKey(view, x) {
  const y = 12;
  let at = view.width < 460 ? 2 : x(0); // on a phone the names' column is needed too
  for (const [name, label] of [["cp-original", "original"], ["cp-target", "target"]]) {
    draw(view.svg, "path", { class: name, d: `M${at + 3},${y - 9}v12` });
    draw(view.svg, "text", { class: "cp-muted", x: at + 10, y }, label);
    at += 74;
  }
  draw(view.svg, "rect", { class: "cp-key", x: at, y: y - 8, width: 14, height: 9 });
  draw(view.svg, "text", { class: "cp-muted", x: at + 20, y }, "now");
  draw(view.svg, "text", { class: "cp-muted", x: view.width, y, "text-anchor": "end" }, "now → target");
}

function drawBars(view, shares) {
  const { panel } = view;
  const x = barScale(view, panel);
  const of = panel.of_pixels ? "of the pixels" : "of the images";
  for (const { item, bar, value, top, note } of view.rows) {
    const share = shares[item.index];
    bar.setAttribute("d", `M${x(0)},${top + 6}H${x(share).toFixed(2)}v12H${x(0)}z`);
    value.textContent = `${shareText(panel, share)} → ${shareText(panel, item.target)}`;
    const miss = Math.abs(share - item.target);
    note.textContent = `${item.name}: originally ${shareText(panel, item.original)} ${of}, now ${shareText(panel, share)}, ` +
      `target ${shareText(panel, item.target)}; ${panel.of_pixels ? pixelPoints(miss) : (100 * miss).toFixed(1)} percentage points off`;
  }
}
