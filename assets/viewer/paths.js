// Outlines: the edges between pixels inside and outside a region, as lines that stay sharp at every zoom.

/** Runs of edges `[x1, y1, x2, y2, …]` in pixel corners, each as long as it goes straight. */
function outlineRuns(region, width, height) {
  const box = boundsOf(region, width, height);
  if (!box) return [];
  const runs = [];
  const { left, top, right, bottom } = box;
  const open = new Int32Array(width + 1).fill(-1); // Row in which the edge left of a column began
  for (let y = top; y <= bottom + 1; y += 1) {
    let start = -1;
    for (let x = left; x <= right + 1; x += 1) {
      const here = y <= bottom && x <= right ? region[y * width + x] : 0;
      const above = y > top && x <= right ? region[(y - 1) * width + x] : 0;
      const before = y <= bottom && x > left ? region[y * width + x - 1] : 0;
      if (here !== above) { if (start < 0) start = x; } else if (start >= 0) { runs.push(start, y, x, y); start = -1; }
      if (here !== before) { if (open[x] < 0) open[x] = y; } else if (open[x] >= 0) { runs.push(x, open[x], x, y); open[x] = -1; }
    }
  }
  return runs;
}

function boundsOf(region, width, height) {
  const first = region.indexOf(1);
  if (first < 0) return null;
  const box = { left: width, right: -1, top: Math.floor(first / width), bottom: Math.floor(region.lastIndexOf(1) / width) };
  for (let y = box.top; y <= box.bottom; y += 1) {
    const row = region.subarray(y * width, (y + 1) * width);
    const from = row.indexOf(1);
    if (from < 0) continue;
    box.left = Math.min(box.left, from);
    box.right = Math.max(box.right, row.lastIndexOf(1));
  }
  return box;
}

function outlinePath(region, width, height) {
  const path = new Path2D();
  const runs = outlineRuns(region, width, height);
  for (let i = 0; i < runs.length; i += 4) {
    path.moveTo(runs[i], runs[i + 1]);
    path.lineTo(runs[i + 2], runs[i + 3]);
  }
  return path;
}
