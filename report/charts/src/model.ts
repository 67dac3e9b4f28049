// The report's model as the charts read it: the types of the JSON that report/model.cc writes and
// docs/schema/report.schema.json describes. A study with a reading of its own brings figures as
// points; the general report brings cells, one for each combination of activation, depth and
// setting (an initialisation, say), gathered over its seeds.
// SPDX-License-Identifier: Apache-2.0

import type { Look } from "./identity";

/** Middle (geometric mean for gradients, mean otherwise), lowest and highest over the seeds. */
export interface Spread {
  mid: number | null;
  low: number | null;
  high: number | null;
}

/** The same for a row of numbers: over layers, or over the recorded steps. */
export interface SpreadRow {
  mid: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
}

export type Moment = "start" | "end";
export type OverTime<T> = Partial<Record<Moment, T>>;

export interface Curve {
  steps: number[];
  seconds: (number | null)[];
  loss: SpreadRow;
  accuracy?: SpreadRow;
}

export interface Cell {
  activation: string;
  depth: number;
  setting: string;
  seeds: number;
  accuracy?: Spread;
  loss?: Spread;
  /** By goal: steps and seconds to that training loss; `seeds` counts the seeds that got there. */
  reached: { seeds: number; steps: number | null; seconds: number | null }[];
  step_seconds: number | null;
  activation_share?: Spread;
  curve?: Curve;
  /** RMS of dL/dh of each hidden layer, first layer first. */
  gradient: OverTime<SpreadRow>;
  slope_gain: OverTime<(number | null)[]>;
  weight_gain: OverTime<(number | null)[]>;
  saturated: OverTime<(number | null)[]>;
  dead: OverTime<(number | null)[]>;
  /** At the end, by parameter. */
  learned?: Record<string, SpreadRow>;
  /** Before the first step, in networks of more than one hidden layer. */
  square?: SpreadRow;
  similarity?: SpreadRow;
  layer_gain?: SpreadRow;
  foreseen?: Foreseen | { none: string };
}

/** What theory predicts of a network before its first step, by hidden layer. */
export interface Foreseen {
  layer_gain: number | null;
  weight_std: number | null;
  square: (number | null)[];
  similarity: (number | null)[];
  gain: (number | null)[];
  saturated: (number | null)[];
  gradient: SpreadRow;
}

/** chi_1 over weight_std (columns) and bias_std (rows, from the lowest), between two ends each. */
export interface ScaleMap {
  activation: string;
  weight_std: [number, number];
  bias_std: [number, number];
  columns: number;
  chi_1: (number | null)[];
  places: { setting: string; weight_std: number; bias_std: number }[];
}

/** A parameter that an activation learns, and where it starts. */
export interface Learned {
  activation: string;
  parameter: string;
  start: number | null;
}

export interface Setting {
  name: string;
  label: string;
}

export interface HeroSeries {
  role: "sick" | "cured" | "bound" | "predicted";
  label: string;
  note?: string;
  row: SpreadRow;
}

export interface Hero {
  depth: number;
  activation: string;
  cause: string;
  caption: string;
  series: HeroSeries[];
}

/** What the general report's figures need to know of their study. */
export interface GeneralStudy extends Study {
  activations: string[];
  depths: number[];
  /** What the settings are: "Initialisation". */
  setting_title: string;
  settings: Setting[];
  /** The depth that tells most: the deepest at which some networks learn and some do not. */
  main_depth: number;
  /** Training losses, the easiest first; main_goal is the index of the one to show, or -1. */
  goals: number[];
  main_goal: number;
}

export interface Study {
  name: string;
  title: string;
  seeds: number;
  steps: number;
  /** null in a regression, or where the study's data sets differ in it. */
  chance: number | null;
  /** Size of the test part of the data: what an accuracy can resolve. */
  test_examples: number;
}

export interface Scale {
  label: string;
  log: boolean;
  unit?: "%" | "s";
  /** Where ticks are wanted; else round values. */
  ticks?: number[];
}

export interface Series {
  label: string;
  activation?: string;
  /** Index into the figure's panels. */
  panel: number;
  /** Where its label does not choose it. */
  look?: Look;
  /** Places: x in lines, categories otherwise. */
  at: (number | string | null)[];
  row: SpreadRow;
}

/** A figure as a reading gives it (report/reading.h): kind, axes and points. */
export interface Given {
  id: string;
  kind: "lines" | "dots" | "heat";
  heading: string;
  title: string;
  caption: string;
  x: Scale;
  y: Scale;
  panels: string[];
  rules: { label: string; value: number | null }[];
  series: Series[];
  lead: boolean;
}

export interface Model {
  schema_version: number;
  study: Study;
  figures: Given[];
}

export interface GeneralModel extends Model {
  study: GeneralStudy;
  slope_max: Record<string, number | null>;
  learned: Learned[];
  hero?: Hero;
  cells: Cell[];
  maps: ScaleMap[];
}

export const isGeneral = (model: Model): model is GeneralModel => "cells" in model;
