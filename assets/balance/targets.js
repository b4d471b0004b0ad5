// The target vector as sliders and as a table: two views of one state. What a hand changes is sent while it moves;
// what the server says is taken over once it has heard of the last change, so that nothing jumps under the finger.

const SEND_EVERY = 90; // milliseconds
const MOST_ROWS = 120;
const SEARCH_FROM = 13; // classes

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".cp-targets");
  const view = root.view ?? (root.view = buildView(root, data));
  view.send = (value) => setStateValue("targets", value);
  if (view.revision !== data.revision) view.pending.clear();
  view.revision = data.revision;
  for (const [index, change] of view.pending) if (change.seq <= data.heard) view.pending.delete(index);
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
  view.search.hidden = data.classes.length < SEARCH_FROM;
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
  const words = view.search.value.trim().toLowerCase();
  const found = view.data.classes.map((item, index) => ({ ...item, index }))
    .filter(({ name }) => name.toLowerCase().includes(words));
  const shown = found.slice(0, MOST_ROWS);
  const key = JSON.stringify([view.mode, shown.map(({ name, colour, original, index }) => [name, colour, original, index])]);
  if (key === view.laid) return;
  view.laid = key;
  view.root.dataset.mode = view.mode;
  view.root.querySelectorAll("button[data-view]").forEach((button) =>
    button.setAttribute("aria-pressed", String(button.dataset.view === view.mode)));
  const heads = view.mode === "table" ? ["Class", "Original", "Target", "Now", "Change"] : [];
  view.head.replaceChildren(...heads.map((text) => element("span", "", text)));
  view.cells = shown.map((item) => (view.mode === "table" ? tableRow(view, item) : sliderRow(view, item)));
  view.rows.replaceChildren(...view.cells.map(({ row }) => row));
  const rest = found.length > shown.length ? [`${found.length - shown.length} more classes; search to see them.`] : [];
  if (view.mode === "table") rest.unshift("Share of images in per cent; change in percentage points.");
  view.rest.textContent = rest.join(" ");
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

function numberField(view, item) {
  const field = element("input", "cp-field");
  field.type = "text";
  field.inputMode = "decimal";
  field.setAttribute("aria-label", `Target of ${item.name} in per cent of the images`);
  field.onchange = () => change(view, item.index, readPercent(field.value), true);
  field.onkeydown = (event) => {
    if (event.key === "Enter") field.blur();
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      nudge(view, item.index, event.key === "ArrowUp" ? 0.01 : -0.01);
    }
  };
  return field;
}

function sliderRow(view, item) {
  const row = element("div", "cp-row");
  const track = element("span", "cp-slide");
  const range = document.createElement("input");
  Object.assign(range, { type: "range", min: 0, max: 100, step: 0.5 });
  range.setAttribute("aria-label", `Target of ${item.name}`);
  range.oninput = () => change(view, item.index, Number(range.value) / 100, false);
  range.onchange = () => change(view, item.index, Number(range.value) / 100, true);
  range.onkeydown = passKeyOn;
  const original = element("i", "cp-tick cp-tick-original");
  original.style.setProperty("--at", item.original);
  original.title = `original ${percent(item.original)}`;
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
  const moved = element("span", "cp-figure");
  row.append(nameCell(item), element("span", "cp-figure", figureText(item.original)), field, now, moved);
  return { row, item, field, now, moved };
}

function readPercent(text) {
  const value = Number(text.replace(",", ".").replace("%", "").trim());
  return text.trim() === "" || Number.isNaN(value) ? text : value / 100;
}

function nudge(view, index, by) {
  const share = target(view, index);
  if (typeof share === "number") change(view, index, Math.min(1, Math.max(0, Math.round(1000 * (share + by)) / 1000)), true);
}

function change(view, index, share, last) {
  view.pending.set(index, { share, seq: Date.now() });
  fillRows(view);
  const send = () => {
    view.timer = null;
    const shares = {};
    for (const [key, value] of view.pending) shares[key] = value.share;
    if (view.pending.size) view.send({ seq: Date.now(), shares });
  };
  if (last) { clearTimeout(view.timer); send(); } else if (!view.timer) view.timer = setTimeout(send, SEND_EVERY);
}

function target(view, index) {
  return view.pending.get(index)?.share ?? view.data.classes[index].target;
}

/** Per cent without the sign, which the table's caption gives once. */
function figureText(share) {
  return percent(share).replace(" %", "");
}

function fillRows(view) {
  for (const { item, range, field, reach } of view.cells) {
    const share = target(view, item.index);
    const known = typeof share === "number";
    const bad = !known || share < 0 || share > 1;
    const root = view.root.getRootNode();
    if (root.activeElement !== field || view.pending.has(item.index)) {
      field.value = known ? (100 * share).toFixed(1).replace(".0", "") : share;
    }
    field.setAttribute("aria-invalid", String(bad));
    if (range && !bad) range.value = 100 * share;
    if (reach) {
      const { nearest } = view.data.classes[item.index];
      reach.textContent = nearest ? "✗" : view.data.reach_known ? "✓" : "";
      reach.title = nearest ? `not reachable; the nearest is ${nearest}` : "reachable, together with the other targets";
      reach.setAttribute("aria-label", reach.title);
      reach.classList.toggle("cp-out", Boolean(nearest));
    }
  }
  fillNow(view);
}

function fillNow(view) {
  const shares = view.now ?? view.data.now;
  for (const { item, nowTick, now, moved } of view.cells) {
    const share = shares[item.index];
    if (nowTick) { nowTick.style.setProperty("--at", share); nowTick.title = `now ${percent(share)}`; }
    if (now) {
      const points = 100 * (share - item.original);
      now.textContent = figureText(share);
      moved.textContent = Math.abs(points) < 0.05 ? "0" : `${points > 0 ? "+" : "−"}${Math.abs(points).toFixed(1)}`;
    }
  }
}
