// Copies per combination: which classes a label vector holds (squares in class colours), images before, copies now.

const GROUP_ROW = 22;

function buildGroups(parent, width) {
  const svg = chart(parent, "cp-groups", width, GROUP_ROW, "Copies per combination of classes");
  return { svg, width, shown: "" };
}

function drawGroups(view, groups, colours) {
  const key = JSON.stringify([groups, colours]);
  if (view.shown === key) return;
  view.shown = key;
  const height = 24 + GROUP_ROW * groups.length;
  place(view.svg, { height, viewBox: `0 0 ${view.width} ${height}` });
  view.svg.replaceChildren();
  const squares = colours.length <= 20;
  const head = squares ? Math.max(92, 13 * colours.length + 14) : 220;
  const most = Math.max(1, ...groups.map((group) => Math.max(group.images, group.copies)));
  const scale = (count) => head + (view.width - head - VALUES) * (count / most);
  draw(view.svg, "text", { class: "cp-muted", x: 0, y: 12 }, "combination");
  const legend = draw(view.svg, "text", { class: "cp-muted", x: head, y: 12 });
  fitted(legend, "whole copies (tick: images before)", view.width - head - VALUES);
  draw(view.svg, "text", { class: "cp-muted", x: view.width, y: 12, "text-anchor": "end" }, "images → copies");
  groups.forEach((group, n) => drawGroup(view, group, { top: 24 + GROUP_ROW * n, head, scale, squares, colours }));
}

function drawGroup(view, group, { top, head, scale, squares, colours }) {
  if (squares) {
    colours.forEach((colour, i) => draw(view.svg, "rect", {
      class: group.holds[i] ? "cp-holds" : "cp-lacks", fill: group.holds[i] ? colour : "none",
      x: 13 * i, y: top + 6, width: 10, height: 10, rx: 2,
    }));
  } else {
    fitted(draw(view.svg, "text", { x: 0, y: top + 15 }), group.name, head - 10);
  }
  draw(view.svg, "path", { class: "cp-copies", d: `M${head},${top + 5}H${scale(group.copies).toFixed(1)}v12H${head}z` });
  draw(view.svg, "path", { class: "cp-original", d: `M${scale(group.images).toFixed(1)},${top + 2}v18` });
  draw(view.svg, "text", { class: "cp-value", x: view.width, y: top + 15, "text-anchor": "end" },
    `${group.images} → ${group.copies}`);
  const hover = draw(view.svg, "rect", { class: "cp-hover", x: 0, y: top, width: view.width, height: GROUP_ROW });
  draw(hover, "title", {}, `${group.name}: ${group.images} images, ${group.copies} copies`);
}
