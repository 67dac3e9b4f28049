// The picture of the whole study: how the gradient fares on its way back through a deep network,
// measured before the first step, beside the bound of the chain rule; and the same network cured.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { decades, number, power } from "../format";
import { countFromOne, endLabels, kInk, kMuted, kPaper, kRule, layerTicks, plot, points } from "../marks";
import type { ChartOptions, EndLabel, Svg } from "../marks";
import type { Hero, HeroSeries } from "../model";

const kRoles: Record<HeroSeries["role"], { color: string; dash?: string; width: number }> = {
  sick: { color: "var(--sick)", width: 2.5 },
  cured: { color: "var(--cured)", width: 2.5 },
  bound: { color: kMuted, dash: "2 4", width: 1.5 },
  predicted: { color: kInk, dash: "7 4", width: 1.25 },
};

export function hero(data: Hero, options: ChartOptions): Svg {
  const layers = countFromOne(data.depth);
  const lines = data.series.map((series) => ({ ...series, points: points(layers, series.row, true) }));
  const values = lines.flatMap((l) => l.points.flatMap((p) => [p.low, p.high]));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const narrow = options.width < 560;
  const labels: EndLabel[] = [];
  for (const line of lines) {
    const first = line.points[0];
    if (!first) continue;
    const color = kRoles[line.role].color;
    // Where there is little room the second line is the setting, not the result.
    const [name, setting] = line.label.split(", ", 2);
    const note = narrow ? setting : line.note;
    labels.push({ text: narrow ? name! : line.label, color, x: 1, y: first.y, ...(note ? { note } : {}) });
  }
  const sick = lines.find((l) => l.role === "sick");
  const at = sick?.points[Math.floor(sick.points.length * 0.52)];
  const right = narrow ? 140 : 190;
  return plot(options, {
    height: narrow ? 340 : 430,
    marginLeft: 56,
    marginRight: right,
    marginTop: 30,
    marginBottom: 44,
    x: { domain: [data.depth, Math.min(1, data.depth - 1)], axis: null },
    y: { type: "log", domain: [low / 1.8, high * 1.8], axis: null },
    marks: [
      Plot.gridY(decades(low, high, 7), { stroke: kRule, strokeOpacity: 1 }),
      Plot.axisY(decades(low, high, 7), { tickFormat: power, tickSize: 0, color: kMuted, label: null }),
      Plot.axisX(layerTicks(data.depth, options.width - right), {
        tickFormat: String,
        tickSize: 3,
        color: kMuted,
        label: null,
      }),
      Plot.text(["gradient: RMS of ∂L/∂h"], { frameAnchor: "top-left", dx: -48, dy: -22, fill: kMuted }),
      Plot.text(["layer, from the output back to the input →"], {
        frameAnchor: "bottom",
        dy: 38,
        fill: kMuted,
      }),
      ...lines.flatMap((line) => {
        const style = kRoles[line.role];
        return [
          Plot.areaY(line.points, { x: "x", y1: "low", y2: "high", fill: style.color, fillOpacity: 0.16 }),
          Plot.lineY(line.points, {
            x: "x",
            y: "y",
            stroke: style.color,
            strokeWidth: style.width,
            ...(style.dash ? { strokeDasharray: style.dash } : {}),
          }),
        ];
      }),
      ...lines
        .filter((l) => l.role === "sick" || l.role === "cured")
        .map((l) =>
          Plot.dot(l.points, { x: "x", y: "y", r: 2.4, fill: kRoles[l.role].color, stroke: kPaper, strokeWidth: 0.8 }),
        ),
      ...endLabels(labels, labels.some((l) => l.note) ? 34 : 16),
      ...(at && data.cause && !narrow
        ? [
            Plot.text([at], {
              x: "x",
              y: "y",
              text: () => data.cause,
              textAnchor: "start",
              lineAnchor: "bottom",
              dx: 12,
              dy: -10,
              lineWidth: 24,
              lineHeight: 1.25,
              fill: kInk,
              stroke: kPaper,
              strokeWidth: 5,
            }),
          ]
        : []),
      Plot.tip(
        lines.flatMap((l) => l.points.map((p) => ({ ...p, label: l.label }))),
        Plot.pointer({
          x: "x",
          y: "y",
          title: (p: { label: string; x: number; y: number }) => `${p.label}\nlayer ${p.x}: ${number(p.y)}`,
          fill: kPaper,
          stroke: kRule,
        }),
      ),
    ],
  });
}
