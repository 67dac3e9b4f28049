// How an activation looks in every chart: a hue for its family, a dash and a symbol of its own. The
// hues are five that stay apart for colour-blind readers on light and on dark paper (style.css
// gives both sets), so colour alone never has to tell two functions apart.
// SPDX-License-Identifier: Apache-2.0

export interface Look {
  color: string;
  dash: string | undefined;
  symbol: "circle" | "square" | "triangle" | "diamond" | "star" | "cross" | "wye" | "plus" | "times";
}

const kLooks: Record<string, Look> = {
  sigmoid: { color: "var(--hue-1)", dash: undefined, symbol: "circle" },
  improved_sigmoid: { color: "var(--hue-1)", dash: "7 3", symbol: "diamond" },
  algebraic_sigmoid: { color: "var(--hue-1)", dash: "2 3", symbol: "square" },
  arctan_sigmoid: { color: "var(--hue-1)", dash: "9 3 2 3", symbol: "star" },
  tanh: { color: "var(--hue-2)", dash: undefined, symbol: "square" },
  softsign: { color: "var(--hue-2)", dash: "7 3", symbol: "star" },
  hard_tanh: { color: "var(--hue-2)", dash: "2 3", symbol: "cross" },
  relu: { color: "var(--hue-3)", dash: undefined, symbol: "triangle" },
  leaky_relu: { color: "var(--hue-3)", dash: "7 3", symbol: "wye" },
  prelu: { color: "var(--hue-3)", dash: "2 3", symbol: "cross" },
  elu: { color: "var(--hue-4)", dash: undefined, symbol: "star" },
  selu: { color: "var(--hue-4)", dash: "7 3", symbol: "diamond" },
  softplus: { color: "var(--hue-4)", dash: "2 3", symbol: "square" },
  silu: { color: "var(--hue-5)", dash: undefined, symbol: "square" },
  gelu: { color: "var(--hue-5)", dash: "7 3", symbol: "circle" },
  gelu_tanh: { color: "var(--hue-5)", dash: "2 3", symbol: "triangle" },
  mish: { color: "var(--hue-5)", dash: "9 3 2 3", symbol: "diamond" },
  identity: { color: "var(--hue-6)", dash: undefined, symbol: "plus" },
};

const kDashes = [undefined, "7 3", "2 3", "9 3 2 3"];
const kSymbols: Look["symbol"][] = ["circle", "square", "triangle", "diamond", "star", "cross", "wye"];

/** The look of "elu(alpha=0.5)"; a name that is not known gets one by its place in the list. */
export function lookOf(activation: string, among: readonly string[]): Look {
  const name = activation.replace(/\(.*/, "");
  const place = Math.max(0, among.indexOf(activation));
  const twins = among.filter((other) => other.replace(/\(.*/, "") === name);
  const known = kLooks[name];
  if (known && twins.length < 2) return known;
  return {
    color: known?.color ?? `var(--hue-${(place % 6) + 1})`,
    dash: kDashes[(known ? twins.indexOf(activation) : Math.floor(place / 6)) % kDashes.length],
    symbol: kSymbols[place % kSymbols.length]!,
  };
}

/** Ordered values (depths) as one hue from faint to full. */
export function ordinalOpacity(index: number, count: number): number {
  return count < 2 ? 1 : 0.3 + (0.7 * index) / (count - 1);
}
