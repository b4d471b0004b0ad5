// A mask in the browser. Exclusive classes: one plane, the class's position a pixel, 255 for none. Overlapping classes:
// bits, eight classes a plane, the first class in the highest bit.

const NO_CLASS = 255;

/**
 * A mask out of the numbers of its PNG.
 *
 * `empty` is what a pixel holds where a class was erased: the background where there is one. Of overlapping classes the
 * background, where it was drawn at all, goes on meaning "no other class".
 */
function makeLabels(numbers, width, height, count, overlapping, background = -1) {
  const size = width * height;
  const planes = [];
  for (let at = 0; at < numbers.length; at += size) planes.push(numbers.slice(at, at + size));
  const labels = { width, height, count, overlapping, planes, empty: background < 0 ? NO_CLASS : background, background: -1 };
  if (overlapping && background >= 0 && regionOf(labels, background).includes(1)) labels.background = background;
  return labels;
}

function emptyLabels(width, height, count, overlapping, background) {
  const planes = overlapping ? Math.ceil(count / 8) : 1;
  const numbers = new Uint8Array(planes * width * height).fill(overlapping ? 0 : background < 0 ? NO_CLASS : background);
  return makeLabels(numbers, width, height, count, overlapping, background);
}

function copyLabels(labels) {
  return { ...labels, planes: labels.planes.map((plane) => plane.slice()) };
}

function joinPlanes(labels) {
  const size = labels.width * labels.height;
  const joined = new Uint8Array(size * labels.planes.length);
  labels.planes.forEach((plane, n) => joined.set(plane, n * size));
  return joined;
}

/** As it is sent: all planes below one another, as PNG. */
function encodeLabels(labels) {
  return encodePng(joinPlanes(labels), labels.width, labels.height * labels.planes.length);
}

/** Where one class is: a byte 0 or 1 a pixel. */
function regionOf(labels, place) {
  const region = new Uint8Array(labels.width * labels.height);
  if (!labels.overlapping) {
    const plane = labels.planes[0];
    for (let i = 0; i < region.length; i += 1) region[i] = plane[i] === place ? 1 : 0;
    return region;
  }
  const plane = labels.planes[place >> 3];
  const shift = 7 - (place & 7);
  for (let i = 0; i < region.length; i += 1) region[i] = (plane[i] >> shift) & 1;
  return region;
}

function holds(labels, place, i) {
  if (!labels.overlapping) return labels.planes[0][i] === place;
  return ((labels.planes[place >> 3][i] >> (7 - (place & 7))) & 1) === 1;
}

/** The classes at a pixel. */
function classesAt(labels, i) {
  const found = [];
  for (let place = 0; place < labels.count; place += 1) if (holds(labels, place, i)) found.push(place);
  return found;
}

function addClass(labels, place, i) {
  if (!labels.overlapping) { labels.planes[0][i] = place; return; }
  setBit(labels, place, i);
  if (labels.background >= 0 && place !== labels.background) clearBit(labels, labels.background, i);
}

function removeClass(labels, place, i) {
  if (!holds(labels, place, i)) return;
  if (!labels.overlapping) { labels.planes[0][i] = labels.empty; return; }
  clearBit(labels, place, i);
  if (labels.background >= 0 && labels.planes.every((plane) => plane[i] === 0)) setBit(labels, labels.background, i);
}

/** Whether a pixel holds no class but background. */
function isEmpty(labels, i) {
  if (!labels.overlapping) return labels.planes[0][i] === labels.empty || labels.planes[0][i] === NO_CLASS;
  return classesAt(labels, i).every((place) => place === labels.background);
}

function setBit(labels, place, i) {
  labels.planes[place >> 3][i] |= 128 >> (place & 7);
}

function clearBit(labels, place, i) {
  labels.planes[place >> 3][i] &= ~(128 >> (place & 7));
}

function sameLabels(a, b) {
  return a.planes.every((plane, n) => plane.every((value, i) => value === b.planes[n][i]));
}
