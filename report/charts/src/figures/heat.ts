// A share between 0 and 1 for every layer of every network, as a field of cells: the darker, the
// larger. Rows are activations, columns layers; panels stand for initialisation and moment.
// SPDX-License-Identifier: Apache-2.0

import * as Plot from "@observablehq/plot";
import { percent } from "../format";
import { kInk, kMuted, kPaper, kRule, layerTicks, plot } from "../marks";
import type { ChartOptions, Svg } from "../marks";

export interface HeatCell {
  activation: string;
  layer: number;
  /** Panels: across, then down. */
  across: string;
  down: string;
  share: number;
}

export interface HeatData {
  depth: number;
  activations: string[];
  across: string[];
  down: string[];
  cells: HeatCell[];
}

export function shareHeat(data: HeatData, options: ChartOptions): Svg {
  const narrow = options.width < 560;
  const rowHeight = 19;
  const layers = Array.from({ length: data.depth }, (_, i) => i + 1);
  const corner = data.across.flatMap((across) => data.down.map((down) => ({ across, down })));
  const left = 128;
  return plot(options, {
    height: data.down.length * (data.activations.length * rowHeight + 52) + 64,
    marginLeft: left,
    marginRight: 10,
    marginTop: 30,
    marginBottom: 44,
    fx: { domain: data.across, axis: null, padding: 0.06 },
    fy: { domain: data.down, axis: null, padding: 0.22 },
    x: { type: "band", domain: layers, axis: null, padding: data.depth > 16 ? 0.06 : 0.04 },
    y: { type: "band", domain: data.activations, axis: null, padding: 0.08 },
    marks: [
      Plot.axisY({ tickSize: 0, color: kInk, label: null }),
      Plot.axisX(layerTicks(data.depth, (options.width - left) / data.across.length), { tickSize: 0, color: kMuted, label: null }),
      Plot.text(corner, {
        fx: "across",
        fy: "down",
        text: (d: (typeof corner)[number]) => (narrow ? `${d.across}` : [d.down, d.across].filter(Boolean).join(", ")),
        frameAnchor: "top-left",
        dy: -16,
        fontWeight: 600,
        fill: kInk,
      }),
      Plot.text(["layer →"], { fx: data.across.at(-1)!, fy: data.down.at(-1)!, frameAnchor: "bottom-right", dy: 34, fill: kMuted }),
      Plot.cell(data.cells, { fx: "across", fy: "down", x: "layer", y: "activation", fill: "var(--cell)" }),
      Plot.cell(data.cells, {
        fx: "across",
        fy: "down",
        x: "layer",
        y: "activation",
        fill: "var(--heat)",
        fillOpacity: (d: HeatCell) => d.share,
      }),
      Plot.tip(
        data.cells,
        Plot.pointer({
          fx: "across",
          fy: "down",
          x: "layer",
          y: "activation",
          title: (d: HeatCell) => `${d.activation}, layer ${d.layer}\n${percent(d.share)}`,
          fill: kPaper,
          stroke: kRule,
        } as Plot.TipOptions),
      ),
    ],
  });
}
