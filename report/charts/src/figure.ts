// A figure on the page: heading, caption, controls, the picture, the buttons that save it, and the
// table of the same numbers. Changing a control redraws picture, caption and table together.
// SPDX-License-Identifier: Apache-2.0

import { symbolPath } from "./marks";
import type { Svg } from "./marks";
import type { GeneralModel, Model } from "./model";
import type { Look } from "./identity";
import { savePng, saveSvg } from "./save";

export interface Table {
  head: string[];
  /** How many columns at the left are names; the others are numbers. */
  names: number;
  rows: string[][];
}

export interface Choice {
  value: string;
  label: string;
}

export interface Control {
  key: string;
  label: string;
  choices: Choice[];
  initial: string;
}

export type State = Record<string, string>;

export interface LegendEntry {
  label: string;
  color: string;
  dash?: string | undefined;
  /** What is drawn: a line, a block of colour, or only the symbol, if there is one. */
  kind?: "line" | "block" | "symbol";
  symbol?: Look["symbol"];
}

export interface Figure<M extends Model = Model> {
  id: string;
  title: string;
  /** Why the reader should look: one or two sentences. */
  caption: (model: M, state: State) => string;
  controls?: (model: M) => Control[];
  legend?: (model: M, state: State, width: number) => LegendEntry[];
  draw: (model: M, state: State, width: number) => Svg | string;
  table: (model: M, state: State) => Table;
}

export type GeneralFigure = Figure<GeneralModel>;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function tableElement(table: Table, label: string): HTMLElement {
  const side = (i: number): Record<string, string> => (i < table.names ? {} : { class: "number" });
  const head = element("tr", {}, ...table.head.map((h, i) => element("th", { scope: "col", ...side(i) }, h)));
  const body = table.rows.map((row) =>
    element(
      "tr",
      {},
      ...row.map((text, i) => (i === 0 ? element("th", { scope: "row" }, text) : element("td", side(i), text))),
    ),
  );
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": label },
    element("table", {}, element("thead", {}, head), element("tbody", {}, ...body)),
  );
}

function controlElement(figure: string, control: Control, state: State, changed: () => void): HTMLElement {
  if (control.choices.length <= 6) {
    const radios = control.choices.map((choice) => {
      const input = element("input", { type: "radio", name: `${figure}-${control.key}`, value: choice.value });
      input.checked = state[control.key] === choice.value;
      input.addEventListener("change", () => {
        state[control.key] = choice.value;
        changed();
      });
      return element("label", {}, input, element("span", {}, choice.label));
    });
    return element("fieldset", { class: "segments" }, element("legend", {}, control.label), ...radios);
  }
  const select = element(
    "select",
    {},
    ...control.choices.map((c) => element("option", { value: c.value }, c.label)),
  );
  select.value = state[control.key]!;
  select.addEventListener("change", () => {
    state[control.key] = select.value;
    changed();
  });
  return element("label", { class: "choice" }, element("span", {}, control.label), select);
}

const kSvgNs = "http://www.w3.org/2000/svg";

function svgElement(tag: string, attributes: Record<string, string>): SVGElement {
  const node = document.createElementNS(kSvgNs, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function legendElement(entries: LegendEntry[]): HTMLElement {
  const items = entries.map((entry) => {
    const kind = entry.kind ?? "line";
    const narrow = kind === "symbol";
    const swatch = svgElement("svg", { width: narrow ? "12" : "26", height: "10", "aria-hidden": "true" });
    if (kind === "block") swatch.append(svgElement("rect", { x: "6", y: "0", width: "14", height: "10", fill: entry.color }));
    if (kind === "line")
      swatch.append(
        svgElement("line", {
          x1: "0", x2: "26", y1: "5", y2: "5", stroke: entry.color, "stroke-width": "2.2",
          ...(entry.dash ? { "stroke-dasharray": entry.dash } : {}),
        }),
      );
    if (entry.symbol)
      swatch.append(
        svgElement("path", {
          d: symbolPath(entry.symbol, 3.6), transform: `translate(${narrow ? 6 : 13} 5)`, fill: entry.color, stroke: "var(--paper)", "stroke-width": "0.8",
        }),
      );
    return element("li", {}, swatch, entry.label);
  });
  return element("ul", { class: "legend" }, ...items);
}

/** Builds the figure inside `host` and keeps it as wide as the page. */
export function mountFigure<M extends Model>(host: HTMLElement, figure: Figure<M>, number: number, model: M): void {
  const state: State = {};
  const controls = (figure.controls?.(model) ?? []).filter((c) => c.choices.length > 1);
  for (const c of figure.controls?.(model) ?? []) state[c.key] = c.initial;

  const caption = element("p", { class: "caption" });
  const legend = element("div");
  const picture = element("div", { class: "picture" });
  const details = element("details", {}, element("summary", {}, "Table of these numbers"));
  const svgButton = element("button", { type: "button", "aria-label": `Save figure ${number} as SVG` }, "SVG");
  const pngButton = element("button", { type: "button", "aria-label": `Save figure ${number} as PNG` }, "PNG");
  const name = `gradkeep-${model.study.name}-${figure.id}`;
  let drawnWidth = 0;

  const draw = () => {
    drawnWidth = picture.clientWidth;
    if (drawnWidth < 1) return;
    const width = Math.max(300, drawnWidth);
    const entries = figure.legend?.(model, state, width) ?? [];
    legend.replaceChildren(...(entries.length ? [legendElement(entries)] : []));
    const drawn = figure.draw(model, state, width);
    picture.replaceChildren(typeof drawn === "string" ? element("p", { class: "empty" }, drawn) : drawn);
    svgButton.disabled = pngButton.disabled = typeof drawn === "string";
  };
  const refresh = () => {
    caption.textContent = figure.caption(model, state);
    draw();
    details.replaceChildren(details.firstElementChild!, tableElement(figure.table(model, state), `Table of figure ${number}`));
  };
  const current = () => picture.querySelector<Svg>("svg");
  const print = () => ({ svg: current()!, title: figure.title, legend: [...legend.querySelectorAll("li")] });
  svgButton.addEventListener("click", () => current() && saveSvg(print(), name));
  pngButton.addEventListener("click", () => current() && void savePng(print(), name));

  host.replaceChildren(
    element(
      "figure",
      { id: `figure-${figure.id}`, "aria-labelledby": `title-${figure.id}` },
      element(
        "div",
        { class: "figure-head" },
        element("h3", { id: `title-${figure.id}` }, element("span", { class: "ordinal" }, `Figure ${number}`), figure.title),
        element("div", { class: "save" }, element("span", { "aria-hidden": "true" }, "Save"), svgButton, pngButton),
      ),
      caption,
      ...(controls.length
        ? [element("div", { class: "controls" }, ...controls.map((c) => controlElement(figure.id, c, state, refresh)))]
        : []),
      legend,
      picture,
      details,
    ),
  );
  refresh();
  new ResizeObserver(() => {
    if (Math.abs(picture.clientWidth - drawnWidth) > 1) draw();
  }).observe(picture);
}
