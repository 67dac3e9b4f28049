// The report's figures in their order: those of the general report for which a model has data, or
// those that a reading gave.
// SPDX-License-Identifier: Apache-2.0

import { mountFigure } from "./figure";
import type { GeneralFigure } from "./figure";
import { isGeneral } from "./model";
import type { Cell, GeneralModel, Model } from "./model";
import { accuracyFigure, cureFigure } from "./sections/accuracy";
import { foreseenFigure, mapFigure } from "./sections/foreseen";
import { givenFigure } from "./sections/given";
import { dotsFigure, curveFigure } from "./sections/training";
import { gainFigure, heatFigure, heroFigure, learnedFigure, profileFigure, shareFigure } from "./sections/inside";

export interface Placed {
  /** Of the section that it stands in; undefined: under the verdict. */
  heading: string | undefined;
  mount: (host: HTMLElement, number: number) => void;
}

export function figures(model: Model): Placed[] {
  const given = model.figures.map((data) => ({
    heading: data.lead ? undefined : data.heading,
    mount: (host: HTMLElement, number: number) => mountFigure(host, givenFigure(data), number, model),
  }));
  const placed: Placed[] = isGeneral(model) ? [...general(model), ...given] : given;
  // The one that leads comes first; then headings in the order in which each is first met.
  const headings = [...new Set(placed.map((p) => p.heading))];
  const place = (p: Placed) => (p.heading === undefined ? -1 : headings.indexOf(p.heading));
  return placed.sort((a, b) => place(a) - place(b));
}

function general(model: GeneralModel): Placed[] {
  const some = (has: (cell: Cell) => unknown) => model.cells.some((cell) => Boolean(has(cell)));
  const deep = model.study.depths.some((d) => d > 1);
  const layered = (get: (cell: Cell) => (number | null)[] | undefined) =>
    some((c) => get(c)?.some((v) => v !== null));
  const candidates: [string | undefined, GeneralFigure, boolean][] = [
    [undefined, heroFigure, Boolean(model.hero)],
    ["What depth does", accuracyFigure, some((c) => c.accuracy) && model.study.depths.length > 1],
    ["What depth does", cureFigure, some((c) => c.accuracy) && model.study.settings.length > 1],
    ["How they learn", curveFigure("loss"), some((c) => c.curve)],
    ["How they learn", curveFigure("accuracy"), some((c) => c.curve?.accuracy)],
    ["How they learn", dotsFigure, model.study.goals.length > 0],
    ["What theory foresaw", foreseenFigure, deep && some((c) => c.foreseen && "gradient" in c.foreseen)],
    ["What theory foresaw", mapFigure, model.maps.some((m) => m.places.length > 0)],
    ["Where the gradient goes", profileFigure, deep && layered((c) => c.gradient.start?.mid)],
    ["Where the gradient goes", gainFigure, deep && layered((c) => c.slope_gain.start)],
    ["What the units do", heatFigure("saturated"), layered((c) => c.saturated.end)],
    ["What the units do", heatFigure("dead"), layered((c) => c.dead.end)],
    ["What the units do", learnedFigure, model.learned.length > 0],
    ["What it costs", shareFigure, some((c) => c.activation_share)],
  ];
  return candidates
    .filter(([, , has]) => has)
    .map(([heading, figure]) => ({ heading, mount: (host, number) => mountFigure(host, figure, number, model) }));
}
