// Undo and redo: of each step only the tiles that it changed are kept.

const TILE = 64;
const MOST_STEPS = 200;

function newHistory() {
  return { done: [], undone: [], open: null };
}

function beginStep(history) {
  history.open = new Map();
}

/** Keep what lies in a box before it is changed; tiles of this step that are kept already stay as they were. */
function keepBefore(history, labels, box) {
  const columns = Math.ceil(labels.width / TILE);
  const last = (value, length) => Math.floor(Math.min(length - 1, value) / TILE);
  for (let row = Math.floor(Math.max(0, box.top) / TILE); row <= last(box.bottom, labels.height); row += 1) {
    for (let column = Math.floor(Math.max(0, box.left) / TILE); column <= last(box.right, labels.width); column += 1) {
      const number = row * columns + column;
      if (!history.open.has(number)) history.open.set(number, readTile(labels, number));
    }
  }
}

/** End a step and give it; one that changed nothing is none, and gives null. */
function endStep(history, labels) {
  const step = history.open;
  history.open = null;
  for (const [number, before] of step) if (sameTile(before, readTile(labels, number))) step.delete(number);
  if (!step.size) return null;
  history.done.push(step);
  if (history.done.length > MOST_STEPS) history.done.shift();
  history.undone = [];
  return step;
}

function undoStep(history, labels) {
  return moveStep(history.done, history.undone, labels);
}

function redoStep(history, labels) {
  return moveStep(history.undone, history.done, labels);
}

/** Exchange the kept tiles with those of the mask: afterwards the step holds the way back. */
function moveStep(from, to, labels) {
  const step = from.pop();
  if (!step) return null;
  for (const [number, kept] of step) {
    const now = readTile(labels, number);
    writeTile(labels, number, kept);
    step.set(number, now);
  }
  to.push(step);
  return step;
}

/** The classes of the pixels in which a step's tiles differ from the mask: whichever way it goes, those it changes. */
function changedClasses(labels, step) {
  const found = new Set();
  for (const [number, kept] of step) {
    readTile(labels, number).forEach((plane, n) => {
      let bits = 0;
      plane.forEach((value, i) => {
        const other = kept[n][i];
        if (value === other) return;
        if (labels.overlapping) bits |= value ^ other;
        else found.add(value).add(other);
      });
      for (let k = 0; k < 8; k += 1) if (bits & (128 >> k)) found.add(8 * n + k);
    });
  }
  return found;
}

function tileBox(labels, number) {
  const columns = Math.ceil(labels.width / TILE);
  const left = (number % columns) * TILE;
  const top = Math.floor(number / columns) * TILE;
  const [width, height] = [Math.min(TILE, labels.width - left), Math.min(TILE, labels.height - top)];
  return { left, top, width, height, right: left + width - 1, bottom: top + height - 1 };
}

function readTile(labels, number) {
  const { left, top, width, height } = tileBox(labels, number);
  return labels.planes.map((plane) => {
    const tile = new Uint8Array(width * height);
    for (let y = 0; y < height; y += 1) {
      const at = (top + y) * labels.width + left;
      tile.set(plane.subarray(at, at + width), y * width);
    }
    return tile;
  });
}

function writeTile(labels, number, tiles) {
  const { left, top, width, height } = tileBox(labels, number);
  labels.planes.forEach((plane, n) => {
    for (let y = 0; y < height; y += 1) plane.set(tiles[n].subarray(y * width, (y + 1) * width), (top + y) * labels.width + left);
  });
}

function sameTile(a, b) {
  return a.every((plane, n) => plane.every((value, i) => value === b[n][i]));
}
