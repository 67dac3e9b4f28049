// The figures that look inside a network: gradients and gains, saturation, dead units, learned
// slopes, and the share of a step that the activation takes.
// SPDX-License-Identifier: Apache-2.0

import type { GeneralFigure, Table } from "../figure";
import { backwardGain } from "../figures/gain";
import type { GainRow } from "../figures/gain";
import { shareHeat } from "../figures/heat";
import { hero } from "../figures/hero";
import { learnedParameter } from "../figures/learned";
import { gradientProfile, kSeriesColors } from "../figures/profile";
import { stepShare } from "../figures/share";
import { layers, number, percent, seconds } from "../format";
import { countFromOne } from "../marks";
import { lookOf } from "../identity";
import type { Cell, GeneralModel, Learned, Moment } from "../model";
import {
  byActivation, cellsOf, deepest, depthControl, depthOf, geometricMean, settingLabel, known, lastSetting, seedsText,
} from "./select";

const kMoments: Moment[] = ["start", "end"];
const kBefore: Record<Moment, string> = { start: "before training", end: "after training" };

/** Every network of a depth at both moments; `say` gives the number of layer i + 1. */
function momentsTable(model: GeneralModel, depth: number, say: (cell: Cell, moment: Moment, i: number) => string): Table {
  const numbers = countFromOne(depth);
  return {
    head: ["Activation", model.study.setting_title, "When", ...numbers.map((l) => `layer ${l}`)],
    names: 3,
    rows: byActivation(model, cellsOf(model, { depth })).flatMap((cell) =>
      kMoments.map((moment) => [
        cell.activation,
        settingLabel(model, cell.setting),
        kBefore[moment],
        ...numbers.map((l) => say(cell, moment, l - 1)),
      ]),
    ),
  };
}

export const heroFigure: GeneralFigure = {
  id: "gradient",
  title: "The gradient on its way back",
  caption: (model) => model.hero!.caption,
  draw: (model, _state, width) =>
    hero(model.hero!, { width, label: `Gradient by layer of the ${model.hero!.depth}-layer ${model.hero!.activation} network, its bound, and its cure` }),
  table: (model) => ({
    head: ["Layer", ...model.hero!.series.map((s) => s.label)],
    names: 1,
    rows: countFromOne(model.hero!.depth)
      .reverse()
      .map((layer) => [String(layer), ...model.hero!.series.map((s) => number(s.row.mid[layer - 1]))]),
  }),
};

export const profileFigure: GeneralFigure = {
  id: "profile",
  title: "Gradient profiles, activation by activation",
  caption: (model, state) =>
    `RMS of ∂L/∂h by layer, ${layers(depthOf(state))}, geometric mean and range over ${seedsText(model)}. ` +
    `Dotted: the chain bound max|f′|ᵏ, which limits the slopes but not the weights.`,
  controls: (model) => [depthControl(model, Math.max(2, model.study.main_depth), 2)],
  legend: (model) => [
    ...model.study.settings.flatMap((i, k) => [
      { label: `${i.label}, before`, color: kSeriesColors[k % kSeriesColors.length]! },
      { label: `${i.label}, after training`, color: kSeriesColors[k % kSeriesColors.length]!, dash: "5 3" },
    ]),
    { label: "chain bound", color: "var(--muted)", dash: "1.5 4" },
  ],
  draw: (model, state, width) => {
    const lines = byActivation(model, cellsOf(model, { depth: depthOf(state) })).flatMap((cell) =>
      kMoments.flatMap((moment) => {
        const row = cell.gradient[moment];
        const series = model.study.settings.findIndex((i) => i.name === cell.setting);
        return row
          ? [{ activation: cell.activation, series, label: settingLabel(model, cell.setting), moment, row }]
          : [];
      }),
    );
    if (!lines.length) return "No finished run has this depth yet.";
    return gradientProfile(
      { depth: depthOf(state), lines, slopeMax: model.slope_max },
      { width, label: `Gradient by layer before and after training, one panel for each activation, ${layers(depthOf(state))}` },
    );
  },
  table: (model, state) => momentsTable(model, depthOf(state), (cell, moment, i) => number(cell.gradient[moment]?.mid[i])),
};

