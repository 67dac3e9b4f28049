// The report's figures in their order: which a model has data for, what each is called, and how
// the model's cells become the data of the chart and the rows of its table.
// SPDX-License-Identifier: Apache-2.0

import type { Figure } from "./figure";
import type { Model } from "./model";
import { accuracyFigure, cureFigure } from "./sections/accuracy";
import { dotsFigure, curveFigure } from "./sections/training";
import { gainFigure, heatFigure, heroFigure, learnedFigure, profileFigure, shareFigure } from "./sections/inside";

export interface Placed {
  heading: string;
  figure: Figure;
}

export function figures(model: Model): Placed[] {
  const some = (has: (cell: Model["cells"][number]) => unknown) => model.cells.some((cell) => Boolean(has(cell)));
  const deep = model.study.depths.some((d) => d > 1);
  const layered = (get: (cell: Model["cells"][number]) => (number | null)[] | undefined) =>
    some((c) => get(c)?.some((v) => v !== null));
  const candidates: [string, Figure, boolean][] = [
    ["Lead", heroFigure, Boolean(model.hero)],
    ["What depth does", accuracyFigure, some((c) => c.accuracy) && model.study.depths.length > 1],
    ["What depth does", cureFigure, some((c) => c.accuracy) && model.study.settings.length > 1],
    ["How they learn", curveFigure("loss"), some((c) => c.curve)],
    ["How they learn", curveFigure("accuracy"), some((c) => c.curve?.accuracy)],
    ["How they learn", dotsFigure, model.study.goals.length > 0],
    ["Where the gradient goes", profileFigure, deep && layered((c) => c.gradient.start?.mid)],
    ["Where the gradient goes", gainFigure, deep && layered((c) => c.slope_gain.start)],
    ["What the units do", heatFigure("saturated"), layered((c) => c.saturated.end)],
    ["What the units do", heatFigure("dead"), layered((c) => c.dead.end)],
    ["What the units do", learnedFigure, model.learned.length > 0],
    ["What it costs", shareFigure, some((c) => c.activation_share)],
  ];
  return candidates.filter(([, , has]) => has).map(([heading, figure]) => ({ heading, figure }));
}
