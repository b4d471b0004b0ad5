// Keys. Silent while somebody types, and never heard by Streamlit, which has an R and a C of its own.

const DECISIONS = { a: "accept", r: "reject", e: "correct", s: "skip", f: "flag", n: "next", p: "previous", z: "undo" };
const TOOL_KEYS = { b: "brush", x: "eraser", g: "polygon", k: "fill" };
const HEATS = [["none"], ["confidence"], ["entropy"]];
const TEXT_TYPES = ["text", "number", "search", "email", "password", "url", "tel", "date", "time"];

function listenToKeys(view) {
  const down = (event) => { if (takeKey(view, event)) stopKey(event); };
  const up = (event) => {
    if (event.key === " " && view.hidden) { view.hidden = false; refresh(view); stopKey(event); }
  };
  const away = () => { view.hidden = false; refresh(view); };
  window.addEventListener("keydown", down, true);
  window.addEventListener("keyup", up, true);
  window.addEventListener("blur", away);
  return () => {
    window.removeEventListener("keydown", down, true);
    window.removeEventListener("keyup", up, true);
    window.removeEventListener("blur", away);
  };
}

function stopKey(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Whether a key was one of ours. */
function takeKey(view, event) {
  const [target] = event.composedPath();
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!view.head || !view.root.isConnected || elsewhere(view, target)) return false;
  if (event.ctrlKey || event.metaKey || event.altKey) return takeUndoKey(view, event, key, target);
  if (!view.bar.panel.hidden) return takeReasonKey(view, key, target);
  if (isTyping(target)) return key === "Escape" && leaveField(target);
  if (target.tagName === "SELECT" && key !== "Escape") return false;
  if (key === " ") return hideWhileHeld(view, target);
  if (event.repeat && !(view.edit ? "[]+-zy" : "+-").includes(key)) return key in DECISIONS; // A held Z takes one decision back, not all
  return (view.edit ? takeEditKey(view, key, target) : takeReadKey(view, key)) || takeViewKey(view, key);
}

/** Ctrl+Z, Ctrl+Y and Ctrl+Shift+Z (⌘ on a Mac) while correcting, as in every program that draws. */
function takeUndoKey(view, event, key, target) {
  if (!view.edit || event.altKey || isTyping(target) || !["z", "y"].includes(key)) return false;
  if (key === "y" || event.shiftKey) redoEdit(view);
  else undoEdit(view);
  return true;
}

/** A dialog or a menu of the page has the keys. */
function elsewhere(view, target) {
  if (!(target instanceof Element) || view.root.contains(target)) return false;
  return Boolean(target.closest("[role=dialog], [role=listbox], [role=menu], [data-baseweb=popover]"));
}

function isTyping(target) {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.tagName === "TEXTAREA" || (target.tagName === "INPUT" && TEXT_TYPES.includes(target.type));
}

function leaveField(target) {
  target.blur();
  return true;
}

function takeReasonKey(view, key, target) {
  if (key === "Escape") closeReasons(view);
  else if (key === "Enter" && target.tagName !== "BUTTON") sendReject(view);
  else if (/^[1-9]$/.test(key) && !isTyping(target)) pickReason(view, Number(key));
  else return !isTyping(target) && (key in DECISIONS || key === "c");
  return true;
}

/** Space hides the masks; on a control that was reached by keys it does what Space does there. */
function hideWhileHeld(view, target) {
  if (target instanceof HTMLElement && target.matches("button, input, a, summary") && target.matches(":focus-visible")) return false;
  if (!view.hidden) { view.hidden = true; refresh(view); }
  return true;
}

function takeReadKey(view, key) {
  if (key in DECISIONS) press(view, DECISIONS[key]);
  else if (/^[1-9]$/.test(key)) withClass(view, key, (place) => toggleClass(view, place));
  else return false;
  return true;
}

function takeEditKey(view, key, target) {
  if (key in TOOL_KEYS) setTool(view, TOOL_KEYS[key]);
  else if (key === "[" || key === "]") resizeBrush(view, key === "]" ? 1 : -1);
  else if (key === "z") undoEdit(view);
  else if (key === "y") redoEdit(view);
  else if (/^[1-9]$/.test(key)) withClass(view, key, (place) => pickClass(view, place));
  else if (key === "Escape") leaveEdit(view, view.edit.leaving);
  else if (key === "Enter" && !target.matches?.("button:focus-visible")) confirmEdit(view);
  else return key in DECISIONS;
  return true;
}

function confirmEdit(view) {
  if (view.edit.points.length) closePolygon(view);
  else saveEdit(view);
}

function takeViewKey(view, key) {
  if (key === "o") cyclePref(view, "drawing", DRAWINGS);
  else if (key === "v") cyclePref(view, "mode", modesOf(view));
  else if (key === "h") cyclePref(view, "heat", HEATS);
  else if (key === "0") fitAll(view);
  else if (key === "+" || key === "=") zoomBy(view, 1.25);
  else if (key === "-") zoomBy(view, 0.8);
  else return key === "c";
  return true;
}

function withClass(view, key, change) {
  const place = drawnPlaces(view)[Number(key) - 1];
  if (place !== undefined) change(place);
}
