// The controls beside the image. None of them tells the server anything.

function buildSide(view) {
  const side = {};
  side.mode = choice("View", "V", MODES, (value) => setPref(view, "mode", value));
  side.drawing = choice("Masks", "O", DRAWINGS, (value) => setPref(view, "drawing", value));
  side.drawing.title = "Hold Space to hide them";
  side.opacity = el("input", { type: "range", min: 0, max: 100, value: 30, oninput: () => setPref(view, "opacity", side.opacity.value / 100) });
  side.heat = choice("Doubt", "H", [["none", "Off"], ["confidence", "Low confidence"], ["entropy", "Entropy"]], (value) => setHeat(view, value));
  side.ramp = el("p", { className: "cp-ramp" }, el("span", { textContent: "certain" }), el("i"), el("span", { textContent: "in doubt" }));
  side.extra = el("span");
  side.legend = el("p", { className: "cp-legend" }, ...[["hit", "Both"], ["extra", side.extra], ["missed", "Only in the reference"]]
    .map(([name, words]) => el("span", {}, el("i", { className: `cp-key-${name}` }), words)));
  side.low = windowField(view, 0, "Value shown as black");
  side.high = windowField(view, 1, "Value shown as white");
  const reset = keyButton("Reset", "", () => setPref(view, "window", null), { ariaLabel: "Reset the window" });
  side.window = el("div", { className: "cp-window" }, el("span", { textContent: "Window" }), side.low, el("span", { textContent: "to" }), side.high, reset);
  side.classes = el("div", { className: "cp-classes", role: "group", "aria-label": "Classes" });
  side.comment = el("textarea", { rows: 2, maxLength: 4000, placeholder: "Comment (optional)", "aria-label": "Comment" });
  side.box = el("div", { className: "cp-side" }, side.mode, side.legend, side.drawing, field("Opacity", side.opacity), side.heat, side.ramp,
    side.window, side.classes, side.comment);
  return side;
}

function windowField(view, end, label) {
  const input = el("input", { type: "number", step: "any", "aria-label": label });
  input.onchange = () => {
    const window = [...(view.prefs.window ?? view.current.grey.window)];
    window[end] = Number(input.value);
    if (Number.isFinite(window[end]) && window[0] < window[1]) setPref(view, "window", window);
    else showSide(view);
  };
  return input;
}

/** One row a class: on or off, its colour, its key; while correcting, the class that is drawn. */
function layClasses(view) {
  view.rows = view.head.classes.map(({ name, role, colour }, place) => {
    if (role === "background") return null;
    const key = keyOfClass(view, place);
    const box = el("input", { type: "checkbox", onchange: () => toggleClass(view, place), "aria-label": `Show ${name}` });
    const swatch = el("i", { className: "cp-swatch" });
    swatch.style.background = colour;
    const pick = el("button", { type: "button", className: "cp-class", title: name, onclick: () => pickClass(view, place) },
      swatch, el("span", { textContent: name }));
    if (key) pick.append(el("kbd", { textContent: key }));
    const row = el("div", { className: "cp-class-row" }, box, pick);
    return { row, box, pick };
  });
  view.side.classes.replaceChildren(...view.rows.filter(Boolean).map(({ row }) => row));
}

/** 1 to 9 in the order of the list, background left out. */
function keyOfClass(view, place) {
  const number = drawnPlaces(view).indexOf(place) + 1;
  return number >= 1 && number <= 9 ? String(number) : "";
}

function drawnPlaces(view) {
  return view.head.classes.flatMap(({ role }, place) => (role === "background" ? [] : [place]));
}

function toggleClass(view, place) {
  view.shown = view.shown.map((on, n) => (n === place ? !on : on));
  relay(view);
}

/** While correcting the class to draw; else the class that the next decision is about, or the whole case again. */
function pickClass(view, place) {
  if (view.edit) {
    view.edit.place = place;
    view.shown = view.shown.map((on, n) => on || n === place);
  } else view.about = view.about === place ? null : place;
  relay(view);
}

function setClasses(view) {
  view.colours = view.head.classes.map(({ colour }) => parseColour(colour));
  view.shown = view.head.classes.map(({ role }) => role !== "background");
  view.about = null;
  layClasses(view);
}

function setPref(view, name, value) {
  view.prefs[name] = value;
  relay(view);
  if (name === "mode") askForMissing(view); // Three planes need slices
}

function setHeat(view, value) {
  setPref(view, "heat", value);
  view.tries.clear();
  askForMissing(view);
}

function cyclePref(view, name, options) {
  const at = options.findIndex(([value]) => value === view.prefs[name]);
  const [value] = options[(at + 1) % options.length];
  if (name === "heat") setHeat(view, value); else setPref(view, name, value);
}

function showSide(view) {
  const { side, prefs, current } = view;
  const modes = modesOf(view);
  const [mode, drawing, heat] = [side.mode, side.drawing, side.heat].map((label) => label.lastChild);
  for (const option of mode.options) option.hidden = option.disabled = !modes.some(([name]) => name === option.value);
  mode.options[0].textContent = view.edit ? "Correction" : current?.layers.corrected ? "Corrected mask" : MODES[0][1];
  side.mode.hidden = modes.length < 2;
  mode.value = modeOf(view);
  drawing.value = prefs.drawing;
  heat.value = prefs.heat;
  side.opacity.value = 100 * prefs.opacity;
  side.heat.hidden = !current?.layers.prediction || !current.doubt || ["reference", "difference", "planes"].includes(modeOf(view));
  side.ramp.hidden = side.heat.hidden || prefs.heat === "none";
  side.legend.hidden = !["difference", "side"].includes(modeOf(view));
  setText(side.extra, `Only in the ${view.edit || current?.layers.corrected ? "correction" : "prediction"}`);
  side.window.hidden = !current?.grey;
  if (current?.grey) {
    const window = prefs.window ?? current.grey.window;
    [side.low, side.high].forEach((input, end) => {
      if (view.root.getRootNode().activeElement !== input) input.value = greyWords(current.grey, window[end]);
    });
  }
  view.rows?.forEach((row, place) => {
    if (!row) return;
    row.box.checked = view.shown[place];
    row.pick.setAttribute("aria-pressed", String(view.edit ? view.edit.place === place : view.about === place));
  });
}
