// What a better initialisation gives back, function by function: from the accuracy before to the
// accuracy after, at one depth. A short arrow says that it did not help, or was not needed.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { isNumber } from "../format";
import { lookOf } from "../identity";
import { kInk, kMuted, kPaper, kRule, plot } from "../marks";
import type { ChartOptions, Svg } from "../marks";
import { apart } from "../compare";
import type { Spread } from "../model";

export interface CureRow {
  activation: string;
  before: Spread;
  after: Spread;
}

export interface CureData {
  before: string;
  after: string;
  chance: number | null;
  testExamples: number;
  rows: CureRow[];
}

export function cure(data: CureData, options: ChartOptions): Svg {
  const names = data.rows.map((r) => r.activation);
  const rows = data.rows.filter((r) => isNumber(r.before.mid) && isNumber(r.after.mid));
  const color = (r: CureRow) => lookOf(r.activation, names).color;
  const gain = (r: CureRow) => r.after.mid! - r.before.mid!;
  const differ = (r: CureRow) => apart(r.before, r.after, data.testExamples);
  const beside = { y: "activation", frameAnchor: "right", textAnchor: "start", dx: 12 } as const;
  return plot(options, {
    height: 26 * names.length + 72,
    marginLeft: 128,
    marginRight: options.width < 560 ? 96 : 190,
    marginTop: 34,
    marginBottom: 38,
    x: { domain: [0, 1], axis: null },
    y: { domain: names, axis: null, type: "point", padding: 0.6 },
    marks: [
      Plot.gridX([0, 0.2, 0.4, 0.6, 0.8, 1], { stroke: kRule, strokeOpacity: 1 }),
      Plot.axisX([0, 0.2, 0.4, 0.6, 0.8, 1], {
        tickFormat: (v: number) => `${Math.round(100 * v)} %`,
        tickSize: 0,
        color: kMuted,
        label: null,
      }),
      Plot.axisY({ tickSize: 0, color: kInk, label: null, fontWeight: 600 }),
      ...(data.chance === null
        ? []
        : [
            Plot.ruleX([data.chance], { stroke: kMuted, strokeDasharray: "2 4" }),
            Plot.text([data.chance], { x: (d: number) => d, frameAnchor: "top", dy: -16, text: () => "chance", fill: kMuted }),
          ]),
      Plot.text([`○ ${data.before}    ● ${data.after}`], { frameAnchor: "top-right", dy: -16, fill: kMuted }),
      Plot.ruleY(rows, { y: "activation", x1: (r: CureRow) => r.before.low!, x2: (r: CureRow) => r.before.high!, stroke: color, strokeOpacity: 0.35, strokeWidth: 7 }),
      Plot.ruleY(rows, { y: "activation", x1: (r: CureRow) => r.after.low!, x2: (r: CureRow) => r.after.high!, stroke: color, strokeOpacity: 0.35, strokeWidth: 7 }),
      Plot.ruleY(rows, { y: "activation", x1: (r: CureRow) => r.before.mid!, x2: (r: CureRow) => r.after.mid!, stroke: color, strokeWidth: 2 }),
      Plot.dot(rows, { y: "activation", x: (r: CureRow) => r.before.mid!, r: 4.5, fill: kPaper, stroke: color, strokeWidth: 2 }),
      Plot.dot(rows, { y: "activation", x: (r: CureRow) => r.after.mid!, r: 5, fill: color, stroke: kPaper }),
      Plot.text(rows.filter(differ), {
        ...beside,
        text: (r: CureRow) => `${gain(r) > 0 ? "+" : "−"}${Math.abs(100 * gain(r)).toFixed(1)} points`,
        fill: kInk,
        fontWeight: 600,
      }),
      Plot.text(rows.filter((r) => !differ(r)), {
        ...beside,
        text: () => (options.width < 560 ? "within seeds" : "within the spread of seeds"),
        fill: kMuted,
      }),
    ],
  });
}

