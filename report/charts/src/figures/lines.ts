// Lines against x, one for each series: means over the seeds, with a band (or, where the points are
// few, a thin bar at each) from the lowest seed to the highest. A value that a logarithmic axis
// cannot hold stands open at its edge; where a number is missing the line breaks.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { isNumber } from "../format";
import { looksOf } from "../identity";
import { endLabels, fitted, kInk, kMuted, kPaper, kRule, plot, textWidth } from "../marks";
import type { ChartOptions, EndLabel, Svg } from "../marks";
import type { Given, Series } from "../model";
import { makeAxis } from "../scale";
import type { Axis } from "../scale";
import { across, tile, xTicks, yTicks } from "../tiles";

/** More marks than this are a curve: a band and no dots. */
const kFew = 12;
const kMostLabels = 14;

/** Whether the lines are named at their ends; where there is no room, a legend does. */
export function namedAtEnds(data: Given, width: number): boolean {
  const labels = new Set(data.series.map((s) => s.label));
  return width >= 560 && data.panels.length < 2 && labels.size > 1 && labels.size <= kMostLabels && data.series.length === labels.size;
}

interface Place {
  x: number;
  y: number;
  low: number;
  high: number;
  outside: boolean;
  said: string;
  fx: number;
  fy: number;
}

export function lines(data: Given, options: ChartOptions): Svg {
  const ends = namedAtEnds(data, options.width);
  const looks = looksOf(data.series);
  const right = ends ? Math.min(0.4 * options.width, 34 + Math.max(...data.series.map((s) => textWidth(s.label, 600)))) : 14;
  const y = makeAxis(
    data.y,
    [...data.series.flatMap((s) => [...s.row.mid, ...s.row.low, ...s.row.high]), ...data.rules.map((r) => r.value)],
    { pixels: data.panels.length > 1 ? 150 : 300, along: false },
  );
  const left = 14 + Math.max(...y.ticks.map((v) => textWidth(y.tickText(v))), 20);
  const panelHeight = data.panels.length > 1 ? 150 : options.width < 560 ? 260 : 330;
  const t = tile(data.panels, {
    width: options.width,
    left,
    right,
    gap: 34,
    rowGap: 34,
    bottom: 48,
    top: 28,
    panelHeight,
    least: 150,
    most: 3,
  });
  const x = makeAxis(data.x, data.series.flatMap((s) => s.at as (number | null)[]), {
    pixels: t.panelWidth - 12,
    along: true,
    atValues: true,
    tight: true,
  });
  const places = (s: Series): Place[] =>
    s.row.mid.flatMap((mid, i) => {
      const at = x.place(s.at[i] as number | null);
      if (at === undefined) return [];
      const middle = y.place(mid) ?? NaN;
      const low = y.place(s.row.low[i]) ?? middle;
      const high = y.place(s.row.high[i]) ?? middle;
      const spread = isNumber(s.row.low[i]) && isNumber(s.row.high[i]) && s.row.low[i] !== s.row.high[i];
      return [
        {
          x: at,
          y: middle,
          low,
          high,
          outside: isNumber(mid) && middle !== mid,
          said:
            [data.panels[s.panel], s.label].filter(Boolean).join(", ") +
            `\n${data.x.label} ${x.say(s.at[i] as number)}: ${y.say(mid)}` +
            (spread ? ` (${y.say(s.row.low[i])} to ${y.say(s.row.high[i])})` : ""),
          ...t.at(s.panel),
        },
      ];
    });
  const all = data.series.map((series) => {
    const own = places(series).sort((a, b) => a.x - b.x);
    return { series, own, known: own.filter((p) => !Number.isNaN(p.y)), look: looks.get(series.label)! };
  });
  const cell = { fx: "fx", fy: "fy" } as const;
  const labels: EndLabel[] = [];
  if (ends)
    for (const { known, look, series } of all) {
      const last = known.at(-1);
      if (last) labels.push({ text: fitted(series.label, right - 24, 600), color: look.color, x: last.x, y: last.y });
    }
  const rules = data.rules.flatMap((r) => {
    const at = y.place(r.value);
    return at === undefined ? [] : [{ label: r.label, at }];
  });
  const few = all.every((l) => l.known.length <= kFew);
  return plot(options, {
    ...t.frame,
    x: { type: x.type, domain: x.domain, axis: null, inset: few ? 7 : 2 },
    y: { type: y.type, domain: y.domain, axis: null },
    marks: [
      across(t, y.ticks),
      ...yTicks(t, y),
      ...xTicks(t, x),
      ...t.titles,
      Plot.text([`${data.x.label} →`], { ...t.all.at(-1)!, frameAnchor: "bottom-right", dy: 38, fill: kMuted }),
      across(t, rules.map((r) => r.at), { stroke: kMuted, strokeDasharray: "2 4" }),
      ...all.flatMap(({ own, known, look }) => [
        ...(few
          ? [Plot.ruleX(known, { ...cell, x: "x", y1: "low", y2: "high", stroke: look.color, strokeOpacity: 0.5 })]
          : [Plot.areaY(own, { ...cell, x: "x", y1: "low", y2: "high", fill: look.color, fillOpacity: 0.16 })]),
        Plot.lineY(own, {
          ...cell,
          x: "x",
          y: "y",
          stroke: look.color,
          strokeWidth: 1.9,
          ...(look.dash ? { strokeDasharray: look.dash } : {}),
        }),
        // A point between two gaps is no line; without a dot it would not be seen.
        Plot.dot(few ? known.filter((p) => !p.outside) : known.filter((p) => !p.outside && alone(own, p)), {
          ...cell,
          x: "x",
          y: "y",
          r: 3.2,
          symbol: look.symbol,
          fill: look.color,
          stroke: kPaper,
          strokeWidth: 0.8,
        }),
        Plot.dot(known.filter((p) => p.outside), { ...cell, x: "x", y: "y", r: 3.2, symbol: look.symbol, fill: kPaper, stroke: look.color, strokeWidth: 1.4 }),
      ]),
      ...rules.map((rule) => ruleLabel(rule, all.flatMap((l) => l.known.filter((p) => p.fx === 0 && p.fy === 0)), x, y, t.panelWidth, panelHeight)),
      ...endLabels(labels, 14),
      Plot.text([fitted(data.y.label, options.width - 8)], { fx: 0, fy: 0, frameAnchor: "top-left", dx: 8 - left, dy: -t.above, fill: kMuted }),
      Plot.tip(
        all.flatMap((l) => l.known),
        Plot.pointer({ ...cell, x: "x", y: "y", title: "said", fill: kPaper, stroke: kRule, textPadding: 8, lineHeight: 1.3, color: kInk } as Plot.TipOptions),
      ),
    ],
  });
}

