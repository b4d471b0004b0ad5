// Pixels of images, masks and heat as canvases of the image's own size; zoom and opacity only redraw these.

const HIT = [150, 160, 172];
const EXTRA = [240, 228, 66]; // yellow: seen on grey and on orange (fundus) alike
const MISSED = [86, 180, 233];
// From dark violet to yellow: dark and light ends differ in grey too, and no class has these colours.
const HEAT = [[59, 15, 112], [140, 41, 129], [222, 73, 104], [254, 159, 109], [252, 253, 191]];

function blankCanvas(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function parseColour(hex) {
  return [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
}

/** RGBA as one number, as a canvas keeps it (lowest byte first on every machine that runs a browser). */
function packColour([red, green, blue], alpha = 255) {
  return ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function fromPixels(width, height, fill) {
  const canvas = blankCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  fill(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The image; of grey ones values from `window[0]` (black) to `window[1]` (white). */
function paintImage(image, grey, window) {
  const { width, height, data } = image;
  if (image.channels === 3) {
    return fromPixels(width, height, (out) => {
      for (let i = 0; i < out.length; i += 1) out[i] = packColour([data[3 * i], data[3 * i + 1], data[3 * i + 2]]);
    });
  }
  const table = greyTable(grey, window, image.depth === 16 ? 65536 : 256);
  return fromPixels(width, height, (out) => { for (let i = 0; i < out.length; i += 1) out[i] = table[data[i]]; });
}

function greyTable(grey, [low, high], size) {
  const span = Math.max(high - low, 1e-12);
  return Uint32Array.from({ length: size }, (_, number) => {
    const share = (grey.first + grey.step * number - low) / span;
    const shade = Math.round(255 * Math.min(1, Math.max(0, share)));
    return packColour([shade, shade, shade]);
  });
}

/** The shown classes in their colours, opaque; where several lie on one pixel, their mean. */
function paintFill(labels, colours, shown) {
  const canvas = blankCanvas(labels.width, labels.height);
  repaintFill(canvas, labels, colours, shown, { left: 0, top: 0, right: labels.width - 1, bottom: labels.height - 1 });
  return canvas;
}

/** Paint a box of it anew; a stroke repaints no more than it touched. */
function repaintFill(canvas, labels, colours, shown, box) {
  const [width, height] = [box.right - box.left + 1, box.bottom - box.top + 1];
  if (width < 1 || height < 1) return;
  const image = new ImageData(width, height);
  const out = new Uint32Array(image.data.buffer);
  const colourOf = labels.overlapping ? mixedColour(labels, colours, shown) : singleColour(labels, colours, shown);
  for (let y = 0; y < height; y += 1) {
    const from = (box.top + y) * labels.width + box.left;
    for (let x = 0; x < width; x += 1) out[y * width + x] = colourOf(from + x);
  }
  canvas.getContext("2d").putImageData(image, box.left, box.top);
}

function singleColour(labels, colours, shown) {
  const table = new Uint32Array(256);
  colours.forEach((colour, place) => { if (shown[place]) table[place] = packColour(colour); });
  return (i) => table[labels.planes[0][i]];
}

function mixedColour({ planes }, colours, shown) {
  const tables = planes.map((_, n) => sumTable(colours, shown, 8 * n));
  return (i) => {
    let [red, green, blue, count] = [0, 0, 0, 0];
    for (let n = 0; n < planes.length; n += 1) {
      const at = 4 * planes[n][i];
      if (at === 0) continue;
      const table = tables[n];
      red += table[at]; green += table[at + 1]; blue += table[at + 2]; count += table[at + 3];
    }
    return count ? packColour([red / count, green / count, blue / count]) : 0;
  };
}

/** For each of the 256 sets of eight classes the sum of their colours, and their number. */
function sumTable(colours, shown, first) {
  const table = new Float64Array(1024);
  for (let bits = 0; bits < 256; bits += 1) {
    for (let k = 0; k < 8; k += 1) {
      const place = first + k;
      if (!(bits & (128 >> k)) || !shown[place]) continue;
      for (let c = 0; c < 3; c += 1) table[4 * bits + c] += colours[place][c];
      table[4 * bits + 3] += 1;
    }
  }
  return table;
}

/** Of the shown classes: right pixels, drawn ones that the reference does not have, and missed ones. */
function compareLabels(drawn, reference, shown) {
  const size = drawn.width * drawn.height;
  const found = { hit: new Uint8Array(size), extra: new Uint8Array(size), missed: new Uint8Array(size) };
  shown.forEach((on, place) => {
    if (!on) return;
    const mine = regionOf(drawn, place);
    const theirs = regionOf(reference, place);
    for (let i = 0; i < size; i += 1) {
      if (mine[i] & theirs[i]) found.hit[i] = 1;
      else if (mine[i]) found.extra[i] = 1;
      else if (theirs[i]) found.missed[i] = 1;
    }
  });
  return found;
}

function paintRegion(region, width, height, colour) {
  const value = packColour(colour);
  return fromPixels(width, height, (out) => { for (let i = 0; i < out.length; i += 1) if (region[i]) out[i] = value; });
}

/** Doubt as colour: nothing where the model is certain, the more the less so. */
function paintHeat(heat, name) {
  const table = Uint32Array.from({ length: 256 }, (_, number) => {
    const doubt = name === "confidence" ? 1 - number / 255 : number / 255;
    return packColour(heatColour(doubt), Math.round(255 * Math.min(1, 2.5 * doubt)));
  });
  return fromPixels(heat.width, heat.height, (out) => { for (let i = 0; i < out.length; i += 1) out[i] = table[heat.data[i]]; });
}

function heatColour(share) {
  const at = Math.min(share, 0.9999) * (HEAT.length - 1);
  const [low, high] = [HEAT[Math.floor(at)], HEAT[Math.floor(at) + 1]];
  return low.map((value, c) => Math.round(value + (high[c] - value) * (at % 1)));
}
