// Specks and holes of a region.

/** Connected parts of a region as lists of indices; `corners` says whether pixels that touch at a corner connect. */
function findParts(region, width, height, corners) {
  const seen = new Uint8Array(region.length);
  const parts = [];
  const around = corners ? [-1, 0, 1] : [0];
  for (let start = region.indexOf(1); start >= 0; start = region.indexOf(1, start + 1)) {
    if (seen[start]) continue;
    const part = [start];
    seen[start] = 1;
    for (let n = 0; n < part.length; n += 1) {
      const x = part[n] % width;
      const y = (part[n] - x) / width;
      const step = (column, row) => {
        if (column < 0 || row < 0 || column >= width || row >= height) return;
        const i = row * width + column;
        if (region[i] && !seen[i]) { seen[i] = 1; part.push(i); }
      };
      step(x - 1, y);
      step(x + 1, y);
      for (const dx of around) { step(x + dx, y - 1); step(x + dx, y + 1); }
    }
    parts.push(part);
  }
  return parts;
}

/** Indices of all parts of fewer than `least` pixels; pixels that touch at a corner belong together. */
function findSpecks(region, width, height, least) {
  return findParts(region, width, height, true).filter((part) => part.length < least).flat();
}

/** Lists of indices: what a region encloses, that is, parts of its outside that do not reach the image's edge. */
function findHoles(region, width, height) {
  const outside = region.map((value) => 1 - value);
  const atEdge = (i) => i < width || i >= width * (height - 1) || i % width === 0 || i % width === width - 1;
  return findParts(outside, width, height, false).filter((part) => !part.some(atEdge));
}