function alone(own: Place[], p: Place): boolean {
  const i = own.indexOf(p);
  const known = (q: Place | undefined) => q !== undefined && !Number.isNaN(q.y);
  return !known(own[i - 1]) && !known(own[i + 1]);
}

/** Where a rule's name is least in the way: at the left or the right, above it or below. */
function ruleLabel(rule: { label: string; at: number }, near: Place[], x: Axis, y: Axis, width: number, height: number): Plot.Markish {
  const text = fitted(rule.label, width - 8);
  const share = Math.min(1, (textWidth(text) + 12) / width);
  const free = (right: boolean, dy: number) => {
    const middle = y.position(rule.at) * height - dy;
    const inside = near.filter((p) => (right ? x.position(p.x) >= 1 - share : x.position(p.x) <= share));
    return Math.min(60, ...inside.map((p) => Math.abs(y.position(p.y) * height - middle)));
  };
  const corners = [-8, 9].flatMap((dy) => [false, true].map((right) => ({ dy, right, free: free(right, dy) })));
  const best = corners.reduce((a, b) => (b.free > a.free ? b : a));
  return Plot.text([rule], {
    fx: () => 0,
    fy: () => 0,
    y: "at",
    text: () => text,
    frameAnchor: best.right ? "right" : "left",
    textAnchor: best.right ? "end" : "start",
    dx: best.right ? -3 : 3,
    dy: best.dy,
    fill: kMuted,
    stroke: kPaper,
    strokeWidth: 4,
  });
}
