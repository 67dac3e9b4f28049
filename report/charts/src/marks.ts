// Marks that several charts share: labels that keep out of each other's way, panel titles, the
// band over the seeds, and the frame that every plot stands in.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { isNumber } from "./format";
import type { Look } from "./identity";
import type { SpreadRow } from "./model";

export const kInk = "var(--ink)";
export const kMuted = "var(--muted)";
export const kRule = "var(--rule)";
export const kPaper = "var(--paper)";
export const kFontSize = 12;

export type Svg = SVGSVGElement;

/** What every chart function takes besides its data. */
export interface ChartOptions {
  width: number;
  /** Read aloud instead of the picture. */
  label: string;
}

/** Plot with the house's defaults: our type, our inks, no style sheet of its own. */
export function plot(options: ChartOptions, spec: Plot.PlotOptions): Svg {
  const svg = Plot.plot({
    ...spec,
    figure: false,
    legend: false,
    width: options.width,
    ariaLabel: options.label,
    style: { fontSize: `${kFontSize}px`, fontFamily: "inherit", background: "none", overflow: "visible" },
  } as Plot.PlotOptions) as unknown as Svg;
  svg.setAttribute("role", "img");
  svg.setAttribute("font-size", String(kFontSize));
  return svg;
}

/** The outline of one of Plot's symbols, for swatches outside a plot. */
export function symbolPath(symbol: Look["symbol"], r: number): string {
  const drawn = Plot.plot({
    marks: [Plot.dot([0], { x: () => 0, y: () => 0, r, symbol, fill: "black" })],
    x: { axis: null, range: [0, 0] },
    y: { axis: null, range: [0, 0] },
  });
  return drawn.querySelector("path, circle")?.getAttribute("d") ?? circlePath(r);
}

function circlePath(r: number): string {
  return `M${r},0A${r},${r},0,1,1,${-r},0A${r},${r},0,1,1,${r},0Z`;
}

let ruler: CanvasRenderingContext2D | null = null;

/** Pixels that a text takes in the charts' type. */
export function textWidth(text: string, weight = 400): number {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 7 * text.length;
  ruler.font = `${weight} ${kFontSize}px ${getComputedStyle(document.body).fontFamily}`;
  return ruler.measureText(text).width;
}

/** The text in lines of at most so many pixels. */
export function wrapped(text: string, pixels: number, weight = 400): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length && textWidth(longer, weight) <= pixels) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

/** The text, cut with an ellipsis where it is wider than there is room. */
export function fitted(text: string, pixels: number, weight = 400): string {
  if (textWidth(text, weight) <= pixels) return text;
  let keep = text.length - 1;
  while (keep > 1 && textWidth(`${text.slice(0, keep)}…`, weight) > pixels) keep--;
  return `${text.slice(0, keep).trimEnd()}…`;
}

/** Moves marks' y apart by at least `gap` pixels within each facet, order kept, inside the frame. */
function spreadY(gap: number): Plot.InitializerFunction {
  return function (_data, facets, channels, scales, dimensions) {
    const channel = channels["y"]!;
    const scale = channel.scale ? (scales["y"] as unknown as (v: unknown) => number) : undefined;
    const values = Array.from(channel.value as ArrayLike<unknown>, (v) => (scale ? scale(v) : (v as number)));
    const low = dimensions.marginTop + gap / 2 - 4;
    const high = dimensions.height - dimensions.marginBottom - gap / 2 + 4;
    for (const facet of facets) {
      const order = Array.from(facet as ArrayLike<number>)
        .filter((i) => Number.isFinite(values[i]))
        .sort((a, b) => values[a]! - values[b]! || a - b);
      relax(order, values, gap, low, high);
    }
    return { data: _data, facets, channels: { y: { value: values } } };
  };
}

