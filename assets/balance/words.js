// Numbers as people read them; the same rules as pages/_ui/words.py.

function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.05) return "< 0.1 %";
  if (value > 99.95 && value < 100) return "> 99.9 %";
  return value === 0 || value === 100 ? `${value} %` : `${value.toFixed(1)} %`;
}

/** A share of pixels: small ones keep two digits, since a lesion covers few. */
function pixelPercent(share) {
  return share > 0 && share < 1e-6 ? "< 0.0001 %" : `${pixelPoints(share)} %`;
}

function pixelPoints(share) {
  const value = 100 * share;
  if (Math.abs(value) < 5e-5) return "0";
  if (Math.abs(value) >= 1) return value === 100 ? "100" : value.toFixed(1);
  return value.toPrecision(2);
}

function shareText(item, share) {
  return item.of_pixels ? pixelPercent(share) : percent(share);
}

function significant(value) {
  if (!Number.isFinite(value) || value === 0) return String(value);
  return Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
