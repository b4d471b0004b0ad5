// What comes from the server and what is sent to it. Pictures are kept by their stamp; a decision is sent again until
// the server says its token, so that none is lost on a broken line, and the server takes a token once.

const SEND_AGAIN = 6000; // milliseconds
const MOST_KEPT = 12; // cases
const MOST_TRIES = 4; // to get a picture
const AHEAD = 1; // cases asked for at once: while the server builds pictures it hears no decision
const DWELL = 900; // milliseconds on a case before its heat is fetched for the value under the cursor

function readHead(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + size)));
  const cut = (place) => bytes.slice(4 + size + place.at, 4 + size + place.at + place.size);
  return { head, cut };
}

function newToken() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function send(view, event) {
  const seconds = event.kind === "need" ? 0 : secondsOnCase(view);
  view.pending = { event: { token: newToken(), position: view.head.form.position, seconds, ...event }, at: performance.now() };
  view.emit(view.pending.event);
  if (event.kind !== "need") { view.problem = ""; showState(view); }
}

/** The time since the case appeared, less the time in which the tab was hidden. */
function secondsOnCase(view) {
  const away = view.away + (view.leftAt === null ? 0 : performance.now() - view.leftAt);
  return Math.max(0, Math.round(performance.now() - view.since - away) / 1000);
}

function receive(view, bytes) {
  const { head, cut } = readHead(bytes);
  if (view.head?.review !== head.review) forgetCases(view);
  const before = view.head;
  view.head = head;
  if (view.pending && head.confirmed === view.pending.event.token) {
    const { event } = view.pending;
    view.pending = null;
    if (event.kind !== "need") view.problem = head.problem;
    if (!head.problem) finishEvent(view, event);
  }
  if (!before || JSON.stringify(before.classes) !== JSON.stringify(head.classes)) setClasses(view);
  for (const picture of head.pictures) keepCase(view, picture, cut);
  for (const picture of head.planes) keepPlane(view, picture, cut);
  settle(view);
}

/** What a stored decision ends: the correction, and that the next decision is about one class only. */
function finishEvent(view, { kind, class_name: about }) {
  if (kind === "correct") { dropDraft(view); Object.assign(view, { edit: null, notice: "" }); }
  if (about) { view.about = null; relay(view); }
}

function forgetCases(view) {
  view.cases.clear();
  view.tries.clear();
  view.planes.clear();
  view.current = null;
}

async function keepCase(view, picture, cut) {
  const { stamp } = picture;
  view.decoding.add(stamp);
  try {
    const heat = {};
    for (const [name, place] of Object.entries(picture.heat)) heat[name] = await decodePng(cut(place));
    const known = view.cases.get(stamp);
    if (known) Object.assign(known.heat, heat);
    else {
      const found = { ...(await decodePictures(view, picture, cut)), heat };
      view.cases.set(stamp, found);
      whenIdle(() => prepareCase(view, found));
      view.tries.delete(stamp);
    }
  } catch (error) {
    console.error("Counterpoise: pictures that cannot be decoded", error);
  } finally {
    view.decoding.delete(stamp);
  }
  dropOldCases(view);
  settle(view);
}

/** Image and masks of a case or of a slice of its volume. */
async function decodePictures(view, picture, cut) {
  const background = view.head.classes.findIndex(({ role }) => role === "background");
  const layers = {};
  const image = await decodePng(cut(picture.image));
  for (const [name, { png, overlapping }] of Object.entries(picture.layers)) {
    const { data } = await decodePng(cut(png));
    layers[name] = makeLabels(data, picture.width, picture.height, view.head.classes.length, overlapping, background);
  }
  return { ...picture, image, layers, art: new Map() };
}

/** Paint a case that was fetched ahead before it is asked for. */
function prepareCase(view, found) {
  if (found === view.current) return;
  const mine = found.layers.corrected ? "corrected" : "prediction";
  const labels = found.layers[mine];
  imageArt(view, found);
  if (!labels) return;
  maskArt(view, found, mine, labels);
  view.shown.forEach((on, place) => { if (on) outlineArt(view, found, mine, labels, place); });
}

function whenIdle(act) {
  if (window.requestIdleCallback) requestIdleCallback(act, { timeout: 500 });
  else setTimeout(act, 50);
}

function dropOldCases(view) {
  const wanted = new Set(view.head.queue.map(({ stamp }) => stamp));
  for (const stamp of view.cases.keys()) {
    if (view.cases.size <= MOST_KEPT) return;
    if (!wanted.has(stamp) && stamp !== view.current?.stamp) view.cases.delete(stamp);
  }
}

/** Show the case that the server names as soon as its pictures are there, and ask for what is missing. */
function settle(view) {
  const found = view.cases.get(view.head.queue[0].stamp);
  const drawing = view.edit && found?.position === view.current?.position; // Another's answer takes no stroke away
  if (found && found !== view.current && !drawing) showCase(view, found);
  else if (found) refresh(view);
  showState(view);
  askForMissing(view);
}

function askForMissing(view) {
  if (view.pending) return;
  const lacking = view.head.queue.filter(({ stamp }) => lacks(view, stamp));
  const wanted = lacking[0] === view.head.queue[0] ? lacking.slice(0, 1) : lacking.slice(0, AHEAD);
  const planes = wishedPlanes(view);
  if (!wanted.length && !planes.length) return;
  wanted.forEach(({ stamp }) => view.tries.set(stamp, (view.tries.get(stamp) ?? 0) + 1));
  const heat = view.prefs.heat !== "none" || wanted.some(({ stamp }) => stamp === view.current?.stamp);
  send(view, { kind: "need", wanted: wanted.map(({ position }) => position), heat, planes });
}

function lacks(view, stamp) {
  if (view.decoding.has(stamp) || (view.tries.get(stamp) ?? 0) >= MOST_TRIES) return false;
  const found = view.cases.get(stamp);
  if (!found) return true;
  const heat = view.prefs.heat !== "none" || (view.dwelt && found === view.current);
  return heat && found.doubt && !found.heat.confidence;
}

/** Once a second: what was sent and not confirmed is sent again. */
function watchLine(view) {
  if (!view.dwelt && view.current && performance.now() - view.since > DWELL) { view.dwelt = true; askForMissing(view); }
  if (!view.pending || performance.now() - view.pending.at < SEND_AGAIN) return;
  if (view.pending.event.kind === "need") { view.pending = null; askForMissing(view); return; }
  view.pending.at = performance.now();
  view.pending.again = true;
  view.emit(view.pending.event);
  showState(view);
}
