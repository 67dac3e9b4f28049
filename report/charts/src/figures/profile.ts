// The gradient on its way back, one panel for each activation: at the start and at the end of the
// training, for each initialisation, beside the bound that the chain rule sets for slopes alone.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { decades, number, power } from "../format";
import { countFromOne, kMuted, kPaper, kRule, layerTicks, plot, points } from "../marks";
import type { ChartOptions, Svg } from "../marks";
import type { Moment, SpreadRow } from "../model";
import { grid, kFacetScales, panelTitles } from "../panels";

export interface ProfileLine {
  activation: string;
  /** Index and label of the initialisation. */
  series: number;
  label: string;
  moment: Moment;
  row: SpreadRow;
}

export interface ProfileData {
  depth: number;
  lines: ProfileLine[];
  slopeMax: Record<string, number | null>;
}

export const kSeriesColors = ["var(--series-1)", "var(--series-2)", "var(--series-3)", "var(--series-4)"];
const kSmallest = 1e-30;

export function gradientProfile(data: ProfileData, options: ChartOptions): Svg {
  const layers = countFromOne(data.depth);
  const names = [...new Set(data.lines.map((l) => l.activation))];
  const g = grid(names, options.width);
  const lines = data.lines.map((l) => ({ ...l, ...g.of(l.activation), points: points(layers, l.row, true) }));
  const bounds = names.flatMap((name) => {
    const best = data.slopeMax[name];
    const starts = lines.filter((l) => l.activation === name && l.moment === "start" && l.points.length > 0);
    if (!best || !starts.length) return [];
    const top = Math.max(...starts.map((l) => l.points.at(-1)!.y));
    return [{ ...g.of(name), points: layers.map((x) => ({ x, y: top * best ** (data.depth - x) })) }];
  });
  const values = lines.flatMap((l) => l.points.flatMap((p) => [p.low, p.high]));
  const low = Math.max(kSmallest, Math.min(...values));
  const high = Math.max(...values);
  const ticks = decades(low / 2, high * 2, 4);
  return plot(options, {
    height: g.height(168, 30, 44),
    marginLeft: 50,
    marginRight: 14,
    marginTop: 30,
    marginBottom: 44,
    ...kFacetScales,
    x: { domain: [data.depth, data.depth > 1 ? 1 : 0], axis: null, inset: 4 },
    y: { type: "log", domain: [low / 2, high * 2], clamp: true, axis: null },
    marks: [
      Plot.gridY(ticks, { stroke: kRule, strokeOpacity: 1 }),
      Plot.axisY(ticks, { tickFormat: power, tickSize: 0, color: kMuted, label: null }),
      Plot.axisX(layerTicks(data.depth, (options.width - 80) / g.columns), { tickFormat: String, tickSize: 3, color: kMuted, label: null }),
      Plot.text(["layer, output to input →"], { fx: g.columns - 1, fy: g.rows - 1, frameAnchor: "bottom-right", dy: 36, fill: kMuted }),
      ...panelTitles(g),
      ...bounds.map((b) =>
        Plot.lineY(b.points, { fx: () => b.fx, fy: () => b.fy, x: "x", y: "y", stroke: kMuted, strokeDasharray: "1.5 4", strokeWidth: 1.5, clip: true }),
      ),
      ...lines.flatMap((l) => {
        const cell = { fx: () => l.fx, fy: () => l.fy };
        const color = kSeriesColors[l.series % kSeriesColors.length]!;
        return [
          Plot.areaY(l.points, { ...cell, x: "x", y1: "low", y2: "high", fill: color, fillOpacity: 0.14 }),
          Plot.lineY(l.points, {
            ...cell,
            x: "x",
            y: "y",
            stroke: color,
            strokeWidth: 1.9,
            ...(l.moment === "end" ? { strokeDasharray: "5 3" } : {}),
          }),
          ...(data.depth < 3 ? [Plot.dot(l.points, { ...cell, x: "x", y: "y", r: 3, fill: color })] : []),
        ];
      }),
      Plot.tip(
        lines.flatMap((l) => l.points.map((p) => ({ ...p, fx: l.fx, fy: l.fy, what: `${l.label}, ${l.moment}` }))),
        Plot.pointer({
          fx: "fx",
          fy: "fy",
          x: "x",
          y: "y",
          title: (p: { what: string; x: number; y: number }) => `${p.what}\nlayer ${p.x}: ${number(p.y)}`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
