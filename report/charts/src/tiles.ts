// Panels of a figure that a reading gave: as many columns as the page has room for, titles that wrap
// above each, and the frame's measures, so that a chart only says how high a panel is.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { kFontSize, kInk, kMuted, kRule, wrapped } from "./marks";
import type { Axis } from "./scale";

export interface TileOptions {
  width: number;
  /** Margins of the whole picture at the sides. */
  left: number;
  right: number;
  /** Between two columns and, beside the titles, between two rows. */
  gap: number;
  rowGap: number;
  /** Below the last row, and above the titles of the first. */
  bottom: number;
  top: number;
  panelHeight: number;
  /** The least width of a panel, by which columns are counted. */
  least: number;
  most: number;
}

interface Facet {
  fx: number;
  fy: number;
}

export interface Tiles {
  columns: number;
  rows: number;
  panelWidth: number;
  /** All panels, the lowest of each column, the first of each row. */
  all: Facet[];
  lowest: Facet[];
  first: Facet[];
  /** Where a panel stands. */
  at: (panel: number) => Facet;
  /** Size, margins and facets, for Plot. */
  frame: Plot.PlotOptions;
  titles: Plot.Markish[];
  /** From the top of a panel up to the line above the first row's titles. */
  above: number;
}

const kLine = 15;

export function tile(names: string[], o: TileOptions): Tiles {
  const count = Math.max(1, names.length);
  const room = o.width - o.left - o.right;
  let columns = Math.max(1, Math.min(count, o.most, Math.floor((room + o.gap) / (o.least + o.gap))));
  // Rows of equal length look calmer: four panels as two by two, not three and one.
  while (columns > 1 && columns < count && Math.ceil(count / (columns - 1)) === Math.ceil(count / columns)) columns--;
  const rows = Math.ceil(count / columns);
  const panelWidth = (room - (columns - 1) * o.gap) / columns;
  const at = (panel: number) => ({ fx: panel % columns, fy: Math.floor(panel / columns) });
  const titles = names.map((name, i) => ({ lines: name ? wrapped(name, panelWidth - 4, 600) : [], ...at(i) }));
  const headRoom = (some: typeof titles) => {
    const lines = Math.max(0, ...some.map((t) => t.lines.length));
    return lines ? lines * kLine + 10 : 0;
  };
  const head = headRoom(titles.filter((t) => t.fy === 0));
  const rowGap = rows > 1 ? headRoom(titles.filter((t) => t.fy > 0)) + o.rowGap : 0;
  const top = o.top + head;
  const facets = (n: number, size: number, gap: number) =>
    ({ domain: Array.from({ length: n }, (_, i) => i), axis: null, padding: n > 1 ? gap / (size + gap) : 0 });
  return {
    columns,
    rows,
    panelWidth,
    above: top - 4,
    at,
    all: Array.from({ length: count }, (_, i) => at(i)),
    lowest: Array.from({ length: columns }, (_, fx) => ({ fx, fy: fx + columns * (rows - 1) < count ? rows - 1 : rows - 2 })),
    first: Array.from({ length: rows }, (_, fy) => ({ fx: 0, fy })),
    frame: {
      width: o.width,
      height: top + rows * o.panelHeight + (rows - 1) * rowGap + o.bottom,
      marginLeft: o.left,
      marginRight: o.right,
      marginTop: top,
      marginBottom: o.bottom,
      fx: facets(columns, panelWidth, o.gap),
      fy: facets(rows, o.panelHeight, rowGap),
    } as Plot.PlotOptions,
    titles: [
      ...Array.from({ length: count }, (_, i) => Plot.frame({ ...at(i), stroke: kRule, anchor: "bottom" } as Plot.FrameOptions)),
      Plot.text(titles, {
        fx: "fx",
        fy: "fy",
        text: (t: (typeof titles)[number]) => t.lines.join("\n"),
        frameAnchor: "top-left",
        lineAnchor: "bottom",
        lineHeight: kLine / kFontSize,
        dy: -8,
        fontWeight: 600,
        fill: kInk,
      }),
    ],
  };
}

/** Lines across the panels that exist: the last row may have fewer than there are columns. */
export function across(t: Tiles, values: number[], options: Plot.RuleYOptions = { stroke: kRule }): Plot.Markish {
  const places = t.all.flatMap((p) => values.map((at) => ({ ...p, at })));
  return Plot.ruleY(places, { fx: "fx", fy: "fy", y: "at", ...options });
}

export function upright(t: Tiles, values: number[], options: Plot.RuleXOptions = { stroke: kRule }): Plot.Markish {
  const places = t.all.flatMap((p) => values.map((at) => ({ ...p, at })));
  return Plot.ruleX(places, { fx: "fx", fy: "fy", x: "at", ...options });
}

/**
 * Labels below the lowest panel of each column. Not Plot's axis: its logarithmic one leaves out the
 * labels of most ticks within a decade.
 */
export function xTicks(t: Tiles, axis: Axis, aloft = false): Plot.Markish[] {
  const places = t.lowest.flatMap((p) => axis.ticks.map((at) => ({ ...p, at })));
  return [
    // A picture taller than the screen has its scale at the top as well.
    ...(aloft
      ? [Plot.text(places, { fx: "fx", fy: "fy", x: "at", text: (d: { at: number }) => axis.tickText(d.at), frameAnchor: "top", dy: -12, fill: kMuted })]
      : []),
    Plot.text(places, { fx: "fx", fy: "fy", x: "at", text: (d: { at: number }) => axis.tickText(d.at), frameAnchor: "bottom", dy: 15, fill: kMuted }),
  ];
}

/** Labels left of the first panel of each row. */
export function yTicks(t: Tiles, axis: Axis): Plot.Markish[] {
  const places = t.first.flatMap((p) => axis.ticks.map((at) => ({ ...p, at })));
  return [
    Plot.text(places, { fx: "fx", fy: "fy", y: "at", text: (d: { at: number }) => axis.tickText(d.at), frameAnchor: "left", textAnchor: "end", dx: -8, fill: kMuted }),
  ];
}
