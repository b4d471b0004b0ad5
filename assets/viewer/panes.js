// What each pane shows, and how it is drawn.

const MODES = [
  ["prediction", "Prediction"], ["reference", "Reference"], ["difference", "Difference"],
  ["side", "Side by side"], ["swipe", "Swipe"], ["planes", "Three planes"],
];
const DRAWINGS = [["both", "Contour and fill"], ["contour", "Contour"], ["fill", "Fill"], ["off", "Off"]];
const TITLES = { reference: "Reference", difference: "Difference" };
const CONTOUR = 2; // screen pixels

/** The modes that this case allows; while correcting, those with a pane to draw on. */
function modesOf(view) {
  const found = view.current;
  if (!found) return MODES.slice(0, 1);
  const both = Boolean(mineOf(view) && found.layers.reference);
  const reference = Boolean(found.layers.reference);
  const looking = !view.edit;
  const allowed = {
    prediction: true, reference: looking && reference, difference: looking && both, side: both, swipe: looking && both, planes: looking && Boolean(found.slices),
  };
  return MODES.filter(([name]) => allowed[name]);
}

function modeOf(view) {
  const wanted = view.prefs.mode;
  return modesOf(view).some(([name]) => name === wanted) ? wanted : "prediction";
}

/** The mask that the reader decides about: what is being edited, else their correction, else the model's. */
function mineOf(view) {
  const { layers } = view.current;
  return view.edit?.labels ?? layers.corrected ?? layers.prediction ?? null;
}

function mineTitle(view) {
  const { layers } = view.current;
  if (view.edit) return "Correction";
  return layers.corrected ? "Corrected mask" : layers.prediction ? "Prediction" : "Image; the prediction is hidden until you have answered";
}

function panesOf(view) {
  const mode = modeOf(view);
  if (mode === "side") return ["mine", "reference", "difference"];
  if (mode === "planes") return ["plane0", "plane1", "plane2"];
  return [mode === "prediction" ? "mine" : mode];
}

/** The canvases of a case, made once and again only where what they show has changed. */
function artOf(found, name, version, make) {
  const kept = found.art.get(name);
  if (kept?.version === version) return kept.made;
  const made = make();
  found.art.set(name, { version, made });
  return made;
}

function imageArt(view, found) {
  const window = found.grey ? (view.prefs.window ?? found.grey.window) : null;
  return artOf(found, "image", String(window), () => paintImage(found.image, found.grey, window));
}

function maskVersion(view, labels) {
  return `${labels.version ?? 0}|${view.shown.join()}`;
}

function maskArt(view, found, name, labels) {
  return artOf(found, name, maskVersion(view, labels), () => paintFill(labels, view.colours, view.shown));
}

function outlineArt(view, found, name, labels, place) {
  const version = labels.versions?.[place] ?? 0;
  return artOf(found, `${name} outline ${place}`, version, () => outlinePath(regionOf(labels, place), labels.width, labels.height));
}

function differenceArt(view, found) {
  const mine = mineOf(view);
  const version = `${mine.version ?? 0}|${view.shown.join()}|${Boolean(view.edit)}`;
  return artOf(found, "difference", version, () => {
    const parts = compareLabels(mine, found.layers.reference, view.shown);
    const paint = (region, colour) => paintRegion(region, found.width, found.height, colour);
    return { hit: paint(parts.hit, HIT), extra: paint(parts.extra, EXTRA), missed: paint(parts.missed, MISSED) };
  });
}

function drawPane(view, pane) {
  const { canvas } = pane;
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(pane.width * ratio), Math.round(pane.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, width, height);
  const found = pane.name.startsWith("plane") ? planeOf(view, pane.name) : view.current;
  if (!found) return;
  const geometry = viewOf(view, pane, found);
  const draw = { view, pane, found, context, ratio, geometry };
  toImage(draw);
  context.imageSmoothingEnabled = geometry.scale * ratio < 1;
  context.drawImage(imageArt(view, found), 0, 0);
  context.imageSmoothingEnabled = false;
  if (!view.hidden) drawMasks(draw);
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  drawMarks(draw);
}

/** Draw in pixel coordinates of the image from now on. */
function toImage({ context, ratio, found, geometry: { scale, x, y } }) {
  context.setTransform(ratio * scale, 0, 0, ratio * scale * aspectOf(found), ratio * x, ratio * y);
}

function drawMasks(draw) {
  const { view, pane, found, context } = draw;
  const doubt = found.heat?.[view.prefs.heat];
  if (doubt && (pane.name === "mine" || pane.name === "swipe")) {
    context.globalAlpha = 0.75;
    context.drawImage(artOf(found, `heat ${view.prefs.heat}`, "", () => paintHeat(doubt, view.prefs.heat)), 0, 0);
    context.globalAlpha = 1;
  }
  if (pane.name === "difference") drawDifference(draw);
  else if (pane.name === "reference") drawLabels(draw, "reference", found.layers.reference);
  else if (pane.name === "swipe") drawSwipe(draw);
  else if (pane.name === "mine") drawLabels(draw, mineName(view), mineOf(view));
  else drawLabels(draw, "prediction", found.layers.prediction ?? found.layers.reference);
}

function mineName(view) {
  return view.edit ? "edit" : view.current.layers.corrected ? "corrected" : "prediction";
}

function drawLabels({ view, found, context, geometry }, name, labels) {
  if (!labels) return;
  const { drawing, opacity } = view.prefs;
  const stroking = view.edit?.stroke && name === "edit";
  if (drawing === "fill" || drawing === "both" || stroking) {
    context.globalAlpha = opacity;
    context.drawImage(maskArt(view, found, name, labels), 0, 0);
    context.globalAlpha = 1;
  }
  if ((drawing !== "contour" && drawing !== "both") || stroking) return;
  context.lineWidth = CONTOUR / geometry.scale;
  context.lineCap = "square";
  view.shown.forEach((on, place) => {
    if (!on) return;
    context.strokeStyle = view.head.classes[place].colour;
    context.stroke(outlineArt(view, found, name, labels, place));
  });
}

function drawDifference(draw) {
  const { view, found, context } = draw;
  if (view.prefs.drawing === "off") return;
  const art = differenceArt(view, found);
  const alpha = Math.max(0.45, view.prefs.opacity);
  context.globalAlpha = alpha;
  context.drawImage(art.hit, 0, 0);
  context.drawImage(art.extra, 0, 0);
  context.globalAlpha = 1;
  drawHatched(draw, art.missed, MISSED, Math.max(0.8, alpha));
}

/** The reader's mask left of the divider, the reference right of it. */
function drawSwipe(draw) {
  const { view, pane, found, context, ratio } = draw;
  const at = view.prefs.divider * pane.width;
  for (const [name, labels, from, to] of [[mineName(view), mineOf(view), 0, at], ["reference", found.layers.reference, at, pane.width]]) {
    context.save();
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.beginPath();
    context.rect(from, 0, to - from, pane.height);
    context.clip();
    toImage(draw);
    drawLabels(draw, name, labels);
    context.restore();
  }
}
