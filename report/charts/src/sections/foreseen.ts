// The figures that set prediction beside measurement: layer by layer before the first step, and the
// networks' places on the map of weight and bias scales.
// SPDX-License-Identifier: Apache-2.0

import type { GeneralFigure } from "../figure";
import { mapLegend, scaleMap } from "../figures/map";
import { kSeriesColors } from "../figures/profile";
import { layers, number } from "../format";
import { countFromOne, layerTicks } from "../marks";
import type { Cell, Foreseen, GeneralModel, Given, ScaleMap, Series, SpreadRow } from "../model";
import { givenFigure } from "./given";
import { byActivation, cellsOf, depthControl, depthOf, geometricMean, seedsText, settingLabel } from "./select";

interface Quantity {
  label: string;
  y: Given["y"];
  measured: (cell: Cell) => SpreadRow | undefined;
  foreseen: (foreseen: Foreseen) => SpreadRow;
  says: string;
  rules?: Given["rules"];
}

const exactly = (row: (number | null)[]): SpreadRow => ({ mid: row, low: row, high: row });
/** A row of means as if it had a spread. */
const means = (row: (number | null)[] | undefined) => (row ? exactly(row) : undefined);

const kQuantities: Record<string, Quantity> = {
  gradient: {
    label: "gradient",
    y: { label: "RMS of ∂L/∂h", log: true },
    measured: (cell) => cell.gradient.start,
    foreseen: (f) => f.gradient,
    says:
      "The gradient on its way back. Theory starts from the gradient measured in the last hidden layer; its band holds 95 % of " +
      "networks of this width for one example's gradient; a mean over examples scatters less.",
  },
  gain: {
    label: "gain of a layer",
    y: { label: "‖∂L/∂h‖ over that of the next hidden layer", log: true },
    measured: (cell) => cell.layer_gain,
    foreseen: (f) => exactly(f.gain),
    says: "What a layer multiplies the gradient's norm by: the root of χ₁ at the layer's own variance.",
    rules: [{ label: "keeps it", value: 1 }],
  },
  square: {
    label: "mean square of h",
    y: { label: "mean square of the pre-activations", log: true },
    measured: (cell) => cell.square,
    foreseen: (f) => exactly(f.square),
    says: "The size of the signal. Theory starts from the first hidden layer's.",
  },
  similarity: {
    label: "likeness of inputs",
    y: { label: "cosine of two examples' pre-activations", log: false },
    measured: (cell) => cell.similarity,
    foreseen: (f) => exactly(f.similarity),
    says: "How alike two examples look to a layer. Near 1 the layer can hardly tell any apart. Theory starts from the first hidden layer's.",
  },
  saturated: {
    label: "saturation",
    y: { label: "share of saturated units", log: false, unit: "%" },
    measured: (cell) => means(cell.saturated.start),
    foreseen: (f) => exactly(f.saturated),
    says: "Share of pre-activations on the function's half lines that end in a limit and keep the slope under 1 % of its maximum.",
  },
};

const foreseenOf = (cell: Cell | undefined): Foreseen | undefined =>
  cell?.foreseen && "gradient" in cell.foreseen ? cell.foreseen : undefined;

const quantityOf = (state: Record<string, string>): Quantity => kQuantities[state["quantity"] ?? "gradient"]!;

