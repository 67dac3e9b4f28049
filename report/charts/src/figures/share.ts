// The share of a training step that the activation itself takes, forward and backward, with the
// spread over the seeds. What is left is mostly matrix products.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { percent, seconds } from "../format";
import { lookOf } from "../identity";
import { kInk, kRule, plot } from "../marks";
import type { ChartOptions, Svg } from "../marks";

export interface ShareRow {
  activation: string;
  mid: number;
  low: number;
  high: number;
  /** Of the whole step. */
  stepSeconds: number | null;
}

export function stepShare(data: ShareRow[], options: ChartOptions): Svg {
  const names = data.map((d) => d.activation);
  const high = Math.max(...data.map((d) => d.high), 0.01);
  return plot(options, {
    height: 26 * data.length + 20,
    marginLeft: 128,
    marginRight: options.width < 560 ? 64 : 190,
    marginTop: 6,
    marginBottom: 10,
    x: { domain: [0, high], axis: null },
    y: { type: "band", domain: names, axis: null, padding: 0.38 },
    marks: [
      Plot.axisY({ tickSize: 0, color: kInk, label: null, fontWeight: 600 }),
      Plot.barX(data, { y: "activation", x: "mid", fill: (d: ShareRow) => lookOf(d.activation, names).color, fillOpacity: 0.85 }),
      Plot.ruleY(data, { y: "activation", x1: "low", x2: "high", stroke: kInk, strokeWidth: 1.2 }),
      Plot.ruleX([0], { stroke: kRule }),
      Plot.text(data, {
        y: "activation",
        x: "high",
        textAnchor: "start",
        dx: 8,
        text: (d: ShareRow) =>
          percent(d.mid) + (options.width >= 560 && d.stepSeconds !== null ? ` of ${seconds(d.stepSeconds)}` : ""),
        fill: kInk,
      }),
    ],
  });
}
