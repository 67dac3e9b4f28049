// A figure that a reading gave as kind, axes and points: its picture, its legend, and the table of
// the same points.
// SPDX-License-Identifier: Apache-2.0

import type { Figure, LegendEntry, Table } from "../figure";
import { categoriesOf, dots, labelsOf } from "../figures/dots";
import { field, fieldLegend } from "../figures/field";
import { lines, namedAtEnds } from "../figures/lines";
import { isNumber } from "../format";
import { looksOf } from "../identity";
import type { Given, Series } from "../model";
import { sayIn } from "../scale";

const kCharts = { lines, dots, heat: field };

function legend(data: Given, width: number): LegendEntry[] {
  if (data.kind === "heat") return fieldLegend(data);
  if (labelsOf(data).length < 2 || (data.kind === "lines" && namedAtEnds(data, width))) return [];
  return [...looksOf(data.series)].map(([label, look]) => ({
    label,
    color: look.color,
    dash: look.dash,
    symbol: look.symbol,
    kind: data.kind === "lines" ? ("line" as const) : ("symbol" as const),
  }));
}

/** A row for each series, a column for each place; means, with the range over the seeds. */
function table(data: Given): Table {
  const places =
    data.kind === "lines"
      ? [...new Set(data.series.flatMap((s) => s.at as (number | null)[]).filter(isNumber))].sort((a, b) => a - b)
      : categoriesOf(data);
  const [sayX, say] = [sayIn(data.x), sayIn(data.y)];
  const cell = (series: Series, place: number | string) => {
    const i = series.at.findIndex((at) => (data.kind === "lines" ? at : String(at)) === place);
    const [mid, low, high] = [series.row.mid[i], series.row.low[i], series.row.high[i]];
    const spread = isNumber(mid) && isNumber(low) && isNumber(high) && say(low) !== say(high);
    return spread ? `${say(mid)} (${say(low)} to ${say(high)})` : say(mid);
  };
  const panelled = data.panels.length > 0;
  return {
    head: [data.y.label, ...(panelled ? [""] : []), ...places.map((p, i) => (i === 0 && data.x.label ? `${data.x.label} ` : "") + (typeof p === "number" ? sayX(p) : p))],
    names: panelled ? 2 : 1,
    rows: data.series.map((s) => [s.label, ...(panelled ? [data.panels[s.panel] ?? ""] : []), ...places.map((p) => cell(s, p))]),
  };
}

export function givenFigure(data: Given): Figure {
  const empty = !data.series.some((s) => s.row.mid.some(isNumber));
  return {
    id: data.id,
    title: data.title,
    caption: () => data.caption,
    legend: (_model, _state, width) => (empty ? [] : legend(data, width)),
    draw: (_model, _state, width) => {
      if (empty) return "No finished run has these numbers yet.";
      const label = `${data.title}: ${data.y.label}${data.x.label ? ` by ${data.x.label}` : ""}, ${labelsOf(data).filter(Boolean).join(", ")}`;
      return kCharts[data.kind](data, { width, label });
    },
    table: () => table(data),
  };
}