function gainRows(model: GeneralModel, depth: number): GainRow[] {
  return byActivation(model, cellsOf(model, { depth })).flatMap((cell) => {
    const slope = geometricMean(cell.slope_gain.start);
    const weight = geometricMean(cell.weight_gain.start);
    if (slope === undefined || weight === undefined) return [];
    return [{ activation: cell.activation, panel: settingLabel(model, cell.setting), slope, weight, crossed: depth - 1 }];
  });
}

export const gainFigure: GeneralFigure = {
  id: "gain",
  title: "Slopes or weights: who shrinks the gradient",
  caption: (_model, state) =>
    `Backward gain of a layer before training, ${layers(depthOf(state))}, as geometric mean over the layers: from 1 by the ` +
    `slopes, then by the weights, to the dot. The number at the right is what remains of the gradient after all layers.`,
  controls: (model) => [depthControl(model, Math.max(2, model.study.main_depth), 2)],
  legend: () => [
    { label: "slope part", color: "var(--series-2)", kind: "block" },
    { label: "weight part", color: "var(--series-1)", kind: "block" },
  ],
  draw: (model, state, width) => {
    const rows = gainRows(model, depthOf(state));
    if (!rows.length) return "No finished run has this depth yet.";
    return backwardGain(
      { activations: model.study.activations, panels: model.study.settings.map((i) => i.label), rows },
      { width, label: `Backward gain of a layer, split into slope and weight part, by activation, ${layers(depthOf(state))}` },
    );
  },
  table: (model, state) => ({
    head: ["Activation", model.study.setting_title, "Slope part", "Weight part", "Gain of a layer", "After all layers", "max|f′|"],
    names: 2,
    rows: gainRows(model, depthOf(state)).map((r) => [
      r.activation,
      r.panel,
      number(r.slope),
      number(r.weight),
      number(r.slope * r.weight),
      number((r.slope * r.weight) ** r.crossed),
      number(model.slope_max[r.activation]),
    ]),
  }),
};

const kHeats = {
  saturated: {
    title: "Saturated units",
    caption: "Share of pre-activations at which the slope is under 1 % of its maximum",
    empty: "No unit of any network is saturated at this depth.",
  },
  dead: {
    title: "Dead units",
    caption: "Share of units whose slope is zero on the whole training part: they can no longer learn",
    empty: "No unit of any network is dead at this depth.",
  },
};

export function heatFigure(quantity: "saturated" | "dead"): GeneralFigure {
  const words = kHeats[quantity];
  const of = (model: GeneralModel, depth: number) =>
    byActivation(model, cellsOf(model, { depth })).flatMap((cell) =>
      kMoments.flatMap((moment) =>
        (cell[quantity][moment] ?? []).flatMap((share, i) =>
          share === null
            ? []
            : [{ activation: cell.activation, layer: i + 1, across: kBefore[moment], down: settingLabel(model, cell.setting), share }],
        ),
      ),
    );
  return {
    id: quantity,
    title: words.title,
    caption: (model, state) => {
      const none = of(model, depthOf(state)).every((c) => c.share < 5e-4);
      return `${words.caption}, by layer, ${layers(depthOf(state))}, mean over ${seedsText(model)}.` + (none ? ` ${words.empty}` : "");
    },
    controls: (model) => [depthControl(model)],
    legend: () => [0, 0.25, 0.5, 0.75, 1].map((v) => ({ label: `${100 * v} %`, color: `color-mix(in srgb, var(--heat) ${100 * v}%, var(--cell))`, kind: "block" })),
    draw: (model, state, width) => {
      const cells = of(model, depthOf(state));
      if (!cells.length) return "No finished run has this depth yet.";
      return shareHeat(
        {
          depth: depthOf(state),
          activations: model.study.activations,
          across: kMoments.map((m) => kBefore[m]),
          down: model.study.settings.map((i) => i.label),
          cells,
        },
        { width, label: `${words.title} by layer and activation, ${layers(depthOf(state))}` },
      );
    },
    table: (model, state) => momentsTable(model, depthOf(state), (cell, moment, i) => percent(cell[quantity][moment]?.[i])),
  };
}

