// Correcting a mask: the session, and what each tool does to it. Every step can be undone.

const SIZES = [1, 2, 3, 5, 8, 12, 18, 26, 38, 56, 80, 120];

function startEdit(view) {
  const found = view.current;
  if (!found || view.edit || busy(view) || view.head.locked) return;
  const { overlapping } = view.head.form;
  const background = view.head.classes.findIndex(({ role }) => role === "background");
  const shown = mineOf(view);
  const base = shown ?? emptyLabels(found.width, found.height, view.head.classes.length, overlapping, background);
  const place = view.head.classes.findIndex(({ role }, n) => role === "class" && view.shown[n]);
  const version = (view.editions += 1000000);
  view.edit = {
    labels: { ...copyLabels(base), version, versions: Array(base.count).fill(version) }, base, history: newHistory(),
    tool: "brush", size: 12, place: Math.max(0, place), points: [], stroke: null, leaving: false, draft: draftKey(view),
    fresh: !shown, asked: false, // Where no mask was shown, one without any class is an answer
  };
  view.prefs.drawing = view.prefs.drawing === "off" ? "both" : view.prefs.drawing;
  view.notice = "";
  relay(view);
  resumeDraft(view);
}

function leaveEdit(view, sure = false) {
  if (view.edit.points.length) { view.edit.points = []; refresh(view); return; }
  if (!sure && view.edit.history.done.length) { view.edit.leaving = true; relay(view); return; }
  dropDraft(view);
  Object.assign(view, { edit: null, notice: "" });
  relay(view);
  settle(view);
}

async function saveEdit(view) {
  const { edit } = view;
  if (busy(view) || edit.saving) return;
  if (sameLabels(edit.labels, edit.base) && !mayBeEmpty(view)) return;
  edit.saving = true;
  const png = await encodeLabels(edit.labels);
  edit.saving = false;
  if (view.edit === edit) decide(view, { kind: "correct", mask: toBase64(png) });
}

/** Nothing was drawn: whether that is the answer, asked once, or nothing to save. */
function mayBeEmpty(view) {
  const { edit } = view;
  if (edit.fresh && edit.asked) return true;
  edit.asked = true;
  if (edit.fresh) view.notice = "Nothing is drawn. Enter again answers that nothing is there.";
  else view.problem = "Nothing was changed, so there is no correction to save. Leave with Esc and accept the mask instead.";
  showState(view);
  return false;
}

/** One undoable step over a box: keep, change, end. */
function changeBox(view, box, change) {
  const { history, labels } = view.edit;
  beginStep(history);
  keepBefore(history, labels, box);
  change();
  finishStep(view);
}

function finishStep(view) {
  const step = endStep(view.edit.history, view.edit.labels);
  showStep(view, step);
  return step;
}

/** Show what a step, if there is one, has changed: of what was painted its tiles, and the outlines of its classes. */
function showStep(view, step) {
  const { labels } = view.edit;
  if (step) {
    const painted = maskArt(view, view.current, "edit", labels);
    labels.version += 1;
    for (const number of step.keys()) repaintFill(painted, labels, view.colours, view.shown, tileBox(labels, number));
    view.current.art.set("edit", { version: maskVersion(view, labels), made: painted });
    for (const place of changedClasses(labels, step)) labels.versions[place] = labels.version;
    view.notice = ""; // What was said of an earlier step
    view.edit.asked = false;
    keepDraft(view);
  }
  relay(view);
}

function wholeBox({ width, height }) {
  return { left: 0, top: 0, right: width - 1, bottom: height - 1 };
}

function undoEdit(view) {
  const { points, history, labels } = view.edit;
  if (points.length) { points.pop(); relay(view); } else showStep(view, undoStep(history, labels));
}

function redoEdit(view) {
  showStep(view, redoStep(view.edit.history, view.edit.labels));
}

