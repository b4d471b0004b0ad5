// The row of tools while a mask is corrected.

const TOOLS = [["brush", "Brush", "B"], ["eraser", "Eraser", "X"], ["polygon", "Polygon", "G"], ["fill", "Fill", "K"]];

function buildTools(view) {
  const tools = { buttons: {} };
  const choose = TOOLS.map(([name, words, key]) => (tools.buttons[name] = keyButton(words, key, () => setTool(view, name))));
  tools.size = el("output", { "aria-label": "Brush size in pixels" });
  tools.smaller = keyButton("−", "[", () => resizeBrush(view, -1), { ariaLabel: "Smaller brush" });
  tools.larger = keyButton("+", "]", () => resizeBrush(view, 1), { ariaLabel: "Larger brush" });
  tools.undo = keyButton("Undo", "Z", () => undoEdit(view));
  tools.redo = keyButton("Redo", "Y", () => redoEdit(view));
  tools.least = el("input", { type: "number", min: 2, max: 100000, value: 20, "aria-label": "Specks have fewer pixels than" });
  const specks = keyButton("Remove specks below", "", () => say(view, removeSpecks(view, Number(tools.least.value) || 0), "removed"));
  const holes = keyButton("Fill holes", "", () => say(view, fillHoles(view), "filled"));
  tools.mend = el("div", { className: "cp-mend", role: "group", "aria-label": "Mend the class" },
    specks, tools.least, el("span", { textContent: "px" }), holes);
  view.side.classes.after(tools.mend);
  tools.save = keyButton("Save", "⏎", () => saveEdit(view), { className: "cp-primary", title: "Save the correction" });
  tools.leave = keyButton("Leave", "Esc", () => leaveEdit(view, view.edit.leaving));
  tools.row = el("div", { className: "cp-row", role: "toolbar", "aria-label": "Correct the mask" },
    group(...choose), group(tools.smaller, tools.size, tools.larger), group(tools.undo, tools.redo),
    el("span", { className: "cp-grow" }), group(tools.leave, tools.save));
  return tools;
}

function group(...children) {
  return el("span", { className: "cp-group" }, ...children);
}

function say(view, pixels, what) {
  view.notice = `${view.head.classes[view.edit.place].name}: ${pixels.toLocaleString("en")} px ${what}.`;
  showState(view);
}

function showTools(view) {
  const { tools, edit } = view;
  tools.row.hidden = tools.mend.hidden = !edit;
  if (!edit) return;
  for (const [name, button] of Object.entries(tools.buttons)) button.setAttribute("aria-pressed", String(name === edit.tool));
  setText(tools.size, `${edit.size} px`);
  tools.undo.disabled = !edit.history.done.length && !edit.points.length;
  tools.redo.disabled = !edit.history.undone.length;
  setText(tools.leave.firstChild, edit.leaving ? "Leave without saving" : "Leave");
}
