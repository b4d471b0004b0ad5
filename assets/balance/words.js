// Numbers as people read them; the same rules as pages/_ui/words.py.

function percent(share) {
  const value = 100 * share;
  if (value > 0 && value < 0.05) return "< 0.1 %";
  if (value > 99.95 && value < 100) return "> 99.9 %";
  return value === 0 || value === 100 ? `${value} %` : `${value.toFixed(1)} %`;
}

function significant(value) {
  if (!Number.isFinite(value) || value === 0) return String(value);
  return Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
}
