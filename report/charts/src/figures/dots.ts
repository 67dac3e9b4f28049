// A row for each category, the value along x, one symbol for each series; a broad bar behind each
// spans the seeds. Of a single series the values are written beside the dots, and a category that
// is an activation has that function's colour.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { isNumber } from "../format";
import { isActivation, lookOf, looksOf } from "../identity";
import type { Look } from "../identity";
import { fitted, kInk, kMuted, kPaper, kRule, plot, textWidth, wrapped } from "../marks";
import type { ChartOptions, Svg } from "../marks";
import type { Given } from "../model";
import { makeAxis } from "../scale";
import { across, tile, upright, xTicks } from "../tiles";

export const categoriesOf = (data: Given): string[] => [...new Set(data.series.flatMap((s) => s.at.map(String)))];
export const labelsOf = (data: Given): string[] => [...new Set(data.series.map((s) => s.label))];

interface Spot {
  row: number;
  x: number;
  low: number;
  high: number;
  outside: boolean;
  look: Look;
  value: string;
  said: string;
  fx: number;
  fy: number;
}

export function dots(data: Given, options: ChartOptions): Svg {
  const narrow = options.width < 560;
  const categories = categoriesOf(data);
  const labels = labelsOf(data);
  const looks = looksOf(data.series);
  const single = labels.length === 1;
  const step = Math.max(4, Math.min(11, 60 / labels.length));
  const rowHeight = Math.max(26, step * (labels.length - 1) + 20);
  const room = Math.max(...categories.map((c) => textWidth(c, 600)));
  const left = Math.min(room + 14, (narrow ? 0.36 : 0.4) * options.width);
  const written = single && !narrow ? 70 : 12;
  const tall = rowHeight * categories.length > 560 && data.panels.length < 2;
  const t = tile(data.panels, {
    width: options.width,
    left,
    right: written,
    gap: single && !narrow ? 78 : 26,
    rowGap: 40,
    bottom: 48,
    top: (data.rules.length ? 26 : 12) + (tall ? 18 : 0),
    panelHeight: rowHeight * categories.length,
    least: 130,
    most: 4,
  });
  const x = makeAxis(
    data.y,
    [...data.series.flatMap((s) => [...s.row.mid, ...s.row.low, ...s.row.high]), ...data.rules.map((r) => r.value)],
    { pixels: t.panelWidth - 20, along: true },
  );
  const look = (category: string, label: string): Look =>
    single && isActivation(category) ? lookOf(category, categories) : looks.get(label)!;
  const spots: Spot[] = [];
  const missing: { row: number; fx: number; fy: number }[] = [];
  for (const series of data.series)
    series.at.forEach((at, i) => {
      const category = String(at);
      const mid = series.row.mid[i];
      const place = x.place(mid);
      const offset = (labels.indexOf(series.label) - (labels.length - 1) / 2) * step;
      const row = (categories.indexOf(category) + 0.5) * rowHeight + offset;
      if (place === undefined) {
        missing.push({ row, ...t.at(series.panel) });
        return;
      }
      const [low, high] = [series.row.low[i], series.row.high[i]];
      const spread = isNumber(low) && isNumber(high) && low !== high;
      spots.push({
        row,
        x: place,
        low: x.place(low) ?? place,
        high: x.place(high) ?? place,
        outside: place !== mid,
        look: look(category, series.label),
        value: x.say(mid),
        said:
          [data.panels[series.panel], category].filter(Boolean).join(", ") +
          `\n${single && !series.label ? "" : `${series.label}: `}${x.say(mid)}` +
          (spread ? ` (${x.say(low)} to ${x.say(high)})` : ""),
        ...t.at(series.panel),
      });
    });
  const cell = { fx: "fx", fy: "fy", y: "row" } as const;
  const rules = data.rules.flatMap((r) => {
    const at = x.place(r.value);
    return at === undefined ? [] : [{ label: r.label, at }];
  });
  // A name in as many lines as its row holds; the table has it whole.
  const name = (category: string) => {
    const lines = wrapped(category, left - 12, 600).slice(0, Math.floor(rowHeight / 13));
    const whole = lines.join(" ") === category;
    return lines.map((line, i) => fitted(whole || i + 1 < lines.length ? line : `${line} …`, left - 12, 600)).join("\n");
  };
  const names = t.first.flatMap((p) => categories.map((category, i) => ({ ...p, row: (i + 0.5) * rowHeight, text: name(category) })));
  const bounds = categories.map((_, i) => i * rowHeight).slice(1);
  return plot(options, {
    ...t.frame,
    x: { type: x.type, domain: x.domain, axis: null, inset: 8 },
    y: { type: "linear", domain: [0, rowHeight * categories.length], reverse: true, axis: null },
    marks: [
      upright(t, x.ticks),
      ...(single ? [] : [across(t, bounds, { stroke: kRule, strokeDasharray: "1 3" })]),
      ...xTicks(t, x, tall),
      Plot.text(names, { fx: "fx", fy: "fy", y: "row", text: "text", frameAnchor: "left", textAnchor: "end", dx: -9, lineHeight: 1.15, fill: kInk, fontWeight: 600 }),
      ...t.titles,
      Plot.text([`${data.y.label} →`], { ...t.all.at(-1)!, frameAnchor: "bottom-right", dy: 38, fill: kMuted }),
      upright(t, rules.map((r) => r.at), { stroke: kMuted, strokeDasharray: "2 4" }),
      Plot.text(rules, {
        fx: () => 0,
        fy: () => 0,
        x: "at",
        text: (d: { label: string }) => fitted(d.label, t.panelWidth),
        frameAnchor: "top",
        dy: -t.above,
        fill: kMuted,
      }),
      Plot.ruleY(spots, { ...cell, x1: "low", x2: "high", stroke: (d: Spot) => d.look.color, strokeOpacity: 0.32, strokeWidth: single ? 7 : Math.min(5, step - 1) }),
      ...[...new Set(spots.map((d) => d.look.symbol))].flatMap((symbol) => {
        const own = (outside: boolean) => spots.filter((d) => d.look.symbol === symbol && d.outside === outside);
        const r = single ? 4.8 : 4;
        return [
          Plot.dot(own(false), { ...cell, x: "x", r, symbol, fill: (d: Spot) => d.look.color, stroke: kPaper, strokeWidth: 0.8 }),
          Plot.dot(own(true), { ...cell, x: "x", r, symbol, fill: kPaper, stroke: (d: Spot) => d.look.color, strokeWidth: 1.4 }),
        ];
      }),
      ...(single && !narrow
        ? [
            Plot.text(spots, { ...cell, text: "value", frameAnchor: "right", textAnchor: "start", dx: 10, fill: kInk }),
            Plot.text(missing, { ...cell, text: () => "–", frameAnchor: "right", textAnchor: "start", dx: 10, fill: kMuted }),
          ]
        : []),
      Plot.tip(
        spots,
        Plot.pointer({ ...cell, x: "x", title: "said", fill: kPaper, stroke: kRule, textPadding: 8, lineHeight: 1.3 } as Plot.TipOptions),
      ),
    ],
  });
}
