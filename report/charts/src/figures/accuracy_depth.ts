// Test accuracy against depth: one panel for each initialisation, one line for each activation,
// the thin bars reach from the worst to the best seed.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { percent } from "../format";
import { lookOf } from "../identity";
import { endLabels, kInk, kMuted, kPaper, kRule, plot } from "../marks";
import type { ChartOptions, EndLabel, Svg } from "../marks";

export interface AccuracyPoint {
  activation: string;
  panel: string;
  depth: number;
  mid: number;
  low: number;
  high: number;
}

export interface AccuracyData {
  activations: string[];
  panels: string[];
  depths: number[];
  chance: number | null;
  points: AccuracyPoint[];
}

export function accuracyAgainstDepth(data: AccuracyData, options: ChartOptions): Svg {
  const stacked = options.width < 700;
  const facet = stacked ? "fy" : "fx";
  const right = 136;
  const place = (p: AccuracyPoint) => data.depths.indexOf(p.depth);
  const labels: EndLabel[] = [];
  const lines = data.activations.flatMap((activation) =>
    data.panels.map((panel) => {
      const own = data.points.filter((p) => p.activation === activation && p.panel === panel);
      const last = own.at(-1);
      const look = lookOf(activation, data.activations);
      if (last) {
        labels.push({
          text: activation,
          color: look.color,
          x: place(last),
          y: last.mid,
          ...(stacked ? { fy: panel } : { facet: panel }),
        });
      }
      return { own, look };
    }),
  );
  return plot(options, {
    height: stacked ? 340 * data.panels.length : 400,
    marginLeft: 44,
    marginRight: right,
    marginTop: 34,
    marginBottom: 44,
    x: { domain: [0, Math.max(1, data.depths.length - 1)], axis: null, insetLeft: 10 },
    y: { domain: [0, 1], axis: null },
    [facet]: { domain: data.panels, axis: null, padding: stacked ? 0.26 : 0.36 },
    marks: [
      Plot.gridY([0, 0.2, 0.4, 0.6, 0.8, 1], { stroke: kRule, strokeOpacity: 1 }),
      Plot.axisY([0, 0.2, 0.4, 0.6, 0.8, 1], {
        tickFormat: (v: number) => `${Math.round(100 * v)} %`,
        tickSize: 0,
        color: kMuted,
        label: null,
      }),
      Plot.axisX(data.depths.map((_, i) => i), {
        tickFormat: (i: number) => String(data.depths[i]),
        tickSize: 0,
        color: kMuted,
        label: null,
        facetAnchor: null,
      } as Plot.AxisXOptions),
      Plot.text(data.panels, {
        [facet]: (d: string) => d,
        text: (d: string) => d,
        frameAnchor: "top-left",
        dy: -22,
        fontWeight: 600,
        fill: kInk,
      }),
      Plot.text(data.panels, {
        [facet]: (d: string) => d,
        text: () => "hidden layers",
        frameAnchor: "bottom",
        dy: 36,
        fill: kMuted,
      }),
      ...(data.chance === null
        ? []
        : [
            Plot.ruleY([data.chance], { stroke: kMuted, strokeDasharray: "2 4" }),
            Plot.text(data.panels, {
              [facet]: (d: string) => d,
              x: () => 0,
              y: () => data.chance!,
              text: () => "chance",
              textAnchor: "start",
              dy: 9,
              fill: kMuted,
            }),
          ]),
      ...lines.flatMap(({ own, look }) => [
        Plot.ruleX(own, { [facet]: "panel", x: place, y1: "low", y2: "high", stroke: look.color, strokeOpacity: 0.5 }),
        Plot.lineY(own, {
          [facet]: "panel",
          x: place,
          y: "mid",
          stroke: look.color,
          strokeWidth: 1.8,
          ...(look.dash ? { strokeDasharray: look.dash } : {}),
        }),
        Plot.dot(own, {
          [facet]: "panel",
          x: place,
          y: "mid",
          r: 3.2,
          symbol: look.symbol,
          fill: look.color,
          stroke: kPaper,
          strokeWidth: 0.8,
        }),
      ]),
      ...endLabels(labels),
      Plot.tip(
        data.points,
        Plot.pointer({
          [facet]: "panel",
          x: place,
          y: "mid",
          title: (p: AccuracyPoint) =>
            `${p.activation}, ${p.depth} deep\n${percent(p.mid)} (${percent(p.low)} to ${percent(p.high)})`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
