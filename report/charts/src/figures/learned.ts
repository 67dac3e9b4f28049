// What an activation learned, layer by layer, for every depth (prelu its slopes): how far each layer
// moved from the value that all of them started with.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { number } from "../format";
import { ordinalOpacity } from "../identity";
import { countFromOne, endLabels, kInk, kMuted, kPaper, kRule, layerTicks, plot, points } from "../marks";
import type { ChartOptions, EndLabel, Svg } from "../marks";
import type { SpreadRow } from "../model";

export interface LearnedLine {
  panel: string;
  depth: number;
  row: SpreadRow;
}

export interface LearnedData {
  panels: string[];
  depths: number[];
  start: number | null;
  lines: LearnedLine[];
  color: string;
}

export function learnedParameter(data: LearnedData, options: ChartOptions): Svg {
  const stacked = options.width < 700;
  const facet = stacked ? "fy" : "fx";
  const deepest = Math.max(...data.depths);
  const lines = data.lines.map((l) => ({
    ...l,
    points: points(countFromOne(l.depth), l.row),
    strength: ordinalOpacity(data.depths.indexOf(l.depth), data.depths.length),
  }));
  const values = lines.flatMap((l) => l.points.flatMap((p) => [p.low, p.high])).concat(data.start ?? []);
  const low = Math.min(...values, 0);
  const high = Math.max(...values);
  const labels: EndLabel[] = lines.flatMap((l) => {
    const last = l.points.at(-1);
    if (!last) return [];
    return [{ text: String(l.depth), color: data.color, x: last.x, y: last.y, ...(stacked ? { fy: l.panel } : { facet: l.panel }) }];
  });
  return plot(options, {
    height: stacked ? 300 * data.panels.length : 330,
    marginLeft: 44,
    marginRight: 46,
    marginTop: 34,
    marginBottom: 44,
    x: { domain: [1, Math.max(2, deepest)], axis: null, inset: 6 },
    y: { domain: [low - 0.04 * (high - low), high + 0.06 * (high - low)], axis: null },
    [facet]: { domain: data.panels, axis: null, padding: stacked ? 0.28 : 0.16 },
    marks: [
      Plot.gridY({ ticks: 5, stroke: kRule, strokeOpacity: 1 }),
      Plot.axisY({ ticks: 5, tickSize: 0, color: kMuted, label: null }),
      Plot.axisX(layerTicks(deepest, options.width / (stacked ? 1 : data.panels.length)), { tickFormat: String, tickSize: 3, color: kMuted, label: null, facetAnchor: null } as Plot.AxisXOptions),
      Plot.text(data.panels, { [facet]: (d: string) => d, text: (d: string) => d, frameAnchor: "top-left", dy: -20, fontWeight: 600, fill: kInk }),
      Plot.text(data.panels, { [facet]: (d: string) => d, text: () => "layer →", frameAnchor: "bottom-right", dy: 36, fill: kMuted }),
      ...(data.start === null ? [] : [Plot.ruleY([data.start], { stroke: kMuted, strokeDasharray: "2 4" })]),
      ...lines.flatMap((l) => [
        Plot.ruleX(l.points, { [facet]: () => l.panel, x: "x", y1: "low", y2: "high", stroke: data.color, strokeOpacity: 0.3 * l.strength }),
        Plot.lineY(l.points, { [facet]: () => l.panel, x: "x", y: "y", stroke: data.color, strokeOpacity: l.strength, strokeWidth: 1.8 }),
        Plot.dot(l.points, { [facet]: () => l.panel, x: "x", y: "y", r: l.depth > 16 ? 2 : 3, fill: data.color, fillOpacity: l.strength }),
      ]),
      ...endLabels(labels, 13, 12),
      Plot.tip(
        lines.flatMap((l) => l.points.map((p) => ({ ...p, panel: l.panel, depth: l.depth }))),
        Plot.pointer({
          [facet]: "panel",
          x: "x",
          y: "y",
          title: (p: { depth: number; x: number; y: number }) => `${p.depth} deep, layer ${p.x}\n${number(p.y)}`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
