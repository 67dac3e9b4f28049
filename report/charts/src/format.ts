// Numbers as people read them: few digits, a thin space before a unit, powers of ten as powers.
// SPDX-License-Identifier: Apache-2.0

type Maybe = number | null | undefined;

const kSuperscripts: Record<string, string> = {
  "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴",
  "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
};

export const isNumber = (v: Maybe): v is number => v !== null && v !== undefined && Number.isFinite(v);

export function superscript(n: number): string {
  return [...String(n)].map((c) => kSuperscripts[c] ?? c).join("");
}

/** 0.0123, 1.5, 240, 3.1×10⁻¹²: three significant digits. */
export function number(v: Maybe): string {
  if (!isNumber(v)) return "–";
  if (v === 0) return "0";
  const exponent = Math.floor(Math.log10(Math.abs(v)));
  if (exponent < -3 || exponent > 5) {
    const [mantissa, power] = v.toExponential(1).split("e");
    return `${mantissa}×10${superscript(Number(power))}`.replace("-", "−");
  }
  return String(Number(v.toPrecision(3))).replace("-", "−");
}

export function percent(v: Maybe, digits = 1): string {
  return isNumber(v) ? `${(100 * v).toFixed(digits)} %` : "–";
}

export function seconds(v: Maybe): string {
  if (!isNumber(v)) return "–";
  if (v < 1e-3) return `${Number((v * 1e6).toPrecision(3))} µs`;
  if (v < 1) return `${Number((v * 1e3).toPrecision(3))} ms`;
  return `${Number(v.toPrecision(3))} s`;
}

/** Ticks of a logarithmic axis that may span many decades. */
export function power(v: number): string {
  const exponent = Math.round(Math.log10(v));
  if (Math.abs(v / 10 ** exponent - 1) > 1e-9) return "";
  return exponent === 0 ? "1" : exponent === 1 ? "10" : `10${superscript(exponent).replace("-", "⁻")}`;
}

/** About `count` whole powers of ten between low and high. */
export function decades(low: number, high: number, count = 6): number[] {
  const from = Math.ceil(Math.log10(low) - 1e-9);
  const to = Math.floor(Math.log10(high) + 1e-9);
  const step = Math.max(1, Math.ceil((to - from) / count));
  const ticks: number[] = [];
  for (let e = Math.ceil(from / step) * step; e <= to; e += step) ticks.push(10 ** e);
  return ticks;
}

export function layers(depth: number): string {
  return depth === 1 ? "1 hidden layer" : `${depth} hidden layers`;
}