function givenOf(model: GeneralModel, state: Record<string, string>): Given {
  const quantity = quantityOf(state);
  const cells = byActivation(model, cellsOf(model, { depth: depthOf(state) })).filter((c) => c.foreseen);
  const panels = [...new Set(cells.map((c) => c.activation))];
  const series = cells.flatMap((cell): Series[] => {
    const place = model.study.settings.findIndex((s) => s.name === cell.setting);
    const foreseen = foreseenOf(cell);
    const color = kSeriesColors[place % kSeriesColors.length]!;
    const rows: [string, SpreadRow | undefined, string | undefined][] = [
      ["measured", quantity.measured(cell), undefined],
      ["predicted", foreseen && quantity.foreseen(foreseen), "5 3"],
    ];
    return rows.flatMap(([what, row, dash]) =>
      row
        ? [
            {
              label: `${settingLabel(model, cell.setting)}, ${what}`,
              panel: panels.indexOf(cell.activation),
              look: { color, dash, symbol: "circle" as const },
              at: countFromOne(row.mid.length),
              row,
            },
          ]
        : [],
    );
  });
  return {
    id: "foreseen",
    kind: "lines",
    heading: "",
    title: "Prediction beside measurement",
    caption: "",
    x: { label: "layer, from the input", log: false, ticks: layerTicks(depthOf(state), 260) },
    y: quantity.y,
    panels,
    rules: quantity.rules ?? [],
    series,
    lead: false,
  };
}

export const foreseenFigure: GeneralFigure = {
  id: "foreseen",
  title: "Prediction beside measurement",
  caption: (model, state) =>
    `${quantityOf(state).says} Before the first step, ${layers(depthOf(state))}; solid: measured, middle and range over ` +
    `${seedsText(model)}; dashed: predicted by mean-field theory.`,
  controls: (model) => [
    {
      key: "quantity",
      label: "Quantity",
      choices: Object.entries(kQuantities).map(([value, { label }]) => ({ value, label })),
      initial: "gradient",
    },
    depthControl(model, Math.max(2, model.study.main_depth), 2),
  ],
  legend: (model, state, width) => givenFigure(givenOf(model, state)).legend!(model, state, width),
  draw: (model, state, width) => givenFigure(givenOf(model, state)).draw(model, state, width),
  table: (model, state) => givenFigure(givenOf(model, state)).table(model, state),
};

const mapOf = (model: GeneralModel, state: Record<string, string>): ScaleMap =>
  model.maps.find((m) => m.activation === state["activation"]) ?? model.maps[0]!;

function placesOf(model: GeneralModel, map: ScaleMap) {
  // Settings that come to one place are one place with several names.
  const places = new Map<string, { label: string; weight: number; bias: number }>();
  for (const p of map.places) {
    const key = `${p.weight_std} ${p.bias_std}`;
    const label = settingLabel(model, p.setting);
    const same = places.get(key);
    places.set(key, { label: same ? `${same.label}, ${label}` : label, weight: p.weight_std, bias: p.bias_std });
  }
  return [...places.values()];
}

export const mapFigure: GeneralFigure = {
  id: "map",
  title: "Where the networks stand",
  caption: (model, state) =>
    `${mapOf(model, state).activation}: what a layer multiplies the gradient's square by (χ₁) once signals have settled, over the scales of ` +
    `weights and biases. Left of the critical line gradients vanish with depth, right of it they explode. The dots are this study's networks.`,
  controls: (model) => [
    {
      key: "activation",
      label: "Activation",
      choices: model.maps.map((m) => ({ value: m.activation, label: m.activation })),
      initial: model.hero?.activation ?? model.maps[0]!.activation,
    },
  ],
  legend: () => mapLegend,
  draw: (model, state, width) => {
    const map = mapOf(model, state);
    return scaleMap(map, placesOf(model, map), { width, label: `Map of weight and bias scales for ${map.activation}, with the places of the study's networks` });
  },
  table: (model, state) => ({
    head: ["Network", "σ_w", "σ_b", "Gain of a layer, predicted", "Measured, deepest"],
    names: 1,
    rows: mapOf(model, state).places.map((p) => {
      const cell = cellsOf(model, { activation: mapOf(model, state).activation, setting: p.setting }).at(-1);
      const predicted = foreseenOf(cell)?.layer_gain;
      return [settingLabel(model, p.setting), number(p.weight_std), number(p.bias_std), number(predicted), number(geometricMean(cell?.layer_gain?.mid))];
    }),
  }),
};
