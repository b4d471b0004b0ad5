// A correction that is not saved yet is kept by the tab, so that a reload or a wrong click costs no work. It is the
// reader's own and never leaves the browser; it goes when it is saved or left, and with the tab.

const DRAFT_PAUSE = 400; // milliseconds after the last step

function draftKey(view) {
  return ["counterpoise.draft", view.head.reader, view.head.review, view.current.stamp].join("|");
}

/** Keep what is drawn by now, a moment after the hand rests. */
function keepDraft(view) {
  const { edit } = view;
  clearTimeout(view.draftTimer);
  view.draftTimer = setTimeout(async () => {
    const { place, tool, size } = edit;
    const draft = edit.history.done.length ? { place, tool, size, png: toBase64(await encodeLabels(edit.labels)) } : null;
    if (view.edit === edit) writeDraft(edit.draft, draft);
  }, DRAFT_PAUSE);
}

function dropDraft(view) {
  clearTimeout(view.draftTimer);
  if (view.edit) writeDraft(view.edit.draft, null);
}

/** Without room, or where a browser forbids to keep anything, there is no draft: all else goes on. */
function writeDraft(key, draft) {
  try {
    if (draft === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(draft));
  } catch (error) {
    console.warn("Counterpoise: the unsaved correction cannot be kept", error);
  }
}

function readDraft(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}

function hasDraft(view) {
  return readDraft(draftKey(view)) !== null;
}

/** Ask once before a mask is accepted over a correction that was not saved. */
function asksForDraft(view) {
  if (view.askedForDraft || !hasDraft(view)) return false;
  view.askedForDraft = true;
  view.notice = "Your correction of this case is not saved. E goes on with it, A again accepts the mask as it was.";
  showState(view);
  return true;
}

/** Go on with what was drawn before, as one step that can be undone. */
async function resumeDraft(view) {
  const { edit } = view;
  const { labels } = edit;
  const kept = readDraft(edit.draft);
  if (kept === null) return;
  const { data } = await decodePng(fromBase64(kept.png));
  const size = labels.width * labels.height;
  if (view.edit !== edit || data.length !== size * labels.planes.length) return;
  Object.assign(edit, { place: kept.place, tool: kept.tool, size: kept.size });
  changeBox(view, wholeBox(labels), () => labels.planes.forEach((plane, n) => plane.set(data.subarray(n * size, (n + 1) * size))));
  view.notice = "Here is the correction that you had not saved.";
  showState(view);
}
