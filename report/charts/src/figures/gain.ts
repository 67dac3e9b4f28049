// Where the gradient is lost: the backward gain of a layer is a slope part times a weight part. Each
// row walks from 1 by the slopes, then by the weights, and ends at the gain; left of 1 the gradient
// shrinks with every layer, right of 1 it grows.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { number } from "../format";
import { kInk, kMuted, kPaper, kRule, plot } from "../marks";
import type { ChartOptions, Svg } from "../marks";

export interface GainRow {
  activation: string;
  panel: string;
  slope: number;
  weight: number;
  /** Layers that the gradient crosses between the last hidden layer and the first. */
  crossed: number;
}

export interface GainData {
  activations: string[];
  panels: string[];
  rows: GainRow[];
}

const kSlope = "var(--series-2)";
const kWeight = "var(--series-1)";

export function backwardGain(data: GainData, options: ChartOptions): Svg {
  const stacked = options.width < 700;
  const facet = stacked ? "fy" : "fx";
  const rows = data.rows.map((r) => ({ ...r, gain: r.slope * r.weight }));
  const ends = rows.flatMap((r) => [r.slope, r.gain, 1]);
  const low = Math.min(...ends, 0.5) / 1.15;
  const high = Math.max(...ends, 1.2) * 1.1;
  const ticks = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 10].filter((t) => t >= low && t <= high);
  const each = 26 * data.activations.length;
  return plot(options, {
    height: (stacked ? (each + 76) * data.panels.length : each) + 84,
    marginLeft: 128,
    marginRight: 118,
    marginTop: 34,
    marginBottom: 44,
    x: { type: "log", domain: [low, high], axis: null },
    y: { domain: data.activations, axis: null, type: "point", padding: 0.6 },
    [facet]: { domain: data.panels, axis: null, padding: stacked ? 0.34 : 0.38 },
    marks: [
      Plot.gridX(ticks, { stroke: kRule, strokeOpacity: 1 }),
      // Not Plot's axis: its logarithmic one leaves out the labels of most ticks within a decade.
      Plot.text(ticks, { x: (t: number) => t, frameAnchor: "bottom", dy: 14, text: String, fill: kMuted }),
      Plot.axisY({ tickSize: 0, color: kInk, label: null, fontWeight: 600 }),
      Plot.text(data.panels, { [facet]: (d: string) => d, text: (d: string) => d, frameAnchor: "top-left", dy: -20, fontWeight: 600, fill: kInk }),
      Plot.text(data.panels, { [facet]: (d: string) => d, text: () => "← shrinks   gain of a layer   grows →", frameAnchor: "bottom", dy: 36, fill: kMuted }),
      Plot.text(data.panels, {
        [facet]: (d: string) => d,
        text: () => `after ${rows[0]?.crossed ?? 0} layers`,
        frameAnchor: "top-right",
        textAnchor: "start",
        dx: 14,
        dy: -20,
        fill: kMuted,
      }),
      Plot.ruleX([1], { stroke: kInk, strokeWidth: 1 }),
      Plot.link(rows, { [facet]: "panel", x1: 1, x2: "slope", y1: "activation", y2: "activation", stroke: kSlope, strokeWidth: 6, dy: -3 } as Plot.LinkOptions),
      Plot.link(rows, { [facet]: "panel", x1: "slope", x2: "gain", y1: "activation", y2: "activation", stroke: kWeight, strokeWidth: 6, dy: 3 } as Plot.LinkOptions),
      Plot.dot(rows, { [facet]: "panel", x: "gain", y: "activation", r: 4.5, fill: kInk, stroke: kPaper }),
      Plot.text(rows, {
        [facet]: "panel",
        y: "activation",
        frameAnchor: "right",
        textAnchor: "start",
        dx: 14,
        text: (r: (typeof rows)[number]) => `× ${number(r.gain ** r.crossed)}`,
        fill: kInk,
      } as Plot.TextOptions),
      Plot.tip(
        rows,
        Plot.pointer({
          [facet]: "panel",
          x: "gain",
          y: "activation",
          title: (r: (typeof rows)[number]) =>
            `${r.activation}\nslopes ${number(r.slope)} × weights ${number(r.weight)} = ${number(r.gain)}`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
