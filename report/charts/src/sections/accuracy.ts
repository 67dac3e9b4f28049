// The figures about accuracy: against depth, and what a better initialisation gives back.
// SPDX-License-Identifier: Apache-2.0

import type { GeneralFigure } from "../figure";
import { accuracyAgainstDepth } from "../figures/accuracy_depth";
import { cure } from "../figures/cure";
import { layers, percent } from "../format";
import type { GeneralModel, Spread } from "../model";
import {
  byActivation, cellsOf, depthControl, depthOf, firstSetting, settingLabel, known, lastSetting, seedsText,
} from "./select";

const kNothing: Spread = { mid: null, low: null, high: null };

export const accuracyFigure: GeneralFigure = {
  id: "accuracy",
  title: "Test accuracy against depth",
  caption: (model) =>
    `Every network had the same ${model.study.steps} steps. Lines join the means over ${seedsText(model)}; ` +
    `thin bars reach from the worst seed to the best.`,
  draw: (model, _state, width) =>
    accuracyAgainstDepth(
      {
        activations: model.study.activations,
        panels: model.study.settings.map((i) => i.label),
        depths: model.study.depths,
        chance: model.study.chance,
        points: model.study.depths.flatMap((depth) =>
          cellsOf(model, { depth }).flatMap((cell) => {
            const spread = known(cell.accuracy);
            if (!spread) return [];
            return [{ activation: cell.activation, panel: settingLabel(model, cell.setting), depth, ...spread }];
          }),
        ),
      },
      { width, label: "Test accuracy against the number of hidden layers, one line for each activation" },
    ),
  table: (model) => ({
    head: ["Activation", model.study.setting_title, ...model.study.depths.map(String)],
    names: 2,
    rows: model.study.activations.flatMap((activation) =>
      model.study.settings.map(({ name, label }) => [
        activation,
        label,
        ...model.study.depths.map((depth) => {
          const spread = known(cellsOf(model, { activation, depth, setting: name })[0]?.accuracy);
          return spread ? `${percent(spread.mid)} (${percent(spread.low)} to ${percent(spread.high)})` : "–";
        }),
      ]),
    ),
  }),
};

function cureRows(model: GeneralModel, depth: number) {
  return byActivation(model, cellsOf(model, { depth, setting: firstSetting(model) })).map((cell) => ({
    activation: cell.activation,
    before: cell.accuracy ?? kNothing,
    after:
      cellsOf(model, { depth, activation: cell.activation, setting: lastSetting(model) })[0]?.accuracy ?? kNothing,
  }));
}

export const cureFigure: GeneralFigure = {
  id: "cure",
  title: "What the initialisation gives back",
  caption: (model, state) =>
    `Test accuracy with ${layers(depthOf(state))}: from ${settingLabel(model, firstSetting(model))} to ` +
    `${settingLabel(model, lastSetting(model))}, all else equal. Broad bars are the spread over ${seedsText(model)}.`,
  controls: (model) => [depthControl(model)],
  draw: (model, state, width) =>
    cure(
      {
        before: settingLabel(model, firstSetting(model)),
        after: settingLabel(model, lastSetting(model)),
        chance: model.study.chance,
        testExamples: model.study.test_examples,
        rows: cureRows(model, depthOf(state)),
      },
      { width, label: "Test accuracy before and after changing the initialisation, by activation" },
    ),
  table: (model, state) => ({
    head: [
      "Activation",
      settingLabel(model, firstSetting(model)),
      "worst to best seed",
      settingLabel(model, lastSetting(model)),
      "worst to best seed",
    ],
    names: 1,
    rows: cureRows(model, depthOf(state)).map((r) => [
      r.activation,
      percent(r.before.mid),
      `${percent(r.before.low)} to ${percent(r.before.high)}`,
      percent(r.after.mid),
      `${percent(r.after.low)} to ${percent(r.after.high)}`,
    ]),
  }),
};