/** prelu's slopes come first; other activations may learn too. */
function learnedOf(model: GeneralModel, state: Record<string, string>): Learned {
  return model.learned[Number(state["parameter"] ?? 0)] ?? model.learned[0]!;
}

function learnedRows(model: GeneralModel, learned: Learned) {
  return cellsOf(model, { activation: learned.activation }).flatMap((cell) => {
    const row = cell.learned?.[learned.parameter];
    return row ? [{ panel: settingLabel(model, cell.setting), depth: cell.depth, row }] : [];
  });
}

export const learnedFigure: GeneralFigure = {
  id: "learned",
  title: "What the activations learned",
  caption: (model, state) => {
    const { activation, parameter, start } = learnedOf(model, state);
    return (
      `${activation}: ${parameter} of each layer after training, one line for each depth (its number stands at the end), ` +
      `mean and range over ${seedsText(model)}; all started at ${number(start)} (dotted).` +
      (activation === "prelu" ? " It is the slope below zero: at 1 a layer would be linear, at 0 a relu." : "")
    );
  },
  controls: (model) => [
    {
      key: "parameter",
      label: "Parameter",
      choices: model.learned.map((l, i) => ({ value: String(i), label: `${l.activation}: ${l.parameter}` })),
      initial: String(Math.max(0, model.learned.findIndex((l) => l.activation === "prelu"))),
    },
  ],
  draw: (model, state, width) => {
    const learned = learnedOf(model, state);
    return learnedParameter(
      {
        panels: model.study.settings.map((i) => i.label),
        depths: model.study.depths,
        start: learned.start,
        lines: learnedRows(model, learned),
        color: lookOf(learned.activation, model.study.activations).color,
      },
      { width, label: `${learned.parameter} of ${learned.activation} in each layer, one line for each depth` },
    );
  },
  table: (model, state) => ({
    head: ["Hidden layers", model.study.setting_title, ...countFromOne(deepest(model)).map((l) => `layer ${l}`)],
    names: 2,
    rows: learnedRows(model, learnedOf(model, state)).map((r) => [
      String(r.depth),
      r.panel,
      ...countFromOne(deepest(model)).map((l) => number(r.row.mid[l - 1])),
    ]),
  }),
};

function shareRows(model: GeneralModel, depth: number) {
  return byActivation(model, cellsOf(model, { depth, setting: lastSetting(model) })).flatMap((cell) => {
    const share = known(cell.activation_share);
    return share ? [{ activation: cell.activation, stepSeconds: cell.step_seconds, ...share }] : [];
  });
}

export const shareFigure: GeneralFigure = {
  id: "share",
  title: "The activation's share of a training step",
  caption: (model, state) =>
    `Forward and backward, of the whole step, ${layers(depthOf(state))}; the line spans ${seedsText(model)}. ` +
    `The rest is mostly matrix products.`,
  controls: (model) => [depthControl(model)],
  draw: (model, state, width) => {
    const rows = shareRows(model, depthOf(state));
    if (!rows.length) return "No finished run has this depth yet.";
    return stepShare(rows, { width, label: `Share of a training step taken by each activation, ${layers(depthOf(state))}` });
  },
  table: (model, state) => ({
    head: ["Activation", "Share", "Lowest", "Highest", "Whole step"],
    names: 1,
    rows: shareRows(model, depthOf(state)).map((r) => [
      r.activation,
      percent(r.mid),
      percent(r.low),
      percent(r.high),
      seconds(r.stepSeconds),
    ]),
  }),
};
