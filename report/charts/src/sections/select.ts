// Choosing cells of the model, and the controls that let a reader choose.
// SPDX-License-Identifier: Apache-2.0

import type { Control, State } from "../figure";
import { isNumber } from "../format";
import type { Cell, GeneralModel, Spread, SpreadRow } from "../model";

export const deepest = (model: GeneralModel): number => Math.max(...model.study.depths);

export function cellsOf(model: GeneralModel, where: Partial<Pick<Cell, "activation" | "depth" | "setting">>): Cell[] {
  return model.cells.filter((cell) =>
    Object.entries(where).every(([key, value]) => cell[key as keyof Cell] === value),
  );
}

/** In the order of the study, whatever order the cells are in. */
export function byActivation(model: GeneralModel, cells: Cell[]): Cell[] {
  const place = (cell: Cell) => model.study.activations.indexOf(cell.activation);
  return [...cells].sort((a, b) => place(a) - place(b));
}

export function settingLabel(model: GeneralModel, name: string): string {
  return model.study.settings.find((i) => i.name === name)?.label ?? name;
}

export function depthControl(model: GeneralModel, initial = model.study.main_depth, least = 1): Control {
  const depths = model.study.depths.filter((d) => d >= least);
  return {
    key: "depth",
    label: "Hidden layers",
    choices: depths.map((d) => ({ value: String(d), label: String(d) })),
    initial: String(depths.includes(initial) ? initial : depths.at(-1)),
  };
}

export function settingControl(model: GeneralModel, initial: string): Control {
  return {
    key: "setting",
    label: model.study.setting_title,
    choices: model.study.settings.map((i) => ({ value: i.name, label: i.label })),
    initial,
  };
}

export const depthOf = (state: State): number => Number(state["depth"]);

/** A study's last initialiser is the cure, its first the disease. */
export const lastSetting = (model: GeneralModel): string => model.study.settings.at(-1)!.name;
export const firstSetting = (model: GeneralModel): string => model.study.settings[0]!.name;

export interface Known {
  mid: number;
  low: number;
  high: number;
}

export function known(spread: Spread | undefined): Known | undefined {
  if (!spread || !isNumber(spread.mid)) return undefined;
  return { mid: spread.mid, low: spread.low ?? spread.mid, high: spread.high ?? spread.mid };
}

export const emptyRow: SpreadRow = { mid: [], low: [], high: [] };

export function geometricMean(values: (number | null)[] | undefined): number | undefined {
  const positive = (values ?? []).filter((v): v is number => isNumber(v) && v > 0);
  if (!positive.length) return undefined;
  return Math.exp(positive.reduce((sum, v) => sum + Math.log(v), 0) / positive.length);
}

export function seedsText(model: GeneralModel): string {
  return model.study.seeds === 1 ? "one seed" : `${model.study.seeds} seeds`;
}
