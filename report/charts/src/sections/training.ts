// The figures about the training itself: learning curves, and the way to the goal loss.
// SPDX-License-Identifier: Apache-2.0

import type { Control, GeneralFigure } from "../figure";
import { learningCurves } from "../figures/curves";
import { timeToGoal } from "../figures/reached";
import { isNumber, layers, number, percent, seconds } from "../format";
import type { Cell, GeneralModel } from "../model";
import {
  byActivation, cellsOf, depthControl, depthOf, emptyRow, settingControl, settingLabel, lastSetting, seedsText,
} from "./select";

/** The chosen goal: its place in study.goals, -1 if there are none. */
function goalOf(model: GeneralModel, state: Record<string, string>): number {
  return model.study.goals.length ? Number(state["goal"] ?? model.study.main_goal) : -1;
}

function goalControl(model: GeneralModel): Control {
  return {
    key: "goal",
    label: "Goal loss",
    choices: model.study.goals.map((goal, k) => ({ value: String(k), label: number(goal) })),
    initial: String(model.study.main_goal),
  };
}

/** Where a comparison is worth most: the deepest row in which at least half reach the goal. */
function tellingDepth(model: GeneralModel): number {
  const rows = model.study.depths.filter((depth) => {
    const row = cellsOf(model, { depth, setting: lastSetting(model) });
    const there = row.filter((c) => c.reached[model.study.main_goal]?.seeds === c.seeds);
    return 2 * there.length >= row.length;
  });
  return rows.at(-1) ?? model.study.main_depth;
}

function controls(model: GeneralModel): Control[] {
  return [settingControl(model, lastSetting(model)), depthControl(model, tellingDepth(model))];
}

function chosen(model: GeneralModel, state: Record<string, string>): Cell[] {
  return byActivation(model, cellsOf(model, { depth: depthOf(state), setting: state["setting"]! }));
}

function nets(model: GeneralModel, state: Record<string, string>): string {
  return `${layers(depthOf(state))}, ${settingLabel(model, state["setting"]!)}`;
}

export function curveFigure(quantity: "loss" | "accuracy"): GeneralFigure {
  const what = quantity === "loss" ? "Training loss" : "Test accuracy";
  return {
    id: quantity === "loss" ? "loss" : "accuracy-curve",
    title: `${what} during training`,
    caption: (model, state) =>
      `${nets(model, state)}. The coloured line is the panel's own activation, mean and range over ${seedsText(model)}; ` +
      `the grey ones are the others.` +
      (quantity === "loss" && goalOf(model, state) >= 0 ? ` Dotted: the goal, ${number(model.study.goals[goalOf(model, state)])}.` : ""),
    controls: (model) => [
      ...controls(model),
      {
        key: "against",
        label: "Against",
        choices: [
          { value: "steps", label: "steps" },
          { value: "seconds", label: "seconds" },
        ],
        initial: "steps",
      },
      ...(quantity === "loss" ? [goalControl(model)] : []),
    ],
    draw: (model, state, width) => {
      const against = state["against"] === "seconds" ? "seconds" : "steps";
      const cells = chosen(model, state).filter((c) => c.curve);
      if (!cells.length) return "No finished run has this combination yet.";
      return learningCurves(
        {
          quantity,
          against,
          goal: model.study.goals[goalOf(model, state)] ?? null,
          activations: model.study.activations,
          lines: cells.map((c) => ({
            activation: c.activation,
            x: c.curve![against],
            row: c.curve![quantity] ?? emptyRow,
            reached: c.reached[goalOf(model, state)]?.[against] ?? null,
          })),
        },
        { width, label: `${what} against ${against}, one panel for each activation, ${nets(model, state)}` },
      );
    },
    table: (model, state) => {
      const cells = chosen(model, state).filter((c) => c.curve);
      const steps = cells[0]?.curve?.steps ?? [];
      const say = quantity === "loss" ? number : (v: number | null | undefined) => percent(v);
      return {
        head: ["Activation", ...steps.map((s) => `step ${s}`), "s per 1000 steps"],
        names: 1,
        rows: cells.map((c) => [
          c.activation,
          ...steps.map((_, i) => say(c.curve![quantity]?.mid[i])),
          seconds(c.step_seconds === null ? null : 1000 * c.step_seconds),
        ]),
      };
    },
  };
}

export const dotsFigure: GeneralFigure = {
  id: "reached",
  title: "Steps and seconds to the goal",
  caption: (model, state) =>
    `Until the training loss first falls to ${number(model.study.goals[goalOf(model, state)])}: ${nets(model, state)}. ` +
    `Mean over the seeds that get there; fewer than all are counted in brackets.`,
  controls: (model) => [...controls(model), goalControl(model)],
  draw: (model, state, width) => {
    const cells = chosen(model, state);
    if (!cells.length) return "No finished run has this combination yet.";
    return timeToGoal(
      cells.map((c) => ({
        activation: c.activation,
        steps: c.reached[goalOf(model, state)]?.steps ?? null,
        seconds: c.reached[goalOf(model, state)]?.seconds ?? null,
        reachedBy: c.reached[goalOf(model, state)]?.seeds ?? 0,
        seeds: c.seeds,
      })),
      { width, label: `Steps and seconds to the goal loss by activation, ${nets(model, state)}` },
    );
  },
  table: (model, state) => ({
    head: ["Activation", model.study.setting_title, "Hidden layers", "Steps", "Seconds", "Seeds that get there"],
    names: 2,
    rows: model.cells.map((c) => {
      const reached = c.reached[goalOf(model, state)];
      return [
        c.activation,
        settingLabel(model, c.setting),
        String(c.depth),
        isNumber(reached?.steps) ? number(reached.steps) : "not reached",
        isNumber(reached?.seconds) ? seconds(reached.seconds) : "not reached",
        `${reached?.seeds ?? 0} of ${c.seeds}`,
      ];
    }),
  }),
};