/** Pools neighbours that overlap around their common middle until none do. */
function relax(order: number[], values: number[], gap: number, low: number, high: number): void {
  const pools = order.map((i) => ({ members: [i], middle: Math.min(high, Math.max(low, values[i]!)) }));
  const half = (p: { members: number[] }) => ((p.members.length - 1) * gap) / 2;
  for (let k = 1; k < pools.length; ) {
    const a = pools[k - 1]!;
    const b = pools[k]!;
    if (a.middle + half(a) + gap <= b.middle - half(b) + 1e-6) {
      k++;
      continue;
    }
    const na = a.members.length;
    const nb = b.members.length;
    a.middle = (a.middle * na + b.middle * nb) / (na + nb);
    a.members.push(...b.members);
    a.middle = Math.min(Math.max(a.middle, low + half(a)), Math.max(low + half(a), high - half(a)));
    pools.splice(k, 1);
    k = Math.max(1, k - 1);
  }
  for (const p of pools) p.members.forEach((i, n) => (values[i] = p.middle - half(p) + n * gap));
}

export interface EndLabel {
  text: string;
  /** A second, quieter line. */
  note?: string;
  color: string;
  x: number;
  y: number;
  facet?: string | number;
  fy?: string | number;
}

/** Names at the right end of lines, spread so that none touches another, tied by a hair line. */
export function endLabels(labels: EndLabel[], gap = 14, reach = 18): Plot.Markish[] {
  const facets = {
    ...(labels.some((d) => d.facet !== undefined) ? { fx: "facet" } : {}),
    ...(labels.some((d) => d.fy !== undefined) ? { fy: "fy" } : {}),
  };
  const moved = Plot.initializer({ ...facets, x: "x", y: "y" } as Plot.TextOptions, spreadY(gap));
  const tie: Plot.RenderFunction = (index, scales, values, dimensions, context) => {
    const node = context.document.createElementNS("http://www.w3.org/2000/svg", "g");
    const x = values.x as unknown as number[];
    const y = values.y as unknown as number[];
    const scaleY = scales.y as unknown as (v: number) => number;
    void dimensions;
    for (const i of index as unknown as number[]) {
      const path = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
      const from = scaleY(labels[i]!.y);
      path.setAttribute("d", `M${x[i]! + 6},${from}L${x[i]! + reach - 3},${y[i]!}`);
      path.setAttribute("stroke", labels[i]!.color);
      path.setAttribute("stroke-opacity", "0.45");
      path.setAttribute("fill", "none");
      node.append(path);
    }
    return node as unknown as SVGElement;
  };
  return [
    Plot.dot(labels, { ...moved, r: 0, stroke: null, render: tie } as Plot.DotOptions),
    Plot.text(labels, {
      ...moved,
      text: "text",
      fill: "color",
      textAnchor: "start",
      dx: reach,
      fontWeight: 600,
      stroke: kPaper,
      strokeWidth: 3,
    } as Plot.TextOptions),
    ...(labels.some((d) => d.note)
      ? [
          Plot.text(labels, {
            ...moved,
            text: (d: EndLabel) => d.note ?? "",
            fill: kMuted,
            textAnchor: "start",
            dx: reach,
            dy: kFontSize + 3,
          } as Plot.TextOptions),
        ]
      : []),
  ];
}

export interface Point {
  x: number;
  y: number;
  low: number;
  high: number;
}

/** A row over the seeds as points; what is missing or, on a log axis, not positive is left out. */
export function points(xs: ArrayLike<number | null>, row: SpreadRow, positive = false): Point[] {
  const out: Point[] = [];
  row.mid.forEach((mid, i) => {
    const x = xs[i];
    if (!isNumber(mid) || !isNumber(x) || (positive && !(mid > 0))) return;
    const low = row.low[i];
    const high = row.high[i];
    out.push({
      x,
      y: mid,
      low: isNumber(low) && (!positive || low > 0) ? low : mid,
      high: isNumber(high) ? high : mid,
    });
  });
  return out;
}

/** 1, 2, ... n. */
export const countFromOne = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);

/** Whole-number ticks from 1 to n, the ends among them. */
export function layerTicks(n: number, width: number): number[] {
  if (n < 2) return [1];
  const step = [1, 2, 4, 8, 16, 32].find((s) => n / s <= Math.max(2, width / 44)) ?? Math.ceil(n / 8);
  const inner = countFromOne(Math.floor(n / step)).map((k) => k * step);
  return [...new Set([1, ...inner.filter((k) => k - 1 >= step / 2 && n - k >= step / 2), n])];
}