function toolDown(view, pixel) {
  const { edit } = view;
  if (busy(view)) return;
  edit.leaving = false;
  if (edit.tool === "polygon") addPoint(view, pixel);
  else if (edit.tool === "fill") floodHere(view, pixel);
  else {
    beginStep(edit.history);
    edit.stroke = { last: pixelMiddle(pixel), painted: maskArt(view, view.current, "edit", edit.labels) };
    toolMove(view, pixel);
  }
}

function toolMove(view, pixel) {
  const { edit } = view;
  if (!edit?.stroke) return;
  const { labels, size, place, tool } = edit;
  const to = pixelMiddle(pixel);
  const box = strokeBox(edit.stroke.last, to, size, labels.width, labels.height);
  keepBefore(edit.history, labels, box);
  const change = tool === "eraser" ? removeClass : addClass;
  visitStroke(edit.stroke.last, to, size, labels.width, labels.height, (i) => change(labels, place, i));
  repaintFill(edit.stroke.painted, labels, view.colours, view.shown, box);
  edit.stroke.last = to;
  refresh(view);
}

function toolUp(view) {
  if (!view.edit?.stroke) return;
  view.edit.stroke = null;
  finishStep(view);
}

/** A second finger came down: it is a pinch, and what the first one began is taken back. */
function cancelStroke(view) {
  if (!view.edit?.stroke) return;
  view.edit.stroke = null;
  if (finishStep(view)) { undoEdit(view); view.edit.history.undone.pop(); }
}

function addPoint(view, pixel) {
  const { points } = view.edit;
  const [first] = points;
  const near = first && Math.hypot(first.x - pixel.x, first.y - pixel.y) * view.geometry.scale < 8;
  if (near && points.length > 2) { closePolygon(view); return; }
  points.push(pixel);
  refresh(view);
}

function closePolygon(view) {
  const { edit } = view;
  const points = edit.points.filter(({ x, y }, n, all) => n === 0 || x !== all[n - 1].x || y !== all[n - 1].y);
  edit.points = [];
  if (points.length < 3) { refresh(view); return; }
  const { labels, place } = edit;
  changeBox(view, wholeBox(labels), () => visitPolygon(points, labels.width, labels.height, (i) => addClass(labels, place, i)));
}

/** Fill what is alike and connected: of exclusive classes the region under the hand, of others the gap in this class. */
function floodHere(view, pixel) {
  const { labels, place } = view.edit;
  const [x, y] = [Math.floor(pixel.x), Math.floor(pixel.y)];
  if (x < 0 || y < 0 || x >= labels.width || y >= labels.height) return;
  const start = y * labels.width + x;
  if (holds(labels, place, start)) return;
  const value = labels.planes[0][start];
  const alike = labels.overlapping ? (i) => !holds(labels, place, i) : (i) => labels.planes[0][i] === value;
  const found = floodFrom(start, labels.width, labels.height, alike);
  changeBox(view, wholeBox(labels), () => found.forEach((i) => addClass(labels, place, i)));
}

function removeSpecks(view, least) {
  const { labels, place } = view.edit;
  const found = findSpecks(regionOf(labels, place), labels.width, labels.height, least);
  changeBox(view, wholeBox(labels), () => found.forEach((i) => removeClass(labels, place, i)));
  return found.length;
}

/** Holes of exclusive classes are filled only where nothing else lies in them. */
function fillHoles(view) {
  const { labels, place } = view.edit;
  const holes = findHoles(regionOf(labels, place), labels.width, labels.height);
  const found = holes.filter((part) => labels.overlapping || part.every((i) => isEmpty(labels, i))).flat();
  changeBox(view, wholeBox(labels), () => found.forEach((i) => addClass(labels, place, i)));
  return found.length;
}

function resizeBrush(view, by) {
  const at = SIZES.findIndex((size) => size >= view.edit.size);
  view.edit.size = SIZES[Math.min(SIZES.length - 1, Math.max(0, at + by))];
  relay(view);
}

function setTool(view, tool) {
  Object.assign(view.edit, { tool, points: [] });
  relay(view);
}
