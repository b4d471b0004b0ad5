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
    const png = edit.history.done.length ? toBase64(await encodeLabels(edit.labels)) : null;
    if (view.edit === edit) writeDraft(edit.draft, png);
  }, DRAFT_PAUSE);
}

function dropDraft(view) {
  clearTimeout(view.draftTimer);
  if (view.edit) writeDraft(view.edit.draft, null);
}

/** Without room, or where a browser forbids to keep anything, there is no draft: all else goes on. */
function writeDraft(key, png) {
  try {
    if (png === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, png);
  } catch (error) {
    console.warn("Counterpoise: the unsaved correction cannot be kept", error);
  }
}

function readDraft(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function hasDraft(view) {
  return readDraft(draftKey(view)) !== null;
}

/** Go on with what was drawn before, as one step that can be undone. */
async function resumeDraft(view) {
  const { edit } = view;
  const { labels } = edit;
  const kept = readDraft(edit.draft);
  if (kept === null) return;
  const { data } = await decodePng(fromBase64(kept));
  const size = labels.width * labels.height;
  if (view.edit !== edit || data.length !== size * labels.planes.length) return;
  changeBox(view, wholeBox(labels), () => labels.planes.forEach((plane, n) => plane.set(data.subarray(n * size, (n + 1) * size))));
  view.notice = "Here is the correction that you had not saved.";
  showState(view);
}
