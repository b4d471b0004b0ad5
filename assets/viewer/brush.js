// Which pixels a hand covers: a stroke of a round brush, a polygon, a flood. All give spans or indices, none writes.

/** Visit the pixels of a disc of `size` pixels across, drawn along a line; coordinates are pixel coordinates. */
function visitStroke(from, to, size, width, height, visit) {
  const radius = size / 2;
  const box = strokeBox(from, to, size, width, height);
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = dx * dx + dy * dy;
  for (let y = box.top; y <= box.bottom; y += 1) {
    for (let x = box.left; x <= box.right; x += 1) {
      const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y]; // A pixel is covered where its middle is
      const along = length ? Math.min(1, Math.max(0, (px * dx + py * dy) / length)) : 0;
      const distance = (px - along * dx) ** 2 + (py - along * dy) ** 2;
      if (distance <= radius * radius) visit(y * width + x);
    }
  }
}

function strokeBox(from, to, size, width, height) {
  const radius = size / 2;
  return {
    left: Math.max(0, Math.floor(Math.min(from.x, to.x) - radius)),
    right: Math.min(width - 1, Math.ceil(Math.max(from.x, to.x) + radius)),
    top: Math.max(0, Math.floor(Math.min(from.y, to.y) - radius)),
    bottom: Math.min(height - 1, Math.ceil(Math.max(from.y, to.y) + radius)),
  };
}

/** The middle of the pixel under a point: where a brush of one pixel is to be. */
function pixelMiddle(point) {
  return { x: Math.floor(point.x) + 0.5, y: Math.floor(point.y) + 0.5 };
}

/** Visit the pixels whose middle lies in a polygon (even-odd rule). */
function visitPolygon(points, width, height, visit) {
  const ys = points.map(({ y }) => y);
  const first = Math.max(0, Math.floor(Math.min(...ys)));
  const last = Math.min(height - 1, Math.ceil(Math.max(...ys)));
  for (let row = first; row <= last; row += 1) {
    const y = row + 0.5;
    const cuts = [];
    points.forEach((a, n) => {
      const b = points[(n + 1) % points.length];
      if ((a.y <= y) !== (b.y <= y)) cuts.push(a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x));
    });
    cuts.sort((a, b) => a - b);
    for (let n = 0; n + 1 < cuts.length; n += 2) {
      const from = Math.max(0, Math.ceil(cuts[n] - 0.5));
      const to = Math.min(width - 1, Math.ceil(cuts[n + 1] - 0.5) - 1);
      for (let x = from; x <= to; x += 1) visit(row * width + x);
    }
  }
}

/** The connected pixels (edge to edge) around a start that are alike, as indices. */
function floodFrom(start, width, height, alike) {
  if (!alike(start)) return [];
  const seen = new Uint8Array(width * height);
  const found = [start];
  seen[start] = 1;
  for (let n = 0; n < found.length; n += 1) {
    const i = found[n];
    const x = i % width;
    const step = (to, inside) => { if (inside && !seen[to] && alike(to)) { seen[to] = 1; found.push(to); } };
    step(i - 1, x > 0);
    step(i + 1, x < width - 1);
    step(i - width, i >= width);
    step(i + width, i < width * (height - 1));
  }
  return found;
}
