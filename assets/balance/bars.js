// Per class: the share now (bar in the class's colour), the original (thin tick) and the target (bold tick).

const ROW = 24;
const NAME = 128;
const VALUES = 112;

function buildBars(parent, width) {
  const svg = chart(parent, "cp-bars", width, ROW, "Share of images per class: original, now, target");
  return { svg, width, rows: [], shown: "" };
}

function barScale(view) {
  const room = view.width - NAME - VALUES;
  return (share) => NAME + room * share;
}

/** Rows, ticks and names; called when classes or targets change. */
function layBars(view, classes) {
  const key = JSON.stringify(classes);
  if (view.shown === key) return;
  view.shown = key;
  const height = 24 + ROW * classes.length;
  place(view.svg, { height, viewBox: `0 0 ${view.width} ${height}` });
  view.svg.replaceChildren();
  const x = barScale(view);
  drawBarKey(view, x);
  view.rows = classes.map((item, n) => {
    const top = 24 + ROW * n;
    fitted(draw(view.svg, "text", { x: NAME - 10, y: top + 16, "text-anchor": "end" }), item.name, NAME - 12);
    draw(view.svg, "rect", { class: "cp-track", x: x(0), y: top + 6, width: x(1) - x(0), height: 12 });
    const bar = draw(view.svg, "path", { class: "cp-bar", fill: item.colour });
    draw(view.svg, "path", { class: "cp-original", d: `M${x(item.original)},${top + 3}v18` });
    draw(view.svg, "path", { class: "cp-target", d: `M${x(item.target)},${top + 2}v20` });
    const value = draw(view.svg, "text", { class: "cp-value", x: view.width, y: top + 16, "text-anchor": "end" });
    const hover = draw(view.svg, "rect", { class: "cp-hover", x: 0, y: top, width: view.width, height: ROW });
    return { item, bar, value, top, note: draw(hover, "title") };
  });
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
  const x = barScale(view);
  view.rows.forEach(({ item, bar, value, top, note }, n) => {
    const share = shares[n];
    bar.setAttribute("d", `M${x(0)},${top + 6}H${x(share).toFixed(2)}v12H${x(0)}z`);
    value.textContent = `${percent(share)} → ${percent(item.target)}`;
    const miss = 100 * Math.abs(share - item.target);
    note.textContent = `${item.name}: originally in ${percent(item.original)} of the images, now ${percent(share)}, ` +
      `target ${percent(item.target)}; ${miss.toFixed(1)} percentage points off`;
  });
}
