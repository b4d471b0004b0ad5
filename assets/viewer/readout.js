// Marks over the image in screen pixels: scale bar, divider, brush, the cursor in linked panes; and the value in words.

function drawMarks(draw) {
  const { view, pane, found } = draw;
  drawScale(draw, scaleBar(draw.geometry, found.spacing, Math.min(120, pane.width / 3)));
  if (pane.name === "swipe") drawDivider(draw);
  if (pane.name.startsWith("plane")) drawCross(draw);
  if (view.edit && pane.name === "mine") drawTool(draw);
  else if (view.cursor && view.cursor.pane !== pane && !pane.name.startsWith("plane")) drawLinkedCursor(draw);
}

function drawScale({ context, pane }, bar) {
  if (!bar) return;
  const [right, bottom] = [pane.width - 12, pane.height - 12];
  const line = () => {
    context.beginPath();
    context.moveTo(right - bar.pixels, bottom - 5);
    context.lineTo(right - bar.pixels, bottom);
    context.lineTo(right, bottom);
    context.lineTo(right, bottom - 5);
    context.stroke();
  };
  for (const [colour, width] of [["#000", 4], ["#fff", 1.5]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    line();
  }
  Object.assign(context, { font: "12px sans-serif", textAlign: "center", textBaseline: "bottom", lineWidth: 3, strokeStyle: "#000", fillStyle: "#fff" });
  const words = `${bar.length} ${bar.unit}`;
  context.strokeText(words, right - bar.pixels / 2, bottom - 5);
  context.fillText(words, right - bar.pixels / 2, bottom - 5);
}

function drawDivider({ view, pane, context }) {
  const x = view.prefs.divider * pane.width;
  for (const [colour, width] of [["#000", 4], ["#fff", 2]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, pane.height);
    context.stroke();
  }
  context.fillStyle = "#fff";
  context.beginPath();
  context.arc(x, pane.height / 2, 8, 0, 2 * Math.PI);
  context.fill();
}

function drawLinkedCursor({ view, found, context, geometry }) {
  const { x, y } = toScreen(geometry, view.cursor.pixel, aspectOf(found));
  for (const [colour, width] of [["#000", 3], ["#fff", 1]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.beginPath();
    context.moveTo(x - 7, y);
    context.lineTo(x + 7, y);
    context.moveTo(x, y - 7);
    context.lineTo(x, y + 7);
    context.stroke();
  }
}

/** The brush as it would cover, or the polygon so far. */
function drawTool({ view, pane, found, context, geometry }) {
  const { tool, size, points } = view.edit;
  const at = view.cursor?.pane === pane ? view.cursor.pixel : null;
  const screen = (pixel) => Object.values(toScreen(geometry, pixel, aspectOf(found)));
  context.beginPath();
  if (tool === "polygon" && points.length) {
    points.forEach((point, n) => (n ? context.lineTo(...screen(point)) : context.moveTo(...screen(point))));
    if (at) context.lineTo(...screen(at));
  } else if (at && (tool === "brush" || tool === "eraser")) {
    const radius = Math.max(1, (size / 2) * geometry.scale);
    context.ellipse(...screen(pixelMiddle(at)), radius, radius * aspectOf(found), 0, 0, 2 * Math.PI);
  }
  if (tool === "eraser") context.setLineDash([4, 3]);
  for (const [colour, width] of [["#000", 3], ["#fff", 1.25]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: width });
    context.stroke();
  }
  context.setLineDash([]);
}

/** What is under the cursor, in words; empty outside of the image. */
function readoutWords(view, found, pixel) {
  const [x, y] = [Math.floor(pixel.x), Math.floor(pixel.y)];
  if (x < 0 || y < 0 || x >= found.width || y >= found.height) return "";
  const i = y * found.width + x;
  const words = [`x ${x}, y ${y}`];
  if (found.spacing) words[0] += ` (${(x * found.spacing[1]).toFixed(1)}, ${(y * found.spacing[0]).toFixed(1)} mm)`;
  words.push(imageValue(found, i));
  const mine = found === view.current ? mineOf(view) : found.layers.prediction;
  if (mine) words.push(`${found === view.current ? mineTitle(view) : "Prediction"}: ${classWords(view, mine, i)}`);
  if (found.layers.reference) words.push(`Reference: ${classWords(view, found.layers.reference, i)}`);
  if (found.heat?.confidence) words.push(`confidence ${percent(found.heat.confidence.data[i])}, entropy ${percent(found.heat.entropy.data[i])}`);
  return words.join(" · ");
}

function imageValue({ image, grey }, i) {
  if (!grey) return `RGB ${[0, 1, 2].map((c) => image.data[3 * i + c]).join(" ")}`;
  return `value ${greyWords(grey, grey.first + grey.step * image.data[i])}`;
}

/** A value as the file holds such values: whole, or with four digits. */
function greyWords(grey, value) {
  return Number.isInteger(grey.step) && Number.isInteger(grey.first) ? Math.round(value) : Number(value.toPrecision(4));
}

function classWords(view, labels, i) {
  return classesAt(labels, i).map((place) => view.head.classes[place].name).join(" + ") || "none";
}

function percent(byte) {
  return `${Math.round((100 * byte) / 255)} %`;
}
