// Learning curves: one panel for each activation with the others behind it in grey, so that each
// can be read by itself and still be compared. Loss or accuracy, against steps or seconds.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { number, percent } from "../format";
import { lookOf } from "../identity";
import { kMuted, kPaper, kRule, plot, points } from "../marks";
import type { ChartOptions, Point, Svg } from "../marks";
import type { SpreadRow } from "../model";
import { grid, kFacetScales, panelTitles } from "../panels";

export interface CurveLine {
  activation: string;
  x: (number | null)[];
  row: SpreadRow;
  /** Where the goal is reached, in units of x; null where it is not. */
  reached?: number | null;
}

export interface CurvesData {
  quantity: "loss" | "accuracy";
  against: "steps" | "seconds";
  goal: number | null;
  lines: CurveLine[];
  activations: string[];
}

export function learningCurves(data: CurvesData, options: ChartOptions): Svg {
  const g = grid(data.lines.map((l) => l.activation), options.width);
  const accuracy = data.quantity === "accuracy";
  const all = data.lines.map((line) => ({ ...line, ...g.of(line.activation), points: points(line.x, line.row) }));
  const highX = Math.max(...all.flatMap((l) => l.points.map((p) => p.x)), 1e-9);
  // A wide band of one function's first losses must not flatten all others: it may be cut off.
  const highY = accuracy ? 1 : 1.05 * Math.max(...all.flatMap((l) => l.points.map((p) => p.y)));
  const mine = (p: Point & { activation: string }) => p;
  const say = accuracy ? (v: number) => percent(v, 0) : number;
  const unit = data.against === "steps" ? "steps" : "s";
  return plot(options, {
    height: g.height(162, 30, 44),
    marginLeft: 46,
    marginRight: 18,
    marginTop: 30,
    marginBottom: 44,
    ...kFacetScales,
    x: { domain: [0, highX], axis: null },
    y: { domain: [0, highY], axis: null, clamp: true },
    marks: [
      Plot.gridY({ ticks: 3, stroke: kRule, strokeOpacity: 1 }),
      Plot.axisY({
        ticks: 3,
        tickSize: 0,
        color: kMuted,
        label: null,
        tickFormat: accuracy ? (v: number) => `${Math.round(100 * v)} %` : String,
      }),
      Plot.axisX({ ticks: options.width < 480 ? 2 : 3, tickSize: 3, color: kMuted, label: null }),
      Plot.text([`${data.against} →`], { frameAnchor: "bottom-right", fx: g.columns - 1, fy: g.rows - 1, dy: 36, fill: kMuted }),
      ...panelTitles(g),
      ...g.panels.flatMap((panel) =>
        all
          .filter((l) => l.activation !== panel.name)
          .map((l) =>
            Plot.lineY(l.points, { fx: () => panel.fx, fy: () => panel.fy, x: "x", y: "y", stroke: "var(--ghost)", strokeWidth: 1 }),
          ),
      ),
      ...(data.goal === null || accuracy
        ? []
        : [Plot.ruleY([data.goal], { stroke: kMuted, strokeDasharray: "2 4" })]),
      ...all.flatMap((l) => {
        const look = lookOf(l.activation, data.activations);
        const cell = { fx: () => l.fx, fy: () => l.fy };
        const end = l.points.at(-1);
        const note = accuracy
          ? end && `${percent(end.y)} at the end`
          : l.reached === undefined || data.goal === null
            ? undefined
            : l.reached === null
              ? `${number(data.goal)} not reached`
              : `${number(data.goal)} at ${number(l.reached)} ${unit}`;
        return [
          Plot.areaY(l.points, { ...cell, x: "x", y1: "low", y2: "high", fill: look.color, fillOpacity: 0.18 }),
          Plot.lineY(l.points, {
            ...cell,
            x: "x",
            y: "y",
            stroke: look.color,
            strokeWidth: 2,
            ...(look.dash ? { strokeDasharray: look.dash } : {}),
          }),
          ...(typeof l.reached === "number" && data.goal !== null && !accuracy
            ? [Plot.dot([l.reached], { ...cell, x: (d: number) => d, y: () => data.goal!, r: 4, fill: look.color, stroke: kPaper })]
            : []),
          ...(note
            ? [Plot.text([note], { ...cell, frameAnchor: "top-right", dy: -16, fill: kMuted, text: (d: string) => d })]
            : []),
        ];
      }),
      Plot.tip(
        all.flatMap((l) => l.points.map((p) => mine({ ...p, activation: l.activation }))),
        Plot.pointerX({
          fx: (p: { activation: string }) => g.of(p.activation).fx,
          fy: (p: { activation: string }) => g.of(p.activation).fy,
          x: "x",
          y: "y",
          title: (p: Point & { activation: string }) => `${number(p.x)} ${unit}: ${say(p.y)}`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
