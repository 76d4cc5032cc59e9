// Numbers as people read them: in tooltips, on the colour bar, in cells.
// `src/layergrid/numerals.py` does the same; `tests/data/numerals.json` holds cases for both.

/** A value to four significant digits: 0.1123, 3.2e-7, 1,204. Integers are exact. */
export function formatValue(value: number | bigint, integer = typeof value === "bigint"): string {
  if (integer) return grouped(value.toString());
  const v = Number(value);
  if (Number.isNaN(v)) return "NaN";
  if (!Number.isFinite(v)) return v > 0 ? "+∞" : "−∞";
  if (v === 0) return "0";
  const [digits = "", exponentText = "0"] = Math.abs(v).toExponential(3).split("e");
  const exponent = Number(exponentText);
  const sign = v < 0 ? "−" : "";
  const mantissa = stripZeros(digits);
  if (exponent <= -5 || exponent >= 6) return `${sign}${mantissa}e${exponent}`;
  const plain = Number(`${mantissa}e${exponent}`).toFixed(Math.max(0, 3 - exponent));
  return sign + grouped(stripZeros(plain));
}

/** A value as exactly as it can be written: what Python would print for it. */
export function exactValue(value: number | bigint, single: boolean): string {
  if (typeof value === "bigint" || !single || !Number.isFinite(value)) return String(value);
  // The shortest decimal that rounds to the same float32.
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

function stripZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function grouped(text: string): string {
  const [whole = "", fraction] = text.split(".");
  const commas = whole.replace(/\B(?=(\d{3})+$)/g, ",").replace("-", "−");
  return fraction === undefined ? commas : `${commas}.${fraction}`;
}

export interface Tick {
  value: number;
  text: string;
}

/**
 * Round numbers between `low` and `high`, labelled to equal decimals: the smallest step of 1, 2
 * or 5 times a power of ten that leaves at most `most`. Without a range, the one value there is.
 */
export function ticks(low: number, high: number, most = 6): Tick[] {
  if (!(low < high)) return [{ value: low, text: formatValue(low) }];
  const step = stepOf(high - low, most);
  // Next to each other, as far as floats go: there are no round numbers between them.
  if (!Number.isFinite(step) || Math.max(Math.abs(low), Math.abs(high)) / step > 1e15) {
    return [low, high].map((value) => ({ value, text: formatValue(value) }));
  }
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const exponent = Math.floor(Math.log10(step) + 1e-9);
  const found: Tick[] = [];
  for (let k = first; k <= last; k++) {
    found.push({ value: k * step, text: tickText(k, step, exponent) });
  }
  return found;
}

function stepOf(span: number, most: number): number {
  const raw = span / most;
  if (!(raw > 0) || !Number.isFinite(raw)) return Number.POSITIVE_INFINITY;
  const power = 10 ** Math.floor(Math.log10(raw));
  for (const factor of [1, 2, 5, 10]) {
    const step = factor * power;
    if (Math.floor(span / step + 1e-9) < most) return step;
  }
  return 20 * power;
}

function tickText(k: number, step: number, exponent: number): string {
  const value = Math.abs(k * step);
  const sign = k < 0 ? "−" : "";
  const largest = k === 0 ? exponent : Math.floor(Math.log10(value) + 1e-9);
  if (exponent < -5 || largest >= 6) {
    if (k === 0) return "0";
    const mantissa = (value / 10 ** largest).toFixed(Math.max(0, largest - exponent));
    return `${sign}${mantissa}e${largest}`;
  }
  return sign + grouped(value.toFixed(Math.max(0, -exponent)));
}
