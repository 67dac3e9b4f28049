// How an activation looks in every chart: a hue for its family, a dash and a symbol of its own. The
// hues are five that stay apart for colour-blind readers on light and on dark paper (style.css
// gives both sets), so colour alone never has to tell two functions apart.
// SPDX-License-Identifier: Apache-2.0

export interface Look {
  color: string;
  dash: string | undefined;
  symbol: "circle" | "square" | "triangle" | "diamond" | "star" | "cross" | "wye" | "hexagon";
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
  identity: { color: "var(--hue-6)", dash: undefined, symbol: "hexagon" },
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

/** Hues in the order in which they differ most. */
const kHues = [3, 1, 5, 2, 4, 6];

/**
 * The looks of series by label. One that stands for an activation has its colour and, where it is
 * the only one, its dash; several of one activation share the hue and differ by dash and symbol.
 */
export function looksOf(series: readonly { label: string; activation?: string; look?: Look }[]): Map<string, Look> {
  const looks = new Map(series.flatMap((s) => (s.look ? [[s.label, s.look] as const] : [])));
  const owners = new Map(series.filter((s) => !s.look).map((s) => [s.label, s.activation]));
  const labels = [...owners.keys()];
  const family = (label: string) => owners.get(label)?.replace(/\(.*/, "");
  const crowd = (label: string) => labels.filter((other) => family(other) === family(label));
  let placed = 0;
  for (const label of labels) {
    const name = family(label);
    const twins = crowd(label);
    const known = name === undefined ? undefined : kLooks[name];
    const rank = twins.indexOf(label);
    // More of one hue than there are dashes, and nothing else: then hues tell them apart better.
    if (known && (twins.length <= kDashes.length || twins.length < labels.length)) {
      const dash = twins.length === 1 ? known.dash : kDashes[rank % kDashes.length];
      const symbol = twins.length === 1 ? known.symbol : kSymbols[rank % kSymbols.length]!;
      const share = 100 - 18 * Math.floor(rank / kDashes.length);
      const color = share === 100 ? known.color : `color-mix(in oklab, ${known.color} ${Math.max(40, share)}%, var(--ink))`;
      looks.set(label, { color, dash, symbol });
      continue;
    }
    // Beside functions with hues of their own, what is no function is drawn in ink.
    const inked = labels.some((other) => other !== label && Object.hasOwn(kLooks, family(other) ?? "") && family(other) !== name);
    looks.set(label, {
      color: inked ? "var(--ink)" : `var(--hue-${kHues[placed % kHues.length]})`,
      dash: kDashes[(inked ? placed + 1 : Math.floor(placed / kHues.length)) % kDashes.length],
      symbol: kSymbols[placed % kSymbols.length]!,
    });
    placed++;
  }
  return looks;
}

/** Whether this is the name of a function, with or without parameters, that has a look of its own. */
export const isActivation = (text: string): boolean => Object.hasOwn(kLooks, text.replace(/\(.*/, ""));

/** Ordered values (depths) as one hue from faint to full. */
export function ordinalOpacity(index: number, count: number): number {
  return count < 2 ? 1 : 0.3 + (0.7 * index) / (count - 1);
}
