// PNG read and written number by number. A canvas would do neither exactly: it knows 8 bits only, and some browsers
// change a canvas's pixels on purpose, against fingerprinting.

const PNG_MARK = [137, 80, 78, 71, 13, 10, 26, 10];
const CHANNELS = { 0: 1, 2: 3 };

/** Decode grey (8 or 16 bits) or RGB PNG: `{ width, height, channels, depth, data }`. */
async function decodePng(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (PNG_MARK.some((mark, i) => bytes[i] !== mark)) throw new Error("no PNG");
  const head = { width: view.getUint32(16), height: view.getUint32(20), depth: bytes[24], channels: CHANNELS[bytes[25]] };
  const packed = [];
  for (let at = 8; at + 8 <= bytes.length;) {
    const size = view.getUint32(at);
    if (String.fromCharCode(...bytes.subarray(at + 4, at + 8)) === "IDAT") packed.push(bytes.subarray(at + 8, at + 8 + size));
    at += 12 + size;
  }
  const raw = await throughStream(new Blob(packed), new DecompressionStream("deflate"));
  const step = head.channels * (head.depth / 8);
  return { ...head, data: widen(unfilter(raw, head.width * step, head.height, step), head.depth) };
}

/** Encode `(height, width)` bytes as grey PNG of 8 bits. */
async function encodePng(data, width, height) {
  const raw = new Uint8Array((width + 1) * height); // Each row begins with its filter: none
  for (let y = 0; y < height; y += 1) raw.set(data.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  const packed = await throughStream(new Blob([raw]), new CompressionStream("deflate"));
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head[8] = 8;
  const parts = [new Uint8Array(PNG_MARK), chunk("IHDR", head), chunk("IDAT", packed), chunk("IEND", new Uint8Array(0))];
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

function toBase64(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32768) text += String.fromCharCode(...bytes.subarray(at, at + 32768));
  return btoa(text);
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

async function throughStream(blob, stream) {
  return new Uint8Array(await new Response(blob.stream().pipeThrough(stream)).arrayBuffer());
}

/** Undo the filters of all rows (PNG specification, section 9). */
function unfilter(raw, stride, height, step) {
  const out = new Uint8Array(stride * height);
  for (let y = 0; y < height; y += 1) {
    const kind = raw[y * (stride + 1)];
    const from = y * (stride + 1) + 1;
    const to = y * stride;
    if (kind === 0) out.set(raw.subarray(from, from + stride), to);
    else UNFILTER[kind](raw, from, out, to, stride, step, y > 0);
  }
  return out;
}

const UNFILTER = {
  1(raw, from, out, to, stride, step) {
    for (let i = 0; i < stride; i += 1) out[to + i] = raw[from + i] + (i < step ? 0 : out[to + i - step]);
  },
  2(raw, from, out, to, stride, step, above) {
    for (let i = 0; i < stride; i += 1) out[to + i] = raw[from + i] + (above ? out[to + i - stride] : 0);
  },
  3(raw, from, out, to, stride, step, above) {
    for (let i = 0; i < stride; i += 1) {
      const left = i < step ? 0 : out[to + i - step];
      out[to + i] = raw[from + i] + ((left + (above ? out[to + i - stride] : 0)) >> 1);
    }
  },
  4(raw, from, out, to, stride, step, above) {
    for (let i = 0; i < stride; i += 1) {
      const left = i < step ? 0 : out[to + i - step];
      const up = above ? out[to + i - stride] : 0;
      const corner = above && i >= step ? out[to + i - stride - step] : 0;
      const toLeft = Math.abs(up - corner);
      const toUp = Math.abs(left - corner);
      const toCorner = Math.abs(left + up - 2 * corner);
      const guess = toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
      out[to + i] = raw[from + i] + guess;
    }
  },
};

function widen(bytes, depth) {
  if (depth === 8) return bytes;
  const words = new Uint16Array(bytes.length / 2);
  for (let i = 0; i < words.length; i += 1) words[i] = (bytes[2 * i] << 8) | bytes[2 * i + 1];
  return words;
}

function chunk(name, content) {
  const out = new Uint8Array(12 + content.length);
  const view = new DataView(out.buffer);
  view.setUint32(0, content.length);
  for (let i = 0; i < 4; i += 1) out[4 + i] = name.charCodeAt(i);
  out.set(content, 8);
  view.setUint32(8 + content.length, checksum(out.subarray(4, 8 + content.length)));
  return out;
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let k = 0; k < 8; k += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

function checksum(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
