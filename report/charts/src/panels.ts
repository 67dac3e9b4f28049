// Small multiples: one panel for each activation, all on the same axes, read like a page. Plot's
// facets hold the panels; the panel's own title replaces the facet axes.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { kInk, kRule } from "./marks";

export interface Panel {
  name: string;
  fx: number;
  fy: number;
}

export interface Grid {
  panels: Panel[];
  columns: number;
  rows: number;
  of: (name: string) => { fx: number; fy: number };
  height: (rowHeight: number, top: number, bottom: number) => number;
}

export function grid(names: string[], width: number): Grid {
  const columns = Math.min(names.length, width < 480 ? 2 : 3);
  const panels = names.map((name, i) => ({ name, fx: i % columns, fy: Math.floor(i / columns) }));
  const rows = Math.ceil(names.length / columns);
  return {
    panels,
    columns,
    rows,
    of: (name) => panels.find((p) => p.name === name) ?? { fx: 0, fy: 0 },
    height: (rowHeight, top, bottom) => rows * rowHeight + top + bottom,
  };
}

export const kFacetScales = {
  fx: { axis: null, padding: 0.12 },
  fy: { axis: null, padding: 0.24 },
} as const;

/** The titles of the panels and the frames they stand in. */
export function panelTitles(g: Grid, text: (name: string) => string = (name) => name): Plot.Markish[] {
  return [
    Plot.frame({ stroke: kRule, anchor: "bottom" }),
    Plot.text(g.panels, {
      fx: "fx",
      fy: "fy",
      text: (p: Panel) => text(p.name),
      frameAnchor: "top-left",
      dy: -16,
      fontWeight: 600,
      fill: kInk,
    }),
  ];
}
