// A field of cells: series are the rows, categories the columns, the colour says how large. Shares
// run from 0 to 1, other values over their own range, those of both signs from blue over nothing to
// red. Where there is room the value stands in the cell.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import type { LegendEntry } from "../figure";
import { isNumber } from "../format";
import { fitted, kInk, kMuted, kPaper, kRule, plot, textWidth, wrapped } from "../marks";
import type { ChartOptions, Svg } from "../marks";
import type { Given } from "../model";
import { makeAxis } from "../scale";
import type { Axis } from "../scale";
import { tile } from "../tiles";
import { categoriesOf, labelsOf } from "./dots";

interface Shades {
  axis: Axis;
  /** -1 to 1, of the strongest colour; undefined where there is no value. */
  strength: (v: number | null | undefined) => number | undefined;
  color: (strength: number) => string;
}

/** Of names that stand upright below their columns, in pixels. */
const kLongest = 170;

function shades(data: Given): Shades {
  const values = data.series.flatMap((s) => s.row.mid).filter(isNumber);
  const shares = data.y.unit === "%" && !data.y.log && values.every((v) => v >= 0 && v <= 1);
  const signed = values.some((v) => v < 0) && !data.y.log;
  const most = Math.max(...values.map(Math.abs), 1e-300);
  const bounds = signed ? [-most, most] : shares ? [0, 1] : data.y.log ? [] : [0];
  const axis = makeAxis(data.y, [...values, ...bounds], { pixels: 400, along: true, tight: true });
  const [low, high] = axis.domain;
  return {
    axis,
    strength: (v) => {
      const at = axis.place(v);
      if (at === undefined) return undefined;
      if (signed) return at / most;
      if (axis.type === "log") return high > low ? Math.log(at / low) / Math.log(high / low) : 1;
      return high > low ? (at - low) / (high - low) : 1;
    },
    color: (strength) => `color-mix(in srgb, var(${strength < 0 ? "--cold" : "--heat"}) ${(100 * Math.abs(strength)).toFixed(1)}%, var(--cell))`,
  };
}

export function fieldLegend(data: Given): LegendEntry[] {
  const { axis, strength, color } = shades(data);
  if (!data.series.some((s) => s.row.mid.some(isNumber))) return [];
  return axis.ticks.map((at) => ({ label: axis.tickText(at), color: color(strength(at) ?? 0), kind: "block" as const }));
}

interface Cell {
  across: number;
  row: number;
  value: string;
  strength: number | undefined;
  said: string;
  fx: number;
  fy: number;
}

export function field(data: Given, options: ChartOptions): Svg {
  const narrow = options.width < 560;
  const columns = categoriesOf(data);
  const rows = labelsOf(data);
  const { axis, strength, color } = shades(data);
  const left = Math.min(Math.max(...rows.map((r) => textWidth(r))) + 12, (narrow ? 0.36 : 0.4) * options.width);
  const cells: Cell[] = [];
  const widest = Math.max(...data.series.flatMap((s) => s.row.mid.map((v) => textWidth(axis.say(v)))));
  const names = Math.max(...columns.map((c) => textWidth(c)));
  const rowHeight = 24;
  const shape = (bottom: number) =>
    tile(data.panels, {
      width: options.width,
      left,
      right: 8,
      gap: 20,
      rowGap: bottom + 4,
      bottom: bottom + 24,
      top: 10,
      panelHeight: rowHeight * rows.length,
      // Panels side by side only where a column keeps a readable width.
      least: Math.max(160, Math.min(columns.length * Math.max(26, Math.min(names, 60)), 320)),
      most: 3,
    });
  const flat = shape(20);
  const band = flat.panelWidth / columns.length;
  // Numbers may be thinned out, names must all stand: across if they fit, else upwards.
  const counted = columns.every((c) => /^[−-]?[\d.]+( %)?$/.test(c));
  const broken = columns.map((c) => wrapped(c, band - 6));
  const lines = Math.max(...broken.map((b) => b.length));
  const upright = !counted && (lines > 3 || broken.flat().some((line) => textWidth(line) > band - 2));
  const depth = upright ? Math.min(names, kLongest) + 8 : counted ? 20 : 6 + 14 * lines;
  const t = shape(depth);
  const every = counted ? Math.max(1, Math.ceil((names + 8) / band)) : 1;
  const shown = columns.map((_, i) => i).filter((i) => i % every === 0);
  for (const series of data.series)
    series.at.forEach((at, i) => {
      const mid = series.row.mid[i];
      const [low, high] = [series.row.low[i], series.row.high[i]];
      const spread = isNumber(low) && isNumber(high) && low !== high;
      cells.push({
        across: columns.indexOf(String(at)),
        row: rows.indexOf(series.label),
        value: axis.say(mid),
        strength: strength(mid),
        said:
          [data.panels[series.panel], series.label].filter(Boolean).join(", ") +
          `\n${[data.x.label, String(at)].filter(Boolean).join(" ")}: ${axis.say(mid)}` +
          (spread ? ` (${axis.say(low)} to ${axis.say(high)})` : ""),
        ...t.at(series.panel),
      });
    });
  const place = { fx: "fx", fy: "fy", x: "across", y: "row" } as const;
  const known = cells.filter((c) => c.strength !== undefined);
  const written = widest + 8 <= t.panelWidth / columns.length;
  return plot(options, {
    ...t.frame,
    x: { type: "band", domain: columns.map((_, i) => i), axis: null, padding: columns.length > 16 ? 0.06 : 0.04 },
    y: { type: "band", domain: rows.map((_, i) => i), axis: null, padding: 0.08 },
    marks: [
      Plot.text(t.first.flatMap((p) => rows.map((text, row) => ({ ...p, row, text: fitted(text, left - 10) }))), {
        fx: "fx",
        fy: "fy",
        y: "row",
        text: "text",
        frameAnchor: "left",
        textAnchor: "end",
        dx: -6,
        fill: kInk,
      }),
      Plot.text(t.lowest.flatMap((p) => shown.map((i) => ({ ...p, across: i, text: counted ? columns[i]! : upright ? fitted(columns[i]!, kLongest) : broken[i]!.join("\n") }))), {
        fx: "fx",
        fy: "fy",
        x: "across",
        text: "text",
        frameAnchor: "bottom",
        dy: upright ? 8 : 7,
        lineAnchor: "top",
        lineHeight: 1.15,
        fill: kMuted,
        ...(upright ? { rotate: -90, textAnchor: "end", lineAnchor: "middle" } : {}),
      } as Plot.TextOptions),
      ...t.titles.slice(-1),
      Plot.text(data.x.label ? [`${data.x.label} →`] : [], { ...t.all.at(-1)!, frameAnchor: "bottom-right", dy: depth + 18, fill: kMuted }),
      Plot.cell(known, { ...place, fill: (c: Cell) => color(c.strength!) }),
      Plot.cell(cells.filter((c) => c.strength === undefined), { ...place, fill: "none", stroke: kRule, inset: 0.5 }),
      ...(written
        ? [
            Plot.text(known.filter((c) => Math.abs(c.strength!) <= 0.68), { ...place, text: "value", fill: kInk }),
            Plot.text(known.filter((c) => Math.abs(c.strength!) > 0.68), { ...place, text: "value", fill: kPaper }),
          ]
        : []),
      Plot.text(cells.filter((c) => c.strength === undefined), { ...place, text: () => "–", fill: kMuted }),
      Plot.tip(
        cells,
        Plot.pointer({ ...place, title: "said", fill: kPaper, stroke: kRule, textPadding: 8, lineHeight: 1.3 } as Plot.TipOptions),
      ),
    ],
  });
}
