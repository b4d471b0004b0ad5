// The target vector as sliders and as a table: two views of one state. What a hand changes is sent while it moves;
// what the server says is taken over once it has heard of the last change, so that nothing jumps under the finger.

const SEND_EVERY = 90; // milliseconds
const MOST_ROWS = 200;
const NOTCHES = 200; // of a slider
const SEARCH_FROM = 13; // classes

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".cp-targets");
  const view = root.view ?? (root.view = buildView(root, data));
  view.send = (value) => setStateValue("targets", value);
  if (view.revision !== data.revision) view.pending.clear();
  if (view.data.quantity !== data.quantity) view.now = data.now;
  view.revision = data.revision;
  for (const [place, change] of view.pending) if (change.seq <= data.heard) view.pending.delete(place);
  view.data = data;
  window.dispatchEvent(new CustomEvent("counterpoise:running", { detail: data.running }));
  layRows(view);
  fillRows(view);
  return () => window.removeEventListener("counterpoise:shares", view.listen);
}

function buildView(root, data) {
  const view = {
    root, rows: root.querySelector(".cp-rows"), head: root.querySelector(".cp-head"), data,
    search: root.querySelector("input[type=search]"), rest: root.querySelector(".cp-rest"),
    mode: data.classes.length > 24 ? "table" : "sliders", pending: new Map(), laid: "", now: data.now, timer: null,
  };
  view.search.oninput = () => { layRows(view); fillRows(view); };
  root.querySelectorAll("button[data-view]").forEach((button) => {
    button.onclick = () => { view.mode = button.dataset.view; layRows(view); fillRows(view); };
  });
  view.listen = (event) => { view.now = event.detail; fillNow(view); };
  return view;
}

/** Make the rows that the search leaves; kept as they are while nothing but values changes. */
function layRows(view) {
  window.removeEventListener("counterpoise:shares", view.listen);
  window.addEventListener("counterpoise:shares", view.listen);
  view.search.hidden = view.data.classes.length < SEARCH_FROM;
  if (view.search.hidden) view.search.value = "";
  const words = view.search.value.trim().toLowerCase();
  const found = view.data.classes.map((item, index) => ({ ...item, index }))
    .filter(({ name }) => name.toLowerCase().includes(words));
  const shown = found.slice(0, MOST_ROWS);
  const key = JSON.stringify([view.mode, view.data.quantity, shown.map(({ name, colour, original, index, top }) =>
    [name, colour, original, index, top])]);
  if (key === view.laid) return;
  view.laid = key;
  view.root.dataset.mode = view.mode;
  view.root.querySelectorAll("button[data-view]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.view === view.mode)));
  const heads = view.mode === "table" ? ["Class", "Original", "Target", "Now", "Weight"] : [];
  view.head.replaceChildren(...heads.map((text) => element("span", "", text)));
  view.cells = shown.map((item) => (view.mode === "table" ? tableRow(view, item) : sliderRow(view, item)));
  view.rows.replaceChildren(...view.cells.flatMap(({ row, item }, n) =>
    startsPart(view, n) ? [element("div", "cp-part", partTitle(item)), row] : [row]));
  const rest = found.length > shown.length ? [`${found.length - shown.length} more classes; search to see them.`] : [];
  if (view.mode === "table") rest.unshift(`Per cent ${unit(view)}; weight: factor of the squared miss in L.`);
  view.rest.textContent = rest.join(" ");
}

/** With both quantities, images come first and pixels after them, each under its title. */
function startsPart(view, n) {
  const { item } = view.cells[n];
  return view.data.quantity === "both" && (n === 0 || view.cells[n - 1].item.of_pixels !== item.of_pixels);
}

function partTitle(item) {
  return item.of_pixels ? "Share of pixels" : "Share of images";
}

function unit(view) {
  return { presence: "of the images", pixels: "of an image’s pixels", both: "of the images, of the pixels" }[view.data.quantity];
}

function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

function nameCell(item) {
  const cell = element("span", "cp-name");
  const swatch = element("i", "cp-swatch");
  swatch.style.background = item.colour;
  const name = element("span", "", item.name);
  cell.title = item.name;
  cell.append(swatch, name);
  return cell;
}

function typedField(label, take, byKey = () => {}) {
  const field = element("input", "cp-field");
  field.type = "text";
  field.inputMode = "decimal";
  field.setAttribute("aria-label", label);
  field.onchange = () => take(field.value);
  field.onkeydown = (event) => {
    if (event.key === "Enter") field.blur();
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      byKey(event.key === "ArrowUp" ? 1 : -1);
    }
  };
  return field;
}

function numberField(view, item) {
  const label = `Target of ${item.name} in per cent of ${item.of_pixels ? "an image’s pixels" : "the images"}`;
  return typedField(label, (text) => change(view, item.index, "share", readPercent(text), true),
    (way) => nudge(view, item, way * item.top / 100));
}

function weightField(view, item) {
  return typedField(`Weight of ${item.name}${item.of_pixels ? ", pixels" : ""} in L`,
    (text) => change(view, item.index, "weight", readNumber(text), true));
}

