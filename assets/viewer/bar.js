// The decisions, with their keys on them, and what the server says of them.

const SAYS = { accept: "Accepting", reject: "Rejecting", correct: "Saving the correction", skip: "Skipping", flag: "Flagging", undo: "Taking back" };
const KINDS = ["accept", "reject", "correct", "skip", "flag", "undo", "previous", "next"];

function buildBar(view) {
  const bar = {};
  const button = (kind, words, key, className = "") => {
    bar[kind] = keyButton(words, key, () => press(view, kind), { className });
    return bar[kind];
  };
  bar.about = el("span", { className: "cp-about" });
  bar.row = el("div", { className: "cp-row", role: "toolbar", "aria-label": "Decide" },
    group(button("accept", "Accept", "A", "cp-primary"), button("reject", "Reject", "R"), button("correct", "Correct", "E"), button("skip", "Skip", "S"),
      button("flag", "Flag", "F")),
    bar.about, el("span", { className: "cp-grow" }),
    group(button("undo", "Undo", "Z"), button("previous", "Previous", "P"), button("next", "Next", "N")));
  bar.flag.title = "For a second reader";
  bar.reject.setAttribute("aria-expanded", "false");
  bar.panel = buildReasons(view, bar);
  return bar;
}

function buildReasons(view, bar) {
  bar.choices = el("div", { className: "cp-reasons", role: "radiogroup", "aria-label": "Reason" });
  bar.other = el("input", { type: "text", maxLength: 1000, placeholder: "Another reason, or more about it" });
  bar.other.setAttribute("aria-label", "Reason in your own words");
  bar.missing = el("p", { className: "cp-problem", role: "alert", hidden: true, textContent: "A rejection needs a reason; choose or type one." });
  const send = keyButton("Reject", "⏎", () => sendReject(view), { className: "cp-primary" });
  const leave = keyButton("Cancel", "Esc", () => closeReasons(view));
  return el("div", { className: "cp-panel", hidden: true, role: "dialog", "aria-label": "Why is it rejected?" },
    el("strong", { textContent: "Why is it rejected?" }), bar.choices, bar.other, bar.missing, group(leave, send));
}

function openReasons(view) {
  const { bar } = view;
  bar.choices.replaceChildren(...view.head.reasons.map((reason, n) => {
    const radio = el("input", { type: "radio", name: "cp-reason", value: reason, onchange: () => { bar.missing.hidden = true; } });
    const words = el("label", {}, radio, el("span", { textContent: reason }));
    if (n < 9) words.append(el("kbd", { textContent: String(n + 1) }));
    return words;
  }));
  bar.other.value = "";
  bar.missing.hidden = true;
  bar.panel.hidden = false;
  bar.reject.setAttribute("aria-expanded", "true");
  bar.choices.querySelector("input")?.focus({ preventScroll: true });
  showBar(view);
}

function closeReasons(view) {
  view.bar.panel.hidden = true;
  view.bar.reject.setAttribute("aria-expanded", "false");
  showBar(view);
  view.bar.reject.focus({ preventScroll: true });
}

function pickReason(view, number) {
  const radio = view.bar.choices.querySelectorAll("input")[number - 1];
  if (!radio) return;
  radio.checked = true;
  radio.focus({ preventScroll: true });
  view.bar.missing.hidden = true;
}

function sendReject(view) {
  const chosen = view.bar.choices.querySelector("input:checked")?.value ?? "";
  const reason = [chosen, view.bar.other.value.trim()].filter(Boolean).join(": ").slice(0, 1000);
  if (!reason) { view.bar.missing.hidden = false; return; }
  closeReasons(view);
  decide(view, { kind: "reject", reason });
}

/** A button or its key; a key says why its button cannot be pressed. */
function press(view, kind) {
  if (view.edit || !view.head || resting(view)) return;
  view.problem = whyNot(view, kind);
  showState(view);
  if (view.problem) return;
  if (kind === "reject") openReasons(view);
  else if (kind === "correct") startEdit(view);
  else if (["next", "previous", "undo"].includes(kind)) send(view, { kind });
  else if (kind !== "accept" || !asksForDraft(view)) decide(view, { kind });
}

/** Something that a reader sent is on its way; the browser's own requests do not count. */
function busy(view) {
  return Boolean(view.pending && view.pending.event.kind !== "need");
}

function decide(view, event) {
  if (busy(view)) return;
  const about = view.about === null || event.kind === "correct" ? "" : view.head.classes[view.about].name;
  const seen = view.current.layers.corrected ? view.maskSeen : "";
  send(view, { class_name: about, comment: view.side.comment.value.trim(), mask_seen: seen, own_seen: view.head.own_seen, ...event });
  showBar(view);
}

function showBar(view) {
  const { bar, head } = view;
  bar.row.hidden = Boolean(view.edit);
  if (!head) return;
  const still = resting(view);
  for (const kind of KINDS) bar[kind].disabled = still || Boolean(whyNot(view, kind));
  setText(bar.about, view.about === null ? "" : `about ${head.classes[view.about].name} only`);
}

/** Nothing can be decided for a moment: the case is not there yet, or a decision is on its way or being worded. */
function resting(view) {
  return busy(view) || !view.bar.panel.hidden || !view.current || view.current.stamp !== view.head.queue[0].stamp;
}

/** The sentence why a reader cannot do something with the case in sight; empty where they can. */
function whyNot(view, kind) {
  const { head } = view;
  if (kind === "next") return head.has_next ? "" : "This is the last case of the list.";
  if (kind === "previous") return head.has_previous ? "" : "This is the first case of the list.";
  if (kind === "undo") return head.can_undo ? "" : "There is no decision of yours to take back.";
  if (head.locked) return head.locked;
  const alone = view.about !== null && ["correct", "skip"].includes(kind);
  if (alone) return `The next decision is about ${head.classes[view.about].name} only; click that class again to decide about the whole case.`;
  if (kind !== "accept" || mineOf(view)) return "";
  return "The prediction is hidden until you have answered, so there is nothing to accept. Press E and draw your own mask, or R to reject.";
}

/** The line above the image: which case, what was decided, what is being saved, what went wrong. */
function showState(view) {
  const { head, current, pending } = view;
  const waiting = head && (!current || current.stamp !== head.queue[0].stamp);
  const lost = waiting && (view.tries.get(head.queue[0].stamp) ?? 0) >= MOST_TRIES && !pending && !view.decoding.size;
  setText(view.sample, head?.form.sample ?? "");
  view.sample.title = head?.form.sample ?? "";
  let words = head?.locked || head?.state || "";
  if (view.notice) words = view.notice;
  if (waiting) words = "Loading the case";
  if (busy(view)) words = pending.again ? "Not saved yet; trying again" : `${SAYS[pending.event.kind] ?? "Moving on"} …`;
  setText(view.state, words);
  const problem = lost ? "The pictures of this case cannot be had. Reload the page; if that does not help, ask who runs the server." : view.problem;
  setText(view.alert, problem);
  view.alert.hidden = !problem;
  if (view.bar) showBar(view);
}
