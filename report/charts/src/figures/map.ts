// The map of an activation's weight and bias scales: what a layer of a wide random network multiplies
// the squared gradient by where its signals settle, and where a study's networks lie. Blue: the
// gradient vanishes; red: it explodes; between them runs the critical line.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { isNumber, number } from "../format";
import { kInk, kMuted, kPaper, kRule, plot } from "../marks";
import type { ChartOptions, Svg } from "../marks";
import type { ScaleMap } from "../model";

export interface MapPlace {
  label: string;
  weight: number;
  bias: number;
}

/** Of chi_1, from one colour to the next. */
const kBounds = [0.1, 0.25, 0.5, 0.8, 0.95, 1 / 0.95, 1 / 0.8, 2, 4, 10];
/** Strength of the colour below the first bound, between two, and above the last. */
const kStrengths = [-1, -0.8, -0.6, -0.4, -0.2, 0, 0.2, 0.4, 0.6, 0.8, 1];

const shade = (strength: number) =>
  `color-mix(in srgb, var(${strength < 0 ? "--cold" : "--heat"}) ${Math.round(88 * Math.abs(strength))}%, var(--cell))`;

export const mapLegend = [
  { from: 0, label: "χ₁ under 0.1" },
  { from: 2, label: "0.25 to 0.5" },
  { from: 4, label: "0.8 to 0.95" },
  { from: 5, label: "about 1" },
  { from: 6, label: "1.05 to 1.25" },
  { from: 8, label: "2 to 4" },
  { from: 10, label: "above 10" },
].map(({ from, label }) => ({ label, color: shade(kStrengths[from]!), kind: "block" as const }));

export function scaleMap(data: ScaleMap, places: MapPlace[], options: ChartOptions): Svg {
  const rows = data.chi_1.length / data.columns;
  const [left, right] = data.weight_std;
  const [bottom, top] = data.bias_std;
  // Samples lie on the edges of the map, which Plot takes for the middles of cells.
  const beyondX = (right - left) / (data.columns - 1) / 2;
  const beyondY = (top - bottom) / (rows - 1) / 2;
  const values = data.chi_1.map((chi) => (isNumber(chi) ? Math.log(chi) : NaN));
  const area = { width: data.columns, height: rows, x1: left - beyondX, x2: right + beyondX, y1: bottom - beyondY, y2: top + beyondY };
  const bounds = kBounds.map(Math.log);
  const narrow = options.width < 560;
  return plot(options, {
    height: narrow ? 280 : 360,
    marginLeft: 48,
    marginRight: 16,
    marginTop: 32,
    marginBottom: 46,
    x: { domain: [left, right], axis: null },
    y: { domain: [bottom, top], axis: null },
    color: { type: "threshold", domain: bounds, range: kStrengths.map(shade) },
    marks: [
      Plot.frame({ fill: shade(-1), stroke: null } as Plot.FrameOptions),
      Plot.contour(values, { ...area, fill: (v: number) => v, thresholds: bounds, stroke: "none", clip: true } as Plot.ContourOptions),
      Plot.contour(values, { ...area, value: (v: number) => v, thresholds: [0], fill: "none", stroke: kInk, strokeWidth: 1.8, clip: true } as unknown as Plot.ContourOptions),
      Plot.frame({ stroke: kRule }),
      Plot.axisX({ ticks: narrow ? 4 : 8, tickSize: 3, color: kMuted, label: null }),
      Plot.axisY({ ticks: 5, tickSize: 3, color: kMuted, label: null }),
      Plot.text(["σ_b: standard deviation of the biases"], { frameAnchor: "top-left", dx: -40, dy: -22, fill: kMuted }),
      Plot.text(["σ_w: of the weights, times √inputs →"], { frameAnchor: "bottom-right", dy: 38, fill: kMuted }),
      Plot.dot(places, { x: "weight", y: "bias", r: 6, fill: kInk, stroke: kPaper, strokeWidth: 1.8, clip: false } as Plot.DotOptions),
      // A name stays inside the map.
      ...(["start", "middle", "end"] as const).map((textAnchor, third) =>
        Plot.text(places.filter((p) => Math.min(2, Math.floor((3 * (p.weight - left)) / (right - left))) === third), {
          x: "weight",
          y: "bias",
          text: "label",
          textAnchor,
          dx: 8 * (third - 1),
          dy: -16,
          fill: kInk,
          stroke: kPaper,
          strokeWidth: 4,
          fontWeight: 600,
        }),
      ),
      Plot.tip(
        places,
        Plot.pointer({
          x: "weight",
          y: "bias",
          title: (p: MapPlace) => `${p.label}\nσ_w ${number(p.weight)}, σ_b ${number(p.bias)}`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
