// How long each activation takes to the goal loss, in steps and in seconds, and which never get
// there: two rows of dots, because a step of one function costs more than a step of another.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { number, seconds } from "../format";
import { lookOf } from "../identity";
import { kInk, kMuted, kPaper, kRule, plot } from "../marks";
import type { ChartOptions, Svg } from "../marks";

export interface ReachedRow {
  activation: string;
  steps: number | null;
  seconds: number | null;
  reachedBy: number;
  seeds: number;
}

const kPanels = ["steps", "seconds"] as const;

export function timeToGoal(data: ReachedRow[], options: ChartOptions): Svg {
  const names = data.map((d) => d.activation);
  // Each panel has a scale of its own, so places along x are shares of the largest value.
  const largest = {
    steps: Math.max(...data.map((d) => d.steps ?? 0), 1e-12),
    seconds: Math.max(...data.map((d) => d.seconds ?? 0), 1e-12),
  };
  const dots = kPanels.flatMap((panel) => data.map((d) => ({ ...d, panel, value: d[panel] })));
  const there = dots.filter((d) => d.value !== null);
  return plot(options, {
    height: 24 * data.length + 44,
    marginLeft: 128,
    marginRight: options.width < 560 ? 62 : 124,
    marginTop: 34,
    marginBottom: 10,
    fx: { domain: kPanels, axis: null, padding: options.width < 560 ? 0.34 : 0.32 },
    x: { domain: [0, options.width < 560 ? 1.35 : 1], axis: null },
    y: { domain: names, axis: null, type: "point", padding: 0.6 },
    marks: [
      Plot.ruleY(names, { stroke: kRule }),
      Plot.text(kPanels, { fx: (d: string) => d, text: (d: string) => d, frameAnchor: "top-left", dy: -20, fontWeight: 600, fill: kInk }),
      Plot.axisY({ tickSize: 0, color: kInk, label: null, fontWeight: 600 }),
      Plot.ruleY(there, {
        fx: "panel",
        y: "activation",
        x1: 0,
        x2: (d: (typeof dots)[number]) => d.value! / largest[d.panel],
        stroke: (d: (typeof dots)[number]) => lookOf(d.activation, names).color,
        strokeWidth: 2,
      }),
      Plot.dot(there, {
        fx: "panel",
        y: "activation",
        x: (d: (typeof dots)[number]) => d.value! / largest[d.panel],
        r: 5,
        fill: (d: (typeof dots)[number]) => lookOf(d.activation, names).color,
        stroke: kPaper,
      }),
      Plot.text(there, {
        fx: "panel",
        y: "activation",
        x: (d: (typeof dots)[number]) => d.value! / largest[d.panel],
        text: (d: (typeof dots)[number]) =>
          (d.panel === "steps" ? number(d.value) : seconds(d.value)) +
          (d.reachedBy < d.seeds ? ` (${d.reachedBy} of ${d.seeds})` : ""),
        textAnchor: "start",
        dx: 10,
        fill: kInk,
      }),
      Plot.text(dots.filter((d) => d.value === null), {
        fx: "panel",
        y: "activation",
        x: 0,
        text: () => "not reached",
        textAnchor: "start",
        dx: 4,
        fill: kMuted,
        fontStyle: "italic",
        stroke: kPaper,
        strokeWidth: 5,
      }),
    ],
  });
}