function sliderRow(view, item) {
  const row = element("div", "cp-row");
  const track = element("span", "cp-slide");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: 100 * item.top, step: (100 * item.top) / NOTCHES });
  range.setAttribute("aria-label", `Target of ${item.name}${item.of_pixels ? ", pixels" : ""}`);
  const slid = () => Number(range.value) / 100;
  range.oninput = () => change(view, item.index, "share", slid(), false);
  range.onchange = () => change(view, item.index, "share", slid(), true);
  range.onkeydown = passKeyOn;
  const original = element("i", "cp-tick cp-tick-original");
  original.style.setProperty("--at", Math.min(1, item.original / item.top));
  original.title = `original ${shareText(item, item.original)}`;
  const now = element("i", "cp-tick cp-tick-now");
  track.append(original, now, range);
  const field = numberField(view, item);
  const reach = element("span", "cp-reach");
  row.append(nameCell(item), track, field, reach);
  return { row, item, range, field, reach, nowTick: now };
}

/** A slider takes no letters, but the page would take them for typing there and keep its shortcuts still. */
function passKeyOn({ key, code, keyCode, repeat, ctrlKey, metaKey, altKey }) {
  if (repeat || ctrlKey || metaKey || altKey || !/^[a-z]$/i.test(key)) return;
  for (const type of ["keydown", "keyup"]) {
    document.body.dispatchEvent(new KeyboardEvent(type, { key, code, keyCode, bubbles: true }));
  }
}

function tableRow(view, item) {
  const row = element("div", "cp-row");
  const field = numberField(view, item);
  const now = element("span", "cp-figure");
  const weight = weightField(view, item);
  row.append(nameCell(item), element("span", "cp-figure", figureText(item, item.original)), field, now, weight);
  return { row, item, field, now, weight };
}

function readPercent(text) {
  const value = readNumber(text.replace("%", ""));
  return typeof value === "number" ? value / 100 : text;
}

/** A number, or the text as it was typed, which the server refuses by name. */
function readNumber(text) {
  const value = Number(text.replace(",", ".").trim());
  return text.trim() === "" || Number.isNaN(value) ? text : value;
}

function nudge(view, item, by) {
  const share = asked(view, item.index, "share");
  if (typeof share !== "number") return;
  const moved = Math.min(1, Math.max(0, share + by));
  change(view, item.index, "share", item.of_pixels ? moved : Math.round(1000 * moved) / 1000, true);
}

function change(view, index, field, value, last) {
  view.pending.set(`${field} ${index}`, { field, index, value, seq: Date.now() });
  fillRows(view);
  const send = () => {
    view.timer = null;
    const said = { seq: Date.now(), quantity: view.data.quantity, shares: {}, weights: {} };
    for (const item of view.pending.values()) said[`${item.field}s`][item.index] = item.value;
    if (view.pending.size) view.send(said);
  };
  if (last) { clearTimeout(view.timer); send(); } else if (!view.timer) view.timer = setTimeout(send, SEND_EVERY);
}

/** What is asked of a class: what a hand has just set, or what the server says. */
function asked(view, index, field) {
  const { target, weight } = view.data.classes[index];
  return view.pending.get(`${field} ${index}`)?.value ?? (field === "share" ? target : weight);
}

/** Per cent without the sign, which the table's caption gives once. */
function figureText(item, share) {
  return shareText(item, share).replace(" %", "");
}

function typed(item, share) {
  return item.of_pixels ? String(Number((100 * share).toPrecision(3))) : (100 * share).toFixed(1).replace(".0", "");
}

function fillRows(view) {
  for (const { item, range, field, reach, weight } of view.cells) {
    const share = asked(view, item.index, "share");
    const known = typeof share === "number";
    const bad = !known || share < 0 || share > 1;
    fillField(view, field, known ? typed(item, share) : share, bad, `share ${item.index}`);
    if (range && !bad) {
      range.value = 100 * share;
      range.setAttribute("aria-valuetext", shareText(item, share));
    }
    if (weight) {
      const value = asked(view, item.index, "weight");
      const isNumber = typeof value === "number" && value > 0;
      fillField(view, weight, isNumber ? weightText(value) : value, !isNumber, `weight ${item.index}`);
    }
    if (reach) fillReach(view, item, reach);
  }
  fillNow(view);
}

/** Large weights in powers of ten, or they would not fit. */
function weightText(value) {
  return value < 1e4 ? String(Number(value.toPrecision(4))) : value.toExponential(1).replace("e+", "e");
}

/** Show a value, but not over what is being typed. */
function fillField(view, field, text, bad, place) {
  if (view.root.getRootNode().activeElement !== field || view.pending.has(place)) field.value = text;
  field.setAttribute("aria-invalid", String(bad));
}

function fillReach(view, item, reach) {
  const { nearest } = view.data.classes[item.index];
  reach.textContent = nearest ? "✗" : view.data.reach_known ? "✓" : "";
  reach.title = nearest ? `not reachable; the nearest is ${nearest}` : "reachable, together with the other targets";
  reach.setAttribute("aria-label", reach.title);
  reach.classList.toggle("cp-out", Boolean(nearest));
}

function fillNow(view) {
  const shares = view.now?.length === view.data.now.length ? view.now : view.data.now;
  for (const { item, nowTick, now } of view.cells) {
    const share = shares[item.index];
    if (nowTick) {
      nowTick.style.setProperty("--at", Math.min(1, share / item.top));
      nowTick.title = `now ${shareText(item, share)}`;
    }
    if (now) now.textContent = figureText(item, share);
  }
}
