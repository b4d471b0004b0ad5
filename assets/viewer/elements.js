// Small vocabulary for the controls. Text always goes through textContent: names come from files.

function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("aria-") || name === "role" || name === "for") node.setAttribute(name, value);
    else node[name] = value;
  }
  node.append(...children);
  return node;
}

/** A button with its key on it. */
function keyButton(words, key, onclick, properties = {}) {
  const button = el("button", { type: "button", onclick, ...properties }, el("span", { textContent: words }));
  if (key) showKey(button, button, key);
  return button;
}

function showKey(place, control, key) {
  place.append(el("kbd", { textContent: key }));
  control.setAttribute("aria-keyshortcuts", key);
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function field(words, control) {
  return el("label", { className: "cp-field" }, el("span", { textContent: words }), control);
}

function choice(words, key, options, onchange) {
  const select = el("select", { onchange: () => onchange(select.value) });
  select.append(...options.map(([value, text]) => el("option", { value, textContent: text })));
  const label = field(words, select);
  showKey(label.firstChild, select, key);
  return label;
}
